// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Stakes} from "../../../contracts/Stakes.sol";
import {Topics} from "../../../contracts/Topics.sol";
import {Parameters} from "../../../contracts/types/Parameters.sol";
import {TopicsTest} from "./TopicsTest.sol";

/// @dev A `Topics` with the example's topics in it, for tests that stand on something else than `TopicsTest`.
contract ExampleTopics is TopicsTest {
    function make(uint256 count) external returns (Topics) {
        setUp();
        for (uint256 i; i < count; ++i) _create();
        return topics;
    }

    /// @dev A worker or reputer, which this pays for.
    function join(uint32 topicId, address owner, address signer, uint8 roles) external {
        vm.prank(CREATOR);
        allo.transfer(owner, 10 * REGISTRATION_FEE);
        vm.startPrank(owner);
        allo.approve(address(topics), type(uint256).max);
        topics.register(topicId, signer, PAYEE, roles);
        vm.stopPrank();
    }

    /// @dev A stake of its own, which this pays for.
    function stake(Stakes stakes, uint32 topicId, address reputer, uint256 amount) external {
        vm.prank(CREATOR);
        allo.transfer(reputer, amount);
        vm.startPrank(reputer);
        allo.approve(address(stakes), amount);
        stakes.deposit(topicId, reputer, amount);
        vm.stopPrank();
    }

    /// @dev One more topic, whose epochs have this length and are windows from end to end.
    function add(uint32 length) external returns (uint32 topicId) {
        Parameters memory parameters = _example();
        (parameters.schedule.length, parameters.schedule.windowOpens) = (length, 0);
        parameters.schedule.windowLength = length;
        vm.prank(CREATOR);
        return topics.create(parameters);
    }
}
