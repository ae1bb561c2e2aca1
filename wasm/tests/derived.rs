//! What a model of 34 digits makes of the regression trace, by either rule: `infer` with the rows of one epoch, the regrets and
//! the loss of the epoch before.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::int::I256;
use allora_core::parameters::Parameters;
use allora_core::weights::{normalise, scale};
use allora_core::weights_v08;
use allora_core::withheld::List;
use given::Made;
use rows::parameters;
use serde_json::Value;
use support::{assert_traced, exact, vectors};
use trace::{given_of, seats, worker};

mod given;
mod random;
mod rows;
mod support;
mod trace;

/// What was made of each epoch of a file, beside what the file expects; epochs that the trace does not have are named.
fn epochs(file: &Value, parameters: &Parameters) -> (Vec<(String, Made)>, Vec<String>) {
    let trace = vectors("regression_epochs_300_303");
    let (mut made, mut absent) = (Vec::new(), Vec::new());
    for epoch in file["epochs"].as_object().unwrap().keys() {
        let before = (epoch.parse::<u32>().unwrap() - 1).to_string();
        match (trace["rows"].get(epoch), trace["rows"].get(&before)) {
            (Some(row), Some(before)) => {
                let given = given_of(row, before, parameters.clone());
                made.push((epoch.clone(), given.made()));
            }
            _ => absent.push(epoch.clone()),
        }
    }
    (made, absent)
}

/// The one number of a column, if it is of the synthesis.
fn number_of(made: &Made, key: &str) -> Option<i128> {
    let index = |text: &str| text.parse::<u8>().ok();
    let seat = |worker: u8| seats().find(|seat| trace::worker(*seat) == worker);
    if let Some(rest) = key.strip_prefix("forecast_implied_inference_") {
        return match rest.split_once("_oneout_") {
            Some((k, i)) => made.lists[0].find((List::OneOutImplied, 0x80 + index(k)?, index(i)?)),
            None => Some(made.implied[0][usize::from(index(rest)?)].1),
        };
    }
    if let Some(withheld) = key.strip_prefix("network_inference_oneout_") {
        let seat = seat(index(withheld)?)?;
        let list = if seat < 0x80 { List::OneOutInferers } else { List::OneOutForecasters };
        return made.lists[0].find((list, seat, 0));
    }
    if let Some(k) = key.strip_prefix("network_naive_inference_onein_") {
        return made.lists[0].find((List::OneInForecasters, 0x80 + index(k)?, 0));
    }
    match key {
        "network_inference" => Some(made.values[0].combined),
        "network_naive_inference" => Some(made.values[0].naive),
        _ => None,
    }
}

fn check_all(got: &[I256], expected: &Value, case: &str) {
    let expected = expected.as_array().unwrap();
    assert_eq!(got.len(), expected.len(), "{case}");
    for (got, expected) in got.iter().zip(expected) {
        assert_traced(*got, expected, case);
    }
}

#[test]
fn derived_v16_on_regression_trace() {
    let trace = vectors("regression_epochs_300_303");
    let file = vectors("derived_v16_on_regression_trace");
    let (made, absent) = epochs(&file, &parameters(1));
    let mut held = 0;
    for (epoch, made) in &made {
        for (key, expected) in file["epochs"][epoch].as_object().unwrap() {
            let case = format!("{key} of {epoch}");
            let weights: Vec<I256> =
                made.weights.iter().map(|(_, weight)| (*weight).into()).collect();
            match key.as_str() {
                "regret_scale" => {
                    let before = (epoch.parse::<u32>().unwrap() - 1).to_string();
                    let column = |seat| format!("inference_regret_worker_{}", worker(seat));
                    let regret = |seat| exact(&trace["rows"][&before][column(seat)]);
                    let regrets: Vec<_> = seats().map(regret).collect();
                    let epsilon = exact(&file["params"]["epsilon"]);
                    assert_traced(scale(&regrets, epsilon).unwrap(), expected, &case);
                }
                "normalized_weights" => check_all(&normalise(&weights).unwrap(), expected, &case),
                _ => assert_traced(number_of(made, key).unwrap().into(), expected, &case),
            }
            held += 1;
        }
    }
    // Of each of three epochs 7 of the synthesis and 26 counterfactuals.
    assert_eq!((held, absent), (99, vec![]));
}

#[test]
fn derived_v08_34_digits() {
    let file = vectors("derived_v08_34_digits");
    let mut parameters = parameters(1);
    parameters.weight_rule = weights_v08::RULE;
    let (made, absent) = epochs(&file, &parameters);
    let mut held = 0;
    for (epoch, made) in &made {
        for (key, expected) in file["epochs"][epoch].as_object().unwrap() {
            let case = format!("{key} of {epoch}");
            let weights: Vec<I256> =
                made.weights.iter().map(|(_, weight)| (*weight).into()).collect();
            match key.as_str() {
                "weights" => check_all(&weights, expected, &case),
                _ => assert_traced(number_of(made, key).unwrap().into(), expected, &case),
            }
            held += 1;
        }
    }
    assert_eq!((held, absent), (15, vec![]));
}
