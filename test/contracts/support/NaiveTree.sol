// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Multiproof} from "../../../contracts/types/Batch.sol";

/// @dev The batch's tree, slow and obvious, level by level: an independent witness, and the maker of
/// proofs. `indices` ascend.
library NaiveTree {
    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32) {
        while (leaves.length > 1) leaves = _above(leaves);
        return leaves[0];
    }

    function proofOf(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](0);
        for (; leaves.length > 1; leaves = _above(leaves)) {
            if ((index ^ 1) < leaves.length) proof = _append(proof, leaves[index ^ 1]);
            index /= 2;
        }
    }

    function multiproofOf(
        bytes32[] memory leaves,
        uint256[] memory indices
    ) internal pure returns (Multiproof memory proof) {
        for (; leaves.length > 1; leaves = _above(leaves)) {
            uint256[] memory parents = new uint256[](0);
            for (uint256 i; i < indices.length; ++i) {
                uint256 sibling = indices[i] ^ 1;
                if (sibling == leaves.length) {
                    proof.steps = bytes.concat(proof.steps, hex"02");
                } else if (i + 1 < indices.length && indices[i + 1] == sibling) {
                    proof.steps = bytes.concat(proof.steps, hex"01");
                    ++i;
                } else {
                    proof.steps = bytes.concat(proof.steps, hex"00");
                    proof.nodes = _append(proof.nodes, leaves[sibling]);
                }
                parents = _append(parents, sibling / 2);
            }
            indices = parents;
        }
    }

    /// @dev Bit i of `chosen` says whether leaf i is in.
    function subset(uint256 count, uint256 chosen) internal pure returns (uint256[] memory indices) {
        indices = new uint256[](0);
        for (uint256 i; i < count; ++i) if ((chosen >> i) & 1 == 1) indices = _append(indices, i);
    }

    function _above(bytes32[] memory nodes) private pure returns (bytes32[] memory level) {
        level = new bytes32[]((nodes.length + 1) / 2);
        for (uint256 i; i < level.length; ++i) {
            level[i] = 2 * i + 1 == nodes.length ? nodes[2 * i] : _pair(nodes[2 * i], nodes[2 * i + 1]);
        }
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    function _append(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }

    function _append(uint256[] memory list, uint256 last) private pure returns (uint256[] memory longer) {
        longer = new uint256[](list.length + 1);
        for (uint256 i; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }
}
