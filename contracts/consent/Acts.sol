// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change} from "../types/Change.sol";
import {Delegation} from "../types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../types/GrantTerms.sol";
import {PersonState} from "../types/PersonState.sol";
import {SignedActions} from "../utils/SignedActions.sol";
import {Access} from "./Access.sol";

/// @title What each act does to a patient's consents; see {IConsentRegistry}
/// @dev Each takes the patient's state and gives the one that follows, or says as an encoded custom error why it can't be done: then
/// nothing changed.
abstract contract Acts is Access, SignedActions {
    Terms private constant NOTHING = Terms.wrap(0);

    /// @param terms Of the era that they are for.
    /// @param lifts Block of the DENY that this takes away; 0 for none.
    function _grant(
        address patient,
        PersonState state,
        GrantKey memory key,
        Terms terms,
        bytes32 capsule,
        uint32 lifts
    ) internal returns (PersonState next, bytes memory refusal) {
        refusal = _grantRefusal(patient, key, terms);
        if (refusal.length != 0) return (state, refusal);
        return _enter(patient, state, key, terms, capsule, lifts);
    }

    /// The same with terms that were found to be grantable.
    function _enter(
        address patient,
        PersonState state,
        GrantKey memory key,
        Terms terms,
        bytes32 capsule,
        uint32 lifts
    ) internal returns (PersonState next, bytes memory refusal) {
        Slot storage slot = _grantAt(patient, key.grantee, key.scope);
        if (slot.terms.denies(state.era()) && (lifts == 0 || lifts != slot.terms.writtenAt())) {
            return (state, _refused(DenyStands.selector, key));
        }

        Change change;
        Terms word;
        (next, word, change) = _put(state, slot, terms);

        emit Granted(patient, key.grantee, key.scope, word, capsule, change);
    }

    function _revoke(
        address patient,
        PersonState state,
        GrantKey memory key
    ) internal returns (PersonState next, bytes memory refusal) {
        Slot storage slot = _grantAt(patient, key.grantee, key.scope);
        Terms standing = slot.terms;
        if (standing.isVacant()) return (state, _refused(NothingStands.selector, key));
        if (standing.denies(state.era())) return (state, _refused(DenyStands.selector, key));

        Change change;
        (next, standing, change) = _put(state, slot, NOTHING);

        emit Revoked(patient, key.grantee, key.scope, standing, change);
    }

    /// Takes back what can be, and tells of the rest.
    function _revokeAll(address patient, GrantKey[] calldata grants) internal returns (PersonState state) {
        _requireBatch(grants.length, MAX_BATCH);
        state = _states[patient];
        bytes memory refusal;
        for (uint256 i = 0; i < grants.length; ++i) {
            (state, refusal) = _revoke(patient, state, grants[i]);
            _skipIf(i, refusal);
        }
    }

    /// @param isByDelegate Then the DENY is of this era alone.
    function _deny(
        address patient,
        PersonState state,
        GrantKey memory key,
        bool isByDelegate
    ) internal returns (PersonState next, bytes memory refusal) {
        if (key.grantee == address(0) || key.grantee == patient) {
            return (state, abi.encodeWithSelector(InvalidGrantee.selector, key.grantee));
        }
        Slot storage slot = _grantAt(patient, key.grantee, key.scope);
        Terms standing = slot.terms;
        // the patient's own may take the place of a delegate's, which ends with the era
        if (standing.denies(state.era()) && (isByDelegate || !standing.isByDelegate())) {
            return (state, _refused(DenyStands.selector, key));
        }

        Terms denial = GrantTerms.pack(0, 0, state.era(), 0, GrantTerms.DENY);
        Change change;
        (next, denial, change) = _put(state, slot, isByDelegate ? denial.byDelegate() : denial);

        emit Denied(patient, key.grantee, key.scope, denial, change);
    }

    function _lift(
        address patient,
        PersonState state,
        GrantKey memory key
    ) internal returns (PersonState next, bytes memory refusal) {
        Slot storage slot = _grantAt(patient, key.grantee, key.scope);
        if (!slot.terms.denies(state.era())) return (state, _refused(NoDeny.selector, key));

        Change change;
        Terms word;
        (next, word, change) = _put(state, slot, NOTHING);

        emit Lifted(patient, key.grantee, key.scope, word, change);
    }

    function _lockdown(address patient, PersonState state, bytes32 salt) internal returns (PersonState next) {
        Change change;
        (next, change) = state.changed();
        next = next.inNextEra(patient, salt);

        emit LockedDown(patient, next.era(), change);
    }

    /// @param terms Of the era that they are for.
    function _delegate(
        address patient,
        PersonState state,
        GrantKey memory key,
        Delegation terms
    ) internal returns (PersonState next) {
        if (key.grantee == address(0) || key.grantee == patient) revert InvalidDelegate(key.grantee);
        if (!terms.isWellFormed()) revert InvalidDelegation(terms);
        if (terms.end() <= block.timestamp) revert InvalidPeriod(0, terms.end());

        Change change;
        Terms word;
        (next, word, change) = _put(
            state,
            _delegationAt(patient, key.grantee, key.scope),
            Terms.wrap(Delegation.unwrap(terms))
        );

        emit Delegated(patient, key.grantee, key.scope, Delegation.wrap(Terms.unwrap(word)), change);
    }

    function _undelegate(
        address patient,
        PersonState state,
        GrantKey memory key
    ) internal returns (PersonState next, bytes memory refusal) {
        Slot storage slot = _delegationAt(patient, key.grantee, key.scope);
        if (slot.terms.isVacant()) return (state, _refused(NothingStands.selector, key));

        Change change;
        Terms word;
        (next, word, change) = _put(state, slot, NOTHING);
        next = next.undelegated();

        emit Undelegated(patient, key.grantee, key.scope, Delegation.wrap(Terms.unwrap(word)), change);
    }

    /// Why these terms can't be granted to anybody, or not to them; empty where they can. What stands there is not looked at.
    function _grantRefusal(
        address patient,
        GrantKey memory key,
        Terms terms
    ) internal view returns (bytes memory refusal) {
        if (key.grantee == address(0) || key.grantee == patient) {
            return abi.encodeWithSelector(InvalidGrantee.selector, key.grantee);
        }
        if (!terms.isWellFormed()) return abi.encodeWithSelector(InvalidTerms.selector, terms);
        if (!terms.isTimely(block.timestamp)) {
            return abi.encodeWithSelector(InvalidPeriod.selector, terms.start(), terms.end());
        }
    }

    /// Writes what comes to stand in a slot: the patient's next change, and the next slot of their list where it was never written.
    function _put(
        PersonState state,
        Slot storage slot,
        Terms terms
    ) private returns (PersonState next, Terms word, Change change) {
        uint32 index = slot.terms.index();
        (next, change) = state.changed();
        if (index == 0) {
            next = next.enlisted();
            index = next.slots();
        }
        word = terms.written(index);
        slot.terms = word;
    }

    function _refused(bytes4 selector, GrantKey memory key) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, key.grantee, key.scope);
    }
}
