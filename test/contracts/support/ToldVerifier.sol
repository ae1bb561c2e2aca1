// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IVerifier} from "../../../contracts/interfaces/IVerifier.sol";
import {Claim, Evidence} from "../../../contracts/types/Claim.sol";
import {Report} from "../../../contracts/types/Report.sol";
import {Settlement} from "../../../contracts/types/Settlement.sol";

/// @dev A verifier that answers as it was told, for what `Disputes` makes of an answer. A settlement is wrong only from the
/// state that it was told.
contract ToldVerifier is IVerifier {
    bool private _isWrong;
    bytes32 private _beforehand;

    function tell(bool isWrong) external {
        _isWrong = isWrong;
    }

    function tell(bool isWrong, bytes32 beforehand) external {
        (_isWrong, _beforehand) = (isWrong, beforehand);
    }

    function judgeReport(Report calldata, Claim, uint256, Evidence calldata) external view returns (bool) {
        return _isWrong;
    }

    function judgeSettlement(
        Settlement calldata,
        bytes32 beforehand,
        Claim,
        uint256,
        Evidence calldata
    ) external view returns (bool) {
        return _isWrong && beforehand == _beforehand;
    }

    function confirms(Report calldata, Evidence calldata) external view returns (bool) {
        return !_isWrong;
    }
}
