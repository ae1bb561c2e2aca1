// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {LibBytes} from "solady/src/utils/LibBytes.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IReports} from "./interfaces/IReports.sol";
import {ISettlements} from "./interfaces/ISettlements.sol";
import {ITopics} from "./interfaces/ITopics.sol";
import {Quality} from "./libraries/Quality.sol";
import {Tree} from "./libraries/Tree.sol";
import {Batch, Multiproof} from "./types/Batch.sol";
import {EPOCH_LENGTH_AT} from "./types/Parameters.sol";
import {Settlement} from "./types/Settlement.sol";

/// @title Settlements
/// @notice Step 6: a settlement becomes the topic's head, and the next reports name its state.
contract Settlements is ISettlements {
    using Tree for Settlement[];

    /// @dev The ring holds this many more than the epochs that begin while a settlement can be refuted.
    uint256 private constant RING_SPARE = 64;

    /// @dev One word: all but the leaf that a settlement must follow. `size` is the ring's, 0 before the first.
    struct Tip {
        uint32 count;
        uint40 size;
        uint16 generation;
        uint32 epoch;
        uint40 acceptedAt;
    }

    /// @dev When a settlement was last taken back, and how many the ring had given up by then.
    struct Break {
        uint40 takenBackAt;
        uint32 lost;
    }

    /// @dev The settlement with `i` before it stands in the ring at i % size, the head at (count - 1) % size.
    struct Chain {
        Tip tip;
        bytes32 quality;
        Break last;
        mapping(uint256 place => Settled settled) ring;
    }

    /// @inheritdoc ISettlements
    ICommittee public immutable committee;
    /// @inheritdoc ISettlements
    IReports public immutable reports;
    /// @inheritdoc ISettlements
    ITopics public immutable topics;
    /// @inheritdoc ISettlements
    address public immutable disputes;
    /// @inheritdoc ISettlements
    bytes32 public immutable domainSeparator;

    mapping(uint32 topicId => Chain chain) private _chains;

    /// @param disputes_ The `Disputes` of this chain, whose address is known before it is there; 0 for none.
    constructor(ICommittee committee_, IReports reports_, ITopics topics_, address disputes_) {
        require(address(reports_).code.length != 0, NotAContract(address(reports_)));
        require(address(topics_).code.length != 0, NotAContract(address(topics_)));
        address required = address(reports_.committee());
        require(address(committee_) == required, CommitteeMismatch(address(committee_), required));
        (committee, reports, topics, disputes) = (committee_, reports_, topics_, disputes_);
        domainSeparator = reports_.domainSeparator();
    }

    // -- Settling --

    /// @inheritdoc ISettlements
    function settle(
        Batch calldata batch,
        Settlement[] calldata settlements,
        Multiproof calldata proof,
        bytes calldata attestation
    ) external {
        bytes32 root = settlements.root(proof);
        require(root == batch.root, RootMismatch(root, batch.root));
        // The digest of `Reports`, whose domain is that of all batches.
        committee.verify(batch, MessageHashUtils.toTypedDataHash(domainSeparator, batch.hash()), attestation);
        for (uint256 i; i < settlements.length; ++i) _accept(settlements[i]);
    }

    function _accept(Settlement calldata settlement) private {
        _requireWellFormed(settlement);
        require(settlement.pot == 0, PotNotBuilt(settlement.pot));
        Chain storage chain = _chains[settlement.topicId];
        Tip memory tip = chain.tip;
        if (!_follows(settlement, tip, chain)) return;

        bytes32 leaf = settlement.hash();
        uint40 time = uint40(block.timestamp);
        if (tip.size == 0) tip.size = _ringSize(settlement.topicId, settlement.epoch);
        chain.ring[tip.count % tip.size] = Settled(leaf, time, settlement.epoch, settlement.generation);
        (tip.count, tip.epoch, tip.acceptedAt) = (tip.count + 1, settlement.epoch, time);
        chain.tip = tip;
        // The low 48 bits of the signed word are 0.
        chain.quality = settlement.quality | bytes32(uint256(time));
        emit SettlementAccepted(
            settlement.topicId,
            settlement.epoch,
            leaf,
            settlement.generation,
            settlement.parent,
            settlement.state,
            settlement.pot,
            settlement.quality,
            settlement.context
        );
    }

    function _follows(Settlement calldata settlement, Tip memory tip, Chain storage chain) private view returns (bool) {
        if (settlement.generation != tip.generation) return false;
        if (tip.count == 0) return settlement.parent == 0;
        if (settlement.epoch <= tip.epoch) return false;
        return settlement.parent == chain.ring[(tip.count - 1) % tip.size].leaf;
    }

    /// @dev Enough for all that can still be refuted. A topic's epochs keep their length.
    function _ringSize(uint32 topicId, uint32 epoch) private view returns (uint40) {
        bytes memory row = topics.parametersRow(topics.parametersAt(topicId, epoch));
        uint256 length = uint32(bytes4(LibBytes.load(row, EPOCH_LENGTH_AT)));
        uint256 window = reports.disputeSeconds();
        // Fits: the window is below 2^32 seconds.
        return uint40((window + length - 1) / length + RING_SPARE);
    }

    function _requireWellFormed(Settlement calldata settlement) private pure {
        uint256 excess;
        // What a field has beyond its width and Solidity's decoder would refuse without a name, and what the quality has
        // where the time of acceptance goes.
        assembly ("memory-safe") {
            excess := or(
                or(shr(32, calldataload(settlement)), shr(32, calldataload(add(settlement, 0x20)))),
                or(shr(16, calldataload(add(settlement, 0x40))), shl(208, calldataload(add(settlement, 0xc0))))
            )
        }
        require(excess == 0, MalformedSettlement());
    }

    // -- Disputes --

    /// @inheritdoc ISettlements
    function takeBack(uint32 topicId, uint32 epoch, bytes32 leaf, bytes32 parentQuality) external {
        require(msg.sender == disputes, NotDisputes(msg.sender, disputes));
        Chain storage chain = _chains[topicId];
        Tip memory tip = chain.tip;
        uint256 index = _indexOf(chain, tip, epoch, leaf);
        require(index < tip.count, SettlementNotHeld(epoch, leaf));

        Settled memory parent;
        if (index != 0) parent = chain.ring[(index - 1) % tip.size];
        chain.last = Break(uint40(block.timestamp), uint32(_oldest(chain, tip)));
        (tip.count, tip.epoch, tip.acceptedAt) = (uint32(index), parent.epoch, parent.acceptedAt);
        tip.generation += 1;
        chain.tip = tip;
        chain.quality = parentQuality | bytes32(uint256(parent.acceptedAt));
        emit SettlementTakenBack(topicId, epoch, leaf, tip.generation, parent.leaf);
    }

    /// @dev Where the settlement stands on the way to the head; `tip.count` if it does not, or it or its parent is no longer
    /// kept.
    function _indexOf(
        Chain storage chain,
        Tip memory tip,
        uint32 epoch,
        bytes32 leaf
    ) private view returns (uint256 index) {
        uint256 oldest = _oldest(chain, tip);
        (uint256 low, uint256 high) = (oldest, tip.count);
        // Epochs ascend.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (chain.ring[middle % tip.size].epoch < epoch) low = middle + 1;
            else high = middle;
        }
        if (low == tip.count || (low == oldest && low != 0)) return tip.count;
        return chain.ring[low % tip.size].leaf == leaf ? low : tip.count;
    }

    // -- Reading --

    /// @inheritdoc ISettlements
    function headOf(uint32 topicId) external view returns (Head memory) {
        Chain storage chain = _chains[topicId];
        Tip memory tip = chain.tip;
        if (tip.count == 0) return Head(0, 0, tip.generation, 0, 0);
        bytes32 leaf = chain.ring[(tip.count - 1) % tip.size].leaf;
        return Head(leaf, tip.epoch, tip.generation, tip.acceptedAt, tip.count);
    }

    /// @inheritdoc ISettlements
    function settlementAt(uint32 topicId, uint32 index) external view returns (Settled memory) {
        Chain storage chain = _chains[topicId];
        Tip memory tip = chain.tip;
        uint256 oldest = _oldest(chain, tip);
        require(index >= oldest && index < tip.count, SettlementNotKept(index, uint32(oldest), tip.count));
        return chain.ring[index % tip.size];
    }

    /// @inheritdoc ISettlements
    function lastAcceptedBefore(uint32 topicId, uint40 time) external view returns (Settled memory) {
        Chain storage chain = _chains[topicId];
        Tip memory tip = chain.tip;
        // What is asked for is mostly new.
        if (tip.count != 0 && tip.acceptedAt < time) return chain.ring[(tip.count - 1) % tip.size];
        uint256 oldest = _oldest(chain, tip);
        uint256 next = _firstNotBefore(chain, tip, oldest, time);
        if (next > oldest) return chain.ring[(next - 1) % tip.size];
        // There may have been one that the ring has given up.
        if (oldest != 0) revert TimeNotKept(time, chain.ring[oldest % tip.size].acceptedAt);
        return Settled(0, 0, 0, 0);
    }

    /// @inheritdoc ISettlements
    function acceptedAtOf(uint32 topicId, uint32 epoch, bytes32 leaf) external view returns (uint40) {
        Chain storage chain = _chains[topicId];
        Tip memory tip = chain.tip;
        uint256 index = _indexOf(chain, tip, epoch, leaf);
        return index < tip.count ? chain.ring[index % tip.size].acceptedAt : 0;
    }

    /// @inheritdoc ISettlements
    function takenBackAtOf(uint32 topicId) external view returns (uint40) {
        return _chains[topicId].last.takenBackAt;
    }

    /// @inheritdoc ISettlements
    function qualityOf(uint32 topicId) external view returns (TopicQuality memory) {
        return Quality.decode(_chains[topicId].quality);
    }

    /// @inheritdoc ISettlements
    function ringSizeOf(uint32 topicId) external view returns (uint256) {
        return _chains[topicId].tip.size;
    }

    /// @dev The first one from `low` on that was not accepted before `time`; `tip.count` if all were. Times ascend. The search
    /// goes back from the head in growing steps before it halves what is left.
    function _firstNotBefore(
        Chain storage chain,
        Tip memory tip,
        uint256 low,
        uint40 time
    ) private view returns (uint256) {
        uint256 high = tip.count;
        for (uint256 step = 1; low < high; step *= 2) {
            uint256 probe = high - low > step ? high - step : low;
            if (chain.ring[probe % tip.size].acceptedAt < time) {
                low = probe + 1;
                break;
            }
            high = probe;
        }
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (chain.ring[middle % tip.size].acceptedAt < time) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// @dev The index of the oldest settlement that is kept. Those given up stay so when the count goes back.
    function _oldest(Chain storage chain, Tip memory tip) private view returns (uint256) {
        uint256 pushed = tip.count > tip.size ? tip.count - tip.size : 0;
        uint256 lost = chain.last.lost;
        return pushed > lost ? pushed : lost;
    }
}
