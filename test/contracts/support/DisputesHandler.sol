// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Disputes} from "../../../contracts/Disputes.sol";
import {Reports} from "../../../contracts/Reports.sol";
import {Settlements} from "../../../contracts/Settlements.sol";
import {Topics} from "../../../contracts/Topics.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {ISettlements} from "../../../contracts/interfaces/ISettlements.sol";
import {Attested} from "../../../contracts/types/Attested.sol";
import {Claim} from "../../../contracts/types/Claim.sol";
import {Report} from "../../../contracts/types/Report.sol";
import {Settlement} from "../../../contracts/types/Settlement.sol";
import {Status, Word} from "../../../contracts/types/Word.sol";
import {Pleading} from "./Pleading.sol";
import {ToldVerifier} from "./ToldVerifier.sol";

/// @dev What an invariant run does to a topic: posts, proves, refutes and voids reports of the last three epochs and of two values,
/// settles and takes back, demands, publishes, lapses and collects, and lets time pass. It keeps its own record.
contract DisputesHandler is Pleading {
    address public constant DEMANDER = address(0xDE3);
    /// @dev Settlements are another topic's, so that reports go on from the first state.
    uint32 private constant CHAIN = TOPIC - 1;

    uint256 public calls;
    uint256 public refuted;
    uint256 public proven;
    uint256 public takenBack;
    uint256 public lapsed;
    uint256 public published;
    uint256 public openBonds;
    uint256 public owed;
    bool public cameBack;
    bool public wentBack;
    bool public movedLate;
    bool public generationFell;
    bool public lostItsParent;

    mapping(uint32 epoch => bool isRefuted) private _isRefuted;
    uint32 private _newest;
    uint16 private _generation;
    Settlement[] private _settled;
    bytes private _context;
    Report private _demanded;
    uint256 private _demandIndex;
    bool private _isOpen;

    constructor(Topics topics_, Disputes disputes_, ToldVerifier verifier_) {
        (topics, disputes, verifier) = (topics_, disputes_, verifier_);
        settlements = Settlements(address(disputes_.settlements()));
        reports = Reports(address(disputes_.reports()));
        _context = _firstContext();
    }

    modifier watched() {
        ++calls;
        _;
        _look();
    }

    function post(uint256 seed) external watched {
        _post(_at(seed));
    }

    function prove(uint256 seed) external watched {
        Report memory report = _at(seed);
        verifier.tell(false);
        try disputes.prove(report, _signed(report), _evidence(_context)) {
            ++proven;
        } catch {}
    }

    function refute(uint256 seed) external watched {
        Report memory report = _at(seed);
        Word before = reports.rawWordAt(TOPIC, 0, report.epoch);
        bool isLate = !before.isNone() && block.timestamp >= before.postedAt() + WINDOW;
        verifier.tell(true, keccak256("any"));
        disputes.refuteReport(report, _signed(report), Claim.Value, 0, _evidence(_context));
        Word afterwards = reports.rawWordAt(TOPIC, 0, report.epoch);
        if (afterwards.status() == Status.Refuted) {
            _isRefuted[report.epoch] = true;
            ++refuted;
        }
        if (isLate && Word.unwrap(before) != Word.unwrap(afterwards)) movedLate = true;
    }

    function settle(uint256) external watched {
        uint256 count = _settled.length;
        Settlement memory next = _settlementAt(
            EPOCH + uint32(count),
            count == 0 ? bytes32(0) : _leaf(_settled[count - 1]),
            _generation
        );
        next.topicId = CHAIN;
        _settle(next);
        if (settlements.headOf(CHAIN).leaf == _leaf(next)) _settled.push(next);
    }

    function takeBack(uint256 seed) external watched {
        uint256 count = _settled.length;
        if (count == 0) return;
        // One of the last four: older ones can seldom be moved.
        uint256 index = count - 1 - (seed % (count < 4 ? count : 4));
        Settlement memory victim = _settled[index];
        uint256 acceptedAt = settlements.acceptedAtOf(CHAIN, victim.epoch, _leaf(victim));
        bytes32 head = settlements.headOf(CHAIN).leaf;
        verifier.tell(true, index == 0 ? _genesis() : _settled[index - 1].state);
        Settlement[] memory parent = index == 0 ? _none() : _list(_settled[index - 1]);
        disputes.refuteSettlement(
            victim,
            _signed(victim),
            Claim.Seats,
            0,
            index == 0 ? _evidence("") : _evidence("", parent[0])
        );
        bool moved = settlements.headOf(CHAIN).leaf != head;
        if (moved && block.timestamp >= acceptedAt + WINDOW) movedLate = true;
        if (!moved) return;
        ++takenBack;
        _generation += 1;
        while (_settled.length > index) _settled.pop();
    }

    function demand(uint256 seed) external watched {
        if (_isOpen) return;
        Report memory report = _at(seed);
        uint256 index = seed % 65_536;
        Attested memory signed = _signed(report);
        vm.prank(DEMANDER);
        try disputes.demandReport{value: MINIMUM_BOND}(report, signed, 0x10, index) {
            (_demanded, _demandIndex, _isOpen) = (report, index, true);
            openBonds += MINIMUM_BOND;
        } catch {}
    }

    /// @dev The context's inputs are the hash of nothing that anyone has, so only lapsing is left, unless it is the context
    /// that was asked for.
    function demandContext(uint256 seed) external watched {
        Report memory report = _at(seed);
        IDisputes.Answer memory answer;
        answer.row = _context;
        Attested memory signed = _signed(report);
        vm.prank(DEMANDER);
        try disputes.demandReport{value: MINIMUM_BOND}(report, signed, 0, 0) {
            vm.prank(DEMANDER);
            disputes.publishReport(report, 0, 0, answer);
            owed += MINIMUM_BOND;
            ++published;
        } catch {}
    }

    function lapse(uint256) external watched {
        if (!_isOpen) return;
        vm.warp(block.timestamp + WINDOW / 3);
        disputes.lapseReport(_demanded, _signed(_demanded), 0x10, _demandIndex);
        (_isOpen, openBonds, owed) = (false, openBonds - MINIMUM_BOND, owed + MINIMUM_BOND);
        ++lapsed;
    }

    function collect(uint256) external watched {
        if (owed == 0) return;
        vm.prank(DEMANDER);
        owed -= disputes.collect();
    }

    function pass(uint256 time) external watched {
        vm.warp(block.timestamp + bound(time, 0, DAY));
    }

    function chainLength() external view returns (uint256) {
        return _settled.length;
    }

    function chainHead() external view returns (ISettlements.Head memory) {
        return settlements.headOf(CHAIN);
    }

    function balance() external view returns (uint256) {
        return address(disputes).balance;
    }

    function headShouldBe() external view returns (bytes32) {
        return _settled.length == 0 ? bytes32(0) : _leaf(_settled[_settled.length - 1]);
    }

    /// @dev One of two values of one of the last three epochs, in a ring of four.
    function _at(uint256 seed) private view returns (Report memory report) {
        report = _fit(_context);
        uint32 passed = uint32((block.timestamp - CLOSES) / DAY - (seed % 3));
        (report.epoch, report.observedAt) = (EPOCH + passed, CLOSES + passed * uint32(DAY));
        report.history = 4;
        if ((seed / 3) % 4 == 0) report.value += 1;
    }

    function _look() private {
        uint32 newest = reports.keptWordOf(TOPIC, 0).epoch();
        if (newest < _newest) wentBack = true;
        for (uint32 epoch = newest < 6 ? 0 : newest - 5; epoch <= newest; ++epoch) {
            (bool usable, ) = reports.tryReadAt(TOPIC, 0, epoch);
            if (usable && _isRefuted[epoch]) cameBack = true;
        }
        _newest = newest;
        if (settlements.headOf(CHAIN).generation != _generation) generationFell = true;
        uint256 count = _settled.length;
        if (count > 1 && _settled[count - 1].parent != _leaf(_settled[count - 2])) lostItsParent = true;
    }
}
