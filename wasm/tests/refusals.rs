//! What is not admissible is refused by name: one change to an epoch that is.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::error::{Error, Result};
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::inputs::{
    Forecast, ForecastLoss, Inference, Inferences, OneToThree, Registration, Registrations, Roles,
    Signatures,
};
use allora_core::parameters::Parameters;
use allora_core::state::{Errors, LabelErrors, Queue, Regrets, SeatOwner, Seats, Version};
use allora_core::synthesis::infer;
use rows::{ONE, parameters, unsettled};

mod rows;

/// An epoch of two labels in plain values, to be changed one at a time.
struct Epoch {
    parameters: Parameters,
    labels: Vec<Inferences>,
    forecasts: Vec<Forecast>,
    registrations: Vec<Registrations>,
    seats: Seats,
    regrets: Regrets,
    errors: Errors,
}

fn inferences(label: u16, values: &[(u8, i128)]) -> Inferences {
    let entry = |(seat, value): &(u8, i128)| Inference { seat: Inferer(*seat), value: *value };
    Inferences { label, entries: BySeat(values.iter().map(entry).collect()) }
}

fn forecast(seat: u8, losses: &[(u8, i128)]) -> Forecast {
    let entry = |(seat, loss): &(u8, i128)| ForecastLoss { seat: Inferer(*seat), loss: *loss };
    let entries = BySeat(losses.iter().map(entry).collect());
    Forecast { seat: Forecaster(seat), entries }
}

fn registrations(number: u16, count: usize) -> Registrations {
    let joined =
        Registration { change: OneToThree(1), roles: Roles(1), owner: [1; 20], signer: [1; 20] };
    Registrations { number, entries: vec![joined; count] }
}

fn epoch() -> Epoch {
    let label = || LabelErrors { ema_error: Some(0), last_median: None, mad: Some(0) };
    Epoch {
        parameters: parameters(2),
        labels: vec![
            inferences(0, &[(0, ONE / 4), (31, ONE / 2)]),
            inferences(1, &[(0, ONE * 3 / 4), (31, ONE / 2)]),
        ],
        forecasts: vec![forecast(0x80, &[(0, ONE)]), forecast(0x85, &[(0, -ONE), (31, ONE)])],
        registrations: vec![registrations(0, 380), registrations(1, 380), registrations(2, 1)],
        seats: Seats {
            seated: BySeat(vec![SeatOwner { seat: 0x85, owner: [3; 20] }]),
            waiting: Queue(vec![]),
        },
        regrets: Regrets {
            previous_loss: Some(0),
            scale: ONE,
            initial_regret: Some(0),
            inferers: BySeat(vec![]),
            forecasters: BySeat(vec![]),
        },
        errors: Errors { labels: vec![label(), label()] },
    }
}

fn after(change: impl FnOnce(&mut Epoch)) -> Result<()> {
    let mut epoch = epoch();
    change(&mut epoch);
    let mut inputs = vec![epoch.parameters.encode()?];
    for row in &epoch.labels {
        inputs.push(row.encode()?);
    }
    for row in &epoch.forecasts {
        inputs.push(row.encode()?);
    }
    inputs.push(Signatures { entries: BySeat(vec![]) }.encode()?);
    for row in &epoch.registrations {
        inputs.push(row.encode()?);
    }
    let mut state = vec![
        Version.encode()?,
        epoch.seats.encode()?,
        epoch.regrets.encode()?,
        epoch.errors.encode()?,
    ];
    state.extend(unsettled());
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let state: Vec<&[u8]> = state.iter().map(Vec::as_slice).collect();
    infer(&inputs, &state).map(|_| ())
}

#[test]
fn unchanged_it_is_admitted() {
    assert_eq!(after(|_| ()), Ok(()));
    assert_eq!(after(|epoch| epoch.registrations.clear()), Ok(()));
    assert_eq!(after(|epoch| epoch.forecasts.clear()), Ok(()));
}

#[test]
fn inferences_of_labels() {
    assert_eq!(
        after(|epoch| epoch.labels = vec![inferences(0, &[]), inferences(1, &[])]),
        Err(Error::NoInferences)
    );
    assert_eq!(after(|epoch| epoch.labels.swap(0, 1)), Err(Error::RowsOutOfOrder));
    assert_eq!(after(|epoch| epoch.labels[1].label = 2), Err(Error::RowsOutOfOrder));
    assert_eq!(after(|epoch| epoch.labels.truncate(1)), Err(Error::RowsOutOfOrder));
    let second = |values: &[(u8, i128)]| {
        let row = inferences(1, values);
        after(|epoch| epoch.labels[1] = row)
    };
    assert_eq!(second(&[(0, 0)]), Err(Error::SeatsDiffer));
    assert_eq!(second(&[(0, 0), (30, 0)]), Err(Error::SeatsDiffer));
    assert_eq!(second(&[]), Err(Error::SeatsDiffer));
    assert_eq!(second(&[(31, 0), (0, 0)]), Err(Error::MalformedRow));
    assert_eq!(second(&[(0, 0), (0, 0)]), Err(Error::MalformedRow));
    let seats = |epoch: &mut Epoch| epoch.parameters.seating.inferer_seats = 31;
    assert_eq!(after(seats), Err(Error::SeatOutOfRange));
    let range = |epoch: &mut Epoch| epoch.parameters.arithmetic.maximum = ONE * 3 / 4 - 1;
    assert_eq!(after(range), Err(Error::OutOfRange));
    let range = |epoch: &mut Epoch| epoch.parameters.arithmetic.minimum = ONE / 4 + 1;
    assert_eq!(after(range), Err(Error::OutOfRange));
}

#[test]
fn unity() {
    let sum = |off: i128, tolerance: i128| {
        after(|epoch| {
            epoch.parameters.arithmetic.require_unity = true;
            epoch.parameters.arithmetic.unity_tolerance = tolerance;
            epoch.labels[0].entries.0[1].value += off;
        })
    };
    assert_eq!(sum(0, 0), Ok(()));
    assert_eq!(sum(3, 3), Ok(()));
    assert_eq!(sum(-3, 3), Ok(()));
    assert_eq!(sum(4, 3), Err(Error::NotUnity));
    assert_eq!(sum(-4, 3), Err(Error::NotUnity));
}

#[test]
fn forecasts() {
    let given = |rows: &[Forecast]| after(|epoch| epoch.forecasts = rows.to_vec());
    assert_eq!(given(&[forecast(0x81, &[]), forecast(0x80, &[])]), Err(Error::RowsOutOfOrder));
    assert_eq!(given(&[forecast(0x81, &[]), forecast(0x81, &[])]), Err(Error::RowsOutOfOrder));
    assert_eq!(given(&[forecast(0x86, &[])]), Err(Error::SeatOutOfRange));
    assert_eq!(given(&[forecast(0x80, &[(32, 0)])]), Err(Error::SeatOutOfRange));
    assert_eq!(given(&[forecast(0x80, &[(5, 0), (4, 0)])]), Err(Error::MalformedRow));
    assert_eq!(given(&[forecast(0x80, &[(5, 1_000 * ONE), (6, -1_000 * ONE)])]), Ok(()));
    assert_eq!(given(&[forecast(0x80, &[(5, 1_000 * ONE + 1)])]), Err(Error::LossOutOfRange));
    assert_eq!(given(&[forecast(0x80, &[(5, -1_000 * ONE - 1)])]), Err(Error::LossOutOfRange));
}

#[test]
fn parts_of_registrations() {
    let given = |rows: Vec<Registrations>| after(|epoch| epoch.registrations = rows);
    assert_eq!(given(vec![registrations(1, 1)]), Err(Error::RowsOutOfOrder));
    assert_eq!(given(vec![registrations(0, 379), registrations(1, 1)]), Err(Error::RowsOutOfOrder));
    assert_eq!(given(vec![registrations(0, 0)]), Err(Error::MalformedRow));
    assert_eq!(given(vec![registrations(0, 381)]), Err(Error::MalformedRow));
}

#[test]
fn state() {
    let seat = |seat| SeatOwner { seat, owner: [0; 20] };
    assert_eq!(
        after(|epoch| epoch.seats.seated = BySeat(vec![seat(0x86)])),
        Err(Error::SeatOutOfRange)
    );
    assert_eq!(
        after(|epoch| epoch.seats.seated = BySeat(vec![seat(32)])),
        Err(Error::SeatOutOfRange)
    );
    assert_eq!(after(|epoch| epoch.regrets.scale = -1), Err(Error::StateOutOfRange));
    assert_eq!(
        after(|epoch| epoch.errors.labels[1].ema_error = Some(-1)),
        Err(Error::StateOutOfRange)
    );
    assert_eq!(after(|epoch| epoch.errors.labels[1].mad = Some(-1)), Err(Error::StateOutOfRange));
    assert_eq!(after(|epoch| epoch.errors.labels.truncate(1)), Err(Error::StateOutOfRange));
}
