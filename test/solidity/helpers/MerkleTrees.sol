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

    function leaf(bytes32 value) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(value))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
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
