// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Disputes} from "../../../contracts/Disputes.sol";
import {Facts} from "../../../contracts/Facts.sol";
import {Stakes} from "../../../contracts/Stakes.sol";
import {Topics} from "../../../contracts/Topics.sol";
import {Attested} from "../../../contracts/types/Attested.sol";
import {Batch, Multiproof} from "../../../contracts/types/Batch.sol";
import {Evidence} from "../../../contracts/types/Claim.sol";
import {Report} from "../../../contracts/types/Report.sol";
import {Settlement} from "../../../contracts/types/Settlement.sol";
import {Status} from "../../../contracts/types/Word.sol";
import {Settling} from "./Settling.sol";
import {ToldVerifier} from "./ToldVerifier.sol";

/// @dev Messages about an epoch `EPOCH` of the example's topics, which opens after `START`, attested, with contexts that are
/// written out here field by field.
abstract contract Pleading is Settling {
    uint256 internal constant DELAY = 3_600;
    uint256 internal constant MINIMUM_BOND = 1e15;
    uint256 internal constant DAY = 1 days;
    /// @dev The example's epochs count from 5 at 1,700,086,400.
    uint32 internal constant EPOCH = 5 + 1_157;
    uint32 internal constant OPENS = 1_700_086_400 + 1_157 * 1 days + 20 hours;
    uint32 internal constant CLOSES = OPENS + 1 hours;

    Topics internal topics;
    Stakes internal stakes;
    Facts internal facts;
    Disputes internal disputes;
    ToldVerifier internal verifier;

    // -- Contexts --

    function _parametersHash() internal view returns (bytes32) {
        return topics.parametersAt(TOPIC, EPOCH);
    }

    /// @dev Before the first settlement.
    function _firstContext() internal view returns (bytes memory) {
        return _contextOf(0, 0, _genesis());
    }

    function _contextOf(uint32 settledEpoch, bytes32 settledLeaf, bytes32 state) internal view returns (bytes memory) {
        return _contextWith(settledEpoch, settledLeaf, state, keccak256("inputs"), keccak256("outputs"));
    }

    function _contextWith(
        uint32 settledEpoch,
        bytes32 settledLeaf,
        bytes32 state,
        bytes32 inputs,
        bytes32 outputs
    ) internal view returns (bytes memory) {
        return abi.encodePacked(uint8(1), _parametersHash(), settledEpoch, settledLeaf, state, inputs, outputs);
    }

    /// @dev The first state of a topic of one label, written out row by row.
    function _genesis() internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    hex"ff200008",
                    abi.encodePacked(keccak256(hex"210001"), keccak256(hex"2200000000")),
                    keccak256(bytes.concat(hex"2300", bytes16(0), hex"0000000000")),
                    abi.encodePacked(keccak256(hex"240001000000"), keccak256(hex"250000")),
                    abi.encodePacked(keccak256(hex"26000000000000"), keccak256(hex"290000"), keccak256(hex"2a0000"))
                )
            );
    }

    // -- Messages --

    /// @dev A report of the epoch that fits the schedule.
    function _fit(bytes memory context) internal pure returns (Report memory report) {
        report = _report(EPOCH, CLOSES);
        (report.lag, report.context) = (1 days, keccak256(context));
    }

    function _attested(bytes32 leaf, uint32 era, uint256 firstKey) internal view returns (Attested memory attested) {
        attested.batch = Batch({era: era, slot: START, viewNumber: 2, root: leaf});
        attested.proof = new bytes32[](0);
        bytes32 digest = _digest(attested.batch);
        attested.attestation = abi.encodePacked(uint8(0), uint64(11));
        for (uint256 i; i < 4; ++i) {
            if (i == 2) continue;
            attested.attestation = bytes.concat(attested.attestation, _signature(_key(firstKey + i), digest));
        }
    }

    /// @dev By members 0, 1 and 3 of era 1.
    function _signed(Report memory report) internal view returns (Attested memory) {
        return _attested(_leaf(report), 1, 0);
    }

    function _signed(Settlement memory settlement) internal view returns (Attested memory) {
        return _attested(_leaf(settlement), 1, 0);
    }

    function _evidence(bytes memory context) internal pure returns (Evidence memory evidence) {
        evidence.context = context;
    }

    function _evidence(
        bytes memory context,
        Settlement memory origin
    ) internal pure returns (Evidence memory evidence) {
        evidence.context = context;
        evidence.origin = _list(origin);
    }

    function _none() internal pure returns (Settlement[] memory) {
        return new Settlement[](0);
    }

    function _noProof() internal pure returns (Multiproof memory) {
        return Multiproof(new bytes32[](0), "");
    }

    /// @dev Posts it ten seconds after its window closed.
    function _postFit(Report memory report) internal {
        if (block.timestamp < CLOSES + 10) vm.warp(CLOSES + 10);
        _post(report);
    }

    function _statusOf(uint16 label) internal view returns (Status) {
        return reports.keptWordOf(TOPIC, label).status();
    }

    function _isStatus(Status status) internal view {
        assertEq(uint256(_statusOf(0)), uint256(status));
    }

    /// @dev A settlement of the epochs around `EPOCH`.
    function _settlementAt(
        uint32 epoch,
        bytes32 parent,
        uint16 generation
    ) internal pure returns (Settlement memory made) {
        made = _settlement(epoch, parent);
        made.generation = generation;
    }

    /// @dev The context row of a settlement that scores the report of this context.
    function _scoring(bytes32 reportContext) internal view returns (bytes memory) {
        return abi.encodePacked(uint8(2), _parametersHash(), reportContext, bytes32(0), keccak256("none"), bytes32(0));
    }
}
