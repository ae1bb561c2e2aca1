//! The laws of the synthesis, over random epochs in bounds.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::error::Error;
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::state::{ForecasterRegret, InfererRegret};
use given::moved::{moved, moved_output};
use given::{Given, Made};
use random::bounded;
use rows::{ONE, WIDEST};
use support::Seeded;

mod given;
mod random;
mod rows;
mod support;

const EPOCHS: u64 = 150;

fn random(seeded: &mut Seeded) -> Given {
    let parameters = bounded(seeded);
    given::anywhere(seeded, &parameters)
}

/// A random epoch whose numbers are of a size that real ones have, so that no weight vanishes for their being extreme.
fn tame(seeded: &mut Seeded) -> Given {
    let mut given = random(seeded);
    let arithmetic = &mut given.parameters.arithmetic;
    (arithmetic.minimum, arithmetic.maximum) = (-WIDEST, WIDEST);
    let mut near = |width: i128| seeded.between(-width, width);
    arithmetic.c_norm = near(2 * ONE);
    let regrets = &mut given.past.regrets;
    regrets.initial_regret = Some(near(ONE));
    regrets.previous_loss = Some(near(ONE));
    regrets.scale = ONE / 2 + near(ONE / 3);
    for entry in &mut regrets.inferers.0 {
        (entry.network, entry.naive) = (near(2 * ONE), near(2 * ONE));
    }
    regrets.forecasters.0.iter_mut().for_each(|entry| entry.network = near(2 * ONE));
    for (_, values) in &mut given.values {
        values.iter_mut().for_each(|value| *value = 1_000 * ONE + near(ONE));
    }
    for (_, losses) in &mut given.forecasts {
        losses.iter_mut().for_each(|(_, loss)| *loss = near(2 * ONE));
    }
    for table in given.past.one_out.0.iter_mut().chain(&mut given.past.one_in.0) {
        table.entries.0.iter_mut().for_each(|entry| entry.regret = near(2 * ONE));
    }
    given
}

#[test]
fn the_order_of_participants_does_not_matter() {
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let given = random(&mut seeded);
        let mut shuffled = |first: u8, count: u8| {
            let mut seats: Vec<u8> = (first..first + count).collect();
            for at in (1..seats.len()).rev() {
                seats.swap(at, usize::try_from(seeded.below(at as u64 + 1)).unwrap());
            }
            seats
        };
        let inferers = shuffled(0, given.parameters.seating.inferer_seats);
        let forecasters = shuffled(0x80, given.parameters.seating.forecaster_seats);
        let of = |seat: u8| match seat.checked_sub(0x80) {
            Some(forecaster) => forecasters[usize::from(forecaster)],
            None => inferers[usize::from(seat)],
        };
        assert_eq!(moved(&given, &of).made(), moved_output(&given.made(), &of), "seed {seed}");
    }
}

#[test]
fn an_entry_given_twice_is_refused() {
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let given = random(&mut seeded);
        let at = |count: usize, seeded: &mut Seeded| {
            usize::try_from(seeded.below(count as u64)).unwrap()
        };
        let mut twice = given.clone();
        let one = at(twice.values.len(), &mut seeded);
        twice.values.insert(one, twice.values[one].clone());
        assert_eq!(twice.infer(), Err(Error::MalformedRow), "seed {seed}");
        if given.forecasts.is_empty() {
            continue;
        }
        let mut twice = given.clone();
        let one = at(twice.forecasts.len(), &mut seeded);
        twice.forecasts.insert(one, twice.forecasts[one].clone());
        assert_eq!(twice.infer(), Err(Error::RowsOutOfOrder), "seed {seed}");
        let mut twice = given.clone();
        let losses = &mut twice.forecasts[one].1;
        if let Some(first) = losses.first().copied() {
            losses.insert(0, first);
            assert_eq!(twice.infer(), Err(Error::MalformedRow), "seed {seed}");
        }
    }
}

#[test]
fn everybody_twice_changes_no_mean() {
    for seed in 1..=EPOCHS {
        let mut given = tame(&mut Seeded(seed)).only(|seat| seat % 0x80 < 16 && seat < 0x83);
        if given.values.is_empty() {
            continue;
        }
        // The seats of the upper halves are for the doubles.
        let seating = &mut given.parameters.seating;
        (seating.inferer_seats, seating.forecaster_seats) = (32, 6);
        let double = |seat: u8| if seat < 0x80 { seat + 16 } else { seat + 3 };
        given.forecasts.iter_mut().for_each(|(_, losses)| losses.retain(|(seat, _)| *seat < 16));
        given.past.regrets.inferers.0.retain(|entry| entry.seat.0 < 16);
        given.past.regrets.forecasters.0.retain(|entry| entry.seat.0 < 0x83);
        given.past.one_out = BySeat(vec![]);
        given.past.one_in = BySeat(vec![]);
        let mut twice = given.clone();
        let doubles = moved(&given, &double);
        twice.values.extend(doubles.values);
        let named = doubles.forecasts;
        twice.forecasts.extend(given.forecasts.iter().map(|(k, l)| (double(*k), l.clone())));
        for ((_, losses), (_, more)) in twice.forecasts.iter_mut().zip(named.iter().cycle()) {
            losses.extend(more);
        }
        twice.past.regrets.inferers.0.extend(doubles.past.regrets.inferers.0);
        twice.past.regrets.forecasters.0.extend(doubles.past.regrets.forecasters.0);
        let (once, both) = (given.made(), twice.made());
        for (once, both) in once.values.iter().zip(&both.values) {
            assert_eq!((both.combined, both.naive), (once.combined, once.naive), "seed {seed}");
        }
        for (once, both) in once.implied.iter().zip(&both.implied) {
            assert_eq!(both[..once.len()], once[..], "seed {seed}");
        }
    }
}

/// Every number that is of the values' kind, and how many roundings of a unit it may have gone through.
fn numbers(made: &Made) -> Vec<(i128, i128)> {
    let mut all = Vec::new();
    for value in &made.values {
        all.extend([(value.combined, 2), (value.naive, 1)]);
        all.extend(value.percentiles.map(|percentile| (percentile, 2)));
    }
    all.extend(made.implied.iter().flatten().map(|(_, value)| (*value, 1)));
    all.extend(made.lists.iter().flat_map(|lists| &lists.0).map(|entry| (entry.value, 2)));
    all
}

fn changed(given: &Given, change: impl Fn(i128) -> i128) -> Given {
    let mut given = given.clone();
    for (_, values) in &mut given.values {
        values.iter_mut().for_each(|value| *value = change(*value));
    }
    given.past.errors.labels.iter_mut().for_each(|label| label.ema_error = None);
    given
}

#[test]
fn a_shift_of_the_values_shifts_everything() {
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let given = tame(&mut seeded);
        let by = seeded.between(-WIDEST / 2, WIDEST / 2);
        let (here, there) = (changed(&given, |x| x).made(), changed(&given, |x| x + by).made());
        assert_eq!(here.weights, there.weights);
        for ((here, units), (there, _)) in numbers(&here).into_iter().zip(numbers(&there)) {
            assert!((there - here - by).abs() <= units, "seed {seed}: {here} {there} {by}");
        }
        for (here, there) in here.values.iter().zip(&there.values) {
            let (Some(here), Some(there)) = (here.sigma, there.sigma) else {
                // Values that lie a unit apart may fall together.
                continue;
            };
            assert!((there - here).abs() <= 2, "seed {seed}: {here} {there}");
        }
    }
}

#[test]
fn a_scale_of_the_values_scales_everything() {
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let given = tame(&mut seeded);
        let by = 1 + i128::from(seeded.below(1_000_000));
        let (here, there) = (changed(&given, |x| x).made(), changed(&given, |x| x * by).made());
        assert_eq!(here.weights, there.weights);
        for ((here, units), (there, _)) in numbers(&here).into_iter().zip(numbers(&there)) {
            assert!((there - here * by).abs() <= units * by, "seed {seed}: {here} {there} {by}");
        }
    }
}

#[test]
fn the_best_weighs_one_and_nobody_more() {
    let (mut zero, mut between) = (0, 0);
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let extreme = seeded.chance(50);
        let given = if extreme { random(&mut seeded) } else { tame(&mut seeded) };
        let weights = given.made().weights;
        assert!(weights.iter().all(|(_, weight)| (0..=ONE).contains(weight)), "seed {seed}");
        let Some(initial) = given.past.regrets.initial_regret else {
            assert!(weights.iter().all(|(_, weight)| *weight == ONE), "seed {seed}");
            continue;
        };
        let regret = |seat: u8| given.past.regrets.network(seat).unwrap_or(initial);
        let best = weights.iter().map(|(seat, _)| regret(*seat)).max().unwrap();
        for (seat, weight) in weights {
            assert!(regret(seat) < best || weight == ONE, "seed {seed}");
            zero += u32::from(weight == 0);
            between += u32::from(weight > 0 && weight < ONE);
        }
    }
    assert!(zero > 100 && between > 500, "{zero} {between}");
}

/// Exponentials are good to a unit, so a quotient of them may be a few off.
const UNITS: i128 = 4;

#[test]
fn a_higher_regret_never_weighs_less() {
    let mut rose = 0;
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let given = tame(&mut seeded);
        let initial = given.past.regrets.initial_regret.unwrap();
        let regret = |given: &Given, seat| given.past.regrets.network(seat).unwrap_or(initial);
        let before = given.made().weights;
        for (one, weight) in &before {
            for (other, more) in &before {
                let higher = regret(&given, *other) >= regret(&given, *one);
                assert!(!higher || *more >= *weight - UNITS, "seed {seed}: {one} {other}");
            }
        }
        // And the same one with a higher regret, in the same state.
        let (seat, weight) = before[usize::try_from(seeded.below(before.len() as u64)).unwrap()];
        let mut raised = given.clone();
        let network = regret(&given, seat) + seeded.between(1, ONE);
        if seat < 0x80 {
            let entry = InfererRegret { seat: Inferer(seat), network, naive: 0 };
            raised.past.regrets.inferers.put(entry);
        } else {
            let entry = ForecasterRegret { seat: Forecaster(seat), network };
            raised.past.regrets.forecasters.put(entry);
        }
        for ((other, after), (_, before)) in raised.made().weights.into_iter().zip(before) {
            if other == seat {
                assert!(after >= weight - UNITS, "seed {seed}: {after} {weight}");
                rose += u32::from(after > weight);
            } else {
                assert!(after <= before + UNITS, "seed {seed}: {after} {before}");
            }
        }
    }
    assert!(rose > 50, "{rose}");
}

#[test]
fn a_steeper_rule_raises_nobody_if_the_best_is_below_the_centre() {
    let mut fell = 0;
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let mut given = tame(&mut seeded);
        let seats: Vec<u8> = given.made().weights.iter().map(|(seat, _)| *seat).collect();
        let initial = given.past.regrets.initial_regret.unwrap();
        let regret = |seat| given.past.regrets.network(seat).unwrap_or(initial);
        let best = seats.iter().map(|seat| regret(*seat)).max().unwrap();
        // The centre somewhere from the best normalised regret up.
        let normalised = best * 1_000_000_000 / given.past.regrets.scale * 1_000_000_000;
        let centre = normalised + seeded.between(2_000_000_000, 3 * ONE);
        if centre > 10 * ONE {
            continue;
        }
        given.parameters.arithmetic.c_norm = centre;
        given.parameters.arithmetic.p_norm = seeded.between(ONE, 10 * ONE - 1);
        let before = given.made().weights;
        let steeper = seeded.between(given.parameters.arithmetic.p_norm + 1, 10 * ONE);
        given.parameters.arithmetic.p_norm = steeper;
        for ((_, after), (_, before)) in given.made().weights.into_iter().zip(before) {
            assert!(after <= before + UNITS, "seed {seed}: {after} {before}");
            fell += u32::from(after < before);
        }
    }
    assert!(fell > 300, "{fell}");
}
