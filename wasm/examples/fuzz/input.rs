//! One input of the fuzzer, and the corpus on disk: those that did something that none before them did.

use allora_core::codec::{frame, unframe};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What the core is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Whether it is for `settle`; otherwise it is for `infer`.
    pub settles: bool,
    pub inputs: Vec<Vec<u8>>,
    pub state: Vec<Vec<u8>>,
}

impl Input {
    /// One byte, then both lists, each in a frame after its length.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (settles, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (inputs, state) = rest.split_at_checked(length)?;
        let rows = |bytes| Some(unframe(bytes).ok()?.into_iter().map(<[u8]>::to_vec).collect());
        Some(Self { settles: *settles == 1, inputs: rows(inputs)?, state: rows(state)? })
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let (inputs, state) = (frame(&self.inputs).ok()?, frame(&self.state).ok()?);
        let length = u32::try_from(inputs.len()).ok()?.to_be_bytes();
        Some([&[u8::from(self.settles)], &length[..], &inputs, &state].concat())
    }

    /// How many bytes its rows have.
    pub fn size(&self) -> usize {
        self.inputs.iter().chain(&self.state).map(Vec::len).sum()
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus.bin")
}

/// Writes the corpus anew: each input after its length.
pub fn keep<'a>(inputs: impl Iterator<Item = &'a Input>) {
    let mut bytes = Vec::new();
    for input in inputs.filter_map(Input::bytes) {
        bytes.extend(u32::try_from(input.len()).unwrap().to_be_bytes());
        bytes.extend(input);
    }
    std::fs::write(path(), bytes).unwrap();
}

/// The corpus; none if there is no file.
pub fn corpus() -> Vec<Input> {
    let bytes = std::fs::read(path()).unwrap_or_default();
    let (mut rest, mut inputs) = (&bytes[..], Vec::new());
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
        let (input, after) = after.split_at(length);
        inputs.push(Input::read(input).unwrap());
        rest = after;
    }
    inputs
}

/// What a corpus starts from: the examples of test/vectors/rows.json.
pub fn seeds() -> Vec<Input> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test/vectors/rows.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows = |name: &str| -> Vec<Vec<u8>> {
        let list = file["lists"].as_array().unwrap().iter().find(|list| list["name"] == name);
        list.unwrap()["rows"].as_array().unwrap().iter().map(bytes).collect()
    };
    let input = |(settles, inputs, state): (bool, &str, &str)| Input {
        settles,
        inputs: rows(inputs),
        state: rows(state),
    };
    [
        (false, "inputs", "state"),
        (false, "inputs", "genesis"),
        (false, "inputs", "learned"),
        (true, "truths", "state"),
        (true, "truths", "genesis"),
        (true, "truths", "learned"),
        (true, "missed", "state"),
    ]
    .map(input)
    .into()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap().strip_prefix("0x").unwrap();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}
