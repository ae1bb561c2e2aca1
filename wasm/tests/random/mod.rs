//! Random rows in bounds, often at their ends, the same from the same seed.
#![allow(dead_code, missing_docs)]
use crate::rows::{ONE, WIDEST, parameters};
use crate::support::Seeded;
use allora_core::codec::Row;
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::inputs::{
    Forecast, ForecastLoss, Inference, Inferences, OneToThree, Registration, Registrations, Roles,
};
use allora_core::parameters::Parameters;
use allora_core::state::{
    Coverage, Errors, ForecasterRegret, Inclusion, Inclusions, InfererRegret, LabelErrors, Quality,
    Queue, Regrets, RollingLosses, SeatOwner, Seats, Version, Waiting,
};
use allora_core::withheld::{Entry, List, Lists, OneInRegrets, OneOutRegrets, RegretOf, Table};

const WIDEST_LOSS: i128 = 1_000 * ONE;

/// Some, all or hardly any of the seats.
pub fn seats(seeded: &mut Seeded, from: u8, count: u8) -> Vec<u8> {
    let percent = [5, 60, 100][usize::try_from(seeded.below(3)).unwrap()];
    (0..count).map(|k| from + k).filter(|_| seeded.chance(percent)).collect()
}

pub fn optional(seeded: &mut Seeded, least: i128, most: i128) -> Option<i128> {
    seeded.chance(70).then(|| seeded.between(least, most))
}

/// Parameters anywhere in their bounds, often at their ends.
pub fn bounded(seeded: &mut Seeded) -> Parameters {
    let mut given = parameters(u16::try_from(1 + seeded.below(5)).unwrap());
    let minimum = seeded.between(-WIDEST, WIDEST - 1);
    given.arithmetic.p_norm = seeded.between(ONE, 10 * ONE);
    given.arithmetic.c_norm = seeded.between(-10 * ONE, 10 * ONE);
    given.arithmetic.epsilon = seeded.between(ONE / 10_000, i128::MAX);
    given.arithmetic.minimum = minimum;
    given.arithmetic.maximum = seeded.between(minimum + 1, WIDEST);
    given.arithmetic.alpha_regret = seeded.between(1, ONE);
    given.arithmetic.alpha_error = seeded.between(1, ONE);
    given.arithmetic.loss_floor = seeded.between(1, i128::MAX);
    given.topic_type = u8::try_from(1 + seeded.below(2)).unwrap();
    given.loss_method = u8::try_from(1 + seeded.below(3)).unwrap();
    given.seating.inferer_seats = u8::try_from(1 + seeded.below(32)).unwrap();
    given.seating.forecaster_seats = u8::try_from(seeded.below(7)).unwrap();
    given
}

/// A topic whose values share one out.
pub fn sharing(seeded: &mut Seeded) -> Parameters {
    let mut given = bounded(seeded);
    (given.arithmetic.minimum, given.arithmetic.maximum) = (0, ONE);
    given.arithmetic.require_unity = true;
    given.arithmetic.unity_tolerance = i128::from(given.label_count);
    given
}

/// At least one seat.
pub fn inferers(seeded: &mut Seeded, parameters: &Parameters) -> Vec<u8> {
    let count = parameters.seating.inferer_seats;
    let some = seats(seeded, 0, count);
    if some.is_empty() { vec![count - 1] } else { some }
}

/// A row a label, of these seats.
pub fn inferences(seeded: &mut Seeded, parameters: &Parameters, inferers: &[u8]) -> Vec<Vec<u8>> {
    let (arithmetic, labels) = (&parameters.arithmetic, parameters.label_count);
    let mut value = || match arithmetic.require_unity {
        true => ONE / i128::from(labels),
        false => seeded.between(arithmetic.minimum, arithmetic.maximum),
    };
    let mut row = |label| {
        let entry = |seat: &u8| Inference { seat: Inferer(*seat), value: value() };
        let entries = BySeat(inferers.iter().map(entry).collect());
        Inferences { label, entries }.encode().unwrap()
    };
    (0..labels).map(&mut row).collect()
}

/// A row a forecaster.
pub fn forecasts(seeded: &mut Seeded, parameters: &Parameters) -> Vec<Vec<u8>> {
    let forecasters = seats(seeded, 0x80, parameters.seating.forecaster_seats);
    let mut row = |seat| {
        let named = seats(seeded, 0, parameters.seating.inferer_seats);
        let loss = |seat| {
            let loss = seeded.between(-WIDEST_LOSS, WIDEST_LOSS);
            ForecastLoss { seat: Inferer(seat), loss }
        };
        let entries = BySeat(named.into_iter().map(loss).collect());
        Forecast { seat: Forecaster(seat), entries }.encode().unwrap()
    };
    forecasters.into_iter().map(&mut row).collect()
}

/// Workers that come and go, with the same few owners over and over.
pub fn registrations(seeded: &mut Seeded) -> Vec<Vec<u8>> {
    let owners = 1 + seeded.below(250);
    let mut any = |_| Registration {
        change: OneToThree(byte(seeded, 1, 3)),
        roles: Roles(byte(seeded, 1, 7)),
        owner: [byte(seeded, 0, owners); 20],
        signer: [2; 20],
    };
    let count = [0, 5, 800][usize::from(any(0).change.0) - 1];
    let all: Vec<_> = (0..count).map(any).collect();
    let row = |(entries, number): (&[Registration], u16)| {
        Registrations { number, entries: entries.to_vec() }.encode().unwrap()
    };
    all.chunks(380).zip(0..).map(row).collect()
}

fn byte(seeded: &mut Seeded, least: u64, most: u64) -> u8 {
    u8::try_from(least + seeded.below(most - least + 1)).unwrap()
}

/// Any state that the rows admit.
pub fn state(seeded: &mut Seeded, parameters: &Parameters) -> Vec<Vec<u8>> {
    let any = |seeded: &mut Seeded| seeded.between(i128::MIN, i128::MAX);
    let inferers = seats(seeded, 0, parameters.seating.inferer_seats);
    let forecasters = seats(seeded, 0x80, parameters.seating.forecaster_seats);
    let owned = inferers.iter().chain(&forecasters);
    let owned = owned.map(|seat| SeatOwner { seat: *seat, owner: [*seat; 20] }).collect();
    let count = [0, 2, 512][usize::try_from(seeded.below(3)).unwrap()];
    let waiting =
        |_| Waiting { roles: OneToThree(byte(seeded, 1, 3)), owner: [byte(seeded, 0, 255); 20] };
    let waiting = (0..count).map(waiting).collect();
    let included = inferers.iter().chain(&forecasters);
    let included =
        included.map(|seat| Inclusion { seat: *seat, count: any_count(seeded) }).collect();
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
    let losses = RollingLosses { network: any(seeded), naive: any(seeded) };
    let coverage = Coverage { one: seeded.between(0, ONE), two: seeded.between(0, ONE) };
    let quality = Quality {
        losses: seeded.chance(70).then_some(losses),
        coverage: seeded.chance(70).then_some(coverage),
        missed: [0, 7, u32::MAX][usize::try_from(seeded.below(3)).unwrap()],
    };
    let mut rows = vec![
        Version.encode().unwrap(),
        Seats { seated: BySeat(owned), waiting: Queue(waiting) }.encode().unwrap(),
        regrets.encode().unwrap(),
        Errors { labels }.encode().unwrap(),
        Inclusions { entries: BySeat(included) }.encode().unwrap(),
        quality.encode().unwrap(),
    ];
    rows.extend(tables(seeded, parameters));
    rows
}

/// Regrets against counterfactual values, of some.
fn tables(seeded: &mut Seeded, parameters: &Parameters) -> Vec<Vec<u8>> {
    let seating = &parameters.seating;
    let mut some = |inferers, forecasters| {
        let mut some = seats(seeded, 0, inferers);
        some.extend(seats(seeded, 0x80, forecasters));
        let regret = |seat| RegretOf { seat, regret: seeded.between(i128::MIN, i128::MAX) };
        some.into_iter().map(regret).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for of in some(seating.inferer_seats, seating.forecaster_seats) {
        let mut entries = some(seating.inferer_seats, seating.forecaster_seats);
        entries.retain(|entry| entry.seat != of.seat);
        rows.extend(OneOutRegrets(Table { seat: of.seat, entries: BySeat(entries) }).encode());
    }
    for of in some(0, seating.forecaster_seats) {
        let mut entries = some(seating.inferer_seats, 0);
        entries.push(RegretOf { seat: of.seat, regret: of.regret });
        rows.extend(OneInRegrets(Table { seat: of.seat, entries: BySeat(entries) }).encode());
    }
    rows
}

/// Lists about some of these; the values are zero.
pub fn lists(seeded: &mut Seeded, inferers: &[u8], forecasters: &[u8]) -> Lists {
    let percent = [0, 60, 100][usize::try_from(seeded.below(3)).unwrap()];
    let entry = |list, seat, without| Entry { list, seat, without, value: 0 };
    let outs = inferers.iter().map(|seat| entry(List::OneOutInferers, *seat, 0));
    let of = |list| forecasters.iter().map(move |seat| entry(list, *seat, 0));
    let pairs = forecasters.iter().flat_map(|seat| inferers.iter().map(move |i| (*seat, *i)));
    let implied = pairs.map(|(seat, without)| entry(List::OneOutImplied, seat, without));
    let all = outs.chain(of(List::OneOutForecasters)).chain(of(List::OneInForecasters));
    Lists(all.chain(implied).filter(|_| seeded.chance(percent)).collect())
}

fn any_count(seeded: &mut Seeded) -> u16 {
    [0, 1, 10, u16::MAX][usize::try_from(seeded.below(4)).unwrap()]
}

/// Flips a bit, cuts, extends, drops or doubles.
pub fn spoil(seeded: &mut Seeded, rows: &mut Vec<Vec<u8>>, at: usize) {
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
