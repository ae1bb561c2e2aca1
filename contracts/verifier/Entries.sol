// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Row} from "./Row.sol";

/// @dev The entries of a row, each of the same width and with its seat (or its reputer) first. To be read beside
/// wasm/src/fields.rs.
struct Entries {
    Row row;
    uint256 first;
    uint256 count;
    uint256 width;
}

using EntryReading for Entries global;

/// @dev Seats below are inferers', those from here on forecasters'.
uint256 constant FORECASTERS = 0x80;
uint256 constant ALL_SEATS = 0x100;
uint256 constant NOT_FOUND = type(uint256).max;

library EntryReading {
    /// @dev The entries behind the count at `at`, if they fit in the row.
    function at(Row row, uint256 countAt, uint256 width) internal pure returns (bool fits, Entries memory entries) {
        fits = take(entries, row, countAt, width);
    }

    /// @dev The same in a place that there is already, for what every return value costs.
    function take(Entries memory entries, Row row, uint256 countAt, uint256 width) internal pure returns (bool fits) {
        unchecked {
            uint256 first = countAt + 2;
            if (row.size() < first) return false;
            (entries.row, entries.first, entries.count, entries.width) = (row, first, row.uint16At(countAt), width);
            fits = end(entries) <= row.size();
        }
    }

    function end(Entries memory entries) internal pure returns (uint256) {
        unchecked {
            return entries.first + entries.count * entries.width;
        }
    }

    /// @dev Where in the calldata the first entry stands, and where the last one ends.
    function places(Entries memory entries) internal pure returns (uint256 at, uint256 limit) {
        unchecked {
            at = (Row.unwrap(entries.row) >> 128) + entries.first;
            limit = at + entries.count * entries.width;
        }
    }

    /// @dev Whether the seats ascend strictly, from `least` to below `limit`.
    function bySeat(Entries memory entries, uint256 least, uint256 limit) internal pure returns (bool ascend) {
        (uint256 place, uint256 behind) = places(entries);
        uint256 width = entries.width;
        // Equals seat > previous for each, with the one before `least` before the first; as they ascend the last is the
        // greatest.
        assembly ("memory-safe") {
            let previous := sub(least, 1)
            ascend := 1
            for {} lt(place, behind) {
                place := add(place, width)
            } {
                let seat := byte(0, calldataload(place))
                ascend := and(ascend, sgt(seat, previous))
                previous := seat
            }
            ascend := and(ascend, slt(previous, limit))
        }
    }

    /// @dev Whether the addresses ascend strictly, 32 at most.
    function byReputer(Entries memory entries) internal pure returns (bool) {
        unchecked {
            if (entries.count > 32) return false;
            for (uint256 i = 1; i < entries.count; ++i) {
                if (reputerAt(entries, i - 1) >= reputerAt(entries, i)) return false;
            }
            return true;
        }
    }

    function placeAt(Entries memory entries, uint256 i) internal pure returns (uint256) {
        unchecked {
            return entries.first + i * entries.width;
        }
    }

    function seatAt(Entries memory entries, uint256 i) internal pure returns (uint256) {
        return entries.row.byteAt(placeAt(entries, i));
    }

    function reputerAt(Entries memory entries, uint256 i) internal pure returns (uint256) {
        return entries.row.addressAt(placeAt(entries, i));
    }

    /// @dev The Wad that stands so many bytes behind the entry's beginning.
    function wadAt(Entries memory entries, uint256 i, uint256 behind) internal pure returns (int256) {
        unchecked {
            return entries.row.int128At(placeAt(entries, i) + behind);
        }
    }

    /// @dev The owner behind an entry's seat.
    function ownerAt(Entries memory entries, uint256 i) internal pure returns (uint256) {
        unchecked {
            return entries.row.addressAt(placeAt(entries, i) + 1);
        }
    }

    /// @dev Where a seat's entry stands; `NOT_FOUND` if it has none.
    function find(Entries memory entries, uint256 seat) internal pure returns (uint256) {
        unchecked {
            (Row row, uint256 width, uint256 place) = (entries.row, entries.width, entries.first);
            for (uint256 i; i < entries.count; ++i) {
                if (row.byteAt(place) == seat) return i;
                place += width;
            }
            return NOT_FOUND;
        }
    }

    /// @dev A bit for each seat that has an entry.
    function seats(Entries memory entries) internal pure returns (uint256 bits) {
        unchecked {
            (Row row, uint256 width, uint256 stop) = (entries.row, entries.width, end(entries));
            for (uint256 place = entries.first; place != stop; place += width) bits |= 1 << row.byteAt(place);
        }
    }

    /// @dev The first `width` bytes of an entry.
    function keyAt(Entries memory entries, uint256 i, uint256 width) internal pure returns (uint256) {
        unchecked {
            return uint256(entries.row.wordAt(placeAt(entries, i))) >> (256 - 8 * width);
        }
    }

    /// @dev Whether the first `width` bytes of both's entries are the same.
    function sameKeys(Entries memory one, Entries memory other, uint256 width) internal pure returns (bool) {
        unchecked {
            if (one.count != other.count) return false;
            for (uint256 i; i < one.count; ++i) {
                if (keyAt(one, i, width) != keyAt(other, i, width)) return false;
            }
            return true;
        }
    }

    /// @dev Whether both are about the same seats.
    function sameSeats(Entries memory one, Entries memory other) internal pure returns (bool) {
        return sameKeys(one, other, 1);
    }

    /// @dev Whether both are of the same reputers.
    function sameReputers(Entries memory one, Entries memory other) internal pure returns (bool) {
        return sameKeys(one, other, 20);
    }
}
