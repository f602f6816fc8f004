// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../contracts/interfaces/IDelegations.sol";
import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../contracts/types/GrantTerms.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proofs} from "./Proofs.sol";

/// What delegates do, in person and by signature, from any state: exactly what it says, within their limits, and no DENY is lifted.
contract DelegateProofs is Proofs {
    uint256 private constant ERA = uint256(type(uint40).max) << 80;

    /* WITHIN LIMITS */

    function check_grantForStaysWithin(address caller, IDelegations.DelegatedKey memory key, uint256 terms) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _begin(caller, key);
        vm.prank(caller);
        _consent.grantFor(key, Terms.wrap(terms), 0);
        assert(_isWithin(caller, key, terms, effect, stood));
    }

    function check_revokeForStaysWithin(address caller, IDelegations.DelegatedKey memory key) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _begin(caller, key);
        vm.prank(caller);
        _consent.revokeFor(key);
        assert(_mayRevoke(caller, key, effect, stood));
    }

    function check_denyForStaysWithin(address caller, IDelegations.DelegatedKey memory key) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _begin(caller, key);
        vm.prank(caller);
        _consent.denyFor(key);
        assert(_mayDeny(caller, key, effect, stood));
    }

    /* EXACTLY THAT: of one who may touch everything, so that there are fewer paths */

    function check_grantFor(
        address caller,
        IDelegations.DelegatedKey memory key,
        uint256 terms,
        Place memory place
    ) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _beginFreely(caller, key);
        Found memory before = _find(place);
        vm.prank(caller);
        _consent.grantFor(key, Terms.wrap(terms), 0);
        effect.act = keccak256(abi.encodeCall(_consent.grantFor, (key, Terms.wrap(terms), 0)));
        effect.said = (terms & ~ERA) | (_eraOf(stood.person) << 80) | (BY_DELEGATE << 184);
        _assertExactly(effect, place, before, stood);
    }

    function check_revokeFor(address caller, IDelegations.DelegatedKey memory key, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _beginFreely(caller, key);
        Found memory before = _find(place);
        vm.prank(caller);
        _consent.revokeFor(key);
        effect.act = keccak256(abi.encodeCall(_consent.revokeFor, (key)));
        _assertExactly(effect, place, before, stood);
    }

    function check_denyFor(address caller, IDelegations.DelegatedKey memory key, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _beginFreely(caller, key);
        Found memory before = _find(place);
        vm.prank(caller);
        _consent.denyFor(key);
        effect.act = keccak256(abi.encodeCall(_consent.denyFor, (key)));
        effect.said = ((DENY | BY_DELEGATE) << 184) | (_eraOf(stood.person) << 80);
        _assertExactly(effect, place, before, stood);
    }

    /* BY SIGNATURE */

    /// The session is the delegate's, the era the patient's, and the delegation the one that they signed under.
    function check_grantForBySig(ISignedConsents.SignedGrantFor memory given, Place memory place) public {
        _anyState();
        (address signer, uint256 terms) = (given.delegate, Terms.unwrap(given.terms));
        (Effect memory effect, Found memory stood) = _beginFreely(signer, given.key);
        (Found memory before, uint256 person) = (_find(place), _person(signer));
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.grantForBySig(given, signature);
        (effect.opens, effect.opening, effect.said) = (true, given.opening, terms | (BY_DELEGATE << 184));
        _assertExactly(effect, place, before, stood);
        bool ok = _and(_era(terms) == _eraOf(stood.person), _opens(signer, given.opening, person));
        assert(_and(ok, given.delegatedAt == _writtenAt(_delegation(given.key.patient, signer, 0))));
        assert(_signer(Signing.hash(given), signature) == signer);
    }

    function check_revokeForBySig(
        address signer,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _beginFreely(signer, key);
        Found memory before = _find(place);
        (effect.uses, effect.id, effect.act) = (true, once.id, Signing.hashRevokeFor(signer, key, once));
        bool used = _consent.isUsed(signer, once.id);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.revokeForBySig(signer, key, once, signature);
        _assertExactly(effect, place, before, stood);
        assert(_and(!used, block.timestamp <= once.deadline));
        assert(_signer(effect.act, signature) == signer);
    }

    function check_denyForBySig(
        address signer,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once,
        Place memory place
    ) public {
        _anyState();
        (Effect memory effect, Found memory stood) = _beginFreely(signer, key);
        Found memory before = _find(place);
        (effect.uses, effect.id, effect.act) = (true, once.id, Signing.hashDenyFor(signer, key, once));
        bool used = _consent.isUsed(signer, once.id);
        bytes memory signature = svm.createBytes(65, "signature");
        _consent.denyForBySig(signer, key, once, signature);
        effect.said = ((DENY | BY_DELEGATE) << 184) | (_eraOf(stood.person) << 80);
        _assertExactly(effect, place, before, stood);
        assert(_and(!used, block.timestamp <= once.deadline));
        assert(_signer(effect.act, signature) == signer);
    }

    /// A signature that revokes works while its delegation stands: what another delegate put there keeps nobody from it.
    function check_aSignedRevocationWorks(
        address signer,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once
    ) public {
        _anyState();
        vm.assume(uint256(key.compartment) >> 255 == 0 && key.content == 0 && key.under == key.compartment);
        (, Found memory stood) = _begin(signer, key);
        _assumeActive(signer, key, stood);
        // what stands is a delegate's, and shuts nothing
        vm.assume(_index(stood.terms) != 0 && _permissions(stood.terms) & (BY_DELEGATE | DENY) == BY_DELEGATE);
        bytes memory signature = svm.createBytes(65, "signature");
        bytes memory data = abi.encodeCall(ISignedConsents.revokeForBySig, (signer, key, once, signature));
        assert(_carries(data, signer, Signing.hashRevokeFor(signer, key, once), once, signature));
        assert(_permissions(_terms(key.patient, key.grantee, key.compartment)) == 0);
    }

    /// And one that denies, whatever stands there but a DENY.
    function check_aSignedDenialWorks(
        address signer,
        IDelegations.DelegatedKey memory key,
        ISignedActions.Once memory once
    ) public {
        _anyState();
        vm.assume(uint256(key.compartment) >> 255 == 0 && key.content == 0 && key.under == key.compartment);
        (, Found memory stood) = _begin(signer, key);
        _assumeActive(signer, key, stood);
        vm.assume(_permissions(_delegation(key.patient, signer, key.under)) & DENY != 0);
        vm.assume(_index(stood.terms) != 0 && !_denies(stood.terms, _eraOf(stood.person)));
        vm.assume(key.grantee != address(0) && key.grantee != key.patient);
        bytes memory signature = svm.createBytes(65, "signature");
        bytes memory data = abi.encodeCall(ISignedConsents.denyForBySig, (signer, key, once, signature));
        assert(_carries(data, signer, Signing.hashDenyFor(signer, key, once), once, signature));
        assert(_denies(_terms(key.patient, key.grantee, key.compartment), _eraOf(stood.person)));
    }

    function _assumeActive(address delegate, IDelegations.DelegatedKey memory key, Found memory stood) private view {
        uint256 limits = _delegation(key.patient, delegate, key.under);
        vm.assume(block.timestamp < _end(limits) && _era(limits) == _eraOf(stood.person));
        vm.assume(_changes(stood.person) < type(uint32).max - 2 ** 20);
    }

    function _carries(
        bytes memory data,
        address signer,
        bytes32 form,
        ISignedActions.Once memory once,
        bytes memory signature
    ) private returns (bool done) {
        vm.assume(block.timestamp <= once.deadline && !_consent.isUsed(signer, once.id));
        vm.assume(_counts(form, signature, signer));
        (done, ) = address(_consent).call(data);
    }

    function _begin(
        address delegate,
        IDelegations.DelegatedKey memory key
    ) private view returns (Effect memory effect, Found memory stood) {
        // nobody delegates to themselves: see the proofs of `delegate` and `delegateBySig`
        vm.assume(_isPerson(delegate) && delegate != key.patient);
        bytes32 scope = key.compartment;
        if (key.content != 0) {
            scope = keccak256(abi.encode(key.patient, key.compartment, key.content)) | bytes32(uint256(1) << 255);
        }
        stood = _find(Place(key.patient, key.grantee, scope, 0));
        (effect.patient, effect.grantee, effect.scope, effect.actor) = (key.patient, key.grantee, scope, delegate);
        (effect.writes, effect.counted) = (true, _index(stood.terms) == 0);
    }

    function _beginFreely(
        address delegate,
        IDelegations.DelegatedKey memory key
    ) private view returns (Effect memory effect, Found memory stood) {
        vm.assume(key.under == 0 && key.content == 0);
        vm.assume(_permissions(_delegation(key.patient, delegate, 0)) & MANAGE != 0);
        return _begin(delegate, key);
    }

    function _isWithin(
        address delegate,
        IDelegations.DelegatedKey memory key,
        uint256 terms,
        Effect memory effect,
        Found memory stood
    ) private view returns (bool ok) {
        uint256 limits = _delegation(key.patient, delegate, key.under);
        uint256 era = _eraOf(stood.person);
        effect.said = (terms & ~ERA) | (era << 80) | (BY_DELEGATE << 184);
        ok = _and(_purposes(terms) & ~_purposes(limits) == 0, _permissions(terms) & ~_permissions(limits) == 0);
        ok = _and(ok, _and(_end(terms) <= _end(limits), _end(terms) <= block.timestamp + _start(limits)));
        ok = _and(ok, _and(_start(terms) < _end(terms), block.timestamp < _end(terms)));
        ok = _and(ok, _and(_permissions(terms) & ~(READ | WRITE | GROUP) == 0, terms >> 192 == 0));
        ok = _and(ok, _or(_permissions(limits) & MANAGE != 0, !_isReserved(stood.terms, era)));
        return _and(ok, _isEntitled(delegate, key, effect, stood, 4096));
    }

    function _mayDeny(
        address delegate,
        IDelegations.DelegatedKey memory key,
        Effect memory effect,
        Found memory stood
    ) private view returns (bool) {
        effect.said = ((DENY | BY_DELEGATE) << 184) | (_eraOf(stood.person) << 80);
        bool may = _permissions(_delegation(key.patient, delegate, key.under)) & DENY != 0;
        return _and(may, _isEntitled(delegate, key, effect, stood, 8192));
    }

    function _mayRevoke(
        address delegate,
        IDelegations.DelegatedKey memory key,
        Effect memory effect,
        Found memory stood
    ) private view returns (bool ok) {
        uint256 limits = _delegation(key.patient, delegate, key.under);
        ok = _or(_permissions(limits) & MANAGE != 0, !_isReserved(stood.terms, _eraOf(stood.person)));
        ok = _and(ok, _permissions(stood.terms) != 0);
        return _and(ok, _isEntitled(delegate, key, effect, stood, 8192));
    }

    /// Who acts has a delegation there, touches no DENY, and leaves the patient's last numbers alone.
    function _isEntitled(
        address delegate,
        IDelegations.DelegatedKey memory key,
        Effect memory effect,
        Found memory stood,
        uint256 most
    ) private view returns (bool ok) {
        uint256 limits = _delegation(key.patient, delegate, key.under);
        uint256 era = _eraOf(stood.person);
        ok = _or(_or(key.under == 0, key.under == key.compartment), key.under == effect.scope);
        ok = _and(ok, _and(block.timestamp < _end(limits), _era(limits) == era));
        ok = _and(ok, _and(!_denies(stood.terms, era), _changes(stood.person) < type(uint32).max - 2 ** 20));
        bool few = _and(_byDelegates(stood.person) < most, _slots(stood.person) < type(uint32).max - 2 ** 20);
        return _and(ok, _or(!effect.counted, few));
    }

    /// What the patient granted and still stands, and any DENY of theirs.
    function _isReserved(uint256 word, uint256 era) private view returns (bool) {
        bool stands = _and(_end(word) > block.timestamp, _era(word) == era);
        bool isPatients = _and(_permissions(word) & BY_DELEGATE == 0, _permissions(word) != 0);
        return _and(isPatients, _or(stands, _permissions(word) & DENY != 0));
    }
}
