// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Committee} from "../../../contracts/Committee.sol";
import {Court} from "./Court.sol";
import {ExampleTopics} from "./ExampleTopics.sol";
import {Pleading} from "./Pleading.sol";
import {ToldVerifier} from "./ToldVerifier.sol";

/// @dev The whole court on the example's topics.
abstract contract DisputesTest is Pleading {
    ExampleTopics internal example;

    function setUp() public virtual {
        example = new ExampleTopics();
        topics = example.make(TOPIC);
        vm.warp(START);
        committee = new Committee(address(this));
        verifier = new ToldVerifier();
        _openVerifiedEra(0, START, EXPIRY);
        Court court = new Court(committee, topics, WINDOW, MINIMUM_BOND);
        (reports, settlements, stakes) = (court.reports(), court.settlements(), court.stakes());
        (facts, disputes) = (court.facts(), court.disputes());
    }

    /// @dev An era of four with the keys from `firstKey` on.
    function _openVerifiedEra(uint256 firstKey, uint40 startsAt, uint40 expiresAt) internal {
        uint16[] memory ids = new uint16[](4);
        for (uint256 i; i < 4; ++i) {
            ids[i] = committee.addMember(address(this), vm.addr(_key(firstKey + i)), address(this), "http://127.0.0.1");
        }
        committee.openEra(ids, CORE, address(verifier), startsAt, expiresAt);
    }
}
