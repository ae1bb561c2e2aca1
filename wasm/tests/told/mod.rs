//! An outcome in plain values, to be changed one at a time and settled.
#![allow(dead_code, missing_docs)]
use crate::rows::{ONE, parameters, slices};
use allora_core::codec::Row;
use allora_core::error::Result;
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::genesis::genesis;
use allora_core::inputs::{
    Forecast, ForecastLoss, Inference, Inferences, OneToThree, Registration, Registrations, Roles,
};
use allora_core::outputs::{Implied, ImpliedValue, Value};
use allora_core::parameters::Parameters;
use allora_core::past::Past;
use allora_core::settle::settle;
use allora_core::settlement::{
    ByReputer, Elector, Electorate, Losses, Pot, Roster, SettledTruth, Stake, TruthOf,
    TruthSignature, TruthSignatures, Truths,
};
use allora_core::state::SeatOwner;
use allora_core::withheld::{CounterfactualLosses, Counterfactuals, Lists};

#[derive(Clone)]
pub struct Told {
    pub parameters: Parameters,
    /// By seat, one value a label.
    pub inferences: Vec<(u8, Vec<i128>)>,
    /// The forecasters' seats and implied values.
    pub implied: Vec<(u8, Vec<i128>)>,
    /// One a label.
    pub counterfactuals: Vec<Lists>,
    /// The combined and the naive value of each label.
    pub reported: Vec<(i128, i128)>,
    pub sigma: Option<i128>,
    pub registrations: Vec<Registration>,
    /// Reputers with their stakes.
    pub electorate: Vec<(u8, u128)>,
    /// Reputers with their truths.
    pub truths: Vec<(u8, Vec<i128>)>,
    pub signed: Vec<u8>,
    pub pot: u128,
    /// Owners by seat.
    pub roster: Vec<(u8, u8)>,
}

/// A topic of one label, three inferers and a forecaster, each sitting where it joined, and three reputers that agree.
pub fn told() -> Told {
    Told {
        parameters: parameters(1),
        inferences: vec![(0, vec![10 * ONE]), (1, vec![11 * ONE]), (2, vec![14 * ONE])],
        implied: vec![(0x80, vec![11 * ONE])],
        counterfactuals: vec![],
        reported: vec![(12 * ONE, 13 * ONE)],
        sigma: Some(ONE),
        registrations: vec![joined(1, 1), joined(2, 1), joined(3, 1), joined(4, 2)],
        electorate: vec![(51, 10), (52, 10), (53, 10)],
        truths: vec![(51, vec![11 * ONE]), (52, vec![11 * ONE]), (53, vec![11 * ONE])],
        signed: vec![51, 52, 53],
        pot: 0,
        roster: vec![(0, 1), (1, 2), (2, 3), (0x80, 4)],
    }
}

pub const fn change(change: u8, owner: u8, roles: u8) -> Registration {
    Registration {
        change: OneToThree(change),
        roles: Roles(roles),
        owner: [owner; 20],
        signer: [0; 20],
    }
}

pub const fn joined(owner: u8, roles: u8) -> Registration {
    change(1, owner, roles)
}

pub const fn left(owner: u8) -> Registration {
    change(2, owner, 1)
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub struct After {
    pub truth: Vec<i128>,
    pub losses: Losses,
    pub without: Lists,
    pub past: Past,
    pub state: Vec<Vec<u8>>,
}

impl Told {
    pub fn labels(&self) -> u16 {
        self.parameters.label_count
    }

    pub fn fresh(&self) -> Vec<Vec<u8>> {
        genesis(&self.parameters.encode().unwrap()).unwrap()
    }

    /// From the topic's first state.
    pub fn settle(&self) -> Result<After> {
        self.settle_on(&self.fresh())
    }

    pub fn settle_on(&self, state: &[Vec<u8>]) -> Result<After> {
        let settled = settle(&slices(&self.inputs()?), &slices(state))?;
        let past = Past::read(&slices(&settled.state), &self.parameters)?;
        Ok(After {
            truth: SettledTruth::decode(&settled.outputs[0])?.labels,
            losses: Losses::decode(&settled.outputs[1])?,
            without: CounterfactualLosses::decode(&settled.outputs[2])?.lists,
            past,
            state: settled.state,
        })
    }

    pub fn inputs(&self) -> Result<Vec<Vec<u8>>> {
        let mut rows = vec![self.parameters.encode()?];
        for label in 0..self.labels() {
            let entry = |(seat, values): &(u8, Vec<i128>)| Inference {
                seat: Inferer(*seat),
                value: values[usize::from(label)],
            };
            let entries = BySeat(self.inferences.iter().map(entry).collect());
            rows.push(Inferences { label, entries }.encode()?);
        }
        for (seat, _) in &self.implied {
            let loss = ForecastLoss { seat: Inferer(0), loss: 0 };
            rows.push(Forecast { seat: Forecaster(*seat), entries: BySeat(vec![loss]) }.encode()?);
        }
        for (entries, number) in self.registrations.chunks(380).zip(0..) {
            rows.push(Registrations { number, entries: entries.to_vec() }.encode()?);
        }
        rows.extend(self.ballot()?);
        rows.push(Pot { amount: self.pot }.encode()?);
        let owner = |(seat, owner): &(u8, u8)| SeatOwner { seat: *seat, owner: [*owner; 20] };
        rows.push(Roster { entries: BySeat(self.roster.iter().map(owner).collect()) }.encode()?);
        for (label, (combined, naive)) in (0..).zip(&self.reported) {
            let (combined, naive, sigma) = (*combined, *naive, self.sigma);
            rows.push(Value { label, combined, naive, sigma, percentiles: [0; 5] }.encode()?);
        }
        for label in 0..self.labels() {
            let entry = |(seat, values): &(u8, Vec<i128>)| ImpliedValue {
                seat: Forecaster(*seat),
                value: values[usize::from(label)],
            };
            let entries = BySeat(self.implied.iter().map(entry).collect());
            rows.push(Implied { label, entries }.encode()?);
        }
        for label in 0..self.labels() {
            let lists = self.counterfactuals.get(usize::from(label)).cloned().unwrap_or_default();
            rows.push(Counterfactuals { label, lists }.encode()?);
        }
        Ok(rows)
    }

    fn ballot(&self) -> Result<Vec<Vec<u8>>> {
        let elector =
            |(name, stake): &(u8, u128)| Elector { reputer: [*name; 20], stake: Stake(*stake) };
        let entries = ByReputer(self.electorate.iter().map(elector).collect());
        let mut rows = vec![Electorate { entries }.encode()?];
        for label in 0..self.labels() {
            let truth = |(name, values): &(u8, Vec<i128>)| TruthOf {
                reputer: [*name; 20],
                value: values[usize::from(label)],
            };
            let entries = ByReputer(self.truths.iter().map(truth).collect());
            rows.push(Truths { label, entries }.encode()?);
        }
        let signature =
            |name: &u8| TruthSignature { reputer: [*name; 20], extra: [0; 32], signature: [0; 64] };
        let entries = ByReputer(self.signed.iter().map(signature).collect());
        rows.push(TruthSignatures { entries }.encode()?);
        Ok(rows)
    }
}
