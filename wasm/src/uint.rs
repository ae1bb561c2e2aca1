//! Unsigned 256-bit integers on four 64-bit limbs, lowest first.
//!
//! Method: schoolbook products; division stands in `division.rs`.
//! Special cases: shifts by 256 or more give zero, as the EVM's do; a division by zero is `None`.
//! Accuracy: exact; `wrapping_*` is modulo 2^256.

use crate::division::divide;
use core::cmp::Ordering;

/// An unsigned 256-bit integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct U256(pub(crate) [u64; 4]);

impl U256 {
    /// Zero.
    pub const ZERO: Self = Self([0; 4]);
    /// 2^256 - 1.
    pub const MAX: Self = Self([u64::MAX; 4]);

    /// From a 64-bit integer.
    pub const fn from_u64(value: u64) -> Self {
        Self([value, 0, 0, 0])
    }

    /// From a 128-bit integer.
    #[allow(clippy::cast_possible_truncation, reason = "the two halves of the value")]
    pub const fn from_u128(value: u128) -> Self {
        Self([value as u64, (value >> 64) as u64, 0, 0])
    }

    /// From 32 bytes, highest first.
    pub fn from_be_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            *limb = chunk.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte));
        }
        Self(limbs)
    }

    /// To 32 bytes, highest first.
    pub fn to_be_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        bytes
    }

    /// To a 128-bit integer, if it fits.
    pub fn to_u128(self) -> Option<u128> {
        let Self([low, high, c, d]) = self;
        (c | d == 0).then_some(u128::from(high) << 64 | u128::from(low))
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        let Self([a, b, c, d]) = self;
        a | b | c | d == 0
    }

    /// How many bits stand above the highest set one.
    pub fn leading_zeros(self) -> u32 {
        let mut count = 0u32;
        for limb in self.0.iter().rev() {
            count = count.wrapping_add(limb.leading_zeros());
            if *limb != 0 {
                break;
            }
        }
        count
    }

    /// The sum and whether it went past 2^256.
    pub fn overflowing_add(self, other: Self) -> (Self, bool) {
        let mut carry = false;
        let mut limbs = self.0;
        for (limb, addend) in limbs.iter_mut().zip(other.0) {
            (*limb, carry) = add_with_carry(*limb, addend, carry);
        }
        (Self(limbs), carry)
    }

    /// The sum modulo 2^256.
    pub fn wrapping_add(self, other: Self) -> Self {
        self.overflowing_add(other).0
    }

    /// The difference and whether it went below zero.
    pub fn overflowing_sub(self, other: Self) -> (Self, bool) {
        let mut borrow = false;
        let mut limbs = self.0;
        for (limb, subtrahend) in limbs.iter_mut().zip(other.0) {
            let (first, below) = limb.overflowing_sub(subtrahend);
            let (second, further) = first.overflowing_sub(u64::from(borrow));
            *limb = second;
            borrow = below || further;
        }
        (Self(limbs), borrow)
    }

    /// The difference modulo 2^256.
    pub fn wrapping_sub(self, other: Self) -> Self {
        self.overflowing_sub(other).0
    }

    /// The product's low and high 256 bits.
    pub fn widening_mul(self, other: Self) -> (Self, Self) {
        let mut wide = [0u64; 8];
        for (shift, factor) in self.0.iter().enumerate() {
            // Most operands are far below 2^256, so most limbs are zero.
            if *factor == 0 {
                continue;
            }
            let mut carry = 0;
            for (limb, other_limb) in wide.iter_mut().skip(shift).zip(other.0) {
                (*limb, carry) = multiply_add(*factor, other_limb, *limb, carry);
            }
            if let Some(limb) = wide.get_mut(shift.wrapping_add(4)) {
                *limb = carry;
            }
        }
        let [a, b, c, d, e, f, g, h] = wide;
        (Self([a, b, c, d]), Self([e, f, g, h]))
    }

    /// The product modulo 2^256.
    pub fn wrapping_mul(self, other: Self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = other.0;
        let (r0, c) = multiply_add(a0, b0, 0, 0);
        let (r1, c) = multiply_add(a0, b1, 0, c);
        let (r2, c) = multiply_add(a0, b2, 0, c);
        let r3 = a0.wrapping_mul(b3).wrapping_add(c);
        let (r1, c) = multiply_add(a1, b0, r1, 0);
        let (r2, c) = multiply_add(a1, b1, r2, c);
        let r3 = a1.wrapping_mul(b2).wrapping_add(r3).wrapping_add(c);
        let (r2, c) = multiply_add(a2, b0, r2, 0);
        let r3 = a2.wrapping_mul(b1).wrapping_add(r3).wrapping_add(c);
        let r3 = a3.wrapping_mul(b0).wrapping_add(r3);
        Self([r0, r1, r2, r3])
    }

    /// The product by a value of two limbs, modulo 2^256.
    #[allow(clippy::cast_possible_truncation, reason = "the two halves of the value")]
    pub fn wrapping_mul_narrow(self, other: u128) -> Self {
        let Self([a0, a1, a2, a3]) = self;
        let (b0, b1) = (other as u64, (other >> 64) as u64);
        let [r0, r1, r2, r3] = two_by_two(a0, a1, b0, b1);
        let (r2, carry) = multiply_add(a2, b0, r2, 0);
        let r3 = r3.wrapping_add(carry).wrapping_add(a2.wrapping_mul(b1));
        Self([r0, r1, r2, r3.wrapping_add(a3.wrapping_mul(b0))])
    }

    /// The product, if it is below 2^256.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        // Most products are of at most two limbs by one or two.
        if let (Self([a0, a1, 0, 0]), Self([b0, b1, 0, 0])) = (self, other) {
            return Some(Self(two_by_two(a0, a1, b0, b1)));
        }
        let (low, high) = self.widening_mul(other);
        high.is_zero().then_some(low)
    }

    /// Shifted to the left; bits past the top are lost.
    pub fn shift_left(self, bits: u32) -> Self {
        if bits > 255 {
            return Self::ZERO;
        }
        let Self([mut a, mut b, mut c, mut d]) = self;
        let mut rest = bits;
        while rest >= 64 {
            (d, c, b, a) = (c, b, a, 0);
            rest = rest.wrapping_sub(64);
        }
        if rest == 0 {
            return Self([a, b, c, d]);
        }
        let back = 64u32.wrapping_sub(rest);
        let join = |high: u64, low: u64| high.wrapping_shl(rest) | low.wrapping_shr(back);
        Self([a.wrapping_shl(rest), join(b, a), join(c, b), join(d, c)])
    }

    /// Shifted to the right; zeros come in at the top.
    pub fn shift_right(self, bits: u32) -> Self {
        self.shift_right_filled(bits, 0)
    }

    /// Shifted to the right; the limb `fill` comes in at the top.
    pub(crate) fn shift_right_filled(self, bits: u32, fill: u64) -> Self {
        if bits > 255 {
            return Self([fill; 4]);
        }
        let Self([mut a, mut b, mut c, mut d]) = self;
        let mut rest = bits;
        while rest >= 64 {
            (a, b, c, d) = (b, c, d, fill);
            rest = rest.wrapping_sub(64);
        }
        if rest == 0 {
            return Self([a, b, c, d]);
        }
        let back = 64u32.wrapping_sub(rest);
        let join = |high: u64, low: u64| high.wrapping_shl(back) | low.wrapping_shr(rest);
        Self([join(b, a), join(c, b), join(d, c), join(fill, d)])
    }

    /// Quotient and remainder; `None` if the divisor is zero.
    pub fn div_rem(self, divisor: Self) -> Option<(Self, Self)> {
        if divisor.is_zero() {
            return None;
        }
        if self < divisor {
            return Some((Self::ZERO, self));
        }
        Some(divide(self, divisor))
    }

    /// The largest integer whose square is not above this one.
    pub fn sqrt(self) -> Self {
        if self.is_zero() {
            return self;
        }
        // Newton's method from above falls until it has reached the root.
        let bits = 256u32.wrapping_sub(self.leading_zeros());
        let mut root = Self::from_u64(1).shift_left(bits.wrapping_add(1) >> 1);
        while let Some((quotient, _)) = self.div_rem(root) {
            let next = root.wrapping_add(quotient).shift_right(1);
            if next >= root {
                break;
            }
            root = next;
        }
        root
    }
}

impl PartialOrd for U256 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for U256 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

fn add_with_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (first, over) = a.overflowing_add(b);
    let (second, further) = first.overflowing_add(u64::from(carry));
    (second, over || further)
}

/// The product of two values of two limbs each.
#[inline]
pub(crate) fn two_by_two(a0: u64, a1: u64, b0: u64, b1: u64) -> [u64; 4] {
    let (r0, c) = multiply_add(a0, b0, 0, 0);
    let (r1, c) = if b1 == 0 { (c, 0) } else { multiply_add(a0, b1, c, 0) };
    if a1 == 0 {
        return [r0, r1, c, 0];
    }
    let (r1, d) = multiply_add(a1, b0, r1, 0);
    let (r2, r3) = if b1 == 0 { (c, 0) } else { multiply_add(a1, b1, c, 0) };
    let (r2, carry) = r2.overflowing_add(d);
    [r0, r1, r2, r3.wrapping_add(u64::from(carry))]
}

/// The low and high limb of a·b + c + d, which always fits two limbs.
#[inline]
pub(crate) fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    // From 32-bit halves: WebAssembly has no wider product, and a call for one costs more.
    let (a_low, a_high) = (a & 0xffff_ffff, a >> 32);
    let (b_low, b_high) = (b & 0xffff_ffff, b >> 32);
    let low = a_low.wrapping_mul(b_low);
    let middle = a_high.wrapping_mul(b_low).wrapping_add(low >> 32);
    let cross = a_low.wrapping_mul(b_high).wrapping_add(middle & 0xffff_ffff);
    let high = a_high.wrapping_mul(b_high).wrapping_add(middle >> 32).wrapping_add(cross >> 32);
    let (sum, first) = (low & 0xffff_ffff | cross << 32).overflowing_add(c);
    let (sum, second) = sum.overflowing_add(d);
    (sum, high.wrapping_add(u64::from(first)).wrapping_add(u64::from(second)))
}
