//! Step 6: the settlement, by which a topic learns. This head is the norm for order and rounding.
//!
//! Method, per epoch:
//! 1. registrations since the settlement before move workers in and out of seats (`seating.rs`); whoever is new on a seat has
//!    neither regrets nor inclusions. An epoch that was missed is done here, but for its count.
//! 2. the settled truth (`truth.rs`), and the losses against it (`losses.rs`) of the reported value, the reported naive value,
//!    each inferer, each forecaster's implied value and each counterfactual value.
//! 3. new regrets (`regrets.rs`) of those of them that still hold the seat on which they took part; the others' stay. Their
//!    scale, the initial regret; one more inclusion each. The tables of regrets against the counterfactual values
//!    (`tables.rs`), from the initial regret as it was before.
//! 4. per label: the error's moving average of |truth - value|; the median of the inferences and their MAD, smoothed
//!    (`resistant.rs`) to 0.2 · MAD + 0.8 · the one before.
//! 5. the quality (`quality.rs`); the previous loss is that of the reported value.
//!
//! Order: inferers by seat, then forecasters by seat; no result depends on it.
//! Rounding: stated in the files named; moving averages are one product sum and one division toward zero.
//! Special cases: a moving average starts with the first value itself, but a regret from the initial regret; a MAD of 0 is
//! replaced and not averaged.
//! Accuracy: admissible rows give no error, unless truths of two thirds of the stake are missing.

use crate::codec::Row;
use crate::error::{Error, Result};
use crate::fields::{BySeat, Seated};
use crate::int::I256;
use crate::losses::{Measure, distance};
use crate::outcome::{Outcome, Told};
use crate::parameters::Arithmetic;
use crate::past::Past;
use crate::quality::rolled;
use crate::regrets;
use crate::resistant::smoothed;
use crate::seating::Room;
use crate::settlement::{LossOf, Losses, SettledTruth};
use crate::state::LabelErrors;
use crate::statistics::{median, median_absolute_deviation};
use crate::tables;
use crate::wad::narrow;
use crate::withheld::{CounterfactualLosses, Lists};
use alloc::vec::Vec;

/// What a settlement leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Settled truth and losses; none if the epoch was missed.
    pub outputs: Vec<Vec<u8>>,
    /// The state rows.
    pub state: Vec<Vec<u8>>,
}

/// Output and new state rows from input and state rows.
pub fn settle(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Settlement> {
    let Outcome { parameters, registrations, told, mut past } = Outcome::read(inputs, state)?;
    let mut room = Room::new(past.seats.clone(), &parameters.seating);
    for registration in &registrations {
        room.take_up(registration);
    }
    forget(&mut past, &room);
    past.seats = room.into_seats();
    let outputs = match &told {
        None => {
            past.quality.miss();
            Vec::new()
        }
        Some(told) => {
            let arithmetic = &parameters.arithmetic;
            let floor = arithmetic.loss_floor.into();
            let measure = Measure { method: parameters.loss_method, floor, truth: &told.truth };
            let losses = losses(told, &measure)?;
            let lists = counterfactual_losses(told, &measure)?;
            learn(&mut past, told, &losses, &lists, arithmetic)?;
            let truth = told.truth.iter().copied().map(narrow).collect::<Result<_>>()?;
            Vec::from([
                SettledTruth { labels: truth }.encode()?,
                losses.encode()?,
                CounterfactualLosses { lists }.encode()?,
            ])
        }
    };
    Ok(Settlement { outputs, state: past.encode()? })
}

/// The word in which a settlement says how good its topic's values have been: from its input rows, and the state rows that it
/// left.
pub fn quality(inputs: &[&[u8]], state: &[&[u8]]) -> Result<[u8; 32]> {
    let Outcome { told, past, .. } = Outcome::read(inputs, state)?;
    let workers = told.map_or(0, |told| told.inferers);
    u8::try_from(workers).map(|workers| past.quality.word(workers)).map_err(|_| Error::Overflow)
}

/// What is known of a seat goes with whoever leaves it.
fn forget(past: &mut Past, room: &Room<'_>) {
    let before = &past.seats.seated;
    let stays = |seat: u8| before.find(seat).is_some() && !room.was_vacated(seat);
    past.regrets.inferers.0.retain(|entry| stays(entry.seat()));
    past.regrets.forecasters.0.retain(|entry| stays(entry.seat()));
    past.inclusions.entries.0.retain(|entry| stays(entry.seat()));
    tables::forget(&mut past.one_out, stays);
    tables::forget(&mut past.one_in, stays);
}

fn losses(told: &Told, measure: &Measure<'_>) -> Result<Losses> {
    let loss = |values: Vec<I256>| measure.loss(&values).and_then(narrow);
    let reported = told.reported.iter();
    let own = |(at, seat): (usize, &u8)| {
        let values = told.labels.iter().filter_map(|label| label.get(at).copied());
        Ok(LossOf { seat: *seat, loss: loss(values.collect())? })
    };
    Ok(Losses {
        combined: loss(reported.clone().map(|value| value.combined.into()).collect())?,
        naive: loss(reported.map(|value| value.naive.into()).collect())?,
        entries: BySeat(told.seats.iter().enumerate().map(own).collect::<Result<_>>()?),
    })
}

/// Losses in the place of the values; the lists of all labels are about the same.
fn counterfactual_losses(told: &Told, measure: &Measure<'_>) -> Result<Lists> {
    let mut losses = told.counterfactuals.first().cloned().unwrap_or_default();
    for (at, entry) in losses.0.iter_mut().enumerate() {
        let labels = told.counterfactuals.iter().filter_map(|lists| lists.0.get(at));
        let values: Vec<_> = labels.map(|entry| I256::from_i128(entry.value)).collect();
        entry.value = narrow(measure.loss(&values)?)?;
    }
    Ok(losses)
}

/// The state after an epoch's losses; seats and what was known of those that left are settled already.
fn learn(
    past: &mut Past,
    told: &Told,
    losses: &Losses,
    lists: &Lists,
    arithmetic: &Arithmetic,
) -> Result<()> {
    regrets::learn(past, told, losses, lists, arithmetic)?;
    let alpha = arithmetic.alpha_error.into();
    for (at, label) in past.errors.labels.iter_mut().enumerate() {
        learn_errors(label, told, at, alpha)?;
    }
    past.regrets.previous_loss = Some(losses.combined);
    past.quality.lose(losses.combined.into(), losses.naive.into(), alpha)?;
    past.quality.cover(&told.reported, &told.truth, alpha)
}

fn learn_errors(label: &mut LabelErrors, told: &Told, at: usize, alpha: I256) -> Result<()> {
    let (Some(reported), Some(truth)) = (told.reported.get(at), told.truth.get(at)) else {
        return Ok(());
    };
    let error = distance(*truth, reported.combined.into())?;
    label.ema_error = Some(rolled(alpha, error, label.ema_error)?);
    let values = told.labels.get(at).and_then(|values| values.get(..told.inferers));
    let values = values.unwrap_or_default();
    label.last_median = Some(narrow(median(values)?)?);
    let deviation = median_absolute_deviation(values)?;
    label.mad = Some(smoothed(deviation, label.mad)?);
    Ok(())
}
