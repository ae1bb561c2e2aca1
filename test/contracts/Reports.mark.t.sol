// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReader} from "../../contracts/interfaces/IReader.sol";
import {IReports} from "../../contracts/interfaces/IReports.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Status, Word} from "../../contracts/types/Word.sol";
import {Attesting} from "./support/Attesting.sol";

/// @dev What only `Disputes` may write, and what a ring may never serve again.
contract ReportsMark is Attesting {
    function setUp() public {
        _deploy(4);
    }

    function test_mark_revertsWhen_anotherCalls() public {
        vm.expectRevert(abi.encodeWithSelector(IReports.NotDisputes.selector, address(this), DISPUTES));
        reports.mark(TOPIC, 0, Word.wrap(1), 1);
    }

    function test_mark_theNewest() public {
        _postWithHistory(1, 0);
        Word word = reports.keptWordOf(TOPIC, 0).withStatus(Status.Refuted);
        vm.expectEmit(address(reports));
        emit IReports.WordMarked(TOPIC, 0, Word.unwrap(word));
        _mark(1, word);
        assertEq(Word.unwrap(reports.keptWordOf(TOPIC, 0)), Word.unwrap(word));
        assertEq(word.epoch(), 1);
    }

    function test_mark_inTheRing() public {
        for (uint32 epoch = 1; epoch <= 3; ++epoch) _postWithHistory(epoch, 4);
        _mark(2, reports.rawWordAt(TOPIC, 0, 2).withStatus(Status.Void));
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportVoid.selector, TOPIC, 0, 2));
        reports.readAt(TOPIC, 0, 2);
        assertEq(reports.read(TOPIC, 0).epoch, 3);
        assertEq(reports.readAt(TOPIC, 0, 1).epoch, 1);
    }

    function test_mark_aNewerOneDisplacesTheNewest() public {
        for (uint32 epoch = 1; epoch <= 3; ++epoch) _postWithHistory(epoch, 4);
        _mark(4, Word.wrap(uint256(4) << 68).withStatus(Status.Refuted));
        assertEq(reports.readAt(TOPIC, 0, 3).epoch, 3);
        vm.expectRevert(abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, 4));
        reports.read(TOPIC, 0);
    }

    function test_mark_revertsWhen_theEpochIsNotKept() public {
        for (uint32 epoch = 1; epoch <= 3; ++epoch) _postWithHistory(epoch, 0);
        vm.expectRevert(abi.encodeWithSelector(IReader.NoReportAt.selector, TOPIC, 0, 2));
        _mark(2, Word.wrap(2));
    }

    /// A label that lags behind and names the former size leaves the ring of the newer report alone.
    function test_ring_theFormerSizeDoesNotComeBack() public {
        for (uint32 epoch = 1; epoch <= 8; ++epoch) _postWithHistory(epoch, 8);
        _postWithHistory(9, 3);
        for (uint32 epoch = 5; epoch <= 6; ++epoch) _postLabel(1, epoch, 8);
        _postWithHistory(10, 8);
        for (uint32 epoch = 1; epoch <= 8; ++epoch) {
            assertEq(Word.unwrap(reports.rawWordAt(TOPIC, 0, epoch)), 0);
        }
        assertEq(reports.readAt(TOPIC, 0, 9).epoch, 9);
        // Label 1's older word went into the ring of size 3, which is gone.
        assertEq(Word.unwrap(reports.rawWordAt(TOPIC, 1, 5)), 0);
        assertEq(reports.readAt(TOPIC, 1, 6).epoch, 6);
    }

    /// Law: whatever sizes follow one another, what is served of an epoch is its own word, and what was once out of reach stays so.
    function testFuzz_ring_nothingComesBack(uint256 seed) public {
        bool[41] memory isLost;
        for (uint32 epoch = 1; epoch <= 40; ++epoch) {
            _postWithHistory(epoch, uint8(1 + (uint256(keccak256(abi.encode(seed, epoch / 5))) % 4)));
            for (uint32 past = 1; past < epoch; ++past) {
                Word word = reports.rawWordAt(TOPIC, 0, past);
                if (word.isNone()) {
                    isLost[past] = true;
                    continue;
                }
                assertFalse(isLost[past]);
                assertEq(word.epoch(), past);
                assertEq(word.value(), int256(uint256(past)));
            }
        }
    }

    function testFuzz_word_withStatusAndSchedule(uint256 bits, uint32 epoch, uint32 observedAt) public pure {
        epoch = uint32(bound(epoch, 0, (1 << 28) - 1));
        Word word = Word.wrap((bits & ~(uint256(0xf) << 24)) | (uint256(1) << 24));
        Word other = word.withStatus(Status.Refuted);
        assertEq(uint8(other.status()), uint8(Status.Refuted));
        assertEq(Word.unwrap(other.withStatus(Status.Attested)), Word.unwrap(word));
        Word moved = word.withSchedule(epoch, observedAt);
        assertEq(moved.epoch(), epoch);
        assertEq(moved.observedAt(), observedAt);
        assertEq(moved.postedAfter(), 0);
        assertEq(moved.value(), word.value());
        assertEq(moved.lag(), word.lag());
        assertEq(moved.sigma(), word.sigma());
        assertEq(uint8(moved.status()), uint8(Status.Attested));
    }

    function _mark(uint32 epoch, Word word) private {
        vm.prank(DISPUTES);
        reports.mark(TOPIC, 0, word, epoch);
    }

    function _postLabel(uint16 label, uint32 epoch, uint8 history) private {
        Report memory report = _report(epoch, START + epoch);
        (report.label, report.history) = (label, history);
        _post(report);
    }
}
