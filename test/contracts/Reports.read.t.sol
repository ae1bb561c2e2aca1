// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReader, Reading} from "../../contracts/interfaces/IReader.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Status} from "../../contracts/types/Word.sol";
import {Attesting} from "./support/Attesting.sol";

/// @dev What readers get: the newest word and the history.
contract ReportsReadTest is Attesting {
    function setUp() public {
        _deploy(4);
    }

    // -- The newest --

    function test_read_givesEveryField() public {
        vm.warp(START + 33);
        _post(_report(5, START));
        Reading memory reading = reports.read(TOPIC, 0);
        assertEq(reading.value, -3.5e18);
        assertEq(reading.sigma, 65_536);
        assertTrue(reading.sigmaKnown);
        assertEq(reading.observedAt, START);
        assertEq(reading.aboutAt, START + 8 hours);
        assertEq(reading.epoch, 5);
        assertEq(reading.postedAt, START + 48);
        assertEq(uint8(reading.status), uint8(Status.Attested));
        (bool usable, Reading memory same) = reports.tryRead(TOPIC, 0);
        assertTrue(usable);
        assertEq(abi.encode(same), abi.encode(reading));
    }

    function test_read_sigmaUnknown() public {
        Report memory report = _report(5, START);
        report.sigma = 0xffffff;
        _post(report);
        assertFalse(reports.read(TOPIC, 0).sigmaKnown);
        assertEq(reports.read(TOPIC, 0).sigma, 0);
    }

    function test_read_revertsWhen_nothingWasPosted() public {
        _post(_report(5, START));
        vm.expectRevert(abi.encodeWithSelector(IReader.NoReport.selector, TOPIC, 1));
        reports.read(TOPIC, 1);
        vm.expectRevert(abi.encodeWithSelector(IReader.NoReport.selector, TOPIC + 1, 0));
        reports.read(TOPIC + 1, 0);
        (bool usable, Reading memory reading) = reports.tryRead(TOPIC, 1);
        assertFalse(usable);
        assertEq(uint8(reading.status), uint8(Status.None));
    }

    function test_read_becomesFinal() public {
        vm.warp(START + 1);
        _post(_report(5, START));
        vm.warp(START + 16 + WINDOW - 1);
        assertEq(uint8(reports.read(TOPIC, 0).status), uint8(Status.Attested));
        vm.warp(START + 16 + WINDOW);
        assertEq(uint8(reports.read(TOPIC, 0).status), uint8(Status.Final));
    }

    function test_read_provenStaysProven() public {
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Proven);
        assertEq(uint8(reports.read(TOPIC, 0).status), uint8(Status.Proven));
        vm.warp(START + 2 * WINDOW);
        assertEq(uint8(reports.read(TOPIC, 0).status), uint8(Status.Proven));
    }

    function test_read_revertsWhen_void() public {
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Void);
        bytes memory why = abi.encodeWithSelector(IReader.ReportVoid.selector, TOPIC, 0, 5);
        vm.expectRevert(why);
        reports.read(TOPIC, 0);
        vm.expectRevert(why);
        reports.readAt(TOPIC, 0, 5);
        _tryReadTells(Status.Void);
    }

    function test_read_revertsWhen_refuted() public {
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Refuted);
        vm.warp(START + 2 * WINDOW);
        bytes memory why = abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, 5);
        vm.expectRevert(why);
        reports.read(TOPIC, 0);
        vm.expectRevert(why);
        reports.readAt(TOPIC, 0, 5);
        _tryReadTells(Status.Refuted);
    }

    function test_read_afterARefutation_theNextEpochCounts() public {
        vm.warp(START + 100);
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Refuted);
        _post(_report(6, START + 1));
        assertEq(reports.read(TOPIC, 0).epoch, 6);
    }

    // -- History --

    function test_readAt_withoutHistory_onlyTheNewest() public {
        _postWithHistory(5, 0);
        _postWithHistory(6, 0);
        assertEq(reports.readAt(TOPIC, 0, 6).epoch, 6);
        _missing(5);
        _missing(7);
    }

    /// Law: the newest and the `history` before it are served, each as it was posted, and no other.
    function testFuzz_readAt_keepsTheHistory(uint256 history, uint256 count, uint256 first) public {
        history = bound(history, 1, 255);
        count = bound(count, 1, 20);
        first = bound(first, 0, 1000);
        for (uint256 i; i < count; ++i) _postWithHistory(uint32(first + i), uint8(history));
        for (uint256 i; i < count; ++i) {
            uint32 epoch = uint32(first + i);
            if (i + history + 1 < count) {
                _missing(epoch);
                continue;
            }
            Reading memory reading = reports.readAt(TOPIC, 0, epoch);
            assertEq(reading.epoch, epoch);
            assertEq(reading.value, int128(uint128(epoch)));
        }
        _missing(uint32(first + count));
    }

    function test_readAt_olderValuesBecomeFinal() public {
        _postWithHistory(1, 4);
        vm.warp(START + WINDOW + 100);
        _postWithHistory(2, 4);
        assertEq(uint8(reports.readAt(TOPIC, 0, 1).status), uint8(Status.Final));
        assertEq(uint8(reports.readAt(TOPIC, 0, 2).status), uint8(Status.Attested));
    }

    function test_readAt_aRefutedEpochStaysRefuted() public {
        _postWithHistory(1, 4);
        _setStatus(TOPIC, 0, Status.Refuted);
        _postWithHistory(2, 4);
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, 1));
        reports.readAt(TOPIC, 0, 1);
    }

    function test_readAt_ofAnotherSize_startsEmpty() public {
        for (uint32 epoch = 1; epoch <= 8; ++epoch) _postWithHistory(epoch, 8);
        assertEq(reports.readAt(TOPIC, 0, 1).epoch, 1);
        _postWithHistory(9, 3);
        assertEq(reports.readAt(TOPIC, 0, 8).epoch, 8);
        _missing(7);
        // Back to the former size: what was out of reach stays so.
        _postWithHistory(10, 8);
        assertEq(reports.readAt(TOPIC, 0, 9).epoch, 9);
        _missing(8);
        _missing(7);
    }

    function test_readAt_aLaggingLabelBringsNothingBack() public {
        for (uint32 epoch = 1; epoch <= 5; ++epoch) {
            _postWithHistory(epoch, 8);
            if (epoch <= 2) _postLabel(1, epoch, 8);
        }
        _postWithHistory(6, 3);
        // Label 1 still has a report of the former size, which displaces an older epoch.
        _postLabel(1, 3, 8);
        _missing(4);
        // That one goes into the ring of the new size, and what stood in the former one stays out of reach.
        assertEq(reports.readAt(TOPIC, 1, 2).epoch, 2);
        vm.expectRevert(abi.encodeWithSelector(IReader.NoReportAt.selector, TOPIC, 1, 1));
        reports.readAt(TOPIC, 1, 1);
        assertEq(reports.readAt(TOPIC, 1, 3).epoch, 3);
    }

    function test_readAt_labelsAndTopicsDoNotMix() public {
        _postWithHistory(1, 2);
        _postWithHistory(2, 2);
        for (uint32 epoch = 11; epoch <= 12; ++epoch) _postLabel(1, epoch, 2);
        _missing(11);
        assertEq(reports.readAt(TOPIC, 0, 1).epoch, 1);
        assertEq(reports.readAt(TOPIC, 1, 11).epoch, 11);
    }

    function _postLabel(uint16 label, uint32 epoch, uint8 history) private {
        Report memory report = _report(epoch, START + epoch);
        (report.label, report.history) = (label, history);
        if (block.timestamp < START + epoch) vm.warp(START + epoch);
        _post(report);
    }

    function _missing(uint32 epoch) private {
        vm.expectRevert(abi.encodeWithSelector(IReader.NoReportAt.selector, TOPIC, 0, epoch));
        reports.readAt(TOPIC, 0, epoch);
        (bool usable, Reading memory reading) = reports.tryReadAt(TOPIC, 0, epoch);
        assertFalse(usable);
        assertEq(uint8(reading.status), uint8(Status.None));
    }

    function _tryReadTells(Status status) private view {
        (bool usable, Reading memory reading) = reports.tryRead(TOPIC, 0);
        assertFalse(usable);
        assertEq(uint8(reading.status), uint8(status));
        (usable, reading) = reports.tryReadAt(TOPIC, 0, 5);
        assertFalse(usable);
        assertEq(uint8(reading.status), uint8(status));
    }
}
