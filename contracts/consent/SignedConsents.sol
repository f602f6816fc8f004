// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ISignedConsents} from "../interfaces/ISignedConsents.sol";
import {ConsentTypes} from "../libraries/ConsentTypes.sol";
import {Delegation} from "../libraries/DelegationTerms.sol";
import {GrantTerms, Terms} from "../libraries/GrantTerms.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Delegations} from "./Delegations.sol";

/// @title What patients and delegates do by signature; see {ISignedConsents}
abstract contract SignedConsents is Delegations, ISignedConsents, EIP712 {
    /// @notice How far ahead of the slot a signed revocation may reach: further would freeze it.
    uint32 public constant MAX_AHEAD = 1024;

    constructor() EIP712("CareKey ConsentRegistry", "1") {}

    /* GRANTS */

    /// @inheritdoc ISignedConsents
    function grantBySig(SignedGrant calldata given, bytes calldata signature) external {
        _require(_tryGrant(given, signature, _domainSeparatorV4()));
    }

    /// @inheritdoc ISignedConsents
    function grantManyBySig(SignedGrant[] calldata given, bytes calldata signatures) external {
        _requireBatch(given.length, MAX_BATCH);
        bytes32 domain = _domainSeparatorV4();
        bytes calldata signature;
        uint256 offset = 0;
        for (uint256 i = 0; i < given.length; ++i) {
            (signature, offset) = Signatures.take(signatures, offset);
            _skipIf(i, _tryGrant(given[i], signature, domain));
        }
        if (offset != signatures.length) revert Signatures.InvalidSignatureList(signatures.length);
    }

    /// @inheritdoc ISignedConsents
    function revokeBySig(
        address patient,
        Revocation calldata taken,
        Signing calldata signing,
        bytes calldata signature
    ) external {
        _requireSigned(patient, ConsentTypes.hashRevoke(patient, taken, signing), signing.deadline, signature);
        _requireAsOf(patient, signing.asOf);
        _require(_tryRevoke(patient, taken));
    }

    /// @inheritdoc ISignedConsents
    function revokeManyBySig(
        address patient,
        Revocation[] calldata taken,
        Signing calldata signing,
        bytes calldata signature
    ) external {
        _requireBatch(taken.length, MAX_BATCH);
        _requireSigned(patient, ConsentTypes.hashRevokeMany(patient, taken, signing), signing.deadline, signature);
        _requireAsOf(patient, signing.asOf);
        for (uint256 i = 0; i < taken.length; ++i) _skipIf(i, _tryRevoke(patient, taken[i]));
    }

    /// @inheritdoc ISignedConsents
    function lockdownBySig(address patient, Signing calldata signing, bytes calldata signature) external {
        _requireSigned(patient, ConsentTypes.hashLockdown(patient, signing), signing.deadline, signature);
        _requireAsOf(patient, signing.asOf);
        _lockdown(patient);
    }

    /* DELEGATIONS */

    /// @inheritdoc ISignedConsents
    function delegateBySig(SignedDelegation calldata given, bytes calldata signature) external {
        Delegation terms = given.terms;
        DelegationSlot storage slot = _delegations[given.patient][given.delegate][given.scope];
        Delegation standing = slot.terms;
        if (terms.equals(standing) && terms.revision() != 0) return;
        _requireNext(terms.revision(), standing.revision());
        _requireDelegable(given.patient, given.delegate, terms.withRevision(0));
        _requireSigned(given.patient, ConsentTypes.hashDelegate(given), given.deadline, signature);
        _requireAsOf(given.patient, terms.asOf());

        slot.terms = terms;

        emit Delegated(given.patient, given.delegate, given.scope, terms);
    }

    /// @inheritdoc ISignedConsents
    function undelegateBySig(
        address patient,
        Revocation calldata taken,
        Signing calldata signing,
        bytes calldata signature
    ) external {
        _requireSigned(patient, ConsentTypes.hashUndelegate(patient, taken, signing), signing.deadline, signature);
        _requireAsOf(patient, signing.asOf);
        uint256 standing = Delegation.unwrap(_delegations[patient][taken.grantee][taken.scope].terms);
        (bool done, bytes memory refusal) = _killing(Terms.wrap(standing), taken.revision, MAX_AHEAD);
        _require(refusal);
        if (!done) _undelegate(patient, taken.grantee, taken.scope, taken.revision + 1);
    }

    /* DELEGATES */

    /// @inheritdoc ISignedConsents
    function grantForBySig(
        address delegate_,
        DelegatedGrant calldata given,
        uint40 deadline,
        bytes calldata signature
    ) external {
        Terms terms = given.terms;
        bytes32 scope = Scopes.scopeOf(given.patient, given.compartment, given.content);
        Terms standing = _grantAt(given.patient, given.grantee, scope).terms;
        if (standing.equals(terms.byDelegate())) return;
        _requireSigned(delegate_, ConsentTypes.hashGrantFor(delegate_, given, deadline), deadline, signature);
        _requireAsOf(given.patient, terms.asOf());
        _requireGrantable(delegate_, given, terms.withRevision(0));
        _requireNext(terms.revision(), standing.revision());
        _grantFor(delegate_, given, scope, terms.revision());
    }

    /// @inheritdoc ISignedConsents
    function revokeForBySig(
        address delegate_,
        DelegatedRevocation calldata taken,
        uint32 revision,
        Signing calldata signing,
        bytes calldata signature
    ) external {
        bytes32 hash = ConsentTypes.hashRevokeFor(delegate_, taken, revision, signing);
        _requireSigned(delegate_, hash, signing.deadline, signature);
        _requireAsOf(taken.patient, signing.asOf);
        bytes32 scope = _requireRevocable(delegate_, taken);
        Terms standing = _grantAt(taken.patient, taken.grantee, scope).terms;
        (bool done, bytes memory refusal) = _killing(standing, revision, _reachOf(standing));
        _require(refusal);
        if (!done) _revokeFor(delegate_, taken, scope, revision + 1);
    }

    /* VIEWS */

    /// @inheritdoc ISignedConsents
    function nonceOf(address patient) external view returns (uint32) {
        return _patients[patient].nonce;
    }

    /* INTERNAL */

    function _requireSigned(
        address signer,
        bytes32 structHash,
        uint40 deadline,
        bytes calldata signature
    ) internal view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (!Signatures.isValid(signer, _hashTypedDataV4(structHash), signature)) revert InvalidSignature(signer);
    }

    function _requireAsOf(address patient, uint40 asOf) internal view {
        uint40 last = _patients[patient].lockdownAt;
        if (asOf != last) revert StaleAsOf(asOf, last);
    }

    /// Takes the patient's next number for what no slot's revision counts.
    function _useNonce(address patient, uint32 nonce) internal {
        uint32 expected = _patients[patient].nonce;
        if (nonce != expected) revert StaleNonce(nonce, expected);
        _patients[patient].nonce = expected + 1;
    }

    /// Grants, or says why not as an encoded custom error.
    function _tryGrant(
        SignedGrant calldata given,
        bytes calldata signature,
        bytes32 domain
    ) private returns (bytes memory refusal) {
        Terms terms = given.terms;
        // read once: the compiler checks an address in calldata each time
        (address patient, address grantee) = (given.patient, given.grantee);
        Slot storage slot = _grantAt(patient, grantee, given.scope);
        Terms standing = slot.terms;
        if (terms.revision() != uint256(standing.revision()) + 1) {
            if (terms.equals(standing) && !terms.isEmpty()) return refusal;
            return abi.encodeWithSelector(StaleRevision.selector, terms.revision(), standing.revision());
        }
        if (block.timestamp > given.deadline) {
            return abi.encodeWithSelector(SignatureExpired.selector, given.deadline);
        }
        refusal = _grantRefusal(patient, grantee, terms.withRevision(0));
        if (refusal.length != 0) return refusal;
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, ConsentTypes.hashGrant(given));
        if (!Signatures.isValid(patient, digest, signature)) {
            return abi.encodeWithSelector(InvalidSignature.selector, patient);
        }
        // elsewhere a grant of before a lockdown is stored and opens nothing; but it must neither lift nor set a DENY
        if ((standing.denies() || terms.denies()) && terms.asOf() != _patients[patient].lockdownAt) {
            return abi.encodeWithSelector(StaleAsOf.selector, terms.asOf(), _patients[patient].lockdownAt);
        }

        slot.terms = terms;

        emit Granted(patient, grantee, given.scope, terms, given.capsule);
    }

    /// Revokes up to the revision that is named, or says why not as an encoded custom error.
    function _tryRevoke(address patient, Revocation calldata taken) private returns (bytes memory refusal) {
        Slot storage slot = _grantAt(patient, taken.grantee, taken.scope);
        Terms standing = slot.terms;
        bool done;
        (done, refusal) = _killing(standing, taken.revision, _reachOf(standing));
        if (done || refusal.length != 0) return refusal;

        uint32 revision = taken.revision + 1;
        slot.terms = GrantTerms.tombstone(revision);

        emit Revoked(patient, taken.grantee, taken.scope, revision);
    }

    /// How far ahead of a grant a signed revocation may reach. A DENY must be named itself, or a signature of before it would
    /// lift it.
    function _reachOf(Terms standing) private pure returns (uint32) {
        return standing.denies() ? 0 : MAX_AHEAD;
    }

    /// Whether what stands was killed by this very revision already, and why it can't be otherwise.
    function _killing(
        Terms standing,
        uint32 named,
        uint32 reach
    ) private pure returns (bool done, bytes memory refusal) {
        uint256 revision = standing.revision();
        if (revision > named) {
            done = standing.equals(GrantTerms.tombstone(named + 1));
            if (!done) refusal = abi.encodeWithSelector(StaleRevision.selector, named, revision);
        } else if (named - revision > reach) {
            // never left out of a batch: when the slot has moved on, the used signature would work again
            revert InvalidRevision(named, uint32(revision) + reach);
        }
    }

    function _requireNext(uint32 revision, uint32 standing) private pure {
        if (revision != uint256(standing) + 1) revert StaleRevision(revision, standing);
    }

    function _skipIf(uint256 index, bytes memory refusal) private {
        if (refusal.length != 0) emit Skipped(index, refusal);
    }
}
