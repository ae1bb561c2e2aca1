// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {LIST_INPUTS, LIST_OUTPUTS, LIST_STATE, ROW_ONE_IN_TABLES, ROW_ONE_OUT_TABLES} from "../types/Rows.sol";
import {Opened} from "./Opened.sol";

/// @dev Step 7, what answers a demand for a row: the row under the hash that the message names, or what shows that it has
/// none. Bytes that have the right hash and do not decode answer too: they are published, and refute the message.
library Answers {
    uint256 private constant CONTEXT = 0;
    /// @dev Where these two stand in the list of a state.
    uint256 private constant ONE_OUT_PLACE = 6;
    uint256 private constant ONE_IN_PLACE = 7;
    uint256 private constant TABLE_ENTRY = 33;

    /// @dev Whether a report may have such a row.
    function isReports(uint256 kind, uint256 index) internal pure returns (bool) {
        if (kind == CONTEXT) return index == 0;
        return index <= type(uint16).max && (kind == LIST_INPUTS || kind == LIST_OUTPUTS);
    }

    /// @dev Whether a settlement may.
    function isSettlements(uint256 kind, uint256 index) internal pure returns (bool) {
        if (kind == ROW_ONE_OUT_TABLES || kind == ROW_ONE_IN_TABLES) return index <= type(uint8).max;
        return isReports(kind, index) || (kind == LIST_STATE && index <= type(uint16).max);
    }

    function requireReports(
        bytes32 context,
        uint256 kind,
        uint256 index,
        IDisputes.Answer calldata answer
    ) internal pure {
        if (kind == CONTEXT) return Opened.requireHash(answer.row, context);
        Opened.requireHash(answer.context, context);
        if (!Opened.isReportContext(answer.context)) return;
        Opened.ReportContext memory words = Opened.reportContext(answer.context, context);
        _requireListed(kind == LIST_INPUTS ? words.inputs : words.outputs, uint8(kind), index, answer);
    }

    function requireSettlements(
        bytes32 context,
        bytes32 state,
        uint256 kind,
        uint256 index,
        IDisputes.Answer calldata answer
    ) internal pure {
        if (kind == CONTEXT) return Opened.requireHash(answer.row, context);
        if (kind == LIST_STATE) return _requireListed(state, LIST_STATE, index, answer);
        if (kind == ROW_ONE_OUT_TABLES || kind == ROW_ONE_IN_TABLES)
            return _requireTable(state, uint8(kind), index, answer);
        Opened.requireHash(answer.context, context);
        if (!Opened.isSettlementContext(answer.context)) return;
        Opened.SettlementContext memory words = Opened.settlementContext(answer.context, context);
        bytes32 list = kind == LIST_INPUTS ? words.inputs : words.outputs;
        // A missed epoch has no inputs.
        if (list != 0) _requireListed(list, uint8(kind), index, answer);
    }

    function _requireListed(bytes32 list, uint8 kind, uint256 index, IDisputes.Answer calldata answer) private pure {
        (bool exists, bytes32 row) = _at(list, kind, index, answer.list);
        if (exists) Opened.requireHash(answer.row, row);
    }

    function _requireTable(bytes32 state, uint8 kind, uint256 seat, IDisputes.Answer calldata answer) private pure {
        uint256 place = kind == ROW_ONE_OUT_TABLES ? ONE_OUT_PLACE : ONE_IN_PLACE;
        (bool exists, bytes32 hash) = _at(state, LIST_STATE, place, answer.list);
        if (!exists) return;
        bytes calldata tables = answer.tables;
        Opened.requireHash(tables, hash);
        if (tables.length < 3 || uint8(tables[0]) != kind || (tables.length - 3) % TABLE_ENTRY != 0) return;
        for (uint256 at = 3; at < tables.length; at += TABLE_ENTRY) {
            if (uint8(tables[at]) == seat) return Opened.requireHash(answer.row, bytes32(tables[at + 1:at + 33]));
        }
    }

    /// @dev The hash at the place of the list of this hash, if it is a list that reaches there.
    function _at(
        bytes32 required,
        uint8 kind,
        uint256 place,
        bytes calldata list
    ) private pure returns (bool exists, bytes32 row) {
        Opened.requireHash(list, required);
        if (!Opened.isList(list, kind) || place >= (list.length - 4) / 32) return (false, 0);
        return (true, Opened.hashAt(list, place));
    }
}
