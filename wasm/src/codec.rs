//! Steps 2 to 6: packed rows, as contracts/types/Rows.sol lays them down, with strict decoders; here what all kinds share,
//! and the report's context. The other kinds stand in `parameters`, `inputs`, `state`, `outputs`, `settlement`, `withheld` and
//! `lists`.
//!
//! Bounds that are not bytes' are checked where rows become an epoch (`epoch.rs`): values lie in the topic's range, forecast
//! losses (log10, Wad) within ±1000, seats within the topic's. Then no sum or product leaves 256 bits.

use crate::error::{Error, Result};
use crate::fields::{Field, Reader, record};
use alloc::vec::Vec;
use tiny_keccak::{Hasher, Keccak};

/// A keccak256 hash.
pub type Hash = [u8; 32];
/// An address.
pub type Address = [u8; 20];

/// The longest row there is.
pub const MAX_ROW_BYTES: usize = if cfg!(feature = "wide") { 65_535 } else { 16_384 };

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

/// Declares which kinds some structs are.
macro_rules! rows {
    ($($name:ident = $kind:literal,)*) => {$(
        impl $crate::codec::Row for $name {
            const KIND: u8 = $kind;
        }
    )*};
}
pub(crate) use rows;

rows! {
    ReportContext = 0x01,
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

/// The keccak256 of some bytes: the hash of a row.
pub fn keccak256(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    let mut hasher = Keccak::v256();
    hasher.update(bytes);
    hasher.finalize(&mut hash);
    hash
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

/// The rows of a list that have not been read yet.
#[derive(Debug)]
pub struct Rows<'a>(pub &'a [&'a [u8]]);

impl Rows<'_> {
    /// Whether there is a next row and of this kind.
    pub fn next_is<T: Row>(&self) -> bool {
        self.0.first().is_some_and(|row| row.first() == Some(&T::KIND))
    }

    /// The next row, of this kind.
    pub fn one<T: Row>(&mut self) -> Result<T> {
        let Some((row, rest)) = self.0.split_first().filter(|_| self.next_is::<T>()) else {
            return Err(Error::RowsOutOfOrder);
        };
        self.0 = rest;
        T::decode(row)
    }

    /// The next rows of this kind, however many.
    pub fn all<T: Row>(&mut self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        while self.next_is::<T>() {
            rows.push(self.one()?);
        }
        Ok(rows)
    }

    /// The next rows of this kind, one a label, in the labels' order.
    pub fn per_label<T: Row>(&mut self, labels: u16, label_of: fn(&T) -> u16) -> Result<Vec<T>> {
        let placed = |label| {
            let row = self.one()?;
            if label_of(&row) == label { Ok(row) } else { Err(Error::RowsOutOfOrder) }
        };
        (0..labels).map(placed).collect()
    }

    /// Refuses rows after the last one.
    pub const fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::RowsOutOfOrder) }
    }
}
