// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../contracts/ConsentRegistry.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../contracts/types/GrantTerms.sol";
import {PersonState} from "../../contracts/types/PersonState.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proving} from "./Svm.sol";

/// What the proofs of consent share. Each starts in any state at all, also one that no calls lead to.
abstract contract Proofs is Proving {
    /// One place of everything that the registry keeps: a slot, its patient, and one id of what they sign.
    struct Place {
        address patient;
        address grantee;
        bytes32 scope;
        uint256 id;
    }

    /// What is found there.
    struct Found {
        uint256 terms;
        uint256 delegation;
        uint256 person;
        bool used;
    }

    /// All that an act does.
    struct Effect {
        /// Whose word is written: of the patient's grants, or else of their delegations.
        address patient;
        address grantee;
        bytes32 scope;
        bool isDelegation;
        /// False where nothing is written.
        bool writes;
        /// What comes to stand there, without its place.
        uint256 said;
        /// One more slot was written first by a delegate.
        bool counted;
        /// A delegation ended.
        bool ends;
        /// Who acts, and the hash of what they do.
        address actor;
        bytes32 act;
        /// What they signed in this session opens.
        bool opens;
        ISignedConsents.Opening opening;
        /// The id that this uses up.
        bool uses;
        uint256 id;
    }

    uint256 internal constant READ = 1;
    uint256 internal constant WRITE = 2;
    uint256 internal constant DENY = 4;
    uint256 internal constant BY_DELEGATE = 8;
    uint256 internal constant GROUP = 16;
    uint256 internal constant MANAGE = 64;

    uint256 private constant STAND_AND_NUMBER = uint256(type(uint72).max) << 40;

    uint256 private constant ERA_AND_COUNT = type(uint40).max | (uint256(type(uint16).max) << 240);

    ConsentRegistry internal _consent;

    function setUp() public virtual {
        _consent = new ConsentRegistry();
    }

    /// Any state, at any second and block that fit the contract's clock.
    function _anyState() internal returns (uint256 time) {
        svm.enableSymbolicStorage(address(_consent));
        return _anyTime();
    }

    function _anyTime() internal returns (uint256 time) {
        time = svm.createUint(40, "time");
        vm.warp(time);
        vm.roll(svm.createUint(32, "block"));
    }

    /// An account without code.
    function _isPerson(address who) internal view returns (bool) {
        return who != address(_consent) && who != address(this) && who.code.length == 0;
    }

    /// Whoever the curve says signed this form, in the domain of the registry of consents.
    function _signer(bytes32 structHash, bytes memory signature) internal view returns (address) {
        return _recovered(Signing.digest(address(_consent), structHash), signature);
    }

    function _recovered(bytes32 digest, bytes memory signature) internal pure returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(digest, uint8(signature[64]), r, s);
    }

    /// A signature that counts: the signer's, with s in the lower half of the curve's order.
    function _counts(bytes32 structHash, bytes memory signature, address signer) internal view returns (bool) {
        uint256 s;
        assembly ("memory-safe") {
            s := mload(add(signature, 0x40))
        }
        if (s > 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0) return false;
        return _signer(structHash, signature) == signer && signer != address(0);
    }

    function _find(Place memory place) internal view returns (Found memory found) {
        found.terms = _terms(place.patient, place.grantee, place.scope);
        found.delegation = _delegation(place.patient, place.grantee, place.scope);
        found.person = _person(place.patient);
        found.used = _consent.isUsed(place.patient, place.id);
    }

    function _terms(address patient, address grantee, bytes32 scope) internal view returns (uint256) {
        return Terms.unwrap(_consent.grantOf(patient, grantee, scope));
    }

    function _delegation(address patient, address delegate, bytes32 scope) internal view returns (uint256) {
        return Delegation.unwrap(_consent.delegationOf(patient, delegate, scope));
    }

    function _person(address who) internal view returns (uint256) {
        return PersonState.unwrap(_consent.stateOf(who));
    }

    function _same(Found memory a, Found memory b) internal pure returns (bool) {
        bool words = _and(a.terms == b.terms, a.delegation == b.delegation);
        return _and(words, _and(a.person == b.person, a.used == b.used));
    }

    /* EFFECTS */

    /// The word that the effect puts in place, of what stood there before.
    function _word(Effect memory effect, uint256 before, uint256 patient) internal view returns (uint256) {
        uint256 index = _either(_index(before) == 0, _next(_slots(patient)), _index(before));
        return effect.said | (block.number << 192) | (index << 224);
    }

    /// The patient's state with one more change, and one more slot where it is the first of it; the stand apart.
    function _changed(uint256 person, bool first) internal view returns (uint256) {
        uint256 kept = person & ~(uint256(type(uint64).max) << 112);
        kept |= (_next(_changes(person)) << 112) | (block.number << 144);
        uint256 listed = kept & ~(uint256(type(uint64).max) << 176);
        listed |= (_next(_slots(person)) << 176) | (block.number << 208);
        return _either(first, listed, kept);
    }

    /// The state of whoever acted: another stand, drawn from the last and from what they did, or that of the session.
    function _moved(Effect memory effect, uint256 person) internal view returns (uint256) {
        ISignedConsents.Opening memory opening = effect.opening;
        uint256 stand = _either(
            effect.opens,
            _joined(effect.actor, opening.stand, opening.session, opening.number),
            _drawn(effect.actor, _stand(person), effect.act)
        );
        return (person & ~STAND_AND_NUMBER) | (stand << 40) | (_either(effect.opens, opening.number, 0) << 96);
    }

    function _drawn(address who, uint256 stand, bytes32 act) internal view returns (uint256) {
        bytes32 parent;
        unchecked {
            parent = blockhash(block.number - 1);
        }
        return uint56(uint256(keccak256(abi.encode(parent, who, stand, act))));
    }

    function _joined(address who, uint256 stand, uint256 session, uint256 last) internal pure returns (uint256) {
        return uint56(uint256(keccak256(abi.encode(who, stand, session, last))));
    }

    /// Whether an opening opens, of a person in this state.
    function _opens(address who, ISignedConsents.Opening memory opening, uint256 person) internal view returns (bool) {
        bool joined = _joined(who, opening.stand, opening.session, _number(person)) == _stand(person);
        bool ok = _or(opening.stand == _stand(person), _and(joined, opening.number > _number(person)));
        return _and(ok, block.timestamp <= opening.deadline);
    }

    /// The act did this at the place and nothing else: no other word, person or id of anybody.
    /// @param before What was at the place.
    /// @param stood What stood where the effect writes, and the patient's state.
    function _assertExactly(
        Effect memory effect,
        Place memory place,
        Found memory before,
        Found memory stood
    ) internal view {
        Found memory then = _find(place);
        (uint256 terms, uint256 delegation) = _wordsAfter(effect, place, before, stood);
        assert(then.terms == terms);
        assert(then.delegation == delegation);
        assert(then.person == _personAfter(effect, place, before, stood));
        bool uses = _and(_and(effect.uses, place.patient == effect.actor), place.id == effect.id);
        assert(then.used == _or(before.used, uses));
    }

    /// The act was a lockdown and nothing else: another era, in which no delegate wrote anything yet.
    function _assertALockdown(
        Effect memory effect,
        bytes32 salt,
        Place memory place,
        Found memory before
    ) internal view {
        Found memory then = _find(place);
        bool here = place.patient == effect.actor;
        uint256 person = _moved(effect, _changed(before.person, false)) & ~ERA_AND_COUNT;
        person |= _eraAfter(before.person, effect.actor, salt);
        assert(_and(then.terms == before.terms, then.delegation == before.delegation));
        assert(then.person == _either(here, person, before.person));
        bool uses = _and(_and(effect.uses, here), place.id == effect.id);
        assert(then.used == _or(before.used, uses));
        assert(_or(!here, _eraOf(then.person) != _eraOf(before.person)));
    }

    function _eraAfter(uint256 person, address patient, bytes32 salt) private pure returns (uint256 next) {
        uint256 count = _eraOf(person) >> 24;
        count = _either(count == type(uint16).max, count, (count + 1) & type(uint16).max);
        next = (count << 24) | uint24(uint256(keccak256(abi.encode(salt, patient))));
        return _either(next == _eraOf(person), next ^ 1, next);
    }

    function _wordsAfter(
        Effect memory effect,
        Place memory place,
        Found memory before,
        Found memory stood
    ) private view returns (uint256 terms, uint256 delegation) {
        bool there = _and(_and(effect.writes, place.patient == effect.patient), place.grantee == effect.grantee);
        there = _and(there, place.scope == effect.scope);
        uint256 word = _word(effect, _either(effect.isDelegation, stood.delegation, stood.terms), stood.person);
        terms = _either(_and(there, !effect.isDelegation), word, before.terms);
        delegation = _either(_and(there, effect.isDelegation), word, before.delegation);
    }

    function _personAfter(
        Effect memory effect,
        Place memory place,
        Found memory before,
        Found memory stood
    ) private view returns (uint256 person) {
        bool here = _and(effect.writes, place.patient == effect.patient);
        bool first = _index(_either(effect.isDelegation, stood.delegation, stood.terms)) == 0;
        person = _either(here, _changed(before.person, first), before.person);
        unchecked {
            person += _either(_and(here, effect.counted), 1 << 240, 0);
        }
        person &= ~_either(_and(here, effect.ends), uint256(type(uint16).max) << 240, 0);
        return _either(place.patient == effect.actor, _moved(effect, person), person);
    }

    function _next(uint256 count) private pure returns (uint256) {
        return _either(count == type(uint32).max, count, (count + 1) & type(uint32).max);
    }

    /* WITHOUT BRANCHES, WHICH THE PROVER WOULD WALK ONE BY ONE */

    function _and(bool a, bool b) internal pure returns (bool both) {
        assembly ("memory-safe") {
            both := and(a, b)
        }
    }

    function _or(bool a, bool b) internal pure returns (bool one) {
        assembly ("memory-safe") {
            one := or(a, b)
        }
    }

    function _either(bool condition, uint256 yes, uint256 no) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := xor(no, and(xor(yes, no), sub(0, condition)))
        }
    }

    /* FIELDS, READ FROM THE WORD AS IT IS DOCUMENTED */

    /// Of terms: the first second. Of a delegation: the longest period.
    function _start(uint256 word) internal pure returns (uint256) {
        return uint40(word);
    }

    function _end(uint256 word) internal pure returns (uint256) {
        return uint40(word >> 40);
    }

    /// Of terms and delegations; of a person's state it is the lowest field.
    function _era(uint256 word) internal pure returns (uint256) {
        return uint40(word >> 80);
    }

    function _purposes(uint256 word) internal pure returns (uint256) {
        return uint64(word >> 120);
    }

    function _permissions(uint256 word) internal pure returns (uint256) {
        return uint8(word >> 184);
    }

    function _writtenAt(uint256 word) internal pure returns (uint256) {
        return uint32(word >> 192);
    }

    function _index(uint256 word) internal pure returns (uint256) {
        return uint32(word >> 224);
    }

    function _eraOf(uint256 person) internal pure returns (uint256) {
        return uint40(person);
    }

    function _stand(uint256 person) internal pure returns (uint256) {
        return uint56(person >> 40);
    }

    function _number(uint256 person) internal pure returns (uint256) {
        return uint16(person >> 96);
    }

    function _changes(uint256 person) internal pure returns (uint256) {
        return uint32(person >> 112);
    }

    function _slots(uint256 person) internal pure returns (uint256) {
        return uint32(person >> 176);
    }

    function _byDelegates(uint256 person) internal pure returns (uint256) {
        return person >> 240;
    }

    /// A DENY that holds in this era: the patient's in each, a delegate's in its own.
    function _denies(uint256 word, uint256 era) internal pure returns (bool) {
        bool ofTheEra = _or(_permissions(word) & BY_DELEGATE == 0, _era(word) == era);
        return _and(_permissions(word) & DENY != 0, ofTheEra);
    }

    function _isDenyOfThePatient(uint256 word) internal pure returns (bool) {
        return _permissions(word) & (DENY | BY_DELEGATE) == DENY;
    }
}
