// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Entries} from "./Entries.sol";
import {Mean} from "./Mean.sol";
import {RegretsBefore} from "./Regrets.sol";
import {Weights} from "./Weights.sol";
import {Words} from "./Words.sol";

/// @dev What one forecast implies: a mean of the inferences, weighted by what it expects of the inferers; the twin of
/// wasm/src/mix.rs. Without one inferer it is made anew over the others: as weights are relative to the best, that is the same.
library Mix {
    /// @dev No seat.
    uint256 internal constant NOBODY = 0x100;

    /// @dev What the inferers said of a label, a word for each seat: twice the value and one, or 0 where nobody is.
    function said(Entries memory inferences) internal pure returns (int256[] memory words) {
        words = new int256[](0x80);
        (uint256 at, uint256 end) = inferences.places();
        // Equals words[seat] = value << 1 | 1 for each; seats of inferers are below 0x80, values have 128 bits.
        assembly ("memory-safe") {
            let first := add(words, 0x20)
            for {} lt(at, end) {
                at := add(at, 17)
            } {
                let entry := calldataload(at)
                mstore(add(first, shl(5, byte(0, entry))), or(shl(1, sar(128, shl(8, entry))), 1))
            }
        }
    }

    /// @dev The implied value of a label without the inferer of a seat, if there is one; `scale` is the epoch's own.
    function value(
        Entries memory forecast,
        int256[] memory words,
        RegretsBefore memory past,
        Weights.Rule memory rule,
        uint256 without
    ) internal pure returns (bool isThere, int256 implied) {
        if (past.hasInitial && !past.hasPreviousLoss) return (false, 0);
        (int256[] memory values, int256[] memory exponents, int256 best) = _named(
            forecast,
            words,
            past.previousLoss,
            rule,
            without
        );
        if (values.length == 0) return (false, 0);
        return (true, past.hasInitial ? Weights.weigh(exponents, best, values) : Mean.plain(values, exponents));
    }

    /// @dev What those said whom a forecast names, and their exponents from previous loss - forecast loss, with the least.
    function _named(
        Entries memory forecast,
        int256[] memory words,
        int256 previousLoss,
        Weights.Rule memory rule,
        uint256 without
    ) private pure returns (int256[] memory values, int256[] memory exponents, int256 best) {
        values = Words.fresh(forecast.count);
        exponents = Words.fresh(forecast.count);
        (uint256 at, uint256 end) = forecast.places();
        // Equals, for each entry of a seat with a word other than `without`, appending word >> 1 to the values and the
        // exponent that Weights.weigh speaks of. Every entry is written where the next one belongs, and only what is meant
        // makes room for another. Seats of inferers are below 0x80. While all are new the exponents mean nothing.
        assembly ("memory-safe") {
            let minusP := sub(0, mload(rule))
            let c := mload(add(rule, 0x20))
            let scale := mload(add(rule, 0x40))
            // The scratch space holds the least, as the loop has variables enough.
            mstore(0x00, sub(shl(255, 1), 1))
            let next := add(values, 0x20)
            let apart := sub(exponents, values)
            for {} lt(at, end) {
                at := add(at, 17)
            } {
                let entry := calldataload(at)
                let word := mload(add(add(words, 0x20), shl(5, byte(0, entry))))
                let isNamed := and(word, iszero(eq(byte(0, entry), without)))
                mstore(next, sar(1, word))
                let regret := sub(previousLoss, sar(128, shl(8, entry)))
                let b := sdiv(mul(minusP, sub(sdiv(mul(regret, 1000000000000000000), scale), c)), 1000000000000000000)
                mstore(add(next, apart), b)
                next := add(next, shl(5, isNamed))
                if and(isNamed, slt(b, mload(0x00))) {
                    mstore(0x00, b)
                }
            }
            best := mload(0x00)
            let count := sub(shr(5, sub(next, values)), 1)
            mstore(values, count)
            mstore(exponents, count)
        }
    }
}
