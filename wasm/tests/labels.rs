//! Several labels: each by itself with the same weights, in their order, and shares of one stay shares of one.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::error::Error;
use allora_core::fields::{BySeat, Inferer};
use allora_core::inputs::{Inference, Inferences};
use allora_core::synthesis::infer;
use given::{Given, Made, all_new};
use random::{bounded, sharing};
use rows::{ONE, parameters, slices};
use support::Seeded;

mod given;
mod random;
mod rows;
mod support;

/// Whoever sends a submission fills in the topic's default for a label that it does not name.
#[test]
fn a_label_left_out_is_refused_and_its_default_is_a_value_like_any_other() {
    let mut parameters = parameters(2);
    parameters.arithmetic.label_default = ONE / 4;
    let default = parameters.arithmetic.label_default;
    let mut given = all_new(parameters);
    given.values = vec![(0, vec![ONE, default]), (1, vec![3 * ONE, ONE])];
    let made = given.made();
    assert_eq!(
        made.values.iter().map(|value| value.combined).collect::<Vec<_>>(),
        [2 * ONE, 5 * ONE / 8]
    );
    let mut inputs = given.inputs().unwrap();
    let entry = Inference { seat: Inferer(1), value: ONE };
    inputs[2] = Inferences { label: 1, entries: BySeat(vec![entry]) }.encode().unwrap();
    assert_eq!(infer(&slices(&inputs), &slices(&given.state())), Err(Error::SeatsDiffer));
}

#[test]
fn labels_do_not_mix_and_keep_their_order() {
    for seed in 1..=60 {
        let mut seeded = Seeded(seed);
        let parameters = bounded(&mut seeded);
        let given = given::anywhere(&mut seeded, &parameters);
        let made = given.made();
        for label in 0..usize::from(given.parameters.label_count) {
            let mut alone = given.clone();
            alone.parameters.label_count = 1;
            alone.values.iter_mut().for_each(|(_, values)| *values = vec![values[label]]);
            alone.past.errors.labels = vec![given.past.errors.labels[label].clone()];
            let alone = alone.made();
            let mut value = made.values[label].clone();
            assert_eq!(usize::from(value.label), label);
            value.label = 0;
            assert_eq!(value, alone.values[0], "seed {seed}");
            assert_eq!(made.implied[label], alone.implied[0], "seed {seed}");
            assert_eq!(made.lists[label], alone.lists[0], "seed {seed}");
            assert_eq!(made.weights, alone.weights, "seed {seed}");
        }
    }
}

#[test]
fn shares_of_one_stay_shares_of_one() {
    for seed in 1..=100 {
        let mut seeded = Seeded(seed);
        let parameters = sharing(&mut seeded);
        let mut given = given::anywhere(&mut seeded, &parameters);
        for (_, values) in &mut given.values {
            // Random shares; the last label takes the rest.
            let mut rest = ONE;
            let last = values.len() - 1;
            for value in &mut values[..last] {
                *value = seeded.between(0, rest);
                rest -= *value;
            }
            values[last] = rest;
        }
        let made = given.made();
        let sums = sums_of(&made, &given);
        // Each label loses less than a unit in a mean, and in one of implied values less than one more.
        let labels = i128::from(given.parameters.label_count);
        for sum in sums {
            assert!((ONE - 2 * labels..=ONE).contains(&sum), "seed {seed}: {sum}");
        }
    }
}

/// Sums over the labels of all that is made of the epoch but percentiles.
fn sums_of(made: &Made, given: &Given) -> Vec<i128> {
    let labels = 0..usize::from(given.parameters.label_count);
    let sum = |of: &dyn Fn(usize) -> i128| labels.clone().map(of).sum::<i128>();
    let mut sums =
        vec![sum(&|label| made.values[label].combined), sum(&|label| made.values[label].naive)];
    sums.extend((0..made.implied[0].len()).map(|at| sum(&|label| made.implied[label][at].1)));
    sums.extend((0..made.lists[0].0.len()).map(|at| sum(&|label| made.lists[label].0[at].value)));
    sums
}
