// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Reference} from "../properties/Reference.sol";
import {Signing} from "../helpers/Signing.sol";
import {Books} from "./Books.sol";

/// Patients grant, take back and lock down, in person and by signature; others carry, hold back, forge and repeat those.
abstract contract GrantActions is Books {
    /// A signed grant that somebody keeps.
    struct Held {
        Slot slot;
        Reference.Given given;
        uint32 revision;
        uint40 deadline;
        bool forged;
        bytes signature;
    }

    Held[] private _held;

    /// How often a used signature changed anything, and how often it was let through without effect.
    uint256 public revived;
    uint256 public idle;

    /* IN PERSON */

    function grant(uint256 by, uint256 to, uint256 where, Reference.Given memory given) external {
        Slot memory slot = _slot(by, to, where);
        _shape(slot.patient, given);
        bool expected = _isGrantable(slot, given);
        bytes memory data = abi.encodeCall(IGrants.grant, (slot.grantee, slot.scope, _word(given), 0));
        _act(slot.patient, address(_on.consent), data, expected, "grant");
        if (expected) _bookGrant(slot, given, _revision(slot) + 1);
    }

    function revoke(uint256 by, uint256 to, uint256 where, uint256 how) external {
        Slot memory slot = _slot(by, to, where);
        bool many = how % 2 == 1;
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](2);
        keys[0] = IGrants.GrantKey(slot.grantee, slot.scope);
        keys[1] = keys[0]; // twice in one call: two changes
        bytes memory data =
            many
                ? abi.encodeCall(IGrants.revokeMany, (keys))
                : abi.encodeCall(IGrants.revoke, (slot.grantee, slot.scope));
        _act(slot.patient, address(_on.consent), data, true, "revoke");
        _bookRevoke(slot, _revision(slot) + (many ? 2 : 1));
    }

    function lockdown(uint256 by, uint256 how) external {
        Slot memory slot = _slot(by, how, how);
        address patient = slot.patient;
        if (how % 2 == 0) {
            _act(patient, address(_on.consent), abi.encodeCall(IGrants.lockdown, ()), true, "lockdown");
            return _bookLockdown(patient);
        }
        ISignedConsents.Signing memory signing = _signing(patient, how);
        bool forged = how % 7 == 0;
        bytes memory signature = _sign(patient, Signing.hashLockdown(patient, signing), forged);
        bool expected = !forged && _isCurrent(patient, signing);
        bytes memory data = abi.encodeCall(ISignedConsents.lockdownBySig, (patient, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "lockdownBySig");
        if (!expected) return;
        _bookLockdown(patient);
        _bookUsed(slot, data);
    }

    /* BY SIGNATURE */

    /// Signs a grant; half of them are kept back for {release}.
    function sign(uint256 by, uint256 to, uint256 where, Reference.Given memory given, uint256 how) external {
        Slot memory slot = _slot(by, to, where);
        _shape(slot.patient, given);
        uint256 ahead = how % 16 == 0 ? 2 : 1;
        Held memory held;
        held.slot = slot;
        held.given = given;
        held.revision = uint32(_revision(slot) + ahead);
        held.deadline = uint40(time - 1 + ((how / 16) % 60));
        held.forged = how % 7 == 0;
        held.signature = _sign(slot.patient, Signing.hash(_signedGrant(held)), held.forged);
        if (how % 2 == 0) _held.push(held);
        else _submit(held);
    }

    function release(uint256 which) external {
        if (_held.length != 0) _submit(_held[which % _held.length]);
    }

    /// Two in one batch: what is bad is left out, the other stands.
    function releaseMany(uint256 first, uint256 second) external {
        if (_held.length == 0) return;
        Held[] memory held = new Held[](2);
        (held[0], held[1]) = (_held[first % _held.length], _held[second % _held.length]);
        ISignedConsents.SignedGrant[] memory given = new ISignedConsents.SignedGrant[](2);
        bytes memory list;
        for (uint256 i = 0; i < 2; ++i) {
            given[i] = _signedGrant(held[i]);
            list = bytes.concat(list, Signing.listed(held[i].signature));
        }
        bytes memory data = abi.encodeCall(ISignedConsents.grantManyBySig, (given, list));
        _act(_people[OUTSIDER], address(_on.consent), data, true, "grantManyBySig");
        for (uint256 i = 0; i < 2; ++i) {
            (, bool changes) = _outcome(held[i]);
            _touch(held[i].slot);
            if (!changes) continue;
            _bookGrant(held[i].slot, held[i].given, held[i].revision);
            _bookUsed(held[i].slot, abi.encodeCall(ISignedConsents.grantBySig, (given[i], held[i].signature)));
        }
    }

    function revokeBySig(uint256 by, uint256 to, uint256 where, uint256 how) external {
        Slot memory slot = _slot(by, to, where);
        ISignedConsents.Signing memory signing = _signing(slot.patient, how);
        ISignedConsents.Revocation memory taken = ISignedConsents.Revocation(
            slot.grantee,
            slot.scope,
            _named(_revision(slot), how)
        );
        bool forged = how % 7 == 0;
        bytes memory signature = _sign(slot.patient, Signing.hashRevoke(slot.patient, taken, signing), forged);
        (bool done, bool refused) = _killing(slot, taken.revision);
        bool expected = !forged && !refused && _isCurrent(slot.patient, signing);
        bytes memory data = abi.encodeCall(ISignedConsents.revokeBySig, (slot.patient, taken, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "revokeBySig");
        if (!expected) return;
        if (!done) _bookRevoke(slot, uint256(taken.revision) + 1);
        _bookUsed(slot, data);
    }

    /// Two slots of one patient; what was granted anew since is left out.
    function revokeManyBySig(uint256 by, uint256 to, uint256 where, uint256 how) external {
        Slot[2] memory slots = [_slot(by, to, where), _slot(by, to, (where % PLACES) + 1)];
        address patient = slots[0].patient;
        ISignedConsents.Signing memory signing = _signing(patient, how);
        ISignedConsents.Revocation[] memory taken = new ISignedConsents.Revocation[](2);
        for (uint256 i = 0; i < 2; ++i) {
            uint32 named = _named(_revision(slots[i]), how / (i + 1));
            taken[i] = ISignedConsents.Revocation(slots[i].grantee, slots[i].scope, named);
        }
        bytes memory signature = _sign(patient, Signing.hash(patient, taken, signing), false);
        bool expected = _isCurrent(patient, signing);
        for (uint256 i = 0; i < 2; ++i) {
            if (taken[i].revision > _revision(slots[i]) + _reach(slots[i])) expected = false;
        }
        bytes memory data = abi.encodeCall(ISignedConsents.revokeManyBySig, (patient, taken, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "revokeManyBySig");
        if (!expected) return;
        for (uint256 i = 0; i < 2; ++i) {
            (bool done, bool refused) = _killing(slots[i], taken[i].revision);
            if (refused) continue; // left out: not used yet
            if (!done) _bookRevoke(slots[i], uint256(taken[i].revision) + 1);
            _bookUsed(slots[i], data);
        }
    }

    /// Sends again what was let through once. The books stay as they are: nothing may change.
    function replay(uint256 which) external {
        if (_used.length == 0) return;
        Slot memory slot = _usedOn[which % _used.length];
        _touch(slot);
        bytes32 before = _state(slot);
        // refused or without effect: both are well
        (bool done, ) = address(_on.consent).call(_used[which % _used.length]);
        if (_state(slot) != before) ++revived;
        if (done) ++idle;
    }

    function pass(uint256 seconds_) external {
        time += seconds_ % 16;
        vm.warp(time);
    }

    /* PRIVATE */

    /// All that stands on chain for a slot and its patient.
    function _state(Slot memory slot) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _on.consent.grantOf(slot.patient, slot.grantee, slot.scope),
                    _on.consent.delegationOf(slot.patient, slot.grantee, slot.scope),
                    _on.consent.lockdownAt(slot.patient),
                    _on.consent.nonceOf(slot.patient)
                )
            );
    }

    function _submit(Held memory held) private {
        _touch(held.slot);
        (bool expected, bool changes) = _outcome(held);
        bytes memory data = abi.encodeCall(ISignedConsents.grantBySig, (_signedGrant(held), held.signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "grantBySig");
        if (changes) _bookGrant(held.slot, held.given, held.revision);
        if (changes) _bookUsed(held.slot, data);
    }

    /// Whether a call for this grant succeeds, and whether it changes anything.
    function _outcome(Held memory held) private view returns (bool expected, bool changes) {
        Slot memory slot = held.slot;
        bool next = held.revision == _revision(slot) + 1;
        if (!next) {
            // the very terms that stand: without effect, whoever signed
            bool stands = held.revision == _revision(slot) && Terms.unwrap(_word(held.given)) == _terms(slot);
            return (stands, false);
        }
        bool denies = (_terms(slot) / 2 ** 184) % 8 == 4 || held.given.permissions == 4;
        bool isVoid = denies && held.given.asOf != lockdownAt[slot.patient];
        changes = !held.forged && time <= held.deadline && !isVoid && _isGrantable(slot, held.given);
        return (changes, changes);
    }

    function _signedGrant(Held memory held) private pure returns (ISignedConsents.SignedGrant memory) {
        return
            ISignedConsents.SignedGrant({
                patient: held.slot.patient,
                grantee: held.slot.grantee,
                scope: held.slot.scope,
                terms: _word(held.given).withRevision(held.revision),
                capsule: 0,
                deadline: held.deadline
            });
    }

    /* SHARED WITH DELEGATIONS */

    /// Mostly now; sometimes too late, sometimes as of another lockdown.
    function _signing(address patient, uint256 how) internal view returns (ISignedConsents.Signing memory) {
        uint256 asOf = lockdownAt[patient];
        if (how % 11 == 0) asOf = asOf == 0 ? 1 : asOf - 1;
        return ISignedConsents.Signing(uint40(asOf), uint40(how % 13 == 0 ? time - 1 : time + (how % 50)));
    }

    function _isCurrent(address patient, ISignedConsents.Signing memory signing) internal view returns (bool) {
        return signing.asOf == lockdownAt[patient] && time <= signing.deadline;
    }

    /// The highest revision to kill: what stands, ahead of it, behind it, or too far ahead.
    function _named(uint256 standing, uint256 how) internal pure returns (uint32) {
        uint256 ahead = [uint256(0), 0, 1, 2, 16, 16, 1024, 1025][(how / 16) % 8];
        if (how % 5 == 0 && standing > 0) return uint32(standing - 1);
        return uint32(standing + ahead);
    }
}
