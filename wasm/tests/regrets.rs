//! The reference's small cases of regrets and of forecast-implied values. Every case is counted: those that hold, and those of
//! what does not exist here.
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
use allora_core::outputs::Implied;
use allora_core::parameters::{Arithmetic, Parameters};
use allora_core::past::Past;
use allora_core::regrets::{initial, is_experienced, of_experienced, updated};
use allora_core::synthesis::infer;
use allora_core::weights::scale;
use allora_core::{genesis::genesis, wad, weights_v08};
use rows::{ONE, parameters, slices};
use serde_json::Value;
use support::{assert_approximate, assert_close, exact, vectors, wads};

mod rows;
mod support;

fn arithmetic(case: &Value) -> Arithmetic {
    let mut given = parameters(1).arithmetic;
    let number = |key: &str| case.get(key).map(|text| exact(text).to_i128().unwrap());
    given.epsilon = number("epsilon").unwrap_or(given.epsilon);
    given.p_norm = number("p_norm").unwrap_or(given.p_norm);
    given.c_norm = number("c_norm").unwrap_or(given.c_norm);
    given
}

/// New regrets of losses against the combined one, from the previous ones.
fn regrets(case: &Value, role: &str) -> Vec<I256> {
    let losses = wads(&case[format!("{role}_losses")]).unwrap_or_default();
    let previous = match case.get(format!("{role}_previous_regrets")) {
        Some(list) => wads(list).unwrap(),
        None => vec![exact(&case["previous_regret"]); losses.len()],
    };
    let (combined, alpha) = (exact(&case["combined"]), exact(&case["alpha"]));
    let pairs = losses.into_iter().zip(previous);
    pairs.map(|(loss, previous)| updated(combined, loss, previous, alpha).unwrap()).collect()
}

#[test]
fn network_regrets() {
    let file = vectors("network_regrets");
    let (mut held, mut elsewhere) = (0, Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let own = case["tolerance"].as_str().unwrap();
        let check = |got, key: &str| assert_close(got, &case[key], own, name);
        match name {
            "ema regret" => {
                let [a, b, previous, alpha] =
                    ["loss_a", "loss_b", "previous", "alpha"].map(|key| exact(&case[key]));
                check(updated(a, b, previous, alpha).unwrap(), "expected");
                held += 1;
            }
            "three workers" => {
                for regret in regrets(case, "inferer") {
                    check(regret, "expected_inferer_regret");
                    held += 1;
                }
            }
            "two workers, initial regret" => {
                let all = [regrets(case, "inferer"), regrets(case, "forecaster")].concat();
                for regret in &all {
                    check(*regret, "expected_regret_each");
                    held += 1;
                }
                let new: Vec<_> = all.into_iter().map(|regret| (regret, false)).collect();
                let initial = initial(&new, &arithmetic(case)).unwrap().unwrap();
                check(initial, "expected_initial_regret");
                held += 1;
            }
            _ if name.starts_with("initial regret (experienced") => {
                let own = "1e-5";
                let regrets = wads(&case["regrets"]).unwrap();
                let initial = of_experienced(&regrets, &arithmetic(case)).unwrap();
                assert_close(initial, &case["expected"], own, name);
                held += 1;
            }
            "initial regret fallback branch" => {
                let all = [regrets(case, "inferer"), regrets(case, "forecaster")].concat();
                for (regret, expected) in
                    all.iter().zip(case["expected_regrets"].as_array().unwrap())
                {
                    assert_close(*regret, expected, own, name);
                    held += 1;
                }
                let inclusions = case["inclusions_each"].as_u64().unwrap().try_into().unwrap();
                let experienced = is_experienced(inclusions, exact(&case["alpha"]));
                assert!(!experienced);
                let new: Vec<_> = all.into_iter().map(|regret| (regret, experienced)).collect();
                let initial = initial(&new, &arithmetic(case)).unwrap().unwrap();
                check(initial, "expected_initial_regret");
                held += 1;
            }
            _ => elsewhere.push(name.to_owned()),
        }
    }
    // Of the trace: `regression_epochs_300_303` in traces.rs.
    assert_eq!((held, elsewhere), (1 + 3 + 5 + 1 + 13, vec!["CSV".to_owned()]));
}

#[test]
fn experience_begins_at_one_over_alpha() {
    let begins = |alpha: i128, epochs: u16| {
        assert!(!is_experienced(epochs - 1, alpha.into()) && is_experienced(epochs, alpha.into()));
    };
    begins(ONE, 1);
    begins(ONE / 2, 2);
    begins(ONE / 10, 10);
    // A third is rounded down, so three of them are less than one.
    begins(ONE / 3, 4);
    assert!(!is_experienced(u16::MAX, I256::from_i128(1)));
}

#[test]
fn ten_experienced_ones_make_the_initial_regret() {
    let arithmetic = parameters(1).arithmetic;
    let regret = |i: i128| I256::from_i128(i * ONE);
    let with = |experienced: i128| {
        let new: Vec<_> = (0..12).map(|i| (regret(i), i < experienced)).collect();
        initial(&new, &arithmetic).unwrap()
    };
    // Twelve regrets from 0 to 11: at 0.75·11 from above stands 2.75.
    assert_eq!(with(0), Some(I256::from_i128(ONE * 11 / 4)));
    assert_eq!(with(9), with(0));
    let ten: Vec<_> = (0..10).map(regret).collect();
    assert_eq!(with(10), Some(of_experienced(&ten, &arithmetic).unwrap()));
    assert!(with(10) < with(0));
    assert_eq!(initial(&[], &arithmetic), Ok(None));
}

/// The implied value of one forecaster: the inferers' values and the losses that it expects of some.
fn implied(
    parameters: &Parameters,
    values: &[i128],
    losses: &[(u8, i128)],
    previous_loss: i128,
) -> I256 {
    let seat = |i: usize| Inferer(u8::try_from(i).unwrap());
    let inference = |(i, value): (usize, &i128)| Inference { seat: seat(i), value: *value };
    let entries = BySeat(values.iter().enumerate().map(inference).collect());
    let forecast = |(i, loss): &(u8, i128)| ForecastLoss { seat: Inferer(*i), loss: *loss };
    let forecast = BySeat(losses.iter().map(forecast).collect());
    let inputs = [
        parameters.encode().unwrap(),
        Inferences { label: 0, entries }.encode().unwrap(),
        Forecast { seat: Forecaster(0x80), entries: forecast }.encode().unwrap(),
        Signatures { entries: BySeat(vec![]) }.encode().unwrap(),
    ];
    let fresh = genesis(&inputs[0]).unwrap();
    let mut past = Past::read(&slices(&fresh), parameters).unwrap();
    past.regrets.previous_loss = Some(previous_loss);
    past.regrets.initial_regret = Some(0);
    // The reference's tests of rule v16 take the scale from the forecast regrets.
    let regret = |(_, loss): &(u8, i128)| wad::sub(previous_loss.into(), (*loss).into()).unwrap();
    let regrets: Vec<_> = losses.iter().map(regret).collect();
    let epsilon = parameters.arithmetic.epsilon.into();
    past.regrets.scale = scale(&regrets, epsilon).unwrap().to_i128().unwrap();
    let outputs = infer(&slices(&inputs), &slices(&past.encode().unwrap())).unwrap();
    Implied::decode(&outputs[2]).unwrap().entries.0[0].value.into()
}

fn rule(name: &str, case: &Value) -> Parameters {
    let mut given = parameters(1);
    given.weight_rule = if name == "v08" { weights_v08::RULE } else { 1 };
    given.arithmetic.p_norm = exact(&case["p_norm"]).to_i128().unwrap();
    given.arithmetic.epsilon = exact(&case["epsilon_topic"]).to_i128().unwrap();
    given
}

#[test]
fn forecast_implied() {
    let file = vectors("forecast_implied");
    let number = |text: &Value| exact(text).to_i128().unwrap();
    let mut held = 0;
    for case in file["cases"].as_array().unwrap() {
        let parameters = rule(case["rule"].as_str().unwrap(), case);
        let values: Vec<_> = case["inferences"].as_object().unwrap().values().map(number).collect();
        for (forecaster, losses) in case["forecasts"].as_object().unwrap() {
            let place =
                |(name, loss): (&String, &Value)| (name[1..].parse().unwrap(), number(loss));
            let losses: Vec<(u8, i128)> = losses.as_object().unwrap().iter().map(place).collect();
            let got = implied(&parameters, &values, &losses, number(&case["network_loss"]));
            let own = case["tolerance"].as_str().unwrap();
            assert_close(got, &case["expected"][forecaster], own, &case["name"].to_string());
            held += 1;
        }
    }
    // These take the loss of the same epoch, which the trace was not made with: they hold as nearly as the reference's do.
    let trace = vectors("regression_epochs_300_303");
    for case in file["csv_cases"].as_array().unwrap() {
        let row = &trace["rows"][case["epoch"].to_string()];
        let values: Vec<_> = (0..5).map(|i| number(&row[format!("inference_{i}")])).collect();
        let loss = |i| (i, number(&row[format!("forecasted_loss_0_for_{i}")]));
        let losses: Vec<_> = (0..5u8).map(loss).collect();
        for name in case["holds_for"].as_array().unwrap() {
            let parameters = rule(name.as_str().unwrap(), case);
            let got = implied(&parameters, &values, &losses, number(&row["network_loss"]));
            let expected = &row[case["expected_header"].as_str().unwrap()];
            let own = case["tolerance"].as_str().unwrap();
            assert_approximate(got, expected, own, &case.to_string());
            held += 1;
        }
    }
    assert_eq!(held, 8 + 4);
}
