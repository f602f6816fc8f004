// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {CHEATS, Vm} from "../Vm.sol";

/// What a wallet signs, typed out once more and not taken from `ConsentTypes`: where the two differ, one of them is wrong.
library Signing {
    string private constant DOMAIN =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    string private constant GRANT =
        "Grant(address patient,address grantee,bytes32 scope,bool read,bool write,bool deny,uint64 purposes,uint40 start,uint40 end,uint40 asOf,bytes32 capsule,uint32 revision,uint40 deadline)";
    string private constant GRANT_FOR =
        "GrantFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,bool read,bool write,bool deny,uint64 purposes,uint40 start,uint40 end,uint40 asOf,bytes32 capsule,uint32 revision,uint40 deadline)";
    string private constant DELEGATE =
        "Delegate(address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool manage,uint64 purposes,uint40 longest,uint40 end,uint40 asOf,uint32 revision,uint40 deadline)";
    string private constant REVOKE =
        "Revoke(address patient,address grantee,bytes32 scope,uint32 revision,uint40 asOf,uint40 deadline)";
    string private constant UNDELEGATE =
        "Undelegate(address patient,address delegate,bytes32 scope,uint32 revision,uint40 asOf,uint40 deadline)";
    string private constant REVOKE_FOR =
        "RevokeFor(address delegate,address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under,uint32 revision,uint40 asOf,uint40 deadline)";
    string private constant REVOCATION = "Revocation(address grantee,bytes32 scope,uint32 revision)";
    string private constant REVOKE_MANY =
        "RevokeMany(address patient,Revocation[] grants,uint40 asOf,uint40 deadline)Revocation(address grantee,bytes32 scope,uint32 revision)";
    string private constant LOCKDOWN = "Lockdown(address patient,uint40 asOf,uint40 deadline)";
    string private constant DELIVER =
        "Deliver(address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint32 nonce,uint40 asOf,uint40 deadline)";
    string private constant DECLINE =
        "Decline(address patient,address requester,bytes32 scope,uint32 nonce,uint40 asOf,uint40 deadline)";

    /* SIGNING */

    /// 65 bytes of r, s and v by the owner of `key`.
    function sign(uint256 key, bytes32 word) internal pure returns (bytes memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = Vm(CHEATS).sign(key, word);
        return abi.encodePacked(r, s, v);
    }

    /// What is signed for the registry at this address of the present chain.
    function digest(address registry, bytes32 structHash) internal view returns (bytes32) {
        return digest(registry, block.chainid, structHash);
    }

    /// What is signed for the registry at this address of that chain.
    function digest(address registry, uint256 chainId, bytes32 structHash) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(bytes(DOMAIN)),
                keccak256("CareKey ConsentRegistry"),
                keccak256("1"),
                chainId,
                registry
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// The next item of a list of signatures: two bytes of length, then the signature.
    function listed(bytes memory signature) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(signature.length), signature);
    }

    /* GRANTS */

    function hash(ISignedConsents.SignedGrant memory given) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    keccak256(bytes(GRANT)),
                    abi.encode(given.patient, given.grantee, given.scope),
                    _spread(given.terms),
                    abi.encode(given.capsule, _revision(Terms.unwrap(given.terms)), given.deadline)
                )
            );
    }

    function hashRevoke(
        address patient,
        ISignedConsents.Revocation memory taken,
        ISignedConsents.Signing memory signing
    ) internal pure returns (bytes32) {
        return _hashTaken(REVOKE, patient, taken, signing);
    }

    function hash(
        address patient,
        ISignedConsents.Revocation[] memory taken,
        ISignedConsents.Signing memory signing
    ) internal pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < taken.length; ++i) {
            bytes memory item = abi.encode(
                keccak256(bytes(REVOCATION)),
                taken[i].grantee,
                taken[i].scope,
                taken[i].revision
            );
            hashes = bytes.concat(hashes, keccak256(item));
        }
        return
            keccak256(
                abi.encode(keccak256(bytes(REVOKE_MANY)), patient, keccak256(hashes), signing.asOf, signing.deadline)
            );
    }

    function hashLockdown(address patient, ISignedConsents.Signing memory signing) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(LOCKDOWN)), patient, signing.asOf, signing.deadline));
    }

    /* DELEGATIONS */

    function hash(ISignedConsents.SignedDelegation memory given) internal pure returns (bytes32) {
        uint256 word = Delegation.unwrap(given.terms);
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(DELEGATE)), given.patient, given.delegate, given.scope),
                    abi.encode(_bit(word, 184), _bit(word, 185), _bit(word, 186), _bit(word, 188)),
                    abi.encode(_number(word, 120, 64), _number(word, 0, 40), _number(word, 40, 40)),
                    abi.encode(_number(word, 80, 40), _revision(word), given.deadline)
                )
            );
    }

    function hashUndelegate(
        address patient,
        ISignedConsents.Revocation memory taken,
        ISignedConsents.Signing memory signing
    ) internal pure returns (bytes32) {
        return _hashTaken(UNDELEGATE, patient, taken, signing);
    }

    /* DELEGATES */

    function hash(
        address delegate,
        IDelegations.DelegatedGrant memory given,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(GRANT_FOR)), delegate, given.patient, given.grantee),
                    abi.encode(given.compartment, given.content, given.under),
                    _spread(given.terms),
                    abi.encode(given.capsule, _revision(Terms.unwrap(given.terms)), deadline)
                )
            );
    }

    function hash(
        address delegate,
        IDelegations.DelegatedRevocation memory taken,
        uint32 revision,
        ISignedConsents.Signing memory signing
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(REVOKE_FOR)), delegate, taken.patient, taken.grantee),
                    abi.encode(taken.compartment, taken.content, taken.under),
                    abi.encode(revision, signing.asOf, signing.deadline)
                )
            );
    }

    /* ANNOUNCEMENTS */

    function hash(
        IAnnouncements.Delivery memory delivery,
        uint32 nonce,
        ISignedConsents.Signing memory signing
    ) internal pure returns (bytes32) {
        bytes memory grantees;
        for (uint256 i = 0; i < delivery.grantees.length; ++i) {
            grantees = bytes.concat(grantees, abi.encode(delivery.grantees[i]));
        }
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(DELIVER)), delivery.patient, keccak256(grantees)),
                    abi.encode(delivery.compartment, delivery.content, delivery.capsule),
                    abi.encode(nonce, signing.asOf, signing.deadline)
                )
            );
    }

    function hash(
        address patient,
        IGrants.GrantKey memory refused,
        uint32 nonce,
        ISignedConsents.Signing memory signing
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(DECLINE)), patient, refused.grantee, refused.scope),
                    abi.encode(nonce, signing.asOf, signing.deadline)
                )
            );
    }

    /* PARTS */

    function _hashTaken(
        string memory typeName,
        address patient,
        ISignedConsents.Revocation memory taken,
        ISignedConsents.Signing memory signing
    ) private pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(typeName)), patient, taken.grantee, taken.scope),
                    abi.encode(taken.revision, signing.asOf, signing.deadline)
                )
            );
    }

    /// Read, write, deny, purposes, start, end and asOf, a word each.
    function _spread(Terms terms) private pure returns (bytes memory) {
        uint256 word = Terms.unwrap(terms);
        return
            bytes.concat(
                abi.encode(_bit(word, 184), _bit(word, 185), _bit(word, 186)),
                abi.encode(_number(word, 120, 64), _number(word, 0, 40), _number(word, 40, 40), _number(word, 80, 40))
            );
    }

    function _revision(uint256 word) private pure returns (uint256) {
        return _number(word, 192, 32);
    }

    function _bit(uint256 word, uint256 offset) private pure returns (bool) {
        return _number(word, offset, 1) == 1;
    }

    function _number(uint256 word, uint256 offset, uint256 width) private pure returns (uint256) {
        return (word / 2 ** offset) % 2 ** width;
    }
}
