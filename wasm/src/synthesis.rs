//! Step 2: the synthesis, many inferences become one value. This head is the norm for order and rounding; `Verifier.sol`
//! says the same.
//!
//! Method, per epoch (weights are the same for every label):
//! 1. scale: the state's; if that is 0, 1.4826 · MAD + epsilon of the network regrets of the inferers and forecasters present.
//! 2. forecast-implied value of a forecaster: over the present inferers that it names, weights (`weights.rs`) from previous
//!    loss - forecast loss; the weighted mean of their values.
//! 3. combined: weights from the network regrets of the present inferers and of the forecasters that have an implied value;
//!    the weighted mean of inferences and implied values.
//! 4. naive: the same from the naive regrets of the present inferers alone.
//! 5. percentiles (`statistics.rs`) of inferences and implied values under the combined weights.
//! 6. sigma: half of the 84.13 % less the 15.87 % percentile, toward zero, or the label's EMA error if that is greater.
//!
//! Order: inferers by seat, then forecasters by seat; no result depends on it.
//! Rounding: a weighted mean is sum(w·x) / max(sum(w), 1e-7), products and sums undivided in 256 bits, one division toward
//! zero; a plain mean is sum(x) / n toward zero.
//! Special cases: a seat without an entry in the regrets has the initial regret. While all are new (no initial regret) means
//! are plain, forecasters have no part in combined values and percentiles, and an implied value is the plain mean of those
//! named. Otherwise without a previous loss there is no implied value; nor for a forecast that names nobody present; one that
//! names one has that inferer's value. With fewer than three distinct values among those that weigh anything, sigma is absent.
//! Accuracy: admissible rows give no error; the weights are within a few units of 1e-18, all else exact but for the division.

use crate::codec::Row;
use crate::epoch::Epoch;
use crate::error::{Error, Result};
use crate::fields::BySeat;
use crate::inputs::Forecast;
use crate::int::I256;
use crate::outputs::{Implied, ImpliedValue, Value, Weight, Weights};
use crate::state::InfererRegret;
use crate::statistics::Distribution;
use crate::wad::{self, ONE};
use crate::weights::{Rule, scale};
use alloc::vec::Vec;

/// 1e-7: what a sum of weights counts as at least.
const EPSILON_SAFE_DIV: I256 = I256::from_i128(100_000_000_000);
/// In hundredths of a percent: the middle and one and two standard deviations about it.
const PERCENTILES: [u16; 5] = [228, 1587, 5000, 8413, 9772];

/// Output rows from input and state rows: a value per label, the weights, the implied values per label.
pub fn infer(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Vec<Vec<u8>>> {
    let epoch = Epoch::read(inputs, state)?;
    let synthesis = Synthesis::new(&epoch)?;
    let labels: Vec<_> = epoch.values.iter().map(|values| widened(values)).collect();
    let implied =
        labels.iter().map(|values| synthesis.implied(values)).collect::<Result<Vec<_>>>()?;

    let mut rows = Vec::new();
    for ((label, values), implied) in (0..).zip(&labels).zip(&implied) {
        rows.push(synthesis.value(label, values, implied)?.encode()?);
    }
    rows.push(synthesis.weights_row()?.encode()?);
    for (label, implied) in (0..).zip(&implied) {
        rows.push(synthesis.implied_row(label, implied)?.encode()?);
    }
    Ok(rows)
}

/// The weights of one epoch, the same for every label.
struct Synthesis<'a> {
    epoch: &'a Epoch,
    /// Of the combined value: inferers, then, unless all are new, the forecasters that have an implied value.
    combined: Vec<I256>,
    /// Of the naive value.
    naive: Vec<I256>,
    /// The forecasters that have an implied value.
    forecasters: Vec<Mix<'a>>,
}

/// One forecaster's implied value before the values are known: the inferers' weights, by their place among those present.
struct Mix<'a> {
    forecast: &'a Forecast,
    weights: Vec<(usize, I256)>,
}

impl<'a> Synthesis<'a> {
    fn new(epoch: &'a Epoch) -> Result<Self> {
        let Some(initial) = epoch.past.regrets.initial_regret else {
            let mixes = epoch.forecasts.iter().map(|forecast| Mix::plain(forecast, epoch));
            let equal: Vec<_> = epoch.inferers.iter().map(|_| ONE).collect();
            return Ok(Self {
                epoch,
                combined: equal.clone(),
                naive: equal,
                forecasters: mixes.filter(Mix::names_some).collect(),
            });
        };
        let initial = I256::from_i128(initial);
        let of_inferers = |regret: fn(&InfererRegret) -> i128| -> Vec<I256> {
            let entry = |seat: &u8| epoch.past.regrets.inferers.find(*seat);
            let known = |seat| entry(seat).map_or(initial, |entry| regret(entry).into());
            epoch.inferers.iter().map(known).collect()
        };
        let of_forecaster = |forecast: &Forecast| {
            let entry = epoch.past.regrets.forecasters.find(forecast.seat.0);
            entry.map_or(initial, |entry| entry.network.into())
        };
        let mut network = of_inferers(|entry| entry.network);
        let rule = rule(epoch, &network, epoch.forecasts.iter().map(of_forecaster))?;
        let mut forecasters = Vec::new();
        for forecast in &epoch.forecasts {
            forecasters.extend(Mix::weighted(forecast, epoch, &rule)?);
        }
        network.extend(forecasters.iter().map(|mix| of_forecaster(mix.forecast)));
        Ok(Self {
            epoch,
            combined: rule.weights(&network)?,
            naive: rule.weights(&of_inferers(|entry| entry.naive))?,
            forecasters,
        })
    }

    /// The implied values of one label, in the order of `forecasters`.
    fn implied(&self, values: &[I256]) -> Result<Vec<I256>> {
        let value = |mix: &Mix<'_>| {
            let weighted = |(place, weight): &(usize, I256)| Some((*values.get(*place)?, *weight));
            weighted_mean(mix.weights.iter().filter_map(weighted))
        };
        self.forecasters.iter().map(value).collect()
    }

    fn value(&self, label: u16, values: &[I256], implied: &[I256]) -> Result<Value> {
        // While all are new there are as many weights as inferers, so the implied values fall away.
        let weighted = || values.iter().chain(implied).copied().zip(self.combined.iter().copied());
        let naive = values.iter().copied().zip(self.naive.iter().copied());
        let distribution = Distribution::new(weighted())?;
        let mut percentiles = [0; 5];
        for (percentile, basis_points) in percentiles.iter_mut().zip(PERCENTILES) {
            *percentile = narrow(distribution.percentile(basis_points)?)?;
        }
        Ok(Value {
            label,
            combined: narrow(weighted_mean(weighted())?)?,
            naive: narrow(weighted_mean(naive)?)?,
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

    fn weights_row(&self) -> Result<Weights> {
        let inferers = self.epoch.inferers.iter().copied();
        let forecasters = self.forecasters.iter().map(|mix| mix.forecast.seat.0);
        let entries = inferers
            .chain(forecasters)
            .zip(&self.combined)
            .map(|(seat, weight)| Ok(Weight { seat, weight: narrow(*weight)? }))
            .collect::<Result<_>>()?;
        Ok(Weights { entries: BySeat(entries) })
    }

    fn implied_row(&self, label: u16, implied: &[I256]) -> Result<Implied> {
        let entries = self
            .forecasters
            .iter()
            .zip(implied)
            .map(|(mix, value)| {
                Ok(ImpliedValue { seat: mix.forecast.seat, value: narrow(*value)? })
            })
            .collect::<Result<_>>()?;
        Ok(Implied { label, entries: BySeat(entries) })
    }
}

impl<'a> Mix<'a> {
    /// The named inferers that are present: their places among those, and their forecast losses.
    fn named(forecast: &'a Forecast, epoch: &Epoch) -> Vec<(usize, i128)> {
        let place = |seat: u8| epoch.inferers.binary_search(&seat).ok();
        let entries = forecast.entries.0.iter();
        entries.filter_map(|entry| Some((place(entry.seat.0)?, entry.loss))).collect()
    }

    fn plain(forecast: &'a Forecast, epoch: &Epoch) -> Self {
        let named = Self::named(forecast, epoch);
        Self { forecast, weights: named.into_iter().map(|(place, _)| (place, ONE)).collect() }
    }

    fn names_some(&self) -> bool {
        !self.weights.is_empty()
    }

    fn weighted(forecast: &'a Forecast, epoch: &Epoch, rule: &Rule) -> Result<Option<Self>> {
        let Some(previous) = epoch.past.regrets.previous_loss else {
            return Ok(None);
        };
        let named = Self::named(forecast, epoch);
        if named.is_empty() {
            return Ok(None);
        }
        let regrets = named
            .iter()
            .map(|(_, loss)| wad::sub(previous.into(), (*loss).into()))
            .collect::<Result<Vec<_>>>()?;
        // The one named weighs one, so its value comes out as it is.
        let weights = rule.weights(&regrets)?;
        let places = named.into_iter().map(|(place, _)| place);
        Ok(Some(Self { forecast, weights: places.zip(weights).collect() }))
    }
}

fn rule(epoch: &Epoch, inferers: &[I256], forecasters: impl Iterator<Item = I256>) -> Result<Rule> {
    let arithmetic = &epoch.parameters.arithmetic;
    let scale = match epoch.past.regrets.scale {
        0 => {
            let regrets: Vec<_> = inferers.iter().copied().chain(forecasters).collect();
            scale(&regrets, arithmetic.epsilon.into())?
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

/// sum(w·x) / max(sum(w), 1e-7), toward zero. With equal weights it is the plain mean: numerator and denominator are both
/// multiples of 1e18, so the quotient and its rounding are those of sum(x) / n.
fn weighted_mean(weighted: impl Iterator<Item = (I256, I256)>) -> Result<I256> {
    let (mut products, mut weights) = (I256::ZERO, I256::ZERO);
    for (value, weight) in weighted {
        let product = value.checked_mul(weight).ok_or(Error::Overflow)?;
        products = wad::add(products, product)?;
        weights = wad::add(weights, weight)?;
    }
    products.checked_div(weights.max(EPSILON_SAFE_DIV)).ok_or(Error::NoWeight)
}

fn widened(values: &[i128]) -> Vec<I256> {
    values.iter().map(|value| I256::from_i128(*value)).collect()
}

fn narrow(value: I256) -> Result<i128> {
    value.to_i128().ok_or(Error::Overflow)
}
