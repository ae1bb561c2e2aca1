//! An epoch in plain values, to be changed one at a time, and what the core makes of it.
#![allow(dead_code, missing_docs)]
pub mod moved;

use crate::rows::{ONE, parameters, slices};
use crate::support::Seeded;
use allora_core::codec::Row;
use allora_core::error::Result;
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::genesis::genesis;
use allora_core::inputs::{Forecast, ForecastLoss, Inference, Inferences, Signatures};
use allora_core::outputs::{Implied, Value, Weights};
use allora_core::parameters::Parameters;
use allora_core::past::Past;
use allora_core::state::{ForecasterRegret, InfererRegret};
use allora_core::synthesis::infer;
use allora_core::withheld::{Counterfactuals, List, Lists, RegretOf, Table};

#[derive(Clone, Debug)]
pub struct Given {
    pub parameters: Parameters,
    /// The inferers' values by seat, one a label.
    pub values: Vec<(u8, Vec<i128>)>,
    /// The forecasters' seats, and the losses that they expect by seat.
    pub forecasts: Vec<(u8, Vec<(u8, i128)>)>,
    pub past: Past,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub values: Vec<Value>,
    pub weights: Vec<(u8, i128)>,
    /// Of each label by seat.
    pub implied: Vec<Vec<(u8, i128)>>,
    pub lists: Vec<Lists>,
}

/// Four inferers and three forecasters that name them all; everybody has been seen.
pub fn given() -> Given {
    let mut given = all_new(parameters(1));
    given.values =
        (0u8..4).map(|seat| (seat, vec![(10 + i128::from(seat).pow(2)) * ONE])).collect();
    let losses =
        |k: i128| (0u8..4).map(move |seat| (seat, (i128::from(seat) * 7 + k) % 5 * ONE / 3));
    given.forecasts = (0..3).map(|k: u8| (0x80 + k, losses(k.into()).collect())).collect();
    given.past.regrets.previous_loss = Some(ONE / 10);
    given.past.regrets.initial_regret = Some(-ONE / 5);
    given.past.regrets.scale = ONE / 2;
    for seat in 0..4 {
        let naive = i128::from(seat) * ONE / 9;
        let network = ONE / 3 - i128::from(seat) * ONE / 4;
        given.past.regrets.inferers.put(InfererRegret { seat: Inferer(seat), network, naive });
    }
    for seat in 0x80..0x83 {
        let network = i128::from(seat - 0x80) * ONE / 5;
        given.past.regrets.forecasters.put(ForecasterRegret { seat: Forecaster(seat), network });
    }
    given
}

/// Nobody has spoken yet, nothing is known.
pub fn all_new(parameters: Parameters) -> Given {
    let fresh = genesis(&parameters.encode().unwrap()).unwrap();
    let past = Past::read(&slices(&fresh), &parameters).unwrap();
    Given { parameters, values: vec![], forecasts: vec![], past }
}

/// An epoch anywhere in bounds.
pub fn anywhere(seeded: &mut Seeded, parameters: &Parameters) -> Given {
    let inferers = crate::random::inferers(seeded, parameters);
    let mut inputs = vec![parameters.encode().unwrap()];
    inputs.extend(crate::random::inferences(seeded, parameters, &inferers));
    inputs.extend(crate::random::forecasts(seeded, parameters));
    Given::of(&inputs, &crate::random::state(seeded, parameters))
}

impl Given {
    /// What stands in rows, but for signatures and registrations.
    pub fn of(inputs: &[Vec<u8>], state: &[Vec<u8>]) -> Self {
        let parameters = Parameters::decode(&inputs[0]).unwrap();
        let past = Past::read(&slices(state), &parameters).unwrap();
        let of = |kind| inputs.iter().filter(move |row| row[0] == kind);
        let labels: Vec<_> = of(0x12).map(|row| Inferences::decode(row).unwrap()).collect();
        let seats = labels[0].entries.0.iter().map(|entry| entry.seat.0);
        let values = |at: usize| labels.iter().map(|row| row.entries.0[at].value).collect();
        let forecast = |row: &Vec<u8>| {
            let row = Forecast::decode(row).unwrap();
            let losses = row.entries.0.iter().map(|entry| (entry.seat.0, entry.loss));
            (row.seat.0, losses.collect())
        };
        Self {
            values: seats.enumerate().map(|(at, seat)| (seat, values(at))).collect(),
            forecasts: of(0x13).map(forecast).collect(),
            parameters,
            past,
        }
    }

    pub fn inputs(&self) -> Result<Vec<Vec<u8>>> {
        let mut rows = vec![self.parameters.encode()?];
        for label in 0..self.parameters.label_count {
            let entry = |(seat, values): &(u8, Vec<i128>)| Inference {
                seat: Inferer(*seat),
                value: values[usize::from(label)],
            };
            let entries = BySeat(self.values.iter().map(entry).collect());
            rows.push(Inferences { label, entries }.encode()?);
        }
        for (seat, losses) in &self.forecasts {
            let entry = |(of, loss): &(u8, i128)| ForecastLoss { seat: Inferer(*of), loss: *loss };
            let entries = BySeat(losses.iter().map(entry).collect());
            rows.push(Forecast { seat: Forecaster(*seat), entries }.encode()?);
        }
        rows.push(Signatures { entries: BySeat(vec![]) }.encode()?);
        Ok(rows)
    }

    pub fn state(&self) -> Vec<Vec<u8>> {
        self.past.encode().unwrap()
    }

    pub fn infer(&self) -> Result<Made> {
        let outputs = infer(&slices(&self.inputs()?), &slices(&self.state()))?;
        let of = |kind| outputs.iter().filter(move |row| row[0] == kind);
        let weights = Weights::decode(of(Weights::KIND).next().unwrap())?;
        let implied = |row: &Vec<u8>| {
            let row = Implied::decode(row).unwrap();
            row.entries.0.iter().map(|entry| (entry.seat.0, entry.value)).collect()
        };
        Ok(Made {
            values: of(Value::KIND).map(|row| Value::decode(row).unwrap()).collect(),
            weights: weights.entries.0.iter().map(|entry| (entry.seat, entry.weight)).collect(),
            implied: of(Implied::KIND).map(implied).collect(),
            lists: of(Counterfactuals::KIND)
                .map(|row| Counterfactuals::decode(row).unwrap().lists)
                .collect(),
        })
    }

    pub fn made(&self) -> Made {
        self.infer().unwrap()
    }

    /// Every participant's seat.
    pub fn seats(&self) -> Vec<u8> {
        let inferers = self.values.iter().map(|(seat, _)| *seat);
        inferers.chain(self.forecasts.iter().map(|(seat, _)| *seat)).collect()
    }

    /// The same with nobody but those.
    pub fn only(&self, stays: impl Fn(u8) -> bool) -> Self {
        let mut given = self.clone();
        given.values.retain(|(seat, _)| stays(*seat));
        given.forecasts.retain(|(seat, _)| stays(*seat));
        given
    }

    /// The same with tables that hold everybody's network regret, so that a counterfactual value is the combined one of the
    /// others.
    pub fn with_plain_tables(&self) -> Self {
        let mut given = self.clone();
        let has = |seat: &u8| self.parameters.seating.has(*seat);
        let all: Vec<u8> = (0..32).chain(0x80..0x86).filter(has).collect();
        let table = |of: u8, belongs: &dyn Fn(u8) -> bool| {
            let regret = |seat: &u8| {
                let regret = self.past.regrets.network(*seat)?;
                belongs(*seat).then_some(RegretOf { seat: *seat, regret })
            };
            Table { seat: of, entries: BySeat(all.iter().filter_map(regret).collect()) }
        };
        let out = |of: &u8| table(*of, &|seat| seat != *of);
        let alone = |of: &u8| table(*of, &|seat| seat < 0x80 || seat == *of);
        let some = |table: &Table| !table.entries.0.is_empty();
        given.past.one_out = BySeat(all.iter().map(out).filter(some).collect());
        let forecasters = all.iter().filter(|seat| **seat >= 0x80);
        given.past.one_in = BySeat(forecasters.map(alone).filter(some).collect());
        given
    }
}

impl Made {
    /// Of the first label: the values of one list, by seat.
    pub fn list(&self, list: List) -> Vec<(u8, i128)> {
        self.lists[0].of(list).map(|entry| (entry.seat, entry.value)).collect()
    }
}
