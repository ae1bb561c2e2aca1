// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReader, Reading} from "../interfaces/IReader.sol";
import {ISettlements} from "../interfaces/ISettlements.sol";
import {Quality} from "../libraries/Quality.sol";

/// @title QualityConsumer
/// @notice A consumer that uses a topic only while it is good: while the network beats the naive value by a margin, has
/// been settled of late, and has enough workers. `Quality` refuses by name what is not.
contract QualityConsumer {
    using Quality for ISettlements;

    /// @notice Thrown when the answers were closed longer ago than is accepted.
    error StaleReport(uint256 age, uint256 maximum);

    IReader public immutable reader;
    ISettlements public immutable settlements;
    uint32 public immutable topicId;
    uint256 public immutable maxAgeSeconds;
    int256 public immutable minSkill;
    uint256 public immutable maxSilenceSeconds;
    uint256 public immutable minWorkers;

    /// @param maxAgeSeconds_ Longest time since the answers were closed.
    /// @param minSkill_ See `Quality.requireQuality`, as for the next two.
    /// @param maxSilenceSeconds_ Longest time since the newest settlement. A topic is settled once its truth is known: it
    /// must leave room for the topic's lag and truth window.
    constructor(
        IReader reader_,
        ISettlements settlements_,
        uint32 topicId_,
        uint256 maxAgeSeconds_,
        int256 minSkill_,
        uint256 maxSilenceSeconds_,
        uint256 minWorkers_
    ) {
        (reader, settlements, topicId, maxAgeSeconds) = (reader_, settlements_, topicId_, maxAgeSeconds_);
        (minSkill, maxSilenceSeconds, minWorkers) = (minSkill_, maxSilenceSeconds_, minWorkers_);
    }

    /// @notice The newest value of a good topic, and the time it is about.
    function latest() external view returns (int128 value, uint32 aboutAt) {
        settlements.requireQuality(topicId, minSkill, maxSilenceSeconds, minWorkers);
        Reading memory reading = reader.read(topicId, 0);
        uint256 age = block.timestamp - reading.observedAt;
        require(age <= maxAgeSeconds, StaleReport(age, maxAgeSeconds));
        return (reading.value, reading.aboutAt);
    }
}
