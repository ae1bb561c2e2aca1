//! The same participants on other seats.
use super::{Given, Made};
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::state::{ForecasterRegret, InfererRegret};
use allora_core::withheld::{Entry, List, Lists, RegretOf, Table};

/// The same epoch with other seats.
pub fn moved(given: &Given, of: &dyn Fn(u8) -> u8) -> Given {
    let mut moved = given.clone();
    let table = |Table { seat, entries }: &Table| {
        let entry = |entry: &RegretOf| RegretOf { seat: of(entry.seat), regret: entry.regret };
        Table { seat: of(*seat), entries: sorted(entries.0.iter().map(entry), |one| one.seat) }
    };
    let past = &given.past;
    moved.past.one_out = sorted(past.one_out.0.iter().map(table), |table| table.seat);
    moved.past.one_in = sorted(past.one_in.0.iter().map(table), |table| table.seat);
    let inferers = past.regrets.inferers.0.iter();
    let inferer =
        |entry: &InfererRegret| InfererRegret { seat: Inferer(of(entry.seat.0)), ..entry.clone() };
    moved.past.regrets.inferers = sorted(inferers.map(inferer), |entry| entry.seat.0);
    let forecaster = |entry: &ForecasterRegret| ForecasterRegret {
        seat: Forecaster(of(entry.seat.0)),
        network: entry.network,
    };
    let forecasters = past.regrets.forecasters.0.iter();
    moved.past.regrets.forecasters = sorted(forecasters.map(forecaster), |entry| entry.seat.0);
    let values = given.values.iter().map(|(seat, values)| (of(*seat), values.clone()));
    moved.values = sorted(values, |(seat, _)| *seat).0;
    let losses = |losses: &[(u8, i128)]| {
        sorted(losses.iter().map(|(seat, loss)| (of(*seat), *loss)), |(seat, _)| *seat).0
    };
    let forecasts = given.forecasts.iter().map(|(seat, named)| (of(*seat), losses(named)));
    moved.forecasts = sorted(forecasts, |(seat, _)| *seat).0;
    moved
}

fn sorted<T>(entries: impl Iterator<Item = T>, key: impl Fn(&T) -> u8) -> BySeat<T> {
    let mut entries: Vec<T> = entries.collect();
    entries.sort_by_key(key);
    BySeat(entries)
}

/// The same results with other seats.
pub fn moved_output(made: &Made, of: &dyn Fn(u8) -> u8) -> Made {
    let pairs = |pairs: &[(u8, i128)]| {
        sorted(pairs.iter().map(|(seat, value)| (of(*seat), *value)), |(seat, _)| *seat).0
    };
    let lists = |lists: &Lists| {
        let without = |entry: &Entry| match entry.list {
            List::OneOutImplied => of(entry.without),
            _ => 0,
        };
        let moved =
            |entry: &Entry| Entry { seat: of(entry.seat), without: without(entry), ..*entry };
        let mut moved: Vec<_> = lists.0.iter().map(moved).collect();
        moved.sort_by_key(Entry::key);
        Lists(moved)
    };
    Made {
        values: made.values.clone(),
        weights: pairs(&made.weights),
        implied: made.implied.iter().map(|label| pairs(label)).collect(),
        lists: made.lists.iter().map(lists).collect(),
    }
}
