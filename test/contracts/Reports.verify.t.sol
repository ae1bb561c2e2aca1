// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {IReader, Reading} from "../../contracts/interfaces/IReader.sol";
import {IReports} from "../../contracts/interfaces/IReports.sol";
import {Sigma} from "../../contracts/libraries/Sigma.sol";
import {Batch} from "../../contracts/types/Batch.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Status} from "../../contracts/types/Word.sol";
import {Attesting} from "./support/Attesting.sol";
import {NaiveTree} from "./support/NaiveTree.sol";

/// @dev A report that was not posted, verified inside a reader's call.
contract ReportsVerifyTest is Attesting {
    using NaiveTree for bytes32[];

    function setUp() public {
        _deploy(4);
    }

    function test_verify_givesTheReading() public {
        vm.warp(START + 9);
        Report[] memory list = new Report[](3);
        for (uint16 i; i < 3; ++i) {
            list[i] = _report(5, START);
            list[i].label = i;
        }
        bytes32[] memory leaves = _leaves(list);
        Batch memory batch = _batch(leaves.rootOf());
        bytes memory attestation = _attest(_digest(batch), 7);
        for (uint256 i; i < 3; ++i) {
            Reading memory reading = reports.verify(batch, list[i], leaves.proofOf(i), attestation);
            assertEq(reading.value, -3.5e18);
            assertEq(reading.sigma, 65_536);
            assertTrue(reading.sigmaKnown);
            assertEq(reading.observedAt, START);
            assertEq(reading.aboutAt, START + 8 hours);
            assertEq(reading.epoch, 5);
            assertEq(reading.postedAt, START + 9);
            assertEq(uint8(reading.status), uint8(Status.Attested));
        }
        assertEq(_word(TOPIC, 0), 0);
    }

    function test_verify_revertsWhen_rootIsAnother() public {
        (Batch memory batch, Report memory report, bytes memory attestation) = _pulled(_report(5, START));
        report.value += 1;
        vm.expectRevert(abi.encodeWithSelector(IReports.RootMismatch.selector, _leaf(report), batch.root));
        reports.verify(batch, report, new bytes32[](0), attestation);
    }

    function test_verify_revertsWhen_tooFewSigned() public {
        (Batch memory batch, Report memory report, ) = _pulled(_report(5, START));
        bytes memory attestation = _attest(_digest(batch), 3);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.QuorumNotReached.selector, 2, 3));
        reports.verify(batch, report, new bytes32[](0), attestation);
    }

    function test_verify_revertsWhen_itsEraIsOver() public {
        (Batch memory batch, Report memory report, bytes memory attestation) = _pulled(_report(5, START));
        vm.warp(EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 1, EXPIRY));
        reports.verify(batch, report, new bytes32[](0), attestation);
    }

    function test_verify_revertsWhen_observedInTheFuture() public {
        (Batch memory batch, Report memory report, bytes memory attestation) = _pulled(_report(5, START + 1));
        vm.expectRevert(abi.encodeWithSelector(IReports.ObservedInFuture.selector, START + 1, START));
        reports.verify(batch, report, new bytes32[](0), attestation);
    }

    function test_verify_revertsWhen_noWordCouldHoldIt() public {
        (Batch memory batch, Report memory report, bytes memory attestation) = _pulled(_report(1 << 28, START));
        vm.expectRevert(abi.encodeWithSelector(IReports.EpochOutOfRange.selector, 1 << 28, 1 << 28));
        reports.verify(batch, report, new bytes32[](0), attestation);
        report = _report(5, START);
        report.sigma = 1;
        (batch, report, attestation) = _pulled(report);
        vm.expectRevert(abi.encodeWithSelector(Sigma.InvalidSigma.selector, 1));
        reports.verify(batch, report, new bytes32[](0), attestation);
    }

    function test_verify_revertsWhen_itsEpochIsVoidOrRefuted() public {
        _postWithHistory(5, 2);
        _setStatus(TOPIC, 0, Status.Refuted);
        (Batch memory batch, Report memory report, bytes memory attestation) = _pulled(_report(5, START));
        bytes memory why = abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, 5);
        vm.expectRevert(why);
        reports.verify(batch, report, new bytes32[](0), attestation);
        // Also when a newer one has displaced it.
        _postWithHistory(6, 2);
        vm.expectRevert(why);
        reports.verify(batch, report, new bytes32[](0), attestation);

        _setStatus(TOPIC, 0, Status.Void);
        (batch, report, attestation) = _pulled(_report(6, START));
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportVoid.selector, TOPIC, 0, 6));
        reports.verify(batch, report, new bytes32[](0), attestation);
    }

    function _pulled(
        Report memory report
    ) private view returns (Batch memory batch, Report memory same, bytes memory attestation) {
        batch = _batch(_leaf(report));
        return (batch, report, _attest(_digest(batch), 7));
    }
}
