// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @dev Wads, signed integers in units of 1e-18; the twin of wasm/src/wad.rs and exp.rs. Every division goes toward zero.
/// `raw` ones leave out the checks: their callers say why nothing can leave 256 bits.
library Wads {
    int256 internal constant ONE = 1e18;

    /// @dev Thrown when a result does not fit the 128 bits that rows have for it.
    error Overflow();

    /// @dev x·y.
    function mul(int256 x, int256 y) internal pure returns (int256) {
        return FixedPointMathLib.sMulWad(x, y);
    }

    /// @dev x·y, of which the undivided product fits 256 bits.
    function rawMul(int256 x, int256 y) internal pure returns (int256) {
        return FixedPointMathLib.rawSMulWad(x, y);
    }

    /// @dev x/y.
    function div(int256 x, int256 y) internal pure returns (int256) {
        return FixedPointMathLib.sDivWad(x, y);
    }

    /// @dev x/y, of which x·1e18 fits 256 bits; y is not 0.
    function rawDiv(int256 x, int256 y) internal pure returns (int256) {
        return FixedPointMathLib.rawSDivWad(x, y);
    }

    /// @dev The integer quotient x/y; y is not 0.
    function quotient(int256 x, int256 y) internal pure returns (int256) {
        return FixedPointMathLib.rawSDiv(x, y);
    }

    /// @dev e^x.
    function exp(int256 x) internal pure returns (int256) {
        return FixedPointMathLib.expWad(x);
    }

    /// @dev In 128 bits, as rows hold it.
    function narrow(int256 x) internal pure returns (int128) {
        require(x == int128(x), Overflow());
        return int128(x);
    }
}
