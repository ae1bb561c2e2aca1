//! Strictness: bytes either decode to what encodes to the same bytes, or they are refused.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::{MAX_ROW_BYTES, ReportContext, Row, keccak256};
use allora_core::error::Error;
use allora_core::inputs::{Forecast, Inferences, Registrations, Signatures};
use allora_core::lists::{List, OneInTables, OneOutTables};
use allora_core::outputs::{Implied, Value as ValueRow, Weights};
use allora_core::parameters::Parameters;
use allora_core::settlement::{
    Electorate, Losses, Pot, Roster, SettledTruth, SettlementContext, TruthSignatures, Truths,
};
use allora_core::state::{Errors, Inclusions, Quality, Regrets, Seats, Version};
use allora_core::withheld::{CounterfactualLosses, Counterfactuals, OneInRegrets, OneOutRegrets};
use serde_json::Value;
use support::{Seeded, vectors};

mod support;

const ROUNDS: u32 = 3_000;

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap().strip_prefix("0x").unwrap();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// What a decoder and its encoder make of bytes.
type Codec = fn(&[u8]) -> Result<Vec<u8>, Error>;

fn codec_of(kind: &str) -> Codec {
    fn again<T: Row>(row: &[u8]) -> Result<Vec<u8>, Error> {
        T::decode(row).and_then(|decoded| decoded.encode())
    }
    match kind {
        "reportContext" => again::<ReportContext>,
        "list" => again::<List>,
        "parameters" => again::<Parameters>,
        "inferences" => again::<Inferences>,
        "forecast" => again::<Forecast>,
        "signatures" => again::<Signatures>,
        "registrations" => again::<Registrations>,
        "version" => again::<Version>,
        "seats" => again::<Seats>,
        "regrets" => again::<Regrets>,
        "errors" => again::<Errors>,
        "value" => again::<ValueRow>,
        "weights" => again::<Weights>,
        "implied" => again::<Implied>,
        "inclusions" => again::<Inclusions>,
        "quality" => again::<Quality>,
        "settlementContext" => again::<SettlementContext>,
        "electorate" => again::<Electorate>,
        "truths" => again::<Truths>,
        "truthSignatures" => again::<TruthSignatures>,
        "pot" => again::<Pot>,
        "roster" => again::<Roster>,
        "settledTruth" => again::<SettledTruth>,
        "losses" => again::<Losses>,
        "oneOutRegrets" => again::<OneOutRegrets>,
        "oneInRegrets" => again::<OneInRegrets>,
        "oneOutTables" => again::<OneOutTables>,
        "oneInTables" => again::<OneInTables>,
        "counterfactuals" => again::<Counterfactuals>,
        "counterfactualLosses" => again::<CounterfactualLosses>,
        other => panic!("{other}"),
    }
}

fn examples() -> Vec<(String, Vec<u8>, Value)> {
    let file = vectors("rows");
    let rows = file["rows"].as_array().unwrap().iter().chain([&file["parameters"]]);
    rows.map(|given| {
        (given["kind"].as_str().unwrap().to_owned(), bytes(&given["row"]), given.clone())
    })
    .collect()
}

fn mutated(seeded: &mut Seeded, row: &[u8]) -> Vec<u8> {
    let mut row = row.to_vec();
    for _ in 0..=seeded.below(3) {
        let at = usize::try_from(seeded.below(row.len() as u64 + 1)).unwrap();
        let byte = u8::try_from(seeded.below(256)).unwrap();
        match seeded.below(5) {
            0 => row.truncate(at),
            1 => row.insert(at, byte),
            2 if at < row.len() => drop(row.remove(at)),
            _ if at < row.len() => row[at] = byte,
            _ => row.push(byte),
        }
    }
    row
}

#[test]
fn every_kind_stands_in_the_examples() {
    let mut kinds: Vec<_> = examples().into_iter().map(|(_, row, _)| row[0]).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let all = [
        1, 2, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x21, 0x22, 0x23, 0x24,
        0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0xff,
    ];
    assert_eq!(kinds, all);
}

#[test]
fn the_examples_decode_and_hash() {
    for (kind, row, given) in examples() {
        assert_eq!(codec_of(&kind)(&row).as_ref(), Ok(&row), "{kind}");
        assert_eq!(keccak256(&row).to_vec(), bytes(&given["hash"]), "{kind}");
    }
}

#[test]
fn changed_bytes_are_the_same_row_or_none() {
    let mut seeded = Seeded(11);
    for (kind, row, _) in examples() {
        let mut decoded = 0;
        for _ in 0..ROUNDS {
            let changed = mutated(&mut seeded, &row);
            match codec_of(&kind)(&changed) {
                Ok(again) => {
                    assert_eq!(again, changed, "{kind}");
                    decoded += 1;
                }
                Err(error) => assert_eq!(error, Error::MalformedRow),
            }
        }
        assert!(decoded < ROUNDS, "{kind}");
    }
}

#[test]
fn a_row_of_another_kind_or_cut_or_extended_does_not_decode() {
    for (kind, row, _) in examples() {
        for length in 0..row.len() {
            assert_eq!(codec_of(&kind)(&row[..length]), Err(Error::MalformedRow), "{kind}");
        }
        assert_eq!(codec_of(&kind)(&[&row[..], &[0]].concat()), Err(Error::MalformedRow));
        for (other, ..) in examples() {
            assert_eq!(codec_of(&other)(&row).is_ok(), other == kind, "{kind} as {other}");
        }
    }
}

#[test]
fn the_longest_row_decodes_and_a_longer_one_does_not() {
    // A list of 511 hashes has 16,356 bytes; one of 512 would have 16,388.
    let list = |count: u16| {
        let head = [&[0xff, 0x10][..], &count.to_be_bytes()].concat();
        [head, vec![7; usize::from(count) * 32]].concat()
    };
    assert!(list(511).len() <= MAX_ROW_BYTES && list(512).len() > MAX_ROW_BYTES);
    assert!(List::decode(&list(511)).is_ok());
    assert_eq!(List::decode(&list(512)), Err(Error::MalformedRow));
}
