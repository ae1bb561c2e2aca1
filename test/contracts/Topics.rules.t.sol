// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ParameterRules} from "../../contracts/libraries/ParameterRules.sol";
import {Arithmetic, Parameters, Seating} from "../../contracts/types/Parameters.sol";
import {TopicsTest} from "./support/TopicsTest.sol";

/// @dev Each rule of the parameters: the bound is accepted, one unit beyond is refused with given and required.
contract TopicsRulesTest is TopicsTest {
    function check(Parameters calldata parameters) external pure {
        ParameterRules.check(parameters);
    }

    function test_check_acceptsTheExample() public view {
        this.check(_example());
    }

    function test_check_refusesByNameWhatIsNotBuilt() public {
        Parameters memory p = _example();
        p.truthSource = 2;
        _refused(p, abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("truthSource")));
        p = _example();
        p.allowNegative = true;
        _refused(p, abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("allowNegative")));
        p = _example();
        p.rowsPublished = true;
        _refused(p, abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("rowsPublished")));
        p = _example();
        p.seating.workersListed = true;
        _refused(p, abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("workersListed")));
        p = _example();
        p.seating.reputersListed = true;
        _refused(p, abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("reputersListed")));
        p = _example();
        p.money.workerBond = 1;
        _refused(p, abi.encodeWithSelector(ParameterRules.NotBuilt.selector, bytes32("workerBond")));
    }

    function test_check_kinds() public {
        Parameters memory p = _example();
        p.topicType = 0;
        _refused(p, abi.encodeWithSelector(ParameterRules.TopicTypeUnknown.selector, 0));
        p.topicType = 3;
        _refused(p, abi.encodeWithSelector(ParameterRules.TopicTypeUnknown.selector, 3));
        p = _example();
        p.truthSource = 0;
        _refused(p, abi.encodeWithSelector(ParameterRules.TruthSourceUnknown.selector, 0));
        p = _example();
        p.lossMethod = 0;
        _refused(p, abi.encodeWithSelector(ParameterRules.LossMethodUnknown.selector, 0));
        p.lossMethod = 4;
        _refused(p, abi.encodeWithSelector(ParameterRules.LossMethodUnknown.selector, 4));
        p.lossMethod = 3;
        _refused(p, abi.encodeWithSelector(ParameterRules.LossMethodUnfit.selector, 3, 1));
        p.lossMethod = 2;
        this.check(p);
        p.weightRule = 2;
        _refused(p, abi.encodeWithSelector(ParameterRules.WeightRuleUnknown.selector, 2));
    }

    function test_check_labels() public {
        Parameters memory p = _labelled(64);
        this.check(p);
        _refused(_labelled(65), abi.encodeWithSelector(ParameterRules.LabelCountOutOfRange.selector, 65, 1, 64));
        _refused(_labelled(0), abi.encodeWithSelector(ParameterRules.LabelCountOutOfRange.selector, 0, 1, 64));
        p = _labelled(3);
        p.maxLabels = 2;
        _refused(p, abi.encodeWithSelector(ParameterRules.MaxLabelsNotLabelCount.selector, 2, 3));
        p = _labelled(3);
        p.labels[2] = p.labels[0];
        _refused(p, abi.encodeWithSelector(ParameterRules.LabelRepeated.selector, 2, 0));
        p.labels[2] = "";
        _refused(p, abi.encodeWithSelector(ParameterRules.LabelLengthOutOfRange.selector, 2, 0, 1, 64));
        p.labels[2] = string(new bytes(65));
        _refused(p, abi.encodeWithSelector(ParameterRules.LabelLengthOutOfRange.selector, 2, 65, 1, 64));
        p.labels[2] = string(new bytes(64));
        this.check(p);
        p = _example();
        p.labels[0] = "Y";
        _refused(p, abi.encodeWithSelector(ParameterRules.SingleLabelNotY.selector, "Y"));
        p = _example();
        p.metadata = string(new bytes(256));
        _refused(p, abi.encodeWithSelector(ParameterRules.MetadataTooLong.selector, 256, 255));
    }

    /// @dev Labels of one byte each.
    function _labelled(uint256 count) private pure returns (Parameters memory p) {
        p = _example();
        p.labels = new string[](count);
        p.maxLabels = uint16(count);
        for (uint256 i; i < count; ++i) {
            p.labels[i] = string(abi.encodePacked(uint8(i + 1)));
        }
    }

    function test_check_schedule() public {
        Parameters memory p = _example();
        p.schedule.firstEpoch = (1 << 28) - 1;
        this.check(p);
        p.schedule.firstEpoch = 1 << 28;
        _refused(p, abi.encodeWithSelector(ParameterRules.FirstEpochTooGreat.selector, 1 << 28, (1 << 28) - 1));
        p = _example();
        p.schedule.windowOpens = 23 hours;
        this.check(p);
        p.schedule.windowOpens += 1;
        _refused(p, abi.encodeWithSelector(ParameterRules.WindowOutsideEpoch.selector, 82_801, 3_600, 86_400));
        p = _example();
        p.schedule.windowLength = 0;
        _refused(p, abi.encodeWithSelector(ParameterRules.WindowOutsideEpoch.selector, 72_000, 0, 86_400));
        // Their sum is 3599 modulo 2^32.
        (p.schedule.windowOpens, p.schedule.windowLength) = (type(uint32).max, 3_600);
        _refused(
            p,
            abi.encodeWithSelector(ParameterRules.WindowOutsideEpoch.selector, type(uint32).max, 3_600, 86_400)
        );
        p = _example();
        p.schedule.start = type(uint32).max - 21 hours;
        this.check(p);
        p.schedule.start += 1;
        _refused(
            p,
            abi.encodeWithSelector(ParameterRules.ScheduleBeyondTime.selector, uint256(1 << 32), type(uint32).max)
        );
        p = _example();
        p.schedule.lag = (1 << 24) - 1;
        this.check(p);
        p.schedule.lag = 1 << 24;
        _refused(p, abi.encodeWithSelector(ParameterRules.LagTooLong.selector, 1 << 24, (1 << 24) - 1));
        p = _example();
        p.schedule.deadline = p.schedule.truthWindow;
        this.check(p);
        p.schedule.deadline -= 1;
        _refused(p, abi.encodeWithSelector(ParameterRules.DeadlineBeforeTruthWindow.selector, 7_199, 7_200));
    }

    function test_check_arithmetic() public {
        Parameters memory p = _example();
        Arithmetic memory a = p.arithmetic;
        (a.pNorm, a.cNorm, a.alphaRegret, a.alphaScore, a.alphaError) = (10e18, -10e18, 1, 0, 1);
        (a.epsilon, a.lossFloor, a.minimum, a.maximum) = (1e14, 1, -1e33, 1e33);
        (a.infererQuantile, a.forecasterQuantile, a.reputerQuantile) = (0, 1e18, 1e18);
        this.check(p);

        int256 wad = 1e18;
        _bounds(_setPNorm, ParameterRules.PNormOutOfRange.selector, wad, 10 * wad);
        _bounds(_setCNorm, ParameterRules.CNormOutOfRange.selector, -10 * wad, 10 * wad);
        _bounds(_setAlphaRegret, ParameterRules.AlphaRegretOutOfRange.selector, 1, wad);
        _bounds(_setAlphaScore, ParameterRules.AlphaScoreOutOfRange.selector, 0, wad - 1);
        _bounds(_setAlphaError, ParameterRules.AlphaErrorOutOfRange.selector, 1, wad);
        _bounds(_setEpsilon, ParameterRules.EpsilonOutOfRange.selector, 1e14, 1e33);
        _bounds(_setLossFloor, ParameterRules.LossFloorOutOfRange.selector, 1, 1e33);
        _bounds(_setUnityTolerance, ParameterRules.UnityToleranceOutOfRange.selector, 0, wad);
        _bounds(_setTruthTolerance, ParameterRules.TruthToleranceOutOfRange.selector, 1, 1e33);
        _bounds(_setSlashTolerance, ParameterRules.SlashToleranceOutOfRange.selector, 5, 1e33);
    }

    /// @dev Both bounds are accepted; what is one unit outside is refused with given, low and high.
    function _bounds(
        function(int128) pure returns (Parameters memory) set,
        bytes4 selector,
        int256 low,
        int256 high
    ) private {
        this.check(set(int128(low)));
        this.check(set(int128(high)));
        _refused(set(int128(low - 1)), abi.encodeWithSelector(selector, low - 1, low, high));
        _refused(set(int128(high + 1)), abi.encodeWithSelector(selector, high + 1, low, high));
    }

    function test_check_valueRange() public {
        Parameters memory p = _example();
        (p.arithmetic.minimum, p.arithmetic.maximum) = (5, 5);
        _refused(p, _range(5, 5, -1e33, 1e33));
        (p.arithmetic.minimum, p.arithmetic.maximum) = (-1e33 - 1, 5);
        _refused(p, _range(-1e33 - 1, 5, -1e33, 1e33));
        (p.arithmetic.minimum, p.arithmetic.maximum) = (5, 1e33 + 1);
        _refused(p, _range(5, 1e33 + 1, -1e33, 1e33));

        // Probabilities.
        p = _example();
        (p.topicType, p.lossMethod) = (2, 3);
        _refused(p, _range(-60e18, 60e18, 0, 1e18));
        (p.arithmetic.minimum, p.arithmetic.maximum) = (0, 1e18);
        this.check(p);

        // A default counts only where a label can be left out.
        p.arithmetic.labelDefault = -1;
        this.check(p);
        p = _labelled(2);
        p.arithmetic.labelDefault = 60e18 + 1;
        _refused(
            p,
            abi.encodeWithSelector(ParameterRules.LabelDefaultOutOfRange.selector, 60e18 + 1, int256(-60e18), 60e18)
        );
    }

    function test_check_quantiles() public {
        Parameters memory p = _example();
        p.arithmetic.infererQuantile = -1;
        _refused(p, _quantile("infererQuantile", -1));
        p = _example();
        p.arithmetic.forecasterQuantile = 1e18 + 1;
        _refused(p, _quantile("forecasterQuantile", 1e18 + 1));
        p = _example();
        p.arithmetic.reputerQuantile = 1e18 + 1;
        _refused(p, _quantile("reputerQuantile", 1e18 + 1));
    }

    function test_check_seats() public {
        Parameters memory p = _example();
        p.seating = Seating(32, 6, 32, 255, 32, false, false);
        this.check(p);
        p.seating = Seating(33, 6, 0, 0, 0, false, false);
        _refused(p, abi.encodeWithSelector(ParameterRules.InfererSeatsOutOfRange.selector, 33, 1, 32));
        p.seating.infererSeats = 0;
        _refused(p, abi.encodeWithSelector(ParameterRules.InfererSeatsOutOfRange.selector, 0, 1, 32));
        p.seating = Seating(1, 7, 0, 0, 0, false, false);
        _refused(p, abi.encodeWithSelector(ParameterRules.ForecasterSeatsOutOfRange.selector, 7, 0, 6));
        p.seating = Seating(1, 0, 2, 0, 0, false, false);
        _refused(p, abi.encodeWithSelector(ParameterRules.NewcomerSeatsTooMany.selector, 2, 1));
        p.seating = Seating(1, 0, 1, 0, 2, false, false);
        _refused(p, abi.encodeWithSelector(ParameterRules.RewardedInferersTooMany.selector, 2, 1));
    }

    function _refused(Parameters memory parameters, bytes memory reason) private {
        vm.expectRevert(reason);
        this.check(parameters);
    }

    function _range(int256 minimum, int256 maximum, int256 low, int256 high) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ParameterRules.ValueRangeInvalid.selector, minimum, maximum, low, high);
    }

    function _quantile(bytes32 name, int256 given) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ParameterRules.QuantileOutOfRange.selector, name, given, 0, 1e18);
    }

    function _setPNorm(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.pNorm = value;
    }

    function _setCNorm(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.cNorm = value;
    }

    function _setAlphaRegret(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.alphaRegret = value;
    }

    function _setAlphaScore(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.alphaScore = value;
    }

    function _setAlphaError(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.alphaError = value;
    }

    function _setEpsilon(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.epsilon = value;
    }

    function _setLossFloor(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.lossFloor = value;
    }

    function _setUnityTolerance(int128 value) private pure returns (Parameters memory p) {
        (p = _example()).arithmetic.unityTolerance = value;
    }

    function _setTruthTolerance(int128 value) private pure returns (Parameters memory p) {
        p = _example();
        (p.money.truthTolerance, p.money.slashTolerance) = (value, 1e33);
    }

    function _setSlashTolerance(int128 value) private pure returns (Parameters memory p) {
        p = _example();
        (p.money.truthTolerance, p.money.slashTolerance) = (5, value);
    }
}
