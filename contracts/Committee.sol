// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SSTORE2} from "solady/src/utils/SSTORE2.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {Attestation} from "./libraries/Attestation.sol";
import {Batch} from "./types/Batch.sol";

/// @title Committee
/// @notice Step 3: members, eras, and whether a quorum of an era attested.
contract Committee is ICommittee, Ownable2Step {
    uint256 private constant MIN_MEMBERS = 4;
    uint256 private constant MAX_MEMBERS = 64;
    uint256 private constant MAX_URL = 256;

    /// @dev One word, which every check of an attestation reads. `code` holds, after a STOP byte: core
    /// id 32, verifier 20, start 5, expiry 5, quorum 1, count 1, and the signers 20 each.
    struct Term {
        address code;
        uint40 startsAt;
        uint40 endsAt;
    }

    uint32 public eraCount;
    uint16 public memberCount;
    mapping(uint32 era => Term term) private _terms;
    mapping(uint16 id => Member member) private _members;

    constructor(address owner) Ownable(owner) {}

    /// @inheritdoc ICommittee
    function addMember(
        address memberOwner,
        address signer,
        address payee,
        string calldata url
    ) external onlyOwner returns (uint16 id) {
        require(memberOwner != address(0), ZeroAddress());
        _requireValid(signer, payee, url);
        id = ++memberCount;
        _members[id] = Member(memberOwner, signer, payee, url);
        emit MemberAdded(id, memberOwner, signer, payee, url);
    }

    /// @inheritdoc ICommittee
    function updateMember(uint16 id, address signer, address payee, string calldata url) external {
        Member storage member = _member(id);
        require(msg.sender == member.owner, NotMemberOwner(msg.sender, member.owner));
        _requireValid(signer, payee, url);
        (member.signer, member.payee, member.url) = (signer, payee, url);
        emit MemberUpdated(id, member.owner, signer, payee, url);
    }

    /// @inheritdoc ICommittee
    function openEra(
        uint16[] calldata memberIds,
        bytes32 coreId,
        address verifier,
        uint40 startsAt,
        uint40 expiresAt
    ) external onlyOwner returns (uint32 era) {
        uint256 count = memberIds.length;
        require(count >= MIN_MEMBERS && count <= MAX_MEMBERS, MemberCountOutOfRange(count, MIN_MEMBERS, MAX_MEMBERS));
        require(startsAt >= block.timestamp, EraStartsTooEarly(startsAt, block.timestamp));
        Term storage previous = _terms[eraCount];
        require(startsAt > previous.startsAt, EraStartsTooEarly(startsAt, uint256(previous.startsAt) + 1));
        require(expiresAt > startsAt, EraExpiresTooEarly(expiresAt, startsAt));

        (address[] memory signers, bytes memory table) = _signers(memberIds);
        uint8 quorum = uint8((count + (count - 1) / 3) / 2 + 1);
        address code = SSTORE2.write(
            abi.encodePacked(coreId, verifier, startsAt, expiresAt, quorum, uint8(count), table)
        );
        if (startsAt < previous.endsAt) previous.endsAt = startsAt;
        era = ++eraCount;
        _terms[era] = Term(code, startsAt, expiresAt);
        emit EraOpened(era, memberIds, signers, quorum, coreId, verifier, startsAt, expiresAt);
    }

    /// @inheritdoc ICommittee
    function verify(Batch calldata batch, bytes32 digest, bytes calldata attestation) external view {
        Term memory term = _terms[batch.era];
        // A batch counts while its era is in force. An era that was never opened ended at 0.
        require(
            block.timestamp >= term.startsAt && block.timestamp < term.endsAt,
            EraNotInForce(batch.era, block.timestamp)
        );
        Attestation.signers(term.code, digest, attestation);
    }

    /// @inheritdoc ICommittee
    function signersOf(uint32 era, bytes32 digest, bytes calldata attestation) external view returns (uint64) {
        return Attestation.signers(_term(era).code, digest, attestation);
    }

    /// @inheritdoc ICommittee
    function eraOf(uint32 era) external view returns (Era memory) {
        Term memory term = _term(era);
        bytes memory data = SSTORE2.read(term.code);
        address[] memory signers = new address[](uint8(data[63]));
        for (uint256 i; i < signers.length; ++i) signers[i] = address(bytes20(_piece(data, 64 + 20 * i)));
        return
            Era({
                coreId: _piece(data, 0),
                verifier: address(bytes20(_piece(data, 32))),
                startsAt: term.startsAt,
                expiresAt: uint40(bytes5(_piece(data, 57))),
                endsAt: term.endsAt,
                quorum: uint8(data[62]),
                signers: signers
            });
    }

    /// @inheritdoc ICommittee
    function verifierOf(uint32 era) external view returns (address) {
        return address(bytes20(SSTORE2.read(_term(era).code, 32, 52)));
    }

    /// @inheritdoc ICommittee
    function eraAt(uint40 time) external view returns (uint32 era) {
        // Starts ascend, so the first one found from the end is the only candidate.
        for (era = eraCount; era != 0; --era) {
            if (_terms[era].startsAt <= time) return time < _terms[era].endsAt ? era : 0;
        }
    }

    /// @inheritdoc ICommittee
    function memberOf(uint16 id) external view returns (Member memory) {
        return _member(id);
    }

    /// @dev The members' present signers, as a list and packed as the era's code has them.
    function _signers(uint16[] calldata memberIds) private view returns (address[] memory signers, bytes memory table) {
        signers = new address[](memberIds.length);
        for (uint256 i; i < memberIds.length; ++i) {
            address signer = _member(memberIds[i]).signer;
            // Each key counts once.
            for (uint256 k; k < i; ++k) require(signers[k] != signer, DuplicateSigner(signer));
            signers[i] = signer;
            table = abi.encodePacked(table, signer);
        }
    }

    function _requireValid(address signer, address payee, string calldata url) private pure {
        // A signer of 0 would be matched by every failed recovery.
        require(signer != address(0) && payee != address(0), ZeroAddress());
        uint256 length = bytes(url).length;
        require(length != 0 && length <= MAX_URL, UrlLengthOutOfRange(length, MAX_URL));
    }

    function _member(uint16 id) private view returns (Member storage member) {
        require(id != 0 && id <= memberCount, UnknownMember(id, memberCount));
        return _members[id];
    }

    function _term(uint32 era) private view returns (Term memory) {
        require(era != 0 && era <= eraCount, UnknownEra(era, eraCount));
        return _terms[era];
    }

    /// @dev The 32 bytes of `data` from `start` on; what lies past its end is cut off by the caller.
    function _piece(bytes memory data, uint256 start) private pure returns (bytes32 piece) {
        // Equals bytes32(data[start:start + 32]).
        assembly ("memory-safe") {
            piece := mload(add(add(data, 0x20), start))
        }
    }
}
