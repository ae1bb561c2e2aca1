// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_FORECAST} from "../types/Rows.sol";
import {Entries} from "./Entries.sol";
import {FULL_REGISTRATIONS, Kinds, Lists} from "./Kinds.sol";
import {Row} from "./Row.sol";
import {Terms} from "./Terms.sol";

/// @dev What is admitted of a settlement's inputs beyond a report's (`Epochs`); the twin of wasm/src/outcome.rs.
library Outcomes {
    // -- Rows by themselves --

    /// @dev Whether a row decodes as what stands at this place of the inputs, the electorate standing at `electorateAt`.
    function decodes(Row row, uint256 place, uint256 labels, uint256 electorateAt) internal pure returns (bool) {
        unchecked {
            if (place <= labels) return Kinds.isInferences(row, place - 1);
            if (place < electorateAt) {
                if (Kinds.isForecast(row)) return true;
                // Those after the first row of registrations are judged beside the one before.
                return Kinds.isRegistrations(row) && (place != labels + 1 || row.uint16At(1) == 0);
            }
            place -= electorateAt;
            if (place == 0) return Kinds.isElectorate(row);
            if (place <= labels) return Kinds.isTruths(row, place - 1);
            place -= labels;
            if (place == 1) return Kinds.isTruthSignatures(row);
            if (place == 2) return Kinds.isPot(row);
            if (place == 3) return Kinds.isRoster(row);
            place -= 4;
            if (place < labels) return Kinds.isValue(row) && row.uint16At(1) == place;
            if (place < 2 * labels) return Kinds.isImplied(row, place - labels);
            return Kinds.isCounterfactuals(row, place - 2 * labels);
        }
    }

    /// @dev Whether one may follow the other, both forecasts or registrations that decode.
    function areInOrder(Row one, Row next) internal pure returns (bool) {
        unchecked {
            bool isForecast = Kinds.isKind(one, ROW_FORECAST);
            if (Kinds.isKind(next, ROW_FORECAST)) return isForecast && one.byteAt(1) < next.byteAt(1);
            if (isForecast) return next.uint16At(1) == 0;
            return one.uint16At(3) == FULL_REGISTRATIONS && next.uint16At(1) == one.uint16At(1) + 1;
        }
    }

    // -- Rows beside each other --

    /// @dev A label's value: in range, no sigma below zero.
    function isReported(Terms memory terms, Row row, uint256 label) internal pure returns (bool) {
        (int256 combined, int256 naive, , int256 sigma) = Kinds.value(row, label);
        return terms.isInRange(combined) && terms.isInRange(naive) && sigma >= 0;
    }

    /// @dev A label's implied values: in range, of the same seats as the first label's, all of which forecast.
    function areImplied(
        Terms memory terms,
        Row firstRow,
        Row row,
        uint256 label,
        Row[] memory forecasts
    ) internal pure returns (bool) {
        unchecked {
            Entries memory first = Kinds.implied(firstRow, 0);
            Entries memory entries = Kinds.implied(row, label);
            if (!entries.sameSeats(first)) return false;
            for (uint256 i; i < entries.count; ++i) {
                bool isForecast;
                for (uint256 k; k < forecasts.length; ++k) {
                    isForecast = isForecast || forecasts[k].byteAt(1) == entries.seatAt(i);
                }
                if (!isForecast || !terms.isInRange(entries.wadAt(i, 1))) return false;
            }
            return true;
        }
    }

    /// @dev A label's counterfactual values: in range, about the same as the first label's, of seats that have a value.
    function areCounterfactuals(
        Terms memory terms,
        uint256 seats,
        Row firstRow,
        Row row,
        uint256 label
    ) internal pure returns (bool) {
        Lists memory first = Kinds.counterfactuals(firstRow, 0);
        Lists memory all = Kinds.counterfactuals(row, label);
        return
            _areLike(terms, seats, first.oneOutInferers, all.oneOutInferers, 1) &&
            _areLike(terms, seats, first.oneOutForecasters, all.oneOutForecasters, 1) &&
            _areLike(terms, seats, first.oneInForecasters, all.oneInForecasters, 1) &&
            _areLike(terms, seats, first.oneOutImplied, all.oneOutImplied, 2);
    }

    function _areLike(
        Terms memory terms,
        uint256 seats,
        Entries memory first,
        Entries memory entries,
        uint256 key
    ) private pure returns (bool) {
        unchecked {
            if (!entries.sameKeys(first, key)) return false;
            for (uint256 i; i < entries.count; ++i) {
                uint256 both = entries.keyAt(i, key);
                bool isNamed = (seats >> (both & 0xff)) & 1 == 1 && (key == 1 || (seats >> (both >> 8)) & 1 == 1);
                if (!isNamed || !terms.isInRange(entries.wadAt(i, key))) return false;
            }
            return true;
        }
    }

    /// @dev Who sat where: on seats that the topic has, and somebody on each that took part.
    function isRoster(Terms memory terms, uint256 seats, Row row) internal pure returns (bool) {
        unchecked {
            Entries memory roster = Kinds.roster(row);
            for (uint256 i; i < roster.count; ++i) {
                uint256 seat = roster.seatAt(i);
                if (!terms.hasSeat(seat)) return false;
                seats &= ~(1 << seat);
            }
            return seats == 0;
        }
    }

    /// @dev The bits of the seats that took part: those of the inferences and of the implied values.
    function seatsOf(Row inferences, Row implied) internal pure returns (uint256) {
        return _bits(Kinds.inferences(inferences, 0)) | _bits(Kinds.implied(implied, 0));
    }

    function _bits(Entries memory entries) private pure returns (uint256 bits) {
        for (uint256 i; i < entries.count; ++i) bits |= 1 << entries.seatAt(i);
    }
}
