// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ITopics} from "../../contracts/interfaces/ITopics.sol";
import {TopicsTest} from "./support/TopicsTest.sol";

/// @dev Registering, leaving, changing keys, and what of it stood when.
contract TopicsWorkersTest is TopicsTest {
    struct Change {
        uint32 time;
        bytes32 registrations;
        address signer;
    }

    Change[] private _changes;

    function setUp() public override {
        super.setUp();
        _create();
    }

    /// @dev The running hash, written out once more: 32 bytes and the entry's 42.
    function _next(
        bytes32 hash,
        uint8 change,
        uint8 roles,
        address owner,
        address signer
    ) private pure returns (bytes32) {
        bytes memory entry = bytes.concat(bytes1(change), bytes1(roles), bytes20(owner), bytes20(signer));
        require(entry.length == 42, "an entry has 42 bytes");
        return keccak256(bytes.concat(hash, entry));
    }

    function test_register_recordsTheWorker() public {
        bytes32 expected = _next(0, 1, 3, ALICE, KEY_A);
        vm.expectEmit(address(topics));
        emit ITopics.WorkerRegistered(1, ALICE, KEY_A, PAYEE, 3, expected);
        vm.prank(ALICE);
        topics.register(1, KEY_A, PAYEE, 3);

        ITopics.Worker memory worker = topics.workerOf(1, ALICE);
        assertEq(worker.signer, KEY_A);
        assertEq(worker.payee, PAYEE);
        assertEq(worker.roles, 3);
        assertEq(allo.balanceOf(ECOSYSTEM), 11e18);
        assertEq(topics.feesOf(1), 11e18);
        _expectRegistrations(NOW, expected, 1);
        _expectRegistrations(NOW - 1, 0, 0);
    }

    /// Every sum of inferer, forecaster and reputer, each with its entry.
    function test_register_allowsEverySumOfRoles() public {
        bytes32 expected;
        for (uint8 roles = 1; roles <= 7; ++roles) {
            vm.startPrank(ALICE);
            topics.register(1, KEY_A, PAYEE, roles);
            assertEq(topics.workerOf(1, ALICE).roles, roles);
            topics.leave(1);
            vm.stopPrank();
            expected = _next(_next(expected, 1, roles, ALICE, KEY_A), 2, roles, ALICE, KEY_A);
            _expectRegistrations(NOW, expected, 2 * uint32(roles));
        }
    }

    function test_changeSigner_appendsAnEntry() public {
        _register(1, ALICE, KEY_A);
        bytes32 expected = _next(_next(0, 1, 1, ALICE, KEY_A), 3, 1, ALICE, KEY_B);
        vm.expectEmit(address(topics));
        emit ITopics.SignerChanged(1, ALICE, KEY_A, KEY_B, 1, expected);
        vm.prank(ALICE);
        topics.changeSigner(1, KEY_B);
        assertEq(topics.workerOf(1, ALICE).signer, KEY_B);
        assertEq(topics.workerOf(1, ALICE).payee, PAYEE);
        _expectRegistrations(NOW, expected, 2);
        // The old key is free again.
        _register(1, BOB, KEY_A);
    }

    function test_leave_appendsAnEntryAndKeepsTheFee() public {
        _register(1, ALICE, KEY_A);
        bytes32 expected = _next(_next(0, 1, 1, ALICE, KEY_A), 2, 1, ALICE, KEY_A);
        vm.expectEmit(address(topics));
        emit ITopics.WorkerLeft(1, ALICE, KEY_A, 1, expected);
        vm.prank(ALICE);
        topics.leave(1);
        assertEq(topics.workerOf(1, ALICE).roles, 0);
        assertEq(allo.balanceOf(ECOSYSTEM), 11e18);
        _expectRegistrations(NOW, expected, 2);
        // It may join again, for another fee; so may another with the key.
        _register(1, ALICE, KEY_B);
        _register(1, BOB, KEY_A);
        assertEq(allo.balanceOf(ECOSYSTEM), 13e18);
    }

    function test_register_revertsWhen_badInput() public {
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ITopics.RolesUnknown.selector, 0));
        topics.register(1, KEY_A, PAYEE, 0);
        vm.expectRevert(abi.encodeWithSelector(ITopics.RolesUnknown.selector, 8));
        topics.register(1, KEY_A, PAYEE, 8);
        vm.expectRevert(abi.encodeWithSelector(ITopics.AddressMissing.selector, bytes32("signer")));
        topics.register(1, address(0), PAYEE, 1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.AddressMissing.selector, bytes32("payee")));
        topics.register(1, KEY_A, address(0), 1);
        topics.register(1, KEY_A, PAYEE, 2);
        vm.expectRevert(abi.encodeWithSelector(ITopics.AlreadyRegistered.selector, 1, ALICE));
        topics.register(1, KEY_B, PAYEE, 2);
        vm.stopPrank();
    }

    function test_oneKey_oneWorker() public {
        _register(1, ALICE, KEY_A);
        vm.expectRevert(abi.encodeWithSelector(ITopics.SignerTaken.selector, KEY_A, ALICE));
        _register(1, BOB, KEY_A);
        _register(1, BOB, KEY_B);
        vm.expectRevert(abi.encodeWithSelector(ITopics.SignerTaken.selector, KEY_A, ALICE));
        vm.prank(BOB);
        topics.changeSigner(1, KEY_A);
        vm.expectRevert(abi.encodeWithSelector(ITopics.SignerTaken.selector, KEY_B, BOB));
        vm.prank(BOB);
        topics.changeSigner(1, KEY_B);
        // In another topic the key is free.
        _create();
        _register(2, BOB, KEY_A);
    }

    function test_changes_revertWhen_notRegistered() public {
        vm.startPrank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(ITopics.NotRegistered.selector, 1, OUTSIDER));
        topics.leave(1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.NotRegistered.selector, 1, OUTSIDER));
        topics.changeSigner(1, KEY_A);
        vm.stopPrank();
        _register(1, ALICE, KEY_A);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ITopics.AddressMissing.selector, bytes32("signer")));
        topics.changeSigner(1, address(0));
        topics.leave(1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.NotRegistered.selector, 1, ALICE));
        topics.leave(1);
        vm.stopPrank();
    }

    function test_signerAt_isWhatStoodTheDelayBeforeTheWindow() public {
        // Epoch 5 opens at START + 20 hours.
        uint256 stands = START + 20 hours - DELAY;
        vm.warp(stands);
        _register(1, ALICE, KEY_A);
        vm.warp(stands + 1);
        _register(1, BOB, KEY_B);
        assertEq(topics.signerAt(1, ALICE, 5), KEY_A);
        assertEq(topics.signerAt(1, BOB, 5), address(0));
        assertEq(topics.signerAt(1, BOB, 6), KEY_B);
        vm.prank(ALICE);
        topics.leave(1);
        assertEq(topics.signerAt(1, ALICE, 5), KEY_A);
        assertEq(topics.signerAt(1, ALICE, 6), address(0));
    }

    /// @dev One step per byte of `moves`: a pause of up to three seconds, then whatever the present state allows.
    function testFuzz_past_equalsAReplay(bytes memory moves) public {
        uint256 steps = moves.length > 40 ? 40 : moves.length;
        uint32 time = START + 20 hours - DELAY - 20;
        bytes32 hash;
        for (uint256 i; i < steps; ++i) {
            time += uint8(moves[i]) % 4;
            vm.warp(time);
            hash = _step(hash, uint8(moves[i]), address(uint160(0x1000 + i)));
            _changes.push(Change(time, hash, topics.workerOf(1, ALICE).signer));
        }
        for (uint32 then = START + 20 hours - DELAY - 21; then <= time + 1; ++then) {
            (bytes32 expected, uint32 count) = _registrationsOf(then);
            _expectRegistrations(then, expected, count);
        }
        assertEq(topics.signerAt(1, ALICE, 5), _signerOf(START + 20 hours - DELAY));
    }

    /// @dev Alice joins if she is out; else she leaves or changes her key.
    function _step(bytes32 hash, uint8 move, address key) private returns (bytes32) {
        address signer = topics.workerOf(1, ALICE).signer;
        vm.startPrank(ALICE);
        if (signer == address(0)) {
            topics.register(1, key, PAYEE, 1);
            hash = _next(hash, 1, 1, ALICE, key);
        } else if (move % 3 == 0) {
            topics.leave(1);
            hash = _next(hash, 2, 1, ALICE, signer);
        } else {
            topics.changeSigner(1, key);
            hash = _next(hash, 3, 1, ALICE, key);
        }
        vm.stopPrank();
        return hash;
    }

    function _registrationsOf(uint32 time) private view returns (bytes32 registrations, uint32 count) {
        for (; count < _changes.length && _changes[count].time <= time; ++count) {
            registrations = _changes[count].registrations;
        }
    }

    function _signerOf(uint32 time) private view returns (address signer) {
        for (uint256 i; i < _changes.length && _changes[i].time <= time; ++i) {
            signer = _changes[i].signer;
        }
    }

    function _expectRegistrations(uint32 time, bytes32 expected, uint32 expectedCount) private view {
        (bytes32 registrations, uint32 count) = topics.registrationsAt(1, time);
        assertEq(registrations, expected);
        assertEq(count, expectedCount);
    }
}
