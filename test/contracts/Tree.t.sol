// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Tree} from "../../contracts/libraries/Tree.sol";
import {Multiproof} from "../../contracts/types/Batch.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {NaiveTree} from "./support/NaiveTree.sol";
import {Settling} from "./support/Settling.sol";

/// @dev Multiproofs against the naive tree.
contract TreeTest is Settling {
    using NaiveTree for bytes32[];

    function root(Report[] calldata list, Multiproof calldata proof) external pure returns (bytes32) {
        return Tree.root(list, proof);
    }

    /// Law: any subset of any batch, with its proof, leads to the batch's root.
    function testFuzz_root_ofAnySubset(uint256 seed, uint256 count, uint256 chosen) public view {
        count = bound(count, 1, 40);
        (Report[] memory list, bytes32[] memory leaves) = _random(seed, count);
        uint256[] memory indices = NaiveTree.subset(count, chosen);
        if (indices.length == 0) indices = NaiveTree.subset(count, 1 << (chosen >> 8) % count);
        assertEq(this.root(_pick(list, indices), leaves.multiproofOf(indices)), leaves.rootOf());
    }

    function settlementRoot(Settlement[] calldata list, Multiproof calldata proof) external pure returns (bytes32) {
        return Tree.root(list, proof);
    }

    /// Law: the same of settlements.
    function testFuzz_root_ofAnySubsetOfSettlements(uint256 seed, uint256 count, uint256 chosen) public view {
        count = bound(count, 1, 20);
        Settlement[] memory list = _chain(uint16(seed), bytes32(seed), count);
        bytes32[] memory leaves = _leaves(list);
        uint256[] memory indices = NaiveTree.subset(count, chosen);
        if (indices.length == 0) indices = NaiveTree.subset(count, 1 << (chosen >> 8) % count);
        Settlement[] memory picked = new Settlement[](indices.length);
        for (uint256 i; i < indices.length; ++i) picked[i] = list[indices[i]];
        assertEq(this.settlementRoot(picked, leaves.multiproofOf(indices)), leaves.rootOf());
    }

    /// Law: one bit more or less in any report gives another root.
    function testFuzz_root_ofAChangedReport(uint256 seed, uint256 count, uint256 which, uint256 bit) public view {
        count = bound(count, 1, 40);
        (Report[] memory list, bytes32[] memory leaves) = _random(seed, count);
        Report memory report = list[which % count];
        report.value = int128(uint128(report.value) ^ uint128(1 << (bit % 128)));
        uint256[] memory all = NaiveTree.subset(count, type(uint256).max);
        assertNotEq(this.root(list, leaves.multiproofOf(all)), leaves.rootOf());
    }

    function test_root_ofOne_isTheLeaf() public view {
        Report memory report = _report(1, START);
        Multiproof memory proof;
        assertEq(this.root(_list(report), proof), _leaf(report));
    }

    function test_root_revertsWhen_nothingIsGiven() public {
        Multiproof memory proof;
        _refuses(0, proof);
        proof.nodes = new bytes32[](1);
        _refuses(0, proof);
        proof.steps = hex"00";
        _refuses(0, proof);
    }

    function test_root_revertsWhen_nodeIsLeftOver() public {
        Multiproof memory proof = Multiproof({nodes: new bytes32[](2), steps: hex"00"});
        _refuses(1, proof);
    }

    function test_root_revertsWhen_nodeIsMissing() public {
        Multiproof memory proof = Multiproof({nodes: new bytes32[](0), steps: hex"00"});
        _refuses(1, proof);
    }

    function test_root_revertsWhen_leafIsLeftOver() public {
        Multiproof memory proof;
        _refuses(2, proof);
        proof = Multiproof({nodes: new bytes32[](0), steps: hex"0102"});
        _refuses(3, proof);
    }

    function test_root_revertsWhen_pairHasOneNode() public {
        Multiproof memory proof = Multiproof({nodes: new bytes32[](0), steps: hex"01"});
        _refuses(1, proof);
    }

    function test_root_revertsWhen_stepIsUnknown() public {
        Multiproof memory proof = Multiproof({nodes: new bytes32[](0), steps: hex"03"});
        _refuses(1, proof);
    }

    /// Moving a lone node up is harmless: the root is the same.
    function test_root_allowsMovingUp() public view {
        Multiproof memory proof = Multiproof({nodes: new bytes32[](0), steps: hex"0202"});
        Report memory report = _report(1, START);
        assertEq(this.root(_list(report), proof), _leaf(report));
    }

    function _refuses(uint256 count, Multiproof memory proof) private {
        (Report[] memory list, ) = _random(1, count);
        vm.expectRevert(Tree.MalformedProof.selector);
        this.root(list, proof);
    }

    function _random(uint256 seed, uint256 count) private pure returns (Report[] memory list, bytes32[] memory leaves) {
        list = new Report[](count);
        for (uint256 i; i < count; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            list[i] = _report(uint32(draw), uint32(draw >> 32));
            list[i].topicId = uint32(i);
            list[i].value = int128(uint128(draw >> 64));
            list[i].context = bytes32(draw);
        }
        leaves = _leaves(list);
    }

    function _pick(Report[] memory list, uint256[] memory indices) private pure returns (Report[] memory picked) {
        picked = new Report[](indices.length);
        for (uint256 i; i < indices.length; ++i) picked[i] = list[indices[i]];
    }
}
