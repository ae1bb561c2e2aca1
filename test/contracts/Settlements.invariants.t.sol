// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISettlements} from "../../contracts/interfaces/ISettlements.sol";
import {SettlementsTest} from "./support/SettlementsTest.sol";
import {SettlementsHandler} from "./support/SettlementsHandler.sol";

/// @dev The promises of `Settlements`, whatever is settled, by whomever, in whichever order (S1 to S3 and S8 are those of
/// `Stakes`):
/// S4 the head's epoch never goes back within a generation;
/// S5 every accepted settlement's parent was the head, and its generation the topic's;
/// S6 head and quality are those of the last that was announced;
/// S7 the ring answers for any time what the events say, or that it no longer knows.
contract SettlementsInvariants is SettlementsTest {
    SettlementsHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new SettlementsHandler(committee, reports, settlements);
        _target(address(handler));
    }

    function invariant_S4_noEpochGoesBack() public view {
        for (uint32 topicId = TOPIC - 1; topicId <= TOPIC; ++topicId) {
            for (uint256 i = 1; i < handler.acceptedCount(topicId); ++i) {
                SettlementsHandler.Accepted memory before = handler.accepted(topicId, i - 1);
                SettlementsHandler.Accepted memory next = handler.accepted(topicId, i);
                if (next.generation == before.generation) assertGt(next.epoch, before.epoch);
            }
        }
        _isBusy();
    }

    function invariant_S5_everyParentWasTheHead() public view {
        for (uint32 topicId = TOPIC - 1; topicId <= TOPIC; ++topicId) {
            bytes32 head;
            uint16 generation;
            for (uint256 i; i < handler.acceptedCount(topicId); ++i) {
                SettlementsHandler.Accepted memory next = handler.accepted(topicId, i);
                assertEq(next.parent, head);
                assertGe(next.generation, generation);
                (head, generation) = (next.leaf, next.generation);
            }
            assertLe(generation, handler.generationOf(topicId));
        }
        _isBusy();
    }

    function invariant_S6_headAndQualityAreTheLast() public view {
        for (uint32 topicId = TOPIC - 1; topicId <= TOPIC; ++topicId) {
            ISettlements.Head memory head = settlements.headOf(topicId);
            uint256 count = handler.acceptedCount(topicId);
            assertEq(head.count, count);
            assertEq(head.generation, handler.generationOf(topicId));
            if (count == 0) continue;
            SettlementsHandler.Accepted memory last = handler.accepted(topicId, count - 1);
            assertEq(head.leaf, last.leaf);
            assertEq(head.epoch, last.epoch);
            assertEq(head.acceptedAt, last.time);
            ISettlements.TopicQuality memory quality = settlements.qualityOf(topicId);
            assertEq(quality.networkLoss, int256(int64(int256(uint256(last.quality)) >> 192)) * 1e9);
            assertEq(quality.missed, uint32(uint256(last.quality) >> 48));
            assertEq(quality.acceptedAt, last.time);
        }
        _isBusy();
    }

    function invariant_S7_theRingAnswersAsTheEvents() public view {
        for (uint32 topicId = TOPIC - 1; topicId <= TOPIC; ++topicId) {
            uint256 count = handler.acceptedCount(topicId);
            for (uint256 i; i < count; ++i) {
                uint40 time = handler.accepted(topicId, i).time;
                _answers(topicId, time);
                _answers(topicId, time + 1);
            }
        }
        _isBusy();
    }

    function _answers(uint32 topicId, uint40 time) private view {
        uint256 index = handler.acceptedCount(topicId);
        while (index != 0 && handler.accepted(topicId, index - 1).time >= time) --index;
        uint256 size = settlements.ringSizeOf(topicId);
        uint256 oldest = handler.acceptedCount(topicId) > size ? handler.acceptedCount(topicId) - size : 0;
        try settlements.lastAcceptedBefore(topicId, time) returns (ISettlements.Settled memory settled) {
            assertEq(settled.leaf, index == 0 ? bytes32(0) : handler.accepted(topicId, index - 1).leaf);
        } catch {
            assertLe(index, oldest);
            assertGt(oldest, 0);
        }
    }

    /// @dev A promise that nothing was tried against is worth nothing.
    function _isBusy() private view {
        if (handler.calls() < 8) return;
        assertGt(handler.chained(), 0, "nothing followed");
        assertGt(handler.skipped(), 0, "nothing was skipped");
        assertGt(handler.refused(), 0, "nothing was refused");
    }

    /// @dev A fixed walk, long enough to fill the ring and go round.
    function test_handler_goesRoundTheRing() public {
        for (uint256 i; i < 160; ++i) {
            handler.settle(uint256(keccak256(abi.encode(i))), i);
            handler.pass(i * 1000);
            handler.takeBack(i);
        }
        assertGt(handler.acceptedCount(TOPIC), RING);
        assertGt(handler.generations(), 10);
        assertGt(handler.skipped(), 10);
        assertGt(handler.refused(), 10);
        invariant_S4_noEpochGoesBack();
        invariant_S5_everyParentWasTheHead();
        invariant_S6_headAndQualityAreTheLast();
        invariant_S7_theRingAnswersAsTheEvents();
    }
}
