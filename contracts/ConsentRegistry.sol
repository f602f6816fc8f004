// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {DelegateActs} from "./consent/DelegateActs.sol";
import {Stands} from "./consent/Stands.sol";
import {IDelegations} from "./interfaces/IDelegations.sol";
import {IGrants} from "./interfaces/IGrants.sol";
import {ISignedConsents} from "./interfaces/ISignedConsents.sol";
import {ConsentForms} from "./types/ConsentForms.sol";
import {Delegation} from "./types/DelegationTerms.sol";
import {Terms} from "./types/GrantTerms.sol";
import {PersonState} from "./types/PersonState.sol";
import {Signatures} from "./utils/Signatures.sol";

/// @title A patient's consents; see {IConsentRegistry}
/// @dev Here is everything that can be done. `Access` has the rule that decides, `Acts` what each act changes, `DelegateActs` how far
/// a delegate goes, `Stands` when a signature that opens something still counts.
contract ConsentRegistry is DelegateActs, Stands {
    constructor() EIP712("CareKey ConsentRegistry", "1") {}

    /* PATIENTS IN PERSON, OPENING */

    /// @inheritdoc IGrants
    function grant(address grantee, bytes32 scope, Terms terms, bytes32 capsule) external {
        PersonState state = _states[msg.sender];
        Terms current = terms.inEra(state.era());
        bytes memory refusal;
        (state, refusal) = _grant(msg.sender, state, GrantKey(grantee, scope), current, capsule, 0);
        _settle(state, refusal);
    }

    /// @inheritdoc IGrants
    function lift(address grantee, bytes32 scope) external {
        (PersonState next, bytes memory refusal) = _lift(msg.sender, _states[msg.sender], GrantKey(grantee, scope));
        _settle(next, refusal);
    }

    /// @inheritdoc IGrants
    function liftMany(GrantKey[] calldata denials) external {
        _requireBatch(denials.length, MAX_BATCH);
        PersonState state = _states[msg.sender];
        bytes memory refusal;
        for (uint256 i = 0; i < denials.length; ++i) {
            (state, refusal) = _lift(msg.sender, state, denials[i]);
            _skipIf(i, refusal);
        }
        _moveInPerson(state);
    }

    /// @inheritdoc IDelegations
    function delegate(address delegate_, bytes32 scope, Delegation terms) external {
        PersonState state = _states[msg.sender];
        _moveInPerson(_delegate(msg.sender, state, GrantKey(delegate_, scope), terms.inEra(state.era())));
    }

    /* PATIENTS IN PERSON, SHUTTING */

    /// @inheritdoc IGrants
    function revoke(address grantee, bytes32 scope) external {
        (PersonState next, bytes memory refusal) = _revoke(msg.sender, _states[msg.sender], GrantKey(grantee, scope));
        _skipIf(0, refusal);
        _moveInPerson(next);
    }

    /// @inheritdoc IGrants
    function revokeMany(GrantKey[] calldata grants) external {
        _moveInPerson(_revokeAll(msg.sender, grants));
    }

    /// @inheritdoc IGrants
    function deny(address grantee, bytes32 scope) external {
        (PersonState next, bytes memory refusal) = _deny(
            msg.sender,
            _states[msg.sender],
            GrantKey(grantee, scope),
            false
        );
        _skipIf(0, refusal);
        _moveInPerson(next);
    }

    /// @inheritdoc IGrants
    function lockdown(bytes32 salt) external {
        _moveInPerson(_lockdown(msg.sender, _states[msg.sender], salt));
    }

    /// @inheritdoc IDelegations
    function undelegate(address delegate_, bytes32 scope) external {
        (PersonState next, bytes memory refusal) = _undelegate(
            msg.sender,
            _states[msg.sender],
            GrantKey(delegate_, scope)
        );
        _skipIf(0, refusal);
        _moveInPerson(next);
    }

    /* DELEGATES IN PERSON */

    /// @inheritdoc IDelegations
    function grantFor(DelegatedKey calldata key, Terms terms, bytes32 capsule) external {
        _grantFor(msg.sender, key, terms, capsule);
        _moveInPerson(_states[msg.sender]);
    }

    /// @inheritdoc IDelegations
    function revokeFor(DelegatedKey calldata key) external {
        _revokeFor(msg.sender, key);
        _moveInPerson(_states[msg.sender]);
    }

    /// @inheritdoc IDelegations
    function denyFor(DelegatedKey calldata key) external {
        _denyFor(msg.sender, key);
        _moveInPerson(_states[msg.sender]);
    }

    /* BY SIGNATURE, OPENING */

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
    function liftBySig(SignedLift calldata lifted, bytes calldata signature) external {
        address patient = lifted.patient;
        PersonState state = _states[patient];
        _requireOpening(patient, lifted.opening, ConsentForms.hashLift(lifted), signature);
        _requireEra(lifted.era, state);
        (PersonState next, bytes memory refusal) = _lift(patient, state, GrantKey(lifted.grantee, lifted.scope));
        _require(refusal);
        _use(patient, next, lifted.opening);
    }

    /// @inheritdoc ISignedConsents
    function delegateBySig(SignedDelegation calldata given, bytes calldata signature) external {
        address patient = given.patient;
        PersonState state = _states[patient];
        _requireOpening(patient, given.opening, ConsentForms.hashDelegate(given), signature);
        _requireEra(given.terms.era(), state);
        PersonState next = _delegate(patient, state, GrantKey(given.delegate, given.scope), given.terms);
        _use(patient, next, given.opening);
    }

    /// @inheritdoc ISignedConsents
    function grantForBySig(SignedGrantFor calldata given, bytes calldata signature) external {
        address delegate_ = given.delegate;
        _requireOpening(delegate_, given.opening, ConsentForms.hashGrantFor(given), signature);
        _requireEra(given.terms.era(), _states[given.key.patient]);
        uint32 standing = _delegation(_delegationAt(given.key.patient, delegate_, given.key.under)).writtenAt();
        if (given.delegatedAt != standing) revert StaleDelegation(given.delegatedAt, standing);
        _grantFor(delegate_, given.key, given.terms, given.capsule);
        _use(delegate_, _states[delegate_], given.opening);
    }

    /* BY SIGNATURE, SHUTTING */

    /// @inheritdoc ISignedConsents
    function revokeBySig(
        address patient,
        GrantKey calldata taken,
        Once calldata once,
        bytes calldata signature
    ) external {
        bytes32 act = ConsentForms.hashRevoke(patient, taken, once);
        _useSigned(patient, act, once, signature);
        (PersonState next, bytes memory refusal) = _revoke(patient, _states[patient], taken);
        _skipIf(0, refusal);
        _move(patient, next, act);
    }

    /// @inheritdoc ISignedConsents
    function revokeManyBySig(
        address patient,
        GrantKey[] calldata taken,
        Once calldata once,
        bytes calldata signature
    ) external {
        bytes32 act = ConsentForms.hashRevokeMany(patient, taken, once);
        _useSigned(patient, act, once, signature);
        _move(patient, _revokeAll(patient, taken), act);
    }

    /// @inheritdoc ISignedConsents
    function denyBySig(address patient, GrantKey calldata shut, Once calldata once, bytes calldata signature) external {
        bytes32 act = ConsentForms.hashDeny(patient, shut, once);
        _useSigned(patient, act, once, signature);
        (PersonState next, bytes memory refusal) = _deny(patient, _states[patient], shut, false);
        _skipIf(0, refusal);
        _move(patient, next, act);
    }

    /// @inheritdoc ISignedConsents
    function undelegateBySig(
        address patient,
        GrantKey calldata taken,
        Once calldata once,
        bytes calldata signature
    ) external {
        bytes32 act = ConsentForms.hashUndelegate(patient, taken, once);
        _useSigned(patient, act, once, signature);
        (PersonState next, bytes memory refusal) = _undelegate(patient, _states[patient], taken);
        _skipIf(0, refusal);
        _move(patient, next, act);
    }

    /// @inheritdoc ISignedConsents
    function lockdownBySig(address patient, bytes32 salt, Once calldata once, bytes calldata signature) external {
        bytes32 act = ConsentForms.hashLockdown(patient, salt, once);
        _useSigned(patient, act, once, signature);
        _move(patient, _lockdown(patient, _states[patient], salt), act);
    }

    /// @inheritdoc ISignedConsents
    function revokeForBySig(
        address delegate_,
        DelegatedKey calldata key,
        Once calldata once,
        bytes calldata signature
    ) external {
        bytes32 act = ConsentForms.hashRevokeFor(delegate_, key, once);
        _useSigned(delegate_, act, once, signature);
        _revokeFor(delegate_, key);
        _move(delegate_, _states[delegate_], act);
    }

    /// @inheritdoc ISignedConsents
    function denyForBySig(
        address delegate_,
        DelegatedKey calldata key,
        Once calldata once,
        bytes calldata signature
    ) external {
        bytes32 act = ConsentForms.hashDenyFor(delegate_, key, once);
        _useSigned(delegate_, act, once, signature);
        _denyFor(delegate_, key);
        _move(delegate_, _states[delegate_], act);
    }

    /// @inheritdoc ISignedConsents
    function cancel(uint256[] calldata ids) external {
        _cancel(msg.sender, ids);
        _moveInPerson(_states[msg.sender]);
    }

    /* PRIVATE */

    /// Grants, or says why not.
    function _tryGrant(
        SignedGrant calldata given,
        bytes calldata signature,
        bytes32 domain
    ) private returns (bytes memory refusal) {
        address patient = given.patient;
        PersonState state = _states[patient];
        refusal = _grantFormRefusal(given, state, signature, domain);
        if (refusal.length != 0) return refusal;

        GrantKey memory key = GrantKey(given.grantee, given.scope);
        (state, refusal) = _grant(patient, state, key, given.terms, given.capsule, given.lifts);
        if (refusal.length == 0) _use(patient, state, given.opening);
    }

    /// Why this form does not count now; empty where it does.
    function _grantFormRefusal(
        SignedGrant calldata given,
        PersonState state,
        bytes calldata signature,
        bytes32 domain
    ) private view returns (bytes memory) {
        (address patient, uint40 era) = (given.patient, given.terms.era());
        if (!_opens(patient, state, given.opening)) return _stale(patient, given.opening);
        if (era != state.era()) return abi.encodeWithSelector(StaleEra.selector, era, state.era());
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, ConsentForms.hashGrant(given));
        return _signatureRefusal(patient, digest, given.opening.deadline, signature);
    }
}
