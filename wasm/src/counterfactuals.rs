//! Step 2: the counterfactuals, what the value would have been without one, or with one forecaster alone. By their losses the
//! participants are told apart.
//!
//! Method: each list as the combined value is made (`synthesis.rs`), of other participants and from other regrets:
//! 1. without one inferer: the other inferers and the implied values recomputed without it; regrets from its one-out table.
//! 2. without one forecaster: all inferers and the other implied values as they are; regrets from its one-out table.
//! 3. with one forecaster alone: all inferers and its implied value; regrets from its one-in table.
//! 4. each implied value without one inferer, be it named or not (`mix.rs`).
//!
//! The scale is the epoch's own throughout, also where it is made from the regrets at hand.
//! Order: lists 1 to 3 by seat; list 4 by forecaster, then inferer.
//! Rounding: that of the weights and of a weighted mean.
//! Special cases: with one inferer there are none at all; with fewer than two implied values neither list 2 nor 3. A forecaster
//! that names nobody but the inferer withheld has no part in list 1 and no entry in list 4. A seat without an entry in a table,
//! or of whom there is no table, has the initial regret. While all are new lists 1 to 3 are plain means of inferers.

use crate::error::Result;
use crate::fields::BySeat;
use crate::int::I256;
use crate::mean::{Parts, Sums};
use crate::mix::{Mix, Withheld};
use crate::synthesis::{Label, Synthesis};
use crate::wad::narrow;
use crate::withheld::{Entry, List, Lists, Table};
use alloc::vec::Vec;

/// Of one label, each forecaster's implied values, one for each inferer: without it.
type ImpliedWithout = Vec<Vec<Option<I256>>>;

/// The lists of each label.
pub fn counterfactuals(synthesis: &Synthesis<'_>, labels: &[Label]) -> Result<Vec<Lists>> {
    let mut lists: Vec<_> = labels.iter().map(|_| Lists::default()).collect();
    let inferers = synthesis.inferers();
    if inferers < 2 {
        return Ok(lists);
    }
    let withheld = synthesis.mixes.iter().map(Mix::withheld).collect::<Result<Vec<_>>>()?;
    let implied = |values: &Label| -> Result<ImpliedWithout> {
        let inferred = values.get(..inferers).unwrap_or_default();
        withheld.iter().map(|withheld| withheld.values(inferred)).collect()
    };
    let implied = labels.iter().map(implied).collect::<Result<Vec<_>>>()?;

    one_inferer(synthesis, &withheld, (labels, &implied), &mut lists)?;
    if synthesis.mixes.len() > 1 {
        one_forecaster(synthesis, labels, &mut lists)?;
    }
    for (implied, lists) in implied.iter().zip(&mut lists) {
        implied_without(synthesis, implied, lists)?;
    }
    Ok(lists)
}

/// List 1.
fn one_inferer(
    synthesis: &Synthesis<'_>,
    withheld: &[Withheld<'_>],
    (labels, implied): (&[Label], &[ImpliedWithout]),
    lists: &mut [Lists],
) -> Result<()> {
    let (past, inferers) = (&synthesis.epoch.past, synthesis.inferers());
    for (place, seat) in synthesis.epoch.inferers.iter().enumerate() {
        let has = |at: usize| withheld.get(at).is_some_and(|withheld| withheld.has(place));
        let mixes = (0..withheld.len()).filter(|at| has(*at));
        let others = (0..inferers).filter(|other| *other != place);
        let places: Vec<_> = others.chain(mixes.map(|at| inferers.saturating_add(at))).collect();
        let parts = parts(synthesis, &past.one_out, *seat, &places)?;
        for ((values, implied), lists) in labels.iter().zip(implied).zip(&mut *lists) {
            let without = |row: &Vec<Option<I256>>| row.get(place).copied().flatten();
            let implied = implied.iter().map(|row| without(row).unwrap_or_default());
            let values: Label = values.iter().copied().take(inferers).chain(implied).collect();
            lists.push(List::OneOutInferers, *seat, mean(&parts, &values)?);
        }
    }
    Ok(())
}

/// Lists 2 and 3.
fn one_forecaster(synthesis: &Synthesis<'_>, labels: &[Label], lists: &mut [Lists]) -> Result<()> {
    let (past, inferers) = (&synthesis.epoch.past, synthesis.inferers());
    let forecasters = || synthesis.seats.iter().enumerate().skip(inferers);
    for (place, seat) in forecasters() {
        let others = (0..synthesis.seats.len()).filter(|other| *other != place);
        let parts = parts(synthesis, &past.one_out, *seat, &others.collect::<Vec<_>>())?;
        for (values, lists) in labels.iter().zip(&mut *lists) {
            lists.push(List::OneOutForecasters, *seat, mean(&parts, values)?);
        }
    }
    for (place, seat) in forecasters() {
        let these: Vec<_> = (0..inferers).chain([place]).collect();
        let parts = parts(synthesis, &past.one_in, *seat, &these)?;
        for (values, lists) in labels.iter().zip(&mut *lists) {
            lists.push(List::OneInForecasters, *seat, mean(&parts, values)?);
        }
    }
    Ok(())
}

/// List 4 of one label.
fn implied_without(
    synthesis: &Synthesis<'_>,
    implied: &ImpliedWithout,
    lists: &mut Lists,
) -> Result<()> {
    for (mix, row) in synthesis.mixes.iter().zip(implied) {
        for (without, value) in synthesis.epoch.inferers.iter().zip(row) {
            let Some(value) = value else { continue };
            let (list, value) = (List::OneOutImplied, narrow(*value)?);
            lists.0.push(Entry { list, seat: mix.seat, without: *without, value });
        }
    }
    Ok(())
}

impl Lists {
    fn push(&mut self, list: List, seat: u8, value: i128) {
        self.0.push(Entry { list, seat, without: 0, value });
    }
}

/// The weights of those at these places, from one seat's table of regrets.
fn parts(
    synthesis: &Synthesis<'_>,
    tables: &BySeat<Table>,
    of: u8,
    places: &[usize],
) -> Result<Parts> {
    let table = tables.find(of);
    synthesis.parts(places, &|seat| Some(table?.entries.find(seat)?.regret))
}

fn mean(parts: &Parts, values: &Label) -> Result<i128> {
    narrow(Sums::of(parts, values)?.mean()?)
}
