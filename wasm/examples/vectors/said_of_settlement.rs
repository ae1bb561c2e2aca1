//! What a settlement's row says, in the words of wasm/settlement.ts.

use super::hex;
use super::said::{owners, wad};
use allora_core::codec::Row;
use allora_core::settlement::{
    Electorate, Losses, Pot, Roster, SettledTruth, SettlementContext, TruthSignatures, Truths,
};
use serde_json::{Value, json};

pub fn context(row: &[u8]) -> Value {
    let said = SettlementContext::decode(row).unwrap();
    json!({
        "parametersHash": hex(&said.parameters_hash),
        "reportContext": hex(&said.report_context),
        "inputsHash": hex(&said.inputs_hash),
        "outputsHash": hex(&said.outputs_hash),
        "registrations": hex(&said.registrations),
    })
}

pub fn electorate(row: &[u8]) -> Value {
    let said = Electorate::decode(row).unwrap();
    (said.entries.0.iter())
        .map(|entry| json!({ "reputer": hex(&entry.reputer), "stake": entry.stake.0.to_string() }))
        .collect()
}

pub fn truths(row: &[u8]) -> Value {
    let said = Truths::decode(row).unwrap();
    let entries: Vec<_> = (said.entries.0.iter())
        .map(|entry| json!({ "reputer": hex(&entry.reputer), "value": wad(entry.value) }))
        .collect();
    json!({ "label": said.label, "entries": entries })
}

pub fn signatures(row: &[u8]) -> Value {
    let said = TruthSignatures::decode(row).unwrap();
    (said.entries.0.iter())
        .map(|entry| {
            json!({
                "reputer": hex(&entry.reputer),
                "extra": hex(&entry.extra),
                "signature": hex(&entry.signature),
            })
        })
        .collect()
}

pub fn pot(row: &[u8]) -> Value {
    json!(Pot::decode(row).unwrap().amount.to_string())
}

pub fn roster(row: &[u8]) -> Value {
    owners(&Roster::decode(row).unwrap().entries)
}

pub fn truth(row: &[u8]) -> Value {
    SettledTruth::decode(row).unwrap().labels.into_iter().map(wad).collect()
}

pub fn losses(row: &[u8]) -> Value {
    let said = Losses::decode(row).unwrap();
    let entries: Vec<_> = (said.entries.0.iter())
        .map(|entry| json!({ "seat": entry.seat, "loss": wad(entry.loss) }))
        .collect();
    json!({ "combined": wad(said.combined), "naive": wad(said.naive), "entries": entries })
}
