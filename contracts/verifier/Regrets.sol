// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {ROW_INCLUSIONS, ROW_REGRETS} from "../types/Rows.sol";
import {ALL_SEATS, Entries, FORECASTERS, NOT_FOUND} from "./Entries.sol";
import {Kinds, SEATED_COUNT, SEATED_WAD} from "./Kinds.sol";
import {Packed} from "./Packed.sol";
import {Row} from "./Row.sol";
import {Room, Seating} from "./Seating.sol";
import {Spread} from "./Spread.sol";
import {Statistics} from "./Statistics.sol";
import {Terms} from "./Terms.sol";
import {Wads} from "./Wads.sol";
import {Words} from "./Words.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev What the row 0x23 says.
struct RegretsBefore {
    bool hasPreviousLoss;
    int256 previousLoss;
    int256 scale;
    bool hasInitial;
    int256 initial;
    Entries inferers;
    Entries forecasters;
}

/// @dev What an epoch that was not missed shows: who learns, and everybody's losses.
struct Told {
    bool isTold;
    uint256 learners;
    int256 combined;
    int256 naive;
    Entries losses;
}

/// @dev Regrets by place (`Room`); `seen` has a bit for each place that has some.
struct Learnt {
    uint256 seen;
    int256[] network;
    int256[] naive;
}

using {learns} for Told global;
using {put, has, countBetween} for Learnt global;

function put(Learnt memory learnt, uint256 place, int256 network, int256 naive) pure {
    learnt.seen |= 1 << place;
    (learnt.network[place], learnt.naive[place]) = (network, naive);
}

function has(Learnt memory learnt, uint256 place) pure returns (bool) {
    return (learnt.seen >> place) & 1 == 1;
}

function learns(Told memory told, uint256 seat) pure returns (bool) {
    return (told.learners >> seat) & 1 == 1;
}

/// @dev How many of the places from `first` to below `end` have some.
function countBetween(Learnt memory learnt, uint256 first, uint256 end) pure returns (uint256) {
    return LibBit.popCount((learnt.seen >> first) << (256 - (end - first)));
}

/// @dev Step 6, losses become regrets, and regrets the scale and the regret of those not seen yet; the twin of
/// wasm/src/regrets.rs, which is the norm.
library Regrets {
    uint256 private constant EXPERIENCED = 10;
    /// @dev 0.25: what quantile of the regrets the initial one is.
    int256 private constant QUANTILE = 0.25e18;
    /// @dev 8.25: how far below the centre the weight function has fallen to nothing, times p.
    int256 private constant REACH = 8.25e18;
    /// @dev 1.4826: the standard deviation of a normal distribution over its median absolute deviation.
    int256 private constant DEVIATIONS = 1.4826e18;
    uint256 private constant INFERER_WIDTH = 33;
    uint256 private constant NAIVE = 17;
    uint256 private constant MOST_INCLUSIONS = type(uint16).max;

    // -- Reading --

    function read(Row row) internal pure returns (RegretsBefore memory before) {
        take(before, row);
    }

    /// @dev The same in a place that there is already.
    function take(RegretsBefore memory before, Row row) internal pure {
        unchecked {
            bool fits = Kinds.isKind(row, ROW_REGRETS);
            uint256 flag = row.byteAt(1);
            before.hasPreviousLoss = flag == 1;
            before.previousLoss = row.int128At(2);
            uint256 at = 2 + 16 * flag;
            fits = fits && flag <= 1;
            before.scale = row.int128At(at);
            flag = row.byteAt(at + 16);
            before.hasInitial = flag == 1;
            before.initial = flag == 1 ? row.int128At(at + 17) : int256(0);
            fits = fits && flag <= 1;
            at += 17 + 16 * flag;
            fits = fits && before.inferers.take(row, at, INFERER_WIDTH);
            fits = fits && before.inferers.bySeat(0, FORECASTERS);
            fits = fits && before.forecasters.take(row, before.inferers.end(), SEATED_WAD);
            fits = fits && before.forecasters.bySeat(FORECASTERS, ALL_SEATS);
            fits = fits && before.forecasters.end() == row.size();
            require(fits, Packed.MalformedRow(ROW_REGRETS));
        }
    }

    function told(
        Room memory room,
        Terms memory terms,
        Row roster,
        Row losses
    ) internal pure returns (Told memory all) {
        if (losses.isEmpty()) return all;
        all.isTold = true;
        (all.combined, all.naive, all.losses) = Kinds.losses(losses);
        all.learners = room.learners(terms, roster, all.losses);
    }

    // -- The arithmetic --

    /// @dev The regret after an epoch.
    function updated(int256 shared, int256 own, int256 previous, int256 alpha) internal pure returns (int256) {
        unchecked {
            return Wads.narrow(Spread.movingAverage(alpha, shared - own, previous));
        }
    }

    /// @dev Whether so many epochs make an experienced one: as many as 1/alpha.
    function isExperienced(uint256 inclusions, int256 alpha) internal pure returns (bool) {
        unchecked {
            return int256(inclusions) * alpha >= Wads.ONE;
        }
    }

    /// @dev The regret scale, of new network regrets; takes their place.
    function scale(int256[] memory regrets, int256 epsilon) internal pure returns (int256) {
        unchecked {
            return saturated(Wads.mul(DEVIATIONS, Statistics.medianAbsoluteDeviation(regrets)) + epsilon);
        }
    }

    /// @dev The initial regret, of new network regrets and those of the experienced ones among them. Sorts both.
    function initial(
        Terms memory terms,
        int256[] memory all,
        int256[] memory experienced
    ) internal pure returns (int256) {
        unchecked {
            if (experienced.length < EXPERIENCED) return saturated(Spread.quantile(all, QUANTILE));
            int256 spread = Spread.standardDeviation(experienced) + terms.epsilon;
            int256 below = Wads.mul(terms.cNorm - Wads.div(REACH, terms.pNorm), spread);
            return saturated(Spread.quantile(experienced, QUANTILE) + below);
        }
    }

    /// @dev The nearest 128-bit integer.
    function saturated(int256 value) internal pure returns (int256) {
        if (value > type(int128).max) return type(int128).max;
        return value < type(int128).min ? int256(type(int128).min) : value;
    }

    // -- The rows --

    /// @dev The row 0x23. Of a missed epoch inclusions, roster and losses are empty.
    function rowAfter(
        Terms memory terms,
        Room memory room,
        Row regrets,
        Row inclusions,
        Row roster,
        Row losses
    ) internal pure returns (bytes memory) {
        RegretsBefore memory before = read(regrets);
        Told memory all = told(room, terms, roster, losses);
        Learnt memory learnt = _kept(terms, room, before);
        if (all.isTold) (before.hasPreviousLoss, before.previousLoss) = (true, all.combined);
        if (all.learners != 0) _learn(terms, room, before, all, learnt, Kinds.inclusions(inclusions));
        return _write(room, before, learnt);
    }

    /// @dev What is known of those that stay.
    function _kept(
        Terms memory terms,
        Room memory room,
        RegretsBefore memory before
    ) private pure returns (Learnt memory learnt) {
        unchecked {
            uint256 places = room.owners.length;
            (learnt.network, learnt.naive) = (new int256[](places), new int256[](places));
            for (uint256 i; i < before.inferers.count; ++i) {
                uint256 seat = before.inferers.seatAt(i);
                if (!_isKept(terms, room, seat)) continue;
                int256 naive = before.inferers.wadAt(i, NAIVE);
                learnt.put(room.placeOf(seat), before.inferers.wadAt(i, 1), naive);
            }
            for (uint256 i; i < before.forecasters.count; ++i) {
                uint256 seat = before.forecasters.seatAt(i);
                if (!_isKept(terms, room, seat)) continue;
                learnt.put(room.placeOf(seat), before.forecasters.wadAt(i, 1), 0);
            }
        }
    }

    function _isKept(Terms memory terms, Room memory room, uint256 seat) private pure returns (bool) {
        require(terms.hasSeat(seat), Seating.SeatOutOfRange(seat));
        return room.stays(seat);
    }

    /// @dev Takes up the losses of those that learn, then the scale and the initial regret.
    function _learn(
        Terms memory terms,
        Room memory room,
        RegretsBefore memory before,
        Told memory all,
        Learnt memory learnt,
        Entries memory inclusions
    ) private pure {
        unchecked {
            int256[] memory regrets = new int256[](all.losses.count);
            int256[] memory experienced = new int256[](all.losses.count);
            uint256 count;
            uint256 experts;
            for (uint256 i; i < all.losses.count; ++i) {
                uint256 seat = all.losses.seatAt(i);
                if (!all.learns(seat)) continue;
                int256 regret = _learnOf(terms, room.placeOf(seat), all, learnt, before.initial, i);
                regrets[count++] = regret;
                uint256 included = countOf(inclusions, room, seat);
                if (isExperienced(included, terms.alphaRegret)) experienced[experts++] = regret;
            }
            Words.cut(regrets, count);
            Words.cut(experienced, experts);
            (before.hasInitial, before.initial) = (true, initial(terms, regrets, experienced));
            before.scale = scale(regrets, terms.epsilon);
        }
    }

    /// @dev The new network regret of one.
    function _learnOf(
        Terms memory terms,
        uint256 place,
        Told memory all,
        Learnt memory learnt,
        int256 unseen,
        uint256 i
    ) private pure returns (int256 network) {
        int256 own = all.losses.wadAt(i, 1);
        bool isSeen = learnt.has(place);
        int256 naive = isSeen ? learnt.naive[place] : unseen;
        network = updated(all.combined, own, isSeen ? learnt.network[place] : unseen, terms.alphaRegret);
        if (all.losses.seatAt(i) < FORECASTERS) naive = updated(all.naive, own, naive, terms.alphaRegret);
        learnt.put(place, network, naive);
    }

    function _write(
        Room memory room,
        RegretsBefore memory made,
        Learnt memory learnt
    ) private pure returns (bytes memory) {
        unchecked {
            uint256 places = room.owners.length;
            Writer memory writer = Writing.open(55 + INFERER_WIDTH * places, ROW_REGRETS);
            writer.putMaybe(made.hasPreviousLoss, made.previousLoss);
            writer.putWad(made.scale);
            writer.putMaybe(made.hasInitial, made.initial);
            writer.put(2, learnt.countBetween(0, room.infererSeats));
            for (uint256 place; place < room.infererSeats; ++place) {
                if (!learnt.has(place)) continue;
                writer.put(1, place);
                writer.putWad(learnt.network[place]);
                writer.putWad(learnt.naive[place]);
            }
            writer.put(2, learnt.countBetween(room.infererSeats, places));
            for (uint256 place = room.infererSeats; place < places; ++place) {
                if (!learnt.has(place)) continue;
                writer.put(1, room.seatOf(place));
                writer.putWad(learnt.network[place]);
            }
            return writer.close();
        }
    }

    /// @dev How often the one on a seat was scored.
    function countOf(Entries memory inclusions, Room memory room, uint256 seat) internal pure returns (uint256) {
        unchecked {
            uint256 at = inclusions.find(seat);
            if (at == NOT_FOUND || !room.stays(seat)) return 0;
            return inclusions.row.uint16At(inclusions.placeAt(at) + 1);
        }
    }

    /// @dev The row 0x25. Of a missed epoch roster and losses are empty.
    function inclusionsRow(
        Terms memory terms,
        Room memory room,
        Row inclusionsBefore,
        Row roster,
        Row losses
    ) internal pure returns (bytes memory) {
        unchecked {
            Entries memory before = Kinds.inclusions(inclusionsBefore);
            Told memory all = told(room, terms, roster, losses);
            uint256 bits = all.learners;
            for (uint256 i; i < before.count; ++i) {
                uint256 seat = before.seatAt(i);
                if (_isKept(terms, room, seat)) bits |= 1 << seat;
            }
            uint256 count = LibBit.popCount(bits);
            Writer memory writer = Writing.open(3 + SEATED_COUNT * count, ROW_INCLUSIONS);
            writer.put(2, count);
            for (uint256 seat; bits >> seat != 0 && seat < ALL_SEATS; ++seat) {
                if ((bits >> seat) & 1 == 0) continue;
                uint256 counted = countOf(before, room, seat);
                if (all.learns(seat) && counted != MOST_INCLUSIONS) ++counted;
                writer.put(1, seat);
                writer.put(2, counted);
            }
            return writer.close();
        }
    }
}
