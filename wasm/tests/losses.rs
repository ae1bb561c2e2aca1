//! Losses, errors and quality, worked out by hand.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::int::I256;
use allora_core::settle::quality;
use allora_core::state::Inclusion;
use allora_core::statistics::standard_deviation;
use rows::{ONE, parameters, slices};
use told::{Told, told};

mod rows;
mod told;

/// A hundred units of 1e-18: far more than what rounding makes.
const ABOUT: i128 = 100;

/// log10 of 2, 3 and ln 2, each cut after 18 places.
const LOG_2: i128 = 301_029_995_663_981_195;
const LOG_3: i128 = 477_121_254_719_662_437;
const LOG_LN_2: i128 = -159_174_538_954_861_592;

fn assert_about(got: i128, expected: i128) {
    assert!(got.abs_diff(expected) <= ABOUT as u128, "{got} {expected}");
}

fn loss(told: &Told, seat: u8) -> i128 {
    told.settle().unwrap().losses.entries.find(seat).unwrap().loss
}

#[test]
fn losses_of_numbers() {
    // Truth 11; inferences 10, 11, 14, an implied value of 11; reported 12 and 13.
    let mut given = told();
    given.parameters.arithmetic.loss_floor = ONE / 100;
    let losses = given.settle().unwrap().losses;
    assert_eq!(losses.combined, 0);
    assert_about(losses.naive, 2 * LOG_2);
    assert_eq!(loss(&given, 0), 0);
    assert_eq!(loss(&given, 1), -4 * ONE);
    assert_about(loss(&given, 2), 2 * LOG_3);
    assert_eq!(loss(&given, 0x80), -4 * ONE);
    given.parameters.loss_method = 2;
    assert_about(given.settle().unwrap().losses.naive, LOG_2);
    assert_eq!(loss(&given, 1), -2 * ONE);
    // Of two labels the mean: the second truth is 0, and seat 2 says 2 and 20.
    given.parameters.label_count = 2;
    for (_, values) in given.inferences.iter_mut().chain(&mut given.implied) {
        values.push(2 * ONE);
    }
    given.inferences[2].1[1] = 20 * ONE;
    given.reported.push((0, 0));
    given.truths.iter_mut().for_each(|(_, truth)| truth.push(0));
    assert_about(loss(&given, 0), LOG_2 / 2);
    assert_about(loss(&given, 2), i128::midpoint(LOG_3, LOG_2 + ONE));
}

#[test]
fn losses_of_classes() {
    let mut given = told();
    given.parameters = parameters(3);
    (given.parameters.topic_type, given.parameters.loss_method) = (2, 3);
    given.parameters.arithmetic.loss_floor = ONE / 1_000;
    let half = vec![ONE / 2, ONE / 2, 0];
    given.inferences = vec![(0, half), (1, vec![0, ONE, 0]), (2, vec![ONE, 0, 0])];
    given.implied[0].1 = vec![ONE / 4, ONE / 2, ONE / 4];
    given.reported = vec![(0, ONE), (ONE / 2, 0), (ONE / 2, 0)];
    given.truths.iter_mut().for_each(|(_, truth)| *truth = vec![0, ONE, 0]);
    assert_about(loss(&given, 0), LOG_LN_2);
    assert_about(loss(&given, 0x80), LOG_LN_2);
    // Certain and right: the floor. Certain and wrong: -ln 0.001 is 6.907755..., whose log10 is 0.839...
    assert_eq!(loss(&given, 1), -3 * ONE);
    assert_about(loss(&given, 2), 839_336_943_419_125_648);
    let losses = given.settle().unwrap().losses;
    assert_about(losses.combined, LOG_LN_2);
    assert_eq!(losses.naive, loss(&given, 2));
    // Of numbers the greatest counts as the class, and of equal ones the first.
    given.parameters.topic_type = 1;
    given.truths.iter_mut().for_each(|(_, truth)| *truth = vec![-ONE, ONE, ONE]);
    assert_eq!(given.settle().unwrap().losses, losses);
}

#[test]
fn errors_and_quality() {
    let mut given = told();
    let first = given.settle().unwrap();
    let label = &first.past.errors.labels[0];
    // |11 - 12|; the median of 10, 11, 14 and of 1, 0, 3.
    assert_eq!((label.ema_error, label.last_median), (Some(ONE), Some(11 * ONE)));
    assert_eq!(label.mad, Some(ONE));
    let coverage = first.past.quality.coverage.as_ref().unwrap();
    assert_eq!((coverage.one, coverage.two), (ONE, ONE));
    let rolling = first.past.quality.losses.as_ref().unwrap();
    assert_eq!((rolling.network, rolling.naive), (first.losses.combined, first.losses.naive));

    // An error of 3, a deviation of 6, sigma 1 and then 2: a tenth of them, and a fifth of the deviation.
    given.reported = vec![(14 * ONE, 14 * ONE)];
    given.inferences[0].1[0] = 2 * ONE;
    given.inferences[2].1[0] = 17 * ONE;
    given.registrations.clear();
    let second = given.settle_on(&first.state).unwrap().past;
    let label = &second.errors.labels[0];
    assert_eq!(label.ema_error, Some(3 * ONE / 10 + 9 * ONE / 10));
    assert_eq!(label.mad, Some(6 * ONE / 5 + 4 * ONE / 5));
    let coverage = second.quality.coverage.as_ref().unwrap();
    assert_eq!((coverage.one, coverage.two), (9 * ONE / 10, 9 * ONE / 10));
    given.sigma = Some(2 * ONE);
    let second = given.settle_on(&first.state).unwrap();
    let coverage = second.past.quality.coverage.clone().unwrap();
    assert_eq!((coverage.one, coverage.two), (9 * ONE / 10, ONE));
    // Without a sigma the shares stay.
    given.sigma = None;
    let third = given.settle_on(&second.state).unwrap();
    assert_eq!(third.past.quality.coverage, Some(coverage));
    let unknown = given.settle().unwrap().past.quality;
    assert_eq!(unknown.coverage, None);
    assert_eq!(unknown.word(3)[16..22], [0, 0, 0, 0, 3, 1]);
}

#[test]
fn a_deviation_of_nothing_is_replaced() {
    let mut given = told();
    given.inferences.iter_mut().for_each(|(_, values)| *values = vec![11 * ONE]);
    let first = given.settle().unwrap();
    assert_eq!(first.past.errors.labels[0].mad, Some(0));
    let second = told().settle_on(&first.state).unwrap();
    assert_eq!(second.past.errors.labels[0].mad, Some(ONE));
}

#[test]
fn inclusions_are_counted_up_to_their_width() {
    let mut past = told().settle().unwrap().past;
    past.inclusions.entries.put(Inclusion { seat: 1, count: u16::MAX });
    let mut given = told();
    given.registrations.clear();
    let after = given.settle_on(&past.encode().unwrap()).unwrap().past.inclusions;
    let counts: Vec<_> = after.entries.0.iter().map(|entry| entry.count).collect();
    assert_eq!(counts, [2, u16::MAX, 2, 2]);
}

#[test]
fn the_quality_word() {
    let mut given = told();
    given.parameters.arithmetic.loss_floor = ONE / 100;
    given.reported = vec![(12 * ONE, 10 * ONE)];
    given.reported[0].0 = 11 * ONE;
    let settled = given.settle().unwrap();
    let word = quality(&slices(&given.inputs().unwrap()), &slices(&settled.state)).unwrap();
    // Losses of -4 and 0, all within, three workers, known, none missed.
    let mut expected = [0; 32];
    expected[..8].copy_from_slice(&(-4_000_000_000i64).to_be_bytes());
    expected[16..20].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    expected[20..22].copy_from_slice(&[3, 1]);
    assert_eq!(word, expected);
    // An average may be far out in an admissible state: the nearest that fits. And a missed epoch has no workers.
    let mut past = settled.past;
    let losses = past.quality.losses.as_mut().unwrap();
    (losses.network, losses.naive) = (i128::MIN, i128::MAX);
    past.quality.missed = u32::MAX;
    let missed = [given.parameters.encode().unwrap()];
    let word = quality(&slices(&missed), &slices(&past.encode().unwrap())).unwrap();
    assert_eq!(word[..8], i64::MIN.to_be_bytes());
    assert_eq!(word[8..16], i64::MAX.to_be_bytes());
    assert_eq!(word[20..26], [0, 1, 0xff, 0xff, 0xff, 0xff]);
}

#[test]
fn deviations_of_any_width() {
    let of = |values: &[i128]| {
        let values: Vec<_> = values.iter().copied().map(I256::from_i128).collect();
        standard_deviation(&values).unwrap().to_i128().unwrap()
    };
    assert_eq!(of(&[]), 0);
    assert_eq!(of(&[-7]), 0);
    // The mean is 5, the squares 9 + 1 + 16 over 2.
    assert_eq!(of(&[2 * ONE, 4 * ONE, 9 * ONE]), 3_605_551_275_463_989_293);
    // Of ±2^126 it is 2^126.5, of which the lowest bits are lost.
    let wide = of(&[1 << 126, -(1 << 126)]);
    let expected = 120_307_984_584_002_255_772_516_886_238_812_528_463i128;
    assert!(wide <= expected && expected - wide < 1 << 8, "{wide}");
}
