//! Division of 256-bit integers.
//!
//! Method: by divisors of one or two limbs, which nearly all are, limb by limb with a reciprocal of the divisor (Möller and
//! Granlund, Improved division by invariant integers, 2011): WebAssembly divides 64 bits at most, and a product costs less
//! than a quotient. By longer ones Knuth's long division on 32-bit digits (The Art of Computer Programming 4.3.1, D).
//! Special cases: none; the caller has excluded zero and numerators below the divisor.
//! Accuracy: exact.

use crate::uint::{U256, multiply_add};

/// Quotient and remainder.
pub(crate) fn divide(numerator: U256, divisor: U256) -> (U256, U256) {
    // Every limb has its own top bits, so this shift brings the divisor's highest bit to the top of its limb.
    let shift = divisor.leading_zeros() & 63;
    let (quotient, remainder) = match divisor.shift_left(shift).0 {
        [one, 0, 0, 0] => {
            let divisor = Divisor { normalised: one, shift, reciprocal: reciprocal(one) };
            return divisor.divide(numerator);
        }
        [low, high, 0, 0] => by_two(shifted(numerator, shift), join(high, low)),
        _ => long_division(numerator, divisor, shift),
    };
    (quotient, remainder.shift_right(shift))
}

/// A divisor of one limb with its reciprocal, which is worth keeping where it divides often.
#[derive(Clone, Copy, Debug)]
pub struct Divisor {
    /// The divisor with its highest bit brought to the top.
    normalised: u64,
    /// By how many bits.
    shift: u32,
    reciprocal: u64,
}

impl Divisor {
    /// What dividing by a value above zero needs.
    pub const fn new(divisor: u64) -> Self {
        let shift = divisor.leading_zeros();
        let normalised = divisor.wrapping_shl(shift);
        Self { normalised, shift, reciprocal: reciprocal(normalised) }
    }

    /// Quotient and remainder.
    pub fn divide(&self, numerator: U256) -> (U256, U256) {
        let Self { normalised, shift, reciprocal } = *self;
        let [top, limbs @ ..] = shifted(numerator, shift);
        let (mut quotient, mut rest) = ([0; 4], top);
        for (place, limb) in quotient.iter_mut().rev().zip(limbs) {
            if rest == 0 && limb < normalised {
                rest = limb;
            } else {
                (*place, rest) = two_by_one(rest, limb, normalised, reciprocal);
            }
        }
        (U256(quotient), U256::from_u64(rest.wrapping_shr(shift)))
    }
}

const fn join(high: u64, low: u64) -> u128 {
    (high as u128) << 64 | low as u128
}

#[allow(clippy::cast_possible_truncation, reason = "the two halves of the value")]
const fn halves(value: u128) -> (u64, u64) {
    ((value >> 64) as u64, value as u64)
}

/// The five limbs of a value shifted left by fewer than 64 bits, highest first.
fn shifted(value: U256, shift: u32) -> [u64; 5] {
    let U256([.., top]) = value;
    let U256([a, b, c, d]) = value.shift_left(shift);
    // In two steps, since the shift may be zero and a limb cannot be shifted by 64.
    [(top >> 1).wrapping_shr(63u32.wrapping_sub(shift)), d, c, b, a]
}

/// By a divisor of two limbs with its highest bit set; the remainder is shifted as the numerator is.
fn by_two([top, limbs @ ..]: [u64; 5], divisor: u128) -> (U256, U256) {
    let reciprocal = reciprocal_of_two(divisor);
    let (mut quotient, mut rest) = ([0; 4], u128::from(top));
    for (place, limb) in quotient.iter_mut().rev().zip(limbs) {
        let (high, low) = halves(rest);
        if high == 0 && join(low, limb) < divisor {
            rest = join(low, limb);
        } else {
            (*place, rest) = three_by_two(rest, limb, divisor, reciprocal);
        }
    }
    (U256(quotient), U256::from_u128(rest))
}

/// floor((2^128 - 1) / d) - 2^64 of a divisor with its highest bit set.
const fn reciprocal(divisor: u64) -> u64 {
    // The numerator less 2^64·d is 2^64·!d + (2^64 - 1): two digits of 32 bits.
    let (high, rest) = reciprocal_digit(!divisor, divisor);
    let (low, _) = reciprocal_digit(rest, divisor);
    high << 32 | low
}

/// One digit of the quotient of rest·2^32 + (2^32 - 1), and the new rest.
const fn reciprocal_digit(rest: u64, divisor: u64) -> (u64, u64) {
    let (first, second) = (divisor >> 32, divisor & 0xffff_ffff);
    let Some(mut guess) = rest.checked_div(first) else { return (0, 0) };
    let mut left = rest.wrapping_sub(guess.wrapping_mul(first));
    // The guess is at most two too large.
    while guess >> 32 != 0 || guess.wrapping_mul(second) > (left << 32 | 0xffff_ffff) {
        guess = guess.wrapping_sub(1);
        left = left.wrapping_add(first);
        if left >> 32 != 0 {
            break;
        }
    }
    (guess, (rest << 32 | 0xffff_ffff).wrapping_sub(guess.wrapping_mul(divisor)))
}

/// floor((2^192 - 1) / d) - 2^64 of a divisor with its highest bit set.
fn reciprocal_of_two(divisor: u128) -> u64 {
    let (high, low) = halves(divisor);
    let mut value = reciprocal(high);
    let (mut product, over) = high.wrapping_mul(value).overflowing_add(low);
    if over {
        value = value.wrapping_sub(1);
        if product >= high {
            value = value.wrapping_sub(1);
            product = product.wrapping_sub(high);
        }
        product = product.wrapping_sub(high);
    }
    let (low, carried) = multiply_add(value, low, 0, 0);
    let (product, over) = product.overflowing_add(carried);
    if over {
        value = value.wrapping_sub(1);
        if join(product, low) >= divisor {
            value = value.wrapping_sub(1);
        }
    }
    value
}

/// Quotient and remainder of high·2^64 + low, where high is below the divisor.
fn two_by_one(high: u64, low: u64, divisor: u64, reciprocal: u64) -> (u64, u64) {
    let (fraction, guess) = multiply_add(reciprocal, high, low, 0);
    let mut guess = guess.wrapping_add(high).wrapping_add(1);
    let mut rest = low.wrapping_sub(guess.wrapping_mul(divisor));
    if rest > fraction {
        guess = guess.wrapping_sub(1);
        rest = rest.wrapping_add(divisor);
    }
    if rest >= divisor {
        guess = guess.wrapping_add(1);
        rest = rest.wrapping_sub(divisor);
    }
    (guess, rest)
}

/// Quotient and remainder of high·2^64 + low, where high is below the divisor.
fn three_by_two(high: u128, low: u64, divisor: u128, reciprocal: u64) -> (u64, u128) {
    let (first, second) = halves(high);
    let (divisor_high, divisor_low) = halves(divisor);
    let (fraction, guess) = multiply_add(reciprocal, first, second, 0);
    let guess = guess.wrapping_add(first);
    let top = second.wrapping_sub(guess.wrapping_mul(divisor_high));
    let (product_low, product_high) = multiply_add(divisor_low, guess, 0, 0);
    let mut rest =
        join(top, low).wrapping_sub(join(product_high, product_low)).wrapping_sub(divisor);
    let mut guess = guess.wrapping_add(1);
    if halves(rest).0 >= fraction {
        guess = guess.wrapping_sub(1);
        rest = rest.wrapping_add(divisor);
    }
    if rest >= divisor {
        guess = guess.wrapping_add(1);
        rest = rest.wrapping_sub(divisor);
    }
    (guess, rest)
}

/// Ten 32-bit digits, lowest first: room for 256 bits and a shift below 64.
type Digits = [u32; 10];

/// The value shifted left by fewer than 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "a digit is one half of its limb")]
fn digits_shifted(value: U256, shift: u32) -> Digits {
    let [a, b, c, d] = value.shift_left(shift).0;
    let [.., top] = value.0;
    // In two steps, since the shift may be zero and a limb cannot be shifted by 64.
    let e = (top >> 1).wrapping_shr(63u32.wrapping_sub(shift));
    let low = |limb: u64| limb as u32;
    let high = |limb: u64| (limb >> 32) as u32;
    [low(a), high(a), low(b), high(b), low(c), high(c), low(d), high(d), low(e), high(e)]
}

fn from_digits([a, b, c, d, e, f, g, h, ..]: Digits) -> U256 {
    let limb = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    U256([limb(a, b), limb(c, d), limb(e, f), limb(g, h)])
}

/// Knuth's algorithm D: the quotient, and the remainder times 2^shift. The shift brings the divisor's highest bit to the top
/// of its limb.
fn long_division(numerator: U256, divisor: U256, shift: u32) -> (U256, U256) {
    let mut rest = digits_shifted(numerator, shift);
    let divisor = digits_shifted(divisor, shift);
    let length = divisor.iter().rposition(|digit| *digit != 0).map_or(0, |at| at.wrapping_add(1));
    let divisor = divisor.get(..length).unwrap_or_default();
    let mut quotient: Digits = [0; 10];
    let places = quotient.iter_mut().enumerate().take(10usize.wrapping_sub(length));
    for (at, place) in places.rev() {
        let window = rest.get_mut(at..=at.wrapping_add(length)).unwrap_or_default();
        *place = quotient_digit(window, divisor);
    }
    (from_digits(quotient), from_digits(rest))
}

/// One digit of the quotient; `window` is one digit longer than `divisor` and becomes the remainder.
#[allow(clippy::cast_possible_truncation, reason = "the guess is below 2^32 when it is returned")]
fn quotient_digit(window: &mut [u32], divisor: &[u32]) -> u32 {
    // A normalised divisor has at least the two digits of its highest limb.
    let ([.., third, second, first], [.., divisor_second, divisor_first]) = (&*window, divisor)
    else {
        return 0;
    };
    let head = u64::from(*first) << 32 | u64::from(*second);
    let (third, second) = (u64::from(*third), u64::from(*divisor_second));
    let first = u64::from(*divisor_first);
    let (Some(mut guess), Some(mut rest)) = (head.checked_div(first), head.checked_rem(first))
    else {
        return 0;
    };
    // The guess from two digits is at most two too large; a third digit finds nearly every such case.
    while guess >> 32 != 0 || guess.wrapping_mul(second) > (rest << 32 | third) {
        guess = guess.wrapping_sub(1);
        rest = rest.wrapping_add(first);
        if rest >> 32 != 0 {
            break;
        }
    }
    if guess != 0 && subtract_product(window, divisor, guess) {
        guess = guess.wrapping_sub(1);
        add_back(window, divisor);
    }
    guess as u32
}

/// Takes guess·divisor from the window; says whether that went below zero.
#[allow(clippy::cast_possible_truncation, reason = "digits are the low halves of differences")]
fn subtract_product(window: &mut [u32], divisor: &[u32], guess: u64) -> bool {
    let Some((top, low)) = window.split_last_mut() else { return false };
    let mut owed = 0u64;
    for (digit, factor) in low.iter_mut().zip(divisor) {
        // At most (2^32 - 1)^2 + 2^32, which fits.
        let product = guess.wrapping_mul(u64::from(*factor)).wrapping_add(owed);
        let (less, below) = digit.overflowing_sub(product as u32);
        *digit = less;
        owed = (product >> 32).wrapping_add(u64::from(below));
    }
    let below = u64::from(*top) < owed;
    *top = top.wrapping_sub(owed as u32);
    below
}

#[allow(clippy::cast_possible_truncation, reason = "digits are the low halves of sums")]
fn add_back(window: &mut [u32], divisor: &[u32]) {
    let Some((top, low)) = window.split_last_mut() else { return };
    let mut carry = 0u64;
    for (digit, addend) in low.iter_mut().zip(divisor) {
        let sum = u64::from(*digit).wrapping_add(u64::from(*addend)).wrapping_add(carry);
        *digit = sum as u32;
        carry = sum >> 32;
    }
    *top = top.wrapping_add(carry as u32);
}
