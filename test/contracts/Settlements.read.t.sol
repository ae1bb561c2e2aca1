// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISettlements} from "../../contracts/interfaces/ISettlements.sol";
import {Reports} from "../../contracts/Reports.sol";
import {Settlements} from "../../contracts/Settlements.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {SettlementsTest} from "./support/SettlementsTest.sol";

/// @dev The head, the ring, and what stood before a time.
contract SettlementsReadTest is SettlementsTest {
    function test_headOf_aTopicWithoutSettlements_isZero() public view {
        _isHead(0, 0, 0, 0);
        assertEq(settlements.ringSizeOf(TOPIC), 0);
    }

    // -- The ring --

    /// Law: W divided by the epoch's length, rounded up, and 64.
    function testFuzz_ringSizeOf(uint256 window, uint256 length) public {
        window = bound(window, 1, type(uint32).max);
        length = bound(length, 1, 30 days);
        uint32 topicId = example.add(uint32(length));
        reports = new Reports(committee, window, 0, address(0), DISPUTES);
        settlements = new Settlements(committee, reports, topics, DISPUTES);
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.topicId = topicId;
        _settle(settlement);
        uint256 whole = window / length;
        assertEq(settlements.ringSizeOf(topicId), (whole * length == window ? whole : whole + 1) + 64);
    }

    function test_settlementAt_ofAFreshRing() public {
        Settlement[] memory chain = _chain(FIRST, 0, 3);
        for (uint32 i; i < 3; ++i) {
            vm.warp(START + 100 * i);
            _settle(chain[i]);
        }
        for (uint32 i; i < 3; ++i) _isAt(i, _leaf(chain[i]), FIRST + i, START + 100 * i);
        _notKept(3, 0, 3);
    }

    function test_settlementAt_keepsAsManyAsTheRingHolds() public {
        Settlement[] memory chain = _chain(FIRST, 0, RING + 5);
        _settle(_slice(chain, 0, RING), 7);
        _isAt(0, _leaf(chain[0]), FIRST, START);
        vm.warp(START + 1);
        _settle(_slice(chain, RING, RING + 5), 7);
        _notKept(4, 5, RING + 5);
        _isAt(5, _leaf(chain[5]), FIRST + 5, START);
        _isAt(RING - 1, _leaf(chain[RING - 1]), FIRST + RING - 1, START);
        _isAt(RING, _leaf(chain[RING]), FIRST + RING, START + 1);
        _isAt(RING + 4, _leaf(chain[RING + 4]), FIRST + RING + 4, START + 1);
        _notKept(RING + 5, 5, RING + 5);
        _isHead(_leaf(chain[RING + 4]), FIRST + RING + 4, START + 1, RING + 5);
    }

    function test_settlementAt_keepsItsGeneration() public {
        Settlement memory first = _settlement(FIRST, 0);
        _settle(first);
        _setGeneration(3);
        Settlement memory next = _settlement(FIRST + 1, _leaf(first));
        next.generation = 3;
        _settle(next);
        assertEq(settlements.settlementAt(TOPIC, 0).generation, 0);
        assertEq(settlements.settlementAt(TOPIC, 1).generation, 3);
    }

    // -- Before a time --

    function test_lastAcceptedBefore_isStrictlyBefore() public {
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 1).leaf, bytes32(0));
        Settlement[] memory chain = _chain(FIRST, 0, 3);
        _settle(chain[0]);
        vm.warp(START + 10);
        // Two at once: the later one counts.
        _settle(_slice(chain, 1, 3), 7);
        assertEq(settlements.lastAcceptedBefore(TOPIC, 0).leaf, bytes32(0));
        assertEq(settlements.lastAcceptedBefore(TOPIC, START).leaf, bytes32(0));
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 1).leaf, _leaf(chain[0]));
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 10).leaf, _leaf(chain[0]));
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 11).leaf, _leaf(chain[2]));
        assertEq(settlements.lastAcceptedBefore(TOPIC, type(uint40).max).epoch, FIRST + 2);
    }

    /// Law: a walk from the newest back finds the same.
    function testFuzz_lastAcceptedBefore(uint256 seed, uint256 count, uint256 asked) public {
        count = bound(count, 1, 12);
        Settlement[] memory chain = _chain(FIRST, 0, count);
        uint256[] memory times = new uint256[](count);
        uint256 time = START;
        for (uint256 i; i < count; ++i) {
            time += uint256(keccak256(abi.encode(seed, i))) % 3;
            vm.warp(time);
            _settle(chain[i]);
            times[i] = time;
        }
        asked = bound(asked, START - 1, time + 2);
        bytes32 expected;
        for (uint256 i = count; i != 0 && expected == 0; --i) {
            if (times[i - 1] < asked) expected = _leaf(chain[i - 1]);
        }
        assertEq(settlements.lastAcceptedBefore(TOPIC, uint40(asked)).leaf, expected);
    }

    /// What the ring has given up is not taken for nothing.
    function test_lastAcceptedBefore_revertsWhen_notKept() public {
        Settlement[] memory chain = _chain(FIRST, 0, RING + 2);
        _settle(_slice(chain, 0, 2), 7);
        vm.warp(START + 10);
        _settle(_slice(chain, 2, RING), 7);
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 5).leaf, _leaf(chain[1]));
        _settle(chain[RING]);
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 5).leaf, _leaf(chain[1]));
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 11).leaf, _leaf(chain[RING]));
        _settle(chain[RING + 1]);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.TimeNotKept.selector, START + 10, START + 10));
        settlements.lastAcceptedBefore(TOPIC, START + 10);
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 11).leaf, _leaf(chain[RING + 1]));
    }

    function _slice(
        Settlement[] memory list,
        uint256 from,
        uint256 to
    ) private pure returns (Settlement[] memory slice) {
        slice = new Settlement[](to - from);
        for (uint256 i = from; i < to; ++i) slice[i - from] = list[i];
    }

    function _isAt(uint32 index, bytes32 leaf, uint32 epoch, uint256 acceptedAt) private view {
        ISettlements.Settled memory settled = settlements.settlementAt(TOPIC, index);
        assertEq(settled.leaf, leaf);
        assertEq(settled.epoch, epoch);
        assertEq(settled.acceptedAt, acceptedAt);
        assertEq(settled.generation, 0);
    }

    function _notKept(uint32 index, uint32 oldest, uint32 count) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.SettlementNotKept.selector, index, oldest, count));
        settlements.settlementAt(TOPIC, index);
    }
}
