// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_IMPLIED, ROW_REGRETS, ROW_VALUE, ROW_WEIGHTS} from "../types/Rows.sol";
import {Entries} from "./Entries.sol";
import {Kinds} from "./Kinds.sol";
import {Mean} from "./Mean.sol";
import {Mix} from "./Mix.sol";
import {Past} from "./Past.sol";
import {Regrets, RegretsBefore} from "./Regrets.sol";
import {Row} from "./Row.sol";
import {Statistics} from "./Statistics.sol";
import {Terms} from "./Terms.sol";
import {Wads} from "./Wads.sol";
import {Weights} from "./Weights.sol";
import {Words} from "./Words.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev The synthesis, many inferences become one value; the twin of wasm/src/synthesis.rs, whose head is the norm for order and
/// rounding. An implied value is either made from its forecast or taken from the row 0x33, which has claims of its own.
library Synthesis {
    /// @dev An epoch's terms, what the earlier ones left, the weight rule and the network regrets. A table of regrets has a word for each seat:
    /// how much the seat's regret is above the initial one, so that a seat without an entry has that.
    struct Epoch {
        Terms terms;
        RegretsBefore past;
        Weights.Rule rule;
        int256[] network;
    }

    /// @dev Who has a value of a label, and which: inferers, then forecasters, as many as `inferers` says of the former.
    struct Label {
        uint256 inferers;
        int256[] seats;
        int256[] values;
    }

    uint256 private constant SEATS = 0x100;

    // -- The epoch --

    /// @dev From the terms, which are bounded, and the row 0x23. The scale stays 0 where `scaled` has to make it.
    function epochOf(Terms memory terms, Row regrets) internal pure returns (Epoch memory epoch) {
        take(epoch, terms, regrets);
    }

    /// @dev The same in a place that there is already.
    function take(Epoch memory epoch, Terms memory terms, Row regrets) internal pure {
        RegretsBefore memory past = epoch.past;
        Regrets.take(past, regrets);
        require(past.scale >= 0, Past.StateOutOfRange(ROW_REGRETS));
        epoch.terms = terms;
        (epoch.rule.pNorm, epoch.rule.cNorm, epoch.rule.scale) = (terms.pNorm, terms.cNorm, past.scale);
        epoch.network = new int256[](SEATS);
        _fill(epoch.network, past.inferers, 1, past.initial);
        _fill(epoch.network, past.forecasters, 1, past.initial);
    }

    /// @dev Whether the scale has to be made from the regrets of those present.
    function needsScale(Epoch memory epoch) internal pure returns (bool) {
        return epoch.past.hasInitial && epoch.past.scale == 0;
    }

    /// @dev Makes the scale if it has to be made; `forecasts` are all of the epoch.
    function scaled(Epoch memory epoch, Entries memory inferences, Row[] memory forecasts) internal pure {
        unchecked {
            if (!needsScale(epoch)) return;
            uint256 count = inferences.count;
            int256[] memory present = new int256[](count + forecasts.length);
            for (uint256 i; i < present.length; ++i) {
                uint256 seat = i < count ? inferences.seatAt(i) : forecasts[i - count].byteAt(1);
                present[i] = epoch.past.initial + Words.at(epoch.network, seat);
            }
            epoch.rule.scale = Weights.scaleOf(present, epoch.terms.epsilon);
        }
    }

    /// @dev The inferers' naive regrets.
    function naiveOf(Epoch memory epoch) internal pure returns (int256[] memory naive) {
        naive = new int256[](SEATS);
        _fill(naive, epoch.past.inferers, 17, epoch.past.initial);
    }

    /// @dev The regrets of one seat's table.
    function tableOf(Epoch memory epoch, Entries memory entries) internal pure returns (int256[] memory table) {
        table = new int256[](SEATS);
        _fill(table, entries, 1, epoch.past.initial);
    }

    // -- A label --

    /// @dev The inferers but one, and room for so many implied values.
    function said(Entries memory inferences, uint256 without, uint256 room) internal pure returns (Label memory label) {
        label.seats = Words.fresh(inferences.count + room);
        label.values = Words.fresh(inferences.count + room);
        label.inferers = _collect(inferences, without, label.seats, label.values);
    }

    /// @dev Copies seats and Wads of entries but one's to the beginning of arrays with room for them; how many.
    function _collect(
        Entries memory entries,
        uint256 without,
        int256[] memory seats,
        int256[] memory values
    ) private pure returns (uint256 count) {
        (uint256 at, uint256 end) = entries.places();
        // Equals, for each of a seat other than `without`, appending the seat and the Wad: the others make no room for the
        // next.
        assembly ("memory-safe") {
            let next := add(seats, 0x20)
            let apart := sub(values, seats)
            for {} lt(at, end) {
                at := add(at, 17)
            } {
                let entry := calldataload(at)
                let seat := byte(0, entry)
                mstore(next, seat)
                mstore(add(next, apart), sar(128, shl(8, entry)))
                next := add(next, shl(5, iszero(eq(seat, without))))
            }
            count := sub(shr(5, sub(next, seats)), 1)
            mstore(seats, count)
            mstore(values, count)
        }
    }

    /// @dev Adds an implied value; there is room for it.
    function add(Label memory label, uint256 forecaster, int256 implied) internal pure {
        unchecked {
            uint256 count = label.seats.length;
            Words.cut(label.seats, count + 1);
            Words.cut(label.values, count + 1);
            Words.put(label.seats, count, int256(forecaster));
            Words.put(label.values, count, implied);
        }
    }

    /// @dev The inferences, then the implied values of a row 0x33 but one.
    function labelOf(
        Entries memory inferences,
        Entries memory implied,
        uint256 without
    ) internal pure returns (Label memory label) {
        unchecked {
            label = said(inferences, Mix.NOBODY, implied.count);
            for (uint256 i; i < implied.count; ++i) {
                uint256 seat = implied.seatAt(i);
                if (seat != without) add(label, seat, implied.wadAt(i, 1));
            }
        }
    }

    /// @dev The inferences, then what the forecasts imply.
    function labelFrom(
        Epoch memory epoch,
        Entries memory inferences,
        Row[] memory forecasts
    ) internal pure returns (Label memory label) {
        unchecked {
            label = said(inferences, Mix.NOBODY, forecasts.length);
            int256[] memory words = Mix.said(inferences);
            Entries memory forecast;
            for (uint256 i; i < forecasts.length; ++i) {
                Row row = forecasts[i];
                Kinds.takeForecast(forecast, row);
                (bool isThere, int256 implied) = Mix.value(forecast, words, epoch.past, epoch.rule, Mix.NOBODY);
                if (isThere) add(label, row.byteAt(1), implied);
            }
        }
    }

    // -- Weights and values --

    /// @dev The weights of those who have a value, from a table of regrets, and the mean by them. While all are new, of the
    /// inferers alone.
    function parts(
        Epoch memory epoch,
        Label memory label,
        int256[] memory table
    ) internal pure returns (int256[] memory weights, int256 mean_) {
        if (!epoch.past.hasInitial) {
            weights = Words.fresh(label.inferers);
            return (weights, Mean.plain(label.values, weights));
        }
        int256 best;
        (weights, best) = _exponents(epoch.rule, label.seats, table, epoch.past.initial);
        mean_ = Weights.weigh(weights, best, label.values);
    }

    /// @dev The exponents of seats from a table of regrets, with the least.
    function _exponents(
        Weights.Rule memory rule,
        int256[] memory seats,
        int256[] memory table,
        int256 initial
    ) private pure returns (int256[] memory exponents, int256 best) {
        exponents = Words.fresh(seats.length);
        // Equals, for each, the exponent that Weights.weigh speaks of, with regret = initial + table[seat]; seats are below
        // 0x100.
        assembly ("memory-safe") {
            let minusP := sub(0, mload(rule))
            let c := mload(add(rule, 0x20))
            let scale := mload(add(rule, 0x40))
            best := sub(shl(255, 1), 1)
            let at := add(seats, 0x20)
            let apart := sub(exponents, seats)
            let end := add(at, shl(5, mload(seats)))
            for {} lt(at, end) {
                at := add(at, 0x20)
            } {
                let regret := add(initial, mload(add(add(table, 0x20), shl(5, mload(at)))))
                let b := sdiv(mul(minusP, sub(sdiv(mul(regret, 1000000000000000000), scale), c)), 1000000000000000000)
                if slt(b, best) {
                    best := b
                }
                mstore(add(at, apart), b)
            }
        }
    }

    /// @dev The mean of those who have a value, by the weights from a table of regrets.
    function mean(Epoch memory epoch, Label memory label, int256[] memory table) internal pure returns (int128) {
        (, int256 mean_) = parts(epoch, label, table);
        return Wads.narrow(mean_);
    }

    /// @dev Those who have a value, sorted, with the combined weights.
    function distribution(
        Epoch memory epoch,
        Label memory label
    ) internal pure returns (Statistics.Distribution memory sorted) {
        (int256[] memory weights, ) = parts(epoch, label, epoch.network);
        return Statistics.distribution(label.values, weights);
    }

    /// @dev The naive value of a label.
    function naive(Epoch memory epoch, Entries memory inferences) internal pure returns (int128) {
        return mean(epoch, said(inferences, Mix.NOBODY, 0), naiveOf(epoch));
    }

    /// @dev 2.28, 15.87, 50, 84.13 and 97.72 %.
    function percentiles(Statistics.Distribution memory sorted) internal pure returns (int128[5] memory found) {
        uint16[5] memory basisPoints = [228, 1587, 5000, 8413, 9772];
        for (uint256 i; i < 5; ++i) found[i] = Wads.narrow(Statistics.percentile(sorted, basisPoints[i]));
    }

    /// @dev Half the width of the central 68 %, toward zero, or the past error if that is greater; if three values differ.
    function sigma(
        Statistics.Distribution memory sorted,
        bool hasError,
        int256 pastError
    ) internal pure returns (bool isKnown, int128 half) {
        if (!Statistics.hasThree(sorted)) return (false, 0);
        int256 width = Statistics.percentile(sorted, 8413) - Statistics.percentile(sorted, 1587);
        half = Wads.narrow(width / 2);
        return (true, hasError && pastError > half ? Wads.narrow(pastError) : half);
    }

    // -- Rows --

    /// @dev The row 0x31.
    function valueRow(
        Epoch memory epoch,
        Entries memory inferences,
        Label memory label,
        uint256 number,
        bool hasError,
        int256 pastError
    ) internal pure returns (bytes memory) {
        (int256[] memory weights, int256 combined) = parts(epoch, label, epoch.network);
        Statistics.Distribution memory sorted = Statistics.distribution(label.values, weights);
        (bool isKnown, int128 half) = sigma(sorted, hasError, pastError);
        Writer memory writer = Writing.open(132, ROW_VALUE);
        writer.put(2, number);
        writer.putWad(Wads.narrow(combined));
        writer.putWad(naive(epoch, inferences));
        writer.putMaybe(isKnown, half);
        int128[5] memory found = percentiles(sorted);
        for (uint256 i; i < 5; ++i) writer.putWad(found[i]);
        return writer.close();
    }

    /// @dev The row 0x32.
    function weightsRow(Epoch memory epoch, Label memory label) internal pure returns (bytes memory) {
        (int256[] memory weights, ) = parts(epoch, label, epoch.network);
        Writer memory writer = Writing.open(3 + 17 * weights.length, ROW_WEIGHTS);
        _putSeated(writer, label.seats, weights, 0, weights.length);
        return writer.close();
    }

    /// @dev The row 0x33.
    function impliedRow(Label memory label, uint256 number) internal pure returns (bytes memory) {
        Writer memory writer = Writing.open(5 + 17 * label.seats.length, ROW_IMPLIED);
        writer.put(2, number);
        _putSeated(writer, label.seats, label.values, label.inferers, label.seats.length);
        return writer.close();
    }

    function _putSeated(
        Writer memory writer,
        int256[] memory seats,
        int256[] memory wads,
        uint256 from,
        uint256 to
    ) private pure {
        writer.put(2, to - from);
        for (uint256 i = from; i < to; ++i) {
            writer.put(1, uint256(seats[i]));
            writer.putWad(Wads.narrow(wads[i]));
        }
    }

    /// @dev Fills a table with the Wads that stand so many bytes behind the entries' seats.
    function _fill(int256[] memory table, Entries memory entries, uint256 behind, int256 initial) private pure {
        (uint256 at, uint256 end) = entries.places();
        uint256 width = entries.width;
        // Equals table[seat] = wad - initial for each. Seats are below 0x100; the difference of two int128s fits.
        assembly ("memory-safe") {
            let first := add(table, 0x20)
            for {} lt(at, end) {
                at := add(at, width)
            } {
                let wad := sar(128, calldataload(add(at, behind)))
                mstore(add(first, shl(5, byte(0, calldataload(at)))), sub(wad, initial))
            }
        }
    }
}
