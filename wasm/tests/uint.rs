//! The 256-bit integers against laws that hold whatever the implementation.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::int::I256;
use allora_core::uint::U256;
use support::Seeded;

mod support;

/// Of any length, often with runs of equal bits, where carries and corrections live.
fn value(seeded: &mut Seeded) -> U256 {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_exact_mut(8) {
        let limb = match seeded.below(4) {
            0 => 0,
            1 => u64::MAX,
            2 => u64::MAX << seeded.below(64),
            _ => seeded.word(),
        };
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    let bits = u32::try_from(seeded.below(257)).unwrap();
    U256::from_be_bytes(&bytes).shift_right(bits)
}

const ROUNDS: u32 = 200_000;

#[test]
fn quotient_and_remainder_make_the_numerator_again() {
    let mut seeded = Seeded(1);
    for _ in 0..ROUNDS {
        let (numerator, divisor) = (value(&mut seeded), value(&mut seeded));
        let Some((quotient, remainder)) = numerator.div_rem(divisor) else {
            assert!(divisor.is_zero());
            continue;
        };
        assert!(remainder < divisor, "{numerator:?} / {divisor:?}");
        let product = quotient.checked_mul(divisor).unwrap();
        assert_eq!(product.overflowing_add(remainder), (numerator, false), "{divisor:?}");
    }
}

/// Numerators at the edges of a quotient, where a guess from the leading limbs is likeliest to be off.
#[test]
fn quotients_at_their_edges() {
    let mut seeded = Seeded(6);
    let one = U256::from_u64(1);
    let mut edges = 0;
    for _ in 0..ROUNDS {
        let (divisor, quotient) = (value(&mut seeded), value(&mut seeded));
        let Some(product) = divisor.checked_mul(quotient) else { continue };
        if divisor.is_zero() || quotient.is_zero() {
            continue;
        }
        let last = divisor.wrapping_sub(one);
        assert_eq!(product.div_rem(divisor), Some((quotient, U256::ZERO)), "{product:?}");
        let (above, over) = product.overflowing_add(last);
        assert!(over || above.div_rem(divisor) == Some((quotient, last)), "{above:?}");
        let below = (quotient.wrapping_sub(one), last);
        assert_eq!(product.wrapping_sub(one).div_rem(divisor), Some(below), "{product:?}");
        edges += 1;
    }
    assert!(edges > ROUNDS / 4, "{edges}");
}

#[test]
fn products_of_two_limbs_are_those_of_four() {
    let mut seeded = Seeded(7);
    for _ in 0..ROUNDS {
        let narrow = |value: U256| value.shift_right(128).to_u128().unwrap().cast_signed();
        let (a, b) = (narrow(value(&mut seeded)), narrow(value(&mut seeded)));
        let (a, b) = if seeded.chance(50) { (a, b) } else { (-(a >> 1), b >> seeded.below(127)) };
        let wide = |value: i128| I256::from_i128(value);
        assert_eq!(I256::product(a, b), wide(a).wrapping_mul(wide(b)), "{a} {b}");
        assert_eq!(wide(a).checked_mul(wide(b)), Some(wide(a).wrapping_mul(wide(b))), "{a} {b}");
    }
}

#[test]
fn a_wide_product_is_the_sum_of_its_parts() {
    let mut seeded = Seeded(2);
    for _ in 0..ROUNDS {
        let (a, b) = (value(&mut seeded), value(&mut seeded));
        let (low, high) = a.widening_mul(b);
        assert_eq!((low, high), b.widening_mul(a));
        assert_eq!(low, a.wrapping_mul(b));
        // a·(b + 1) = a·b + a, as long as b + 1 does not wrap.
        let (next, wrapped) = b.overflowing_add(U256::from_u64(1));
        if !wrapped {
            let (sum, carry) = low.overflowing_add(a);
            let carried = high.wrapping_add(U256::from_u64(u64::from(carry)));
            assert_eq!(a.widening_mul(next), (sum, carried));
        }
    }
}

#[test]
fn small_values_agree_with_the_compilers_integers() {
    let mut seeded = Seeded(3);
    for _ in 0..ROUNDS {
        let a = u128::from(seeded.word()) << 64 | u128::from(seeded.word());
        let a = a >> (seeded.word() % 128);
        let b = u128::from(seeded.word()) >> (seeded.word() % 64) | 1;
        let wide = |value| U256::from_u128(value);
        assert_eq!(wide(a).div_rem(wide(b)), Some((wide(a / b), wide(a % b))));
        assert_eq!(wide(a).cmp(&wide(b)), a.cmp(&b));
        if let Some(product) = a.checked_mul(b) {
            assert_eq!(wide(a).wrapping_mul(wide(b)), wide(product));
        }
        let (x, y) = (a.cast_signed(), b.cast_signed());
        let int = |value| I256::from_i128(value);
        assert_eq!(int(x).checked_div(int(y)), x.checked_div(y).map(int));
        assert_eq!(int(x).cmp(&int(y)), x.cmp(&y));
        assert_eq!(int(x).half(), int(x / 2));
        assert_eq!(int(x).to_i128(), Some(x));
        assert_eq!(int(x).checked_sub(int(y)), Some(int(x).wrapping_sub(int(y))));
    }
}

#[test]
fn shifts_are_products_and_quotients_of_powers_of_two() {
    let mut seeded = Seeded(4);
    for bits in 0..256 {
        let value = value(&mut seeded);
        let power = U256::from_u64(1).shift_left(bits);
        assert_eq!(value.shift_left(bits), value.wrapping_mul(power));
        assert_eq!(Some(value.shift_right(bits)), value.div_rem(power).map(|(q, _)| q));
    }
    assert_eq!(U256::MAX.shift_left(256), U256::ZERO);
    assert_eq!(U256::MAX.shift_right(256), U256::ZERO);
    assert_eq!(I256::MIN.shift_right(256), I256::from_i128(-1));
    assert_eq!(I256::from_i128(-5).shift_right(1), I256::from_i128(-3));
}

#[test]
fn the_root_is_the_largest_whose_square_fits() {
    let mut seeded = Seeded(5);
    for _ in 0..5_000 {
        let value = value(&mut seeded);
        let root = value.sqrt();
        assert!(root.checked_mul(root).unwrap() <= value);
        let next = root.wrapping_add(U256::from_u64(1));
        assert!(next.checked_mul(next).is_none_or(|square| square > value));
    }
}

#[test]
fn the_ends_of_the_range_do_not_wrap() {
    let one = I256::from_i128(1);
    let minus_one = I256::from_i128(-1);
    assert_eq!(I256::MAX.checked_add(one), None);
    assert_eq!(I256::MIN.checked_sub(one), None);
    assert_eq!(I256::MIN.checked_mul(minus_one), None);
    assert_eq!(I256::MIN.checked_div(minus_one), None);
    assert_eq!(one.checked_div(I256::ZERO), None);
    assert_eq!(I256::MIN.checked_div(one), Some(I256::MIN));
    assert_eq!(I256::MIN.checked_mul(one), Some(I256::MIN));
    assert_eq!(U256::MAX.checked_mul(U256::from_u64(2)), None);
}
