// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Step 3, the message that a quorum signs: one Merkle root over all that fell due in a slot.

/// @dev As signed, `Batch(uint32 era,uint40 slot,uint32 view,bytes32 root)`; `view` is a word of the
/// language, so the field is `viewNumber` here. Names are no part of the hash of a struct.
struct Batch {
    uint32 era;
    uint40 slot;
    uint32 viewNumber;
    bytes32 root;
}

/// @dev Shows that some leaves lie under a root; see `libraries/Tree.sol` for the steps.
struct Multiproof {
    bytes32[] nodes;
    bytes steps;
}

using {hash} for Batch global;

bytes32 constant BATCH_TYPEHASH = keccak256("Batch(uint32 era,uint40 slot,uint32 view,bytes32 root)");

/// @dev The EIP-712 struct hash; the domain is added by `Reports`.
function hash(Batch calldata batch) pure returns (bytes32 structHash) {
    bytes32 typeHash = BATCH_TYPEHASH;
    // Equals keccak256(abi.encode(BATCH_TYPEHASH, batch)), but takes the four words as they stand.
    // A word wider than its field gives a hash that nobody signs.
    assembly ("memory-safe") {
        let free := mload(0x40)
        mstore(free, typeHash)
        calldatacopy(add(free, 0x20), batch, 0x80)
        structHash := keccak256(free, 0xa0)
    }
}
