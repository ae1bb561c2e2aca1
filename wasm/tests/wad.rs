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
use support::Seeded;

mod support;

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

/// e^x as Solady writes it: 256 bits throughout, `shift_right` toward negative infinity, divisions toward zero.
fn exp_of_256_bits(x: I256) -> I256 {
    let constant = |value: i128| I256::from_i128(value);
    let times = |a: I256, b: I256| a.wrapping_mul(b).shift_right(96);
    let x = x.shift_left(78).checked_div(constant(3_814_697_265_625)).unwrap();
    let ln_2 = constant(54_916_777_467_707_473_351_141_471_128);
    let k = x.shift_left(96).checked_div(ln_2).unwrap().wrapping_add(constant(1 << 95));
    let k = k.shift_right(96);
    let x = x.wrapping_sub(k.wrapping_mul(ln_2));
    let y = x.wrapping_add(constant(1_346_386_616_545_796_478_920_950_773_328));
    let y = times(y, x).wrapping_add(constant(57_155_421_227_552_351_082_224_309_758_442));
    let p = y.wrapping_add(x);
    let p = p.wrapping_sub(constant(94_201_549_194_550_492_254_356_042_504_812));
    let p = times(p, y).wrapping_add(constant(28_719_021_644_029_726_153_956_944_680_412_240));
    let last = constant(4_385_272_521_454_847_904_659_076_985_693_276).shift_left(96);
    let p = p.wrapping_mul(x).wrapping_add(last);
    let q = x.wrapping_sub(constant(2_855_989_394_907_223_263_936_484_059_900));
    let step = |q: I256, value: i128| times(q, x).wrapping_add(constant(value));
    let q = step(q, 50_020_603_652_535_783_019_961_831_881_945);
    let q = step(q, -533_845_033_583_426_703_283_633_433_725_380);
    let q = step(q, 3_604_857_256_930_695_427_073_651_918_091_429);
    let q = step(q, -14_423_608_567_350_463_180_887_372_962_807_573);
    let q = step(q, 26_449_188_498_355_588_339_934_803_723_976_023);
    let ratio = p.checked_div(q).unwrap().to_bits();
    // 3822833074963236453042738258902158003155416615667, in two parts.
    let high = U256::from_u128(207236196246229109545175466386).shift_left(64);
    let scale = high.wrapping_add(U256::from_u64(17181495799676635891));
    let shift = u32::try_from(195 - k.to_i128().unwrap()).unwrap();
    I256::from_bits(ratio.wrapping_mul(scale).shift_right(shift))
}

#[test]
fn exponentials_are_those_of_256_bits_throughout() {
    let mut seeded = Seeded(6);
    for _ in 0..100_000 {
        let x = match seeded.below(3) {
            0 => seeded.between(-41_446_531_673_892_822_312, 0),
            1 => seeded.between(0, 135_305_999_368_893_231_588),
            _ => i128::from(seeded.word().cast_signed()) >> seeded.below(64),
        };
        assert_eq!(exp(int(x)), Ok(exp_of_256_bits(int(x))), "{x}");
    }
    // About the half multiples of ln 2, where the reduction turns to the next power.
    for half in -60..195 {
        let turn = (2 * half + 1) * 693_147_180_559_945_309_i128 / 2;
        for x in turn - 3..=turn + 3 {
            let inside = (-41_446_531_673_892_822_312..135_305_999_368_893_231_589).contains(&x);
            assert!(!inside || exp(int(x)) == Ok(exp_of_256_bits(int(x))), "{x}");
        }
    }
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
