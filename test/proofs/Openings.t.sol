// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../contracts/types/GrantTerms.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proofs} from "./Proofs.sol";

/// Signatures of patients that open a door, from any state. Each works only for the signer of exactly that form, in their present era,
/// where they stood or stand since another of the same session with a lower number; it changes what it says, and no more.
contract OpeningProofs is Proofs {
    function check_grantBySig(ISignedConsents.SignedGrant memory given, Place memory place) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(
            given.patient,
            IGrants.GrantKey(given.grantee, given.scope),
            given.opening,
            place
        );
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.grantBySig(given, signature);
        assert(_isGranted(given, effect, stood));
        _assertExactly(effect, place, before, stood);
        assert(_signer(Signing.hash(given), signature) == given.patient);
    }

    /// In a batch it is the same, or is left out and changes nothing.
    function check_grantManyBySig(ISignedConsents.SignedGrant memory given, Place memory place) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(
            given.patient,
            IGrants.GrantKey(given.grantee, given.scope),
            given.opening,
            place
        );
        bytes memory signature = svm.createBytes(65, "signature");
        ISignedConsents.SignedGrant[] memory list = new ISignedConsents.SignedGrant[](1);
        list[0] = given;
        // no stand leads to itself, but for a collision of what is drawn: so whatever counts changes the state
        ISignedConsents.Opening memory named = given.opening;
        vm.assume(_joined(given.patient, named.stand, named.session, named.number) != _stand(stood.person));
        _consent.grantManyBySig(list, abi.encodePacked(uint16(65), signature));
        if (_person(given.patient) == stood.person) {
            assert(_same(before, _find(place)));
            return;
        }
        assert(_isGranted(given, effect, stood));
        _assertExactly(effect, place, before, stood);
        assert(_signer(Signing.hash(given), signature) == given.patient);
    }

    function check_liftBySig(ISignedConsents.SignedLift memory lifted, Place memory place) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(
            lifted.patient,
            IGrants.GrantKey(lifted.grantee, lifted.scope),
            lifted.opening,
            place
        );
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.liftBySig(lifted, signature);
        bool ok = _and(lifted.era == _eraOf(stood.person), _denies(stood.terms, lifted.era));
        assert(_and(ok, _opens(lifted.patient, lifted.opening, stood.person)));
        _assertExactly(effect, place, before, stood);
        assert(_signer(Signing.hash(lifted), signature) == lifted.patient);
    }

    function check_delegateBySig(ISignedConsents.SignedDelegation memory given, Place memory place) public {
        (Effect memory effect, Found memory before, Found memory stood) = _begin(
            given.patient,
            IGrants.GrantKey(given.delegate, given.scope),
            given.opening,
            place
        );
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.delegateBySig(given, signature);
        uint256 word = Delegation.unwrap(given.terms);
        (effect.isDelegation, effect.said) = (true, word);
        bool ok = _and(_permissions(word) & (BY_DELEGATE | 32 | 128) == 0, word >> 192 == 0);
        ok = _and(ok, _and(block.timestamp < _end(word), _era(word) == _eraOf(stood.person)));
        assert(_and(ok, _opens(given.patient, given.opening, stood.person)));
        _assertExactly(effect, place, before, stood);
        assert(_signer(Signing.hash(given), signature) == given.patient);
    }

    /// Of one session: carried after another with the same or a later number, none works, whatever each says.
    function check_ofASessionTheOrderCounts(
        ISignedConsents.SignedLift memory first,
        ISignedConsents.SignedLift memory second
    ) public {
        _anyState();
        vm.assume(_isPerson(first.patient) && first.patient == second.patient);
        (first.opening.stand, first.opening.session) = (second.opening.stand, second.opening.session);
        vm.assume(first.opening.number >= second.opening.number);
        _consent.liftBySig(first, svm.createBytes(65, "signature"));
        // but for a collision of what is drawn
        vm.assume(_stand(_person(first.patient)) != second.opening.stand);
        bytes memory other = svm.createBytes(65, "other");
        (bool done, ) = address(_consent).call(abi.encodeCall(ISignedConsents.liftBySig, (second, other)));
        assert(!done);
    }

    /// Of another session than the last, at another stand than the present one, none works.
    function check_noneWorksOfAnotherStand(ISignedConsents.SignedLift memory lifted) public {
        _anyState();
        vm.assume(_isPerson(lifted.patient));
        uint256 person = _person(lifted.patient);
        uint256 stand = _stand(person);
        vm.assume(lifted.opening.stand != stand);
        vm.assume(_joined(lifted.patient, lifted.opening.stand, lifted.opening.session, _number(person)) != stand);
        bytes memory signature = svm.createBytes(65, "signature");
        (bool done, ) = address(_consent).call(abi.encodeCall(ISignedConsents.liftBySig, (lifted, signature)));
        assert(!done);
    }

    function _isGranted(
        ISignedConsents.SignedGrant memory given,
        Effect memory effect,
        Found memory stood
    ) private view returns (bool ok) {
        uint256 word = Terms.unwrap(given.terms);
        effect.said = word;
        // a DENY goes only where its very block is named
        bool lifts = _and(given.lifts != 0, given.lifts == _writtenAt(stood.terms));
        ok = _or(lifts, !_denies(stood.terms, _era(word)));
        ok = _and(ok, _and(_permissions(word) & ~(READ | WRITE | GROUP) == 0, word >> 192 == 0));
        ok = _and(ok, _and(_start(word) < _end(word), block.timestamp < _end(word)));
        ok = _and(ok, _era(word) == _eraOf(stood.person));
        return _and(ok, _opens(given.patient, given.opening, stood.person));
    }

    function _begin(
        address patient,
        IGrants.GrantKey memory key,
        ISignedConsents.Opening memory opening,
        Place memory place
    ) private returns (Effect memory effect, Found memory before, Found memory stood) {
        _anyState();
        vm.assume(_isPerson(patient));
        (effect.patient, effect.grantee, effect.scope, effect.actor) = (patient, key.grantee, key.scope, patient);
        (effect.writes, effect.opens, effect.opening) = (true, true, opening);
        return (effect, _find(place), _find(Place(patient, key.grantee, key.scope, 0)));
    }
}
