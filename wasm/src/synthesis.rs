//! Step 2: the synthesis, many inferences become one value. This head is the norm for order and rounding; `Verifier.sol`
//! says the same.
//!
//! Method, per epoch (weights are the same for every label):
//! 1. scale: the state's; if that is 0, 1.4826 · MAD + epsilon of the network regrets of the inferers and forecasters present.
//! 2. forecast-implied value of a forecaster (`mix.rs`): over the present inferers that it names, weights (`weights.rs`) from
//!    previous loss - forecast loss; the weighted mean of their values.
//! 3. combined: weights from the network regrets of the present inferers and of the forecasters that have an implied value;
//!    the weighted mean of inferences and implied values.
//! 4. naive: the same from the naive regrets of the present inferers alone.
//! 5. percentiles (`statistics.rs`) of inferences and implied values under the combined weights.
//! 6. sigma: half of the 84.13 % less the 15.87 % percentile, toward zero, or the label's EMA error if that is greater.
//! 7. counterfactuals (`counterfactuals.rs`): the combined value without one inferer, without one forecaster, with one
//!    forecaster alone, and each implied value without one inferer.
//!
//! Order: inferers by seat, then forecasters by seat; no result depends on it.
//! Rounding: a weighted mean (`mean.rs`) is sum(w·x) / max(sum(w), 1e-7), products and sums undivided in 256 bits, one
//! division toward zero; a plain mean is sum(x) / n toward zero.
//! Special cases: a seat without an entry in the regrets has the initial regret. While all are new (no initial regret) means
//! are plain, forecasters have no part in combined values and percentiles, and an implied value is the plain mean of those
//! named. Otherwise without a previous loss there is no implied value; nor for a forecast that names nobody present; one that
//! names one has that inferer's value. With fewer than three distinct values among those that weigh anything, sigma is absent.
//! Elsewhere: the value without outliers (`resistant.rs`) and what an explanation says (`explain.rs`) stand in no row.
//! Accuracy: admissible rows give no error; the weights are within a few units of 1e-18, all else exact but for the division.

use crate::codec::Row;
use crate::counterfactuals::counterfactuals;
use crate::epoch::Epoch;
use crate::error::Result;
use crate::fields::{BySeat, Forecaster};
use crate::int::I256;
use crate::mean::{Parts, Sums, weighted};
use crate::mix::Mix;
use crate::outputs::{Implied, ImpliedValue, Value, Weight, Weights};
use crate::statistics::Distribution;
use crate::wad::{self, ONE, narrow};
use crate::weights::{Rule, scale};
use crate::withheld::Counterfactuals;
use alloc::vec::Vec;

/// In hundredths of a percent: the middle and one and two standard deviations about it.
const PERCENTILES: [u16; 5] = [228, 1587, 5000, 8413, 9772];

/// Output rows from input and state rows: a value per label, the weights, the implied values and the counterfactuals per
/// label.
pub fn infer(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Vec<Vec<u8>>> {
    let epoch = Epoch::read(inputs, state)?;
    let synthesis = Synthesis::new(&epoch)?;
    let labels = synthesis.labels()?;
    let mut rows = synthesis.rows(&labels)?;
    for (label, lists) in (0..).zip(counterfactuals(&synthesis, &labels)?) {
        rows.push(Counterfactuals { label, lists }.encode()?);
    }
    Ok(rows)
}

/// The output rows without the counterfactuals: what the reported number needs, in a fraction of the time.
pub fn values(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Vec<Vec<u8>>> {
    let epoch = Epoch::read(inputs, state)?;
    let synthesis = Synthesis::new(&epoch)?;
    synthesis.rows(&synthesis.labels()?)
}

/// The weights of one epoch, the same for every label.
#[derive(Debug)]
pub struct Synthesis<'a> {
    /// What it is made of.
    pub epoch: &'a Epoch,
    /// The weight rule and the regret of those not seen yet; none while all are new.
    pub known: Option<(Rule, i128)>,
    /// What the forecasts imply, of those that imply anything.
    pub mixes: Vec<Mix>,
    /// Who has a value: the inferers, then the forecasters of `mixes`.
    pub seats: Vec<u8>,
    /// Of the combined value, by their places among `seats`.
    pub combined: Parts,
    /// Of the naive value.
    pub naive: Parts,
}

/// One label's inferences, then its implied values, in the order of the seats.
pub type Label = Vec<I256>;

impl<'a> Synthesis<'a> {
    /// The weights of an epoch.
    pub fn new(epoch: &'a Epoch) -> Result<Self> {
        let initial = epoch.past.regrets.initial_regret;
        let known = initial.map(|initial| Ok((rule(epoch, initial)?, initial))).transpose()?;
        let mut mixes = Vec::new();
        for forecast in &epoch.forecasts {
            mixes.extend(Mix::new(forecast, epoch, known.as_ref().map(|(rule, _)| rule))?);
        }
        let forecasters = mixes.iter().map(|mix| mix.seat);
        let seats = epoch.inferers.iter().copied().chain(forecasters).collect();
        let empty =
            Self { epoch, known, mixes, seats, combined: Parts::new(), naive: Parts::new() };
        let (regrets, places) = (&epoch.past.regrets, (0..empty.seats.len()).collect::<Vec<_>>());
        let inferers = places.get(..empty.inferers()).unwrap_or_default();
        let naive = |seat| regrets.inferers.find(seat).map(|entry| entry.naive);
        Ok(Self {
            combined: empty.parts(&places, &|seat| regrets.network(seat))?,
            naive: empty.parts(inferers, &naive)?,
            ..empty
        })
    }

    /// How many inferers are present.
    pub fn inferers(&self) -> usize {
        self.epoch.inferers.len()
    }

    /// The weights of a value of those at these places. While all are new, of the inferers among them alone.
    pub fn parts(&self, places: &[usize], regret: &dyn Fn(u8) -> Option<i128>) -> Result<Parts> {
        let Some((rule, initial)) = &self.known else {
            let inferers = places.iter().take_while(|place| **place < self.inferers());
            return Ok(inferers.map(|place| (*place, ONE)).collect());
        };
        let of = |place: &usize| {
            let seat = self.seats.get(*place)?;
            Some(I256::from(regret(*seat).unwrap_or(*initial)))
        };
        let regrets: Vec<_> = places.iter().filter_map(of).collect();
        Ok(places.iter().copied().zip(rule.weights(&regrets)?).collect())
    }

    /// The values of each label.
    pub fn labels(&self) -> Result<Vec<Label>> {
        let label = |inferred: &Vec<i128>| {
            let mut values: Label = inferred.iter().map(|value| I256::from_i128(*value)).collect();
            let implied = self.mixes.iter().map(|mix| mix.value(&values));
            let implied = implied.collect::<Result<Vec<_>>>()?;
            values.extend(implied);
            Ok(values)
        };
        self.epoch.values.iter().map(label).collect()
    }

    fn rows(&self, labels: &[Label]) -> Result<Vec<Vec<u8>>> {
        let mut rows = Vec::new();
        for (label, values) in (0..).zip(labels) {
            rows.push(self.value(label, values)?.encode()?);
        }
        rows.push(self.weights()?.encode()?);
        for (label, values) in (0..).zip(labels) {
            rows.push(self.implied(label, values)?.encode()?);
        }
        Ok(rows)
    }

    fn value(&self, label: u16, values: &Label) -> Result<Value> {
        let mean = |parts: &Parts| narrow(Sums::of(parts, values)?.mean()?);
        let distribution = Distribution::new(weighted(&self.combined, values))?;
        let mut percentiles = [0; 5];
        for (percentile, basis_points) in percentiles.iter_mut().zip(PERCENTILES) {
            *percentile = narrow(distribution.percentile(basis_points)?)?;
        }
        Ok(Value {
            label,
            combined: mean(&self.combined)?,
            naive: mean(&self.naive)?,
            sigma: self.sigma(label, &distribution, percentiles)?,
            percentiles,
        })
    }

    fn sigma(
        &self,
        label: u16,
        distribution: &Distribution,
        [_, low, _, high, _]: [i128; 5],
    ) -> Result<Option<i128>> {
        if distribution.distinct() < 3 {
            return Ok(None);
        }
        let half = narrow(wad::sub(high.into(), low.into())?.half())?;
        let errors = self.epoch.past.errors.labels.get(usize::from(label));
        let past = errors.and_then(|errors| errors.ema_error);
        Ok(Some(past.map_or(half, |past| past.max(half))))
    }

    fn weights(&self) -> Result<Weights> {
        let weight = |(place, weight): &(usize, I256)| {
            let seat = self.seats.get(*place)?;
            Some(narrow(*weight).map(|weight| Weight { seat: *seat, weight }))
        };
        let entries = self.combined.iter().filter_map(weight).collect::<Result<_>>()?;
        Ok(Weights { entries: BySeat(entries) })
    }

    fn implied(&self, label: u16, values: &Label) -> Result<Implied> {
        let implied = values.iter().skip(self.inferers());
        let entry = |(mix, value): (&Mix, &I256)| {
            Ok(ImpliedValue { seat: Forecaster(mix.seat), value: narrow(*value)? })
        };
        let entries = self.mixes.iter().zip(implied).map(entry).collect::<Result<_>>()?;
        Ok(Implied { label, entries: BySeat(entries) })
    }
}

/// The epoch's weight rule, with the state's scale or, before there is one, that of the regrets at hand.
fn rule(epoch: &Epoch, initial: i128) -> Result<Rule> {
    let arithmetic = &epoch.parameters.arithmetic;
    let regrets = &epoch.past.regrets;
    let scale = match regrets.scale {
        0 => {
            let forecasters = epoch.forecasts.iter().map(|forecast| forecast.seat.0);
            let present = epoch.inferers.iter().copied().chain(forecasters);
            let network = |seat| regrets.network(seat).unwrap_or(initial).into();
            let present: Vec<_> = present.map(network).collect();
            scale(&present, arithmetic.epsilon.into())?
        }
        stored => stored.into(),
    };
    Ok(Rule {
        p_norm: arithmetic.p_norm.into(),
        c_norm: arithmetic.c_norm.into(),
        scale,
        #[cfg(feature = "v08")]
        v08: (epoch.parameters.weight_rule == crate::weights_v08::RULE)
            .then(|| arithmetic.epsilon.into()),
    })
}
