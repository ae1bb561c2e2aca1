//! How the traces name their columns, and an epoch of the regression trace in plain values.
#![allow(dead_code, missing_docs)]
use crate::given::{Given, all_new};
use crate::support::{exact, shortened};
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::parameters::Parameters;
use allora_core::past::Past;
use allora_core::state::{ForecasterRegret, InfererRegret};
use allora_core::withheld::{RegretOf, Table};
use serde_json::Value;

pub const INFERERS: u8 = 5;
pub const FORECASTERS: u8 = 3;

/// How the traces number a worker.
pub const fn worker(seat: u8) -> u8 {
    if seat < 0x80 { seat } else { INFERERS + seat - 0x80 }
}

/// Everybody's seat.
pub fn seats() -> impl Iterator<Item = u8> {
    (0..INFERERS).chain(forecasters())
}

pub fn forecasters() -> impl Iterator<Item = u8> {
    (0..FORECASTERS).map(|k| 0x80 + k)
}

/// The column of a regret against the value without one.
pub fn one_out(seat: u8, withheld: u8) -> String {
    format!("inference_regret_worker_{}_oneout_{}", worker(seat), worker(withheld))
}

/// The column of a regret against the value with one forecaster, which itself is the worker after the inferers.
pub fn one_in(seat: u8, forecaster: u8) -> String {
    let worker = if seat < 0x80 { seat } else { INFERERS };
    format!("inference_regret_worker_{worker}_onein_{}", forecaster - 0x80)
}

fn number(row: &Value, key: &str) -> i128 {
    exact(&row[key]).to_i128().unwrap()
}

/// What was said in one epoch of one label, on the state that the epoch before left.
pub fn given_of(row: &Value, before: &Value, parameters: Parameters) -> Given {
    let mut given = all_new(parameters);
    let value = |i| (i, vec![number(row, &format!("inference_{i}"))]);
    given.values = (0..INFERERS).map(value).collect();
    let loss = |k: u8, i| (i, number(row, &format!("forecasted_loss_{k}_for_{i}")));
    let losses = |k| (0x80 + k, (0..INFERERS).map(|i| loss(k, i)).collect());
    given.forecasts = (0..FORECASTERS).map(losses).collect();
    given.past.regrets.previous_loss = Some(number(before, "network_loss"));
    given.past.regrets.initial_regret = Some(0);
    know(&mut given.past, before, &|_| true);
    given
}

/// Puts the regrets of some into the state; of tables those that are of two of them.
pub fn know(past: &mut Past, row: &Value, knows: &dyn Fn(u8) -> bool) {
    let network = |seat| number(row, &format!("inference_regret_worker_{}", worker(seat)));
    for seat in (0..INFERERS).filter(|seat| knows(*seat)) {
        let naive = number(row, &format!("naive_inference_regret_worker_{seat}"));
        let entry = InfererRegret { seat: Inferer(seat), network: network(seat), naive };
        past.regrets.inferers.put(entry);
    }
    for seat in forecasters().filter(|seat| knows(*seat)) {
        let entry = ForecasterRegret { seat: Forecaster(seat), network: network(seat) };
        past.regrets.forecasters.put(entry);
    }
    // A few of these have more places than a Wad.
    let regret =
        |seat, key: String| RegretOf { seat, regret: shortened(&row[key]).to_i128().unwrap() };
    for of in seats().filter(|seat| knows(*seat)) {
        let others = seats().filter(|seat| *seat != of && knows(*seat));
        let entries: Vec<_> = others.map(|seat| regret(seat, one_out(seat, of))).collect();
        if !entries.is_empty() {
            past.one_out.put(Table { seat: of, entries: BySeat(entries) });
        }
    }
    for of in forecasters().filter(|seat| knows(*seat)) {
        let these = (0..INFERERS).filter(|seat| knows(*seat)).chain([of]);
        let entries = these.map(|seat| regret(seat, one_in(seat, of))).collect();
        past.one_in.put(Table { seat: of, entries: BySeat(entries) });
    }
}
