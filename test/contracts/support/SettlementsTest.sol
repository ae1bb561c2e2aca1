// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Settlements} from "../../../contracts/Settlements.sol";
import {Topics} from "../../../contracts/Topics.sol";
import {ExampleTopics} from "./ExampleTopics.sol";
import {Settling} from "./Settling.sol";

/// @dev `Settlements` on the committee and the `Reports` of `Attesting`, with seven topics of the example.
abstract contract SettlementsTest is Settling {
    ExampleTopics internal example;
    Topics internal topics;

    function setUp() public virtual {
        example = new ExampleTopics();
        topics = example.make(TOPIC);
        _deploy(4);
        settlements = new Settlements(committee, reports, topics, DISPUTES);
    }
}
