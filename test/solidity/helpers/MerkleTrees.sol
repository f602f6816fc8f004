// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// Merkle trees built as OpenZeppelin's `StandardMerkleTree` builds them over one `bytes32`: leaves hashed twice and sorted,
/// laid from the end of an array whose node i has the children 2i + 1 and 2i + 2, pairs sorted before they are hashed.
library MerkleTrees {
    /// The whole tree, its root first.
    function build(bytes32[] memory values) internal pure returns (bytes32[] memory tree) {
        uint256 count = values.length;
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) hashes[i] = leaf(values[i]);
        _sort(hashes, 0, count);
        tree = new bytes32[](2 * count - 1);
        for (uint256 i = 0; i < count; ++i) tree[tree.length - 1 - i] = hashes[i];
        for (uint256 i = count - 1; i > 0; --i) tree[i - 1] = pair(tree[2 * i - 1], tree[2 * i]);
    }

    /// The hashes beside the path from the value's leaf to the root.
    function prove(bytes32[] memory tree, bytes32 value) internal pure returns (bytes32[] memory proof) {
        bytes32 hash = leaf(value);
        uint256 node = tree.length / 2;
        while (tree[node] != hash) ++node;
        uint256 depth = 0;
        for (uint256 i = node; i > 0; i = (i - 1) / 2) ++depth;
        proof = new bytes32[](depth);
        for (uint256 i = 0; node > 0; node = (node - 1) / 2) proof[i++] = tree[node % 2 == 1 ? node + 1 : node - 1];
    }

    /// For many values at once, as the library's `getMultiProof`: the values in the order of their leaves, the hashes beside their
    /// paths, and where two known nodes meet.
    function proveMany(
        bytes32[] memory tree,
        bytes32[] memory values
    ) internal pure returns (bytes32[] memory ordered, bytes32[] memory proof, bool[] memory flags) {
        uint256[] memory nodes = _nodesOf(tree, values);
        ordered = new bytes32[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            for (uint256 j = 0; j < values.length; ++j) if (tree[nodes[i]] == leaf(values[j])) ordered[i] = values[j];
        }
        uint256[] memory queue = new uint256[](2 * tree.length);
        for (uint256 i = 0; i < nodes.length; ++i) queue[i] = nodes[i];
        (uint256 next, uint256 end, uint256 proofs, uint256 steps) = (0, nodes.length, 0, 0);
        proof = new bytes32[](tree.length);
        flags = new bool[](tree.length);
        while (next < end && queue[next] > 0) {
            uint256 node = queue[next++];
            uint256 sibling = node % 2 == 1 ? node + 1 : node - 1;
            flags[steps] = next < end && queue[next] == sibling;
            if (flags[steps++]) ++next;
            else proof[proofs++] = tree[sibling];
            queue[end++] = (node - 1) / 2;
        }
        assembly ("memory-safe") {
            mstore(proof, proofs)
            mstore(flags, steps)
        }
    }

    function leaf(bytes32 value) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(value))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    /// Where the values' leaves are, the last first.
    function _nodesOf(bytes32[] memory tree, bytes32[] memory values) private pure returns (uint256[] memory nodes) {
        nodes = new uint256[](values.length);
        uint256 found = 0;
        for (uint256 node = tree.length; node > tree.length / 2; --node) {
            for (uint256 i = 0; i < values.length; ++i) {
                if (tree[node - 1] == leaf(values[i])) nodes[found++] = node - 1;
            }
        }
    }

    /// Quicksort of what lies from `low` and before `high`.
    function _sort(bytes32[] memory words, uint256 low, uint256 high) private pure {
        if (high - low < 2) return;
        bytes32 pivot = words[(low + high - 1) / 2];
        (uint256 i, uint256 j) = (low, high - 1);
        while (true) {
            while (words[i] < pivot) ++i;
            while (words[j] > pivot) --j;
            if (i >= j) break;
            (words[i], words[j]) = (words[j], words[i]);
            ++i;
            --j;
        }
        _sort(words, low, j + 1);
        _sort(words, j + 1, high);
    }
}
