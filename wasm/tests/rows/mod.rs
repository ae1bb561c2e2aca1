//! Rows for the tests: parameters in bounds.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]
use allora_core::codec::Row;
use allora_core::fields::BySeat;
use allora_core::parameters::{Arithmetic, Money, Parameters, Schedule, Seating};
use allora_core::state::{Inclusions, Quality, Queue, Seats};

pub const ONE: i128 = 1_000_000_000_000_000_000;
pub const WIDEST: i128 = 1_000_000_000_000_000 * ONE;

/// With the most seats and the widest range.
pub const fn parameters(label_count: u16) -> Parameters {
    Parameters {
        topic_type: 1,
        truth_source: 1,
        loss_method: 1,
        weight_rule: 1,
        label_count,
        max_labels: label_count,
        allow_negative: false,
        rows_published: false,
        history: 0,
        metadata_hash: [0; 32],
        labels_hash: [0; 32],
        schedule: Schedule {
            start: 1_700_000_000,
            first_epoch: 1,
            length: 3_600,
            window_opens: 0,
            window_length: 600,
            lag: 3_600,
            truth_window: 600,
            deadline: 7_200,
        },
        arithmetic: Arithmetic {
            p_norm: 3 * ONE,
            c_norm: ONE * 3 / 4,
            alpha_regret: ONE / 10,
            alpha_score: ONE / 10,
            alpha_error: ONE / 10,
            epsilon: ONE / 100,
            loss_floor: 1,
            minimum: -WIDEST,
            maximum: WIDEST,
            require_unity: false,
            unity_tolerance: 0,
            label_default: 0,
            inferer_quantile: ONE / 4,
            forecaster_quantile: ONE / 4,
            reputer_quantile: ONE / 4,
        },
        seating: Seating {
            inferer_seats: 32,
            forecaster_seats: 6,
            newcomer_seats: 0,
            bench_size: 0,
            rewarded_inferers: 0,
            workers_listed: false,
            reputers_listed: false,
        },
        money: Money {
            truth_tolerance: ONE,
            slash_tolerance: ONE,
            worker_bond: 0,
            reputer_minimum: 0,
        },
    }
}

/// Nobody sits, nobody waits.
pub const fn no_seats() -> Seats {
    Seats { seated: BySeat(vec![]), waiting: Queue(vec![]) }
}

/// The last two state rows of a topic that has not settled anything.
pub fn unsettled() -> [Vec<u8>; 2] {
    let inclusions = Inclusions { entries: BySeat(vec![]) };
    let quality = Quality { losses: None, coverage: None, missed: 0 };
    [inclusions.encode().unwrap(), quality.encode().unwrap()]
}

pub fn slices(rows: &[Vec<u8>]) -> Vec<&[u8]> {
    rows.iter().map(Vec::as_slice).collect()
}
