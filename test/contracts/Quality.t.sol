// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {QualityConsumer} from "../../contracts/examples/QualityConsumer.sol";
import {IReader} from "../../contracts/interfaces/IReader.sol";
import {ISettlements} from "../../contracts/interfaces/ISettlements.sol";
import {Quality} from "../../contracts/libraries/Quality.sol";
import {Settlement} from "../../contracts/types/Settlement.sol";
import {SettlementsTest} from "./support/SettlementsTest.sol";

/// @dev What a settlement says of its topic, and a consumer that asks for it.
contract QualityTest is SettlementsTest {
    QualityConsumer private consumer;

    function setUp() public override {
        super.setUp();
        consumer = new QualityConsumer(reports, settlements, TOPIC, 1 hours, 0.25e18, 2 days, 9);
        _post(_report(5, START));
    }

    // -- The word --

    function test_qualityOf_aTopicWithoutSettlements_isUnknown() public view {
        ISettlements.TopicQuality memory none;
        assertEq(abi.encode(settlements.qualityOf(TOPIC)), abi.encode(none));
    }

    function test_qualityOf_saysWhatTheHeadSays() public {
        vm.warp(START + 3);
        _settle(_settlement(FIRST, 0));
        ISettlements.TopicQuality memory quality = settlements.qualityOf(TOPIC);
        assertEq(quality.networkLoss, -0.5e18);
        assertEq(quality.naiveLoss, -0.25e18);
        assertEq(quality.coverage68, 0.68e18);
        assertEq(quality.coverage95, 0.95e18);
        assertEq(quality.workers, 9);
        assertTrue(quality.known);
        assertEq(quality.missed, 3);
        assertEq(quality.acceptedAt, START + 3);
    }

    /// Law: each field comes out of its own bits, whatever the others are.
    function testFuzz_qualityOf(
        int64 network,
        int64 naive,
        uint16 one,
        uint16 two,
        uint8 workers,
        bool known,
        uint32 missed
    ) public {
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.quality = bytes32(abi.encodePacked(network, naive, one, two, workers, known, missed, uint48(0)));
        _settle(settlement);
        ISettlements.TopicQuality memory expected = ISettlements.TopicQuality({
            networkLoss: int256(network) * 1e9,
            naiveLoss: int256(naive) * 1e9,
            coverage68: uint256(one) * 1e14,
            coverage95: uint256(two) * 1e14,
            workers: workers,
            known: known,
            missed: missed,
            acceptedAt: START
        });
        assertEq(abi.encode(settlements.qualityOf(TOPIC)), abi.encode(expected));
    }

    // -- The consumer --

    function test_latest_givesValueAndTime_atTheLimits() public {
        _settle(_settlement(FIRST, 0));
        (int128 value, uint32 aboutAt) = consumer.latest();
        assertEq(value, -3.5e18);
        assertEq(aboutAt, START + 8 hours);
        vm.warp(START + 1 hours);
        consumer.latest();
    }

    function test_latest_revertsWhen_nothingIsSettled() public {
        _refuses(abi.encodeWithSelector(Quality.QualityUnknown.selector, TOPIC));
    }

    /// A topic whose every epoch was missed has settlements, and no quality.
    function test_latest_revertsWhen_everythingWasMissed() public {
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.quality = bytes32(uint256(1) << 48);
        _settle(settlement);
        _refuses(abi.encodeWithSelector(Quality.QualityUnknown.selector, TOPIC));
    }

    function test_latest_revertsWhen_qualityIsStale() public {
        _settle(_settlement(FIRST, 0));
        vm.warp(START + 2 days);
        _post(_report(6, START + 2 days));
        consumer.latest();
        vm.warp(START + 2 days + 1);
        _refuses(abi.encodeWithSelector(Quality.QualityStale.selector, 2 days + 1, 2 days));
    }

    function test_latest_revertsWhen_workersAreFew() public {
        Settlement memory settlement = _settlement(FIRST, 0);
        settlement.quality = QUALITY ^ bytes32(uint256(1) << 88);
        _settle(settlement);
        _refuses(abi.encodeWithSelector(Quality.WorkersTooFew.selector, 8, 9));
    }

    function test_latest_revertsWhen_skillIsLow() public {
        Settlement memory settlement = _settlement(FIRST, 0);
        // One unit less of naive loss.
        settlement.quality = bytes32(uint256(QUALITY) - (uint256(1) << 128));
        _settle(settlement);
        _refuses(abi.encodeWithSelector(Quality.SkillTooLow.selector, 0.25e18 - 1e9, 0.25e18));
    }

    function test_latest_revertsWhen_theReportIsStaleOrMissing() public {
        _settle(_settlement(FIRST, 0));
        vm.warp(START + 1 hours + 1);
        _refuses(abi.encodeWithSelector(QualityConsumer.StaleReport.selector, 1 hours + 1, 1 hours));
        Settlement memory other = _settlement(FIRST, 0);
        other.topicId = 1;
        _settle(other);
        consumer = new QualityConsumer(reports, settlements, 1, 1 hours, 0, 1 days, 1);
        _refuses(abi.encodeWithSelector(IReader.NoReport.selector, 1, 0));
    }

    function _refuses(bytes memory why) private {
        vm.expectRevert(why);
        consumer.latest();
    }
}
