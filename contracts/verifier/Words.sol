// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev Words of an array in memory without the check of their place: the loops that use this stay within the length.
library Words {
    /// @dev `words[place]`.
    function at(int256[] memory words, uint256 place) internal pure returns (int256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(words, 0x20), shl(5, place)))
        }
    }

    /// @dev `words[place] = word`.
    function put(int256[] memory words, uint256 place, int256 word) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(words, 0x20), shl(5, place)), word)
        }
    }

    /// @dev Drops what stands after the first `count`, which are at most all.
    function cut(int256[] memory words, uint256 count) internal pure {
        assembly ("memory-safe") {
            mstore(words, count)
        }
    }

    /// @dev An array of so many words, which whoever asks for it writes before reading.
    function fresh(uint256 count) internal pure returns (int256[] memory words) {
        assembly ("memory-safe") {
            words := mload(0x40)
            mstore(words, count)
            mstore(0x40, add(add(words, 0x20), shl(5, count)))
        }
    }
}
