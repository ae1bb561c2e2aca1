// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_ERRORS} from "../types/Rows.sol";
import {Kinds} from "./Kinds.sol";
import {Row} from "./Row.sol";

/// @dev What a report needs of the row 0x24; wasm/src/state.rs and past.rs.
library Past {
    uint256 private constant WAD_BYTES = 16;

    /// @dev Thrown when a state row decodes and says what no state can say.
    error StateOutOfRange(uint8 kind);

    /// @dev The moving average of one label's errors, if there is one yet.
    function emaError(Row row, uint256 labels, uint256 label) internal pure returns (bool isThere, int256 average) {
        unchecked {
            Kinds.requireFit(Kinds.isKind(row, ROW_ERRORS) && row.uint16At(1) == labels, ROW_ERRORS);
            uint256 at = 3;
            // Of each label the average, the last median and its deviation. What lies behind the row is found by the end.
            for (uint256 i; i < 3 * labels; ++i) {
                uint256 flag = row.byteAt(at);
                Kinds.requireFit(flag < 2, ROW_ERRORS);
                if (i == 3 * label && flag == 1) (isThere, average) = (true, row.int128At(at + 1));
                at += 1 + flag * WAD_BYTES;
            }
            Kinds.requireFit(at == row.size(), ROW_ERRORS);
            require(average >= 0, StateOutOfRange(ROW_ERRORS));
        }
    }
}
