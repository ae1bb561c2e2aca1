//! Step 2: weights from regrets, rule v08. It is compiled for the native tests alone: a trace of the reference's was made by it.
//!
//! Method: with s the regrets' standard deviation + epsilon and r = regret / s, w = p / (e^(p(c - r)) + 1). Before that r is
//! at most c + 6.75/p, and if the greatest r is below c - 8.25/p, all are raised until it is that.
//! Special cases: no regret at all is an error; below c - 17.25/p the weight is zero.
//! Accuracy: each quotient, product and exponential rounds toward zero.

use crate::error::{Error, Result};
use crate::exp::exp;
use crate::int::I256;
use crate::statistics::standard_deviation;
use crate::wad::{self, ONE};
use alloc::vec::Vec;

/// Its number in the parameters.
pub const RULE: u8 = 8;
const CAP: I256 = I256::from_i128(6_750_000_000_000_000_000);
const ANCHOR: I256 = I256::from_i128(8_250_000_000_000_000_000);
const CUT: I256 = I256::from_i128(17_250_000_000_000_000_000);

/// The weights of actors, from their regrets.
pub fn weights(regrets: &[I256], p_norm: I256, c_norm: I256, epsilon: I256) -> Result<Vec<I256>> {
    let scale = wad::add(standard_deviation(regrets)?, epsilon)?;
    let normalised =
        regrets.iter().map(|regret| wad::div(*regret, scale)).collect::<Result<Vec<_>>>()?;
    let greatest = *normalised.iter().max().ok_or(Error::NoRegrets)?;
    normalised.iter().map(|regret| weight(*regret, greatest, p_norm, c_norm)).collect()
}

/// The weight of one normalised regret, given the greatest.
pub fn weight(regret: I256, greatest: I256, p_norm: I256, c_norm: I256) -> Result<I256> {
    let anchor = wad::sub(c_norm, wad::div(ANCHOR, p_norm)?)?;
    let mut regret = regret.min(wad::add(c_norm, wad::div(CAP, p_norm)?)?);
    if greatest < anchor {
        regret = wad::add(wad::sub(regret, greatest)?, anchor)?;
    }
    if regret < wad::sub(c_norm, wad::div(CUT, p_norm)?)? {
        return Ok(I256::ZERO);
    }
    slope(p_norm, c_norm, regret)
}

/// p / (e^(p(c - x)) + 1).
pub fn slope(p_norm: I256, c_norm: I256, x: I256) -> Result<I256> {
    let power = exp(wad::mul(p_norm, wad::sub(c_norm, x)?)?)?;
    wad::div(p_norm, wad::add(power, ONE)?)
}
