//! e^x of a Wad.
//!
//! Method: Solady 0.1.26 `expWad` bit for bit: range reduction by ln 2, then a (6, 7)-term rational approximation.
//! Special cases: 0 at -41.446531673892822313 and below; refused at 135.305999368893231589 and above.
//! Accuracy: within a unit of 1e-18 for x below 0, relatively 1e-20 above.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::uint::U256;

/// At this and below the result is less than half a unit.
const LOWEST: I256 = I256::from_i128(-41_446_531_673_892_822_313);
/// From here on the result does not fit.
const HIGHEST: I256 = I256::from_i128(135_305_999_368_893_231_589);
const FIVE_TO_18: I256 = I256::from_i128(3_814_697_265_625);
/// ln 2 · 2^96.
const LN_2: I256 = I256::from_i128(54_916_777_467_707_473_351_141_471_128);
const HALF: I256 = I256::from_i128(1 << 95);
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
    // From a basis of 1e18 to one of 2^96.
    let x = x.shift_left(78).checked_div(FIVE_TO_18).ok_or(Error::Overflow)?;
    // x = x' + k · ln 2 with x' in (-½ ln 2, ½ ln 2).
    let k = x
        .shift_left(96)
        .checked_div(LN_2)
        .ok_or(Error::Overflow)?
        .wrapping_add(HALF)
        .shift_right(96);
    let x = x.wrapping_sub(k.wrapping_mul(LN_2));
    let ratio = numerator(x).checked_div(denominator(x)).ok_or(Error::Overflow)?;
    // k is in [-61, 195].
    let shift = I256::from_i128(195).wrapping_sub(k).to_i128().ok_or(Error::Overflow)?;
    let shift = u32::try_from(shift).map_err(|_| Error::Overflow)?;
    Ok(I256::from_bits(ratio.to_bits().wrapping_mul(SCALE).shift_right(shift)))
}

/// In a basis of 2^192, so that the division needs no scaling.
fn numerator(x: I256) -> I256 {
    let plus = |value: I256, constant: i128| value.wrapping_add(I256::from_i128(constant));
    let y = plus(x, 1_346_386_616_545_796_478_920_950_773_328);
    let y = plus(y.wrapping_mul(x).shift_right(96), 57_155_421_227_552_351_082_224_309_758_442);
    let p = plus(y.wrapping_add(x), -94_201_549_194_550_492_254_356_042_504_812);
    let p = plus(p.wrapping_mul(y).shift_right(96), 28_719_021_644_029_726_153_956_944_680_412_240);
    p.wrapping_mul(x).wrapping_add(P_0)
}

/// All its roots are complex, so it is never zero.
fn denominator(x: I256) -> I256 {
    let step = |q: I256, constant: i128| {
        q.wrapping_mul(x).shift_right(96).wrapping_add(I256::from_i128(constant))
    };
    let q = x.wrapping_add(I256::from_i128(-2_855_989_394_907_223_263_936_484_059_900));
    let q = step(q, 50_020_603_652_535_783_019_961_831_881_945);
    let q = step(q, -533_845_033_583_426_703_283_633_433_725_380);
    let q = step(q, 3_604_857_256_930_695_427_073_651_918_091_429);
    let q = step(q, -14_423_608_567_350_463_180_887_372_962_807_573);
    step(q, 26_449_188_498_355_588_339_934_803_723_976_023)
}
