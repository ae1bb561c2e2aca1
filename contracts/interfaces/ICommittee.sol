// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Batch} from "../types/Batch.sol";

/// @notice Step 3: who may attest. The owner admits members and opens eras; a batch is valid while its
/// era is in force, with signatures of a quorum of that era's members.
/// @dev Of n members up to f = (n - 1) / 3 may fail; the quorum is (n + f) / 2 + 1: 3 of 4, 5 of 7,
/// 9 of 13, 21 of 31. Divisions round down.
interface ICommittee {
    /// @param owner Changes the member's other fields.
    /// @param signer Signs for the member, in eras opened after it was set.
    /// @param payee Is paid.
    /// @param url Where the member serves.
    struct Member {
        address owner;
        address signer;
        address payee;
        string url;
    }

    /// @param coreId The keccak256 of the core's wasm file that this era computes with.
    /// @param verifier The core's twin on the chain; 0 while there is none.
    /// @param startsAt The first second in which it is in force.
    /// @param expiresAt When it ends at the latest.
    /// @param endsAt When it ends: its expiry, or the next era's start if that is earlier.
    /// @param signers In the order of the members; bit i of an attestation is `signers[i]`.
    struct Era {
        bytes32 coreId;
        address verifier;
        uint40 startsAt;
        uint40 expiresAt;
        uint40 endsAt;
        uint8 quorum;
        address[] signers;
    }

    /// @notice Thrown when an attestation is checked outside its era, or for an era that was never opened.
    error EraNotInForce(uint32 era, uint256 time);
    /// @notice Thrown when an era was never opened.
    error UnknownEra(uint32 given, uint32 latest);
    /// @notice Thrown when fewer members signed than the era's quorum.
    error QuorumNotReached(uint256 given, uint256 required);
    /// @notice Thrown when member `index` of the era did not make the signature that stands for it.
    error InvalidSignature(uint256 index);
    /// @notice Thrown when an attestation's first byte names a scheme that does not exist.
    error UnknownScheme(uint256 given);
    /// @notice Thrown when an attestation's length does not fit its bitmap, or a bit is no member's.
    error MalformedAttestation(uint256 length, uint256 bitmap);
    /// @notice Thrown when a member's owner, signer or payee is 0.
    error ZeroAddress();
    /// @notice Thrown when a member's url is empty or longer than 256 bytes.
    error UrlLengthOutOfRange(uint256 given, uint256 limit);
    /// @notice Thrown when a member was never added.
    error UnknownMember(uint16 given, uint16 latest);
    /// @notice Thrown when another than the member's owner changes it.
    error NotMemberOwner(address given, address required);
    /// @notice Thrown when an era has fewer members than 4 or more than 64.
    error MemberCountOutOfRange(uint256 given, uint256 minimum, uint256 maximum);
    /// @notice Thrown when two places of an era have the same signer.
    error DuplicateSigner(address signer);
    /// @notice Thrown when an era starts in the past or not after the one before.
    error EraStartsTooEarly(uint256 given, uint256 earliest);
    /// @notice Thrown when an era does not expire after its start.
    error EraExpiresTooEarly(uint256 given, uint256 startsAt);

    event MemberAdded(uint16 indexed id, address indexed owner, address indexed signer, address payee, string url);
    event MemberUpdated(uint16 indexed id, address indexed owner, address indexed signer, address payee, string url);
    /// @dev If the era before had not expired by `startsAt`, it ends there.
    event EraOpened(
        uint32 indexed era,
        uint16[] memberIds,
        address[] signers,
        uint8 quorum,
        bytes32 coreId,
        address verifier,
        uint40 startsAt,
        uint40 expiresAt
    );

    /// @notice Admits a member; only the owner. Ids count from 1.
    /// @dev An era must name the member before its signatures count.
    function addMember(
        address memberOwner,
        address signer,
        address payee,
        string calldata url
    ) external returns (uint16 id);

    /// @notice Changes a member; only the member's owner.
    /// @dev A new signer counts in eras opened after the change: one that is open already, even if it has not
    /// started, keeps the ones it was opened with.
    function updateMember(uint16 id, address signer, address payee, string calldata url) external;

    /// @notice Opens the next era; only the owner. Eras count from 1.
    /// @param memberIds 4 to 64 members with distinct signers, in the order of the bitmap.
    /// @param startsAt Not in the past, and after the start of the era before, which ends then.
    function openEra(
        uint16[] calldata memberIds,
        bytes32 coreId,
        address verifier,
        uint40 startsAt,
        uint40 expiresAt
    ) external returns (uint32 era);

    /// @notice Reverts unless the batch's era is in force and a quorum of it signed `digest`.
    /// @param digest The batch's EIP-712 digest, from the `Reports` that asks.
    /// @param attestation Scheme 0: a zero byte, the bitmap (8 bytes, bit i for member i), then a 64-byte
    /// signature (EIP-2098, low s) for each set bit in ascending order.
    function verify(Batch calldata batch, bytes32 digest, bytes calldata attestation) external view;

    /// @notice The bitmap of a quorum of the era that signed `digest`, whether the era is in force or not.
    function signersOf(uint32 era, bytes32 digest, bytes calldata attestation) external view returns (uint64 bitmap);

    function eraOf(uint32 era) external view returns (Era memory);

    /// @notice The contract that judges what the era signed; `eraOf` has it too, for more gas.
    function verifierOf(uint32 era) external view returns (address);

    /// @notice The era in force at `time`, 0 if none is.
    /// @dev Of a time to come: by the eras opened so far.
    function eraAt(uint40 time) external view returns (uint32 era);

    function memberOf(uint16 id) external view returns (Member memory);

    /// @notice The latest era's number, which may not have started.
    function eraCount() external view returns (uint32);

    function memberCount() external view returns (uint16);
}
