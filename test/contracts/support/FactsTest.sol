// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DisputesTest} from "./DisputesTest.sol";

/// @dev Two workers and three reputers of the example's topic, and the rows of an honest epoch, written out field by field:
/// ALICE infers on seat 0 and forecasts on seat 0x80, BOB infers on seat 1; OTTO, the first reputer, has the most stake.
abstract contract FactsTest is DisputesTest {
    address internal immutable ALICE = _actor("alice");
    address internal immutable BOB = _actor("bob");
    uint256 internal constant ALICE_KEY = 0xA11CE;
    uint256 internal constant BOB_KEY = 0xB0B;
    uint256 internal constant REPUTER_KEY = 0x4E9;
    uint256 internal constant REPUTERS = 3;
    bytes32 internal constant EXTRA = keccak256("extra");
    bytes32 private constant SUBMISSION = keccak256(
        "Submission(uint32 topicId,uint32 epoch,bytes32 inference,bytes32 forecast,bytes32 extra)"
    );
    bytes32 private constant TRUTH = keccak256("Truth(uint32 topicId,uint32 epoch,bytes32 values,bytes32 extra)");

    bytes internal registrations;
    uint16 internal registered;

    function setUp() public virtual override {
        super.setUp();
        _join(ALICE, vm.addr(ALICE_KEY), 3);
        _join(BOB, vm.addr(BOB_KEY), 1);
        for (uint256 i; i < REPUTERS; ++i) {
            _join(_reputer(i), vm.addr(REPUTER_KEY + i), 4);
            example.stake(stakes, TOPIC, _reputer(i), (REPUTERS - i) * 1e18);
        }
    }

    /// @dev Ascending by address.
    function _reputer(uint256 i) internal pure returns (address) {
        return address(uint160(0xEE00 + i));
    }

    function _join(address owner, address signer, uint8 roles) internal {
        example.join(TOPIC, owner, signer, roles);
        registrations = bytes.concat(registrations, abi.encodePacked(uint8(1), roles, owner, signer));
        ++registered;
    }

    // -- A report's rows --

    function _parametersRow() internal view returns (bytes memory) {
        return topics.parametersRow(_parametersHash());
    }

    function _inferences() internal pure returns (bytes memory) {
        return abi.encodePacked(hex"1200000002", uint8(0), int128(3e18), uint8(1), int128(4e18));
    }

    function _forecast() internal pure returns (bytes memory) {
        return abi.encodePacked(hex"13800002", uint8(0), int128(-1e18), uint8(1), int128(-2e18));
    }

    function _signatures() internal view returns (bytes memory) {
        bytes32 alice = keccak256(abi.encodePacked(uint8(0), int128(3e18)));
        bytes32 bob = keccak256(abi.encodePacked(uint8(1), int128(4e18)));
        bytes memory forecast = _forecast();
        bytes32 said = keccak256(abi.encodePacked(hex"800002", uint8(0), int128(-1e18), uint8(1), int128(-2e18)));
        require(forecast.length == 38, "a forecast of two");
        return
            bytes.concat(
                hex"140002",
                abi.encodePacked(uint8(0), EXTRA, _submit(ALICE_KEY, alice, said)),
                abi.encodePacked(uint8(1), EXTRA, _submit(BOB_KEY, bob, 0))
            );
    }

    function _registrations() internal view returns (bytes memory) {
        return abi.encodePacked(hex"150000", registered, registrations);
    }

    /// @dev The seats of a settled state, nobody waiting.
    function _seats() internal view returns (bytes memory) {
        return abi.encodePacked(hex"220003", uint8(0), ALICE, uint8(1), BOB, uint8(0x80), ALICE, hex"0000");
    }

    function _submit(uint256 key, bytes32 inference, bytes32 forecast) internal view returns (bytes memory) {
        return _sign(key, keccak256(abi.encode(SUBMISSION, TOPIC, EPOCH, inference, forecast, EXTRA)));
    }

    function _sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return _signature(key, keccak256(abi.encodePacked(hex"1901", reports.domainSeparator(), structHash)));
    }

    // -- A settlement's rows --

    function _electorate() internal pure returns (bytes memory row) {
        row = hex"160003";
        for (uint256 i; i < REPUTERS; ++i) {
            row = bytes.concat(row, abi.encodePacked(_reputer(i), uint128((REPUTERS - i) * 1e18)));
        }
    }

    function _truths() internal pure returns (bytes memory) {
        return
            abi.encodePacked(hex"1700000002", _reputer(0), int128(5e18), abi.encodePacked(_reputer(1), int128(6e18)));
    }

    function _truthSignatures() internal view returns (bytes memory row) {
        row = hex"180002";
        for (uint256 i; i < 2; ++i) {
            bytes32 values = keccak256(abi.encodePacked(int128(i == 0 ? int256(5e18) : int256(6e18))));
            bytes32 structHash = keccak256(abi.encode(TRUTH, TOPIC, EPOCH, values, EXTRA));
            row = bytes.concat(row, abi.encodePacked(_reputer(i), EXTRA, _sign(REPUTER_KEY + i, structHash)));
        }
    }

    function _roster() internal view returns (bytes memory) {
        return abi.encodePacked(hex"1a0003", uint8(0), ALICE, uint8(1), BOB, uint8(0x80), ALICE);
    }

    /// @dev Combined -3.5 and sigma 2^16 units, as `_report` has them.
    function _valueRow() internal pure returns (bytes memory) {
        return
            bytes.concat(
                abi.encodePacked(hex"310000", int128(-3.5e18), int128(1e18), uint8(1), uint128(1 << 16)),
                new bytes(80)
            );
    }

    // -- Lists --

    function _listOf(uint8 kind, bytes[] memory rows) internal pure returns (bytes memory list) {
        list = abi.encodePacked(uint8(0xff), kind, uint16(rows.length));
        for (uint256 i; i < rows.length; ++i) list = bytes.concat(list, keccak256(rows[i]));
    }

    function _rows(bytes memory a) internal pure returns (bytes[] memory rows) {
        rows = new bytes[](1);
        rows[0] = a;
    }

    function _rows(bytes memory a, bytes memory b) internal pure returns (bytes[] memory rows) {
        rows = new bytes[](2);
        (rows[0], rows[1]) = (a, b);
    }

    function _rows(bytes memory a, bytes memory b, bytes memory c) internal pure returns (bytes[] memory rows) {
        rows = new bytes[](3);
        (rows[0], rows[1], rows[2]) = (a, b, c);
    }

    /// @dev The same with one byte of one row changed.
    function _spoiled(bytes[] memory rows, uint256 place, uint256 at) internal pure returns (bytes[] memory other) {
        other = new bytes[](rows.length);
        for (uint256 i; i < rows.length; ++i) other[i] = bytes.concat(rows[i]);
        other[place][at] ^= 0x01;
    }
}
