// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReader, Reading} from "../interfaces/IReader.sol";
import {Status} from "../types/Word.sol";

/// @title Consumer
/// @notice The shortest consumer that is right. It takes nothing on faith: a value that is missing, void
/// or refuted (`IReader` reverts by name), stale, uncertain beyond its limit, or too low on the ladder
/// of `IReader` never leaves it.
contract Consumer {
    /// @notice Thrown when the answers were closed longer ago than is accepted.
    error StaleReport(uint256 age, uint256 maximum);
    /// @notice Thrown when the network cannot say yet how uncertain the value is.
    error SigmaUnknown();
    /// @notice Thrown when the value is more uncertain than is accepted.
    error TooUncertain(uint128 given, uint128 maximum);
    /// @notice Thrown when a report can still be refuted and only final ones are accepted.
    error NotFinal(Status given);

    IReader public immutable reader;
    uint32 public immutable topicId;
    uint256 public immutable maxAgeSeconds;
    uint128 public immutable maxSigma;
    bool public immutable onlyFinal;

    /// @param maxAgeSeconds_ Longest time since `observedAt`, when the answers were closed. With
    /// `onlyFinal_` it must leave room for the time for disputes.
    /// @param maxSigma_ Greatest uncertainty, a Wad.
    /// @param onlyFinal_ Whether to wait until nobody refuted the value in time (or the chain recomputed
    /// it) rather than trust the committee's quorum.
    constructor(IReader reader_, uint32 topicId_, uint256 maxAgeSeconds_, uint128 maxSigma_, bool onlyFinal_) {
        (reader, topicId, maxAgeSeconds, maxSigma, onlyFinal) = (
            reader_,
            topicId_,
            maxAgeSeconds_,
            maxSigma_,
            onlyFinal_
        );
    }

    /// @notice The newest value, and the time it is about.
    /// @dev A forecast is about a time after `observedAt`: staleness is counted from the latter, and
    /// `aboutAt` may still lie ahead.
    function latest() external view returns (int128 value, uint32 aboutAt) {
        Reading memory reading = reader.read(topicId, 0);
        uint256 age = block.timestamp - reading.observedAt;
        require(age <= maxAgeSeconds, StaleReport(age, maxAgeSeconds));
        require(reading.sigmaKnown, SigmaUnknown());
        require(reading.sigma <= maxSigma, TooUncertain(reading.sigma, maxSigma));
        require(!onlyFinal || reading.status >= Status.Final, NotFinal(reading.status));
        return (reading.value, reading.aboutAt);
    }
}
