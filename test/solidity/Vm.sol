// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

// Where every runner keeps its cheats.
address constant CHEATS = address(uint160(uint256(keccak256("hevm cheat code"))));

/// The few cheats that these tests use; no current forge-std is on npm.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function prank(address who) external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function store(address target, bytes32 slot, bytes32 word) external;
    function load(address target, bytes32 slot) external view returns (bytes32 word);
    function addr(uint256 key) external pure returns (address who);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert(bytes calldata reason) external;
    function expectEmit(address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
    function assertEq(uint256 a, uint256 b) external pure;
    function assertEq(uint256 a, uint256 b, string calldata what) external pure;
    function assertEq(address a, address b, string calldata what) external pure;
    function assertEq(bytes32 a, bytes32 b, string calldata what) external pure;
    function assertEq(bytes calldata a, bytes calldata b, string calldata what) external pure;
    function assertTrue(bool ok, string calldata what) external pure;
}

/// What the runner looks for in a test contract.
abstract contract SolTest {
    Vm internal constant vm = Vm(CHEATS);
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
