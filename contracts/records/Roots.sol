// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IRoots} from "../interfaces/IRoots.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Anchors} from "./Anchors.sol";

/// @title Very many records anchored as one; see {IRoots}
abstract contract Roots is Anchors, IRoots {
    /// @notice Longest proof: a root counts its records with 32 bits.
    uint256 public constant MAX_PROOF = 32;

    /* STORAGE */

    /// @inheritdoc IRoots
    mapping(address author => mapping(bytes32 root => uint40 time)) public rootAnchoredAt;

    /* AUTHORS */

    /// @inheritdoc IRoots
    function anchorRoot(bytes32 root, uint32 count, bytes32 leaves) external {
        if (root == 0 || count == 0) revert InvalidRoot(root, count);
        if (rootAnchoredAt[msg.sender][root] != 0) revert RootAlreadyAnchored(msg.sender, root);

        rootAnchoredAt[msg.sender][root] = uint40(block.timestamp);

        emit RootAnchored(msg.sender, root, count, leaves);
    }

    /// @inheritdoc IRoots
    function claimLeaf(
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf,
        bytes32 manifest
    ) external returns (bytes32 recordId) {
        (address patient, bytes32 compartment) = (leaf.patient, leaf.compartment);
        _requireWriter(patient, compartment, msg.sender);
        recordId = Scopes.recordIdOf(patient, compartment, leaf.content);
        _requireNew(recordId, leaf.content, manifest);
        uint40 time = verifyAnchored(msg.sender, root, proof, leaf);
        if (time == 0) revert InvalidProof(root, recordId);
        _anchor(patient, recordId, compartment, manifest, msg.sender, time);
    }

    /* VIEWS */

    /// @inheritdoc IRoots
    function verifyAnchored(
        address author,
        bytes32 root,
        bytes32[] calldata proof,
        Leaf calldata leaf
    ) public view returns (uint40) {
        if (proof.length > MAX_PROOF) return 0;
        bytes32 recordId = Scopes.recordIdOf(leaf.patient, leaf.compartment, leaf.content);
        // hashed twice, so that no inner node is ever taken for a leaf
        bytes32 hash = keccak256(bytes.concat(keccak256(abi.encode(recordId))));
        return MerkleProof.verifyCalldata(proof, root, hash) ? rootAnchoredAt[author][root] : 0;
    }
}
