// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Batch} from "./Batch.sol";

// Step 7, what shows that a quorum signed a message, whether it was ever posted or not.

/// @dev `proof` is the siblings on the way from the message's leaf to the batch's root, `attestation` as in
/// `ICommittee.verify`.
struct Attested {
    Batch batch;
    bytes32[] proof;
    bytes attestation;
}
