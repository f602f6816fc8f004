// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// The cheats of halmos, in the form of its own package, which is not needed: what they make stands for every value at once.
interface Svm {
    function createUint(uint256 bits, string calldata name) external returns (uint256);
    function createAddress(string calldata name) external returns (address);
    function createBytes(uint256 size, string calldata name) external returns (bytes memory);
    function createCalldata(string calldata contractName) external returns (bytes memory);
    function enableSymbolicStorage(address where) external;
}

/// Those of forge that halmos knows, too.
interface VmOfProofs {
    function assume(bool condition) external pure;
    function prank(address who) external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function load(address target, bytes32 slot) external view returns (bytes32 word);
}

/// What a contract of proofs starts from; its name ends in `Proofs`, a proof's name begins with `check_`.
abstract contract Proving {
    Svm internal constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
    VmOfProofs internal constant vm = VmOfProofs(address(uint160(uint256(keccak256("hevm cheat code")))));
}
