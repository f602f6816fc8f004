// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IRoots} from "../interfaces/IRoots.sol";
import {Link} from "../types/Link.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {Records} from "./Records.sol";

/// @title Very many records anchored as one; see {IRoots}
abstract contract Roots is Records {
    /// @notice Longest proof: a root counts its records with 32 bits.
    uint256 public constant MAX_PROOF = 32;

    /// @notice Longest list of claims that one call takes.
    uint256 public constant MAX_CLAIMS = 100;

    /* AUTHORS */

    /// @inheritdoc IRoots
    function anchorRoot(bytes32 root, uint32 count, bytes32 leaves) external {
        _anchorRoot(msg.sender, root, count, leaves);
    }

    /// @inheritdoc IRoots
    function anchorIndex(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest,
        bytes32 root,
        uint32 count
    ) external returns (bytes32 recordId) {
        _requireWriter(patient, compartment, 0, msg.sender);
        _anchorRoot(msg.sender, root, count, manifest);
        RecordForms.AnchorData memory data = RecordForms.anchorData(msg.sender, patient, compartment);
        (data.content, data.manifest) = (content, manifest);
        return _anchorOne(data, uint40(block.timestamp));
    }

    /// @inheritdoc IRoots
    function claimLeaf(
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf,
        bytes32 manifest
    ) external returns (bytes32 recordId) {
        RecordForms.AnchorData memory data = RecordForms.anchorData(msg.sender, leaf.patient, leaf.compartment);
        (data.content, data.manifest) = (leaf.content, manifest);
        return _claim(data, root, proof);
    }

    /// @inheritdoc IRoots
    function claimLeaves(
        address author,
        address patient,
        bytes32 compartment,
        bytes32 root,
        Entry[] calldata entries,
        bytes32[] calldata proof,
        bool[] calldata flags
    ) external {
        _requireBatch(entries.length, MAX_CLAIMS);
        _requireWriter(patient, compartment, 0, msg.sender);
        RecordForms.AnchorData memory data = RecordForms.anchorData(author, patient, compartment);
        bytes32[] memory ids = _idsOf(data, entries);
        if (msg.sender != author && msg.sender != patient) revert NotAuthor(ids[0], msg.sender);
        uint40 time = rootAnchoredAt[author][root];
        if (time == 0 || !_areUnder(root, ids, proof, flags)) revert InvalidProof(root, ids[0]);
        _claimAll(data, entries, ids, time);
    }

    /* BY SIGNATURE */

    /// @inheritdoc IRoots
    function anchorRootBySig(
        address author,
        bytes32 root,
        uint32 count,
        bytes32 leaves,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes32 hash = RecordForms.hashAnchorRoot(author, root, count, leaves, deadline);
        _requireSigned(author, hash, deadline, signature);
        _anchorRoot(author, root, count, leaves);
    }

    /// @inheritdoc IRoots
    function claimLeafBySig(
        SignedClaim calldata claim,
        bytes32[] calldata proof,
        bytes calldata signature
    ) external returns (bytes32 recordId) {
        _requireSigned(claim.author, RecordForms.hashClaimLeaf(claim), claim.deadline, signature);
        RecordForms.AnchorData memory data = RecordForms.anchorData(claim.author, claim.patient, claim.compartment);
        (data.content, data.manifest) = (claim.content, claim.manifest);
        return _claim(data, claim.root, proof);
    }

    /* VIEWS */

    /// @inheritdoc IRoots
    function verifyAnchored(
        address author,
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf
    ) external view returns (uint40) {
        return _timeOf(author, root, proof, Scopes.recordIdOf(leaf.patient, leaf.compartment, leaf.content));
    }

    /* PRIVATE */

    function _anchorRoot(address author, bytes32 root, uint32 count, bytes32 leaves) private {
        if (root == 0 || count == 0) revert InvalidRoot(root, count);
        if (rootAnchoredAt[author][root] != 0) revert RootAlreadyAnchored(author, root);

        rootAnchoredAt[author][root] = uint40(block.timestamp);

        emit RootAnchored(author, root, count, leaves);
    }

    function _claim(
        RecordForms.AnchorData memory data,
        bytes32 root,
        bytes32[] calldata proof
    ) private returns (bytes32 recordId) {
        _requireWriter(data.patient, data.compartment, 0, data.author);
        recordId = Scopes.recordIdOf(data.patient, data.compartment, data.content);
        uint40 time = _timeOf(data.author, root, proof, recordId);
        if (time == 0) revert InvalidProof(root, recordId);
        return _anchorOne(data, time);
    }

    function _claimAll(
        RecordForms.AnchorData memory data,
        Entry[] calldata entries,
        bytes32[] memory ids,
        uint40 time
    ) private {
        Link chart = _charts[data.patient];
        bytes memory refusal;
        for (uint256 i = 0; i < ids.length; ++i) {
            Entry calldata entry = entries[i];
            (data.content, data.manifest) = (entry.content, entry.manifest);
            (chart, refusal) = _anchor(data, ids[i], time, chart);
            _skipIf(i, refusal);
        }
        _charts[data.patient] = chart;
    }

    function _timeOf(
        address author,
        bytes32 root,
        bytes32[] calldata proof,
        bytes32 recordId
    ) private view returns (uint40) {
        if (proof.length > MAX_PROOF) return 0;
        return MerkleProof.verifyCalldata(proof, root, _leafOf(recordId)) ? rootAnchoredAt[author][root] : 0;
    }

    function _areUnder(
        bytes32 root,
        bytes32[] memory ids,
        bytes32[] calldata proof,
        bool[] calldata flags
    ) private pure returns (bool) {
        if (proof.length > MAX_PROOF * ids.length || ids.length + proof.length != flags.length + 1) return false;
        bytes32[] memory leaves = new bytes32[](ids.length);
        for (uint256 i = 0; i < leaves.length; ++i) leaves[i] = _leafOf(ids[i]);
        return MerkleProof.multiProofVerifyCalldata(proof, flags, root, leaves);
    }

    function _idsOf(
        RecordForms.AnchorData memory data,
        Entry[] calldata entries
    ) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](entries.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = Scopes.recordIdOf(data.patient, data.compartment, entries[i].content);
        }
    }

    /// keccak256(keccak256(recordId)): hashed twice, so that no inner node is ever taken for a leaf.
    function _leafOf(bytes32 recordId) private pure returns (bytes32 leaf) {
        // hashed where memory is free: encoding costs 300 gas more
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, recordId)
            mstore(0x00, keccak256(0x00, 0x20))
            leaf := keccak256(0x00, 0x20)
        }
    }
}
