// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TOPIC_CLASSIFICATION} from "../types/Parameters.sol";
import {ROW_SETTLED_TRUTH} from "../types/Rows.sol";
import {Entries} from "./Entries.sol";
import {Kinds} from "./Kinds.sol";
import {Row} from "./Row.sol";
import {Spread} from "./Spread.sol";
import {Terms} from "./Terms.sol";
import {Wads} from "./Wads.sol";
import {Writer, Writing} from "./Writer.sol";

/// @dev Step 6, many reputers' truths become one; the twin of wasm/src/truth.rs, which is the norm.
library Truths {
    /// @dev The widest range a topic has: what comes true may lie outside the topic's own.
    int256 private constant WIDEST = 1e33;
    /// @dev Behind the reputer's address.
    uint256 private constant VALUE = 20;

    /// @dev Thrown when truths do not settle, since they are not admissible.
    error TruthMissing();

    struct Ballot {
        /// Each label's truths, of the same reputers.
        Entries[] labels;
        /// Those reputers' stakes.
        uint256[] stakes;
        bool isOfClasses;
    }

    // -- Reading --

    /// @dev Reads and admits: the same reputers for each label, all of the electorate, with two thirds of its stake, and what
    /// they said.
    function ballot(
        Terms memory terms,
        Row electorateRow,
        Row[] memory rows
    ) internal pure returns (bool isAdmissible, Ballot memory said) {
        Entries memory electorate = Kinds.electorate(electorateRow);
        said.isOfClasses = terms.topicType == TOPIC_CLASSIFICATION;
        said.labels = new Entries[](rows.length);
        for (uint256 label; label < rows.length; ++label) said.labels[label] = Kinds.truths(rows[label], label);
        for (uint256 label = 1; label < rows.length; ++label) {
            if (!said.labels[0].sameReputers(said.labels[label])) return (false, said);
        }
        uint256 present;
        said.stakes = new uint256[](said.labels[0].count);
        for (uint256 i; i < said.stakes.length; ++i) {
            uint256 stake = _stakeOf(electorate, said.labels[0].reputerAt(i));
            // Nobody has a stake of zero, so this one is no elector.
            if (stake == 0) return (false, said);
            said.stakes[i] = stake;
            present += stake;
        }
        uint256 all;
        for (uint256 i; i < electorate.count; ++i) all += _stakeAt(electorate, i);
        isAdmissible = present != 0 && 3 * present >= 2 * all && _areWithin(said) && _areClasses(said);
    }

    function _stakeOf(Entries memory electorate, uint256 reputer) private pure returns (uint256) {
        for (uint256 i; i < electorate.count; ++i) {
            if (electorate.reputerAt(i) == reputer) return _stakeAt(electorate, i);
        }
        return 0;
    }

    function _stakeAt(Entries memory electorate, uint256 i) private pure returns (uint256) {
        return electorate.row.uint128At(electorate.placeAt(i) + VALUE);
    }

    function _areWithin(Ballot memory said) private pure returns (bool) {
        for (uint256 label; label < said.labels.length; ++label) {
            for (uint256 i; i < said.stakes.length; ++i) {
                int256 value = said.labels[label].wadAt(i, VALUE);
                if (value < -WIDEST || value > WIDEST) return false;
            }
        }
        return true;
    }

    /// @dev Of classes one for one and nothing for the others.
    function _areClasses(Ballot memory said) private pure returns (bool) {
        if (!said.isOfClasses) return true;
        for (uint256 i; i < said.stakes.length; ++i) {
            uint256 ones;
            for (uint256 label; label < said.labels.length; ++label) {
                int256 value = said.labels[label].wadAt(i, VALUE);
                if (value == Wads.ONE) ++ones;
                else if (value != 0) return false;
            }
            if (ones != 1) return false;
        }
        return true;
    }

    // -- Settling --

    /// @dev What counts as true, one a label.
    function settled(Ballot memory said) internal pure returns (int256[] memory truth) {
        uint256 labels = said.labels.length;
        truth = new int256[](labels);
        if (said.isOfClasses) {
            truth[_class(said)] = Wads.ONE;
            return truth;
        }
        int256[] memory values = new int256[](said.stakes.length);
        for (uint256 label; label < labels; ++label) {
            for (uint256 i; i < values.length; ++i) values[i] = said.labels[label].wadAt(i, VALUE);
            (, truth[label]) = Spread.weightedMedian(values, said.stakes);
        }
    }

    /// @dev The label with the most stake, ties to the lower one.
    function _class(Ballot memory said) private pure returns (uint256 class) {
        uint256 most;
        for (uint256 label; label < said.labels.length; ++label) {
            uint256 backing;
            for (uint256 i; i < said.stakes.length; ++i) {
                if (said.labels[label].wadAt(i, VALUE) == Wads.ONE) backing += said.stakes[i];
            }
            if (backing > most) (class, most) = (label, backing);
        }
    }

    /// @dev The row 0x34.
    function settledRow(Terms memory terms, Row electorate, Row[] memory truths) internal pure returns (bytes memory) {
        (bool isAdmissible, Ballot memory said) = ballot(terms, electorate, truths);
        require(isAdmissible, TruthMissing());
        int256[] memory truth = settled(said);
        Writer memory writer = Writing.open(3 + 16 * truth.length, ROW_SETTLED_TRUTH);
        writer.put(2, truth.length);
        for (uint256 label; label < truth.length; ++label) writer.putWad(truth[label]);
        return writer.close();
    }

    /// @dev Whether the signatures are of the same reputers as the truths.
    function areSigned(Ballot memory said, Row signatures) internal pure returns (bool) {
        return said.labels[0].sameReputers(Kinds.truthSignatures(signatures));
    }
}
