//! The one file that knows JavaScript: frames and 32-byte integers in, the same out. A refusal is thrown as an error whose
//! `code` is the variant's name; `index.ts` makes a `CoreError` of it.

use crate::codec::{frame, unframe};
use crate::error::{Error, Result};
use crate::fields::Field;
use crate::int::I256;
use crate::uint::U256;
use crate::{exp, ln, sigma, sqrt, synthesis, wad};
use alloc::string::ToString;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// JavaScript's own error.
    #[wasm_bindgen(js_name = Error)]
    pub type Fault;

    #[wasm_bindgen(constructor, js_class = "Error")]
    fn new(message: &str) -> Fault;

    #[wasm_bindgen(method, setter)]
    fn set_code(this: &Fault, code: &str);
}

type Answer<T> = core::result::Result<T, Fault>;

fn fault(error: Error) -> Fault {
    let fault = Fault::new(&error.to_string());
    fault.set_code(error.code());
    fault
}

fn bits(bytes: &[u8]) -> Result<U256> {
    bytes.try_into().map(U256::from_be_bytes).map_err(|_| Error::MalformedRow)
}

fn signed(bytes: &[u8]) -> Result<I256> {
    bits(bytes).map(I256::from_bits)
}

fn bytes(value: Result<I256>) -> Answer<Vec<u8>> {
    value.map(|value| value.to_bits().to_be_bytes().to_vec()).map_err(fault)
}

/// The output rows of an epoch; see `synthesis::infer`.
#[wasm_bindgen]
pub fn infer(inputs: &[u8], state: &[u8]) -> Answer<Vec<u8>> {
    let run = || frame(&synthesis::infer(&unframe(inputs)?, &unframe(state)?)?);
    run().map_err(fault)
}

/// The output rows without the counterfactuals; see `synthesis::values`.
#[wasm_bindgen]
pub fn values(inputs: &[u8], state: &[u8]) -> Answer<Vec<u8>> {
    let run = || frame(&synthesis::values(&unframe(inputs)?, &unframe(state)?)?);
    run().map_err(fault)
}

/// The value without outliers, no bytes if there is none; see `resistant::resistant`.
#[wasm_bindgen]
pub fn resistant(inputs: &[u8], state: &[u8]) -> Answer<Vec<u8>> {
    let run = || crate::resistant::resistant(&unframe(inputs)?, &unframe(state)?);
    let value = run().map_err(fault)?;
    Ok(value.map_or_else(Vec::new, |value| value.to_be_bytes().to_vec()))
}

/// How a seat's weight came about, no bytes if it has none; see `explain::explain`.
#[wasm_bindgen]
pub fn explain(inputs: &[u8], state: &[u8], seat: u8) -> Answer<Vec<u8>> {
    let run = || {
        let mut bytes = Vec::new();
        if let Some(said) = crate::explain::explain(&unframe(inputs)?, &unframe(state)?, seat)? {
            said.write(&mut bytes)?;
        }
        Ok(bytes)
    };
    run().map_err(fault)
}

/// The new state rows and the output rows of a settlement, in one frame; see `settle::settle`.
#[wasm_bindgen]
pub fn settle(inputs: &[u8], state: &[u8]) -> Answer<Vec<u8>> {
    let run = || {
        let settled = crate::settle::settle(&unframe(inputs)?, &unframe(state)?)?;
        frame(&[settled.state, settled.outputs].concat())
    };
    run().map_err(fault)
}

/// The quality word of a settlement; see `settle::quality`.
#[wasm_bindgen]
pub fn quality(inputs: &[u8], state: &[u8]) -> Answer<Vec<u8>> {
    let run = || crate::settle::quality(&unframe(inputs)?, &unframe(state)?);
    run().map(Vec::from).map_err(fault)
}

/// The first state rows of a topic; see `genesis::genesis`.
#[wasm_bindgen]
pub fn genesis(parameters: &[u8]) -> Answer<Vec<u8>> {
    crate::genesis::genesis(parameters).and_then(|rows| frame(&rows)).map_err(fault)
}

/// See `wad::mul`.
#[wasm_bindgen(js_name = mul)]
pub fn wad_mul(x: &[u8], y: &[u8]) -> Answer<Vec<u8>> {
    bytes(signed(x).and_then(|x| wad::mul(x, signed(y)?)))
}

/// See `wad::div`.
#[wasm_bindgen(js_name = div)]
pub fn wad_div(x: &[u8], y: &[u8]) -> Answer<Vec<u8>> {
    bytes(signed(x).and_then(|x| wad::div(x, signed(y)?)))
}

/// See `exp::exp`.
#[wasm_bindgen(js_name = exp)]
pub fn wad_exp(x: &[u8]) -> Answer<Vec<u8>> {
    bytes(signed(x).and_then(exp::exp))
}

/// See `ln::ln`.
#[wasm_bindgen(js_name = ln)]
pub fn wad_ln(x: &[u8]) -> Answer<Vec<u8>> {
    bytes(signed(x).and_then(ln::ln))
}

/// See `sqrt::sqrt`.
#[wasm_bindgen(js_name = sqrt)]
pub fn wad_sqrt(x: &[u8]) -> Answer<Vec<u8>> {
    bytes(bits(x).map(|x| I256::from_bits(sqrt::sqrt(x))))
}

/// The 24-bit float of a sigma; see `sigma::pack`. No bytes are an unknown one.
#[wasm_bindgen(js_name = packSigma)]
pub fn pack_sigma(sigma: &[u8]) -> Answer<u32> {
    let known = || bits(sigma)?.to_u128().ok_or(Error::InvalidSigma);
    let sigma = if sigma.is_empty() { Ok(None) } else { known().map(Some) };
    sigma.and_then(sigma::pack).map_err(fault)
}

/// The sigma of a 24-bit float; see `sigma::unpack`. An unknown one is no bytes.
#[wasm_bindgen(js_name = unpackSigma)]
pub fn unpack_sigma(float: u32) -> Answer<Vec<u8>> {
    let sigma = sigma::unpack(float).map_err(fault)?;
    Ok(sigma.map_or_else(Vec::new, |sigma| U256::from_u128(sigma).to_be_bytes().to_vec()))
}
