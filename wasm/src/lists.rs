//! Steps 2 to 6: lists of row hashes, which are rows themselves. A state's many tables of regrets stand in lists of their own,
//! so that whoever shows one row of a state carries few hashes, and sees which tables there are.

use crate::codec::{Hash, Row, keccak256, rows};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Reader, record, seated};
use crate::withheld::{OneInRegrets, OneOutRegrets};
use alloc::vec::Vec;

/// The list of input rows.
pub const INPUTS: u8 = 0x10;
/// The list of state rows.
pub const STATE: u8 = 0x20;
/// The list of output rows.
pub const OUTPUTS: u8 = 0x30;

rows! {
    OneOutTables = 0x29,
    OneInTables = 0x2a,
    List = 0xff,
}

seated! {
    TableHash,
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
    /// A table of regrets, by its hash.
    TableHash {
        /// Whose table it is.
        seat: u8,
        /// Of its row.
        hash: Hash,
    }
}

record! {
    /// 0x29: a state's one-out tables.
    OneOutTables {
        /// Who is withheld.
        entries: BySeat<TableHash>,
    }
}

record! {
    /// 0x2a: a state's one-in tables.
    OneInTables {
        /// The one forecaster.
        entries: BySeat<TableHash>,
    }
}

/// The list of rows, itself a row. Of a state it has the hashes of two more rows in the place of its tables.
pub fn list_row(kind: u8, rows: &[Vec<u8>]) -> Result<Vec<u8>> {
    let hashed = |rows: &mut dyn Iterator<Item = &Vec<u8>>| -> Vec<Hash> {
        rows.map(|row| keccak256(row)).collect()
    };
    let hashes = if kind == STATE {
        let [one_out, one_in] = table_rows(rows)?;
        let others = &mut rows.iter().filter(|row| !is_table(row));
        hashed(&mut others.chain([&one_out, &one_in]))
    } else {
        hashed(&mut rows.iter())
    };
    List { kind: ListKind(kind), hashes }.encode()
}

/// The rows 0x29 and 0x2a of a state's rows.
pub fn table_rows(state: &[Vec<u8>]) -> Result<[Vec<u8>; 2]> {
    let of = |kind: u8| {
        let tables = state.iter().filter(|row| row.first() == Some(&kind));
        let entry = |row: &Vec<u8>| {
            let seat = *row.get(1).ok_or(Error::MalformedRow)?;
            Ok(TableHash { seat, hash: keccak256(row) })
        };
        tables.map(entry).collect::<Result<_>>().map(BySeat)
    };
    let (one_out, one_in) = (of(OneOutRegrets::KIND)?, of(OneInRegrets::KIND)?);
    Ok([OneOutTables { entries: one_out }.encode()?, OneInTables { entries: one_in }.encode()?])
}

fn is_table(row: &[u8]) -> bool {
    matches!(row.first(), Some(&OneOutRegrets::KIND | &OneInRegrets::KIND))
}
