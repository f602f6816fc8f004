// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsentRegistry} from "../../../contracts/interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {SolTest} from "../Vm.sol";

/// Trees of 1 to 16 records, built here as OpenZeppelin's `StandardMerkleTree` is.
contract LeavesTest is SolTest {
    uint256 private constant T0 = 1_900_000_000;
    address private constant PATIENT = address(0xA11CE);

    RecordRegistry private _records;

    function setUp() external {
        _records = new RecordRegistry(IConsentRegistry(address(0)), ICredentialRegistry(address(0)));
        vm.warp(T0);
    }

    function testFuzz_provesEachLeafAndNothingElse(uint8 size, uint8 at, uint256 seed, uint256 bit) external {
        uint256 count = (size % 16) + 1;
        uint256 index = at % count;
        bytes32[] memory tree = _tree(count, seed);
        bytes32[] memory proof = _proof(tree, tree.length - 1 - index);
        bytes32 root = tree[0];
        IRoots.Leaf memory leaf = _leafOf(seed, index);
        vm.assertEq(_records.verifyAnchored(address(this), root, proof, leaf), 0, "before it is anchored");
        _records.anchorRoot(root, uint32(count), 0);
        vm.warp(T0 + 5);
        vm.assertEq(_records.verifyAnchored(address(this), root, proof, leaf), T0, "the leaf");
        vm.assertEq(_records.verifyAnchored(PATIENT, root, proof, leaf), 0, "another author");

        uint256 what = bit % 4;
        if (what == 0) leaf.patient = address(uint160(leaf.patient) ^ uint160(2 ** ((bit / 4) % 160)));
        else if (what == 1) leaf.compartment ^= bytes32(2 ** ((bit / 4) % 256));
        else if (what == 2 || proof.length == 0) leaf.content ^= bytes32(2 ** ((bit / 4) % 256));
        else proof[(bit / 4) % proof.length] ^= bytes32(2 ** ((bit / 1024) % 256));
        vm.assertEq(_records.verifyAnchored(address(this), root, proof, leaf), 0, "with a bit flipped");
    }

    /// A proof that is cut short or drawn out leads nowhere.
    function testFuzz_refusesAProofOfAnotherLength(uint8 size, uint8 at, uint256 seed, bytes32 more) external {
        uint256 count = (size % 15) + 2;
        uint256 index = at % count;
        bytes32[] memory tree = _tree(count, seed);
        bytes32[] memory proof = _proof(tree, tree.length - 1 - index);
        _records.anchorRoot(tree[0], uint32(count), 0);
        IRoots.Leaf memory leaf = _leafOf(seed, index);
        bytes32[] memory short = new bytes32[](proof.length - 1);
        bytes32[] memory long = new bytes32[](proof.length + 1);
        for (uint256 i = 0; i < proof.length; ++i) {
            if (i < short.length) short[i] = proof[i];
            long[i] = proof[i];
        }
        long[proof.length] = more;
        vm.assertEq(_records.verifyAnchored(address(this), tree[0], short, leaf), 0, "cut short");
        vm.assertEq(_records.verifyAnchored(address(this), tree[0], long, leaf), 0, "drawn out");
    }

    /// The tree as an array: root first, leaves last.
    function _tree(uint256 count, uint256 seed) private pure returns (bytes32[] memory tree) {
        tree = new bytes32[](2 * count - 1);
        for (uint256 i = 0; i < count; ++i) {
            IRoots.Leaf memory leaf = _leafOf(seed, i);
            uint256 id = uint256(keccak256(abi.encode(leaf.patient, leaf.compartment, leaf.content)));
            tree[tree.length - 1 - i] = keccak256(abi.encode(keccak256(abi.encode((id % 2 ** 255) + 2 ** 255))));
        }
        for (uint256 i = tree.length - count; i > 0; --i) tree[i - 1] = _node(tree[2 * i - 1], tree[2 * i]);
    }

    function _proof(bytes32[] memory tree, uint256 at) private pure returns (bytes32[] memory proof) {
        uint256 depth = 0;
        for (uint256 i = at; i > 0; i = (i - 1) / 2) ++depth;
        proof = new bytes32[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = tree[at % 2 == 1 ? at + 1 : at - 1];
            at = (at - 1) / 2;
        }
    }

    function _leafOf(uint256 seed, uint256 index) private pure returns (IRoots.Leaf memory) {
        return IRoots.Leaf(PATIENT, bytes32(uint256(1)), keccak256(abi.encode(seed, index)));
    }

    function _node(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
