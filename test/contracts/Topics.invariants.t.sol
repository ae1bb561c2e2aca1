// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Topics} from "../../contracts/Topics.sol";
import {Parameters} from "../../contracts/types/Parameters.sol";
import {Test} from "./support/Test.sol";
import {TopicsTest} from "./support/TopicsTest.sol";

/// @dev Does what creators and workers may do, in any order, and writes down what went through.
contract TopicsHandler is Test {
    uint32 public constant TOPIC = 1;
    uint32 public constant FIRST = 5;

    struct Fact {
        uint32 epoch;
        bytes32 parametersHash;
        address[] signers;
    }

    Topics private immutable TOPICS;
    Parameters private _parameters;
    address[] private _owners;
    Fact[] private _facts;
    uint160 private _keys = 0x1000;

    bytes32 public registrations;
    uint32 public registrationCount;
    uint256 public fees;
    uint256 public patches;
    uint256 public tooSoon;
    uint256 public joins;
    uint256 public leaves;
    uint256 public keyChanges;
    uint256 public funds;
    uint256 public epochs;

    constructor(Topics topics, Parameters memory parameters, address[] memory actors, uint256 paid) {
        TOPICS = topics;
        _parameters = parameters;
        _owners = actors;
        fees = paid;
    }

    /// @dev Time passes, up to a day; what holds for each epoch whose window opened meanwhile is written down once.
    function pass(uint256 seed) external {
        vm.warp(block.timestamp + bound(seed, 1, 1 days));
        (uint32 opensAt, ) = TOPICS.windowOf(TOPIC, FIRST + uint32(epochs));
        if (block.timestamp < opensAt) return;
        uint32 epoch = FIRST + uint32(epochs++);
        address[] memory signers = new address[](_owners.length);
        for (uint256 i; i < _owners.length; ++i) {
            signers[i] = TOPICS.signerAt(TOPIC, _owners[i], epoch);
        }
        _facts.push(Fact(epoch, TOPICS.parametersAt(TOPIC, epoch), signers));
    }

    /// @dev For any epoch from the first to the third after the present one; too early ones are refused and do not count.
    function patch(uint256 seed, uint8 history) external {
        uint32 epoch = FIRST + uint32(bound(seed, 0, epochs + 3));
        _parameters.history = history;
        vm.prank(_owners[0]);
        try TOPICS.patch(TOPIC, _parameters, epoch) {
            ++patches;
        } catch {
            ++tooSoon;
        }
    }

    function joinOrLeave(uint256 seed) external {
        address owner = _owners[bound(seed, 0, _owners.length - 1)];
        address signer = TOPICS.workerOf(TOPIC, owner).signer;
        if (signer == address(0)) {
            signer = address(++_keys);
            vm.prank(owner);
            TOPICS.register(TOPIC, signer, owner, 2);
            fees += TOPICS.registrationFee();
            ++joins;
            _append(1, owner, signer);
        } else {
            vm.prank(owner);
            TOPICS.leave(TOPIC);
            ++leaves;
            _append(2, owner, signer);
        }
    }

    function changeSigner(uint256 seed) external {
        address owner = _owners[bound(seed, 0, _owners.length - 1)];
        if (TOPICS.workerOf(TOPIC, owner).roles == 0) return;
        vm.prank(owner);
        TOPICS.changeSigner(TOPIC, address(++_keys));
        ++keyChanges;
        fees += TOPICS.registrationFee();
        _append(3, owner, address(_keys));
    }

    function fund(uint256 seed) external {
        uint256 amount = bound(seed, 1, 1e18);
        vm.prank(_owners[seed % _owners.length]);
        TOPICS.fund(TOPIC, amount);
        fees += amount;
        ++funds;
    }

    function factCount() external view returns (uint256) {
        return _facts.length;
    }

    function fact(uint256 index) external view returns (Fact memory) {
        return _facts[index];
    }

    function owners() external view returns (address[] memory) {
        return _owners;
    }

    function _append(uint8 change, address owner, address signer) private {
        bytes memory entry = bytes.concat(bytes1(change), bytes1(uint8(2)), bytes20(owner), bytes20(signer));
        registrations = keccak256(bytes.concat(registrations, entry));
        ++registrationCount;
    }
}

/// @dev The promises of `Topics`:
/// T1 the running hash and count equal a replay of the changes.
/// T2 all fees paid, and nothing else, lie with the ecosystem; `Topics` holds nothing.
/// T3 the parameters of an epoch never change once its window has opened.
/// T4 nor do its signers.
/// T5 no two present workers of a topic have the same key.
contract TopicsInvariants is TopicsTest {
    TopicsHandler private _handler;

    function setUp() public override {
        super.setUp();
        _create();
        address[] memory owners = new address[](4);
        (owners[0], owners[1], owners[2], owners[3]) = (CREATOR, ALICE, BOB, OUTSIDER);
        _handler = new TopicsHandler(topics, _example(), owners, CREATE_FEE);
        _target(address(_handler));
    }

    function invariant_T1_runningHashEqualsAReplay() public view {
        (bytes32 registrations, uint32 count) = topics.registrationsAt(1, uint32(block.timestamp));
        assertEq(registrations, _handler.registrations());
        assertEq(count, _handler.registrationCount());
    }

    function invariant_T2_feesLieWithTheEcosystem() public view {
        assertEq(allo.balanceOf(ECOSYSTEM), _handler.fees());
        assertEq(topics.feesOf(1), _handler.fees());
        assertEq(allo.balanceOf(address(topics)), 0);
    }

    function invariant_T3_parametersOfAnOpenedEpochStand() public view {
        for (uint256 i; i < _handler.factCount(); ++i) {
            TopicsHandler.Fact memory fact = _handler.fact(i);
            assertEq(topics.parametersAt(1, fact.epoch), fact.parametersHash);
        }
    }

    function invariant_T4_signersOfAnOpenedEpochStand() public view {
        address[] memory owners = _handler.owners();
        for (uint256 i; i < _handler.factCount(); ++i) {
            TopicsHandler.Fact memory fact = _handler.fact(i);
            for (uint256 k; k < owners.length; ++k) {
                assertEq(topics.signerAt(1, owners[k], fact.epoch), fact.signers[k]);
            }
        }
    }

    function invariant_T5_oneKeyOneWorker() public view {
        address[] memory owners = _handler.owners();
        for (uint256 i; i < owners.length; ++i) {
            address signer = topics.workerOf(1, owners[i]).signer;
            for (uint256 k; k < i; ++k) {
                assertTrue(signer == address(0) || signer != topics.workerOf(1, owners[k]).signer);
            }
        }
    }

    /// @dev Run by EDR after each sequence: one that did nothing proves nothing.
    function afterInvariant() public view {
        assertGt(_handler.joins() + _handler.leaves() + _handler.keyChanges(), 0, "no worker moved");
        assertGt(_handler.funds() + _handler.epochs(), 0, "neither fund nor pass went through");
    }

    /// @dev A handler that does nothing would keep every promise: each of its actions succeeds in a fixed walk.
    function test_handler_reachesEveryAction() public {
        for (uint256 i; i < 60; ++i) {
            _handler.patch(i, uint8(i));
            _handler.joinOrLeave(i);
            _handler.changeSigner(i);
            _handler.fund(i);
            _handler.pass(uint256(keccak256(abi.encode(i))));
        }
        assertGt(_handler.patches(), 5);
        assertGt(_handler.tooSoon(), 5);
        assertGt(_handler.joins(), 5);
        assertGt(_handler.leaves(), 5);
        assertGt(_handler.keyChanges(), 5);
        assertGt(_handler.funds(), 5);
        assertGt(_handler.epochs(), 5);
        invariant_T1_runningHashEqualsAReplay();
        invariant_T2_feesLieWithTheEcosystem();
        invariant_T3_parametersOfAnOpenedEpochStand();
        invariant_T4_signersOfAnOpenedEpochStand();
        invariant_T5_oneKeyOneWorker();
    }
}
