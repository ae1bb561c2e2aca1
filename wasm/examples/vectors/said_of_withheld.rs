//! What a row of counterfactuals says, in the words of wasm/withheld.ts.

use super::said::wad;
use allora_core::codec::Row;
use allora_core::withheld::{
    CounterfactualLosses, Counterfactuals, List, Lists, OneInRegrets, OneOutRegrets, Table,
};
use serde_json::{Value, json};

fn table(Table { seat, entries }: &Table) -> Value {
    let entries: Vec<_> = (entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat, "regret": wad(entry.regret) }))
        .collect();
    json!({ "seat": seat, "entries": entries })
}

pub fn one_out(row: &[u8]) -> Value {
    table(&OneOutRegrets::decode(row).unwrap().0)
}

pub fn one_in(row: &[u8]) -> Value {
    table(&OneInRegrets::decode(row).unwrap().0)
}

fn lists(lists: &Lists) -> Value {
    let of = |list| -> Value {
        (lists.of(list))
            .map(|entry| json!({ "seat": entry.seat, "value": wad(entry.value) }))
            .collect()
    };
    let implied: Value = (lists.of(List::OneOutImplied))
        .map(|entry| {
            json!({ "forecaster": entry.seat, "inferer": entry.without, "value": wad(entry.value) })
        })
        .collect();
    json!({
        "oneOutInferers": of(List::OneOutInferers),
        "oneOutForecasters": of(List::OneOutForecasters),
        "oneInForecasters": of(List::OneInForecasters),
        "oneOutImplied": implied,
    })
}

pub fn values(row: &[u8]) -> Value {
    let said = Counterfactuals::decode(row).unwrap();
    let mut all = lists(&said.lists);
    all["label"] = json!(said.label);
    all
}

pub fn losses(row: &[u8]) -> Value {
    lists(&CounterfactualLosses::decode(row).unwrap().lists)
}
