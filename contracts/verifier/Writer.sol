// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev A row that is being written, field by field.
struct Writer {
    bytes row;
    uint256 at;
    uint256 end;
}

using Writing for Writer global;

library Writing {
    /// @dev A row of at most `most` bytes.
    function open(uint256 most, uint8 kind) internal pure returns (Writer memory writer) {
        unchecked {
            // A field is written as a whole word, whose end may lie behind the row's.
            bytes memory row = new bytes(most + 32);
            uint256 start;
            assembly ("memory-safe") {
                start := add(row, 0x20)
            }
            writer = Writer(row, start, start + most);
            put(writer, 1, kind);
        }
    }

    /// @dev The low `width` bytes of the value.
    function put(Writer memory writer, uint256 width, uint256 value) internal pure {
        unchecked {
            uint256 at = writer.at;
            // `open` was given the most there can be.
            assert(at + width <= writer.end);
            assembly ("memory-safe") {
                mstore(at, shl(sub(256, shl(3, width)), value))
            }
            writer.at = at + width;
        }
    }

    function putWad(Writer memory writer, int256 value) internal pure {
        put(writer, 16, uint256(value));
    }

    /// @dev A flag, and the value if there is one.
    function putMaybe(Writer memory writer, bool isThere, int256 value) internal pure {
        put(writer, 1, isThere ? 1 : 0);
        if (isThere) putWad(writer, value);
    }

    /// @dev The row as far as it was written.
    function close(Writer memory writer) internal pure returns (bytes memory row) {
        row = writer.row;
        uint256 at = writer.at;
        assembly ("memory-safe") {
            mstore(row, sub(sub(at, row), 0x20))
        }
    }
}
