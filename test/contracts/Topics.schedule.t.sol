// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ITopics} from "../../contracts/interfaces/ITopics.sol";
import {Parameters} from "../../contracts/types/Parameters.sol";
import {TopicsTest} from "./support/TopicsTest.sol";

/// @dev Windows and epochs, and topics that do not exist.
contract TopicsScheduleTest is TopicsTest {
    uint32 private constant FIRST = 5;

    function test_windowOf_followsTheSchedule() public {
        _create();
        (uint32 opensAt, uint32 closesAt) = topics.windowOf(1, FIRST);
        assertEq(opensAt, START + 20 hours);
        assertEq(closesAt, START + 21 hours);
        (opensAt, closesAt) = topics.windowOf(1, FIRST + 100);
        assertEq(opensAt, START + 100 days + 20 hours);
        assertEq(closesAt, START + 100 days + 21 hours);
    }

    function testFuzz_epochAt_isTheEpochThatHoldsTheTime(uint32 time) public {
        _create();
        time = uint32(bound(time, START, type(uint32).max));
        uint256 epoch = topics.epochAt(1, time);
        assertLe(START + (epoch - FIRST) * 1 days, time);
        assertGt(START + (epoch + 1 - FIRST) * 1 days, time);
    }

    function test_schedule_revertsOutsideIt() public {
        _create();
        vm.expectRevert(abi.encodeWithSelector(ITopics.EpochOutOfRange.selector, FIRST - 1, FIRST));
        topics.windowOf(1, FIRST - 1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.EpochOutOfRange.selector, FIRST - 1, FIRST));
        topics.parametersAt(1, FIRST - 1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.TimeBeforeStart.selector, START - 1, START));
        topics.epochAt(1, START - 1);
        // The last second that a uint32 names lies in the epoch (2^32 - 1 - START) / 86400 after the first; its window
        // would close later.
        uint32 last = FIRST + (type(uint32).max - START) / 1 days;
        (, uint32 closesAt) = topics.windowOf(1, last - 1);
        assertEq(closesAt, START + (last - 1 - FIRST) * 1 days + 21 hours);
        vm.expectRevert(abi.encodeWithSelector(ITopics.EpochOutOfRange.selector, last + 1, FIRST));
        topics.windowOf(1, last + 1);
    }

    function test_epochs_end_at28Bits() public {
        Parameters memory parameters = _example();
        parameters.schedule.firstEpoch = (1 << 28) - 1;
        vm.prank(CREATOR);
        topics.create(parameters);
        topics.windowOf(1, (1 << 28) - 1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.EpochOutOfRange.selector, 1 << 28, (1 << 28) - 1));
        topics.windowOf(1, 1 << 28);
        vm.expectRevert(abi.encodeWithSelector(ITopics.EpochOutOfRange.selector, 1 << 28, (1 << 28) - 1));
        topics.epochAt(1, START + 1 days);
    }

    function test_everything_revertsWhen_theTopicIsUnknown() public {
        bytes memory unknown = abi.encodeWithSelector(ITopics.TopicUnknown.selector, 1);
        vm.expectRevert(unknown);
        topics.patch(1, _example(), 5);
        vm.expectRevert(unknown);
        topics.transfer(1, ALICE);
        vm.expectRevert(unknown);
        topics.fund(1, 1);
        vm.expectRevert(unknown);
        topics.register(1, KEY_A, PAYEE, 1);
        vm.expectRevert(unknown);
        topics.leave(1);
        vm.expectRevert(unknown);
        topics.changeSigner(1, KEY_A);
        vm.expectRevert(unknown);
        topics.parametersAt(1, 5);
        vm.expectRevert(unknown);
        topics.registrationsAt(1, 5);
        vm.expectRevert(unknown);
        topics.signerAt(1, ALICE, 5);
        vm.expectRevert(abi.encodeWithSelector(ITopics.ParametersUnknown.selector, bytes32("none")));
        topics.parametersRow("none");
    }
}
