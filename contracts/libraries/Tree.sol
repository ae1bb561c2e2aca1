// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Multiproof} from "../types/Batch.sol";
import {Report, REPORT_TYPEHASH} from "../types/Report.sol";
import {Settlement, SETTLEMENT_TYPEHASH} from "../types/Settlement.sol";

/// @dev The Merkle tree of a batch: pairs are hashed commutatively, keccak256(min ‖ max), and an odd
/// last node moves up unchanged, as OpenZeppelin's `MerkleProof` has it. Inner nodes hash 64 bytes,
/// reports 320 and settlements 288, so that none can be taken for another.
///
/// A multiproof is run with a queue, which holds the leaves in the batch's order, then the results in
/// the order of making. Each step takes the node at the head of the queue and
///   0  hashes it with the next of the proof's nodes,
///   1  hashes it with the next node of the queue,
///   2  moves it up: it goes to the end of the queue unchanged.
/// One node is left when all nodes and steps are used, and it is the root.
library Tree {
    /// @dev Thrown when a multiproof does not end in one node with all its nodes and steps used.
    error MalformedProof();

    /// @dev The root over `reports` and the proof's nodes.
    function root(Report[] calldata reports, Multiproof calldata proof) internal pure returns (bytes32) {
        uint256 messages;
        // Where the first stands in calldata; they are 9 words each and follow one another.
        assembly ("memory-safe") {
            messages := reports.offset
        }
        return _root(REPORT_TYPEHASH, messages, reports.length, 0x120, proof);
    }

    /// @dev The root over `settlements` and the proof's nodes.
    function root(Settlement[] calldata settlements, Multiproof calldata proof) internal pure returns (bytes32) {
        uint256 messages;
        // As above, 8 words each.
        assembly ("memory-safe") {
            messages := settlements.offset
        }
        return _root(SETTLEMENT_TYPEHASH, messages, settlements.length, 0x100, proof);
    }

    /// @dev The root over `count` messages of `size` bytes each, from `messages` on in calldata, and the proof's nodes.
    /// Equals, with `queue` a memory array of count + steps.length words:
    ///   for (i) queue[tail++] = messages[i].hash();
    ///   for (i) {
    ///       bytes32 node = queue[head++];
    ///       if (steps[i] == 0) node = Hashes.commutativeKeccak256(node, nodes[next++]);
    ///       else if (steps[i] == 1) node = Hashes.commutativeKeccak256(node, queue[head++]);
    ///       else if (steps[i] != 2) revert;
    ///       queue[tail++] = node;
    ///   }
    /// where taking from an empty queue, or a node that is not there, reverts; here each ends the
    /// loop with `isWhole` false. The queue lies past the free memory and is given up afterwards.
    function _root(
        bytes32 typeHash,
        uint256 messages,
        uint256 count,
        uint256 size,
        Multiproof calldata proof
    ) private pure returns (bytes32 node) {
        bytes32[] calldata nodes = proof.nodes;
        bytes calldata steps = proof.steps;
        bool isWhole;

        assembly ("memory-safe") {
            let message := mload(0x40)
            let length := add(size, 0x20)
            let head := add(message, length)
            let tail := head
            mstore(message, typeHash)
            for {
                let last := add(messages, mul(count, size))
            } lt(messages, last) {
                messages := add(messages, size)
            } {
                calldatacopy(add(message, 0x20), messages, size)
                mstore(tail, keccak256(message, length))
                tail := add(tail, 0x20)
            }

            let next := nodes.offset
            let end := add(next, shl(5, nodes.length))
            let step := steps.offset
            let lastStep := add(step, steps.length)
            for {} lt(step, lastStep) {
                step := add(step, 1)
            } {
                if iszero(lt(head, tail)) {
                    break
                }
                node := mload(head)
                head := add(head, 0x20)
                let kind := byte(0, calldataload(step))
                if lt(kind, 2) {
                    let other
                    switch kind
                    case 0 {
                        if iszero(lt(next, end)) {
                            break
                        }
                        other := calldataload(next)
                        next := add(next, 0x20)
                    }
                    default {
                        if iszero(lt(head, tail)) {
                            break
                        }
                        other := mload(head)
                        head := add(head, 0x20)
                    }
                    // The smaller of the two at 0x00, the larger at 0x20.
                    let isLarger := shl(5, gt(node, other))
                    mstore(isLarger, node)
                    mstore(xor(isLarger, 0x20), other)
                    node := keccak256(0x00, 0x40)
                }
                if gt(kind, 2) {
                    break
                }
                mstore(tail, node)
                tail := add(tail, 0x20)
            }
            isWhole := and(eq(step, lastStep), and(eq(next, end), eq(add(head, 0x20), tail)))
            node := mload(head)
        }
        // The queue ends with one node, and nothing of the proof is left over.
        require(isWhole, MalformedProof());
    }
}
