// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claim, Evidence} from "./types/Claim.sol";
import {ROW_ONE_IN_REGRETS, ROW_ONE_IN_TABLES, ROW_ONE_OUT_REGRETS, ROW_ONE_OUT_TABLES} from "./types/Rows.sol";
import {Settlement} from "./types/Settlement.sol";
import {ALL_SEATS, Entries, NOT_FOUND} from "./verifier/Entries.sol";
import {Errors} from "./verifier/Errors.sol";
import {Kinds} from "./verifier/Kinds.sol";
import {QualityRow} from "./verifier/QualityRow.sol";
import {Regrets} from "./verifier/Regrets.sol";
import {Row, rowOf, rowsOf} from "./verifier/Row.sol";
import {Room, Seating} from "./verifier/Seating.sol";
import {
    AT_ERRORS,
    AT_INCLUSIONS,
    AT_LOSSES,
    AT_COUNTERFACTUAL_LOSSES,
    AT_ONE_IN,
    AT_ONE_OUT,
    AT_QUALITY,
    AT_REGRETS,
    AT_SEATS,
    AT_TRUTH,
    Showing,
    Shown
} from "./verifier/Shown.sol";
import {Tables} from "./verifier/Tables.sol";
import {Terms, termsOf} from "./verifier/Terms.sol";

/// @title LearningVerifier
/// @notice Step 6 recomputed on chain, its second half: what a settlement's losses leave in the state. The first half is
/// `SettlementVerifier`, which hands on the claims about this one. Anyone may call all of it; it has no state.
contract LearningVerifier {
    /// @dev What a seat's table follows from. `table` is the one beforehand, empty if there was none. Of a missed epoch the four
    /// rows after it are empty.
    struct TableRows {
        bytes parameters;
        bytes seats;
        bytes table;
        bytes regrets;
        bytes roster;
        bytes losses;
        bytes counterfactualLosses;
        bytes[] registrations;
    }

    /// @notice Thrown when a claim is not about what a settlement leaves.
    error UnknownClaim(Claim given);
    /// @notice Thrown when there is no seat, or no list of tables, of this number.
    error UnknownPlace(uint256 given);

    // -- The rows --

    /// @notice The row 0x23 after an epoch: previous loss, scale, initial regret, network and naive regrets.
    /// @dev Of a missed epoch `inclusions`, `roster` and `losses` are empty. Every row here is a whole row, state rows are those
    /// beforehand unless they are called made, and the result is the row as the core makes it. Reverts if a row does not decode.
    /// @param registrations The rows 0x15 of the epoch.
    function regretsRow(
        bytes calldata parameters,
        bytes calldata seats,
        bytes calldata regrets,
        bytes calldata inclusions,
        bytes calldata roster,
        bytes calldata losses,
        bytes[] calldata registrations
    ) external pure returns (bytes memory) {
        Terms memory terms = termsOf(rowOf(parameters));
        Room memory room = _roomAfter(terms, rowOf(seats), rowsOf(registrations));
        return Regrets.rowAfter(terms, room, rowOf(regrets), rowOf(inclusions), rowOf(roster), rowOf(losses));
    }

    /// @notice The row 0x25 after an epoch. Of a missed epoch `roster` and `losses` are empty.
    function inclusionsRow(
        bytes calldata parameters,
        bytes calldata seats,
        bytes calldata inclusions,
        bytes calldata roster,
        bytes calldata losses,
        bytes[] calldata registrations
    ) external pure returns (bytes memory) {
        Terms memory terms = termsOf(rowOf(parameters));
        Room memory room = _roomAfter(terms, rowOf(seats), rowsOf(registrations));
        return Regrets.inclusionsRow(terms, room, rowOf(inclusions), rowOf(roster), rowOf(losses));
    }

    /// @notice The row 0x24 after an epoch that was not missed, from all labels' inferences 0x12 and values 0x31.
    function errorsRow(
        bytes calldata parameters,
        bytes calldata errors,
        bytes calldata truth,
        bytes[] calldata inferences,
        bytes[] calldata values
    ) external pure returns (bytes memory) {
        Terms memory terms = termsOf(rowOf(parameters));
        return Errors.rowAfter(terms, rowOf(errors), rowOf(truth), rowsOf(inferences), rowsOf(values));
    }

    /// @notice The row 0x26 after an epoch. Of a missed epoch `truth`, `losses` and `values` are empty.
    function qualityRow(
        bytes calldata parameters,
        bytes calldata quality,
        bytes calldata truth,
        bytes calldata losses,
        bytes[] calldata values
    ) external pure returns (bytes memory) {
        Terms memory terms = termsOf(rowOf(parameters));
        return QualityRow.rowAfter(terms, rowOf(quality), rowOf(truth), rowOf(losses), rowsOf(values));
    }

    /// @notice The word in which a settlement says how good its topic's values have been.
    /// @param workers How many inferred in the epoch, 0 if it was missed.
    function qualityWord(bytes calldata made, uint256 workers) external pure returns (bytes32) {
        return QualityRow.word(rowOf(made), workers);
    }

    /// @notice The row 0x27 of a seat after an epoch, empty if it has none.
    function oneOutTable(uint256 seat, TableRows calldata rows) external pure returns (bytes memory) {
        return _table(ROW_ONE_OUT_REGRETS, seat, rows);
    }

    /// @notice The row 0x28 of a forecaster's seat after an epoch, empty if it has none.
    function oneInTable(uint256 seat, TableRows calldata rows) external pure returns (bytes memory) {
        return _table(ROW_ONE_IN_REGRETS, seat, rows);
    }

    function _table(uint8 kind, uint256 seat, TableRows calldata rows) private pure returns (bytes memory) {
        require(seat < ALL_SEATS, UnknownPlace(seat));
        Terms memory terms = termsOf(rowOf(rows.parameters));
        Room memory room = _roomAfter(terms, rowOf(rows.seats), rowsOf(rows.registrations));
        Row[4] memory told;
        (told[0], told[1]) = (rowOf(rows.regrets), rowOf(rows.roster));
        (told[2], told[3]) = (rowOf(rows.losses), rowOf(rows.counterfactualLosses));
        return Tables.rowAfter(terms, room, kind, seat, rowOf(rows.table), told);
    }

    function _roomAfter(
        Terms memory terms,
        Row seats,
        Row[] memory registrations
    ) private pure returns (Room memory room) {
        room = Seating.room(terms, seats);
        room.takeUpAll(registrations);
    }

    // -- The numbers --

    /// @notice The regret after an epoch, from the loss that it is against, the own loss, the regret before and the topic's alpha.
    function regret(int256 against, int256 own, int256 previous, int256 alpha) external pure returns (int256) {
        return Regrets.updated(against, own, previous, alpha);
    }

    /// @notice The regret scale, from the new network regrets and the topic's epsilon.
    function scale(int256[] memory regrets, int256 epsilon) external pure returns (int256) {
        return Regrets.scale(regrets, epsilon);
    }

    /// @notice The initial regret, from the new network regrets and those of the experienced among them.
    function initialRegret(
        bytes calldata parameters,
        int256[] memory regrets,
        int256[] memory experienced
    ) external pure returns (int256) {
        return Regrets.initial(termsOf(rowOf(parameters)), regrets, experienced);
    }

    // -- The claims --

    /// @notice As `IVerifier.judgeSettlement`, of the claims from `Regrets` to `Tables`.
    function judgeSettlement(
        Settlement calldata settlement,
        bytes32 beforehand,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external pure returns (bool isWrong) {
        Shown memory shown = Showing.open(settlement, evidence);
        shown.takeTerms();
        shown.bindAfterwards(evidence, settlement.state);
        if (claim == Claim.Tables) return _areTablesWrong(shown, at);
        shown.bindTold(evidence, claim != Claim.QualityWord);
        if (claim == Claim.QualityWord) return _isWordWrong(shown, settlement.quality);
        shown.bindBeforehand(evidence, beforehand);
        if (claim == Claim.OneOutTable) return _isTableWrong(shown, AT_ONE_OUT, at, settlement, evidence);
        if (claim == Claim.OneInTable) return _isTableWrong(shown, AT_ONE_IN, at, settlement, evidence);
        if (claim == Claim.Regrets) return _differs(shown, AT_REGRETS, _regrets(shown, settlement, evidence));
        if (claim == Claim.Inclusions) return _differs(shown, AT_INCLUSIONS, _inclusions(shown, settlement, evidence));
        if (claim == Claim.Quality) return _differs(shown, AT_QUALITY, _quality(shown));
        require(claim == Claim.Errors, UnknownClaim(claim));
        if (shown.isTold) return _differs(shown, AT_ERRORS, _errors(shown));
        shown.end();
        return Showing.hashAt(shown.afterwards, AT_ERRORS) != Showing.hashAt(shown.beforehand, AT_ERRORS);
    }

    /// @dev Whether another row stands in the state than the one that was made here, of all that was shown.
    function _differs(Shown memory shown, uint256 place, bytes memory made) private pure returns (bool) {
        shown.end();
        return Showing.hashAt(shown.afterwards, place) != keccak256(made);
    }

    function _room(
        Shown memory shown,
        Row seats,
        Settlement calldata settlement,
        Evidence calldata evidence
    ) private pure returns (Room memory) {
        return _roomAfter(shown.terms, seats, shown.takeRegistrations(settlement, evidence));
    }

    function _regrets(
        Shown memory shown,
        Settlement calldata settlement,
        Evidence calldata evidence
    ) private pure returns (bytes memory) {
        Row seats = shown.takeAt(shown.beforehand, AT_SEATS);
        Row regrets = shown.takeAt(shown.beforehand, AT_REGRETS);
        Row[3] memory told;
        if (shown.isTold) {
            told[0] = shown.takeAt(shown.beforehand, AT_INCLUSIONS);
            told[1] = shown.takeRoster();
            told[2] = shown.takeAt(shown.outputs, AT_LOSSES);
        }
        Room memory room = _room(shown, seats, settlement, evidence);
        return Regrets.rowAfter(shown.terms, room, regrets, told[0], told[1], told[2]);
    }

    function _inclusions(
        Shown memory shown,
        Settlement calldata settlement,
        Evidence calldata evidence
    ) private pure returns (bytes memory) {
        Row seats = shown.takeAt(shown.beforehand, AT_SEATS);
        Row inclusions = shown.takeAt(shown.beforehand, AT_INCLUSIONS);
        Row[2] memory told;
        if (shown.isTold) (told[0], told[1]) = (shown.takeRoster(), shown.takeAt(shown.outputs, AT_LOSSES));
        Room memory room = _room(shown, seats, settlement, evidence);
        return Regrets.inclusionsRow(shown.terms, room, inclusions, told[0], told[1]);
    }

    function _errors(Shown memory shown) private pure returns (bytes memory) {
        Row before = shown.takeAt(shown.beforehand, AT_ERRORS);
        Row truth = shown.takeAt(shown.outputs, AT_TRUTH);
        Row[] memory inferences = shown.takeInferences();
        return Errors.rowAfter(shown.terms, before, truth, inferences, shown.takeValues());
    }

    function _quality(Shown memory shown) private pure returns (bytes memory) {
        Row before = shown.takeAt(shown.beforehand, AT_QUALITY);
        Row[2] memory told;
        Row[] memory values;
        if (shown.isTold) {
            told[0] = shown.takeAt(shown.outputs, AT_TRUTH);
            told[1] = shown.takeAt(shown.outputs, AT_LOSSES);
            values = shown.takeValues();
        }
        return QualityRow.rowAfter(shown.terms, before, told[0], told[1], values);
    }

    function _isWordWrong(Shown memory shown, bytes32 given) private pure returns (bool) {
        Row made = shown.takeAt(shown.afterwards, AT_QUALITY);
        uint256 workers = shown.isTold ? Kinds.inferences(shown.takeAt(shown.inputs, 1), 0).count : 0;
        shown.end();
        return given != QualityRow.word(made, workers);
    }

    function _isTableWrong(
        Shown memory shown,
        uint256 place,
        uint256 seat,
        Settlement calldata settlement,
        Evidence calldata evidence
    ) private pure returns (bool) {
        require(seat < ALL_SEATS, UnknownPlace(seat));
        bool isOut = place == AT_ONE_OUT;
        uint8 list = isOut ? ROW_ONE_OUT_TABLES : ROW_ONE_IN_TABLES;
        Row seats = shown.takeAt(shown.beforehand, AT_SEATS);
        bytes32 listed = _listed(shown.takeAt(shown.beforehand, place), list, seat);
        Row before;
        if (listed != 0) before = shown.take(listed);
        listed = _listed(shown.takeAt(shown.afterwards, place), list, seat);
        Row[4] memory told;
        if (shown.isTold) {
            told[0] = shown.takeAt(shown.beforehand, AT_REGRETS);
            told[1] = shown.takeRoster();
            told[2] = shown.takeAt(shown.outputs, AT_LOSSES);
            told[3] = shown.takeAt(shown.outputs, AT_COUNTERFACTUAL_LOSSES);
        }
        Room memory room = _room(shown, seats, settlement, evidence);
        shown.end();
        uint8 kind = isOut ? ROW_ONE_OUT_REGRETS : ROW_ONE_IN_REGRETS;
        bytes memory made = Tables.rowAfter(shown.terms, room, kind, seat, before, told);
        return listed != (made.length == 0 ? bytes32(0) : keccak256(made));
    }

    /// @dev The hash of a seat's table, 0 if none is listed.
    function _listed(Row list, uint8 kind, uint256 seat) private pure returns (bytes32) {
        Entries memory entries = Kinds.tables(list, kind);
        uint256 at = entries.find(seat);
        return at == NOT_FOUND ? bytes32(0) : list.wordAt(entries.placeAt(at) + 1);
    }

    function _areTablesWrong(Shown memory shown, uint256 place) private pure returns (bool) {
        require(place == AT_ONE_OUT || place == AT_ONE_IN, UnknownPlace(place));
        Row list = shown.takeAt(shown.afterwards, place);
        shown.end();
        return !Kinds.isTables(list, place == AT_ONE_OUT ? ROW_ONE_OUT_TABLES : ROW_ONE_IN_TABLES);
    }
}
