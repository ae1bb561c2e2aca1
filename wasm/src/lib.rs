//! The core: the one place where numbers are computed. Pure functions of bytes, integers only, no panic on any input.
//!
//! The path through the files: rows (`fields`, `codec`, `parameters`, `inputs`, `state`, `withheld`) become an epoch (`epoch`),
//! whose regrets become weights (`weights`), which make the values (`synthesis`, `mean`, `mix`, `statistics`, `outputs`) and
//! what they would have been (`counterfactuals`). Later more rows (`settlement`) become its outcome (`outcome`, `truth`), from
//! which the topic learns (`settle`, `seating`, `losses`, `regrets`, `tables`, `quality`) for the next epoch's state (`past`).
//! Beside the path stand the value without outliers (`resistant`) and an explanation (`explain`). Below lie the numbers (`uint`, `division`, `int`, `wad`, `exp`,
//! `ln`, `log10`, `sqrt`, `sigma`); on top `js`, the only file that knows JavaScript.
#![no_std]

extern crate alloc;
// A native library needs an allocator; in WebAssembly it comes with wasm-bindgen.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

pub mod codec;
pub mod counterfactuals;
pub mod division;
pub mod epoch;
pub mod error;
pub mod exp;
pub mod explain;
pub mod fields;
pub mod genesis;
pub mod inputs;
pub mod int;
#[cfg(target_arch = "wasm32")]
pub mod js;
pub mod lists;
pub mod ln;
pub mod log10;
pub mod losses;
pub mod mean;
pub mod mix;
pub mod outcome;
pub mod outputs;
pub mod parameters;
pub mod past;
pub mod quality;
pub mod regrets;
pub mod resistant;
pub mod seating;
pub mod settle;
pub mod settlement;
pub mod sigma;
pub mod sqrt;
pub mod state;
pub mod statistics;
pub mod synthesis;
pub mod tables;
pub mod truth;
pub mod uint;
pub mod wad;
pub mod weights;
#[cfg(feature = "v08")]
pub mod weights_v08;
pub mod withheld;
