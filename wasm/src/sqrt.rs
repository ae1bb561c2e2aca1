//! The square root of an unsigned Wad.
//!
//! Method: the floor of the root of x · 1e18, which Solady 0.1.26 `sqrtWad` returns; by Newton where the product fits, else
//! from the root of x and its remainder.
//! Special cases: none, all of uint256 is allowed.
//! Accuracy: exact but for the floor.

use crate::uint::U256;

const BILLION: U256 = U256::from_u64(1_000_000_000);
const ONE: U256 = U256::from_u64(1_000_000_000_000_000_000);

/// The root of x, a Wad, rounded down.
pub fn sqrt(x: U256) -> U256 {
    match x.checked_mul(ONE) {
        Some(product) => product.sqrt(),
        None => sqrt_large(x),
    }
}

/// With s the root of x and r the rest: the largest s·1e9 + d with 2·s·1e9·d + d² at most r·1e18. Here s is above 2^97,
/// so d² is far below 2·s·1e9 and the quotient is at most one too large.
fn sqrt_large(x: U256) -> U256 {
    let root = x.sqrt();
    let rest = x.wrapping_sub(root.wrapping_mul(root)).wrapping_mul(ONE);
    let scaled = root.wrapping_mul(BILLION);
    let double = scaled.shift_left(1);
    let (more, remainder) = rest.div_rem(double).unwrap_or_default();
    let excess = u64::from(remainder < more.wrapping_mul(more));
    scaled.wrapping_add(more).wrapping_sub(U256::from_u64(excess))
}
