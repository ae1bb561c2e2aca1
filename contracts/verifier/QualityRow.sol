// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ROW_QUALITY} from "../types/Rows.sol";
import {Kinds} from "./Kinds.sol";
import {Row} from "./Row.sol";
import {Spread} from "./Spread.sol";
import {Terms} from "./Terms.sol";
import {Wads} from "./Wads.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev What the row 0x26 says.
struct Rolling {
    bool hasLosses;
    int256 network;
    int256 naive;
    bool hasCoverage;
    int256 one;
    int256 two;
    uint256 missed;
}

/// @dev Step 6, how good a topic's values have been, and the word in which a settlement says so; the twin of
/// wasm/src/quality.rs, which is the norm.
library QualityRow {
    /// @dev A billionth and a ten-thousandth: the units of losses and shares in the word.
    int256 private constant LOSS_UNIT = 1e9;
    int256 private constant SHARE_UNIT = 1e14;

    function read(Row row) internal pure returns (Rolling memory quality) {
        unchecked {
            bool fits = Kinds.isKind(row, ROW_QUALITY);
            uint256 flag = row.byteAt(1);
            if (flag == 1) {
                (quality.hasLosses, quality.network, quality.naive) = (true, row.int128At(2), row.int128At(18));
            }
            fits = fits && flag <= 1;
            uint256 at = 2 + 32 * flag;
            flag = row.byteAt(at);
            if (flag == 1) {
                (quality.hasCoverage, quality.one, quality.two) = (true, row.int128At(at + 1), row.int128At(at + 17));
            }
            fits = fits && flag <= 1;
            at += 1 + 32 * flag;
            quality.missed = uint256(row.wordAt(at)) >> 224;
            Kinds.requireFit(fits && row.size() == at + 4, ROW_QUALITY);
        }
    }

    /// @dev The row 0x26, from the one before, the truth, the losses and the values of all labels; of a missed epoch these are
    /// empty.
    function rowAfter(
        Terms memory terms,
        Row before,
        Row truthRow,
        Row losses,
        Row[] memory values
    ) internal pure returns (bytes memory) {
        Rolling memory quality = read(before);
        if (!truthRow.isEmpty()) {
            (int256 network, int256 naive, ) = Kinds.losses(losses);
            quality.network = Spread.rolled(terms.alphaError, network, quality.hasLosses, quality.network);
            quality.naive = Spread.rolled(terms.alphaError, naive, quality.hasLosses, quality.naive);
            quality.hasLosses = true;
            _cover(quality, terms, Kinds.settledTruth(truthRow, terms.labels), values);
        } else if (quality.missed != type(uint32).max) {
            ++quality.missed;
        }
        return _write(quality);
    }

    /// @dev Without a known sigma of each label the shares stay.
    function _cover(
        Rolling memory quality,
        Terms memory terms,
        int256[] memory truth,
        Row[] memory values
    ) private pure {
        unchecked {
            (bool one, bool two, bool areKnown) = (true, true, true);
            for (uint256 label; label < values.length; ++label) {
                (int256 combined, , bool isKnown, int256 sigma) = Kinds.value(values[label], label);
                areKnown = areKnown && isKnown;
                int256 error = Spread.distance(combined, truth[label]);
                one = one && error <= sigma;
                two = two && error <= 2 * sigma;
            }
            if (!areKnown) return;
            quality.one = Spread.rolled(terms.alphaError, one ? Wads.ONE : int256(0), quality.hasCoverage, quality.one);
            quality.two = Spread.rolled(terms.alphaError, two ? Wads.ONE : int256(0), quality.hasCoverage, quality.two);
            quality.hasCoverage = true;
        }
    }

    function _write(Rolling memory quality) private pure returns (bytes memory) {
        Writer memory writer = Writing.open(71, ROW_QUALITY);
        writer.putMaybe(quality.hasLosses, quality.network);
        if (quality.hasLosses) writer.putWad(quality.naive);
        writer.putMaybe(quality.hasCoverage, quality.one);
        if (quality.hasCoverage) writer.putWad(quality.two);
        writer.put(4, quality.missed);
        return writer.close();
    }

    /// @dev The word, from the row 0x26 as made and how many inferred; see `libraries/Quality.sol`.
    function word(Row made, uint256 workers) internal pure returns (bytes32) {
        Rolling memory quality = read(made);
        uint256 bits = (_lossUnits(quality.network) << 64) | _lossUnits(quality.naive);
        bits = (bits << 16) | _shareUnits(quality.one);
        bits = (bits << 16) | _shareUnits(quality.two);
        bits = (bits << 8) | workers;
        bits = (bits << 8) | (quality.hasLosses ? 1 : 0);
        return bytes32(((bits << 32) | quality.missed) << 48);
    }

    /// @dev The nearest that 64 bits hold.
    function _lossUnits(int256 loss) private pure returns (uint256) {
        int256 units = loss / LOSS_UNIT;
        if (units > type(int64).max) return uint64(type(int64).max);
        return units < type(int64).min ? uint64(type(int64).min) : uint64(int64(units));
    }

    /// @dev A share is at most 1, so it has at most 10,000 units.
    function _shareUnits(int256 share) private pure returns (uint256) {
        int256 units = share / SHARE_UNIT;
        return units < 0 || units > int256(uint256(type(uint16).max)) ? 0 : uint256(units);
    }
}
