// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Mean} from "./Mean.sol";
import {Statistics} from "./Statistics.sol";
import {Wads} from "./Wads.sol";

/// @dev Weights from regrets, rule 1; the twin of wasm/src/weights.rs, whose head says what is computed and why.
library Weights {
    /// @dev 1.4826.
    int256 private constant DEVIATIONS = 1_482_600_000_000_000_000;

    /// @dev Steepness, centre, and the scale of the regrets, above zero.
    struct Rule {
        int256 pNorm;
        int256 cNorm;
        int256 scale;
    }

    /// @dev 1.4826 · MAD + epsilon. Spoils the regrets.
    function scaleOf(int256[] memory regrets, int256 epsilon) internal pure returns (int256) {
        unchecked {
            // A deviation of int128s is below 2^128, and so fits with its product.
            return Wads.rawMul(DEVIATIONS, Statistics.medianAbsoluteDeviation(regrets)) + epsilon;
        }
    }

    /// @dev Turns exponents into weights, in their place: f(a, b) = (e^a + 1) / (e^b + 1), with a the least b. Each is from 0 to
    /// 1e18, the best weighs 1e18. The mean of so many values by them.
    ///
    /// Who makes the exponents makes them of regrets: b = -p(r - c), with r = regret / scale, is
    /// sdiv(mul(-p, sub(sdiv(mul(regret, 1e18), scale), c)), 1e18). A regret, an int128 or the difference of two, is below
    /// 2^129; times 1e18 below 2^189; as p is at most 1e19 the product is below 2^253.
    function weigh(int256[] memory exponents, int256 best, int256[] memory values) internal pure returns (int256 mean) {
        (int256 products, int256 total) = _relative(exponents, best, values);
        return Mean.quotient(products, total);
    }

    function _relative(
        int256[] memory exponents,
        int256 best,
        int256[] memory values
    ) private pure returns (int256 products, int256 total) {
        // Equals, of each, factor * (e^-|a| + 1) / (e^-|b| + 1), and products += value * weight and total += weight. No
        // exponential here is of more than 0, so none is above 1e18 and no product of them leaves 2^122; an int128 times a
        // weight, some hundreds of times, is far below 2^255. Where a is above 0 so is every b.
        assembly ("memory-safe") {
            // Equals FixedPointMathLib.expWad(x) for x of at most 0, where it cannot overflow.
            function power(x) -> r {
                if sgt(x, sub(0, 41446531673892822313)) {
                    // In a basis of 2^96.
                    x := sdiv(shl(78, x), 3814697265625)
                    // x = x' + k·ln 2.
                    let k := sar(
                        96,
                        add(sdiv(shl(96, x), 54916777467707473351141471128), 39614081257132168796771975168)
                    )
                    x := sub(x, mul(k, 54916777467707473351141471128))
                    let y := add(x, 1346386616545796478920950773328)
                    y := add(sar(96, mul(y, x)), 57155421227552351082224309758442)
                    let p := sub(add(y, x), 94201549194550492254356042504812)
                    p := add(sar(96, mul(p, y)), 28719021644029726153956944680412240)
                    p := add(mul(p, x), shl(96, 4385272521454847904659076985693276))
                    let q := sub(x, 2855989394907223263936484059900)
                    q := add(sar(96, mul(q, x)), 50020603652535783019961831881945)
                    q := sub(sar(96, mul(q, x)), 533845033583426703283633433725380)
                    q := add(sar(96, mul(q, x)), 3604857256930695427073651918091429)
                    q := sub(sar(96, mul(q, x)), 14423608567350463180887372962807573)
                    q := add(sar(96, mul(q, x)), 26449188498355588339934803723976023)
                    r := shr(sub(195, k), mul(sdiv(p, q), 3822833074963236453042738258902158003155416615667))
                }
            }
            let at := add(exponents, 0x20)
            let end := add(at, shl(5, mload(exponents)))
            let apart := sub(values, exponents)
            // The scratch space holds the sums, as the loops have variables enough.
            mstore(0x00, 0)
            mstore(0x20, 0)
            switch sgt(best, 0)
            case 0 {
                let oneMore := add(power(best), 1000000000000000000)
                for {} lt(at, end) {
                    at := add(at, 0x20)
                } {
                    let weight := mload(at)
                    switch sgt(weight, 0)
                    case 0 {
                        weight := div(mul(1000000000000000000, oneMore), add(power(weight), 1000000000000000000))
                    }
                    default {
                        let own := power(sub(0, weight))
                        weight := div(mul(own, oneMore), add(own, 1000000000000000000))
                    }
                    mstore(at, weight)
                    mstore(0x00, add(mload(0x00), mul(mload(add(at, apart)), weight)))
                    mstore(0x20, add(mload(0x20), weight))
                }
            }
            default {
                let oneMore := add(power(sub(0, best)), 1000000000000000000)
                for {} lt(at, end) {
                    at := add(at, 0x20)
                } {
                    let b := mload(at)
                    let weight := div(mul(power(sub(best, b)), oneMore), add(power(sub(0, b)), 1000000000000000000))
                    mstore(at, weight)
                    mstore(0x00, add(mload(0x00), mul(mload(add(at, apart)), weight)))
                    mstore(0x20, add(mload(0x20), weight))
                }
            }
            products := mload(0x00)
            total := mload(0x20)
        }
    }
}
