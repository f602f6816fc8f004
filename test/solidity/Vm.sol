// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// The few cheats that these tests use; no current forge-std is on npm.
interface Vm {
    function prank(address who) external;
    function warp(uint256 time) external;
    function assertEq(uint256 a, uint256 b) external pure;
    function assertEq(uint256 a, uint256 b, string calldata what) external pure;
    function assertEq(address a, address b, string calldata what) external pure;
    function assertTrue(bool ok, string calldata what) external pure;
}

/// What the runner looks for in a test contract.
abstract contract SolTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    // solhint-disable-next-line const-name-snakecase
    bool public constant IS_TEST = true;

    address[] private _targeted;

    function targetContract(address target) internal {
        _targeted.push(target);
    }

    function targetContracts() external view returns (address[] memory) {
        return _targeted;
    }
}
