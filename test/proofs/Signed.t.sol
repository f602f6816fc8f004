// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../contracts/interfaces/IAnnouncements.sol";
import {IDelegations} from "../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../contracts/libraries/GrantTerms.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proofs} from "./Proofs.sol";

/// What a signed form changes it changes for the signer of exactly that form (typed out in `Signing`), and as it says. From any
/// state, for any bytes as the signature of a person; nothing is known of the curve but that it answers the same to the same.
contract SignedProofs is Proofs {
    /// Only as signed, only as the next revision, only before its deadline; and nothing but that grant.
    function check_aSignedGrantIsTheNextOne(ISignedConsents.SignedGrant memory given) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(given.patient));
        Slot memory slot = Slot(given.patient, given.grantee, given.scope);
        State memory before = _state(slot);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.grantBySig(given, signature);
        State memory then = _state(slot);
        uint256 word = Terms.unwrap(given.terms);
        assert(then.terms == word);
        if (then.terms != before.terms) {
            assert(_revision(word) == _revision(before.terms) + 1);
            assert(time <= given.deadline);
            assert(_signer(Signing.hash(given), signature) == given.patient);
            // held back over a lockdown it opens nothing, and it lifts no DENY
            assert(!_isDeny(before.terms) || _asOf(word) == before.lockdownAt);
        }
        then.terms = before.terms;
        assert(_same(before, then));
    }

    /// Sent again it changes nothing.
    function check_aSignedGrantWorksOnce(ISignedConsents.SignedGrant memory given) public {
        _anyState();
        vm.assume(_isPerson(given.patient));
        Slot memory slot = Slot(given.patient, given.grantee, given.scope);
        vm.assume(_revision(_state(slot).terms) < type(uint32).max);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.grantBySig(given, signature);
        vm.prank(given.patient);
        _consent.revoke(given.grantee, given.scope);
        (bool done, ) = address(_consent).call(abi.encodeCall(ISignedConsents.grantBySig, (given, signature)));
        assert(!done);
    }

    /// What it names is dead, what it leaves is one above that, and it never reaches further than 1,024 ahead.
    function check_aSignedRevocationKillsWhatItNames(
        address patient,
        ISignedConsents.Revocation memory taken,
        ISignedConsents.Signing memory signing
    ) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(patient));
        Slot memory slot = Slot(patient, taken.grantee, taken.scope);
        State memory before = _state(slot);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.revokeBySig(patient, taken, signing, signature);
        State memory then = _state(slot);
        assert(then.terms == (uint256(taken.revision) + 1) << 192);
        assert(_revision(then.terms) >= _revision(before.terms));
        assert(_revision(then.terms) <= _revision(before.terms) + 1025);
        // a DENY goes only where it is named
        assert(!_isDeny(before.terms) || _revision(before.terms) == taken.revision);
        assert(signing.asOf == before.lockdownAt && time <= signing.deadline);
        assert(_signer(Signing.hashRevoke(patient, taken, signing), signature) == patient);
        then.terms = before.terms;
        assert(_same(before, then));
    }

    /// It names the value that it replaces, and so works once.
    function check_aSignedLockdownWorksOnce(address patient, ISignedConsents.Signing memory signing) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(patient));
        Slot memory slot = Slot(patient, address(0), 0);
        State memory before = _state(slot);
        vm.assume(before.lockdownAt < 2 ** 40 - 2);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.lockdownBySig(patient, signing, signature);
        State memory then = _state(slot);
        assert(then.lockdownAt > before.lockdownAt && then.lockdownAt > time);
        assert(signing.asOf == before.lockdownAt && time <= signing.deadline);
        assert(_signer(Signing.hashLockdown(patient, signing), signature) == patient);
        bytes memory again = abi.encodeCall(ISignedConsents.lockdownBySig, (patient, signing, signature));
        (bool done, ) = address(_consent).call(again);
        assert(!done);
        then.lockdownAt = before.lockdownAt;
        assert(_same(before, then));
    }

    function check_aSignedDelegationIsTheNextOne(ISignedConsents.SignedDelegation memory given) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(given.patient));
        Slot memory slot = Slot(given.patient, given.delegate, given.scope);
        State memory before = _state(slot);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.delegateBySig(given, signature);
        State memory then = _state(slot);
        uint256 word = Delegation.unwrap(given.terms);
        assert(then.delegation == word);
        if (then.delegation != before.delegation) {
            assert(_revision(word) == _revision(before.delegation) + 1);
            assert(time <= given.deadline && _asOf(word) == before.lockdownAt);
            assert(_signer(Signing.hash(given), signature) == given.patient);
        }
        then.delegation = before.delegation;
        assert(_same(before, then));
    }

    function check_aSignedEndOfADelegationKillsWhatItNames(
        address patient,
        ISignedConsents.Revocation memory taken,
        ISignedConsents.Signing memory signing
    ) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(patient));
        Slot memory slot = Slot(patient, taken.grantee, taken.scope);
        State memory before = _state(slot);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.undelegateBySig(patient, taken, signing, signature);
        State memory then = _state(slot);
        assert(then.delegation == (uint256(taken.revision) + 1) << 192);
        assert(_revision(then.delegation) >= _revision(before.delegation));
        assert(_revision(then.delegation) <= _revision(before.delegation) + 1025);
        assert(signing.asOf == before.lockdownAt && time <= signing.deadline);
        assert(_signer(Signing.hashUndelegate(patient, taken, signing), signature) == patient);
        then.delegation = before.delegation;
        assert(_same(before, then));
    }

    /// The signer is the delegate, and what they sign is what they may do in person (DelegateProofs); here under the same scope.
    function check_aSignedGrantByADelegate(
        address delegate,
        IDelegations.DelegatedGrant memory given,
        uint40 deadline
    ) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(delegate) && given.content == 0 && given.under == given.compartment);
        Slot memory slot = Slot(given.patient, given.grantee, given.compartment);
        State memory before = _state(slot);
        uint256 limits = _state(Slot(given.patient, delegate, given.under)).delegation;
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.grantForBySig(delegate, given, deadline, signature);
        State memory then = _state(slot);
        uint256 word = Terms.unwrap(given.terms);
        assert(then.terms % 2 ** 224 == (word | (8 << 184)) % 2 ** 224);
        if (then.terms == before.terms) {
            // the very grant stands: without effect, whoever signed
            assert(_same(before, then));
            return;
        }
        assert(_revision(word) == _revision(before.terms) + 1);
        assert(time <= deadline && _asOf(word) == before.lockdownAt);
        assert(time < _end(limits) && _asOf(limits) == before.lockdownAt);
        assert(_permissions(word) & ~_permissions(limits) == 0);
        assert(_signer(Signing.hash(delegate, given, deadline), signature) == delegate);
        then.terms = before.terms;
        assert(_same(before, then));
    }

    function check_aSignedRevocationByADelegate(
        address delegate,
        IDelegations.DelegatedRevocation memory taken,
        uint32 revision,
        ISignedConsents.Signing memory signing
    ) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(delegate) && taken.content == 0 && taken.under == taken.compartment);
        Slot memory slot = Slot(taken.patient, taken.grantee, taken.compartment);
        State memory before = _state(slot);
        uint256 limits = _state(Slot(taken.patient, delegate, taken.under)).delegation;
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.revokeForBySig(delegate, taken, revision, signing, signature);
        State memory then = _state(slot);
        assert(then.terms == (uint256(revision) + 1) << 192);
        assert(_revision(then.terms) <= _revision(before.terms) + 1025);
        assert(signing.asOf == before.lockdownAt && time <= signing.deadline);
        assert(time < _end(limits) && _asOf(limits) == before.lockdownAt);
        assert(_permissions(limits) & 16 != 0 || !_isDeny(before.terms));
        assert(!_isDeny(before.terms) || _revision(before.terms) == revision);
        assert(_signer(Signing.hash(delegate, taken, revision, signing), signature) == delegate);
        then.terms = before.terms;
        assert(_same(before, then));
    }

    /// It takes the next number and nothing else.
    function check_aSignedRefusalTakesTheNextNumber(
        address patient,
        IGrants.GrantKey memory refused,
        uint32 nonce,
        ISignedConsents.Signing memory signing
    ) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(patient));
        Slot memory slot = Slot(patient, refused.grantee, refused.scope);
        State memory before = _state(slot);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.declineBySig(patient, refused, nonce, signing, signature);
        State memory then = _state(slot);
        assert(nonce == before.nonce && then.nonce == before.nonce + 1);
        assert(signing.asOf == before.lockdownAt && time <= signing.deadline);
        assert(_signer(Signing.hash(patient, refused, nonce, signing), signature) == patient);
        then.nonce = before.nonce;
        assert(_same(before, then));
    }

    function check_aSignedDeliveryTakesTheNextNumber(
        address patient,
        address grantee,
        bytes32 compartment,
        uint32 nonce,
        ISignedConsents.Signing memory signing
    ) public {
        uint256 time = _anyState();
        vm.assume(_isPerson(patient));
        IAnnouncements.Delivery memory delivery;
        (delivery.patient, delivery.grantees) = (patient, new address[](1));
        (delivery.grantees[0], delivery.compartment, delivery.capsule) = (grantee, compartment, "capsule");
        Slot memory slot = Slot(patient, grantee, compartment);
        State memory before = _state(slot);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.deliverBySig(delivery, nonce, signing, signature);
        State memory then = _state(slot);
        assert(nonce == before.nonce && then.nonce == before.nonce + 1);
        assert(signing.asOf == before.lockdownAt && time <= signing.deadline);
        assert(_signer(Signing.hash(delivery, nonce, signing), signature) == patient);
        then.nonce = before.nonce;
        assert(_same(before, then));
    }

    /// Whoever the curve says signed this, in the domain of this registry.
    function _signer(bytes32 structHash, bytes memory signature) private view returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(Signing.digest(address(_consent), structHash), uint8(signature[64]), r, s);
    }
}
