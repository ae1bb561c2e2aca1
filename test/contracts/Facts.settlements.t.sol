// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacts} from "../../contracts/interfaces/IFacts.sol";
import {Claim, Evidence} from "../../contracts/types/Claim.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {FactsTest} from "./support/FactsTest.sol";

/// @dev Claims of fact about a settlement: each finds its fault, and none an honest settlement's.
contract FactsSettlements is FactsTest {
    /// @dev Two hours after the time that the truth is about, a day after the close.
    uint256 private constant TRUTHS_CLOSE = uint256(CLOSES) + 1 days + 2 hours;

    bytes[] private reported;
    bytes[] private made;
    bytes[] private inputs;
    bytes private report;
    bytes32 private running;

    function setUp() public override {
        super.setUp();
        vm.warp(TRUTHS_CLOSE + 10);
        (running, ) = topics.registrationsAt(TOPIC, uint32(TRUTHS_CLOSE - DELAY));
        reported = [_parametersRow(), _inferences(), _forecast(), _signatures(), _registrations()];
        made = [_valueRow(), hex"32", hex"33", hex"36"];
        report = _contextWith(0, 0, _genesis(), keccak256(_listOf(0x10, reported)), keccak256(_listOf(0x30, made)));
        inputs.push(_parametersRow());
        inputs.push(_inferences());
        inputs.push(_forecast());
        inputs.push(_registrations());
        inputs.push(_electorate());
        inputs.push(_truths());
        inputs.push(_truthSignatures());
        inputs.push(abi.encodePacked(hex"19", uint128(0)));
        inputs.push(_roster());
        inputs.push(made[0]);
        inputs.push(made[2]);
        inputs.push(made[3]);
    }

    function test_parameters() public view {
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, keccak256(report));
        assertFalse(facts.judgeSettlement(settlement, Claim.SettlementParameters, 0, evidence));
        evidence.context[1] ^= 0x01;
        settlement.context = keccak256(evidence.context);
        assertTrue(facts.judgeSettlement(settlement, Claim.SettlementParameters, 0, evidence));
        (evidence.context, settlement.context) = (hex"02", keccak256(hex"02"));
        assertTrue(facts.judgeSettlement(settlement, Claim.SettlementParameters, 0, evidence));
        settlement.topicId = TOPIC + 1;
        assertTrue(facts.judgeSettlement(settlement, Claim.SettlementParameters, 0, evidence));
    }

    function test_parameters_anEpochIsNotSkipped() public view {
        Settlement memory parent = _settlement(EPOCH - 1, 0);
        Settlement memory settlement = _settlement(EPOCH, _leaf(parent));
        Evidence memory evidence = _evidence("", parent);
        assertFalse(facts.judgeSettlement(settlement, Claim.SettlementParameters, 1, evidence));
        settlement.epoch += 1;
        assertTrue(facts.judgeSettlement(settlement, Claim.SettlementParameters, 1, evidence));
    }

    function test_registrations() public {
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, keccak256(report));
        assertFalse(facts.judgeSettlement(settlement, Claim.SettlementRegistrations, 0, evidence));
        running = keccak256("else");
        (settlement, evidence) = _of(inputs, keccak256(report));
        assertTrue(facts.judgeSettlement(settlement, Claim.SettlementRegistrations, 0, evidence));
    }

    function test_settledReport_honest() public view {
        (Settlement memory settlement, Evidence memory evidence) = _scored(inputs);
        assertFalse(facts.judgeSettlement(settlement, Claim.SettledReport, 0, evidence));
    }

    function test_settledReport_findsEachRowOfTheReport() public {
        // 0x12, 0x13, 0x31, 0x33, 0x36, by their places.
        uint8[5] memory places = [1, 2, 9, 10, 11];
        for (uint256 i; i < 5; ++i) {
            (Settlement memory settlement, Evidence memory evidence) = _scored(_spoiled(inputs, places[i], 0));
            assertTrue(facts.judgeSettlement(settlement, Claim.SettledReport, 0, evidence));
        }
        // The others are not the report's.
        for (uint256 place = 3; place < 9; ++place) {
            (Settlement memory settlement, Evidence memory evidence) = _scored(_spoiled(inputs, place, 0));
            assertFalse(facts.judgeSettlement(settlement, Claim.SettledReport, 0, evidence));
        }
        Evidence memory other;
        Settlement memory scoring;
        (scoring, other) = _scored(inputs);
        other.rows[0] = _firstContext();
        vm.expectRevert();
        facts.judgeSettlement(scoring, Claim.SettledReport, 0, other);
    }

    function test_settledReport_findsAForecastTooMany() public view {
        bytes[] memory more = new bytes[](inputs.length + 1);
        for (uint256 i; i < more.length; ++i) more[i] = i < 3 ? inputs[i] : inputs[i - 1];
        more[3] = hex"13810000";
        (Settlement memory settlement, Evidence memory evidence) = _scored(more);
        evidence.rows = _three(more[3]);
        assertTrue(facts.judgeSettlement(settlement, Claim.SettledReport, 3, evidence));
        evidence.rows = _three(more[2]);
        assertFalse(facts.judgeSettlement(settlement, Claim.SettledReport, 2, evidence));
    }

    function test_settledReport_theWordThatStands() public {
        Report memory posted = _fit(report);
        vm.warp(CLOSES + 10);
        _post(posted);
        vm.warp(TRUTHS_CLOSE + 10);
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, keccak256(report));
        evidence.rows = _rows(inputs[9]);
        assertTrue(posted.sigma == 0x800001);
        assertFalse(facts.judgeSettlement(settlement, Claim.SettledReport, 1 << 16, evidence));
        bytes[] memory other = _spoiled(inputs, 9, 18);
        (settlement, evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(other[9]);
        assertTrue(facts.judgeSettlement(settlement, Claim.SettledReport, 1 << 16, evidence));
        other = _spoiled(inputs, 9, 45);
        (settlement, evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(other[9]);
        assertTrue(facts.judgeSettlement(settlement, Claim.SettledReport, 1 << 16, evidence));
        // One that names no report.
        (settlement, evidence) = _of(inputs, 0);
        assertTrue(facts.judgeSettlement(settlement, Claim.SettledReport, 1 << 16, evidence));
        vm.expectRevert(abi.encodeWithSelector(IFacts.PlaceUnfit.selector, (1 << 16) + 1));
        facts.judgeSettlement(settlement, Claim.SettledReport, (1 << 16) + 1, evidence);
    }

    /// A report that was posted after the cut-off may not have been known.
    function test_settledReport_aLateWordRefutesNobody() public {
        vm.warp(TRUTHS_CLOSE - DELAY + 1);
        _post(_fit(report));
        vm.warp(TRUTHS_CLOSE + 10);
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, 0);
        assertFalse(facts.judgeSettlement(settlement, Claim.SettledReport, 1 << 16, evidence));
    }

    function test_roster() public {
        assertFalse(_rosterIsWrong(_roster()));
        assertTrue(_rosterIsWrong(abi.encodePacked(hex"1a0002", uint8(0), ALICE, uint8(1), BOB)));
        assertTrue(_rosterIsWrong(abi.encodePacked(hex"1a0003", uint8(0), BOB, uint8(1), ALICE, uint8(0x80), ALICE)));
        assertTrue(_rosterIsWrong(bytes.concat(_roster(), hex"00")));
    }

    function test_electorate_honest() public {
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, keccak256(report));
        evidence.rows = _rows(inputs[4]);
        for (uint256 i; i < REPUTERS; ++i) _isElectorate(settlement, evidence, _reputer(i), false);
        _isElectorate(settlement, evidence, ALICE, false);
        _isElectorate(settlement, evidence, address(1), false);
        // What changed after the cut-off is not looked at.
        vm.warp(TRUTHS_CLOSE - DELAY + 1);
        example.stake(stakes, TOPIC, _reputer(2), 7e18);
        _join(_reputer(9), _actor("key 9"), 4);
        example.stake(stakes, TOPIC, _reputer(9), 7e18);
        vm.warp(TRUTHS_CLOSE + 10);
        _isElectorate(settlement, evidence, _reputer(2), false);
        _isElectorate(settlement, evidence, _reputer(9), false);
    }

    function test_electorate_findsWrongStakesStrangersAndThoseLeftOut() public view {
        bytes[] memory other = _spoiled(inputs, 4, 3 + 36 + 35);
        (Settlement memory settlement, Evidence memory evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(other[4]);
        _isElectorate(settlement, evidence, _reputer(0), false);
        _isElectorate(settlement, evidence, _reputer(1), true);
        // ALICE has no stake and is no reputer.
        other[4] = abi.encodePacked(hex"160002", _reputer(0), uint128(3e18), abi.encodePacked(ALICE, uint128(1)));
        (settlement, evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(other[4]);
        _isElectorate(settlement, evidence, ALICE, true);
        _isElectorate(settlement, evidence, _reputer(1), true);
    }

    /// The 33rd by stake is left out, of equal ones that of the highest address.
    function test_electorate_atMost32() public {
        bytes memory row = hex"160020";
        vm.warp(TRUTHS_CLOSE - DELAY);
        for (uint256 i = REPUTERS; i < 34; ++i) {
            _join(_reputer(i), address(uint160(0xFF00 + i)), 4);
            example.stake(stakes, TOPIC, _reputer(i), 1e18);
        }
        for (uint256 i; i < 32; ++i) {
            row = bytes.concat(row, abi.encodePacked(_reputer(i), uint128(i < 3 ? (3 - i) * 1e18 : 1e18)));
        }
        vm.warp(TRUTHS_CLOSE + 10);
        bytes[] memory other = _spoiled(inputs, 4, 0);
        other[4] = row;
        (Settlement memory settlement, Evidence memory evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(row);
        for (uint256 i; i < 34; ++i) _isElectorate(settlement, evidence, _reputer(i), false);
        // With the last one in the place of the one before it, that one is missing.
        row[3 + 36 * 31 + 19] = bytes1(uint8(uint160(_reputer(33))));
        other[4] = row;
        (settlement, evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(row);
        _isElectorate(settlement, evidence, _reputer(31), true);
    }

    function test_truthSignature() public {
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, keccak256(report));
        evidence.rows = _rows(inputs[5], inputs[6]);
        for (uint256 i; i < REPUTERS; ++i) _isUnsigned(settlement, evidence, _reputer(i), false);
        // A key that changed after the cut-off.
        vm.warp(TRUTHS_CLOSE - DELAY + 1);
        vm.prank(_reputer(0));
        topics.changeSigner(TOPIC, _actor("another"));
        vm.warp(TRUTHS_CLOSE + 10);
        _isUnsigned(settlement, evidence, _reputer(0), false);
        // Another value, another signature.
        bytes[] memory other = _spoiled(inputs, 5, 5 + 36 + 30);
        (settlement, evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(other[5], other[6]);
        _isUnsigned(settlement, evidence, _reputer(0), false);
        _isUnsigned(settlement, evidence, _reputer(1), true);
        other = _spoiled(inputs, 6, 3 + 60);
        (settlement, evidence) = _of(other, keccak256(report));
        evidence.rows = _rows(other[5], other[6]);
        _isUnsigned(settlement, evidence, _reputer(0), true);
        _isUnsigned(settlement, evidence, _reputer(1), false);
    }

    function test_judgeSettlement_revertsWhen_noFactOrMissed() public {
        (Settlement memory settlement, Evidence memory evidence) = _of(inputs, keccak256(report));
        vm.expectRevert(abi.encodeWithSelector(IFacts.NotAFact.selector, Claim.Schedule));
        facts.judgeSettlement(settlement, Claim.Schedule, 0, evidence);
        vm.expectRevert(abi.encodeWithSelector(IFacts.RowsMismatch.selector, 0, 1));
        facts.judgeSettlement(settlement, Claim.Electorate, 0, evidence);
        evidence.context = _scoring(keccak256(report));
        settlement.context = keccak256(evidence.context);
        vm.expectRevert(abi.encodeWithSelector(IFacts.EpochMissed.selector, EPOCH));
        facts.judgeSettlement(settlement, Claim.Electorate, 0, evidence);
    }

    // -- Inside --

    function _of(
        bytes[] memory rows,
        bytes32 reportContext
    ) private view returns (Settlement memory settlement, Evidence memory evidence) {
        evidence.inputs = _listOf(0x10, rows);
        evidence.context = abi.encodePacked(
            uint8(2),
            _parametersHash(),
            reportContext,
            keccak256(evidence.inputs),
            keccak256("outputs"),
            running
        );
        settlement = _settlement(EPOCH, 0);
        settlement.context = keccak256(evidence.context);
    }

    function _scored(
        bytes[] memory rows
    ) private view returns (Settlement memory settlement, Evidence memory evidence) {
        (settlement, evidence) = _of(rows, keccak256(report));
        evidence.rows = _rows(report, _listOf(0x10, reported), _listOf(0x30, made));
    }

    function _three(bytes memory last) private view returns (bytes[] memory rows) {
        rows = new bytes[](4);
        (rows[0], rows[1], rows[2], rows[3]) = (report, _listOf(0x10, reported), _listOf(0x30, made), last);
    }

    function _rosterIsWrong(bytes memory roster) private view returns (bool) {
        bytes[] memory rows = _spoiled(inputs, 8, 0);
        rows[8] = roster;
        (Settlement memory settlement, Evidence memory evidence) = _of(rows, keccak256(report));
        evidence.rows = _rows(report, roster, _registrations());
        return facts.judgeSettlement(settlement, Claim.Roster, 0, evidence);
    }

    function _isElectorate(
        Settlement memory settlement,
        Evidence memory evidence,
        address reputer,
        bool isWrong
    ) private view {
        uint256 at = uint160(reputer);
        assertTrue(facts.judgeSettlement(settlement, Claim.Electorate, at, evidence) == isWrong);
    }

    function _isUnsigned(
        Settlement memory settlement,
        Evidence memory evidence,
        address reputer,
        bool isWrong
    ) private view {
        uint256 at = uint160(reputer);
        assertTrue(facts.judgeSettlement(settlement, Claim.TruthSignature, at, evidence) == isWrong);
    }
}
