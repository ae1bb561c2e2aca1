//! Steps 2 and 6: the state rows 0x21 to 0x26: version, seats, regrets, errors, inclusions, quality. The tables of regrets
//! 0x27 and 0x28 stand in `withheld`.

use crate::codec::{Address, rows};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Forecaster, Inferer, Reader, record, seated};
use crate::inputs::OneToThree;
use alloc::vec::Vec;

rows! {
    Version = 0x21,
    Seats = 0x22,
    Regrets = 0x23,
    Errors = 0x24,
    Inclusions = 0x25,
    Quality = 0x26,
}

seated! {
    SeatOwner,
    InfererRegret,
    ForecasterRegret,
    Inclusion,
}

/// How many workers wait for a seat at most.
pub const MAX_WAITING: usize = 512;

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
    /// 0x22: who sits where, and who waits.
    Seats {
        /// By seat.
        seated: BySeat<SeatOwner>,
        /// In the order in which they came.
        waiting: Queue,
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
    /// A worker without a seat.
    Waiting {
        /// Those it waits for: 1 inferer, 2 forecaster, 3 both.
        roles: OneToThree,
        /// The worker.
        owner: Address,
    }
}

/// At most 512 that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue(pub Vec<Waiting>);

impl Field for Queue {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let queue = Self(Vec::read(reader)?);
        queue.sized().map(|()| queue)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.sized()?;
        self.0.write(out)
    }
}

impl Queue {
    const fn sized(&self) -> Result<()> {
        if self.0.len() <= MAX_WAITING { Ok(()) } else { Err(Error::MalformedRow) }
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

impl Regrets {
    /// A seat's network regret, if it has been seen.
    pub fn network(&self, seat: u8) -> Option<i128> {
        match self.inferers.find(seat) {
            Some(entry) => Some(entry.network),
            None => self.forecasters.find(seat).map(|entry| entry.network),
        }
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

record! {
    /// 0x25: how often those that sit were scored.
    Inclusions {
        /// By seat.
        entries: BySeat<Inclusion>,
    }
}

record! {
    /// How often one was scored.
    Inclusion {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// Epochs, at most 65535.
        count: u16,
    }
}

record! {
    /// 0x26: how good the network's values have been.
    Quality {
        /// Absent before the first epoch with a truth.
        losses: Option<RollingLosses>,
        /// Absent before the first report with a known sigma.
        coverage: Option<Coverage>,
        /// Epochs without a truth, at most 2^32 - 1.
        missed: u32,
    }
}

record! {
    /// Moving averages of losses, log10.
    RollingLosses {
        /// Of the combined value.
        network: i128,
        /// Of the naive value.
        naive: i128,
    }
}

record! {
    /// Moving shares of the epochs whose truth lay near the value.
    Coverage {
        /// Within sigma.
        one: i128,
        /// Within two sigma.
        two: i128,
    }
}
