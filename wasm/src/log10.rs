//! The decimal logarithm of a Wad.
//!
//! Method: ln x over ln 10, the latter with 18 decimals.
//! Special cases: refused at 0 and below.
//! Accuracy: one division toward zero, within 2 units of 1e-18; exact at powers of ten.

use crate::error::Result;
use crate::int::I256;
use crate::ln::ln;
use crate::wad;

/// 2.302585092994045684017991...
const LN_10: I256 = I256::from_i128(2_302_585_092_994_045_684);

/// log10 x, a Wad.
pub fn log10(x: I256) -> Result<I256> {
    wad::div(ln(x)?, LN_10)
}
