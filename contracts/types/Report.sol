// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Step 4, one value of one label of one epoch, as the committee attests to it: a leaf of a batch.

/// @dev `observedAt` is when the epoch's window closed, `lag` the seconds from there to the time the
/// value is about, `value` a Wad, `sigma` as in `libraries/Sigma.sol`, `history` the size of the
/// topic's ring of older words (0: none), `context` the hash of what the value was computed from.
struct Report {
    uint32 topicId;
    uint16 label;
    uint32 epoch;
    uint32 observedAt;
    uint24 lag;
    uint8 history;
    int128 value;
    uint24 sigma;
    bytes32 context;
}

using {hash} for Report global;

bytes32 constant REPORT_TYPEHASH = keccak256(
    "Report(uint32 topicId,uint16 label,uint32 epoch,uint32 observedAt,uint24 lag,uint8 history,int128 value,uint24 sigma,bytes32 context)"
);

/// @dev The EIP-712 struct hash, a leaf of the batch.
function hash(Report calldata report) pure returns (bytes32 leaf) {
    bytes32 typeHash = REPORT_TYPEHASH;
    // Equals keccak256(abi.encode(REPORT_TYPEHASH, report)), but takes the nine words as they stand.
    // A word wider than its field gives a leaf that nobody signs.
    assembly ("memory-safe") {
        let free := mload(0x40)
        mstore(free, typeHash)
        calldatacopy(add(free, 0x20), report, 0x120)
        leaf := keccak256(free, 0x140)
    }
}
