//! Step 2: what one forecast implies: a mean of the inferences, weighted by what it expects of the inferers.
//!
//! Method: over the inferers named that are present, weights (`weights.rs`) from previous loss - forecast loss; the weighted
//! mean (`mean.rs`) of their values. Without one inferer the same over the others. Their weights are relative to the best, so
//! they are new only where the one withheld was the best alone; elsewhere it is only taken out of the sums.
//! Special cases: while all are new the mean is plain. Otherwise without a previous loss there is none; nor of a forecast that
//! names nobody present, or nobody but the one withheld. Of one inferer it is that one's value.
//! Rounding: that of the weights and that of a mean.

use crate::epoch::Epoch;
use crate::error::Result;
use crate::inputs::Forecast;
use crate::int::I256;
use crate::mean::{Parts, Sums};
use crate::wad::{self, ONE};
use crate::weights::{Actors, Rule};
use alloc::vec::Vec;

/// One forecaster's implied value before the values are known.
#[derive(Debug)]
pub struct Mix {
    /// The forecaster's.
    pub seat: u8,
    /// The inferers named, by their places among those present.
    parts: Parts,
    /// In the order of `parts`; none while all are new.
    actors: Option<Actors>,
}

impl Mix {
    /// What a forecast implies, if anything; without a rule all are new.
    pub fn new(forecast: &Forecast, epoch: &Epoch, rule: Option<&Rule>) -> Result<Option<Self>> {
        let seat = forecast.seat.0;
        let place = |seat: u8| epoch.inferers.binary_search(&seat).ok();
        let named = forecast.entries.0.iter();
        let (places, losses): (Vec<_>, Vec<_>) =
            named.filter_map(|entry| Some((place(entry.seat.0)?, entry.loss))).unzip();
        if places.is_empty() {
            return Ok(None);
        }
        let Some(rule) = rule else {
            let parts = places.into_iter().map(|place| (place, ONE)).collect();
            return Ok(Some(Self { seat, parts, actors: None }));
        };
        let Some(previous) = epoch.past.regrets.previous_loss else {
            return Ok(None);
        };
        let regret = |loss: i128| wad::sub(previous.into(), loss.into());
        let regrets = losses.into_iter().map(regret).collect::<Result<Vec<_>>>()?;
        let actors = rule.actors(&regrets)?;
        let parts = places.into_iter().zip(actors.weights()?).collect();
        Ok(Some(Self { seat, parts, actors: Some(actors) }))
    }

    /// The implied value of one label, from the inferers' values.
    pub fn value(&self, values: &[I256]) -> Result<I256> {
        Sums::of(&self.parts, values)?.mean()
    }

    /// The implied values without one inferer.
    pub fn withheld(&self) -> Result<Withheld<'_>> {
        let others = |at: usize| {
            let Some(weights) = self.actors.as_ref().map(|actors| actors.weights_without(at))
            else {
                return Ok(None);
            };
            let places = (0..).zip(&self.parts).filter(|(other, _)| *other != at);
            let places = places.map(|(_, (place, _))| *place);
            Ok(weights?.map(|weights| places.zip(weights).collect()))
        };
        let others = (0..self.parts.len()).map(others).collect::<Result<_>>()?;
        Ok(Withheld { mix: self, others })
    }
}

/// One forecaster's implied values without one inferer, before the values are known.
#[derive(Debug)]
pub struct Withheld<'a> {
    mix: &'a Mix,
    /// In the order of the mix' parts: the other parts, if their weights are not the same as with it.
    others: Vec<Option<Parts>>,
}

impl Withheld<'_> {
    /// Whether there is one without the inferer at this place.
    pub fn has(&self, place: usize) -> bool {
        self.mix.parts.iter().any(|(named, _)| *named != place)
    }

    /// Of one label, for each inferer present: without it.
    pub fn values(&self, values: &[I256]) -> Result<Vec<Option<I256>>> {
        let sums = Sums::of(&self.mix.parts, values)?;
        let whole = sums.mean()?;
        let mut without: Vec<_> = values.iter().map(|_| Some(whole)).collect();
        for ((place, weight), others) in self.mix.parts.iter().zip(&self.others) {
            let (Some(value), Some(slot)) = (values.get(*place), without.get_mut(*place)) else {
                continue;
            };
            let sums = match others {
                Some(others) => Sums::of(others, values)?,
                None => sums.without(*value, *weight)?,
            };
            *slot = if self.has(*place) { Some(sums.mean()?) } else { None };
        }
        Ok(without)
    }
}
