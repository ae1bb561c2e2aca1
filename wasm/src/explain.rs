//! Step 2, beside the path: how a participant's weight in the combined value came about, term by term, as the synthesis has it.
//!
//! Method: regret, over the scale the normalised regret r; the argument b = -p(r - c) of the weight function, and that of the
//! best, a; the weight (e^a + 1) / (e^b + 1); its share in the sum of all weights.
//! Rounding: that of `weights.rs`; the share is one division toward zero.
//! Special cases: who has no weight in the epoch has no explanation. While all are new there are no terms, and every
//! inferer weighs one.

use crate::epoch::Epoch;
use crate::error::{Error, Result};
use crate::fields::{Field, Reader, record};
use crate::int::I256;
use crate::synthesis::Synthesis;
use crate::uint::U256;
use crate::wad::{self, narrow};
use alloc::vec::Vec;

record! {
    /// How one weight came about.
    Explanation {
        /// Absent while all are new.
        terms: Option<Terms>,
        /// Relative to the best, as the weights row has it.
        weight: i128,
        /// The sum of all weights.
        total: i128,
        /// The weight over that sum.
        share: i128,
    }
}

record! {
    /// What a weight is made of.
    Terms {
        /// Whether the state has a regret of the seat, or it is the initial one.
        seen: bool,
        /// Against the combined value.
        regret: i128,
        /// What regrets are divided by.
        scale: I256,
        /// The quotient.
        normalised: I256,
        /// The greatest such quotient.
        best: I256,
        /// -p(r - c).
        argument: I256,
        /// The same of the best.
        best_argument: I256,
    }
}

impl Field for I256 {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        reader.take().map(|bytes| Self::from_bits(U256::from_be_bytes(&bytes)))
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        out.extend(self.to_bits().to_be_bytes());
        Ok(())
    }
}

/// How a seat's weight came about, from an epoch's input and state rows.
pub fn explain(inputs: &[&[u8]], state: &[&[u8]], seat: u8) -> Result<Option<Explanation>> {
    let epoch = Epoch::read(inputs, state)?;
    let synthesis = Synthesis::new(&epoch)?;
    let at = synthesis.seats.binary_search(&seat).ok();
    let Some((_, weight)) = at.and_then(|at| synthesis.combined.get(at)) else {
        return Ok(None);
    };
    let weights = || synthesis.combined.iter().map(|(_, weight)| *weight);
    let total = weights().try_fold(I256::ZERO, wad::add)?;
    Ok(Some(Explanation {
        terms: terms(&synthesis, seat)?,
        weight: narrow(*weight)?,
        total: narrow(total)?,
        share: narrow(wad::div(*weight, total)?)?,
    }))
}

fn terms(synthesis: &Synthesis<'_>, seat: u8) -> Result<Option<Terms>> {
    let Some((rule, initial)) = &synthesis.known else { return Ok(None) };
    let stored = |seat| synthesis.epoch.past.regrets.network(seat);
    let regret = |seat: &u8| stored(*seat).unwrap_or(*initial);
    let best = synthesis.seats.iter().map(regret).max().ok_or(Error::NoRegrets)?;
    let regret = regret(&seat);
    Ok(Some(Terms {
        seen: stored(seat).is_some(),
        regret,
        scale: rule.scale,
        normalised: rule.normalised(regret.into())?,
        best: rule.normalised(best.into())?,
        argument: rule.exponent(regret.into())?,
        best_argument: rule.exponent(best.into())?,
    }))
}
