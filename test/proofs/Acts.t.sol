// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../contracts/types/GrantTerms.sol";
import {Proofs} from "./Proofs.sol";

/// What patients do in person, from any state: exactly what it says, to nobody else's, and it ends every opening signature of theirs.
contract ActProofs is Proofs {
    uint256 private constant ERA = uint256(type(uint40).max) << 80;

    function check_grant(address caller, IGrants.GrantKey memory key, uint256 terms, Place memory place) public {
        uint256 time = _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(caller, key, place);
        vm.prank(caller);
        _consent.grant(key.grantee, key.scope, Terms.wrap(terms), 0);

        uint256 era = _eraOf(stood.person);
        effect.writes = true;
        effect.said = (terms & ~ERA) | (era << 80);
        effect.act = keccak256(abi.encodeCall(_consent.grant, (key.grantee, key.scope, Terms.wrap(terms), 0)));
        _assertExactly(effect, place, before, stood);
        bool ok = _and(!_denies(stood.terms, era), _and(key.grantee != address(0), key.grantee != caller));
        ok = _and(ok, _and(_permissions(terms) & ~(READ | WRITE | GROUP) == 0, terms >> 192 == 0));
        assert(_and(ok, _and(_start(terms) < _end(terms), time < _end(terms))));
    }

    function check_lift(address caller, IGrants.GrantKey memory key, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(caller, key, place);
        vm.prank(caller);
        _consent.lift(key.grantee, key.scope);
        effect.writes = true;
        effect.act = keccak256(abi.encodeCall(_consent.lift, (key.grantee, key.scope)));
        assert(_denies(stood.terms, _eraOf(stood.person)));
        _assertExactly(effect, place, before, stood);
    }

    function check_revoke(address caller, IGrants.GrantKey memory key, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(caller, key, place);
        vm.prank(caller);
        _consent.revoke(key.grantee, key.scope);
        effect.act = keccak256(abi.encodeCall(_consent.revoke, (key.grantee, key.scope)));
        effect.writes = _and(_permissions(stood.terms) != 0, !_denies(stood.terms, _eraOf(stood.person)));
        _assertExactly(effect, place, before, stood);
    }

    function check_deny(address caller, IGrants.GrantKey memory key, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(caller, key, place);
        vm.prank(caller);
        _consent.deny(key.grantee, key.scope);
        effect.act = keccak256(abi.encodeCall(_consent.deny, (key.grantee, key.scope)));
        bool stands = _isDenyOfThePatient(stood.terms);
        effect.writes = _and(!stands, _and(key.grantee != address(0), key.grantee != caller));
        effect.said = (DENY << 184) | (_eraOf(stood.person) << 80);
        _assertExactly(effect, place, before, stood);
    }

    /// Whoever deals in delegations leaves every grant alone, and the other way round.
    function check_delegate(address caller, IGrants.GrantKey memory key, uint256 terms, Place memory place) public {
        uint256 time = _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(caller, key, place);
        vm.prank(caller);
        _consent.delegate(key.grantee, key.scope, Delegation.wrap(terms));
        (effect.writes, effect.isDelegation) = (true, true);
        effect.act = keccak256(abi.encodeCall(_consent.delegate, (key.grantee, key.scope, Delegation.wrap(terms))));
        effect.said = (terms & ~ERA) | (_eraOf(stood.person) << 80);
        _assertExactly(effect, place, before, stood);
        bool ok = _and(_permissions(terms) & (BY_DELEGATE | 32 | 128) == 0, terms >> 192 == 0);
        ok = _and(ok, _and(key.grantee != address(0), key.grantee != caller));
        assert(_and(ok, time < _end(terms)));
    }

    function check_undelegate(address caller, IGrants.GrantKey memory key, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(caller, key, place);
        vm.prank(caller);
        _consent.undelegate(key.grantee, key.scope);
        (effect.writes, effect.isDelegation, effect.ends) = (_permissions(stood.delegation) != 0, true, true);
        effect.act = keccak256(abi.encodeCall(_consent.undelegate, (key.grantee, key.scope)));
        _assertExactly(effect, place, before, stood);
    }

    function check_lockdown(address caller, bytes32 salt, Place memory place) public {
        _anyState();
        Effect memory effect;
        Found memory before = _find(place);
        vm.prank(caller);
        _consent.lockdown(salt);
        (effect.actor, effect.act) = (caller, keccak256(abi.encodeCall(_consent.lockdown, (salt))));
        _assertALockdown(effect, salt, place, before);
    }

    function check_cancel(address caller, uint256 id, Place memory place) public {
        _anyState();
        (Effect memory effect, Found memory before, Found memory stood) = _begin(
            caller,
            IGrants.GrantKey(address(0), 0),
            place
        );
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        vm.prank(caller);
        _consent.cancel(ids);
        (effect.uses, effect.id, effect.act) = (true, id, keccak256(abi.encodeCall(_consent.cancel, (ids))));
        _assertExactly(effect, place, before, stood);
    }

    /// Of two: each as by itself, the second after the first; what can't be done is left out, the other stands.
    function check_revokeMany(
        address caller,
        IGrants.GrantKey memory first,
        IGrants.GrantKey memory second,
        Place memory place
    ) public {
        _anyState();
        Found memory before = _find(place);
        (uint256 one, uint256 two) = _standing(caller, first, second);
        uint256 era = _eraOf(_person(caller));
        bool takesOne = _and(_permissions(one) != 0, !_denies(one, era));
        bool takesTwo = _and(_permissions(two) != 0, !_denies(two, era));
        vm.prank(caller);
        _consent.revokeMany(_list(first, second));
        Effect memory effect;
        (effect.actor, effect.act) = (caller, keccak256(abi.encodeCall(_consent.revokeMany, (_list(first, second)))));
        assert(_areTaken(effect, _list(first, second), [takesOne, takesTwo], place, before));
    }

    function check_liftMany(
        address caller,
        IGrants.GrantKey memory first,
        IGrants.GrantKey memory second,
        Place memory place
    ) public {
        _anyState();
        Found memory before = _find(place);
        (uint256 one, uint256 two) = _standing(caller, first, second);
        uint256 era = _eraOf(_person(caller));
        vm.prank(caller);
        _consent.liftMany(_list(first, second));
        Effect memory effect;
        (effect.actor, effect.act) = (caller, keccak256(abi.encodeCall(_consent.liftMany, (_list(first, second)))));
        assert(_areTaken(effect, _list(first, second), [_denies(one, era), _denies(two, era)], place, before));
    }

    /// The words of both; whatever stands has its number, which every act keeps (above).
    function _standing(
        address caller,
        IGrants.GrantKey memory first,
        IGrants.GrantKey memory second
    ) private view returns (uint256 one, uint256 two) {
        one = _terms(caller, first.grantee, first.scope);
        two = _terms(caller, second.grantee, second.scope);
        vm.assume(_index(one) != 0 && _index(two) != 0);
        vm.assume(_changes(_person(caller)) < type(uint32).max - 2);
    }

    function _list(
        IGrants.GrantKey memory first,
        IGrants.GrantKey memory second
    ) private pure returns (IGrants.GrantKey[] memory keys) {
        keys = new IGrants.GrantKey[](2);
        (keys[0], keys[1]) = (first, second);
    }

    /// Whether just these of two were taken away, of which the second may be the first once more.
    function _areTaken(
        Effect memory effect,
        IGrants.GrantKey[] memory keys,
        bool[2] memory taken,
        Place memory place,
        Found memory before
    ) private view returns (bool ok) {
        Found memory then = _find(place);
        bool here = place.patient == effect.actor;
        bool goes = _or(_and(_isAt(keys[0], place), taken[0]), _and(_isAt(keys[1], place), taken[1]));
        uint256 gone = (before.terms & (uint256(type(uint32).max) << 224)) | (block.number << 192);
        ok = then.terms == _either(_and(here, goes), gone, before.terms);
        ok = _and(ok, _and(then.delegation == before.delegation, then.used == before.used));
        return _and(ok, then.person == _either(here, _personAfter(effect, before.person, keys, taken), before.person));
    }

    function _isAt(IGrants.GrantKey memory key, Place memory place) private pure returns (bool) {
        return _and(key.grantee == place.grantee, key.scope == place.scope);
    }

    /// After as many changes, none of which wrote a slot first.
    function _personAfter(
        Effect memory effect,
        uint256 person,
        IGrants.GrantKey[] memory keys,
        bool[2] memory taken
    ) private view returns (uint256) {
        bool twice = _and(keys[0].grantee == keys[1].grantee, keys[0].scope == keys[1].scope);
        uint256 count = _either(taken[0], 1, 0) + _either(_and(taken[1], !_and(twice, taken[0])), 1, 0);
        uint256 changed = (person & ~(uint256(type(uint64).max) << 112)) | (block.number << 144);
        changed |= (_changes(person) + count) << 112;
        return _moved(effect, _either(count == 0, person, changed));
    }

    function _begin(
        address caller,
        IGrants.GrantKey memory key,
        Place memory place
    ) private view returns (Effect memory effect, Found memory before, Found memory stood) {
        (effect.patient, effect.grantee, effect.scope, effect.actor) = (caller, key.grantee, key.scope, caller);
        return (effect, _find(place), _find(Place(caller, key.grantee, key.scope, 0)));
    }
}
