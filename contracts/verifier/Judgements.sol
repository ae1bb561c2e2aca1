// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim} from "../types/Claim.sol";
import {Report} from "../types/Report.sol";
import {ROW_ONE_IN_REGRETS, ROW_ONE_IN_TABLES, ROW_ONE_OUT_REGRETS, ROW_ONE_OUT_TABLES} from "../types/Rows.sol";
import {Sigma} from "../libraries/Sigma.sol";
import {Case} from "./Cases.sol";
import {Counterfactuals} from "./Counterfactuals.sol";
import {Entries} from "./Entries.sol";
import {Bound} from "./Bound.sol";
import {Kinds, Lists} from "./Kinds.sol";
import {Mix} from "./Mix.sol";
import {Past} from "./Past.sol";
import {Row} from "./Row.sol";
import {Statistics} from "./Statistics.sol";
import {Synthesis} from "./Synthesis.sol";

/// @dev Claims about the numbers of a report, each judged by making the number again. The rows stand in the order that
/// `interfaces/IVerifier.sol` gives; `isWrong` is true where the report says something else than what they make.
library Judgements {
    uint256 private constant ONE_OUT_PLACE = 6;
    uint256 private constant ONE_IN_PLACE = 7;
    uint256 private constant COMBINED_AT = 3;
    uint256 private constant NAIVE_AT = 19;
    uint256 private constant PERCENTILES_BYTES = 80;

    /// @dev Thrown when a claim is not one about a report by arithmetic.
    error ClaimUnknown(Claim given);

    // -- What is posted, against the row of values --

    function value(Case memory one, Report calldata report) internal pure returns (bool isWrong) {
        return one.value(1).int128At(COMBINED_AT) != report.value;
    }

    function sigma(Case memory one, Report calldata report) internal pure returns (bool isWrong) {
        (, , bool isKnown, int256 said) = Kinds.value(one.value(1), one.label);
        return packed(isKnown, said) != report.sigma;
    }

    /// @dev As a report carries it. Of what no row can honestly say it is some other number, or the float's own refusal.
    function packed(bool isKnown, int256 sigma_) internal pure returns (uint256) {
        return isKnown ? Sigma.pack(uint128(uint256(sigma_))) : Sigma.UNKNOWN;
    }

    // -- The claims that need state, inputs and outputs --

    function judge(Case memory one, Claim claim, uint256 at) internal pure returns (bool isWrong) {
        Entries memory inferences = one.inferences(1);
        if (claim == Claim.Combined) return _combined(one, inferences);
        if (claim == Claim.Naive) return _naive(one, inferences);
        if (claim == Claim.Deviation) return _deviation(one, inferences);
        if (claim == Claim.Percentiles) return _percentiles(one, inferences);
        if (claim == Claim.ValueRow) return _valueRow(one, inferences);
        if (claim == Claim.Weights) return _weightsRow(one, inferences);
        if (claim == Claim.Implied) return _implied(one, inferences, at);
        if (claim == Claim.ImpliedRow) return _impliedRow(one, inferences);
        if (claim == Claim.OneOutInferer) return _oneOutInferer(one, inferences, at);
        if (claim == Claim.OneOutForecaster) return _oneOutForecaster(one, inferences, at);
        if (claim == Claim.OneInForecaster) return _oneInForecaster(one, inferences, at);
        if (claim == Claim.ImpliedWithout) return _impliedWithout(one, inferences, at);
        if (claim == Claim.Counterfactuals) return _counterfactuals(one, inferences);
        revert ClaimUnknown(claim);
    }

    function _combined(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Label memory label = Synthesis.labelOf(inferences, one.implied(2), Mix.NOBODY);
        Synthesis.Epoch memory epoch = one.epoch(3, inferences, 5);
        return Synthesis.mean(epoch, label, epoch.network) != one.value(4).int128At(COMBINED_AT);
    }

    function _naive(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Epoch memory epoch = one.epoch(2, inferences, 4);
        return Synthesis.naive(epoch, inferences) != one.value(3).int128At(NAIVE_AT);
    }

    function _deviation(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Label memory label = Synthesis.labelOf(inferences, one.implied(2), Mix.NOBODY);
        Synthesis.Epoch memory epoch = one.epoch(3, inferences, 6);
        (bool hasError, int256 pastError) = Past.emaError(one.errors(4), one.terms.labels, one.label);
        Statistics.Distribution memory sorted = Synthesis.distribution(epoch, label);
        (bool isKnown, int256 made) = Synthesis.sigma(sorted, hasError, pastError);
        (, , bool isSaid, int256 said) = Kinds.value(one.value(5), one.label);
        return isKnown != isSaid || made != said;
    }

    function _percentiles(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Label memory label = Synthesis.labelOf(inferences, one.implied(2), Mix.NOBODY);
        Synthesis.Epoch memory epoch = one.epoch(3, inferences, 5);
        int128[5] memory made = Synthesis.percentiles(Synthesis.distribution(epoch, label));
        Row row = one.value(4);
        for (uint256 i; i < 5; ++i) {
            if (made[i] != row.int128At(row.size() - PERCENTILES_BYTES + 16 * i)) return true;
        }
        return false;
    }

    function _valueRow(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Label memory label = Synthesis.labelOf(inferences, one.implied(2), Mix.NOBODY);
        Synthesis.Epoch memory epoch = one.epoch(3, inferences, 5);
        (bool hasError, int256 pastError) = Past.emaError(one.errors(4), one.terms.labels, one.label);
        bytes memory row = Synthesis.valueRow(epoch, inferences, label, one.label, hasError, pastError);
        return keccak256(row) != Bound.hashAt(one.outputs, one.label);
    }

    function _weightsRow(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Label memory label = Synthesis.labelOf(inferences, one.implied(2), Mix.NOBODY);
        Synthesis.Epoch memory epoch = one.epoch(3, inferences, 4);
        return keccak256(Synthesis.weightsRow(epoch, label)) != Bound.hashAt(one.outputs, one.terms.labels);
    }

    function _implied(Case memory one, Entries memory inferences, uint256 place) private pure returns (bool isWrong) {
        Synthesis.Epoch memory epoch = one.epoch(2, inferences, 5);
        Row forecast = one.forecast(4, place);
        (bool isThere, int256 made) = Mix.value(
            Kinds.forecast(forecast),
            Mix.said(inferences),
            epoch.past,
            epoch.rule,
            Mix.NOBODY
        );
        (bool isSaid, int256 said) = Counterfactuals.found(one.implied(3), forecast.byteAt(1));
        return isThere != isSaid || made != said;
    }

    function _impliedRow(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        Synthesis.Epoch memory epoch = one.epoch(2, inferences, 3);
        Synthesis.Label memory label = Synthesis.labelFrom(epoch, inferences, one.forecastsToSignatures(3));
        bytes32 given = Bound.hashAt(one.outputs, one.terms.labels + 1 + one.label);
        return keccak256(Synthesis.impliedRow(label, one.label)) != given;
    }

    function _oneOutInferer(Case memory one, Entries memory inferences, uint256 seat) private pure returns (bool) {
        Lists memory lists = one.counterfactuals(3);
        (Entries memory table, uint256 z) = one.table(4, ONE_OUT_PLACE, ROW_ONE_OUT_TABLES, ROW_ONE_OUT_REGRETS, seat);
        (bool isThere, int256 made) = Counterfactuals.oneOutInferer(
            one.epoch(2, inferences, z),
            inferences,
            lists.oneOutImplied,
            table,
            seat
        );
        (bool isSaid, int256 said) = Counterfactuals.found(lists.oneOutInferers, seat);
        return isThere != isSaid || made != said;
    }

    function _oneOutForecaster(Case memory one, Entries memory inferences, uint256 seat) private pure returns (bool) {
        (Entries memory table, uint256 z) = one.table(5, ONE_OUT_PLACE, ROW_ONE_OUT_TABLES, ROW_ONE_OUT_REGRETS, seat);
        (bool isThere, int256 made) = Counterfactuals.oneOutForecaster(
            one.epoch(3, inferences, z),
            inferences,
            one.implied(2),
            table,
            seat
        );
        (bool isSaid, int256 said) = Counterfactuals.found(one.counterfactuals(4).oneOutForecasters, seat);
        return isThere != isSaid || made != said;
    }

    function _oneInForecaster(Case memory one, Entries memory inferences, uint256 seat) private pure returns (bool) {
        (Entries memory table, uint256 z) = one.table(5, ONE_IN_PLACE, ROW_ONE_IN_TABLES, ROW_ONE_IN_REGRETS, seat);
        (bool isThere, int256 made) = Counterfactuals.oneInForecaster(
            one.epoch(3, inferences, z),
            inferences,
            one.implied(2),
            table,
            seat
        );
        (bool isSaid, int256 said) = Counterfactuals.found(one.counterfactuals(4).oneInForecasters, seat);
        return isThere != isSaid || made != said;
    }

    function _impliedWithout(Case memory one, Entries memory inferences, uint256 at) private pure returns (bool) {
        Row forecast = one.forecast(4, at >> 8);
        (bool isThere, int256 made) = Counterfactuals.impliedWithout(
            one.epoch(2, inferences, 5),
            inferences,
            Kinds.forecast(forecast),
            at & 0xff
        );
        (bool isSaid, int256 said) = Counterfactuals.foundWithout(
            one.counterfactuals(3).oneOutImplied,
            forecast.byteAt(1),
            at & 0xff
        );
        return isThere != isSaid || made != said;
    }

    function _counterfactuals(Case memory one, Entries memory inferences) private pure returns (bool isWrong) {
        return !Counterfactuals.areLists(inferences, one.implied(2), one.counterfactuals(3));
    }
}
