// SPDX-License-Identifier: Apache-2.0
// What a topic is: one struct, packed into the row 0x11 that the core reads. Its hash is what `Topics` stores and a report names.
pragma solidity ^0.8.28;

import {ROW_PARAMETERS} from "./Rows.sol";

uint8 constant TOPIC_REGRESSION = 1;
uint8 constant TOPIC_CLASSIFICATION = 2;
uint8 constant TRUTH_REPUTERS = 1;
uint8 constant TRUTH_RECORDED = 2;
uint8 constant LOSS_SQUARED = 1;
uint8 constant LOSS_ABSOLUTE = 2;
uint8 constant LOSS_CROSS_ENTROPY = 3;
uint8 constant WEIGHT_RULE_V16 = 1;

/// @dev Bytes of the packed row, and where the parts that a patch may not touch stand in it, the epoch's length among them.
uint256 constant PARAMETERS_BYTES = 404;
uint256 constant TOPIC_TYPE_AT = 1;
uint256 constant LABEL_COUNT_AT = 5;
uint256 constant LABELS_HASH_AT = 44;
uint256 constant SCHEDULE_AT = 76;
uint256 constant EPOCH_LENGTH_AT = 84;
uint256 constant SEATS_AT = 333;

/// @dev All in seconds but `firstEpoch`. Epoch n starts at start + (n - firstEpoch) * length; its window opens `windowOpens`
/// later and is `windowLength` long; the close is the report's observedAt. The value is about observedAt + lag; truths count
/// until `truthWindow` after that, at the latest until `deadline` after that.
struct Schedule {
    uint32 start;
    uint32 firstEpoch;
    uint32 length;
    uint32 windowOpens;
    uint32 windowLength;
    uint32 lag;
    uint32 truthWindow;
    uint32 deadline;
}

/// @dev Wads (18 decimals) but for `requireUnity`. `minimum` and `maximum` bound every inference; `labelDefault` is the value
/// of a label that a worker leaves out; with `requireUnity` a worker's labels sum to 1 within `unityTolerance`.
struct Arithmetic {
    int128 pNorm;
    int128 cNorm;
    int128 alphaRegret;
    int128 alphaScore;
    int128 alphaError;
    int128 epsilon;
    int128 lossFloor;
    int128 minimum;
    int128 maximum;
    bool requireUnity;
    int128 unityTolerance;
    int128 labelDefault;
    int128 infererQuantile;
    int128 forecasterQuantile;
    int128 reputerQuantile;
}

/// @dev `newcomerSeats` of the inferers' seats go to newcomers by queue; `benchSize` unseated workers keep their scores;
/// `rewardedInferers` is how many are paid, 0 for all.
struct Seating {
    uint8 infererSeats;
    uint8 forecasterSeats;
    uint8 newcomerSeats;
    uint8 benchSize;
    uint8 rewardedInferers;
    bool workersListed;
    bool reputersListed;
}

/// @dev Tolerances are Wads in the unit of the value; bond and minimum are in 1e-18 ALLO. A reputer with less stake than
/// `reputerMinimum`, or none, has no part in the truth.
struct Money {
    int128 truthTolerance;
    int128 slashTolerance;
    uint128 workerBond;
    uint128 reputerMinimum;
}

/// @dev `history` is the number of words in a topic's ring of past values, 0 for none. A topic of one value has the label "y".
struct Parameters {
    uint8 topicType;
    uint8 truthSource;
    uint8 lossMethod;
    uint8 weightRule;
    uint16 maxLabels;
    bool allowNegative;
    bool rowsPublished;
    uint8 history;
    string metadata;
    string[] labels;
    Schedule schedule;
    Arithmetic arithmetic;
    Seating seating;
    Money money;
}

using {row} for Parameters global;

/// @dev The packed row: the fields in the order of the struct, with the number of labels before `maxLabels`, the metadata as
/// its hash and the labels as the hash of their hashes. The parameters hash is its keccak256.
function row(Parameters memory parameters) pure returns (bytes memory) {
    return
        bytes.concat(
            abi.encodePacked(
                ROW_PARAMETERS,
                parameters.topicType,
                parameters.truthSource,
                parameters.lossMethod,
                parameters.weightRule,
                uint16(parameters.labels.length),
                parameters.maxLabels,
                parameters.allowNegative,
                parameters.rowsPublished,
                parameters.history,
                keccak256(bytes(parameters.metadata)),
                _labelsHash(parameters.labels)
            ),
            _scheduleRow(parameters.schedule),
            _arithmeticRow(parameters.arithmetic),
            _seatingRow(parameters.seating),
            _moneyRow(parameters.money)
        );
}

function _labelsHash(string[] memory labels) pure returns (bytes32) {
    bytes32[] memory hashes = new bytes32[](labels.length);
    for (uint256 i; i < labels.length; ++i) {
        hashes[i] = keccak256(bytes(labels[i]));
    }
    return keccak256(abi.encodePacked(hashes));
}

function _scheduleRow(Schedule memory schedule) pure returns (bytes memory) {
    return
        abi.encodePacked(
            schedule.start,
            schedule.firstEpoch,
            schedule.length,
            schedule.windowOpens,
            schedule.windowLength,
            schedule.lag,
            schedule.truthWindow,
            schedule.deadline
        );
}

/// @dev In two pieces, since fifteen values at once are more than the stack holds.
function _arithmeticRow(Arithmetic memory arithmetic) pure returns (bytes memory) {
    return
        bytes.concat(
            abi.encodePacked(
                arithmetic.pNorm,
                arithmetic.cNorm,
                arithmetic.alphaRegret,
                arithmetic.alphaScore,
                arithmetic.alphaError,
                arithmetic.epsilon,
                arithmetic.lossFloor,
                arithmetic.minimum
            ),
            abi.encodePacked(
                arithmetic.maximum,
                arithmetic.requireUnity,
                arithmetic.unityTolerance,
                arithmetic.labelDefault,
                arithmetic.infererQuantile,
                arithmetic.forecasterQuantile,
                arithmetic.reputerQuantile
            )
        );
}

function _seatingRow(Seating memory seating) pure returns (bytes memory) {
    return
        abi.encodePacked(
            seating.infererSeats,
            seating.forecasterSeats,
            seating.newcomerSeats,
            seating.benchSize,
            seating.rewardedInferers,
            seating.workersListed,
            seating.reputersListed
        );
}

function _moneyRow(Money memory money) pure returns (bytes memory) {
    return abi.encodePacked(money.truthTolerance, money.slashTolerance, money.workerBond, money.reputerMinimum);
}
