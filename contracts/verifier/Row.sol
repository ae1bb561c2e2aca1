// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// A row where it stands in the calldata: nothing is copied, and many rows are one array of words.

/// @dev The place of its first byte in the high 128 bits, its length in the low ones.
type Row is uint256;

using {size, isEmpty, hash, byteAt, uint16At, addressAt, int128At, uint128At, wordAt} for Row global;

function rowOf(bytes calldata bytes_) pure returns (Row row) {
    assembly ("memory-safe") {
        row := or(shl(128, bytes_.offset), bytes_.length)
    }
}

function rowsOf(bytes[] calldata all) pure returns (Row[] memory rows) {
    // Equals rows[i] = rowOf(all[i]) for each, with the checks that the compiler makes: that offset and length lie within the
    // calldata.
    assembly ("memory-safe") {
        rows := mload(0x40)
        mstore(rows, all.length)
        let next := add(rows, 0x20)
        let end := add(next, shl(5, all.length))
        mstore(0x40, end)
        let apart := sub(all.offset, next)
        for {} lt(next, end) {
            next := add(next, 0x20)
        } {
            let offset := calldataload(add(next, apart))
            let place := add(all.offset, offset)
            let length := calldataload(place)
            place := add(place, 0x20)
            let isOutside := iszero(slt(offset, sub(sub(calldatasize(), all.offset), 0x1f)))
            isOutside := or(isOutside, gt(length, 0xffffffffffffffff))
            if or(isOutside, sgt(place, sub(calldatasize(), length))) {
                revert(0, 0)
            }
            mstore(next, or(shl(128, place), length))
        }
    }
}

/// @dev `count` of the rows from `first` on.
function slice(Row[] memory all, uint256 first, uint256 count) pure returns (Row[] memory rows) {
    rows = new Row[](count);
    for (uint256 i; i < count; ++i) rows[i] = all[first + i];
}

function size(Row row) pure returns (uint256) {
    return uint128(Row.unwrap(row));
}

function isEmpty(Row row) pure returns (bool) {
    return size(row) == 0;
}

function hash(Row row) pure returns (bytes32 digest) {
    // Equals keccak256 of the bytes, which are copied behind the free memory and forgotten.
    assembly ("memory-safe") {
        let length := and(row, 0xffffffffffffffffffffffffffffffff)
        let free := mload(0x40)
        calldatacopy(free, shr(128, row), length)
        digest := keccak256(free, length)
    }
}

// Whoever reads at a place has looked at the row's size before.

function wordAt(Row row, uint256 at) pure returns (bytes32 word) {
    assembly ("memory-safe") {
        word := calldataload(add(shr(128, row), at))
    }
}

function byteAt(Row row, uint256 at) pure returns (uint256) {
    return uint256(wordAt(row, at)) >> 248;
}

function uint16At(Row row, uint256 at) pure returns (uint256) {
    return uint256(wordAt(row, at)) >> 240;
}

function addressAt(Row row, uint256 at) pure returns (uint256) {
    return uint256(wordAt(row, at)) >> 96;
}

function uint128At(Row row, uint256 at) pure returns (uint256) {
    return uint256(wordAt(row, at)) >> 128;
}

function int128At(Row row, uint256 at) pure returns (int256) {
    return int256(uint256(wordAt(row, at))) >> 128;
}
