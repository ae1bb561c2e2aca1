// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LOSS_CROSS_ENTROPY, LOSS_SQUARED} from "../types/Parameters.sol";
import {ROW_COUNTERFACTUAL_LOSSES, ROW_LOSSES} from "../types/Rows.sol";
import {Entries} from "./Entries.sol";
import {Kinds, Lists} from "./Kinds.sol";
import {Row} from "./Row.sol";
import {Spread} from "./Spread.sol";
import {Terms} from "./Terms.sol";
import {Wads} from "./Wads.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev Step 6, how far a value was off, as a decimal logarithm; the twin of wasm/src/losses.rs, which is the norm, and of
/// `losses` and `counterfactual_losses` in settle.rs.
library Losses {
    /// @dev 2.302585092994045684017991...
    int256 private constant LN_10 = 2_302_585_092_994_045_684;

    /// @dev Thrown when the labels are not about the same seats.
    error SeatsDiffer();

    /// @dev What values are measured by in one epoch; `truth` has one a label.
    struct Measure {
        uint256 method;
        int256 floor;
        int256[] truth;
    }

    function measure(Terms memory terms, Row truth) internal pure returns (Measure memory) {
        return Measure(terms.lossMethod, terms.lossFloor, Kinds.settledTruth(truth, terms.labels));
    }

    /// @dev log10 x.
    function log10(int256 x) internal pure returns (int256) {
        // A logarithm has at most 68 bits.
        return Wads.rawDiv(FixedPointMathLib.lnWad(x), LN_10);
    }

    /// @dev The loss of values, one a label.
    function loss(Measure memory by, int256[] memory values) internal pure returns (int256) {
        unchecked {
            if (by.method == LOSS_CROSS_ENTROPY) return _crossEntropy(by, values);
            int256 sum;
            for (uint256 label; label < values.length; ++label) {
                sum += log10(_max(Spread.distance(values[label], by.truth[label]), by.floor));
            }
            if (by.method == LOSS_SQUARED) sum += sum;
            return sum / int256(values.length);
        }
    }

    function _crossEntropy(Measure memory by, int256[] memory values) private pure returns (int256) {
        unchecked {
            uint256 class;
            for (uint256 label = 1; label < by.truth.length; ++label) {
                if (by.truth[label] > by.truth[class]) class = label;
            }
            int256 entropy = -FixedPointMathLib.lnWad(_max(values[class], by.floor));
            return log10(_max(entropy, by.floor));
        }
    }

    function _max(int256 x, int256 y) private pure returns (int256) {
        return x < y ? y : x;
    }

    /// @dev The row 0x35, from the inferences, values and implied values of all labels.
    function lossesRow(
        Measure memory by,
        Row[] memory inferences,
        Row[] memory values,
        Row[] memory implied
    ) internal pure returns (bytes memory) {
        uint256 labels = by.truth.length;
        (int256[] memory combined, int256[] memory naive) = (new int256[](labels), new int256[](labels));
        (Entries[] memory inferers, Entries[] memory forecasters) = (new Entries[](labels), new Entries[](labels));
        for (uint256 label; label < labels; ++label) {
            (combined[label], naive[label], , ) = Kinds.value(values[label], label);
            inferers[label] = Kinds.inferences(inferences[label], label);
            forecasters[label] = Kinds.implied(implied[label], label);
        }
        uint256 count = inferers[0].count + forecasters[0].count;
        Writer memory writer = Writing.open(35 + 17 * count, ROW_LOSSES);
        writer.putWad(loss(by, combined));
        writer.putWad(loss(by, naive));
        writer.put(2, count);
        _each(writer, by, inferers, 1);
        _each(writer, by, forecasters, 1);
        return writer.close();
    }

    /// @dev The row 0x37, from the counterfactuals of all labels.
    function counterfactualsRow(Measure memory by, Row[] memory counterfactuals) internal pure returns (bytes memory) {
        uint256 labels = by.truth.length;
        Entries[][4] memory lists;
        for (uint256 list; list < 4; ++list) lists[list] = new Entries[](labels);
        for (uint256 label; label < labels; ++label) {
            Lists memory all = Kinds.counterfactuals(counterfactuals[label], label);
            lists[0][label] = all.oneOutInferers;
            lists[1][label] = all.oneOutForecasters;
            lists[2][label] = all.oneInForecasters;
            lists[3][label] = all.oneOutImplied;
        }
        // As long as a row of values, but for the label.
        Writer memory writer = Writing.open(counterfactuals[0].size() - 2, ROW_COUNTERFACTUAL_LOSSES);
        for (uint256 list; list < 4; ++list) {
            writer.put(2, lists[list][0].count);
            _each(writer, by, lists[list], list == 3 ? 2 : 1);
        }
        return writer.close();
    }

    /// @dev Entries like those of the first label, with losses in the place of the values, which stand behind `key` bytes.
    function _each(Writer memory writer, Measure memory by, Entries[] memory labels, uint256 key) private pure {
        unchecked {
            uint256 count = labels.length;
            int256[] memory values = new int256[](count);
            for (uint256 label = 1; label < count; ++label) {
                require(labels[label].sameKeys(labels[0], key), SeatsDiffer());
            }
            for (uint256 i; i < labels[0].count; ++i) {
                for (uint256 label; label < count; ++label) values[label] = labels[label].wadAt(i, key);
                writer.put(key, labels[0].keyAt(i, key));
                writer.putWad(loss(by, values));
            }
        }
    }
}
