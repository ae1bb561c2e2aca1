// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFacts} from "../../contracts/interfaces/IFacts.sol";
import {Opened} from "../../contracts/libraries/Opened.sol";
import {Claim, Evidence} from "../../contracts/types/Claim.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {FactsTest} from "./support/FactsTest.sol";

/// @dev Claims of fact about a report: each finds its fault, and none an honest report's.
contract FactsReports is FactsTest {
    bytes[] private inputs;

    function setUp() public override {
        super.setUp();
        vm.warp(OPENS);
        inputs.push(_parametersRow());
        inputs.push(_inferences());
        inputs.push(_forecast());
        inputs.push(_signatures());
        inputs.push(_registrations());
        vm.warp(CLOSES + 10);
    }

    // -- Schedule --

    function test_schedule_fits() public view {
        assertFalse(_schedule(_fit("")));
    }

    function test_schedule_findsEachField() public view {
        Report memory report = _fit("");
        report.observedAt += 1;
        assertTrue(_schedule(report));
        report = _fit("");
        report.lag -= 1;
        assertTrue(_schedule(report));
        report = _fit("");
        report.history = 1;
        assertTrue(_schedule(report));
        report = _fit("");
        report.label = 1;
        assertTrue(_schedule(report));
        report = _fit("");
        report.topicId = TOPIC + 1;
        assertTrue(_schedule(report));
        report = _fit("");
        report.epoch = 4;
        assertTrue(_schedule(report));
        report.epoch = EPOCH + 1;
        assertTrue(_schedule(report));
        report.epoch = type(uint32).max;
        assertTrue(_schedule(report));
    }

    function testFuzz_schedule_everyEpochFitsItsOwnWindow(uint32 epoch) public view {
        epoch = uint32(bound(epoch, 5, 30_000));
        (, uint32 closesAt) = topics.windowOf(TOPIC, epoch);
        Report memory report = _fit("");
        (report.epoch, report.observedAt) = (epoch, closesAt);
        assertFalse(_schedule(report));
        report.epoch = epoch + 1;
        assertTrue(_schedule(report));
    }

    // -- Parameters, State --

    function test_parameters() public {
        bytes memory context = _firstContext();
        assertFalse(_judge(Claim.Parameters, 0, _fit(context), _evidence(context)));
        context[1] ^= 0x01;
        assertTrue(_judge(Claim.Parameters, 0, _fit(context), _evidence(context)));
        // What does not decode names no parameters.
        assertTrue(_judge(Claim.Parameters, 0, _fit(hex"0102"), _evidence(hex"0102")));
        Report memory report = _fit(hex"0102");
        vm.expectRevert(abi.encodeWithSelector(Opened.WrongBytes.selector, keccak256(context), report.context));
        facts.judgeReport(report, Claim.Parameters, 0, _evidence(context));
    }

    function test_state_ofTheFirst() public view {
        bytes memory context = _firstContext();
        assertFalse(_judge(Claim.State, 0, _fit(context), _evidence(context)));
        context = _contextOf(0, 0, keccak256("else"));
        assertTrue(_judge(Claim.State, 0, _fit(context), _evidence(context)));
        context = _contextOf(1, 0, _genesis());
        assertTrue(_judge(Claim.State, 0, _fit(context), _evidence(context)));
    }

    function test_state_ofASettlement() public {
        Settlement memory settled = _settlement(EPOCH - 3, 0);
        bytes memory context = _contextOf(EPOCH - 3, _leaf(settled), settled.state);
        assertFalse(_judge(Claim.State, 0, _fit(context), _evidence(context, settled)));
        bytes memory other = _contextOf(EPOCH - 3, _leaf(settled), keccak256("else"));
        assertTrue(_judge(Claim.State, 0, _fit(other), _evidence(other, settled)));
        other = _contextOf(EPOCH - 2, _leaf(settled), settled.state);
        assertTrue(_judge(Claim.State, 0, _fit(other), _evidence(other, settled)));
        settled.pot = 1;
        vm.expectPartialRevert(IFacts.OriginMismatch.selector);
        facts.judgeReport(_fit(context), Claim.State, 0, _evidence(context, settled));
    }

    // -- Registrations --

    function test_registrations_beforeTheFirstSettlement() public {
        (Report memory report, Evidence memory evidence) = _first(inputs);
        evidence.rows = _rows(inputs[3], inputs[4]);
        assertFalse(facts.judgeReport(report, Claim.Registrations, 3, evidence));
        // Those left out, and those changed.
        bytes[] memory fewer = new bytes[](4);
        for (uint256 i; i < 4; ++i) fewer[i] = inputs[i];
        (report, evidence) = _first(fewer);
        evidence.rows = _rows(inputs[3]);
        assertTrue(facts.judgeReport(report, Claim.Registrations, 3, evidence));
        bytes[] memory other = _spoiled(inputs, 4, 20);
        (report, evidence) = _first(other);
        evidence.rows = _rows(other[3], other[4]);
        assertTrue(facts.judgeReport(report, Claim.Registrations, 3, evidence));
        // One row of the two.
        evidence.rows = _rows(other[3]);
        vm.expectRevert(abi.encodeWithSelector(IFacts.RowsMismatch.selector, 1, 2));
        facts.judgeReport(report, Claim.Registrations, 3, evidence);
    }

    /// Whoever registers less than D before the window opened is not looked for.
    function test_registrations_laterOnesDoNotCount() public {
        vm.warp(OPENS - DELAY + 1);
        example.join(TOPIC, _actor("late"), _actor("late key"), 1);
        vm.warp(CLOSES + 10);
        (Report memory report, Evidence memory evidence) = _first(inputs);
        evidence.rows = _rows(inputs[3], inputs[4]);
        assertFalse(facts.judgeReport(report, Claim.Registrations, 3, evidence));
    }

    function test_registrations_afterIt_areNone() public view {
        (Report memory report, Evidence memory evidence) = _settled(inputs);
        evidence.rows = _rows(inputs[4]);
        assertTrue(facts.judgeReport(report, Claim.Registrations, 4, evidence));
    }

    // -- Submission --

    function test_submission_honest_everySeat() public view {
        (Report memory report, Evidence memory evidence) = _first(inputs);
        evidence.rows = _from(inputs, 1);
        for (uint256 seat; seat < 256; ++seat) {
            assertFalse(facts.judgeReport(report, Claim.Submission, seat, evidence));
        }
        (report, evidence) = _settledOf(inputs);
        for (uint256 seat; seat < 256; ++seat) {
            assertFalse(facts.judgeReport(report, Claim.Submission, seat, evidence));
        }
    }

    /// A changed key counts from D before a window on, not for one that is nearer.
    function test_submission_honest_thoughTheKeyChangedSince() public {
        (Report memory report, Evidence memory evidence) = _first(inputs);
        evidence.rows = _from(inputs, 1);
        vm.warp(OPENS - DELAY + 1);
        vm.prank(BOB);
        topics.changeSigner(TOPIC, _actor("another"));
        vm.prank(ALICE);
        topics.leave(TOPIC);
        vm.warp(CLOSES + 10);
        assertFalse(facts.judgeReport(report, Claim.Submission, 0, evidence));
        assertFalse(facts.judgeReport(report, Claim.Submission, 1, evidence));
        assertFalse(facts.judgeReport(report, Claim.Submission, 0x80, evidence));
    }

    function test_submission_finds_changedValuesForecastsAndSignatures() public view {
        // BOB's value: only his seat.
        _findsOnly(_spoiled(inputs, 1, 38), 1);
        // A forecast: the seat under which its worker signed.
        _finds(_spoiled(inputs, 2, 30), 0);
        _finds(_spoiled(inputs, 2, 30), 0x80);
        // BOB's signature, and his extra.
        _findsOnly(_spoiled(inputs, 3, 3 + 97 + 60), 1);
        _findsOnly(_spoiled(inputs, 3, 3 + 97 + 5), 1);
    }

    function test_submission_finds_missingAndSurplusSignatures() public view {
        bytes[] memory other = _copy(inputs);
        bytes memory none = new bytes(97);
        none[0] = 0x05;
        // A signature under a seat of nobody.
        other[3] = bytes.concat(hex"140003", _from(inputs[3], 3), none);
        _findsOnly(other, 5);
        // BOB's is missing.
        other[3] = bytes.concat(hex"140001", _to(_from(inputs[3], 3), 97));
        _findsOnly(other, 1);
        // Values on a seat of nobody.
        other[3] = inputs[3];
        other[1] = abi.encodePacked(
            hex"1200000003",
            uint8(0),
            int128(3e18),
            abi.encodePacked(uint8(1), int128(4e18), uint8(2), int128(4e18))
        );
        _findsOnly(other, 2);
    }

    function test_submission_findsOneThatHadLeft() public {
        vm.warp(OPENS - DELAY);
        vm.prank(BOB);
        topics.leave(TOPIC);
        vm.warp(CLOSES + 10);
        (Report memory report, Evidence memory evidence) = _settledOf(inputs);
        assertTrue(facts.judgeReport(report, Claim.Submission, 1, evidence));
        assertFalse(facts.judgeReport(report, Claim.Submission, 0, evidence));
    }

    function test_submission_revertsWhen_theRegistrationsAreOthers() public {
        bytes[] memory other = _spoiled(inputs, 4, 20);
        (Report memory report, Evidence memory evidence) = _first(other);
        evidence.rows = _from(other, 1);
        vm.expectPartialRevert(IFacts.RegistrationsMismatch.selector);
        facts.judgeReport(report, Claim.Submission, 0, evidence);
    }

    function test_judgeReport_revertsWhen_theClaimIsNoneOfFact() public {
        vm.expectRevert(abi.encodeWithSelector(IFacts.NotAFact.selector, Claim.Value));
        facts.judgeReport(_fit(""), Claim.Value, 0, _evidence(""));
    }

    // -- Inside --

    function _schedule(Report memory report) private view returns (bool) {
        return _judge(Claim.Schedule, 0, report, _evidence(""));
    }

    function _judge(
        Claim claim,
        uint256 at,
        Report memory report,
        Evidence memory evidence
    ) private view returns (bool) {
        return facts.judgeReport(report, claim, at, evidence);
    }

    function _first(bytes[] memory rows) private view returns (Report memory report, Evidence memory evidence) {
        evidence.inputs = _listOf(0x10, rows);
        evidence.context = _contextWith(0, 0, _genesis(), keccak256(evidence.inputs), keccak256("outputs"));
        report = _fit(evidence.context);
    }

    function _settled(bytes[] memory rows) private view returns (Report memory report, Evidence memory evidence) {
        evidence.inputs = _listOf(0x10, rows);
        evidence.beforehand = abi.encodePacked(hex"ff200002", keccak256(hex"210001"), keccak256(_seats()));
        evidence.context = _contextWith(
            EPOCH - 3,
            keccak256("settled"),
            keccak256(evidence.beforehand),
            keccak256(evidence.inputs),
            keccak256("outputs")
        );
        report = _fit(evidence.context);
    }

    /// @dev With the state's seats in the place of the registrations.
    function _settledOf(bytes[] memory rows) private view returns (Report memory report, Evidence memory evidence) {
        (report, evidence) = _settled(rows);
        evidence.rows = _from(rows, 1);
        evidence.rows[3] = _seats();
    }

    function _finds(bytes[] memory rows, uint256 seat) private view {
        (Report memory report, Evidence memory evidence) = _first(rows);
        evidence.rows = _from(rows, 1);
        assertTrue(facts.judgeReport(report, Claim.Submission, seat, evidence));
    }

    function _findsOnly(bytes[] memory rows, uint256 seat) private view {
        (Report memory report, Evidence memory evidence) = _first(rows);
        evidence.rows = _from(rows, 1);
        for (uint256 i; i < 8; ++i) {
            assertTrue(facts.judgeReport(report, Claim.Submission, i, evidence) == (i == seat));
        }
    }

    function _copy(bytes[] memory rows) private pure returns (bytes[] memory copy) {
        copy = new bytes[](rows.length);
        for (uint256 i; i < rows.length; ++i) copy[i] = rows[i];
    }

    function _from(bytes[] memory rows, uint256 first) private pure returns (bytes[] memory rest) {
        rest = new bytes[](rows.length - first);
        for (uint256 i; i < rest.length; ++i) rest[i] = rows[first + i];
    }

    function _from(bytes memory row, uint256 first) private pure returns (bytes memory rest) {
        rest = new bytes(row.length - first);
        for (uint256 i; i < rest.length; ++i) rest[i] = row[first + i];
    }

    function _to(bytes memory row, uint256 length) private pure returns (bytes memory start) {
        start = new bytes(length);
        for (uint256 i; i < length; ++i) start[i] = row[i];
    }
}
