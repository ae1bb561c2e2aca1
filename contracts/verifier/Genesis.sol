// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LABEL_COUNT_AT} from "../types/Parameters.sol";
import {
    LIST_STATE,
    ROW_ERRORS,
    ROW_INCLUSIONS,
    ROW_LIST,
    ROW_ONE_IN_TABLES,
    ROW_ONE_OUT_TABLES,
    ROW_QUALITY,
    ROW_REGRETS,
    ROW_SEATS,
    ROW_VERSION
} from "../types/Rows.sol";

/// @dev The state before a topic's first settlement, which follows from the parameters alone; the twin of wasm/src/genesis.rs.
library Genesis {
    /// @dev The hash of the version's row, which is that of all states.
    bytes32 internal constant VERSION = keccak256(abi.encodePacked(ROW_VERSION, uint16(1)));

    /// @notice The hash of the state's list, from the parameters row 0x11.
    function stateHash(bytes memory parameters) internal pure returns (bytes32) {
        uint256 labels = (uint256(uint8(parameters[LABEL_COUNT_AT])) << 8) | uint8(parameters[LABEL_COUNT_AT + 1]);
        return
            keccak256(
                abi.encodePacked(
                    ROW_LIST,
                    LIST_STATE,
                    uint16(8),
                    VERSION,
                    // No seats, nobody that waits.
                    keccak256(abi.encodePacked(ROW_SEATS, uint16(0), uint16(0))),
                    // Neither previous loss, scale nor initial regret, and no regrets.
                    keccak256(abi.encodePacked(ROW_REGRETS, uint8(0), uint128(0), uint8(0), uint16(0), uint16(0))),
                    // Three flags a label.
                    keccak256(abi.encodePacked(ROW_ERRORS, uint16(labels), new bytes(3 * labels))),
                    keccak256(abi.encodePacked(ROW_INCLUSIONS, uint16(0))),
                    keccak256(abi.encodePacked(ROW_QUALITY, uint8(0), uint8(0), uint32(0))),
                    keccak256(abi.encodePacked(ROW_ONE_OUT_TABLES, uint16(0))),
                    keccak256(abi.encodePacked(ROW_ONE_IN_TABLES, uint16(0)))
                )
            );
    }
}
