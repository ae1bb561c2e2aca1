// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Topics} from "../../contracts/Topics.sol";
import {ITopics} from "../../contracts/interfaces/ITopics.sol";
import {ParameterRules} from "../../contracts/libraries/ParameterRules.sol";
import {Parameters} from "../../contracts/types/Parameters.sol";
import {TopicsTest} from "./support/TopicsTest.sol";

/// @dev Creating, patching, transferring, funding.
contract TopicsTopicTest is TopicsTest {
    uint32 private constant FIRST = 5;

    // -- create --

    function test_create_storesTheRowUnderItsHash() public {
        bytes32 expected = keccak256(_example().row());
        vm.expectEmit(address(topics));
        emit ITopics.TopicCreated(1, CREATOR, expected, _example());
        assertEq(_create(), 1);

        assertEq(topics.topicCount(), 1);
        assertEq(topics.creatorOf(1), CREATOR);
        assertEq(topics.parametersAt(1, FIRST), expected);
        assertEq(topics.parametersRow(expected), _example().row());
    }

    function test_create_paysTheFeeToTheEcosystem() public {
        _create();
        assertEq(allo.balanceOf(ECOSYSTEM), 10e18);
        assertEq(topics.feesOf(1), 10e18);
        assertEq(allo.balanceOf(address(topics)), 0);
    }

    function test_create_revertsWhen_feeIsNotApproved() public {
        vm.startPrank(CREATOR);
        allo.approve(address(topics), 10e18 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(topics), 10e18 - 1, 10e18)
        );
        topics.create(_example());
    }

    function test_create_keepsTheSameRowOnce() public {
        _create();
        uint256 before = gasleft();
        _create();
        // Storing 404 bytes of code costs 80,800 gas and 32,000 for the contract alone.
        uint256 second = before - gasleft();
        Parameters memory other = _example();
        other.metadata = "another";
        vm.prank(CREATOR);
        before = gasleft();
        topics.create(other);
        assertGt(before - gasleft(), second + 100_000);
        assertEq(topics.parametersAt(1, FIRST), topics.parametersAt(2, FIRST));
    }

    function test_create_revertsWhen_aRuleIsBroken() public {
        Parameters memory parameters = _example();
        parameters.truthSource = 2;
        vm.expectRevert(abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("truthSource")));
        vm.prank(CREATOR);
        topics.create(parameters);
    }

    function test_constructor_revertsWhen_anAddressIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(ITopics.AddressMissing.selector, bytes32("allo")));
        new Topics(address(0), ECOSYSTEM, 1, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(ITopics.AddressMissing.selector, bytes32("ecosystem")));
        new Topics(address(allo), address(0), 1, 1, 1);
    }

    // -- patch --

    function _patched() private pure returns (Parameters memory parameters) {
        parameters = _example();
        parameters.arithmetic.pNorm = 4e18;
    }

    function _patch(Parameters memory parameters, uint32 fromEpoch) private returns (bytes32) {
        vm.prank(CREATOR);
        topics.patch(1, parameters, fromEpoch);
        return keccak256(parameters.row());
    }

    function test_patch_holdsFromItsEpochOn() public {
        _create();
        bytes32 before = keccak256(_example().row());
        bytes32 expected = keccak256(_patched().row());
        vm.expectEmit(address(topics));
        emit ITopics.ParametersPatched(1, FIRST + 3, expected, _patched());
        _patch(_patched(), FIRST + 3);
        assertEq(topics.parametersAt(1, FIRST), before);
        assertEq(topics.parametersAt(1, FIRST + 2), before);
        assertEq(topics.parametersAt(1, FIRST + 3), expected);
        assertEq(topics.parametersAt(1, FIRST + 300), expected);
        assertEq(topics.parametersRow(expected), _patched().row());
    }

    function test_patch_replacesOneForTheSameEpoch() public {
        _create();
        _patch(_patched(), FIRST + 3);
        Parameters memory second = _patched();
        second.history = 9;
        bytes32 expected = _patch(second, FIRST + 3);
        assertEq(topics.parametersAt(1, FIRST + 3), expected);
        assertEq(topics.parametersAt(1, FIRST + 2), keccak256(_example().row()));
    }

    function test_patch_revertsWhen_earlierThanAnother() public {
        _create();
        _patch(_patched(), FIRST + 3);
        vm.expectRevert(abi.encodeWithSelector(ITopics.PatchOutOfOrder.selector, FIRST + 2, FIRST + 3));
        _patch(_patched(), FIRST + 2);
    }

    function test_patch_revertsWhen_theWindowOpensTooSoon() public {
        _create();
        // Epoch 7 opens at START + 2 days + 20 hours. At exactly the delay before that it is too late.
        uint256 opensAt = START + 2 days + 20 hours;
        vm.warp(opensAt - DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITopics.PatchTooSoon.selector, opensAt, opensAt));
        _patch(_patched(), 7);
        vm.warp(opensAt - DELAY - 1);
        bytes32 expected = _patch(_patched(), 7);
        assertEq(topics.parametersAt(1, 7), expected);
    }

    function test_patch_revertsWhen_callerIsNotTheCreator() public {
        _create();
        vm.expectRevert(abi.encodeWithSelector(ITopics.NotCreator.selector, OUTSIDER, CREATOR));
        vm.prank(OUTSIDER);
        topics.patch(1, _patched(), FIRST + 3);
    }

    function test_patch_revertsWhen_aRuleIsBroken() public {
        _create();
        Parameters memory parameters = _example();
        parameters.rowsPublished = true;
        vm.expectRevert(abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("rowsPublished")));
        _patch(parameters, FIRST + 3);
    }

    function test_patch_revertsWhen_topicTypeChanges() public {
        _create();
        Parameters memory parameters = _example();
        parameters.topicType = 2;
        (parameters.arithmetic.minimum, parameters.arithmetic.maximum) = (0, 1e18);
        _expectImmutable("topicType", parameters);
    }

    function test_patch_revertsWhen_labelsChange() public {
        Parameters memory parameters = _example();
        parameters.maxLabels = 2;
        parameters.labels = new string[](2);
        (parameters.labels[0], parameters.labels[1]) = ("high", "low");
        vm.prank(CREATOR);
        topics.create(parameters);
        parameters.labels[1] = "close";
        _expectImmutable("labels", parameters);
    }

    function test_patch_revertsWhen_scheduleChanges() public {
        _create();
        Parameters memory parameters = _example();
        parameters.schedule.start += 1;
        _expectImmutable("schedule", parameters);
        parameters = _example();
        parameters.schedule.deadline += 1;
        _expectImmutable("schedule", parameters);
    }

    function test_patch_revertsWhen_seatsChange() public {
        _create();
        Parameters memory parameters = _example();
        parameters.seating.infererSeats = 9;
        _expectImmutable("infererSeats", parameters);
        parameters = _example();
        parameters.seating.forecasterSeats = 3;
        _expectImmutable("forecasterSeats", parameters);
        parameters = _example();
        parameters.seating.newcomerSeats = 2;
        _expectImmutable("newcomerSeats", parameters);
    }

    function test_patch_letsTheRestChange() public {
        _create();
        Parameters memory parameters = _patched();
        (parameters.lossMethod, parameters.history, parameters.metadata) = (2, 255, "patched");
        (parameters.seating.benchSize, parameters.seating.rewardedInferers) = (0, 0);
        (parameters.money.truthTolerance, parameters.money.slashTolerance) = (1, 2);
        assertEq(_patch(parameters, FIRST), topics.parametersAt(1, FIRST));
    }

    function _expectImmutable(bytes32 name, Parameters memory parameters) private {
        vm.expectRevert(abi.encodeWithSelector(ITopics.ParameterImmutable.selector, name));
        _patch(parameters, FIRST + 3);
    }

    // -- transfer, fund --

    function test_transfer_movesTheRightToPatch() public {
        _create();
        vm.expectEmit(address(topics));
        emit ITopics.TopicTransferred(1, CREATOR, ALICE);
        vm.prank(CREATOR);
        topics.transfer(1, ALICE);
        assertEq(topics.creatorOf(1), ALICE);
        vm.expectRevert(abi.encodeWithSelector(ITopics.NotCreator.selector, CREATOR, ALICE));
        vm.prank(CREATOR);
        topics.transfer(1, CREATOR);
        vm.expectRevert(abi.encodeWithSelector(ITopics.AddressMissing.selector, bytes32("creator")));
        vm.prank(ALICE);
        topics.transfer(1, address(0));
    }

    function testFuzz_fund_paysTheEcosystem(uint256 amount) public {
        _create();
        amount = bound(amount, 1, 250_000_000e18);
        vm.expectEmit(address(topics));
        emit ITopics.TopicFunded(1, OUTSIDER, amount);
        vm.prank(OUTSIDER);
        topics.fund(1, amount);
        assertEq(allo.balanceOf(ECOSYSTEM), 10e18 + amount);
        assertEq(topics.feesOf(1), 10e18 + amount);
    }

    function test_fund_revertsWhen_nothingIsPaid() public {
        _create();
        vm.expectRevert(ITopics.AmountMissing.selector);
        topics.fund(1, 0);
    }

    function test_fund_revertsWhen_amountExceedsTheCap() public {
        _create();
        // Would be 1 if only its low 128 bits counted.
        vm.expectRevert();
        vm.prank(OUTSIDER);
        topics.fund(1, (1 << 128) + 1);
        assertEq(topics.feesOf(1), 10e18);
    }
}
