// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IReader} from "../../contracts/interfaces/IReader.sol";
import {Attested} from "../../contracts/types/Attested.sol";
import {Claim} from "../../contracts/types/Claim.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {Status, Word} from "../../contracts/types/Word.sol";
import {DisputesTest} from "./support/DisputesTest.sol";

/// @dev Proving, refuting and striking of reports.
contract DisputesTests is DisputesTest {
    bytes private context;
    Report private report;
    Attested private signed;

    function setUp() public override {
        super.setUp();
        context = _firstContext();
        report = _fit(context);
        signed = _signed(report);
    }

    // -- prove --

    function test_prove_makesTheWordProven() public {
        _postFit(report);
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportProven(TOPIC, 0, EPOCH, _leaf(report));
        disputes.prove(report, signed, _evidence(context));
        assertEq(uint8(reports.read(TOPIC, 0).status), uint8(Status.Proven));
        assertEq(reports.read(TOPIC, 0).value, report.value);
    }

    function test_prove_atAnyTime() public {
        _postFit(report);
        vm.warp(CLOSES + 10 * WINDOW);
        disputes.prove(report, signed, _evidence(context));
        _isStatus(Status.Proven);
    }

    function test_prove_revertsWhen_notPosted() public {
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotPosted.selector, TOPIC, 0, EPOCH));
        disputes.prove(report, signed, _evidence(context));
    }

    function test_prove_revertsWhen_provenOrRefutedAlready() public {
        _postFit(report);
        disputes.prove(report, signed, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotAttested.selector, Status.Proven));
        disputes.prove(report, signed, _evidence(context));
        _refute();
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotAttested.selector, Status.Refuted));
        disputes.prove(report, signed, _evidence(context));
    }

    function test_prove_revertsWhen_theVerifierFindsOtherNumbers() public {
        _postFit(report);
        verifier.tell(true);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotConfirmed.selector, _leaf(report)));
        disputes.prove(report, signed, _evidence(context));
    }

    function test_prove_revertsWhen_itIsNotWhatWasSigned() public {
        _postFit(report);
        vm.expectRevert();
        disputes.prove(report, signed, _evidence(bytes.concat(context, hex"00")));
        signed.batch.slot += 1;
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0));
        disputes.prove(report, signed, _evidence(context));
        report.value += 1;
        vm.expectRevert(abi.encodeWithSelector(IDisputes.RootMismatch.selector, _leaf(report), signed.batch.root));
        disputes.prove(report, signed, _evidence(context));
    }

    function test_prove_revertsWhen_parametersOrStateAreOthers() public {
        bytes32 required = _genesis();
        context = _contextOf(0, 0, keccak256("else"));
        _postOther(context);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.StateMismatch.selector, keccak256("else"), required));
        disputes.prove(report, signed, _evidence(context));

        context = _contextOf(4, keccak256("leaf"), required);
        report = _fit(context);
        signed = _signed(report);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.SettledMismatch.selector, keccak256("leaf"), bytes32(0)));
        disputes.prove(report, signed, _evidence(context));

        context[1] ^= 0x01;
        bytes32 given = _parametersHash() ^ bytes32(uint256(1) << 248);
        report = _fit(context);
        signed = _signed(report);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ParametersMismatch.selector, given, _parametersHash()));
        disputes.prove(report, signed, _evidence(context));
    }

    /// The state is that of the last settlement accepted before the window opened, not of one accepted at its opening.
    function test_prove_fromASettledState() public {
        Settlement[] memory chain = _chain(EPOCH - 3, 0, 2);
        vm.warp(OPENS - 1);
        _settle(chain[0]);
        vm.warp(OPENS);
        _settle(chain[1]);
        context = _contextOf(EPOCH - 2, _leaf(chain[1]), chain[1].state);
        _postOther(context);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.SettledMismatch.selector, _leaf(chain[1]), _leaf(chain[0])));
        disputes.prove(report, signed, _evidence(context, chain[1]));

        context = _contextOf(EPOCH - 3, _leaf(chain[0]), chain[0].state);
        report = _fit(context);
        signed = _signed(report);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.OriginMismatch.selector, bytes32(0), _leaf(chain[0])));
        disputes.prove(report, signed, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.OriginMismatch.selector, _leaf(chain[1]), _leaf(chain[0])));
        disputes.prove(report, signed, _evidence(context, chain[1]));
        disputes.prove(report, signed, _evidence(context, chain[0]));
        _isStatus(Status.Proven);
    }

    function test_prove_revertsWhen_theEraHasNoVerifier() public {
        uint40 from = START + 100;
        vm.warp(from);
        _openEra(4, 10, from, EXPIRY);
        _postFit(report, _attested(_leaf(report), 2, 10));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NoVerifier.selector, 2));
        disputes.prove(report, _attested(_leaf(report), 2, 10), _evidence(context));
    }

    // -- refuteReport --

    function test_refuteReport_refutesForGood() public {
        _postFit(report);
        verifier.tell(true);
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportRefuted(TOPIC, 0, EPOCH, _leaf(report), Claim.Combined, 3, 1, 11, true);
        disputes.refuteReport(report, signed, Claim.Combined, 3, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, EPOCH));
        reports.read(TOPIC, 0);
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, report.context)), uint8(Status.Refuted));
        // It keeps its epoch, and another of it is not posted over.
        report.value += 1;
        _post(report);
        _isStatus(Status.Refuted);
        assertEq(reports.keptWordOf(TOPIC, 0).epoch(), EPOCH);
    }

    function test_refuteReport_ofAProvenOne() public {
        _postFit(report);
        disputes.prove(report, signed, _evidence(context));
        _refute();
        _isStatus(Status.Refuted);
    }

    function test_refuteReport_again_onlyConvicts() public {
        _postFit(report);
        _refute();
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportRefuted(TOPIC, 0, EPOCH, _leaf(report), Claim.Value, 0, 1, 11, false);
        disputes.refuteReport(report, signed, Claim.Value, 0, _evidence(context));
    }

    function test_refuteReport_revertsWhen_itIsRight() public {
        _postFit(report);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotRefuted.selector, Claim.Value));
        disputes.refuteReport(report, signed, Claim.Value, 0, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotRefuted.selector, Claim.Schedule));
        disputes.refuteReport(report, signed, Claim.Schedule, 0, _evidence(context));
    }

    function test_refuteReport_revertsWhen_theClaimIsNoneOfAReport() public {
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ClaimUnfit.selector, Claim.None));
        disputes.refuteReport(report, signed, Claim.None, 0, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ClaimUnfit.selector, Claim.SettlementLists));
        disputes.refuteReport(report, signed, Claim.SettlementLists, 0, _evidence(context));
    }

    function test_refuteReport_movesUpToTheLastSecondOfTheWindow() public {
        _postFit(report);
        uint256 end = reports.keptWordOf(TOPIC, 0).postedAt() + WINDOW;
        verifier.tell(true);
        vm.warp(end);
        disputes.refuteReport(report, signed, Claim.Value, 0, _evidence(context));
        _isStatus(Status.Attested);
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, report.context)), 0);
        vm.warp(end - 1);
        disputes.refuteReport(report, signed, Claim.Value, 0, _evidence(context));
        _isStatus(Status.Refuted);
    }

    function test_refuteReport_unposted_asIfPostedFirst() public {
        vm.warp(CLOSES + 100);
        _refute();
        Word word = reports.keptWordOf(TOPIC, 0);
        _isStatus(Status.Refuted);
        assertEq(word.epoch(), EPOCH);
        assertEq(word.postedAfter(), 7);
        _post(report);
        _isStatus(Status.Refuted);
    }

    function test_refuteReport_unposted_onlyConvictsWhen_itCouldNotBePosted() public {
        // Observed after the present.
        vm.warp(CLOSES - 1);
        _convictsOnly();
        // Too late.
        vm.warp(CLOSES + 16 * 65_535 + 1);
        _convictsOnly();
        // Its era has ended.
        vm.warp(EXPIRY);
        _convictsOnly();
    }

    function test_refuteReport_unposted_onlyConvictsWhen_anotherIsThere() public {
        Report memory other = report;
        other.value += 1;
        _postFit(other);
        Word word = reports.keptWordOf(TOPIC, 0);
        other.value -= 1;
        verifier.tell(true);
        disputes.refuteReport(other, _signed(other), Claim.Value, 0, _evidence(context));
        assertEq(Word.unwrap(reports.keptWordOf(TOPIC, 0)), Word.unwrap(word));
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, report.context)), 0);
    }

    function test_refuteReport_displaced_dropsItsContext() public {
        _postFit(report);
        Report memory next = report;
        (next.epoch, next.observedAt) = (EPOCH + 1, CLOSES + uint32(DAY));
        vm.warp(CLOSES + DAY + 10);
        _post(next);
        (next.epoch, next.observedAt) = (EPOCH, CLOSES);
        verifier.tell(true);
        vm.warp(CLOSES + WINDOW);
        disputes.refuteReport(next, _signed(next), Claim.Value, 0, _evidence(context));
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, next.context)), 0);
        vm.warp(CLOSES + WINDOW - 1);
        disputes.refuteReport(next, _signed(next), Claim.Value, 0, _evidence(context));
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, next.context)), uint8(Status.Refuted));
        _isStatus(Status.Attested);
    }

    function test_refuteReport_misfit_takesTheCurrentEpoch() public {
        report.epoch = 1 << 27;
        signed = _signed(report);
        _postFit(report);
        vm.warp(CLOSES + 50);
        disputes.refuteReport(report, signed, Claim.Schedule, 0, _evidence(""));
        Word word = reports.keptWordOf(TOPIC, 0);
        assertEq(word.epoch(), EPOCH);
        assertEq(word.observedAt(), CLOSES + 50);
        assertEq(word.postedAt(), CLOSES + 50);
        _isStatus(Status.Refuted);
        // The epoch's number is lost, the next one's goes on.
        Report memory next = _report(EPOCH + 1, CLOSES + uint32(DAY));
        vm.warp(CLOSES + DAY);
        _post(next);
        _isStatus(Status.Attested);
    }

    function test_refuteReport_misfitInAnotherField_keepsItsEpoch() public {
        report.lag += 1;
        signed = _signed(report);
        _postFit(report);
        disputes.refuteReport(report, signed, Claim.Schedule, 0, _evidence(""));
        assertEq(reports.keptWordOf(TOPIC, 0).observedAt(), CLOSES);
        _isStatus(Status.Refuted);
    }

    function test_refuteReport_ofATopicThatIsNotThere_keepsItsEpoch() public {
        report.topicId = TOPIC + 1;
        signed = _signed(report);
        _postFit(report);
        disputes.refuteReport(report, signed, Claim.Schedule, 0, _evidence(""));
        Word word = reports.keptWordOf(TOPIC + 1, 0);
        assertEq(word.epoch(), EPOCH);
        assertEq(uint8(word.status()), uint8(Status.Refuted));
    }

    /// A word in the history is refuted where it stands.
    function test_refuteReport_inTheHistory() public {
        report.history = 4;
        signed = _signed(report);
        _postFit(report);
        Report memory next = report;
        (next.epoch, next.observedAt) = (EPOCH + 1, CLOSES + uint32(DAY));
        vm.warp(CLOSES + DAY + 10);
        _post(next);
        (next.epoch, next.observedAt) = (EPOCH, CLOSES);
        verifier.tell(true);
        disputes.refuteReport(next, signed, Claim.Value, 0, _evidence(context));
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, EPOCH));
        reports.readAt(TOPIC, 0, EPOCH);
        assertEq(reports.read(TOPIC, 0).epoch, EPOCH + 1);
    }

    // -- strikeReport --

    function test_strikeReport_voidsAnotherLabelOfARefutedContext() public {
        Report memory other = report;
        other.label = 1;
        Attested memory otherSigned = _signed(other);
        _postFit(other);
        other.label = 0;
        _post(report);
        _refute();
        other.label = 1;
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportVoided(TOPIC, 1, EPOCH, _leaf(other));
        disputes.strikeReport(other, otherSigned, "");
        assertEq(uint8(_statusOf(1)), uint8(Status.Void));
        vm.expectRevert(abi.encodeWithSelector(IDisputes.StillStands.selector, _leaf(other)));
        disputes.strikeReport(other, otherSigned, "");
        // Void is not the end: it can still be refuted.
        disputes.refuteReport(other, otherSigned, Claim.Value, 0, _evidence(context));
        assertEq(uint8(_statusOf(1)), uint8(Status.Refuted));
    }

    function test_strikeReport_inTheRefutingTransaction() public {
        Report memory other = report;
        other.label = 1;
        Attested memory otherSigned = _signed(other);
        _postFit(other);
        other.label = 0;
        _post(other);
        verifier.tell(true);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(disputes.refuteReport, (other, signed, Claim.Value, 0, _evidence(context)));
        other.label = 1;
        calls[1] = abi.encodeCall(disputes.strikeReport, (other, otherSigned, ""));
        disputes.multicall(calls);
        _isStatus(Status.Refuted);
        assertEq(uint8(_statusOf(1)), uint8(Status.Void));
    }

    function test_strikeReport_revertsWhen_itNamesTheRightOne() public {
        _postFit(report);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.StillStands.selector, _leaf(report)));
        disputes.strikeReport(report, signed, context);
    }

    function test_strikeReport_blamesWhoNamesWhatNobodyAccepted() public {
        context = _contextOf(EPOCH - 2, keccak256("made up"), keccak256("state"));
        vm.warp(CLOSES);
        report = _fit(context);
        signed = _signed(report);
        _post(report);
        // Void at first: what it names may come yet, after a reorganisation.
        vm.warp(OPENS + DELAY);
        disputes.strikeReport(report, signed, context);
        _isStatus(Status.Void);
        vm.warp(OPENS + DELAY + 1);
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportRefuted(TOPIC, 0, EPOCH, _leaf(report), Claim.None, 0, 1, 11, true);
        disputes.strikeReport(report, signed, context);
        _isStatus(Status.Refuted);
    }

    function test_strikeReport_blamesNobodyWhereTheRightOneCameLate() public {
        Settlement memory late = _settlement(EPOCH - 3, 0);
        vm.warp(OPENS - DELAY);
        _settle(late);
        _postFit(report);
        vm.warp(OPENS + 2 * DELAY);
        disputes.strikeReport(report, signed, context);
        _isStatus(Status.Void);
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportVoid.selector, TOPIC, 0, EPOCH));
        reports.read(TOPIC, 0);
    }

    function test_strikeReport_blamesWhereTheRightOneWasThereInTime() public {
        Settlement memory early = _settlement(EPOCH - 3, 0);
        vm.warp(OPENS - DELAY - 1);
        _settle(early);
        _postFit(report);
        vm.warp(OPENS + 2 * DELAY);
        disputes.strikeReport(report, signed, context);
        _isStatus(Status.Refuted);
    }

    function test_strikeReport_blamesNobodyWhereTheNamedOneCameShortlyAfter() public {
        Settlement memory next = _settlement(EPOCH - 3, 0);
        vm.warp(OPENS + DELAY);
        _settle(next);
        context = _contextOf(EPOCH - 3, _leaf(next), next.state);
        _postOther(context);
        vm.warp(OPENS + 2 * DELAY);
        disputes.strikeReport(report, signed, context);
        _isStatus(Status.Void);
    }

    function test_strikeReport_blamesNobodyForWhatWasTakenBack() public {
        Settlement memory early = _settlement(EPOCH - 3, 0);
        vm.warp(OPENS - DELAY - 1);
        _settle(early);
        context = _contextOf(EPOCH - 3, _leaf(early), early.state);
        _postOther(context);
        verifier.tell(true, _genesis());
        disputes.refuteSettlement(early, _signed(early), Claim.Seats, 0, _evidence(""));
        vm.warp(OPENS + 2 * DELAY);
        disputes.strikeReport(report, signed, context);
        _isStatus(Status.Void);
    }

    // -- Inside --

    function _refute() private {
        verifier.tell(true);
        disputes.refuteReport(report, signed, Claim.Value, 0, _evidence(context));
    }

    function _postOther(bytes memory other) private {
        report = _fit(other);
        signed = _signed(report);
        _postFit(report);
    }

    function _postFit(Report memory given, Attested memory attested) private {
        vm.warp(CLOSES + 10);
        bytes memory attestation = attested.attestation;
        reports.post(attested.batch, _list(given), _noProof(), attestation);
    }

    function _convictsOnly() private {
        verifier.tell(true);
        vm.expectEmit(address(disputes));
        emit IDisputes.ReportRefuted(TOPIC, 0, EPOCH, _leaf(report), Claim.Value, 0, 1, 11, false);
        disputes.refuteReport(report, signed, Claim.Value, 0, _evidence(context));
        assertEq(Word.unwrap(reports.keptWordOf(TOPIC, 0)), 0);
        assertEq(uint8(disputes.verdictOf(TOPIC, EPOCH, report.context)), 0);
    }
}
