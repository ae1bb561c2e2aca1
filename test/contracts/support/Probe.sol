// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev What one call costs whoever makes it, cold account included. Encoding it and decoding its answer
/// are left out: they are the caller's own, and its compiler's.
contract Probe {
    event Used(uint256 gas);

    // The input is measured from memory, as a compiler would have put it.
    // solhint-disable-next-line gas-calldata-parameters
    function measure(address target, bytes memory input) external {
        bool success;
        uint256 used;
        assembly ("memory-safe") {
            let before := gas()
            success := staticcall(gas(), target, add(input, 0x20), mload(input), 0, 0)
            used := sub(before, gas())
        }
        require(success, "the measured call reverted");
        emit Used(used);
    }
}
