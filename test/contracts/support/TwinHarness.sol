// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EpochRows} from "../../../contracts/types/EpochRows.sol";
import {ROW_COUNTERFACTUALS, ROW_ONE_IN_REGRETS, ROW_ONE_OUT_REGRETS} from "../../../contracts/types/Rows.sol";
import {Counterfactuals} from "../../../contracts/verifier/Counterfactuals.sol";
import {Entries} from "../../../contracts/verifier/Entries.sol";
import {Kinds, Lists} from "../../../contracts/verifier/Kinds.sol";
import {Mix} from "../../../contracts/verifier/Mix.sol";
import {Past} from "../../../contracts/verifier/Past.sol";
import {Row, rowOf, rowsOf} from "../../../contracts/verifier/Row.sol";
import {Synthesis} from "../../../contracts/verifier/Synthesis.sol";
import {termsOf} from "../../../contracts/verifier/Terms.sol";
import {Writer, Writing} from "../../../contracts/verifier/Writer.sol";

/// @dev All numbers of a label at a call, as the claims make them: implied values from forecasts, all else from the rows 0x33 and
/// 0x36 that the core gave.
contract TwinHarness {
    /// @dev Rows of one label, and all tables of the state.
    struct Given {
        EpochRows epoch;
        bytes errors;
        bytes implied;
        bytes counterfactuals;
        bytes[] oneOut;
        bytes[] oneIn;
    }

    /// @dev What both kinds of lists are made of.
    struct Made {
        Synthesis.Epoch epoch;
        Entries inferences;
        Entries implied;
        Lists lists;
        Row[] forecasts;
        Row[] oneOut;
        Row[] oneIn;
        uint256 number;
    }

    /// @dev The rows 0x31, 0x32, 0x33, and 0x36 if it was given.
    function rows(Given calldata given) external pure returns (bytes[4] memory all) {
        Made memory made = _read(given);
        (bool hasError, int256 pastError) = Past.emaError(rowOf(given.errors), made.epoch.terms.labels, made.number);
        Synthesis.Label memory label = Synthesis.labelOf(made.inferences, made.implied, Mix.NOBODY);
        all[0] = Synthesis.valueRow(made.epoch, made.inferences, label, made.number, hasError, pastError);
        all[1] = Synthesis.weightsRow(made.epoch, label);
        all[2] = Synthesis.impliedRow(Synthesis.labelFrom(made.epoch, made.inferences, made.forecasts), made.number);
        if (given.counterfactuals.length != 0) all[3] = _counterfactuals(made);
    }

    function _read(Given calldata given) private pure returns (Made memory made) {
        Row inferences = rowOf(given.epoch.inferences);
        made.number = inferences.uint16At(1);
        made.inferences = Kinds.inferences(inferences, made.number);
        made.implied = Kinds.implied(rowOf(given.implied), made.number);
        if (given.counterfactuals.length != 0) {
            made.lists = Kinds.counterfactuals(rowOf(given.counterfactuals), made.number);
        }
        (made.oneOut, made.oneIn) = (rowsOf(given.oneOut), rowsOf(given.oneIn));
        made.forecasts = rowsOf(given.epoch.forecasts);
        made.epoch = Synthesis.epochOf(termsOf(rowOf(given.epoch.parameters)), rowOf(given.epoch.regrets));
        Synthesis.scaled(made.epoch, made.inferences, made.forecasts);
    }

    function _counterfactuals(Made memory made) private pure returns (bytes memory) {
        Writer memory writer = Writing.open(5_000, ROW_COUNTERFACTUALS);
        writer.put(2, made.number);
        for (uint256 list; list < 3; ++list) {
            uint256 countAt = writer.at;
            uint256 count;
            writer.put(2, 0);
            for (uint256 seat = list == 0 ? 0 : 0x80; seat < (list == 0 ? 0x20 : 0x86); ++seat) {
                uint256 free = _free();
                (bool isThere, int128 value) = _entry(made, list, seat);
                _forget(free);
                if (!isThere) continue;
                ++count;
                writer.put(1, seat);
                writer.putWad(value);
            }
            _count(writer, countAt, count);
        }
        _impliedWithout(made, writer);
        return writer.close();
    }

    function _entry(Made memory made, uint256 list, uint256 seat) private pure returns (bool, int128) {
        Entries memory table = _table(list == 2 ? made.oneIn : made.oneOut, list == 2, seat);
        if (list == 0) {
            Entries memory without = made.lists.oneOutImplied;
            return Counterfactuals.oneOutInferer(made.epoch, made.inferences, without, table, seat);
        }
        if (list == 1) {
            return Counterfactuals.oneOutForecaster(made.epoch, made.inferences, made.implied, table, seat);
        }
        return Counterfactuals.oneInForecaster(made.epoch, made.inferences, made.implied, table, seat);
    }

    function _table(Row[] memory tables, bool isIn, uint256 seat) private pure returns (Entries memory entries) {
        for (uint256 i; i < tables.length; ++i) {
            if (tables[i].byteAt(1) != seat) continue;
            return Kinds.table(tables[i], isIn ? ROW_ONE_IN_REGRETS : ROW_ONE_OUT_REGRETS, seat);
        }
    }

    function _impliedWithout(Made memory made, Writer memory writer) private pure {
        uint256 countAt = writer.at;
        uint256 count;
        writer.put(2, 0);
        for (uint256 k; k < made.forecasts.length; ++k) {
            Entries memory forecast = Kinds.forecast(made.forecasts[k]);
            for (uint256 i; i < made.inferences.count; ++i) {
                uint256 seat = made.inferences.seatAt(i);
                uint256 free = _free();
                (bool isThere, int128 value) = Counterfactuals.impliedWithout(
                    made.epoch,
                    made.inferences,
                    forecast,
                    seat
                );
                _forget(free);
                if (!isThere) continue;
                ++count;
                writer.put(1, made.forecasts[k].byteAt(1));
                writer.put(1, seat);
                writer.putWad(value);
            }
        }
        _count(writer, countAt, count);
    }

    /// @dev Writes a count over the zero that holds its place; what was written after it stays.
    function _count(Writer memory writer, uint256 at, uint256 count) private pure {
        assembly ("memory-safe") {
            mstore8(at, shr(8, count))
            mstore8(add(at, 1), count)
        }
        assert(writer.at >= at);
    }

    function _free() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    /// @dev Gives up what was made since: hundreds of entries would fill the memory, which costs with the square of its size.
    function _forget(uint256 free) private pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }
}
