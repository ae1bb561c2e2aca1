// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Status, Word} from "../../contracts/types/Word.sol";
import {Test} from "./support/Test.sol";

/// @dev The storage word: each field stands where the layout says. How a report becomes a word is in Reports.t.sol.
contract WordTest is Test {
    function testFuzz_fields(
        int128 value,
        uint32 observedAt,
        uint32 epoch,
        uint24 lag,
        uint16 postedAfter,
        uint8 status,
        uint24 sigma
    ) public pure {
        epoch &= 0xfffffff;
        status = uint8(bound(status, 0, 5));
        // From the low end up: 24 bits of sigma, 4 of status, 16, 24, 28, 32, 128.
        uint256 bits = uint128(value);
        bits = (bits << 32) | observedAt;
        bits = (bits << 28) | epoch;
        bits = (bits << 24) | lag;
        bits = (bits << 16) | postedAfter;
        bits = (bits << 4) | status;
        Word word = Word.wrap((bits << 24) | sigma);
        assertEq(word.value(), value);
        assertEq(word.observedAt(), observedAt);
        assertEq(word.epoch(), epoch);
        assertEq(word.lag(), lag);
        assertEq(word.postedAfter(), postedAfter);
        assertEq(uint8(word.status()), status);
        assertEq(word.sigma(), sigma);
        assertEq(word.postedAt(), uint256(observedAt) + 16 * uint256(postedAfter));
        assertEq(word.aboutAt(), uint256(observedAt) + lag);
        assertEq(word.isUsable(), status == 1 || status == 2 || status == 3);
        assertEq(word.isNone(), Word.unwrap(word) == 0);
    }

    function test_fields_ofAWordWrittenOut() public pure {
        Word word = Word.wrap(0xfffffffffffffffffffffffffffffffe_11223344_5667788_99aabb_ccdd_5_eeff01);
        assertEq(word.value(), -2);
        assertEq(word.observedAt(), 0x11223344);
        assertEq(word.epoch(), 0x5667788);
        assertEq(word.lag(), 0x99aabb);
        assertEq(word.postedAfter(), 0xccdd);
        assertEq(uint8(word.status()), uint8(Status.Refuted));
        assertEq(word.sigma(), 0xeeff01);
    }

    function testFuzz_withPosting(uint16 postedAfter) public pure {
        Word word = Word.wrap(0xfffffffffffffffffffffffffffffffe_11223344_5667788_99aabb_0000_1_eeff01);
        assertEq(word.withPosting(postedAfter).postedAfter(), postedAfter);
        assertEq(Word.unwrap(word.withPosting(postedAfter)) ^ (uint256(postedAfter) << 28), Word.unwrap(word));
    }
}
