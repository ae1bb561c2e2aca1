// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim, Evidence} from "../types/Claim.sol";
import {Report} from "../types/Report.sol";
import {Settlement} from "../types/Settlement.sol";

/// @title IVerifier
/// @notice The core's twin on chain: recomputes what a committee signed, from the same rows, to the same bits. Each era names
/// one. Anyone may call all of it; nothing here reads or writes state.
///
/// Rows that a claim of arithmetic about a report rests on, in this order; further ones are not looked at. From `Combined` on
/// `at` is the label l << 16, and in its low 16 bits what the table says: any label of the context, not only the report's own, as
/// all reports of an epoch stand for all of its rows. `Z` is all forecasts 0x13 in their order where the state's scale is 0 and
/// its initial regret known, else none.
///
/// | claim | at | lists | rows |
/// |---|---|---|---|
/// | Lists | 1 inputs, 2 outputs | that one | 0x11 |
/// | Row | list << 16 \| place, 1 inputs, 2 outputs | that one | 0x11, the row, the next one where their order is wrong |
/// | Inputs | 0 | inputs | 0x11, all 0x12, all 0x13 or the first ones of them |
/// | Value, Sigma | 0 | outputs | 0x11, 0x31 of the report's label |
/// | Combined, Percentiles | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x23, 0x31 of l, Z |
/// | Naive | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x23, 0x31 of l, Z |
/// | Deviation | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x23, 0x24, 0x31 of l, Z |
/// | ValueRow | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x23, 0x24, Z |
/// | Weights | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x23, Z; the same for each l |
/// | Implied | forecast's place among the 0x13 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x23, 0x33 of l, that 0x13, Z |
/// | ImpliedRow | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x23, all 0x13; before the first settlement then the 0x14 behind them |
/// | OneOutInferer | seat | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x23, 0x36 of l, 0x29, the seat's 0x27 if any, Z |
/// | OneOutForecaster | seat | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x23, 0x36 of l, 0x29, the seat's 0x27 if any, Z |
/// | OneInForecaster | seat | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x23, 0x36 of l, 0x2a, the seat's 0x28 if any, Z |
/// | ImpliedWithout | forecast's place << 8 \| inferer's seat | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x23, 0x36 of l, that 0x13, Z |
/// | Counterfactuals | 0 | inputs, outputs, beforehand | 0x11, 0x12 of l, 0x33 of l, 0x36 of l |
///
/// About a settlement, likewise. `S` is what seats follow from: all 0x13 and 0x15 of the inputs as they stand there; of a missed
/// epoch, which has no inputs, the parent's context row and all 0x15 since the parent, with the parent in `origin` (neither, if
/// the leaf's parent is 0). Rows in square brackets are left out of a missed epoch, and so are its lists of inputs and outputs.
/// State rows are those beforehand unless they are called made.
///
/// | claim | at | lists | rows |
/// |---|---|---|---|
/// | SettlementLists | 0 context, 1 inputs, 2 outputs, 3 afterwards | that one | 0x11 where `at` is 1 |
/// | SettlementRow | place | inputs | 0x11, the row, the next one where their order is wrong |
/// | SettlementInputs | 1 << 16, inferences | inputs | 0x11, all 0x12 |
/// | | 2 << 16, forecasts | inputs | 0x11, all 0x13 |
/// | | 3 << 16, registrations | inputs | 0x11, S, the parent's context row with the parent in `origin` (neither, if it is 0) |
/// | | 4 << 16, truths | inputs | 0x11, 0x16, all 0x17, 0x18 |
/// | | 5 << 16 \| l, values | inputs | 0x11, 0x31 of l |
/// | | 6 << 16 \| l, implied values | inputs | 0x11, 0x33 of 0, 0x33 of l, all 0x13, the row after them |
/// | | 7 << 16 \| l, counterfactuals | inputs | 0x11, 0x12 of 0, 0x33 of 0, 0x36 of 0, 0x36 of l |
/// | | 8 << 16, pot | inputs | 0x11, [0x19] |
/// | | 9 << 16, roster | inputs | 0x11, 0x12 of 0, 0x33 of 0, 0x1a |
/// | Truth | 0 | inputs, outputs | 0x11, 0x16, all 0x17 |
/// | Losses | 0 | inputs, outputs | 0x11, 0x34, all 0x12, all 0x31, all 0x33 |
/// | CounterfactualLosses | 0 | inputs, outputs | 0x11, 0x34, all 0x36 |
/// | Seats | 0 | inputs, beforehand, afterwards | 0x11, 0x22, S |
/// | Regrets | 0 | inputs, outputs, beforehand, afterwards | 0x11, 0x22, 0x23, [0x25, 0x1a, 0x35,] S |
/// | Errors | 0 | inputs, outputs, beforehand, afterwards | 0x11, [0x24, 0x34, all 0x12, all 0x31] |
/// | Inclusions | 0 | inputs, outputs, beforehand, afterwards | 0x11, 0x22, 0x25, [0x1a, 0x35,] S |
/// | Quality | 0 | inputs, outputs, beforehand, afterwards | 0x11, 0x26, [0x34, 0x35, all 0x31] |
/// | QualityWord | 0 | inputs, afterwards | 0x11, 0x26 as made, [0x12 of 0] |
/// | OneOutTable | seat | inputs, outputs, beforehand, afterwards | 0x11, 0x22, 0x29, the seat's 0x27 if any, 0x29 as made, [0x23, 0x1a, 0x35, 0x37,] S |
/// | OneInTable | seat | inputs, outputs, beforehand, afterwards | 0x11, 0x22, 0x2a, the seat's 0x28 if any, 0x2a as made, [0x23, 0x1a, 0x35, 0x37,] S |
/// | Tables | 6 one-out, 7 one-in | afterwards | 0x11, 0x29 or 0x2a as made |
interface IVerifier {
    /// @notice Whether a report is wrong as claimed: true if the bytes give something else than what it says.
    /// @dev Reverts if the evidence does not belong to the report, or is not what the claim rests on.
    function judgeReport(
        Report calldata report,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool isWrong);

    /// @notice Whether a settlement is wrong as claimed.
    /// @param beforehand The hash of the state that it starts from.
    /// @dev Reverts as `judgeReport` does.
    function judgeSettlement(
        Settlement calldata settlement,
        bytes32 beforehand,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool isWrong);

    /// @notice Whether value and sigma of a report are what its inputs and the state give.
    /// @dev Lists: inputs and beforehand; rows 0x11, 0x12 of the report's label, 0x23, 0x24, all 0x13. Reverts as `judgeReport` does.
    function confirms(Report calldata report, Evidence calldata evidence) external view returns (bool isRight);
}
