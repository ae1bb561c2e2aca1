//! The 24-bit float: forms worked out by hand from m·2^e, and the laws of rounding up.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
use allora_core::error::Error;
use allora_core::sigma::{UNKNOWN, pack, unpack};

#[test]
fn known_forms() {
    let forms: [(u128, u32); 13] = [
        (0, 0),
        (1, 0x80_0000),
        (32_768, 0x80_0000),
        (32_769, 0x80_0100),
        (65_535, 0xff_ff00),
        (65_536, 0x80_0001),
        (65_537, 0x80_0101),
        // 65,535.5 · 2 carries into the next power of two.
        (131_071, 0x80_0002),
        // 56,843.4 · 2^44.
        (1_000_000_000_000_000_000, 56_844 << 8 | 44),
        (1 << 127, 0x80_0070),
        ((1 << 127) - 1, 0x80_0070),
        (u128::MAX - (1 << 112) + 1, 0xff_ff70),
        (65_534 << 112, 0xff_fe70),
    ];
    for (sigma, float) in forms {
        assert_eq!(pack(Some(sigma)), Ok(float), "{sigma}");
    }
    assert_eq!(pack(None), Ok(UNKNOWN));
    assert_eq!(unpack(UNKNOWN), Ok(None));
}

#[test]
fn a_sigma_above_the_greatest_is_refused() {
    assert_eq!(pack(Some(u128::MAX - (1 << 112) + 2)), Err(Error::InvalidSigma));
    assert_eq!(pack(Some(u128::MAX)), Err(Error::InvalidSigma));
}

#[test]
fn every_form_packs_to_itself_and_every_other_is_refused() {
    for float in 0..=0xff_ffff_u32 {
        let (mantissa, exponent) = (float >> 8, float & 0xff);
        match unpack(float) {
            Ok(sigma) => {
                assert_eq!(pack(sigma), Ok(float));
                let exact = |()| u128::from(mantissa).checked_mul(1 << exponent).unwrap();
                assert_eq!(sigma, (float != UNKNOWN).then_some(()).map(exact));
            }
            Err(error) => {
                assert_eq!(error, Error::InvalidSigma);
                assert!(mantissa < 0x8000 || exponent > 112);
            }
        }
    }
    assert_eq!(unpack(0x100_0000), Err(Error::InvalidSigma));
}

#[test]
fn a_float_is_the_least_one_that_is_not_below() {
    for bits in 0..127 {
        for sigma in [1 << bits, (1 << bits) + 1, (3 << bits) - 1, (1 << bits) + (1 << (bits / 2))]
        {
            let float = pack(Some(sigma)).unwrap();
            assert!(unpack(float).unwrap().unwrap() >= sigma);
            if float & 0xff_ff00 != 0x80_0000 {
                assert!(unpack(float - 0x100).unwrap().unwrap() < sigma);
            }
        }
    }
}
