// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {Reading} from "../../contracts/interfaces/IReader.sol";
import {Committee} from "../../contracts/Committee.sol";
import {Reports} from "../../contracts/Reports.sol";
import {Attesting} from "./support/Attesting.sol";
import {ReportsHandler} from "./support/ReportsHandler.sol";

/// @dev The promises of `Reports` and `Committee`, kept whatever is posted, by whomever, in whichever order:
/// P1 the epoch of a topic never goes back, nor does its observedAt;
/// P2 every stored report had a quorum of its era's committee;
/// P3 a quorum is never zero, never above the membership, and two quorums share an honest member;
/// P4 a reader never sees a value that no event announced, neither the newest nor in the history.
contract ReportsInvariants is Attesting {
    ReportsHandler private handler;

    function setUp() public {
        vm.warp(START);
        committee = new Committee(address(this));
        reports = new Reports(committee, WINDOW, 0, address(0), DISPUTES);
        handler = new ReportsHandler(committee, reports, address(this));
        _target(address(handler));
    }

    function invariant_P1_nothingGoesBack() public view {
        assertFalse(handler.wentBack());
        _isBusy();
    }

    function invariant_P2_everyReportHadAQuorum() public view {
        for (uint256 i; i < handler.acceptedCount(); ++i) {
            ReportsHandler.Accepted memory accepted = handler.accepted(i);
            // More than two thirds of the membership, which for 3f + 1 members is 2f + 1.
            assertGt(3 * accepted.signers, 2 * (accepted.members - 1));
        }
        _isBusy();
    }

    function invariant_P3_quorumsAreSound() public view {
        for (uint32 number = 1; number <= committee.eraCount(); ++number) {
            ICommittee.Era memory era = committee.eraOf(number);
            uint256 members = era.signers.length;
            uint256 faulty = (members - 1) / 3;
            assertGt(era.quorum, 0);
            assertLe(era.quorum, members - faulty);
            assertGt(2 * uint256(era.quorum), members + faulty);
        }
        _isBusy();
    }

    function invariant_P4_everyReadingWasAnnounced() public view {
        for (uint16 label; label < handler.LABELS(); ++label) {
            uint256 word = handler.announced(label);
            (bool usable, Reading memory reading) = reports.tryRead(TOPIC, label);
            assertEq(usable, word != 0);
            if (!usable) continue;
            _isThe(word, reading);
            for (uint32 back; back < 6 && back <= reading.epoch; ++back) {
                (bool kept, Reading memory older) = reports.tryReadAt(TOPIC, label, reading.epoch - back);
                if (kept) _isThe(handler.announcedAt(label, reading.epoch - back), older);
            }
        }
        _isBusy();
    }

    function _isThe(uint256 word, Reading memory reading) private pure {
        assertEq(reading.value, int128(int256(word) >> 128));
        assertEq(reading.observedAt, uint32(word >> 96));
        assertEq(reading.epoch, (word >> 68) & 0xfffffff);
    }

    /// @dev A promise that nothing was tried against is worth nothing.
    function _isBusy() private view {
        if (handler.calls() < 8) return;
        assertGt(handler.acceptedCount(), 0, "nothing was accepted");
        assertGt(handler.displaced(), 0, "nothing was displaced");
        assertGt(handler.skipped(), 0, "nothing was skipped");
        assertGt(handler.refused(), 0, "nothing was refused");
    }
}
