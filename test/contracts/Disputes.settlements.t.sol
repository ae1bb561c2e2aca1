// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {ISettlements} from "../../contracts/interfaces/ISettlements.sol";
import {Disputes} from "../../contracts/Disputes.sol";
import {Facts} from "../../contracts/Facts.sol";
import {Claim, Evidence} from "../../contracts/types/Claim.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {Court} from "./support/Court.sol";
import {DisputesTest} from "./support/DisputesTest.sol";

/// @dev Refuting and striking of settlements, and who may deploy what beside whom.
contract DisputesSettlements is DisputesTest {
    Settlement[] private chain;

    function setUp() public override {
        super.setUp();
        Settlement[] memory made = _chain(EPOCH - 3, 0, 3);
        made[1].quality = QUALITY ^ bytes32(uint256(1) << 192);
        made[2].parent = _leaf(made[1]);
        for (uint256 i; i < 3; ++i) {
            chain.push(made[i]);
            vm.warp(START + 100 * i);
            _settle(made[i]);
        }
    }

    function test_refuteSettlement_makesItsParentTheHead() public {
        ISettlements.TopicQuality memory before = settlements.qualityOf(TOPIC);
        verifier.tell(true, chain[1].state);
        vm.warp(START + 300);
        vm.expectEmit(address(settlements));
        emit ISettlements.SettlementTakenBack(TOPIC, EPOCH - 1, _leaf(chain[2]), 1, _leaf(chain[1]));
        vm.expectEmit(address(disputes));
        emit IDisputes.SettlementRefuted(TOPIC, EPOCH - 1, _leaf(chain[2]), Claim.Losses, 5, 1, 11, true);
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Losses, 5, _evidence("", chain[1]));
        ISettlements.Head memory head = settlements.headOf(TOPIC);
        assertEq(head.leaf, _leaf(chain[1]));
        assertEq(head.epoch, EPOCH - 2);
        assertEq(head.generation, 1);
        assertEq(head.acceptedAt, START + 100);
        assertEq(head.count, 2);
        assertEq(settlements.takenBackAtOf(TOPIC), START + 300);
        ISettlements.TopicQuality memory quality = settlements.qualityOf(TOPIC);
        assertEq(quality.acceptedAt, START + 100);
        assertEq(quality.networkLoss, before.networkLoss + 1e9);
    }

    function test_refuteSettlement_theChildrenFallWithIt() public {
        verifier.tell(true, _genesis());
        disputes.refuteSettlement(chain[0], _signed(chain[0]), Claim.Seats, 0, _evidence(""));
        ISettlements.Head memory head = settlements.headOf(TOPIC);
        assertEq(head.leaf, bytes32(0));
        assertEq(head.count, 0);
        assertEq(head.generation, 1);
        assertFalse(settlements.qualityOf(TOPIC).known);
        assertEq(settlements.lastAcceptedBefore(TOPIC, OPENS).leaf, bytes32(0));
        // A child is no longer accepted, so refuting it only convicts.
        verifier.tell(true, chain[0].state);
        vm.expectEmit(address(disputes));
        emit IDisputes.SettlementRefuted(TOPIC, EPOCH - 2, _leaf(chain[1]), Claim.Seats, 0, 1, 11, false);
        disputes.refuteSettlement(chain[1], _signed(chain[1]), Claim.Seats, 0, _evidence("", chain[0]));
        // It is settled again, in the new generation only.
        _settle(chain[0]);
        assertEq(settlements.headOf(TOPIC).count, 0);
        Settlement memory again = _settlementAt(EPOCH - 3, 0, 1);
        _settle(again);
        assertEq(settlements.headOf(TOPIC).leaf, _leaf(again));
        assertEq(settlements.acceptedAtOf(TOPIC, EPOCH - 2, _leaf(chain[1])), 0);
    }

    function test_refuteSettlement_movesUpToTheLastSecondOfTheWindow() public {
        verifier.tell(true, chain[1].state);
        vm.warp(START + 200 + WINDOW);
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Losses, 0, _evidence("", chain[1]));
        assertEq(settlements.headOf(TOPIC).count, 3);
        vm.warp(START + 200 + WINDOW - 1);
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Losses, 0, _evidence("", chain[1]));
        assertEq(settlements.headOf(TOPIC).count, 2);
    }

    function test_refuteSettlement_revertsWhen_rightOrTheParentIsNotShown() public {
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotRefuted.selector, Claim.Truth));
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Truth, 0, _evidence("", chain[1]));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ClaimUnfit.selector, Claim.Submission));
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Submission, 0, _evidence("", chain[1]));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.OriginMismatch.selector, bytes32(0), _leaf(chain[1])));
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Truth, 0, _evidence(""));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.OriginMismatch.selector, _leaf(chain[0]), _leaf(chain[1])));
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Truth, 0, _evidence("", chain[0]));
    }

    function test_refuteSettlement_byAFact_takesItBackToo() public {
        Settlement memory skipped = _settlement(EPOCH + 4, _leaf(chain[2]));
        _settle(skipped);
        Evidence memory evidence = _evidence("", chain[2]);
        disputes.refuteSettlement(skipped, _signed(skipped), Claim.SettlementParameters, 1, evidence);
        assertEq(settlements.headOf(TOPIC).leaf, _leaf(chain[2]));
    }

    function test_strikeSettlement_whoseReportFell() public {
        bytes memory context = _contextOf(EPOCH - 1, _leaf(chain[2]), chain[2].state);
        Report memory report = _fit(context);
        _postFit(report);
        bytes memory contextRow = _scoring(report.context);
        Settlement memory scoring = _settlement(EPOCH, _leaf(chain[2]));
        scoring.context = keccak256(contextRow);
        _settle(scoring);

        vm.expectRevert(abi.encodeWithSelector(IDisputes.StillStands.selector, _leaf(scoring)));
        disputes.strikeSettlement(scoring, _signed(scoring), contextRow, _list(chain[2]));
        verifier.tell(true);
        disputes.refuteReport(report, _signed(report), Claim.Value, 0, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.OriginMismatch.selector, bytes32(0), _leaf(chain[2])));
        disputes.strikeSettlement(scoring, _signed(scoring), contextRow, _none());
        vm.expectEmit(address(disputes));
        emit IDisputes.SettlementVoided(TOPIC, EPOCH, _leaf(scoring));
        disputes.strikeSettlement(scoring, _signed(scoring), contextRow, _list(chain[2]));
        assertEq(settlements.headOf(TOPIC).leaf, _leaf(chain[2]));
        assertEq(settlements.headOf(TOPIC).generation, 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.StillStands.selector, _leaf(scoring)));
        disputes.strikeSettlement(scoring, _signed(scoring), contextRow, _list(chain[2]));
    }

    /// What the ring gave up is never served again, however far the head goes back.
    function test_takeBack_neverServesWhatWasOverwritten() public {
        // The ring holds 67: the first three and 65 more, so the very first is overwritten.
        Settlement[] memory more = _chain(EPOCH, _leaf(chain[2]), RING - 2);
        vm.warp(START + 1_000);
        _settle(more, 11);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.SettlementNotKept.selector, 0, 1, 68));
        settlements.settlementAt(TOPIC, 0);
        verifier.tell(true, chain[1].state);
        disputes.refuteSettlement(chain[2], _signed(chain[2]), Claim.Seats, 0, _evidence("", chain[1]));
        assertEq(settlements.headOf(TOPIC).count, 2);
        assertEq(settlements.lastAcceptedBefore(TOPIC, START + 2_000).leaf, _leaf(chain[1]));
        // What came before it is not known any more: its place was another's.
        vm.expectRevert(abi.encodeWithSelector(ISettlements.TimeNotKept.selector, START + 100, START + 100));
        settlements.lastAcceptedBefore(TOPIC, START + 100);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.SettlementNotKept.selector, 0, 1, 2));
        settlements.settlementAt(TOPIC, 0);
        // So its parent is not known either, and it stays.
        verifier.tell(true, chain[0].state);
        disputes.refuteSettlement(chain[1], _signed(chain[1]), Claim.Seats, 0, _evidence("", chain[0]));
        assertEq(settlements.headOf(TOPIC).count, 2);
    }

    function test_takeBack_revertsWhen_anotherCalls() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.NotDisputes.selector, address(this), address(disputes)));
        settlements.takeBack(TOPIC, EPOCH - 1, _leaf(chain[2]), QUALITY);
        vm.startPrank(address(disputes));
        vm.expectRevert(abi.encodeWithSelector(ISettlements.SettlementNotHeld.selector, EPOCH - 1, _leaf(chain[1])));
        settlements.takeBack(TOPIC, EPOCH - 1, _leaf(chain[1]), QUALITY);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.SettlementNotHeld.selector, EPOCH, _leaf(chain[1])));
        settlements.takeBack(TOPIC, EPOCH, _leaf(chain[1]), QUALITY);
        vm.stopPrank();
    }

    function test_constructor_revertsWhen_aContractIsAnother() public {
        Court other = new Court(committee, topics, WINDOW, MINIMUM_BOND);
        vm.expectPartialRevert(IDisputes.AddressMismatch.selector);
        new Disputes(settlements, facts, MINIMUM_BOND);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotAContract.selector, address(5)));
        new Disputes(settlements, Facts(address(5)), MINIMUM_BOND);
        vm.expectRevert(IDisputes.BondMissing.selector);
        new Disputes(settlements, facts, 0);
        assertNotEq(address(other.disputes()), address(disputes));
        assertEq(reports.markedBy(), address(disputes));
        assertEq(settlements.disputes(), address(disputes));
    }
}
