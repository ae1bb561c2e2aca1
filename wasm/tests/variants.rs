//! The reference's cases of `infer` that stand outside the traces: who is known and who is new, several labels, outliers. Every
//! case is counted: those that hold, and those in whose place the design puts something else, by name.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::fields::Inferer;
use allora_core::int::I256;
use allora_core::mean::Sums;
use allora_core::resistant::{kept, resistant, smoothed};
use allora_core::state::InfererRegret;
use allora_core::statistics::{median, median_absolute_deviation};
use allora_core::weights::Rule;
use allora_core::weights_v08;
use allora_core::withheld::List;
use given::{Given, Made, all_new, given};
use rows::{ONE, parameters, slices};
use serde_json::Value;
use support::{Seeded, assert_close, assert_traced, exact, vectors, wads};
use trace::{given_of, know};

mod given;
mod random;
mod rows;
mod support;
mod trace;

fn number(text: &Value) -> i128 {
    exact(text).to_i128().unwrap()
}

fn indices(list: &Value) -> Vec<u8> {
    list.as_array().unwrap().iter().map(|i| i.as_u64().unwrap().try_into().unwrap()).collect()
}

/// The epoch of a case: those that are known have the regrets of the epoch before, all others the initial one.
fn variant(case: &Value) -> Given {
    let trace = vectors("regression_epochs_300_303");
    let epoch = case["epoch"].as_u64().unwrap();
    let before = &trace["rows"][(epoch - 1).to_string()];
    let mut parameters = parameters(1);
    parameters.weight_rule = weights_v08::RULE;
    let mut given = given_of(&trace["rows"][epoch.to_string()], before, parameters);
    given.past = all_new(given.parameters.clone()).past;
    let (inferers, forecasters) =
        (indices(&case["known_inferers"]), indices(&case["known_forecasters"]));
    let knows = |seat: u8| match seat.checked_sub(0x80) {
        Some(forecaster) => forecasters.contains(&forecaster),
        None => inferers.contains(&seat),
    };
    know(&mut given.past, before, &knows);
    given.past.regrets.previous_loss = Some(number(&before["network_loss"]));
    given.past.regrets.initial_regret = Some(number(&case["initial_regret"]));
    if case["with_forecasts"] == false {
        given.forecasts.clear();
    }
    given
}

fn check_variant(made: &Made, expected: &Value, name: &str) -> usize {
    let mut held = 0;
    for (key, expected) in expected.as_object().unwrap() {
        if key == "combined" {
            assert_traced(made.values[0].combined.into(), expected, name);
            held += 1;
            continue;
        }
        for (index, expected) in expected.as_object().unwrap() {
            let index: u8 = index.parse().unwrap();
            let forecaster = 0x80 + index;
            let got = match key.as_str() {
                "forecast_implied" => Some(made.implied[0][usize::from(index)].1),
                "one_out_inferer" => made.lists[0].find((List::OneOutInferers, index, 0)),
                "one_out_forecaster" => {
                    made.lists[0].find((List::OneOutForecasters, forecaster, 0))
                }
                "one_in_forecaster" => made.lists[0].find((List::OneInForecasters, forecaster, 0)),
                other => panic!("{other}"),
            };
            assert_traced(got.unwrap().into(), expected, &format!("{name}: {key} {index}"));
            held += 1;
        }
    }
    held
}

#[test]
fn network_inferences_csv_variants() {
    let file = vectors("network_inferences_csv_variants");
    let (mut held, mut otherwise) = (0, Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if case.get("known_inferers").is_none_or(|known| known.as_array().unwrap().is_empty()) {
            // The reference's v0.6 to v0.9 take the median of what is new; here it is the mean.
            otherwise.push(name);
            continue;
        }
        held += check_variant(&variant(case).made(), &case["expected"], name);
    }
    let otherwise: [&str; 2] = otherwise.try_into().unwrap();
    assert_eq!(
        (held, otherwise),
        (6 + 15 + 15, ["no previous losses", "three inferences, no state"])
    );
}

#[test]
fn multilabel() {
    let file = vectors("multilabel");
    let (mut held, tolerance) = (0, "1e-10");
    for case in file["cases"].as_array().unwrap() {
        let name = case["fn"].as_str().unwrap();
        let of = |key: &str| -> Vec<Vec<i128>> {
            let entries = case.get(key).and_then(Value::as_object);
            let values = |entry: &Value| entry.as_array().unwrap().iter().map(number).collect();
            entries.map_or(vec![], |entries| entries.values().map(values).collect())
        };
        let (values, implied) = (of("inferences"), of("forecast_implied"));
        let got: Vec<I256> = if implied.is_empty() {
            let made = labelled(&file, &values, case.get("regrets")).made();
            made.values.iter().map(|value| value.combined.into()).collect()
        } else {
            // No forecast implies what lies outside the inferences, so this is below the rows.
            let rule = Rule {
                p_norm: exact(&file["p_norm"]),
                c_norm: exact(&file["c_norm"]),
                scale: exact(&file["regret_scale"]),
                v08: None,
            };
            let regrets: Vec<_> =
                case["regrets"].as_object().unwrap().values().map(exact).collect();
            let parts: Vec<_> = (0..).zip(rule.weights(&regrets).unwrap()).collect();
            let all: Vec<_> = values.iter().chain(&implied).collect();
            let label = |at: usize| all.iter().map(|values| values[at].into()).collect::<Vec<_>>();
            (0..values[0].len())
                .map(|at| Sums::of(&parts, &label(at)).unwrap().mean().unwrap())
                .collect()
        };
        let expected = case["expected"].as_array().unwrap();
        assert_eq!(got.len(), expected.len(), "{name}");
        for (got, expected) in got.into_iter().zip(expected) {
            assert_close(got, expected, tolerance, name);
            held += 1;
        }
    }
    assert_eq!(held, 2 + 1 + 2 + 1);
}

/// Inferers with these values, and regrets in the order of their names, of which there may be more.
fn labelled(file: &Value, values: &[Vec<i128>], regrets: Option<&Value>) -> Given {
    let mut parameters = parameters(u16::try_from(values[0].len()).unwrap());
    parameters.arithmetic.p_norm = number(&file["p_norm"]);
    parameters.arithmetic.c_norm = number(&file["c_norm"]);
    let mut given = all_new(parameters);
    given.values = (0..).zip(values.iter().cloned()).collect();
    given.past.regrets.scale = number(&file["regret_scale"]);
    for (seat, regret) in
        (0..).zip(regrets.iter().flat_map(|all| all.as_object().unwrap().values()))
    {
        let network = number(regret);
        given.past.regrets.initial_regret = Some(0);
        given.past.regrets.inferers.put(InfererRegret {
            seat: Inferer(seat),
            network,
            naive: network,
        });
    }
    given
}

#[test]
fn outlier_resistant() {
    let (mut steps, mut filters) = (0, 0);
    for case in vectors("outlier_resistant")["cases"].as_array().unwrap() {
        if case["fn"] == "update metrics" {
            let mut deviation = None;
            for step in case["steps"].as_array().unwrap() {
                let values = wads(&step["inferences"]).unwrap();
                let of_epoch = median_absolute_deviation(&values).unwrap();
                deviation = Some(smoothed(of_epoch, deviation).unwrap());
                assert_eq!(deviation.map(I256::from), Some(exact(&step["expected_mad"])));
                assert_eq!(median(&values).unwrap(), exact(&step["expected_median"]));
                steps += 1;
            }
            continue;
        }
        assert_eq!(case["fn"], "filter");
        let values = wads(&case["inferences"]).unwrap();
        let stays = kept(&values, exact(&case["median"]), exact(&case["mad"])).unwrap();
        let kept = values.into_iter().zip(stays).filter(|(_, stays)| *stays);
        let kept: Vec<_> = kept.map(|(value, _)| value).collect();
        assert_eq!(Some(kept), wads(&case["expected"]));
        filters += 1;
    }
    assert_eq!((steps, filters), (2, 5));
}

/// The value without outliers.
fn resisted(given: &Given) -> Option<i128> {
    resistant(&slices(&given.inputs().unwrap()), &slices(&given.state())).unwrap()
}

#[test]
fn an_outlier_moves_the_value_and_not_the_resistant_one() {
    // Values 10, 11, 14, 19: about 12.5, off by 2.5, 1.5, 1.5, 6.5, of which the median is 2.
    let mut given = given();
    assert_eq!(resisted(&given), Some(given.made().values[0].combined));
    // Beside 1000 the median is 14, off by 4, 3, 0, 5, 986: a deviation of 4, and eleven of them reach to 58.
    let honest = given.clone();
    given.values.push((4, vec![1_000 * ONE]));
    assert!(given.made().values[0].combined > 20 * ONE);
    assert_eq!(resisted(&given), Some(honest.made().values[0].combined));
    let at = |value| {
        given.values[4].1[0] = value;
        (resisted(&given), given.made().values[0].combined)
    };
    let (mut at, edge) = (at, 58 * ONE);
    let (here, whole) = at(edge);
    assert_eq!(here, Some(whole));
    let (there, whole) = at(edge + 1);
    assert_eq!(there, Some(honest.made().values[0].combined));
    assert_ne!(there, Some(whole));
}

#[test]
fn the_deviation_is_smoothed_over_the_epochs() {
    let mut given = given();
    given.values.push((4, vec![1_000 * ONE]));
    let all = given.made().values[0].combined;
    // 0.2·4 + 0.8·mad: with a mad of 111.07, 89.65, of which eleven reach to 1000.2.
    given.past.errors.labels[0].mad = Some(11_107 * ONE / 100);
    assert_eq!(resisted(&given), Some(all));
    given.past.errors.labels[0].mad = Some(111 * ONE);
    assert_ne!(resisted(&given), Some(all));
    // One of nothing is replaced by the epoch's own.
    given.past.errors.labels[0].mad = Some(0);
    assert_ne!(resisted(&given), Some(all));
}

#[test]
fn nobody_is_an_outlier_without_a_deviation_or_a_median() {
    // All but one say the same.
    let mut given = given();
    given.values = (0..5).map(|seat| (seat, vec![7 * ONE])).collect();
    given.values[4].1[0] = 1_000 * ONE;
    assert_eq!(resisted(&given), Some(given.made().values[0].combined));
    // A median of nothing counts as none.
    given.values = (0..3).map(|seat| (seat, vec![i128::from(seat) * ONE - ONE])).collect();
    given.values[2].1[0] = 1_000 * ONE;
    assert_eq!(resisted(&given), Some(given.made().values[0].combined));
    given.values[1].1[0] = 1;
    assert_ne!(resisted(&given), Some(given.made().values[0].combined));
}

#[test]
fn half_of_the_inferences_always_stay() {
    let mut seeded = Seeded(9);
    for _ in 0..20_000 {
        let (count, width) = (1 + seeded.below(9), 1 << seeded.below(60));
        let values: Vec<I256> = (0..count).map(|_| seeded.between(-width, width).into()).collect();
        let before = seeded.chance(80).then(|| seeded.between(0, width));
        let deviation = smoothed(median_absolute_deviation(&values).unwrap(), before).unwrap();
        let stays = kept(&values, median(&values).unwrap(), deviation.into()).unwrap();
        assert!(2 * stays.iter().filter(|stays| **stays).count() >= values.len(), "{values:?}");
    }
}

#[test]
fn only_a_regression_of_one_label_has_a_resistant_value() {
    let mut classes = given();
    classes.parameters.topic_type = 2;
    assert_eq!(resisted(&classes), None);
    let mut two = all_new(parameters(2));
    two.values = vec![(0, vec![ONE, ONE])];
    assert_eq!(resisted(&two), None);
}
