// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev What any number of a label is made of: the rows 0x11, 0x12 of the label and 0x23, and all 0x13 in the order of their
/// seats. Numbers that rest on implied values and not on forecasts need the 0x13 only where the scale in 0x23 is 0 with an
/// initial regret known, since then it is made from all who are present.
struct EpochRows {
    bytes parameters;
    bytes inferences;
    bytes regrets;
    bytes[] forecasts;
}
