// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISettlements} from "../../../contracts/interfaces/ISettlements.sol";
import {Reports} from "../../../contracts/Reports.sol";
import {Committee} from "../../../contracts/Committee.sol";
import {Settlements} from "../../../contracts/Settlements.sol";
import {Batch, Multiproof} from "../../../contracts/types/Batch.sol";
import {Settlement} from "../../../contracts/types/Settlement.sol";
import {NaiveTree} from "./NaiveTree.sol";
import {Settling} from "./Settling.sol";
import {Vm} from "./Test.sol";

/// @dev What an invariant run does to `Settlements`: settles chains that follow, or nearly, with any members' signatures,
/// in two topics; takes a generation back; lets time pass. It keeps its own record of what was accepted.
contract SettlementsHandler is Settling {
    using NaiveTree for bytes32[];

    struct Accepted {
        bytes32 leaf;
        bytes32 parent;
        bytes32 quality;
        uint32 epoch;
        uint16 generation;
        uint40 time;
    }

    mapping(uint32 topicId => Accepted[] list) private _accepted;
    mapping(uint32 topicId => uint16 generation) public generationOf;
    uint256 public calls;
    uint256 public refused;
    uint256 public skipped;
    uint256 public chained;
    uint256 public generations;

    constructor(Committee committee_, Reports reports_, Settlements settlements_) {
        (committee, reports, settlements) = (committee_, reports_, settlements_);
    }

    /// @dev In turn: one that follows; a chain of three; one with a field wrong; one that too few signed.
    function settle(uint256 seed, uint256 step) external {
        uint256 kind = calls++ % 4;
        uint32 topicId = uint32(bound(seed, TOPIC - 1, TOPIC));
        (bytes32 parent, uint32 epoch) = _head(topicId);
        epoch += uint32(bound(step, 1, 3));
        Settlement[] memory list = new Settlement[](kind == 1 ? 3 : 1);
        for (uint256 i; i < list.length; ++i) {
            list[i] = _settlement(epoch + uint32(i), parent);
            (list[i].topicId, list[i].generation) = (topicId, generationOf[topicId]);
            list[i].quality = bytes32(uint256(keccak256(abi.encode(seed, calls, i))) << 48);
            if (kind == 2) _spoil(list[i], seed % 3);
            parent = _leaf(list[i]);
        }
        _trySettle(list, kind == 3 ? 3 : 7);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 0, 2 days));
    }

    /// @dev What a dispute will do, seldom: the next settlements must carry the new generation.
    function takeBack(uint256 seed) external {
        if (seed % 4 != 0) return;
        ++generations;
        _setGeneration(++generationOf[TOPIC]);
    }

    function acceptedCount(uint32 topicId) external view returns (uint256) {
        return _accepted[topicId].length;
    }

    function accepted(uint32 topicId, uint256 index) external view returns (Accepted memory) {
        return _accepted[topicId][index];
    }

    function _head(uint32 topicId) private view returns (bytes32 leaf, uint32 epoch) {
        uint256 count = _accepted[topicId].length;
        if (count == 0) return (0, FIRST);
        Accepted storage last = _accepted[topicId][count - 1];
        return (last.leaf, last.epoch);
    }

    function _spoil(Settlement memory settlement, uint256 way) private view {
        if (way == 0) settlement.parent = keccak256(abi.encode(settlement.parent));
        else if (way == 1) ++settlement.generation;
        else (, settlement.epoch) = _head(settlement.topicId);
        // The first of a topic may have any epoch.
        if (way == 2 && settlement.parent == 0) ++settlement.generation;
    }

    function _trySettle(Settlement[] memory list, uint64 bitmap) private {
        bytes32[] memory leaves = _leaves(list);
        Batch memory batch = _batch(leaves.rootOf());
        Multiproof memory proof = leaves.multiproofOf(NaiveTree.subset(list.length, type(uint256).max));
        vm.recordLogs();
        try settlements.settle(batch, list, proof, _attest(_digest(batch), bitmap)) {
            _record(list, vm.getRecordedLogs());
        } catch {
            ++refused;
        }
    }

    /// @dev The list goes in from its first on, so the events are those of its first entries.
    function _record(Settlement[] memory list, Vm.Log[] memory logs) private {
        skipped += list.length - logs.length;
        for (uint256 i; i < logs.length; ++i) {
            require(logs[i].topics[0] == ISettlements.SettlementAccepted.selector, "another event");
            Settlement memory settlement = list[i];
            Accepted[] storage all = _accepted[settlement.topicId];
            if (all.length != 0) ++chained;
            all.push(
                Accepted({
                    leaf: _leaf(settlement),
                    parent: settlement.parent,
                    quality: settlement.quality,
                    epoch: settlement.epoch,
                    generation: settlement.generation,
                    time: uint40(block.timestamp)
                })
            );
        }
    }
}
