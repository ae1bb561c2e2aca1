// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Consumer} from "../../contracts/examples/Consumer.sol";
import {IReader} from "../../contracts/interfaces/IReader.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Status} from "../../contracts/types/Word.sol";
import {Attesting} from "./support/Attesting.sol";

/// @dev The consumer refuses by name whatever it must not use.
contract ConsumerTest is Attesting {
    uint128 private constant MAX_SIGMA = 1e18;
    Consumer private consumer;

    function setUp() public {
        _deploy(4);
        consumer = new Consumer(reports, TOPIC, 1 hours, MAX_SIGMA, false);
    }

    function test_latest_givesValueAndTime() public {
        _post(_report(5, START));
        (int128 value, uint32 aboutAt) = consumer.latest();
        assertEq(value, -3.5e18);
        assertEq(aboutAt, START + 8 hours);
    }

    function test_latest_revertsWhen_missing() public {
        _refuses(abi.encodeWithSelector(IReader.NoReport.selector, TOPIC, 0));
    }

    function test_latest_revertsWhen_void() public {
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Void);
        _refuses(abi.encodeWithSelector(IReader.ReportVoid.selector, TOPIC, 0, 5));
    }

    function test_latest_revertsWhen_refuted() public {
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Refuted);
        _refuses(abi.encodeWithSelector(IReader.ReportRefuted.selector, TOPIC, 0, 5));
    }

    /// Late posting does not make an old value young: the age counts from observedAt.
    function test_latest_revertsWhen_stale() public {
        vm.warp(START + 1 hours);
        _post(_report(5, START));
        consumer.latest();
        vm.warp(START + 1 hours + 1);
        _refuses(abi.encodeWithSelector(Consumer.StaleReport.selector, 1 hours + 1, 1 hours));
    }

    function test_latest_revertsWhen_sigmaIsUnknown() public {
        _postSigma(0xffffff);
        _refuses(abi.encodeWithSelector(Consumer.SigmaUnknown.selector));
    }

    function test_latest_revertsWhen_tooUncertain() public {
        // 56,843 * 2^44 is the greatest form below 1e18, 56,844 * 2^44 the least above.
        uint256 snapshot = uint256(56_844) << 44;
        _postSigma((56_844 << 8) | 44);
        _refuses(abi.encodeWithSelector(Consumer.TooUncertain.selector, uint128(snapshot), MAX_SIGMA));
    }

    function test_latest_allowsUpToTheLimit() public {
        _postSigma((56_843 << 8) | 44);
        consumer.latest();
    }

    function test_latest_revertsWhen_notFinal() public {
        consumer = new Consumer(reports, TOPIC, 2 * WINDOW, MAX_SIGMA, true);
        _post(_report(5, START));
        _refuses(abi.encodeWithSelector(Consumer.NotFinal.selector, Status.Attested));
        vm.warp(START + WINDOW);
        consumer.latest();
    }

    function test_latest_onlyFinal_allowsProven() public {
        consumer = new Consumer(reports, TOPIC, 1 hours, MAX_SIGMA, true);
        _post(_report(5, START));
        _setStatus(TOPIC, 0, Status.Proven);
        consumer.latest();
    }

    function _postSigma(uint24 sigma) private {
        Report memory report = _report(5, START);
        report.sigma = sigma;
        _post(report);
    }

    function _refuses(bytes memory why) private {
        vm.expectRevert(why);
        consumer.latest();
    }
}
