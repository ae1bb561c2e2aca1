// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SEATS_AT} from "../types/Parameters.sol";
import {ROW_REGISTRATIONS, ROW_SEATS} from "../types/Rows.sol";
import {Room} from "../verifier/Seating.sol";
import {Opened} from "./Opened.sol";

/// @dev Who sits where, by seat, as a settled state says; before the first settlement as the registrations make it, taken up
/// one after another.
library Seated {
    uint256 internal constant ENTRY = 21;
    uint256 internal constant REGISTRATION = 42;
    uint256 internal constant MAX_REGISTRATIONS = 380;

    /// @dev From the row 0x22.
    function ofState(bytes calldata row) internal pure returns (address[256] memory owners) {
        require(row.length >= 5 && uint8(row[0]) == ROW_SEATS, Opened.MalformedRow(ROW_SEATS));
        uint256 count = uint16(bytes2(row[1:3]));
        require(row.length >= 5 + ENTRY * count, Opened.MalformedRow(ROW_SEATS));
        for (uint256 i; i < count; ++i) {
            bytes calldata entry = row[3 + ENTRY * i:];
            owners[uint8(entry[0])] = address(bytes20(entry[1:21]));
        }
    }

    /// @dev From the rows 0x15 since the start, which are those from `first` on, and the running hash over them.
    function ofRegistrations(
        bytes[] calldata rows,
        uint256 first,
        bytes memory parametersRow
    ) internal pure returns (address[256] memory owners, bytes32 registrations) {
        Room memory room;
        room.infererSeats = uint8(parametersRow[SEATS_AT]);
        room.owners = new uint256[](room.infererSeats + uint8(parametersRow[SEATS_AT + 1]));
        // As many as wait at most, and one that does not find a place.
        room.queue = new uint256[](513);
        for (uint256 i = first; i < rows.length; ++i) {
            bytes calldata row = rows[i];
            Opened.entries(row, ROW_REGISTRATIONS, 3, REGISTRATION);
            require(uint16(bytes2(row[1:3])) == i - first, Opened.MalformedRow(ROW_REGISTRATIONS));
            for (uint256 k = 5; k < row.length; k += REGISTRATION) {
                bytes calldata entry = row[k:k + REGISTRATION];
                registrations = keccak256(abi.encodePacked(registrations, entry));
                room.takeUp(uint8(entry[0]), uint8(entry[1]), uint160(bytes20(entry[2:22])));
            }
        }
        for (uint256 place; place < room.owners.length; ++place) {
            owners[room.seatOf(place)] = address(uint160(room.owners[place]));
        }
    }
}
