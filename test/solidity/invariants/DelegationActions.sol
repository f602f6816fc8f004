// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Reference} from "../properties/Reference.sol";
import {Signing} from "../helpers/Signing.sol";
import {GrantActions} from "./GrantActions.sol";

/// Patients delegate; delegates, and whoever takes themselves for one, act in a patient's place.
abstract contract DelegationActions is GrantActions {
    /* PATIENTS */

    function delegate(uint256 by, uint256 to, uint256 where, Reference.Limits memory limits, uint256 how) external {
        Slot memory slot = _slot(by, to, where);
        _shape(slot.patient, limits);
        uint256 number = delegationRevision[slot.patient][slot.grantee][slot.scope] + 1;
        bool expected = _isDelegable(slot, limits);
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(
                IDelegations.delegate,
                (slot.grantee, slot.scope, Delegation.wrap(_word(limits)))
            );
            _act(slot.patient, address(_on.consent), direct, expected, "delegate");
            if (expected) _bookDelegate(slot, limits, number);
            return;
        }
        ISignedConsents.SignedDelegation memory given;
        (given.patient, given.delegate, given.scope) = (slot.patient, slot.grantee, slot.scope);
        uint256 named = how % 11 == 0 ? number + 1 : number;
        given.terms = Delegation.wrap(_word(limits) + named * 2 ** 192);
        given.deadline = uint40(how % 13 == 0 ? time - 1 : time);
        bool forged = how % 7 == 0;
        bytes memory signature = _sign(slot.patient, Signing.hash(given), forged);
        expected =
            expected &&
            !forged &&
            named == number &&
            time <= given.deadline &&
            limits.asOf == lockdownAt[slot.patient];
        bytes memory data = abi.encodeCall(ISignedConsents.delegateBySig, (given, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "delegateBySig");
        if (!expected) return;
        _bookDelegate(slot, limits, number);
        _bookUsed(slot, data);
    }

    function undelegate(uint256 by, uint256 to, uint256 where, uint256 how) external {
        Slot memory slot = _slot(by, to, where);
        uint256 standing = delegationRevision[slot.patient][slot.grantee][slot.scope];
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(IDelegations.undelegate, (slot.grantee, slot.scope));
            _act(slot.patient, address(_on.consent), direct, true, "undelegate");
            return _bookUndelegate(slot, standing + 1);
        }
        ISignedConsents.Signing memory signing = _signing(slot.patient, how);
        uint32 named = _named(standing, how);
        ISignedConsents.Revocation memory taken = ISignedConsents.Revocation(slot.grantee, slot.scope, named);
        bool forged = how % 7 == 0;
        bytes memory signature = _sign(slot.patient, Signing.hashUndelegate(slot.patient, taken, signing), forged);
        uint256 word = delegations[slot.patient][slot.grantee][slot.scope];
        (bool done, bool refused) = _killing(word, standing, named, 1024);
        bool expected = !forged && !refused && _isCurrent(slot.patient, signing);
        bytes memory data = abi.encodeCall(ISignedConsents.undelegateBySig, (slot.patient, taken, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "undelegateBySig");
        if (!expected) return;
        if (!done) _bookUndelegate(slot, uint256(named) + 1);
        _bookUsed(slot, data);
    }

    /* DELEGATES */

    function grantFor(
        uint256 by,
        uint256 whose,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        uint256 how
    ) external {
        (address delegate_, Slot memory slot, bytes32 under) = _acting(by, whose, to, where, how);
        _shape(slot.patient, given);
        _fit(given, delegations[slot.patient][delegate_][under], how);
        IDelegations.DelegatedGrant memory act;
        (act.patient, act.grantee, act.under) = (slot.patient, slot.grantee, under);
        (act.compartment, act.content, act.terms) = (slot.compartment, slot.content, _word(given));
        bool expected =
            _isGrantable(slot, given) &&
                _isWithin(slot, act.under) &&
                REFERENCE.mayGive(slot.patient, delegate_, act.under, given, time) &&
                REFERENCE.mayTouch(slot.patient, delegate_, act.under, slot.grantee, slot.scope, time);
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(IDelegations.grantFor, (act));
            _act(delegate_, address(_on.consent), direct, expected, "grantFor");
        } else {
            expected = _grantForBySig(slot, delegate_, act, expected, how);
        }
        if (!expected) return;
        _bookAct(slot, delegate_, act.under, Terms.unwrap(_word(given)), _isWithin(slot, act.under));
        _bookGrantFor(slot, given, _revision(slot) + 1);
    }

    function revokeFor(uint256 by, uint256 whose, uint256 to, uint256 where, uint256 how) external {
        (address delegate_, Slot memory slot, bytes32 under) = _acting(by, whose, to, where, how);
        IDelegations.DelegatedRevocation memory act;
        (act.patient, act.grantee, act.under) = (slot.patient, slot.grantee, under);
        (act.compartment, act.content) = (slot.compartment, slot.content);
        bool expected =
            _isWithin(slot, act.under) &&
                REFERENCE.mayTouch(slot.patient, delegate_, act.under, slot.grantee, slot.scope, time);
        uint256 number = _revision(slot) + 1;
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(IDelegations.revokeFor, (act));
            _act(delegate_, address(_on.consent), direct, expected, "revokeFor");
        } else {
            (expected, number) = _revokeForBySig(slot, delegate_, act, expected, how);
        }
        if (!expected) return;
        _bookAct(slot, delegate_, act.under, 0, _isWithin(slot, act.under));
        if (number > _revision(slot)) _bookRevoke(slot, number);
    }

    /* WHAT IS ONLY ANNOUNCED */

    function deliver(uint256 by, uint256 whose, uint256 where, uint256 how) external {
        Slot memory slot = _slot(whose, by, where);
        address patient = slot.patient;
        address sender = how % 2 == 0 ? _anyone(by) : patient;
        IAnnouncements.Delivery memory delivery;
        (delivery.patient, delivery.grantees) = (patient, new address[](1));
        delivery.grantees[0] = slot.grantee;
        (delivery.compartment, delivery.content) = (slot.compartment, slot.content);
        delivery.capsule = bytes32(uint256(1));
        if (how % 2 == 0) {
            bytes32[] memory scopes = chain(patient, slot.compartment, slot.content);
            bool entitled = REFERENCE.canWrite(patient, sender, scopes, time);
            for (uint256 kind = 1; kind <= 16; kind *= 2) {
                if (kind != 4 && REFERENCE.isDelegate(patient, sender, scopes, kind, time)) entitled = true;
            }
            bytes memory direct = abi.encodeCall(IAnnouncements.deliver, (delivery));
            return _act(sender, address(_on.consent), direct, entitled, "deliver");
        }
        uint32 number = uint32(nonce[patient] + (how % 9 == 0 ? 1 : 0));
        ISignedConsents.Signing memory signing = _signing(patient, how);
        bytes memory signature = _sign(patient, Signing.hash(delivery, number, signing), how % 7 == 0);
        bool expected = how % 7 != 0 && number == nonce[patient] && _isCurrent(patient, signing);
        bytes memory data = abi.encodeCall(IAnnouncements.deliverBySig, (delivery, number, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "deliverBySig");
        if (expected) _bookAnnounced(slot, data);
    }

    function decline(uint256 by, uint256 to, uint256 where, uint256 how) external {
        Slot memory slot = _slot(by, to, where);
        address patient = slot.patient;
        uint32 number = uint32(nonce[patient] + (how % 9 == 0 ? 1 : 0));
        ISignedConsents.Signing memory signing = _signing(patient, how);
        IGrants.GrantKey memory refused = IGrants.GrantKey(slot.grantee, slot.scope);
        bytes memory signature = _sign(patient, Signing.hash(patient, refused, number, signing), how % 7 == 0);
        bool expected = how % 7 != 0 && number == nonce[patient] && _isCurrent(patient, signing);
        bytes memory data = abi.encodeCall(IAnnouncements.declineBySig, (patient, refused, number, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "declineBySig");
        if (expected) _bookAnnounced(slot, data);
    }

    /* PRIVATE */

    function _grantForBySig(
        Slot memory slot,
        address delegate_,
        IDelegations.DelegatedGrant memory act,
        bool entitled,
        uint256 how
    ) private returns (bool expected) {
        uint256 number = _revision(slot) + (how % 11 == 0 ? 2 : 1);
        act.terms = act.terms.withRevision(uint32(number));
        uint40 deadline = uint40(how % 13 == 0 ? time - 1 : time);
        bool forged = how % 7 == 0 || _keyOf[delegate_] == 0; // nobody signs for a group
        bytes memory signature = _sign(delegate_, Signing.hash(delegate_, act, deadline), forged);
        bool current = time <= deadline && act.terms.asOf() == lockdownAt[slot.patient];
        expected = entitled && !forged && current && number == _revision(slot) + 1;
        bytes memory data = abi.encodeCall(ISignedConsents.grantForBySig, (delegate_, act, deadline, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "grantForBySig");
        if (expected) _bookUsed(slot, data);
    }

    function _revokeForBySig(
        Slot memory slot,
        address delegate_,
        IDelegations.DelegatedRevocation memory act,
        bool entitled,
        uint256 how
    ) private returns (bool expected, uint256 number) {
        ISignedConsents.Signing memory signing = _signing(slot.patient, how);
        uint32 named = _named(_revision(slot), how);
        bool forged = how % 7 == 0 || _keyOf[delegate_] == 0; // nobody signs for a group
        bytes memory signature = _sign(delegate_, Signing.hash(delegate_, act, named, signing), forged);
        (bool done, bool refused) = _killing(slot, named);
        expected = entitled && !forged && !refused && _isCurrent(slot.patient, signing);
        bytes memory data = abi.encodeCall(ISignedConsents.revokeForBySig, (delegate_, act, named, signing, signature));
        _act(_people[OUTSIDER], address(_on.consent), data, expected, "revokeForBySig");
        if (expected) _bookUsed(slot, data);
        number = done ? 0 : uint256(named) + 1;
    }

    function _bookAnnounced(Slot memory slot, bytes memory data) private {
        ++nonce[slot.patient];
        _bookUsed(slot, data);
    }

    function _isDelegable(Slot memory slot, Reference.Limits memory limits) private view returns (bool) {
        bool known = limits.permissions != 0 && limits.permissions < 32 && (limits.permissions / 8) % 2 == 0;
        bool sound = known && (limits.permissions % 2 == 0 || limits.purposes != 0);
        return slot.patient != slot.grantee && sound && limits.end > time && limits.asOf <= time;
    }

    /// Mostly one of those who were delegated to last, mostly where they were.
    function _acting(
        uint256 by,
        uint256 whose,
        uint256 to,
        uint256 where,
        uint256 how
    ) private returns (address delegate_, Slot memory slot, bytes32 under) {
        slot = _slot(whose, to, where);
        delegate_ = _anyone(by);
        under = [bytes32(0), slot.compartment, slot.scope, bytes32(uint256(2))][(how / 2) % 4];
        uint256 count = _delegates.length;
        if (count == 0 || (how / 8) % 8 == 0) return (delegate_, slot, under);
        Slot memory standing = _delegates[count - 1 - (by % (count < 6 ? count : 6))];
        (delegate_, under) = (standing.grantee, standing.scope);
        slot = slotOf(standing.patient, slot.grantee, where);
        if (!_isWithin(slot, under) && (how / 64) % 4 != 0) {
            slot.compartment = standing.compartment;
            slot.content = standing.content;
            slot.scope = standing.scope;
        }
        _touch(slot);
    }

    /// Mostly within the limits, often at their edge, sometimes one second beyond.
    function _fit(Reference.Given memory given, uint256 limits, uint256 how) private view {
        if ((how / 256) % 8 == 0) return;
        given.permissions &= limits / 2 ** 184;
        given.purposes &= limits / 2 ** 120;
        uint256 last = time + (limits % 2 ** 40);
        uint256 end = (limits / 2 ** 40) % 2 ** 40;
        if (end < last) last = end;
        if (given.end > last) given.end = (how / 2048) % 8 == 0 ? last + 1 : last;
    }

    function _isWithin(Slot memory slot, bytes32 under) private pure returns (bool) {
        return under == 0 || under == slot.compartment || under == slot.scope;
    }
}
