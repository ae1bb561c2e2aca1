// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim, Evidence} from "../types/Claim.sol";
import {Report} from "../types/Report.sol";
import {Settlement} from "../types/Settlement.sol";
import {IReports} from "./IReports.sol";
import {IStakes} from "./IStakes.sol";
import {ITopics} from "./ITopics.sol";

/// @notice Step 7: claims that need what the contracts know, besides bytes. Anyone may call all of it; nothing is written.
/// @dev What is read about a topic is what stood `delaySeconds` before the epoch's window opened, for a settlement before its
/// truth window's close: what the members read too, whatever came later. The evidence of each claim stands in `Facts.sol`.
interface IFacts {
    /// @notice Thrown when a claim is none of fact, or of the other kind of message.
    error NotAFact(Claim claim);
    /// @notice Thrown when another number of rows is shown than the claim rests on.
    error RowsMismatch(uint256 given, uint256 required);
    /// @notice Thrown when a settlement is shown that the message does not name, or none where it names one.
    error OriginMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when the registrations shown do not lead to the hash that `Topics` keeps.
    error RegistrationsMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a place is none that the claim speaks of.
    error PlaceUnfit(uint256 given);
    /// @notice Thrown when an epoch was missed, so that there is nothing of what the claim speaks of.
    error EpochMissed(uint32 epoch);
    /// @notice Thrown when an address that must be a contract has no code.
    error NotAContract(address given);

    /// @notice Whether a report is wrong as claimed.
    /// @dev Reverts if the evidence does not belong to the report, or is not what the claim rests on.
    function judgeReport(
        Report calldata report,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool isWrong);

    /// @notice Whether a settlement is wrong as claimed. Reverts as `judgeReport` does.
    function judgeSettlement(
        Settlement calldata settlement,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external view returns (bool isWrong);

    function reports() external view returns (IReports);

    function topics() external view returns (ITopics);

    function stakes() external view returns (IStakes);
}
