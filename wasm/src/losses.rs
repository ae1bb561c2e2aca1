//! Step 6: how far a value was off, as a decimal logarithm.
//!
//! Method: per label 2·log10(max(|x - t|, floor)) (squared error) or log10(max(|x - t|, floor)) (absolute error), and the
//! mean over the labels; or, once for all labels, log10(max(-ln(max(p, floor)), floor)) of the value p that the true class was
//! given (cross entropy). The floor is the topic's.
//! Special cases: the true class is the label with the greatest truth, ties to the lower index.
//! Accuracy: logarithms are within 2 units of 1e-18, twice that for a squared error; the mean is one division toward zero.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::ln::ln;
use crate::log10::log10;
use crate::wad;

/// Squared error.
pub const SQUARED: u8 = 1;
/// Cross entropy; what is neither is the absolute error.
pub const CROSS_ENTROPY: u8 = 3;

/// What values are measured by in one epoch.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    /// The topic's loss method.
    pub method: u8,
    /// The topic's loss floor, above zero.
    pub floor: I256,
    /// One a label.
    pub truth: &'a [I256],
}

impl Measure<'_> {
    /// The loss of values, one a label.
    pub fn loss(&self, values: &[I256]) -> Result<I256> {
        if self.method == CROSS_ENTROPY {
            return self.cross_entropy(values);
        }
        let (mut sum, mut labels) = (I256::ZERO, 0i128);
        for (value, truth) in values.iter().zip(self.truth) {
            let error = log10(distance(*value, *truth)?.max(self.floor))?;
            let error = if self.method == SQUARED { wad::add(error, error)? } else { error };
            sum = wad::add(sum, error)?;
            labels = labels.saturating_add(1);
        }
        sum.checked_div(labels.into()).ok_or(Error::NoWeight)
    }

    fn cross_entropy(&self, values: &[I256]) -> Result<I256> {
        let mut class: Option<(I256, I256)> = None;
        for (value, truth) in values.iter().zip(self.truth) {
            if class.is_none_or(|(_, greatest)| *truth > greatest) {
                class = Some((*value, *truth));
            }
        }
        let (given, _) = class.ok_or(Error::NoWeight)?;
        log10(ln(given.max(self.floor))?.wrapping_neg().max(self.floor))
    }
}

/// |x - y|.
pub fn distance(x: I256, y: I256) -> Result<I256> {
    let difference = wad::sub(x, y)?;
    Ok(if difference.is_negative() { difference.wrapping_neg() } else { difference })
}
