//! Step 2: input and state rows become an epoch that the arithmetic cannot fail on.
//!
//! What is admitted here is what the norm calls admissible: rows complete and in order, parameters in bounds, seats within
//! the topic's, every label with the same seats, values in the topic's range, losses within ±1000.

use crate::codec::Row;
use crate::error::{Error, Result};
use crate::fields::Seated;
use crate::inputs::{Forecast, Inferences, MAX_REGISTRATIONS, Registrations, Signatures};
use crate::parameters::Parameters;
use crate::state::{Errors, Regrets, Seats, Version};
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
    /// What the value needs of the past.
    pub regrets: Regrets,
    /// How far off the past values were.
    pub errors: Errors,
}

impl Epoch {
    /// Reads and admits.
    pub fn read(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Self> {
        let mut inputs = Rows(inputs);
        let parameters: Parameters = inputs.one()?;
        parameters.admit()?;
        let labels = (0..parameters.label_count)
            .map(|label| inputs.one::<Inferences>().and_then(|row| placed(row, label)))
            .collect::<Result<Vec<_>>>()?;
        let forecasts = inputs.all::<Forecast>()?;
        inputs.one::<Signatures>()?;
        in_parts(&inputs.all()?)?;
        inputs.end()?;

        let mut state = Rows(state);
        state.one::<Version>()?;
        let seats: Seats = state.one()?;
        let regrets: Regrets = state.one()?;
        let errors: Errors = state.one()?;
        state.end()?;

        admit_forecasts(&forecasts, &parameters)?;
        admit_state(&seats, &regrets, &errors, &parameters)?;
        let (inferers, values) = admit_inferences(&labels, &parameters)?;
        Ok(Self { parameters, inferers, values, forecasts, regrets, errors })
    }
}

/// The rows of a list that have not been read yet.
struct Rows<'a>(&'a [&'a [u8]]);

impl Rows<'_> {
    fn next_is<T: Row>(&self) -> bool {
        self.0.first().is_some_and(|row| row.first() == Some(&T::KIND))
    }

    fn one<T: Row>(&mut self) -> Result<T> {
        let Some((row, rest)) = self.0.split_first().filter(|_| self.next_is::<T>()) else {
            return Err(Error::RowsOutOfOrder);
        };
        self.0 = rest;
        T::decode(row)
    }

    fn all<T: Row>(&mut self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        while self.next_is::<T>() {
            rows.push(self.one()?);
        }
        Ok(rows)
    }

    fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::RowsOutOfOrder) }
    }
}

fn placed(row: Inferences, label: u16) -> Result<Inferences> {
    if row.label == label { Ok(row) } else { Err(Error::RowsOutOfOrder) }
}

/// Registrations stand in numbered rows, every one but the last full.
fn in_parts(rows: &[Registrations]) -> Result<()> {
    let numbered = rows.iter().zip(0..).all(|(row, number)| row.number == number);
    let filled = rows.iter().rev().skip(1).all(|row| row.entries.len() == MAX_REGISTRATIONS);
    if numbered && filled { Ok(()) } else { Err(Error::RowsOutOfOrder) }
}

fn admit_inferences(
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

fn admit_forecasts(forecasts: &[Forecast], parameters: &Parameters) -> Result<()> {
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

fn admit_state(
    seats: &Seats,
    regrets: &Regrets,
    errors: &Errors,
    parameters: &Parameters,
) -> Result<()> {
    let seating = &parameters.seating;
    let mut named = (seats.entries.0.iter().map(Seated::seat))
        .chain(regrets.inferers.0.iter().map(Seated::seat))
        .chain(regrets.forecasters.0.iter().map(Seated::seat));
    if !named.all(|seat| seating.has(seat)) {
        return Err(Error::SeatOutOfRange);
    }
    let negative = |value: Option<i128>| value.is_some_and(i128::is_negative);
    let fits = !regrets.scale.is_negative()
        && errors.labels.len() == usize::from(parameters.label_count)
        && !errors.labels.iter().any(|label| negative(label.ema_error) || negative(label.mad));
    if fits { Ok(()) } else { Err(Error::StateOutOfRange) }
}
