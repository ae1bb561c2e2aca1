// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    CHANGE_JOINED,
    CHANGE_LEFT,
    ROLE_FORECASTER,
    ROLE_INFERER,
    ROW_REGISTRATIONS,
    ROW_SEATS
} from "../types/Rows.sol";
import {ALL_SEATS, Entries, EntryReading, FORECASTERS} from "./Entries.sol";
import {Kinds, SEATED_OWNER} from "./Kinds.sol";
import {Packed} from "./Packed.sol";
import {Row} from "./Row.sol";
import {Terms} from "./Terms.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev The seats of a topic while registrations are taken up. `owners` has a word a seat, inferers' first: 0 if it is free,
/// else the owner below a bit that says so. `queue` has those that wait, roles above owner, `waiting` of them, and some room
/// behind. `vacated` has a bit for each seat that somebody left, be it that it is taken again, `before` one for
/// each that was taken at first.
struct Room {
    uint256 infererSeats;
    uint256[] owners;
    uint256[] queue;
    uint256 waiting;
    uint256 vacated;
    uint256 before;
}

using Seating for Room global;

/// @dev Step 6, registrations move workers in and out of seats; the twin of wasm/src/seating.rs, which is the norm.
library Seating {
    uint256 private constant MAX_WAITING = 512;
    /// @dev For one that is looked for, and as many as are looked at together.
    uint256 private constant ROOM_BEHIND = 4;
    uint256 private constant TAKEN = 1 << 160;
    uint256 private constant WAITING_OWNER = 21;

    /// @dev Thrown when a row is about a seat that the topic does not have.
    error SeatOutOfRange(uint256 seat);

    // -- Reading --

    /// @dev The seats of the row 0x22.
    function room(Terms memory terms, Row seats) internal pure returns (Room memory made) {
        unchecked {
            (bool fits, Entries memory seated, Entries memory waiting) = _read(seats);
            require(fits, Packed.MalformedRow(ROW_SEATS));
            made.infererSeats = terms.infererSeats;
            made.owners = new uint256[](terms.infererSeats + terms.forecasterSeats);
            for (uint256 i; i < seated.count; ++i) {
                uint256 seat = seated.seatAt(i);
                require(terms.hasSeat(seat), SeatOutOfRange(seat));
                made.owners[made.placeOf(seat)] = TAKEN | seated.ownerAt(i);
                made.before |= 1 << seat;
            }
            made.queue = new uint256[](MAX_WAITING + ROOM_BEHIND);
            made.waiting = waiting.count;
            for (uint256 i; i < waiting.count; ++i) {
                made.queue[i] = (waiting.seatAt(i) << 160) | waiting.ownerAt(i);
            }
        }
    }

    function _read(Row row) private pure returns (bool fits, Entries memory seated, Entries memory waiting) {
        (fits, seated) = EntryReading.at(row, 1, SEATED_OWNER);
        if (!fits || !Kinds.isKind(row, ROW_SEATS) || !seated.bySeat(0, ALL_SEATS)) return (false, seated, waiting);
        (fits, waiting) = EntryReading.at(row, seated.end(), WAITING_OWNER);
        fits = fits && waiting.end() == row.size() && waiting.count <= MAX_WAITING;
        for (uint256 i; fits && i < waiting.count; ++i) {
            uint256 roles = waiting.seatAt(i);
            fits = roles != 0 && roles <= 3;
        }
    }

    // -- Taking up --

    /// @dev Takes up the registrations of those of the rows that have some; the others are forecasts.
    function takeUpAll(Room memory made, Row[] memory rows) internal pure {
        for (uint256 i; i < rows.length; ++i) {
            if (!Kinds.isKind(rows[i], ROW_REGISTRATIONS)) continue;
            Entries memory entries = Kinds.registrations(rows[i]);
            for (uint256 j; j < entries.count; ++j) {
                uint256 at = entries.placeAt(j);
                takeUp(made, rows[i].byteAt(at), rows[i].byteAt(at + 1), rows[i].addressAt(at + 2));
            }
        }
    }

    function takeUp(Room memory made, uint256 change, uint256 roles, uint256 owner) internal pure {
        if (change == CHANGE_JOINED) _join(made, owner, roles);
        else if (change == CHANGE_LEFT) _leave(made, owner);
    }

    function _join(Room memory made, uint256 owner, uint256 roles) private pure {
        unchecked {
            for (uint256 place; place < made.owners.length; ++place) {
                if (made.owners[place] == TAKEN | owner) return;
            }
            if (_findWaiting(made, owner, 0) < made.waiting) return;
            uint256 missing;
            for (uint256 role = ROLE_INFERER; role <= ROLE_FORECASTER; ++role) {
                if (roles & role == 0) continue;
                uint256 place = _free(made, role);
                if (place < made.owners.length) made.owners[place] = TAKEN | owner;
                else missing |= role;
            }
            if (missing != 0 && made.waiting < MAX_WAITING) made.queue[made.waiting++] = (missing << 160) | owner;
        }
    }

    function _leave(Room memory made, uint256 owner) private pure {
        unchecked {
            for (uint256 place; place < made.owners.length; ++place) {
                if (made.owners[place] != TAKEN | owner) continue;
                made.owners[place] = 0;
                made.vacated |= 1 << made.seatOf(place);
            }
            for (uint256 at; (at = _findWaiting(made, owner, at)) < made.waiting;) _drop(made, at);
            for (uint256 role = ROLE_INFERER; role <= ROLE_FORECASTER; ++role) {
                // solhint-disable-next-line no-empty-blocks
                while (_seatNext(made, role)) {}
            }
        }
    }

    /// @dev Gives the lowest free seat to the first that waits for one; says whether there were both.
    function _seatNext(Room memory made, uint256 role) private pure returns (bool) {
        unchecked {
            uint256 place = _free(made, role);
            if (place >= made.owners.length) return false;
            uint256 at;
            while (at < made.waiting && (made.queue[at] >> 160) & role == 0) ++at;
            if (at == made.waiting) return false;
            uint256 next = made.queue[at] ^ (role << 160);
            made.owners[place] = TAKEN | uint160(next);
            if (next >> 160 == 0) _drop(made, at);
            else made.queue[at] = next;
            return true;
        }
    }

    /// @dev The place of the role's lowest free seat, or one behind all seats.
    function _free(Room memory made, uint256 role) private pure returns (uint256) {
        unchecked {
            uint256 place = role == ROLE_INFERER ? 0 : made.infererSeats;
            uint256 end = role == ROLE_INFERER ? made.infererSeats : made.owners.length;
            while (place < end && made.owners[place] != 0) ++place;
            return place < end ? place : made.owners.length;
        }
    }

    /// @dev Where in the queue an owner stands, from a place on, or how many wait.
    function _findWaiting(Room memory made, uint256 owner, uint256 from) private pure returns (uint256 place) {
        uint256[] memory queue = made.queue;
        uint256 waiting = made.waiting;
        // Equals a loop up to `waiting`, but finds the owner at the latest where it is put behind the last. Four at a time, as
        // long as it is none of them: the queue may be long and is searched for each registration.
        assembly ("memory-safe") {
            let first := add(queue, 0x20)
            let at := add(first, shl(5, from))
            mstore(add(first, shl(5, waiting)), owner)
            for {} iszero(
                or(
                    or(iszero(shl(96, xor(mload(at), owner))), iszero(shl(96, xor(mload(add(at, 0x20)), owner)))),
                    or(
                        iszero(shl(96, xor(mload(add(at, 0x40)), owner))),
                        iszero(shl(96, xor(mload(add(at, 0x60)), owner)))
                    )
                )
            ) {} {
                at := add(at, 0x80)
            }
            for {} shl(96, xor(mload(at), owner)) {} {
                at := add(at, 0x20)
            }
            place := shr(5, sub(at, first))
        }
    }

    /// @dev Those behind move up.
    function _drop(Room memory made, uint256 place) private pure {
        unchecked {
            uint256[] memory queue = made.queue;
            uint256 behind = --made.waiting - place;
            assembly ("memory-safe") {
                let at := add(add(queue, 0x20), shl(5, place))
                mcopy(at, add(at, 0x20), shl(5, behind))
            }
        }
    }

    // -- Asking --

    function placeOf(Room memory made, uint256 seat) internal pure returns (uint256) {
        unchecked {
            return seat < FORECASTERS ? seat : made.infererSeats + seat - FORECASTERS;
        }
    }

    function seatOf(Room memory made, uint256 place) internal pure returns (uint256) {
        unchecked {
            return place < made.infererSeats ? place : FORECASTERS + place - made.infererSeats;
        }
    }

    /// @dev Whether a seat, which the topic has, is still whose it was.
    function stays(Room memory made, uint256 seat) internal pure returns (bool) {
        return ((made.before & ~made.vacated) >> seat) & 1 == 1;
    }

    /// @dev The bits of the seats of the losses whose workers, by the roster, still sit there.
    function learners(
        Room memory made,
        Terms memory terms,
        Row rosterRow,
        Entries memory losses
    ) internal pure returns (uint256 bits) {
        unchecked {
            Entries memory roster = Kinds.roster(rosterRow);
            uint256[ALL_SEATS] memory sat;
            for (uint256 i; i < roster.count; ++i) sat[roster.seatAt(i)] = TAKEN | roster.ownerAt(i);
            for (uint256 i; i < losses.count; ++i) {
                uint256 seat = losses.seatAt(i);
                require(terms.hasSeat(seat), SeatOutOfRange(seat));
                if (made.owners[made.placeOf(seat)] == sat[seat]) bits |= 1 << seat;
            }
        }
    }

    // -- Writing --

    /// @dev The row 0x22 after the registrations.
    function rowAfter(Terms memory terms, Row seats, Row[] memory registrations) internal pure returns (bytes memory) {
        unchecked {
            Room memory made = room(terms, seats);
            takeUpAll(made, registrations);
            uint256 seated;
            for (uint256 place; place < made.owners.length; ++place) if (made.owners[place] != 0) ++seated;
            Writer memory writer = Writing.open(5 + 21 * (seated + made.waiting), ROW_SEATS);
            writer.put(2, seated);
            for (uint256 place; place < made.owners.length; ++place) {
                if (made.owners[place] == 0) continue;
                writer.put(1, made.seatOf(place));
                writer.put(20, made.owners[place]);
            }
            writer.put(2, made.waiting);
            for (uint256 i; i < made.waiting; ++i) writer.put(21, made.queue[i]);
            return writer.close();
        }
    }
}
