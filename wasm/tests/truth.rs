//! The settled truth: what a part of the stake can move, and what it cannot.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::statistics::weighted_median;
use rows::{ONE, parameters};
use support::Seeded;
use told::{Told, told};

mod rows;
mod support;
mod told;

/// A topic whose reputers have these stakes and truths; who has none is silent.
fn said(reputers: &[(u128, Option<i128>)]) -> Told {
    let named = || (1u8..).zip(reputers);
    let mut given = told();
    given.electorate = named().map(|(name, (stake, _))| (name, *stake)).collect();
    given.truths = named().filter_map(|(name, (_, truth))| Some((name, vec![(*truth)?]))).collect();
    given.signed = given.truths.iter().map(|(name, _)| *name).collect();
    given
}

fn settled(reputers: &[(u128, Option<i128>)]) -> i128 {
    said(reputers).settle().unwrap().truth[0]
}

/// Among `share` percent of 1,000 of stake: how much each of some reputers has.
fn split(seeded: &mut Seeded, share: u64) -> Vec<u128> {
    let mut rest = share * 10;
    let mut parts = Vec::new();
    while rest > 0 {
        let part = if parts.len() == 7 { rest } else { 1 + seeded.below(rest) };
        parts.push(u128::from(part));
        rest -= part;
    }
    parts
}

#[test]
fn wild_truths_do_not_leave_the_honest_range() {
    for seed in 1..=500 {
        let mut seeded = Seeded(seed);
        // 40 % of the stake with everybody present; 30 % with two thirds and a bit present.
        let (wild, honest, silent) = if seeded.chance(50) { (40, 60, 0) } else { (30, 37, 33) };
        let mut reputers = Vec::new();
        for stake in split(&mut seeded, wild) {
            let sides = [-rows::WIDEST, rows::WIDEST, seeded.between(-rows::WIDEST, rows::WIDEST)];
            let side = usize::try_from(seeded.below(if seed % 2 == 0 { 1 } else { 3 })).unwrap();
            reputers.push((stake, Some(sides[side])));
        }
        let range = (70 * ONE, 71 * ONE);
        for stake in split(&mut seeded, honest) {
            reputers.push((stake, Some(seeded.between(range.0, range.1))));
        }
        if silent > 0 {
            reputers.extend(split(&mut seeded, silent).into_iter().map(|stake| (stake, None)));
        }
        let truth = settled(&reputers);
        assert!((range.0..=range.1).contains(&truth), "seed {seed}: {truth}");
    }
}

#[test]
fn it_is_the_smallest_that_half_of_the_stake_does_not_exceed() {
    assert_eq!(settled(&[(1, Some(5)), (1, Some(3))]), 3);
    assert_eq!(settled(&[(1, Some(3)), (2, Some(5)), (1, Some(9))]), 5);
    assert_eq!(settled(&[(2, Some(3)), (1, Some(5)), (1, Some(9))]), 3);
    assert_eq!(settled(&[(1, Some(3)), (1, Some(5)), (2, Some(9))]), 5);
    assert_eq!(settled(&[(u128::MAX, Some(-1)), (u128::MAX, Some(1)), (1, Some(1))]), 1);
    assert_eq!(settled(&[(7, Some(-4))]), -4);
    assert_eq!(weighted_median(&[]), Ok(None));
}

#[test]
fn each_label_settles_by_itself() {
    let mut given = told();
    given.parameters = parameters(2);
    for (_, values) in given.inferences.iter_mut().chain(&mut given.implied) {
        values.push(0);
    }
    given.reported.push((0, 0));
    let truths = [[1, 9], [2, 8], [3, 7]];
    given.truths = (51..).zip(truths).map(|(name, values)| (name, values.to_vec())).collect();
    assert_eq!(given.settle().unwrap().truth, [2, 8]);
}

/// A topic of four classes whose reputers have these stakes and say these classes.
fn class(reputers: &[(u128, usize)]) -> Vec<i128> {
    let mut given = said(&reputers.iter().map(|(stake, _)| (*stake, Some(0))).collect::<Vec<_>>());
    given.parameters = parameters(4);
    given.parameters.topic_type = 2;
    given.inferences = vec![(0, vec![ONE / 4; 4])];
    given.implied.clear();
    given.reported = vec![(ONE / 4, ONE / 4); 4];
    for ((_, truth), (_, class)) in given.truths.iter_mut().zip(reputers) {
        *truth = (0..4).map(|label| i128::from(label == *class) * ONE).collect();
    }
    given.settle().unwrap().truth
}

#[test]
fn the_class_of_the_most_stake_wins() {
    assert_eq!(class(&[(30, 0), (30, 1), (40, 3)]), [0, 0, 0, ONE]);
    assert_eq!(class(&[(30, 1), (25, 0), (5, 1), (40, 2)]), [0, 0, ONE, 0]);
    assert_eq!(class(&[(10, 3), (10, 2)]), [0, 0, ONE, 0]);
    assert_eq!(class(&[(u128::MAX, 2), (u128::MAX, 1), (1, 1)]), [0, ONE, 0, 0]);
}
