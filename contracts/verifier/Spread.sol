// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LibSort} from "solady/src/utils/LibSort.sol";
import {Wads} from "./Wads.sol";

/// @dev Quantiles, deviations and averages that only a settlement takes; the twin of the rest of wasm/src/statistics.rs. All
/// values are of at most 128 bits, or the sum or difference of two of these, and at most some hundreds.
library Spread {
    /// @dev The smallest value whose cumulated weight reaches half; `isThere` is false without any weight. Sorts both.
    function weightedMedian(
        int256[] memory values,
        uint256[] memory weights
    ) internal pure returns (bool isThere, int256 median) {
        unchecked {
            uint256 total;
            for (uint256 i; i < weights.length; ++i) total += weights[i];
            // Equal values may stand in any order: whichever of them reaches half, it is the same value.
            uint256 cumulated;
            uint256[] memory order = _ascending(values);
            for (uint256 i; i < order.length; ++i) {
                uint256 place = order[i] & 0xff;
                cumulated += weights[place];
                if (weights[place] != 0 && 2 * cumulated >= total) return (true, values[place]);
            }
        }
    }

    /// @dev The places of the values, at most 256, in ascending order of these: value + 2^127 above the place.
    function _ascending(int256[] memory values) private pure returns (uint256[] memory order) {
        unchecked {
            order = new uint256[](values.length);
            for (uint256 i; i < order.length; ++i) order[i] = (uint256(values[i] + 2 ** 127) << 8) | i;
            LibSort.insertionSort(order);
        }
    }

    /// @dev The quantile, a Wad from 0 to 1; it stands at (1 - quantile)(n - 1) among the values descending. Sorts them.
    function quantile(int256[] memory values, int256 at) internal pure returns (int256) {
        unchecked {
            uint256 count = values.length;
            if (count == 0) return 0;
            LibSort.insertionSort(values);
            uint256 place = uint256(Wads.ONE - at) * (count - 1);
            uint256 whole = place / 1e18;
            int256 greater = values[count - 1 - whole];
            // Below the last value there is none, and the fraction is 0.
            int256 lower = whole + 1 < count ? values[count - 2 - whole] : greater;
            return greater + Wads.mul(lower - greater, int256(place - whole * 1e18));
        }
    }

    /// @dev The standard deviation of a sample, with n - 1.
    function standardDeviation(int256[] memory values) internal pure returns (int256) {
        unchecked {
            uint256 count = values.length;
            if (count < 2) return 0;
            int256 total;
            for (uint256 i; i < count; ++i) total += values[i];
            int256 mean = total / int256(count);
            uint256 widest;
            uint256[] memory deviations = new uint256[](count);
            for (uint256 i; i < count; ++i) {
                deviations[i] = FixedPointMathLib.abs(values[i] - mean);
                if (deviations[i] > widest) widest = deviations[i];
            }
            // Squares of 120 bits, and a sum of them, fit; wider deviations lose their lowest bits.
            uint256 bits = widest == 0 ? 0 : FixedPointMathLib.log2(widest) + 1;
            uint256 shift = bits > 120 ? bits - 120 : 0;
            uint256 squares;
            for (uint256 i; i < count; ++i) squares += (deviations[i] >> shift) ** 2;
            return int256(FixedPointMathLib.sqrt(squares / (count - 1)) << shift);
        }
    }

    /// @dev alpha·x + (1 - alpha)·previous, products and sum undivided, one division toward zero; alpha is at most 1.
    function movingAverage(int256 alpha, int256 x, int256 previous) internal pure returns (int256) {
        unchecked {
            // Products of 61 and 130 bits.
            return (alpha * x + (Wads.ONE - alpha) * previous) / Wads.ONE;
        }
    }

    /// @dev The moving average; the first value is its own.
    function rolled(int256 alpha, int256 x, bool isThere, int256 before) internal pure returns (int256) {
        return Wads.narrow(isThere ? movingAverage(alpha, x, before) : x);
    }

    /// @dev |x - y|.
    function distance(int256 x, int256 y) internal pure returns (int256) {
        unchecked {
            return x < y ? y - x : x - y;
        }
    }
}
