//! Signed 256-bit integers, two's complement, as the EVM has them.
//!
//! Method: the unsigned ones, and a sign.
//! Special cases: `wrapping_*` is modulo 2^256; division rounds toward zero; shifts to the right keep the sign.
//! Accuracy: exact.

use crate::division::Divisor;
use crate::uint::{U256, two_by_two};
use core::cmp::Ordering;

/// A signed 256-bit integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct I256(U256);

impl I256 {
    /// Zero.
    pub const ZERO: Self = Self(U256::ZERO);
    /// -2^255.
    pub const MIN: Self = Self(U256([0, 0, 0, 1 << 63]));
    /// 2^255 - 1.
    pub const MAX: Self = Self(U256([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]));

    /// From a 128-bit integer.
    #[allow(clippy::cast_sign_loss, reason = "the bits of a two's complement")]
    pub const fn from_i128(value: i128) -> Self {
        let U256([low, high, ..]) = U256::from_u128(value as u128);
        let fill = (value >> 127) as u64;
        Self(U256([low, high, fill, fill]))
    }

    /// From the low 256 bits, as they are.
    pub const fn from_bits(bits: U256) -> Self {
        Self(bits)
    }

    /// The bits, as they are.
    pub const fn to_bits(self) -> U256 {
        self.0
    }

    /// To 128 bits, if it fits.
    #[allow(clippy::cast_possible_wrap, reason = "the bits of a two's complement")]
    pub fn to_i128(self) -> Option<i128> {
        let U256([low, high, ..]) = self.0;
        let value = (u128::from(high) << 64 | u128::from(low)) as i128;
        (Self::from_i128(value) == self).then_some(value)
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        let Self(U256([_, _, _, top])) = self;
        top >> 63 == 1
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The magnitude; that of -2^255 is 2^255.
    pub fn magnitude(self) -> U256 {
        if self.is_negative() { U256::ZERO.wrapping_sub(self.0) } else { self.0 }
    }

    /// The negative, modulo 2^256.
    pub fn wrapping_neg(self) -> Self {
        Self(U256::ZERO.wrapping_sub(self.0))
    }

    /// The sum modulo 2^256.
    pub fn wrapping_add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    /// The difference modulo 2^256.
    pub fn wrapping_sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }

    /// The product modulo 2^256.
    pub fn wrapping_mul(self, other: Self) -> Self {
        Self(self.0.wrapping_mul(other.0))
    }

    /// The product of two 128-bit integers, which always fits.
    #[allow(clippy::cast_sign_loss, reason = "the bits of a two's complement")]
    pub fn product(a: i128, b: i128) -> Self {
        let (U256([a0, a1, ..]), U256([b0, b1, ..])) =
            (U256::from_u128(a as u128), U256::from_u128(b as u128));
        let [r0, r1, r2, r3] = two_by_two(a0, a1, b0, b1);
        // As unsigned, a negative one counts for 2^128 too much.
        let high = u128::from(r3) << 64 | u128::from(r2);
        let high = if a < 0 { high.wrapping_sub(b as u128) } else { high };
        let high = if b < 0 { high.wrapping_sub(a as u128) } else { high };
        let U256([r2, r3, ..]) = U256::from_u128(high);
        Self(U256([r0, r1, r2, r3]))
    }

    /// The sum, if it fits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let sum = self.wrapping_add(other);
        let over =
            self.is_negative() == other.is_negative() && sum.is_negative() != self.is_negative();
        (!over).then_some(sum)
    }

    /// The difference, if it fits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let difference = self.wrapping_sub(other);
        let over = self.is_negative() != other.is_negative()
            && difference.is_negative() != self.is_negative();
        (!over).then_some(difference)
    }

    /// The product, if it fits.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let magnitude = self.magnitude().checked_mul(other.magnitude())?;
        Self::signed(magnitude, self.is_negative() != other.is_negative())
    }

    /// The quotient toward zero, if the divisor is not zero and the quotient fits.
    pub fn checked_div(self, divisor: Self) -> Option<Self> {
        let (quotient, _) = self.magnitude().div_rem(divisor.magnitude())?;
        Self::signed(quotient, self.is_negative() != divisor.is_negative())
    }

    /// The quotient toward zero by a divisor that is at hand.
    pub fn div_by(self, divisor: &Divisor) -> Self {
        let quotient = Self(divisor.divide(self.magnitude()).0);
        if self.is_negative() { quotient.wrapping_neg() } else { quotient }
    }

    /// Half, toward zero.
    pub fn half(self) -> Self {
        let half = Self(self.magnitude().shift_right(1));
        if self.is_negative() { half.wrapping_neg() } else { half }
    }

    /// Shifted to the left; bits past the top are lost.
    pub fn shift_left(self, bits: u32) -> Self {
        Self(self.0.shift_left(bits))
    }

    /// Shifted to the right, toward negative infinity.
    pub fn shift_right(self, bits: u32) -> Self {
        Self(self.0.shift_right_filled(bits, if self.is_negative() { u64::MAX } else { 0 }))
    }

    fn signed(magnitude: U256, negative: bool) -> Option<Self> {
        let value = Self(magnitude);
        let value = if negative { value.wrapping_neg() } else { value };
        (magnitude.is_zero() || value.is_negative() == negative).then_some(value)
    }
}

impl PartialOrd for I256 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for I256 {
    fn cmp(&self, other: &Self) -> Ordering {
        other.is_negative().cmp(&self.is_negative()).then_with(|| self.0.cmp(&other.0))
    }
}

impl From<i128> for I256 {
    fn from(value: i128) -> Self {
        Self::from_i128(value)
    }
}
