// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @dev Solady's Wad functions, many at a call: what the core has to equal bit for bit.
contract WadHarness {
    function mul(int256 x, int256 y) external pure returns (int256) {
        return FixedPointMathLib.sMulWad(x, y);
    }

    function div(int256 x, int256 y) external pure returns (int256) {
        return FixedPointMathLib.sDivWad(x, y);
    }

    function exp(int256 x, int256) external pure returns (int256) {
        return FixedPointMathLib.expWad(x);
    }

    function ln(int256 x, int256) external pure returns (int256) {
        return FixedPointMathLib.lnWad(x);
    }

    /// @dev Unsigned: the bits of `x` and of the result are a uint256's.
    function sqrt(int256 x, int256) external pure returns (int256) {
        return int256(FixedPointMathLib.sqrtWad(uint256(x)));
    }

    /// @dev One function, named by its selector, over many inputs. Where it reverts the refusal is the error's selector.
    function each(
        bytes4 selector,
        int256[] calldata xs,
        int256[] calldata ys
    ) external view returns (int256[] memory results, bytes4[] memory refusals) {
        results = new int256[](xs.length);
        refusals = new bytes4[](xs.length);
        for (uint256 i; i < xs.length; ++i) {
            (bool success, bytes memory answer) = address(this).staticcall(
                abi.encodeWithSelector(selector, xs[i], ys[i])
            );
            if (success) results[i] = abi.decode(answer, (int256));
            else refusals[i] = bytes4(answer);
        }
    }
}
