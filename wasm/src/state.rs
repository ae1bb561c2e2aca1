//! Step 2: the state rows 0x21 to 0x24: version, seats, regrets, errors.

use crate::codec::{Address, rows};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Forecaster, Inferer, Reader, record, seated};
use alloc::vec::Vec;

rows! {
    Version = 0x21,
    Seats = 0x22,
    Regrets = 0x23,
    Errors = 0x24,
}

seated! {
    SeatOwner,
    InfererRegret,
    ForecasterRegret,
}

/// 0x21: the state's version, which is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version;

impl Field for Version {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        if u16::read(reader)? == 1 { Ok(Self) } else { Err(Error::MalformedRow) }
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        1u16.write(out)
    }
}

record! {
    /// 0x22: who sits where.
    Seats {
        /// By seat.
        entries: BySeat<SeatOwner>,
    }
}

record! {
    /// One seat's worker.
    SeatOwner {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// The worker.
        owner: Address,
    }
}

record! {
    /// 0x23: what the value needs of the past.
    Regrets {
        /// The network's last loss, log10.
        previous_loss: Option<i128>,
        /// The regret scale; 0 if there is none yet.
        scale: i128,
        /// The regret of a seat that has not been seen; absent while all are new.
        initial_regret: Option<i128>,
        /// Of the inferers that have been seen.
        inferers: BySeat<InfererRegret>,
        /// Of the forecasters that have been seen.
        forecasters: BySeat<ForecasterRegret>,
    }
}

record! {
    /// One inferer's regrets.
    InfererRegret {
        /// The inferer's.
        seat: Inferer,
        /// Against the combined value.
        network: i128,
        /// Against the naive value.
        naive: i128,
    }
}

record! {
    /// One forecaster's regret.
    ForecasterRegret {
        /// The forecaster's.
        seat: Forecaster,
        /// Against the combined value.
        network: i128,
    }
}

record! {
    /// 0x24: how far off the past values were.
    Errors {
        /// One a label.
        labels: Vec<LabelErrors>,
    }
}

record! {
    /// How far off one label's past values were.
    LabelErrors {
        /// Moving average of |truth - value|.
        ema_error: Option<i128>,
        /// Of the last inferences.
        last_median: Option<i128>,
        /// Their median absolute deviation, smoothed.
        mad: Option<i128>,
    }
}
