// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStakes} from "../../../contracts/interfaces/IStakes.sol";
import {Stakes} from "../../../contracts/Stakes.sol";
import {TopicsTest} from "./TopicsTest.sol";

/// @dev `Stakes` on the token and the topics of `TopicsTest`, with two topics.
abstract contract StakesTest is TopicsTest {
    uint32 internal constant WITHDRAW_DELAY = 21 days;
    uint32 internal constant TOPIC = 1;
    /// @dev A unit costs a million shares, as long as nothing is rounded.
    uint256 internal constant PER_UNIT = 1e6;

    Stakes internal stakes;

    function setUp() public virtual override {
        super.setUp();
        _create();
        _create();
        stakes = new Stakes(allo, topics, WITHDRAW_DELAY);
        address[4] memory holders = [CREATOR, ALICE, BOB, OUTSIDER];
        for (uint256 i; i < 4; ++i) {
            vm.prank(holders[i]);
            allo.approve(address(stakes), type(uint256).max);
        }
    }

    function _deposit(address reputer, uint256 amount) internal returns (uint256 shares) {
        vm.prank(reputer);
        return stakes.deposit(TOPIC, reputer, amount);
    }

    function _request(address reputer, uint256 shares) internal {
        vm.prank(reputer);
        stakes.requestWithdrawal(TOPIC, shares);
    }

    function _withdraw(address reputer) internal returns (uint256 amount) {
        vm.prank(reputer);
        return stakes.withdraw(TOPIC);
    }

    function _stake(address reputer) internal view returns (uint256) {
        return stakes.stakeAt(TOPIC, reputer, uint40(block.timestamp));
    }

    function _total() internal view returns (uint256) {
        return stakes.totalAt(TOPIC, uint40(block.timestamp));
    }

    /// @dev The slot of a pool: slot 0 holds the stands, whose first field holds the pools.
    function _poolSlot(address reputer) internal pure returns (bytes32) {
        return keccak256(abi.encode(reputer, keccak256(abi.encode(uint256(TOPIC), uint256(0)))));
    }

    /// @dev Gives the pool other assets, as slashing and rewards will; the token follows.
    function _setAssets(address reputer, uint256 assets) internal {
        uint256 before = uint256(vm.load(address(stakes), _poolSlot(reputer)));
        vm.store(address(stakes), _poolSlot(reputer), bytes32(assets));
        if (assets > before) {
            vm.prank(OUTSIDER);
            allo.transfer(address(stakes), assets - before);
        } else {
            vm.prank(address(stakes));
            allo.transfer(OUTSIDER, before - assets);
        }
    }

    function _pending(uint256 shares, uint256 availableAt) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IStakes.WithdrawalPending.selector, shares, availableAt);
    }
}
