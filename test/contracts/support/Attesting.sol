// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Committee} from "../../../contracts/Committee.sol";
import {Reports} from "../../../contracts/Reports.sol";
import {Batch, Multiproof} from "../../../contracts/types/Batch.sol";
import {Report} from "../../../contracts/types/Report.sol";
import {Status} from "../../../contracts/types/Word.sol";
import {NaiveTree} from "./NaiveTree.sol";
import {Test} from "./Test.sol";

/// @dev A committee with known keys, a `Reports` on it, and everything that makes an attested batch,
/// written out from the message's definition rather than by the contracts' own functions.
abstract contract Attesting is Test {
    using NaiveTree for bytes32[];

    uint32 internal constant START = 1_800_000_000;
    uint32 internal constant EXPIRY = START + 365 days;
    uint256 internal constant WINDOW = 3 days;
    uint32 internal constant TOPIC = 7;
    bytes32 internal constant CORE = keccak256("core");
    bytes32 internal constant CONTEXT = keccak256("context");
    /// @dev Who may mark words and take settlements back, where no `Disputes` is there.
    address internal constant DISPUTES = address(0xD15);
    uint256 private constant FIRST_KEY = 0xA110;

    Committee internal committee;
    Reports internal reports;

    function _key(uint256 member) internal pure returns (uint256) {
        return FIRST_KEY + member;
    }

    /// @dev A committee of `count` members with era 1 in force from now, and a `Reports` at home here.
    function _deploy(uint256 count) internal {
        vm.warp(START);
        committee = new Committee(address(this));
        _openEra(count, 0, START, EXPIRY);
        reports = new Reports(committee, WINDOW, 0, address(0), DISPUTES);
    }

    /// @dev Adds members with the keys from `firstKey` on and opens an era of them.
    function _openEra(uint256 count, uint256 firstKey, uint40 startsAt, uint40 expiresAt) internal returns (uint32) {
        uint16[] memory ids = new uint16[](count);
        for (uint256 i; i < count; ++i) {
            ids[i] = committee.addMember(address(this), vm.addr(_key(firstKey + i)), address(this), "http://127.0.0.1");
        }
        return committee.openEra(ids, CORE, address(0), startsAt, expiresAt);
    }

    function _report(uint32 epoch, uint32 observedAt) internal pure returns (Report memory) {
        return
            Report({
                topicId: TOPIC,
                label: 0,
                epoch: epoch,
                observedAt: observedAt,
                lag: 8 hours,
                history: 0,
                value: -3.5e18,
                sigma: 0x800001,
                context: CONTEXT
            });
    }

    function _leaf(Report memory report) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Report(uint32 topicId,uint16 label,uint32 epoch,uint32 observedAt,uint24 lag,uint8 history,int128 value,uint24 sigma,bytes32 context)"
                    ),
                    report.topicId,
                    report.label,
                    report.epoch,
                    report.observedAt,
                    report.lag,
                    report.history,
                    report.value,
                    report.sigma,
                    report.context
                )
            );
    }

    function _leaves(Report[] memory list) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](list.length);
        for (uint256 i; i < list.length; ++i) leaves[i] = _leaf(list[i]);
    }

    function _list(Report memory report) internal pure returns (Report[] memory list) {
        list = new Report[](1);
        list[0] = report;
    }

    function _batch(bytes32 root) internal pure returns (Batch memory) {
        return Batch({era: 1, slot: START, viewNumber: 2, root: root});
    }

    function _digest(Batch memory batch, uint256 chainId, address home) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Allora"),
                keccak256("1"),
                chainId,
                home
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Batch(uint32 era,uint40 slot,uint32 view,bytes32 root)"),
                batch.era,
                batch.slot,
                batch.viewNumber,
                batch.root
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    function _digest(Batch memory batch) internal view returns (bytes32) {
        return _digest(batch, block.chainid, address(reports));
    }

    function _signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    /// @dev Scheme 0 with the signatures of the members whose bits are set.
    function _attest(bytes32 digest, uint64 bitmap) internal pure returns (bytes memory attestation) {
        attestation = abi.encodePacked(uint8(0), bitmap);
        for (uint256 i; i < 64; ++i) {
            if ((bitmap >> i) & 1 == 1) attestation = bytes.concat(attestation, _signature(_key(i), digest));
        }
    }

    /// @dev Posts the whole batch of `list`, attested by the members in `bitmap`.
    function _post(Report[] memory list, uint64 bitmap) internal {
        bytes32[] memory leaves = _leaves(list);
        Batch memory batch = _batch(leaves.rootOf());
        Multiproof memory proof = leaves.multiproofOf(NaiveTree.subset(list.length, type(uint256).max));
        reports.post(batch, list, proof, _attest(_digest(batch), bitmap));
    }

    /// @dev Posts one report, attested by members 0, 1 and 3.
    function _post(Report memory report) internal {
        _post(_list(report), 11);
    }

    /// @dev Posts an epoch, observed so many seconds after `START`, whose value is its number.
    function _postWithHistory(uint32 epoch, uint8 history) internal {
        Report memory report = _report(epoch, START + epoch);
        (report.history, report.value) = (history, int128(uint128(epoch)));
        if (block.timestamp < START + epoch) vm.warp(START + epoch);
        _post(report);
    }

    /// @dev Where `Reports` keeps the newest word; slot 0 is its mapping of words.
    function _wordSlot(uint32 topicId, uint16 label) internal pure returns (bytes32) {
        return keccak256(abi.encode((uint256(topicId) << 24) | (uint256(label) << 8), uint256(0)));
    }

    function _word(uint32 topicId, uint16 label) internal view returns (uint256) {
        return uint256(vm.load(address(reports), _wordSlot(topicId, label)));
    }

    /// @dev Gives the newest word a status that only a dispute will set.
    function _setStatus(uint32 topicId, uint16 label, Status status) internal {
        uint256 word = _word(topicId, label) & ~(uint256(0xf) << 24);
        vm.store(address(reports), _wordSlot(topicId, label), bytes32(word | (uint256(status) << 24)));
    }
}
