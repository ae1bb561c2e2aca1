//! The tables of regrets against counterfactual values, worked out by hand: what an epoch makes of them, and what stays.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::error::Error;
use allora_core::fields::BySeat;
use allora_core::past::Past;
use allora_core::withheld::{Entry, List, Lists, OneInRegrets, OneOutRegrets, RegretOf, Table};
use rows::{ONE, slices};
use told::{After, Told, joined, left, told};

mod rows;
mod told;

/// A hundred units of 1e-18: far more than what rounding makes.
const ABOUT: u128 = 100;

/// Three inferers and two forecasters; the value without each is a power of ten off the truth, 11, so that its loss is whole
/// but for what rounding makes.
fn given() -> Told {
    let mut given = told();
    given.parameters.arithmetic.loss_floor = ONE / 100;
    given.inferences = vec![(0, vec![12 * ONE]), (1, vec![21 * ONE]), (2, vec![11 * ONE])];
    given.implied = vec![(0x80, vec![111 * ONE]), (0x81, vec![12 * ONE])];
    given.reported = vec![(12 * ONE, 12 * ONE)];
    given.registrations =
        vec![joined(1, 1), joined(2, 1), joined(3, 1), joined(4, 2), joined(5, 2)];
    given.roster = vec![(0, 1), (1, 2), (2, 3), (0x80, 4), (0x81, 5)];
    let off = |list, seat, without, power: u32| {
        let value = (11 + 10i128.pow(power)) * ONE;
        Entry { list, seat, without, value }
    };
    given.counterfactuals = vec![Lists(vec![
        off(List::OneOutInferers, 0, 0, 1),
        off(List::OneOutInferers, 1, 0, 2),
        off(List::OneOutInferers, 2, 0, 3),
        off(List::OneOutForecasters, 0x80, 0, 4),
        off(List::OneOutForecasters, 0x81, 0, 5),
        off(List::OneInForecasters, 0x80, 0, 6),
        off(List::OneInForecasters, 0x81, 0, 7),
        off(List::OneOutImplied, 0x80, 0, 8),
        off(List::OneOutImplied, 0x80, 1, 9),
        off(List::OneOutImplied, 0x81, 1, 10),
        off(List::OneOutImplied, 0x81, 2, 11),
    ])];
    given
}

/// How many units there are in about so much.
fn whole(value: i128, unit: i128) -> i128 {
    let whole = (value + unit / 2).div_euclid(unit);
    assert!(value.abs_diff(whole * unit) <= ABOUT, "{value}");
    whole
}

fn assert_about(got: Option<i128>, expected: i128) {
    assert!(got.unwrap().abs_diff(expected) <= ABOUT, "{got:?} {expected}");
}

/// The tables in tenths of one.
fn tenths(tables: &BySeat<Table>) -> Vec<(u8, Vec<(u8, i128)>)> {
    let tenth = |entry: &RegretOf| (entry.seat, whole(entry.regret, ONE / 10));
    let table = |table: &Table| (table.seat, table.entries.0.iter().map(tenth).collect());
    tables.0.iter().map(table).collect()
}

/// Own losses: 0, 2, -4 of the inferers, 4 and 0 of the forecasters; counterfactual ones: twice the power of ten.
#[test]
fn an_epoch_makes_the_tables() {
    let After { past, without, .. } = given().settle().unwrap();
    let losses: Vec<_> = without.0.iter().map(|entry| whole(entry.value, ONE)).collect();
    assert_eq!(losses, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
    assert_eq!(
        tenths(&past.one_out),
        [
            // 2 less 2, -4; forecaster 0x80 without inferer 0: 2 - 16. The other one has no implied value without it.
            (0, vec![(1, 0), (2, 6), (0x80, -14)]),
            (1, vec![(0, 4), (2, 8), (0x80, -14), (0x81, -16)]),
            (2, vec![(0, 6), (1, 4), (0x81, -16)]),
            (0x80, vec![(0, 8), (1, 6), (2, 12), (0x81, 8)]),
            (0x81, vec![(0, 10), (1, 8), (2, 14), (0x80, 6)]),
        ]
    );
    assert_eq!(
        tenths(&past.one_in),
        [
            (0x80, vec![(0, 12), (1, 10), (2, 16), (0x80, 8)]),
            (0x81, vec![(0, 14), (1, 12), (2, 18), (0x81, 14)]),
        ]
    );
}

fn regret(tables: &BySeat<Table>, of: u8, seat: u8) -> Option<i128> {
    tables.find(of)?.entries.find(seat).map(|entry| entry.regret)
}

#[test]
fn what_is_known_moves_and_what_is_new_starts_from_the_initial_regret_before() {
    let first = given().settle().unwrap();
    let mut past = first.past.clone();
    past.regrets.initial_regret = Some(ONE / 4);
    past.one_out.0[0].entries.0[1].regret = -3 * ONE;
    past.one_out.0.remove(1);
    past.one_in.0[1].entries.0.remove(0);
    let mut again = given();
    again.registrations.clear();
    let after = again.settle_on(&past.encode().unwrap()).unwrap().past;
    assert_ne!(after.regrets.initial_regret, Some(ONE / 4));
    // 0.9 of what was and 0.1 of 2 + 4.
    assert_about(regret(&after.one_out, 0, 2), -27 * ONE / 10 + 6 * ONE / 10);
    assert_about(regret(&after.one_out, 1, 0), 9 * ONE / 40 + 4 * ONE / 10);
    assert_about(regret(&after.one_in, 0x81, 0), 9 * ONE / 40 + 14 * ONE / 10);
    assert_about(regret(&after.one_in, 0x81, 1), 9 * 12 * ONE / 100 + 12 * ONE / 10);
    // Who was absent keeps what it had, with others and as the one withheld.
    let mut fewer = again.clone();
    fewer.inferences.remove(1);
    fewer.counterfactuals[0].0.retain(|entry| entry.seat != 1 && entry.without != 1);
    let after = fewer.settle_on(&first.state).unwrap().past;
    assert_eq!(after.one_out.find(1), first.past.one_out.find(1));
    assert_eq!(regret(&after.one_out, 0, 1), regret(&first.past.one_out, 0, 1));
    assert_ne!(regret(&after.one_out, 0, 2), regret(&first.past.one_out, 0, 2));
}

#[test]
fn an_equal_difference_leaves_a_regret_as_it_is() {
    let After { mut past, losses, without, .. } = given().settle().unwrap();
    let difference = without.0[0].value - losses.entries.find(2).unwrap().loss;
    past.one_out.0[0].entries.0[1].regret = difference;
    let mut again = given();
    again.registrations.clear();
    let after = again.settle_on(&past.encode().unwrap()).unwrap().past;
    assert_eq!(regret(&after.one_out, 0, 2), Some(difference));
}

#[test]
fn what_stands_of_a_seat_goes_with_its_owner() {
    let first = given().settle().unwrap();
    let names = |past: &Past, seat: u8| {
        let tables = past.one_out.0.iter().chain(&past.one_in.0);
        tables.flat_map(Table::seats).filter(|one| *one == seat).count()
    };
    assert_eq!(names(&first.past, 1), 1 + 4 + 2);
    for (owner, seat) in [(2, 1), (4, 0x80)] {
        for roles in [None, Some(owner), Some(9)] {
            let mut again = given();
            again.registrations = vec![left(owner)];
            let role = if seat < 0x80 { 1 } else { 2 };
            again.registrations.extend(roles.map(|next| joined(next, role)));
            let after = again.settle_on(&first.state).unwrap().past;
            // Whoever comes back at once is new, and learns from this epoch; another one does not.
            let is_back = roles == Some(owner);
            assert_eq!(names(&after, seat) > 0, is_back, "{seat} {roles:?}");
            if is_back && seat == 1 {
                let unseen = first.past.regrets.initial_regret.unwrap();
                assert_about(regret(&after.one_out, 0x80, 1), (9 * unseen + 6 * ONE) / 10);
            }
        }
    }
}

#[test]
fn a_table_without_regrets_vanishes() {
    let mut past = given().settle().unwrap().past;
    past.one_out.0.truncate(1);
    past.one_out.0[0].entries.0.retain(|entry| entry.seat == 1);
    past.one_in.0.truncate(1);
    past.one_in.0[0].entries.0.retain(|entry| entry.seat == 1);
    let mut missed = given();
    missed.registrations = vec![left(2)];
    let inputs: Vec<_> =
        missed.inputs().unwrap().into_iter().filter(|row| [0x11, 0x15].contains(&row[0])).collect();
    let settle = |past: &Past| {
        let state = past.encode().unwrap();
        let settled = allora_core::settle::settle(&slices(&inputs), &slices(&state)).unwrap();
        Past::read(&slices(&settled.state), &missed.parameters).unwrap()
    };
    let after = settle(&past);
    assert_eq!((after.one_out.0.len(), after.one_in.0.len()), (0, 0));
    // One whose own seat is left goes as a whole.
    past.one_out.0[0] = Table {
        seat: 1,
        entries: BySeat(vec![RegretOf { seat: 0, regret: ONE }, RegretOf { seat: 2, regret: 0 }]),
    };
    assert_eq!(settle(&past).one_out.0.len(), 0);
}

#[test]
fn nothing_is_learned_where_nothing_was_withheld() {
    let mut alone = given();
    alone.counterfactuals.clear();
    let past = alone.settle().unwrap().past;
    assert_eq!((past.one_out.0.len(), past.one_in.0.len()), (0, 0));
}

#[test]
fn rows_of_tables() {
    let table = |seat, entries: &[u8]| Table {
        seat,
        entries: BySeat(entries.iter().map(|seat| RegretOf { seat: *seat, regret: 0 }).collect()),
    };
    let out = |seat, entries: &[u8]| OneOutRegrets(table(seat, entries)).encode().map(|_| ());
    let alone = |seat, entries: &[u8]| OneInRegrets(table(seat, entries)).encode().map(|_| ());
    let malformed = Err(Error::MalformedRow);
    assert_eq!(out(3, &[2, 4, 0x80]), Ok(()));
    assert_eq!(out(0x83, &[2, 4, 0x80]), Ok(()));
    assert_eq!(out(3, &[2, 3]), malformed);
    assert_eq!(out(3, &[]), malformed);
    assert_eq!(out(3, &[4, 2]), malformed);
    assert_eq!(alone(0x83, &[2, 4, 0x83]), Ok(()));
    assert_eq!(alone(0x83, &[0x83]), Ok(()));
    assert_eq!(alone(0x83, &[2, 0x82]), malformed);
    assert_eq!(alone(3, &[2]), malformed);
    assert_eq!(alone(0x83, &[]), malformed);
}

#[test]
fn rows_of_tables_in_the_state() {
    let state = given().settle().unwrap().state;
    let mut inputs = given();
    inputs.registrations.clear();
    let on = |state: &[Vec<u8>]| inputs.settle_on(state).map(|_| ());
    assert_eq!(on(&state), Ok(()));
    // Six rows, five tables of one kind and two of the other.
    assert_eq!(state.len(), 13);
    for at in 6..13 {
        let mut without = state.clone();
        without.remove(at);
        assert_eq!(on(&without), Ok(()));
        let mut twice = state.clone();
        twice.insert(at, state[at].clone());
        assert_eq!(on(&twice), Err(Error::RowsOutOfOrder));
        let mut swapped = state.clone();
        swapped.swap(at - 1, at);
        assert_eq!(on(&swapped), Err(Error::RowsOutOfOrder), "{at}");
    }
    inputs.parameters.seating.forecaster_seats = 1;
    inputs.implied.pop();
    inputs.roster.pop();
    inputs.counterfactuals.clear();
    let seats = |kinds: &[u8]| {
        let rows = state.iter().filter(|row| row[0] < 0x27 || kinds.contains(&row[0])).cloned();
        let rows: Vec<_> = rows.collect();
        let mut past = Past::read(&slices(&rows), &given().parameters).unwrap();
        past.seats.seated.0.pop();
        past.regrets.forecasters.0.pop();
        past.inclusions.entries.0.pop();
        inputs.settle_on(&past.encode().unwrap()).map(|_| ())
    };
    assert_eq!(seats(&[]), Ok(()));
    assert_eq!(seats(&[0x27]), Err(Error::SeatOutOfRange));
    assert_eq!(seats(&[0x28]), Err(Error::SeatOutOfRange));
}
