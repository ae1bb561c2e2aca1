// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {Opened} from "../../contracts/libraries/Opened.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Attested} from "../../contracts/types/Attested.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {Status} from "../../contracts/types/Word.sol";
import {DisputesTest} from "./support/DisputesTest.sol";

/// @dev Rows on demand: given / when / then of one demand.
/// given a posted report whose rows nobody serves
///   when a row is demanded too late, for too little, twice, or of no list, it is refused
///   when the row is published in time, the bond is the publisher's
///   when the list, or the context, shows that there is none, that answers
///   when other bytes are published, or in time no more, they are refused
///   when nobody publishes, the report is void, the bond goes back and the signers are named
contract DisputesDemands is DisputesTest {
    uint256 private constant THIRD = WINDOW / 3;
    bytes private row = hex"11223344";
    bytes private list;
    bytes private context;
    Report private report;
    address private immutable PUBLISHER = _actor("publisher");
    address private immutable DEMANDER = _actor("demander");

    function setUp() public override {
        super.setUp();
        list = abi.encodePacked(hex"ff100001", keccak256(row));
        context = _contextWith(0, 0, _genesis(), keccak256(list), keccak256("outputs"));
        report = _fit(context);
        _postFit(report);
        vm.deal(DEMANDER, 100e18);
    }

    function test_demand_holdsTheBond() public {
        uint256 until = block.timestamp + THIRD;
        vm.expectEmit(address(disputes));
        emit IDisputes.RowDemanded(TOPIC, EPOCH, _leaf(report), 0x10, 0, DEMANDER, 2e15, until);
        _demand(0x10, 0, 2e15);
        IDisputes.Demand memory demand = disputes.demandOf(_leaf(report), 0x10, 0);
        assertEq(uint8(demand.status), uint8(IDisputes.DemandStatus.Open));
        assertEq(demand.demander, DEMANDER);
        assertEq(demand.bond, 2e15);
        assertEq(address(disputes).balance, 2e15);
    }

    function test_demand_revertsWhen_refused() public {
        uint256 end = reports.keptWordOf(TOPIC, 0).postedAt() + THIRD;
        vm.expectRevert(abi.encodeWithSelector(IDisputes.BondTooSmall.selector, MINIMUM_BOND - 1, MINIMUM_BOND));
        _demand(0x10, 0, MINIMUM_BOND - 1);
        _refused(0x20, 0);
        _refused(0, 1);
        _refused(0x10, 65_536);
        _refused(0x29, 0);
        _demand(0x10, 0, MINIMUM_BOND);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDisputes.DemandMismatch.selector,
                IDisputes.DemandStatus.Open,
                IDisputes.DemandStatus.None
            )
        );
        _demand(0x10, 0, MINIMUM_BOND);
        vm.warp(end);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.TooLate.selector, end, end));
        _demand(0x30, 0, MINIMUM_BOND);
        vm.warp(end - 1);
        _demand(0x30, 0, MINIMUM_BOND);
        report.value += 1;
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotPosted.selector, TOPIC, 0, EPOCH));
        _demand(0x10, 0, MINIMUM_BOND);
    }

    function test_publish_paysThePublisher() public {
        _demand(0x10, 0, MINIMUM_BOND);
        vm.warp(block.timestamp + THIRD - 1);
        vm.expectEmit(address(disputes));
        emit IDisputes.RowPublished(_leaf(report), 0x10, 0, PUBLISHER, _answer(row));
        _publish(0x10, 0, _answer(row));
        assertEq(disputes.bondsOf(PUBLISHER), MINIMUM_BOND);
        vm.prank(PUBLISHER);
        disputes.collect();
        assertEq(PUBLISHER.balance, MINIMUM_BOND);
        assertEq(address(disputes).balance, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NothingToCollect.selector, PUBLISHER));
        vm.prank(PUBLISHER);
        disputes.collect();
        _isStatus(Status.Attested);
    }

    function test_publish_theContextRow() public {
        _demand(0, 0, MINIMUM_BOND);
        IDisputes.Answer memory answer;
        answer.row = context;
        _publish(0, 0, answer);
        assertEq(disputes.bondsOf(PUBLISHER), MINIMUM_BOND);
    }

    function test_publish_theListAnswersForAnIndexBeyondIt() public {
        _demand(0x10, 1, MINIMUM_BOND);
        _publish(0x10, 1, _answer(""));
        assertEq(disputes.bondsOf(PUBLISHER), MINIMUM_BOND);
    }

    function test_publish_whatDoesNotDecodeAnswers() public {
        context = hex"01";
        report = _fit(context);
        (report.epoch, report.observedAt) = (EPOCH + 1, CLOSES + uint32(DAY));
        vm.warp(CLOSES + DAY + 1);
        _post(report);
        _demand(0x10, 0, MINIMUM_BOND);
        IDisputes.Answer memory answer;
        answer.context = context;
        _publish(0x10, 0, answer);
        assertEq(disputes.bondsOf(PUBLISHER), MINIMUM_BOND);
    }

    function test_publish_revertsWhen_otherBytesOrTooLate() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IDisputes.DemandMismatch.selector,
                IDisputes.DemandStatus.None,
                IDisputes.DemandStatus.Open
            )
        );
        _publish(0x10, 0, _answer(row));
        _demand(0x10, 0, MINIMUM_BOND);
        vm.expectRevert(abi.encodeWithSelector(Opened.WrongBytes.selector, keccak256(hex"1122334455"), keccak256(row)));
        _publish(0x10, 0, _answer(hex"1122334455"));
        IDisputes.Answer memory answer = _answer(row);
        answer.list = bytes.concat(list, row);
        vm.expectRevert(abi.encodeWithSelector(Opened.WrongBytes.selector, keccak256(answer.list), keccak256(list)));
        _publish(0x10, 0, answer);
        vm.warp(block.timestamp + THIRD);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.TooLate.selector, block.timestamp, block.timestamp));
        _publish(0x10, 0, _answer(row));
        assertEq(disputes.bondsOf(PUBLISHER), 0);
    }

    function test_lapse_voidsAndGivesTheBondBack() public {
        _demand(0x10, 0, MINIMUM_BOND);
        uint256 end = block.timestamp + THIRD;
        vm.warp(end - 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.TooSoon.selector, end - 1, end));
        disputes.lapseReport(report, _signed(report), 0x10, 0);
        vm.warp(end);
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportLapsed(TOPIC, 0, EPOCH, _leaf(report), 1, 11, true);
        disputes.lapseReport(report, _signed(report), 0x10, 0);
        _isStatus(Status.Void);
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, report.context)), uint8(Status.Void));
        assertEq(disputes.bondsOf(DEMANDER), MINIMUM_BOND);
        Attested memory signed = _signed(report);
        vm.expectPartialRevert(IDisputes.DemandMismatch.selector);
        disputes.lapseReport(report, signed, 0x10, 0);
    }

    function test_lapse_afterTheWindow_givesTheBondBackAndMovesNothing() public {
        _demand(0x10, 0, MINIMUM_BOND);
        vm.warp(block.timestamp + WINDOW + 16);
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportLapsed(TOPIC, 0, EPOCH, _leaf(report), 1, 11, false);
        disputes.lapseReport(report, _signed(report), 0x10, 0);
        _isStatus(Status.Attested);
        assertEq(disputes.bondsOf(DEMANDER), MINIMUM_BOND);
    }

    function test_demandSettlement_stateRowsAndTables() public {
        bytes memory table = hex"2703";
        bytes memory tables = abi.encodePacked(hex"290001", uint8(3), keccak256(table));
        bytes32 other = keccak256("row");
        bytes memory state = abi.encodePacked(hex"ff200008", other, other, other, other, other, other);
        state = bytes.concat(state, abi.encodePacked(keccak256(tables), other));
        Settlement memory settlement = _settlement(EPOCH - 3, 0);
        settlement.state = keccak256(state);
        bytes memory missed = _scoring(0);
        settlement.context = keccak256(missed);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotAccepted.selector, _leaf(settlement)));
        _demand(settlement, 0x29, 3);
        _settle(settlement);

        _demand(settlement, 0x29, 3);
        _demand(settlement, 0x29, 4);
        _demand(settlement, 0x20, 8);
        _demand(settlement, 0x10, 0);
        IDisputes.Answer memory answer;
        (answer.list, answer.tables) = (state, tables);
        vm.expectPartialRevert(Opened.WrongBytes.selector);
        disputes.publishSettlement(settlement, 0x29, 3, answer);
        answer.row = table;
        disputes.publishSettlement(settlement, 0x29, 3, answer);
        answer.row = "";
        disputes.publishSettlement(settlement, 0x29, 4, answer);
        disputes.publishSettlement(settlement, 0x20, 8, answer);
        answer.context = missed;
        disputes.publishSettlement(settlement, 0x10, 0, answer);
        assertEq(disputes.bondsOf(address(this)), 4 * MINIMUM_BOND);
    }

    function test_lapseSettlement_takesItBack() public {
        Settlement memory settlement = _settlement(EPOCH - 3, 0);
        _settle(settlement);
        _demand(settlement, 0x20, 0);
        vm.warp(block.timestamp + THIRD);
        vm.expectEmit(address(disputes));
        emit IDisputes.SettlementLapsed(TOPIC, EPOCH - 3, _leaf(settlement), 1, 11, true);
        disputes.lapseSettlement(settlement, _signed(settlement), 0x20, 0, _none());
        assertEq(settlements.headOf(TOPIC).leaf, bytes32(0));
        assertEq(disputes.bondsOf(DEMANDER), MINIMUM_BOND);
    }

    function test_bond_isTwiceThePriceOfTheLongestRow() public {
        assertEq(disputes.bond(), MINIMUM_BOND);
        vm.fee(1e10);
        assertEq(disputes.bond(), 2 * 1_150_000 * 1e10);
    }

    function _answer(bytes memory given) private view returns (IDisputes.Answer memory answer) {
        (answer.context, answer.list, answer.row) = (context, list, given);
    }

    function _publish(uint256 kind, uint256 index, IDisputes.Answer memory answer) private {
        vm.prank(PUBLISHER);
        disputes.publishReport(report, kind, index, answer);
    }

    function _demand(uint256 kind, uint256 index, uint256 value) private {
        vm.prank(DEMANDER);
        disputes.demandReport{value: value}(report, _signed(report), kind, index);
    }

    function _demand(Settlement memory settlement, uint256 kind, uint256 index) private {
        vm.prank(DEMANDER);
        disputes.demandSettlement{value: MINIMUM_BOND}(settlement, _signed(settlement), kind, index);
    }

    function _refused(uint256 kind, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DemandUnfit.selector, kind, index));
        _demand(kind, index, MINIMUM_BOND);
    }
}
