//! Looks for inputs that break the core: changes those of the corpus (tests/corpus.bin) and keeps what does something new.
//! `cargo run --release --example fuzz -- SECONDS` takes so many seconds of a processor, 600 if it is not told; then it
//! writes what is new, or shorter than what did the same, into the corpus. tests/fuzz.rs replays the corpus and runs a few
//! seconds of changes to it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
use check::checked;
use input::{Input, corpus, keep, seeds};
use mutate::{Dice, mutated};
use std::collections::BTreeMap;
use std::time::Instant;

mod check;
mod grammar;
mod input;
mod mutate;

/// An input of the corpus has at most so many bytes.
const MOST_BYTES: usize = 6_000;

/// Of this process, where the system says so; elsewhere of the clock.
fn processor_seconds(since: Instant) -> f64 {
    let nanoseconds = std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| since.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Keeps an input if it does something new, or is the shortest that does it; says whether it was kept.
fn learn(known: &mut BTreeMap<String, Input>, trace: String, input: &Input) -> bool {
    let before = known.get(&trace).map_or(MOST_BYTES + 1, Input::size);
    let keeps = input.size() < before;
    if keeps {
        known.insert(trace, input.clone());
    }
    keeps
}

fn main() {
    let seconds = std::env::args().nth(1).map_or(600.0, |text| text.parse().unwrap());
    let mut known: BTreeMap<String, Input> = BTreeMap::new();
    for input in seeds().into_iter().chain(corpus()) {
        learn(&mut known, checked(&input).trace, &input);
    }
    let (start, before) = (Instant::now(), known.len());
    let seed = 0x9e37_79b9 ^ u64::try_from(before).unwrap() << 32;
    let mut dice = Dice(seed);
    let (mut runs, mut decoded, mut admitted) = (0u64, 0u64, 0u64);
    let mut pool: Vec<Input> = known.values().cloned().collect();
    while processor_seconds(start) < seconds {
        for _ in 0..500 {
            let (one, other) = (dice.below(pool.len()), dice.below(pool.len()));
            let input = mutated(&mut dice, &pool[one], &pool[other]);
            let outcome = checked(&input);
            runs += 1;
            decoded += u64::from(outcome.decodes);
            admitted += u64::from(outcome.admitted);
            if learn(&mut known, outcome.trace, &input) {
                pool.push(input);
            }
        }
    }
    let share = |part: u64| part * 1_000 / runs;
    println!(
        "{runs} inputs in {:.0} s of a processor from seed {seed:#x}; {} per mille decode, {} are admitted; {} traces, {} new",
        processor_seconds(start),
        share(decoded),
        share(admitted),
        known.len(),
        known.len() - before
    );
    keep(known.values());
}
