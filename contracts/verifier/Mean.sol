// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Wads} from "./Wads.sol";
import {Words} from "./Words.sol";

/// @dev The weighted mean; the twin of wasm/src/mean.rs.
library Mean {
    /// @dev 1e-7: what a sum of weights counts as at least.
    int256 private constant EPSILON_SAFE_DIV = 100_000_000_000;

    /// @dev The plain mean of so many values; the weights become 1e18.
    function plain(int256[] memory values, int256[] memory weights) internal pure returns (int256) {
        unchecked {
            int256 sum;
            for (uint256 i; i < weights.length; ++i) {
                Words.put(weights, i, Wads.ONE);
                // An int128 times 1e18, some hundreds of times: far below 2^255.
                sum += Words.at(values, i) * Wads.ONE;
            }
            return quotient(sum, int256(weights.length) * Wads.ONE);
        }
    }

    /// @dev sum(w·x) / max(sum(w), 1e-7), from the sums.
    function quotient(int256 products, int256 total) internal pure returns (int256) {
        return Wads.quotient(products, total < EPSILON_SAFE_DIV ? EPSILON_SAFE_DIV : total);
    }
}
