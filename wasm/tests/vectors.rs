//! The reference's vectors, natively. Every file's cases are counted: those that hold, those that Wads cannot hold and that are
//! refused, and those of functions that do not exist here, by name.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::error::Error;
use allora_core::exp::exp;
use allora_core::int::I256;
use allora_core::ln::ln;
use allora_core::log10::log10;
use allora_core::quality::rolled;
use allora_core::statistics::{
    Distribution, median, median_absolute_deviation, quantile, standard_deviation,
};
use allora_core::wad::{self as arithmetic, ONE};
use allora_core::weights::{normalise, ratio, scale};
use allora_core::weights_v08::{self, slope};
use serde_json::Value;
use support::{assert_close, exact, vectors, wad, wads};

mod support;

#[derive(Debug, Default, PartialEq)]
struct Counts {
    held: usize,
    refused: usize,
    not_built: Vec<(String, usize)>,
}

fn cases(group: &Value) -> &[Value] {
    group["cases"].as_array().unwrap()
}

/// One case of a function that exists here: `None` if a Wad does not hold its inputs.
fn math_case(function: &str, case: &Value, own: &str) -> Option<()> {
    let text = |key: &str| case[key].as_str().unwrap();
    let name = case.to_string();
    match function {
        "median" => {
            let values = wads(&case["data"])?;
            assert_close(median(&values).unwrap(), &case["expected"], own, &name);
        }
        "mad(data)->(mad,median)" => {
            let values = wads(&case["data"])?;
            let mad = median_absolute_deviation(&values).unwrap();
            assert_close(mad, &case["mad"], own, &name);
            assert_close(median(&values).unwrap(), &case["median"], own, &name);
        }
        "weighted_percentile(data,weights,percentiles)" => percentile_case(case, own)?,
        "exp (own deterministic implementation, v0.12+)" => {
            assert_close(exp(wad(text("x"))?).unwrap(), &case["expected"], "exact", &name);
        }
        "ema(alpha,current,previous,first)" => {
            let [alpha, x, before] = ["alpha", "current", "previous"].map(|key| exact(&case[key]));
            let before = (case["first"] != true).then(|| before.to_i128().unwrap());
            let average = rolled(alpha, x, before).unwrap();
            assert_close(average.into(), &case["expected"], own, &name);
        }
        "stddev(data) (sample, N-1)" => {
            let deviation = standard_deviation(&wads(&case["data"])?).unwrap();
            assert_close(deviation, &case["expected"], own, &name);
        }
        "quantile(data,q)" => {
            let (values, at) = (wads(&case["data"])?, exact(&case["quantile"]));
            assert_close(quantile(&values, at).unwrap(), &case["expected"], own, &name);
        }
        "gradient(p,c,x)=p/(exp(p(c-x))+1)" => {
            let [p, c, x] = ["p", "c", "x"].map(|key| exact(&case[key]));
            assert_close(slope(p, c, x).unwrap(), &case["expected"], own, &name);
        }
        "ln(x)" | "log10(x)" => {
            let logarithm = if function == "ln(x)" { ln } else { log10 };
            let result = logarithm(wad(text("x"))?);
            if case["error"] == true {
                assert_eq!(result, Err(Error::LnWadUndefined));
            } else {
                assert_close(result.unwrap(), &case["expected"], own, &name);
            }
        }
        "elementary operator unit results" => {
            let (at, operator) = text("expr").char_indices().rfind(|(_, c)| "+-/".contains(*c))?;
            let (x, y) = (wad(&text("expr")[..at])?, wad(&text("expr")[at + 1..])?);
            let result = match operator {
                '+' => arithmetic::add(x, y),
                '-' => arithmetic::sub(x, y),
                _ => arithmetic::div(x, y),
            };
            assert_close(result.unwrap(), &case["expected"], own, &name);
        }
        other => panic!("{other}"),
    }
    Some(())
}

fn percentile_case(case: &Value, own: &str) -> Option<()> {
    let (values, weights) = (wads(&case["data"])?, wads(&case["weights"])?);
    let distribution = Distribution::new(values.into_iter().zip(weights)).unwrap();
    let expected = case["expected"].as_array().unwrap();
    for (percent, expected) in case["percentiles"].as_array().unwrap().iter().zip(expected) {
        let percent: u16 = percent.as_str().unwrap().parse().unwrap();
        let got = distribution.percentile(percent * 100).unwrap();
        assert_close(got, expected, own, &format!("{percent} % of {case}"));
    }
    Some(())
}

#[test]
fn math_basic() {
    const BUILT: [&str; 11] = [
        "median",
        "mad(data)->(mad,median)",
        "weighted_percentile(data,weights,percentiles)",
        "exp (own deterministic implementation, v0.12+)",
        "ema(alpha,current,previous,first)",
        "stddev(data) (sample, N-1)",
        "quantile(data,q)",
        "gradient(p,c,x)=p/(exp(p(c-x))+1)",
        "ln(x)",
        "log10(x)",
        "elementary operator unit results",
    ];
    let mut counts = Counts::default();
    for group in vectors("math_basic")["groups"].as_array().unwrap() {
        let function = group["fn"].as_str().unwrap();
        let own = group["tolerance"].as_str().unwrap_or("exact");
        if !BUILT.contains(&function) {
            let name = function.split(['(', ' ', '=']).next().unwrap().to_owned();
            counts.not_built.push((name, cases(group).len()));
            continue;
        }
        for case in cases(group) {
            match math_case(function, case, own) {
                Some(()) => counts.held += 1,
                None => counts.refused += 1,
            }
        }
    }
    let not_built = [
        ("n_ema", 5),
        ("phi", 1),
        ("to_int_truncate", 10),
        ("to_int_exact", 4),
        ("to_legacy_dec18", 9),
        ("in_delta", 6),
        ("pow", 7),
        ("smoothed_alpha", 5),
    ];
    let not_built = not_built.map(|(name, count)| (name.to_owned(), count)).to_vec();
    assert_eq!(counts, Counts { held: 43, refused: 7, not_built });
}

#[test]
fn values_outside_wads_are_refused() {
    // The reference's: 46 digits; 19 places; not a number.
    assert_eq!(wad("1000000000000000000000000000000000000123456789"), None);
    assert_eq!(wad("1.6285091944505809264504560045920167"), None);
    assert_eq!(wad("0.0000000000000000001"), None);
    assert_eq!(wad("NaN"), None);
}

/// The weight of rule v16 with p = 3 and c = 0.75, from normalised regrets.
fn weight(regret: I256, greatest: I256) -> I256 {
    let (p, c) = (wad("3").unwrap(), wad("0.75").unwrap());
    let exponent =
        |r: I256| arithmetic::mul(p, arithmetic::sub(r, c).unwrap()).unwrap().wrapping_neg();
    ratio(exponent(greatest), exponent(regret)).unwrap()
}

#[test]
fn weights() {
    let file = vectors("weights");
    let groups = file["groups"].as_array().unwrap();
    let mut counts = Vec::new();
    for group in groups {
        let name = group["fn"].as_str().or(group["rule"].as_str()).unwrap_or("property");
        let name = name.split([':', '(', '=']).next().unwrap().trim();
        let list = group["cases"].as_array().map_or(&[][..], |list| list);
        for case in list {
            weight_case(name, group, case);
        }
        counts.push((name, list.len()));
    }
    // The property of rule v08's standard deviations is a test of its own.
    let expected = [
        ("v0.6-v0.8", 13),
        ("v0.16+", 19),
        ("f", 27),
        ("regret scale", 5),
        ("normalise weights to sum 1 over inferers and forecasters", 4),
        ("property", 0),
    ];
    assert_eq!(counts, expected);
}

fn weight_case(name: &str, group: &Value, case: &Value) {
    let own = case["tolerance"].as_str().or(group["tolerance"].as_str()).unwrap_or("exact");
    let (got, expected) = match name {
        "v0.16+" => {
            let (r, m) = (exact(&case["normalized_regret"]), exact(&case["max_normalized_regret"]));
            (weight(r, m), &case["expected"])
        }
        "v0.6-v0.8" => {
            let (r, m) = (exact(&case["normalized_regret"]), exact(&case["max_normalized_regret"]));
            let (p, c) = (wad("3").unwrap(), wad("0.75").unwrap());
            (weights_v08::weight(r, m, p, c).unwrap(), &case["expected"])
        }
        "f" => (ratio(exact(&case["a"]), exact(&case["b"])).unwrap(), &case["expected"]),
        "regret scale" => {
            let regrets = wads(&case["regrets"]).unwrap();
            (scale(&regrets, exact(&case["epsilon"])).unwrap(), &case["expected"])
        }
        "normalise weights to sum 1 over inferers and forecasters" => return normalise_case(case),
        _ => return,
    };
    assert_close(got, expected, own, &case.to_string());
}

fn normalise_case(case: &Value) {
    let together = |inferers: &str, forecasters: &str| {
        let mut all = wads(&case[inferers]).unwrap();
        all.extend(wads(&case[forecasters]).unwrap());
        all
    };
    let weights = together("inferers", "forecasters");
    if case["error"] == true {
        assert_eq!(normalise(&weights), Err(Error::NoWeight));
    } else if case["expected_all"] == "1/3" {
        let third = ONE.checked_div(I256::from_i128(3)).unwrap();
        assert_eq!(normalise(&weights), Ok(vec![third; weights.len()]));
    } else {
        let expected = together("expected_inferers", "expected_forecasters");
        assert_eq!(normalise(&weights), Ok(expected));
    }
}

/// The file's property: over its weights of rule v08 a steeper p spreads them more.
#[test]
fn rule_v08_spreads_more_with_a_steeper_p() {
    let file = vectors("weights");
    let spread = |p: &str| {
        let weight = |case: &Value| {
            let (r, m) = (exact(&case["normalized_regret"]), exact(&case["max_normalized_regret"]));
            weights_v08::weight(r, m, wad(p).unwrap(), wad("0.75").unwrap()).unwrap()
        };
        let weights: Vec<_> = cases(&file["groups"][0]).iter().map(weight).collect();
        standard_deviation(&weights).unwrap()
    };
    assert!(spread("2.5") < spread("4.5"));
}
