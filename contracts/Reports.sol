// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IReader, Reading} from "./interfaces/IReader.sol";
import {IReports} from "./interfaces/IReports.sol";
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

    /// @dev The ring of a topic's older words. The words of epochs before `since` were written under
    /// another size and are not served.
    struct Ring {
        uint8 size;
        uint32 since;
    }

    ICommittee public immutable committee;
    uint256 public immutable disputeSeconds;
    bytes32 public immutable domainSeparator;

    /// @dev Each word stands in one place: the newest of (topic, label) at place
    /// topic << 24 | label << 8, one displaced from there at that place + 1 + epoch % size of the ring.
    mapping(uint256 place => Word word) private _words;
    mapping(uint32 topicId => Ring ring) private _rings;

    /// @param homeChainId The chain whose `Reports` names the domain of every signature; 0 for this one.
    /// @param homeReports That `Reports`; 0 for this one.
    constructor(ICommittee committee_, uint256 disputeSeconds_, uint256 homeChainId, address homeReports) {
        require(address(committee_).code.length != 0, NotAContract(address(committee_)));
        require(
            disputeSeconds_ != 0 && disputeSeconds_ <= type(uint32).max,
            DisputeSecondsOutOfRange(disputeSeconds_, 1, type(uint32).max)
        );
        require((homeChainId == 0) == (homeReports == address(0)), HomeIncomplete(homeChainId, homeReports));
        committee = committee_;
        disputeSeconds = disputeSeconds_;
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
        committee.verify(batch, batchDigest(batch), attestation);
        for (uint256 i; i < reports.length; ++i) _accept(reports[i]);
    }

    function _accept(Report calldata report) private {
        (uint256 place, Word word) = _unposted(report);
        Word previous = _words[place];
        if (word.observedAt() > block.timestamp || word.observedAt() <= previous.observedAt()) return;
        if (word.epoch() <= previous.epoch() && !previous.isNone()) return;
        uint256 postedAfter;
        // Safe: observedAt is not in the future.
        unchecked {
            postedAfter = (block.timestamp - word.observedAt() + POSTED_UNIT - 1) / POSTED_UNIT;
        }
        if (postedAfter > MAX_POSTED_AFTER) return;
        if (report.history != 0 && !previous.isNone()) _keep(place, previous, report.history);

        word = word.withPosting(postedAfter);
        _words[place] = word;
        emit ReportAccepted(uint32(place >> 24), uint16(place >> 8), Word.unwrap(word), report.context);
    }

    /// @dev Puts a displaced word into the ring. Its epoch is greater than that of any displaced before,
    /// so nothing newer can stand there.
    function _keep(uint256 place, Word displaced, uint8 size) private {
        uint32 epoch = displaced.epoch();
        Ring storage ring = _rings[uint32(place >> 24)];
        if (ring.size != size) {
            // `since` never goes back, so a word once out of reach stays so, though another label of the
            // topic may lag behind and bring the former size once more.
            (ring.size, ring.since) = (size, epoch > ring.since ? epoch : ring.since);
        }
        _words[_ringPlace(place, epoch, size)] = displaced;
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

    /// @inheritdoc IReader
    function read(uint32 topicId, uint16 label) external view returns (Reading calldata) {
        Word word = _words[_place(topicId, label)];
        if (word.isUsable()) _answer(_write(word));
        require(!word.isNone(), NoReport(topicId, label));
        _refuse(word, topicId, label);
    }

    /// @inheritdoc IReader
    function tryRead(uint32 topicId, uint16 label) external view returns (bool, Reading calldata) {
        _tryAnswer(_words[_place(topicId, label)]);
    }

    /// @inheritdoc IReader
    function readAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (Reading calldata) {
        Word word = _wordAt(_place(topicId, label), epoch);
        if (word.isUsable()) _answer(_write(word));
        require(!word.isNone(), NoReportAt(topicId, label, epoch));
        _refuse(word, topicId, label);
    }

    /// @inheritdoc IReader
    function tryReadAt(uint32 topicId, uint16 label, uint32 epoch) external view returns (bool, Reading calldata) {
        _tryAnswer(_wordAt(_place(topicId, label), epoch));
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
        committee.verify(batch, batchDigest(batch), attestation);

        uint256 reading = _write(word);
        // Equals (reading.postedAt, reading.status) = (uint32(block.timestamp), Status.Attested).
        assembly ("memory-safe") {
            mstore(add(reading, 0xc0), and(timestamp(), 0xffffffff))
            mstore(add(reading, 0xe0), 1)
        }
        _answer(reading);
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
        Word word = _words[place];
        if (word.epoch() == epoch) return word;
        // What is newer than the newest is nowhere.
        if (word.epoch() < epoch) return NO_WORD;
        Ring storage ring = _rings[uint32(place >> 24)];
        if (ring.size == 0 || epoch < ring.since) return NO_WORD;
        word = _words[_ringPlace(place, epoch, ring.size)];
        return word.epoch() == epoch ? word : NO_WORD;
    }

    /// @dev `word` is void or refuted.
    function _refuse(Word word, uint32 topicId, uint16 label) private pure {
        require(word.status() != Status.Void, ReportVoid(topicId, label, word.epoch()));
        revert ReportRefuted(topicId, label, word.epoch());
    }

    /// @dev Ends the call with a reading. The functions that end so declare their answer to lie in
    /// calldata: memory for it would first be filled with zeros, at a third of the price of the reading.
    function _answer(uint256 reading) private pure {
        // Equals return reading.
        assembly ("memory-safe") {
            return(reading, 0x100)
        }
    }

    /// @dev Ends the call with (true, reading), or (false, reading) if `word` is none, void or refuted.
    function _tryAnswer(Word word) private view {
        uint256 reading = _write(word);
        bool usable = word.isUsable();
        // Equals return (usable, reading).
        assembly ("memory-safe") {
            mstore(sub(reading, 0x20), usable)
            return(sub(reading, 0x20), 0x120)
        }
    }

    /// @dev Writes the reading of `word` into free memory, past one free word, as the ABI encodes it.
    function _write(Word word) private view returns (uint256 reading) {
        uint256 window = disputeSeconds;
        // Equals
        //   (bool sigmaKnown, uint128 sigma) = Sigma.unpack(word.sigma());
        //   Status status = word.status();
        //   if (status == Status.Attested && block.timestamp >= word.postedAt() + window) status = Status.Final;
        //   reading = Reading(word.value(), sigma, sigmaKnown, word.observedAt(), uint32(word.aboutAt()),
        //       word.epoch(), uint32(word.postedAt()), status);
        // The casts to 32 bits hold until the year 2105: observedAt was not in the future when it was
        // stored, and at most 194 days are added.
        assembly ("memory-safe") {
            reading := add(mload(0x40), 0x20)
            mstore(reading, sar(128, word))
            let sigma := and(word, 0xffffff)
            let sigmaKnown := lt(sigma, 0xffffff)
            mstore(add(reading, 0x20), mul(sigmaKnown, shl(and(sigma, 0xff), shr(8, sigma))))
            mstore(add(reading, 0x40), sigmaKnown)
            let observedAt := and(shr(96, word), 0xffffffff)
            mstore(add(reading, 0x60), observedAt)
            mstore(add(reading, 0x80), and(add(observedAt, and(shr(44, word), 0xffffff)), 0xffffffff))
            mstore(add(reading, 0xa0), and(shr(68, word), 0xfffffff))
            // The 16 bits from bit 28 on, times 16.
            let postedAt := add(observedAt, and(shr(24, word), 0xffff0))
            mstore(add(reading, 0xc0), and(postedAt, 0xffffffff))
            let status := and(shr(24, word), 0xf)
            let isFinal := and(eq(status, 1), iszero(lt(timestamp(), add(postedAt, window))))
            mstore(add(reading, 0xe0), add(status, isFinal))
        }
    }

    function _place(uint32 topicId, uint16 label) private pure returns (uint256) {
        return (uint256(topicId) << 24) | (uint256(label) << 8);
    }

    function _ringPlace(uint256 place, uint32 epoch, uint8 size) private pure returns (uint256) {
        return place + 1 + (epoch % size);
    }
}
