// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev What all rows share; `Row` reads their fields, `Kinds` says which bytes decode.
library Packed {
    uint256 internal constant MAX_ROW_BYTES = 16_384;

    /// @dev Thrown when a row that a judgement rests on does not decode as this kind.
    error MalformedRow(uint8 kind);
}
