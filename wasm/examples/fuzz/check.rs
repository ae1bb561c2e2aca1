//! What has to hold of every input: no panic, no error but of admission, and what comes out is sound. What an input did is its
//! trace; the corpus keeps one input of each.

use crate::input::Input;
use allora_core::codec::Row;
use allora_core::error::{Error, Result};
use allora_core::explain::explain;
use allora_core::fields::Seated;
use allora_core::inputs::{Forecast, Inferences, Registrations, Signatures};
use allora_core::outputs::{Implied, Value, Weights};
use allora_core::parameters::Parameters;
use allora_core::past::Past;
use allora_core::resistant::resistant;
use allora_core::settle::{quality, settle};
use allora_core::settlement::{Electorate, Pot, Roster, TruthSignatures, Truths};
use allora_core::state::{Errors, Inclusions, Quality, Regrets, Seats, Version};
use allora_core::synthesis::{infer, values};
use allora_core::withheld::{Counterfactuals, List, OneInRegrets, OneOutRegrets};

const ONE: i128 = 1_000_000_000_000_000_000;

/// What came of an input.
pub struct Outcome {
    /// Whether every row decodes.
    pub decodes: bool,
    /// Whether it has a result.
    pub admitted: bool,
    pub trace: String,
}

fn slices(rows: &[Vec<u8>]) -> Vec<&[u8]> {
    rows.iter().map(Vec::as_slice).collect()
}

fn decodes(row: &[u8]) -> bool {
    fn is<T: Row>(row: &[u8]) -> bool {
        T::decode(row).is_ok_and(|decoded| decoded.encode().as_deref() == Ok(row))
    }
    match row.first() {
        Some(0x11) => is::<Parameters>(row),
        Some(0x12) => is::<Inferences>(row),
        Some(0x13) => is::<Forecast>(row),
        Some(0x14) => is::<Signatures>(row),
        Some(0x15) => is::<Registrations>(row),
        Some(0x16) => is::<Electorate>(row),
        Some(0x17) => is::<Truths>(row),
        Some(0x18) => is::<TruthSignatures>(row),
        Some(0x19) => is::<Pot>(row),
        Some(0x1a) => is::<Roster>(row),
        Some(0x21) => is::<Version>(row),
        Some(0x22) => is::<Seats>(row),
        Some(0x23) => is::<Regrets>(row),
        Some(0x24) => is::<Errors>(row),
        Some(0x25) => is::<Inclusions>(row),
        Some(0x26) => is::<Quality>(row),
        Some(0x27) => is::<OneOutRegrets>(row),
        Some(0x28) => is::<OneInRegrets>(row),
        Some(0x31) => is::<Value>(row),
        Some(0x32) => is::<Weights>(row),
        Some(0x33) => is::<Implied>(row),
        Some(0x36) => is::<Counterfactuals>(row),
        _ => false,
    }
}

/// Admission may refuse for any of these; no arithmetic error is among them.
const fn is_of_admission(error: Error) -> bool {
    !matches!(
        error,
        Error::NoRegrets
            | Error::NoWeight
            | Error::SMulWadFailed
            | Error::SDivWadFailed
            | Error::ExpOverflow
            | Error::LnWadUndefined
            | Error::Overflow
            | Error::InvalidSigma
    )
}

/// Runs an input and asserts what has to hold.
pub fn checked(input: &Input) -> Outcome {
    let rows = || input.inputs.iter().chain(&input.state);
    let all = rows().all(|row| decodes(row));
    let trace = if input.settles { settled(input) } else { inferred(input) };
    let admitted = trace.is_ok();
    let trace = trace.unwrap_or_else(|error| {
        assert!(is_of_admission(error), "{error:?}");
        // A row that does not decode is the first thing seen of an input, if it is asked for at all.
        assert!(all || error != Error::MalformedRow || rows().any(|row| !decodes(row)));
        format!("{} {error:?}", input.settles)
    });
    assert!(!admitted || all, "an input is admitted of which a row does not decode");
    Outcome { decodes: all, admitted, trace }
}

fn inferred(input: &Input) -> Result<String> {
    let (inputs, state) = (slices(&input.inputs), slices(&input.state));
    let outputs = infer(&inputs, &state)?;
    assert!(outputs.iter().all(|row| decodes(row)));
    let of = |kind: u8| outputs.iter().filter(move |row| row[0] == kind);
    let weights = Weights::decode(of(0x32).next().unwrap()).unwrap().entries.0;
    assert!(weights.iter().all(|entry| (0..=ONE).contains(&entry.weight)));
    assert!(weights.iter().any(|entry| entry.weight == ONE));
    let labels: Vec<_> = of(0x31).map(|row| Value::decode(row).unwrap()).collect();
    let lists: Vec<_> = of(0x36).map(|row| Counterfactuals::decode(row).unwrap().lists).collect();
    let given = input.inputs.iter().filter(|row| row[0] == Inferences::KIND);
    let given: Vec<_> = given.map(|row| Inferences::decode(row).unwrap().entries.0).collect();
    for ((value, lists), given) in labels.iter().zip(&lists).zip(&given) {
        let said = given.iter().map(|entry| entry.value);
        let range = said.clone().min().unwrap()..=said.max().unwrap();
        let made = [value.combined, value.naive].into_iter().chain(value.percentiles);
        let mut made = made.chain(lists.0.iter().map(|entry| entry.value));
        assert!(made.all(|value| range.contains(&value)));
        assert!(value.percentiles.is_sorted() && value.sigma.is_none_or(|sigma| sigma >= 0));
    }
    assert_eq!(values(&inputs, &state)?, outputs[..outputs.len() - lists.len()]);
    let resistant = resistant(&inputs, &state)?;
    for entry in &weights {
        assert_eq!(
            explain(&inputs, &state, entry.seat)?.map(|said| said.weight),
            Some(entry.weight)
        );
    }
    let past = Past::read(&state, &Parameters::decode(&input.inputs[0])?)?;
    let regrets = past.regrets;
    let known =
        (regrets.initial_regret.is_some(), regrets.previous_loss.is_some(), regrets.scale > 0);
    let has = |list| lists[0].of(list).next().is_some();
    let trace = (
        (labels.len() > 1, given[0].len() > 1, known),
        (has(List::OneOutForecasters), has(List::OneOutImplied)),
        weights.iter().any(|entry| entry.weight == 0),
        labels.iter().any(|value| value.sigma.is_none()),
        resistant.map(|value| value == labels[0].combined),
    );
    Ok(format!("infer {trace:?}"))
}

fn settled(input: &Input) -> Result<String> {
    let (inputs, state) = (slices(&input.inputs), slices(&input.state));
    let settled = settle(&inputs, &state)?;
    let parameters = Parameters::decode(&input.inputs[0])?;
    let (before, after) =
        (Past::read(&state, &parameters)?, Past::read(&slices(&settled.state), &parameters)?);
    assert_eq!(after.encode()?, settled.state);
    let seated = |seat: u8| after.seats.seated.find(seat).is_some();
    let known = after.inclusions.entries.0.iter().map(Seated::seat);
    assert!(
        known
            .chain(after.one_out.0.iter().chain(&after.one_in.0).flat_map(|t| t.seats()))
            .all(seated)
    );
    quality(&inputs, &slices(&settled.state))?;
    // What one leaves the next starts from.
    settle(&inputs[..1], &slices(&settled.state))?;
    let grown = |before: usize, after: usize| after.cmp(&before);
    let initial = after.regrets.initial_regret;
    let trace = (
        (settled.outputs.is_empty(), parameters.topic_type, parameters.loss_method),
        grown(before.seats.seated.0.len(), after.seats.seated.0.len()),
        grown(before.one_out.0.len(), after.one_out.0.len()),
        (
            before.regrets.initial_regret.is_some(),
            [Some(i128::MIN), Some(i128::MAX)].contains(&initial),
        ),
        after.quality.coverage.is_some(),
    );
    Ok(format!("settle {trace:?}"))
}
