// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Step 6, what an epoch's truth changed, as the committee attests to it: a leaf of a batch, after its reports.

/// @dev `generation` counts how often settlements of the topic were taken back, `parent` is the leaf hash of the
/// settlement before (0: this is the first), `state` the hash of the state after it, `pot` what the epoch's
/// participants share, `quality` as in `libraries/Quality.sol`, `context` the hash of what it was computed from.
struct Settlement {
    uint32 topicId;
    uint32 epoch;
    uint16 generation;
    bytes32 parent;
    bytes32 state;
    uint256 pot;
    bytes32 quality;
    bytes32 context;
}

using {hash} for Settlement global;

bytes32 constant SETTLEMENT_TYPEHASH = keccak256(
    "Settlement(uint32 topicId,uint32 epoch,uint16 generation,bytes32 parent,bytes32 state,uint256 pot,bytes32 quality,bytes32 context)"
);

/// @dev The EIP-712 struct hash, a leaf of the batch.
function hash(Settlement calldata settlement) pure returns (bytes32 leaf) {
    bytes32 typeHash = SETTLEMENT_TYPEHASH;
    // Equals keccak256(abi.encode(SETTLEMENT_TYPEHASH, settlement)), but takes the eight words as they stand.
    // A word wider than its field gives a leaf that nobody signs.
    assembly ("memory-safe") {
        let free := mload(0x40)
        mstore(free, typeHash)
        calldatacopy(add(free, 0x20), settlement, 0x100)
        leaf := keccak256(free, 0x120)
    }
}
