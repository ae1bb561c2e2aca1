//! What a topic learns: the laws of regrets and weights.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::fields::{BySeat, Inferer};
use allora_core::inputs::{Inference, Inferences, Signatures};
use allora_core::outputs::{Value, Weights};
use allora_core::parameters::Parameters;
use allora_core::synthesis::infer;
use rows::{ONE, slices};
use support::Seeded;
use told::{After, Told, joined, told};

mod rows;
mod support;
mod told;

/// A hundred units of 1e-18: far more than what rounding makes.
const ABOUT: i128 = 100;

fn assert_about(got: i128, expected: i128) {
    assert!(got.abs_diff(expected) <= ABOUT as u128, "{got} {expected}");
}

/// The weights of values of these seats after what was learned.
fn synthesised(
    parameters: &Parameters,
    values: &[(u8, i128)],
    state: &[Vec<u8>],
) -> (Value, Weights) {
    let entry = |(seat, value): &(u8, i128)| Inference { seat: Inferer(*seat), value: *value };
    let entries = BySeat(values.iter().map(entry).collect());
    let inputs = [
        parameters.encode().unwrap(),
        Inferences { label: 0, entries }.encode().unwrap(),
        Signatures { entries: BySeat(vec![]) }.encode().unwrap(),
    ];
    let outputs = infer(&slices(&inputs), &slices(state)).unwrap();
    (Value::decode(&outputs[0]).unwrap(), Weights::decode(&outputs[1]).unwrap())
}

#[test]
fn regrets_start_from_nothing() {
    let After { past, losses, .. } = told().settle().unwrap();
    // While all are new: a tenth of the difference, toward zero.
    for entry in &past.regrets.inferers.0 {
        let own = losses.entries.find(entry.seat.0).unwrap().loss;
        assert_eq!(entry.network, (losses.combined - own) / 10);
        assert_eq!(entry.naive, (losses.naive - own) / 10);
    }
    let own = losses.entries.find(0x80).unwrap().loss;
    assert_eq!(past.regrets.forecasters.0[0].network, (losses.combined - own) / 10);
    assert_eq!(past.regrets.previous_loss, Some(losses.combined));
    // 0 for seat 0, 3.6 for seat 1 and the forecaster, -0.0954 for seat 2: at 0.75·3 from above stand 3/4 of seat 0's and a
    // quarter of seat 2's.
    let lowest = past.regrets.inferers.0[2].network;
    assert_eq!(past.regrets.initial_regret, Some(lowest / 4));
}

/// Epochs of workers whose errors have these sizes; the reported value is the synthesis'.
fn run(seeded: &mut Seeded, sizes: &[i128], epochs: u32, state: &mut Vec<Vec<u8>>) -> Vec<i128> {
    let mut given = told();
    given.parameters.arithmetic.loss_floor = ONE / 1_000_000;
    given.implied.clear();
    let seats: Vec<u8> = (0..u8::try_from(sizes.len()).unwrap()).collect();
    given.registrations = seats.iter().map(|seat| joined(seat + 1, 1)).collect();
    given.roster = seats.iter().map(|seat| (*seat, seat + 1)).collect();
    if state.is_empty() {
        *state = given.fresh();
    } else {
        given.registrations.clear();
    }
    let mut weights = Vec::new();
    for _ in 0..epochs {
        let truth = seeded.between(20 * ONE, 25 * ONE);
        let mut value = |(seat, size): (&u8, &i128)| {
            let error = size + seeded.between(0, *size);
            (*seat, if seeded.chance(50) { truth + error } else { truth - error })
        };
        let values: Vec<_> = seats.iter().zip(sizes).map(&mut value).collect();
        let (report, row) = synthesised(&given.parameters, &values, state);
        weights = row.entries.0.iter().map(|entry| entry.weight).collect();
        given.inferences = values.into_iter().map(|(seat, value)| (seat, vec![value])).collect();
        given.reported = vec![(report.combined, report.naive)];
        given.truths.iter_mut().for_each(|(_, said)| *said = vec![truth]);
        *state = given.settle_on(state).unwrap().state;
        given.registrations.clear();
    }
    weights
}

#[test]
fn a_broken_worker_loses_its_weight_and_a_repaired_one_gets_it_back() {
    let mut seeded = Seeded(7);
    let honest = [ONE / 2, ONE / 3, ONE / 2, ONE, ONE / 2];
    let mut broken = honest;
    broken[1] = 50 * ONE;
    let mut state = Vec::new();
    let before = run(&mut seeded, &honest, 100, &mut state);
    assert_eq!(before[1], ONE, "{before:?}");
    let after = run(&mut seeded, &broken, 30, &mut state);
    assert!(after[1] < ONE / 100, "{after:?}");
    let repaired = run(&mut seeded, &honest, 100, &mut state);
    assert_eq!(repaired[1], ONE, "{repaired:?}");
}

/// A topic of five with random values about 20.
fn random(seeded: &mut Seeded) -> Told {
    let mut given = told();
    let mut near = || 20 * ONE + seeded.between(-5 * ONE, 5 * ONE);
    given.inferences = (0..5).map(|seat| (seat, vec![near()])).collect();
    given.implied = vec![(0x80, vec![near()])];
    given.reported = vec![(near(), near())];
    let truth = near();
    given.truths.iter_mut().for_each(|(_, said)| *said = vec![truth]);
    given.registrations =
        (1..=6).map(|owner| joined(owner, if owner == 6 { 2 } else { 1 })).collect();
    given.roster = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0x80, 6)].to_vec();
    given.parameters.arithmetic.loss_floor = ONE / 1_000_000;
    given
}

#[test]
fn a_worker_made_worse_weighs_less() {
    let mut fell = 0;
    for seed in 1..=500 {
        let given = random(&mut Seeded(seed));
        let truth = given.truths[0].1[0];
        let mut worse = given.clone();
        let value = &mut worse.inferences[1].1[0];
        *value += (*value - truth) + if *value < truth { -ONE } else { ONE };
        let (better, worse) = (given.settle().unwrap(), worse.settle().unwrap());
        let regret = |after: &After| after.past.regrets.inferers.find(1).unwrap().network;
        assert!(regret(&worse) < regret(&better), "seed {seed}");
        // The same scale for both, so that only the regrets differ, and one at which no weight vanishes.
        let weights = |after: &After| {
            let mut past = after.past.clone();
            past.regrets.scale = ONE;
            let values: Vec<_> = (0..5).map(|seat| (seat, 0)).collect();
            let state = past.encode().unwrap();
            let (_, row) = synthesised(&given.parameters, &values, &state);
            row.entries.0.iter().map(|entry| entry.weight).collect::<Vec<_>>()
        };
        let (better, worse) = (weights(&better), weights(&worse));
        // Weights are relative to the best: one that still is the best weighs one, and the others no less than before.
        let others = [0, 2, 3, 4];
        assert!(others.into_iter().all(|seat| worse[seat] >= better[seat]), "seed {seed}");
        assert!(worse[1] < better[1] || worse[1] == ONE, "seed {seed}");
        fell += u32::from(worse[1] < better[1]);
    }
    assert!(fell > 400, "{fell}");
}

/// Every value changed in the same way.
fn changed(told: &Told, change: impl Fn(i128) -> i128) -> Told {
    let mut given = told.clone();
    for (_, values) in
        given.inferences.iter_mut().chain(&mut given.implied).chain(&mut given.truths)
    {
        values.iter_mut().for_each(|value| *value = change(*value));
    }
    given.reported = given.reported.into_iter().map(|(a, b)| (change(a), change(b))).collect();
    given
}

#[test]
fn a_shift_of_all_values_changes_nothing() {
    for seed in 1..=300 {
        let mut seeded = Seeded(seed);
        let given = random(&mut seeded);
        let by = seeded.between(-rows::WIDEST / 2, rows::WIDEST / 2);
        let (here, there) =
            (given.settle().unwrap(), changed(&given, |x| x + by).settle().unwrap());
        assert_eq!(there.losses, here.losses, "seed {seed}");
        assert_eq!(there.past.regrets, here.past.regrets, "seed {seed}");
        assert_eq!(there.past.quality, here.past.quality, "seed {seed}");
        let (here, there) = (&here.past.errors.labels[0], &there.past.errors.labels[0]);
        assert_eq!((there.ema_error, there.mad), (here.ema_error, here.mad), "seed {seed}");
        assert_eq!(there.last_median, here.last_median.map(|median| median + by), "seed {seed}");
    }
}

#[test]
fn a_scale_of_all_values_moves_the_losses_alike() {
    for seed in 1..=300 {
        let given = random(&mut Seeded(seed));
        let mut larger = changed(&given, |x| x * 1_000);
        larger.parameters.arithmetic.loss_floor *= 1_000;
        let (here, there) = (given.settle().unwrap(), larger.settle().unwrap());
        // A thousandfold error has a squared error of six decimal places more.
        assert_about(there.losses.combined, here.losses.combined + 6 * ONE);
        for (here, there) in here.losses.entries.0.iter().zip(&there.losses.entries.0) {
            assert_about(there.loss, here.loss + 6 * ONE);
        }
        for (here, there) in here.past.regrets.inferers.0.iter().zip(&there.past.regrets.inferers.0)
        {
            assert_about(there.network, here.network);
            assert_about(there.naive, here.naive);
        }
        assert_about(there.past.regrets.scale, here.past.regrets.scale);
    }
}
