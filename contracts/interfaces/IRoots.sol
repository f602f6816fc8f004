// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Very many records anchored as one Merkle root; part of {IRecordRegistry}
/// @notice A root proves author and time of its records at once and grants nothing; {claimLeaf} makes one of them a record.
/// @dev Leaves are those of OpenZeppelin's `StandardMerkleTree` over one `bytes32`, the record id.
interface IRoots {
    /// @notice A record under a root.
    struct Leaf {
        address patient;
        bytes32 compartment;
        bytes32 content;
    }

    /// @notice Thrown when a root is 0, or covers no record.
    error InvalidRoot(bytes32 root, uint32 count);
    /// @notice Thrown when `author` anchored this root before.
    error RootAlreadyAnchored(address author, bytes32 root);
    /// @notice Thrown when the caller anchored no such root, or the proof does not lead from the record to it.
    error InvalidProof(bytes32 root, bytes32 recordId);

    /// @notice Emitted when `author` anchors `count` records at once.
    /// @param leaves sha2-256 digest of the IPFS block that leads to the sealed list of record ids.
    event RootAnchored(address indexed author, bytes32 indexed root, uint32 count, bytes32 leaves);

    /// @notice Anchors a root. Anyone may: it says who knew of these records when, and nothing else.
    function anchorRoot(bytes32 root, uint32 count, bytes32 leaves) external;

    /// @notice Makes a record of the caller's root a record like any other, with the root's time. The caller needs WRITE.
    /// @param proof Hashes beside the path from leaf to root; at most 32.
    /// @param manifest sha2-256 digest of the manifest's IPFS block.
    function claimLeaf(
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf,
        bytes32 manifest
    ) external returns (bytes32 recordId);

    /// @notice When `author` anchored the record under this root; 0 where the proof shows nothing.
    function verifyAnchored(
        address author,
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf
    ) external view returns (uint40);

    /// @notice When `author` anchored the root; 0 where it did not.
    function rootAnchoredAt(address author, bytes32 root) external view returns (uint40);
}
