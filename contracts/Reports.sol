// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IReader, Reading} from "./interfaces/IReader.sol";
import {IReports} from "./interfaces/IReports.sol";
import {Readings} from "./libraries/Readings.sol";
import {Sigma} from "./libraries/Sigma.sol";
import {Tree} from "./libraries/Tree.sol";
import {Batch, Multiproof} from "./types/Batch.sol";
import {Report} from "./types/Report.sol";
import {EPOCH_LIMIT, MAX_POSTED_AFTER, NO_WORD, POSTED_UNIT, Status, Word} from "./types/Word.sol";

/// @title Reports
/// @notice Steps 4 and 5: a report becomes a word, a word becomes a reading.
contract Reports is IReports {
    using Tree for Report[];

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @dev The ring of a topic's older words: its size, how many rings the topic had before it, and the epoch of the
    /// report that brought the size. A new ring has places of its own, so what stood in the former one is out of reach.
    struct Ring {
        uint8 size;
        uint32 number;
        uint32 epoch;
    }

    /// @dev In a struct, so that its slot is computed once for reading and writing.
    struct Kept {
        Word word;
    }

    ICommittee public immutable committee;
    address public immutable markedBy;
    uint256 public immutable disputeSeconds;
    bytes32 public immutable domainSeparator;

    /// @dev Each word stands in one place: the newest of (topic, label) at place topic << 24 | label << 8, one displaced
    /// from there at ring's number << 56 | that place + 1 + epoch % size of the ring.
    mapping(uint256 place => Kept kept) private _words;
    mapping(uint32 topicId => Ring ring) private _rings;

    /// @param homeChainId The chain whose `Reports` names the domain of every signature; 0 for this one.
    /// @param homeReports That `Reports`; 0 for this one.
    /// @param disputes_ The `Disputes` of this chain, whose address is known before it is there; 0 for none.
    constructor(
        ICommittee committee_,
        uint256 disputeSeconds_,
        uint256 homeChainId,
        address homeReports,
        address disputes_
    ) {
        require(address(committee_).code.length != 0, NotAContract(address(committee_)));
        require(
            disputeSeconds_ != 0 && disputeSeconds_ <= type(uint32).max,
            DisputeSecondsOutOfRange(disputeSeconds_, 1, type(uint32).max)
        );
        require((homeChainId == 0) == (homeReports == address(0)), HomeIncomplete(homeChainId, homeReports));
        (committee, markedBy, disputeSeconds) = (committee_, disputes_, disputeSeconds_);
        domainSeparator = keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256("Allora"),
                keccak256("1"),
                homeChainId == 0 ? block.chainid : homeChainId,
                homeReports == address(0) ? address(this) : homeReports
            )
        );
    }

    // -- Posting --

    /// @inheritdoc IReports
    function post(
        Batch calldata batch,
        Report[] calldata reports,
        Multiproof calldata proof,
        bytes calldata attestation
    ) external {
        bytes32 root = reports.root(proof);
        require(root == batch.root, RootMismatch(root, batch.root));
        _requireAttested(batch, attestation);
        for (uint256 i; i < reports.length; ++i) _accept(reports[i]);
    }

    /// @dev Reverts as the committee does unless a quorum attests to `batch`.
    function _requireAttested(Batch calldata batch, bytes calldata attestation) private view {
        address target = address(committee);
        bytes4 selector = ICommittee.verify.selector;
        bytes32 digest = batchDigest(batch);
        // Equals committee.verify(batch, digest, attestation), but that the words of `batch` are passed on as
        // they stand, and that nobody looks again for code, which the constructor found.
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            calldatacopy(add(input, 0x04), batch, 0x80)
            mstore(add(input, 0x84), digest)
            mstore(add(input, 0xa4), 0xc0)
            mstore(add(input, 0xc4), attestation.length)
            calldatacopy(add(input, 0xe4), attestation.offset, attestation.length)
            if iszero(staticcall(gas(), target, input, add(0xe4, attestation.length), 0x00, 0x00)) {
                returndatacopy(input, 0x00, returndatasize())
                revert(input, returndatasize())
            }
        }
    }

    function _accept(Report calldata report) private {
        (uint256 place, Word word) = _unposted(report);
        Kept storage kept = _words[place];
        Word previous = kept.word;
        if (word.observedAt() > block.timestamp || !word.isNewerThan(previous)) return;
        uint256 postedAfter;
        // Safe: observedAt is not in the future.
        unchecked {
            postedAfter = (block.timestamp - word.observedAt() + POSTED_UNIT - 1) / POSTED_UNIT;
        }
        if (postedAfter > MAX_POSTED_AFTER) return;
        if (report.history != 0 && !previous.isNone()) {
            _keep(place, previous, _ringFor(report.topicId, report.history, report.epoch));
        }

        word = word.withPosting(postedAfter);
        kept.word = word;
        emit ReportAccepted(uint32(place >> 24), uint16(place >> 8), Word.unwrap(word), report.context);
    }

    /// @dev The topic's ring, a new one where a report brings another size. A label that lags behind brings nothing back:
    /// its word goes into the ring that a newer report made.
    function _ringFor(uint32 topicId, uint8 size, uint32 epoch) private returns (Ring memory ring) {
        ring = _rings[topicId];
        if (ring.size == size || epoch < ring.epoch) return ring;
        ring = Ring(size, ring.number + 1, epoch);
        _rings[topicId] = ring;
    }

    /// @dev Puts a displaced word into the ring. Its epoch is greater than that of any displaced before,
    /// so nothing newer can stand there.
    function _keep(uint256 place, Word displaced, Ring memory ring) private {
        _words[_ringPlace(place, displaced.epoch(), ring)].word = displaced;
    }

    // -- Disputes --

    /// @inheritdoc IReports
    function mark(uint32 topicId, uint16 label, Word word, uint32 epoch) external {
        require(msg.sender == markedBy, NotDisputes(msg.sender, markedBy));
        uint256 place = _place(topicId, label);
        Word newest = _words[place].word;
        if (newest.isNone() || epoch > newest.epoch()) {
            Ring memory ring = _rings[topicId];
            if (ring.size != 0 && !newest.isNone()) _keep(place, newest, ring);
        } else if (epoch < newest.epoch()) {
            require(!_wordAt(place, epoch).isNone(), NoReportAt(topicId, label, epoch));
            place = _ringPlace(place, epoch, _rings[topicId]);
        }
        _words[place].word = word;
        emit WordMarked(topicId, label, Word.unwrap(word));
    }

    /// @dev The place of a report's word, and the word but for when it was posted. What no word can hold is refused.
    function _unposted(Report calldata report) private pure returns (uint256 place, Word word) {
        uint256 epoch;
        uint256 sigma;
        uint256 excess;
        // Equals, where `excess` is what a field has beyond its width and Solidity's decoder would refuse,
        //   place = _place(report.topicId, report.label);
        //   (epoch, sigma) = (report.epoch, report.sigma);
        //   word = report.value << 128 | report.observedAt << 96 | epoch << 68 | report.lag << 44
        //       | uint256(Status.Attested) << 24 | sigma;
        assembly ("memory-safe") {
            let topicId := calldataload(report)
            let label := calldataload(add(report, 0x20))
            epoch := calldataload(add(report, 0x40))
            let observedAt := calldataload(add(report, 0x60))
            let lag := calldataload(add(report, 0x80))
            let value := calldataload(add(report, 0xc0))
            sigma := calldataload(add(report, 0xe0))
            excess := or(
                or(or(shr(32, topicId), shr(16, label)), or(shr(32, observedAt), shr(24, lag))),
                or(shr(8, calldataload(add(report, 0xa0))), xor(value, signextend(15, value)))
            )
            place := or(shl(24, topicId), shl(8, label))
            word := or(
                or(or(shl(128, value), shl(96, observedAt)), or(shl(68, epoch), shl(44, lag))),
                or(shl(24, 1), sigma)
            )
        }
        require(excess == 0, MalformedReport());
        require(epoch < EPOCH_LIMIT, EpochOutOfRange(epoch, EPOCH_LIMIT));
        require(Sigma.isValid(sigma), Sigma.InvalidSigma(sigma));
    }

    // -- Reading --
    // These functions end the call in `Readings`, in the middle of themselves. They declare their answer to lie
    // in calldata, for memory would first be filled with zeros, at a third of the price of the reading.

    /// @inheritdoc IReader
    function read(uint32 topicId, uint16 label) external view returns (Reading calldata) {
        Word word = _words[_place(topicId, label)].word;
        if (word.isUsable()) Readings.answer(Readings.encode(word, disputeSeconds));
        require(!word.isNone(), NoReport(topicId, label));
        _refuse(word, topicId, label);
    }

    /// @inheritdoc IReader
    function tryRead(uint32 topicId, uint16 label) external view returns (bool, Reading calldata) {
        Readings.tryAnswer(_words[_place(topicId, label)].word, disputeSeconds);
    }

    /// @inheritdoc IReader
    function readAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (Reading calldata) {
        Word word = _wordAt(_place(topicId, label), epoch);
        if (word.isUsable()) Readings.answer(Readings.encode(word, disputeSeconds));
        require(!word.isNone(), NoReportAt(topicId, label, epoch));
        _refuse(word, topicId, label);
    }

    /// @inheritdoc IReader
    function tryReadAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (bool, Reading calldata) {
        Readings.tryAnswer(_wordAt(_place(topicId, label), epoch), disputeSeconds);
    }

    /// @inheritdoc IReports
    function keptWordOf(uint32 topicId, uint16 label) external view returns (Word) {
        return _words[_place(topicId, label)].word;
    }

    /// @inheritdoc IReports
    function rawWordAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (Word) {
        return _wordAt(_place(topicId, label), epoch);
    }

    /// @inheritdoc IReports
    function verify(
        Batch calldata batch,
        Report calldata report,
        bytes32[] calldata proof,
        bytes calldata attestation
    ) external view returns (Reading calldata) {
        (uint256 place, Word word) = _unposted(report);
        require(word.observedAt() <= block.timestamp, ObservedInFuture(word.observedAt(), block.timestamp));
        bytes32 root = MerkleProof.processProofCalldata(proof, report.hash());
        require(root == batch.root, RootMismatch(root, batch.root));
        Word kept = _wordAt(place, word.epoch());
        if (!kept.isNone() && !kept.isUsable()) _refuse(kept, report.topicId, report.label);
        _requireAttested(batch, attestation);

        Readings.answerUnposted(Readings.encode(word, disputeSeconds));
    }

    /// @inheritdoc IReports
    function batchDigest(Batch calldata batch) public view returns (bytes32 digest) {
        bytes32 separator = domainSeparator;
        bytes32 structHash = batch.hash();
        // Equals keccak256(abi.encodePacked(hex"1901", separator, structHash)).
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), separator)
            mstore(add(free, 0x22), structHash)
            digest := keccak256(free, 0x42)
        }
    }

    /// @dev The kept word of an epoch, or none.
    function _wordAt(uint256 place, uint32 epoch) private view returns (Word) {
        Word word = _words[place].word;
        if (word.epoch() == epoch) return word;
        // What is newer than the newest is nowhere.
        if (word.epoch() < epoch) return NO_WORD;
        Ring memory ring = _rings[uint32(place >> 24)];
        if (ring.size == 0) return NO_WORD;
        word = _words[_ringPlace(place, epoch, ring)].word;
        return word.epoch() == epoch ? word : NO_WORD;
    }

    /// @dev `word` is void or refuted.
    function _refuse(Word word, uint32 topicId, uint16 label) private pure {
        require(word.status() != Status.Void, ReportVoid(topicId, label, word.epoch()));
        revert ReportRefuted(topicId, label, word.epoch());
    }

    function _place(uint32 topicId, uint16 label) private pure returns (uint256) {
        return (uint256(topicId) << 24) | (uint256(label) << 8);
    }

    function _ringPlace(uint256 place, uint32 epoch, Ring memory ring) private pure returns (uint256) {
        return (uint256(ring.number) << 56) | (place + 1 + (epoch % ring.size));
    }
}
