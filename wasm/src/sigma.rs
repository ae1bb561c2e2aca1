//! The 24-bit float in which a report carries its sigma; the twin is contracts/libraries/Sigma.sol.
//!
//! Method: m·2^e units of 1e-18 with m in [2^15, 2^16) in the high 16 bits and e, at most 112, in the low 8; rounded up.
//! Special cases: 0 is zero, all ones is unknown; 1 to 32768 units become m = 2^15, e = 0. Any other form is refused, and
//! so is a sigma above the greatest one.
//! Accuracy: at most 2^-15 or 32767 units too large, never too small.

use crate::error::{Error, Result};

/// The float of an unknown sigma.
pub const UNKNOWN: u32 = 0xff_ffff;
const LEAST: u128 = 1 << 15;
const END: u128 = 1 << 16;
/// So that every sigma fits 128 bits.
const GREATEST_EXPONENT: u32 = 112;

/// The float of a sigma in units of 1e-18, rounded up; `None` is unknown.
pub fn pack(sigma: Option<u128>) -> Result<u32> {
    let Some(sigma) = sigma else { return Ok(UNKNOWN) };
    if sigma == 0 {
        return Ok(0);
    }
    let bits = 128u32.wrapping_sub(sigma.leading_zeros());
    let mut exponent = bits.saturating_sub(16);
    let mut mantissa = sigma.wrapping_shr(exponent);
    if mantissa.wrapping_shl(exponent) != sigma {
        mantissa = mantissa.wrapping_add(1);
    }
    // Rounding up may have carried into a seventeenth bit.
    if mantissa == END {
        (mantissa, exponent) = (LEAST, exponent.wrapping_add(1));
    }
    let mantissa = u32::try_from(mantissa.max(LEAST)).map_err(|_| Error::InvalidSigma)?;
    if exponent > GREATEST_EXPONENT {
        Err(Error::InvalidSigma)
    } else {
        Ok(mantissa << 8 | exponent)
    }
}

/// The sigma of a float, exact; `None` if it is unknown.
pub fn unpack(float: u32) -> Result<Option<u128>> {
    if float == UNKNOWN {
        return Ok(None);
    }
    if float == 0 {
        return Ok(Some(0));
    }
    let (mantissa, exponent) = (u128::from(float >> 8), float & 0xff);
    if !(LEAST..END).contains(&mantissa) || exponent > GREATEST_EXPONENT {
        return Err(Error::InvalidSigma);
    }
    Ok(Some(mantissa.wrapping_shl(exponent)))
}
