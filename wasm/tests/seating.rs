//! Seats: who joins, waits, leaves and moves up.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::inputs::{Registration, Registrations};
use allora_core::past::Past;
use allora_core::settle::settle;
use allora_core::state::MAX_WAITING;
use rows::slices;
use support::Seeded;
use told::{Told, change, joined, left, told};

mod rows;
mod support;
mod told;

/// A topic of two inferers' seats and one forecaster's.
fn small() -> Told {
    let mut given = told();
    given.parameters.seating.inferer_seats = 2;
    given.parameters.seating.forecaster_seats = 1;
    given
}

/// The state after epochs that were missed, one for each list of registrations.
fn after(epochs: &[&[Registration]]) -> Past {
    let topic = small();
    let mut state = topic.fresh();
    for registrations in epochs {
        let mut inputs = vec![topic.parameters.encode().unwrap()];
        for (entries, number) in registrations.chunks(380).zip(0..) {
            inputs.push(Registrations { number, entries: entries.to_vec() }.encode().unwrap());
        }
        let settled = settle(&slices(&inputs), &slices(&state)).unwrap();
        assert!(settled.outputs.is_empty());
        state = settled.state;
    }
    Past::read(&slices(&state), &topic.parameters).unwrap()
}

/// Owners by seat, and those that wait with their roles.
type Plain = (Vec<(u8, u8)>, Vec<(u8, u8)>);

fn seats(registrations: &[Registration]) -> Plain {
    let seats = after(&[registrations]).seats;
    let seated = seats.seated.0.iter().map(|entry| (entry.seat, entry.owner[0]));
    let waiting = seats.waiting.0.iter().map(|entry| (entry.owner[0], entry.roles.0));
    (seated.collect(), waiting.collect())
}

#[test]
fn who_joins_takes_the_lowest_free_seat_or_waits() {
    let all = [joined(1, 1), joined(2, 3), joined(3, 3), joined(4, 2), joined(5, 1)];
    assert_eq!(seats(&all[..1]), (vec![(0, 1)], vec![]));
    assert_eq!(seats(&all[..2]), (vec![(0, 1), (1, 2), (0x80, 2)], vec![]));
    let full = vec![(0, 1), (1, 2), (0x80, 2)];
    assert_eq!(seats(&all), (full, vec![(3, 3), (4, 2), (5, 1)]));
    // One role seated, the other waiting.
    assert_eq!(seats(&[joined(1, 2), joined(2, 3)]), (vec![(0, 2), (0x80, 1)], vec![(2, 2)]));
}

#[test]
fn who_waits_first_moves_up() {
    let all = [joined(1, 1), joined(2, 3), joined(3, 3), joined(4, 2), joined(5, 1)];
    let with = |more: &[Registration]| seats(&[&all, more].concat());
    assert_eq!(with(&[left(1)]), (vec![(0, 3), (1, 2), (0x80, 2)], vec![(3, 2), (4, 2), (5, 1)]));
    assert_eq!(with(&[left(2)]), (vec![(0, 1), (1, 3), (0x80, 3)], vec![(4, 2), (5, 1)]));
    assert_eq!(with(&[left(3)]).1, [(4, 2), (5, 1)]);
    assert_eq!(with(&[left(1), left(2)]), (vec![(0, 3), (1, 5), (0x80, 3)], vec![(4, 2)]));
    // A seat that nobody waits for stays free, and the next one takes it.
    let gone = [left(3), left(4), left(5), left(1)];
    assert_eq!(with(&gone), (vec![(1, 2), (0x80, 2)], vec![]));
    assert_eq!(with(&[&gone[..], &[joined(6, 1)]].concat()).0, [(0, 6), (1, 2), (0x80, 2)]);
}

#[test]
fn what_moves_nobody() {
    let before = seats(&[joined(1, 3), joined(2, 1)]);
    let with = |more: &[Registration]| seats(&[&[joined(1, 3), joined(2, 1)], more].concat());
    assert_eq!(with(&[change(3, 1, 3)]), before);
    assert_eq!(with(&[joined(7, 4), left(7)]), before);
    assert_eq!(with(&[left(8)]), before);
    // The chain would not say so: who sits or waits joins again.
    assert_eq!(with(&[joined(2, 2)]), before);
    assert_eq!(with(&[joined(3, 1), joined(3, 3)]).1, [(3, 1)]);
    // A reputer that is a worker too sits as a worker.
    assert_eq!(seats(&[joined(1, 5)]), (vec![(0, 1)], vec![]));
}

#[test]
fn five_hundred_and_twelve_wait() {
    let numbered = |number: u16| {
        let mut registration = joined(0, 1);
        registration.owner[..2].copy_from_slice(&number.to_be_bytes());
        registration
    };
    let mut all: Vec<_> = (1..=515).map(numbered).collect();
    let waiting = after(&[&all]).seats.waiting.0;
    assert_eq!(waiting.len(), MAX_WAITING);
    assert_eq!(waiting.last().unwrap().owner, numbered(514).owner);
    // It may come again when somebody has left.
    let gone = Registration { change: left(0).change, ..numbered(20) };
    all.extend([gone, numbered(515)]);
    let waiting = after(&[&all]).seats.waiting.0;
    assert_eq!(waiting.last().unwrap().owner, numbered(515).owner);
}

#[test]
fn it_does_not_matter_which_settlement_takes_them_up() {
    for seed in 1..=300 {
        let mut seeded = Seeded(seed);
        let mut byte =
            |least: u64, most: u64| u8::try_from(least + seeded.below(most - least + 1)).unwrap();
        let all: Vec<_> = (0..60).map(|_| change(byte(1, 3), byte(1, 9), byte(1, 7))).collect();
        let at = usize::from(byte(0, 60));
        let (first, second) = all.split_at(at);
        assert_eq!(after(&[first, second]).seats, after(&[&all]).seats, "seed {seed}");
    }
}

#[test]
fn an_epoch_that_was_missed_changes_nothing_else() {
    let topic = told();
    let learned = topic.settle().unwrap();
    let inputs = [topic.parameters.encode().unwrap()];
    let state = settle(&slices(&inputs), &slices(&learned.state)).unwrap().state;
    let mut past = Past::read(&slices(&state), &topic.parameters).unwrap();
    assert_eq!(past.quality.missed, 1);
    past.quality.missed = 0;
    assert_eq!(past, learned.past);
}

#[test]
fn what_is_known_of_a_seat_goes_with_its_owner() {
    let mut topic = told();
    let first = topic.settle().unwrap();
    let known = |past: &Past| -> Vec<u8> {
        let regrets = past.regrets.inferers.0.iter().map(|entry| entry.seat.0);
        let regrets: Vec<_> =
            regrets.chain(past.regrets.forecasters.0.iter().map(|entry| entry.seat.0)).collect();
        let counted: Vec<_> = past.inclusions.entries.0.iter().map(|entry| entry.seat).collect();
        assert_eq!(regrets, counted);
        regrets
    };
    assert_eq!(known(&first.past), [0, 1, 2, 0x80]);
    // Owner 2 leaves seat 1: what it said of the epoch is measured, and not learned from.
    topic.registrations = vec![left(2)];
    let second = topic.settle_on(&first.state).unwrap();
    assert_eq!(known(&second.past), [0, 2, 0x80]);
    assert_eq!(second.losses, first.losses);
    // The seat's next owner is new, and so is the same one when it comes back.
    for next in [5, 2] {
        topic.registrations = vec![left(2), joined(next, 1)];
        let third = topic.settle_on(&first.state).unwrap().past;
        assert_eq!(third.seats.seated.find(1).unwrap().owner, [next; 20]);
        let one = third.inclusions.entries.find(1).map(|entry| entry.count);
        assert_eq!(one, (next == 2).then_some(1));
        assert_eq!(third.inclusions.entries.find(0).unwrap().count, 2);
    }
}
