// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICommittee} from "../../contracts/interfaces/ICommittee.sol";
import {IReports} from "../../contracts/interfaces/IReports.sol";
import {Sigma} from "../../contracts/libraries/Sigma.sol";
import {Tree} from "../../contracts/libraries/Tree.sol";
import {Batch, Multiproof} from "../../contracts/types/Batch.sol";
import {Report, REPORT_TYPEHASH} from "../../contracts/types/Report.sol";
import {Reports} from "../../contracts/Reports.sol";
import {Attesting} from "./support/Attesting.sol";
import {Vm} from "./support/Test.sol";

/// @dev post
/// ├── given reports and proof that do not lead to the root
/// │   ├── when the proof is not whole: MalformedProof (each way in Tree.t.sol)
/// │   └── when they lead to another root: RootMismatch, before any signature is looked at
/// ├── given an attestation
/// │   ├── when too few signed: QuorumNotReached
/// │   ├── when a stranger signed: InvalidSignature
/// │   ├── when it was made for another chain: InvalidSignature
/// │   ├── when it was made for another `Reports`: InvalidSignature
/// │   ├── when it was made for another era: InvalidSignature
/// │   ├── when its era is over: EraNotInForce (the other ways in Committee.verify.t.sol)
/// │   └── when this is a mirror and it was made for home: it counts
/// ├── given a report that no word can hold
/// │   ├── when a field is wider than its type: MalformedReport
/// │   ├── when its epoch has 29 bits: EpochOutOfRange
/// │   └── when its sigma has no valid form: InvalidSigma
/// ├── given no word for its topic and label
/// │   └── it stores the word and announces it, epoch 0 too
/// ├── given a word for its topic and label
/// │   ├── when the epoch is not greater: it is skipped
/// │   ├── when observedAt is not greater: it is skipped
/// │   ├── when observedAt is in the future: it is skipped
/// │   ├── when it is too late: it is skipped
/// │   └── when it is newer: it replaces the word
/// └── given several reports (Reports.batch.t.sol)
///     ├── when one is skipped: the others count
///     └── when they are a part of the batch: they count
/// The histories are in Reports.read.t.sol.
contract ReportsTest is Attesting {
    function setUp() public {
        _deploy(4);
    }

    // -- Proof --

    function test_post_revertsWhen_proofIsNotWhole() public {
        Report[] memory list = _list(_report(1, START));
        Batch memory batch = _batch(_leaf(list[0]));
        Multiproof memory proof = Multiproof({nodes: new bytes32[](1), steps: ""});
        vm.expectRevert(Tree.MalformedProof.selector);
        reports.post(batch, list, proof, "");
    }

    function test_post_revertsWhen_rootIsAnother() public {
        Report[] memory list = _list(_report(1, START));
        Multiproof memory proof;
        vm.expectRevert(abi.encodeWithSelector(IReports.RootMismatch.selector, _leaf(list[0]), bytes32(uint256(1))));
        reports.post(_batch(bytes32(uint256(1))), list, proof, "");
    }

    // -- Attestation --

    function test_post_revertsWhen_tooFewSigned() public {
        _refuses(
            _attestFor(1, block.chainid, address(reports), 3),
            abi.encodeWithSelector(ICommittee.QuorumNotReached.selector, 2, 3)
        );
    }

    function test_post_revertsWhen_aStrangerSigned() public {
        bytes32 digest = _digest(_batch(_leaf(_report(1, START))));
        bytes memory attestation = abi.encodePacked(
            hex"000000000000000007",
            _signature(_key(0), digest),
            _signature(_key(1), digest),
            _signature(1, digest)
        );
        _refuses(attestation, abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 2));
    }

    function test_post_revertsWhen_madeForAnotherChain() public {
        _refuses(
            _attestFor(1, block.chainid + 1, address(reports), 7),
            abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0)
        );
    }

    function test_post_revertsWhen_madeForAnotherReports() public {
        _refuses(
            _attestFor(1, block.chainid, address(committee), 7),
            abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0)
        );
    }

    function test_post_revertsWhen_madeForAnotherEra() public {
        _refuses(
            _attestFor(2, block.chainid, address(reports), 7),
            abi.encodeWithSelector(ICommittee.InvalidSignature.selector, 0)
        );
    }

    function test_post_revertsWhen_itsEraIsOver() public {
        vm.warp(EXPIRY);
        _refuses(
            _attestFor(1, block.chainid, address(reports), 7),
            abi.encodeWithSelector(ICommittee.EraNotInForce.selector, 1, EXPIRY)
        );
    }

    function test_post_onAMirror_countsWhatIsSignedForHome() public {
        address home = _actor("home");
        reports = new Reports(committee, WINDOW, 10, home, DISPUTES);
        Report[] memory list = _list(_report(1, START));
        Batch memory batch = _batch(_leaf(list[0]));
        Multiproof memory proof;
        reports.post(batch, list, proof, _attest(_digest(batch, 10, home), 7));
        assertEq(reports.read(TOPIC, 0).epoch, 1);
    }

    // -- What no word can hold --

    /// Eight words of a leaf have a type narrower than a word (the epoch is the next test's). Each is signed
    /// with one bit too many and passed by hand.
    function test_post_revertsWhen_aFieldIsTooWide() public {
        uint256[7] memory widths = [uint256(32), 16, 0, 32, 24, 8, 128];
        for (uint256 field; field < 7; ++field) {
            if (field == 2) continue;
            _postWide(field, uint256(1) << widths[field], abi.encodeWithSelector(IReports.MalformedReport.selector));
        }
        // An int128 whose sign does not go all the way up.
        _postWide(6, uint256(1) << 127, abi.encodeWithSelector(IReports.MalformedReport.selector));
        _postWide(2, 1 << 200, abi.encodeWithSelector(IReports.EpochOutOfRange.selector, (1 << 200) | 1, 1 << 28));
        _postWide(7, 1 << 24, abi.encodeWithSelector(Sigma.InvalidSigma.selector, 0x1800001));
    }

    function test_post_revertsWhen_epochHas29Bits() public {
        _post(_report(0xfffffff, START));
        assertEq(reports.read(TOPIC, 0).epoch, 0xfffffff);
        _postRefused(
            _report(1 << 28, START),
            abi.encodeWithSelector(IReports.EpochOutOfRange.selector, 1 << 28, 1 << 28)
        );
    }

    function test_post_revertsWhen_sigmaHasNoValidForm() public {
        Report memory report = _report(1, START);
        report.sigma = 0x7fff00;
        _postRefused(report, abi.encodeWithSelector(Sigma.InvalidSigma.selector, 0x7fff00));
    }

    // -- No word yet --

    function test_post_storesAndAnnounces() public {
        vm.warp(START + 17);
        uint256 word =
            (uint256(int256(-3.5e18)) << 128) |
                (uint256(START) << 96) |
                (uint256(5) << 68) |
                (uint256(8 hours) << 44) |
                (uint256(2) << 28) |
                (uint256(1) << 24) |
                0x800001;
        vm.expectEmit(address(reports));
        emit IReports.ReportAccepted(TOPIC, 0, word, CONTEXT);
        _post(_report(5, START));
        assertEq(_word(TOPIC, 0), word);
    }

    function test_post_storesEpoch0() public {
        _post(_report(0, START));
        assertTrue(_word(TOPIC, 0) != 0);
        _skips(_report(0, START));
    }

    /// Law: postedAt is never before the posting, and less than 16 seconds after.
    function testFuzz_post_roundsPostedAtUp(uint256 delay) public {
        delay = bound(delay, 0, 1_048_560);
        vm.warp(START + delay);
        _post(_report(1, START));
        uint256 postedAt = reports.read(TOPIC, 0).postedAt;
        assertGe(postedAt, START + delay);
        assertLt(postedAt, START + delay + 16);
    }

    // -- A word stands --

    function test_post_skipsWhen_epochIsNotGreater() public {
        vm.warp(START + 100);
        _post(_report(5, START));
        _skips(_report(5, START + 1));
        _skips(_report(4, START + 1));
    }

    function test_post_skipsWhen_observedAtIsNotGreater() public {
        vm.warp(START + 100);
        _post(_report(5, START));
        _skips(_report(6, START));
        _skips(_report(6, START - 1));
    }

    function test_post_skipsWhen_observedAtIsInTheFuture() public {
        _skips(_report(6, START + 1));
        _post(_report(5, START));
        _skips(_report(6, START + 1));
    }

    function test_post_skipsWhen_tooLate() public {
        vm.warp(START + 1_048_561);
        _skips(_report(5, START));
        vm.warp(START + 1_048_560);
        _post(_report(5, START));
        assertEq(reports.read(TOPIC, 0).postedAt, START + 1_048_560);
    }

    function test_post_replacesWhen_newer() public {
        vm.warp(START + 100);
        _post(_report(5, START));
        Report memory report = _report(6, START + 1);
        report.value = 42;
        _post(report);
        assertEq(reports.read(TOPIC, 0).value, 42);
        assertEq(reports.read(TOPIC, 0).epoch, 6);
    }

    /// Law: posting again changes nothing.
    function test_post_twice_changesNothing() public {
        vm.warp(START + 1);
        _post(_report(5, START));
        uint256 word = _word(TOPIC, 0);
        vm.warp(START + 50);
        _skips(_report(5, START));
        assertEq(_word(TOPIC, 0), word);
    }

    function _attestFor(uint32 era, uint256 chainId, address home, uint64 bitmap) private pure returns (bytes memory) {
        Batch memory batch = _batch(_leaf(_report(1, START)));
        batch.era = era;
        return _attest(_digest(batch, chainId, home), bitmap);
    }

    /// @dev The first report, in a batch of era 1, is refused under `attestation`.
    function _refuses(bytes memory attestation, bytes memory why) private {
        Report[] memory list = _list(_report(1, START));
        Batch memory batch = _batch(_leaf(list[0]));
        Multiproof memory proof;
        vm.expectRevert(why);
        reports.post(batch, list, proof, attestation);
    }

    /// @dev `report` is refused though it is well attested.
    function _postRefused(Report memory report, bytes memory why) private {
        Batch memory batch = _batch(_leaf(report));
        bytes memory attestation = _attest(_digest(batch), 7);
        Report[] memory list = _list(report);
        Multiproof memory proof;
        vm.expectRevert(why);
        reports.post(batch, list, proof, attestation);
    }

    /// @dev Posts a report with `extra` bits in one of its words, well attested.
    function _postWide(uint256 field, uint256 extra, bytes memory why) private {
        bytes memory words = abi.encode(_report(1, START));
        assembly ("memory-safe") {
            let word := add(add(words, 0x20), shl(5, field))
            mstore(word, or(mload(word), extra))
        }
        if (field == 6) {
            assembly ("memory-safe") {
                mstore(add(words, 0xe0), extra)
            }
        }
        bytes32 leaf = keccak256(bytes.concat(REPORT_TYPEHASH, words));
        Batch memory batch = _batch(leaf);
        bytes memory attestation = _attest(_digest(batch), 7);
        bytes memory call = abi.encodeWithSelector(
            IReports.post.selector,
            batch,
            uint256(7 * 32),
            uint256(17 * 32),
            uint256(21 * 32),
            uint256(1)
        );
        // One report, an empty multiproof (its two offsets, two lengths), the attestation.
        call = bytes.concat(call, words, abi.encode(uint256(64), uint256(96), uint256(0), uint256(0)));
        call = bytes.concat(call, abi.encode(attestation.length), attestation, new bytes(23));
        // No typed call could pass these words.
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = address(reports).call(call);
        assertFalse(success);
        assertEq(answer, why);
    }

    /// @dev Posting `report` succeeds, changes nothing and announces nothing.
    function _skips(Report memory report) private {
        uint256 before = _word(report.topicId, report.label);
        vm.recordLogs();
        _post(report);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 0);
        assertEq(_word(report.topicId, report.label), before);
    }
}
