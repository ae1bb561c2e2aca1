//! The truths about the epoch of `given.rs`, and the settlement that follows from them.

use allora_core::codec::{Row, keccak256};
use allora_core::fields::BySeat;
use allora_core::lists::{INPUTS, OUTPUTS, list_row};
use allora_core::settlement::{
    ByReputer, Elector, Electorate, Pot, Roster, SettlementContext, Stake, TruthOf, TruthSignature,
    TruthSignatures, Truths,
};
use allora_core::state::SeatOwner;

const ONE: i128 = 1_000_000_000_000_000_000;
/// Each with its stake and the class that it says came true; the last one is silent.
const REPUTERS: [(u8, u128, Option<u16>); 4] = [
    (0x51, 400 * ONE as u128, Some(1)),
    (0x52, 300 * ONE as u128 + 1, Some(0)),
    (0x53, u128::MAX >> 60, Some(1)),
    (0xf4, 7, None),
];

/// The input rows of the settlement, from those of the report and its output rows.
pub fn inputs(report: &[Vec<u8>], outputs: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let of = |rows: &[Vec<u8>], kind: u8| -> Vec<Vec<u8>> {
        rows.iter().filter(|row| row[0] == kind).cloned().collect()
    };
    let spoke = || REPUTERS.iter().filter_map(|(name, _, class)| Some((*name, (*class)?)));
    let elector =
        |(name, stake, _): &(u8, u128, _)| Elector { reputer: [*name; 20], stake: Stake(*stake) };
    let truths = (0..3u16).map(|label| {
        let truth = |(name, class): (u8, u16)| TruthOf {
            reputer: [name; 20],
            value: if class == label { ONE } else { 0 },
        };
        let entries = ByReputer(spoke().map(truth).collect());
        Truths { label, entries }.encode().unwrap()
    });
    let signature = |(name, _)| TruthSignature {
        reputer: [name; 20],
        extra: keccak256(&[name]),
        signature: [[name; 32], keccak256(&[name, 1])].concat().try_into().unwrap(),
    };
    // Seat 31 went to another one since.
    let owner = |(seat, owner): (u8, u8)| SeatOwner { seat, owner: [owner; 20] };
    let roster = [(0, 0), (7, 7), (31, 30), (0x80, 0x80), (0x85, 0x85)].map(owner).to_vec();

    let mut rows = of(report, 0x11);
    rows.extend([0x12, 0x13, 0x15].into_iter().flat_map(|kind| of(report, kind)));
    let electorate = ByReputer(REPUTERS.iter().map(elector).collect());
    rows.push(Electorate { entries: electorate }.encode().unwrap());
    rows.extend(truths);
    let signatures = ByReputer(spoke().map(signature).collect());
    rows.push(TruthSignatures { entries: signatures }.encode().unwrap());
    rows.push(Pot { amount: 0 }.encode().unwrap());
    rows.push(Roster { entries: BySeat(roster) }.encode().unwrap());
    rows.extend([0x31, 0x33, 0x36].into_iter().flat_map(|kind| of(outputs, kind)));
    rows
}

/// What a settlement of an epoch without truths is made of.
pub fn missed(inputs: &[Vec<u8>]) -> Vec<Vec<u8>> {
    inputs.iter().filter(|row| [0x11, 0x15].contains(&row[0])).cloned().collect()
}

/// The context row of a settlement.
pub fn context(report: &[u8], inputs: &[Vec<u8>], outputs: &[Vec<u8>]) -> Vec<u8> {
    let hash = |kind, rows: &[Vec<u8>]| keccak256(&list_row(kind, rows).unwrap());
    let context = SettlementContext {
        parameters_hash: keccak256(&inputs[0]),
        report_context: keccak256(report),
        inputs_hash: hash(INPUTS, inputs),
        outputs_hash: hash(OUTPUTS, outputs),
        registrations: keccak256(b"up to here"),
    };
    context.encode().unwrap()
}
