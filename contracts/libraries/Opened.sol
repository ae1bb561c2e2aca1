// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_CONTEXT, ROW_LIST, ROW_SETTLEMENT_CONTEXT} from "../types/Rows.sol";

/// @dev Step 7, bytes that somebody shows, held to the hashes that a committee signed. Fields are read where
/// `types/Rows.sol` puts them; a row of another length than its fields have is refused.
library Opened {
    uint256 internal constant REPORT_CONTEXT_BYTES = 165;
    uint256 internal constant SETTLEMENT_CONTEXT_BYTES = 161;

    /// @notice Thrown when bytes do not have the hash that names them.
    error WrongBytes(bytes32 given, bytes32 required);
    /// @notice Thrown when a row is of another kind, or does not decode.
    error MalformedRow(uint8 kind);
    /// @notice Thrown when a list does not reach to a place.
    error PlaceOutOfRange(uint256 given, uint256 count);

    struct ReportContext {
        bytes32 parametersHash;
        uint32 settledEpoch;
        bytes32 settledLeaf;
        bytes32 state;
        bytes32 inputs;
        bytes32 outputs;
    }

    struct SettlementContext {
        bytes32 parametersHash;
        bytes32 reportContext;
        bytes32 inputs;
        bytes32 outputs;
        bytes32 registrations;
    }

    function requireHash(bytes calldata row, bytes32 required) internal pure {
        bytes32 given = keccak256(row);
        require(given == required, WrongBytes(given, required));
    }

    function isReportContext(bytes calldata row) internal pure returns (bool) {
        return row.length == REPORT_CONTEXT_BYTES && uint8(row[0]) == ROW_CONTEXT;
    }

    function isSettlementContext(bytes calldata row) internal pure returns (bool) {
        return row.length == SETTLEMENT_CONTEXT_BYTES && uint8(row[0]) == ROW_SETTLEMENT_CONTEXT;
    }

    function reportContext(bytes calldata row, bytes32 required) internal pure returns (ReportContext memory) {
        requireHash(row, required);
        require(isReportContext(row), MalformedRow(ROW_CONTEXT));
        return
            ReportContext({
                parametersHash: bytes32(row[1:33]),
                settledEpoch: uint32(bytes4(row[33:37])),
                settledLeaf: bytes32(row[37:69]),
                state: bytes32(row[69:101]),
                inputs: bytes32(row[101:133]),
                outputs: bytes32(row[133:165])
            });
    }

    function settlementContext(bytes calldata row, bytes32 required) internal pure returns (SettlementContext memory) {
        requireHash(row, required);
        require(isSettlementContext(row), MalformedRow(ROW_SETTLEMENT_CONTEXT));
        return
            SettlementContext({
                parametersHash: bytes32(row[1:33]),
                reportContext: bytes32(row[33:65]),
                inputs: bytes32(row[65:97]),
                outputs: bytes32(row[97:129]),
                registrations: bytes32(row[129:161])
            });
    }

    function isList(bytes calldata row, uint8 kind) internal pure returns (bool) {
        if (row.length < 4 || uint8(row[0]) != ROW_LIST || uint8(row[1]) != kind) return false;
        return row.length == 4 + 32 * uint256(uint16(bytes2(row[2:4])));
    }

    /// @dev How many rows the list of this kind and hash has.
    function listed(bytes calldata list, bytes32 required, uint8 kind) internal pure returns (uint256 count) {
        requireHash(list, required);
        require(isList(list, kind), MalformedRow(ROW_LIST));
        return (list.length - 4) / 32;
    }

    /// @dev The hash at a place of a list that `listed` has taken.
    function hashAt(bytes calldata list, uint256 place) internal pure returns (bytes32) {
        uint256 count = (list.length - 4) / 32;
        require(place < count, PlaceOutOfRange(place, count));
        return bytes32(list[4 + 32 * place:36 + 32 * place]);
    }

    /// @dev How many entries of `size` bytes a row has, whose count stands before them at `countAt` and which ends with them.
    function entries(
        bytes calldata row,
        uint8 kind,
        uint256 countAt,
        uint256 size
    ) internal pure returns (uint256 count) {
        require(row.length >= countAt + 2 && uint8(row[0]) == kind, MalformedRow(kind));
        count = uint16(bytes2(row[countAt:countAt + 2]));
        require(row.length == countAt + 2 + size * count, MalformedRow(kind));
    }
}
