// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IStakes} from "./interfaces/IStakes.sol";
import {ITopics} from "./interfaces/ITopics.sol";

/// @title Stakes
/// @notice What stands behind the truths of step 6.
contract Stakes is IStakes {
    using Checkpoints for Checkpoints.Trace208;
    using EnumerableSet for EnumerableSet.AddressSet;
    using SafeERC20 for IERC20;

    /// @dev Shares and a unit that are nobody's, so that a share costs about 1e-6 units however few there are.
    uint256 private constant VIRTUAL_SHARES = 1e6;
    uint256 private constant VIRTUAL_ASSETS = 1;

    /// @dev `shares` are all of the pool's, `leaving` those of them that holders asked to withdraw: they have their part
    /// in the assets, whatever becomes of these, and none in the stake. `held` is without them.
    struct Pool {
        uint128 assets;
        uint256 shares;
        uint256 leaving;
        mapping(address holder => uint256 shares) held;
        mapping(address holder => Withdrawal withdrawal) withdrawals;
        Checkpoints.Trace208 stake;
    }

    struct Stand {
        mapping(address reputer => Pool pool) pools;
        EnumerableSet.AddressSet reputers;
        Checkpoints.Trace208 total;
    }

    /// @inheritdoc IStakes
    IERC20 public immutable allo;
    /// @inheritdoc IStakes
    ITopics public immutable topics;
    /// @inheritdoc IStakes
    uint32 public immutable withdrawDelaySeconds;

    mapping(uint32 topicId => Stand stand) private _stands;

    constructor(IERC20 allo_, ITopics topics_, uint256 withdrawDelaySeconds_) {
        require(address(allo_).code.length != 0, NotAContract(address(allo_)));
        require(address(topics_).code.length != 0, NotAContract(address(topics_)));
        require(
            withdrawDelaySeconds_ != 0 && withdrawDelaySeconds_ <= type(uint32).max,
            WithdrawDelayOutOfRange(withdrawDelaySeconds_, 1, type(uint32).max)
        );
        (allo, topics, withdrawDelaySeconds) = (allo_, topics_, uint32(withdrawDelaySeconds_));
    }

    // -- Changing --

    /// @inheritdoc IStakes
    function deposit(uint32 topicId, address reputer, uint256 amount) external returns (uint256 shares) {
        require(msg.sender == reputer, DelegationNotBuilt(msg.sender, reputer));
        require(amount != 0, AmountMissing());
        // Reverts by name where there is no such topic.
        topics.creatorOf(topicId);
        Pool storage pool = _stands[topicId].pools[reputer];
        shares = _shares(pool, amount, Math.Rounding.Floor);
        // Else the deposit would be the other holders'.
        require(shares != 0, DepositTooSmall(amount, _worth(pool, 1, Math.Rounding.Ceil)));

        pool.assets += SafeCast.toUint128(amount);
        pool.shares += shares;
        pool.held[msg.sender] += shares;
        emit Deposited(topicId, reputer, msg.sender, amount, shares, _follow(topicId, reputer));
        _collect(amount);
    }

    /// @inheritdoc IStakes
    function requestWithdrawal(uint32 topicId, uint256 shares) external returns (uint40 availableAt) {
        require(shares != 0, AmountMissing());
        Pool storage pool = _stands[topicId].pools[msg.sender];
        Withdrawal storage withdrawal = pool.withdrawals[msg.sender];
        // A request on top would either wait too short or make the first wait anew.
        require(withdrawal.shares == 0, WithdrawalPending(withdrawal.shares, withdrawal.availableAt));
        uint256 held = pool.held[msg.sender];
        require(held >= shares, SharesNotEnough(held, shares));

        availableAt = uint40(block.timestamp + withdrawDelaySeconds);
        (withdrawal.shares, withdrawal.availableAt) = (shares, availableAt);
        pool.held[msg.sender] = held - shares;
        pool.leaving += shares;
        uint256 stake = _follow(topicId, msg.sender);
        emit WithdrawalRequested(topicId, msg.sender, msg.sender, shares, availableAt, stake);
    }

    /// @inheritdoc IStakes
    function cancelWithdrawal(uint32 topicId) external {
        Pool storage pool = _stands[topicId].pools[msg.sender];
        uint256 shares = pool.withdrawals[msg.sender].shares;
        require(shares != 0, NoWithdrawal(topicId, msg.sender));

        delete pool.withdrawals[msg.sender];
        pool.held[msg.sender] += shares;
        pool.leaving -= shares;
        emit WithdrawalCancelled(topicId, msg.sender, msg.sender, shares, _follow(topicId, msg.sender));
    }

    /// @inheritdoc IStakes
    function withdraw(uint32 topicId) external returns (uint256 amount) {
        Pool storage pool = _stands[topicId].pools[msg.sender];
        Withdrawal memory withdrawal = pool.withdrawals[msg.sender];
        uint256 shares = withdrawal.shares;
        require(shares != 0, NoWithdrawal(topicId, msg.sender));
        // Whoever saw a truth of these shares has the delay to act on it.
        require(block.timestamp >= withdrawal.availableAt, WithdrawalTooSoon(block.timestamp, withdrawal.availableAt));
        amount = _worth(pool, shares, Math.Rounding.Floor);

        delete pool.withdrawals[msg.sender];
        // The cast is safe: all shares together are worth less than assets + 1, so at most the assets.
        pool.assets -= uint128(amount);
        pool.shares -= shares;
        pool.leaving -= shares;
        emit Withdrawn(topicId, msg.sender, msg.sender, shares, amount, _follow(topicId, msg.sender));
        _pay(amount);
    }

    // -- Reading --

    /// @inheritdoc IStakes
    function stakeAt(uint32 topicId, address reputer, uint40 time) external view returns (uint256) {
        return _stands[topicId].pools[reputer].stake.upperLookupRecent(time);
    }

    /// @inheritdoc IStakes
    function totalAt(uint32 topicId, uint40 time) external view returns (uint256) {
        return _stands[topicId].total.upperLookupRecent(time);
    }

    /// @inheritdoc IStakes
    function reputersOf(uint32 topicId) external view returns (address[] memory) {
        return _stands[topicId].reputers.values();
    }

    /// @inheritdoc IStakes
    function sharesOf(uint32 topicId, address reputer, address holder) external view returns (uint256) {
        return _stands[topicId].pools[reputer].held[holder];
    }

    /// @inheritdoc IStakes
    function worthOf(uint32 topicId, address reputer, uint256 shares) external view returns (uint256 amount) {
        return _worth(_stands[topicId].pools[reputer], shares, Math.Rounding.Floor);
    }

    /// @inheritdoc IStakes
    function sharesFor(uint32 topicId, address reputer, uint256 amount) external view returns (uint256 shares) {
        return _shares(_stands[topicId].pools[reputer], amount, Math.Rounding.Ceil);
    }

    /// @inheritdoc IStakes
    function withdrawalOf(uint32 topicId, address reputer, address holder) external view returns (Withdrawal memory) {
        return _stands[topicId].pools[reputer].withdrawals[holder];
    }

    // -- Inside --

    function _worth(Pool storage pool, uint256 shares, Math.Rounding rounding) private view returns (uint256) {
        return Math.mulDiv(shares, pool.assets + VIRTUAL_ASSETS, pool.shares + VIRTUAL_SHARES, rounding);
    }

    function _shares(Pool storage pool, uint256 amount, Math.Rounding rounding) private view returns (uint256) {
        return Math.mulDiv(amount, pool.shares + VIRTUAL_SHARES, pool.assets + VIRTUAL_ASSETS, rounding);
    }

    /// @dev Brings checkpoints and the list of reputers in line with the pool, and announces what changed.
    function _follow(uint32 topicId, address reputer) private returns (uint256 stake) {
        Stand storage stand = _stands[topicId];
        Pool storage pool = stand.pools[reputer];
        stake = _worth(pool, pool.shares - pool.leaving, Math.Rounding.Floor);
        uint256 before = pool.stake.latest();
        if (stake == before) return stake;
        uint256 total = stand.total.latest() + stake - before;
        uint48 time = uint48(block.timestamp);
        // Safe: a stake is at most its pool's assets, 128 bits. A sum of more than 2^80 such would not fit.
        pool.stake.push(time, uint208(stake));
        stand.total.push(time, SafeCast.toUint208(total));
        if (stake == 0) stand.reputers.remove(reputer);
        else if (before == 0) stand.reputers.add(reputer);
        emit StakeChanged(topicId, reputer, stake, total);
    }

    /// @dev Last in a call, after all effects; so is `_pay`. A token that keeps a part of what it moves would leave some
    /// pool unpaid.
    function _collect(uint256 amount) private {
        uint256 before = allo.balanceOf(address(this));
        allo.safeTransferFrom(msg.sender, address(this), amount);
        uint256 moved = allo.balanceOf(address(this)) - before;
        require(moved == amount, AmountNotExact(moved, amount));
    }

    function _pay(uint256 amount) private {
        uint256 before = allo.balanceOf(address(this));
        allo.safeTransfer(msg.sender, amount);
        uint256 moved = before - allo.balanceOf(address(this));
        require(moved == amount, AmountNotExact(moved, amount));
    }
}
