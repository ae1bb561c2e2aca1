//! Bounds make errors impossible: every admissible epoch has a synthesis, however extreme; and no bytes make the core panic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::codec::{Row, frame, unframe};
use allora_core::error::Error;
use allora_core::explain::explain;
use allora_core::fields::BySeat;
use allora_core::genesis::genesis;
use allora_core::inputs::{Inferences, Signature, Signatures};
use allora_core::outputs::{Implied, Value, Weight, Weights};
use allora_core::parameters::Parameters;
use allora_core::resistant::resistant;
use allora_core::synthesis::{infer, values};
use allora_core::withheld::Counterfactuals;
use random::{bounded, forecasts, inferences, inferers, registrations, sharing, spoil, state};
use rows::{ONE, WIDEST, parameters};
use support::Seeded;

mod random;
mod rows;
mod support;

const EPOCHS: u64 = 2_000;

struct Epoch {
    inputs: Vec<Vec<u8>>,
    state: Vec<Vec<u8>>,
}

fn slices(rows: &[Vec<u8>]) -> Vec<&[u8]> {
    rows.iter().map(Vec::as_slice).collect()
}

impl Epoch {
    fn infer(&self) -> Result<Vec<Vec<u8>>, Error> {
        infer(&slices(&self.inputs), &slices(&self.state))
    }
}

/// An admissible epoch; with `unity`, one whose values share one out.
fn epoch(seeded: &mut Seeded, unity: bool) -> Epoch {
    let parameters = if unity { sharing(seeded) } else { bounded(seeded) };
    let inferers = inferers(seeded, &parameters);
    let mut inputs = vec![parameters.encode().unwrap()];
    inputs.extend(inferences(seeded, &parameters, &inferers));
    inputs.extend(forecasts(seeded, &parameters));
    let signature = |seat: &u8| Signature { seat: *seat, extra: [0; 32], signature: [9; 64] };
    let entries = BySeat(inferers.iter().map(signature).collect());
    inputs.push(Signatures { entries }.encode().unwrap());
    inputs.extend(registrations(seeded));
    let state = state(seeded, &parameters);
    Epoch { inputs, state }
}

fn rows_of<T: Row>(rows: &[Vec<u8>]) -> Vec<T> {
    rows.iter().filter(|row| row[0] == T::KIND).map(|row| T::decode(row).unwrap()).collect()
}

#[test]
fn every_admissible_epoch_has_a_synthesis() {
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let unity = seeded.chance(10);
        let epoch = epoch(&mut seeded, unity);
        let outputs = epoch.infer().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let weights = rows_of::<Weights>(&outputs).remove(0).entries.0;
        assert!(weights.iter().all(|entry| (0..=ONE).contains(&entry.weight)), "seed {seed}");
        assert!(weights.iter().any(|entry| entry.weight == ONE), "seed {seed}");
        let implied = rows_of::<Implied>(&outputs);
        let without = rows_of::<Counterfactuals>(&outputs);
        for (label, value) in rows_of::<Value>(&outputs).iter().enumerate() {
            // A mean, a percentile, an implied or a counterfactual value lies between the inferences that it is made of.
            let given = &rows_of::<Inferences>(&epoch.inputs)[label].entries.0;
            let least = given.iter().map(|entry| entry.value).min().unwrap();
            let most = given.iter().map(|entry| entry.value).max().unwrap();
            let made = implied[label].entries.0.iter().map(|entry| entry.value);
            let made = made.chain([value.combined, value.naive]).chain(value.percentiles);
            let made = made.chain(without[label].lists.0.iter().map(|entry| entry.value));
            assert!(made.into_iter().all(|x| (least..=most).contains(&x)), "seed {seed}");
            assert!(value.percentiles.is_sorted(), "seed {seed}");
        }
        let (inputs, state) = (slices(&epoch.inputs), slices(&epoch.state));
        assert_eq!(values(&inputs, &state).unwrap(), outputs[..outputs.len() - without.len()]);
        resistant(&inputs, &state).unwrap();
        for Weight { seat, weight } in weights {
            let said = explain(&inputs, &state, seat).unwrap().unwrap();
            assert_eq!(said.weight, weight, "seed {seed}");
        }
        let fresh = genesis(&epoch.inputs[0]).unwrap();
        infer(&inputs, &slices(&fresh)).unwrap();
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let mut admitted = 0u64;
    for seed in 1..=EPOCHS {
        let mut seeded = Seeded(seed);
        let mut epoch = epoch(&mut seeded, false);
        for _ in 0..=seeded.below(3) {
            let side = if seeded.chance(50) { &mut epoch.inputs } else { &mut epoch.state };
            let at = usize::try_from(seeded.below(side.len() as u64)).unwrap();
            spoil(&mut seeded, side, at);
        }
        admitted += u64::from(epoch.infer().is_ok());
        let whole = frame(&epoch.inputs).unwrap();
        let cut = usize::try_from(seeded.below(whole.len() as u64)).unwrap();
        assert!(unframe(&whole[..cut]).is_err());
        assert_eq!(unframe(&whole).unwrap(), slices(&epoch.inputs));
    }
    // A flipped bit of a value or a signature is still admissible; most other changes are not.
    assert!((100..EPOCHS * 3 / 4).contains(&admitted), "{admitted}");
}

/// Each bound by itself: at the bound it is admitted, past it the refusal has its name.
#[test]
fn each_bound_has_its_refusal() {
    let given = |change: &dyn Fn(&mut Parameters)| {
        let mut changed = parameters(1);
        change(&mut changed);
        changed.admit()
    };
    let refused = Err(Error::ParameterOutOfRange);
    type Change = Box<dyn Fn(&mut Parameters, i128)>;
    let wads: [(Change, i128, i128); 12] = [
        (Box::new(|p, x| p.arithmetic.p_norm = x), ONE, 10 * ONE),
        (Box::new(|p, x| p.arithmetic.c_norm = x), -10 * ONE, 10 * ONE),
        (Box::new(|p, x| p.arithmetic.alpha_regret = x), 1, ONE),
        (Box::new(|p, x| p.arithmetic.alpha_score = x), 0, ONE - 1),
        (Box::new(|p, x| p.arithmetic.alpha_error = x), 1, ONE),
        (Box::new(|p, x| p.arithmetic.epsilon = x), ONE / 10_000, i128::MAX),
        (Box::new(|p, x| p.arithmetic.loss_floor = x), 1, i128::MAX),
        (Box::new(|p, x| p.arithmetic.minimum = x), -WIDEST, WIDEST - 1),
        (Box::new(|p, x| p.arithmetic.maximum = x), 1 - WIDEST, WIDEST),
        (Box::new(|p, x| p.arithmetic.inferer_quantile = x), 0, ONE),
        (Box::new(|p, x| p.arithmetic.forecaster_quantile = x), 0, ONE),
        (Box::new(|p, x| p.arithmetic.reputer_quantile = x), 0, ONE),
    ];
    for (change, least, most) in wads {
        assert_eq!(given(&|p| change(p, least)), Ok(()));
        assert_eq!(given(&|p| change(p, most)), Ok(()));
        assert_eq!(given(&|p| change(p, least - 1)), refused);
        if let Some(above) = most.checked_add(1) {
            assert_eq!(given(&|p| change(p, above)), refused);
        }
    }
    type Byte = fn(&mut Parameters, u8);
    let bytes: [(Byte, u8, u8); 7] = [
        (|p, x| p.topic_type = x, 1, 2),
        (|p, x| p.truth_source = x, 1, 2),
        (|p, x| p.loss_method = x, 1, 3),
        (|p, x| p.weight_rule = x, 1, 1),
        (|p, x| p.label_count = x.into(), 1, 64),
        (|p, x| p.seating.inferer_seats = x, 1, 32),
        (|p, x| p.seating.newcomer_seats = x, 0, 32),
    ];
    for (change, least, most) in bytes {
        assert_eq!(given(&|p| change(p, least)), Ok(()));
        assert_eq!(given(&|p| change(p, most)), Ok(()));
        assert_eq!(given(&|p| change(p, most + 1)), refused);
        if let Some(below) = least.checked_sub(1) {
            assert_eq!(given(&|p| change(p, below)), refused);
        }
    }
    assert_eq!(given(&|p| p.seating.forecaster_seats = 6), Ok(()));
    assert_eq!(given(&|p| p.seating.forecaster_seats = 7), refused);
}
