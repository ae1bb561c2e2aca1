// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claim, Evidence} from "./types/Claim.sol";
import {Report} from "./types/Report.sol";
import {Case, Cases} from "./verifier/Cases.sol";
import {Forms} from "./verifier/Forms.sol";

/// @title FormVerifier
/// @notice Step 7: judges the form of reports, which is the claims `Lists`, `Row` and `Inputs`. `Verifier` makes one for itself and
/// asks it with the calldata that it was asked with, so that each of the two has less code than a contract may have.
contract FormVerifier {
    /// @notice Thrown when the claim is not one about a report's form.
    error ClaimUnknown(Claim given);

    /// @notice As `IVerifier.judgeReport` has it.
    function judgeReport(
        Report calldata report,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external pure returns (bool isWrong) {
        Case memory one = Cases.read(evidence, report.context);
        if (claim == Claim.Lists) return Forms.isListWrong(one, at, report.label);
        one.takeParameters();
        if (claim == Claim.Row) return Forms.isRowWrong(one, at >> 16, at & 0xffff);
        require(claim == Claim.Inputs, ClaimUnknown(claim));
        one.requireInputs();
        return Forms.isInputWrong(one);
    }
}
