// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Evidence} from "../types/Claim.sol";
import {LIST_INPUTS, LIST_OUTPUTS, LIST_STATE, ROW_CONTEXT, ROW_FORECAST, ROW_SIGNATURES} from "../types/Rows.sol";
import {Bound} from "./Bound.sol";
import {Entries, NOT_FOUND} from "./Entries.sol";
import {Epochs} from "./Epochs.sol";
import {Kinds, Lists} from "./Kinds.sol";
import {Row, rowOf, rowsOf} from "./Row.sol";
import {Synthesis} from "./Synthesis.sol";
import {Terms, takeTerms} from "./Terms.sol";

/// @dev Evidence about a report. The rows of the claim are bound one by one, as they are asked for.
struct Case {
    Row context;
    Row inputs;
    Row outputs;
    Row beforehand;
    Row[] rows;
    Terms terms;
    uint256 label;
}

using Cases for Case global;

/// @dev Takes the rows of the evidence, each from its place in the lists that the report's context names. `i` is where the
/// evidence has it.
library Cases {
    uint256 private constant CONTEXT_BYTES = 165;
    uint256 private constant PARAMETERS_HASH_AT = 1;
    uint256 private constant SETTLED_LEAF_AT = 37;
    uint256 private constant STATE_HASH_AT = 69;
    uint256 private constant INPUTS_HASH_AT = 101;
    uint256 private constant OUTPUTS_HASH_AT = 133;
    /// @dev Places in the list of a state.
    uint256 private constant REGRETS_PLACE = 2;
    uint256 private constant ERRORS_PLACE = 3;

    /// @dev Thrown where all forecasts are needed and nothing says how many there are: before the first settlement no scale is
    /// to be made.
    error ForecastsUncounted();

    // -- Context and lists --

    /// @dev The evidence of a report with this context, whether or not it decodes.
    function read(Evidence calldata evidence, bytes32 context) internal pure returns (Case memory one) {
        one.context = rowOf(evidence.context);
        Bound.requireContext(one.context, context);
        one.inputs = rowOf(evidence.inputs);
        one.outputs = rowOf(evidence.outputs);
        one.beforehand = rowOf(evidence.beforehand);
        one.rows = rowsOf(evidence.rows);
    }

    function hasContext(Case memory one) internal pure returns (bool) {
        return Kinds.isKind(one.context, ROW_CONTEXT) && one.context.size() == CONTEXT_BYTES;
    }

    function parametersHash(Case memory one) internal pure returns (bytes32) {
        return one.context.wordAt(PARAMETERS_HASH_AT);
    }

    function isSettled(Case memory one) internal pure returns (bool) {
        return one.context.wordAt(SETTLED_LEAF_AT) != 0;
    }

    /// @dev Takes the row 0x11, the first of every claim, which the context itself names.
    function takeParameters(Case memory one) internal pure {
        Kinds.requireFit(one.hasContext(), ROW_CONTEXT);
        Row row = Bound.row(one.rows, 0);
        Bound.requireRow(row, one.parametersHash());
        takeTerms(one.terms, row);
        Epochs.requireBounded(one.terms);
    }

    /// @dev Chooses the label that a claim is about.
    function takeLabel(Case memory one, uint256 label) internal pure {
        require(label < one.terms.labels, Bound.LabelOutOfRange(label, one.terms.labels));
        one.label = label;
    }

    function requireInputs(Case memory one) internal pure returns (uint256 count) {
        Bound.requireList(one.inputs, LIST_INPUTS, one.context.wordAt(INPUTS_HASH_AT));
        return Bound.length(one.inputs, LIST_INPUTS);
    }

    function requireOutputs(Case memory one) internal pure returns (uint256 count) {
        Bound.requireList(one.outputs, LIST_OUTPUTS, one.context.wordAt(OUTPUTS_HASH_AT));
        return Bound.length(one.outputs, LIST_OUTPUTS);
    }

    function requireBeforehand(Case memory one) internal pure {
        Bound.requireList(one.beforehand, LIST_STATE, one.context.wordAt(STATE_HASH_AT));
        Bound.length(one.beforehand, LIST_STATE);
    }

    /// @dev A list by number, whether or not it decodes: 1 inputs, 2 outputs.
    function list(Case memory one, uint256 number) internal pure returns (Row row, uint8 kind) {
        require(number == 1 || number == 2, Bound.PlaceOutOfRange(number, 3));
        (row, kind) = number == 1 ? (one.inputs, LIST_INPUTS) : (one.outputs, LIST_OUTPUTS);
        Bound.requireList(row, kind, one.context.wordAt(number == 1 ? INPUTS_HASH_AT : OUTPUTS_HASH_AT));
    }

    // -- Rows --

    /// @dev 0x12 of the label.
    function inferences(Case memory one, uint256 i) internal pure returns (Entries memory) {
        Row row = Bound.row(one.rows, i);
        Bound.requireAt(one.inputs, 1 + one.label, row);
        return Kinds.inferences(row, one.label);
    }

    /// @dev The 0x13 at a place among the forecasts.
    function forecast(Case memory one, uint256 i, uint256 place) internal pure returns (Row row) {
        row = Bound.row(one.rows, i);
        Bound.requireAt(one.inputs, 1 + one.terms.labels + place, row);
        Kinds.requireFit(Kinds.isKind(row, ROW_FORECAST), ROW_FORECAST);
    }

    /// @dev All 0x13, as many as the list of inputs has.
    function forecasts(Case memory one, uint256 i) internal pure returns (Row[] memory rows) {
        require(one.isSettled(), ForecastsUncounted());
        uint256 others = one.terms.labels + 2;
        uint256 count = one.inputs.uint16At(2);
        require(count >= others, Bound.PlaceOutOfRange(others, count));
        return _forecasts(one, i, count - others);
    }

    /// @dev All 0x13, also before the first settlement: there the last row of the evidence is the 0x14 behind them.
    function forecastsToSignatures(Case memory one, uint256 i) internal pure returns (Row[] memory rows) {
        if (one.isSettled()) return forecasts(one, i);
        uint256 count = one.rows.length;
        require(count > i, Bound.RowsMissing(count, i + 1));
        count -= i + 1;
        Row signatures = one.rows[i + count];
        Bound.requireAt(one.inputs, 1 + one.terms.labels + count, signatures);
        Kinds.requireFit(Kinds.isKind(signatures, ROW_SIGNATURES), ROW_SIGNATURES);
        return _forecasts(one, i, count);
    }

    function _forecasts(Case memory one, uint256 i, uint256 count) private pure returns (Row[] memory rows) {
        rows = new Row[](count);
        for (uint256 place; place < count; ++place) rows[place] = forecast(one, i + place, place);
    }

    /// @dev 0x23, and from `z` on all 0x13 if the scale has to be made.
    function epoch(
        Case memory one,
        uint256 i,
        Entries memory present,
        uint256 z
    ) internal pure returns (Synthesis.Epoch memory made) {
        Row row = Bound.row(one.rows, i);
        Bound.requireAt(one.beforehand, REGRETS_PLACE, row);
        Synthesis.take(made, one.terms, row);
        if (Synthesis.needsScale(made)) Synthesis.scaled(made, present, forecasts(one, z));
    }

    /// @dev 0x24.
    function errors(Case memory one, uint256 i) internal pure returns (Row row) {
        row = Bound.row(one.rows, i);
        Bound.requireAt(one.beforehand, ERRORS_PLACE, row);
    }

    /// @dev The regrets of a seat from its 0x27 or 0x28, and where the row behind stands. Row `i` is the list of tables, at a
    /// place of the state; only if it has the seat is the next row its table.
    function table(
        Case memory one,
        uint256 i,
        uint256 place,
        uint8 listKind,
        uint8 kind,
        uint256 seat
    ) internal pure returns (Entries memory entries, uint256 next) {
        Row row = Bound.row(one.rows, i);
        Bound.requireAt(one.beforehand, place, row);
        Entries memory tables = Kinds.tables(row, listKind);
        uint256 found = tables.find(seat);
        if (found == NOT_FOUND) return (entries, i + 1);
        Row regrets = Bound.row(one.rows, i + 1);
        Bound.requireRow(regrets, row.wordAt(tables.placeAt(found) + 1));
        return (Kinds.table(regrets, kind, seat), i + 2);
    }

    /// @dev 0x31 of the label.
    function value(Case memory one, uint256 i) internal pure returns (Row row) {
        row = Bound.row(one.rows, i);
        Bound.requireAt(one.outputs, one.label, row);
        Kinds.value(row, one.label);
    }

    /// @dev 0x33 of the label.
    function implied(Case memory one, uint256 i) internal pure returns (Entries memory) {
        Row row = Bound.row(one.rows, i);
        Bound.requireAt(one.outputs, one.terms.labels + 1 + one.label, row);
        return Kinds.implied(row, one.label);
    }

    /// @dev 0x36 of the label.
    function counterfactuals(Case memory one, uint256 i) internal pure returns (Lists memory) {
        Row row = Bound.row(one.rows, i);
        Bound.requireAt(one.outputs, 2 * one.terms.labels + 1 + one.label, row);
        return Kinds.counterfactuals(row, one.label);
    }
}
