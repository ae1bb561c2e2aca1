//! Step 2: input and state rows become an epoch that the arithmetic cannot fail on.
//!
//! What is admitted here is what the norm calls admissible: rows complete and in order, parameters in bounds, seats within
//! the topic's, every label with the same seats, values in the topic's range, losses within ±1000.

use crate::codec::Rows;
use crate::error::{Error, Result};
use crate::fields::Seated;
use crate::inputs::{
    Forecast, Inferences, MAX_REGISTRATIONS, Registration, Registrations, Signatures,
};
use crate::parameters::Parameters;
use crate::past::Past;
use crate::wad::ONE;
use alloc::vec::Vec;

/// A forecast loss is a log10: of a squared error it lies within ±36.
const WIDEST_LOSS: i128 = 1_000_000_000_000_000_000_000;

/// One epoch's inputs and the state that it starts from.
#[derive(Debug)]
pub struct Epoch {
    /// The topic's.
    pub parameters: Parameters,
    /// The inferers present, ascending.
    pub inferers: Vec<u8>,
    /// Each label's values, in the order of `inferers`.
    pub values: Vec<Vec<i128>>,
    /// In the order of the forecasters' seats.
    pub forecasts: Vec<Forecast>,
    /// What the earlier epochs left.
    pub past: Past,
}

impl Epoch {
    /// Reads and admits.
    pub fn read(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Self> {
        let mut inputs = Rows(inputs);
        let parameters: Parameters = inputs.one()?;
        parameters.admit()?;
        let labels = inputs.per_label(parameters.label_count, |row: &Inferences| row.label)?;
        let forecasts = inputs.all::<Forecast>()?;
        inputs.one::<Signatures>()?;
        registrations(&mut inputs)?;
        inputs.end()?;

        let past = Past::read(state, &parameters)?;
        admit_forecasts(&forecasts, &parameters)?;
        let (inferers, values) = admit_inferences(&labels, &parameters)?;
        Ok(Self { parameters, inferers, values, forecasts, past })
    }

    /// Drops the inferers that are not to stay; `stays` has one flag for each.
    pub fn keep(&mut self, stays: &[bool]) {
        self.inferers = chosen(&self.inferers, stays);
        for values in &mut self.values {
            *values = chosen(values, stays);
        }
    }
}

fn chosen<T: Copy>(all: &[T], stays: &[bool]) -> Vec<T> {
    all.iter().zip(stays).filter(|(_, stays)| **stays).map(|(entry, _)| *entry).collect()
}

/// The next rows, numbered, every one but the last full.
pub fn registrations(rows: &mut Rows<'_>) -> Result<Vec<Registration>> {
    let rows: Vec<Registrations> = rows.all()?;
    let numbered = rows.iter().zip(0..).all(|(row, number)| row.number == number);
    let filled = rows.iter().rev().skip(1).all(|row| row.entries.len() == MAX_REGISTRATIONS);
    if numbered && filled {
        Ok(rows.into_iter().flat_map(|row| row.entries).collect())
    } else {
        Err(Error::RowsOutOfOrder)
    }
}

/// The seats, ascending, and each label's values in their order.
pub fn admit_inferences(
    labels: &[Inferences],
    parameters: &Parameters,
) -> Result<(Vec<u8>, Vec<Vec<i128>>)> {
    let arithmetic = &parameters.arithmetic;
    let first = labels.first().ok_or(Error::NoInferences)?;
    let inferers: Vec<u8> = first.entries.0.iter().map(Seated::seat).collect();
    if inferers.is_empty() && labels.iter().all(|row| row.entries.0.is_empty()) {
        return Err(Error::NoInferences);
    }
    if !inferers.iter().all(|seat| parameters.seating.has(*seat)) {
        return Err(Error::SeatOutOfRange);
    }
    let mut sums = alloc::vec![0i128; inferers.len()];
    let mut values = Vec::with_capacity(labels.len());
    for row in labels {
        if !row.entries.0.iter().map(Seated::seat).eq(inferers.iter().copied()) {
            return Err(Error::SeatsDiffer);
        }
        for (sum, entry) in sums.iter_mut().zip(&row.entries.0) {
            if !(arithmetic.minimum..=arithmetic.maximum).contains(&entry.value) {
                return Err(Error::OutOfRange);
            }
            *sum = sum.checked_add(entry.value).ok_or(Error::Overflow)?;
        }
        values.push(row.entries.0.iter().map(|entry| entry.value).collect());
    }
    let one = ONE.to_i128().ok_or(Error::Overflow)?;
    let unity = |sum: &i128| {
        i128::try_from(sum.abs_diff(one)).is_ok_and(|off| off <= arithmetic.unity_tolerance)
    };
    if arithmetic.require_unity && !sums.iter().all(unity) {
        return Err(Error::NotUnity);
    }
    Ok((inferers, values))
}

/// Ascending, on the topic's seats, with losses in bounds.
pub fn admit_forecasts(forecasts: &[Forecast], parameters: &Parameters) -> Result<()> {
    if !forecasts.iter().is_sorted_by(|a, b| a.seat.0 < b.seat.0) {
        return Err(Error::RowsOutOfOrder);
    }
    let seating = &parameters.seating;
    for forecast in forecasts {
        let within = seating.has(forecast.seat.0)
            && forecast.entries.0.iter().all(|entry| seating.has(entry.seat.0));
        if !within {
            return Err(Error::SeatOutOfRange);
        }
        let bounded = |loss: i128| (-WIDEST_LOSS..=WIDEST_LOSS).contains(&loss);
        if !forecast.entries.0.iter().all(|entry| bounded(entry.loss)) {
            return Err(Error::LossOutOfRange);
        }
    }
    Ok(())
}
