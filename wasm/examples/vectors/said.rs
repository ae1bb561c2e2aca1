//! What a row says, in the words of wasm/rows.ts; integers wider than 32 bits as text, what is absent as null.

use super::hex;
use allora_core::codec::{ReportContext, Row};
use allora_core::fields::BySeat;
use allora_core::inputs::{Forecast, Inferences, Registrations, Signatures};
use allora_core::lists::{List, OneInTables, OneOutTables, TableHash};
use allora_core::outputs::{Implied, Value as ValueRow, Weights};
use allora_core::state::{Errors, Inclusions, Quality, Regrets, SeatOwner, Seats};
use serde_json::{Value, json};

pub fn wad(value: i128) -> Value {
    json!(value.to_string())
}

fn optional(value: Option<i128>) -> Value {
    value.map_or(Value::Null, wad)
}

pub fn context(row: &[u8]) -> Value {
    let said = ReportContext::decode(row).unwrap();
    json!({
        "parametersHash": hex(&said.parameters_hash),
        "settledEpoch": said.settled_epoch,
        "settledLeaf": hex(&said.settled_leaf),
        "stateHash": hex(&said.state_hash),
        "inputsHash": hex(&said.inputs_hash),
        "outputsHash": hex(&said.outputs_hash),
    })
}

pub fn list(row: &[u8]) -> Value {
    let said = List::decode(row).unwrap();
    let hashes: Vec<_> = said.hashes.iter().map(|hash| hex(hash)).collect();
    json!({ "kind": said.kind.0, "hashes": hashes })
}

fn tables(entries: &BySeat<TableHash>) -> Value {
    let entry = |entry: &TableHash| json!({ "seat": entry.seat, "hash": hex(&entry.hash) });
    entries.0.iter().map(entry).collect()
}

pub fn one_out_tables(row: &[u8]) -> Value {
    tables(&OneOutTables::decode(row).unwrap().entries)
}

pub fn one_in_tables(row: &[u8]) -> Value {
    tables(&OneInTables::decode(row).unwrap().entries)
}

pub fn inferences(row: &[u8]) -> Value {
    let said = Inferences::decode(row).unwrap();
    let entries: Vec<_> = (said.entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat.0, "value": wad(entry.value) }))
        .collect();
    json!({ "label": said.label, "entries": entries })
}

pub fn forecast(row: &[u8]) -> Value {
    let said = Forecast::decode(row).unwrap();
    let entries: Vec<_> = (said.entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat.0, "loss": wad(entry.loss) }))
        .collect();
    json!({ "seat": said.seat.0, "entries": entries })
}

pub fn signatures(row: &[u8]) -> Value {
    let said = Signatures::decode(row).unwrap();
    (said.entries.0.iter())
        .map(|entry| {
            json!({
                "seat": entry.seat,
                "extra": hex(&entry.extra),
                "signature": hex(&entry.signature),
            })
        })
        .collect()
}

pub fn registrations(row: &[u8]) -> Value {
    let said = Registrations::decode(row).unwrap();
    let change = |byte: u8| match byte {
        1 => "joined",
        2 => "left",
        _ => "signerChanged",
    };
    let entries: Vec<_> = (said.entries.iter())
        .map(|entry| {
            json!({
                "change": change(entry.change.0),
                "roles": entry.roles.0,
                "owner": hex(&entry.owner),
                "signer": hex(&entry.signer),
            })
        })
        .collect();
    json!({ "number": said.number, "entries": entries })
}

/// Who sits where, in the seats and in a roster alike.
pub fn owners(entries: &BySeat<SeatOwner>) -> Value {
    (entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat, "owner": hex(&entry.owner) }))
        .collect()
}

pub fn seats(row: &[u8]) -> Value {
    let said = Seats::decode(row).unwrap();
    let waiting: Vec<_> = (said.waiting.0.iter())
        .map(|entry| json!({ "roles": entry.roles.0, "owner": hex(&entry.owner) }))
        .collect();
    json!({ "seated": owners(&said.seated), "waiting": waiting })
}

pub fn regrets(row: &[u8]) -> Value {
    let said = Regrets::decode(row).unwrap();
    let inferers: Vec<_> = (said.inferers.0.iter())
        .map(|entry| {
            json!({
                "seat": entry.seat.0,
                "network": wad(entry.network),
                "naive": wad(entry.naive),
            })
        })
        .collect();
    let forecasters: Vec<_> = (said.forecasters.0.iter())
        .map(|entry| json!({ "seat": entry.seat.0, "network": wad(entry.network) }))
        .collect();
    json!({
        "previousLoss": optional(said.previous_loss),
        "scale": wad(said.scale),
        "initialRegret": optional(said.initial_regret),
        "inferers": inferers,
        "forecasters": forecasters,
    })
}

pub fn errors(row: &[u8]) -> Value {
    let said = Errors::decode(row).unwrap();
    (said.labels.iter())
        .map(|label| {
            json!({
                "emaError": optional(label.ema_error),
                "lastMedian": optional(label.last_median),
                "mad": optional(label.mad),
            })
        })
        .collect()
}

pub fn value(row: &[u8]) -> Value {
    let said = ValueRow::decode(row).unwrap();
    let [p2, p16, p50, p84, p98] = said.percentiles.map(wad);
    json!({
        "label": said.label,
        "combined": wad(said.combined),
        "naive": wad(said.naive),
        "sigma": optional(said.sigma),
        "p2": p2,
        "p16": p16,
        "p50": p50,
        "p84": p84,
        "p98": p98,
    })
}

pub fn weights(row: &[u8]) -> Value {
    let said = Weights::decode(row).unwrap();
    (said.entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat, "weight": wad(entry.weight) }))
        .collect()
}

pub fn implied(row: &[u8]) -> Value {
    let said = Implied::decode(row).unwrap();
    let entries: Vec<_> = (said.entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat.0, "value": wad(entry.value) }))
        .collect();
    json!({ "label": said.label, "entries": entries })
}

pub fn inclusions(row: &[u8]) -> Value {
    let said = Inclusions::decode(row).unwrap();
    (said.entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat, "count": entry.count }))
        .collect()
}

pub fn quality(row: &[u8]) -> Value {
    let said = Quality::decode(row).unwrap();
    let losses = said
        .losses
        .map(|losses| json!({ "network": wad(losses.network), "naive": wad(losses.naive) }));
    let coverage =
        said.coverage.map(|coverage| json!({ "one": wad(coverage.one), "two": wad(coverage.two) }));
    json!({ "losses": losses, "coverage": coverage, "missed": said.missed })
}
