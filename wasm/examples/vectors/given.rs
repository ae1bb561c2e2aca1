//! The epoch that the examples are taken from: three labels, three inferers, two forecasters, every field its own value.

use allora_core::codec::{ReportContext, Row, keccak256};
use allora_core::fields::{BySeat, Forecaster, Inferer};
use allora_core::inputs::{
    Forecast, ForecastLoss, Inference, Inferences, OneToThree, Registration, Registrations, Roles,
    Signature, Signatures,
};
use allora_core::lists::{INPUTS, OUTPUTS, STATE, list_row};
use allora_core::parameters::{Arithmetic, Money, Parameters, Schedule, Seating};
use allora_core::state::{
    Coverage, Errors, ForecasterRegret, Inclusion, Inclusions, InfererRegret, LabelErrors, Quality,
    Queue, Regrets, RollingLosses, SeatOwner, Seats, Version, Waiting,
};
use allora_core::withheld::{OneInRegrets, OneOutRegrets, RegretOf, Table};
use serde_json::{Value, json};

const ONE: i128 = 1_000_000_000_000_000_000;
const METADATA: &str = "who wins";
const LABELS: [&str; 3] = ["home", "draw", "away ✓"];

fn parameters() -> Parameters {
    let hashes = LABELS.map(|label| keccak256(label.as_bytes()));
    Parameters {
        topic_type: 2,
        truth_source: 1,
        loss_method: 3,
        weight_rule: 1,
        label_count: 3,
        max_labels: 3,
        allow_negative: false,
        rows_published: false,
        history: 7,
        metadata_hash: keccak256(METADATA.as_bytes()),
        labels_hash: keccak256(&hashes.concat()),
        schedule: Schedule {
            start: 1_900_000_000,
            first_epoch: 11,
            length: 86_400,
            window_opens: 70_000,
            window_length: 3_601,
            lag: 7_202,
            truth_window: 1_803,
            deadline: 43_204,
        },
        arithmetic: Arithmetic {
            p_norm: 3 * ONE + 1,
            c_norm: -ONE * 3 / 4 - 2,
            alpha_regret: ONE / 10 + 3,
            alpha_score: ONE / 5 + 4,
            alpha_error: ONE * 3 / 10 + 5,
            epsilon: ONE / 100 + 6,
            loss_floor: 7,
            minimum: -8,
            maximum: ONE + 9,
            require_unity: true,
            unity_tolerance: 10,
            label_default: 11,
            inferer_quantile: ONE / 4 + 12,
            forecaster_quantile: ONE * 26 / 100 + 13,
            reputer_quantile: ONE * 27 / 100 + 14,
        },
        seating: Seating {
            inferer_seats: 32,
            forecaster_seats: 6,
            newcomer_seats: 5,
            bench_size: 4,
            rewarded_inferers: 31,
            workers_listed: false,
            reputers_listed: false,
        },
        money: Money {
            truth_tolerance: 15,
            slash_tolerance: 16,
            worker_bond: 0,
            reputer_minimum: 0,
        },
    }
}

/// The same as the struct of contracts/types/Parameters.sol has it; integers wider than 32 bits as text.
pub fn parameters_said() -> Value {
    let given = parameters();
    let (schedule, arithmetic) = (&given.schedule, &given.arithmetic);
    let (seating, money) = (&given.seating, &given.money);
    json!({
        "topicType": given.topic_type,
        "truthSource": given.truth_source,
        "lossMethod": given.loss_method,
        "weightRule": given.weight_rule,
        "maxLabels": given.max_labels,
        "allowNegative": given.allow_negative,
        "rowsPublished": given.rows_published,
        "history": given.history,
        "metadata": METADATA,
        "labels": LABELS,
        "schedule": {
            "start": schedule.start,
            "firstEpoch": schedule.first_epoch,
            "length": schedule.length,
            "windowOpens": schedule.window_opens,
            "windowLength": schedule.window_length,
            "lag": schedule.lag,
            "truthWindow": schedule.truth_window,
            "deadline": schedule.deadline,
        },
        "arithmetic": {
            "pNorm": arithmetic.p_norm.to_string(),
            "cNorm": arithmetic.c_norm.to_string(),
            "alphaRegret": arithmetic.alpha_regret.to_string(),
            "alphaScore": arithmetic.alpha_score.to_string(),
            "alphaError": arithmetic.alpha_error.to_string(),
            "epsilon": arithmetic.epsilon.to_string(),
            "lossFloor": arithmetic.loss_floor.to_string(),
            "minimum": arithmetic.minimum.to_string(),
            "maximum": arithmetic.maximum.to_string(),
            "requireUnity": arithmetic.require_unity,
            "unityTolerance": arithmetic.unity_tolerance.to_string(),
            "labelDefault": arithmetic.label_default.to_string(),
            "infererQuantile": arithmetic.inferer_quantile.to_string(),
            "forecasterQuantile": arithmetic.forecaster_quantile.to_string(),
            "reputerQuantile": arithmetic.reputer_quantile.to_string(),
        },
        "seating": {
            "infererSeats": seating.inferer_seats,
            "forecasterSeats": seating.forecaster_seats,
            "newcomerSeats": seating.newcomer_seats,
            "benchSize": seating.bench_size,
            "rewardedInferers": seating.rewarded_inferers,
            "workersListed": seating.workers_listed,
            "reputersListed": seating.reputers_listed,
        },
        "money": {
            "truthTolerance": money.truth_tolerance.to_string(),
            "slashTolerance": money.slash_tolerance.to_string(),
            "workerBond": money.worker_bond.to_string(),
            "reputerMinimum": money.reputer_minimum.to_string(),
        },
    })
}

pub fn inputs() -> Vec<Vec<u8>> {
    let seats = [0, 7, 31];
    let shares = [[50, 30, 20], [45, 45, 10], [80, 15, 5]];
    let labels = (0..3u16).map(|label| {
        let entry = |(seat, shares): (u8, [i128; 3])| Inference {
            seat: Inferer(seat),
            value: shares[usize::from(label)] * ONE / 100,
        };
        let entries = BySeat(seats.into_iter().zip(shares).map(entry).collect());
        Inferences { label, entries }.encode().unwrap()
    });
    let forecast = |seat: u8, losses: [i128; 3]| {
        let entry = |(seat, loss)| ForecastLoss { seat: Inferer(seat), loss: loss * ONE / 10 };
        let entries = BySeat(seats.into_iter().zip(losses).map(entry).collect());
        Forecast { seat: Forecaster(seat), entries }.encode().unwrap()
    };
    let signature = |seat: u8| Signature {
        seat,
        extra: keccak256(&[seat]),
        signature: [[seat; 32], keccak256(&[seat, 1])].concat().try_into().unwrap(),
    };
    let signatures = [0, 7, 31, 0x80, 0x85].map(signature).to_vec();
    let registration = |(number, change, roles): (u8, u8, u8)| Registration {
        change: OneToThree(change),
        roles: Roles(roles),
        owner: [number; 20],
        signer: [0xa0 | change; 20],
    };
    let changes = [(1, 1, 1), (2, 1, 2), (3, 1, 7), (1, 3, 1), (2, 2, 2)];
    let changes = changes.map(registration).to_vec();

    let mut rows = vec![parameters().encode().unwrap()];
    rows.extend(labels);
    rows.push(forecast(0x80, [-12, -9, 3]));
    rows.push(forecast(0x85, [1, -20, 0]));
    rows.push(Signatures { entries: BySeat(signatures) }.encode().unwrap());
    rows.push(Registrations { number: 0, entries: changes }.encode().unwrap());
    rows
}

pub fn state() -> Vec<Vec<u8>> {
    let owner = |seat: u8| SeatOwner { seat, owner: [seat; 20] };
    let inferer = |(seat, network, naive): (u8, i128, i128)| InfererRegret {
        seat: Inferer(seat),
        network: network * ONE / 100,
        naive: naive * ONE / 100,
    };
    let regrets = Regrets {
        previous_loss: Some(-ONE - 1),
        scale: ONE / 3,
        initial_regret: Some(-ONE / 5),
        inferers: BySeat([(0, -31, 12), (7, 4, -5)].map(inferer).to_vec()),
        forecasters: BySeat(vec![ForecasterRegret { seat: Forecaster(0x80), network: ONE / 9 }]),
    };
    let labels = [
        LabelErrors { ema_error: Some(ONE), last_median: Some(ONE / 2), mad: Some(ONE / 50) },
        LabelErrors { ema_error: None, last_median: Some(-1), mad: None },
        LabelErrors { ema_error: Some(0), last_median: None, mad: Some(2) },
    ];
    let waiting = |(number, roles)| Waiting { roles: OneToThree(roles), owner: [number; 20] };
    let seats = Seats {
        seated: BySeat([0, 7, 31, 0x80, 0x85].map(owner).to_vec()),
        waiting: Queue([(9, 1), (8, 3), (2, 2)].map(waiting).to_vec()),
    };
    let inclusion = |(seat, count)| Inclusion { seat, count };
    let inclusions = [(0, 12), (7, 65_535), (0x80, 1)].map(inclusion).to_vec();
    let quality = Quality {
        losses: Some(RollingLosses { network: -ONE - 2, naive: -ONE / 2 }),
        coverage: Some(Coverage { one: ONE * 2 / 3, two: ONE - 1 }),
        missed: 70_000,
    };
    let table = |seat: u8, regrets: &[(u8, i128)]| {
        let entry =
            |(seat, regret): &(u8, i128)| RegretOf { seat: *seat, regret: regret * ONE / 7 };
        Table { seat, entries: BySeat(regrets.iter().map(entry).collect()) }
    };
    let one_out = [table(7, &[(0, -2), (31, 1), (0x80, 3)]), table(0x80, &[(7, -1), (0x85, 2)])];
    let one_in = table(0x85, &[(0, 1), (31, -5), (0x85, 4)]);
    vec![
        Version.encode().unwrap(),
        seats.encode().unwrap(),
        regrets.encode().unwrap(),
        Errors { labels: labels.to_vec() }.encode().unwrap(),
        Inclusions { entries: BySeat(inclusions) }.encode().unwrap(),
        quality.encode().unwrap(),
        OneOutRegrets(one_out[0].clone()).encode().unwrap(),
        OneOutRegrets(one_out[1].clone()).encode().unwrap(),
        OneInRegrets(one_in).encode().unwrap(),
    ]
}

pub fn context(inputs: &[Vec<u8>], state: &[Vec<u8>], outputs: &[Vec<u8>]) -> Vec<u8> {
    let hash = |kind, rows: &[Vec<u8>]| keccak256(&list_row(kind, rows).unwrap());
    let context = ReportContext {
        parameters_hash: keccak256(&inputs[0]),
        settled_epoch: 41,
        settled_leaf: keccak256(b"a settlement's leaf"),
        state_hash: hash(STATE, state),
        inputs_hash: hash(INPUTS, inputs),
        outputs_hash: hash(OUTPUTS, outputs),
    };
    context.encode().unwrap()
}
