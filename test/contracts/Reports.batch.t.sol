// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReports} from "../../contracts/interfaces/IReports.sol";
import {Batch} from "../../contracts/types/Batch.sol";
import {Report} from "../../contracts/types/Report.sol";
import {Committee} from "../../contracts/Committee.sol";
import {Reports} from "../../contracts/Reports.sol";
import {Attesting} from "./support/Attesting.sol";
import {NaiveTree} from "./support/NaiveTree.sol";

/// @dev Many reports, in one batch and one after the other; the digest; the construction.
contract ReportsBatchTest is Attesting {
    using NaiveTree for bytes32[];

    function setUp() public {
        _deploy(4);
    }

    /// Law: in whatever order reports are posted, the greatest epoch ends up on top and nothing goes back.
    function testFuzz_post_inAnyOrder(uint256 seed) public {
        vm.warp(START + 1000);
        uint32 highest;
        for (uint256 i; i < 12; ++i) {
            uint32 epoch = uint32(uint256(keccak256(abi.encode(seed, i))) % 40);
            _post(_report(epoch, START + epoch));
            if (epoch > highest) highest = epoch;
            assertEq(reports.read(TOPIC, 0).epoch, highest);
            assertEq(reports.read(TOPIC, 0).observedAt, START + highest);
        }
    }

    // -- Several reports --

    function test_post_ofSeveral_skipsOnlyWhatIsOld() public {
        vm.warp(START + 100);
        Report[] memory list = new Report[](3);
        for (uint16 i; i < 3; ++i) {
            list[i] = _report(5, START);
            list[i].label = i;
        }
        _post(list[1]);
        _post(list, 7);
        list[1].epoch = 4;
        for (uint256 i; i < 3; ++i) (list[i].epoch, list[i].observedAt) = (6, START + 6);
        list[1].epoch = 5;
        _post(list, 7);
        assertEq(reports.read(TOPIC, 0).epoch, 6);
        assertEq(reports.read(TOPIC, 1).epoch, 5);
        assertEq(reports.read(TOPIC, 2).epoch, 6);
    }

    function testFuzz_post_ofAPart(uint256 chosen) public {
        chosen = bound(chosen, 1, 31);
        Report[] memory list = new Report[](5);
        for (uint16 i; i < 5; ++i) {
            list[i] = _report(5, START);
            list[i].label = i;
        }
        bytes32[] memory leaves = _leaves(list);
        uint256[] memory indices = NaiveTree.subset(5, chosen);
        Report[] memory part = new Report[](indices.length);
        for (uint256 i; i < indices.length; ++i) part[i] = list[indices[i]];
        Batch memory batch = _batch(leaves.rootOf());
        reports.post(batch, part, leaves.multiproofOf(indices), _attest(_digest(batch), 14));
        for (uint16 i; i < 5; ++i) assertEq(_word(TOPIC, i) != 0, (chosen >> i) & 1 == 1);
    }

    // -- Construction --

    function test_constructor_refusesBadInput() public {
        vm.expectRevert(abi.encodeWithSelector(IReports.NotAContract.selector, address(5)));
        new Reports(Committee(address(5)), WINDOW, 0, address(0), DISPUTES);
        vm.expectRevert(abi.encodeWithSelector(IReports.DisputeSecondsOutOfRange.selector, 0, 1, type(uint32).max));
        new Reports(committee, 0, 0, address(0), DISPUTES);
        vm.expectRevert(
            abi.encodeWithSelector(IReports.DisputeSecondsOutOfRange.selector, 1 << 32, 1, type(uint32).max)
        );
        new Reports(committee, 1 << 32, 0, address(0), DISPUTES);
        vm.expectRevert(abi.encodeWithSelector(IReports.HomeIncomplete.selector, 5, address(0)));
        new Reports(committee, WINDOW, 5, address(0), DISPUTES);
        vm.expectRevert(abi.encodeWithSelector(IReports.HomeIncomplete.selector, 0, address(5)));
        new Reports(committee, WINDOW, 0, address(5), DISPUTES);
    }

    function test_batchDigest_isTheEip712Digest() public view {
        Batch memory batch = _batch(keccak256("root"));
        assertEq(reports.batchDigest(batch), _digest(batch));
    }
}
