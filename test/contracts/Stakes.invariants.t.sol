// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Allo} from "../../contracts/Allo.sol";
import {Stakes} from "../../contracts/Stakes.sol";
import {StakesTest} from "./support/StakesTest.sol";
import {Test} from "./support/Test.sol";

/// @dev Does what reputers may do, in any order and in two topics, and writes down what went through.
contract StakesHandler is Test {
    uint32 public constant TOPICS = 2;

    struct Fact {
        uint32 topicId;
        address reputer;
        uint40 time;
        uint256 stake;
        uint256 total;
    }

    Stakes private immutable STAKES;
    Allo private immutable ALLO;
    address[] private _reputers;
    Fact[] private _facts;
    mapping(uint32 topicId => mapping(address reputer => uint256 time)) private _askedAt;

    mapping(uint32 topicId => mapping(address reputer => uint256 amount)) public paidIn;
    mapping(uint32 topicId => mapping(address reputer => uint256 amount)) public paidOut;
    uint256 public gifts;
    uint256 public deposits;
    uint256 public requests;
    uint256 public cancels;
    uint256 public withdrawals;
    uint256 public tooSoon;
    uint256 public refused;
    bool public paidTooSoon;
    bool public paidTooMuch;

    constructor(Stakes stakes, Allo allo, address[] memory reputers_) {
        (STAKES, ALLO, _reputers) = (stakes, allo, reputers_);
    }

    /// @dev Time passes; what stood in the second before is written down.
    function pass(uint256 seed) external {
        vm.warp(block.timestamp + bound(seed, 1, 9 days));
        (uint32 topicId, address reputer) = _pick(seed);
        uint40 time = uint40(block.timestamp - 1);
        uint256 stake = STAKES.stakeAt(topicId, reputer, time);
        _facts.push(Fact(topicId, reputer, time, stake, STAKES.totalAt(topicId, time)));
    }

    function deposit(uint256 seed, uint256 amount) external {
        (uint32 topicId, address reputer) = _pick(seed);
        amount = bound(amount, 1, 1e24);
        vm.prank(reputer);
        STAKES.deposit(topicId, reputer, amount);
        paidIn[topicId][reputer] += amount;
        ++deposits;
    }

    /// @dev Any number of shares, also such that are no whole unit; those not held are refused and do not count.
    function request(uint256 seed, uint256 shares) external {
        (uint32 topicId, address reputer) = _pick(seed);
        uint256 held = STAKES.sharesOf(topicId, reputer, reputer);
        shares = bound(shares, 1, held + 1);
        vm.prank(reputer);
        try STAKES.requestWithdrawal(topicId, shares) {
            require(shares <= held, "more was asked than was held");
            _askedAt[topicId][reputer] = block.timestamp;
            ++requests;
        } catch {
            ++refused;
        }
    }

    function cancel(uint256 seed) external {
        if (seed % 3 != 0) return;
        (uint32 topicId, address reputer) = _pick(seed);
        vm.prank(reputer);
        try STAKES.cancelWithdrawal(topicId) {
            ++cancels;
        } catch {
            ++refused;
        }
    }

    function withdraw(uint256 seed) external {
        (uint32 topicId, address reputer) = _pick(seed);
        uint256 shares = STAKES.withdrawalOf(topicId, reputer, reputer).shares;
        uint256 worth = STAKES.worthOf(topicId, reputer, shares);
        uint256 before = ALLO.balanceOf(reputer);
        vm.prank(reputer);
        try STAKES.withdraw(topicId) {
            ++withdrawals;
            uint256 paid = ALLO.balanceOf(reputer) - before;
            paidOut[topicId][reputer] += paid;
            if (paid > worth) paidTooMuch = true;
            if (block.timestamp < _askedAt[topicId][reputer] + STAKES.withdrawDelaySeconds()) paidTooSoon = true;
        } catch {
            if (shares != 0) ++tooSoon;
        }
    }

    /// @dev A transfer past `deposit`.
    function give(uint256 seed, uint256 amount) external {
        (, address reputer) = _pick(seed);
        amount = bound(amount, 1, 1e20);
        gifts += amount;
        vm.prank(reputer);
        ALLO.transfer(address(STAKES), amount);
    }

    function reputers() external view returns (address[] memory) {
        return _reputers;
    }

    function factCount() external view returns (uint256) {
        return _facts.length;
    }

    function fact(uint256 index) external view returns (Fact memory) {
        return _facts[index];
    }

    function _pick(uint256 seed) private view returns (uint32 topicId, address reputer) {
        uint256 draw = uint256(keccak256(abi.encode(seed)));
        return (1 + uint32(draw % TOPICS), _reputers[(draw >> 8) % _reputers.length]);
    }
}

/// @dev The promises of `Stakes` (S4 to S7 are those of `Settlements`):
/// S1 the pools are never worth more than the contract holds, nor than what was paid in and not out;
/// S2 the stake at a past time never changes, nor does a topic's;
/// S3 nobody is paid more than the shares are worth, more than it paid in, or before the delay;
/// S8 a topic's stake is the sum of its reputers', who are those on its list.
contract StakesInvariants is StakesTest {
    StakesHandler private _handler;

    function setUp() public override {
        super.setUp();
        address[] memory reputers = new address[](3);
        (reputers[0], reputers[1], reputers[2]) = (ALICE, BOB, OUTSIDER);
        _handler = new StakesHandler(stakes, allo, reputers);
        _target(address(_handler));
    }

    function invariant_S1_poolsAreCovered() public view {
        address[] memory reputers = _handler.reputers();
        uint256 owed;
        uint256 kept;
        for (uint32 topicId = 1; topicId <= 2; ++topicId) {
            for (uint256 i; i < reputers.length; ++i) {
                address reputer = reputers[i];
                uint256 shares =
                    stakes.sharesOf(topicId, reputer, reputer) + stakes.withdrawalOf(topicId, reputer, reputer).shares;
                owed += stakes.worthOf(topicId, reputer, shares);
                kept += _handler.paidIn(topicId, reputer) - _handler.paidOut(topicId, reputer);
            }
        }
        assertLe(owed, kept);
        assertEq(allo.balanceOf(address(stakes)), kept + _handler.gifts());
    }

    function invariant_S2_thePastStands() public view {
        for (uint256 i; i < _handler.factCount(); ++i) {
            StakesHandler.Fact memory fact = _handler.fact(i);
            assertEq(stakes.stakeAt(fact.topicId, fact.reputer, fact.time), fact.stake);
            assertEq(stakes.totalAt(fact.topicId, fact.time), fact.total);
        }
    }

    function invariant_S3_nobodyIsPaidTooMuchOrTooSoon() public view {
        assertFalse(_handler.paidTooMuch());
        assertFalse(_handler.paidTooSoon());
        address[] memory reputers = _handler.reputers();
        for (uint32 topicId = 1; topicId <= 2; ++topicId) {
            for (uint256 i; i < reputers.length; ++i) {
                assertLe(_handler.paidOut(topicId, reputers[i]), _handler.paidIn(topicId, reputers[i]));
            }
        }
    }

    function invariant_S8_totalsAndListsAreThePools() public view {
        address[] memory reputers = _handler.reputers();
        uint40 time = uint40(block.timestamp);
        for (uint32 topicId = 1; topicId <= 2; ++topicId) {
            uint256 sum;
            uint256 present;
            for (uint256 i; i < reputers.length; ++i) {
                uint256 stake = stakes.stakeAt(topicId, reputers[i], time);
                uint256 shares = stakes.sharesOf(topicId, reputers[i], reputers[i]);
                assertEq(stake, stakes.worthOf(topicId, reputers[i], shares));
                sum += stake;
                if (stake != 0) ++present;
            }
            assertEq(stakes.totalAt(topicId, time), sum);
            address[] memory list = stakes.reputersOf(topicId);
            assertEq(list.length, present);
            for (uint256 i; i < list.length; ++i) assertGt(stakes.stakeAt(topicId, list[i], time), 0);
        }
    }

    /// @dev Run by EDR after each sequence: one that did nothing proves nothing.
    function afterInvariant() public view {
        assertGt(_handler.deposits(), 0, "nothing was deposited");
        assertGt(_handler.requests() + _handler.factCount(), 0, "nothing was asked back, and no time passed");
    }

    /// @dev A handler that does nothing would keep every promise: each of its actions succeeds in a fixed walk.
    function test_handler_reachesEveryAction() public {
        for (uint256 i; i < 150; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(i)));
            _handler.deposit(draw, draw >> (i % 200));
            _handler.request(draw >> 1, draw >> (i % 120));
            _handler.give(draw, draw);
            _handler.pass(draw >> 2);
            _handler.cancel(draw >> 3);
            _handler.withdraw(draw >> 4);
            _handler.withdraw(draw >> 5);
        }
        assertGt(_handler.deposits(), 100);
        assertGt(_handler.requests(), 10);
        assertGt(_handler.cancels(), 2);
        assertGt(_handler.withdrawals(), 5);
        assertGt(_handler.tooSoon(), 5);
        assertGt(_handler.refused(), 5);
        assertGt(_handler.factCount(), 100);
        invariant_S1_poolsAreCovered();
        invariant_S2_thePastStands();
        invariant_S3_nobodyIsPaidTooMuchOrTooSoon();
        invariant_S8_totalsAndListsAreThePools();
    }
}
