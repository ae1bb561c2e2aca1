// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ITopics} from "./ITopics.sol";

/// @notice What stands behind the truths of step 6: each reputer's pool in each topic, counted in shares. Amounts are in
/// 1e-18 ALLO, times in seconds since 1970.
/// @dev A reputer speaks about an epoch if it is registered as one in `Topics`, and with the stake that its pool had
/// when the members look; a topic may ask for a least stake (`Money.reputerMinimum`).
/// @dev Shares are worth shares * (assets + 1) / (all shares + 1e6) of the pool, rounded down. The pool's assets are what
/// came in by `deposit`, not what the contract holds, so nobody can raise a share's worth by a transfer; and the 1e6
/// virtual shares and the one virtual unit, which are nobody's, keep the first depositor from rounding away the next.
interface IStakes {
    /// @param shares Zero if there is none. They are the holder's still, but count for nothing.
    /// @param availableAt The first second in which it can be withdrawn.
    struct Withdrawal {
        uint256 shares;
        uint40 availableAt;
    }

    /// @notice Thrown when another than the reputer would add to its pool.
    error DelegationNotBuilt(address given, address required);
    /// @notice Thrown when nothing is deposited or withdrawn.
    error AmountMissing();
    /// @notice Thrown when a deposit is worth less than one share.
    error DepositTooSmall(uint256 given, uint256 required);
    /// @notice Thrown when the token moved another amount than it was told to.
    error AmountNotExact(uint256 given, uint256 required);
    /// @notice Thrown when fewer shares are free than shall be withdrawn.
    error SharesNotEnough(uint256 given, uint256 required);
    /// @notice Thrown when the holder waits for a withdrawal already; cancel it to ask for another.
    error WithdrawalPending(uint256 shares, uint40 availableAt);
    /// @notice Thrown when the holder waits for no withdrawal.
    error NoWithdrawal(uint32 topicId, address holder);
    /// @notice Thrown when the delay has not passed yet.
    error WithdrawalTooSoon(uint256 given, uint256 required);
    /// @notice Thrown when the delay of withdrawals is 0 or above 2^32 - 1 seconds.
    error WithdrawDelayOutOfRange(uint256 given, uint256 low, uint256 high);
    /// @notice Thrown when an address that must be a contract has no code.
    error NotAContract(address given);

    /// @param stake The pool's stake after it; the next three alike.
    event Deposited(
        uint32 indexed topicId,
        address indexed reputer,
        address indexed holder,
        uint256 amount,
        uint256 shares,
        uint256 stake
    );
    event WithdrawalRequested(
        uint32 indexed topicId,
        address indexed reputer,
        address indexed holder,
        uint256 shares,
        uint40 availableAt,
        uint256 stake
    );
    event WithdrawalCancelled(
        uint32 indexed topicId,
        address indexed reputer,
        address indexed holder,
        uint256 shares,
        uint256 stake
    );
    event Withdrawn(
        uint32 indexed topicId,
        address indexed reputer,
        address indexed holder,
        uint256 shares,
        uint256 amount,
        uint256 stake
    );
    /// @dev Whoever follows stake needs this one alone: it comes with every change, with the pool's stake after it and
    /// the sum of the topic's.
    event StakeChanged(uint32 indexed topicId, address indexed reputer, uint256 stake, uint256 total);

    /// @notice Pays `amount` into the pool of `reputer`, which must be the caller, for shares of it.
    /// @dev The token must be approved. Registration may come before or after.
    function deposit(uint32 topicId, address reputer, uint256 amount) external returns (uint256 shares);

    /// @notice Asks for some of the caller's shares in its own pool. They count for nothing from now on.
    /// @dev One withdrawal waits at a time. What the shares are worth is found when they are withdrawn.
    function requestWithdrawal(uint32 topicId, uint256 shares) external returns (uint40 availableAt);

    /// @notice Takes the request back: the shares count again, from now on.
    function cancelWithdrawal(uint32 topicId) external;

    /// @notice Pays the caller what the shares it asked for are worth, once `withdrawDelaySeconds` have passed.
    function withdraw(uint32 topicId) external returns (uint256 amount);

    /// @notice The pool's stake after all changes up to and at `time`.
    /// @dev Warning: for the present second or a later one the answer may still change.
    function stakeAt(uint32 topicId, address reputer, uint40 time) external view returns (uint256);

    /// @notice The sum of the stakes of all of the topic's pools after all changes up to and at `time`.
    /// @dev Warning: as for `stakeAt`. Pools of reputers that are not registered are in it.
    function totalAt(uint32 topicId, uint40 time) external view returns (uint256);

    /// @notice The reputers with stake in the topic now, in no order.
    /// @dev Warning: for reading off chain. Anyone can make the list longer, for one unit and the gas.
    function reputersOf(uint32 topicId) external view returns (address[] memory);

    /// @notice The holder's shares in a pool, without those that it asked to withdraw.
    function sharesOf(uint32 topicId, address reputer, address holder) external view returns (uint256);

    /// @notice What so many shares of a pool are worth now, rounded down.
    function worthOf(uint32 topicId, address reputer, uint256 shares) external view returns (uint256 amount);

    /// @notice How many shares are worth `amount` now, rounded up.
    function sharesFor(uint32 topicId, address reputer, uint256 amount) external view returns (uint256 shares);

    /// @notice The withdrawal that the holder waits for in a pool.
    function withdrawalOf(uint32 topicId, address reputer, address holder) external view returns (Withdrawal memory);

    function allo() external view returns (IERC20);

    function topics() external view returns (ITopics);

    /// @notice How long a withdrawal waits.
    function withdrawDelaySeconds() external view returns (uint32);
}
