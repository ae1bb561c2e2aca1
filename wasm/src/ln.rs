//! The natural logarithm of a Wad.
//!
//! Method: Solady 0.1.26 `lnWad` bit for bit: range reduction to [1, 2), then an (8, 8)-term rational approximation.
//! Special cases: refused at 0 and below.
//! Accuracy: within 1.05 units of 1e-18.

use crate::error::{Error, Result};
use crate::int::I256;
use crate::uint::U256;

/// 795164235651350426258249787498 · 2^96.
const P_0: I256 = I256::from_bits(U256([0, 0xe71e_a86a_0000_0000, 0x0950_7084_cc69_9bb0, 0xa]));
/// 1677202110996718588342820967067443963516166: the factor s · 5^18 · 2^96.
const SCALE: I256 =
    I256::from_bits(U256([0x5cef_59f0_815a_5506, 0xdaa0_d5f7_69db_a191, 0x1340, 0]));
/// 16597577552685614221487285958193947469193820559219878177908093499208371: ln 2 · 5^18 · 2^192.
const LN_2: I256 = I256::from_bits(U256([
    0xd803_ae7b_6687_f2b3,
    0x7614_a3f7_5373_f047,
    0xb397_5ab3_ee5b_203a,
    0x267_a36c_0c95,
]));
/// 600920179829731861736702779321621459595472258049074101567377883020018308: ln(2^96 / 1e18) · 5^18 · 2^192.
const LN_BASIS: I256 = I256::from_bits(U256([
    0xe802_8c72_b886_4284,
    0x356a_1b78_6300_8a5a,
    0x7177_eebf_7cd3_70a3,
    0x5711_5e47_018c,
]));

/// ln x, a Wad.
pub fn ln(x: I256) -> Result<I256> {
    if x.is_zero() || x.is_negative() {
        return Err(Error::LnWadUndefined);
    }
    let zeros = x.to_bits().leading_zeros();
    // To [1, 2) in a basis of 2^96; ln(2^k · x) = k · ln 2 + ln x.
    let reduced = I256::from_bits(x.to_bits().shift_left(zeros).shift_right(159));
    let k = I256::from_i128(159).wrapping_sub(I256::from_i128(i128::from(zeros)));
    let ratio = numerator(reduced).checked_div(denominator(reduced)).ok_or(Error::Overflow)?;
    let sum = SCALE.wrapping_mul(ratio).wrapping_add(LN_2.wrapping_mul(k)).wrapping_add(LN_BASIS);
    Ok(sum.shift_right(174))
}

/// In a basis of 2^192, so that the division needs no scaling.
fn numerator(x: I256) -> I256 {
    let step = |p: I256, constant: i128| {
        p.wrapping_mul(x).shift_right(96).wrapping_add(I256::from_i128(constant))
    };
    let p = x.wrapping_add(I256::from_i128(3_273_285_459_638_523_848_632_254_066_296));
    let p = step(p, 24_828_157_081_833_163_892_658_089_445_524);
    let p = step(p, 43_456_485_725_739_037_958_740_375_743_393);
    let p = step(p, -11_111_509_109_440_967_052_023_855_526_967);
    let p = step(p, -45_023_709_667_254_063_763_336_534_515_857);
    let p = step(p, -14_706_773_417_378_608_786_704_636_184_526);
    p.wrapping_mul(x).wrapping_sub(P_0)
}

/// It is never zero on [1, 2).
fn denominator(x: I256) -> I256 {
    let step = |q: I256, constant: i128| {
        q.wrapping_mul(x).shift_right(96).wrapping_add(I256::from_i128(constant))
    };
    let q = x.wrapping_add(I256::from_i128(5_573_035_233_440_673_466_300_451_813_936));
    let q = step(q, 71_694_874_799_317_883_764_090_561_454_958);
    let q = step(q, 283_447_036_172_924_575_727_196_451_306_956);
    let q = step(q, 401_686_690_394_027_663_651_624_208_769_553);
    let q = step(q, 204_048_457_590_392_012_362_485_061_816_622);
    let q = step(q, 31_853_899_698_501_571_402_653_359_427_138);
    step(q, 909_429_971_244_387_300_277_376_558_375)
}
