// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_ONE_IN_REGRETS} from "../types/Rows.sol";
import {ALL_SEATS, Entries, FORECASTERS, NOT_FOUND} from "./Entries.sol";
import {Kinds, Lists} from "./Kinds.sol";
import {Regrets, Told} from "./Regrets.sol";
import {Row} from "./Row.sol";
import {Room, Seating} from "./Seating.sol";
import {Terms} from "./Terms.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev Step 6, counterfactual losses become the tables of regrets; the twin of wasm/src/tables.rs, which is the norm. Here
/// one table at a time.
library Tables {
    /// @dev The entries of a table by seat.
    struct Table {
        uint256 seats;
        int256[ALL_SEATS] regrets;
    }

    /// @dev What the regrets of one epoch are made from.
    struct Lesson {
        Told told;
        Lists lists;
        int256 unseen;
        int256 alpha;
    }

    /// @dev The row 0x27 or 0x28 of a seat, empty if it has none; so is `before`. `told` has the regrets beforehand, the roster,
    /// the losses and the counterfactual losses; of a missed epoch they are empty.
    function rowAfter(
        Terms memory terms,
        Room memory room,
        uint8 kind,
        uint256 seat,
        Row before,
        Row[4] memory told
    ) internal pure returns (bytes memory) {
        Table memory table;
        if (!before.isEmpty()) _keep(table, terms, room, Kinds.table(before, kind, seat), seat);
        if (!told[2].isEmpty()) {
            Lesson memory lesson;
            lesson.told = Regrets.told(room, terms, told[1], told[2]);
            lesson.lists = Kinds.counterfactualLosses(told[3]);
            (lesson.unseen, lesson.alpha) = (Regrets.read(told[0]).initial, terms.alphaRegret);
            if (lesson.told.learns(seat)) _takeUp(table, lesson, kind, seat);
        }
        return _write(table, kind, seat);
    }

    /// @dev What is known of those that stay.
    function _keep(
        Table memory table,
        Terms memory terms,
        Room memory room,
        Entries memory before,
        uint256 seat
    ) private pure {
        unchecked {
            for (uint256 i; i < before.count; ++i) {
                uint256 other = before.seatAt(i);
                require(terms.hasSeat(other), Seating.SeatOutOfRange(other));
                if (room.stays(seat) && room.stays(other)) _put(table, other, before.wadAt(i, 1));
            }
        }
    }

    function _put(Table memory table, uint256 seat, int256 regret) private pure {
        table.seats |= 1 << seat;
        table.regrets[seat] = regret;
    }

    /// @dev Changes the table by the loss of its seat's counterfactual value, if there is one.
    function _takeUp(Table memory table, Lesson memory lesson, uint8 kind, uint256 owner) private pure {
        unchecked {
            Entries memory list = _listOf(lesson.lists, kind, owner);
            uint256 at = list.find(owner);
            if (at == NOT_FOUND) return;
            int256 loss = list.wadAt(at, 1);
            Entries memory losses = lesson.told.losses;
            for (uint256 i; i < losses.count; ++i) {
                uint256 seat = losses.seatAt(i);
                if (!lesson.told.learns(seat)) continue;
                (bool hasOwn, int256 own) = _own(lesson, kind, owner, i);
                if (!hasOwn) continue;
                int256 before = (table.seats >> seat) & 1 == 1 ? table.regrets[seat] : lesson.unseen;
                _put(table, seat, Regrets.updated(loss, own, before, lesson.alpha));
            }
        }
    }

    function _listOf(Lists memory lists, uint8 kind, uint256 owner) private pure returns (Entries memory) {
        if (kind == ROW_ONE_IN_REGRETS) return lists.oneInForecasters;
        return owner < FORECASTERS ? lists.oneOutInferers : lists.oneOutForecasters;
    }

    /// @dev The loss by which the regret of the i-th of the losses' seats is made, if it has one in this table.
    function _own(
        Lesson memory lesson,
        uint8 kind,
        uint256 owner,
        uint256 i
    ) private pure returns (bool hasOwn, int256 own) {
        unchecked {
            uint256 seat = lesson.told.losses.seatAt(i);
            own = lesson.told.losses.wadAt(i, 1);
            if (kind == ROW_ONE_IN_REGRETS) return (seat < FORECASTERS || seat == owner, own);
            if (seat == owner) return (false, 0);
            if (owner >= FORECASTERS || seat < FORECASTERS) return (true, own);
            // A forecaster, without an inferer: the loss of its implied value without that one.
            Entries memory implied = lesson.lists.oneOutImplied;
            for (uint256 j; j < implied.count; ++j) {
                if (implied.keyAt(j, 2) == (seat << 8) | owner) return (true, implied.wadAt(j, 2));
            }
            return (false, 0);
        }
    }

    function _write(Table memory table, uint8 kind, uint256 owner) private pure returns (bytes memory) {
        unchecked {
            uint256 count;
            for (uint256 bits = table.seats; bits != 0; bits &= bits - 1) ++count;
            if (count == 0) return "";
            Writer memory writer = Writing.open(4 + 17 * count, kind);
            writer.put(1, owner);
            writer.put(2, count);
            for (uint256 seat; seat < ALL_SEATS; ++seat) {
                if ((table.seats >> seat) & 1 == 0) continue;
                writer.put(1, seat);
                writer.putWad(table.regrets[seat]);
            }
            return writer.close();
        }
    }
}
