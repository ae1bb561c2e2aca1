// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    LIST_OUTPUTS,
    ROW_FORECAST,
    ROW_PARAMETERS,
    ROW_REGISTRATIONS,
    ROW_SIGNATURES,
    ROW_WEIGHTS
} from "../types/Rows.sol";
import {Bound} from "./Bound.sol";
import {Case} from "./Cases.sol";
import {ALL_SEATS} from "./Entries.sol";
import {Epochs} from "./Epochs.sol";
import {FULL_REGISTRATIONS, Kinds, SEATED_WAD} from "./Kinds.sol";
import {Row, slice} from "./Row.sol";

/// @dev Claims about the form of a report: its lists, each row of them, and what the inputs say. Together they hold just what
/// the core takes.
library Forms {
    uint256 private constant SEATED_SIGNATURE = 97;

    // -- Lists --

    /// @dev Of inputs (1) or outputs (2): whether the context or the list does not decode, has too few hashes or too many, or
    /// there is no such label. The number of forecasts is bounded where nothing else varies, after the first settlement.
    function isListWrong(Case memory one, uint256 number, uint256 label) internal pure returns (bool) {
        if (!one.hasContext()) return true;
        one.takeParameters();
        (Row list, uint8 kind) = one.list(number);
        (bool fits, uint256 count) = Kinds.listed(list, kind);
        uint256 labels = one.terms.labels;
        if (!fits || label >= labels) return true;
        if (kind == LIST_OUTPUTS) return count != 3 * labels + 1;
        if (count < labels + 2 || Bound.hashAt(list, 0) != one.parametersHash()) return true;
        return one.isSettled() && count > labels + 2 + one.terms.forecasterSeats;
    }

    // -- Rows --

    /// @dev Whether the row at a place of inputs (1) or outputs (2) is none that may stand there, or not before the next one.
    function isRowWrong(Case memory one, uint256 number, uint256 place) internal pure returns (bool) {
        (Row list, uint8 kind) = one.list(number);
        uint256 count = Bound.length(list, kind);
        Row row = Bound.row(one.rows, 1);
        Bound.requireAt(list, place, row);
        if (kind == LIST_OUTPUTS) return !_isOutput(row, one.terms.labels, place);
        if (place == 0) return !Kinds.isKind(row, ROW_PARAMETERS);
        if (place <= one.terms.labels) return !Kinds.isInferences(row, place - 1);
        if (!_isInput(row, one.isSettled())) return true;

        uint8 given = uint8(row.byteAt(0));
        if (place == one.terms.labels + 1 && given == ROW_REGISTRATIONS) return true;
        // The signatures are the last, or the registrations are.
        if (place + 1 == count) return given == ROW_FORECAST;
        if (given == ROW_SIGNATURES && one.isSettled()) return true;
        if (one.rows.length < 3) return false;
        Row next = one.rows[2];
        Bound.requireAt(list, place + 1, next);
        return !_isBefore(row, given, next);
    }

    /// @dev Whether a row that decodes may stand before the next, which has claims of its own.
    function _isBefore(Row row, uint8 given, Row next) private pure returns (bool) {
        uint8 following = next.isEmpty() ? 0 : uint8(next.byteAt(0));
        if (given == ROW_FORECAST) {
            return following == ROW_SIGNATURES || (following == ROW_FORECAST && row.byteAt(1) < next.byteAt(1));
        }
        if (following != ROW_REGISTRATIONS) return false;
        if (given == ROW_SIGNATURES) return next.uint16At(1) == 0;
        return next.uint16At(1) == row.uint16At(1) + 1 && row.uint16At(3) == FULL_REGISTRATIONS;
    }

    /// @dev Of what stands behind the inferences.
    function _isInput(Row row, bool isSettled) private pure returns (bool fits) {
        if (Kinds.isKind(row, ROW_REGISTRATIONS)) return !isSettled && Kinds.isRegistrations(row);
        if (Kinds.isKind(row, ROW_SIGNATURES)) {
            (fits, ) = Kinds.seated(row, ROW_SIGNATURES, 1, SEATED_SIGNATURE, 0, ALL_SEATS);
        } else {
            fits = Kinds.isForecast(row);
        }
    }

    /// @dev A value for each label, weights, then implied values and counterfactuals for each label.
    function _isOutput(Row row, uint256 labels, uint256 place) private pure returns (bool fits) {
        if (place == labels) {
            (fits, ) = Kinds.seated(row, ROW_WEIGHTS, 1, SEATED_WAD, 0, ALL_SEATS);
            return fits;
        }
        if (place < labels) return Kinds.isValue(row) && row.uint16At(1) == place;
        if (place <= 2 * labels) return Kinds.isImplied(row, place - labels - 1);
        return Kinds.isCounterfactuals(row, place - 2 * labels - 1);
    }

    // -- Inputs --

    /// @dev Whether the core refuses what the inferences or the forecasts say. They all decode; of the forecasts any number from
    /// the first on will do.
    function isInputWrong(Case memory one) internal pure returns (bool) {
        uint256 labels = one.terms.labels;
        uint256 count = one.rows.length;
        require(count > labels, Bound.RowsMissing(count, labels + 1));
        for (uint256 i = 1; i < count; ++i) Bound.requireAt(one.inputs, i, one.rows[i]);
        if (!Epochs.areInferences(one.terms, slice(one.rows, 1, labels))) return true;
        return !Epochs.areForecasts(one.terms, slice(one.rows, labels + 1, count - labels - 1));
    }
}
