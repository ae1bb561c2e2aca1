//! Step 6: the rows of a settlement: its context 0x02, the inputs 0x16 to 0x1a that a report does not have, and the outputs
//! 0x34 and 0x35. The counterfactual losses 0x37 stand in `withheld`.

use crate::codec::{Address, Hash, rows};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Reader, record, seated};
use crate::state::SeatOwner;
use alloc::vec::Vec;

/// How many reputers speak about one epoch at most.
pub const MAX_ELECTORS: usize = 32;

rows! {
    SettlementContext = 0x02,
    Electorate = 0x16,
    Truths = 0x17,
    TruthSignatures = 0x18,
    Pot = 0x19,
    Roster = 0x1a,
    SettledTruth = 0x34,
    Losses = 0x35,
}

seated! {
    LossOf,
}

record! {
    /// 0x02: what a settlement rests on.
    SettlementContext {
        /// The parameters row.
        parameters_hash: Hash,
        /// The context row of the epoch's report, 0 if there is none.
        report_context: Hash,
        /// The list of input rows, 0 if the epoch was missed.
        inputs_hash: Hash,
        /// The list of output rows.
        outputs_hash: Hash,
        /// The running hash up to which registrations are taken up.
        registrations: Hash,
    }
}

record! {
    /// 0x16: the reputers that may speak.
    Electorate {
        /// Those of the most stake.
        entries: ByReputer<Elector>,
    }
}

record! {
    /// One that may speak.
    Elector {
        /// The reputer.
        reputer: Address,
        /// Above zero.
        stake: Stake,
    }
}

record! {
    /// 0x17: the truths about one label.
    Truths {
        /// Counted from 0.
        label: u16,
        /// Of those that spoke.
        entries: ByReputer<TruthOf>,
    }
}

record! {
    /// One reputer's truth about one label.
    TruthOf {
        /// The reputer.
        reputer: Address,
        /// Wad; of classes 1 for the one and 0 for the others.
        value: i128,
    }
}

record! {
    /// 0x18: the reputers' signatures.
    TruthSignatures {
        /// Of those that spoke.
        entries: ByReputer<TruthSignature>,
    }
}

record! {
    /// One reputer's signature.
    TruthSignature {
        /// The reputer.
        reputer: Address,
        /// The signed message's last field.
        extra: Hash,
        /// r, then s with the parity of y in its top bit.
        signature: [u8; 64],
    }
}

record! {
    /// 0x19: what the epoch has to share out.
    Pot {
        /// In units of 1e-18 ALLO.
        amount: u128,
    }
}

record! {
    /// 0x1a: who sat where when the report was made.
    Roster {
        /// By seat.
        entries: BySeat<SeatOwner>,
    }
}

record! {
    /// 0x34: what counts as true.
    SettledTruth {
        /// One a label; of classes 1 for the one and 0 for the others.
        labels: Vec<i128>,
    }
}

record! {
    /// 0x35: how far off everybody was, log10.
    Losses {
        /// The network's value.
        combined: i128,
        /// The value without forecasters.
        naive: i128,
        /// Of the inferers, and of the forecasters that have an implied value.
        entries: BySeat<LossOf>,
    }
}

record! {
    /// How far off one worker was.
    LossOf {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// log10.
        loss: i128,
    }
}

/// An amount above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stake(pub u128);

impl Field for Stake {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match u128::read(reader)? {
            0 => Err(Error::MalformedRow),
            amount => Ok(Self(amount)),
        }
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        if self.0 == 0 { Err(Error::MalformedRow) } else { self.0.write(out) }
    }
}

/// An entry that stands under a reputer.
pub trait Reputed {
    /// Its address.
    fn reputer(&self) -> &Address;
}

macro_rules! reputed {
    ($($name:ident,)*) => {$(
        impl Reputed for $name {
            fn reputer(&self) -> &Address {
                &self.reputer
            }
        }
    )*};
}
reputed! {
    Elector,
    TruthOf,
    TruthSignature,
}

/// At most 32 entries, strictly ascending by the reputer's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByReputer<T>(pub Vec<T>);

impl<T: Reputed> ByReputer<T> {
    /// The reputers, ascending.
    pub fn reputers(&self) -> impl Iterator<Item = &Address> {
        self.0.iter().map(Reputed::reputer)
    }

    /// The entry of a reputer.
    pub fn find(&self, reputer: &Address) -> Option<&T> {
        let at = self.0.binary_search_by_key(&reputer, Reputed::reputer).ok()?;
        self.0.get(at)
    }

    fn ascending(&self) -> Result<()> {
        let ascending = self.0.iter().is_sorted_by(|a, b| a.reputer() < b.reputer());
        if ascending && self.0.len() <= MAX_ELECTORS { Ok(()) } else { Err(Error::MalformedRow) }
    }
}

impl<T: Field + Reputed> Field for ByReputer<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let entries = Self(Vec::read(reader)?);
        entries.ascending().map(|()| entries)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.ascending()?;
        self.0.write(out)
    }
}
