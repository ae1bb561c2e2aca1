// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Status} from "../types/Word.sol";

/// @param value A Wad: signed, 18 decimals. In a classification topic the label's probability.
/// @param sigma A Wad, the value's uncertainty (one standard deviation), rounded up by at most 1/32768 or 32768 units.
/// 0 and meaningless unless `sigmaKnown`.
/// @param sigmaKnown False while there were too few distinct values, and no past errors, to tell.
/// @param observedAt When the epoch's answers were closed, in seconds; a function of the topic's schedule.
/// @param aboutAt The time that the value is about: `observedAt` and the topic's lag.
/// @param epoch The topic's epoch.
/// @param postedAt When it was posted, up to 15 seconds too late; in a pulled reading the present.
/// @param status How far the reading can be trusted; see `IReader`.
struct Reading {
    int128 value;
    uint128 sigma;
    bool sigmaKnown;
    uint32 observedAt;
    uint32 aboutAt;
    uint32 epoch;
    uint32 postedAt;
    Status status;
}

/// @notice Step 5: what a consumer reads.
/// @dev The status, from the bottom of the ladder up, and whom a consumer trusts at each rung:
/// `Attested`  a quorum of the committee signed it: the quorum.
/// `Final`     and nobody refuted it for `disputeSeconds` after its posting: for the arithmetic one
///             honest watcher, for which submissions and truths were counted the quorum.
/// `Proven`    the chain recomputed value and sigma: for the arithmetic nobody.
/// At every rung the truth that trains the weights assumes that less than a third of the topic's
/// reputer stake is dishonest. `Void` (its inputs fell away) and `Refuted` (it was wrong) revert.
/// @dev Warning: no function here knows how old is too old for you. Compare `observedAt` with the
/// present, and ask for the status you need.
interface IReader {
    /// @notice Thrown when nothing was ever posted for this topic and label.
    error NoReport(uint32 topicId, uint16 label);
    /// @notice Thrown when no word of this epoch is kept.
    error NoReportAt(uint32 topicId, uint16 label, uint32 epoch);
    /// @notice Thrown when the report's state or rows fell away.
    error ReportVoid(uint32 topicId, uint16 label, uint32 epoch);
    /// @notice Thrown when the report was refuted.
    error ReportRefuted(uint32 topicId, uint16 label, uint32 epoch);

    /// @notice The newest reading.
    function read(uint32 topicId, uint16 label) external view returns (Reading memory reading);

    /// @notice As `read`, but never reverts: `usable` is false where `read` would revert, and then
    /// `reading.status` tells why (`None`, `Void` or `Refuted`).
    function tryRead(uint32 topicId, uint16 label) external view returns (bool usable, Reading memory reading);

    /// @notice The reading of one epoch: the newest, or one of the topic's history.
    /// @dev Warning: a history is only as long as the topic asks for, and a topic may ask for none.
    function readAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (Reading memory reading);

    /// @notice As `readAt`, but never reverts.
    function tryReadAt(
        uint32 topicId,
        uint16 label,
        uint32 epoch
    ) external view returns (bool usable, Reading memory reading);
}
