//! Step 2: medians, deviations, weighted percentiles.
//!
//! Method: a percentile's place among values sorted by (value, weight) is (C_i - w_i/2) / C_last with C the cumulated
//! weights; between two places it is interpolated, beyond the first and last it is clamped.
//! Special cases: nothing has a median of 0; a single value is every percentile; a zero weight drops out.
//! Accuracy: even medians halve toward zero; a percentile has one division, toward the lower value.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::wad;
use alloc::vec::Vec;

/// The middle value, or half the sum of the two middle ones, toward zero.
pub fn median(values: &[I256]) -> Result<I256> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() >> 1;
    let Some(upper) = sorted.get(middle) else {
        return Ok(I256::ZERO);
    };
    match middle.checked_sub(1).and_then(|below| sorted.get(below)) {
        Some(lower) if sorted.len() & 1 == 0 => Ok(wad::add(*lower, *upper)?.half()),
        _ => Ok(*upper),
    }
}

/// The median of the distances from the median.
pub fn median_absolute_deviation(values: &[I256]) -> Result<I256> {
    let centre = median(values)?;
    let distances = values
        .iter()
        .map(|value| {
            let distance = wad::sub(*value, centre)?;
            Ok(if distance.is_negative() { distance.wrapping_neg() } else { distance })
        })
        .collect::<Result<Vec<_>>>()?;
    median(&distances)
}

/// Values with their weights, sorted, and where each stands.
#[derive(Debug)]
pub struct Distribution {
    /// Ascending by value, then weight; none weighs nothing.
    entries: Vec<(I256, I256)>,
    /// 2·C_i - w_i of each entry.
    places: Vec<I256>,
    /// C_last.
    total: I256,
}

impl Distribution {
    /// Sorts values with their weights.
    pub fn new(weighted: impl IntoIterator<Item = (I256, I256)>) -> Result<Self> {
        let mut entries: Vec<_> =
            weighted.into_iter().filter(|(_, weight)| !weight.is_zero()).collect();
        entries.sort_unstable();
        let mut total = I256::ZERO;
        let mut places = Vec::with_capacity(entries.len());
        for (_, weight) in &entries {
            let before = total;
            total = wad::add(total, *weight)?;
            places.push(wad::add(before, total)?);
        }
        Ok(Self { entries, places, total })
    }

    /// How many different values there are.
    pub fn distinct(&self) -> usize {
        self.entries.chunk_by(|(a, _), (b, _)| a == b).count()
    }

    /// The percentile, given in hundredths of a percent.
    pub fn percentile(&self, basis_points: u16) -> Result<I256> {
        // Places are fractions of 2·C_last, so everything is compared times 10,000.
        let parts = I256::from_i128(10_000);
        let doubled = self.total.checked_mul(I256::from_i128(2)).ok_or(Error::Overflow)?;
        let target = doubled
            .checked_mul(I256::from_i128(i128::from(basis_points)))
            .ok_or(Error::Overflow)?;
        let mut below: Option<(I256, I256)> = None;
        for ((value, _), place) in self.entries.iter().zip(&self.places) {
            let place = place.checked_mul(parts).ok_or(Error::Overflow)?;
            if target <= place {
                return match below {
                    Some(lower) => between(lower, (*value, place), target),
                    None => Ok(*value),
                };
            }
            below = Some((*value, place));
        }
        below.map(|(value, _)| value).ok_or(Error::NoWeight)
    }
}

/// On the line through two (value, place), at the place `target` between them.
fn between(lower: (I256, I256), upper: (I256, I256), target: I256) -> Result<I256> {
    let rise = wad::sub(upper.0, lower.0)?;
    let share = wad::mul_div(rise, wad::sub(target, lower.1)?, wad::sub(upper.1, lower.1)?)?;
    wad::add(lower.0, share)
}
