// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proofs} from "./Proofs.sol";

/// Signatures of patients that shut a door. From any state, where the signature is the signer's of exactly that form, the id not
/// used and the deadline not over, each works: whatever anybody else did, it does not fail, and what it names is shut. Where one of
/// the three is missing it changes nothing. And it uses up its own id and the signer's stand, and nobody else's.
contract ClosingProofs is Proofs {
    bytes private _signature;

    function check_revokeBySig(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(patient, key, once, place);
        bytes memory data = abi.encodeCall(ISignedConsents.revokeBySig, (patient, key, once, _anySignature()));
        effect.act = Signing.hashRevoke(patient, key, once);
        bool done = _carry(data, effect, once);
        effect.writes = _and(_permissions(stood.terms) != 0, !_denies(stood.terms, _eraOf(stood.person)));
        if (done) _assertExactly(effect, place, before, stood);
        else assert(_same(before, _find(place)));
        uint256 word = _terms(patient, key.grantee, key.scope);
        assert(!done || _permissions(word) == 0 || _denies(word, _eraOf(_person(patient))));
    }

    function check_denyBySig(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(patient, key, once, place);
        bytes memory data = abi.encodeCall(ISignedConsents.denyBySig, (patient, key, once, _anySignature()));
        effect.act = Signing.hashDeny(patient, key, once);
        bool done = _carry(data, effect, once);
        bool named = _and(key.grantee != address(0), key.grantee != patient);
        effect.writes = _and(named, !_isDenyOfThePatient(stood.terms));
        effect.said = (DENY << 184) | (_eraOf(stood.person) << 80);
        if (done) _assertExactly(effect, place, before, stood);
        else assert(_same(before, _find(place)));
        assert(!done || !named || _isDenyOfThePatient(_terms(patient, key.grantee, key.scope)));
    }

    function check_undelegateBySig(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(patient, key, once, place);
        bytes memory data = abi.encodeCall(ISignedConsents.undelegateBySig, (patient, key, once, _anySignature()));
        effect.act = Signing.hashUndelegate(patient, key, once);
        bool done = _carry(data, effect, once);
        (effect.writes, effect.isDelegation, effect.ends) = (_permissions(stood.delegation) != 0, true, true);
        if (done) _assertExactly(effect, place, before, stood);
        else assert(_same(before, _find(place)));
        assert(!done || _permissions(_delegation(patient, key.grantee, key.scope)) == 0);
    }

    /// A list of one; what several do is proved of `revokeMany`.
    function check_revokeManyBySig(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(patient, key, once, place);
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](1);
        keys[0] = key;
        bytes memory data = abi.encodeCall(ISignedConsents.revokeManyBySig, (patient, keys, once, _anySignature()));
        effect.act = Signing.hashRevokeMany(patient, keys, once);
        bool done = _carry(data, effect, once);
        effect.writes = _and(_permissions(stood.terms) != 0, !_denies(stood.terms, _eraOf(stood.person)));
        if (done) _assertExactly(effect, place, before, stood);
        else assert(_same(before, _find(place)));
    }

    function check_lockdownBySig(
        address patient,
        bytes32 salt,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        (Effect memory effect, Found memory before, ) = _begin(patient, IGrants.GrantKey(address(0), 0), once, place);
        bytes memory data = abi.encodeCall(ISignedConsents.lockdownBySig, (patient, salt, once, _anySignature()));
        effect.act = Signing.hashLockdown(patient, salt, once);
        bool done = _carry(data, effect, once);
        if (done) _assertALockdown(effect, salt, place, before);
        else assert(_same(before, _find(place)));
    }

    function _begin(
        address patient,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) private returns (Effect memory effect, Found memory before, Found memory stood) {
        _anyState();
        vm.assume(_isPerson(patient));
        (effect.patient, effect.grantee, effect.scope, effect.actor) = (patient, key.grantee, key.scope, patient);
        (effect.uses, effect.id) = (true, once.id);
        return (effect, _find(place), _find(Place(patient, key.grantee, key.scope, once.id)));
    }

    function _anySignature() private returns (bytes memory signature) {
        signature = svm.createBytes(65, "signature");
        _signature = signature;
    }

    /// Carries it: it goes through just where it is due.
    function _carry(
        bytes memory data,
        Effect memory effect,
        ISignedActions.Once memory once
    ) private returns (bool done) {
        address signer = effect.actor;
        bool due = _counts(effect.act, _signature, signer);
        due = _and(due, _and(block.timestamp <= once.deadline, !_consent.isUsed(signer, once.id)));
        (done, ) = address(_consent).call(data);
        assert(done == due);
    }
}
