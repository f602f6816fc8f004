// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "./IAnchors.sol";

/// @title Very many records anchored as one Merkle root; part of {IRecordRegistry}
/// @notice A root proves author and time of its records at once and grants nothing; {claimLeaf} makes one of them a record.
/// @dev Leaves are those of OpenZeppelin's `StandardMerkleTree` over one `bytes32`, the record id.
/// @dev Signed forms work once by what they do: no author anchors a root, and nobody a record, twice.
/// @dev Warning: a record that is claimed has the root's time, and so have stamps on it, though they may be signed only now: whoever
/// holds the author's key can choose among all that the root covers, for a credential that covered then. The root shows that
/// the contents were known then; what was said of them then, only a stamp inside the content or a witness shows.
/// @dev Warning: `count` is what the author says.
interface IRoots {
    /// @notice A record under a root.
    struct Leaf {
        address patient;
        bytes32 compartment;
        bytes32 content;
    }

    /// @notice A record under a root that its author claims, and until when their signature may be used (inclusive).
    struct SignedClaim {
        address author;
        bytes32 root;
        address patient;
        bytes32 compartment;
        bytes32 content;
        bytes32 manifest;
        uint40 deadline;
    }

    /// @notice Thrown when a root is 0, or covers no record.
    error InvalidRoot(bytes32 root, uint32 count);
    /// @notice Thrown when `author` anchored this root before.
    error RootAlreadyAnchored(address author, bytes32 root);
    /// @notice Thrown when the author anchored no such root, or the proof does not lead from the record (of many: the first) to it.
    error InvalidProof(bytes32 root, bytes32 recordId);

    /// @notice Emitted when `author` anchors `count` records at once.
    /// @param leaves sha2-256 digest of the IPFS block that leads to the sealed list of record ids.
    event RootAnchored(address indexed author, bytes32 indexed root, uint32 count, bytes32 leaves);

    /// @notice Anchors a root. Anyone may: it says who knew of these records when, and nothing else.
    function anchorRoot(bytes32 root, uint32 count, bytes32 leaves) external;

    /// @notice {anchorRoot} with the author's signature.
    function anchorRootBySig(
        address author,
        bytes32 root,
        uint32 count,
        bytes32 leaves,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Anchors a root, and beside it the record of one patient that lists what is under it: an *index record*. So its patient
    /// finds records that have no anchor of their own. The caller needs WRITE.
    /// @param manifest sha2-256 digest of the index record's manifest block, which leads to the leaves as well.
    function anchorIndex(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest,
        bytes32 root,
        uint32 count
    ) external returns (bytes32 recordId);

    /// @notice Makes a record of the caller's root a record like any other, with the root's time. The caller needs WRITE.
    /// @param proof Hashes beside the path from leaf to root; at most 32.
    /// @param manifest sha2-256 digest of the manifest's IPFS block.
    function claimLeaf(
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf,
        bytes32 manifest
    ) external returns (bytes32 recordId);

    /// @notice {claimLeaf} with the author's signature, which says nothing of the proof: any that leads to the root will do.
    function claimLeafBySig(
        SignedClaim calldata claim,
        bytes32[] calldata proof,
        bytes calldata signature
    ) external returns (bytes32 recordId);

    /// @notice {claimLeaf} for up to 100 records of one compartment under one root of `author`. A record that can't be anchored (again) is
    /// left out with `Skipped`; without a proof for all of them none is. The caller is the author, who needs WRITE, or the patient: so
    /// patients can have a record sealed anew or erased when its author is gone.
    /// @param entries The records, in the order of the multiproof's leaves.
    /// @param proof Hashes beside the paths; at most 32 for each record.
    /// @param flags True where two known nodes meet, false where one meets a hash of the proof.
    function claimLeaves(
        address author,
        address patient,
        bytes32 compartment,
        bytes32 root,
        IAnchors.Entry[] calldata entries,
        bytes32[] calldata proof,
        bool[] calldata flags
    ) external;

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
