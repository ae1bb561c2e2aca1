//! Step 6: many reputers' truths become one.
//!
//! Method: of each label the median weighted by stake, which is the smallest truth whose cumulated stake reaches half of that
//! of the reputers present; of classes the one with the most stake.
//! Special cases: classes with the same stake settle on the lower index; without two thirds of the electorate's stake nothing
//! settles.
//! Accuracy: exact.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::parameters::Parameters;
use crate::settlement::{Elector, Electorate, Truths};
use crate::statistics::weighted_median;
use crate::uint::U256;
use crate::wad::ONE;
use alloc::vec::Vec;

/// The topic type whose labels are classes.
const CLASSIFICATION: u8 = 2;
/// ±1e15, the widest range a topic has: what comes true may lie outside the topic's own.
const WIDEST: I256 = I256::from_i128(1_000_000_000_000_000_000_000_000_000_000_000);

/// What the reputers of one epoch said, with their stakes.
#[derive(Debug)]
pub struct Ballot {
    /// Each label's truths.
    labels: Vec<Vec<(I256, I256)>>,
    /// Whether the labels are classes.
    classes: bool,
}

impl Ballot {
    /// Reads and admits: the same reputers for each label, all of the electorate, with two thirds of its stake.
    pub fn new(
        electorate: &Electorate,
        truths: &[Truths],
        parameters: &Parameters,
    ) -> Result<Self> {
        let first = truths.first().ok_or(Error::TruthMissing)?;
        if !truths.iter().all(|row| row.entries.reputers().eq(first.entries.reputers())) {
            return Err(Error::ReputersDiffer);
        }
        let stakes = first
            .entries
            .reputers()
            .map(|reputer| {
                let elector = electorate.entries.find(reputer).ok_or(Error::NotAnElector)?;
                Ok(stake(elector))
            })
            .collect::<Result<Vec<_>>>()?;
        let all = electorate.entries.0.iter().map(stake);
        if !two_thirds(stakes.iter().copied(), all) {
            return Err(Error::TruthMissing);
        }
        let staked = |row: &Truths| -> Vec<(I256, I256)> {
            let values = row.entries.0.iter().map(|entry| entry.value.into());
            values.zip(stakes.iter().copied()).collect()
        };
        let labels: Vec<_> = truths.iter().map(staked).collect();
        let ballot = Self { labels, classes: parameters.topic_type == CLASSIFICATION };
        ballot.admit()?;
        Ok(ballot)
    }

    /// What counts as true, one a label.
    pub fn settled(&self) -> Result<Vec<I256>> {
        if self.classes {
            return Ok(self.class());
        }
        let median = |label: &Vec<_>| weighted_median(label)?.ok_or(Error::TruthMissing);
        self.labels.iter().map(median).collect()
    }

    fn class(&self) -> Vec<I256> {
        let backing = |label: &Vec<_>| {
            total(label.iter().filter(|(value, _)| *value == ONE).map(|(_, stake)| *stake))
        };
        let mut most: Option<(usize, I256)> = None;
        for (label, stake) in self.labels.iter().map(backing).enumerate() {
            if most.is_none_or(|(_, greatest)| stake > greatest) {
                most = Some((label, stake));
            }
        }
        let given =
            |label| if most.is_some_and(|(most, _)| most == label) { ONE } else { I256::ZERO };
        (0..self.labels.len()).map(given).collect()
    }

    /// Values no further out than inferences may lie; of classes one for one and nothing for the others.
    fn admit(&self) -> Result<()> {
        let within = |value: &I256| (WIDEST.wrapping_neg()..=WIDEST).contains(value);
        let mut values = self.labels.iter().flatten().map(|(value, _)| value);
        if !values.all(within) {
            return Err(Error::TruthOutOfRange);
        }
        let reputers = self.labels.first().map_or(0, Vec::len);
        let names_one = |reputer: usize| {
            let mut said = self.labels.iter().filter_map(|label| label.get(reputer));
            let ones = self.labels.iter().filter_map(|label| label.get(reputer));
            ones.filter(|(value, _)| *value == ONE).count() == 1
                && said.all(|(value, _)| *value == ONE || value.is_zero())
        };
        if self.classes && !(0..reputers).all(names_one) {
            return Err(Error::NotOneClass);
        }
        Ok(())
    }
}

fn stake(elector: &Elector) -> I256 {
    I256::from_bits(U256::from_u128(elector.stake.0))
}

/// Whether those present have two thirds of the stake of all; nobody is never enough.
fn two_thirds(present: impl Iterator<Item = I256>, all: impl Iterator<Item = I256>) -> bool {
    let (present, all) = (total(present), total(all));
    // Sums of 133 bits, so that three of them fit.
    !present.is_zero()
        && present.wrapping_mul(I256::from_i128(3)) >= all.wrapping_mul(I256::from_i128(2))
}

/// At most 32 stakes of 128 bits, so the sum fits.
fn total(stakes: impl Iterator<Item = I256>) -> I256 {
    stakes.fold(I256::ZERO, I256::wrapping_add)
}
