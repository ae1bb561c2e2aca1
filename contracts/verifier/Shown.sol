// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Evidence} from "../types/Claim.sol";
import {
    LIST_INPUTS,
    LIST_OUTPUTS,
    LIST_STATE,
    ROW_LIST,
    ROW_REGISTRATIONS,
    ROW_SETTLEMENT_CONTEXT
} from "../types/Rows.sol";
import {Settlement} from "../types/Settlement.sol";
import {Entries} from "./Entries.sol";
// The lint does not see what assembly uses.
// solhint-disable-next-line no-unused-import
import {Kinds, REGISTRATION} from "./Kinds.sol";
import {Packed} from "./Packed.sol";
import {Row, rowOf, rowsOf, slice} from "./Row.sol";
import {Terms, termsOf} from "./Terms.sol";

/// @dev The evidence about a settlement. Rows are taken one after the other, each where the claim says that it stands; `next`
/// is the one to come. A list that was not asked for is empty.
struct Shown {
    bytes32 parametersHash;
    bytes32 inputsHash;
    bytes32 outputsHash;
    bytes32 registrations;
    bool isTold;
    Terms terms;
    Row[] rows;
    uint256 next;
    Row inputs;
    Row outputs;
    Row beforehand;
    Row afterwards;
    uint256 electorateAt;
}

using Showing for Shown global;

/// @dev Where rows stand in the list of a state.
uint256 constant AT_SEATS = 1;
uint256 constant AT_REGRETS = 2;
uint256 constant AT_ERRORS = 3;
uint256 constant AT_INCLUSIONS = 4;
uint256 constant AT_QUALITY = 5;
uint256 constant AT_ONE_OUT = 6;
uint256 constant AT_ONE_IN = 7;
/// @dev And in the list of a settlement's outputs.
uint256 constant AT_TRUTH = 0;
uint256 constant AT_LOSSES = 1;
uint256 constant AT_COUNTERFACTUAL_LOSSES = 2;

/// @dev Binds evidence to a settlement: whatever is used was hashed to what the settlement, or what it names, says.
library Showing {
    uint256 internal constant STATE_ROWS = 8;
    uint256 internal constant OUTPUT_ROWS = 3;
    uint256 private constant CONTEXT_BYTES = 161;
    uint256 private constant REGISTRATIONS_AT = 129;

    /// @dev Thrown when bytes do not have the hash of what they are to be.
    error HashMismatch(bytes32 given, bytes32 required);
    /// @dev Thrown when there are more rows than the claim names, or fewer, or other than one origin where one is named.
    error RowCountMismatch(uint256 given, uint256 required);
    /// @dev Thrown when a claim is about what a missed epoch does not have.
    error EpochMissed();

    // -- The lists --

    function isContext(Row context) internal pure returns (bool) {
        return Kinds.isKind(context, ROW_SETTLEMENT_CONTEXT) && context.size() == CONTEXT_BYTES;
    }

    /// @dev How many rows a settlement's inputs have at least.
    function leastInputs(uint256 labels) internal pure returns (uint256) {
        unchecked {
            return 5 + 5 * labels;
        }
    }

    /// @dev Binds the context.
    function open(
        Settlement calldata settlement,
        Evidence calldata evidence
    ) internal pure returns (Shown memory shown) {
        Row context = rowOf(evidence.context);
        requireHash(context, settlement.context);
        require(isContext(context), Packed.MalformedRow(ROW_SETTLEMENT_CONTEXT));
        shown.parametersHash = context.wordAt(1);
        shown.inputsHash = context.wordAt(65);
        shown.outputsHash = context.wordAt(97);
        shown.registrations = context.wordAt(REGISTRATIONS_AT);
        shown.isTold = shown.inputsHash != 0;
        shown.rows = rowsOf(evidence.rows);
    }

    /// @dev Takes the parameters.
    function takeTerms(Shown memory shown) internal pure {
        shown.terms = termsOf(shown.take(shown.parametersHash));
    }

    /// @dev Binds inputs and outputs, unless the epoch was missed.
    function bindTold(Shown memory shown, Evidence calldata evidence, bool withOutputs) internal pure {
        if (!shown.isTold) return;
        shown.inputs = rowOf(evidence.inputs);
        requireHash(shown.inputs, shown.inputsHash);
        (bool fits, uint256 count) = Kinds.listed(shown.inputs, LIST_INPUTS);
        uint256 labels = shown.terms.labels;
        require(fits && count >= leastInputs(labels), Packed.MalformedRow(ROW_LIST));
        shown.electorateAt = count - 4 - 4 * labels;
        if (withOutputs) shown.outputs = _list(evidence.outputs, shown.outputsHash, LIST_OUTPUTS, OUTPUT_ROWS);
    }

    function bindBeforehand(Shown memory shown, Evidence calldata evidence, bytes32 hash) internal pure {
        shown.beforehand = _list(evidence.beforehand, hash, LIST_STATE, STATE_ROWS);
    }

    function bindAfterwards(Shown memory shown, Evidence calldata evidence, bytes32 hash) internal pure {
        shown.afterwards = _list(evidence.afterwards, hash, LIST_STATE, STATE_ROWS);
    }

    function _list(bytes calldata bytes_, bytes32 required, uint8 kind, uint256 size) private pure returns (Row list) {
        list = rowOf(bytes_);
        requireHash(list, required);
        (bool fits, uint256 count) = Kinds.listed(list, kind);
        require(fits && count == size, Packed.MalformedRow(ROW_LIST));
    }

    function requireHash(Row row, bytes32 required) internal pure {
        bytes32 given = row.hash();
        require(given == required, HashMismatch(given, required));
    }

    function requireTold(Shown memory shown) internal pure {
        require(shown.isTold, EpochMissed());
    }

    /// @dev The hash at a place of a list, which has so many.
    function hashAt(Row list, uint256 place) internal pure returns (bytes32) {
        unchecked {
            return list.wordAt(4 + 32 * place);
        }
    }

    // -- The rows --

    /// @dev The next row, which has this hash.
    function take(Shown memory shown, bytes32 required) internal pure returns (Row row) {
        require(shown.next < shown.rows.length, RowCountMismatch(shown.rows.length, shown.next + 1));
        row = shown.rows[shown.next++];
        requireHash(row, required);
    }

    /// @dev The next row, which stands at this place of the list.
    function takeAt(Shown memory shown, Row list, uint256 place) internal pure returns (Row) {
        return shown.take(hashAt(list, place));
    }

    /// @dev The next rows, which stand from this place of the inputs on.
    function takeInputs(Shown memory shown, uint256 first, uint256 count) internal pure returns (Row[] memory rows) {
        rows = new Row[](count);
        for (uint256 i; i < count; ++i) rows[i] = shown.takeAt(shown.inputs, first + i);
    }

    function takeInferences(Shown memory shown) internal pure returns (Row[] memory) {
        return shown.takeInputs(1, shown.terms.labels);
    }

    function takeTruths(Shown memory shown) internal pure returns (Row[] memory) {
        return shown.takeInputs(shown.electorateAt + 1, shown.terms.labels);
    }

    function takeRoster(Shown memory shown) internal pure returns (Row) {
        return shown.takeAt(shown.inputs, shown.electorateAt + shown.terms.labels + 3);
    }

    /// @dev Where the values 0x31 begin; the implied ones and the counterfactuals follow, each one a label.
    function valuesAt(Shown memory shown) internal pure returns (uint256) {
        return shown.electorateAt + shown.terms.labels + 4;
    }

    function takeValues(Shown memory shown) internal pure returns (Row[] memory) {
        return shown.takeInputs(shown.valuesAt(), shown.terms.labels);
    }

    function takeImplied(Shown memory shown) internal pure returns (Row[] memory) {
        return shown.takeInputs(shown.valuesAt() + shown.terms.labels, shown.terms.labels);
    }

    function takeCounterfactuals(Shown memory shown) internal pure returns (Row[] memory) {
        return shown.takeInputs(shown.valuesAt() + 2 * shown.terms.labels, shown.terms.labels);
    }

    /// @dev Nothing may be left over.
    function end(Shown memory shown) internal pure {
        require(shown.next == shown.rows.length, RowCountMismatch(shown.rows.length, shown.next));
    }

    // -- Registrations --

    /// @dev The rows that seats follow from, forecasts among them.
    function takeRegistrations(
        Shown memory shown,
        Settlement calldata settlement,
        Evidence calldata evidence
    ) internal pure returns (Row[] memory rows) {
        uint256 first = shown.terms.labels + 1;
        if (shown.isTold) return shown.takeInputs(first, shown.electorateAt - first);
        // Nothing else names the registrations of a missed epoch than the running hash.
        bytes32 start = shown.takeParent(settlement, evidence);
        rows = slice(shown.rows, shown.next, shown.rows.length - shown.next);
        shown.next = shown.rows.length;
        bytes32 running = runningHash(start, rows);
        require(running == shown.registrations, HashMismatch(running, shown.registrations));
    }

    /// @dev Takes the parent's context; gives the running hash up to which the parent took up registrations.
    function takeParent(
        Shown memory shown,
        Settlement calldata settlement,
        Evidence calldata evidence
    ) internal pure returns (bytes32) {
        uint256 required = settlement.parent == 0 ? 0 : 1;
        require(evidence.origin.length == required, RowCountMismatch(evidence.origin.length, required));
        if (required == 0) return 0;
        bytes32 given = evidence.origin[0].hash();
        require(given == settlement.parent, HashMismatch(given, settlement.parent));
        Row context = shown.take(evidence.origin[0].context);
        require(isContext(context), Packed.MalformedRow(ROW_SETTLEMENT_CONTEXT));
        return context.wordAt(REGISTRATIONS_AT);
    }

    /// @dev The running hash after the registrations of those of the rows that have some.
    function runningHash(bytes32 running, Row[] memory rows) internal pure returns (bytes32) {
        for (uint256 i; i < rows.length; ++i) {
            if (!Kinds.isKind(rows[i], ROW_REGISTRATIONS)) continue;
            Entries memory entries = Kinds.registrations(rows[i]);
            uint256 at = (Row.unwrap(rows[i]) >> 128) + entries.first;
            // Equals running = keccak256(running, entry) for each entry; the 42 bytes stand in scratch space.
            assembly ("memory-safe") {
                let free := mload(0x40)
                for {
                    let last := add(at, mul(mload(add(entries, 0x40)), REGISTRATION))
                } lt(at, last) {
                    at := add(at, REGISTRATION)
                } {
                    mstore(free, running)
                    calldatacopy(add(free, 0x20), at, REGISTRATION)
                    running := keccak256(free, 74)
                }
            }
        }
        return running;
    }
}
