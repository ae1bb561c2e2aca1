// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Genesis} from "../../../contracts/verifier/Genesis.sol";

/// @notice The first state's hash for tests in other languages.
contract GenesisHarness {
    function stateHash(bytes memory parameters) external pure returns (bytes32) {
        return Genesis.stateHash(parameters);
    }
}
