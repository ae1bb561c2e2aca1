// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Arithmetic, Money, Parameters, Schedule, Seating} from "../../contracts/types/Parameters.sol";
import {TopicsTest} from "./support/TopicsTest.sol";

/// @dev The packed row against a reader written from the table of fields, and parametersAt against a plain list.
contract TopicsParametersTest is TopicsTest {
    bytes private _row;
    uint256 private _at;

    function testFuzz_row_decodesFieldByField(Parameters memory parameters) public {
        _row = parameters.row();
        assertEq(_row.length, 404);
        assertEq(_take(1), 0x11);
        assertEq(_take(1), parameters.topicType);
        assertEq(_take(1), parameters.truthSource);
        assertEq(_take(1), parameters.lossMethod);
        assertEq(_take(1), parameters.weightRule);
        assertEq(_take(2), parameters.labels.length);
        assertEq(_take(2), parameters.maxLabels);
        assertEq(_take(1), parameters.allowNegative ? 1 : 0);
        assertEq(_take(1), parameters.rowsPublished ? 1 : 0);
        assertEq(_take(1), parameters.history);
        assertEq(_take(32), uint256(keccak256(bytes(parameters.metadata))));
        bytes memory hashes;
        for (uint256 i; i < parameters.labels.length; ++i) {
            hashes = bytes.concat(hashes, keccak256(bytes(parameters.labels[i])));
        }
        assertEq(_take(32), uint256(keccak256(hashes)));
        _expectSchedule(parameters.schedule);
        _expectArithmetic(parameters.arithmetic);
        _expectSeating(parameters.seating);
        _expectMoney(parameters.money);
        assertEq(_at, 404);
    }

    function _expectSchedule(Schedule memory schedule) private {
        assertEq(_take(4), schedule.start);
        assertEq(_take(4), schedule.firstEpoch);
        assertEq(_take(4), schedule.length);
        assertEq(_take(4), schedule.windowOpens);
        assertEq(_take(4), schedule.windowLength);
        assertEq(_take(4), schedule.lag);
        assertEq(_take(4), schedule.truthWindow);
        assertEq(_take(4), schedule.deadline);
    }

    function _expectArithmetic(Arithmetic memory arithmetic) private {
        assertEq(_takeWad(), arithmetic.pNorm);
        assertEq(_takeWad(), arithmetic.cNorm);
        assertEq(_takeWad(), arithmetic.alphaRegret);
        assertEq(_takeWad(), arithmetic.alphaScore);
        assertEq(_takeWad(), arithmetic.alphaError);
        assertEq(_takeWad(), arithmetic.epsilon);
        assertEq(_takeWad(), arithmetic.lossFloor);
        assertEq(_takeWad(), arithmetic.minimum);
        assertEq(_takeWad(), arithmetic.maximum);
        assertEq(_take(1), arithmetic.requireUnity ? 1 : 0);
        assertEq(_takeWad(), arithmetic.unityTolerance);
        assertEq(_takeWad(), arithmetic.labelDefault);
        assertEq(_takeWad(), arithmetic.infererQuantile);
        assertEq(_takeWad(), arithmetic.forecasterQuantile);
        assertEq(_takeWad(), arithmetic.reputerQuantile);
    }

    function _expectSeating(Seating memory seating) private {
        assertEq(_take(1), seating.infererSeats);
        assertEq(_take(1), seating.forecasterSeats);
        assertEq(_take(1), seating.newcomerSeats);
        assertEq(_take(1), seating.benchSize);
        assertEq(_take(1), seating.rewardedInferers);
        assertEq(_take(1), seating.workersListed ? 1 : 0);
        assertEq(_take(1), seating.reputersListed ? 1 : 0);
    }

    function _expectMoney(Money memory money) private {
        assertEq(_takeWad(), money.truthTolerance);
        assertEq(_takeWad(), money.slashTolerance);
        assertEq(_take(16), money.workerBond);
        assertEq(_take(16), money.reputerMinimum);
    }

    /// @dev The next `length` bytes of the row, big-endian.
    function _take(uint256 length) private returns (uint256 value) {
        for (uint256 end = _at + length; _at < end; ++_at) {
            value = (value << 8) | uint8(_row[_at]);
        }
    }

    function _takeWad() private returns (int256) {
        uint256 value = _take(16);
        return value < 1 << 127 ? int256(value) : int256(value) - int256(1 << 128);
    }

    // -- Which parameters hold --

    struct Patch {
        uint32 fromEpoch;
        bytes32 parametersHash;
    }

    Patch[] private _patches;

    /// @dev One patch per byte of `moves`, for the same epoch as the last one or up to three later, a while apart.
    function testFuzz_parametersAt_equalsANaiveList(bytes memory moves) public {
        _create();
        Parameters memory parameters = _example();
        _patches.push(Patch(5, keccak256(parameters.row())));
        uint32 epoch = 5;
        for (uint256 i; i < moves.length && i < 20; ++i) {
            epoch += uint8(moves[i]) % 4;
            parameters.arithmetic.lossFloor = int128(uint128(i + 1));
            (uint32 opensAt, ) = topics.windowOf(1, epoch);
            if (uint8(moves[i]) > 200) vm.warp(opensAt - DELAY - 1);
            if (opensAt <= block.timestamp + DELAY) continue;
            vm.prank(CREATOR);
            topics.patch(1, parameters, epoch);
            _patches.push(Patch(epoch, keccak256(parameters.row())));
        }
        for (uint32 n = 5; n <= epoch + 2; ++n) {
            assertEq(topics.parametersAt(1, n), _lastUpTo(n));
        }
    }

    function _lastUpTo(uint32 epoch) private view returns (bytes32 parametersHash) {
        for (uint256 i; i < _patches.length; ++i) {
            if (_patches[i].fromEpoch <= epoch) parametersHash = _patches[i].parametersHash;
        }
    }
}
