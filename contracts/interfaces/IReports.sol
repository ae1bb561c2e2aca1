// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Batch, Multiproof} from "../types/Batch.sol";
import {Report} from "../types/Report.sol";
import {Word} from "../types/Word.sol";
import {ICommittee} from "./ICommittee.sol";
import {IReader, Reading} from "./IReader.sol";

/// @notice Step 4: takes attested reports in, keeps one word for each topic and label, answers readers.
interface IReports is IReader {
    /// @notice Thrown when the reports and the proof do not lead to the batch's root.
    error RootMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a field of a report is wider than its type.
    error MalformedReport();
    /// @notice Thrown when an epoch does not fit the 28 bits that a word has for it.
    error EpochOutOfRange(uint256 given, uint256 limit);
    /// @notice Thrown when a report to verify was observed after the present.
    error ObservedInFuture(uint256 given, uint256 present);
    /// @notice Thrown when the committee's address has no code.
    error NotAContract(address given);
    /// @notice Thrown when the time for disputes is 0 or above 2^32 - 1 seconds.
    error DisputeSecondsOutOfRange(uint256 given, uint256 minimum, uint256 maximum);
    /// @notice Thrown when only one of the home chain's id and its `Reports` is given.
    error HomeIncomplete(uint256 chainId, address reports);

    /// @notice Thrown when another than `markedBy` marks a word.
    error NotDisputes(address given, address required);

    /// @param word As in `types/Word.sol`.
    /// @dev With the calldata of its transaction this is the whole report.
    event ReportAccepted(uint32 indexed topicId, uint16 indexed label, uint256 word, bytes32 context);

    /// @dev The word stands in the place of the one of its epoch, or, if it is the newest, of the newest.
    event WordMarked(uint32 indexed topicId, uint16 indexed label, uint256 word);

    /// @notice Accepts those of `reports` that are newer than what is stored, if a quorum of the batch's
    /// era attests to the batch. Anyone may call, with any of a batch's reports, while the era is in force.
    /// @dev Newer: a greater epoch, and a greater observedAt that is not in the future.
    /// @dev Warning: a report that is not newer, or is posted more than 1,048,560 seconds after its
    /// observedAt, is skipped without a revert. A form that no word can hold reverts: an epoch of 29
    /// bits, an invalid sigma, a field wider than its type.
    /// @dev Where a report's history is not 0, the word that it displaces goes into a ring, at its epoch modulo
    /// the history, and stays readable by `readAt` until another is displaced to the same place. When a topic
    /// changes its history, the ring starts empty; a label that lags behind does not bring the former size back.
    /// @param reports Leaves of the batch, in its order.
    /// @param proof See `libraries/Tree.sol`.
    /// @param attestation See `ICommittee.verify`.
    function post(
        Batch calldata batch,
        Report[] calldata reports,
        Multiproof calldata proof,
        bytes calldata attestation
    ) external;

    /// @notice The reading that an unposted report gives, if a quorum attests to its batch, whose era is
    /// in force. Nothing is stored.
    /// @dev Refuses an epoch that is known as void or refuted.
    /// @dev Warning: the report may be older than the newest one, and what is not stored any more is not
    /// known. Compare `observedAt` with the present. The status is `Attested`.
    /// @param proof The siblings on the way to the root, from the leaf up.
    function verify(
        Batch calldata batch,
        Report calldata report,
        bytes32[] calldata proof,
        bytes calldata attestation
    ) external view returns (Reading memory reading);

    // These are named so that their selectors stand behind those of what is called all the time, whose gas they would raise.

    /// @notice Puts `word` in the place of the kept word of `epoch`; if `epoch` is newer than the newest, it displaces that
    /// as a post does, into the ring that there is. Only `markedBy`, which answers for what the word says.
    function mark(uint32 topicId, uint16 label, Word word, uint32 epoch) external;

    /// @notice The newest word as it is stored, whatever its status; 0 if there is none.
    function keptWordOf(uint32 topicId, uint16 label) external view returns (Word);

    /// @notice The kept word of an epoch as it is stored, whatever its status; 0 if there is none.
    function rawWordAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (Word);

    /// @notice What the members sign: the EIP-712 digest of the batch under the home chain's domain.
    function batchDigest(Batch calldata batch) external view returns (bytes32);

    /// @notice The EIP-712 domain {name "Allora", version "1", home chain's id, home `Reports`}.
    function domainSeparator() external view returns (bytes32);

    function committee() external view returns (ICommittee);

    /// @notice `Disputes`, the one contract that may mark words; 0 if there is none.
    function markedBy() external view returns (address);

    /// @notice For so many seconds after its posting a report can be refuted; after them it is `Final`.
    function disputeSeconds() external view returns (uint256);
}
