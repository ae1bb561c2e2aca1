//! e^x of a Wad.
//!
//! Method: Solady 0.1.26 `expWad` bit for bit: range reduction by ln 2, then a (6, 7)-term rational approximation. Where the
//! EVM has nothing but 256 bits, most steps here need no more than 128, and divisions by constants are products.
//! Special cases: 0 at -41.446531673892822313 and below; refused at 135.305999368893231589 and above.
//! Accuracy: within a unit of 1e-18 for x below 0, relatively 1e-20 above.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::uint::U256;

/// At this and below the result is less than half a unit.
const LOWEST: I256 = I256::from_i128(-41_446_531_673_892_822_313);
/// From here on the result does not fit.
const HIGHEST: I256 = I256::from_i128(135_305_999_368_893_231_589);
/// ceil(2^188 / 5^18).
const FIVE_TO_18_INVERSE: U256 = U256([0x9173_121c_fe79_96c0, 0x7474_90ea_e839_d7f9, 0x4_9c97, 0]);
/// ln 2 · 2^96.
const LN_2: i128 = 54_916_777_467_707_473_351_141_471_128;
/// floor(2^117 / LN_2).
const LN_2_INVERSE: i64 = 3_025_550;
/// 4385272521454847904659076985693276 · 2^96.
const P_0: I256 = I256::from_bits(U256([0, 0x3b2c_a45c_0000_0000, 0xebba_824c_98fb_31b8, 0xd835]));
/// 3822833074963236453042738258902158003155416615667: the factor s · 1e18 in a basis of 2^(213 - 96).
const SCALE: U256 = U256([0xee70_ef65_f997_8af3, 0x63c3_2e5c_2f6d_c192, 0x2_9d9d_c385, 0]);

/// e^x, a Wad.
pub fn exp(x: I256) -> Result<I256> {
    if x <= LOWEST {
        return Ok(I256::ZERO);
    }
    if x >= HIGHEST {
        return Err(Error::ExpOverflow);
    }
    let (x, k) = reduced(in_binary(x.to_i128().ok_or(Error::Overflow)?));
    let ratio = numerator(x).checked_div(denominator(x).into()).ok_or(Error::Overflow)?;
    let ratio = ratio.to_bits().to_u128().ok_or(Error::Overflow)?;
    // k is in [-61, 195].
    let shift = u32::try_from(195i64.wrapping_sub(k)).map_err(|_| Error::Overflow)?;
    Ok(I256::from_bits(SCALE.wrapping_mul_narrow(ratio).shift_right(shift)))
}

/// From a basis of 1e18 to one of 2^96, toward zero: x · 2^78 / 5^18.
fn in_binary(x: i128) -> i128 {
    // As x is below 2^68 and 5^18 below 2^42, the inverse rounded up to 2^-110 makes the product less than the next quotient.
    let U256([_, b, c, d]) = FIVE_TO_18_INVERSE.wrapping_mul_narrow(x.unsigned_abs());
    let quotient = joined([b, c, d], 46);
    if x < 0 { quotient.wrapping_neg() } else { quotient }
}

/// x = x' + k · ln 2 with x' in [-½ ln 2, ½ ln 2): x' and k.
fn reduced(x: i128) -> (i128, i64) {
    // x is below 2^104, so its high part times the inverse fits; the guess is at most one off.
    let high = i64::try_from(x >> 64).unwrap_or_default();
    let guess = high.wrapping_mul(LN_2_INVERSE).wrapping_add(1 << 52) >> 53;
    let rest = x.wrapping_sub(i128::from(guess).wrapping_mul(LN_2));
    if rest >= LN_2 / 2 {
        (rest.wrapping_sub(LN_2), guess.wrapping_add(1))
    } else if rest < -(LN_2 / 2) {
        (rest.wrapping_add(LN_2), guess.wrapping_sub(1))
    } else {
        (rest, guess)
    }
}

/// a·b in the basis of 2^96, toward negative infinity; here it always fits.
fn times(a: i128, b: i128) -> i128 {
    let U256([_, b, c, d]) = I256::product(a, b).to_bits();
    joined([b, c, d], 32)
}

/// The 128 bits that stand above so many of three limbs.
#[allow(clippy::cast_possible_wrap, reason = "the bits of a two's complement")]
const fn joined([a, b, c]: [u64; 3], bits: u32) -> i128 {
    let low = a.wrapping_shr(bits) | b.wrapping_shl(64u32.wrapping_sub(bits));
    let high = b.wrapping_shr(bits) | c.wrapping_shl(64u32.wrapping_sub(bits));
    ((high as u128) << 64 | low as u128) as i128
}

/// In a basis of 2^192, so that the division needs no scaling.
fn numerator(x: i128) -> I256 {
    let y = x.wrapping_add(1_346_386_616_545_796_478_920_950_773_328);
    let y = times(y, x).wrapping_add(57_155_421_227_552_351_082_224_309_758_442);
    let p = y.wrapping_add(x).wrapping_sub(94_201_549_194_550_492_254_356_042_504_812);
    let p = times(p, y).wrapping_add(28_719_021_644_029_726_153_956_944_680_412_240);
    I256::product(p, x).wrapping_add(P_0)
}

/// All its roots are complex, so it is never zero.
fn denominator(x: i128) -> i128 {
    let step = |q: i128, constant: i128| times(q, x).wrapping_add(constant);
    let q = x.wrapping_sub(2_855_989_394_907_223_263_936_484_059_900);
    let q = step(q, 50_020_603_652_535_783_019_961_831_881_945);
    let q = step(q, -533_845_033_583_426_703_283_633_433_725_380);
    let q = step(q, 3_604_857_256_930_695_427_073_651_918_091_429);
    let q = step(q, -14_423_608_567_350_463_180_887_372_962_807_573);
    step(q, 26_449_188_498_355_588_339_934_803_723_976_023)
}
