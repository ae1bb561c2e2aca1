// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IDisputes} from "./interfaces/IDisputes.sol";
import {IFacts} from "./interfaces/IFacts.sol";
import {IReports} from "./interfaces/IReports.sol";
import {ISettlements} from "./interfaces/ISettlements.sol";
import {ITopics} from "./interfaces/ITopics.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {Answers} from "./libraries/Answers.sol";
import {Opened} from "./libraries/Opened.sol";
import {Sigma} from "./libraries/Sigma.sol";
import {Attested} from "./types/Attested.sol";
import {Claim, Evidence} from "./types/Claim.sol";
import {Report} from "./types/Report.sol";
import {Settlement} from "./types/Settlement.sol";
import {EPOCH_LIMIT, MAX_POSTED_AFTER, NO_WORD, POSTED_UNIT, Status, Word} from "./types/Word.sol";
import {Genesis} from "./verifier/Genesis.sol";

/// @title Disputes
/// @notice Step 7: proof and refutation, and rows on demand.
contract Disputes is IDisputes, Multicall {
    /// @dev The gas of publishing the longest row: 16,384 bytes of it, 10,900 of the longest list, 1,000 around them, at 40
    /// gas a byte that is not 0 (the floor of EIP-7623, above what is done with them), and 21,000.
    uint256 private constant PUBLISH_GAS = 1_150_000;

    /// @inheritdoc IDisputes
    ICommittee public immutable committee;
    /// @inheritdoc IDisputes
    ITopics public immutable topics;
    /// @inheritdoc IDisputes
    IReports public immutable reports;
    /// @inheritdoc IDisputes
    ISettlements public immutable settlements;
    /// @inheritdoc IDisputes
    IFacts public immutable facts;
    /// @inheritdoc IDisputes
    uint256 public immutable minimumBond;

    bytes32 private immutable _domainSeparator;
    uint256 private immutable _disputeSeconds;
    uint256 private immutable _delaySeconds;

    mapping(bytes32 key => Status verdict) private _verdicts;
    mapping(bytes32 key => Demand demand) private _demands;
    /// @inheritdoc IDisputes
    mapping(address account => uint256 amount) public bondsOf;

    constructor(ISettlements settlements_, IFacts facts_, uint256 minimumBond_) {
        require(address(settlements_).code.length != 0, NotAContract(address(settlements_)));
        require(address(facts_).code.length != 0, NotAContract(address(facts_)));
        require(minimumBond_ != 0, BondMissing());
        (settlements, facts, minimumBond) = (settlements_, facts_, minimumBond_);
        (reports, topics, committee) = (settlements_.reports(), settlements_.topics(), settlements_.committee());
        _requireSame(settlements_.disputes(), address(this));
        _requireSame(reports.markedBy(), address(this));
        _requireSame(address(facts_.reports()), address(reports));
        _requireSame(address(facts_.topics()), address(topics));
        _domainSeparator = reports.domainSeparator();
        _disputeSeconds = reports.disputeSeconds();
        _delaySeconds = topics.delaySeconds();
    }

    // -- Proving --

    /// @inheritdoc IDisputes
    function prove(Report calldata report, Attested calldata attested, Evidence calldata evidence) external {
        bytes32 leaf = report.hash();
        _signersOf(leaf, attested);
        Word word = _keptWord(report);
        require(!word.isNone(), NotPosted(report.topicId, report.label, report.epoch));
        require(word.status() == Status.Attested, NotAttested(word.status()));
        _requireState(report, evidence);
        require(_verifierOf(attested.batch.era).confirms(report, evidence), NotConfirmed(leaf));

        reports.mark(report.topicId, report.label, word.withStatus(Status.Proven), report.epoch);
        emit ReportProven(report.topicId, report.label, report.epoch, leaf);
    }

    /// @dev Reverts unless the report starts from the parameters and the state of its epoch.
    function _requireState(Report calldata report, Evidence calldata evidence) private view {
        Opened.ReportContext memory context = Opened.reportContext(evidence.context, report.context);
        bytes32 parametersHash = topics.parametersAt(report.topicId, report.epoch);
        require(context.parametersHash == parametersHash, ParametersMismatch(context.parametersHash, parametersHash));
        bytes32 settled = _settledFor(report).leaf;
        require(context.settledLeaf == settled, SettledMismatch(context.settledLeaf, settled));
        bytes32 state = _stateOf(settled, evidence.origin, report.topicId, report.epoch);
        require(context.state == state, StateMismatch(context.state, state));
    }

    // -- Refuting --

    /// @inheritdoc IDisputes
    function refuteReport(
        Report calldata report,
        Attested calldata attested,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external {
        require(claim != Claim.None && claim <= Claim.Submission, ClaimUnfit(claim));
        bytes32 leaf = report.hash();
        uint64 signers = _signersOf(leaf, attested);
        bool isWrong =
            claim < Claim.Schedule
                ? _verifierOf(attested.batch.era).judgeReport(report, claim, at, evidence)
                : facts.judgeReport(report, claim, at, evidence);
        require(isWrong, NotRefuted(claim));

        bool moved = _moveReport(report, attested.batch.era, Status.Refuted, claim == Claim.Schedule);
        _emitReportRefuted(report, leaf, claim, at, attested.batch.era, signers, moved);
    }

    /// @inheritdoc IDisputes
    function refuteSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external {
        require(claim > Claim.Submission, ClaimUnfit(claim));
        bytes32 leaf = settlement.hash();
        uint64 signers = _signersOf(leaf, attested);
        require(_isWrong(settlement, attested.batch.era, claim, at, evidence), NotRefuted(claim));

        bool moved = _takeBack(settlement, leaf, evidence.origin);
        (uint32 topicId, uint32 epoch) = (settlement.topicId, settlement.epoch);
        emit SettlementRefuted(topicId, epoch, leaf, claim, at, attested.batch.era, signers, moved);
    }

    function _isWrong(
        Settlement calldata settlement,
        uint32 era,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) private view returns (bool) {
        if (claim >= Claim.SettlementParameters) return facts.judgeSettlement(settlement, claim, at, evidence);
        bytes32 state = _stateOf(settlement.parent, evidence.origin, settlement.topicId, settlement.epoch);
        return _verifierOf(era).judgeSettlement(settlement, state, claim, at, evidence);
    }

    // -- Striking --

    /// @inheritdoc IDisputes
    function strikeReport(Report calldata report, Attested calldata attested, bytes calldata contextRow) external {
        bytes32 leaf = report.hash();
        uint32 era = attested.batch.era;
        uint64 signers = _signersOf(leaf, attested);
        bool fell = verdictOf(report.topicId, report.epoch, report.context) != Status.None;
        bool isBlamed;
        if (!fell || contextRow.length != 0) {
            Opened.ReportContext memory context = Opened.reportContext(contextRow, report.context);
            ISettlements.Settled memory right = _settledFor(report);
            bool isOther = context.settledLeaf != right.leaf;
            require(fell || isOther, StillStands(leaf));
            isBlamed = isOther && _isBlamed(report, context, right.acceptedAt);
        }
        bool moved = _moveReport(report, isBlamed ? era : 0, isBlamed ? Status.Refuted : Status.Void, false);
        if (isBlamed) {
            _emitReportRefuted(report, leaf, Claim.None, 0, era, signers, moved);
        } else {
            require(moved, StillStands(leaf));
            emit ReportVoided(report.topicId, report.label, report.epoch, leaf);
        }
    }

    /// @dev A reorganisation is shorter than D: what was accepted more than D before the window opened was known to all, and
    /// what was accepted, or taken back, less than D from then may have stood elsewhere when the report was made.
    function _isBlamed(
        Report calldata report,
        Opened.ReportContext memory context,
        uint256 rightAcceptedAt
    ) private view returns (bool) {
        (uint256 opensAt, ) = topics.windowOf(report.topicId, report.epoch);
        if (block.timestamp <= opensAt + _delaySeconds) return false;
        if (rightAcceptedAt + _delaySeconds >= opensAt) return false;
        uint256 takenBackAt = settlements.takenBackAtOf(report.topicId);
        if (takenBackAt != 0 && takenBackAt + _delaySeconds >= opensAt) return false;
        uint256 named = settlements.acceptedAtOf(report.topicId, context.settledEpoch, context.settledLeaf);
        return named < opensAt || named > opensAt + _delaySeconds;
    }

    /// @inheritdoc IDisputes
    function strikeSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        bytes calldata contextRow,
        Settlement[] calldata parent
    ) external {
        bytes32 leaf = settlement.hash();
        _signersOf(leaf, attested);
        (uint32 topicId, uint32 epoch) = (settlement.topicId, settlement.epoch);
        bytes32 scored = Opened.settlementContext(contextRow, settlement.context).reportContext;
        require(verdictOf(topicId, epoch, scored) != Status.None, StillStands(leaf));
        require(_takeBack(settlement, leaf, parent), StillStands(leaf));
        emit SettlementVoided(topicId, epoch, leaf);
    }

    // -- Rows on demand --

    /// @inheritdoc IDisputes
    function demandReport(
        Report calldata report,
        Attested calldata attested,
        uint256 kind,
        uint256 index
    ) external payable {
        require(Answers.isReports(kind, index), DemandUnfit(kind, index));
        bytes32 leaf = report.hash();
        _signersOf(leaf, attested);
        Word word = _keptWord(report);
        require(word.isUsable(), NotPosted(report.topicId, report.label, report.epoch));
        _open(report.topicId, report.epoch, leaf, kind, index, word.postedAt());
    }

    /// @inheritdoc IDisputes
    function demandSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        uint256 kind,
        uint256 index
    ) external payable {
        require(Answers.isSettlements(kind, index), DemandUnfit(kind, index));
        bytes32 leaf = settlement.hash();
        _signersOf(leaf, attested);
        uint256 acceptedAt = settlements.acceptedAtOf(settlement.topicId, settlement.epoch, leaf);
        require(acceptedAt != 0, NotAccepted(leaf));
        _open(settlement.topicId, settlement.epoch, leaf, kind, index, acceptedAt);
    }

    /// @inheritdoc IDisputes
    function publishReport(Report calldata report, uint256 kind, uint256 index, Answer calldata answer) external {
        bytes32 leaf = report.hash();
        _answer(leaf, kind, index);
        Answers.requireReports(report.context, kind, index, answer);
        emit RowPublished(leaf, kind, index, msg.sender, answer);
    }

    /// @inheritdoc IDisputes
    function publishSettlement(
        Settlement calldata settlement,
        uint256 kind,
        uint256 index,
        Answer calldata answer
    ) external {
        bytes32 leaf = settlement.hash();
        _answer(leaf, kind, index);
        Answers.requireSettlements(settlement.context, settlement.state, kind, index, answer);
        emit RowPublished(leaf, kind, index, msg.sender, answer);
    }

    /// @inheritdoc IDisputes
    function lapseReport(Report calldata report, Attested calldata attested, uint256 kind, uint256 index) external {
        bytes32 leaf = report.hash();
        uint64 signers = _signersOf(leaf, attested);
        _lapse(leaf, kind, index);
        bool moved = _moveReport(report, 0, Status.Void, false);
        emit ReportLapsed(report.topicId, report.label, report.epoch, leaf, attested.batch.era, signers, moved);
    }

    /// @inheritdoc IDisputes
    function lapseSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        uint256 kind,
        uint256 index,
        Settlement[] calldata parent
    ) external {
        bytes32 leaf = settlement.hash();
        uint64 signers = _signersOf(leaf, attested);
        _lapse(leaf, kind, index);
        bool moved = _takeBack(settlement, leaf, parent);
        emit SettlementLapsed(settlement.topicId, settlement.epoch, leaf, attested.batch.era, signers, moved);
    }

    /// @inheritdoc IDisputes
    function collect() external returns (uint256 amount) {
        amount = bondsOf[msg.sender];
        require(amount != 0, NothingToCollect(msg.sender));
        bondsOf[msg.sender] = 0;
        emit BondCollected(msg.sender, amount);
        (bool isPaid, ) = msg.sender.call{value: amount}("");
        require(isPaid, NotPaid(msg.sender, amount));
    }

    function _open(
        uint32 topicId,
        uint32 epoch,
        bytes32 leaf,
        uint256 kind,
        uint256 index,
        uint256 acceptedAt
    ) private {
        uint256 third = _disputeSeconds / 3;
        require(block.timestamp < acceptedAt + third, TooLate(block.timestamp, acceptedAt + third));
        uint256 required = bond();
        require(msg.value >= required, BondTooSmall(msg.value, required));
        Demand storage demand = _demands[_demandKey(leaf, kind, index)];
        require(demand.status == DemandStatus.None, DemandMismatch(demand.status, DemandStatus.None));

        (demand.status, demand.demander) = (DemandStatus.Open, msg.sender);
        (demand.demandedAt, demand.bond) = (uint40(block.timestamp), msg.value);
        emit RowDemanded(topicId, epoch, leaf, kind, index, msg.sender, msg.value, block.timestamp + third);
    }

    /// @dev The bond is the caller's, which has yet to show that it answers.
    function _answer(bytes32 leaf, uint256 kind, uint256 index) private {
        Demand storage demand = _demands[_demandKey(leaf, kind, index)];
        require(demand.status == DemandStatus.Open, DemandMismatch(demand.status, DemandStatus.Open));
        uint256 end = demand.demandedAt + _disputeSeconds / 3;
        require(block.timestamp < end, TooLate(block.timestamp, end));
        demand.status = DemandStatus.Answered;
        bondsOf[msg.sender] += demand.bond;
    }

    function _lapse(bytes32 leaf, uint256 kind, uint256 index) private {
        Demand storage demand = _demands[_demandKey(leaf, kind, index)];
        require(demand.status == DemandStatus.Open, DemandMismatch(demand.status, DemandStatus.Open));
        uint256 end = demand.demandedAt + _disputeSeconds / 3;
        require(block.timestamp >= end, TooSoon(block.timestamp, end));
        demand.status = DemandStatus.Lapsed;
        bondsOf[demand.demander] += demand.bond;
    }

    // -- Moving --

    /// @dev Marks the report's word, and its context, if the word is there and can be moved still, or would be if the report
    /// were posted first in this moment under `era`; an era of 0 is none. Where the word of the epoch is no longer kept, only
    /// the context, so that no settlement rests on it. Says whether it did.
    /// @param isMisfit Whether epoch or observedAt may not be those of the schedule.
    function _moveReport(Report calldata report, uint32 era, Status status, bool isMisfit) private returns (bool) {
        Word word = _keptWord(report);
        (uint32 topicId, uint16 label, uint32 epoch) = (report.topicId, report.label, report.epoch);
        Word newest = reports.keptWordOf(topicId, label);
        if (word.isNone()) {
            word = _unposted(report, era, newest);
            if (word.isNone()) return _isDisplaced(report, newest) && _fall(report, status);
            newest = word;
        } else {
            // Void may become refuted, and nothing else goes on from the two.
            if (word.status() == Status.Refuted || word.status() == status) return false;
            if (block.timestamp >= word.postedAt() + _disputeSeconds) return false;
        }
        // An epoch far ahead would keep all honest ones out.
        if (isMisfit && Word.unwrap(word) == Word.unwrap(newest)) word = _rescheduled(report, word);
        reports.mark(topicId, label, word.withStatus(status), epoch);
        _fall(report, status);
        return true;
    }

    /// @dev Whether a newer word has displaced the one of the report's epoch, and whenever that was accepted, it was less than W
    /// ago: not before it was observed.
    function _isDisplaced(Report calldata report, Word newest) private view returns (bool) {
        if (newest.epoch() <= report.epoch || block.timestamp >= report.observedAt + _disputeSeconds) return false;
        return reports.rawWordAt(report.topicId, report.label, report.epoch).isNone();
    }

    /// @dev Gives the report's context a verdict; says whether that is news.
    function _fall(Report calldata report, Status status) private returns (bool) {
        bytes32 key = _verdictKey(report.topicId, report.epoch, report.context);
        Status previous = _verdicts[key];
        if (previous == Status.Refuted || previous == status) return false;
        _verdicts[key] = status;
        return true;
    }

    /// @dev The word that the report would become if it were posted now; none if it would be refused or skipped.
    function _unposted(Report calldata report, uint32 era, Word newest) private view returns (Word) {
        if (era == 0 || committee.eraAt(uint40(block.timestamp)) != era) return NO_WORD;
        if (report.observedAt > block.timestamp || report.epoch >= EPOCH_LIMIT) return NO_WORD;
        uint256 postedAfter = (block.timestamp - report.observedAt + POSTED_UNIT - 1) / POSTED_UNIT;
        if (postedAfter > MAX_POSTED_AFTER || !Sigma.isValid(report.sigma)) return NO_WORD;
        Word word = Word.wrap(
            (uint256(int256(report.value)) << 128) |
                (uint256(report.observedAt) << 96) |
                (uint256(report.epoch) << 68) |
                (uint256(report.lag) << 44) |
                (uint256(Status.Attested) << 24) |
                report.sigma
        );
        return word.isNewerThan(newest) ? word.withPosting(postedAfter) : NO_WORD;
    }

    /// @dev The word with the current epoch and the present time, if its own do not fit and the schedule has them.
    function _rescheduled(Report calldata report, Word word) private view returns (Word) {
        try topics.windowOf(report.topicId, report.epoch) returns (uint32, uint32 closesAt) {
            if (closesAt == report.observedAt) return word;
            // solhint-disable-next-line no-empty-blocks
        } catch {}
        try topics.epochAt(report.topicId, uint32(block.timestamp)) returns (uint32 epoch) {
            return word.withSchedule(epoch, uint32(block.timestamp));
        } catch {
            return word;
        }
    }

    /// @dev Takes the settlement back if it is accepted and can be moved still. Says whether it did.
    function _takeBack(
        Settlement calldata settlement,
        bytes32 leaf,
        Settlement[] calldata parent
    ) private returns (bool) {
        uint256 acceptedAt = settlements.acceptedAtOf(settlement.topicId, settlement.epoch, leaf);
        if (acceptedAt == 0 || block.timestamp >= acceptedAt + _disputeSeconds) return false;
        bytes32 quality = settlement.parent == 0 ? bytes32(0) : _origin(parent, settlement.parent).quality;
        settlements.takeBack(settlement.topicId, settlement.epoch, leaf, quality);
        return true;
    }

    // -- Reading --

    /// @inheritdoc IDisputes
    function bond() public view returns (uint256) {
        uint256 required = 2 * PUBLISH_GAS * block.basefee;
        return required > minimumBond ? required : minimumBond;
    }

    /// @inheritdoc IDisputes
    function verdictOf(uint32 topicId, uint32 epoch, bytes32 context) public view returns (Status) {
        return _verdicts[_verdictKey(topicId, epoch, context)];
    }

    /// @inheritdoc IDisputes
    function demandOf(bytes32 leaf, uint256 kind, uint256 index) external view returns (Demand memory) {
        return _demands[_demandKey(leaf, kind, index)];
    }

    // -- Inside --

    /// @dev Who of the batch's era signed it; reverts unless they are a quorum, and the leaf lies in it.
    function _signersOf(bytes32 leaf, Attested calldata attested) private view returns (uint64) {
        bytes32 root = MerkleProof.processProofCalldata(attested.proof, leaf);
        require(root == attested.batch.root, RootMismatch(root, attested.batch.root));
        bytes32 digest = MessageHashUtils.toTypedDataHash(_domainSeparator, attested.batch.hash());
        return committee.signersOf(attested.batch.era, digest, attested.attestation);
    }

    function _verifierOf(uint32 era) private view returns (IVerifier verifier) {
        verifier = IVerifier(committee.verifierOf(era));
        require(address(verifier).code.length != 0, NoVerifier(era));
    }

    /// @dev The kept word that is the report's, or none.
    function _keptWord(Report calldata report) private view returns (Word) {
        Word word = reports.rawWordAt(report.topicId, report.label, report.epoch);
        bool isItsOwn =
            word.value() == report.value && word.sigma() == report.sigma && word.observedAt() == report.observedAt;
        return isItsOwn ? word : NO_WORD;
    }

    /// @dev The settlement that the report must name.
    function _settledFor(Report calldata report) private view returns (ISettlements.Settled memory) {
        (uint32 opensAt, ) = topics.windowOf(report.topicId, report.epoch);
        return settlements.lastAcceptedBefore(report.topicId, opensAt);
    }

    /// @dev The state that the settlement of this leaf made, which `origin` shows; the first one if the leaf is 0.
    function _stateOf(
        bytes32 leaf,
        Settlement[] calldata origin,
        uint32 topicId,
        uint32 epoch
    ) private view returns (bytes32) {
        if (leaf != 0) return _origin(origin, leaf).state;
        return Genesis.stateHash(topics.parametersRow(topics.parametersAt(topicId, epoch)));
    }

    function _origin(Settlement[] calldata origin, bytes32 required) private pure returns (Settlement calldata) {
        bytes32 given = origin.length == 1 ? origin[0].hash() : bytes32(0);
        require(given == required, OriginMismatch(given, required));
        return origin[0];
    }

    function _emitReportRefuted(
        Report calldata report,
        bytes32 leaf,
        Claim claim,
        uint256 at,
        uint32 era,
        uint64 signers,
        bool moved
    ) private {
        emit ReportRefuted(report.topicId, report.label, report.epoch, leaf, claim, at, era, signers, moved);
    }

    function _verdictKey(uint32 topicId, uint32 epoch, bytes32 context) private pure returns (bytes32) {
        return keccak256(abi.encode(topicId, epoch, context));
    }

    function _demandKey(bytes32 leaf, uint256 kind, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(leaf, kind, index));
    }

    function _requireSame(address given, address required) private pure {
        require(given == required, AddressMismatch(given, required));
    }
}
