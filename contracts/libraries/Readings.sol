// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Word} from "../types/Word.sol";

/// @dev Step 5: a word becomes the ABI encoding of a `Reading`, in free memory and past one free word, and with it
/// the call ends.
library Readings {
    /// @param window The seconds from posting after which an attested word is final.
    /// @return reading Where the encoding begins.
    function encode(Word word, uint256 window) internal view returns (uint256 reading) {
        // Equals
        //   (bool sigmaKnown, uint128 sigma) = Sigma.unpack(word.sigma());
        //   Status status = word.status();
        //   if (status == Status.Attested && block.timestamp >= word.postedAt() + window) status = Status.Final;
        //   reading = Reading(word.value(), sigma, sigmaKnown, word.observedAt(), uint32(word.aboutAt()),
        //       word.epoch(), uint32(word.postedAt()), status);
        // The casts to 32 bits hold until the year 2105: observedAt was not in the future when it was
        // stored, and at most 194 days are added.
        assembly ("memory-safe") {
            reading := add(mload(0x40), 0x20)
            mstore(reading, sar(128, word))
            let sigma := and(word, 0xffffff)
            let sigmaKnown := lt(sigma, 0xffffff)
            mstore(add(reading, 0x20), mul(sigmaKnown, shl(and(sigma, 0xff), shr(8, sigma))))
            mstore(add(reading, 0x40), sigmaKnown)
            let observedAt := and(shr(96, word), 0xffffffff)
            mstore(add(reading, 0x60), observedAt)
            mstore(add(reading, 0x80), and(add(observedAt, and(shr(44, word), 0xffffff)), 0xffffffff))
            mstore(add(reading, 0xa0), and(shr(68, word), 0xfffffff))
            // The 16 bits from bit 28 on, times 16.
            let postedAt := add(observedAt, and(shr(24, word), 0xffff0))
            mstore(add(reading, 0xc0), and(postedAt, 0xffffffff))
            let status := and(shr(24, word), 0xf)
            let isFinal := and(eq(status, 1), iszero(lt(timestamp(), add(postedAt, window))))
            mstore(add(reading, 0xe0), add(status, isFinal))
        }
    }

    /// @dev Ends the call with a reading that was encoded.
    function answer(uint256 reading) internal pure {
        // Equals return reading.
        assembly ("memory-safe") {
            return(reading, 0x100)
        }
    }

    /// @dev The same for a report that was never posted: posted now, attested.
    function answerUnposted(uint256 reading) internal view {
        // Equals (reading.postedAt, reading.status) = (uint32(block.timestamp), Status.Attested); return reading.
        assembly ("memory-safe") {
            mstore(add(reading, 0xc0), and(timestamp(), 0xffffffff))
            mstore(add(reading, 0xe0), 1)
            return(reading, 0x100)
        }
    }

    /// @dev Ends the call with (true, reading), or (false, reading) if `word` is none, void or refuted.
    function tryAnswer(Word word, uint256 window) internal view {
        uint256 reading = encode(word, window);
        bool usable = word.isUsable();
        // Equals return (usable, reading).
        assembly ("memory-safe") {
            mstore(sub(reading, 0x20), usable)
            return(sub(reading, 0x20), 0x120)
        }
    }
}
