//! Step 2, beside the path: the combined value without outliers. It is reported next to the value and stands in no row; no
//! loss, regret or weight rests on it. Whoever has the epoch's rows has it too.
//!
//! Method: inferences farther than 11 · MAD from their median are dropped, and the combined value is made of the others. The
//! MAD is smoothed over the epochs settled: the state's, moved on by this epoch as its settlement will do it, to
//! 0.2 · MAD + 0.8 · the one before.
//! Rounding: that of medians, of a moving average and of the synthesis.
//! Special cases: a MAD of 0, or none yet, is replaced and not averaged. With a median or a MAD of 0 none is dropped. Half of
//! the inferences lie within their MAD and so within eleven fifths of it, hence half always stay. Only a regression of one
//! label has such a value.
//! Accuracy: which are dropped is exact.

use crate::epoch::Epoch;
use crate::error::{Error, Result};
use crate::int::I256;
use crate::losses::distance;
use crate::mean::Sums;
use crate::statistics::{median, median_absolute_deviation, moving_average};
use crate::synthesis::Synthesis;
use crate::wad::narrow;
use alloc::vec::Vec;

/// How many smoothed deviations an inference may lie off the median.
const THRESHOLD: I256 = I256::from_i128(11);
/// 0.2: the share of an epoch's MAD in the smoothed one.
const ALPHA_MAD: I256 = I256::from_i128(200_000_000_000_000_000);
/// The topic type whose labels are numbers.
const REGRESSION: u8 = 1;

/// The value without outliers, from input and state rows; none but of a regression of one label.
pub fn resistant(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Option<i128>> {
    let mut epoch = Epoch::read(inputs, state)?;
    let (1, REGRESSION) = (epoch.values.len(), epoch.parameters.topic_type) else {
        return Ok(None);
    };
    let values = || epoch.values.iter().flatten().map(|value| I256::from_i128(*value));
    let values: Vec<_> = values().collect();
    let before = epoch.past.errors.labels.first().and_then(|label| label.mad);
    let deviation = smoothed(median_absolute_deviation(&values)?, before)?;
    let stays = kept(&values, median(&values)?, deviation.into())?;
    epoch.keep(&stays);
    let synthesis = Synthesis::new(&epoch)?;
    let values = synthesis.labels()?.pop().unwrap_or_default();
    narrow(Sums::of(&synthesis.combined, &values)?.mean()?).map(Some)
}

/// The MAD smoothed, after an epoch's.
pub fn smoothed(deviation: I256, before: Option<i128>) -> Result<i128> {
    match before {
        None | Some(0) => narrow(deviation),
        Some(before) => narrow(moving_average(ALPHA_MAD, deviation, before.into())?),
    }
}

/// Whether each value is kept.
pub fn kept(values: &[I256], median: I256, deviation: I256) -> Result<Vec<bool>> {
    let all = median.is_zero() || deviation.is_zero();
    let widest = deviation.checked_mul(THRESHOLD).ok_or(Error::Overflow)?;
    values.iter().map(|value| Ok(all || distance(*value, median)? <= widest)).collect()
}
