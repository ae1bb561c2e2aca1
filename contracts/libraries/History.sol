// SPDX-License-Identifier: Apache-2.0
// A hash and a count as they stood at each key (a time, an epoch), looked up by binary search.
pragma solidity ^0.8.28;

library History {
    /// @dev `count` shares the key's slot, so a search reads one slot a step.
    struct Checkpoint {
        uint48 key;
        uint32 count;
        bytes32 hash;
    }

    /// @dev Keys ascend strictly: the same key again overwrites. The caller never passes a smaller one.
    function push(Checkpoint[] storage checkpoints, uint48 key, bytes32 hash, uint32 count) internal {
        uint256 length = checkpoints.length;
        if (length > 0) {
            Checkpoint storage last = checkpoints[length - 1];
            assert(key >= last.key);
            if (key == last.key) {
                (last.hash, last.count) = (hash, count);
                return;
            }
        }
        checkpoints.push(Checkpoint(key, count, hash));
    }

    /// @dev The last checkpoint whose key is at most `key`; zeros if there is none.
    function lookup(Checkpoint[] storage checkpoints, uint48 key) internal view returns (bytes32 hash, uint32 count) {
        uint256 low;
        uint256 high = checkpoints.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (checkpoints[middle].key <= key) low = middle + 1;
            else high = middle;
        }
        if (low == 0) return (0, 0);
        Checkpoint storage found = checkpoints[low - 1];
        return (found.hash, found.count);
    }

    /// @dev The newest checkpoint; zeros if there is none.
    function latest(Checkpoint[] storage checkpoints) internal view returns (uint48 key, bytes32 hash, uint32 count) {
        uint256 length = checkpoints.length;
        if (length == 0) return (0, 0, 0);
        Checkpoint storage last = checkpoints[length - 1];
        return (last.key, last.hash, last.count);
    }
}
