// SPDX-License-Identifier: Apache-2.0
// ALLO, the network's token at home: fees, stakes, rewards and votes are counted in it.
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @notice The whole cap of 1e9 ALLO (18 decimals) is minted at genesis. There is no minter, no owner and no upgrade.
/// @dev Votes are counted by time, not by block number, so that they mean the same on chains with other block times.
contract Allo is ERC20Permit, ERC20Votes {
    uint256 public constant CAP = 1_000_000_000e18;

    /// @notice Thrown when the constructor's lists do not have the same length.
    error LengthsDiffer(uint256 holders, uint256 amounts);
    /// @notice Thrown when the amounts do not sum to the cap.
    error SumNotCap(uint256 given, uint256 required);

    /// @param holders Who gets the cap; OpenZeppelin's `ERC20InvalidReceiver` if one is the zero address.
    /// @param amounts What each gets, in 1e-18 ALLO.
    constructor(address[] memory holders, uint256[] memory amounts) ERC20("Allora", "ALLO") ERC20Permit("Allora") {
        require(holders.length == amounts.length, LengthsDiffer(holders.length, amounts.length));
        for (uint256 i; i < holders.length; ++i) {
            _mint(holders[i], amounts[i]);
        }
        // Checked at the end: a sum beyond 256 bits has already reverted in `_mint`.
        require(totalSupply() == CAP, SumNotCap(totalSupply(), CAP));
    }

    /// @notice The time that votes are counted by, in seconds (ERC-6372).
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice The machine-readable description of `clock` (ERC-6372).
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice The next nonce of `owner` in permits and in votes by signature.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._update(from, to, amount);
    }
}
