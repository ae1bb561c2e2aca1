//! Step 1: the input rows 0x12 to 0x15 (0x11 is `parameters`): inferences, forecasts, signatures, registrations.

use crate::codec::{Address, Hash, rows};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Forecaster, Inferer, Reader, record, seated};
use alloc::vec::Vec;

/// How many registrations a full row holds.
pub const MAX_REGISTRATIONS: usize = 380;

rows! {
    Inferences = 0x12,
    Forecast = 0x13,
    Signatures = 0x14,
    Registrations = 0x15,
}

seated! {
    Inference,
    ForecastLoss,
    Signature,
}

record! {
    /// 0x12: the inferences about one label.
    Inferences {
        /// Counted from 0.
        label: u16,
        /// By seat.
        entries: BySeat<Inference>,
    }
}

record! {
    /// One worker's value of one label.
    Inference {
        /// The inferer's.
        seat: Inferer,
        /// Wad.
        value: i128,
    }
}

record! {
    /// 0x13: the losses that one forecaster expects.
    Forecast {
        /// The forecaster's own.
        seat: Forecaster,
        /// By the inferers' seats.
        entries: BySeat<ForecastLoss>,
    }
}

record! {
    /// The loss that is expected of one inferer.
    ForecastLoss {
        /// The inferer's.
        seat: Inferer,
        /// log10, Wad.
        loss: i128,
    }
}

record! {
    /// 0x14: the workers' signatures, one per submission.
    Signatures {
        /// By the lowest seat that the submission is for.
        entries: BySeat<Signature>,
    }
}

record! {
    /// One worker's signature.
    Signature {
        /// The lowest that it submitted for.
        seat: u8,
        /// The submission's last field.
        extra: Hash,
        /// r, then s with the parity of y in its top bit.
        signature: [u8; 64],
    }
}

/// 0x15: a part of the topic's registrations, in the chain's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrations {
    /// Of the part, from 0.
    pub number: u16,
    /// At least one, at most 380.
    pub entries: Vec<Registration>,
}

impl Field for Registrations {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let (number, entries) = (u16::read(reader)?, Vec::read(reader)?);
        let row = Self { number, entries };
        row.sized().map(|()| row)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.sized()?;
        self.number.write(out)?;
        self.entries.write(out)
    }
}

impl Registrations {
    fn sized(&self) -> Result<()> {
        let fits = (1..=MAX_REGISTRATIONS).contains(&self.entries.len());
        if fits { Ok(()) } else { Err(Error::MalformedRow) }
    }
}

record! {
    /// One change of the topic's workers.
    Registration {
        /// 1 joined, 2 left, 3 signer changed.
        change: OneToThree,
        /// The sum of 1 inferer, 2 forecaster, 4 reputer.
        roles: Roles,
        /// Whose registration it is.
        owner: Address,
        /// Who signs for it.
        signer: Address,
    }
}

/// A byte from 1 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneToThree(pub u8);

/// A byte from 1 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles(pub u8);

macro_rules! bounded {
    ($($name:ident: $range:pat,)*) => {$(
        impl Field for $name {
            fn read(reader: &mut Reader<'_>) -> Result<Self> {
                match u8::read(reader)? {
                    byte @ $range => Ok(Self(byte)),
                    _ => Err(Error::MalformedRow),
                }
            }
            fn write(&self, out: &mut Vec<u8>) -> Result<()> {
                match self.0 {
                    $range => self.0.write(out),
                    _ => Err(Error::MalformedRow),
                }
            }
        }
    )*};
}
bounded! {
    OneToThree: 1..=3,
    Roles: 1..=7,
}
