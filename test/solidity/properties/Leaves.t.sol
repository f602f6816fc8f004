// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IConsentRegistry} from "../../../contracts/interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {SolTest} from "../Vm.sol";

/// Trees of 1 to 16 records, built here as OpenZeppelin's `StandardMerkleTree` is, but unsorted.
contract LeavesTest is SolTest {
    uint256 private constant T0 = 1_900_000_000;
    bytes32 private constant LABEL = bytes32(uint256(1));

    RecordRegistry private _records;

    function setUp() external {
        ConsentRegistry consent = new ConsentRegistry();
        _records = new RecordRegistry(IConsentRegistry(address(consent)), ICredentialRegistry(address(0)));
        vm.warp(T0);
    }

    function testFuzz_provesEachLeafAndNothingElse(uint8 size, uint8 which, uint256 seed, uint256 bit) external {
        uint256 count = (size % 16) + 1;
        uint256 index = which % count;
        bytes32[] memory tree = _tree(count, seed);
        bytes32[] memory proof = _proof(tree, tree.length - 1 - index);
        bytes32 root = tree[0];
        IRoots.Leaf memory leaf = _leafOf(seed, index);
        vm.assertEq(_records.verifyAnchored(address(this), root, proof, leaf), 0, "before it is anchored");
        _records.anchorRoot(root, uint32(count), 0);
        vm.warp(T0 + 5);
        vm.assertEq(_records.verifyAnchored(address(this), root, proof, leaf), T0, "the leaf");
        vm.assertEq(_records.verifyAnchored(address(0xA11CE), root, proof, leaf), 0, "another author");

        uint256 what = bit % 4;
        if (what == 0) leaf.patient = address(uint160(leaf.patient) ^ uint160(2 ** ((bit / 4) % 160)));
        else if (what == 1) leaf.compartment ^= bytes32(2 ** ((bit / 4) % 256));
        else if (what == 2 || proof.length == 0) leaf.content ^= bytes32(2 ** ((bit / 4) % 256));
        else proof[(bit / 4) % proof.length] ^= bytes32(2 ** ((bit / 1024) % 256));
        vm.assertEq(_records.verifyAnchored(address(this), root, proof, leaf), 0, "with a bit flipped");
    }

    /// A proof that is cut short or drawn out leads nowhere.
    function testFuzz_refusesAProofOfAnotherLength(uint8 size, uint8 which, uint256 seed, bytes32 more) external {
        uint256 count = (size % 15) + 2;
        uint256 index = which % count;
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

    /// Any set of leaves is claimed at once by one proof; one bit of it flipped, and none is.
    function testFuzz_claimsAnyLeavesAtOnceOrNone(uint8 size, uint16 which, uint256 seed, uint256 bit) external {
        uint256 count = (size % 16) + 1;
        bytes32[] memory tree = _tree(count, seed);
        _records.anchorRoot(tree[0], uint32(count), 0);
        vm.warp(T0 + 5);
        (IAnchors.Entry[] memory entries, bytes32[] memory proof, bool[] memory flags) = _multiproof(tree, seed, which);

        uint256 what = bit % 3;
        uint256 mask = 2 ** ((bit / 16) % 256);
        if (what == 0) entries[(bit / 4096) % entries.length].content ^= bytes32(mask);
        else if (what == 1 && proof.length > 0) proof[(bit / 4096) % proof.length] ^= bytes32(mask);
        else mask = 0;
        bytes memory data = abi.encodeCall(
            IRoots.claimLeaves,
            (address(this), address(this), LABEL, tree[0], entries, proof, flags)
        );
        (bool done, ) = address(_records).call(data);
        vm.assertTrue(done == (mask == 0), "claimLeaves");
        vm.assertEq(_records.chartOf(address(this)).number(), done ? entries.length : 0, "chart");
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes32 id = _records.recordIdOf(address(this), LABEL, entries[i].content);
            IAnchors.Anchor memory known = _records.anchorOf(id);
            vm.assertEq(known.author, done ? address(this) : address(0), "author");
            vm.assertEq(known.anchoredAt, done ? T0 : 0, "the root's time");
            vm.assertEq(known.index, done ? i + 1 : 0, "number on the chart");
        }
    }

    /// Climbs as `processMultiProof` does, from the last node on: two known nodes that lie beside each other meet, any other
    /// meets a hash of the proof.
    function _multiproof(
        bytes32[] memory tree,
        uint256 seed,
        uint16 which
    ) private view returns (IAnchors.Entry[] memory entries, bytes32[] memory proof, bool[] memory flags) {
        uint256 leaves = (tree.length + 1) / 2;
        uint256[] memory queue = new uint256[](2 * tree.length);
        uint256 known = 0;
        entries = new IAnchors.Entry[](leaves);
        // deepest first: children before their parents
        for (uint256 i = 0; i < leaves; ++i) {
            if ((which >> i) % 2 == 0 && !(known == 0 && i == leaves - 1)) continue;
            queue[known] = tree.length - 1 - i;
            entries[known++] = IAnchors.Entry(_leafOf(seed, i).content, "manifest");
        }
        uint256 end = known;
        proof = new bytes32[](tree.length);
        flags = new bool[](tree.length);
        (uint256 proofs, uint256 steps) = (0, 0);
        for (uint256 next = 0; queue[next] != 0;) {
            uint256 node = queue[next++];
            uint256 beside = node % 2 == 1 ? node + 1 : node - 1;
            bool meets = next < end && queue[next] == beside;
            if (meets) ++next;
            else proof[proofs++] = tree[beside];
            flags[steps++] = meets;
            queue[end++] = (node - 1) / 2;
        }
        assembly ("memory-safe") {
            mstore(entries, known)
            mstore(proof, proofs)
            mstore(flags, steps)
        }
    }

    /// The tree as an array: root first, leaves last.
    function _tree(uint256 count, uint256 seed) private view returns (bytes32[] memory tree) {
        tree = new bytes32[](2 * count - 1);
        for (uint256 i = 0; i < count; ++i) {
            IRoots.Leaf memory leaf = _leafOf(seed, i);
            uint256 id = uint256(keccak256(abi.encode(leaf.patient, leaf.compartment, leaf.content)));
            tree[tree.length - 1 - i] = keccak256(abi.encode(keccak256(abi.encode((id % 2 ** 255) + 2 ** 255))));
        }
        for (uint256 i = tree.length - count; i > 0; --i) tree[i - 1] = _node(tree[2 * i - 1], tree[2 * i]);
    }

    function _proof(bytes32[] memory tree, uint256 node) private pure returns (bytes32[] memory proof) {
        uint256 depth = 0;
        for (uint256 i = node; i > 0; i = (i - 1) / 2) ++depth;
        proof = new bytes32[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = tree[node % 2 == 1 ? node + 1 : node - 1];
            node = (node - 1) / 2;
        }
    }

    function _leafOf(uint256 seed, uint256 index) private view returns (IRoots.Leaf memory) {
        return IRoots.Leaf(address(this), LABEL, keccak256(abi.encode(seed, index)));
    }

    function _node(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
