// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Committee} from "../../../contracts/Committee.sol";
import {Disputes} from "../../../contracts/Disputes.sol";
import {Facts} from "../../../contracts/Facts.sol";
import {Reports} from "../../../contracts/Reports.sol";
import {Settlements} from "../../../contracts/Settlements.sol";
import {Stakes} from "../../../contracts/Stakes.sol";
import {Topics} from "../../../contracts/Topics.sol";

/// @dev Deploys the contracts that know each other, in one order, so that the addresses follow from this one's.
contract Court {
    Reports public reports;
    Settlements public settlements;
    Stakes public stakes;
    Facts public facts;
    Disputes public disputes;

    constructor(Committee committee, Topics topics, uint256 disputeSeconds, uint256 minimumBond) {
        // The fifth contract that this one creates.
        address last = address(
            uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(0x05)))))
        );
        reports = new Reports(committee, disputeSeconds, 0, address(0), last);
        settlements = new Settlements(committee, reports, topics, last);
        stakes = new Stakes(IERC20(topics.allo()), topics, 1 days);
        facts = new Facts(reports, topics, stakes);
        disputes = new Disputes(settlements, facts, minimumBond);
    }
}
