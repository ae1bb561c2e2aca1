// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IStakes} from "../../contracts/interfaces/IStakes.sol";
import {Stakes} from "../../contracts/Stakes.sol";
import {StakesTest} from "./support/StakesTest.sol";

/// @dev A token that keeps a unit of what it moves, once told to.
contract KeepingToken is ERC20 {
    bool private _keeps;

    constructor(address holder) ERC20("Keeping", "KEEP") {
        _mint(holder, 1e18);
    }

    function keep(bool keeps) external {
        _keeps = keeps;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_keeps && from != address(0)) super._update(to, address(1), 1);
    }
}

/// @dev What shares are worth, while nothing is rounded, after rounding, and after a pool has lost or gained.
contract StakesSharesTest is StakesTest {
    /// Law: deposits and withdrawals give back exactly what came in, whoever else comes and goes.
    function testFuzz_shares_areExact(uint128 first, uint128 second, uint256 part) public {
        first = uint128(bound(first, 1, 1e26));
        second = uint128(bound(second, 1, 1e26));
        part = bound(part, 1, first);
        _deposit(ALICE, first);
        assertEq(stakes.sharesFor(TOPIC, ALICE, part), part * PER_UNIT);
        _request(ALICE, part * PER_UNIT);
        _deposit(ALICE, second);
        vm.warp(NOW + WITHDRAW_DELAY);
        assertEq(_withdraw(ALICE), part);
        assertEq(_stake(ALICE), uint256(first) + second - part);
        uint256 rest = stakes.sharesOf(TOPIC, ALICE, ALICE);
        assertEq(stakes.worthOf(TOPIC, ALICE, rest), uint256(first) + second - part);
    }

    /// Law: whatever was rounded or lost before, nobody gets more by depositing and withdrawing.
    function testFuzz_shares_neverGain(uint128 start, uint256 assets, uint128 amount, uint256 part) public {
        start = uint128(bound(start, 1, 1e26));
        assets = bound(assets, 0, 2 * uint256(start));
        amount = uint128(bound(amount, 1e7, 1e24));
        _deposit(ALICE, start);
        _setAssets(ALICE, assets);
        uint256 before = stakes.worthOf(TOPIC, ALICE, stakes.sharesOf(TOPIC, ALICE, ALICE));
        uint256 shares = _deposit(ALICE, amount);
        assertLe(stakes.worthOf(TOPIC, ALICE, shares), amount);
        part = bound(part, 1, shares);
        uint256 worth = stakes.worthOf(TOPIC, ALICE, part);
        _request(ALICE, part);
        vm.warp(NOW + WITHDRAW_DELAY);
        assertEq(_withdraw(ALICE), worth);
        assertLe(
            worth + stakes.worthOf(TOPIC, ALICE, stakes.sharesOf(TOPIC, ALICE, ALICE)),
            // A unit that the first shares' worth was rounded down by may come to light.
            before + amount + 1
        );
    }

    /// The first depositor's trick: shares for one unit, then a gift that makes a share too dear for the next. A gift to the
    /// contract changes nothing, since only deposits are counted.
    function test_shares_cannotBeInflatedByAGift() public {
        _deposit(ALICE, 1);
        vm.prank(ALICE);
        allo.transfer(address(stakes), 1_000e18);
        assertEq(stakes.worthOf(TOPIC, ALICE, PER_UNIT), 1);
        assertEq(_deposit(ALICE, 5e18), 5e18 * PER_UNIT);
        assertEq(_stake(ALICE), 5e18 + 1);
    }

    /// Even if the pool itself gained, as by rewards, right after a first deposit of one unit, the next one would lose less
    /// than a millionth of what was given.
    function testFuzz_shares_cannotBeInflatedByAGain(uint256 gain, uint256 amount) public {
        gain = bound(gain, 1, 1e24);
        amount = bound(amount, gain / 1e6 + 1, 1e26);
        _deposit(ALICE, 1);
        _setAssets(ALICE, 1 + gain);
        uint256 shares = _deposit(ALICE, amount);
        assertGe(stakes.worthOf(TOPIC, ALICE, shares) + gain / 1e6 + 2, amount);
    }

    function test_deposit_revertsWhen_tooSmallForAShare() public {
        _deposit(ALICE, 1);
        // Two million shares, one of them a unit's and one nobody's, for 8e6 units: four a share.
        _setAssets(ALICE, 8e6 - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakes.DepositTooSmall.selector, 3, 4));
        _deposit(ALICE, 3);
        assertEq(_deposit(ALICE, 4), 1);
    }

    /// What is asked back shares in a loss; the rest of the pool does not pay for it.
    function test_withdraw_afterALoss_paysThePart() public {
        uint256 shares = _deposit(ALICE, 100e18);
        _request(ALICE, shares / 4);
        _setAssets(ALICE, 40e18);
        vm.warp(NOW + WITHDRAW_DELAY);
        assertEq(_withdraw(ALICE), 10e18);
        assertEq(stakes.worthOf(TOPIC, ALICE, stakes.sharesOf(TOPIC, ALICE, ALICE)), 30e18);
        // The checkpoint followed with the first change after the loss.
        assertEq(_stake(ALICE), 30e18);
        assertEq(_total(), 30e18);
    }

    function test_moves_revertWhen_theTokenKeepsAPart() public {
        KeepingToken token = new KeepingToken(ALICE);
        stakes = new Stakes(token, topics, WITHDRAW_DELAY);
        vm.prank(ALICE);
        token.approve(address(stakes), 1e18);
        token.keep(true);
        vm.expectRevert(abi.encodeWithSelector(IStakes.AmountNotExact.selector, 99, 100));
        _deposit(ALICE, 100);
        token.keep(false);
        _request(ALICE, _deposit(ALICE, 100));
        vm.warp(NOW + WITHDRAW_DELAY);
        assertEq(_withdraw(ALICE), 100);
    }
}
