// SPDX-License-Identifier: Apache-2.0
// The rules that a topic's parameters obey, so that no admissible row can make the core fail.
pragma solidity ^0.8.28;

import {
    Arithmetic,
    LOSS_CROSS_ENTROPY,
    LOSS_SQUARED,
    Money,
    Parameters,
    Schedule,
    Seating,
    TOPIC_CLASSIFICATION,
    TOPIC_REGRESSION,
    TRUTH_RECORDED,
    TRUTH_REPUTERS,
    WEIGHT_RULE_V16
} from "../types/Parameters.sol";

library ParameterRules {
    int256 internal constant WAD = 1e18;
    /// @dev No amount in a topic is larger: 1e15 as a Wad. Sums of 128 products of two of them fit 256 bits.
    int256 internal constant AMOUNT_LIMIT = 1e33;
    int256 internal constant EPSILON_MINIMUM = 1e14;
    uint256 internal constant METADATA_BYTES = 255;
    uint256 internal constant LABELS = 64;
    uint256 internal constant LABEL_BYTES = 64;
    uint256 internal constant INFERER_SEATS = 32;
    uint256 internal constant FORECASTER_SEATS = 6;
    /// @dev The word of a reading holds 28 bits of epoch and 24 bits of lag.
    uint256 internal constant EPOCHS = 1 << 28;
    uint256 internal constant LAG_SECONDS = 1 << 24;

    /// @notice Thrown when a parameter asks for what this deployment does not do.
    error NotBuilt(bytes32 parameter);
    /// @notice Thrown when the topic type is neither regression (1) nor classification (2).
    error TopicTypeUnknown(uint8 given);
    /// @notice Thrown when the truth source is neither reputers (1) nor recorded on chain (2).
    error TruthSourceUnknown(uint8 given);
    /// @notice Thrown when the loss is neither squared (1), absolute (2) nor cross-entropy (3).
    error LossMethodUnknown(uint8 given);
    /// @notice Thrown when a regression asks for the cross-entropy, which only probabilities have.
    error LossMethodUnfit(uint8 given, uint8 topicType);
    /// @notice Thrown when the weight rule is not 1.
    error WeightRuleUnknown(uint8 given);
    /// @notice Thrown when the metadata has more bytes than allowed.
    error MetadataTooLong(uint256 given, uint256 required);
    /// @notice Thrown when there is no label or more than 64.
    error LabelCountOutOfRange(uint256 given, uint256 low, uint256 high);
    /// @notice Thrown when a label is empty or longer than 64 bytes.
    error LabelLengthOutOfRange(uint256 index, uint256 given, uint256 low, uint256 high);
    /// @notice Thrown when a label stands twice.
    error LabelRepeated(uint256 index, uint256 first);
    /// @notice Thrown when the one label of a regression is not "y".
    error SingleLabelNotY(string given);
    /// @notice Thrown when `maxLabels` is not the number of labels.
    error MaxLabelsNotLabelCount(uint256 given, uint256 required);
    /// @notice Thrown when the first epoch does not fit the 28 bits that a reading has for it.
    error FirstEpochTooGreat(uint256 given, uint256 limit);
    /// @notice Thrown when the submission window has no length or does not end within its epoch.
    error WindowOutsideEpoch(uint256 opens, uint256 length, uint256 epochLength);
    /// @notice Thrown when the first epoch's window closes after the last second that a uint32 can name.
    error ScheduleBeyondTime(uint256 given, uint256 required);
    /// @notice Thrown when the lag does not fit the 24 bits that a reading has for it.
    error LagTooLong(uint256 given, uint256 limit);
    /// @notice Thrown when the deadline for truths comes before their window closes.
    error DeadlineBeforeTruthWindow(uint256 given, uint256 required);
    /// @notice Thrown when a Wad parameter lies outside [low, high].
    error PNormOutOfRange(int256 given, int256 low, int256 high);
    error CNormOutOfRange(int256 given, int256 low, int256 high);
    error AlphaRegretOutOfRange(int256 given, int256 low, int256 high);
    error AlphaScoreOutOfRange(int256 given, int256 low, int256 high);
    error AlphaErrorOutOfRange(int256 given, int256 low, int256 high);
    error EpsilonOutOfRange(int256 given, int256 low, int256 high);
    error LossFloorOutOfRange(int256 given, int256 low, int256 high);
    error UnityToleranceOutOfRange(int256 given, int256 low, int256 high);
    error LabelDefaultOutOfRange(int256 given, int256 low, int256 high);
    error QuantileOutOfRange(bytes32 parameter, int256 given, int256 low, int256 high);
    error TruthToleranceOutOfRange(int256 given, int256 low, int256 high);
    error SlashToleranceOutOfRange(int256 given, int256 low, int256 high);
    /// @notice Thrown when the values' range is empty or exceeds [low, high]: 1e15 either way, [0, 1] for probabilities.
    error ValueRangeInvalid(int256 minimum, int256 maximum, int256 low, int256 high);
    /// @notice Thrown when there are no inferer seats or more than 32.
    error InfererSeatsOutOfRange(uint256 given, uint256 low, uint256 high);
    /// @notice Thrown when there are more than 6 forecaster seats.
    error ForecasterSeatsOutOfRange(uint256 given, uint256 low, uint256 high);
    /// @notice Thrown when there are more newcomer seats than inferer seats.
    error NewcomerSeatsTooMany(uint256 given, uint256 required);
    /// @notice Thrown when more inferers shall be rewarded than have seats.
    error RewardedInferersTooMany(uint256 given, uint256 required);

    /// @dev Returns if every rule holds and reverts with the first that does not.
    function check(Parameters memory parameters) internal pure {
        _checkKind(parameters);
        _checkLabels(parameters);
        _checkSchedule(parameters.schedule);
        _checkArithmetic(parameters);
        _checkSeating(parameters.seating);
        _checkMoney(parameters.money);
    }

    function _checkKind(Parameters memory parameters) private pure {
        uint8 topicType = parameters.topicType;
        uint8 loss = parameters.lossMethod;
        require(topicType == TOPIC_REGRESSION || topicType == TOPIC_CLASSIFICATION, TopicTypeUnknown(topicType));
        uint8 source = parameters.truthSource;
        require(source != TRUTH_RECORDED, NotBuilt("truthSource"));
        require(source == TRUTH_REPUTERS, TruthSourceUnknown(source));
        require(loss >= LOSS_SQUARED && loss <= LOSS_CROSS_ENTROPY, LossMethodUnknown(loss));
        require(loss != LOSS_CROSS_ENTROPY || topicType == TOPIC_CLASSIFICATION, LossMethodUnfit(loss, topicType));
        require(parameters.weightRule == WEIGHT_RULE_V16, WeightRuleUnknown(parameters.weightRule));
        require(!parameters.allowNegative, NotBuilt("allowNegative"));
        require(!parameters.rowsPublished, NotBuilt("rowsPublished"));
    }

    function _checkLabels(Parameters memory parameters) private pure {
        uint256 metadata = bytes(parameters.metadata).length;
        require(metadata <= METADATA_BYTES, MetadataTooLong(metadata, METADATA_BYTES));
        string[] memory labels = parameters.labels;
        uint256 count = labels.length;
        require(count > 0 && count <= LABELS, LabelCountOutOfRange(count, 1, LABELS));
        require(parameters.maxLabels == count, MaxLabelsNotLabelCount(parameters.maxLabels, count));

        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            uint256 length = bytes(labels[i]).length;
            require(length > 0 && length <= LABEL_BYTES, LabelLengthOutOfRange(i, length, 1, LABEL_BYTES));
            hashes[i] = keccak256(bytes(labels[i]));
            for (uint256 j; j < i; ++j) {
                require(hashes[i] != hashes[j], LabelRepeated(i, j));
            }
        }
        // One value needs no name, so all such topics share one.
        if (parameters.topicType == TOPIC_REGRESSION && count == 1) {
            require(hashes[0] == keccak256("y"), SingleLabelNotY(labels[0]));
        }
    }

    function _checkSchedule(Schedule memory schedule) private pure {
        uint256 first = schedule.firstEpoch;
        require(first < EPOCHS, FirstEpochTooGreat(first, EPOCHS - 1));
        // In 256 bits, so that no sum of two uint32 wraps.
        uint256 opens = schedule.windowOpens;
        uint256 length = schedule.windowLength;
        require(length > 0 && opens + length <= schedule.length, WindowOutsideEpoch(opens, length, schedule.length));
        uint256 close = schedule.start + opens + length;
        require(close <= type(uint32).max, ScheduleBeyondTime(close, type(uint32).max));
        require(schedule.lag < LAG_SECONDS, LagTooLong(schedule.lag, LAG_SECONDS - 1));
        require(
            schedule.deadline >= schedule.truthWindow,
            DeadlineBeforeTruthWindow(schedule.deadline, schedule.truthWindow)
        );
    }

    function _checkArithmetic(Parameters memory parameters) private pure {
        Arithmetic memory a = parameters.arithmetic;
        require(_within(a.pNorm, WAD, 10 * WAD), PNormOutOfRange(a.pNorm, WAD, 10 * WAD));
        require(_within(a.cNorm, -10 * WAD, 10 * WAD), CNormOutOfRange(a.cNorm, -10 * WAD, 10 * WAD));
        require(_within(a.alphaRegret, 1, WAD), AlphaRegretOutOfRange(a.alphaRegret, 1, WAD));
        require(_within(a.alphaScore, 0, WAD - 1), AlphaScoreOutOfRange(a.alphaScore, 0, WAD - 1));
        require(_within(a.alphaError, 1, WAD), AlphaErrorOutOfRange(a.alphaError, 1, WAD));
        require(
            _within(a.epsilon, EPSILON_MINIMUM, AMOUNT_LIMIT),
            EpsilonOutOfRange(a.epsilon, EPSILON_MINIMUM, AMOUNT_LIMIT)
        );
        require(_within(a.lossFloor, 1, AMOUNT_LIMIT), LossFloorOutOfRange(a.lossFloor, 1, AMOUNT_LIMIT));

        bool probabilities = parameters.topicType == TOPIC_CLASSIFICATION;
        int256 low = probabilities ? int256(0) : -AMOUNT_LIMIT;
        int256 high = probabilities ? WAD : AMOUNT_LIMIT;
        require(
            a.minimum < a.maximum && a.minimum >= low && a.maximum <= high,
            ValueRangeInvalid(a.minimum, a.maximum, low, high)
        );
        require(_within(a.unityTolerance, 0, WAD), UnityToleranceOutOfRange(a.unityTolerance, 0, WAD));
        // A single label is never left out, so its default is never used.
        require(
            parameters.labels.length == 1 || _within(a.labelDefault, a.minimum, a.maximum),
            LabelDefaultOutOfRange(a.labelDefault, a.minimum, a.maximum)
        );
        _checkQuantile("infererQuantile", a.infererQuantile);
        _checkQuantile("forecasterQuantile", a.forecasterQuantile);
        _checkQuantile("reputerQuantile", a.reputerQuantile);
    }

    function _checkQuantile(bytes32 parameter, int256 given) private pure {
        require(_within(given, 0, WAD), QuantileOutOfRange(parameter, given, 0, WAD));
    }

    function _checkSeating(Seating memory seating) private pure {
        uint256 inferers = seating.infererSeats;
        require(inferers > 0 && inferers <= INFERER_SEATS, InfererSeatsOutOfRange(inferers, 1, INFERER_SEATS));
        require(
            seating.forecasterSeats <= FORECASTER_SEATS,
            ForecasterSeatsOutOfRange(seating.forecasterSeats, 0, FORECASTER_SEATS)
        );
        require(seating.newcomerSeats <= inferers, NewcomerSeatsTooMany(seating.newcomerSeats, inferers));
        require(seating.rewardedInferers <= inferers, RewardedInferersTooMany(seating.rewardedInferers, inferers));
        require(!seating.workersListed, NotBuilt("workersListed"));
        require(!seating.reputersListed, NotBuilt("reputersListed"));
    }

    function _checkMoney(Money memory money) private pure {
        // A reputer's score divides by the truth tolerance.
        require(
            _within(money.truthTolerance, 1, AMOUNT_LIMIT),
            TruthToleranceOutOfRange(money.truthTolerance, 1, AMOUNT_LIMIT)
        );
        require(
            _within(money.slashTolerance, money.truthTolerance, AMOUNT_LIMIT),
            SlashToleranceOutOfRange(money.slashTolerance, money.truthTolerance, AMOUNT_LIMIT)
        );
        require(money.workerBond == 0, NotBuilt("workerBond"));
    }

    function _within(int256 given, int256 low, int256 high) private pure returns (bool) {
        return given >= low && given <= high;
    }
}
