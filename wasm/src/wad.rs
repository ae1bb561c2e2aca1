//! Wads: signed integers in units of 1e-18.
//!
//! Method: the product undivided in 256 bits, then one division toward zero; equal to Solady's `sMulWad` and `sDivWad` bit
//! for bit, over all of int256.
//! Special cases: refused where Solady reverts, under the name of its error.
//! Accuracy: exact but for the division, so the error is below one unit.

use crate::division::Divisor;
use crate::error::{Error, Result};
use crate::int::I256;

/// One, in units of 1e-18.
pub const ONE: I256 = I256::from_i128(1_000_000_000_000_000_000);

/// One, as what products are divided by.
pub const UNIT: Divisor = Divisor::new(1_000_000_000_000_000_000);

/// x·y, toward zero.
pub fn mul(x: I256, y: I256) -> Result<I256> {
    x.checked_mul(y).map(|product| product.div_by(&UNIT)).ok_or(Error::SMulWadFailed)
}

/// x/y, toward zero.
pub fn div(x: I256, y: I256) -> Result<I256> {
    let numerator = x.checked_mul(ONE).ok_or(Error::SDivWadFailed)?;
    if y.is_zero() {
        return Err(Error::SDivWadFailed);
    }
    // Only -2^255 by -1 does not fit, and a numerator, a multiple of 1e18, is never -2^255.
    numerator.checked_div(y).ok_or(Error::SDivWadFailed)
}

/// x·y/z, toward zero, with one rounding.
pub fn mul_div(x: I256, y: I256, z: I256) -> Result<I256> {
    let product = x.checked_mul(y).ok_or(Error::SMulWadFailed)?;
    product.checked_div(z).ok_or(Error::SDivWadFailed)
}

/// The sum, if it fits.
pub fn add(x: I256, y: I256) -> Result<I256> {
    x.checked_add(y).ok_or(Error::Overflow)
}

/// The difference, if it fits.
pub fn sub(x: I256, y: I256) -> Result<I256> {
    x.checked_sub(y).ok_or(Error::Overflow)
}

/// In 128 bits, as rows hold it, if it fits.
pub fn narrow(x: I256) -> Result<i128> {
    x.to_i128().ok_or(Error::Overflow)
}
