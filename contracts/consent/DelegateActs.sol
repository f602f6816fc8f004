// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation, DelegationTerms} from "../types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../types/GrantTerms.sol";
import {PersonState} from "../types/PersonState.sol";
import {Scopes} from "../types/Scopes.sol";
import {Acts} from "./Acts.sol";

/// @title What delegates do in a patient's place, and how far they may go; see {IDelegations}
abstract contract DelegateActs is Acts {
    /// Slots that delegates may write first for one patient until an era or a delegation ends: with a grant, and with a DENY as well.
    uint16 private constant MAX_GRANTS = 4096;
    uint16 private constant MAX_SLOTS = 8192;
    /// The last numbers of changes and slots are the patient's.
    uint32 private constant LAST_BY_DELEGATES = type(uint32).max - 2 ** 20;

    /// @param terms Without an era: it is the patient's present one.
    function _grantFor(address delegate_, DelegatedKey calldata key, Terms terms, bytes32 capsule) internal {
        PersonState state = _states[key.patient];
        (GrantKey memory place, Delegation limits) = _requireDelegate(delegate_, key, state);
        _requireUnreserved(key.patient, place, limits, state);
        if (!limits.permits(terms, block.timestamp)) revert BeyondDelegation(terms, limits);

        _require(_grantRefusal(key.patient, place, terms));

        PersonState counted = _countedFor(key.patient, place, state, MAX_GRANTS);
        Terms marked = terms.inEra(state.era()).byDelegate();
        (PersonState next, bytes memory refusal) = _enter(key.patient, counted, place, marked, capsule, 0);
        _settleFor(delegate_, key.patient, place, next, refusal);
    }

    function _revokeFor(address delegate_, DelegatedKey calldata key) internal {
        PersonState state = _states[key.patient];
        (GrantKey memory place, Delegation limits) = _requireDelegate(delegate_, key, state);
        _requireUnreserved(key.patient, place, limits, state);

        PersonState counted = _countedFor(key.patient, place, state, MAX_SLOTS);
        (PersonState next, bytes memory refusal) = _revoke(key.patient, counted, place);
        _settleFor(delegate_, key.patient, place, next, refusal);
    }

    function _denyFor(address delegate_, DelegatedKey calldata key) internal {
        PersonState state = _states[key.patient];
        (GrantKey memory place, Delegation limits) = _requireDelegate(delegate_, key, state);
        if (!limits.hasAny(GrantTerms.DENY)) revert NotDelegate(key.patient, key.under, delegate_);

        PersonState counted = _countedFor(key.patient, place, state, MAX_SLOTS);
        (PersonState next, bytes memory refusal) = _deny(key.patient, counted, place, true);
        _settleFor(delegate_, key.patient, place, next, refusal);
    }

    /// The place, and the delegation that holds there.
    function _requireDelegate(
        address delegate_,
        DelegatedKey calldata key,
        PersonState state
    ) private view returns (GrantKey memory place, Delegation limits) {
        if (!Scopes.isPlace(key.compartment, key.content)) revert InvalidPlace(key.compartment, key.content);
        bytes32 scope = Scopes.scopeOf(key.patient, key.compartment, key.content);
        bytes32 under = key.under;
        if (under != scope && under != key.compartment && under != Scopes.WHOLE_CHART) {
            revert OutsideDelegation(scope, under);
        }
        limits = _delegation(_delegationAt(key.patient, delegate_, under));
        if (!limits.isActive(state.era(), block.timestamp)) revert NotDelegate(key.patient, under, delegate_);
        place = GrantKey(key.grantee, scope);
    }

    /// Without MANAGE a delegate grants and revokes only what is empty, over or given by a delegate.
    function _requireUnreserved(
        address patient,
        GrantKey memory place,
        Delegation limits,
        PersonState state
    ) private view {
        Terms standing = _grantAt(patient, place.grantee, place.scope).terms;
        if (limits.hasAny(DelegationTerms.MANAGE) || standing.isVacant() || standing.isByDelegate()) return;
        bool isOver = standing.end() <= block.timestamp || standing.era() != state.era();
        if (standing.denies(state.era()) || !isOver) revert GrantReserved(place.grantee, place.scope, standing);
    }

    /// The patient's state after a delegate was let write there: the patient's last numbers are not a delegate's.
    function _countedFor(
        address patient,
        GrantKey memory place,
        PersonState state,
        uint16 limit
    ) private view returns (PersonState) {
        if (state.changes() >= LAST_BY_DELEGATES) revert DelegatesExhausted(patient);
        if (_grantAt(patient, place.grantee, place.scope).terms.index() != 0) return state;
        if (state.byDelegates() >= limit || state.slots() >= LAST_BY_DELEGATES) {
            revert DelegatesExhausted(patient);
        }
        return state.delegated();
    }

    /// Keeps what was done, or reverts with why not.
    function _settleFor(
        address delegate_,
        address patient,
        GrantKey memory place,
        PersonState next,
        bytes memory refusal
    ) private {
        _require(refusal);
        _states[patient] = next;

        emit ActedFor(patient, delegate_, place.grantee, place.scope, next.changes());
    }
}
