//! Step 6: input and state rows become what came of an epoch, which the arithmetic cannot fail on.
//!
//! What is admitted: what `epoch.rs` admits of a report's inputs; reported, implied and counterfactual values in the topic's
//! range, implied ones of seats that forecast, counterfactual ones of seats that have a value; truths of two thirds of the electorate's stake; an owner of every seat that took part; no pot.

use crate::codec::Rows;
use crate::epoch::{admit_forecasts, admit_inferences, registrations};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Seated};
use crate::inputs::{Forecast, Inferences, Registration};
use crate::int::I256;
use crate::outputs::{Implied, Value};
use crate::parameters::Parameters;
use crate::past::Past;
use crate::settlement::{Electorate, Pot, Roster, TruthSignatures, Truths};
use crate::state::SeatOwner;
use crate::truth::Ballot;
use crate::withheld::{Counterfactuals, Entry, List, Lists};
use alloc::vec::Vec;

/// What came of an epoch, and the state before it.
#[derive(Debug)]
pub struct Outcome {
    /// The topic's.
    pub parameters: Parameters,
    /// Since the settlement before.
    pub registrations: Vec<Registration>,
    /// None if the epoch was missed.
    pub told: Option<Told>,
    /// What the earlier epochs left.
    pub past: Past,
}

/// What was said about an epoch, and what came true.
#[derive(Debug)]
pub struct Told {
    /// The inferers' seats, then those of the forecasters that had an implied value; ascending.
    pub seats: Vec<u8>,
    /// How many of them are inferers.
    pub inferers: usize,
    /// Each label's inferences and implied values, in the order of `seats`.
    pub labels: Vec<Vec<I256>>,
    /// The counterfactual values of each label, about the same participants.
    pub counterfactuals: Vec<Lists>,
    /// What was reported, one a label.
    pub reported: Vec<Value>,
    /// The settled truth, one a label.
    pub truth: Vec<I256>,
    /// Who sat where.
    pub roster: BySeat<SeatOwner>,
}

impl Outcome {
    /// Reads and admits. Only a missed epoch has no inferences, and nothing but parameters and registrations.
    pub fn read(inputs: &[&[u8]], state: &[&[u8]]) -> Result<Self> {
        let mut inputs = Rows(inputs);
        let parameters: Parameters = inputs.one()?;
        parameters.admit()?;
        let past = Past::read(state, &parameters)?;
        let (registrations, told) = if inputs.next_is::<Inferences>() {
            let (registrations, told) = told(&mut inputs, &parameters)?;
            (registrations, Some(told))
        } else {
            (registrations(&mut inputs)?, None)
        };
        inputs.end()?;
        Ok(Self { parameters, registrations, told, past })
    }
}

fn told(inputs: &mut Rows<'_>, parameters: &Parameters) -> Result<(Vec<Registration>, Told)> {
    let labels = parameters.label_count;
    let inferences = inputs.per_label(labels, |row: &Inferences| row.label)?;
    let forecasts: Vec<Forecast> = inputs.all()?;
    let registrations = registrations(inputs)?;
    let electorate: Electorate = inputs.one()?;
    let truths = inputs.per_label(labels, |row: &Truths| row.label)?;
    let signatures: TruthSignatures = inputs.one()?;
    let pot: Pot = inputs.one()?;
    let Roster { entries: roster } = inputs.one()?;
    let reported = inputs.per_label(labels, |row: &Value| row.label)?;
    let implied = inputs.per_label(labels, |row: &Implied| row.label)?;
    let counterfactuals = inputs.per_label(labels, |row: &Counterfactuals| row.label)?;
    let counterfactuals: Vec<_> = counterfactuals.into_iter().map(|row| row.lists).collect();

    admit_forecasts(&forecasts, parameters)?;
    let (mut seats, inferred) = admit_inferences(&inferences, parameters)?;
    let inferers = seats.len();
    admit_reported(&reported, parameters)?;
    let (forecasters, implied) = admit_implied(&implied, &forecasts, parameters)?;
    seats.extend(forecasters);
    admit_counterfactuals(&counterfactuals, &seats, parameters)?;
    admit_roster(&roster, &seats, parameters)?;
    if !truths.iter().all(|row| row.entries.reputers().eq(signatures.entries.reputers())) {
        return Err(Error::ReputersDiffer);
    }
    let ballot = Ballot::new(&electorate, &truths, parameters)?;
    if pot.amount != 0 {
        return Err(Error::PotNotBuilt);
    }
    let labels = inferred.iter().zip(&implied);
    let labels = labels.map(|(inferred, implied)| inferred.iter().chain(implied).copied());
    let labels = labels.map(|values| values.map(I256::from).collect()).collect();
    let truth = ballot.settled()?;
    let told = Told { seats, inferers, labels, counterfactuals, reported, truth, roster };
    Ok((registrations, told))
}

fn admit_reported(reported: &[Value], parameters: &Parameters) -> Result<()> {
    let range = parameters.arithmetic.minimum..=parameters.arithmetic.maximum;
    let fits = |row: &Value| {
        range.contains(&row.combined)
            && range.contains(&row.naive)
            && row.sigma.is_none_or(|sigma| !sigma.is_negative())
    };
    if reported.iter().all(fits) { Ok(()) } else { Err(Error::OutOfRange) }
}

/// The forecasters that have an implied value, ascending, and each label's values in their order.
fn admit_implied(
    implied: &[Implied],
    forecasts: &[Forecast],
    parameters: &Parameters,
) -> Result<(Vec<u8>, Vec<Vec<i128>>)> {
    let seats = |row: &Implied| row.entries.0.iter().map(Seated::seat).collect::<Vec<_>>();
    let first = implied.first().map(seats).unwrap_or_default();
    let forecast = |seat: &u8| forecasts.iter().any(|forecast| forecast.seat.0 == *seat);
    if !first.iter().all(forecast) || !implied.iter().all(|row| seats(row) == first) {
        return Err(Error::SeatsDiffer);
    }
    let range = parameters.arithmetic.minimum..=parameters.arithmetic.maximum;
    let values = |row: &Implied| row.entries.0.iter().map(|entry| entry.value).collect();
    let values: Vec<Vec<_>> = implied.iter().map(values).collect();
    if values.iter().flatten().all(|value| range.contains(value)) {
        Ok((first, values))
    } else {
        Err(Error::OutOfRange)
    }
}

fn admit_counterfactuals(lists: &[Lists], seats: &[u8], parameters: &Parameters) -> Result<()> {
    let same = lists.iter().zip(lists.iter().skip(1)).all(|(one, next)| one.alike(next));
    let named = |entry: &Entry| {
        let alone = entry.list != List::OneOutImplied;
        seats.contains(&entry.seat) && (alone || seats.contains(&entry.without))
    };
    let all = || lists.iter().flat_map(|lists| &lists.0);
    if !same || !all().all(named) {
        return Err(Error::SeatsDiffer);
    }
    let range = parameters.arithmetic.minimum..=parameters.arithmetic.maximum;
    let within = all().all(|entry| range.contains(&entry.value));
    if within { Ok(()) } else { Err(Error::OutOfRange) }
}

fn admit_roster(roster: &BySeat<SeatOwner>, seats: &[u8], parameters: &Parameters) -> Result<()> {
    if !roster.0.iter().all(|entry| parameters.seating.has(entry.seat)) {
        return Err(Error::SeatOutOfRange);
    }
    let named = seats.iter().all(|seat| roster.find(*seat).is_some());
    if named { Ok(()) } else { Err(Error::NotInRoster) }
}
