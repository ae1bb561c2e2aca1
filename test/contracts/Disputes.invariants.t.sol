// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DisputesHandler} from "./support/DisputesHandler.sol";
import {DisputesTest} from "./support/DisputesTest.sol";

/// @dev The promises of `Disputes`, whatever is posted, refuted and demanded, by whomever, in whichever order:
/// D1 a refuted word is never usable again;
/// D2 nothing is put over a word of a newer epoch;
/// D3 the generation counts what was taken back, and never falls;
/// D4 the head is the last that followed its parents and was not taken back;
/// D5 what lies here is what is open and what is owed;
/// D6 nothing moves once W is over.
contract DisputesInvariants is DisputesTest {
    DisputesHandler private handler;

    function setUp() public override {
        super.setUp();
        vm.warp(CLOSES + 3 * DAY);
        handler = new DisputesHandler(topics, disputes, verifier);
        vm.deal(handler.DEMANDER(), 1e30);
        _target(address(handler));
    }

    function invariant_D1_refutedIsFinal() public view {
        assertFalse(handler.cameBack());
    }

    function invariant_D2_noEpochGoesBack() public view {
        assertFalse(handler.wentBack());
    }

    function invariant_D3_generationsCount() public view {
        assertFalse(handler.generationFell());
        assertEq(handler.chainHead().generation, handler.takenBack());
    }

    function invariant_D4_theHeadFollowsItsParents() public view {
        assertFalse(handler.lostItsParent());
        assertEq(handler.chainHead().leaf, handler.headShouldBe());
        assertEq(handler.chainHead().count, handler.chainLength());
    }

    function invariant_D5_bondsAddUp() public view {
        assertEq(handler.balance(), handler.openBonds() + handler.owed());
    }

    function invariant_D6_nothingMovesLate() public view {
        assertFalse(handler.movedLate());
    }

    /// The handler is of use: one long run does each of these.
    function test_theHandlerIsBusy() public {
        for (uint256 i; i < 300; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.post(seed);
            if (i % 2 == 0) handler.prove(seed);
            if (i % 5 == 0) handler.refute(seed);
            handler.settle(seed);
            if (i % 7 == 0) handler.takeBack(seed);
            if (i % 3 == 0) handler.demand(seed);
            if (i % 4 == 0) handler.demandContext(seed);
            if (i % 11 == 0) handler.lapse(seed);
            handler.collect(seed);
            handler.pass(seed);
        }
        assertGt(handler.proven(), 5);
        assertGt(handler.refuted(), 5);
        assertGt(handler.takenBack(), 5);
        assertGt(handler.published(), 5);
        assertGt(handler.lapsed(), 5);
        assertFalse(handler.cameBack() || handler.wentBack() || handler.movedLate());
        assertFalse(handler.generationFell() || handler.lostItsParent());
    }
}
