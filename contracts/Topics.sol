// SPDX-License-Identifier: Apache-2.0
// The start of the path: what is asked, when, under which parameters, and whose answers count.
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {SSTORE2} from "solady/src/utils/SSTORE2.sol";
import {ITopics} from "./interfaces/ITopics.sol";
import {History} from "./libraries/History.sol";
import {ParameterRules} from "./libraries/ParameterRules.sol";
import {
    LABEL_COUNT_AT,
    LABELS_HASH_AT,
    Parameters,
    SCHEDULE_AT,
    SEATS_AT,
    Schedule,
    TOPIC_TYPE_AT
} from "./types/Parameters.sol";
import {CHANGE_JOINED, CHANGE_LEFT, CHANGE_SIGNER, ROLES_ALL} from "./types/Rows.sol";

contract Topics is ITopics {
    using Checkpoints for Checkpoints.Trace208;
    using History for History.Checkpoint[];
    using SafeERC20 for IERC20;

    /// @dev The schedule's part that windows are computed from is kept beside the row, for it is read all the time. A
    /// standing is roles << 160 | signer, 0 for who is not registered.
    struct Topic {
        address creator;
        uint32 start;
        uint32 firstEpoch;
        uint32 length;
        uint32 windowOpens;
        uint32 windowLength;
        uint128 fees;
        History.Checkpoint[] parameters;
        History.Checkpoint[] registrations;
        mapping(address owner => Worker worker) workers;
        mapping(address signer => address owner) owners;
        mapping(address owner => Checkpoints.Trace208 standing) standings;
    }

    /// @inheritdoc ITopics
    address public immutable allo;
    /// @inheritdoc ITopics
    address public immutable ecosystem;
    /// @inheritdoc ITopics
    uint256 public immutable createFee;
    /// @inheritdoc ITopics
    uint256 public immutable registrationFee;
    /// @inheritdoc ITopics
    uint32 public immutable delaySeconds;
    /// @inheritdoc ITopics
    uint32 public topicCount;

    mapping(uint32 topicId => Topic topic) private _topics;
    /// @dev Each row is kept once, as the code of a contract of its own.
    mapping(bytes32 parametersHash => address code) private _rows;

    constructor(address allo_, address ecosystem_, uint256 createFee_, uint256 registrationFee_, uint32 delaySeconds_) {
        require(allo_ != address(0), AddressMissing("allo"));
        require(ecosystem_ != address(0), AddressMissing("ecosystem"));
        allo = allo_;
        ecosystem = ecosystem_;
        createFee = createFee_;
        registrationFee = registrationFee_;
        delaySeconds = delaySeconds_;
    }

    // -- Topics --

    /// @inheritdoc ITopics
    function create(Parameters calldata parameters) external returns (uint32 topicId) {
        ParameterRules.check(parameters);

        topicId = ++topicCount;
        Topic storage topic = _topics[topicId];
        Schedule calldata schedule = parameters.schedule;
        topic.creator = msg.sender;
        topic.start = schedule.start;
        topic.firstEpoch = schedule.firstEpoch;
        topic.length = schedule.length;
        topic.windowOpens = schedule.windowOpens;
        topic.windowLength = schedule.windowLength;
        bytes32 parametersHash = _keep(parameters.row());
        topic.parameters.push(schedule.firstEpoch, parametersHash, 0);
        emit TopicCreated(topicId, msg.sender, parametersHash, parameters);
        _collect(topic, createFee);
    }

    /// @inheritdoc ITopics
    function patch(uint32 topicId, Parameters calldata parameters, uint32 fromEpoch) external {
        Topic storage topic = _topicOf(topicId);
        require(msg.sender == topic.creator, NotCreator(msg.sender, topic.creator));
        // An epoch about to open is already being read by the members.
        (uint256 opensAt, ) = _window(topic, fromEpoch);
        require(opensAt > block.timestamp + delaySeconds, PatchTooSoon(opensAt, block.timestamp + delaySeconds));
        (uint48 lastEpoch, bytes32 lastHash, ) = topic.parameters.latest();
        require(fromEpoch >= lastEpoch, PatchOutOfOrder(fromEpoch, uint32(lastEpoch)));
        ParameterRules.check(parameters);
        bytes memory row = parameters.row();
        _checkUnchanged(SSTORE2.read(_rows[lastHash]), row);

        bytes32 parametersHash = _keep(row);
        topic.parameters.push(fromEpoch, parametersHash, 0);
        emit ParametersPatched(topicId, fromEpoch, parametersHash, parameters);
    }

    /// @inheritdoc ITopics
    function transfer(uint32 topicId, address creator) external {
        Topic storage topic = _topicOf(topicId);
        require(msg.sender == topic.creator, NotCreator(msg.sender, topic.creator));
        require(creator != address(0), AddressMissing("creator"));
        topic.creator = creator;
        emit TopicTransferred(topicId, msg.sender, creator);
    }

    /// @inheritdoc ITopics
    function fund(uint32 topicId, uint256 amount) external {
        Topic storage topic = _topicOf(topicId);
        require(amount > 0, AmountMissing());
        emit TopicFunded(topicId, msg.sender, amount);
        _collect(topic, amount);
    }

    // -- Workers --

    /// @inheritdoc ITopics
    function register(uint32 topicId, address signer, address payee, uint8 roles) external {
        Topic storage topic = _topicOf(topicId);
        require(roles > 0 && roles <= ROLES_ALL, RolesUnknown(roles));
        require(payee != address(0), AddressMissing("payee"));
        require(topic.workers[msg.sender].roles == 0, AlreadyRegistered(topicId, msg.sender));
        _take(topic, signer);

        topic.workers[msg.sender] = Worker({signer: signer, roles: roles, payee: payee});
        bytes32 registrations = _record(topic, CHANGE_JOINED, roles, signer);
        emit WorkerRegistered(topicId, msg.sender, signer, payee, roles, registrations);
        _collect(topic, registrationFee);
    }

    /// @inheritdoc ITopics
    function leave(uint32 topicId) external {
        Topic storage topic = _topicOf(topicId);
        Worker memory worker = topic.workers[msg.sender];
        require(worker.roles != 0, NotRegistered(topicId, msg.sender));

        delete topic.workers[msg.sender];
        delete topic.owners[worker.signer];
        bytes32 registrations = _record(topic, CHANGE_LEFT, worker.roles, worker.signer);
        emit WorkerLeft(topicId, msg.sender, worker.signer, worker.roles, registrations);
    }

    /// @inheritdoc ITopics
    function changeSigner(uint32 topicId, address signer) external {
        Topic storage topic = _topicOf(topicId);
        Worker storage worker = topic.workers[msg.sender];
        (address previous, uint8 roles) = (worker.signer, worker.roles);
        require(roles != 0, NotRegistered(topicId, msg.sender));
        _take(topic, signer);

        delete topic.owners[previous];
        worker.signer = signer;
        bytes32 registrations = _record(topic, CHANGE_SIGNER, roles, signer);
        emit SignerChanged(topicId, msg.sender, previous, signer, roles, registrations);
        // Every change but leaving is paid for: all members replay them all.
        _collect(topic, registrationFee);
    }

    // -- Reading --

    /// @inheritdoc ITopics
    function parametersAt(uint32 topicId, uint32 epoch) external view returns (bytes32 parametersHash) {
        Topic storage topic = _topicOf(topicId);
        // Reverts for an epoch that the topic does not have.
        _window(topic, epoch);
        (parametersHash, ) = topic.parameters.lookup(epoch);
    }

    /// @inheritdoc ITopics
    function parametersRow(bytes32 parametersHash) external view returns (bytes memory) {
        address code = _rows[parametersHash];
        require(code != address(0), ParametersUnknown(parametersHash));
        return SSTORE2.read(code);
    }

    /// @inheritdoc ITopics
    function windowOf(uint32 topicId, uint32 epoch) external view returns (uint32 opensAt, uint32 closesAt) {
        return _window(_topicOf(topicId), epoch);
    }

    /// @inheritdoc ITopics
    function epochAt(uint32 topicId, uint32 time) external view returns (uint32 epoch) {
        Topic storage topic = _topicOf(topicId);
        require(time >= topic.start, TimeBeforeStart(time, topic.start));
        uint256 found = uint256(topic.firstEpoch) + (time - topic.start) / topic.length;
        require(found < ParameterRules.EPOCHS, EpochOutOfRange(found, topic.firstEpoch));
        // Below 2^28.
        return uint32(found);
    }

    /// @inheritdoc ITopics
    function registrationsAt(uint32 topicId, uint32 time) external view returns (bytes32 registrations, uint32 count) {
        return _topicOf(topicId).registrations.lookup(time);
    }

    /// @inheritdoc ITopics
    function signerAt(uint32 topicId, address owner, uint32 epoch) external view returns (address) {
        Topic storage topic = _topicOf(topicId);
        (uint32 opensAt, ) = _window(topic, epoch);
        if (opensAt < delaySeconds) return address(0);
        return address(uint160(topic.standings[owner].upperLookupRecent(opensAt - delaySeconds)));
    }

    /// @inheritdoc ITopics
    function standingAt(
        uint32 topicId,
        address owner,
        uint32 time
    ) external view returns (address signer, uint8 roles) {
        uint256 standing = _topicOf(topicId).standings[owner].upperLookupRecent(time);
        return (address(uint160(standing)), uint8(standing >> 160));
    }

    /// @inheritdoc ITopics
    function workerOf(uint32 topicId, address owner) external view returns (Worker memory) {
        return _topicOf(topicId).workers[owner];
    }

    /// @inheritdoc ITopics
    function creatorOf(uint32 topicId) external view returns (address) {
        return _topicOf(topicId).creator;
    }

    /// @inheritdoc ITopics
    function feesOf(uint32 topicId) external view returns (uint256) {
        return _topicOf(topicId).fees;
    }

    // -- Inside --

    function _topicOf(uint32 topicId) private view returns (Topic storage topic) {
        topic = _topics[topicId];
        require(topic.creator != address(0), TopicUnknown(topicId));
    }

    function _window(Topic storage topic, uint32 epoch) private view returns (uint32 opensAt, uint32 closesAt) {
        uint256 first = topic.firstEpoch;
        require(epoch >= first && epoch < ParameterRules.EPOCHS, EpochOutOfRange(epoch, first));
        // In 256 bits: at most 2^28 * 2^32 + 3 * 2^32.
        uint256 opens = topic.start + (epoch - first) * topic.length + topic.windowOpens;
        uint256 closes = opens + topic.windowLength;
        require(closes <= type(uint32).max, EpochOutOfRange(epoch, first));
        return (uint32(opens), uint32(closes));
    }

    /// @dev Stores a row under its hash, unless it is there already.
    function _keep(bytes memory row) private returns (bytes32 parametersHash) {
        parametersHash = keccak256(row);
        if (_rows[parametersHash] == address(0)) _rows[parametersHash] = SSTORE2.write(row);
    }

    /// @dev Compares the parts of two rows that settled states and running workers rely on.
    function _checkUnchanged(bytes memory previous, bytes memory current) private pure {
        require(_same(previous, current, TOPIC_TYPE_AT, 1), ParameterImmutable("topicType"));
        require(
            _same(previous, current, LABEL_COUNT_AT, 2) && _same(previous, current, LABELS_HASH_AT, 32),
            ParameterImmutable("labels")
        );
        require(_same(previous, current, SCHEDULE_AT, 32), ParameterImmutable("schedule"));
        require(_same(previous, current, SEATS_AT, 1), ParameterImmutable("infererSeats"));
        require(_same(previous, current, SEATS_AT + 1, 1), ParameterImmutable("forecasterSeats"));
        require(_same(previous, current, SEATS_AT + 2, 1), ParameterImmutable("newcomerSeats"));
    }

    function _same(bytes memory left, bytes memory right, uint256 from, uint256 length) private pure returns (bool) {
        for (uint256 i = from; i < from + length; ++i) {
            if (left[i] != right[i]) return false;
        }
        return true;
    }

    /// @dev Gives `signer` to the caller.
    function _take(Topic storage topic, address signer) private {
        require(signer != address(0), AddressMissing("signer"));
        address owner = topic.owners[signer];
        require(owner == address(0), SignerTaken(signer, owner));
        topic.owners[signer] = msg.sender;
    }

    /// @dev Appends one entry of the caller to the running hash and checkpoints the caller's key.
    function _record(
        Topic storage topic,
        uint8 change,
        uint8 roles,
        address signer
    ) private returns (bytes32 registrations) {
        (, bytes32 previous, uint32 count) = topic.registrations.latest();
        registrations = keccak256(abi.encodePacked(previous, change, roles, msg.sender, signer));
        uint48 time = uint48(block.timestamp);
        topic.registrations.push(time, registrations, count + 1);
        uint208 standing = (uint208(roles) << 160) | uint160(signer);
        topic.standings[msg.sender].push(time, change == CHANGE_LEFT ? 0 : standing);
    }

    /// @dev Last in every call, after all effects. The cast loses nothing that stays: there are less than 2^90 units of ALLO,
    /// so a larger amount reverts in the transfer.
    function _collect(Topic storage topic, uint256 amount) private {
        topic.fees += uint128(amount);
        IERC20(allo).safeTransferFrom(msg.sender, ecosystem, amount);
    }
}
