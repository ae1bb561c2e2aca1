// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Allo} from "../../../contracts/Allo.sol";
import {Topics} from "../../../contracts/Topics.sol";
import {Arithmetic, Money, Parameters, Schedule, Seating} from "../../../contracts/types/Parameters.sol";
import {Test} from "./Test.sol";

/// @dev Topics with a token, a few actors who can pay, and one example of parameters.
abstract contract TopicsTest is Test {
    uint256 internal constant CREATE_FEE = 10e18;
    uint256 internal constant REGISTRATION_FEE = 1e18;
    uint32 internal constant DELAY = 3_600;
    uint32 internal constant NOW = 1_700_000_000;
    uint32 internal constant START = NOW + 1 days;

    address internal immutable ECOSYSTEM = _actor("ecosystem");
    address internal immutable CREATOR = _actor("creator");
    address internal immutable ALICE = _actor("alice");
    address internal immutable BOB = _actor("bob");
    address internal immutable OUTSIDER = _actor("outsider");
    address internal immutable KEY_A = _actor("key a");
    address internal immutable KEY_B = _actor("key b");
    address internal immutable PAYEE = _actor("payee");

    Allo internal allo;
    Topics internal topics;

    function setUp() public virtual {
        vm.warp(NOW);
        address[] memory holders = new address[](4);
        uint256[] memory amounts = new uint256[](4);
        (holders[0], holders[1], holders[2], holders[3]) = (CREATOR, ALICE, BOB, OUTSIDER);
        for (uint256 i; i < 4; ++i) {
            amounts[i] = 250_000_000e18;
        }
        allo = new Allo(holders, amounts);
        topics = new Topics(address(allo), ECOSYSTEM, CREATE_FEE, REGISTRATION_FEE, DELAY);
        for (uint256 i; i < 4; ++i) {
            vm.prank(holders[i]);
            allo.approve(address(topics), type(uint256).max);
        }
    }

    function _create() internal returns (uint32 topicId) {
        vm.prank(CREATOR);
        return topics.create(_example());
    }

    function _register(uint32 topicId, address owner, address signer) internal {
        vm.prank(owner);
        topics.register(topicId, signer, PAYEE, 1);
    }

    /// @dev A day per epoch; the window fills the hour from the twentieth on; the truth is about a day later.
    function _example() internal pure returns (Parameters memory parameters) {
        string[] memory labels = new string[](1);
        labels[0] = "y";
        parameters = Parameters({
            topicType: 1,
            truthSource: 1,
            lossMethod: 1,
            weightRule: 1,
            maxLabels: 1,
            allowNegative: false,
            rowsPublished: false,
            history: 0,
            metadata: "tomorrow's maximum",
            labels: labels,
            schedule: Schedule({
                start: START,
                firstEpoch: 5,
                length: 1 days,
                windowOpens: 20 hours,
                windowLength: 1 hours,
                lag: 1 days,
                truthWindow: 2 hours,
                deadline: 12 hours
            }),
            arithmetic: _arithmetic(),
            seating: Seating({
                infererSeats: 8,
                forecasterSeats: 2,
                newcomerSeats: 1,
                benchSize: 4,
                rewardedInferers: 8,
                workersListed: false,
                reputersListed: false
            }),
            money: Money({truthTolerance: 1e17, slashTolerance: 1e18, workerBond: 0, reputerMinimum: 0})
        });
    }

    function _arithmetic() private pure returns (Arithmetic memory) {
        return
            Arithmetic({
                pNorm: 3e18,
                cNorm: 0.75e18,
                alphaRegret: 0.1e18,
                alphaScore: 0.1e18,
                alphaError: 0.1e18,
                epsilon: 0.01e18,
                lossFloor: 0.05e18,
                minimum: -60e18,
                maximum: 60e18,
                requireUnity: false,
                unityTolerance: 0,
                labelDefault: 0,
                infererQuantile: 0.25e18,
                forecasterQuantile: 0.25e18,
                reputerQuantile: 0.25e18
            });
    }
}
