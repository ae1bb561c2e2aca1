//! Steps 2 to 6: the packed rows, as contracts/types/Rows.sol lays them down; every kind with a strict decoder.
//!
//! Bounds that are not bytes' are checked where rows become an epoch (`epoch.rs`): values lie in the topic's range, forecast
//! losses (log10, Wad) within ±1000, seats within the topic's. Then no sum or product leaves 256 bits.

use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Forecaster, Inferer, Reader, Seated, record};
use alloc::vec::Vec;
use tiny_keccak::{Hasher, Keccak};

/// A keccak256 hash.
pub type Hash = [u8; 32];
/// An address.
pub type Address = [u8; 20];

/// The longest row there is.
pub const MAX_ROW_BYTES: usize = 16_384;
/// How many registrations a full row holds.
pub const MAX_REGISTRATIONS: usize = 380;

/// The list of input rows.
pub const INPUTS: u8 = 0x10;
/// The list of state rows.
pub const STATE: u8 = 0x20;
/// The list of output rows.
pub const OUTPUTS: u8 = 0x30;

/// Something that is a row by itself.
pub trait Row: Field {
    /// The row's first byte.
    const KIND: u8;

    /// Reads a whole row.
    fn decode(row: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(row);
        if row.len() > MAX_ROW_BYTES || u8::read(&mut reader)? != Self::KIND {
            return Err(Error::MalformedRow);
        }
        let fields = Self::read(&mut reader)?;
        reader.end().map(|()| fields)
    }

    /// Writes the whole row.
    fn encode(&self) -> Result<Vec<u8>> {
        let mut row = Vec::from([Self::KIND]);
        self.write(&mut row)?;
        if row.len() > MAX_ROW_BYTES { Err(Error::MalformedRow) } else { Ok(row) }
    }
}

macro_rules! rows {
    ($($name:ident = $kind:literal,)*) => {$(
        impl Row for $name { const KIND: u8 = $kind; }
    )*};
}
rows! {
    ReportContext = 0x01,
    List = 0xff,
    Inferences = 0x12,
    Forecast = 0x13,
    Signatures = 0x14,
    Registrations = 0x15,
    Version = 0x21,
    Seats = 0x22,
    Regrets = 0x23,
    Errors = 0x24,
    Value = 0x31,
    Weights = 0x32,
    Implied = 0x33,
}

macro_rules! seated {
    ($($name:ident: $seat:expr,)*) => {$(
        impl Seated for $name {
            fn seat(&self) -> u8 { let seat: fn(&$name) -> u8 = $seat; seat(self) }
        }
    )*};
}
seated! {
    Inference: |entry| entry.seat.0,
    ForecastLoss: |entry| entry.seat.0,
    Signature: |entry| entry.seat,
    SeatOwner: |entry| entry.seat,
    InfererRegret: |entry| entry.seat.0,
    ForecasterRegret: |entry| entry.seat.0,
    Weight: |entry| entry.seat,
    ImpliedValue: |entry| entry.seat.0,
}

record! {
    /// 0x01: what a report rests on.
    ReportContext {
        /// The parameters row.
        parameters_hash: Hash,
        /// The epoch whose settlement left the state, 0 before the first.
        settled_epoch: u32,
        /// That settlement's leaf, 0 before the first.
        settled_leaf: Hash,
        /// The list of state rows.
        state_hash: Hash,
        /// The list of input rows.
        inputs_hash: Hash,
        /// The list of output rows.
        outputs_hash: Hash,
    }
}

record! {
    /// 0xff: the hashes of other rows.
    List {
        /// Inputs, state or outputs.
        kind: ListKind,
        /// In the order of the list.
        hashes: Vec<Hash>,
    }
}

/// Inputs, state or outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKind(pub u8);

impl Field for ListKind {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match u8::read(reader)? {
            kind @ (INPUTS | STATE | OUTPUTS) => Ok(Self(kind)),
            _ => Err(Error::MalformedRow),
        }
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        match self.0 {
            INPUTS | STATE | OUTPUTS => self.0.write(out),
            _ => Err(Error::MalformedRow),
        }
    }
}

record! {
    /// 0x12: the inferences about one label.
    Inferences {
        /// Counted from 0.
        label: u16,
        /// By seat.
        entries: BySeat<Inference>,
    }
}

record! {
    /// One worker's value of one label.
    Inference {
        /// The inferer's.
        seat: Inferer,
        /// Wad.
        value: i128,
    }
}

record! {
    /// 0x13: the losses that one forecaster expects.
    Forecast {
        /// The forecaster's own.
        seat: Forecaster,
        /// By the inferers' seats.
        entries: BySeat<ForecastLoss>,
    }
}

record! {
    /// The loss that is expected of one inferer.
    ForecastLoss {
        /// The inferer's.
        seat: Inferer,
        /// log10, Wad.
        loss: i128,
    }
}

record! {
    /// 0x14: the workers' signatures, one per submission.
    Signatures {
        /// By the lowest seat that the submission is for.
        entries: BySeat<Signature>,
    }
}

record! {
    /// One worker's signature.
    Signature {
        /// The lowest that it submitted for.
        seat: u8,
        /// The submission's last field.
        extra: Hash,
        /// r, then s with the parity of y in its top bit.
        signature: [u8; 64],
    }
}

/// 0x15: a part of the topic's registrations, in the chain's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrations {
    /// Of the part, from 0.
    pub number: u16,
    /// At least one, at most 380.
    pub entries: Vec<Registration>,
}

impl Field for Registrations {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let (number, entries) = (u16::read(reader)?, Vec::read(reader)?);
        let row = Self { number, entries };
        row.sized().map(|()| row)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.sized()?;
        self.number.write(out)?;
        self.entries.write(out)
    }
}

impl Registrations {
    fn sized(&self) -> Result<()> {
        let fits = (1..=MAX_REGISTRATIONS).contains(&self.entries.len());
        if fits { Ok(()) } else { Err(Error::MalformedRow) }
    }
}

record! {
    /// One change of the topic's workers.
    Registration {
        /// 1 joined, 2 left, 3 signer changed.
        change: OneToThree,
        /// 1 inferer, 2 forecaster, 3 both.
        roles: OneToThree,
        /// Whose registration it is.
        owner: Address,
        /// Who signs for it.
        signer: Address,
    }
}

/// A byte from 1 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneToThree(pub u8);

impl Field for OneToThree {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match u8::read(reader)? {
            byte @ 1..=3 => Ok(Self(byte)),
            _ => Err(Error::MalformedRow),
        }
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        match self.0 {
            1..=3 => self.0.write(out),
            _ => Err(Error::MalformedRow),
        }
    }
}

/// 0x21: the state's version, which is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version;

impl Field for Version {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        if u16::read(reader)? == 1 { Ok(Self) } else { Err(Error::MalformedRow) }
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        1u16.write(out)
    }
}

record! {
    /// 0x22: who sits where.
    Seats {
        /// By seat.
        entries: BySeat<SeatOwner>,
    }
}

record! {
    /// One seat's worker.
    SeatOwner {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// The worker.
        owner: Address,
    }
}

record! {
    /// 0x23: what the value needs of the past.
    Regrets {
        /// The network's last loss, log10.
        previous_loss: Option<i128>,
        /// The regret scale; 0 if there is none yet.
        scale: i128,
        /// The regret of a seat that has not been seen; absent while all are new.
        initial_regret: Option<i128>,
        /// Of the inferers that have been seen.
        inferers: BySeat<InfererRegret>,
        /// Of the forecasters that have been seen.
        forecasters: BySeat<ForecasterRegret>,
    }
}

record! {
    /// One inferer's regrets.
    InfererRegret {
        /// The inferer's.
        seat: Inferer,
        /// Against the combined value.
        network: i128,
        /// Against the naive value.
        naive: i128,
    }
}

record! {
    /// One forecaster's regret.
    ForecasterRegret {
        /// The forecaster's.
        seat: Forecaster,
        /// Against the combined value.
        network: i128,
    }
}

record! {
    /// 0x24: how far off the past values were.
    Errors {
        /// One a label.
        labels: Vec<LabelErrors>,
    }
}

record! {
    /// How far off one label's past values were.
    LabelErrors {
        /// Moving average of |truth - value|.
        ema_error: Option<i128>,
        /// Of the last inferences.
        last_median: Option<i128>,
        /// Their median absolute deviation, smoothed.
        mad: Option<i128>,
    }
}

record! {
    /// 0x31: one label's synthesis.
    Value {
        /// Counted from 0.
        label: u16,
        /// The network's value.
        combined: i128,
        /// The value without forecasters.
        naive: i128,
        /// Half the width of the central 68 %, or the past error if that is larger.
        sigma: Option<i128>,
        /// 2.28, 15.87, 50, 84.13 and 97.72 %.
        percentiles: [i128; 5],
    }
}

impl Field for [i128; 5] {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut values = [0; 5];
        for value in &mut values {
            *value = i128::read(reader)?;
        }
        Ok(values)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.iter().try_for_each(|value| value.write(out))
    }
}

record! {
    /// 0x32: the weights of the combined values.
    Weights {
        /// By seat; the best weighs 1e18.
        entries: BySeat<Weight>,
    }
}

record! {
    /// One worker's weight.
    Weight {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// Wad, from 0 to 1.
        weight: i128,
    }
}

record! {
    /// 0x33: what the forecasts imply about one label.
    Implied {
        /// Counted from 0.
        label: u16,
        /// By seat, of the forecasters that have one.
        entries: BySeat<ImpliedValue>,
    }
}

record! {
    /// What one forecast implies about one label.
    ImpliedValue {
        /// The forecaster's.
        seat: Forecaster,
        /// Wad.
        value: i128,
    }
}

/// The keccak256 of some bytes: the hash of a row.
pub fn keccak256(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    let mut hasher = Keccak::v256();
    hasher.update(bytes);
    hasher.finalize(&mut hash);
    hash
}

/// The list of rows, itself a row.
pub fn list_row(kind: u8, rows: &[Vec<u8>]) -> Result<Vec<u8>> {
    let hashes = rows.iter().map(|row| keccak256(row)).collect();
    List { kind: ListKind(kind), hashes }.encode()
}

/// Rows in a frame, the form in which they pass between JavaScript and the core: count 2, then (length 2, bytes)*.
pub fn unframe(frame: &[u8]) -> Result<Vec<&[u8]>> {
    let mut reader = Reader::new(frame);
    let count = u16::read(&mut reader)?;
    let rows = (0..count)
        .map(|_| {
            let length = u16::read(&mut reader)?;
            reader.slice(usize::from(length))
        })
        .collect::<Result<_>>()?;
    reader.end().map(|()| rows)
}

/// Puts rows into a frame.
pub fn frame(rows: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    u16::try_from(rows.len()).map_err(|_| Error::MalformedRow)?.write(&mut out)?;
    for row in rows {
        u16::try_from(row.len()).map_err(|_| Error::MalformedRow)?.write(&mut out)?;
        out.extend(row);
    }
    Ok(out)
}
