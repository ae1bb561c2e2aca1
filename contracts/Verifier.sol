// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FormVerifier} from "./FormVerifier.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {Claim, Evidence} from "./types/Claim.sol";
import {EpochRows} from "./types/EpochRows.sol";
import {Report} from "./types/Report.sol";
import {ROW_ONE_IN_REGRETS, ROW_ONE_OUT_REGRETS} from "./types/Rows.sol";
import {Settlement} from "./types/Settlement.sol";
import {Case, Cases} from "./verifier/Cases.sol";
import {Counterfactuals} from "./verifier/Counterfactuals.sol";
import {Entries} from "./verifier/Entries.sol";
import {Epochs} from "./verifier/Epochs.sol";
import {Judgements} from "./verifier/Judgements.sol";
import {Kinds, Lists} from "./verifier/Kinds.sol";
import {Mix} from "./verifier/Mix.sol";
import {Past} from "./verifier/Past.sol";
import {Row, rowOf, rowsOf} from "./verifier/Row.sol";
import {Statistics} from "./verifier/Statistics.sol";
import {Synthesis} from "./verifier/Synthesis.sol";
import {Terms, termsOf} from "./verifier/Terms.sol";
import {Wads} from "./verifier/Wads.sol";

/// @title Verifier
/// @notice Step 7: the core's twin. Judges what reports say, and answers with any of their numbers to who brings the rows.
/// Settlements, and the form of reports, are judged by contracts behind it.
///
/// The functions from `value` on ask for no hashes: they make the number that the rows give, whoever wrote them. They revert by
/// name where a row does not decode, or where parameters or state are out of bounds; that inferences and forecasts are what the
/// core admits they leave to the claim `Inputs`.
contract Verifier is IVerifier {
    /// @notice Who judges settlements.
    address public immutable settlements;
    /// @notice Who judges the form of reports.
    address public immutable forms;

    /// @notice Thrown when the address of the settlements' verifier has no code.
    error NotAContract(address given);

    constructor(address settlements_) {
        require(settlements_.code.length != 0, NotAContract(settlements_));
        settlements = settlements_;
        forms = address(new FormVerifier());
    }

    // -- Judging --

    /// @inheritdoc IVerifier
    function judgeReport(
        Report calldata report,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool isWrong) {
        if (claim == Claim.Lists || claim == Claim.Row || claim == Claim.Inputs) return _ask(forms);
        Case memory one = Cases.read(evidence, report.context);
        one.takeParameters();
        one.requireOutputs();
        if (claim == Claim.Value || claim == Claim.Sigma) {
            one.takeLabel(report.label);
            return claim == Claim.Value ? Judgements.value(one, report) : Judgements.sigma(one, report);
        }
        one.requireInputs();
        one.requireBeforehand();
        one.takeLabel(at >> 16);
        return Judgements.judge(one, claim, at & 0xffff);
    }

    /// @inheritdoc IVerifier
    function judgeSettlement(
        Settlement calldata,
        bytes32,
        Claim,
        uint256,
        Evidence calldata
    ) external view returns (bool isWrong) {
        return _ask(settlements);
    }

    /// @inheritdoc IVerifier
    function confirms(Report calldata report, Evidence calldata evidence) external pure returns (bool isRight) {
        Case memory one = Cases.read(evidence, report.context);
        one.takeParameters();
        one.requireInputs();
        one.requireBeforehand();
        one.takeLabel(report.label);
        Entries memory inferences = one.inferences(1);
        Synthesis.Epoch memory epoch = one.epoch(2, inferences, 4);
        // While all are new forecasts have no part in a value.
        Row[] memory forecasts = epoch.past.hasInitial ? one.forecasts(4) : new Row[](0);
        (int128 value_, uint24 sigma) = _value(epoch, inferences, forecasts, one.errors(3), one.label);
        return value_ == report.value && sigma == report.sigma;
    }

    // -- What rows give --

    /// @notice What a report says of a label: the combined value, a Wad, and its sigma as in `libraries/Sigma.sol`.
    function value(
        EpochRows calldata rows,
        bytes calldata errors
    ) external pure returns (int128 combined, uint24 sigma) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        return _value(epoch, inferences, rowsOf(rows.forecasts), rowOf(errors), number);
    }

    /// @notice The row 0x31 of a label, from its row 0x33 and the row 0x24.
    function valueRow(
        EpochRows calldata rows,
        bytes calldata implied,
        bytes calldata errors
    ) external pure returns (bytes memory row) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        Synthesis.Label memory label = _label(inferences, implied, number);
        (bool hasError, int256 pastError) = Past.emaError(rowOf(errors), epoch.terms.labels, number);
        return Synthesis.valueRow(epoch, inferences, label, number, hasError, pastError);
    }

    /// @notice The row 0x32, from the row 0x33 of the label that the inferences are about; it is the same for each.
    function weightsRow(EpochRows calldata rows, bytes calldata implied) external pure returns (bytes memory row) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        return Synthesis.weightsRow(epoch, _label(inferences, implied, number));
    }

    /// @notice The row 0x33 of a label.
    function impliedRow(EpochRows calldata rows) external pure returns (bytes memory row) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        return Synthesis.impliedRow(Synthesis.labelFrom(epoch, inferences, rowsOf(rows.forecasts)), number);
    }

    /// @notice What one forecast implies, if anything.
    function impliedOf(
        EpochRows calldata rows,
        bytes calldata forecast
    ) external pure returns (bool isThere, int256 implied) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, ) = _read(rows);
        Entries memory losses = Kinds.forecast(rowOf(forecast));
        return Mix.value(losses, Mix.said(inferences), epoch.past, epoch.rule, Mix.NOBODY);
    }

    /// @notice What one forecast would imply without the inferer of a seat, be it named or not, if anything.
    function impliedWithout(
        EpochRows calldata rows,
        bytes calldata forecast,
        uint256 seat
    ) external pure returns (bool isThere, int128 implied) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, ) = _read(rows);
        return Counterfactuals.impliedWithout(epoch, inferences, Kinds.forecast(rowOf(forecast)), seat);
    }

    /// @notice A label's combined value without the inferer of a seat, if there is one.
    /// @param counterfactuals The label's row 0x36, for the implied values without it.
    /// @param table The seat's row 0x27, empty if it has none.
    function oneOutInferer(
        EpochRows calldata rows,
        bytes calldata counterfactuals,
        bytes calldata table,
        uint256 seat
    ) external pure returns (bool isThere, int128 combined) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        Lists memory lists = Kinds.counterfactuals(rowOf(counterfactuals), number);
        Entries memory regrets = _table(table, ROW_ONE_OUT_REGRETS, seat);
        return Counterfactuals.oneOutInferer(epoch, inferences, lists.oneOutImplied, regrets, seat);
    }

    /// @notice A label's combined value without the forecaster of a seat, if there is one.
    /// @param implied The label's row 0x33.
    /// @param table The seat's row 0x27, empty if it has none.
    function oneOutForecaster(
        EpochRows calldata rows,
        bytes calldata implied,
        bytes calldata table,
        uint256 seat
    ) external pure returns (bool isThere, int128 combined) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        Entries memory values = Kinds.implied(rowOf(implied), number);
        Entries memory regrets = _table(table, ROW_ONE_OUT_REGRETS, seat);
        return Counterfactuals.oneOutForecaster(epoch, inferences, values, regrets, seat);
    }

    /// @notice A label's combined value with the forecaster of a seat alone, if there is one.
    /// @param implied The label's row 0x33.
    /// @param table The seat's row 0x28, empty if it has none.
    function oneInForecaster(
        EpochRows calldata rows,
        bytes calldata implied,
        bytes calldata table,
        uint256 seat
    ) external pure returns (bool isThere, int128 combined) {
        (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) = _read(rows);
        Entries memory values = Kinds.implied(rowOf(implied), number);
        Entries memory regrets = _table(table, ROW_ONE_IN_REGRETS, seat);
        return Counterfactuals.oneInForecaster(epoch, inferences, values, regrets, seat);
    }

    // -- Inside --

    /// @dev The answer of another verifier to the very question asked; it reverts as that does.
    function _ask(address verifier) private view returns (bool isWrong) {
        (bool success, bytes memory answer) = verifier.staticcall(msg.data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return abi.decode(answer, (bool));
    }

    /// @dev The epoch with its scale, the inferences, and the label that they are about.
    function _read(
        EpochRows calldata rows
    ) private pure returns (Synthesis.Epoch memory epoch, Entries memory inferences, uint256 number) {
        Terms memory terms = termsOf(rowOf(rows.parameters));
        Epochs.requireBounded(terms);
        Row row = rowOf(rows.inferences);
        number = row.uint16At(1);
        inferences = Kinds.inferences(row, number);
        epoch = Synthesis.epochOf(terms, rowOf(rows.regrets));
        Synthesis.scaled(epoch, inferences, rowsOf(rows.forecasts));
    }

    function _label(
        Entries memory inferences,
        bytes calldata implied,
        uint256 number
    ) private pure returns (Synthesis.Label memory) {
        return Synthesis.labelOf(inferences, Kinds.implied(rowOf(implied), number), Mix.NOBODY);
    }

    function _value(
        Synthesis.Epoch memory epoch,
        Entries memory inferences,
        Row[] memory forecasts,
        Row errors,
        uint256 number
    ) private pure returns (int128 value_, uint24 packed) {
        Synthesis.Label memory label = Synthesis.labelFrom(epoch, inferences, forecasts);
        (int256[] memory weights, int256 combined) = Synthesis.parts(epoch, label, epoch.network);
        (bool hasError, int256 pastError) = Past.emaError(errors, epoch.terms.labels, number);
        (bool isKnown, int256 sigma) = Synthesis.sigma(
            Statistics.distribution(label.values, weights),
            hasError,
            pastError
        );
        return (Wads.narrow(combined), uint24(Judgements.packed(isKnown, sigma)));
    }

    function _table(bytes calldata table, uint8 kind, uint256 seat) private pure returns (Entries memory entries) {
        return table.length == 0 ? entries : Kinds.table(rowOf(table), kind, seat);
    }
}
