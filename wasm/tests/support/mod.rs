//! Decimals as integers, so that no expected digit passes a float, and seeded random numbers.
#![allow(dead_code, missing_docs)]
use allora_core::int::I256;
use serde_json::Value;

/// Every decimal is held as an integer times 10^-48: more places than any vector prints.
const PLACES: i32 = 48;

fn power(exponent: i32) -> I256 {
    let ten = I256::from_i128(10);
    (0..exponent).fold(I256::from_i128(1), |power, _| power.checked_mul(ten).unwrap())
}

/// The value times 10^48 and the places that are printed; nothing for what is not a decimal.
fn parse(text: &str) -> Option<(I256, i32)> {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()? - exponent.parse::<i32>().ok()?;
    let scaled = I256::from_i128(digits).checked_mul(power(PLACES - places))?;
    Some((scaled, places))
}

/// The Wad that a decimal is exactly; nothing if it has more digits than a Wad holds.
pub fn wad(text: &str) -> Option<I256> {
    let unit = power(PLACES - 18);
    let (scaled, _) = parse(text)?;
    let wad = scaled.checked_div(unit)?;
    (wad.checked_mul(unit)? == scaled).then_some(wad)
}

pub fn exact(text: &Value) -> I256 {
    wad(text.as_str().unwrap()).unwrap()
}

pub fn wads(list: &Value) -> Option<Vec<I256>> {
    list.as_array().unwrap().iter().map(|text| wad(text.as_str().unwrap())).collect()
}

fn distance(a: I256, b: I256) -> I256 {
    let distance = a.checked_sub(b).unwrap();
    if distance.is_negative() { distance.wrapping_neg() } else { distance }
}

/// 1e-9 relative or 4e-18 absolute.
fn common(expected: I256) -> I256 {
    let relative = distance(expected, I256::ZERO).checked_div(power(9)).unwrap();
    relative.max(power(PLACES - 18).checked_mul(I256::from_i128(4)).unwrap())
}

fn assert_within(got: I256, expected: I256, allowed: I256, case: &str) {
    let got = got.checked_mul(power(PLACES - 18)).unwrap();
    assert!(distance(got, expected) <= allowed, "{case}: {got:?} {expected:?}");
}

/// Against a trace.
pub fn assert_traced(got: I256, expected: &Value, case: &str) {
    let (expected, _) = parse(expected.as_str().unwrap()).unwrap();
    assert_within(got, expected, common(expected), case);
}

/// Against a value that the reference itself meets only so nearly.
pub fn assert_approximate(got: I256, expected: &Value, own: &str, case: &str) {
    let (expected, _) = parse(expected.as_str().unwrap()).unwrap();
    assert_within(got, expected, parse(own).unwrap().0, case);
}

/// The Wad nearest to a decimal, toward zero.
pub fn shortened(text: &Value) -> I256 {
    parse(text.as_str().unwrap()).unwrap().0.checked_div(power(PLACES - 18)).unwrap()
}

/// Against a single case: the tightest of the common tolerance, the printed digits and the case's own. The printed digits
/// allow two units of the last one, of which 16 count at most: the reference computed in doubles, and some of its values are
/// off by 1.5 units of their last digit. Where the case's own tolerance is 1e-3 the expected value is an approximation (1.00005
/// for 1.0000500012), so the printed digits decide. No Wad comes nearer than 4e-18 to a value of more than 18 places.
pub fn assert_close(got: I256, expected: &Value, own: &str, case: &str) {
    let (expected, places) = parse(expected.as_str().unwrap()).unwrap();
    let own = if own == "exact" { I256::ZERO } else { parse(own).unwrap().0 };
    let printed = printed(expected, places).min(own);
    let is_approximation = own >= power(PLACES - 3);
    let tightest = if is_approximation { printed } else { printed.min(common(expected)) };
    let resolution = if places > 18 { common(I256::ZERO) } else { I256::ZERO };
    assert_within(got, expected, tightest.max(resolution), case);
}

fn printed(expected: I256, places: i32) -> I256 {
    let magnitude = distance(expected, I256::ZERO);
    let digits = (0..).find(|digits| power(*digits) > magnitude).unwrap();
    power((PLACES - places).max(digits - 16)).checked_mul(I256::from_i128(2)).unwrap()
}

pub fn vectors(file: &str) -> Value {
    let path = format!("{}/../test/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// xorshift64*, seeded, so that a failure can be run again.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.word() >> 8) % bound
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn wide(&mut self) -> u128 {
        u128::from(self.word()) << 64 | u128::from(self.word())
    }

    /// From one bound to the other, often on one of them or next to it.
    pub fn between(&mut self, least: i128, most: i128) -> i128 {
        let near = i128::from(self.below(3));
        match self.below(6) {
            0 => least.saturating_add(near).min(most),
            1 => most.saturating_sub(near).max(least),
            2 => near.clamp(least, most),
            _ => {
                let span = most.abs_diff(least).wrapping_add(1);
                let offset = if span == 0 { self.wide() } else { self.wide() % span };
                least.wrapping_add_unsigned(offset)
            }
        }
    }
}
