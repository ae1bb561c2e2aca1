//! The parameters row 0x11, in the order of contracts/types/Parameters.sol, and the bounds of what it says.

use crate::codec::{Hash, Row};
use crate::error::{Error, Result};
use crate::fields::record;

/// How many labels a topic has at most.
pub const MAX_LABELS: u16 = 64;

const ONE: i128 = 1_000_000_000_000_000_000;
/// ±1e15: a hundred of them times a weight stay far below 2^255.
const WIDEST: i128 = 1_000_000_000_000_000 * ONE;
const LEAST_EPSILON: i128 = 100_000_000_000_000;
/// How many inferers and forecasters a topic seats at most.
const MOST_SEATS: (u8, u8) = if cfg!(feature = "wide") { (128, 10) } else { (32, 6) };

record! {
    /// A topic's parameters.
    Parameters {
        /// 1 regression, 2 classification.
        topic_type: u8,
        /// 1 reputers, 2 recorded on chain.
        truth_source: u8,
        /// 1 squared, 2 absolute, 3 cross entropy.
        loss_method: u8,
        /// 1: relative to the best.
        weight_rule: u8,
        /// How many labels there are.
        label_count: u16,
        /// How many a worker may name.
        max_labels: u16,
        /// Whether losses may be negative, so that they are not logarithms.
        allow_negative: bool,
        /// Whether rows are published along with the posts.
        rows_published: bool,
        /// How many past values readers find on chain.
        history: u8,
        /// Of the metadata's bytes.
        metadata_hash: Hash,
        /// Of the labels' hashes, one after the other.
        labels_hash: Hash,
        /// When what happens.
        schedule: Schedule,
        /// What the numbers rest on.
        arithmetic: Arithmetic,
        /// Who may take part.
        seating: Seating,
        /// Tolerances and deposits.
        money: Money,
    }
}

impl Row for Parameters {
    const KIND: u8 = 0x11;
}

record! {
    /// In seconds, but for the first epoch's number.
    Schedule {
        /// When the first epoch starts.
        start: u32,
        /// Its number.
        first_epoch: u32,
        /// How long an epoch is.
        length: u32,
        /// How long after its start the window opens.
        window_opens: u32,
        /// How long the window is.
        window_length: u32,
        /// How long after the close the value is about.
        lag: u32,
        /// How long after that truths count.
        truth_window: u32,
        /// How long after that they count at the latest.
        deadline: u32,
    }
}

record! {
    /// Wads, but for the flag.
    Arithmetic {
        /// Steepness of the weights.
        p_norm: i128,
        /// Their centre.
        c_norm: i128,
        /// Of the regrets' moving average.
        alpha_regret: i128,
        /// Of the scores' moving average.
        alpha_score: i128,
        /// Of the errors' moving average.
        alpha_error: i128,
        /// Added to the regret scale.
        epsilon: i128,
        /// An error below counts as this.
        loss_floor: i128,
        /// The least inference.
        minimum: i128,
        /// The greatest inference.
        maximum: i128,
        /// Whether a worker's labels sum to one.
        require_unity: bool,
        /// Within how much.
        unity_tolerance: i128,
        /// The value of a label that a worker leaves out.
        label_default: i128,
        /// Of the seated inferers' scores.
        inferer_quantile: i128,
        /// Of the seated forecasters' scores.
        forecaster_quantile: i128,
        /// Of the reputers' scores.
        reputer_quantile: i128,
    }
}

record! {
    /// How many take part.
    Seating {
        /// At most 32.
        inferer_seats: u8,
        /// At most 6.
        forecaster_seats: u8,
        /// Of the inferers', those that go to newcomers.
        newcomer_seats: u8,
        /// How many unseated workers keep their scores.
        bench_size: u8,
        /// How many inferers are paid, 0 for all.
        rewarded_inferers: u8,
        /// Whether only listed workers take part.
        workers_listed: bool,
        /// Whether only listed reputers take part.
        reputers_listed: bool,
    }
}

record! {
    /// Tolerances in units of the value, deposits in 1e-18 ALLO.
    Money {
        /// Of a truth's score.
        truth_tolerance: i128,
        /// Beyond which a truth is slashed.
        slash_tolerance: i128,
        /// What a worker deposits.
        worker_bond: u128,
        /// What a reputer stakes at least.
        reputer_minimum: u128,
    }
}

impl Parameters {
    /// Refuses what would make an error possible later on.
    pub fn admit(&self) -> Result<()> {
        let kinds = matches!(self.topic_type, 1..=2)
            && matches!(self.truth_source, 1..=2)
            && matches!(self.loss_method, 1..=3)
            && self.has_rule()
            && (1..=MAX_LABELS).contains(&self.label_count);
        if kinds && self.arithmetic.bounded() && self.seating.bounded() {
            Ok(())
        } else {
            Err(Error::ParameterOutOfRange)
        }
    }
}

impl Parameters {
    #[cfg(not(feature = "v08"))]
    const fn has_rule(&self) -> bool {
        self.weight_rule == 1
    }
    #[cfg(feature = "v08")]
    const fn has_rule(&self) -> bool {
        matches!(self.weight_rule, 1 | crate::weights_v08::RULE)
    }
}

impl Arithmetic {
    fn bounded(&self) -> bool {
        let quantiles = [self.inferer_quantile, self.forecaster_quantile, self.reputer_quantile];
        (ONE..=10 * ONE).contains(&self.p_norm)
            && (-10 * ONE..=10 * ONE).contains(&self.c_norm)
            && (1..=ONE).contains(&self.alpha_regret)
            && (0..ONE).contains(&self.alpha_score)
            && (1..=ONE).contains(&self.alpha_error)
            && self.epsilon >= LEAST_EPSILON
            && self.loss_floor > 0
            && self.minimum < self.maximum
            && -WIDEST <= self.minimum
            && self.maximum <= WIDEST
            && quantiles.iter().all(|quantile| (0..=ONE).contains(quantile))
    }
}

impl Seating {
    /// Whether the topic has this seat.
    pub fn has(&self, seat: u8) -> bool {
        match seat.checked_sub(0x80) {
            Some(forecaster) => forecaster < self.forecaster_seats,
            None => seat < self.inferer_seats,
        }
    }

    fn bounded(&self) -> bool {
        (1..=MOST_SEATS.0).contains(&self.inferer_seats)
            && self.forecaster_seats <= MOST_SEATS.1
            && self.newcomer_seats <= self.inferer_seats
    }
}
