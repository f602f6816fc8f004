// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../interfaces/IDelegations.sol";
import {IGrants} from "../interfaces/IGrants.sol";
import {ISignedActions} from "../interfaces/ISignedActions.sol";
import {ISignedConsents} from "../interfaces/ISignedConsents.sol";
import {DelegationTerms} from "./DelegationTerms.sol";
import {GrantTerms, Terms} from "./GrantTerms.sol";

/// @notice The EIP-712 types of signed consents: what a person reads in the wallet. Terms are shown field by field.
library ConsentForms {
    // each in one literal: a constant of several parts would be put together and hashed in every call
    bytes32 private constant GRANT = keccak256(
        "Grant(address patient,address grantee,bytes32 scope,bool read,bool write,bool group,uint32 lifts,uint64 purposes,uint40 start,uint40 end,uint40 era,bytes32 capsule,uint56 stand,uint40 session,uint16 number,uint40 deadline)"
    );
    bytes32 private constant LIFT = keccak256(
        "Lift(address patient,address grantee,bytes32 scope,uint40 era,uint56 stand,uint40 session,uint16 number,uint40 deadline)"
    );
    bytes32 private constant DELEGATE = keccak256(
        "Delegate(address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool group,bool manage,uint64 purposes,uint40 longest,uint40 end,uint40 era,uint56 stand,uint40 session,uint16 number,uint40 deadline)"
    );
    bytes32 private constant GRANT_FOR = keccak256(
        "GrantFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,bool read,bool write,bool group,uint64 purposes,uint40 start,uint40 end,uint40 era,bytes32 capsule,uint32 delegatedAt,uint56 stand,uint40 session,uint16 number,uint40 deadline)"
    );
    bytes32 private constant REVOKE = keccak256(
        "Revoke(address patient,address grantee,bytes32 scope,uint256 id,uint40 deadline)"
    );
    bytes32 private constant DENY = keccak256(
        "Deny(address patient,address grantee,bytes32 scope,uint256 id,uint40 deadline)"
    );
    bytes32 private constant UNDELEGATE = keccak256(
        "Undelegate(address patient,address delegate,bytes32 scope,uint256 id,uint40 deadline)"
    );
    bytes32 private constant GRANT_KEY = keccak256("GrantKey(address grantee,bytes32 scope)");
    bytes32 private constant REVOKE_MANY = keccak256(
        "RevokeMany(address patient,GrantKey[] grants,uint256 id,uint40 deadline)GrantKey(address grantee,bytes32 scope)"
    );
    bytes32 private constant LOCKDOWN = keccak256("Lockdown(address patient,bytes32 salt,uint256 id,uint40 deadline)");
    bytes32 private constant REVOKE_FOR = keccak256(
        "RevokeFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,uint256 id,uint40 deadline)"
    );
    bytes32 private constant DENY_FOR = keccak256(
        "DenyFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,uint256 id,uint40 deadline)"
    );

    /// A grant laid out in memory as EIP-712 hashes it: encoding it again would copy 17 words.
    struct GrantData {
        bytes32 typeHash;
        address patient;
        address grantee;
        bytes32 scope;
        bool read;
        bool write;
        bool group;
        uint32 lifts;
        uint64 purposes;
        uint40 start;
        uint40 end;
        uint40 era;
        bytes32 capsule;
        uint56 stand;
        uint40 session;
        uint16 number;
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
            group: permissions & GrantTerms.GROUP != 0,
            lifts: given.lifts,
            purposes: terms.purposes(),
            start: terms.start(),
            end: terms.end(),
            era: terms.era(),
            capsule: given.capsule,
            stand: given.opening.stand,
            session: given.opening.session,
            number: given.opening.number,
            deadline: given.opening.deadline
        });
        // the struct's 17 words lie in memory as they are hashed
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            hash := keccak256(data, 0x220)
        }
    }

    /// @notice Struct hash of a DENY that is taken away.
    function hashLift(ISignedConsents.SignedLift calldata lifted) internal pure returns (bytes32) {
        return keccak256(abi.encode(LIFT, lifted));
    }

    /// @notice Struct hash of a delegation.
    function hashDelegate(ISignedConsents.SignedDelegation calldata given) internal pure returns (bytes32) {
        uint8 permissions = given.terms.permissions();
        bytes memory powers = abi.encode(
            permissions & GrantTerms.READ != 0,
            permissions & GrantTerms.WRITE != 0,
            permissions & GrantTerms.DENY != 0,
            permissions & GrantTerms.GROUP != 0,
            permissions & DelegationTerms.MANAGE != 0,
            given.terms.purposes(),
            given.terms.longest(),
            given.terms.end(),
            given.terms.era()
        );
        return
            keccak256(
                bytes.concat(
                    abi.encode(DELEGATE, given.patient, given.delegate, given.scope),
                    powers,
                    abi.encode(given.opening)
                )
            );
    }

    /// @notice Struct hash of a grant by a delegate.
    function hashGrantFor(ISignedConsents.SignedGrantFor calldata given) internal pure returns (bytes32) {
        Terms terms = given.terms;
        uint8 permissions = terms.permissions();
        bytes memory said = abi.encode(
            permissions & GrantTerms.READ != 0,
            permissions & GrantTerms.WRITE != 0,
            permissions & GrantTerms.GROUP != 0,
            terms.purposes(),
            terms.start(),
            terms.end(),
            terms.era(),
            given.capsule,
            given.delegatedAt
        );
        return
            keccak256(bytes.concat(abi.encode(GRANT_FOR, given.delegate, given.key), said, abi.encode(given.opening)));
    }

    /// @notice Struct hash of a revocation by the patient.
    function hashRevoke(
        address patient,
        IGrants.GrantKey calldata key,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return _hashKey(REVOKE, patient, key, once);
    }

    /// @notice Struct hash of a DENY by the patient.
    function hashDeny(
        address patient,
        IGrants.GrantKey calldata key,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return _hashKey(DENY, patient, key, once);
    }

    /// @notice Struct hash of the end of a delegation.
    function hashUndelegate(
        address patient,
        IGrants.GrantKey calldata key,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return _hashKey(UNDELEGATE, patient, key, once);
    }

    /// @notice Struct hash of many revocations.
    function hashRevokeMany(
        address patient,
        IGrants.GrantKey[] calldata keys,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) hashes[i] = keccak256(abi.encode(GRANT_KEY, keys[i]));
        return keccak256(abi.encode(REVOKE_MANY, patient, keccak256(abi.encodePacked(hashes)), once));
    }

    /// @notice Struct hash of a lockdown.
    function hashLockdown(
        address patient,
        bytes32 salt,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(LOCKDOWN, patient, salt, once));
    }

    /// @notice Struct hash of a revocation by a delegate.
    function hashRevokeFor(
        address delegate,
        IDelegations.DelegatedKey calldata key,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(REVOKE_FOR, delegate, key, once));
    }

    /// @notice Struct hash of a DENY by a delegate.
    function hashDenyFor(
        address delegate,
        IDelegations.DelegatedKey calldata key,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(DENY_FOR, delegate, key, once));
    }

    function _hashKey(
        bytes32 typeHash,
        address patient,
        IGrants.GrantKey calldata key,
        ISignedActions.Once calldata once
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(typeHash, patient, key, once));
    }
}
