// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISettlements} from "../../../contracts/interfaces/ISettlements.sol";
import {Settlements} from "../../../contracts/Settlements.sol";
import {Batch, Multiproof} from "../../../contracts/types/Batch.sol";
import {Settlement} from "../../../contracts/types/Settlement.sol";
import {Attesting} from "./Attesting.sol";
import {NaiveTree} from "./NaiveTree.sol";

/// @dev Everything that makes an attested batch of settlements, written out from the message's definition rather than by
/// the contracts' own functions.
abstract contract Settling is Attesting {
    using NaiveTree for bytes32[];

    /// @dev The first epoch of the example's topics.
    uint32 internal constant FIRST = 5;
    /// @dev Three days of their epochs of a day, and 64.
    uint32 internal constant RING = 67;
    /// @dev Losses of -0.5 and -0.25, coverages of 0.68 and 0.95, 9 workers, known, 3 missed.
    bytes32 internal constant QUALITY = bytes32(
        (uint256(uint64(int64(-500_000_000))) << 192) |
            (uint256(uint64(int64(-250_000_000))) << 128) |
            (uint256(6_800) << 112) |
            (uint256(9_500) << 96) |
            (uint256(9) << 88) |
            (uint256(1) << 80) |
            (uint256(3) << 48)
    );

    Settlements internal settlements;

    function _settlement(uint32 epoch, bytes32 parent) internal pure returns (Settlement memory) {
        return
            Settlement({
                topicId: TOPIC,
                epoch: epoch,
                generation: 0,
                parent: parent,
                state: keccak256(abi.encode("state", epoch)),
                pot: 0,
                quality: QUALITY,
                context: CONTEXT
            });
    }

    function _leaf(Settlement memory settlement) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Settlement(uint32 topicId,uint32 epoch,uint16 generation,bytes32 parent,bytes32 state,uint256 pot,bytes32 quality,bytes32 context)"
                    ),
                    settlement.topicId,
                    settlement.epoch,
                    settlement.generation,
                    settlement.parent,
                    settlement.state,
                    settlement.pot,
                    settlement.quality,
                    settlement.context
                )
            );
    }

    function _leaves(Settlement[] memory list) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](list.length);
        for (uint256 i; i < list.length; ++i) leaves[i] = _leaf(list[i]);
    }

    function _list(Settlement memory settlement) internal pure returns (Settlement[] memory list) {
        list = new Settlement[](1);
        list[0] = settlement;
    }

    /// @dev So many settlements of successive epochs, each the parent of the next.
    function _chain(uint32 epoch, bytes32 parent, uint256 count) internal pure returns (Settlement[] memory list) {
        list = new Settlement[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = _settlement(epoch + uint32(i), parent);
            parent = _leaf(list[i]);
        }
    }

    /// @dev Settles the whole batch of `list`, attested by the members in `bitmap`.
    function _settle(Settlement[] memory list, uint64 bitmap) internal {
        bytes32[] memory leaves = _leaves(list);
        Batch memory batch = _batch(leaves.rootOf());
        Multiproof memory proof = leaves.multiproofOf(NaiveTree.subset(list.length, type(uint256).max));
        settlements.settle(batch, list, proof, _attest(_digest(batch), bitmap));
    }

    /// @dev Settles one, attested by members 0, 1 and 3.
    function _settle(Settlement memory settlement) internal {
        _settle(_list(settlement), 11);
    }

    function _isHead(bytes32 leaf, uint32 epoch, uint256 acceptedAt, uint32 count) internal view {
        ISettlements.Head memory head = settlements.headOf(TOPIC);
        assertEq(head.leaf, leaf);
        assertEq(head.epoch, epoch);
        assertEq(head.acceptedAt, acceptedAt);
        assertEq(head.count, count);
        assertEq(head.generation, 0);
    }

    /// @dev Gives the topic a generation that only a dispute will; slot 0 is the mapping of chains.
    function _setGeneration(uint16 generation) internal {
        bytes32 slot = keccak256(abi.encode(uint256(TOPIC), uint256(0)));
        uint256 tip = uint256(vm.load(address(settlements), slot)) & ~(uint256(0xffff) << 72);
        vm.store(address(settlements), slot, bytes32(tip | (uint256(generation) << 72)));
    }
}
