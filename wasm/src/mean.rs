//! Step 2: the weighted mean.
//!
//! Method: sum(w·x) / max(sum(w), 1e-7), products and sums undivided in 256 bits, one division toward zero.
//! Special cases: of one value it is that value. With equal weights it is the plain mean: numerator and denominator are both
//! multiples of the weight, so the quotient and its rounding are those of sum(x) / n.
//! Accuracy: exact but for the division, so the error is below one unit. What is taken out of the sums leaves no trace.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::wad;
use alloc::vec::Vec;

/// 1e-7: what a sum of weights counts as at least.
const EPSILON_SAFE_DIV: I256 = I256::from_i128(100_000_000_000);

/// Weights of some of a list of values, by their places in the list.
pub type Parts = Vec<(usize, I256)>;

/// The values at those places with their weights.
pub fn weighted<'a>(
    parts: &'a [(usize, I256)],
    values: &'a [I256],
) -> impl Iterator<Item = (I256, I256)> + 'a {
    parts.iter().filter_map(|(place, weight)| Some((*values.get(*place)?, *weight)))
}

/// The sums of a mean that is not divided yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    products: I256,
    weights: I256,
}

impl Sums {
    /// The sums of those values.
    pub fn of(parts: &[(usize, I256)], values: &[I256]) -> Result<Self> {
        let mut sums = Self::default();
        for (value, weight) in weighted(parts, values) {
            let product = value.checked_mul(weight).ok_or(Error::Overflow)?;
            sums.products = wad::add(sums.products, product)?;
            sums.weights = wad::add(sums.weights, weight)?;
        }
        Ok(sums)
    }

    /// The sums without one that is among them.
    pub fn without(self, value: I256, weight: I256) -> Result<Self> {
        let product = value.checked_mul(weight).ok_or(Error::Overflow)?;
        Ok(Self {
            products: wad::sub(self.products, product)?,
            weights: wad::sub(self.weights, weight)?,
        })
    }

    /// The mean.
    pub fn mean(self) -> Result<I256> {
        self.products.checked_div(self.weights.max(EPSILON_SAFE_DIV)).ok_or(Error::NoWeight)
    }
}
