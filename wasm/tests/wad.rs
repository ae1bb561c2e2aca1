//! Wads at the ends of their range; the comparison with Solady's on the EVM is test/hardhat/wad.test.ts.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::error::Error;
use allora_core::exp::exp;
use allora_core::int::I256;
use allora_core::ln::ln;
use allora_core::sqrt::sqrt;
use allora_core::statistics::{Distribution, median};
use allora_core::uint::U256;
use allora_core::wad::{ONE, div, mul};
use allora_core::weights::{Rule, ratio};

const fn int(value: i128) -> I256 {
    I256::from_i128(value)
}

#[test]
fn products_and_quotients_go_toward_zero_or_are_refused() {
    assert_eq!(mul(int(-1), int(999_999_999_999_999_999)), Ok(I256::ZERO));
    assert_eq!(div(int(-2), int(3)), Ok(int(-666_666_666_666_666_666)));
    assert_eq!(mul(I256::MIN, int(-1)), Err(Error::SMulWadFailed));
    assert_eq!(mul(int(-1), I256::MIN), Err(Error::SMulWadFailed));
    assert_eq!(mul(I256::MAX, int(2)), Err(Error::SMulWadFailed));
    assert_eq!(div(ONE, I256::ZERO), Err(Error::SDivWadFailed));
    assert_eq!(div(I256::MAX, ONE), Err(Error::SDivWadFailed));
}

#[test]
fn exponentials_and_logarithms_end_where_they_must() {
    assert_eq!(exp(I256::ZERO), Ok(ONE));
    assert_eq!(exp(I256::MIN), Ok(I256::ZERO));
    assert_eq!(exp(int(135_305_999_368_893_231_589)), Err(Error::ExpOverflow));
    assert!(exp(int(135_305_999_368_893_231_588)).is_ok());
    assert_eq!(ln(ONE), Ok(I256::ZERO));
    assert_eq!(ln(I256::ZERO), Err(Error::LnWadUndefined));
    assert_eq!(ln(I256::MIN), Err(Error::LnWadUndefined));
}

#[test]
fn roots_are_rounded_down() {
    let square = |root: u64| U256::from_u64(root).checked_mul(U256::from_u64(root)).unwrap();
    // The root of a Wad r² / 1e18 is r.
    assert_eq!(
        sqrt(U256::from_u64(4_000_000_000_000_000_000)),
        U256::from_u64(2_000_000_000_000_000_000)
    );
    assert_eq!(sqrt(U256::from_u64(2)), U256::from_u64(1_414_213_562));
    assert_eq!(sqrt(square(1 << 32)).to_u128(), Some((1 << 32) * 1_000_000_000));
    // floor(sqrt((2^256 - 1) · 1e18)).
    let largest = U256::from_u128(340_282_366_920_938_463_463_374_607_431_768_211_455);
    assert_eq!(
        sqrt(U256::MAX),
        largest
            .wrapping_mul(U256::from_u64(1_000_000_000))
            .wrapping_add(U256::from_u64(999_999_999))
    );
}

#[test]
fn a_ratio_overflows_by_name() {
    assert_eq!(ratio(int(136).wrapping_mul(ONE), I256::ZERO), Err(Error::ExpOverflow));
}

#[test]
fn weights_need_a_regret_and_percentiles_a_weight() {
    let rule = Rule { p_norm: ONE, c_norm: I256::ZERO, scale: ONE, v08: None };
    assert_eq!(rule.weights(&[]), Err(Error::NoRegrets));
    let nothing = Distribution::new([(ONE, I256::ZERO)]).unwrap();
    assert_eq!(nothing.percentile(5000), Err(Error::NoWeight));
    assert_eq!(nothing.distinct(), 0);
}

#[test]
fn medians_halve_toward_zero() {
    assert_eq!(median(&[int(-3), int(-4)]), Ok(int(-3)));
    assert_eq!(median(&[int(3), int(4)]), Ok(int(3)));
    assert_eq!(median(&[int(-3), int(2)]), Ok(I256::ZERO));
}

#[test]
fn percentiles_do_not_depend_on_the_order_of_equal_values() {
    let entries = [(1, 5), (2, 1), (2, 7), (2, 3), (9, 2)];
    let of = |entries: &[(i128, i128)]| {
        let given = entries.iter().map(|(value, weight)| (int(value * 1_000), int(*weight)));
        let distribution = Distribution::new(given).unwrap();
        [228, 1587, 5000, 8413, 9772].map(|at| distribution.percentile(at).unwrap())
    };
    let mut reversed = entries;
    reversed.reverse();
    assert_eq!(of(&entries), of(&reversed));
    // Places 2.5, 5.5, 7.5, 12.5, 17 of 18: 84.13 % is 15.1434, between 2 at 12.5 and 9 at 17.
    assert_eq!(of(&entries)[3], int(2_000 + 7_000 * (151_434 - 125_000) / 45_000));
}
