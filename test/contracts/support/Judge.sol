// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim, Evidence} from "../../../contracts/types/Claim.sol";
import {Settlement} from "../../../contracts/types/Settlement.sol";

/// @dev A settlements' verifier that tells what it was asked: wrong is what starts from the state 1, all else is refused.
contract Judge {
    error Asked(uint32 epoch, bytes32 beforehand, Claim claim, uint256 at, uint256 rows);

    function judgeSettlement(
        Settlement calldata settlement,
        bytes32 beforehand,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external pure returns (bool) {
        if (uint256(beforehand) < 2) return beforehand == bytes32(uint256(1));
        revert Asked(settlement.epoch, beforehand, claim, at, evidence.rows.length);
    }
}
