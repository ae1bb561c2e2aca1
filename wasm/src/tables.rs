//! Step 6: counterfactual losses become the tables of regrets, by which the counterfactual values of the next epoch are weighed.
//!
//! Method: a regret is the moving average, with the topic's alpha, of a counterfactual value's loss less one's own:
//! 1. one-out table of an inferer: of each other inferer from its loss; of each forecaster from the loss of its implied value
//!    without that inferer, if it has one.
//! 2. one-out table of a forecaster: of each inferer and of each other forecaster from its loss.
//! 3. one-in table of a forecaster: of each inferer and of the forecaster itself from its loss.
//!
//! Order: none; every regret is its own.
//! Rounding: one division toward zero each, of the undivided product sum.
//! Special cases: a regret that is new starts from the initial regret as it was before this epoch, and from 0 while all are
//! new. Whoever does not hold the seat any more on which it took part has no part in any table. Who is withheld has no regret
//! in its own table. What stands of others stays.

use crate::error::Result;
use crate::fields::{BySeat, Seated};
use crate::int::I256;
use crate::regrets::updated;
use crate::settlement::Losses;
use crate::wad::narrow;
use crate::withheld::{Entry, List, Lists, RegretOf, Table};

/// What the regrets of one epoch are made from.
#[derive(Debug)]
pub struct Lesson<'a> {
    /// Everybody's losses.
    pub losses: &'a Losses,
    /// The counterfactual losses.
    pub lists: &'a Lists,
    /// Those that learn, ascending: who still hold the seats on which they took part.
    pub learners: &'a [u8],
    /// The topic's.
    pub alpha_regret: I256,
    /// The regret of those not seen yet, before this epoch.
    pub unseen: i128,
}

impl Lesson<'_> {
    /// Takes up the counterfactual losses.
    pub fn learn(&self, one_out: &mut BySeat<Table>, one_in: &mut BySeat<Table>) -> Result<()> {
        let of = |entry: &&Entry| self.learners.binary_search(&entry.seat).is_ok();
        for entry in self.lists.0.iter().filter(of) {
            match entry.list {
                List::OneOutInferers | List::OneOutForecasters => self.take_up(entry, one_out)?,
                List::OneInForecasters => self.take_up(entry, one_in)?,
                List::OneOutImplied => {}
            }
        }
        Ok(())
    }

    /// Changes one table.
    fn take_up(
        &self,
        Entry { list, seat: of, value: loss, .. }: &Entry,
        tables: &mut BySeat<Table>,
    ) -> Result<()> {
        let mut entries = tables.find(*of).map(|table| table.entries.clone()).unwrap_or_default();
        for seat in self.learners.iter().copied() {
            let Some(own) = self.own(*list, *of, seat) else { continue };
            let before = entries.find(seat).map_or(self.unseen, |entry| entry.regret);
            let regret = updated((*loss).into(), own.into(), before.into(), self.alpha_regret)?;
            entries.put(RegretOf { seat, regret: narrow(regret)? });
        }
        if !entries.0.is_empty() {
            tables.put(Table { seat: *of, entries });
        }
        Ok(())
    }

    /// The loss by which a seat's regret in a table is made, if it has one there.
    fn own(&self, list: List, of: u8, seat: u8) -> Option<i128> {
        let own = || self.losses.entries.find(seat).map(|entry| entry.loss);
        match (list, seat < 0x80) {
            (List::OneInForecasters, is_inferer) if is_inferer || seat == of => own(),
            (List::OneInForecasters, _) => None,
            _ if seat == of => None,
            (List::OneOutInferers, false) => self.lists.find((List::OneOutImplied, seat, of)),
            _ => own(),
        }
    }
}

/// Drops what is known of the seats that did not stay, and the tables that this leaves empty.
pub fn forget(tables: &mut BySeat<Table>, stays: impl Fn(u8) -> bool) {
    for table in &mut tables.0 {
        table.entries.0.retain(|entry| stays(entry.seat()));
    }
    tables.0.retain(|table| stays(table.seat) && !table.entries.0.is_empty());
}
