// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {IReports} from "../../contracts/interfaces/IReports.sol";
import {ISettlements} from "../../contracts/interfaces/ISettlements.sol";
import {ITopics} from "../../contracts/interfaces/ITopics.sol";
import {Settlements} from "../../contracts/Settlements.sol";
import {Batch, Multiproof} from "../../contracts/types/Batch.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {NaiveTree} from "./support/NaiveTree.sol";
import {SettlementsTest} from "./support/SettlementsTest.sol";
import {Vm} from "./support/Test.sol";

/// @dev Many settlements in one batch, also beside reports; the construction.
contract SettlementsBatchTest is SettlementsTest {
    using NaiveTree for bytes32[];

    // -- Several --

    function test_settle_ofAChain_takesAll() public {
        Settlement[] memory chain = _chain(FIRST, 0, 5);
        _settle(chain, 14);
        _isHead(_leaf(chain[4]), FIRST + 4, START, 5);
    }

    function test_settle_ofSeveral_skipsWhatDoesNotFollow() public {
        // Topic 6 begins, topic 7 has a gap after its first.
        Settlement[] memory list = new Settlement[](4);
        list[0] = _settlement(FIRST, 0);
        list[0].topicId = TOPIC - 1;
        list[1] = _settlement(FIRST, 0);
        list[2] = _settlement(FIRST + 1, bytes32(uint256(1)));
        list[3] = _settlement(FIRST + 2, _leaf(list[2]));
        vm.recordLogs();
        _settle(list, 7);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertEq(settlements.headOf(TOPIC - 1).leaf, _leaf(list[0]));
        _isHead(_leaf(list[1]), FIRST, START, 1);
    }

    /// A batch holds reports before settlements; each contract takes its own, with the rest as nodes of the proof.
    function testFuzz_settle_ofAPartOfAMixedBatch(uint256 reportCount, uint256 chainCount, uint256 taken) public {
        reportCount = bound(reportCount, 1, 5);
        chainCount = bound(chainCount, 1, 6);
        taken = bound(taken, 1, chainCount);
        Settlement[] memory chain = _chain(FIRST, 0, chainCount);
        bytes32[] memory leaves = new bytes32[](reportCount + chainCount);
        for (uint16 i; i < reportCount; ++i) leaves[i] = _leaf(_labelled(i));
        for (uint256 i; i < chainCount; ++i) leaves[reportCount + i] = _leaf(chain[i]);
        Batch memory batch = _batch(leaves.rootOf());
        bytes memory attestation = _attest(_digest(batch), 7);

        uint256 chosen = ((1 << taken) - 1) << reportCount;
        Multiproof memory proof = leaves.multiproofOf(NaiveTree.subset(leaves.length, chosen));
        assembly ("memory-safe") {
            mstore(chain, taken)
        }
        settlements.settle(batch, chain, proof, attestation);
        assertEq(settlements.headOf(TOPIC).epoch, FIRST + taken - 1);
        assertEq(settlements.headOf(TOPIC).count, taken);

        proof = leaves.multiproofOf(NaiveTree.subset(leaves.length, 1));
        reports.post(batch, _list(_labelled(0)), proof, attestation);
        assertEq(reports.read(TOPIC, 0).epoch, 1);
    }

    // -- Construction --

    function test_constructor_refusesBadInput() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.NotAContract.selector, address(5)));
        new Settlements(committee, IReports(address(5)), topics, DISPUTES);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.NotAContract.selector, address(6)));
        new Settlements(committee, reports, ITopics(address(6)), DISPUTES);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.CommitteeMismatch.selector, address(5), address(committee))
        );
        new Settlements(ICommittee(address(5)), reports, topics, DISPUTES);
    }

    function test_constructor_takesTheDomainOfReports() public view {
        assertEq(settlements.domainSeparator(), reports.domainSeparator());
        assertEq(address(settlements.committee()), address(committee));
        assertEq(address(settlements.reports()), address(reports));
        assertEq(address(settlements.topics()), address(topics));
    }

    function _labelled(uint16 label) private pure returns (Report memory report) {
        report = _report(1, START);
        report.label = label;
    }
}
