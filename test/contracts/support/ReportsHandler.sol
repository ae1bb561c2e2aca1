// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReports} from "../../../contracts/interfaces/IReports.sol";
import {Batch, Multiproof} from "../../../contracts/types/Batch.sol";
import {Report} from "../../../contracts/types/Report.sol";
import {Committee} from "../../../contracts/Committee.sol";
import {Reports} from "../../../contracts/Reports.sol";
import {Attesting} from "./Attesting.sol";
import {NaiveTree} from "./NaiveTree.sol";
import {Vm} from "./Test.sol";

/// @dev What an invariant run does to `Reports`: posts with any members' signatures, opens eras of other
/// members, lets time pass. It keeps its own record of what was accepted and by how many.
contract ReportsHandler is Attesting {
    using NaiveTree for bytes32[];

    uint16 public constant LABELS = 3;

    struct Accepted {
        uint16 label;
        uint32 epoch;
        uint256 signers;
        uint256 members;
    }

    Accepted[] private _accepted;
    uint256 public calls;
    uint256 public refused;
    uint256 public skipped;
    uint256 public displaced;

    /// @dev Whether some accepted report's epoch or observedAt was not above the one before it.
    bool public wentBack;
    mapping(uint16 label => uint256 word) public announced;
    mapping(uint16 label => mapping(uint32 epoch => uint256 word)) public announcedAt;

    /// @dev The members of each era, and their first key.
    uint256[] private _sizes;
    uint256[] private _firstKeys;
    address private _owner;

    /// @param owner The committee's, in whose name eras are opened.
    constructor(Committee committee_, Reports reports_, address owner) {
        (committee, reports, _owner) = (committee_, reports_, owner);
        _sizes.push(0);
        _firstKeys.push(0);
        _open(4, START);
    }

    /// @dev In turn: well signed and newer; signed by anybody; well signed, newer or not; signed by two.
    function post(uint256 step, uint256 age, uint256 history, uint64 bitmap) external {
        vm.warp(block.timestamp + 1);
        uint256 kind = calls++ % 4;
        uint256 era = _sizes.length - 1;
        uint64 everybody = uint64((1 << _sizes[era]) - 1);
        if (kind == 0 || kind == 2) bitmap = everybody;
        else if (kind == 1) bitmap &= everybody;
        else bitmap = 3;
        Report[] memory list = new Report[](LABELS);
        for (uint16 i; i < LABELS; ++i) {
            (uint256 low, uint256 oldest) = kind == 0 ? (1, 0) : (0, 60);
            // Of the third kind the last label repeats its epoch.
            uint256 ahead = kind == 2 && i + 1 == LABELS ? 0 : bound(step, low, 3);
            list[i] = _report(uint32(_newest(i) + ahead), uint32(block.timestamp - bound(age, 0, oldest)));
            (list[i].label, list[i].history, list[i].value) = (i, uint8(bound(history, 0, 4)), int128(int256(calls)));
        }
        _tryPost(list, era, bitmap);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 hours));
    }

    function openEra(uint256 size) external {
        if (_sizes.length == 6) return;
        vm.warp(block.timestamp + 1);
        _open(bound(size, 4, 9), uint40(block.timestamp));
    }

    function acceptedCount() external view returns (uint256) {
        return _accepted.length;
    }

    function accepted(uint256 index) external view returns (Accepted memory) {
        return _accepted[index];
    }

    function _open(uint256 size, uint40 startsAt) private {
        _firstKeys.push(100 * _sizes.length);
        vm.startPrank(_owner);
        _openEra(size, 100 * _sizes.length, startsAt, EXPIRY);
        vm.stopPrank();
        _sizes.push(size);
    }

    function _tryPost(Report[] memory list, uint256 era, uint64 bitmap) private {
        bytes32[] memory leaves = _leaves(list);
        Batch memory batch = Batch({era: uint32(era), slot: START, viewNumber: 0, root: leaves.rootOf()});
        Multiproof memory proof = leaves.multiproofOf(NaiveTree.subset(LABELS, type(uint256).max));
        bytes memory attestation = abi.encodePacked(uint8(0), bitmap);
        uint256 signers;
        for (uint256 i; i < _sizes[era]; ++i) {
            if ((bitmap >> i) & 1 == 0) continue;
            ++signers;
            attestation = bytes.concat(attestation, _signature(_key(_firstKeys[era] + i), _digest(batch)));
        }
        vm.recordLogs();
        try reports.post(batch, list, proof, attestation) {
            _record(vm.getRecordedLogs(), signers, _sizes[era]);
        } catch {
            ++refused;
        }
    }

    function _record(Vm.Log[] memory logs, uint256 signers, uint256 members) private {
        skipped += LABELS - logs.length;
        for (uint256 i; i < logs.length; ++i) {
            require(logs[i].topics[0] == IReports.ReportAccepted.selector, "another event");
            uint16 label = uint16(uint256(logs[i].topics[2]));
            (uint256 word, ) = abi.decode(logs[i].data, (uint256, bytes32));
            uint32 epoch = uint32((word >> 68) & 0xfffffff);
            uint256 before = announced[label];
            if (before != 0) {
                ++displaced;
                if (epoch <= (before >> 68) & 0xfffffff || uint32(word >> 96) <= uint32(before >> 96)) wentBack = true;
            }
            (announced[label], announcedAt[label][epoch]) = (word, word);
            _accepted.push(Accepted(label, epoch, signers, members));
        }
    }

    function _newest(uint16 label) private view returns (uint256) {
        return (announced[label] >> 68) & 0xfffffff;
    }
}
