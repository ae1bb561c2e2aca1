// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LibSort} from "solady/src/utils/LibSort.sol";
import {Wads} from "./Wads.sol";
import {Words} from "./Words.sol";

/// @dev Medians, deviations, weighted percentiles; the twin of wasm/src/statistics.rs. Values are those of rows or sums of two
/// of them, weights are at most 1e18 and at most some hundreds, so sums and products stay far below 2^255.
library Statistics {
    /// @dev Thrown when there is no weight that a percentile could be of.
    error NoWeight();

    /// @dev Values of at most 128 bits with their weights, ascending by both; none weighs nothing. `keys` holds value + 2^127
    /// above the weight, `places` 2·C_i - w_i with C the cumulated weights, `total` the last C.
    struct Distribution {
        uint256[] keys;
        int256[] places;
        int256 total;
    }

    /// @dev The middle value, or half the sum of the two middle ones, toward zero. Sorts the values.
    function median(int256[] memory values) internal pure returns (int256) {
        unchecked {
            uint256 count = values.length;
            if (count == 0) return 0;
            LibSort.insertionSort(values);
            int256 upper = Words.at(values, count >> 1);
            return count & 1 == 1 ? upper : (Words.at(values, (count >> 1) - 1) + upper) / 2;
        }
    }

    /// @dev The median of the distances from the median. The distances take the values' place.
    function medianAbsoluteDeviation(int256[] memory values) internal pure returns (int256) {
        unchecked {
            int256 centre = median(values);
            for (uint256 i; i < values.length; ++i) {
                int256 distance = Words.at(values, i) - centre;
                Words.put(values, i, distance < 0 ? -distance : distance);
            }
            return median(values);
        }
    }

    /// @dev Sorts values with their weights; there is a weight for each.
    function distribution(
        int256[] memory values,
        int256[] memory weights
    ) internal pure returns (Distribution memory sorted) {
        sorted.keys = _keys(values, weights);
        LibSort.insertionSort(sorted.keys);
        (sorted.places, sorted.total) = _places(sorted.keys);
    }

    function _keys(int256[] memory values, int256[] memory weights) private pure returns (uint256[] memory keys) {
        int256[] memory words = Words.fresh(weights.length);
        // Equals appending (value + 2^127) << 128 | weight wherever weight != 0: a key of a value that weighs nothing makes no
        // room for the next one. The sum is that of an int128 and 2^127: from 0 to 2^128 - 1.
        assembly ("memory-safe") {
            keys := words
            let next := add(keys, 0x20)
            let at := add(weights, 0x20)
            let apart := sub(values, weights)
            let end := add(at, shl(5, mload(weights)))
            for {} lt(at, end) {
                at := add(at, 0x20)
            } {
                let weight := mload(at)
                mstore(next, or(shl(128, add(mload(add(at, apart)), shl(127, 1))), weight))
                next := add(next, shl(5, gt(weight, 0)))
            }
            mstore(keys, sub(shr(5, sub(next, keys)), 1))
        }
    }

    function _places(uint256[] memory keys) private pure returns (int256[] memory places, int256 total) {
        places = Words.fresh(keys.length);
        // Equals total += weight and places[i] = 2 * total - weight for each.
        assembly ("memory-safe") {
            let at := add(keys, 0x20)
            let apart := sub(places, keys)
            let end := add(at, shl(5, mload(keys)))
            for {} lt(at, end) {
                at := add(at, 0x20)
            } {
                let weight := and(mload(at), 0xffffffffffffffffffffffffffffffff)
                mstore(add(at, apart), add(add(total, total), weight))
                total := add(total, weight)
            }
        }
    }

    /// @dev Whether at least three values differ.
    function hasThree(Distribution memory sorted) internal pure returns (bool) {
        uint256[] memory keys = sorted.keys;
        uint256 count = 1;
        for (uint256 i = 1; i < keys.length && count < 3; ++i) {
            if (keys[i] >> 128 != keys[i - 1] >> 128) ++count;
        }
        return count > 2;
    }

    /// @dev The percentile, given in hundredths of a percent.
    function percentile(Distribution memory sorted, uint256 basisPoints) internal pure returns (int256) {
        unchecked {
            uint256 count = sorted.keys.length;
            require(count != 0, NoWeight());
            // Places are fractions of 2·C_last, so everything is compared times 10,000.
            int256 target = sorted.total * 2 * int256(basisPoints);
            uint256 i = _reached(sorted.places, target);
            if (i == count) return _value(sorted.keys[count - 1]);
            int256 upper = _value(sorted.keys[i]);
            if (i == 0) return upper;
            int256 below = Words.at(sorted.places, i - 1) * 10_000;
            int256 lower = _value(sorted.keys[i - 1]);
            // Weights are above zero, so no two places are the same.
            return
                lower + Wads.quotient((upper - lower) * (target - below), Words.at(sorted.places, i) * 10_000 - below);
        }
    }

    /// @dev The first place that is not below a target when taken 10,000 times; as many as there are if all are.
    function _reached(int256[] memory places, int256 target) private pure returns (uint256 i) {
        assembly ("memory-safe") {
            let first := add(places, 0x20)
            let at := first
            let end := add(at, shl(5, mload(places)))
            for {} and(lt(at, end), gt(target, mul(mload(at), 10000))) {} {
                at := add(at, 0x20)
            }
            i := shr(5, sub(at, first))
        }
    }

    function _value(uint256 key) private pure returns (int256) {
        unchecked {
            return int256(key >> 128) - 2 ** 127;
        }
    }
}
