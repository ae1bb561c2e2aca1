// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";

/// @dev Step 3, who attested. Scheme 0, a set of ECDSA signatures: byte 0 is the scheme, bytes 1 to 8
/// the bitmap (bit i for member i of the era), then one 64-byte signature (EIP-2098: r, then s with the
/// parity in its top bit) for each set bit, in ascending order. An absent member costs nothing.
library Attestation {
    uint256 private constant HEAD = 9;
    uint256 private constant SIGNATURE = 64;

    /// @dev Where quorum (1 byte), count (1) and the signers (20 each) begin in an era's code.
    uint256 private constant TABLE = 63;

    /// @dev Half the order of secp256k1, rounded down. A greater s is the other form of the same
    /// signature, which nobody needs.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @dev The members of the era that signed `digest`, at least its quorum, or reverts.
    /// @param code The era's code, as `Committee` writes it.
    function signers(address code, bytes32 digest, bytes calldata attestation) internal view returns (uint64 bitmap) {
        require(attestation.length >= HEAD, ICommittee.MalformedAttestation(attestation.length, 0));
        uint256 head = uint72(bytes9(attestation));
        // Only scheme 0 exists.
        require(head >> 64 == 0, ICommittee.UnknownScheme(head >> 64));
        bitmap = uint64(head);
        uint256 given = LibBit.popCount(bitmap);
        // One signature for each set bit, and nothing after.
        require(
            attestation.length == HEAD + SIGNATURE * given,
            ICommittee.MalformedAttestation(attestation.length, bitmap)
        );
        (uint256 table, uint256 quorum, uint256 count) = _read(code);
        // No bit past the members.
        require(bitmap >> count == 0, ICommittee.MalformedAttestation(attestation.length, bitmap));
        require(given >= quorum, ICommittee.QuorumNotReached(given, quorum));
        _requireValid(table, digest, bitmap, attestation);
    }

    /// @dev Copies the era's table into memory; `table` points at the first signer.
    function _read(address code) private view returns (uint256 table, uint256 quorum, uint256 count) {
        // Equals bytes memory copy = code.code[TABLE:]; quorum = copy[0]; count = copy[1].
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := sub(extcodesize(code), TABLE)
            extcodecopy(code, free, TABLE, size)
            let first := mload(free)
            quorum := byte(0, first)
            count := byte(1, first)
            table := add(free, 2)
            mstore(0x40, add(free, and(add(size, 0x1f), not(0x1f))))
        }
    }

    /// @dev Reverts unless each signature is its member's own.
    function _requireValid(uint256 table, bytes32 digest, uint256 bitmap, bytes calldata attestation) private view {
        bytes4 invalidSignature = ICommittee.InvalidSignature.selector;
        // Equals, with `signature` running through the 64-byte pieces of `attestation`:
        //   for (i = 0; bitmap >> i != 0; ++i) {
        //       if ((bitmap >> i) & 1 == 0) continue;
        //       (bytes32 r, bytes32 vs) = abi.decode(signature, (bytes32, bytes32));
        //       uint256 s = uint256(vs) & (2^255 - 1);
        //       address signer = ecrecover(digest, 27 + uint8(uint256(vs) >> 255), r, s);
        //       require(s <= HALF_ORDER && signer == table[i], ICommittee.InvalidSignature(i));
        //   }
        // The input of ecrecover lies at 0x00 to 0x7f, over the free memory pointer and the zero word, which
        // are put back. Its output replaces v at 0x20. When nobody is recovered there is none, and then
        // the digest at 0x00 is compared, which no signer equals but by a chance of 2^-96.
        assembly ("memory-safe") {
            let free := mload(0x40)
            let signature := add(attestation.offset, HEAD)
            let member := table
            mstore(0x00, digest)
            for {
                let rest := bitmap
            } rest {
                rest := shr(1, rest)
                member := add(member, 20)
            } {
                if iszero(and(rest, 1)) {
                    continue
                }
                let vs := calldataload(add(signature, 0x20))
                let s := shr(1, shl(1, vs))
                mstore(0x20, add(27, shr(255, vs)))
                mstore(0x40, calldataload(signature))
                mstore(0x60, s)
                pop(staticcall(gas(), 1, 0x00, 0x80, 0x20, 0x20))
                if or(xor(mload(returndatasize()), shr(96, mload(member))), gt(s, HALF_ORDER)) {
                    mstore(0x00, invalidSignature)
                    mstore(0x04, div(sub(member, table), 20))
                    revert(0x00, 0x24)
                }
                signature := add(signature, SIGNATURE)
            }
            mstore(0x40, free)
            mstore(0x60, 0)
        }
    }
}
