// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../contracts/interfaces/IDelegations.sol";
import {Terms} from "../../contracts/libraries/GrantTerms.sol";
import {Proofs} from "./Proofs.sol";

/// What delegates may, from any state: of each call of theirs that is let through.
contract DelegateProofs is Proofs {
    uint256 private constant MANAGE = 16;

    /// Never more than its own scope, purposes, permissions, longest period and end; always marked.
    function check_aDelegateStaysWithinItsLimits(address caller, IDelegations.DelegatedGrant memory given) public {
        uint256 time = _anyState();
        Slot memory slot = Slot(given.patient, given.grantee, _scope(given.patient, given.compartment, given.content));
        uint256 limits = _limits(given.patient, caller, given.under);
        State memory before = _state(slot);
        vm.prank(caller);
        _consent.grantFor(given);
        State memory state = _state(slot);
        uint256 then = state.terms;
        uint256 word = Terms.unwrap(given.terms);
        assert(given.under == 0 || given.under == given.compartment || given.under == slot.scope);
        assert(time < _end(limits) && _asOf(limits) == before.lockdownAt);
        assert(_purposes(then) & ~_purposes(limits) == 0);
        assert(_permissions(word) & ~_permissions(limits) == 0);
        assert(_end(then) <= _end(limits) && _end(then) <= time + _start(limits));
        assert(_end(then) > time && _asOf(then) <= time);
        // the next revision of this grant, and nothing else
        assert(then == (word | (8 << 184)) + (uint256(uint32(_revision(before.terms) + 1)) << 192));
        state.terms = before.terms;
        assert(_same(before, state));
    }

    function check_withoutManageNothingReservedIsTouched(
        address caller,
        IDelegations.DelegatedGrant memory given
    ) public {
        uint256 time = _anyState();
        Slot memory slot = Slot(given.patient, given.grantee, _scope(given.patient, given.compartment, given.content));
        vm.assume(_permissions(_limits(given.patient, caller, given.under)) & MANAGE == 0);
        State memory before = _state(slot);
        vm.prank(caller);
        _consent.grantFor(given);
        assert(!_isReserved(before, time));
    }

    function check_aRevocationByADelegateStaysWithinItsLimits(
        address caller,
        IDelegations.DelegatedRevocation memory taken
    ) public {
        uint256 time = _anyState();
        Slot memory slot = Slot(taken.patient, taken.grantee, _scope(taken.patient, taken.compartment, taken.content));
        uint256 limits = _limits(taken.patient, caller, taken.under);
        State memory before = _state(slot);
        vm.prank(caller);
        _consent.revokeFor(taken);
        assert(_permissions(limits) & MANAGE != 0 || !_isReserved(before, time));
        assert(taken.under == 0 || taken.under == taken.compartment || taken.under == slot.scope);
        assert(time < _end(limits) && _asOf(limits) == before.lockdownAt);
        State memory state = _state(slot);
        assert(state.terms == uint256(uint32(_revision(before.terms) + 1)) << 192);
        state.terms = before.terms;
        assert(_same(before, state));
    }

    /// A DENY, or what the patient granted and still stands.
    function _isReserved(State memory before, uint256 time) private pure returns (bool) {
        bool stands = _end(before.terms) > time && _asOf(before.terms) == before.lockdownAt;
        return _isDeny(before.terms) || (stands && _permissions(before.terms) & 8 == 0);
    }

    function _limits(address patient, address delegate, bytes32 under) private view returns (uint256) {
        return _state(Slot(patient, delegate, under)).delegation;
    }

    function _scope(address patient, bytes32 compartment, bytes32 content) private pure returns (bytes32) {
        if (content == 0) return compartment;
        return keccak256(abi.encode(patient, compartment, content)) | bytes32(uint256(1) << 255);
    }
}
