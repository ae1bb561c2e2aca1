//! The reference's whole traces, epoch after epoch: `infer` on what was said and on the state of the epoch before, then what
//! the epoch's losses make of the regrets. Every column is compared, given, or counted as of a function that does not exist
//! here, by name.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::Row;
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::inputs::{Forecast, ForecastLoss, Inference, Inferences, Signatures};
use allora_core::int::I256;
use allora_core::outcome::Told;
use allora_core::outputs::{Implied, Value as ValueRow};
use allora_core::parameters::Parameters;
use allora_core::past::Past;
use allora_core::regrets::learn;
use allora_core::settlement::{LossOf, Losses};
use allora_core::state::{ForecasterRegret, InfererRegret, SeatOwner};
use allora_core::synthesis::infer;
use allora_core::withheld::{Counterfactuals, Entry, List, Lists, RegretOf, Table};
use allora_core::{genesis::genesis, wad, weights_v08};
use rows::{parameters, slices};
use serde_json::Value;
use std::collections::BTreeSet;
use support::{assert_traced, shortened, vectors, wad as exact};
use trace::{FORECASTERS, INFERERS, forecasters, one_in, one_out, seats};

mod given;
mod random;
mod rows;
mod support;
mod trace;

/// One row of a trace; what is read of it is marked.
struct Epoch<'a> {
    row: &'a Value,
    labels: u16,
    given: BTreeSet<String>,
    held: BTreeSet<String>,
}

impl Epoch<'_> {
    fn read(&mut self, key: String) -> i128 {
        let number = shortened(&self.row[&key]).to_i128().unwrap();
        self.given.insert(key);
        number
    }

    fn check(&mut self, key: &str, got: i128) {
        assert_traced(I256::from_i128(got), &self.row[key], key);
        self.held.insert(key.to_owned());
    }

    fn labelled(&self, key: &str, label: u16) -> String {
        if self.labels == 1 { key.to_owned() } else { format!("{key}_label_{label}") }
    }

    fn inputs(&mut self, parameters: &Parameters) -> Vec<Vec<u8>> {
        let mut rows = vec![parameters.encode().unwrap()];
        for label in 0..self.labels {
            let inference = |i| {
                let key = self.labelled(&format!("inference_{i}"), label);
                Inference { seat: Inferer(i), value: self.read(key) }
            };
            let entries = BySeat((0..INFERERS).map(inference).collect());
            rows.push(Inferences { label, entries }.encode().unwrap());
        }
        for k in 0..FORECASTERS {
            let loss = |i| {
                let loss = self.read(format!("forecasted_loss_{k}_for_{i}"));
                ForecastLoss { seat: Inferer(i), loss }
            };
            let entries = BySeat((0..INFERERS).map(loss).collect());
            rows.push(Forecast { seat: Forecaster(0x80 + k), entries }.encode().unwrap());
        }
        rows.push(Signatures { entries: BySeat(vec![]) }.encode().unwrap());
        rows
    }

    fn check_synthesis(&mut self, inputs: &[Vec<u8>], past: &Past) {
        let state = past.encode().unwrap();
        let outputs = infer(&slices(inputs), &slices(&state)).unwrap();
        for label in 0..self.labels {
            let value = ValueRow::decode(&outputs[usize::from(label)]).unwrap();
            self.check(&self.labelled("network_inference", label), value.combined);
            self.check(&self.labelled("network_naive_inference", label), value.naive);
            let implied = outputs.iter().filter(|row| row[0] == Implied::KIND);
            let implied = Implied::decode(implied.collect::<Vec<_>>()[usize::from(label)]).unwrap();
            for (k, entry) in implied.entries.0.iter().enumerate() {
                let key = format!("forecast_implied_inference_{k}");
                self.check(&self.labelled(&key, label), entry.value);
            }
            for (i, percentile) in value.percentiles.iter().enumerate() {
                let key = format!("network_inference_errorbar_{i}");
                if self.row.get(&key).is_some() {
                    self.check(&key, *percentile);
                }
            }
        }
        self.check_counterfactuals(&outputs);
        let previous = past.regrets.previous_loss;
        for (k, i) in (0..FORECASTERS).flat_map(|k| (0..INFERERS).map(move |i| (k, i))) {
            let Some(previous) = previous else { continue };
            let loss = self.read(format!("forecasted_loss_{k}_for_{i}"));
            let regret = wad::sub(previous.into(), loss.into()).unwrap();
            self.check(&format!("forecasted_regret_{k}_inferer_{i}"), regret.to_i128().unwrap());
        }
    }

    fn check_counterfactuals(&mut self, outputs: &[Vec<u8>]) {
        let rows = outputs.iter().filter(|row| row[0] == Counterfactuals::KIND);
        for (label, row) in (0..).zip(rows) {
            let lists = Counterfactuals::decode(row).unwrap().lists;
            for (key, value) in keys(&Keys::of_values()).into_iter().zip(lists.0) {
                self.check(&self.labelled(&key, label), value.value);
            }
        }
    }

    /// The counterfactual losses.
    fn lists(&mut self) -> Lists {
        let mut lists = lists();
        for (key, entry) in keys(&Keys::of_losses()).into_iter().zip(&mut lists.0) {
            entry.value = self.read(key);
        }
        lists
    }

    fn losses(&mut self) -> Losses {
        let inferers = (0..INFERERS).map(|i| (i, format!("inference_loss_{i}")));
        let implied = |k| (0x80 + k, format!("forecast_implied_inference_loss_{k}"));
        let all = inferers.chain((0..FORECASTERS).map(implied));
        let entries = all.map(|(seat, key)| LossOf { seat, loss: self.read(key) }).collect();
        Losses {
            combined: self.read("network_loss".to_owned()),
            naive: self.read("network_naive_loss".to_owned()),
            entries: BySeat(entries),
        }
    }

    fn check_regrets(&mut self, past: &Past) {
        let forecasters = past.regrets.forecasters.0.iter().map(|entry| entry.network);
        let network = past.regrets.inferers.0.iter().map(|entry| entry.network);
        for (worker, regret) in network.chain(forecasters).enumerate() {
            self.check(&format!("inference_regret_worker_{worker}"), regret);
        }
        for (worker, entry) in past.regrets.inferers.0.iter().enumerate() {
            self.check(&format!("naive_inference_regret_worker_{worker}"), entry.naive);
        }
        for table in &past.one_out.0 {
            for entry in &table.entries.0 {
                let key = one_out(entry.seat, table.seat);
                self.check(&key, entry.regret);
            }
        }
        for table in &past.one_in.0 {
            for entry in &table.entries.0 {
                self.check(&one_in(entry.seat, table.seat), entry.regret);
            }
        }
    }

    /// The regrets and the loss that stand in this row, as a state.
    fn past(&mut self, fresh: &Past) -> Past {
        let mut past = fresh.clone();
        let network =
            |worker: u8, epoch: &mut Self| epoch.read(format!("inference_regret_worker_{worker}"));
        for i in 0..INFERERS {
            let naive = self.read(format!("naive_inference_regret_worker_{i}"));
            let entry = InfererRegret { seat: Inferer(i), network: network(i, self), naive };
            past.regrets.inferers.put(entry);
        }
        for k in 0..FORECASTERS {
            let network = network(INFERERS + k, self);
            past.regrets.forecasters.put(ForecasterRegret { seat: Forecaster(0x80 + k), network });
        }
        for of in seats() {
            let others = seats().filter(|seat| *seat != of);
            let regret = |seat| RegretOf { seat, regret: self.read(one_out(seat, of)) };
            let entries = BySeat(others.map(regret).collect());
            past.one_out.put(Table { seat: of, entries });
        }
        for of in forecasters() {
            let regret = |seat| RegretOf { seat, regret: self.read(one_in(seat, of)) };
            let entries = BySeat((0..INFERERS).chain([of]).map(regret).collect());
            past.one_in.put(Table { seat: of, entries });
        }
        past.regrets.previous_loss = Some(self.read("network_loss".to_owned()));
        past.regrets.initial_regret = Some(0);
        past
    }
}

/// What the columns of counterfactuals begin with.
struct Keys {
    one_out: &'static str,
    one_in: &'static str,
    implied: &'static str,
}

impl Keys {
    const fn of_values() -> Self {
        Self {
            one_out: "network_inference",
            one_in: "network_naive_inference",
            implied: "forecast_implied_inference",
        }
    }

    const fn of_losses() -> Self {
        Self {
            one_out: "network_loss",
            one_in: "network_naive_loss",
            implied: "forecast_implied_inference_loss",
        }
    }
}

/// The columns of the four lists, in the order of their values.
fn keys(Keys { one_out, one_in, implied }: &Keys) -> Vec<String> {
    let outs = (0..INFERERS + FORECASTERS).map(|worker| format!("{one_out}_oneout_{worker}"));
    let ins = (0..FORECASTERS).map(|k| format!("{one_in}_onein_{k}"));
    let pairs = (0..FORECASTERS).flat_map(|k| (0..INFERERS).map(move |i| (k, i)));
    outs.chain(ins).chain(pairs.map(|(k, i)| format!("{implied}_{k}_oneout_{i}"))).collect()
}

/// The lists of everybody in the trace.
fn lists() -> Lists {
    let entry = |list, seat, without| Entry { list, seat, without, value: 0 };
    let outs = (0..INFERERS).map(|seat| entry(List::OneOutInferers, seat, 0));
    let outs = outs.chain(forecasters().map(|seat| entry(List::OneOutForecasters, seat, 0)));
    let ins = forecasters().map(|seat| entry(List::OneInForecasters, seat, 0));
    let pairs = forecasters().flat_map(|seat| (0..INFERERS).map(move |without| (seat, without)));
    let implied = pairs.map(|(seat, without)| entry(List::OneOutImplied, seat, without));
    Lists(outs.chain(ins).chain(implied).collect())
}

/// Everybody sits where the trace numbers it.
fn owners() -> BySeat<SeatOwner> {
    BySeat(seats().map(|seat| SeatOwner { seat, owner: [seat; 20] }).collect())
}

/// The topic's first state, with everybody seated.
fn fresh(parameters: &Parameters) -> Past {
    let rows = genesis(&parameters.encode().unwrap()).unwrap();
    let mut past = Past::read(&slices(&rows), parameters).unwrap();
    past.seats.seated = owners();
    past
}

fn learned(past: &Past, losses: &Losses, lists: &Lists, parameters: &Parameters) -> Past {
    let mut past = past.clone();
    let seats = losses.entries.0.iter().map(|entry| entry.seat).collect();
    let told = Told {
        seats,
        inferers: usize::from(INFERERS),
        labels: vec![],
        counterfactuals: vec![],
        reported: vec![],
        truth: vec![],
        roster: owners(),
    };
    learn(&mut past, &told, losses, lists, &parameters.arithmetic).unwrap();
    past.regrets.previous_loss = Some(losses.combined);
    past
}

/// How many columns were compared, how many were only given (of those how many with more places than a Wad has, given
/// toward zero), how many would have needed a row that is not in the file, and how many are of what does not exist here.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    held: usize,
    given: usize,
    shortened: usize,
    absent: usize,
    not_built: Vec<(&'static str, usize)>,
}

/// Parts of the names of columns that nothing here speaks of; a column counts for the first part that it has.
const NOT_BUILT: [&str; 7] = [
    "reputer_", "reward", "score", "entropy", "utility",
    "oneout", // the regrets of those withheld, against the value without them: kept by the reference, never used
    "",       // target, epoch, time
];

fn count(epochs: &[Epoch<'_>]) -> Counts {
    let mut counts = Counts::default();
    let mut not_built = NOT_BUILT.map(|part| (part, 0));
    let known = |key: &String| {
        epochs.iter().any(|other| other.held.contains(key) || other.given.contains(key))
    };
    for epoch in epochs {
        for (key, text) in epoch.row.as_object().unwrap() {
            let given = epoch.given.contains(key);
            counts.shortened += usize::from(given && exact(text.as_str().unwrap()).is_none());
            if epoch.held.contains(key) {
                counts.held += 1;
            } else if given {
                counts.given += 1;
            } else if known(key) {
                counts.absent += 1;
            } else {
                not_built.iter_mut().find(|(part, _)| key.contains(part)).unwrap().1 += 1;
            }
        }
    }
    counts.not_built = not_built.into_iter().filter(|(_, count)| *count > 0).collect();
    counts
}

fn epochs<'a>(trace: &'a Value, labels: u16) -> Vec<(u32, Epoch<'a>)> {
    let rows = trace["rows"].as_object().unwrap().iter();
    rows.map(|(number, row)| {
        let (given, held) = (BTreeSet::new(), BTreeSet::new());
        (number.parse().unwrap(), Epoch { row, labels, given, held })
    })
    .collect()
}

#[test]
fn regression_epochs_300_303() {
    let trace = vectors("regression_epochs_300_303");
    let mut parameters = parameters(1);
    parameters.weight_rule = weights_v08::RULE;
    let mut epochs = epochs(&trace, 1);
    let mut absent = Vec::new();
    for at in 0..epochs.len() {
        let before = epochs[at].0 - 1;
        let Some(from) = epochs.iter().position(|(number, _)| *number == before) else {
            absent.push(before);
            continue;
        };
        let past = epochs[from].1.past(&fresh(&parameters));
        let epoch = &mut epochs[at].1;
        let inputs = epoch.inputs(&parameters);
        epoch.check_synthesis(&inputs, &past);
        let (losses, lists) = (epoch.losses(), epoch.lists());
        epoch.check_regrets(&learned(&past, &losses, &lists, &parameters));
    }
    let rows: Vec<_> = epochs.into_iter().map(|(_, epoch)| epoch).collect();
    let not_built = vec![
        ("reputer_", 860),
        ("reward", 112),
        ("score", 40),
        ("entropy", 12),
        ("utility", 4),
        ("oneout", 32),
        ("", 4),
    ];
    let expected = Counts { held: 414, given: 256, shortened: 2, absent: 106, not_built };
    assert_eq!(count(&rows), expected);
    assert_eq!(absent, [299]);
}

#[test]
fn classification_sim_epochs_1_2() {
    let trace = vectors("classification_sim_epochs_1_2");
    let mut parameters = parameters(3);
    parameters.topic_type = 2;
    parameters.loss_method = 3;
    let mut past = fresh(&parameters);
    let mut rows = Vec::new();
    // The second epoch starts from what is learned of the first, not from its row.
    for (_, mut epoch) in epochs(&trace, 3) {
        let inputs = epoch.inputs(&parameters);
        epoch.check_synthesis(&inputs, &past);
        let (losses, lists) = (epoch.losses(), epoch.lists());
        past = learned(&past, &losses, &lists, &parameters);
        epoch.check_regrets(&past);
        rows.push(epoch);
    }
    let not_built = vec![
        ("reputer_", 430),
        ("reward", 56),
        ("score", 20),
        ("entropy", 6),
        ("utility", 2),
        ("oneout", 16),
        ("", 6),
    ];
    let expected = Counts { held: 375, given: 132, shortened: 3, absent: 15, not_built };
    assert_eq!(count(&rows), expected);
}
