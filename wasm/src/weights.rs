//! Step 2: weights from regrets, rule 1.
//!
//! Method: with r = regret / scale and m the greatest r, w = f(a, b) = (e^a + 1) / (e^b + 1) where a = -p(m - c) and
//! b = -p(r - c): the slope of the weight function relative to that of the best, who weighs one. f is evaluated in the one
//! of four forms whose exponentials do not overflow.
//! Special cases: no regret at all is an error; an exponential underflows to a weight of zero.
//! Accuracy: each quotient, product and exponential rounds toward zero; a weight is within a few units of 1e-18.

use crate::error::{Error, Result};
use crate::exp::exp;
use crate::int::I256;
use crate::statistics::median_absolute_deviation;
use crate::wad::{self, ONE};
use alloc::vec::Vec;

/// 1.4826: the standard deviation of a normal distribution over its median absolute deviation.
const DEVIATIONS: I256 = I256::from_i128(1_482_600_000_000_000_000);

/// 1.4826 · MAD + epsilon, the product toward zero.
pub fn scale(regrets: &[I256], epsilon: I256) -> Result<I256> {
    wad::add(wad::mul(DEVIATIONS, median_absolute_deviation(regrets)?)?, epsilon)
}

/// What turns regrets into weights in one epoch.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Steepness.
    pub p_norm: I256,
    /// Centre.
    pub c_norm: I256,
    /// Above zero.
    pub scale: I256,
    /// Epsilon, if the weights are those of rule v08 instead.
    #[cfg(feature = "v08")]
    pub v08: Option<I256>,
}

impl Rule {
    /// The weights of actors, from their regrets; the greatest regret weighs one.
    pub fn weights(&self, regrets: &[I256]) -> Result<Vec<I256>> {
        #[cfg(feature = "v08")]
        if let Some(epsilon) = self.v08 {
            return crate::weights_v08::weights(regrets, self.p_norm, self.c_norm, epsilon);
        }
        let exponents =
            regrets.iter().map(|regret| self.exponent(*regret)).collect::<Result<Vec<_>>>()?;
        let best = *exponents.iter().min().ok_or(Error::NoRegrets)?;
        let numerator = Numerator::new(best)?;
        exponents.iter().map(|exponent| numerator.over(*exponent)).collect()
    }

    /// b = -p(r - c).
    fn exponent(&self, regret: I256) -> Result<I256> {
        let centred = wad::sub(wad::div(regret, self.scale)?, self.c_norm)?;
        Ok(wad::mul(self.p_norm, centred)?.wrapping_neg())
    }
}

/// f(a, b) = (e^a + 1) / (e^b + 1).
pub fn ratio(a: I256, b: I256) -> Result<I256> {
    Numerator::new(a)?.over(b)
}

/// The parts of f(a, b) that b has no part in: they are the same for all actors.
struct Numerator {
    a: I256,
    /// e^-|a| + 1.
    one_more: I256,
}

impl Numerator {
    fn new(a: I256) -> Result<Self> {
        let exponential = exp(if a > I256::ZERO { a.wrapping_neg() } else { a })?;
        Ok(Self { a, one_more: wad::add(exponential, ONE)? })
    }

    fn over(&self, b: I256) -> Result<I256> {
        let positive = b > I256::ZERO;
        let power = exp(if positive { b.wrapping_neg() } else { b })?;
        let denominator = wad::add(power, ONE)?;
        let factor = match (self.a > I256::ZERO, positive) {
            (false, false) => ONE,
            (false, true) => power,
            (true, false) => exp(self.a)?,
            (true, true) => exp(wad::sub(self.a, b)?)?,
        };
        wad::mul_div(factor, self.one_more, denominator)
    }
}

/// The weights over their sum.
pub fn normalise(weights: &[I256]) -> Result<Vec<I256>> {
    let total = weights.iter().try_fold(I256::ZERO, |sum, weight| wad::add(sum, *weight))?;
    if total.is_zero() {
        return Err(Error::NoWeight);
    }
    weights.iter().map(|weight| wad::div(*weight, total)).collect()
}
