// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LibBit} from "solady/src/utils/LibBit.sol";

/// @dev Sigma, the uncertainty of a value, as a 24-bit float rounded up: m * 2^e units of 1e-18 with
/// m in [2^15, 2^16) in the high 16 bits and e in the low 8. 0 is zero, all ones is unknown. e is at
/// most 112, so that a sigma fits a uint128; no other form is valid.
library Sigma {
    uint256 internal constant UNKNOWN = 0xffffff;
    uint256 internal constant MAX_EXPONENT = 112;

    /// @dev Thrown when a sigma has none of the valid forms.
    error InvalidSigma(uint256 given);

    function isValid(uint256 sigma) internal pure returns (bool valid) {
        // Equals sigma == 0 || sigma == UNKNOWN || (sigma >> 23 == 1 && sigma & 0xff <= MAX_EXPONENT).
        assembly ("memory-safe") {
            let isFloat := and(eq(shr(23, sigma), 1), iszero(gt(and(sigma, 0xff), MAX_EXPONENT)))
            valid := or(or(iszero(sigma), eq(sigma, UNKNOWN)), isFloat)
        }
    }

    /// @dev The smallest sigma of this form that is not below `wad`; at most 1/32768 above it, or
    /// 32768 units.
    function pack(uint128 wad) internal pure returns (uint24) {
        if (wad == 0) return 0;
        uint256 top = LibBit.fls(wad);
        uint256 exponent = top < 15 ? 0 : top - 15;
        uint256 mantissa = wad >> exponent;
        if (mantissa << exponent != wad) ++mantissa;
        if (mantissa < 1 << 15) mantissa = 1 << 15;
        // Rounding up may have carried into a seventeenth bit; what is left is a power of two.
        if (mantissa == 1 << 16) (mantissa, exponent) = (1 << 15, exponent + 1);
        uint24 sigma = uint24((mantissa << 8) | exponent);
        require(exponent <= MAX_EXPONENT, InvalidSigma(sigma));
        return sigma;
    }

    /// @dev Exact. An unknown sigma unpacks to (false, 0). `sigma` must be valid.
    function unpack(uint24 sigma) internal pure returns (bool known, uint128 wad) {
        if (sigma == UNKNOWN) return (false, 0);
        // m < 2^16 and e <= 112: the product is below 2^128. Zero has m = 0.
        return (true, uint128(uint256(sigma >> 8) << (sigma & 0xff)));
    }
}
