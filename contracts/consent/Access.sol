// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsentRegistry} from "../interfaces/IConsentRegistry.sol";
import {IDelegations} from "../interfaces/IDelegations.sol";
import {IGrants} from "../interfaces/IGrants.sol";
import {IGroup} from "../interfaces/IGroup.sol";
import {Delegation} from "../types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../types/GrantTerms.sol";
import {PersonState} from "../types/PersonState.sol";
import {Scopes} from "../types/Scopes.sol";
import {CappedCall} from "../utils/CappedCall.sol";

/// @title What is kept of consents, and the one rule that decides access; see {IConsentRegistry}
abstract contract Access is IConsentRegistry {
    /// Bound for what asking a group may cost.
    uint256 private constant MEMBERSHIP_GAS = 100_000;

    /// A struct, so that a word's place in storage is computed once and then read and written.
    struct Slot {
        /// Of a grant, or of a delegation in the same form.
        Terms terms;
    }

    /* STORAGE */

    mapping(address person => PersonState state) internal _states;
    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => Slot slot))) private _delegations;

    /* VIEWS */

    /// @inheritdoc IGrants
    function canAccess(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bool) {
        if (!Scopes.isPlace(compartment, content)) return false;
        Terms wish = GrantTerms.wish(permission, purpose);
        if (wish.isEmpty()) return false;
        if (grantee == patient) return true;
        (, , Terms terms) = _search(patient, grantee, compartment, content, wish);
        return !terms.isEmpty();
    }

    /// @inheritdoc IGrants
    function canAccessAs(
        address group,
        address member,
        address patient,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) external view returns (bool) {
        Terms wish = GrantTerms.wish(GrantTerms.READ, purpose);
        if (!Scopes.isPlace(compartment, content) || wish.isEmpty()) return false;
        (, , Terms terms) = _search(patient, group, compartment, content, wish.asMember());
        if (terms.isEmpty()) return false;
        // a DENY is for a person, whatever department they join
        (bool denied, , ) = _search(patient, member, compartment, content, wish);
        if (denied) return false;
        bytes memory question = abi.encodeCall(IGroup.isMember, (patient, member, GrantTerms.READ, purpose));
        return uint256(CappedCall.ask(group, MEMBERSHIP_GAS, question)) == 1;
    }

    /// @inheritdoc IGrants
    function isDenied(
        address patient,
        address who,
        bytes32 compartment,
        bytes32 content
    ) external view returns (bool denied) {
        if (!Scopes.isPlace(compartment, content)) return false;
        (denied, , ) = _search(patient, who, compartment, content, GrantTerms.wish(GrantTerms.WRITE, 0));
    }

    /// @inheritdoc IGrants
    function permittingGrant(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bytes32 scope, Terms terms) {
        Terms wish = GrantTerms.wish(permission, purpose);
        if (!Scopes.isPlace(compartment, content) || wish.isEmpty() || grantee == patient) return (scope, terms);
        (, scope, terms) = _search(patient, grantee, compartment, content, wish);
    }

    /// @inheritdoc IDelegations
    function canWrite(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content
    ) external view returns (bool) {
        if (!Scopes.isPlace(compartment, content)) return false;
        if (actor == patient) return true;
        Terms wish = GrantTerms.wish(GrantTerms.WRITE, 0);
        (bool denied, , Terms terms) = _search(patient, actor, compartment, content, wish);
        if (denied) return false;
        return !terms.isEmpty() || isDelegate(patient, actor, compartment, content, GrantTerms.WRITE);
    }

    /// @inheritdoc IDelegations
    function isDelegate(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content,
        uint8 powers
    ) public view returns (bool) {
        if (!Scopes.isPlace(compartment, content)) return false;
        uint40 era = _states[patient].era();
        if (_delegates(patient, actor, Scopes.scopeOf(patient, compartment, content), era, powers)) return true;
        if (content != 0 && _delegates(patient, actor, compartment, era, powers)) return true;
        return compartment != 0 && _delegates(patient, actor, Scopes.WHOLE_CHART, era, powers);
    }

    /// @inheritdoc IGrants
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms) {
        return _grantAt(patient, grantee, scope).terms;
    }

    /// @inheritdoc IDelegations
    function delegationOf(address patient, address delegate_, bytes32 scope) external view returns (Delegation) {
        return _delegation(_delegationAt(patient, delegate_, scope));
    }

    /// @inheritdoc IGrants
    function stateOf(address person) external view returns (PersonState) {
        return _states[person];
    }

    /* INTERNAL */

    /// Where a grant is stored: keccak256(abi.encode(patient, grantee, scope)), which no mapping's place can be.
    function _grantAt(address patient, address grantee, bytes32 scope) internal pure returns (Slot storage slot) {
        bytes32 place = Scopes.hash(uint160(patient), bytes32(uint256(uint160(grantee))), scope);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            slot.slot := place
        }
    }

    function _delegationAt(address patient, address delegate_, bytes32 scope) internal view returns (Slot storage) {
        return _delegations[patient][delegate_][scope];
    }

    function _delegation(Slot storage slot) internal view returns (Delegation) {
        return Delegation.wrap(Terms.unwrap(slot.terms));
    }

    /// The rule. Looks at record, compartment and chart: a DENY on any of them, or else the narrowest grant that permits the wish.
    /// @return denied True where a DENY stands; then there are no terms.
    /// @return scope Where the terms stand.
    /// @return terms Empty where nothing permits.
    function _search(
        address patient,
        address who,
        bytes32 compartment,
        bytes32 content,
        Terms wish
    ) private view returns (bool denied, bytes32 scope, Terms terms) {
        uint40 era = _states[patient].era();
        bytes32 place = Scopes.scopeOf(patient, compartment, content);
        // from the place outwards: record, compartment, chart, as many of them as there are
        while (true) {
            Terms standing = _grantAt(patient, who, place).terms;
            // most places have none
            if (!standing.isEmpty()) {
                if (standing.denies(era)) return (true, bytes32(0), Terms.wrap(0));
                if (terms.isEmpty() && standing.permits(wish) && standing.isInForce(era, block.timestamp)) {
                    (scope, terms) = (place, standing);
                }
            }
            if (place == Scopes.WHOLE_CHART) return (false, scope, terms);
            place = place == compartment ? Scopes.WHOLE_CHART : compartment;
        }
    }

    function _delegates(
        address patient,
        address actor,
        bytes32 scope,
        uint40 era,
        uint8 powers
    ) private view returns (bool) {
        Delegation terms = _delegation(_delegationAt(patient, actor, scope));
        return terms.hasAny(powers) && terms.isActive(era, block.timestamp);
    }
}
