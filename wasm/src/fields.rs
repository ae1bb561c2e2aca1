//! What rows are made of: fields of fixed width, big-endian, and their compositions. Whatever a field would not write it
//! refuses to read.

use crate::error::{Error, Result};
use alloc::vec::Vec;

/// Bytes being read.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next bytes.
    pub fn take<const WIDTH: usize>(&mut self) -> Result<[u8; WIDTH]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Error::MalformedRow)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// The next bytes, as many as asked for.
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Error::MalformedRow)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Refuses bytes after the last field.
    pub const fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::MalformedRow) }
    }
}

/// A part of a row.
pub trait Field: Sized {
    /// Takes it off the front.
    fn read(reader: &mut Reader<'_>) -> Result<Self>;
    /// Puts it at the end.
    fn write(&self, out: &mut Vec<u8>) -> Result<()>;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        // Out of line: rows have many integers, and the module is to stay small.
        impl Field for $type {
            #[inline(never)]
            fn read(reader: &mut Reader<'_>) -> Result<Self> {
                reader.take().map(Self::from_be_bytes)
            }
            #[inline(never)]
            fn write(&self, out: &mut Vec<u8>) -> Result<()> {
                out.extend(self.to_be_bytes());
                Ok(())
            }
        }
    )*};
}
integers!(u8, u16, u32, u128, i128);

impl<const WIDTH: usize> Field for [u8; WIDTH] {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        reader.take()
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        out.extend(self);
        Ok(())
    }
}

/// A flag.
impl Field for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match u8::read(reader)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::MalformedRow),
        }
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        u8::from(*self).write(out)
    }
}

/// A flag, then the value if there is one.
impl<T: Field> Field for Option<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        bool::read(reader)?.then(|| T::read(reader)).transpose()
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.is_some().write(out)?;
        self.as_ref().map_or(Ok(()), |value| value.write(out))
    }
}

/// A count, then as many entries.
impl<T: Field> Field for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let count = u16::read(reader)?;
        // Entries have at least a byte, so bytes that lie about their count cost no more than they are long.
        let mut entries = Self::with_capacity(usize::from(count).min(reader.0.len()));
        for _ in 0..count {
            entries.push(T::read(reader)?);
        }
        Ok(entries)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        u16::try_from(self.len()).map_err(|_| Error::MalformedRow)?.write(out)?;
        self.iter().try_for_each(|entry| entry.write(out))
    }
}

/// An entry that stands under a seat.
pub trait Seated {
    /// The seat's byte.
    fn seat(&self) -> u8;
}

/// A list whose entries stand strictly ascending by seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BySeat<T>(pub Vec<T>);

impl<T> Default for BySeat<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Seated> BySeat<T> {
    /// The entry of a seat.
    pub fn find(&self, seat: u8) -> Option<&T> {
        let at = self.0.binary_search_by_key(&seat, Seated::seat).ok()?;
        self.0.get(at)
    }

    /// Puts an entry in the place of its seat's, if there was one.
    pub fn put(&mut self, entry: T) {
        self.0.retain(|other| other.seat() != entry.seat());
        let at = self.0.partition_point(|other| other.seat() < entry.seat());
        self.0.insert(at, entry);
    }

    fn ascending(&self) -> Result<()> {
        let ascending = self.0.iter().is_sorted_by(|a, b| a.seat() < b.seat());
        if ascending { Ok(()) } else { Err(Error::MalformedRow) }
    }
}

impl<T: Field + Seated> Field for BySeat<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let entries = Self(Vec::read(reader)?);
        entries.ascending().map(|()| entries)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.ascending()?;
        self.0.write(out)
    }
}

/// An inferer's seat, 0 to 127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inferer(pub u8);

/// A forecaster's seat, 128 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecaster(pub u8);

impl From<Inferer> for u8 {
    fn from(seat: Inferer) -> Self {
        seat.0
    }
}

impl From<Forecaster> for u8 {
    fn from(seat: Forecaster) -> Self {
        seat.0
    }
}

fn required(condition: bool) -> Result<()> {
    if condition { Ok(()) } else { Err(Error::MalformedRow) }
}

impl Field for Inferer {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let seat = u8::read(reader)?;
        required(seat < 0x80).map(|()| Self(seat))
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        required(self.0 < 0x80)?;
        self.0.write(out)
    }
}

impl Field for Forecaster {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let seat = u8::read(reader)?;
        required(seat >= 0x80).map(|()| Self(seat))
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        required(self.0 >= 0x80)?;
        self.0.write(out)
    }
}

/// Declares a struct whose row part is its fields in their order.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl $crate::fields::Field for $name {
            fn read(reader: &mut $crate::fields::Reader<'_>) -> $crate::error::Result<Self> {
                Ok(Self { $($field: $crate::fields::Field::read(reader)?,)* })
            }
            fn write(&self, out: &mut ::alloc::vec::Vec<u8>) -> $crate::error::Result<()> {
                $(self.$field.write(out)?;)*
                Ok(())
            }
        }
    };
}
pub(crate) use record;

/// Declares entries that stand under their field `seat`.
macro_rules! seated {
    ($($name:ident,)*) => {$(
        impl $crate::fields::Seated for $name {
            fn seat(&self) -> u8 {
                self.seat.into()
            }
        }
    )*};
}
pub(crate) use seated;
