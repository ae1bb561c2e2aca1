// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISettlements} from "../interfaces/ISettlements.sol";

/// @dev Step 6, how well a topic does, in 256 bits, and what a consumer asks of it. From the high bits down: the network's
/// loss int64 in units of 1e-9 | the naive loss, the same | coverage of one sigma uint16 in units of 1e-4 | coverage of
/// two sigma, the same | workers uint8 | known uint8 | missed uint32 | 48 bits. These are 0 in what the committee
/// signs; `Settlements` keeps the time of acceptance in them.
library Quality {
    int256 private constant LOSS_UNIT = 1e9;
    uint256 private constant COVERAGE_UNIT = 1e14;

    /// @notice Thrown when no epoch of the topic was settled with a truth yet.
    error QualityUnknown(uint32 topicId);
    /// @notice Thrown when the newest settlement was accepted `given` seconds ago, at most `required` are accepted.
    error QualityStale(uint256 given, uint256 required);
    /// @notice Thrown when the newest settled epoch had fewer workers.
    error WorkersTooFew(uint256 given, uint256 required);
    /// @notice Thrown when the network's loss is not as far below the naive loss.
    error SkillTooLow(int256 given, int256 required);

    /// @notice Reverts by name unless the topic has been good of late.
    /// @dev Warning: an average of the past, and a settlement counts before the time for refuting it is over.
    /// @param minSkill By how much the naive loss exceeds the network's, in log10 as a Wad: 0.1e18 says that the
    /// network's loss is a fifth below that of its workers without forecasters. May be negative.
    /// @param maxAge The most seconds since the newest settlement was accepted.
    /// @param minWorkers The least number of inferers in the newest settled epoch; 1 or more refuses a missed one.
    function requireQuality(
        ISettlements settlements,
        uint32 topicId,
        int256 minSkill,
        uint256 maxAge,
        uint256 minWorkers
    ) internal view {
        ISettlements.TopicQuality memory quality = settlements.qualityOf(topicId);
        require(quality.known, QualityUnknown(topicId));
        uint256 age = block.timestamp - quality.acceptedAt;
        require(age <= maxAge, QualityStale(age, maxAge));
        require(quality.workers >= minWorkers, WorkersTooFew(quality.workers, minWorkers));
        int256 skill = quality.naiveLoss - quality.networkLoss;
        require(skill >= minSkill, SkillTooLow(skill, minSkill));
    }

    /// @dev What the word says.
    function decode(bytes32 word) internal pure returns (ISettlements.TopicQuality memory) {
        uint256 bits = uint256(word);
        return
            ISettlements.TopicQuality({
                networkLoss: int64(uint64(bits >> 192)) * LOSS_UNIT,
                naiveLoss: int64(uint64(bits >> 128)) * LOSS_UNIT,
                coverage68: uint16(bits >> 112) * COVERAGE_UNIT,
                coverage95: uint16(bits >> 96) * COVERAGE_UNIT,
                workers: uint8(bits >> 88),
                known: uint8(bits >> 80) != 0,
                missed: uint32(bits >> 48),
                acceptedAt: uint40(bits)
            });
    }
}
