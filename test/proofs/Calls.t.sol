// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../contracts/interfaces/IAnnouncements.sol";
import {IDelegations} from "../../contracts/interfaces/IDelegations.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Proofs} from "./Proofs.sol";

/// From any state, whatever anyone calls in their own right. Delegates: Delegates.t.sol. Signed forms: Signed.t.sol.
contract CallProofs is Proofs {
    /// Whoever is not the patient changes nothing of theirs. Lists: of two.
    /// @custom:halmos --default-array-lengths 2 --default-bytes-lengths 65
    function check_anOutsiderChangesNothing(address caller, Slot memory slot) public {
        _anyState();
        vm.assume(caller != slot.patient);
        State memory before = _state(slot);
        _anyCall(caller);
        assert(_same(before, _state(slot)));
    }

    /// A word that changes has the next revision, a grant's as a delegation's. Lists: of one.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_eachChangeCounts(address caller, Slot memory slot) public {
        _anyState();
        State memory before = _state(slot);
        vm.assume(_revision(before.terms) < type(uint32).max && _revision(before.delegation) < type(uint32).max);
        _anyCall(caller);
        State memory then = _state(slot);
        assert(then.terms == before.terms || _revision(then.terms) == _revision(before.terms) + 1);
        assert(then.delegation == before.delegation || _revision(then.delegation) == _revision(before.delegation) + 1);
    }

    /// Only the patient locks down, and a lockdown rises above the one before and above now.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_aLockdownIsThePatientsAndRises(address caller, Slot memory slot) public {
        uint256 time = _anyState();
        State memory before = _state(slot);
        vm.assume(before.lockdownAt < type(uint40).max);
        _anyCall(caller);
        uint256 then = _consent.lockdownAt(slot.patient);
        if (then == before.lockdownAt) return;
        assert(caller == slot.patient);
        assert(then > before.lockdownAt && then > time);
    }

    /// Nothing comes to stand that is over, or as of a lockdown to come.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_nothingIsGrantedAhead(address caller, Slot memory slot) public {
        uint256 time = _anyState();
        State memory before = _state(slot);
        _anyCall(caller);
        State memory then = _state(slot);
        if (then.terms != before.terms && _permissions(then.terms) != 0) {
            assert(_asOf(then.terms) <= time && _end(then.terms) > time && _start(then.terms) < _end(then.terms));
        }
        if (then.delegation != before.delegation && _permissions(then.delegation) != 0) {
            assert(_asOf(then.delegation) <= time && _end(then.delegation) > time);
        }
    }

    /// What is announced stands nowhere. About the whole chart: the place decides only who may.
    function check_aDeliveryChangesNothing(address caller, Slot memory slot, address patient) public {
        _anyState();
        State memory before = _state(slot);
        IAnnouncements.Delivery memory delivery;
        (delivery.patient, delivery.grantees, delivery.capsule) = (patient, new address[](1), "capsule");
        delivery.grantees[0] = slot.grantee;
        vm.prank(caller);
        _consent.deliver(delivery);
        assert(_same(before, _state(slot)));
    }

    /// Any call in the caller's own right that succeeds.
    function _anyCall(address caller) private {
        bytes memory data = svm.createCalldata("ConsentRegistry");
        vm.assume(!_isForAnother(bytes4(data)));
        vm.prank(caller);
        (bool done, ) = address(_consent).call(data);
        vm.assume(done);
    }

    /// Delegates' and signed forms; without a loop, which the prover would cut short.
    function _isForAnother(bytes4 selector) private pure returns (bool) {
        return
            selector == IDelegations.grantFor.selector ||
            selector == IDelegations.revokeFor.selector ||
            selector == IAnnouncements.deliver.selector ||
            selector == IAnnouncements.deliverBySig.selector ||
            selector == IAnnouncements.declineBySig.selector ||
            _isSigned(selector);
    }

    function _isSigned(bytes4 selector) private pure returns (bool) {
        return
            selector == ISignedConsents.grantBySig.selector ||
            selector == ISignedConsents.grantManyBySig.selector ||
            selector == ISignedConsents.revokeBySig.selector ||
            selector == ISignedConsents.revokeManyBySig.selector ||
            selector == ISignedConsents.lockdownBySig.selector ||
            selector == ISignedConsents.delegateBySig.selector ||
            selector == ISignedConsents.undelegateBySig.selector ||
            selector == ISignedConsents.grantForBySig.selector ||
            selector == ISignedConsents.revokeForBySig.selector;
    }
}
