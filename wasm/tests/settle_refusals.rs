//! What cannot be settled is refused by name: one change to an outcome that can.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::error::{Error, Result};
use allora_core::settle::{quality, settle};
use allora_core::state::{Coverage, Quality};
use allora_core::withheld::{Entry, List, Lists};
use rows::{ONE, WIDEST, slices};
use told::{Told, told};

mod rows;
mod told;

fn after(change: impl FnOnce(&mut Told)) -> Result<()> {
    let mut given = told();
    change(&mut given);
    given.settle().map(|_| ())
}

#[test]
fn unchanged_it_settles() {
    assert_eq!(after(|_| ()), Ok(()));
    assert_eq!(after(|told| told.registrations.clear()), Ok(()));
    assert_eq!(after(|told| told.implied.clear()), Ok(()));
    assert_eq!(after(|told| told.sigma = None), Ok(()));
}

#[test]
fn two_thirds_of_the_stake_have_to_speak() {
    let with = |stakes: [u128; 3], spoke: &[u8]| {
        after(|told| {
            told.electorate = vec![(51, stakes[0]), (52, stakes[1]), (53, stakes[2])];
            told.truths.retain(|(name, _)| spoke.contains(name));
            told.signed = spoke.to_vec();
        })
    };
    assert_eq!(with([10, 10, 10], &[51, 53]), Ok(()));
    assert_eq!(with([10, 10, 11], &[51, 52]), Err(Error::TruthMissing));
    assert_eq!(with([1, 1, 4], &[53]), Ok(()));
    assert_eq!(with([u128::MAX, u128::MAX, u128::MAX], &[51, 52]), Ok(()));
    assert_eq!(with([u128::MAX, u128::MAX - 1, u128::MAX], &[51, 52]), Err(Error::TruthMissing));
    assert_eq!(with([10, 10, 10], &[]), Err(Error::TruthMissing));
    assert_eq!(
        after(|told| {
            told.electorate.clear();
            told.truths.clear();
            told.signed.clear();
        }),
        Err(Error::TruthMissing)
    );
}

#[test]
fn reputers() {
    assert_eq!(after(|told| told.electorate[0].0 = 50), Err(Error::NotAnElector));
    assert_eq!(after(|told| told.signed.truncate(2)), Err(Error::ReputersDiffer));
    assert_eq!(after(|told| told.signed[0] = 50), Err(Error::ReputersDiffer));
    assert_eq!(after(|told| told.truths.swap(0, 1)), Err(Error::MalformedRow));
    assert_eq!(after(|told| told.electorate[1].1 = 0), Err(Error::MalformedRow));
    let crowd = |count: u8| {
        after(|told| told.electorate = (51..51 + count).map(|name| (name, 10)).collect())
    };
    assert_eq!(crowd(4), Ok(()));
    assert_eq!(crowd(32), Err(Error::TruthMissing));
    assert_eq!(crowd(33), Err(Error::MalformedRow));
}

#[test]
fn truths() {
    let with = |truth| after(|told| told.truths[2].1 = vec![truth]);
    assert_eq!(with(WIDEST), Ok(()));
    assert_eq!(with(-WIDEST), Ok(()));
    assert_eq!(with(WIDEST + 1), Err(Error::TruthOutOfRange));
    assert_eq!(with(-WIDEST - 1), Err(Error::TruthOutOfRange));
    let class = |values: [i128; 3]| {
        after(|told| {
            told.parameters = rows::parameters(3);
            told.parameters.topic_type = 2;
            told.parameters.loss_method = 3;
            told.inferences = vec![(0, vec![ONE / 3; 3])];
            told.implied.clear();
            told.reported = vec![(ONE / 3, ONE / 3); 3];
            told.truths.iter_mut().for_each(|(_, truth)| *truth = vec![0, ONE, 0]);
            told.truths[1].1 = values.to_vec();
        })
    };
    assert_eq!(class([0, 0, ONE]), Ok(()));
    assert_eq!(class([0, 0, 0]), Err(Error::NotOneClass));
    assert_eq!(class([ONE, 0, ONE]), Err(Error::NotOneClass));
    assert_eq!(class([0, ONE, 1]), Err(Error::NotOneClass));
    assert_eq!(class([0, 0, ONE - 1]), Err(Error::NotOneClass));
}

#[test]
fn the_report() {
    let range = |told: &mut Told| {
        (told.parameters.arithmetic.minimum, told.parameters.arithmetic.maximum) = (0, 14 * ONE);
    };
    let reported = |value| {
        after(|told| {
            range(told);
            told.reported[0] = value;
        })
    };
    assert_eq!(reported((0, 14 * ONE)), Ok(()));
    assert_eq!(reported((-1, 0)), Err(Error::OutOfRange));
    assert_eq!(reported((0, 14 * ONE + 1)), Err(Error::OutOfRange));
    assert_eq!(after(|told| told.sigma = Some(-1)), Err(Error::OutOfRange));
    let implied = |value| {
        after(|told| {
            range(told);
            told.implied[0].1 = vec![value];
        })
    };
    assert_eq!(implied(14 * ONE), Ok(()));
    assert_eq!(implied(14 * ONE + 1), Err(Error::OutOfRange));
    assert_eq!(after(|told| told.reported.clear()), Err(Error::RowsOutOfOrder));
    assert_eq!(after(|told| told.implied[0].0 = 0x86), Err(Error::SeatOutOfRange));
    assert_eq!(after(|told| told.inferences.clear()), Err(Error::NoInferences));
}

#[test]
fn counterfactuals() {
    let with = |label: u16, entries: &[(List, u8, u8, i128)]| {
        after(|told| {
            told.parameters.label_count = 2;
            (told.parameters.arithmetic.minimum, told.parameters.arithmetic.maximum) =
                (0, 14 * ONE);
            for (_, values) in told.inferences.iter_mut().chain(&mut told.implied) {
                values.push(ONE);
            }
            told.truths.iter_mut().for_each(|(_, truth)| truth.push(ONE));
            told.reported.push((ONE, ONE));
            let entry = |(list, seat, without, value): &(List, u8, u8, i128)| Entry {
                list: *list,
                seat: *seat,
                without: *without,
                value: *value,
            };
            let lists =
                |entries: &[(List, u8, u8, i128)]| Lists(entries.iter().map(entry).collect());
            let whole = [
                (List::OneOutInferers, 0, 0, 0),
                (List::OneOutForecasters, 0x80, 0, ONE),
                (List::OneInForecasters, 0x80, 0, ONE),
                (List::OneOutImplied, 0x80, 2, 14 * ONE),
            ];
            told.counterfactuals = vec![lists(&whole), lists(&whole)];
            if label < 2 {
                told.counterfactuals[usize::from(label)] = lists(entries);
            } else {
                told.counterfactuals = vec![lists(entries), lists(entries)];
            }
        })
    };
    let one = |entry| with(2, &[entry]);
    assert_eq!(with(2, &[]), Ok(()));
    assert_eq!(one((List::OneOutInferers, 2, 0, 14 * ONE)), Ok(()));
    assert_eq!(one((List::OneOutInferers, 2, 0, 14 * ONE + 1)), Err(Error::OutOfRange));
    assert_eq!(one((List::OneInForecasters, 0x80, 0, -1)), Err(Error::OutOfRange));
    assert_eq!(one((List::OneOutInferers, 3, 0, 0)), Err(Error::SeatsDiffer));
    assert_eq!(one((List::OneOutForecasters, 0x81, 0, 0)), Err(Error::SeatsDiffer));
    assert_eq!(one((List::OneInForecasters, 0x81, 0, 0)), Err(Error::SeatsDiffer));
    assert_eq!(one((List::OneOutImplied, 0x81, 0, 0)), Err(Error::SeatsDiffer));
    assert_eq!(one((List::OneOutImplied, 0x80, 3, 0)), Err(Error::SeatsDiffer));
    // Of one label other participants than of the other.
    for label in [0, 1] {
        assert_eq!(with(label, &[]), Err(Error::SeatsDiffer));
        assert_eq!(with(label, &[(List::OneOutInferers, 0, 0, 0)]), Err(Error::SeatsDiffer));
    }
    // A list of inferers that names a forecaster, and the other way round.
    assert_eq!(one((List::OneOutInferers, 0x80, 0, 0)), Err(Error::MalformedRow));
    assert_eq!(one((List::OneOutForecasters, 0, 0, 0)), Err(Error::MalformedRow));
    assert_eq!(one((List::OneInForecasters, 0, 0, 0)), Err(Error::MalformedRow));
    assert_eq!(one((List::OneOutImplied, 0, 0, 0)), Err(Error::MalformedRow));
    assert_eq!(one((List::OneOutImplied, 0x80, 0x80, 0)), Err(Error::MalformedRow));
    let twice = [(List::OneOutImplied, 0x80, 1, 0), (List::OneOutImplied, 0x80, 1, 0)];
    assert_eq!(with(2, &twice), Err(Error::MalformedRow));
    let down = [(List::OneOutImplied, 0x80, 1, 0), (List::OneOutImplied, 0x80, 0, 0)];
    assert_eq!(with(2, &down), Err(Error::MalformedRow));
}

#[test]
fn roster_and_pot() {
    assert_eq!(after(|told| told.roster.retain(|(seat, _)| *seat != 1)), Err(Error::NotInRoster));
    assert_eq!(
        after(|told| told.roster.retain(|(seat, _)| *seat != 0x80)),
        Err(Error::NotInRoster)
    );
    assert_eq!(after(|told| told.roster.insert(3, (32, 9))), Err(Error::SeatOutOfRange));
    assert_eq!(after(|told| told.pot = 1), Err(Error::PotNotBuilt));
}

#[test]
fn rows_out_of_order() {
    let inputs = told().inputs().unwrap();
    let state = told().fresh();
    let given = |rows: &[Vec<u8>]| settle(&slices(rows), &slices(&state)).map(|_| ());
    assert_eq!(given(&inputs), Ok(()));
    for at in 0..inputs.len() {
        let kind = inputs[at][0];
        let mut without = inputs.clone();
        without.remove(at);
        // Registrations may be absent, and so may be a forecast, but not what it implies.
        match kind {
            0x15 => assert_eq!(given(&without), Ok(())),
            0x13 => assert_eq!(given(&without), Err(Error::SeatsDiffer)),
            _ => assert_eq!(given(&without), Err(Error::RowsOutOfOrder), "{kind:#x}"),
        }
        let mut twice = inputs.clone();
        twice.insert(at, inputs[at].clone());
        assert_eq!(given(&twice), Err(Error::RowsOutOfOrder), "{kind:#x}");
        if at > 0 {
            let mut swapped = inputs.clone();
            swapped.swap(at - 1, at);
            assert_eq!(given(&swapped), Err(Error::RowsOutOfOrder), "{kind:#x}");
        }
    }
    // Without inferences an epoch is missed, and has nothing but registrations.
    let of = |kinds: &[u8]| -> Vec<Vec<u8>> {
        inputs.iter().filter(|row| kinds.contains(&row[0])).cloned().collect()
    };
    assert_eq!(given(&of(&[0x11, 0x15])), Ok(()));
    assert_eq!(given(&of(&[0x11])), Ok(()));
    assert_eq!(given(&of(&[0x11, 0x15, 0x16])), Err(Error::RowsOutOfOrder));
    assert_eq!(given(&[]), Err(Error::RowsOutOfOrder));
}

#[test]
fn state() {
    let settled = told().settle().unwrap();
    let on = |change: &dyn Fn(&mut Quality)| {
        let mut past = settled.past.clone();
        change(&mut past.quality);
        let state = past.encode().unwrap();
        let inputs = told().inputs().unwrap();
        assert_eq!(
            quality(&slices(&inputs), &slices(&state)).map(|_| ()),
            told().settle_on(&state).map(|_| ())
        );
        told().settle_on(&state).map(|_| ())
    };
    let coverage = |one, two| on(&|quality| quality.coverage = Some(Coverage { one, two }));
    assert_eq!(coverage(0, ONE), Ok(()));
    assert_eq!(coverage(-1, ONE), Err(Error::StateOutOfRange));
    assert_eq!(coverage(0, ONE + 1), Err(Error::StateOutOfRange));
    let mut past = settled.past;
    past.inclusions.entries.0.last_mut().unwrap().seat = 0x86;
    let refused = told().settle_on(&past.encode().unwrap());
    assert_eq!(refused.err(), Some(Error::SeatOutOfRange));
}
