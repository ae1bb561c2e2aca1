//! Long division of 256-bit integers.
//!
//! Method: Knuth's on 32-bit digits (The Art of Computer Programming 4.3.1, D), since WebAssembly divides 64 bits at most.
//! Special cases: none; the caller has excluded zero and brings the divisor's highest bit to the top of its limb.
//! Accuracy: exact.

use crate::uint::U256;

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
pub(crate) fn long_division(numerator: U256, divisor: U256, shift: u32) -> (U256, U256) {
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
