// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Entries} from "./Entries.sol";
import {Kinds} from "./Kinds.sol";
import {Row} from "./Row.sol";
import {Terms} from "./Terms.sol";
import {Wads} from "./Wads.sol";

/// @dev What is admitted; the twin of wasm/src/epoch.rs. `is...` says whether the core takes rows that decode.
library Epochs {
    /// @dev A forecast loss is a log10: of a squared error it lies within ±36.
    int256 private constant WIDEST_LOSS = 1e21;
    int256 private constant LEAST_EPSILON = 1e14;
    uint256 private constant MAX_LABELS = 64;

    /// @dev Thrown when parameters are outside the bounds on which the arithmetic relies. `Topics` stores none that are.
    error ParameterOutOfRange();

    /// @dev Reverts unless the bounds hold that keep every number within 256 bits.
    function requireBounded(Terms memory terms) internal pure {
        bool isBounded = terms.pNorm >= Wads.ONE && terms.pNorm <= 10 * Wads.ONE;
        isBounded = isBounded && terms.cNorm >= -10 * Wads.ONE && terms.cNorm <= 10 * Wads.ONE;
        isBounded = isBounded && terms.epsilon >= LEAST_EPSILON;
        isBounded = isBounded && terms.labels != 0 && terms.labels <= MAX_LABELS;
        require(isBounded, ParameterOutOfRange());
    }

    /// @dev The inferences of all labels: of seats that the topic has, the same ones for each, with values in range that sum to
    /// one where that is asked for.
    function areInferences(Terms memory terms, Row[] memory rows) internal pure returns (bool) {
        unchecked {
            Entries memory first = Kinds.inferences(rows[0], 0);
            int256[] memory sums = new int256[](first.count);
            bool areAll = first.count != 0;
            for (uint256 i; i < first.count; ++i) areAll = areAll && terms.hasSeat(first.seatAt(i));
            for (uint256 label; label < rows.length; ++label) {
                Entries memory entries = Kinds.inferences(rows[label], label);
                if (!areAll || !entries.sameSeats(first)) return false;
                for (uint256 i; i < first.count; ++i) {
                    int256 value = entries.wadAt(i, 1);
                    areAll = areAll && terms.isInRange(value);
                    // At most 64 labels of 128 bits.
                    sums[i] += value;
                }
            }
            for (uint256 i; terms.requireUnity && i < first.count; ++i) {
                int256 off = sums[i] - Wads.ONE;
                areAll = areAll && (off < 0 ? -off : off) <= terms.unityTolerance;
            }
            return areAll;
        }
    }

    /// @dev Forecasts: of seats that the topic has, ascending, with losses in bounds.
    function areForecasts(Terms memory terms, Row[] memory rows) internal pure returns (bool areAll) {
        unchecked {
            areAll = true;
            uint256 least;
            for (uint256 k; k < rows.length; ++k) {
                Entries memory entries = Kinds.forecast(rows[k]);
                uint256 seat = rows[k].byteAt(1);
                areAll = areAll && seat >= least && terms.hasSeat(seat);
                least = seat + 1;
                for (uint256 i; i < entries.count; ++i) {
                    int256 loss = entries.wadAt(i, 1);
                    areAll = areAll && terms.hasSeat(entries.seatAt(i)) && loss >= -WIDEST_LOSS && loss <= WIDEST_LOSS;
                }
            }
        }
    }
}
