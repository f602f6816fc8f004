// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../interfaces/IDelegations.sol";
import {Delegation, DelegationTerms} from "../libraries/DelegationTerms.sol";
import {GrantTerms, Terms} from "../libraries/GrantTerms.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Grants} from "./Grants.sol";

/// @title What delegates do in a patient's place, and how far they may go; see {IDelegations}
abstract contract Delegations is Grants, IDelegations {
    /// A struct for the reason given at {Slot}.
    struct DelegationSlot {
        Delegation terms;
    }

    /* STORAGE */

    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => DelegationSlot slot)))
        internal _delegations;

    /* PATIENTS */

    /// @inheritdoc IDelegations
    function delegate(address delegate_, bytes32 scope, Delegation terms) external {
        _requireDelegable(msg.sender, delegate_, terms);

        DelegationSlot storage slot = _delegations[msg.sender][delegate_][scope];
        Delegation standing = terms.withRevision(slot.terms.revision() + 1);
        slot.terms = standing;

        emit Delegated(msg.sender, delegate_, scope, standing);
    }

    /// @inheritdoc IDelegations
    function undelegate(address delegate_, bytes32 scope) external {
        _undelegate(msg.sender, delegate_, scope, _delegations[msg.sender][delegate_][scope].terms.revision() + 1);
    }

    /* DELEGATES */

    /// @inheritdoc IDelegations
    function grantFor(DelegatedGrant calldata given) external {
        bytes32 scope = _requireGrantable(msg.sender, given, given.terms);
        _grantFor(msg.sender, given, scope, _grantAt(given.patient, given.grantee, scope).terms.revision() + 1);
    }

    /// @inheritdoc IDelegations
    function revokeFor(DelegatedRevocation calldata taken) external {
        bytes32 scope = _requireRevocable(msg.sender, taken);
        _revokeFor(msg.sender, taken, scope, _grantAt(taken.patient, taken.grantee, scope).terms.revision() + 1);
    }

    /* VIEWS */

    /// @inheritdoc IDelegations
    function canWrite(address patient, address actor, bytes32 compartment, bytes32 content) public view returns (bool) {
        if (!Scopes.isPlace(compartment, content)) return false;
        if (actor == patient) return true;
        Terms wish = GrantTerms.wish(GrantTerms.WRITE, 0);
        Terms decisive = _search(patient, actor, compartment, content, wish);
        if (!decisive.isEmpty()) return decisive.permits(wish);
        return _isDelegate(patient, actor, compartment, content, GrantTerms.WRITE);
    }

    /// @inheritdoc IDelegations
    function canManage(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content
    ) external view returns (bool) {
        if (!Scopes.isPlace(compartment, content)) return false;
        return actor == patient || _isDelegate(patient, actor, compartment, content, DelegationTerms.MANAGE);
    }

    /// @inheritdoc IDelegations
    function delegationOf(address patient, address delegate_, bytes32 scope) external view returns (Delegation) {
        return _delegations[patient][delegate_][scope].terms;
    }

    /* INTERNAL */

    /// True when a delegation on the place, its compartment or the whole chart is active and has one of the permissions.
    function _isDelegate(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content,
        uint8 wanted
    ) internal view returns (bool) {
        if (_delegates(patient, actor, Scopes.scopeOf(patient, compartment, content), wanted)) return true;
        if (content != 0 && _delegates(patient, actor, compartment, wanted)) return true;
        return compartment != 0 && _delegates(patient, actor, Scopes.WHOLE_CHART, wanted);
    }

    function _requireDelegable(address patient, address delegate_, Delegation terms) internal view {
        if (delegate_ == address(0) || delegate_ == patient) revert InvalidDelegate(delegate_);
        if (!terms.isWellFormed()) revert InvalidDelegation(terms);
        if (terms.end() <= block.timestamp) revert InvalidPeriod(0, terms.end());
        if (terms.asOf() > block.timestamp) revert InvalidAsOf(terms.asOf());
    }

    /// @param terms Those of the grant, without a revision.
    function _requireGrantable(
        address delegate_,
        DelegatedGrant calldata given,
        Terms terms
    ) internal view returns (bytes32 scope) {
        _require(_grantRefusal(given.patient, given.grantee, terms));
        scope = _requireWithin(given.patient, given.compartment, given.content, given.under);
        Delegation limits = _requireDelegation(given.patient, delegate_, given.under);
        if (!limits.permits(terms, block.timestamp)) revert BeyondDelegation(terms, limits);
        _requireTouchable(given.patient, given.grantee, scope, limits);
    }

    function _requireRevocable(
        address delegate_,
        DelegatedRevocation calldata taken
    ) internal view returns (bytes32 scope) {
        scope = _requireWithin(taken.patient, taken.compartment, taken.content, taken.under);
        Delegation limits = _requireDelegation(taken.patient, delegate_, taken.under);
        _requireTouchable(taken.patient, taken.grantee, scope, limits);
    }

    function _grantFor(address delegate_, DelegatedGrant calldata given, bytes32 scope, uint32 revision) internal {
        Terms standing = given.terms.byDelegate().withRevision(revision);
        _grantAt(given.patient, given.grantee, scope).terms = standing;

        emit Granted(given.patient, given.grantee, scope, standing, given.capsule);
        emit ActedFor(given.patient, delegate_, given.grantee, scope, revision);
    }

    function _revokeFor(
        address delegate_,
        DelegatedRevocation calldata taken,
        bytes32 scope,
        uint32 revision
    ) internal {
        _grantAt(taken.patient, taken.grantee, scope).terms = GrantTerms.tombstone(revision);

        emit Revoked(taken.patient, taken.grantee, scope, revision);
        emit ActedFor(taken.patient, delegate_, taken.grantee, scope, revision);
    }

    function _undelegate(address patient, address delegate_, bytes32 scope, uint32 revision) internal {
        _delegations[patient][delegate_][scope].terms = Delegation.wrap(0).withRevision(revision);

        emit Undelegated(patient, delegate_, scope, revision);
    }

    /// The scope of the place, which must lie within `under`.
    function _requireWithin(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 under
    ) private pure returns (bytes32 scope) {
        if (!Scopes.isPlace(compartment, content)) revert InvalidPlace(compartment, content);
        scope = Scopes.scopeOf(patient, compartment, content);
        if (under != scope && under != compartment && under != Scopes.WHOLE_CHART)
            revert OutsideDelegation(scope, under);
    }

    function _requireDelegation(
        address patient,
        address delegate_,
        bytes32 under
    ) private view returns (Delegation terms) {
        terms = _delegations[patient][delegate_][under].terms;
        if (!terms.isActive(block.timestamp, _patients[patient].lockdownAt)) {
            revert NotDelegate(patient, under, delegate_);
        }
    }

    /// Without MANAGE only what is empty, over or given by a delegate, and never a DENY.
    function _requireTouchable(address patient, address grantee, bytes32 scope, Delegation limits) private view {
        if (limits.hasAny(DelegationTerms.MANAGE)) return;
        Terms standing = _grantAt(patient, grantee, scope).terms;
        bool isOver = standing.end() <= block.timestamp || standing.asOf() != _patients[patient].lockdownAt;
        if (standing.denies() || !(isOver || standing.isByDelegate())) {
            revert GrantReserved(grantee, scope, standing);
        }
    }

    function _delegates(address patient, address actor, bytes32 scope, uint8 wanted) private view returns (bool) {
        Delegation terms = _delegations[patient][actor][scope].terms;
        return terms.hasAny(wanted) && terms.isActive(block.timestamp, _patients[patient].lockdownAt);
    }
}
