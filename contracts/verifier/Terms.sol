// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LABEL_COUNT_AT, PARAMETERS_BYTES, SEATS_AT, TOPIC_TYPE_AT} from "../types/Parameters.sol";
import {ROW_PARAMETERS} from "../types/Rows.sol";
import {FORECASTERS} from "./Entries.sol";
import {Packed} from "./Packed.sol";
import {Row} from "./Row.sol";

/// @dev What a settlement needs of a topic's parameters, the row 0x11. That they lie within their bounds is `Topics`' care.
struct Terms {
    uint256 topicType;
    uint256 lossMethod;
    uint256 labels;
    int256 pNorm;
    int256 cNorm;
    int256 alphaRegret;
    int256 alphaError;
    int256 epsilon;
    int256 lossFloor;
    int256 minimum;
    int256 maximum;
    bool requireUnity;
    int256 unityTolerance;
    uint256 infererSeats;
    uint256 forecasterSeats;
}

using {hasSeat, isInRange} for Terms global;

function termsOf(Row row) pure returns (Terms memory terms) {
    takeTerms(terms, row);
}

/// @dev The same in a place that there is already.
function takeTerms(Terms memory terms, Row row) pure {
    bool fits = row.size() == PARAMETERS_BYTES && row.byteAt(0) == ROW_PARAMETERS;
    require(fits, Packed.MalformedRow(ROW_PARAMETERS));
    terms.topicType = row.byteAt(TOPIC_TYPE_AT);
    terms.lossMethod = row.byteAt(3);
    terms.labels = row.uint16At(LABEL_COUNT_AT);
    terms.pNorm = row.int128At(108);
    terms.cNorm = row.int128At(124);
    terms.alphaRegret = row.int128At(140);
    terms.alphaError = row.int128At(172);
    terms.epsilon = row.int128At(188);
    terms.lossFloor = row.int128At(204);
    terms.minimum = row.int128At(220);
    terms.maximum = row.int128At(236);
    terms.requireUnity = row.byteAt(252) == 1;
    terms.unityTolerance = row.int128At(253);
    terms.infererSeats = row.byteAt(SEATS_AT);
    terms.forecasterSeats = row.byteAt(SEATS_AT + 1);
}

/// @dev Whether the topic has this seat.
function hasSeat(Terms memory terms, uint256 seat) pure returns (bool) {
    return seat < FORECASTERS ? seat < terms.infererSeats : seat - FORECASTERS < terms.forecasterSeats;
}

/// @dev Whether a value may be inferred, or made of what was.
function isInRange(Terms memory terms, int256 value) pure returns (bool) {
    return value >= terms.minimum && value <= terms.maximum;
}
