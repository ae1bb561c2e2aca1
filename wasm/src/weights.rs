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
        self.actors(regrets)?.weights()
    }

    /// Actors with these regrets.
    pub fn actors(&self, regrets: &[I256]) -> Result<Actors> {
        let actor = |regret: &I256| Actor::new(self.exponent(*regret)?);
        let entries = regrets.iter().map(actor).collect::<Result<Vec<_>>>()?;
        Ok(Actors {
            best: best(&entries).ok_or(Error::NoRegrets)?,
            entries,
            #[cfg(feature = "v08")]
            v08: self.v08.is_some().then(|| (*self, regrets.to_vec())),
        })
    }

    /// r = regret / scale.
    pub fn normalised(&self, regret: I256) -> Result<I256> {
        wad::div(regret, self.scale)
    }

    /// b = -p(r - c).
    pub fn exponent(&self, regret: I256) -> Result<I256> {
        let centred = wad::sub(self.normalised(regret)?, self.c_norm)?;
        Ok(wad::mul(self.p_norm, centred)?.wrapping_neg())
    }
}

/// The actors of one mean; what of their weights does not depend on who the best is, is computed once.
#[derive(Clone, Debug)]
pub struct Actors {
    entries: Vec<Actor>,
    best: Actor,
    #[cfg(feature = "v08")]
    v08: Option<(Rule, Vec<I256>)>,
}

impl Actors {
    /// Their weights.
    pub fn weights(&self) -> Result<Vec<I256>> {
        #[cfg(feature = "v08")]
        if let Some((rule, regrets)) = &self.v08 {
            return rule.weights_v08(regrets);
        }
        relative(&self.entries, self.best)
    }

    /// The weights of the others without one of them, if they are not the same as with it.
    pub fn weights_without(&self, at: usize) -> Result<Option<Vec<I256>>> {
        #[cfg(feature = "v08")]
        if let Some((rule, regrets)) = &self.v08 {
            let others = without(regrets, at);
            return if others.is_empty() { Ok(None) } else { rule.weights_v08(&others).map(Some) };
        }
        if self.entries.get(at).is_none_or(|one| one.exponent > self.best.exponent) {
            return Ok(None);
        }
        let others = without(&self.entries, at);
        match best(&others) {
            Some(next) if next.exponent > self.best.exponent => relative(&others, next).map(Some),
            _ => Ok(None),
        }
    }
}

/// One actor's b, and e^-|b|.
#[derive(Clone, Copy, Debug)]
struct Actor {
    exponent: I256,
    power: I256,
}

impl Actor {
    fn new(exponent: I256) -> Result<Self> {
        let power = exp(if exponent > I256::ZERO { exponent.wrapping_neg() } else { exponent })?;
        Ok(Self { exponent, power })
    }
}

/// Whose exponent is the least.
fn best(actors: &[Actor]) -> Option<Actor> {
    actors.iter().copied().min_by_key(|actor| actor.exponent)
}

/// Weights relative to the best.
fn relative(actors: &[Actor], best: Actor) -> Result<Vec<I256>> {
    let numerator = Numerator::new(best)?;
    actors.iter().map(|actor| numerator.over(actor)).collect()
}

fn without<T: Clone>(all: &[T], at: usize) -> Vec<T> {
    let others = (0..).zip(all).filter(|(other, _)| *other != at);
    others.map(|(_, entry)| entry.clone()).collect()
}

#[cfg(feature = "v08")]
impl Rule {
    fn weights_v08(&self, regrets: &[I256]) -> Result<Vec<I256>> {
        let epsilon = self.v08.unwrap_or_default();
        crate::weights_v08::weights(regrets, self.p_norm, self.c_norm, epsilon)
    }
}

/// f(a, b) = (e^a + 1) / (e^b + 1).
pub fn ratio(a: I256, b: I256) -> Result<I256> {
    Numerator::new(Actor::new(a)?)?.over(&Actor::new(b)?)
}

/// The parts of f(a, b) that b has no part in: they are the same for all actors.
struct Numerator {
    a: I256,
    /// e^-|a| + 1.
    one_more: I256,
}

impl Numerator {
    fn new(best: Actor) -> Result<Self> {
        Ok(Self { a: best.exponent, one_more: wad::add(best.power, ONE)? })
    }

    fn over(&self, Actor { exponent: b, power }: &Actor) -> Result<I256> {
        let factor = match (self.a > I256::ZERO, *b > I256::ZERO) {
            (false, false) => ONE,
            (false, true) => *power,
            (true, false) => exp(self.a)?,
            (true, true) => exp(wad::sub(self.a, *b)?)?,
        };
        wad::mul_div(factor, self.one_more, wad::add(*power, ONE)?)
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
