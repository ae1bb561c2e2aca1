// SPDX-License-Identifier: Apache-2.0
// Strict readers of the rows that a settlement rests on, to be read beside wasm/src/{inputs,settlement,withheld}.rs: `is...`
// says whether a row decodes, the others revert unless it does.
pragma solidity ^0.8.28;

import {
    ROW_COUNTERFACTUALS,
    ROW_COUNTERFACTUAL_LOSSES,
    ROW_ELECTORATE,
    ROW_FORECAST,
    ROW_IMPLIED,
    ROW_INCLUSIONS,
    ROW_INFERENCES,
    ROW_LIST,
    ROW_LOSSES,
    ROW_ONE_IN_REGRETS,
    ROW_ONE_OUT_REGRETS,
    ROW_POT,
    ROW_REGISTRATIONS,
    ROW_ROSTER,
    ROW_SETTLED_TRUTH,
    ROW_TRUTHS,
    ROW_TRUTH_SIGNATURES,
    ROW_VALUE
} from "../types/Rows.sol";
import {ALL_SEATS, Entries, EntryReading, FORECASTERS} from "./Entries.sol";
import {Packed} from "./Packed.sol";
import {Row} from "./Row.sol";

/// @dev Wide as in the row, a seat and a Wad.
uint256 constant SEATED_WAD = 17;
uint256 constant SEATED_OWNER = 21;
uint256 constant SEATED_COUNT = 3;
uint256 constant SEATED_HASH = 33;
uint256 constant REGISTRATION = 42;
uint256 constant FULL_REGISTRATIONS = 380;

/// @dev The four lists of counterfactuals; an entry of the last has two seats.
struct Lists {
    Entries oneOutInferers;
    Entries oneOutForecasters;
    Entries oneInForecasters;
    Entries oneOutImplied;
}

library Kinds {
    uint256 private constant IMPLIED_WITHOUT = 18;
    uint256 private constant TRUTH = 36;
    uint256 private constant TRUTH_SIGNATURE = 116;

    // -- Whether a row decodes --

    function isKind(Row row, uint8 kind) internal pure returns (bool) {
        return row.size() != 0 && row.size() <= Packed.MAX_ROW_BYTES && row.byteAt(0) == kind;
    }

    /// @dev Entries by seat, behind the count at `countAt`, to the row's end.
    function seated(
        Row row,
        uint8 kind,
        uint256 countAt,
        uint256 width,
        uint256 least,
        uint256 limit
    ) internal pure returns (bool fits, Entries memory entries) {
        (fits, entries) = EntryReading.at(row, countAt, width);
        fits = fits && isKind(row, kind) && entries.end() == row.size() && entries.bySeat(least, limit);
    }

    /// @dev Entries by reputer, likewise.
    function reputed(
        Row row,
        uint8 kind,
        uint256 countAt,
        uint256 width
    ) internal pure returns (bool fits, Entries memory entries) {
        (fits, entries) = EntryReading.at(row, countAt, width);
        fits = fits && isKind(row, kind) && entries.end() == row.size() && entries.byReputer();
    }

    function isInferences(Row row, uint256 label) internal pure returns (bool fits) {
        (fits, ) = _inferences(row, label);
    }

    function _inferences(Row row, uint256 label) private pure returns (bool fits, Entries memory entries) {
        (fits, entries) = seated(row, ROW_INFERENCES, 3, SEATED_WAD, 0, FORECASTERS);
        fits = fits && row.uint16At(1) == label;
    }

    function isForecast(Row row) internal pure returns (bool fits) {
        (fits, ) = _forecast(row);
    }

    function _forecast(Row row) private pure returns (bool fits, Entries memory entries) {
        (fits, entries) = seated(row, ROW_FORECAST, 2, SEATED_WAD, 0, FORECASTERS);
        fits = fits && row.byteAt(1) >= FORECASTERS;
    }

    function isElectorate(Row row) internal pure returns (bool fits) {
        (fits, ) = _electorate(row);
    }

    function _electorate(Row row) private pure returns (bool fits, Entries memory entries) {
        (fits, entries) = reputed(row, ROW_ELECTORATE, 1, TRUTH);
        for (uint256 i; fits && i < entries.count; ++i) fits = row.uint128At(entries.placeAt(i) + 20) != 0;
    }

    function isTruths(Row row, uint256 label) internal pure returns (bool fits) {
        (fits, ) = _truths(row, label);
    }

    function _truths(Row row, uint256 label) private pure returns (bool fits, Entries memory entries) {
        (fits, entries) = reputed(row, ROW_TRUTHS, 3, TRUTH);
        fits = fits && row.uint16At(1) == label;
    }

    function isTruthSignatures(Row row) internal pure returns (bool fits) {
        (fits, ) = reputed(row, ROW_TRUTH_SIGNATURES, 1, TRUTH_SIGNATURE);
    }

    function isPot(Row row) internal pure returns (bool) {
        return isKind(row, ROW_POT) && row.size() == 17;
    }

    function isRoster(Row row) internal pure returns (bool fits) {
        (fits, ) = seated(row, ROW_ROSTER, 1, SEATED_OWNER, 0, ALL_SEATS);
    }

    function isImplied(Row row, uint256 label) internal pure returns (bool fits) {
        (fits, ) = _implied(row, label);
    }

    function _implied(Row row, uint256 label) private pure returns (bool fits, Entries memory entries) {
        (fits, entries) = seated(row, ROW_IMPLIED, 3, SEATED_WAD, FORECASTERS, ALL_SEATS);
        fits = fits && row.uint16At(1) == label;
    }

    function isCounterfactuals(Row row, uint256 label) internal pure returns (bool fits) {
        (fits, ) = lists(row, ROW_COUNTERFACTUALS, 3);
        fits = fits && row.uint16At(1) == label;
    }

    function isRegistrations(Row row) internal pure returns (bool fits) {
        unchecked {
            Entries memory entries;
            (fits, entries) = EntryReading.at(row, 3, REGISTRATION);
            fits = fits && isKind(row, ROW_REGISTRATIONS) && entries.end() == row.size();
            fits = fits && entries.count != 0 && entries.count <= FULL_REGISTRATIONS;
            for (uint256 i; fits && i < entries.count; ++i) {
                uint256 change = entries.seatAt(i);
                uint256 roles = row.byteAt(entries.placeAt(i) + 1);
                fits = change != 0 && change <= 3 && roles != 0 && roles <= 7;
            }
        }
    }

    function isValue(Row row) internal pure returns (bool) {
        if (!isKind(row, ROW_VALUE) || row.size() < 36) return false;
        uint256 flag = row.byteAt(35);
        return flag <= 1 && row.size() == 116 + 16 * flag;
    }

    function lists(Row row, uint8 kind, uint256 at) internal pure returns (bool fits, Lists memory all) {
        fits = isKind(row, kind);
        (fits, all.oneOutInferers, at) = _list(fits, row, at, SEATED_WAD, 0, FORECASTERS);
        (fits, all.oneOutForecasters, at) = _list(fits, row, at, SEATED_WAD, FORECASTERS, ALL_SEATS);
        (fits, all.oneInForecasters, at) = _list(fits, row, at, SEATED_WAD, FORECASTERS, ALL_SEATS);
        if (!fits) return (false, all);
        (fits, all.oneOutImplied) = EntryReading.at(row, at, IMPLIED_WITHOUT);
        fits = fits && all.oneOutImplied.end() == row.size() && _byBoth(all.oneOutImplied);
    }

    function _list(
        bool fitted,
        Row row,
        uint256 at,
        uint256 width,
        uint256 least,
        uint256 limit
    ) private pure returns (bool fits, Entries memory entries, uint256 end) {
        if (!fitted) return (false, entries, at);
        (fits, entries) = EntryReading.at(row, at, width);
        fits = fits && entries.bySeat(least, limit);
        end = entries.end();
    }

    /// @dev Strictly ascending by forecaster, then inferer.
    function _byBoth(Entries memory entries) private pure returns (bool) {
        unchecked {
            (Row row, uint256 stop, uint256 least) = (entries.row, entries.end(), 0);
            for (uint256 place = entries.first; place != stop; place += IMPLIED_WITHOUT) {
                uint256 both = row.uint16At(place);
                if (both < least || both >> 8 < FORECASTERS || both & 0xff >= FORECASTERS) return false;
                least = both + 1;
            }
            return true;
        }
    }

    // -- Rows that something rests on --

    function requireFit(bool fits, uint8 kind) internal pure {
        require(fits, Packed.MalformedRow(kind));
    }

    /// @dev A flag, and the Wad behind it if there is one; a row that ends before `end` does not fit.
    function maybe(Row row, uint256 at, uint8 kind) internal pure returns (bool isThere, int256 wad, uint256 end) {
        unchecked {
            uint256 flag = row.byteAt(at);
            requireFit(flag <= 1, kind);
            end = at + 1 + 16 * flag;
            if (flag == 1) (isThere, wad) = (true, row.int128At(at + 1));
        }
    }

    function inferences(Row row, uint256 label) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = _inferences(row, label);
        requireFit(fits, ROW_INFERENCES);
    }

    function forecast(Row row) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = _forecast(row);
        requireFit(fits, ROW_FORECAST);
    }

    /// @dev As `forecast`, in a place that there is already.
    function takeForecast(Entries memory entries, Row row) internal pure {
        bool fits = entries.take(row, 2, SEATED_WAD) && isKind(row, ROW_FORECAST) && entries.end() == row.size();
        requireFit(fits && entries.bySeat(0, FORECASTERS) && row.byteAt(1) >= FORECASTERS, ROW_FORECAST);
    }

    function registrations(Row row) internal pure returns (Entries memory entries) {
        requireFit(isRegistrations(row), ROW_REGISTRATIONS);
        (, entries) = EntryReading.at(row, 3, REGISTRATION);
    }

    function electorate(Row row) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = _electorate(row);
        requireFit(fits, ROW_ELECTORATE);
    }

    function truths(Row row, uint256 label) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = _truths(row, label);
        requireFit(fits, ROW_TRUTHS);
    }

    function truthSignatures(Row row) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = reputed(row, ROW_TRUTH_SIGNATURES, 1, TRUTH_SIGNATURE);
        requireFit(fits, ROW_TRUTH_SIGNATURES);
    }

    function pot(Row row) internal pure returns (uint256) {
        requireFit(isPot(row), ROW_POT);
        return row.uint128At(1);
    }

    function roster(Row row) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = seated(row, ROW_ROSTER, 1, SEATED_OWNER, 0, ALL_SEATS);
        requireFit(fits, ROW_ROSTER);
    }

    function value(
        Row row,
        uint256 label
    ) internal pure returns (int256 combined, int256 naive, bool isKnown, int256 sigma) {
        requireFit(isValue(row) && row.uint16At(1) == label, ROW_VALUE);
        (combined, naive, isKnown) = (row.int128At(3), row.int128At(19), row.byteAt(35) == 1);
        if (isKnown) sigma = row.int128At(36);
    }

    function implied(Row row, uint256 label) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = _implied(row, label);
        requireFit(fits, ROW_IMPLIED);
    }

    function counterfactuals(Row row, uint256 label) internal pure returns (Lists memory all) {
        bool fits;
        (fits, all) = lists(row, ROW_COUNTERFACTUALS, 3);
        requireFit(fits && row.uint16At(1) == label, ROW_COUNTERFACTUALS);
    }

    function counterfactualLosses(Row row) internal pure returns (Lists memory all) {
        bool fits;
        (fits, all) = lists(row, ROW_COUNTERFACTUAL_LOSSES, 1);
        requireFit(fits, ROW_COUNTERFACTUAL_LOSSES);
    }

    /// @dev One a label.
    function settledTruth(Row row, uint256 labels) internal pure returns (int256[] memory truth) {
        bool fits = isKind(row, ROW_SETTLED_TRUTH) && row.size() == 3 + 16 * labels && row.uint16At(1) == labels;
        requireFit(fits, ROW_SETTLED_TRUTH);
        truth = new int256[](labels);
        for (uint256 label; label < labels; ++label) truth[label] = row.int128At(3 + 16 * label);
    }

    function losses(Row row) internal pure returns (int256 combined, int256 naive, Entries memory entries) {
        bool fits;
        (fits, entries) = seated(row, ROW_LOSSES, 33, SEATED_WAD, 0, ALL_SEATS);
        requireFit(fits, ROW_LOSSES);
        (combined, naive) = (row.int128At(1), row.int128At(17));
    }

    function inclusions(Row row) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = seated(row, ROW_INCLUSIONS, 1, SEATED_COUNT, 0, ALL_SEATS);
        requireFit(fits, ROW_INCLUSIONS);
    }

    /// @dev A row 0x27 or 0x28 of a seat.
    function table(Row row, uint8 kind, uint256 seat) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = seated(row, kind, 2, SEATED_WAD, 0, ALL_SEATS);
        requireFit(fits && entries.count != 0 && row.byteAt(1) == seat, kind);
        bool isOut = kind == ROW_ONE_OUT_REGRETS;
        requireFit(isOut || (kind == ROW_ONE_IN_REGRETS && seat >= FORECASTERS), kind);
        for (uint256 i; i < entries.count; ++i) {
            uint256 other = entries.seatAt(i);
            requireFit(isOut ? other != seat : other < FORECASTERS || other == seat, kind);
        }
    }

    function isTables(Row row, uint8 kind) internal pure returns (bool fits) {
        (fits, ) = seated(row, kind, 1, SEATED_HASH, 0, ALL_SEATS);
    }

    /// @dev The list of tables 0x29 or 0x2a.
    function tables(Row row, uint8 kind) internal pure returns (Entries memory entries) {
        bool fits;
        (fits, entries) = seated(row, kind, 1, SEATED_HASH, 0, ALL_SEATS);
        requireFit(fits, kind);
    }

    /// @dev How many hashes a list of this kind has.
    function listed(Row row, uint8 kind) internal pure returns (bool fits, uint256 count) {
        fits = isKind(row, ROW_LIST) && row.size() >= 4 && row.byteAt(1) == kind;
        if (!fits) return (false, 0);
        count = row.uint16At(2);
        fits = row.size() == 4 + 32 * count;
    }
}
