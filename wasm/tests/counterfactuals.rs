//! Counterfactuals: what a value would have been, against the synthesis of an epoch in which it was so; and each special case.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::withheld::{List, Lists};
use given::{Given, all_new, given};
use random::bounded;
use rows::{ONE, parameters};
use support::Seeded;

mod given;
mod random;
mod rows;
mod support;

const LISTS: [List; 4] =
    [List::OneOutInferers, List::OneOutForecasters, List::OneInForecasters, List::OneOutImplied];

fn random(seed: u64) -> Given {
    let mut seeded = Seeded(seed);
    let parameters = bounded(&mut seeded);
    given::anywhere(&mut seeded, &parameters)
}

/// What the lists are if everything is made anew for each of them.
fn made_anew(given: &Given) -> Vec<Lists> {
    let whole = given.made();
    let mut lists = whole.lists.clone();
    let implying: Vec<u8> = whole.implied[0].iter().map(|(seat, _)| *seat).collect();
    for (label, lists) in lists.iter_mut().enumerate() {
        for entry in &mut lists.0 {
            let (seat, without) = (entry.seat, entry.without);
            let made = match entry.list {
                List::OneOutInferers | List::OneOutForecasters => given.only(|one| one != seat),
                List::OneInForecasters => given.only(|one| one < 0x80 || one == seat),
                List::OneOutImplied => given.only(|one| one != without),
            };
            let made = made.made();
            entry.value = match entry.list {
                List::OneOutImplied => {
                    let implied = &made.implied[label];
                    implied.iter().find(|(forecaster, _)| *forecaster == seat).unwrap().1
                }
                _ => made.values[label].combined,
            };
        }
        let forecasters = if implying.len() > 1 { implying.len() } else { 0 };
        let inferers = if given.values.len() > 1 { given.values.len() } else { 0 };
        let counts = LISTS.map(|list| lists.of(list).count());
        let forecasters = if inferers > 0 { forecasters } else { 0 };
        assert_eq!(counts[..3], [inferers, forecasters, forecasters]);
    }
    lists
}

#[test]
fn withholding_is_as_if_one_had_not_spoken() {
    let (mut entries, mut missing) = (0, 0);
    for seed in 1..=70 {
        let mut given = random(seed).with_plain_tables();
        // A scale of nothing is made from the regrets at hand, which would not be the same.
        given.past.regrets.scale = given.past.regrets.scale.max(1);
        let made = given.made();
        assert_eq!(made.lists, made_anew(&given), "seed {seed}");
        entries += made.lists[0].0.len();
        let pairs = made.implied[0].len() * made.lists[0].of(List::OneOutInferers).count();
        missing += pairs - made.lists[0].of(List::OneOutImplied).count();
    }
    assert!(entries > 800 && missing > 0, "{entries} {missing}");
}

#[test]
fn regrets_come_from_the_table_of_the_one_withheld() {
    let given = given().with_plain_tables();
    let before = given.made();
    let entry = |list, of| before.lists[0].find((list, of, 0)).unwrap();
    for of in given.seats() {
        let mut changed = given.clone();
        let other = if of == 0 { 1 } else { 0 };
        for table in [&mut changed.past.one_out, &mut changed.past.one_in] {
            let Some(table) = table.0.iter_mut().find(|table| table.seat == of) else { continue };
            let other = table.entries.0.iter_mut().find(|entry| entry.seat == other).unwrap();
            other.regret += ONE;
        }
        let after = changed.made();
        assert_eq!((&after.values, &after.weights), (&before.values, &before.weights));
        for list in LISTS {
            for (seat, value) in after.list(list) {
                let moves = seat == of && list != List::OneOutImplied;
                if list != List::OneOutImplied {
                    assert_eq!(value != entry(list, seat), moves, "{list:?} {seat} {of}");
                }
            }
        }
        assert_eq!(after.list(List::OneOutImplied), before.list(List::OneOutImplied));
    }
}

#[test]
fn whom_a_table_does_not_know_has_the_initial_regret() {
    let mut known = given().with_plain_tables();
    let mut unknown = known.clone();
    let initial = known.past.regrets.initial_regret.unwrap();
    known.past.one_out.0[2].entries.0[1].regret = initial;
    unknown.past.one_out.0[2].entries.0.remove(1);
    known.past.one_in.0[0].entries.0[3].regret = initial;
    unknown.past.one_in.0[0].entries.0.remove(3);
    for entry in &mut known.past.one_out.0[5].entries.0 {
        entry.regret = initial;
    }
    unknown.past.one_out.0.remove(5);
    assert_eq!(known.made(), unknown.made());
}

#[test]
fn one_inferer_cannot_be_withheld() {
    let given = given().only(|seat| seat == 2 || seat >= 0x80);
    let made = given.made();
    assert_eq!(made.lists, [Lists::default()]);
    let value = given.values[0].1[0];
    assert_eq!((made.values[0].combined, made.values[0].naive), (value, value));
    assert_eq!(made.implied[0], [(0x80, value), (0x81, value), (0x82, value)]);
}

#[test]
fn one_forecaster_is_neither_withheld_nor_alone() {
    let made = given().only(|seat| seat < 0x81).made();
    let counts = LISTS.map(|list| made.list(list).len());
    assert_eq!(counts, [4, 0, 0, 4]);
    let made = given().only(|seat| seat < 0x82).made();
    let counts = LISTS.map(|list| made.list(list).len());
    assert_eq!(counts, [4, 2, 2, 8]);
}

#[test]
fn without_forecasts_only_inferers_are_withheld() {
    let made = given().only(|seat| seat < 0x80).made();
    let counts = LISTS.map(|list| made.list(list).len());
    assert_eq!(counts, [4, 0, 0, 0]);
    assert_eq!(made.weights.len(), 4);
}

#[test]
fn without_a_previous_loss_only_inferers_are_withheld() {
    let mut given = given();
    given.past.regrets.previous_loss = None;
    let made = given.made();
    let counts = LISTS.map(|list| made.list(list).len());
    assert_eq!(counts, [4, 0, 0, 0]);
    assert_eq!(made.implied, [vec![]]);
}

#[test]
fn while_all_are_new_the_means_are_plain() {
    let mut given = given();
    given.past = all_new(parameters(1)).past;
    let made = given.made();
    // Values 10, 11, 14, 19.
    let third = |sum: i128| sum * ONE / 3;
    let whole = 54 * ONE / 4;
    assert_eq!((made.values[0].combined, made.values[0].naive), (whole, whole));
    assert_eq!(made.weights, [(0, ONE), (1, ONE), (2, ONE), (3, ONE)]);
    let outs = [(0, third(44)), (1, third(43)), (2, third(40)), (3, third(35))];
    assert_eq!(made.list(List::OneOutInferers), outs);
    let forecasters = [(0x80, whole), (0x81, whole), (0x82, whole)];
    assert_eq!(made.list(List::OneOutForecasters), forecasters);
    assert_eq!(made.list(List::OneInForecasters), forecasters);
    assert_eq!(made.implied[0], forecasters);
    for (seat, value) in outs {
        for forecaster in 0x80..0x83 {
            let key = (List::OneOutImplied, forecaster, seat);
            assert_eq!(made.lists[0].find(key), Some(value));
        }
    }
}

#[test]
fn a_forecast_that_names_nobody_else_has_no_part_without_that_one() {
    let mut given = given().with_plain_tables();
    given.forecasts[1].1.retain(|(seat, _)| *seat == 3);
    let made = given.made();
    assert_eq!(made.implied[0][1], (0x81, 19 * ONE));
    let find = |seat| made.lists[0].find((List::OneOutImplied, 0x81, seat));
    assert_eq!([0, 1, 2, 3].map(find), [Some(19 * ONE), Some(19 * ONE), Some(19 * ONE), None]);
    let without = given.only(|seat| seat != 3 && seat != 0x81).made();
    let value = made.lists[0].find((List::OneOutInferers, 3, 0));
    assert_eq!(value, Some(without.values[0].combined));
}

#[test]
fn a_forecast_that_names_nobody_present_is_as_none() {
    let mut given = given().with_plain_tables();
    given.forecasts[1].1 = vec![(9, ONE), (31, -ONE)];
    let without = given.only(|seat| seat != 0x81);
    assert_eq!(given.made(), without.made());
    given.forecasts[1].1.clear();
    assert_eq!(given.made(), without.made());
}

#[test]
fn an_inferer_that_a_forecast_does_not_name_may_be_withheld_all_the_same() {
    let mut given = given();
    given.forecasts[0].1.remove(2);
    let made = given.made();
    let (_, value) = made.implied[0][0];
    assert_eq!(made.lists[0].find((List::OneOutImplied, 0x80, 2)), Some(value));
    assert_ne!(made.lists[0].find((List::OneOutImplied, 0x80, 1)), Some(value));
}

#[test]
fn ties_for_the_best_leave_the_others_weights() {
    let mut given = given().with_plain_tables();
    // Two that are expected to be best, with the same loss: without one of them the other still is.
    given.forecasts[0].1 = vec![(0, -ONE), (1, -ONE), (2, ONE), (3, 2 * ONE)];
    assert_eq!(given.made().lists, made_anew(&given));
    given.forecasts[0].1 = vec![(0, -ONE), (1, -ONE + 1), (2, ONE), (3, 2 * ONE)];
    assert_eq!(given.made().lists, made_anew(&given));
    // All are.
    given.forecasts[0].1.iter_mut().for_each(|(_, loss)| *loss = 0);
    assert_eq!(given.made().lists, made_anew(&given));
}

#[test]
fn equal_values_stay_what_they_are() {
    for value in [0, 1, -1, 12_345_678_901_234_567_890, -ONE, rows::WIDEST, -rows::WIDEST] {
        let mut given = given();
        given.values.iter_mut().for_each(|(_, values)| *values = vec![value]);
        let made = given.made();
        let row = &made.values[0];
        assert_eq!((row.combined, row.naive, row.sigma), (value, value, None));
        assert_eq!(row.percentiles, [value; 5]);
        assert!(made.implied[0].iter().all(|(_, implied)| *implied == value));
        assert_eq!(made.lists[0].0.len(), 4 + 3 + 3 + 12);
        assert!(made.lists[0].0.iter().all(|entry| entry.value == value));
    }
}

#[test]
fn a_scale_of_nothing_is_made_from_the_network_regrets_for_all_of_them() {
    let mut given = given().with_plain_tables();
    given.past.regrets.scale = 0;
    // Network regrets in twelfths: 4, 1, -2, -5; in fifths: 0, 1, 2. Their median is 1/12, and the distances from it are, in
    // sixtieths, 15, 0, 15, 30, 5, 7, 19, whose median is 15: a quarter.
    let made = given.made();
    given.past.regrets.scale = 1_482_600_000_000_000_000 / 4 + ONE / 100;
    assert_eq!(given.made(), made);
    given.past.regrets.scale += 1_000;
    assert_ne!(given.made(), made);
}
