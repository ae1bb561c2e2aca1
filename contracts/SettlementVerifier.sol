// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LearningVerifier} from "./LearningVerifier.sol";
import {Claim, Evidence} from "./types/Claim.sol";
import {LIST_INPUTS, LIST_OUTPUTS, LIST_STATE, ROW_LIST} from "./types/Rows.sol";
import {Settlement} from "./types/Settlement.sol";
import {Epochs} from "./verifier/Epochs.sol";
import {Genesis} from "./verifier/Genesis.sol";
import {Kinds} from "./verifier/Kinds.sol";
import {Losses} from "./verifier/Losses.sol";
import {Outcomes} from "./verifier/Outcomes.sol";
import {Row, rowOf, rowsOf} from "./verifier/Row.sol";
import {Seating} from "./verifier/Seating.sol";
import {AT_COUNTERFACTUAL_LOSSES, AT_LOSSES, AT_SEATS, AT_TRUTH, Showing, Shown} from "./verifier/Shown.sol";
import {termsOf} from "./verifier/Terms.sol";
import {Truths} from "./verifier/Truths.sol";

/// @title SettlementVerifier
/// @notice Step 6 recomputed on chain, its first half: what a settlement counted, what came true, how far off everybody was,
/// and who sits. The second half is `LearningVerifier`. Anyone may call all of it; it has no state.
contract SettlementVerifier {
    /// @notice Thrown when a claim is not one about a settlement's arithmetic.
    error UnknownClaim(Claim given);
    /// @notice Thrown when there is no list, place, part or label of this number.
    error UnknownPlace(uint256 given);

    /// @notice Recomputes what a settlement's losses leave in the state.
    LearningVerifier public immutable learning = new LearningVerifier();

    // -- The rows --

    /// @notice The row 0x34, from the electorate 0x16 and all labels' truths 0x17.
    /// @dev Every row here is a whole row, and the result is the row as the core makes it. Reverts if a row does not decode, or
    /// if the truths do not settle.
    function truthRow(
        bytes calldata parameters,
        bytes calldata electorate,
        bytes[] calldata truths
    ) external pure returns (bytes memory) {
        return Truths.settledRow(termsOf(rowOf(parameters)), rowOf(electorate), rowsOf(truths));
    }

    /// @notice The row 0x35, from the settled truth and all labels' inferences 0x12, values 0x31 and implied values 0x33.
    function lossesRow(
        bytes calldata parameters,
        bytes calldata truth,
        bytes[] calldata inferences,
        bytes[] calldata values,
        bytes[] calldata implied
    ) external pure returns (bytes memory) {
        Losses.Measure memory measure = Losses.measure(termsOf(rowOf(parameters)), rowOf(truth));
        return Losses.lossesRow(measure, rowsOf(inferences), rowsOf(values), rowsOf(implied));
    }

    /// @notice The row 0x37, from the settled truth and all labels' counterfactuals 0x36.
    function counterfactualLossesRow(
        bytes calldata parameters,
        bytes calldata truth,
        bytes[] calldata counterfactuals
    ) external pure returns (bytes memory) {
        Losses.Measure memory measure = Losses.measure(termsOf(rowOf(parameters)), rowOf(truth));
        return Losses.counterfactualsRow(measure, rowsOf(counterfactuals));
    }

    /// @notice The row 0x22 after the registrations 0x15 of an epoch.
    function seatsRow(
        bytes calldata parameters,
        bytes calldata seats,
        bytes[] calldata registrations
    ) external pure returns (bytes memory) {
        return Seating.rowAfter(termsOf(rowOf(parameters)), rowOf(seats), rowsOf(registrations));
    }

    // -- The numbers --

    /// @notice The loss of values, one a label, against the settled truth 0x34.
    function loss(
        bytes calldata parameters,
        bytes calldata truth,
        int256[] memory values
    ) external pure returns (int256) {
        Losses.Measure memory measure = Losses.measure(termsOf(rowOf(parameters)), rowOf(truth));
        require(values.length == measure.truth.length, UnknownPlace(values.length));
        return Losses.loss(measure, values);
    }

    // -- The claims --

    /// @notice As `IVerifier.judgeSettlement`.
    function judgeSettlement(
        Settlement calldata settlement,
        bytes32 beforehand,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool isWrong) {
        require(claim >= Claim.SettlementLists && claim <= Claim.Tables, UnknownClaim(claim));
        if (claim >= Claim.Regrets) return learning.judgeSettlement(settlement, beforehand, claim, at, evidence);
        if (claim == Claim.SettlementLists) return _areListsWrong(settlement, at, evidence);
        Shown memory shown = Showing.open(settlement, evidence);
        shown.takeTerms();
        if (claim == Claim.Seats) return _areSeatsWrong(shown, settlement, beforehand, evidence);
        bool isOfOutputs = claim >= Claim.Truth;
        // Only the pot of a missed epoch can be wrong among its inputs.
        if (isOfOutputs || claim == Claim.SettlementRow) shown.requireTold();
        shown.bindTold(evidence, isOfOutputs);
        if (claim == Claim.SettlementRow) return _isRowWrong(shown, at);
        if (claim == Claim.SettlementInputs) return _areInputsWrong(shown, settlement, at, evidence);
        if (claim == Claim.Truth) return _differs(shown, AT_TRUTH, _truth(shown));
        Losses.Measure memory measure = Losses.measure(shown.terms, shown.takeAt(shown.outputs, AT_TRUTH));
        if (claim == Claim.Losses) return _differs(shown, AT_LOSSES, _losses(shown, measure));
        bytes memory made = Losses.counterfactualsRow(measure, shown.takeCounterfactuals());
        return _differs(shown, AT_COUNTERFACTUAL_LOSSES, made);
    }

    /// @dev Whether another row stands in the outputs than the one that was made here, of all that was shown.
    function _differs(Shown memory shown, uint256 place, bytes memory made) private pure returns (bool) {
        shown.end();
        return Showing.hashAt(shown.outputs, place) != keccak256(made);
    }

    // -- Lists and rows --

    /// @dev A list that lacks its shape cannot be bound, so these take nothing for granted but the hashes.
    function _areListsWrong(
        Settlement calldata settlement,
        uint256 at,
        Evidence calldata evidence
    ) private pure returns (bool) {
        if (at == 0) return _isContextWrong(settlement, rowOf(evidence.context));
        Shown memory shown = Showing.open(settlement, evidence);
        if (at == 3) return _isStateWrong(shown, settlement.state, rowOf(evidence.afterwards));
        require(at < 3, UnknownPlace(at));
        shown.requireTold();
        if (at == 1) return _areInputsMisshapen(shown, rowOf(evidence.inputs));
        shown.end();
        Row list = rowOf(evidence.outputs);
        Showing.requireHash(list, shown.outputsHash);
        (bool fits, uint256 count) = Kinds.listed(list, LIST_OUTPUTS);
        return !fits || count != Showing.OUTPUT_ROWS;
    }

    function _isContextWrong(Settlement calldata settlement, Row context) private pure returns (bool) {
        Showing.requireHash(context, settlement.context);
        if (!Showing.isContext(context)) return true;
        // A missed epoch has no outputs.
        bytes32 none = keccak256(abi.encodePacked(ROW_LIST, LIST_OUTPUTS, uint16(0)));
        return context.wordAt(65) == 0 && context.wordAt(97) != none;
    }

    function _areInputsMisshapen(Shown memory shown, Row list) private pure returns (bool) {
        shown.takeTerms();
        shown.end();
        Showing.requireHash(list, shown.inputsHash);
        (bool fits, uint256 count) = Kinds.listed(list, LIST_INPUTS);
        bool isWhole = fits && count >= Showing.leastInputs(shown.terms.labels);
        return !isWhole || Showing.hashAt(list, 0) != shown.parametersHash;
    }

    function _isStateWrong(Shown memory shown, bytes32 state, Row list) private pure returns (bool) {
        shown.end();
        Showing.requireHash(list, state);
        (bool fits, uint256 count) = Kinds.listed(list, LIST_STATE);
        return !fits || count != Showing.STATE_ROWS || Showing.hashAt(list, 0) != Genesis.VERSION;
    }

    function _isRowWrong(Shown memory shown, uint256 place) private pure returns (bool isWrong) {
        uint256 labels = shown.terms.labels;
        // The first row is the context's, and has been taken.
        require(place != 0 && place < shown.valuesAt() + 3 * labels, UnknownPlace(place));
        Row row = shown.takeAt(shown.inputs, place);
        isWrong = !Outcomes.decodes(row, place, labels, shown.electorateAt);
        if (shown.next < shown.rows.length) {
            require(place > labels && place + 1 < shown.electorateAt, UnknownPlace(place));
            Row next = shown.takeAt(shown.inputs, place + 1);
            bool areRows = !isWrong && Outcomes.decodes(next, place + 1, labels, shown.electorateAt);
            isWrong = isWrong || (areRows && !Outcomes.areInOrder(row, next));
        }
        shown.end();
    }

    // -- What is admitted --

    function _areInputsWrong(
        Shown memory shown,
        Settlement calldata settlement,
        uint256 at,
        Evidence calldata evidence
    ) private pure returns (bool isWrong) {
        (uint256 part, uint256 label) = (at >> 16, at & 0xffff);
        if (part == 8) {
            require(label == 0, UnknownPlace(at));
            isWrong = settlement.pot != 0;
            if (shown.isTold) {
                Row pot = shown.takeAt(shown.inputs, shown.electorateAt + shown.terms.labels + 2);
                isWrong = isWrong || Kinds.pot(pot) != 0;
            }
        } else {
            shown.requireTold();
            bool isOfLabel = part >= 5 && part <= 7;
            require(label < (isOfLabel ? shown.terms.labels : 1), UnknownPlace(at));
            isWrong =
                isOfLabel ? !_isLabelAdmitted(shown, part, label) : !_isAdmitted(shown, settlement, part, evidence);
        }
        shown.end();
    }

    function _isAdmitted(
        Shown memory shown,
        Settlement calldata settlement,
        uint256 part,
        Evidence calldata evidence
    ) private pure returns (bool) {
        uint256 labels = shown.terms.labels;
        if (part == 1) return Epochs.areInferences(shown.terms, shown.takeInferences());
        if (part == 2) {
            uint256 shownForecasts = shown.rows.length - shown.next;
            require(shownForecasts <= shown.electorateAt - labels - 1, UnknownPlace(shownForecasts));
            return Epochs.areForecasts(shown.terms, shown.takeInputs(labels + 1, shownForecasts));
        }
        if (part == 3) {
            Row[] memory rows = shown.takeRegistrations(settlement, evidence);
            bytes32 start = shown.takeParent(settlement, evidence);
            return Showing.runningHash(start, rows) == shown.registrations;
        }
        if (part == 4) {
            Row electorate = shown.takeAt(shown.inputs, shown.electorateAt);
            (bool isAdmissible, Truths.Ballot memory said) = Truths.ballot(shown.terms, electorate, shown.takeTruths());
            Row signatures = shown.takeAt(shown.inputs, shown.electorateAt + labels + 1);
            return Truths.areSigned(said, signatures) && isAdmissible;
        }
        require(part == 9, UnknownPlace(part));
        uint256 seats = _seats(shown);
        return Outcomes.isRoster(shown.terms, seats, shown.takeRoster());
    }

    function _isLabelAdmitted(Shown memory shown, uint256 part, uint256 label) private pure returns (bool) {
        (uint256 labels, uint256 values) = (shown.terms.labels, shown.valuesAt());
        if (part == 5) return Outcomes.isReported(shown.terms, shown.takeAt(shown.inputs, values + label), label);
        uint256 implied = values + labels;
        if (part == 6) {
            Row first = shown.takeAt(shown.inputs, implied);
            return _areImpliedAdmitted(shown, first, shown.takeAt(shown.inputs, implied + label), label);
        }
        uint256 seats = _seats(shown);
        Row of0 = shown.takeAt(shown.inputs, implied + labels);
        Row ofLabel = shown.takeAt(shown.inputs, implied + labels + label);
        return Outcomes.areCounterfactuals(shown.terms, seats, of0, ofLabel, label);
    }

    /// @dev The row after the last forecast shows that there are no more of them.
    function _areImpliedAdmitted(
        Shown memory shown,
        Row first,
        Row ofLabel,
        uint256 label
    ) private pure returns (bool) {
        uint256 place = shown.terms.labels + 1;
        // The row behind them is one of those that are left; none left is none shown.
        uint256 forecasts = shown.rows.length - shown.next;
        require(forecasts != 0 && place + forecasts <= shown.electorateAt + 1, UnknownPlace(forecasts));
        Row[] memory rows = shown.takeInputs(place, --forecasts);
        for (uint256 k; k < forecasts; ++k) Kinds.forecast(rows[k]);
        Row next = shown.takeAt(shown.inputs, place + forecasts);
        require(!Kinds.isForecast(next), UnknownPlace(place + forecasts));
        return Outcomes.areImplied(shown.terms, first, ofLabel, label, rows);
    }

    /// @dev The bits of the seats that took part, from the next two rows.
    function _seats(Shown memory shown) private pure returns (uint256) {
        Row inferences = shown.takeAt(shown.inputs, 1);
        return Outcomes.seatsOf(inferences, shown.takeAt(shown.inputs, shown.valuesAt() + shown.terms.labels));
    }

    // -- Outputs and seats --

    function _truth(Shown memory shown) private pure returns (bytes memory) {
        Row electorate = shown.takeAt(shown.inputs, shown.electorateAt);
        return Truths.settledRow(shown.terms, electorate, shown.takeTruths());
    }

    function _losses(Shown memory shown, Losses.Measure memory measure) private pure returns (bytes memory) {
        Row[] memory inferences = shown.takeInferences();
        Row[] memory values = shown.takeValues();
        return Losses.lossesRow(measure, inferences, values, shown.takeImplied());
    }

    function _areSeatsWrong(
        Shown memory shown,
        Settlement calldata settlement,
        bytes32 beforehand,
        Evidence calldata evidence
    ) private pure returns (bool) {
        shown.bindTold(evidence, false);
        shown.bindBeforehand(evidence, beforehand);
        shown.bindAfterwards(evidence, settlement.state);
        Row seats = shown.takeAt(shown.beforehand, AT_SEATS);
        bytes memory made = Seating.rowAfter(shown.terms, seats, shown.takeRegistrations(settlement, evidence));
        shown.end();
        return Showing.hashAt(shown.afterwards, AT_SEATS) != keccak256(made);
    }
}
