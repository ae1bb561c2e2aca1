// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

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

    /// @dev One more topic, whose epochs have this length and are windows from end to end.
    function add(uint32 length) external returns (uint32 topicId) {
        Parameters memory parameters = _example();
        (parameters.schedule.length, parameters.schedule.windowOpens) = (length, 0);
        parameters.schedule.windowLength = length;
        vm.prank(CREATOR);
        return topics.create(parameters);
    }
}
