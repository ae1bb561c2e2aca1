// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {ISettlements} from "../../contracts/interfaces/ISettlements.sol";
import {ITopics} from "../../contracts/interfaces/ITopics.sol";
import {Tree} from "../../contracts/libraries/Tree.sol";
import {Batch, Multiproof} from "../../contracts/types/Batch.sol";
import {Settlement, SETTLEMENT_TYPEHASH} from "../../contracts/types/Settlement.sol";
import {SettlementsTest} from "./support/SettlementsTest.sol";
import {Vm} from "./support/Test.sol";

/// @dev settle
/// ├── given settlements and proof that do not lead to the root
/// │   ├── when the proof is not whole: MalformedProof (each way in Tree.t.sol)
/// │   └── when they lead to another root: RootMismatch, before any signature is looked at
/// ├── given an attestation
/// │   ├── when too few signed: QuorumNotReached
/// │   ├── when a stranger signed: InvalidSignature
/// │   ├── when it was made for another `Reports`: InvalidSignature
/// │   └── when its era is over: EraNotInForce
/// ├── given a settlement that cannot be kept
/// │   ├── when a field is wider than its type: MalformedSettlement
/// │   ├── when its quality has something in the low 48 bits: MalformedSettlement
/// │   └── when it shares out a pot: PotNotBuilt
/// ├── given no head of its topic
/// │   ├── when there is no such topic: TopicUnknown
/// │   ├── when the topic has no such epoch: EpochOutOfRange
/// │   ├── when it names a parent: it is skipped
/// │   ├── when its generation is not the topic's: it is skipped
/// │   └── when it names none: it is the head, whatever its epoch, and announced
/// ├── given a head of its topic
/// │   ├── when its generation is not the topic's: it is skipped
/// │   ├── when its parent is not the head: it is skipped
/// │   ├── when its epoch is not greater: it is skipped
/// │   └── when it follows: it is the head, epochs between or not
/// └── given several settlements (Settlements.batch.t.sol)
///     ├── when they follow one another: all count
///     ├── when one is skipped: so are those after it, those of other topics count
///     └── when they are a part of a batch with reports in it: each part counts where it belongs
/// The ring and the quality are in Settlements.read.t.sol.
contract SettlementsSettleTest is SettlementsTest {
    // -- Proof --

    function test_settle_revertsWhen_proofIsNotWhole() public {
        Settlement[] memory list = _list(_settlement(FIRST, 0));
        Batch memory batch = _batch(_leaf(list[0]));
        Multiproof memory proof = Multiproof({nodes: new bytes32[](1), steps: ""});
        vm.expectRevert(Tree.MalformedProof.selector);
        settlements.settle(batch, list, proof, "");
    }

    function test_settle_revertsWhen_rootIsAnother() public {
        Settlement[] memory list = _list(_settlement(FIRST, 0));
        Multiproof memory proof;
        bytes32 leaf = _leaf(list[0]);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.RootMismatch.selector, leaf, bytes32(uint256(1))));
        settlements.settle(_batch(bytes32(uint256(1))), list, proof, "");
    }

    // -- Attestation --

    function test_settle_revertsWhen_tooFewSigned() public {
        bytes32 digest = _digest(_batch(_leaf(_settlement(FIRST, 0))));
        _refuses(_attest(digest, 3), abi.encodeWithSelector(ICommittee.QuorumNotReached.selector, 2, 3));
    }

    function test_settle_revertsWhen_aStrangerSigned() public {
        bytes32 digest = _digest(_batch(_leaf(_settlement(FIRST, 0))));
        bytes memory attestation = abi.encodePacked(
            hex"000000000000000007",
            _signature(_key(0), digest),
            _signature(_key(1), digest),
            _signature(1, digest)
        );
        _refuses(attestation, abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 2));
    }

    function test_settle_revertsWhen_madeForAnotherReports() public {
        bytes32 digest = _digest(_batch(_leaf(_settlement(FIRST, 0))), block.chainid, address(settlements));
        _refuses(_attest(digest, 7), abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0));
    }

    function test_settle_revertsWhen_itsEraIsOver() public {
        bytes32 digest = _digest(_batch(_leaf(_settlement(FIRST, 0))));
        vm.warp(EXPIRY);
        _refuses(_attest(digest, 7), abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 1, EXPIRY));
    }

    // -- What cannot be kept --

    /// Three words of a leaf have a type narrower than a word. Each is signed with one bit too many and passed by hand.
    function test_settle_revertsWhen_aFieldIsTooWide() public {
        bytes memory why = abi.encodeWithSelector(ISettlements.MalformedSettlement.selector);
        assertEq(_settleWide(0, 1 << 32), why);
        assertEq(_settleWide(0, 1 << 255), why);
        assertEq(_settleWide(1, 1 << 32), why);
        assertEq(_settleWide(2, 1 << 16), why);
        assertEq(_settleWide(2, 1 << 255), why);
        // By hand it works but for those bits.
        assertEq(_settleWide(0, 0), "");
    }

    function test_settle_revertsWhen_qualityHasLowBits() public {
        for (uint256 bit; bit < 48; bit += 47) {
            Settlement memory settlement = _settlement(FIRST, 0);
            settlement.quality |= bytes32(uint256(1) << bit);
            _settleRefused(settlement, abi.encodeWithSelector(ISettlements.MalformedSettlement.selector));
        }
    }

    function test_settle_revertsWhen_thereIsAPot() public {
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.pot = 1;
        _settleRefused(settlement, abi.encodeWithSelector(ISettlements.PotNotBuilt.selector, 1));
        settlement.pot = type(uint256).max;
        _settleRefused(settlement, abi.encodeWithSelector(ISettlements.PotNotBuilt.selector, type(uint256).max));
    }

    // -- No head yet --

    function test_settle_revertsWhen_topicIsUnknown() public {
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.topicId = TOPIC + 1;
        _settleRefused(settlement, abi.encodeWithSelector(ITopics.TopicUnknown.selector, TOPIC + 1));
    }

    function test_settle_revertsWhen_topicHasNoSuchEpoch() public {
        _settleRefused(
            _settlement(FIRST - 1, 0),
            abi.encodeWithSelector(ITopics.EpochOutOfRange.selector, FIRST - 1, FIRST)
        );
    }

    function test_settle_first_skipsWhen_itHasAParent() public {
        _skips(_settlement(FIRST, bytes32(uint256(1))));
    }

    function test_settle_first_skipsWhen_generationIsAnother() public {
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.generation = 1;
        _skips(settlement);
        _setGeneration(1);
        _settle(settlement);
        assertEq(settlements.headOf(TOPIC).leaf, _leaf(settlement));
        assertEq(settlements.headOf(TOPIC).generation, 1);
    }

    function test_settle_first_isTheHeadAndAnnounced() public {
        vm.warp(START + 17);
        Settlement memory settlement = _settlement(FIRST + 900, 0);
        bytes32 leaf = _leaf(settlement);
        vm.expectEmit(address(settlements));
        emit ISettlements.SettlementAccepted(TOPIC, FIRST + 900, leaf, 0, 0, settlement.state, 0, QUALITY, CONTEXT);
        _settle(settlement);
        _isHead(leaf, FIRST + 900, START + 17, 1);
    }

    // -- A head stands --

    function test_settle_skipsWhen_generationIsAnother() public {
        _settle(_settlement(FIRST, 0));
        Settlement memory next = _settlement(FIRST + 1, settlements.headOf(TOPIC).leaf);
        next.generation = 1;
        _skips(next);
        // What is signed for the old generation is of no use in a new one.
        _setGeneration(1);
        next.generation = 0;
        _skips(next);
        next.generation = 1;
        _settle(next);
        assertEq(settlements.headOf(TOPIC).epoch, FIRST + 1);
    }

    function test_settle_skipsWhen_parentIsNotTheHead() public {
        Settlement[] memory chain = _chain(FIRST, 0, 3);
        _settle(chain[0]);
        _skips(_settlement(FIRST + 1, 0));
        _skips(chain[2]);
        _settle(chain[1]);
        // Nor is the head's parent the head any more.
        _skips(_settlement(FIRST + 2, _leaf(chain[0])));
        _settle(chain[2]);
    }

    function test_settle_skipsWhen_epochIsNotGreater() public {
        Settlement memory first = _settlement(FIRST + 4, 0);
        _settle(first);
        _skips(_settlement(FIRST + 4, _leaf(first)));
        _skips(_settlement(FIRST + 3, _leaf(first)));
        _settle(_settlement(FIRST + 5, _leaf(first)));
    }

    /// Law: settling again changes nothing.
    function test_settle_twice_changesNothing() public {
        _settle(_settlement(FIRST, 0));
        vm.warp(START + 50);
        _skips(_settlement(FIRST, 0));
    }

    function test_settle_follows_withEpochsBetween() public {
        Settlement memory first = _settlement(FIRST, 0);
        _settle(first);
        vm.warp(START + 1 days);
        Settlement memory next = _settlement(FIRST + 7, _leaf(first));
        _settle(next);
        _isHead(_leaf(next), FIRST + 7, START + 1 days, 2);
    }

    /// @dev The topic's first settlement is refused under `attestation`.
    function _refuses(bytes memory attestation, bytes memory why) private {
        Settlement[] memory list = _list(_settlement(FIRST, 0));
        Batch memory batch = _batch(_leaf(list[0]));
        Multiproof memory proof;
        vm.expectRevert(why);
        settlements.settle(batch, list, proof, attestation);
    }

    /// @dev `settlement` is refused though it is well attested.
    function _settleRefused(Settlement memory settlement, bytes memory why) private {
        Settlement[] memory list = _list(settlement);
        Batch memory batch = _batch(_leaf(settlement));
        bytes memory attestation = _attest(_digest(batch), 7);
        Multiproof memory proof;
        vm.expectRevert(why);
        settlements.settle(batch, list, proof, attestation);
    }

    /// @dev Settling succeeds, changes no head and announces nothing.
    function _skips(Settlement memory settlement) private {
        ISettlements.Head memory before = settlements.headOf(TOPIC);
        vm.recordLogs();
        _settle(settlement);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 0);
        assertEq(abi.encode(settlements.headOf(TOPIC)), abi.encode(before));
    }

    /// @dev Settles the first epoch with `extra` bits in one of the leaf's words, well attested; what it answers.
    function _settleWide(uint256 field, uint256 extra) private returns (bytes memory answer) {
        bytes memory words = abi.encode(_settlement(FIRST, 0));
        assembly ("memory-safe") {
            let word := add(add(words, 0x20), shl(5, field))
            mstore(word, or(mload(word), extra))
        }
        Batch memory batch = _batch(keccak256(bytes.concat(SETTLEMENT_TYPEHASH, words)));
        bytes memory attestation = _attest(_digest(batch), 7);
        bytes memory call = abi.encodeWithSelector(
            ISettlements.settle.selector,
            batch,
            uint256(7 * 32),
            uint256(16 * 32),
            uint256(20 * 32),
            uint256(1)
        );
        // One settlement, an empty multiproof (its two offsets, two lengths), the attestation.
        call = bytes.concat(call, words, abi.encode(uint256(64), uint256(96), uint256(0), uint256(0)));
        call = bytes.concat(call, abi.encode(attestation.length), attestation, new bytes(23));
        // No typed call could pass these words.
        // solhint-disable-next-line avoid-low-level-calls
        (, answer) = address(settlements).call(call);
    }
}
