// SPDX-License-Identifier: Apache-2.0
// What is asked, when, under which parameters, and by whom it may be answered: the start of the path.
pragma solidity ^0.8.28;

import {Parameters} from "../types/Parameters.sol";

/// @notice The registry of topics and of their workers and reputers. Amounts are in 1e-18 ALLO, times in seconds since 1970.
/// @dev Members read everything about an epoch as it stood `delaySeconds` before that epoch's window opened; what is
/// changed later counts for the next. The errors of unfit parameters stand in `libraries/ParameterRules.sol`.
interface ITopics {
    /// @dev Roles: the sum of 1 inferer, 2 forecaster, 4 reputer; 0 is not registered. A reputer is registered as a worker
    /// is, and everything said of workers here holds for it; its stake lies in `Stakes`.
    struct Worker {
        address signer;
        uint8 roles;
        address payee;
    }

    /// @notice Thrown when there is no topic of this id.
    error TopicUnknown(uint32 topicId);
    /// @notice Thrown when no topic ever had parameters of this hash.
    error ParametersUnknown(bytes32 parametersHash);
    /// @notice Thrown when the caller is not the topic's creator.
    error NotCreator(address given, address required);
    /// @notice Thrown when the named address is zero.
    error AddressMissing(bytes32 parameter);
    /// @notice Thrown when nothing is paid in.
    error AmountMissing();
    /// @notice Thrown when a patch changes what must stay as it was created.
    error ParameterImmutable(bytes32 parameter);
    /// @notice Thrown when the window of a patch's first epoch opens at `given`, which must be later than `required`.
    error PatchTooSoon(uint256 given, uint256 required);
    /// @notice Thrown when a patch would begin at `given`, before an earlier patch that begins at `required`.
    error PatchOutOfOrder(uint32 given, uint32 required);
    /// @notice Thrown when the topic has no such epoch: before its first, or past 28 bits or the year 2106.
    error EpochOutOfRange(uint256 given, uint256 first);
    /// @notice Thrown when a time lies before the start of the topic's first epoch.
    error TimeBeforeStart(uint32 given, uint32 required);
    /// @notice Thrown when roles are none of 1 to 7.
    error RolesUnknown(uint8 given);
    /// @notice Thrown when the caller is registered in the topic already.
    error AlreadyRegistered(uint32 topicId, address owner);
    /// @notice Thrown when the caller is not registered in the topic.
    error NotRegistered(uint32 topicId, address owner);
    /// @notice Thrown when a worker of the topic signs with this key already: one key, one worker.
    error SignerTaken(address signer, address owner);

    event TopicCreated(uint32 indexed topicId, address indexed creator, bytes32 parametersHash, Parameters parameters);
    event ParametersPatched(
        uint32 indexed topicId,
        uint32 indexed fromEpoch,
        bytes32 parametersHash,
        Parameters parameters
    );
    event TopicTransferred(uint32 indexed topicId, address indexed previous, address indexed current);
    event TopicFunded(uint32 indexed topicId, address indexed funder, uint256 amount);
    /// @dev `registrations` is the running hash after this change, whose entry the event holds whole; the next two alike.
    event WorkerRegistered(
        uint32 indexed topicId,
        address indexed owner,
        address signer,
        address payee,
        uint8 roles,
        bytes32 registrations
    );
    event WorkerLeft(uint32 indexed topicId, address indexed owner, address signer, uint8 roles, bytes32 registrations);
    event SignerChanged(
        uint32 indexed topicId,
        address indexed owner,
        address previous,
        address current,
        uint8 roles,
        bytes32 registrations
    );

    /// @notice Creates a topic owned by the caller, who pays `createFee` to the ecosystem. Ids ascend from 1.
    /// @dev Reverts with the first rule of `ParameterRules` that does not hold, or if the fee is not approved.
    /// @dev Epochs that open less than `delaySeconds` after this call have no workers, hence no report.
    function create(Parameters calldata parameters) external returns (uint32 topicId);

    /// @notice Replaces the parameters from an epoch on, whose window opens later than `delaySeconds` from now.
    /// @dev Only the creator. Topic type, labels, schedule and the three numbers of seats stay as they were created.
    /// @dev Patches ascend: one for the same epoch as the newest replaces it, one for an earlier epoch is refused. So what
    /// holds for an epoch can no longer change once less than `delaySeconds` remain until its window opens.
    function patch(uint32 topicId, Parameters calldata parameters, uint32 fromEpoch) external;

    /// @notice Makes `creator` the one who may patch the topic. Only the present creator.
    /// @dev Warning: takes effect at once and asks no consent of the new creator.
    function transfer(uint32 topicId, address creator) external;

    /// @notice Pays `amount` to the ecosystem in the topic's name. Anyone may; nothing is paid back.
    function fund(uint32 topicId, uint256 amount) external;

    /// @notice Registers the caller as a worker of the topic, for `registrationFee` to the ecosystem.
    /// @dev An owner registers once per topic, and may leave and join again, at the end of the order and for a new fee.
    /// @param signer The key that signs submissions; no other present worker of the topic may use it. Possession is not
    /// proved: a key that a stranger has taken is replaced by another.
    /// @param payee Who is paid.
    /// @param roles The sum of 1 inferer, 2 forecaster, 4 reputer.
    function register(uint32 topicId, address signer, address payee, uint8 roles) external;

    /// @notice Takes the caller off the topic's workers and sets the key free. The fee stays.
    function leave(uint32 topicId) external;

    /// @notice Replaces the caller's key, for `registrationFee`. Submissions for epochs that open within `delaySeconds`
    /// still need the old one.
    /// @dev Warning: where the fee is 0 anyone registered can make the topic's list of changes, which every report
    /// before the first settlement carries, longer than its rows can hold.
    function changeSigner(uint32 topicId, address signer) external;

    /// @notice The hash of the parameters that hold for `epoch`.
    function parametersAt(uint32 topicId, uint32 epoch) external view returns (bytes32 parametersHash);

    /// @notice The packed row of kind 0x11 whose keccak256 is `parametersHash`; see `types/Parameters.sol`.
    function parametersRow(bytes32 parametersHash) external view returns (bytes memory);

    /// @notice When the epoch's window opens and closes; the close is the report's observedAt.
    function windowOf(uint32 topicId, uint32 epoch) external view returns (uint32 opensAt, uint32 closesAt);

    /// @notice The epoch that `time` lies in, from its start to just before the next one's.
    function epochAt(uint32 topicId, uint32 time) external view returns (uint32 epoch);

    /// @notice The running hash over the topic's registrations and their number, after all changes up to and at `time`.
    /// @dev Each change is an entry of 42 bytes, see kind 0x15 in `types/Rows.sol`; hash' = keccak256(hash ‖ entry), from 0.
    /// @dev Warning: for the present second or a later one the answer may still change.
    function registrationsAt(uint32 topicId, uint32 time) external view returns (bytes32 registrations, uint32 count);

    /// @notice The key of `owner` as it stood `delaySeconds` before the epoch's window opened; 0 if not registered then.
    /// @dev Warning: until that time has passed the answer may still change.
    function signerAt(uint32 topicId, address owner, uint32 epoch) external view returns (address);

    /// @notice The key and the roles of `owner` after all changes up to and at `time`; zeros if not registered then.
    /// @dev Warning: for the present second or a later one the answer may still change.
    function standingAt(uint32 topicId, address owner, uint32 time) external view returns (address signer, uint8 roles);

    /// @notice The worker as it stands now; zeros if not registered.
    function workerOf(uint32 topicId, address owner) external view returns (Worker memory);

    /// @notice Who may patch and transfer the topic.
    function creatorOf(uint32 topicId) external view returns (address);

    /// @notice All that was paid in the topic's name so far: creation, registrations, funding.
    function feesOf(uint32 topicId) external view returns (uint256);

    /// @notice How many topics there are; the newest has this id.
    function topicCount() external view returns (uint32);

    /// @notice The token of all fees.
    function allo() external view returns (address);

    /// @notice Where fees go.
    function ecosystem() external view returns (address);

    /// @notice The price of a topic.
    function createFee() external view returns (uint256);

    /// @notice The price of one registration of a worker.
    function registrationFee() external view returns (uint256);

    /// @notice How long before its window opens an epoch is settled in what it needs from here.
    function delaySeconds() external view returns (uint32);
}
