// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Allo} from "../../contracts/Allo.sol";
import {Test} from "./support/Test.sol";

contract AlloTest is Test {
    uint256 private constant CAP = 1_000_000_000_000_000_000_000_000_000;
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    address private immutable ALICE = _actor("alice");
    address private immutable BOB = _actor("bob");

    function _deploy(address first, uint256 amount, address second, uint256 rest) private returns (Allo) {
        address[] memory holders = new address[](2);
        uint256[] memory amounts = new uint256[](2);
        (holders[0], holders[1]) = (first, second);
        (amounts[0], amounts[1]) = (amount, rest);
        return new Allo(holders, amounts);
    }

    function testFuzz_constructor_mintsTheCap(uint256 amount) public {
        amount = bound(amount, 0, CAP);
        Allo allo = _deploy(ALICE, amount, BOB, CAP - amount);
        assertEq(allo.totalSupply(), CAP);
        assertEq(allo.balanceOf(ALICE), amount);
        assertEq(allo.balanceOf(BOB), CAP - amount);
        assertEq(allo.name(), "Allora");
        assertEq(allo.symbol(), "ALLO");
        assertEq(uint256(allo.decimals()), 18);
    }

    function testFuzz_constructor_revertsWhen_sumIsNotTheCap(uint256 amount, uint256 rest) public {
        (amount, rest) = (bound(amount, 0, CAP), bound(rest, 0, CAP));
        if (amount + rest == CAP) --rest;
        vm.expectRevert(abi.encodeWithSelector(Allo.SumNotCap.selector, amount + rest, CAP));
        _deploy(ALICE, amount, BOB, rest);
    }

    function test_constructor_revertsWhen_listsDiffer() public {
        vm.expectRevert(abi.encodeWithSelector(Allo.LengthsDiffer.selector, 1, 2));
        new Allo(new address[](1), new uint256[](2));
    }

    function test_constructor_revertsWhen_holderIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        _deploy(address(0), CAP, BOB, 0);
    }

    function test_permit_allowsOnce() public {
        address owner = vm.addr(0xA11CE);
        Allo allo = _deploy(owner, CAP, BOB, 0);
        bytes32 message = keccak256(abi.encode(PERMIT_TYPEHASH, owner, BOB, 7e18, 0, block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", allo.DOMAIN_SEPARATOR(), message));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(0xA11CE, digest);
        allo.permit(owner, BOB, 7e18, block.timestamp, v, r, s);
        assertEq(allo.allowance(owner, BOB), 7e18);
        assertEq(allo.nonces(owner), 1);
        // The nonce has moved on, so the same signature is another's now.
        vm.expectRevert();
        allo.permit(owner, BOB, 7e18, block.timestamp, v, r, s);
    }

    function test_votes_areCountedByTime() public {
        vm.warp(1_000);
        Allo allo = _deploy(ALICE, CAP, BOB, 0);
        vm.prank(ALICE);
        allo.delegate(ALICE);
        vm.warp(2_000);
        vm.prank(ALICE);
        allo.transfer(BOB, 1e18);
        vm.warp(3_000);
        assertEq(uint256(allo.clock()), 3_000);
        assertEq(allo.CLOCK_MODE(), "mode=timestamp");
        assertEq(allo.getPastVotes(ALICE, 1_999), CAP);
        assertEq(allo.getPastVotes(ALICE, 2_000), CAP - 1e18);
    }
}
