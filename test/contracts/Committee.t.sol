// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {Attesting} from "./support/Attesting.sol";

/// @dev Members and eras; who attested is in `Committee.verify.t.sol`.
contract CommitteeTest is Attesting {
    address private immutable OUTSIDER = _actor("OUTSIDER");
    address private immutable ALICE = _actor("ALICE");
    string private constant URL = "https://alice.example";

    function setUp() public {
        _deploy(4);
    }

    // -- Members --

    function test_addMember_storesAndAnnounces() public {
        vm.expectEmit(address(committee));
        emit ICommittee.MemberAdded(5, ALICE, address(1), address(2), URL);
        assertEq(committee.addMember(ALICE, address(1), address(2), URL), 5);
        ICommittee.Member memory member = committee.memberOf(5);
        assertEq(member.owner, ALICE);
        assertEq(member.signer, address(1));
        assertEq(member.payee, address(2));
        assertEq(member.url, URL);
        assertEq(committee.memberCount(), 5);
    }

    function test_addMember_revertsWhen_notOwner() public {
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, OUTSIDER));
        committee.addMember(ALICE, address(1), address(2), URL);
    }

    function test_addMember_revertsWhen_anAddressIsZero() public {
        vm.expectRevert(ICommittee.ZeroAddress.selector);
        committee.addMember(address(0), address(1), address(2), URL);
        vm.expectRevert(ICommittee.ZeroAddress.selector);
        committee.addMember(ALICE, address(0), address(2), URL);
        vm.expectRevert(ICommittee.ZeroAddress.selector);
        committee.addMember(ALICE, address(1), address(0), URL);
    }

    function test_addMember_revertsWhen_urlIsEmptyOrTooLong() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UrlLengthOutOfRange.selector, 0, 256));
        committee.addMember(ALICE, address(1), address(2), "");
        committee.addMember(ALICE, address(1), address(2), string(new bytes(256)));
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UrlLengthOutOfRange.selector, 257, 256));
        committee.addMember(ALICE, address(1), address(2), string(new bytes(257)));
    }

    function test_updateMember_byItsOwner() public {
        committee.addMember(ALICE, address(1), address(2), URL);
        vm.expectEmit(address(committee));
        emit ICommittee.MemberUpdated(5, ALICE, address(3), address(4), "https://new.example");
        vm.prank(ALICE);
        committee.updateMember(5, address(3), address(4), "https://new.example");
        assertEq(committee.memberOf(5).signer, address(3));
        assertEq(committee.memberOf(5).payee, address(4));
        assertEq(committee.memberOf(5).url, "https://new.example");
        assertEq(committee.memberOf(5).owner, ALICE);
    }

    function test_updateMember_revertsWhen_notMemberOwner() public {
        committee.addMember(ALICE, address(1), address(2), URL);
        // Not even the committee's owner.
        vm.expectRevert(abi.encodeWithSelector(ICommittee.NotMemberOwner.selector, address(this), ALICE));
        committee.updateMember(5, address(3), address(4), URL);
    }

    function test_updateMember_revertsWhen_fieldsAreBad() public {
        vm.expectRevert(ICommittee.ZeroAddress.selector);
        committee.updateMember(1, address(0), address(4), URL);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UrlLengthOutOfRange.selector, 0, 256));
        committee.updateMember(1, address(3), address(4), "");
    }

    function test_unknownMember_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownMember.selector, 0, 4));
        committee.memberOf(0);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownMember.selector, 5, 4));
        committee.updateMember(5, address(3), address(4), URL);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownMember.selector, 5, 4));
        committee.openEra(_ids(2, 4), CORE, address(0), START + 1, EXPIRY);
    }

    // -- Eras --

    function test_openEra_storesAndAnnounces() public {
        address[] memory signers = new address[](4);
        for (uint256 i; i < 4; ++i) signers[i] = vm.addr(_key(3 - i));
        uint16[] memory ids = new uint16[](4);
        for (uint16 i; i < 4; ++i) ids[i] = 4 - i;
        vm.expectEmit(address(committee));
        emit ICommittee.EraOpened(2, ids, signers, 3, CORE, ALICE, START + 100, EXPIRY);
        assertEq(committee.openEra(ids, CORE, ALICE, START + 100, EXPIRY), 2);

        ICommittee.Era memory era = committee.eraOf(2);
        assertEq(committee.verifierOf(2), era.verifier);
        assertEq(era.coreId, CORE);
        assertEq(era.verifier, ALICE);
        assertEq(era.startsAt, START + 100);
        assertEq(era.expiresAt, EXPIRY);
        assertEq(era.endsAt, EXPIRY);
        assertEq(era.quorum, 3);
        assertEq(era.signers.length, 4);
        for (uint256 i; i < 4; ++i) assertEq(era.signers[i], signers[i]);
    }

    function test_openEra_endsTheOneBefore() public {
        committee.openEra(_ids(1, 4), CORE, address(0), START + 100, EXPIRY);
        assertEq(committee.eraOf(1).endsAt, START + 100);
        assertEq(committee.eraOf(1).expiresAt, EXPIRY);
        assertEq(committee.eraAt(START + 99), 1);
        assertEq(committee.eraAt(START + 100), 2);
    }

    function test_openEra_afterExpiry_leavesAGap() public {
        committee.openEra(_ids(1, 4), CORE, address(0), EXPIRY + 10, EXPIRY + 20);
        assertEq(committee.eraOf(1).endsAt, EXPIRY);
        assertEq(committee.eraAt(START - 1), 0);
        assertEq(committee.eraAt(EXPIRY - 1), 1);
        assertEq(committee.eraAt(EXPIRY), 0);
        assertEq(committee.eraAt(EXPIRY + 10), 2);
        assertEq(committee.eraAt(EXPIRY + 20), 0);
    }

    function test_openEra_revertsWhen_notOwner() public {
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, OUTSIDER));
        committee.openEra(_ids(1, 4), CORE, address(0), START + 1, EXPIRY);
    }

    function test_openEra_revertsWhen_memberCountIsOutOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MemberCountOutOfRange.selector, 3, 4, 64));
        committee.openEra(_ids(1, 3), CORE, address(0), START + 1, EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.MemberCountOutOfRange.selector, 65, 4, 64));
        committee.openEra(_ids(1, 65), CORE, address(0), START + 1, EXPIRY);
    }

    function test_openEra_revertsWhen_signerIsTwiceIn() public {
        uint16[] memory ids = _ids(1, 4);
        ids[3] = 2;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.DuplicateSigner.selector, vm.addr(_key(1))));
        committee.openEra(ids, CORE, address(0), START + 1, EXPIRY);
    }

    function test_openEra_revertsWhen_startIsTooEarly() public {
        vm.warp(START + 50);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraStartsTooEarly.selector, START + 49, START + 50));
        committee.openEra(_ids(1, 4), CORE, address(0), START + 49, EXPIRY);
        committee.openEra(_ids(1, 4), CORE, address(0), START + 60, EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraStartsTooEarly.selector, START + 60, START + 61));
        committee.openEra(_ids(1, 4), CORE, address(0), START + 60, EXPIRY);
    }

    function test_openEra_revertsWhen_expiryIsNotAfterStart() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraExpiresTooEarly.selector, START + 1, START + 1));
        committee.openEra(_ids(1, 4), CORE, address(0), START + 1, START + 1);
    }

    function test_eraOf_revertsWhen_neverOpened() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownEra.selector, 0, 1));
        committee.eraOf(0);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.UnknownEra.selector, 2, 1));
        committee.eraOf(2);
    }

    /// @dev The off-chain programs and a later verifier read the era's code as it stands.
    function test_openEra_codeHasTheLayout() public view {
        bytes32 term = vm.load(address(committee), keccak256(abi.encode(uint256(1), uint256(2))));
        address code = address(uint160(uint256(term)));
        bytes memory expected = abi.encodePacked(hex"00", CORE, address(0), uint40(START), uint40(EXPIRY), hex"0304");
        for (uint256 i; i < 4; ++i) expected = abi.encodePacked(expected, vm.addr(_key(i)));
        assertEq(code.code, expected);
        assertEq(uint256(term) >> 160, (uint256(EXPIRY) << 40) | START);
    }

    /// Quorums worked out by hand: f = (n - 1) / 3, (n + f) / 2 + 1.
    function test_openEra_quorums() public {
        uint8[10] memory counts = [4, 5, 6, 7, 10, 13, 21, 31, 63, 64];
        uint8[10] memory quorums = [3, 4, 4, 5, 7, 9, 14, 21, 42, 43];
        for (uint256 i; i < counts.length; ++i) {
            uint32 era = _openEra(counts[i], 100 * (i + 1), uint40(START + i + 1), EXPIRY);
            assertEq(committee.eraOf(era).quorum, quorums[i]);
        }
    }

    function _ids(uint16 first, uint256 count) private pure returns (uint16[] memory ids) {
        ids = new uint16[](count);
        for (uint16 i; i < count; ++i) ids[i] = first + i;
    }
}
