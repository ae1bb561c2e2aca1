//! Steps 2 and 6: medians, deviations, quantiles, weighted percentiles and medians, moving averages.
//!
//! Method: a percentile's place among values sorted by (value, weight) is (C_i - w_i/2) / C_last with C the cumulated
//! weights; between two places it is interpolated, beyond the first and last it is clamped. A quantile q of n values, without
//! weights, stands at (1-q)(n-1) among them descending.
//! Special cases: nothing has a median and a quantile of 0; a single value is every percentile and deviates by 0; a zero
//! weight drops out.
//! Accuracy: even medians halve toward zero; a percentile has one division, toward the lower value, a quantile one toward the
//! greater of the two values it lies between; a moving average one toward zero; a standard deviation has a mean toward zero, a
//! variance toward zero and a root rounded down.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::wad::{self, ONE, UNIT};
use alloc::vec::Vec;

/// The middle value, or half the sum of the two middle ones, toward zero.
pub fn median(values: &[I256]) -> Result<I256> {
    let sorted = sorted(values.iter().map(|value| (*value, I256::ZERO)));
    let middle = sorted.len() >> 1;
    let Some((upper, _)) = sorted.get(middle) else {
        return Ok(I256::ZERO);
    };
    match middle.checked_sub(1).and_then(|below| sorted.get(below)) {
        Some((lower, _)) if sorted.len() & 1 == 0 => Ok(wad::add(*lower, *upper)?.half()),
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

/// The smallest value whose cumulated weight reaches half; none without any weight.
pub fn weighted_median(weighted: &[(I256, I256)]) -> Result<Option<I256>> {
    let total =
        weighted.iter().try_fold(I256::ZERO, |total, (_, weight)| wad::add(total, *weight))?;
    let mut cumulated = I256::ZERO;
    for (value, weight) in sorted(weighted.iter().copied()) {
        cumulated = wad::add(cumulated, weight)?;
        if !weight.is_zero() && wad::add(cumulated, cumulated)? >= total {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The quantile, a Wad from 0 to 1.
pub fn quantile(values: &[I256], quantile: I256) -> Result<I256> {
    let sorted = sorted(values.iter().map(|value| (*value, I256::ZERO)));
    let Some(last) = sorted.len().checked_sub(1) else { return Ok(I256::ZERO) };
    if quantile.is_negative() || quantile > ONE {
        return Err(Error::ParameterOutOfRange);
    }
    let intervals = i128::try_from(last).map_err(|_| Error::Overflow)?;
    let place = wad::sub(ONE, quantile)?.checked_mul(intervals.into()).ok_or(Error::Overflow)?;
    let whole = place.checked_div(ONE).ok_or(Error::Overflow)?;
    let fraction = wad::sub(place, whole.checked_mul(ONE).ok_or(Error::Overflow)?)?;
    let at = whole.to_i128().and_then(|at| usize::try_from(at).ok()).ok_or(Error::Overflow)?;
    let mut descending = sorted.iter().rev().map(|(value, _)| *value).skip(at);
    let greater = descending.next().ok_or(Error::Overflow)?;
    // Below the last value there is none, and the fraction is 0.
    let lower = descending.next().unwrap_or(greater);
    wad::add(greater, wad::mul(wad::sub(lower, greater)?, fraction)?)
}

/// The standard deviation of a sample, with n - 1.
pub fn standard_deviation(values: &[I256]) -> Result<I256> {
    let count = |count: usize| i128::try_from(count).map(I256::from).map_err(|_| Error::Overflow);
    let Some(freedom) = values.len().checked_sub(1).filter(|freedom| *freedom != 0) else {
        return Ok(I256::ZERO);
    };
    let total = values.iter().try_fold(I256::ZERO, |total, value| wad::add(total, *value))?;
    let mean = total.checked_div(count(values.len())?).ok_or(Error::Overflow)?;
    let deviations = values
        .iter()
        .map(|value| wad::sub(*value, mean).map(I256::magnitude))
        .collect::<Result<Vec<_>>>()?;
    // Squares of 120 bits, and a sum of them, fit; wider deviations lose their lowest bits.
    let widest = deviations.iter().max().copied().unwrap_or_default();
    let shift = 256u32.saturating_sub(widest.leading_zeros()).saturating_sub(120);
    let mut squares = I256::ZERO;
    for deviation in deviations {
        let deviation = I256::from_bits(deviation.shift_right(shift));
        squares = wad::add(squares, deviation.checked_mul(deviation).ok_or(Error::Overflow)?)?;
    }
    let variance = squares.checked_div(count(freedom)?).ok_or(Error::Overflow)?;
    Ok(I256::from_bits(variance.to_bits().sqrt()).shift_left(shift))
}

/// alpha·x + (1 - alpha)·previous, products and sum undivided, one division toward zero. A value that stays the same stays.
pub fn moving_average(alpha: I256, x: I256, previous: I256) -> Result<I256> {
    let new = alpha.checked_mul(x).ok_or(Error::Overflow)?;
    let old = wad::sub(ONE, alpha)?.checked_mul(previous).ok_or(Error::Overflow)?;
    Ok(wad::add(new, old)?.div_by(&UNIT))
}

/// Ascending by value, then weight. A topic has at most 38 seats, so insertion is as quick as anything, and small.
fn sorted(weighted: impl Iterator<Item = (I256, I256)>) -> Vec<(I256, I256)> {
    let mut sorted = Vec::new();
    for entry in weighted {
        let at = sorted.partition_point(|other| *other < entry);
        sorted.insert(at, entry);
    }
    sorted
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
        let entries = sorted(weighted.into_iter().filter(|(_, weight)| !weight.is_zero()));
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
