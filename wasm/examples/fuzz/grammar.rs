//! What the fuzzer knows of rows: of which parts each kind is made, so that it can change a part and leave a row.

/// A part of a row, or of an entry.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Bytes as they are.
    Bytes(usize),
    /// A number of 16 bytes.
    Number,
    /// A flag, then parts if it is 1.
    Optional(&'static [Shape]),
    /// A count, then as many entries.
    List(&'static [Shape]),
}

/// A part with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Bytes(Vec<u8>),
    Number(i128),
    Optional(Option<Vec<Part>>),
    List(Vec<Vec<Part>>),
}

use Shape::{Bytes, List, Number, Optional};

const OPTIONAL_NUMBER: Shape = Optional(&[Number]);
const SEATED: Shape = List(&[Bytes(1), Number]);

/// The parts of a kind after its byte; of a kind that no input has, nothing.
pub const fn shapes_of(kind: u8) -> &'static [Shape] {
    match kind {
        0x11 => &[
            Bytes(107),
            Number,
            Number,
            Number,
            Number,
            Number,
            Number,
            Number,
            Number,
            Number,
            Bytes(1),
            Number,
            Number,
            Number,
            Number,
            Number,
            Bytes(7),
            Number,
            Number,
            Number,
            Number,
        ],
        0x12 | 0x33 => &[Bytes(2), SEATED],
        0x13 | 0x27 | 0x28 => &[Bytes(1), SEATED],
        0x14 => &[List(&[Bytes(1), Bytes(96)])],
        0x15 => &[Bytes(2), List(&[Bytes(1), Bytes(1), Bytes(20), Bytes(20)])],
        0x16 => &[List(&[Bytes(20), Number])],
        0x17 => &[Bytes(2), List(&[Bytes(20), Number])],
        0x18 => &[List(&[Bytes(20), Bytes(96)])],
        0x19 => &[Number],
        0x1a => &[List(&[Bytes(1), Bytes(20)])],
        0x21 => &[Bytes(2)],
        0x22 => &[List(&[Bytes(1), Bytes(20)]), List(&[Bytes(1), Bytes(20)])],
        0x23 => {
            &[OPTIONAL_NUMBER, Number, OPTIONAL_NUMBER, List(&[Bytes(1), Number, Number]), SEATED]
        }
        0x24 => &[List(&[OPTIONAL_NUMBER, OPTIONAL_NUMBER, OPTIONAL_NUMBER])],
        0x25 => &[List(&[Bytes(1), Bytes(2)])],
        0x26 => &[Optional(&[Number, Number]), Optional(&[Number, Number]), Bytes(4)],
        0x31 => {
            &[Bytes(2), Number, Number, OPTIONAL_NUMBER, Number, Number, Number, Number, Number]
        }
        0x36 => &[Bytes(2), SEATED, SEATED, SEATED, List(&[Bytes(1), Bytes(1), Number])],
        _ => &[],
    }
}

/// A row's kind and parts, if it is one as far as its parts go.
pub fn parsed(row: &[u8]) -> Option<(u8, Vec<Part>)> {
    let (kind, mut rest) = row.split_first()?;
    let parts = read(shapes_of(*kind), &mut rest)?;
    rest.is_empty().then_some((*kind, parts))
}

/// The row of a kind and parts.
pub fn written(kind: u8, parts: &[Part]) -> Vec<u8> {
    let mut row = vec![kind];
    write(parts, &mut row);
    row
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn read(shapes: &[Shape], bytes: &mut &[u8]) -> Option<Vec<Part>> {
    let part = |shape: &Shape| {
        Some(match shape {
            Bytes(count) => Part::Bytes(take(bytes, *count)?.to_vec()),
            Number => Part::Number(i128::from_be_bytes(take(bytes, 16)?.try_into().ok()?)),
            Optional(shapes) => match take(bytes, 1)? {
                [0] => Part::Optional(None),
                _ => Part::Optional(Some(read(shapes, bytes)?)),
            },
            List(shapes) => {
                let count = u16::from_be_bytes(take(bytes, 2)?.try_into().ok()?);
                Part::List((0..count).map(|_| read(shapes, bytes)).collect::<Option<_>>()?)
            }
        })
    };
    shapes.iter().map(part).collect()
}

fn write(parts: &[Part], row: &mut Vec<u8>) {
    for part in parts {
        match part {
            Part::Bytes(bytes) => row.extend(bytes),
            Part::Number(number) => row.extend(number.to_be_bytes()),
            Part::Optional(None) => row.push(0),
            Part::Optional(Some(parts)) => {
                row.push(1);
                write(parts, row);
            }
            Part::List(entries) => {
                row.extend(u16::try_from(entries.len()).unwrap_or(u16::MAX).to_be_bytes());
                entries.iter().for_each(|entry| write(entry, row));
            }
        }
    }
}
