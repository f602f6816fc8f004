// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {CHEATS, Vm} from "../Vm.sol";

/// What a wallet signs, typed out once more and not taken from `ConsentForms`: where the two differ, one of them is wrong.
library Signing {
    string private constant DOMAIN =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    string private constant GRANT =
        "Grant(address patient,address grantee,bytes32 scope,bool read,bool write,bool group,uint32 lifts,uint64 purposes,uint40 start,uint40 end,uint40 era,bytes32 capsule,uint56 stand,uint40 session,uint16 number,uint40 deadline)";
    string private constant LIFT =
        "Lift(address patient,address grantee,bytes32 scope,uint40 era,uint56 stand,uint40 session,uint16 number,uint40 deadline)";
    string private constant DELEGATE =
        "Delegate(address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool group,bool manage,uint64 purposes,uint40 longest,uint40 end,uint40 era,uint56 stand,uint40 session,uint16 number,uint40 deadline)";
    string private constant GRANT_FOR =
        "GrantFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,bool read,bool write,bool group,uint64 purposes,uint40 start,uint40 end,uint40 era,bytes32 capsule,uint32 delegatedAt,uint56 stand,uint40 session,uint16 number,uint40 deadline)";
    string private constant REVOKE = "Revoke(address patient,address grantee,bytes32 scope,uint256 id,uint40 deadline)";
    string private constant DENY = "Deny(address patient,address grantee,bytes32 scope,uint256 id,uint40 deadline)";
    string private constant UNDELEGATE =
        "Undelegate(address patient,address delegate,bytes32 scope,uint256 id,uint40 deadline)";
    string private constant GRANT_KEY = "GrantKey(address grantee,bytes32 scope)";
    string private constant REVOKE_MANY =
        "RevokeMany(address patient,GrantKey[] grants,uint256 id,uint40 deadline)GrantKey(address grantee,bytes32 scope)";
    string private constant LOCKDOWN = "Lockdown(address patient,bytes32 salt,uint256 id,uint40 deadline)";
    string private constant REVOKE_FOR =
        "RevokeFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,uint256 id,uint40 deadline)";
    string private constant DENY_FOR =
        "DenyFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,uint256 id,uint40 deadline)";

    /* SIGNING */

    /// 65 bytes of r, s and v by the owner of `key`.
    function sign(uint256 key, bytes32 word) internal pure returns (bytes memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = Vm(CHEATS).sign(key, word);
        return abi.encodePacked(r, s, v);
    }

    /// What is signed for the consent registry at this address of the present chain.
    function digest(address registry, bytes32 structHash) internal view returns (bytes32) {
        return digest(registry, block.chainid, structHash);
    }

    /// What is signed for the consent registry at this address of that chain.
    function digest(address registry, uint256 chainId, bytes32 structHash) internal pure returns (bytes32) {
        return digest("CareKey ConsentRegistry", registry, chainId, structHash);
    }

    /// What is signed for the contract of this name at this address of that chain.
    function digest(
        string memory name,
        address registry,
        uint256 chainId,
        bytes32 structHash
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(keccak256(bytes(DOMAIN)), keccak256(bytes(name)), keccak256("1"), chainId, registry)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// The next item of a list of signatures: two bytes of length, then the signature.
    function listed(bytes memory signature) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(signature.length), signature);
    }

    /* WHAT OPENS */

    function hash(ISignedConsents.SignedGrant memory given) internal pure returns (bytes32) {
        uint256 word = Terms.unwrap(given.terms);
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(GRANT)), given.patient, given.grantee, given.scope),
                    abi.encode(_bit(word, 184), _bit(word, 185), _bit(word, 188), given.lifts),
                    _spread(word),
                    abi.encode(given.capsule),
                    _opening(given.opening)
                )
            );
    }

    function hash(ISignedConsents.SignedLift memory lifted) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(LIFT)), lifted.patient, lifted.grantee, lifted.scope, lifted.era),
                    _opening(lifted.opening)
                )
            );
    }

    function hash(ISignedConsents.SignedDelegation memory given) internal pure returns (bytes32) {
        uint256 word = Delegation.unwrap(given.terms);
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(DELEGATE)), given.patient, given.delegate, given.scope),
                    abi.encode(_bit(word, 184), _bit(word, 185), _bit(word, 186), _bit(word, 188), _bit(word, 190)),
                    _spread(word),
                    _opening(given.opening)
                )
            );
    }

    function hash(ISignedConsents.SignedGrantFor memory given) internal pure returns (bytes32) {
        uint256 word = Terms.unwrap(given.terms);
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(GRANT_FOR)), given.delegate),
                    _place(given.key),
                    abi.encode(_bit(word, 184), _bit(word, 185), _bit(word, 188)),
                    _spread(word),
                    abi.encode(given.capsule, given.delegatedAt),
                    _opening(given.opening)
                )
            );
    }

    /* WHAT SHUTS */

    function hashRevoke(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return _hashShut(REVOKE, patient, key, once);
    }

    function hashDeny(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return _hashShut(DENY, patient, key, once);
    }

    function hashUndelegate(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return _hashShut(UNDELEGATE, patient, key, once);
    }

    function hashRevokeMany(
        address patient,
        IGrants.GrantKey[] memory keys,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes memory item = abi.encode(keccak256(bytes(GRANT_KEY)), keys[i].grantee, keys[i].scope);
            hashes = bytes.concat(hashes, keccak256(item));
        }
        return keccak256(abi.encode(keccak256(bytes(REVOKE_MANY)), patient, keccak256(hashes), once.id, once.deadline));
    }

    function hashLockdown(
        address patient,
        bytes32 salt,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(LOCKDOWN)), patient, salt, once.id, once.deadline));
    }

    function hashRevokeFor(
        address delegate,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return _hashShutFor(REVOKE_FOR, delegate, key, once);
    }

    function hashDenyFor(
        address delegate,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return _hashShutFor(DENY_FOR, delegate, key, once);
    }

    /* PARTS */

    function _hashShut(
        string memory form,
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(form)), patient, key.grantee, key.scope, once.id, once.deadline));
    }

    function _hashShutFor(
        string memory form,
        address delegate,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once
    ) private pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(form)), delegate),
                    _place(key),
                    abi.encode(once.id, once.deadline)
                )
            );
    }

    function _place(IDelegations.DelegatedKey memory key) private pure returns (bytes memory) {
        return abi.encode(key.patient, key.grantee, key.compartment, key.content, key.under);
    }

    /// Purposes, first and second time, era.
    function _spread(uint256 word) private pure returns (bytes memory) {
        return abi.encode(_number(word, 120, 64), _number(word, 0, 40), _number(word, 40, 40), _number(word, 80, 40));
    }

    function _opening(ISignedConsents.Opening memory opening) private pure returns (bytes memory) {
        return abi.encode(opening.stand, opening.session, opening.number, opening.deadline);
    }

    function _bit(uint256 word, uint256 offset) private pure returns (bool) {
        return _number(word, offset, 1) == 1;
    }

    function _number(uint256 word, uint256 offset, uint256 width) private pure returns (uint256) {
        return (word / 2 ** offset) % 2 ** width;
    }
}
