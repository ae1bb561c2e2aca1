// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IFacts} from "./interfaces/IFacts.sol";
import {IReports} from "./interfaces/IReports.sol";
import {IStakes} from "./interfaces/IStakes.sol";
import {ITopics} from "./interfaces/ITopics.sol";
import {Seated} from "./libraries/Seated.sol";
import {Opened} from "./libraries/Opened.sol";
import {Sigma} from "./libraries/Sigma.sol";
import {Claim, Evidence} from "./types/Claim.sol";
import {LABEL_COUNT_AT, PARAMETERS_BYTES, SCHEDULE_AT} from "./types/Parameters.sol";
import {Report} from "./types/Report.sol";
import {
    LIST_INPUTS,
    LIST_OUTPUTS,
    LIST_STATE,
    ROLE_REPUTER,
    ROW_ELECTORATE,
    ROW_FORECAST,
    ROW_INFERENCES,
    ROW_REGISTRATIONS,
    ROW_ROSTER,
    ROW_SIGNATURES,
    ROW_TRUTHS,
    ROW_TRUTH_SIGNATURES,
    ROW_VALUE
} from "./types/Rows.sol";
import {Settlement} from "./types/Settlement.sol";
import {Word} from "./types/Word.sol";
import {Genesis} from "./verifier/Genesis.sol";

/// @title Facts
/// @notice Step 7: whether a message fits what the contracts know.
///
/// The evidence of a claim about a report. `context` is shown with every claim but `Schedule`, `origin` is the settlement that
/// the context names, if it names one; `S` is the state's 0x22, bound by `beforehand`, or, where the context names no
/// settlement, all 0x15 since the start, bound by the running hash in `Topics`, and no `beforehand`:
///
/// | claim | at | lists | rows | wrong where |
/// |---|---|---|---|---|
/// | Schedule | 0 | | | no such topic, epoch or label; observedAt, lag or history differ |
/// | Parameters | 0 | | | the context row does not decode, or names others than `Topics` |
/// | State | 0 | `origin` | | not the state or the epoch of the settlement named; or not the first state |
/// | Registrations | place of 0x14, before the first settlement | inputs | 0x14 and all after it | the 0x15 do not lead to the hash in `Topics` |
/// | | place of a 0x15, after it | inputs | that 0x15 | always |
/// | Submission | seat | inputs, beforehand | all 0x12, all 0x13, 0x14, S | see `_submission` |
///
/// About a settlement. `context` is shown with every claim but `SettlementParameters` at 1; `origin` is the parent, if the leaf
/// names one; `report` is the context row of the report that the settlement's context names:
///
/// | claim | at | lists | rows | wrong where |
/// |---|---|---|---|---|
/// | SettlementParameters | 0 | | | no such topic or epoch; the context row does not decode, or names others than `Topics` |
/// | | 1 | `origin` | | the epoch is not the one after the parent's |
/// | SettlementRegistrations | 0 | | | the running hash is not that in `Topics` D before the truth window's close |
/// | SettledReport | 0 | inputs | report, its list of inputs, its list of outputs | one of the report's 0x12, 0x13, 0x31, 0x33, 0x36 is another |
/// | | place of a 0x13 | inputs | report, its list of inputs, its list of outputs, that 0x13 | the report has no such place for a 0x13 |
/// | | 1 << 16 \| l | inputs | 0x31 of l | the word kept of l, posted D before the truth window's close, has another value or sigma |
/// | | 1 << 16 | | none | the same word is kept and the context names no report; only of a topic of one label |
/// | Roster | 0 | inputs, beforehand of the report | report, 0x1a, S of the report | not exactly those of S that were registered |
/// | Electorate | the reputer's address | inputs | 0x16 | listed with another stake, or without a right; or left out with a right |
/// | TruthSignature | the reputer's address | inputs | all 0x17, 0x18 | spoke without a signature of its key; or signed and did not speak |
contract Facts is IFacts {
    bytes32 private constant SUBMISSION_TYPEHASH = keccak256(
        "Submission(uint32 topicId,uint32 epoch,bytes32 inference,bytes32 forecast,bytes32 extra)"
    );
    bytes32 private constant TRUTH_TYPEHASH = keccak256(
        "Truth(uint32 topicId,uint32 epoch,bytes32 values,bytes32 extra)"
    );

    uint256 private constant HISTORY_AT = 11;
    uint256 private constant LAG_AT = SCHEDULE_AT + 20;
    uint256 private constant TRUTH_WINDOW_AT = SCHEDULE_AT + 24;
    uint256 private constant REPUTER_MINIMUM_AT = PARAMETERS_BYTES - 16;
    uint256 private constant SEATS_PLACE = 1;
    uint256 private constant WORD_AT = 1 << 16;
    uint256 private constant MAX_ELECTORS = 32;
    uint256 private constant NOWHERE = type(uint256).max;

    /// @inheritdoc IFacts
    IReports public immutable reports;
    /// @inheritdoc IFacts
    ITopics public immutable topics;
    /// @inheritdoc IFacts
    IStakes public immutable stakes;

    bytes32 private immutable _domainSeparator;
    uint32 private immutable _delaySeconds;

    constructor(IReports reports_, ITopics topics_, IStakes stakes_) {
        require(address(reports_).code.length != 0, NotAContract(address(reports_)));
        require(address(topics_).code.length != 0, NotAContract(address(topics_)));
        require(address(stakes_).code.length != 0, NotAContract(address(stakes_)));
        (reports, topics, stakes) = (reports_, topics_, stakes_);
        _domainSeparator = reports_.domainSeparator();
        _delaySeconds = topics_.delaySeconds();
    }

    /// @inheritdoc IFacts
    function judgeReport(
        Report calldata report,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool) {
        if (claim == Claim.Schedule) return _schedule(report);
        if (claim == Claim.Parameters) return _parameters(report, evidence.context);
        if (claim == Claim.State) return _state(report, evidence);
        if (claim == Claim.Registrations) return _registrations(report, at, evidence);
        if (claim == Claim.Submission) return _submission(report, at, evidence);
        revert NotAFact(claim);
    }

    /// @inheritdoc IFacts
    function judgeSettlement(
        Settlement calldata settlement,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool) {
        if (claim == Claim.SettlementParameters) return _settlementParameters(settlement, at, evidence);
        if (claim == Claim.SettlementRegistrations) return _settlementRegistrations(settlement, evidence.context);
        if (claim == Claim.SettledReport) return _settledReport(settlement, at, evidence);
        if (claim == Claim.Roster) return _roster(settlement, evidence);
        if (claim == Claim.Electorate) return _electorate(settlement, _address(at), evidence);
        if (claim == Claim.TruthSignature) return _truthSignature(settlement, _address(at), evidence);
        revert NotAFact(claim);
    }

    // -- Reports --

    function _schedule(Report calldata report) private view returns (bool) {
        (bool exists, bytes memory row) = _rowAt(report.topicId, report.epoch);
        if (!exists || report.label >= _read(row, LABEL_COUNT_AT, 2)) return true;
        (, uint32 closesAt) = topics.windowOf(report.topicId, report.epoch);
        return
            report.observedAt != closesAt ||
            report.lag != _read(row, LAG_AT, 4) ||
            report.history != _read(row, HISTORY_AT, 1);
    }

    function _parameters(Report calldata report, bytes calldata context) private view returns (bool) {
        Opened.requireHash(context, report.context);
        if (!Opened.isReportContext(context)) return true;
        return bytes32(context[1:33]) != topics.parametersAt(report.topicId, report.epoch);
    }

    function _state(Report calldata report, Evidence calldata evidence) private view returns (bool) {
        Opened.ReportContext memory context = Opened.reportContext(evidence.context, report.context);
        if (context.settledLeaf == 0) {
            bytes32 first = Genesis.stateHash(_requireRowAt(report.topicId, report.epoch));
            return context.settledEpoch != 0 || context.state != first;
        }
        Settlement calldata settled = _origin(evidence, context.settledLeaf);
        return
            settled.topicId != report.topicId ||
            settled.epoch != context.settledEpoch ||
            settled.state != context.state;
    }

    function _registrations(
        Report calldata report,
        uint256 at,
        Evidence calldata evidence
    ) private view returns (bool) {
        Opened.ReportContext memory context = Opened.reportContext(evidence.context, report.context);
        uint256 count = Opened.listed(evidence.inputs, context.inputs, LIST_INPUTS);
        bytes[] calldata rows = evidence.rows;
        if (context.settledLeaf != 0) {
            _requireRows(rows, 1);
            _bind(evidence.inputs, at, rows[0]);
            require(_kind(rows[0]) == ROW_REGISTRATIONS, Opened.MalformedRow(ROW_REGISTRATIONS));
            return true;
        }
        require(at < count, PlaceUnfit(at));
        _requireRows(rows, count - at);
        for (uint256 i; i < rows.length; ++i) _bind(evidence.inputs, at + i, rows[i]);
        require(_kind(rows[0]) == ROW_SIGNATURES, Opened.MalformedRow(ROW_SIGNATURES));
        (, bytes32 shown) = Seated.ofRegistrations(rows, 1, _requireRowAt(report.topicId, report.epoch));
        return shown != _registrationsFor(report.topicId, report.epoch);
    }

    /// @dev Every entry of a worker is covered by its one signature, which stands under the lowest of its seats that have one.
    /// Wrong where the seat has entries, but nobody sits there, its worker was not registered, or no signature of the worker's
    /// key stands where it must; and where a signature stands under the seat that is not needed there.
    function _submission(Report calldata report, uint256 at, Evidence calldata evidence) private view returns (bool) {
        require(at < 256, PlaceUnfit(at));
        Opened.ReportContext memory context = Opened.reportContext(evidence.context, report.context);
        bytes[] calldata rows = evidence.rows;
        uint256 signaturesAt = _bindSubmissions(report, context.inputs, evidence);
        bytes calldata signatures = rows[signaturesAt];
        uint256 signed = _entryOf(signatures, ROW_SIGNATURES, 97, bytes32(at << 248), 1);

        (address owner, uint256 other) = _sitting(report, context, at, evidence, signaturesAt + 1);
        if (owner == address(0)) return signed != NOWHERE || _has(rows, at);
        (uint256 lower, uint256 higher) = other < at ? (other, at) : (at, other);
        bytes32 inference = _inferenceHash(rows, lower);
        bytes32 forecast = _forecastHash(rows, lower >= 128 ? lower : higher);
        if (inference == 0 && forecast == 0) return signed != NOWHERE;
        // With an inference the inferer's seat is the lower one; a forecast alone stands under the forecaster's.
        uint256 lowest = inference != 0 || lower >= 128 ? lower : higher;
        if (lowest != at) {
            if (signed != NOWHERE) return true;
            if (!_has(rows, at)) return false;
            signed = _entryOf(signatures, ROW_SIGNATURES, 97, bytes32(lowest << 248), 1);
        }
        if (signed == NOWHERE) return true;

        bytes calldata entry = signatures[signed:signed + 97];
        bytes32 structHash = keccak256(
            abi.encode(SUBMISSION_TYPEHASH, report.topicId, report.epoch, inference, forecast, bytes32(entry[1:33]))
        );
        address signer = topics.signerAt(report.topicId, owner, report.epoch);
        return !_isSigned(signer, structHash, entry[33:97]);
    }

    /// @dev Binds the rows from the first 0x12 to the 0x14, which stand one after another, and says which one that is.
    function _bindSubmissions(
        Report calldata report,
        bytes32 inputs,
        Evidence calldata evidence
    ) private view returns (uint256 signaturesAt) {
        Opened.listed(evidence.inputs, inputs, LIST_INPUTS);
        bytes[] calldata rows = evidence.rows;
        signaturesAt = _labelsOf(report.topicId, report.epoch);
        while (signaturesAt < rows.length && _kind(rows[signaturesAt]) == ROW_FORECAST) ++signaturesAt;
        require(signaturesAt < rows.length, RowsMismatch(rows.length, signaturesAt + 1));
        for (uint256 i; i <= signaturesAt; ++i) _bind(evidence.inputs, 1 + i, rows[i]);
        require(_kind(rows[signaturesAt]) == ROW_SIGNATURES, Opened.MalformedRow(ROW_SIGNATURES));
    }

    /// @dev Who sits there, 0 if nobody does, and that worker's other seat, 256 if it has none.
    function _sitting(
        Report calldata report,
        Opened.ReportContext memory context,
        uint256 seat,
        Evidence calldata evidence,
        uint256 from
    ) private view returns (address owner, uint256 other) {
        address[256] memory owners = _seats(
            report.topicId,
            report.epoch,
            context,
            evidence.beforehand,
            evidence.rows,
            from
        );
        owner = owners[seat];
        for (other = 0; other < 256; ++other) {
            if (owner != address(0) && other != seat && owners[other] == owner) break;
        }
    }

    /// @dev Whether a 0x12 or 0x13 has entries of the seat.
    function _has(bytes[] calldata rows, uint256 seat) private pure returns (bool) {
        return _inferenceHash(rows, seat) != 0 || _forecastHash(rows, seat) != 0;
    }

    /// @dev The hash over the seat's (seat, value) entries in label order; 0 if it has none.
    function _inferenceHash(bytes[] calldata rows, uint256 seat) private pure returns (bytes32) {
        bytes memory said;
        for (uint256 i; i < rows.length; ++i) {
            if (_kind(rows[i]) != ROW_INFERENCES) continue;
            uint256 entry = _entryAfter(rows[i], ROW_INFERENCES, 3, 17, bytes32(seat << 248), 1);
            if (entry != NOWHERE) said = bytes.concat(said, rows[i][entry:entry + 17]);
        }
        return said.length == 0 ? bytes32(0) : keccak256(said);
    }

    /// @dev The hash over the seat's 0x13 without its kind; 0 if it has none.
    function _forecastHash(bytes[] calldata rows, uint256 seat) private pure returns (bytes32) {
        for (uint256 i; i < rows.length; ++i) {
            if (_kind(rows[i]) != ROW_FORECAST) continue;
            Opened.entries(rows[i], ROW_FORECAST, 2, 17);
            if (uint8(rows[i][1]) == seat) return keccak256(rows[i][1:]);
        }
        return 0;
    }

    // -- Settlements --

    function _settlementParameters(
        Settlement calldata settlement,
        uint256 at,
        Evidence calldata evidence
    ) private view returns (bool) {
        require(at < 2, PlaceUnfit(at));
        if (at == 1) return settlement.epoch != uint256(_origin(evidence, settlement.parent).epoch) + 1;
        (bool exists, ) = _rowAt(settlement.topicId, settlement.epoch);
        if (!exists) return true;
        Opened.requireHash(evidence.context, settlement.context);
        if (!Opened.isSettlementContext(evidence.context)) return true;
        return bytes32(evidence.context[1:33]) != topics.parametersAt(settlement.topicId, settlement.epoch);
    }

    function _settlementRegistrations(
        Settlement calldata settlement,
        bytes calldata contextRow
    ) private view returns (bool) {
        Opened.SettlementContext memory context = Opened.settlementContext(contextRow, settlement.context);
        uint256 cutoff = _truthsCloseAt(settlement);
        return context.registrations != _registrationsAt(settlement.topicId, cutoff);
    }

    function _settledReport(
        Settlement calldata settlement,
        uint256 at,
        Evidence calldata evidence
    ) private view returns (bool) {
        Opened.SettlementContext memory context = Opened.settlementContext(evidence.context, settlement.context);
        if (at >= WORD_AT) return _otherReport(settlement, context, at - WORD_AT, evidence);
        uint256 count = _inputs(settlement, context, evidence);
        bytes[] calldata rows = evidence.rows;
        _requireRows(rows, at == 0 ? 3 : 4);
        Opened.ReportContext memory report = Opened.reportContext(rows[0], context.reportContext);
        uint256 reported = Opened.listed(rows[1], report.inputs, LIST_INPUTS);
        uint256 made = Opened.listed(rows[2], report.outputs, LIST_OUTPUTS);
        uint256 labels = _labelsOf(settlement.topicId, settlement.epoch);
        // 0x11, the 0x12, the 0x13, 0x14, then the 0x15; the outputs have a 0x32 after the 0x31, which is not carried.
        uint256 after13 = _place(reported, 1 + _registrationRows(settlement, report.settledLeaf));
        require(made == 3 * labels + 1, Opened.PlaceOutOfRange(made, 3 * labels + 1));
        if (at != 0) {
            _bind(evidence.inputs, at, rows[3]);
            return _kind(rows[3]) == ROW_FORECAST && at >= after13;
        }
        if (count < after13 + 4 + 4 * labels) return true;
        for (uint256 i = 1; i < after13; ++i) {
            if (Opened.hashAt(evidence.inputs, i) != Opened.hashAt(rows[1], i)) return true;
        }
        for (uint256 i; i < 3 * labels; ++i) {
            bytes32 own = Opened.hashAt(evidence.inputs, count - 3 * labels + i);
            if (own != Opened.hashAt(rows[2], i < labels ? i : i + 1)) return true;
        }
        return false;
    }

    /// @dev How many 0x15 the report has: none after the first settlement, before it as many as its registrations fill.
    function _registrationRows(Settlement calldata settlement, bytes32 settledLeaf) private view returns (uint256) {
        if (settledLeaf != 0) return 0;
        (bool exists, uint32 cutoff) = _cutoff(settlement.topicId, settlement.epoch);
        if (!exists) return 0;
        (, uint32 count) = topics.registrationsAt(settlement.topicId, cutoff);
        return (count + Seated.MAX_REGISTRATIONS - 1) / Seated.MAX_REGISTRATIONS;
    }

    /// @dev What was posted D before the truth window's close stood there when the settlement was made, for all to see. Rests
    /// on the accepted report having the value and sigma of its own 0x31, which claims of arithmetic decide.
    function _otherReport(
        Settlement calldata settlement,
        Opened.SettlementContext memory context,
        uint256 label,
        Evidence calldata evidence
    ) private view returns (bool) {
        uint256 labels = _labelsOf(settlement.topicId, settlement.epoch);
        require(label < labels, PlaceUnfit(WORD_AT + label));
        Word word = reports.rawWordAt(settlement.topicId, uint16(label), settlement.epoch);
        if (!word.isUsable() || word.postedAt() > _truthsCloseAt(settlement)) return false;
        // Several labels may have been posted under several contexts, and then no report is scored.
        if (context.reportContext == 0) return labels == 1;
        uint256 count = _inputs(settlement, context, evidence);
        bytes[] calldata rows = evidence.rows;
        _requireRows(rows, 1);
        bytes calldata row = rows[0];
        _bind(evidence.inputs, _place(count, 3 * labels - label), row);
        // label 2, combined 16, naive 16, sigma [16], percentiles 80.
        require(row.length >= 116 && _kind(row) == ROW_VALUE, Opened.MalformedRow(ROW_VALUE));
        bool sigmaKnown = uint8(row[35]) == 1;
        require(row.length == (sigmaKnown ? 132 : 116), Opened.MalformedRow(ROW_VALUE));
        int128 value = int128(uint128(bytes16(row[3:19])));
        uint256 sigma = sigmaKnown ? Sigma.pack(uint128(bytes16(row[36:52]))) : Sigma.UNKNOWN;
        return word.value() != value || word.sigma() != sigma;
    }

    /// @dev Those who sat when the report was made and were registered D before its window opened, ascending by seat.
    function _roster(Settlement calldata settlement, Evidence calldata evidence) private view returns (bool) {
        Opened.SettlementContext memory context = Opened.settlementContext(evidence.context, settlement.context);
        uint256 count = _inputs(settlement, context, evidence);
        bytes[] calldata rows = evidence.rows;
        require(rows.length >= 2, RowsMismatch(rows.length, 2));
        Opened.ReportContext memory report = Opened.reportContext(rows[0], context.reportContext);
        uint256 labels = _labelsOf(settlement.topicId, settlement.epoch);
        bytes calldata roster = rows[1];
        _bind(evidence.inputs, _place(count, 3 * labels + 1), roster);
        require(_kind(roster) == ROW_ROSTER, Opened.MalformedRow(ROW_ROSTER));

        address[256] memory owners = _seats(settlement.topicId, settlement.epoch, report, evidence.beforehand, rows, 2);
        bytes memory required;
        for (uint256 seat; seat < 256; ++seat) {
            if (owners[seat] == address(0)) continue;
            if (topics.signerAt(settlement.topicId, owners[seat], settlement.epoch) == address(0)) continue;
            required = abi.encodePacked(required, uint8(seat), owners[seat]);
        }
        required = abi.encodePacked(ROW_ROSTER, uint16(required.length / Seated.ENTRY), required);
        return keccak256(roster) != keccak256(required);
    }

    function _electorate(
        Settlement calldata settlement,
        address reputer,
        Evidence calldata evidence
    ) private view returns (bool) {
        uint256 labels = _labelsOf(settlement.topicId, settlement.epoch);
        bytes calldata row = _told(settlement, evidence, 1, 4 * labels + 4);
        uint256 count = Opened.entries(row, ROW_ELECTORATE, 1, 36);
        (, uint256 stake) = _elector(settlement, reputer);
        uint256 entry = _entryOf(row, ROW_ELECTORATE, 36, bytes32(bytes20(reputer)), 20);
        if (entry != NOWHERE) return stake == 0 || stake != uint128(bytes16(row[entry + 20:entry + 36]));
        if (stake == 0) return false;
        if (count < MAX_ELECTORS) return true;
        // The last of those listed: the least stake, of these the highest address, which stands farther back.
        uint256 least = type(uint256).max;
        address last;
        for (uint256 at = 3; at < row.length; at += 36) {
            uint256 listed = uint128(bytes16(row[at + 20:at + 36]));
            if (listed <= least) (least, last) = (listed, address(bytes20(row[at:at + 20])));
        }
        return stake > least || (stake == least && reputer < last);
    }

    function _truthSignature(
        Settlement calldata settlement,
        address reputer,
        Evidence calldata evidence
    ) private view returns (bool) {
        uint256 labels = _labelsOf(settlement.topicId, settlement.epoch);
        bytes calldata signatures = _told(settlement, evidence, labels + 1, 3 * labels + 3);
        bytes memory values;
        for (uint256 i; i < labels; ++i) {
            bytes calldata row = evidence.rows[i];
            uint256 at = _entryAfter(row, ROW_TRUTHS, 3, 36, bytes32(bytes20(reputer)), 20);
            if (at != NOWHERE) values = bytes.concat(values, row[at + 20:at + 36]);
        }
        uint256 signed = _entryOf(signatures, ROW_TRUTH_SIGNATURES, 116, bytes32(bytes20(reputer)), 20);
        if (values.length == 0 || signed == NOWHERE) return values.length != 0 || signed != NOWHERE;
        bytes calldata entry = signatures[signed:signed + 116];
        bytes32 structHash = keccak256(
            abi.encode(TRUTH_TYPEHASH, settlement.topicId, settlement.epoch, keccak256(values), bytes32(entry[20:52]))
        );
        (address signer, ) = _elector(settlement, reputer);
        return !_isSigned(signer, structHash, entry[52:116]);
    }

    /// @dev The key of a reputer, 0 if it is none, and its stake if it may speak, else 0, D before the truth window's close.
    function _elector(
        Settlement calldata settlement,
        address reputer
    ) private view returns (address signer, uint256 stake) {
        uint256 cutoff = _truthsCloseAt(settlement);
        uint8 roles;
        (signer, roles) = topics.standingAt(settlement.topicId, reputer, uint32(cutoff));
        if (roles & ROLE_REPUTER == 0) return (address(0), 0);
        stake = stakes.stakeAt(settlement.topicId, reputer, uint40(cutoff));
        uint256 minimum = _read(_requireRowAt(settlement.topicId, settlement.epoch), REPUTER_MINIMUM_AT, 16);
        if (stake < minimum) stake = 0;
    }

    /// @dev Binds `size` rows to the settlement's inputs, the last of which stands `back` places before the list's end; answers
    /// that one.
    function _told(
        Settlement calldata settlement,
        Evidence calldata evidence,
        uint256 size,
        uint256 back
    ) private pure returns (bytes calldata) {
        Opened.SettlementContext memory context = Opened.settlementContext(evidence.context, settlement.context);
        uint256 last = _place(_inputs(settlement, context, evidence), back);
        bytes[] calldata rows = evidence.rows;
        _requireRows(rows, size);
        require(last + 1 >= size, PlaceUnfit(last));
        for (uint256 i; i < size; ++i) _bind(evidence.inputs, last + 1 - size + i, rows[i]);
        return rows[size - 1];
    }

    /// @dev How many inputs the settlement has, of an epoch that was not missed.
    function _inputs(
        Settlement calldata settlement,
        Opened.SettlementContext memory context,
        Evidence calldata evidence
    ) private pure returns (uint256) {
        require(context.inputs != 0, EpochMissed(settlement.epoch));
        return Opened.listed(evidence.inputs, context.inputs, LIST_INPUTS);
    }

    // -- What the contracts know --

    /// @dev The parameters that hold for the epoch, if the topic exists and has it.
    function _rowAt(uint32 topicId, uint32 epoch) private view returns (bool exists, bytes memory row) {
        try topics.parametersAt(topicId, epoch) returns (bytes32 parametersHash) {
            return (true, topics.parametersRow(parametersHash));
        } catch {
            return (false, "");
        }
    }

    function _requireRowAt(uint32 topicId, uint32 epoch) private view returns (bytes memory) {
        return topics.parametersRow(topics.parametersAt(topicId, epoch));
    }

    function _labelsOf(uint32 topicId, uint32 epoch) private view returns (uint256) {
        return _read(_requireRowAt(topicId, epoch), LABEL_COUNT_AT, 2);
    }

    /// @dev D before the epoch's window opens, if the clock had begun by then.
    function _cutoff(uint32 topicId, uint32 epoch) private view returns (bool exists, uint32 time) {
        (uint32 opensAt, ) = topics.windowOf(topicId, epoch);
        return opensAt < _delaySeconds ? (false, 0) : (true, opensAt - _delaySeconds);
    }

    function _registrationsFor(uint32 topicId, uint32 epoch) private view returns (bytes32 registrations) {
        (bool exists, uint32 time) = _cutoff(topicId, epoch);
        if (exists) (registrations, ) = topics.registrationsAt(topicId, time);
    }

    function _registrationsAt(uint32 topicId, uint256 time) private view returns (bytes32 registrations) {
        (registrations, ) = topics.registrationsAt(topicId, uint32(time));
    }

    /// @dev D before the truth window's close; what lies past 32 bits is after all that was ever written.
    function _truthsCloseAt(Settlement calldata settlement) private view returns (uint256 cutoff) {
        bytes memory row = _requireRowAt(settlement.topicId, settlement.epoch);
        (, uint32 closesAt) = topics.windowOf(settlement.topicId, settlement.epoch);
        uint256 time = uint256(closesAt) + _read(row, LAG_AT, 4) + _read(row, TRUTH_WINDOW_AT, 4);
        cutoff = time < _delaySeconds ? 0 : time - _delaySeconds;
        if (cutoff > type(uint32).max) cutoff = type(uint32).max;
    }

    /// @dev Who sat where when the report was made, registered still or not, from the rows from `from` on.
    function _seats(
        uint32 topicId,
        uint32 epoch,
        Opened.ReportContext memory context,
        bytes calldata state,
        bytes[] calldata rows,
        uint256 from
    ) private view returns (address[256] memory owners) {
        if (context.settledLeaf != 0) {
            _requireRows(rows, from + 1);
            Opened.listed(state, context.state, LIST_STATE);
            _bind(state, SEATS_PLACE, rows[from]);
            return Seated.ofState(rows[from]);
        }
        bytes32 shown;
        (owners, shown) = Seated.ofRegistrations(rows, from, _requireRowAt(topicId, epoch));
        bytes32 required = _registrationsFor(topicId, epoch);
        require(shown == required, RegistrationsMismatch(shown, required));
    }

    /// @dev Whether the compact signature is the signer's; nobody's is that of a signer of 0.
    function _isSigned(address signer, bytes32 structHash, bytes calldata signature) private view returns (bool) {
        bytes32 digest = MessageHashUtils.toTypedDataHash(_domainSeparator, structHash);
        (address recovered, ECDSA.RecoverError fault, ) = ECDSA.tryRecover(
            digest,
            bytes32(signature[:32]),
            bytes32(signature[32:64])
        );
        return fault == ECDSA.RecoverError.NoError && signer != address(0) && recovered == signer;
    }

    // -- Bytes --

    /// @dev The settlement shown as the origin, whose leaf must be `required`.
    function _origin(Evidence calldata evidence, bytes32 required) private pure returns (Settlement calldata settled) {
        require(evidence.origin.length == 1, OriginMismatch(0, required));
        settled = evidence.origin[0];
        bytes32 given = settled.hash();
        require(given == required, OriginMismatch(given, required));
    }

    function _bind(bytes calldata list, uint256 place, bytes calldata row) private pure {
        Opened.requireHash(row, Opened.hashAt(list, place));
    }

    /// @dev The place that stands `back` before the end of a list of `count`.
    function _place(uint256 count, uint256 back) private pure returns (uint256) {
        require(back <= count, Opened.PlaceOutOfRange(back, count));
        return count - back;
    }

    function _requireRows(bytes[] calldata rows, uint256 required) private pure {
        require(rows.length == required, RowsMismatch(rows.length, required));
    }

    function _kind(bytes calldata row) private pure returns (uint8) {
        return row.length == 0 ? 0 : uint8(row[0]);
    }

    /// @dev Where the entry of this key begins in a row whose count follows the kind.
    function _entryOf(
        bytes calldata row,
        uint8 kind,
        uint256 size,
        bytes32 key,
        uint256 keySize
    ) private pure returns (uint256) {
        return _entryAfter(row, kind, 1, size, key, keySize);
    }

    /// @dev The same in a row whose count stands at `countAt`; NOWHERE if there is none. The key leads its entry.
    function _entryAfter(
        bytes calldata row,
        uint8 kind,
        uint256 countAt,
        uint256 size,
        bytes32 key,
        uint256 keySize
    ) private pure returns (uint256) {
        Opened.entries(row, kind, countAt, size);
        for (uint256 at = countAt + 2; at < row.length; at += size) {
            if (bytes32(row[at:at + keySize]) == key) return at;
        }
        return NOWHERE;
    }

    /// @dev The big-endian number of `size` bytes at `offset`.
    function _read(bytes memory row, uint256 offset, uint256 size) private pure returns (uint256 number) {
        for (uint256 i = offset; i < offset + size; ++i) number = (number << 8) | uint8(row[i]);
    }

    function _address(uint256 at) private pure returns (address) {
        require(at <= type(uint160).max, PlaceUnfit(at));
        return address(uint160(at));
    }
}
