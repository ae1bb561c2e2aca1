// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_ERRORS} from "../types/Rows.sol";
import {Entries} from "./Entries.sol";
import {Kinds} from "./Kinds.sol";
import {Row} from "./Row.sol";
import {Spread} from "./Spread.sol";
import {Statistics} from "./Statistics.sol";
import {Terms} from "./Terms.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev Step 6, how far off each label's value was; the twin of `learn_errors` in wasm/src/settle.rs and of `smoothed` in
/// resistant.rs, which are the norm.
library Errors {
    /// @dev 0.2: the share of an epoch's MAD in the smoothed one.
    int256 private constant ALPHA_MAD = 0.2e18;

    /// @dev One label's part of the row.
    struct LabelErrors {
        bool hasError;
        int256 emaError;
        bool hasMad;
        int256 mad;
    }

    /// @dev The row 0x24, from the one before, the truth and all labels' inferences and values.
    function rowAfter(
        Terms memory terms,
        Row before,
        Row truthRow,
        Row[] memory inferences,
        Row[] memory values
    ) internal pure returns (bytes memory) {
        unchecked {
            uint256 labels = terms.labels;
            int256[] memory truth = Kinds.settledTruth(truthRow, labels);
            Kinds.requireFit(Kinds.isKind(before, ROW_ERRORS) && before.uint16At(1) == labels, ROW_ERRORS);
            Writer memory writer = Writing.open(3 + 51 * labels, ROW_ERRORS);
            writer.put(2, labels);
            uint256 at = 3;
            for (uint256 label; label < labels; ++label) {
                LabelErrors memory errors;
                (errors, at) = _read(before, at);
                (int256 combined, , , ) = Kinds.value(values[label], label);
                int256 error = Spread.distance(truth[label], combined);
                writer.putMaybe(true, Spread.rolled(terms.alphaError, error, errors.hasError, errors.emaError));
                _deviation(writer, errors, Kinds.inferences(inferences[label], label));
            }
            Kinds.requireFit(at == before.size(), ROW_ERRORS);
            return writer.close();
        }
    }

    function _read(Row before, uint256 at) private pure returns (LabelErrors memory errors, uint256) {
        int256 value;
        (errors.hasError, errors.emaError, at) = Kinds.maybe(before, at, ROW_ERRORS);
        (, value, at) = Kinds.maybe(before, at, ROW_ERRORS);
        (errors.hasMad, errors.mad, at) = Kinds.maybe(before, at, ROW_ERRORS);
        return (errors, at);
    }

    /// @dev The inferences' median, and their MAD smoothed.
    function _deviation(Writer memory writer, LabelErrors memory errors, Entries memory inferences) private pure {
        int256[] memory values = new int256[](inferences.count);
        for (uint256 i; i < values.length; ++i) values[i] = inferences.wadAt(i, 1);
        writer.putMaybe(true, Statistics.median(values));
        int256 deviation = Statistics.medianAbsoluteDeviation(values);
        // A MAD of 0 is replaced and not averaged.
        bool isAveraged = errors.hasMad && errors.mad != 0;
        writer.putMaybe(true, Spread.rolled(ALPHA_MAD, deviation, isAveraged, errors.mad));
    }
}
