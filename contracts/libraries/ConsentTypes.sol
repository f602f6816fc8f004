// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../interfaces/IAnnouncements.sol";
import {IDelegations} from "../interfaces/IDelegations.sol";
import {IGrants} from "../interfaces/IGrants.sol";
import {ISignedConsents} from "../interfaces/ISignedConsents.sol";
import {DelegationTerms} from "./DelegationTerms.sol";
import {GrantTerms, Terms} from "./GrantTerms.sol";

/// @notice The EIP-712 types of signed consents: what a person reads in the wallet. Terms are shown field by field.
library ConsentTypes {
    // each in one literal: a constant of several parts would be put together and hashed in every call
    bytes32 private constant GRANT = keccak256(
        "Grant(address patient,address grantee,bytes32 scope,bool read,bool write,bool deny,uint64 purposes,uint40 start,uint40 end,uint40 asOf,bytes32 capsule,uint32 revision,uint40 deadline)"
    );
    bytes32 private constant GRANT_FOR = keccak256(
        "GrantFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,bool read,bool write,bool deny,uint64 purposes,uint40 start,uint40 end,uint40 asOf,bytes32 capsule,uint32 revision,uint40 deadline)"
    );
    bytes32 private constant DELEGATE = keccak256(
        "Delegate(address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool manage,uint64 purposes,uint40 longest,uint40 end,uint40 asOf,uint32 revision,uint40 deadline)"
    );
    bytes32 private constant REVOKE = keccak256(
        "Revoke(address patient,address grantee,bytes32 scope,uint32 revision,uint40 asOf,uint40 deadline)"
    );
    bytes32 private constant UNDELEGATE = keccak256(
        "Undelegate(address patient,address delegate,bytes32 scope,uint32 revision,uint40 asOf,uint40 deadline)"
    );
    bytes32 private constant REVOKE_FOR = keccak256(
        "RevokeFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,uint32 revision,uint40 asOf,uint40 deadline)"
    );
    bytes32 private constant REVOCATION = keccak256("Revocation(address grantee,bytes32 scope,uint32 revision)");
    bytes32 private constant REVOKE_MANY = keccak256(
        "RevokeMany(address patient,Revocation[] grants,uint40 asOf,uint40 deadline)Revocation(address grantee,bytes32 scope,uint32 revision)"
    );
    bytes32 private constant LOCKDOWN = keccak256("Lockdown(address patient,uint40 asOf,uint40 deadline)");
    bytes32 private constant DELIVER = keccak256(
        "Deliver(address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint32 nonce,uint40 asOf,uint40 deadline)"
    );
    bytes32 private constant DECLINE = keccak256(
        "Decline(address patient,address requester,bytes32 scope,uint32 nonce,uint40 asOf,uint40 deadline)"
    );

    /// A grant laid out in memory as EIP-712 hashes it: encoding it again would copy 14 words.
    struct GrantData {
        bytes32 typeHash;
        address patient;
        address grantee;
        bytes32 scope;
        bool read;
        bool write;
        bool deny;
        uint64 purposes;
        uint40 start;
        uint40 end;
        uint40 asOf;
        bytes32 capsule;
        uint32 revision;
        uint40 deadline;
    }

    /// @notice Struct hash of a signed grant.
    function hashGrant(ISignedConsents.SignedGrant calldata given) internal pure returns (bytes32 hash) {
        Terms terms = given.terms;
        uint8 permissions = terms.permissions();
        GrantData memory data = GrantData({
            typeHash: GRANT,
            patient: given.patient,
            grantee: given.grantee,
            scope: given.scope,
            read: permissions & GrantTerms.READ != 0,
            write: permissions & GrantTerms.WRITE != 0,
            deny: permissions & GrantTerms.DENY != 0,
            purposes: terms.purposes(),
            start: terms.start(),
            end: terms.end(),
            asOf: terms.asOf(),
            capsule: given.capsule,
            revision: terms.revision(),
            deadline: given.deadline
        });
        // the struct's 14 words lie in memory as they are hashed
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            hash := keccak256(data, 0x1c0)
        }
    }

    /// @notice Struct hash of a grant by a delegate.
    function hashGrantFor(
        address delegate,
        IDelegations.DelegatedGrant calldata given,
        uint40 deadline
    ) internal pure returns (bytes32) {
        bytes memory place = abi.encode(
            GRANT_FOR,
            delegate,
            given.patient,
            given.grantee,
            given.compartment,
            given.content,
            given.under
        );
        return keccak256(bytes.concat(place, _encode(given.terms), _encodeEnd(given, deadline)));
    }

    /// @notice Struct hash of a delegation.
    function hashDelegate(ISignedConsents.SignedDelegation calldata given) internal pure returns (bytes32) {
        uint8 permissions = given.terms.permissions();
        bytes memory powers = abi.encode(
            permissions & GrantTerms.READ != 0,
            permissions & GrantTerms.WRITE != 0,
            permissions & GrantTerms.DENY != 0,
            permissions & DelegationTerms.MANAGE != 0,
            given.terms.purposes(),
            given.terms.longest(),
            given.terms.end(),
            given.terms.asOf(),
            given.terms.revision(),
            given.deadline
        );
        return keccak256(bytes.concat(abi.encode(DELEGATE, given.patient, given.delegate, given.scope), powers));
    }

    /// @notice Struct hash of a revocation by the patient.
    function hashRevoke(
        address patient,
        ISignedConsents.Revocation calldata taken,
        ISignedConsents.Signing calldata signing
    ) internal pure returns (bytes32) {
        return _hashTaken(REVOKE, patient, taken, signing);
    }

    /// @notice Struct hash of the end of a delegation.
    function hashUndelegate(
        address patient,
        ISignedConsents.Revocation calldata taken,
        ISignedConsents.Signing calldata signing
    ) internal pure returns (bytes32) {
        return _hashTaken(UNDELEGATE, patient, taken, signing);
    }

    /// @notice Struct hash of a revocation by a delegate.
    function hashRevokeFor(
        address delegate,
        IDelegations.DelegatedRevocation calldata taken,
        uint32 revision,
        ISignedConsents.Signing calldata signing
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(REVOKE_FOR, delegate, taken),
                    abi.encode(revision, signing.asOf, signing.deadline)
                )
            );
    }

    /// @notice Struct hash of many revocations.
    function hashRevokeMany(
        address patient,
        ISignedConsents.Revocation[] calldata taken,
        ISignedConsents.Signing calldata signing
    ) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](taken.length);
        for (uint256 i = 0; i < taken.length; ++i) hashes[i] = keccak256(abi.encode(REVOCATION, taken[i]));
        return
            keccak256(
                abi.encode(REVOKE_MANY, patient, keccak256(abi.encodePacked(hashes)), signing.asOf, signing.deadline)
            );
    }

    /// @notice Struct hash of a lockdown.
    function hashLockdown(address patient, ISignedConsents.Signing calldata signing) internal pure returns (bytes32) {
        return keccak256(abi.encode(LOCKDOWN, patient, signing.asOf, signing.deadline));
    }

    /// @notice Struct hash of a delivery.
    function hashDeliver(
        IAnnouncements.Delivery calldata delivery,
        uint32 nonce,
        ISignedConsents.Signing calldata signing
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DELIVER,
                    delivery.patient,
                    keccak256(abi.encodePacked(delivery.grantees)),
                    delivery.compartment,
                    delivery.content,
                    delivery.capsule,
                    nonce,
                    signing.asOf,
                    signing.deadline
                )
            );
    }

    /// @notice Struct hash of a refusal.
    function hashDecline(
        address patient,
        IGrants.GrantKey calldata refused,
        uint32 nonce,
        ISignedConsents.Signing calldata signing
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(DECLINE, patient, refused.grantee, refused.scope, nonce, signing.asOf, signing.deadline)
            );
    }

    function _hashTaken(
        bytes32 typeHash,
        address patient,
        ISignedConsents.Revocation calldata taken,
        ISignedConsents.Signing calldata signing
    ) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    typeHash,
                    patient,
                    taken.grantee,
                    taken.scope,
                    taken.revision,
                    signing.asOf,
                    signing.deadline
                )
            );
    }

    /// The fields of a terms word but its revision.
    function _encode(Terms terms) private pure returns (bytes memory) {
        uint8 permissions = terms.permissions();
        return
            abi.encode(
                permissions & GrantTerms.READ != 0,
                permissions & GrantTerms.WRITE != 0,
                permissions & GrantTerms.DENY != 0,
                terms.purposes(),
                terms.start(),
                terms.end(),
                terms.asOf()
            );
    }

    function _encodeEnd(
        IDelegations.DelegatedGrant calldata given,
        uint40 deadline
    ) private pure returns (bytes memory) {
        return abi.encode(given.capsule, given.terms.revision(), deadline);
    }
}
