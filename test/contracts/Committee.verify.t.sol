// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {Batch} from "../../contracts/types/Batch.sol";
import {Attesting} from "./support/Attesting.sol";

/// @dev Whether a quorum of an era attested.
contract CommitteeVerifyTest is Attesting {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    bytes32 private constant DIGEST = keccak256("digest");

    function setUp() public {
        _deploy(13);
    }

    /// Law: adding an honest signature never un-accepts.
    function testFuzz_verify_oneMoreSignature(uint256 seed, uint256 more) public view {
        uint64 bitmap = uint64(0x1ff << bound(seed, 0, 4));
        committee.verify(_batch(0), DIGEST, _attest(DIGEST, bitmap));
        committee.verify(_batch(0), DIGEST, _attest(DIGEST, uint64(bitmap | (1 << bound(more, 0, 12)))));
    }

    /// Law: no bit of an attestation may change.
    function testFuzz_verify_oneChangedBit(uint256 bit) public {
        bytes memory attestation = _attest(DIGEST, 0x1ff);
        bit = bound(bit, 0, attestation.length * 8 - 1);
        attestation[bit / 8] = attestation[bit / 8] ^ bytes1(uint8(1 << (bit % 8)));
        vm.expectRevert();
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_attestationIsTooShort() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MalformedAttestation.selector, 0, 0));
        committee.verify(_batch(0), DIGEST, "");
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MalformedAttestation.selector, 8, 0));
        committee.verify(_batch(0), DIGEST, hex"00000000000001ff");
    }

    function test_verify_revertsWhen_schemeIsUnknown() public {
        bytes memory attestation = _attest(DIGEST, 0x1ff);
        attestation[0] = 0x01;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownScheme.selector, 1));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_lengthDoesNotFitBitmap() public {
        bytes memory attestation = _attest(DIGEST, 0x1ff);
        bytes memory longer = bytes.concat(attestation, hex"00");
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MalformedAttestation.selector, 586, 0x1ff));
        committee.verify(_batch(0), DIGEST, longer);
        attestation[8] = 0xfe;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MalformedAttestation.selector, 585, 0x1fe));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_bitIsNoMembers() public {
        bytes memory attestation = _attest(DIGEST, 0x20ff);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MalformedAttestation.selector, 585, 0x20ff));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_tooFewSigned() public {
        bytes memory attestation = _attest(DIGEST, 0xff);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.QuorumNotReached.selector, 8, 9));
        committee.verify(_batch(0), DIGEST, attestation);
        attestation = _attest(DIGEST, 0);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.QuorumNotReached.selector, 0, 9));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_aStrangerSigned() public {
        // Members 0 to 7, and a stranger in the place of member 9.
        bytes memory attestation = _attest(DIGEST, 0xff);
        attestation = bytes.concat(attestation, _signature(_key(999), DIGEST));
        attestation[7] = 0x02;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 9));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_signaturesAreSwapped() public {
        bytes memory attestation = abi.encodePacked(
            hex"0000000000000001ff",
            _signature(_key(1), DIGEST),
            _signature(_key(0), DIGEST)
        );
        for (uint256 i = 2; i < 9; ++i) attestation = bytes.concat(attestation, _signature(_key(i), DIGEST));
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_oneSignsForTwo() public {
        bytes memory attestation = abi.encodePacked(hex"0000000000000001ff");
        for (uint256 i; i < 9; ++i) {
            attestation = bytes.concat(attestation, _signature(_key(i == 5 ? 4 : i), DIGEST));
        }
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 5));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_recoveryFails() public {
        // r = 0 recovers to nobody. The signature before it is good, so a stale answer would be seen.
        bytes memory attestation = abi.encodePacked(hex"0000000000000001ff");
        for (uint256 i; i < 8; ++i) attestation = bytes.concat(attestation, _signature(_key(i), DIGEST));
        attestation = bytes.concat(attestation, new bytes(64));
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 8));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    /// Where ecrecover puts its answer, v stood before: 27. A member whose signer is that number is no
    /// member whom a failed recovery signs for.
    function test_verify_revertsWhen_recoveryFailsForAnOddSigner() public {
        uint16[] memory ids = new uint16[](4);
        ids[0] = committee.addMember(address(this), address(27), address(this), "http://127.0.0.1");
        for (uint16 i = 1; i < 4; ++i) ids[i] = i;
        uint32 era = committee.openEra(ids, CORE, address(0), START + 1, EXPIRY);
        bytes memory attestation = abi.encodePacked(
            hex"000000000000000007",
            new bytes(64),
            _signature(_key(0), DIGEST),
            _signature(_key(1), DIGEST)
        );
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0));
        committee.signersOf(era, DIGEST, attestation);
    }

    /// In 64 bytes s has 255 bits, so only a few high ones fit. Nobody can sign for a chosen s; here a
    /// signature is chosen and whoever it recovers to is made a member.
    function test_verify_revertsWhen_sIsHigh() public {
        bytes32 r = bytes32(uint256(0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798));
        _refusesHigh(r, ORDER / 2, false);
        _refusesHigh(r, ORDER / 2 + 1, true);
        _refusesHigh(r, (1 << 255) - 1, true);
    }

    function _refusesHigh(bytes32 r, uint256 s, bool isHigh) private {
        address signer = ecrecover(DIGEST, 27, r, bytes32(s));
        assertTrue(signer != address(0));
        uint16[] memory ids = new uint16[](4);
        ids[0] = committee.addMember(address(this), signer, address(this), "http://127.0.0.1");
        for (uint16 i = 1; i < 4; ++i) ids[i] = i;
        uint40 startsAt = uint40(START + committee.eraCount());
        uint32 era = committee.openEra(ids, CORE, address(0), startsAt, EXPIRY);
        bytes memory attestation = abi.encodePacked(
            hex"000000000000000007",
            r,
            s,
            _signature(_key(0), DIGEST),
            _signature(_key(1), DIGEST)
        );
        if (isHigh) vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0));
        committee.signersOf(era, DIGEST, attestation);
    }

    // -- Eras --

    function test_verify_untilTheEraEnds() public {
        bytes memory attestation = _attest(DIGEST, 0x1ff);
        vm.warp(EXPIRY - 1);
        committee.verify(_batch(0), DIGEST, attestation);
        vm.warp(EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 1, EXPIRY));
        committee.verify(_batch(0), DIGEST, attestation);
        // What was signed can still be told.
        assertEq(committee.signersOf(1, DIGEST, attestation), 0x1ff);
    }

    function test_verify_revertsWhen_theNextEraHasStarted() public {
        _openEra(4, 50, START + 100, EXPIRY);
        bytes memory attestation = _attest(DIGEST, 0x1ff);
        vm.warp(START + 99);
        committee.verify(_batch(0), DIGEST, attestation);
        vm.warp(START + 100);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 1, START + 100));
        committee.verify(_batch(0), DIGEST, attestation);
    }

    function test_verify_revertsWhen_theEraHasNotStarted() public {
        _openEra(4, 50, START + 100, EXPIRY);
        Batch memory batch = _batch(0);
        batch.era = 2;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 2, START));
        committee.verify(batch, DIGEST, "");
    }

    function test_verify_revertsWhen_theEraWasNeverOpened() public {
        Batch memory batch = _batch(0);
        batch.era = 9;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 9, START));
        committee.verify(batch, DIGEST, "");
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownEra.selector, 9, 1));
        committee.signersOf(9, DIGEST, "");
    }

    function test_updateMember_signerCountsFromTheNextEra() public {
        uint16[] memory ids = new uint16[](4);
        for (uint16 i; i < 4; ++i) ids[i] = i + 1;
        uint32 before = committee.openEra(ids, CORE, address(0), START + 1, EXPIRY);
        committee.updateMember(1, vm.addr(_key(77)), address(this), "http://127.0.0.1");
        uint32 afterwards = committee.openEra(ids, CORE, address(0), START + 2, EXPIRY);

        bytes memory old = _attest(DIGEST, 7);
        assertEq(committee.signersOf(before, DIGEST, old), 7);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0));
        committee.signersOf(afterwards, DIGEST, old);
        bytes memory changed = abi.encodePacked(
            hex"000000000000000007",
            _signature(_key(77), DIGEST),
            _signature(_key(1), DIGEST),
            _signature(_key(2), DIGEST)
        );
        assertEq(committee.signersOf(afterwards, DIGEST, changed), 7);
    }
}

/// @dev Any members of committees of several sizes.
contract CommitteeBitmapsTest is Attesting {
    bytes32 private constant DIGEST = keccak256("digest");

    /// @dev The extremes and some between, as eras 2 to 6.
    uint8[5] private _sizes = [4, 5, 7, 31, 64];

    function setUp() public {
        _deploy(4);
        for (uint256 i; i < 5; ++i) _openEra(_sizes[i], 1000 * (i + 1), uint40(START + 1 + i), EXPIRY);
    }

    /// Law: a bitmap is accepted exactly if it has a quorum of bits, and who signed comes back.
    function testFuzz_signersOf_anyBitmap(uint256 seed, uint256 which) public {
        which = bound(which, 0, 4);
        uint256 count = _sizes[which];
        uint64 bitmap = uint64(seed & ((1 << count) - 1));
        uint256 given;
        bytes memory attestation = abi.encodePacked(uint8(0), bitmap);
        for (uint256 i; i < count; ++i) {
            if ((bitmap >> i) & 1 == 0) continue;
            ++given;
            attestation = bytes.concat(attestation, _signature(_key(1000 * (which + 1) + i), DIGEST));
        }
        uint256 quorum = (count + (count - 1) / 3) / 2 + 1;
        if (given < quorum) {
            vm.expectRevert(abi.encodeWithSelector(ICommittee.QuorumNotReached.selector, given, quorum));
        }
        uint64 answer = committee.signersOf(uint32(2 + which), DIGEST, attestation);
        if (given >= quorum) assertEq(answer, bitmap);
    }
}
