// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Entries, NOT_FOUND} from "./Entries.sol";
import {Lists} from "./Kinds.sol";
import {Mix} from "./Mix.sol";
import {Synthesis} from "./Synthesis.sol";
import {Wads} from "./Wads.sol";

/// @dev What the value would have been without one, or with one forecaster alone; the twin of wasm/src/counterfactuals.rs. An
/// entry is made at a time, and rests on entries that have claims of their own: the combined value without an inferer on the
/// implied values without it, those with and without forecasters on the implied values. `isThere` is false where there is none.
library Counterfactuals {
    /// @dev Of list 1, from the seat's one-out table.
    function oneOutInferer(
        Synthesis.Epoch memory epoch,
        Entries memory inferences,
        Entries memory impliedWithout,
        Entries memory table,
        uint256 seat
    ) internal pure returns (bool isThere, int128 value) {
        unchecked {
            if (inferences.count < 2 || inferences.find(seat) == NOT_FOUND) return (false, 0);
            Synthesis.Label memory label = Synthesis.said(inferences, seat, impliedWithout.count);
            for (uint256 i; i < impliedWithout.count; ++i) {
                uint256 both = _both(impliedWithout, i);
                if (both & 0xff == seat) Synthesis.add(label, both >> 8, impliedWithout.wadAt(i, 2));
            }
            return (true, Synthesis.mean(epoch, label, Synthesis.tableOf(epoch, table)));
        }
    }

    /// @dev Of list 2, from the seat's one-out table.
    function oneOutForecaster(
        Synthesis.Epoch memory epoch,
        Entries memory inferences,
        Entries memory implied,
        Entries memory table,
        uint256 seat
    ) internal pure returns (bool isThere, int128 value) {
        if (!_hasForecaster(inferences, implied, seat)) return (false, 0);
        Synthesis.Label memory label = Synthesis.labelOf(inferences, implied, seat);
        return (true, Synthesis.mean(epoch, label, Synthesis.tableOf(epoch, table)));
    }

    /// @dev Of list 3, from the seat's one-in table.
    function oneInForecaster(
        Synthesis.Epoch memory epoch,
        Entries memory inferences,
        Entries memory implied,
        Entries memory table,
        uint256 seat
    ) internal pure returns (bool isThere, int128 value) {
        if (!_hasForecaster(inferences, implied, seat)) return (false, 0);
        Synthesis.Label memory label = Synthesis.said(inferences, Mix.NOBODY, 1);
        Synthesis.add(label, seat, implied.wadAt(implied.find(seat), 1));
        return (true, Synthesis.mean(epoch, label, Synthesis.tableOf(epoch, table)));
    }

    /// @dev Of list 4: a forecast's implied value without the inferer of a seat.
    function impliedWithout(
        Synthesis.Epoch memory epoch,
        Entries memory inferences,
        Entries memory forecast,
        uint256 seat
    ) internal pure returns (bool isThere, int128 value) {
        if (inferences.count < 2 || inferences.find(seat) == NOT_FOUND) return (false, 0);
        int256 implied;
        (isThere, implied) = Mix.value(forecast, Mix.said(inferences), epoch.past, epoch.rule, seat);
        value = Wads.narrow(implied);
    }

    /// @dev Whether the lists have the entries that these inferers and implied values give. Which of the inferers an implied
    /// value is missing without, `impliedWithout` says.
    function areLists(
        Entries memory inferences,
        Entries memory implied,
        Lists memory lists
    ) internal pure returns (bool) {
        unchecked {
            Entries memory without = lists.oneOutImplied;
            if (inferences.count < 2) {
                uint256 both = lists.oneOutForecasters.count + lists.oneInForecasters.count;
                return lists.oneOutInferers.count + both + without.count == 0;
            }
            if (!lists.oneOutInferers.sameSeats(inferences)) return false;
            if (implied.count > 1) {
                if (!lists.oneOutForecasters.sameSeats(implied)) return false;
                if (!lists.oneInForecasters.sameSeats(implied)) return false;
            } else if (lists.oneOutForecasters.count + lists.oneInForecasters.count != 0) {
                return false;
            }
            uint256 present = inferences.seats() | implied.seats();
            uint256 stop = without.end();
            for (uint256 place = without.first; place != stop; place += without.width) {
                uint256 both = without.row.uint16At(place);
                if ((present >> (both >> 8)) & (present >> (both & 0xff)) & 1 == 0) return false;
            }
            return true;
        }
    }

    /// @dev What stands in one of the first three lists under a seat.
    function found(Entries memory list, uint256 seat) internal pure returns (bool isThere, int256 value) {
        uint256 i = list.find(seat);
        return i == NOT_FOUND ? (false, int256(0)) : (true, list.wadAt(i, 1));
    }

    /// @dev What stands in the fourth list under a forecaster's and an inferer's seat.
    function foundWithout(
        Entries memory list,
        uint256 forecaster,
        uint256 inferer
    ) internal pure returns (bool isThere, int256 value) {
        unchecked {
            for (uint256 i; i < list.count; ++i) {
                if (_both(list, i) == (forecaster << 8) | inferer) return (true, list.wadAt(i, 2));
            }
        }
    }

    /// @dev Both seats of an entry of the fourth list.
    function _both(Entries memory list, uint256 i) private pure returns (uint256) {
        return list.row.uint16At(list.placeAt(i));
    }

    /// @dev Whether lists 2 and 3 have an entry of this seat.
    function _hasForecaster(
        Entries memory inferences,
        Entries memory implied,
        uint256 seat
    ) private pure returns (bool) {
        return inferences.count > 1 && implied.count > 1 && implied.find(seat) != NOT_FOUND;
    }
}
