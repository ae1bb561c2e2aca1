//! The state before a topic's first settlement: it follows from the parameters alone.

use crate::codec::Row;
use crate::error::Result;
use crate::fields::BySeat;
use crate::parameters::Parameters;
use crate::past::Past;
use crate::state::{Errors, Inclusions, LabelErrors, Quality, Queue, Regrets, Seats};
use alloc::vec::Vec;

/// The state rows: no seats, no past, all are new.
pub fn genesis(parameters: &[u8]) -> Result<Vec<Vec<u8>>> {
    let parameters = Parameters::decode(parameters)?;
    parameters.admit()?;
    let regrets = Regrets {
        previous_loss: None,
        scale: 0,
        initial_regret: None,
        inferers: BySeat(Vec::new()),
        forecasters: BySeat(Vec::new()),
    };
    let unknown = |_| LabelErrors { ema_error: None, last_median: None, mad: None };
    let past = Past {
        seats: Seats { seated: BySeat(Vec::new()), waiting: Queue(Vec::new()) },
        regrets,
        errors: Errors { labels: (0..parameters.label_count).map(unknown).collect() },
        inclusions: Inclusions { entries: BySeat(Vec::new()) },
        quality: Quality { losses: None, coverage: None, missed: 0 },
        one_out: BySeat(Vec::new()),
        one_in: BySeat(Vec::new()),
    };
    past.encode()
}
