// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Kinds} from "./Kinds.sol";
import {ROW_LIST} from "../types/Rows.sol";
import {Row} from "./Row.sol";

/// @dev That rows are those which a message names: a list by its hash, a row by the hash at its place in the list.
library Bound {
    uint256 private constant HASHES_AT = 4;

    /// @dev Thrown when the context is not the message's.
    error ForeignContext(bytes32 given, bytes32 required);
    /// @dev Thrown when a list is not the one that the message names.
    error ForeignList(uint8 kind, bytes32 given, bytes32 required);
    /// @dev Thrown when a row is not the one that stands at its place.
    error ForeignRow(bytes32 given, bytes32 required);
    /// @dev Thrown when there are fewer rows than the claim rests on.
    error RowsMissing(uint256 given, uint256 required);
    /// @dev Thrown when a place lies beyond its list.
    error PlaceOutOfRange(uint256 given, uint256 limit);
    /// @dev Thrown when a topic has no such label.
    error LabelOutOfRange(uint256 given, uint256 limit);

    /// @dev The row at a place among those of the evidence.
    function row(Row[] memory rows, uint256 i) internal pure returns (Row found) {
        require(i < rows.length, RowsMissing(rows.length, i + 1));
        // Equals rows[i], which there is.
        assembly ("memory-safe") {
            found := mload(add(add(rows, 0x20), shl(5, i)))
        }
    }

    function requireContext(Row context, bytes32 required) internal pure {
        bytes32 given = context.hash();
        require(given == required, ForeignContext(given, required));
    }

    function requireList(Row list, uint8 kind, bytes32 required) internal pure {
        bytes32 given = list.hash();
        require(given == required, ForeignList(kind, given, required));
    }

    function requireRow(Row given, bytes32 required) internal pure {
        bytes32 hash = given.hash();
        require(hash == required, ForeignRow(hash, required));
    }

    /// @dev How many hashes a list has that decodes.
    function length(Row list, uint8 kind) internal pure returns (uint256 count) {
        bool fits;
        (fits, count) = Kinds.listed(list, kind);
        Kinds.requireFit(fits, ROW_LIST);
    }

    /// @dev The hash at a place of a list that decodes.
    function hashAt(Row list, uint256 place) internal pure returns (bytes32) {
        uint256 limit = list.uint16At(2);
        require(place < limit, PlaceOutOfRange(place, limit));
        return list.wordAt(HASHES_AT + 32 * place);
    }

    function requireAt(Row list, uint256 place, Row given) internal pure {
        requireRow(given, hashAt(list, place));
    }
}
