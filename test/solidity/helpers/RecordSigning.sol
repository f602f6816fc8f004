// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {Signing} from "./Signing.sol";

/// What is signed about records, typed out once more and not taken from `RecordForms`: where the two differ, one of them
/// is wrong.
library RecordSigning {
    string private constant ANCHOR =
        "Anchor(address author,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)";
    string private constant POINT =
        "Point(address by,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint32 number,uint40 deadline)";
    string private constant AMEND =
        "Amend(address by,address patient,bytes32 compartment,bytes32 content,bytes32 newContent,bytes32 manifest,bytes32 reason,uint40 deadline)";
    string private constant RETRACT =
        "Retract(address by,address patient,bytes32 compartment,bytes32 content,bytes32 reason,uint40 deadline)";
    string private constant ERASURE =
        "Erasure(address patient,bytes32 compartment,bytes32 content,uint40 era,uint40 deadline)";
    string private constant ERASURE_RECEIPT =
        "ErasureReceipt(address operator,address patient,bytes32 compartment,bytes32 content,bytes32 role,uint256 credential,uint40 deadline)";
    string private constant ANCHOR_ROOT =
        "AnchorRoot(address author,bytes32 root,uint32 count,bytes32 leaves,uint40 deadline)";
    string private constant CLAIM_LEAF =
        "ClaimLeaf(address author,bytes32 root,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)";
    string private constant WITNESS = "Witness(address signer,bytes32 digest,uint40 deadline)";
    string private constant STAMP =
        "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)";

    /// What is signed for the registry at this address of that chain.
    function digest(address registry, uint256 chainId, bytes32 structHash) internal pure returns (bytes32) {
        return Signing.digest("CareKey RecordRegistry", registry, chainId, structHash);
    }

    function hash(IAnchors.SignedAnchor memory record) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(ANCHOR)), record.author, record.patient, record.compartment),
                    abi.encode(record.content, record.manifest, record.deadline)
                )
            );
    }

    function hash(IAnchors.SignedPointer memory pointer) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(POINT)), pointer.by, pointer.patient, pointer.compartment),
                    abi.encode(pointer.content, pointer.manifest, pointer.number, pointer.deadline)
                )
            );
    }

    function hash(
        address by,
        ICorrections.Amendment memory amendment,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(AMEND)), by, amendment.patient, amendment.compartment),
                    abi.encode(amendment.content, amendment.newContent, amendment.manifest),
                    abi.encode(amendment.reason, deadline)
                )
            );
    }

    function hash(ICorrections.SignedRetraction memory retraction) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(RETRACT)), retraction.by, retraction.patient, retraction.compartment),
                    abi.encode(retraction.content, retraction.reason, retraction.deadline)
                )
            );
    }

    function hash(ICorrections.SignedErasure memory erasure) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(ERASURE)), erasure.patient, erasure.compartment),
                    abi.encode(erasure.content, erasure.era, erasure.deadline)
                )
            );
    }

    function hash(ICorrections.ErasureReceipt memory receipt, uint40 deadline) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(ERASURE_RECEIPT)), receipt.operator, receipt.patient),
                    abi.encode(receipt.compartment, receipt.content),
                    abi.encode(receipt.role, receipt.credential, deadline)
                )
            );
    }

    function hashRoot(
        address author,
        bytes32 root,
        uint32 count,
        bytes32 leaves,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(ANCHOR_ROOT)), author, root, count, leaves, deadline));
    }

    function hash(IRoots.SignedClaim memory claim) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(CLAIM_LEAF)), claim.author, claim.root, claim.patient),
                    abi.encode(claim.compartment, claim.content, claim.manifest, claim.deadline)
                )
            );
    }

    function hashWitness(address signer, bytes32 stamp, uint40 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(WITNESS)), signer, stamp, deadline));
    }

    function hash(IStamps.Stamp memory stamp) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(STAMP)), stamp.patient, stamp.compartment, stamp.content, stamp.role),
                    abi.encode(keccak256(bytes(stamp.statement)), stamp.previous, stamp.issuedAt)
                )
            );
    }
}
