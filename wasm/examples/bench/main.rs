//! Times the core natively; `npm run bench -- core` sets its figures beside those of the module in Node. One JSON object a
//! line: a key, and the milliseconds of one call in the quickest of many batches.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
use allora_core::counterfactuals::counterfactuals;
use allora_core::synthesis::{Synthesis, infer, values};
use std::hint::black_box;
use std::time::Instant;

mod epochs;

const BATCHES: u32 = 60;

fn print(key: &str, calls: u32, run: impl Fn()) {
    let batch = |_| {
        let start = Instant::now();
        (0..calls).for_each(|_| run());
        start.elapsed().as_secs_f64() * 1_000.0 / f64::from(calls)
    };
    let quickest = (0..BATCHES).map(batch).fold(f64::INFINITY, f64::min);
    println!("{{\"key\":\"{key}\",\"value\":{quickest:.3}}}");
}

fn main() {
    let (inputs, state) = epochs::rows();
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let state: Vec<&[u8]> = state.iter().map(Vec::as_slice).collect();
    print("core.value.32x6", 20, || drop(black_box(values(&inputs, &state).unwrap())));
    print("core.infer.32x6", 4, || drop(black_box(infer(&inputs, &state).unwrap())));
    // More seats than a topic has, so without the rows.
    let epoch = epochs::epoch(128, 10);
    print("core.infer.128x10", 1, || {
        let synthesis = Synthesis::new(&epoch).unwrap();
        let labels = synthesis.labels().unwrap();
        drop(black_box(counterfactuals(&synthesis, &labels).unwrap()));
    });
}
