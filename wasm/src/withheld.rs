//! Steps 2 and 6: the rows of what would be if one had been withheld, or one forecaster alone had spoken: regrets 0x27 and
//! 0x28, values 0x36, losses 0x37.

use crate::codec::rows;
use crate::error::{Error, Result};
use crate::fields::{BySeat, Field, Reader, Seated, record, seated};
use alloc::vec::Vec;

rows! {
    OneOutRegrets = 0x27,
    OneInRegrets = 0x28,
    Counterfactuals = 0x36,
    CounterfactualLosses = 0x37,
}

seated! {
    Table,
    RegretOf,
}

record! {
    /// Regrets against one counterfactual value.
    Table {
        /// Who is withheld, or is the one forecaster.
        seat: u8,
        /// By seat.
        entries: BySeat<RegretOf>,
    }
}

record! {
    /// One participant's regret in a table.
    RegretOf {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// Against the table's counterfactual value.
        regret: i128,
    }
}

impl Table {
    /// Whose seat it is, and whose regrets stand in it.
    pub fn seats(&self) -> impl Iterator<Item = u8> {
        self.entries.0.iter().map(Seated::seat).chain([self.seat])
    }
}

/// 0x27: the regrets of others against the combined value without one participant; at least one regret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOutRegrets(pub Table);

/// 0x28: the regrets of inferers and of one forecaster against the combined value of these alone; at least one regret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneInRegrets(pub Table);

macro_rules! tables {
    ($($name:ident: $owner:pat, $belongs:expr;)*) => {$(
        impl $name {
            fn sound(&self) -> Result<()> {
                let belongs: fn(u8, u8) -> bool = $belongs;
                let (owner, entries) = (self.0.seat, &self.0.entries.0);
                let all = entries.iter().all(|entry| belongs(owner, entry.seat));
                let sound = matches!(owner, $owner) && !entries.is_empty() && all;
                if sound { Ok(()) } else { Err(Error::MalformedRow) }
            }
        }

        impl Field for $name {
            fn read(reader: &mut Reader<'_>) -> Result<Self> {
                let table = Self(Table::read(reader)?);
                table.sound().map(|()| table)
            }
            fn write(&self, out: &mut Vec<u8>) -> Result<()> {
                self.sound()?;
                self.0.write(out)
            }
        }
    )*};
}
tables! {
    OneOutRegrets: _, |withheld, seat| seat != withheld;
    OneInRegrets: 0x80.., |forecaster, seat| seat < 0x80 || seat == forecaster;
}

record! {
    /// 0x36: one label's counterfactual values.
    Counterfactuals {
        /// Counted from 0.
        label: u16,
        /// Values.
        lists: Lists,
    }
}

record! {
    /// 0x37: how far off the counterfactual values were, log10.
    CounterfactualLosses {
        /// Losses.
        lists: Lists,
    }
}

/// Which list of counterfactuals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// The combined value without one inferer.
    OneOutInferers,
    /// The combined value without one forecaster.
    OneOutForecasters,
    /// The combined value with one forecaster alone.
    OneInForecasters,
    /// A forecaster's implied value without one inferer.
    OneOutImplied,
}

const LISTS: [List; 4] =
    [List::OneOutInferers, List::OneOutForecasters, List::OneInForecasters, List::OneOutImplied];

/// One value or loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub list: List,
    /// The inferer's or the forecaster's.
    pub seat: u8,
    /// The inferer without which an implied value is; 0 in the other lists.
    pub without: u8,
    /// Wad.
    pub value: i128,
}

impl Entry {
    /// By what entries are told apart, and sorted.
    pub const fn key(&self) -> (List, u8, u8) {
        (self.list, self.seat, self.without)
    }

    fn read(list: List, reader: &mut Reader<'_>) -> Result<Self> {
        let seat = u8::read(reader)?;
        let without = if list == List::OneOutImplied { u8::read(reader)? } else { 0 };
        Ok(Self { list, seat, without, value: i128::read(reader)? })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.seat.write(out)?;
        if self.list == List::OneOutImplied {
            self.without.write(out)?;
        }
        self.value.write(out)
    }

    /// Whether the seats have the roles that the list is about.
    const fn fits(&self) -> bool {
        (self.seat < 0x80) == matches!(self.list, List::OneOutInferers) && self.without < 0x80
    }
}

/// The four lists, one after the other, each strictly ascending by seat; each is empty where the norm says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists(pub Vec<Entry>);

impl Lists {
    /// The entries of one list.
    pub fn of(&self, list: List) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.list == list)
    }

    /// What stands under a key.
    pub fn find(&self, key: (List, u8, u8)) -> Option<i128> {
        let at = self.0.binary_search_by_key(&key, Entry::key).ok()?;
        self.0.get(at).map(|entry| entry.value)
    }

    /// Whether both are about the same participants, whatever their values.
    pub fn alike(&self, other: &Self) -> bool {
        self.0.iter().map(Entry::key).eq(other.0.iter().map(Entry::key))
    }

    fn sound(&self) -> Result<()> {
        let ascending = self.0.is_sorted_by(|a, b| a.key() < b.key());
        let sound = ascending && self.0.iter().all(Entry::fits);
        if sound { Ok(()) } else { Err(Error::MalformedRow) }
    }
}

impl Field for Lists {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut lists = Self(Vec::new());
        for list in LISTS {
            for _ in 0..u16::read(reader)? {
                lists.0.push(Entry::read(list, reader)?);
            }
        }
        lists.sound().map(|()| lists)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.sound()?;
        for list in LISTS {
            let count = self.of(list).count();
            u16::try_from(count).map_err(|_| Error::MalformedRow)?.write(out)?;
            self.of(list).try_for_each(|entry| entry.write(out))?;
        }
        Ok(())
    }
}
