// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../interfaces/IAnchors.sol";
import {ICorrections} from "../interfaces/ICorrections.sol";
import {IRoots} from "../interfaces/IRoots.sol";
import {IStamps} from "../interfaces/IStamps.sol";

/// @notice The EIP-712 types of what is signed about records: what a person reads in the wallet.
library RecordForms {
    // each in one literal: a constant of several parts would be put together and hashed in every call
    bytes32 private constant ANCHOR = keccak256(
        "Anchor(address author,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)"
    );
    bytes32 private constant POINT = keccak256(
        "Point(address by,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint32 number,uint40 deadline)"
    );
    bytes32 private constant AMEND = keccak256(
        "Amend(address by,address patient,bytes32 compartment,bytes32 content,bytes32 newContent,bytes32 manifest,bytes32 reason,uint40 deadline)"
    );
    bytes32 private constant RETRACT = keccak256(
        "Retract(address by,address patient,bytes32 compartment,bytes32 content,bytes32 reason,uint40 deadline)"
    );
    bytes32 private constant ERASURE = keccak256(
        "Erasure(address patient,bytes32 compartment,bytes32 content,uint40 era,uint40 deadline)"
    );
    bytes32 private constant ERASURE_RECEIPT = keccak256(
        "ErasureReceipt(address operator,address patient,bytes32 compartment,bytes32 content,bytes32 role,uint256 credential,uint40 deadline)"
    );
    bytes32 private constant ANCHOR_ROOT = keccak256(
        "AnchorRoot(address author,bytes32 root,uint32 count,bytes32 leaves,uint40 deadline)"
    );
    bytes32 private constant CLAIM_LEAF = keccak256(
        "ClaimLeaf(address author,bytes32 root,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)"
    );
    bytes32 private constant WITNESS = keccak256("Witness(address signer,bytes32 digest,uint40 deadline)");
    bytes32 private constant STAMP = keccak256(
        "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)"
    );

    /// A record to anchor, laid out in memory as EIP-712 hashes it.
    struct AnchorData {
        bytes32 typeHash;
        address author;
        address patient;
        bytes32 compartment;
        bytes32 content;
        bytes32 manifest;
        /// 0 where nothing is signed.
        uint40 deadline;
    }

    /// @notice All that records of one author and compartment have in common; set content, manifest and deadline of each.
    function anchorData(
        address author,
        address patient,
        bytes32 compartment
    ) internal pure returns (AnchorData memory data) {
        data.typeHash = ANCHOR;
        data.author = author;
        data.patient = patient;
        data.compartment = compartment;
    }

    /// @notice Struct hash of a record to anchor.
    function hashAnchor(AnchorData memory data) internal pure returns (bytes32 hash) {
        // the struct's 7 words lie in memory as they are hashed
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            hash := keccak256(data, 0xe0)
        }
    }

    /// @notice Struct hash of a newer manifest.
    function hashPoint(IAnchors.SignedPointer calldata pointer) internal pure returns (bytes32) {
        return keccak256(abi.encode(POINT, pointer));
    }

    /// @notice Struct hash of an amendment.
    function hashAmend(
        address by,
        ICorrections.Amendment calldata amendment,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(AMEND, by, amendment, deadline));
    }

    /// @notice Struct hash of a retraction.
    function hashRetract(ICorrections.SignedRetraction calldata retraction) internal pure returns (bytes32) {
        return keccak256(abi.encode(RETRACT, retraction));
    }

    /// @notice Struct hash of a demand for erasure.
    function hashErasure(ICorrections.SignedErasure calldata erasure) internal pure returns (bytes32) {
        return keccak256(abi.encode(ERASURE, erasure));
    }

    /// @notice Struct hash of an operator's receipt.
    function hashErasureReceipt(
        ICorrections.ErasureReceipt calldata receipt,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ERASURE_RECEIPT, receipt, deadline));
    }

    /// @notice Struct hash of a root.
    function hashAnchorRoot(
        address author,
        bytes32 root,
        uint32 count,
        bytes32 leaves,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ANCHOR_ROOT, author, root, count, leaves, deadline));
    }

    /// @notice Struct hash of a record that is claimed from a root.
    function hashClaimLeaf(IRoots.SignedClaim calldata claim) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM_LEAF, claim));
    }

    /// @notice Struct hash of a witness.
    function hashWitness(address signer, bytes32 digest, uint40 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITNESS, signer, digest, deadline));
    }

    /// @notice Struct hash of a stamp.
    function hashStamp(IStamps.Stamp calldata stamp) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    STAMP,
                    stamp.patient,
                    stamp.compartment,
                    stamp.content,
                    stamp.role,
                    keccak256(bytes(stamp.statement)),
                    stamp.previous,
                    stamp.issuedAt
                )
            );
    }
}
