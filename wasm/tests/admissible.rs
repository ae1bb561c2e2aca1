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
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::genesis::genesis;
use allora_core::inputs::{
    Forecast, ForecastLoss, Inference, Inferences, OneToThree, Registration, Registrations,
    Signature, Signatures,
};
use allora_core::outputs::{Implied, Value, Weights};
use allora_core::parameters::Parameters;
use allora_core::state::{
    Errors, ForecasterRegret, InfererRegret, LabelErrors, Regrets, SeatOwner, Seats, Version,
};
use allora_core::synthesis::infer;
use rows::{ONE, WIDEST, parameters};
use support::Seeded;

mod rows;
mod support;

const EPOCHS: u64 = 2_000;
const WIDEST_LOSS: i128 = 1_000 * ONE;

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

fn seats(seeded: &mut Seeded, from: u8, count: u8) -> Vec<u8> {
    let percent = [5, 60, 100][usize::try_from(seeded.below(3)).unwrap()];
    (0..count).map(|k| from + k).filter(|_| seeded.chance(percent)).collect()
}

fn optional(seeded: &mut Seeded, least: i128, most: i128) -> Option<i128> {
    seeded.chance(70).then(|| seeded.between(least, most))
}

/// Parameters anywhere in their bounds, often at their ends.
fn bounded(seeded: &mut Seeded) -> Parameters {
    let mut given = parameters(u16::try_from(1 + seeded.below(5)).unwrap());
    let minimum = seeded.between(-WIDEST, WIDEST - 1);
    given.arithmetic.p_norm = seeded.between(ONE, 10 * ONE);
    given.arithmetic.c_norm = seeded.between(-10 * ONE, 10 * ONE);
    given.arithmetic.epsilon = seeded.between(ONE / 10_000, i128::MAX);
    given.arithmetic.minimum = minimum;
    given.arithmetic.maximum = seeded.between(minimum + 1, WIDEST);
    given.seating.inferer_seats = u8::try_from(1 + seeded.below(32)).unwrap();
    given.seating.forecaster_seats = u8::try_from(seeded.below(7)).unwrap();
    given
}

/// An admissible epoch; with `unity`, one whose values share one out.
fn epoch(seeded: &mut Seeded, unity: bool) -> Epoch {
    let mut parameters = bounded(seeded);
    let labels = parameters.label_count;
    if unity {
        (parameters.arithmetic.minimum, parameters.arithmetic.maximum) = (0, ONE);
        parameters.arithmetic.require_unity = true;
        parameters.arithmetic.unity_tolerance = i128::from(labels);
    }
    let (least, most) = (parameters.arithmetic.minimum, parameters.arithmetic.maximum);
    let count = parameters.seating.inferer_seats;
    let mut inferers = seats(seeded, 0, count);
    if inferers.is_empty() {
        inferers.push(count - 1);
    }
    let mut inputs = vec![parameters.encode().unwrap()];
    for label in 0..labels {
        let value = |seeded: &mut Seeded| {
            if unity { ONE / i128::from(labels) } else { seeded.between(least, most) }
        };
        let entry = |seat: &u8| Inference { seat: Inferer(*seat), value: value(seeded) };
        let entries = BySeat(inferers.iter().map(entry).collect());
        inputs.push(Inferences { label, entries }.encode().unwrap());
    }
    for seat in seats(seeded, 0x80, parameters.seating.forecaster_seats) {
        let named = seats(seeded, 0, count);
        let loss = |seat| {
            let loss = seeded.between(-WIDEST_LOSS, WIDEST_LOSS);
            ForecastLoss { seat: Inferer(seat), loss }
        };
        let entries = BySeat(named.into_iter().map(loss).collect());
        inputs.push(Forecast { seat: Forecaster(seat), entries }.encode().unwrap());
    }
    let signature = |seat: &u8| Signature { seat: *seat, extra: [0; 32], signature: [9; 64] };
    let entries = BySeat(inferers.iter().map(signature).collect());
    inputs.push(Signatures { entries }.encode().unwrap());
    inputs.extend(registrations(seeded));
    let state = state(seeded, &parameters);
    Epoch { inputs, state }
}

fn registrations(seeded: &mut Seeded) -> Vec<Vec<u8>> {
    let joined = Registration {
        change: OneToThree(1),
        roles: OneToThree(3),
        owner: [1; 20],
        signer: [2; 20],
    };
    let all = vec![joined; usize::try_from(seeded.below(800)).unwrap()];
    let row = |(entries, number): (&[Registration], u16)| {
        Registrations { number, entries: entries.to_vec() }.encode().unwrap()
    };
    all.chunks(380).zip(0..).map(row).collect()
}

fn state(seeded: &mut Seeded, parameters: &Parameters) -> Vec<Vec<u8>> {
    let any = |seeded: &mut Seeded| seeded.between(i128::MIN, i128::MAX);
    let inferers = seats(seeded, 0, parameters.seating.inferer_seats);
    let forecasters = seats(seeded, 0x80, parameters.seating.forecaster_seats);
    let owned = inferers.iter().chain(&forecasters);
    let owned = owned.map(|seat| SeatOwner { seat: *seat, owner: [*seat; 20] }).collect();
    let inferer =
        |seat: u8| InfererRegret { seat: Inferer(seat), network: any(seeded), naive: any(seeded) };
    let inferers = BySeat(inferers.into_iter().map(inferer).collect());
    let forecaster = |seat: u8| ForecasterRegret { seat: Forecaster(seat), network: any(seeded) };
    let forecasters = BySeat(forecasters.into_iter().map(forecaster).collect());
    let regrets = Regrets {
        previous_loss: optional(seeded, i128::MIN, i128::MAX),
        scale: seeded.between(0, i128::MAX),
        initial_regret: optional(seeded, i128::MIN, i128::MAX),
        inferers,
        forecasters,
    };
    let label = |_| LabelErrors {
        ema_error: optional(seeded, 0, i128::MAX),
        last_median: optional(seeded, i128::MIN, i128::MAX),
        mad: optional(seeded, 0, i128::MAX),
    };
    let labels = (0..parameters.label_count).map(label).collect();
    vec![
        Version.encode().unwrap(),
        Seats { entries: BySeat(owned) }.encode().unwrap(),
        regrets.encode().unwrap(),
        Errors { labels }.encode().unwrap(),
    ]
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
        for (label, value) in rows_of::<Value>(&outputs).iter().enumerate() {
            // A mean, a percentile or an implied value lies between the inferences that it is made of.
            let given = &rows_of::<Inferences>(&epoch.inputs)[label].entries.0;
            let least = given.iter().map(|entry| entry.value).min().unwrap();
            let most = given.iter().map(|entry| entry.value).max().unwrap();
            let made = implied[label].entries.0.iter().map(|entry| entry.value);
            let made = made.chain([value.combined, value.naive]).chain(value.percentiles);
            assert!(made.into_iter().all(|x| (least..=most).contains(&x)), "seed {seed}");
            assert!(value.percentiles.is_sorted(), "seed {seed}");
        }
        let fresh = genesis(&epoch.inputs[0]).unwrap();
        infer(&slices(&epoch.inputs), &slices(&fresh)).unwrap();
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

/// Flips a bit, cuts, extends, drops or doubles.
fn spoil(seeded: &mut Seeded, rows: &mut Vec<Vec<u8>>, at: usize) {
    let length = rows[at].len();
    if length == 0 {
        return;
    }
    let byte = usize::try_from(seeded.below(length as u64)).unwrap();
    match seeded.below(8) {
        0 => rows[at].truncate(byte),
        1 => rows[at].push(0),
        2 if rows.len() > 1 => drop(rows.remove(at)),
        3 => rows.insert(at, rows[at].clone()),
        _ => rows[at][byte] ^= 1 << seeded.below(8),
    }
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
