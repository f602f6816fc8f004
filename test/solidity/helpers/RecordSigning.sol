// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";

/// What is signed about records, typed out once more and not taken from `RecordTypes`: where the two differ, one of them
/// is wrong.
library RecordSigning {
    string private constant DOMAIN =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    string private constant ANCHOR =
        "Anchor(address author,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)";
    string private constant ERASURE =
        "Erasure(address patient,bytes32 compartment,bytes32 content,uint40 asOf,uint40 deadline)";
    string private constant ERASURE_RECEIPT =
        "ErasureReceipt(address operator,bytes32 recordId,bytes32 role,uint256 credential,uint40 deadline)";
    string private constant STAMP =
        "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)";

    /// What is signed for the registry at this address of that chain.
    function digest(address registry, uint256 chainId, bytes32 structHash) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(keccak256(bytes(DOMAIN)), keccak256("CareKey RecordRegistry"), keccak256("1"), chainId, registry)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
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

    function hash(ICorrections.SignedErasure memory erasure) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(ERASURE)), erasure.patient, erasure.compartment),
                    abi.encode(erasure.content, erasure.asOf, erasure.deadline)
                )
            );
    }

    function hash(ICorrections.ErasureReceipt memory receipt, uint40 deadline) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(ERASURE_RECEIPT)), receipt.operator, receipt.recordId),
                    abi.encode(receipt.role, receipt.credential, deadline)
                )
            );
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
