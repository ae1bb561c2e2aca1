//! One settled epoch of any size: every forecaster names everybody, every table is full.

use allora_core::codec::Row;
use allora_core::epoch::Epoch;
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::genesis::genesis;
use allora_core::inputs::{Forecast, ForecastLoss, Inference, Inferences, Signature, Signatures};
use allora_core::parameters::{Arithmetic, Money, Parameters, Schedule, Seating};
use allora_core::past::Past;
use allora_core::state::{ForecasterRegret, InfererRegret, LabelErrors};
use allora_core::withheld::{RegretOf, Table};

const ONE: i128 = 1_000_000_000_000_000_000;

/// xorshift64*: about the middle, at most so far off.
struct Near(u64);

impl Near {
    fn near(&mut self, middle: i128, width: i128) -> i128 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let word = i128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d));
        middle - width + word % (2 * width)
    }
}

fn parameters() -> Parameters {
    Parameters {
        topic_type: 1,
        truth_source: 1,
        loss_method: 1,
        weight_rule: 1,
        label_count: 1,
        max_labels: 1,
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
            loss_floor: ONE / 100,
            minimum: 0,
            maximum: 1_000_000 * ONE,
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

/// An epoch of so many inferers and forecasters.
pub fn epoch(inferers: u8, forecasters: u8) -> Epoch {
    let mut near = Near(7);
    let parameters = parameters();
    let fresh = genesis(&parameters.encode().unwrap()).unwrap();
    let fresh: Vec<&[u8]> = fresh.iter().map(Vec::as_slice).collect();
    let mut past = Past::read(&fresh, &parameters).unwrap();
    let inferers: Vec<u8> = (0..inferers).collect();
    let forecasters: Vec<u8> = (0..forecasters).map(|k| 0x80 + k).collect();
    let all: Vec<u8> = inferers.iter().chain(&forecasters).copied().collect();
    let mut regret = || near.near(0, ONE);
    past.regrets.previous_loss = Some(ONE / 10);
    past.regrets.scale = ONE / 2;
    past.regrets.initial_regret = Some(-ONE / 2);
    for seat in &inferers {
        let entry = InfererRegret { seat: Inferer(*seat), network: regret(), naive: regret() };
        past.regrets.inferers.put(entry);
    }
    for seat in &forecasters {
        past.regrets
            .forecasters
            .put(ForecasterRegret { seat: Forecaster(*seat), network: regret() });
    }
    for of in &all {
        let mut table = |seats: Vec<u8>| {
            let entry = |seat| RegretOf { seat, regret: regret() };
            BySeat(seats.into_iter().map(entry).collect())
        };
        let others = all.iter().copied().filter(|seat| seat != of).collect();
        past.one_out.put(Table { seat: *of, entries: table(others) });
        if *of >= 0x80 {
            let these = inferers.iter().copied().chain([*of]).collect();
            past.one_in.put(Table { seat: *of, entries: table(these) });
        }
    }
    past.errors.labels =
        vec![LabelErrors { ema_error: Some(ONE), last_median: Some(0), mad: Some(ONE) }];
    let values = vec![inferers.iter().map(|_| near.near(3_000 * ONE, 3 * ONE)).collect()];
    let mut forecast = |seat: &u8| {
        let loss = |seat: &u8| ForecastLoss { seat: Inferer(*seat), loss: near.near(0, 2 * ONE) };
        let entries = BySeat(inferers.iter().map(loss).collect());
        Forecast { seat: Forecaster(*seat), entries }
    };
    let forecasts = forecasters.iter().map(&mut forecast).collect();
    Epoch { parameters, inferers, values, forecasts, past }
}

/// The input and the state rows of an epoch that fills a topic's seats.
pub fn rows() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let epoch = epoch(32, 6);
    let inferences = epoch.inferers.iter().zip(&epoch.values[0]);
    let inference = |(seat, value): (&u8, &i128)| Inference { seat: Inferer(*seat), value: *value };
    let signature = |seat: &u8| Signature { seat: *seat, extra: [0; 32], signature: [9; 64] };
    let signed = epoch.inferers.iter().map(signature).collect();
    let entries = BySeat(inferences.map(inference).collect());
    let mut inputs = vec![
        epoch.parameters.encode().unwrap(),
        Inferences { label: 0, entries }.encode().unwrap(),
    ];
    inputs.extend(epoch.forecasts.iter().map(|forecast| forecast.encode().unwrap()));
    inputs.push(Signatures { entries: BySeat(signed) }.encode().unwrap());
    (inputs, epoch.past.encode().unwrap())
}
