//! Bounds make errors impossible: every admissible outcome settles, however extreme, and what it leaves is admissible again;
//! and no bytes make the core panic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::error::Error;
use allora_core::fields::{BySeat, Forecaster};
use allora_core::genesis::genesis;
use allora_core::inputs::{Forecast, Inferences, Signatures};
use allora_core::outputs::{Implied, ImpliedValue, Value};
use allora_core::parameters::Parameters;
use allora_core::settle::{quality, settle};
use allora_core::settlement::{
    ByReputer, Elector, Electorate, Losses, Pot, Roster, SettledTruth, Stake, TruthOf,
    TruthSignature, TruthSignatures, Truths,
};
use allora_core::state::{Inclusions, Regrets, SeatOwner, Seats};
use allora_core::synthesis::infer;
use allora_core::withheld::{CounterfactualLosses, Counterfactuals, OneInRegrets, OneOutRegrets};
use random::{
    bounded, forecasts, inferences, inferers, lists, registrations, sharing, spoil, state,
};
use rows::{ONE, WIDEST, slices};
use support::Seeded;

mod random;
mod rows;
mod support;

const EPOCHS: u64 = 2_000;

/// Input rows in which reputers with enough stake spoke.
fn outcome(seeded: &mut Seeded, parameters: &Parameters) -> Vec<Vec<u8>> {
    let mut inputs = vec![parameters.encode().unwrap()];
    if seeded.chance(10) {
        inputs.extend(registrations(seeded));
        return inputs;
    }
    let inferers = inferers(seeded, parameters);
    let forecasts = forecasts(seeded, parameters);
    inputs.extend(inferences(seeded, parameters, &inferers));
    inputs.extend(forecasts.clone());
    inputs.extend(registrations(seeded));
    inputs.extend(ballot(seeded, parameters));
    inputs.push(Pot { amount: 0 }.encode().unwrap());
    let forecasters = forecasts.iter().map(|row| Forecast::decode(row).unwrap().seat.0);
    let forecasters: Vec<u8> = forecasters.filter(|_| seeded.chance(80)).collect();
    let seats = inferers.iter().chain(&forecasters);
    // Some have left their seat to another one meanwhile.
    let owner =
        |seat: u8, seeded: &mut Seeded| if seeded.chance(80) { [seat; 20] } else { [0xee; 20] };
    let owner = |seat: &u8| SeatOwner { seat: *seat, owner: owner(*seat, seeded) };
    inputs.push(Roster { entries: BySeat(seats.map(owner).collect()) }.encode().unwrap());
    inputs.extend(reported(seeded, parameters, &inferers, &forecasters));
    inputs
}

fn ballot(seeded: &mut Seeded, parameters: &Parameters) -> Vec<Vec<u8>> {
    let count = u8::try_from(1 + seeded.below(32)).unwrap();
    let reputers: Vec<[u8; 20]> = (1..=count).map(|name| [name; 20]).collect();
    let equal = seeded.chance(30).then_some(u128::MAX);
    let mut stake = || Stake(equal.unwrap_or_else(|| 1 + seeded.wide() / 2));
    let electors = reputers.iter().map(|reputer| Elector { reputer: *reputer, stake: stake() });
    let electorate = Electorate { entries: ByReputer(electors.collect()) };
    let classes: Vec<u64> =
        reputers.iter().map(|_| seeded.below(parameters.label_count.into())).collect();
    let mut rows = vec![electorate.encode().unwrap()];
    for label in 0..parameters.label_count {
        let truth = |(reputer, class): (&[u8; 20], &u64)| {
            let value = match parameters.topic_type {
                2 => i128::from(*class == u64::from(label)) * ONE,
                _ => seeded.between(-WIDEST, WIDEST),
            };
            TruthOf { reputer: *reputer, value }
        };
        let entries = ByReputer(reputers.iter().zip(&classes).map(truth).collect());
        rows.push(Truths { label, entries }.encode().unwrap());
    }
    let signed = |reputer: &[u8; 20]| TruthSignature {
        reputer: *reputer,
        extra: [0; 32],
        signature: [9; 64],
    };
    let entries = ByReputer(reputers.iter().map(signed).collect());
    rows.push(TruthSignatures { entries }.encode().unwrap());
    rows
}

fn reported(
    seeded: &mut Seeded,
    parameters: &Parameters,
    inferers: &[u8],
    forecasters: &[u8],
) -> Vec<Vec<u8>> {
    let (least, most) = (parameters.arithmetic.minimum, parameters.arithmetic.maximum);
    let sigma = seeded.chance(70);
    let mut rows = Vec::new();
    for label in 0..parameters.label_count {
        let row = Value {
            label,
            combined: seeded.between(least, most),
            naive: seeded.between(least, most),
            sigma: sigma.then(|| seeded.between(0, i128::MAX)),
            percentiles: [0; 5],
        };
        rows.push(row.encode().unwrap());
    }
    for label in 0..parameters.label_count {
        let value = |seat: &u8| ImpliedValue {
            seat: Forecaster(*seat),
            value: seeded.between(least, most),
        };
        let entries = BySeat(forecasters.iter().map(value).collect());
        rows.push(Implied { label, entries }.encode().unwrap());
    }
    let about = lists(seeded, inferers, forecasters);
    for label in 0..parameters.label_count {
        let mut lists = about.clone();
        lists.0.iter_mut().for_each(|entry| entry.value = seeded.between(least, most));
        rows.push(Counterfactuals { label, lists }.encode().unwrap());
    }
    rows
}

fn rows_of<T: Row>(rows: &[Vec<u8>]) -> Vec<T> {
    rows.iter().filter(|row| row[0] == T::KIND).map(|row| T::decode(row).unwrap()).collect()
}

fn assert_sound(outputs: &[Vec<u8>], inputs: &[Vec<u8>], after: &[Vec<u8>], seed: u64) {
    let seats = rows_of::<Seats>(after).remove(0);
    let seated = |seat: u8| seats.seated.find(seat).is_some();
    let regrets = rows_of::<Regrets>(after).remove(0);
    let known = regrets.inferers.0.iter().map(|entry| entry.seat.0);
    let mut known = known.chain(regrets.forecasters.0.iter().map(|entry| entry.seat.0));
    assert!(known.all(seated), "seed {seed}: a regret of an empty seat");
    let inclusions = rows_of::<Inclusions>(after).remove(0);
    assert!(inclusions.entries.0.iter().all(|entry| seated(entry.seat)), "seed {seed}");
    assert!(
        rows_of::<OneOutRegrets>(after).iter().flat_map(|row| row.0.seats()).all(seated),
        "seed {seed}"
    );
    assert!(
        rows_of::<OneInRegrets>(after).iter().flat_map(|row| row.0.seats()).all(seated),
        "seed {seed}"
    );
    let Some(losses) = rows_of::<Losses>(outputs).pop() else {
        assert!(outputs.is_empty() && rows_of::<Inferences>(inputs).is_empty(), "seed {seed}");
        return;
    };
    // Between 2·log10 of the least unit and of the greatest error or floor.
    let mut all = losses.entries.0.iter().map(|entry| entry.loss);
    let bounded = |loss: i128| (-36 * ONE..=42 * ONE).contains(&loss);
    let without = rows_of::<CounterfactualLosses>(outputs).remove(0).lists;
    assert!(without.0.iter().all(|entry| bounded(entry.value)), "seed {seed}");
    assert!(all.all(bounded) && bounded(losses.combined) && bounded(losses.naive), "seed {seed}");
    assert_eq!(regrets.previous_loss, Some(losses.combined), "seed {seed}");
    let truth = rows_of::<SettledTruth>(outputs).remove(0).labels;
    for (truth, row) in truth.iter().zip(rows_of::<Truths>(inputs)) {
        assert!(row.entries.0.iter().any(|entry| entry.value == *truth) || *truth == 0);
    }
}

#[test]
fn every_admissible_outcome_settles() {
    let (mut missed, mut saturated) = (0, 0);
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let parameters =
            if seeded.chance(10) { sharing(&mut seeded) } else { bounded(&mut seeded) };
        let mut past = state(&mut seeded, &parameters);
        if seeded.chance(10) {
            past = genesis(&parameters.encode().unwrap()).unwrap();
        }
        // What one leaves the next one starts from.
        for _ in 0..3 {
            let inputs = outcome(&mut seeded, &parameters);
            let settled = settle(&slices(&inputs), &slices(&past))
                .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert_sound(&settled.outputs, &inputs, &settled.state, seed);
            quality(&slices(&inputs), &slices(&settled.state)).unwrap();
            missed += u32::from(settled.outputs.is_empty());
            let initial = rows_of::<Regrets>(&settled.state)[0].initial_regret;
            saturated += u32::from([Some(i128::MIN), Some(i128::MAX)].contains(&initial));
            past = settled.state;
        }
        let seats = inferers(&mut seeded, &parameters);
        let mut report = vec![parameters.encode().unwrap()];
        report.extend(inferences(&mut seeded, &parameters, &seats));
        report.extend(forecasts(&mut seeded, &parameters));
        report.push(Signatures { entries: BySeat(vec![]) }.encode().unwrap());
        infer(&slices(&report), &slices(&past)).unwrap();
    }
    assert!(missed > 300 && saturated > 100, "{missed} {saturated}");
}

#[test]
fn no_bytes_make_it_panic() {
    let mut admitted = 0u64;
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let parameters = bounded(&mut seeded);
        let mut inputs = outcome(&mut seeded, &parameters);
        let mut past = state(&mut seeded, &parameters);
        for _ in 0..=seeded.below(3) {
            let side = if seeded.chance(60) { &mut inputs } else { &mut past };
            let at = usize::try_from(seeded.below(side.len() as u64)).unwrap();
            spoil(&mut seeded, side, at);
        }
        let result = settle(&slices(&inputs), &slices(&past));
        admitted += u64::from(result.is_ok());
        assert_ne!(result.err(), Some(Error::Overflow), "seed {seed}");
        let _ = quality(&slices(&inputs), &slices(&past));
    }
    // A flipped bit of a value or a signature is still admissible; most other changes are not.
    assert!((100..EPOCHS * 3 / 4).contains(&admitted), "{admitted}");
}
