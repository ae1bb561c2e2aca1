//! Changes to an input: mostly such that its rows still decode, now and then of bare bytes.

use crate::grammar::{Part, Shape, parsed, shapes_of, written};
use crate::input::Input;

const ONE: i128 = 1_000_000_000_000_000_000;
/// Numbers at which something ends or turns.
const EDGES: [i128; 14] = [
    0,
    1,
    -1,
    ONE,
    -ONE,
    10 * ONE,
    ONE / 10_000,
    1_000 * ONE,
    -1_000 * ONE,
    1_000_000_000_000_000 * ONE,
    -1_000_000_000_000_000 * ONE,
    i128::MAX,
    i128::MIN,
    ONE / 2,
];

/// xorshift64*, seeded, so that a run can be repeated.
pub struct Dice(pub u64);

impl Dice {
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below the bound, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.word() >> 8).unwrap() % bound
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }
}

/// A changed copy; parts of `other` may come in.
pub fn mutated(dice: &mut Dice, input: &Input, other: &Input) -> Input {
    let mut input = input.clone();
    for _ in 0..=dice.below(4) {
        match dice.below(20) {
            0 => spoil(dice, &mut input),
            1..=3 => drop_seat(dice, &mut input),
            4..=5 => splice(dice, &mut input, other),
            _ => change_row(dice, &mut input),
        }
    }
    input
}

fn rows<'a>(dice: &mut Dice, input: &'a mut Input) -> &'a mut Vec<Vec<u8>> {
    let at = dice.below(input.inputs.len() + input.state.len() + 1);
    if at < input.inputs.len() { &mut input.inputs } else { &mut input.state }
}

/// Bare bytes: flips, cuts, extends, drops, doubles, swaps.
fn spoil(dice: &mut Dice, input: &mut Input) {
    let rows = rows(dice, input);
    if rows.is_empty() {
        return;
    }
    let at = dice.below(rows.len());
    let byte = dice.below(rows[at].len().max(1));
    match dice.below(6) {
        0 => rows[at].truncate(byte),
        1 => rows[at].push(0),
        2 => drop(rows.remove(at)),
        3 => rows.insert(at, rows[at].clone()),
        4 => rows.swap(at, 0),
        _ if rows[at].is_empty() => {}
        _ => rows[at][byte] ^= 1 << dice.below(8),
    }
}

/// Takes a seat out of all rows, as if its holder had never been there.
fn drop_seat(dice: &mut Dice, input: &mut Input) {
    let seat = [0, 7, 31, 0x80, 0x85][dice.below(5)];
    let whole = dice.chance(80);
    let rest = |rows: &mut Vec<Vec<u8>>, kinds: &dyn Fn(u8) -> bool| {
        rows.retain(|row| {
            !(matches!(row.first(), Some(0x13 | 0x27 | 0x28)) && row.get(1) == Some(&seat))
        });
        for row in rows {
            let Some((kind, mut parts)) = parsed(row).filter(|(kind, _)| kinds(*kind)) else {
                continue;
            };
            let names = |part: &Part| *part == Part::Bytes(vec![seat]);
            for part in &mut parts {
                if let Part::List(entries) = part {
                    entries.retain(|entry| !entry.iter().take(2).any(names));
                }
            }
            *row = written(kind, &parts);
        }
    };
    rest(&mut input.inputs, &|_| true);
    if whole {
        rest(&mut input.state, &|kind| kind != 0x22);
    }
    // A table without regrets is none.
    let empty = |row: &Vec<u8>| matches!(row.as_slice(), [0x27 | 0x28, _, 0, 0]);
    input.state.retain(|row| !empty(row));
}

/// A row of another input in the place of one of its kind.
fn splice(dice: &mut Dice, input: &mut Input, other: &Input) {
    let rows = rows(dice, input);
    if rows.is_empty() {
        return;
    }
    let at = dice.below(rows.len());
    let alike: Vec<_> = other.inputs.iter().chain(&other.state).collect();
    let alike: Vec<_> = alike.into_iter().filter(|row| row.first() == rows[at].first()).collect();
    if let Some(row) = dice.pick(&alike) {
        rows[at] = row.to_vec();
    }
}

fn change_row(dice: &mut Dice, input: &mut Input) {
    let rows = rows(dice, input);
    if rows.is_empty() {
        return;
    }
    let at = dice.below(rows.len());
    if let Some((kind, mut parts)) = parsed(&rows[at]) {
        let numbers = numbers(&parts);
        change(dice, &mut parts, shapes_of(kind), &numbers);
        rows[at] = written(kind, &parts);
    }
}

fn numbers(parts: &[Part]) -> Vec<i128> {
    let of = |part: &Part| match part {
        Part::Number(number) => vec![*number],
        Part::Optional(some) => some.as_deref().map_or(vec![], numbers),
        Part::List(entries) => entries.iter().flat_map(|entry| numbers(entry)).collect(),
        Part::Bytes(_) => vec![],
    };
    parts.iter().flat_map(of).collect()
}

fn number(dice: &mut Dice, before: i128, others: &[i128]) -> i128 {
    let near = i128::try_from(dice.below(3)).unwrap() - 1;
    match dice.below(8) {
        0 | 1 => EDGES[dice.below(EDGES.len())].saturating_add(near),
        2 => dice.pick(others).copied().unwrap_or(before),
        3 => before.saturating_add(near),
        4 => before.checked_neg().unwrap_or(before),
        5 => before / 2,
        6 => before.saturating_mul(3),
        _ => before ^ (1 << dice.below(100)),
    }
}

fn change(dice: &mut Dice, parts: &mut [Part], shapes: &[Shape], others: &[i128]) {
    if parts.is_empty() {
        return;
    }
    let at = dice.below(parts.len());
    match (&mut parts[at], &shapes[at]) {
        (Part::Number(value), _) => *value = number(dice, *value, others),
        (Part::Optional(some), Shape::Optional(shapes)) => match some {
            Some(parts) if dice.chance(70) => change(dice, parts, shapes, others),
            Some(_) => *some = None,
            None => {
                let all = shapes.iter().map(|_| Part::Number(number(dice, 0, others)));
                *some = Some(all.collect());
            }
        },
        (Part::List(entries), Shape::List(shapes)) if !entries.is_empty() => {
            let one = dice.below(entries.len());
            match dice.below(10) {
                0 => drop(entries.remove(one)),
                1 => {
                    let mut next = entries[one].clone();
                    change(dice, &mut next[..1], &shapes[..1], others);
                    entries.push(next);
                    // Entries stand by what they begin with; lists of what happened do not, and stay as good.
                    entries.sort();
                    entries.dedup_by(|a, b| a[0] == b[0]);
                }
                _ => {
                    let from = usize::from(shapes.len() > 1 && dice.chance(90));
                    change(dice, &mut entries[one][from..], &shapes[from..], others);
                }
            }
        }
        (Part::Bytes(bytes), _) if !bytes.is_empty() && dice.chance(40) => {
            let byte = dice.below(bytes.len());
            bytes[byte] ^= 1 << dice.below(8);
        }
        _ => {}
    }
}
