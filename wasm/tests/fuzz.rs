//! The fuzzer's corpus, and a few seconds of changes to it; `cargo run --release --example fuzz` takes ten minutes of them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    missing_docs
)]
use check::checked;
use input::{corpus, seeds};
use mutate::{Dice, mutated};
use std::collections::BTreeSet;

#[path = "../examples/fuzz/check.rs"]
mod check;
#[path = "../examples/fuzz/grammar.rs"]
mod grammar;
#[path = "../examples/fuzz/input.rs"]
mod input;
#[path = "../examples/fuzz/mutate.rs"]
mod mutate;

const RUNS: u64 = 60_000;

#[test]
fn the_corpus_holds_and_every_input_of_it_does_something_else() {
    let corpus = corpus();
    let traces: BTreeSet<_> = corpus.iter().map(|input| checked(input).trace).collect();
    assert_eq!(traces.len(), corpus.len());
    assert!(corpus.len() >= 100, "{}", corpus.len());
}

#[test]
fn changes_to_the_corpus_break_nothing_and_at_least_half_of_them_decode() {
    let mut dice = Dice(11);
    let pool: Vec<_> = seeds().into_iter().chain(corpus()).collect();
    let (mut decoded, mut admitted) = (0, 0);
    for _ in 0..RUNS {
        let (one, other) = (dice.below(pool.len()), dice.below(pool.len()));
        let outcome = checked(&mutated(&mut dice, &pool[one], &pool[other]));
        decoded += u64::from(outcome.decodes);
        admitted += u64::from(outcome.admitted);
    }
    assert!(decoded * 2 >= RUNS && admitted * 4 >= RUNS, "{decoded} {admitted}");
}
