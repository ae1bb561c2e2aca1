//! Step 6: how good a topic's values have been, rolling, and the word in which a settlement says so.
//!
//! Method: moving averages, with the topic's alpha of errors, of the network's and the naive value's losses, and of whether
//! the truth lay within sigma and two sigma of the value (1 or 0; every label has to).
//! Special cases: the first value is the average; without a known sigma the shares stay.
//! Accuracy: one division toward zero each.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::losses::distance;
use crate::outputs::Value;
use crate::state::{Coverage, Quality, RollingLosses};
use crate::statistics::moving_average;
use crate::wad::{self, ONE};
use alloc::vec::Vec;

/// A billionth and a ten-thousandth: the units of losses and shares in the word.
const LOSS_UNIT: i128 = 1_000_000_000;
const SHARE_UNIT: i128 = 100_000_000_000_000;

impl Quality {
    /// After an epoch that was missed.
    pub fn miss(&mut self) {
        self.missed = self.missed.saturating_add(1);
    }

    /// After an epoch with these losses, the network's and the naive value's.
    pub fn lose(&mut self, network: I256, naive: I256, alpha: I256) -> Result<()> {
        let before = self.losses.as_ref();
        self.losses = Some(RollingLosses {
            network: rolled(alpha, network, before.map(|losses| losses.network))?,
            naive: rolled(alpha, naive, before.map(|losses| losses.naive))?,
        });
        Ok(())
    }

    /// After an epoch whose truths these were, with the values that were reported.
    pub fn cover(&mut self, values: &[Value], truth: &[I256], alpha: I256) -> Result<()> {
        let mut within = (true, true);
        for (value, truth) in values.iter().zip(truth) {
            let Some(sigma) = value.sigma.map(I256::from) else { return Ok(()) };
            let error = distance(value.combined.into(), *truth)?;
            within.0 &= error <= sigma;
            within.1 &= error <= wad::add(sigma, sigma)?;
        }
        let share = |within: bool| if within { ONE } else { I256::ZERO };
        let before = self.coverage.as_ref();
        self.coverage = Some(Coverage {
            one: rolled(alpha, share(within.0), before.map(|coverage| coverage.one))?,
            two: rolled(alpha, share(within.1), before.map(|coverage| coverage.two))?,
        });
        Ok(())
    }

    /// From the high bits down: network loss, naive loss (each 64 bits, units of 1e-9), shares within sigma and two sigma
    /// (each 16 bits, units of 1e-4), workers present (8), whether the losses are known (8), missed epochs (32), 48 of
    /// zero. What is unknown is 0; units are toward zero, and a loss beyond 64 bits is the nearest that fits.
    pub fn word(&self, workers: u8) -> [u8; 32] {
        let (losses, coverage) = (self.losses.as_ref(), self.coverage.as_ref());
        let mut word = Vec::with_capacity(32);
        word.extend(loss_units(losses.map(|losses| losses.network)).to_be_bytes());
        word.extend(loss_units(losses.map(|losses| losses.naive)).to_be_bytes());
        word.extend(share_units(coverage.map(|coverage| coverage.one)).to_be_bytes());
        word.extend(share_units(coverage.map(|coverage| coverage.two)).to_be_bytes());
        word.extend([workers, u8::from(losses.is_some())]);
        word.extend(self.missed.to_be_bytes());
        let mut whole = [0; 32];
        for (byte, filled) in whole.iter_mut().zip(word) {
            *byte = filled;
        }
        whole
    }
}

/// The moving average; the first value is its own.
pub fn rolled(alpha: I256, value: I256, before: Option<i128>) -> Result<i128> {
    let average = match before {
        Some(before) => moving_average(alpha, value, before.into())?,
        None => value,
    };
    average.to_i128().ok_or(Error::Overflow)
}

fn loss_units(loss: Option<i128>) -> i64 {
    let units = loss.and_then(|loss| loss.checked_div(LOSS_UNIT)).unwrap_or_default();
    let end = if units.is_negative() { i64::MIN } else { i64::MAX };
    i64::try_from(units).unwrap_or(end)
}

/// A share is at most 1, so it has at most 10,000 units.
fn share_units(share: Option<i128>) -> u16 {
    let units = share.and_then(|share| share.checked_div(SHARE_UNIT)).unwrap_or_default();
    u16::try_from(units).unwrap_or_default()
}
