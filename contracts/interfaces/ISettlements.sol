// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Batch, Multiproof} from "../types/Batch.sol";
import {Settlement} from "../types/Settlement.sol";
import {ICommittee} from "./ICommittee.sol";
import {IReports} from "./IReports.sol";
import {ITopics} from "./ITopics.sol";

/// @notice Step 6: takes attested settlements in, one after another for each topic, and says how well a topic does.
/// @dev At every rung of `IReader`'s ladder the truth behind a settlement assumes that less than a third of the
/// topic's reputer stake is dishonest.
interface ISettlements {
    /// @param leaf The settlement's EIP-712 struct hash; 0 while the topic has none.
    /// @param epoch The epoch that it settles.
    /// @param generation The topic's, and of every settlement that follows this head.
    /// @param acceptedAt When it was accepted here.
    /// @param count How many settlements lie on the way from the first to this one.
    struct Head {
        bytes32 leaf;
        uint32 epoch;
        uint16 generation;
        uint40 acceptedAt;
        uint32 count;
    }

    /// @dev One settlement of the ring; the fields are those of its time as a head.
    struct Settled {
        bytes32 leaf;
        uint40 acceptedAt;
        uint32 epoch;
        uint16 generation;
    }

    /// @param networkLoss Moving average of the network's loss: log10, a Wad.
    /// @param naiveLoss The same of the naive value, the network's without its forecasters.
    /// @param coverage68 Share of truths within one sigma of the value: a Wad, 0.68 if sigma is honest.
    /// @param coverage95 Share within two sigma: 0.95 if sigma is honest. Both are 0 as long as no sigma was known.
    /// @param workers How many inferers answered in the settled epoch; 0 if it was missed.
    /// @param known Whether any epoch was settled with a truth yet; if not, the averages are 0 and mean nothing.
    /// @param missed How many epochs were missed so far.
    /// @param acceptedAt When the settlement that says so was accepted; 0 if there is none.
    struct TopicQuality {
        int256 networkLoss;
        int256 naiveLoss;
        uint256 coverage68;
        uint256 coverage95;
        uint8 workers;
        bool known;
        uint32 missed;
        uint40 acceptedAt;
    }

    /// @notice Thrown when the settlements and the proof do not lead to the batch's root.
    error RootMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a field is wider than its type, or the low 48 bits of the quality are not 0.
    error MalformedSettlement();
    /// @notice Thrown when a settlement shares out a pot, which nothing pays yet.
    error PotNotBuilt(uint256 given);
    /// @notice Thrown when a settlement is not in the ring: not made yet, or no longer kept.
    error SettlementNotKept(uint32 given, uint32 oldest, uint32 count);
    /// @notice Thrown when what was the head before `given` is no longer kept; the oldest kept one came at `oldest`.
    error TimeNotKept(uint40 given, uint40 oldest);
    /// @notice Thrown when an address that must be a contract has no code.
    error NotAContract(address given);
    /// @notice Thrown when `Reports` has another committee.
    error CommitteeMismatch(address given, address required);

    /// @notice Thrown when another than `disputes` takes a settlement back.
    error NotDisputes(address given, address required);
    /// @notice Thrown when a settlement to take back is not on the way to the head, or it or its parent is no longer kept.
    error SettlementNotHeld(uint32 epoch, bytes32 leaf);

    /// @dev With the context's rows this is the whole settlement.
    event SettlementAccepted(
        uint32 indexed topicId,
        uint32 indexed epoch,
        bytes32 leaf,
        uint16 generation,
        bytes32 parent,
        bytes32 state,
        uint256 pot,
        bytes32 quality,
        bytes32 context
    );

    /// @dev All that followed it fell with it. `generation` and `head` are the topic's from now on, `head` 0 if it has none.
    event SettlementTakenBack(
        uint32 indexed topicId,
        uint32 indexed epoch,
        bytes32 leaf,
        uint16 generation,
        bytes32 head
    );

    /// @notice Accepts those of `settlements` that follow their topic's head, if a quorum of the batch's era
    /// attests to the batch. Anyone may call, with any of a batch's settlements, while the era is in force.
    /// @dev One follows if its generation is the topic's, its parent the head's leaf (0 if there is none), and its
    /// epoch greater than the head's (any, if there is none).
    /// @dev Warning: one that does not follow is skipped without a revert. A topic's first one reverts as `Topics`
    /// does if the topic or the epoch does not exist.
    /// @param settlements Leaves of the batch, in its order, which puts a topic's epochs in theirs.
    /// @param proof See `libraries/Tree.sol`.
    /// @param attestation See `ICommittee.verify`.
    function settle(
        Batch calldata batch,
        Settlement[] calldata settlements,
        Multiproof calldata proof,
        bytes calldata attestation
    ) external;

    /// @notice Makes the parent of an accepted settlement the head again, under a new generation. Only `disputes`, which
    /// answers for the quality word of the parent, 0 if there is none.
    function takeBack(uint32 topicId, uint32 epoch, bytes32 leaf, bytes32 parentQuality) external;

    /// @notice The newest settlement of the topic; if it has none, all is 0 but the generation.
    function headOf(uint32 topicId) external view returns (Head memory);

    /// @notice The settlement with so many before it.
    /// @dev Kept are at least as many as epochs begin in `disputeSeconds` of `Reports`, and 64 more.
    function settlementAt(uint32 topicId, uint32 index) external view returns (Settled memory);

    /// @notice The last settlement accepted before `time`, not at it: whose state an epoch uses whose window opens at
    /// `time`. Zeros if there was none.
    /// @dev Warning: for the present second or a later one the answer may still change.
    function lastAcceptedBefore(uint32 topicId, uint40 time) external view returns (Settled memory);

    /// @notice When a settlement on the way to the head was accepted; 0 if it does not stand there, or it or its
    /// parent is no longer kept.
    function acceptedAtOf(uint32 topicId, uint32 epoch, bytes32 leaf) external view returns (uint40);

    /// @notice When a settlement of the topic was last taken back; 0 if none ever was.
    function takenBackAtOf(uint32 topicId) external view returns (uint40);

    /// @notice How well the topic does, as its newest settlement says. See `libraries/Quality.sol` for consumers.
    function qualityOf(uint32 topicId) external view returns (TopicQuality memory);

    /// @notice How many settlements of the topic are kept; 0 before its first.
    function ringSizeOf(uint32 topicId) external view returns (uint256);

    /// @notice The EIP-712 domain of what the members sign: that of `reports`.
    function domainSeparator() external view returns (bytes32);

    function committee() external view returns (ICommittee);

    function reports() external view returns (IReports);

    function topics() external view returns (ITopics);

    /// @notice The one contract that may take settlements back; 0 if there is none.
    function disputes() external view returns (address);
}
