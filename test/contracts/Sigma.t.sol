// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Sigma} from "../../contracts/libraries/Sigma.sol";
import {Test} from "./support/Test.sol";

/// @dev Sigma as a 24-bit float. Expected forms are worked out by hand from m * 2^e.
contract SigmaTest is Test {
    uint128 private constant TOP = uint128(1) << 127;

    function pack(uint128 wad) external pure returns (uint24) {
        return Sigma.pack(wad);
    }

    function test_pack_knownForms() public pure {
        assertEq(Sigma.pack(0), 0);
        assertEq(Sigma.pack(1), 0x800000);
        assertEq(Sigma.pack(32_768), 0x800000);
        assertEq(Sigma.pack(32_769), 0x800100);
        assertEq(Sigma.pack(65_535), 0xffff00);
        assertEq(Sigma.pack(65_536), 0x800001);
        assertEq(Sigma.pack(65_537), 0x800101);
        // 131,071 = 65,535.5 * 2 carries into the next power of two.
        assertEq(Sigma.pack(131_071), 0x800002);
        // 1e18 = 56,843.4... * 2^44.
        assertEq(Sigma.pack(1e18), (56_844 << 8) | 44);
        assertEq(Sigma.pack(TOP), 0x800070);
        assertEq(Sigma.pack(type(uint128).max - (uint128(1) << 112) + 1), 0xffff70);
    }

    function test_pack_revertsWhen_tooLarge() public {
        vm.expectRevert(abi.encodeWithSelector(Sigma.InvalidSigma.selector, 0x800071));
        this.pack(type(uint128).max);
    }

    /// Law: at least what was packed, above it by at most 1/32768 of it or 32,768 units, and a packed one packs to itself.
    function testFuzz_pack_roundsUp(uint256 seed, uint256 bits) public pure {
        uint128 wad = uint128(bound(seed, 0, TOP >> bound(bits, 0, 127)));
        uint24 sigma = Sigma.pack(wad);
        (bool known, uint128 unpacked) = Sigma.unpack(sigma);
        assertTrue(known);
        assertTrue(Sigma.isValid(sigma));
        assertGe(unpacked, wad);
        assertLe(unpacked - wad, wad < 32_768 ? 32_768 : wad / 32_768);
        assertEq(Sigma.pack(unpacked), sigma);
    }

    /// Law: every valid form unpacks to a value that packs to the same form; every other is refused.
    function testFuzz_isValid_onlyOfTheForms(uint24 sigma) public pure {
        uint256 mantissa = sigma >> 8;
        uint256 exponent = sigma & 0xff;
        bool expected = sigma == 0 || sigma == 0xffffff || (mantissa >= 32_768 && exponent <= 112);
        assertEq(Sigma.isValid(sigma), expected);
        if (!expected || sigma == 0xffffff) return;
        (, uint128 wad) = Sigma.unpack(sigma);
        assertEq(uint256(wad), mantissa * 2 ** exponent);
        assertEq(Sigma.pack(wad), sigma);
    }

    function test_unpack_unknown() public pure {
        (bool known, uint128 wad) = Sigma.unpack(0xffffff);
        assertFalse(known);
        assertEq(wad, 0);
    }

    function test_isValid_refusesNearMisses() public pure {
        // No leading bit, an exponent past 112, zero with an exponent, the exponent before unknown's.
        assertFalse(Sigma.isValid(0x7fff00));
        assertFalse(Sigma.isValid(0x800071));
        assertFalse(Sigma.isValid(0x000001));
        assertFalse(Sigma.isValid(0xfffffe));
    }
}
