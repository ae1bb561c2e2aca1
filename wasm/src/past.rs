//! Steps 2 and 6: the state as a whole, what the earlier epochs left.

use crate::codec::{Row, Rows};
use crate::error::{Error, Result};
use crate::fields::{BySeat, Seated};
use crate::parameters::Parameters;
use crate::state::{Errors, Inclusions, Quality, Regrets, Seats, Version};
use crate::wad::ONE;
use crate::withheld::{OneInRegrets, OneOutRegrets, Table};
use alloc::vec::Vec;

/// The state that an epoch starts from, and the one that its settlement leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Who sits where, and who waits.
    pub seats: Seats,
    /// What the value needs.
    pub regrets: Regrets,
    /// How far off the values were.
    pub errors: Errors,
    /// How often those that sit were scored.
    pub inclusions: Inclusions,
    /// How good the values have been.
    pub quality: Quality,
    /// Regrets against the value without one, by the one withheld.
    pub one_out: BySeat<Table>,
    /// Regrets against the value with one forecaster alone, by forecaster.
    pub one_in: BySeat<Table>,
}

impl Past {
    /// Reads and admits.
    pub fn read(state: &[&[u8]], parameters: &Parameters) -> Result<Self> {
        let mut state = Rows(state);
        state.one::<Version>()?;
        let past = Self {
            seats: state.one()?,
            regrets: state.one()?,
            errors: state.one()?,
            inclusions: state.one()?,
            quality: state.one()?,
            one_out: tables(state.all()?.into_iter().map(|OneOutRegrets(table)| table))?,
            one_in: tables(state.all()?.into_iter().map(|OneInRegrets(table)| table))?,
        };
        state.end()?;
        past.admit(parameters)?;
        Ok(past)
    }

    /// The state rows.
    pub fn encode(&self) -> Result<Vec<Vec<u8>>> {
        let mut rows = Vec::from([
            Version.encode()?,
            self.seats.encode()?,
            self.regrets.encode()?,
            self.errors.encode()?,
            self.inclusions.encode()?,
            self.quality.encode()?,
        ]);
        for table in &self.one_out.0 {
            rows.push(OneOutRegrets(table.clone()).encode()?);
        }
        for table in &self.one_in.0 {
            rows.push(OneInRegrets(table.clone()).encode()?);
        }
        Ok(rows)
    }

    fn admit(&self, parameters: &Parameters) -> Result<()> {
        let mut named = (self.seats.seated.0.iter().map(Seated::seat))
            .chain(self.regrets.inferers.0.iter().map(Seated::seat))
            .chain(self.regrets.forecasters.0.iter().map(Seated::seat))
            .chain(self.inclusions.entries.0.iter().map(Seated::seat))
            .chain(self.one_out.0.iter().flat_map(Table::seats))
            .chain(self.one_in.0.iter().flat_map(Table::seats));
        if !named.all(|seat| parameters.seating.has(seat)) {
            return Err(Error::SeatOutOfRange);
        }
        let negative = |value: Option<i128>| value.is_some_and(i128::is_negative);
        let share = |share: i128| !share.is_negative() && ONE >= share.into();
        let labels = &self.errors.labels;
        let coverage = self.quality.coverage.as_ref();
        let fits = !self.regrets.scale.is_negative()
            && labels.len() == usize::from(parameters.label_count)
            && !labels.iter().any(|label| negative(label.ema_error) || negative(label.mad))
            && coverage.is_none_or(|coverage| share(coverage.one) && share(coverage.two));
        if fits { Ok(()) } else { Err(Error::StateOutOfRange) }
    }
}

/// Strictly ascending by seat.
fn tables(tables: impl Iterator<Item = Table>) -> Result<BySeat<Table>> {
    let tables: Vec<_> = tables.collect();
    let ascending = tables.is_sorted_by(|a, b| a.seat < b.seat);
    if ascending { Ok(BySeat(tables)) } else { Err(Error::RowsOutOfOrder) }
}
