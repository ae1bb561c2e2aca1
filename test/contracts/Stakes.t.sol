// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IStakes} from "../../contracts/interfaces/IStakes.sol";
import {ITopics} from "../../contracts/interfaces/ITopics.sol";
import {Stakes} from "../../contracts/Stakes.sol";
import {StakesTest} from "./support/StakesTest.sol";

/// @dev deposit
/// ├── when another's pool is meant: DelegationNotBuilt
/// ├── when it is nothing: AmountMissing
/// ├── when there is no such topic: TopicUnknown
/// ├── when it is worth less than a share: DepositTooSmall (Stakes.shares.t.sol)
/// ├── when the token is not approved: the token's own error, and nothing changes
/// ├── when the token moves another amount: AmountNotExact (Stakes.shares.t.sol)
/// └── it gives shares, counts at once, and is announced
/// requestWithdrawal
/// ├── when it is nothing: AmountMissing
/// ├── when one waits already: WithdrawalPending
/// ├── when there are fewer shares: SharesNotEnough
/// └── it counts no more, at once
/// cancelWithdrawal
/// ├── when none waits: NoWithdrawal
/// └── it counts again
/// withdraw
/// ├── when none waits: NoWithdrawal
/// ├── when the delay has not passed: WithdrawalTooSoon
/// └── it pays, once
contract StakesContractTest is StakesTest {
    // -- Deposit --

    function test_deposit_revertsWhen_badInput() public {
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IStakes.DelegationNotBuilt.selector, ALICE, BOB));
        stakes.deposit(TOPIC, BOB, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakes.AmountMissing.selector));
        stakes.deposit(TOPIC, ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(ITopics.TopicUnknown.selector, 3));
        stakes.deposit(3, ALICE, 1);
        allo.approve(address(stakes), 5);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(stakes), 5, 6)
        );
        stakes.deposit(TOPIC, ALICE, 6);
        vm.stopPrank();
        assertEq(_total(), 0);
    }

    function test_deposit_countsAtOnceAndIsAnnounced() public {
        _deposit(BOB, 3e18);
        vm.expectEmit(address(stakes));
        emit IStakes.StakeChanged(TOPIC, ALICE, 7e18, 10e18);
        vm.expectEmit(address(stakes));
        emit IStakes.Deposited(TOPIC, ALICE, ALICE, 7e18, 7e18 * PER_UNIT, 7e18);
        assertEq(_deposit(ALICE, 7e18), 7e18 * PER_UNIT);
        assertEq(_stake(ALICE), 7e18);
        assertEq(_total(), 10e18);
        assertEq(stakes.sharesOf(TOPIC, ALICE, ALICE), 7e18 * PER_UNIT);
        assertEq(allo.balanceOf(address(stakes)), 10e18);
        _isTheList(BOB, ALICE);
        // Another topic knows nothing of it.
        assertEq(stakes.totalAt(2, uint40(block.timestamp)), 0);
        assertEq(stakes.reputersOf(2).length, 0);
    }

    function test_deposit_adds() public {
        _deposit(ALICE, 7);
        vm.warp(NOW + 10);
        _deposit(ALICE, 5);
        assertEq(stakes.stakeAt(TOPIC, ALICE, NOW - 1), 0);
        assertEq(stakes.stakeAt(TOPIC, ALICE, NOW), 7);
        assertEq(stakes.stakeAt(TOPIC, ALICE, NOW + 9), 7);
        assertEq(stakes.stakeAt(TOPIC, ALICE, NOW + 10), 12);
        assertEq(stakes.totalAt(TOPIC, NOW + 9), 7);
        assertEq(stakes.totalAt(TOPIC, NOW + 10), 12);
        assertEq(stakes.reputersOf(TOPIC).length, 1);
    }

    // -- Withdrawal --

    function test_requestWithdrawal_revertsWhen_badInput() public {
        uint256 shares = _deposit(ALICE, 10);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IStakes.AmountMissing.selector));
        stakes.requestWithdrawal(TOPIC, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakes.SharesNotEnough.selector, shares, shares + 1));
        stakes.requestWithdrawal(TOPIC, shares + 1);
        vm.expectRevert(abi.encodeWithSelector(IStakes.SharesNotEnough.selector, 0, 1));
        stakes.requestWithdrawal(2, 1);
        stakes.requestWithdrawal(TOPIC, 4 * PER_UNIT);
        vm.warp(NOW + 1);
        vm.expectRevert(_pending(4 * PER_UNIT, NOW + WITHDRAW_DELAY));
        stakes.requestWithdrawal(TOPIC, 1);
        vm.stopPrank();
        // Nobody has shares in another's pool.
        vm.expectRevert(abi.encodeWithSelector(IStakes.SharesNotEnough.selector, 0, 1));
        _request(BOB, 1);
    }

    function test_requestWithdrawal_countsNoMore() public {
        _deposit(BOB, 3);
        _deposit(ALICE, 10);
        vm.warp(NOW + 5);
        vm.expectEmit(address(stakes));
        emit IStakes.StakeChanged(TOPIC, ALICE, 6, 9);
        vm.expectEmit(address(stakes));
        emit IStakes.WithdrawalRequested(TOPIC, ALICE, ALICE, 4 * PER_UNIT, NOW + 5 + WITHDRAW_DELAY, 6);
        _request(ALICE, 4 * PER_UNIT);
        assertEq(_stake(ALICE), 6);
        assertEq(stakes.stakeAt(TOPIC, ALICE, NOW + 4), 10);
        assertEq(_total(), 9);
        assertEq(stakes.sharesOf(TOPIC, ALICE, ALICE), 6 * PER_UNIT);
        IStakes.Withdrawal memory withdrawal = stakes.withdrawalOf(TOPIC, ALICE, ALICE);
        assertEq(withdrawal.shares, 4 * PER_UNIT);
        assertEq(withdrawal.availableAt, NOW + 5 + WITHDRAW_DELAY);
        assertEq(allo.balanceOf(address(stakes)), 13);
    }

    function test_requestWithdrawal_ofAll_takesItOffTheList() public {
        uint256 shares = _deposit(ALICE, 10);
        _deposit(BOB, 3);
        _request(ALICE, shares);
        assertEq(_stake(ALICE), 0);
        assertEq(stakes.reputersOf(TOPIC).length, 1);
        assertEq(stakes.reputersOf(TOPIC)[0], BOB);
    }

    function test_cancelWithdrawal_countsAgain() public {
        uint256 shares = _deposit(ALICE, 10);
        _request(ALICE, shares);
        vm.warp(NOW + 5);
        vm.expectEmit(address(stakes));
        emit IStakes.StakeChanged(TOPIC, ALICE, 10, 10);
        vm.expectEmit(address(stakes));
        emit IStakes.WithdrawalCancelled(TOPIC, ALICE, ALICE, shares, 10);
        vm.prank(ALICE);
        stakes.cancelWithdrawal(TOPIC);
        assertEq(stakes.stakeAt(TOPIC, ALICE, NOW + 4), 0);
        assertEq(_stake(ALICE), 10);
        assertEq(stakes.reputersOf(TOPIC)[0], ALICE);
        assertEq(stakes.sharesOf(TOPIC, ALICE, ALICE), shares);
        // The wait is lost: what is asked again waits anew.
        _request(ALICE, shares);
        assertEq(stakes.withdrawalOf(TOPIC, ALICE, ALICE).availableAt, NOW + 5 + WITHDRAW_DELAY);
    }

    function test_changes_revertWhen_noneWaits() public {
        _deposit(ALICE, 10);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IStakes.NoWithdrawal.selector, TOPIC, ALICE));
        stakes.cancelWithdrawal(TOPIC);
        vm.expectRevert(abi.encodeWithSelector(IStakes.NoWithdrawal.selector, TOPIC, ALICE));
        stakes.withdraw(TOPIC);
        stakes.requestWithdrawal(TOPIC, 1);
        stakes.cancelWithdrawal(TOPIC);
        vm.expectRevert(abi.encodeWithSelector(IStakes.NoWithdrawal.selector, TOPIC, ALICE));
        stakes.cancelWithdrawal(TOPIC);
        vm.stopPrank();
    }

    function test_withdraw_revertsWhen_tooSoon() public {
        _request(ALICE, _deposit(ALICE, 10));
        vm.warp(NOW + WITHDRAW_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IStakes.WithdrawalTooSoon.selector, NOW + WITHDRAW_DELAY - 1, NOW + WITHDRAW_DELAY)
        );
        _withdraw(ALICE);
        vm.warp(NOW + WITHDRAW_DELAY);
        assertEq(_withdraw(ALICE), 10);
    }

    function test_withdraw_paysOnce() public {
        _deposit(BOB, 3);
        _deposit(ALICE, 10);
        _request(ALICE, 4 * PER_UNIT);
        vm.warp(NOW + WITHDRAW_DELAY);
        uint256 before = allo.balanceOf(ALICE);
        vm.expectEmit(address(stakes));
        emit IStakes.Withdrawn(TOPIC, ALICE, ALICE, 4 * PER_UNIT, 4, 6);
        assertEq(_withdraw(ALICE), 4);
        assertEq(allo.balanceOf(ALICE), before + 4);
        assertEq(_stake(ALICE), 6);
        assertEq(_total(), 9);
        assertEq(allo.balanceOf(address(stakes)), 9);
        vm.expectRevert(abi.encodeWithSelector(IStakes.NoWithdrawal.selector, TOPIC, ALICE));
        _withdraw(ALICE);
    }

    // -- Construction --

    function test_constructor_refusesBadInput() public {
        vm.expectRevert(abi.encodeWithSelector(IStakes.NotAContract.selector, address(5)));
        new Stakes(IERC20(address(5)), topics, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakes.NotAContract.selector, address(6)));
        new Stakes(allo, ITopics(address(6)), 1);
        vm.expectRevert(abi.encodeWithSelector(IStakes.WithdrawDelayOutOfRange.selector, 0, 1, type(uint32).max));
        new Stakes(allo, topics, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakes.WithdrawDelayOutOfRange.selector, 1 << 32, 1, type(uint32).max));
        new Stakes(allo, topics, 1 << 32);
        assertEq(stakes.withdrawDelaySeconds(), WITHDRAW_DELAY);
        assertEq(address(stakes.allo()), address(allo));
        assertEq(address(stakes.topics()), address(topics));
    }

    function _isTheList(address first, address second) private view {
        address[] memory list = stakes.reputersOf(TOPIC);
        assertEq(list.length, 2);
        assertEq(list[0], first);
        assertEq(list[1], second);
    }
}
