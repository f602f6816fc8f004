// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {World} from "./World.sol";

/// What ought to stand for each person, grantee and delegate, by what was done and not by what the contract says.
abstract contract Books is World {
    /// What orders a person's acts.
    struct Person {
        uint256 era;
        uint256 stand;
        uint256 number;
        uint256 changes;
        uint256 lastChangeAt;
        uint256 slots;
        uint256 lastSlotAt;
        uint256 byDelegates;
        /// Acts in person, and signed ones that shut: each ends whatever was signed to open before.
        uint256 acts;
        /// Signatures that opened something.
        uint256 openings;
    }

    /// A change by a delegate, with the words that stood before it.
    struct Act {
        Kind kind;
        uint256 given;
        uint256 limits;
        uint256 standing;
        uint256 era;
        uint256 time;
        bool isWithin;
    }

    /// Whole words, with their places.
    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => uint256 word))) public grants;
    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => uint256 word))) public delegations;
    mapping(address signer => mapping(uint256 id => bool yes)) public used;
    mapping(address who => Person person) internal _persons;

    Act private _lastAct;

    /// Whoever was ever delegated to, and where; whoever was ever granted to, or shut out.
    Slot[] internal _delegates;
    Slot[] internal _granted;
    Slot[] internal _shutOut;

    function person(address who) external view returns (Person memory) {
        return _persons[who];
    }

    function lastAct() external view returns (Act memory) {
        return _lastAct;
    }

    /* BOOKING */

    /// All that one deed changes, but for the number of who did it.
    function _book(Deed memory deed) internal {
        Deed[] memory parts = _parts(deed);
        for (uint256 i = 0; i < parts.length; ++i) {
            if (_may(parts[i], time)) _bookOne(parts[i]);
        }
    }

    /// After an act in person, or a signed one that shuts: another stand, drawn from the block before and what was done.
    function _moveOn(address who, bytes32 what) internal {
        Person storage p = _persons[who];
        p.stand = uint256(keccak256(abi.encode(blockhash(height - 1), who, p.stand, what))) % 2 ** 56;
        p.number = 0;
        ++p.acts;
    }

    /// After a signature that opened something: where its session leads.
    function _useOpening(address who, uint256 stand, uint256 session, uint256 number) internal {
        Person storage p = _persons[who];
        (p.stand, p.number) = (_joined(who, stand, session, number), number);
        ++p.openings;
    }

    function _joined(address who, uint256 stand, uint256 session, uint256 last) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(who, stand, session, last))) % 2 ** 56;
    }

    /* PRIVATE */

    function _bookOne(Deed memory deed) private {
        Slot memory slot = deed.slot;
        Kind kind = deed.kind;
        Person storage patient = _persons[slot.patient];
        if (_isByDelegate(kind)) _bookAct(deed);
        _enter(deed, height);
        if (kind == Kind.Lockdown) {
            _count(patient);
            uint256 drawn = uint256(keccak256(abi.encode(deed.salt, slot.patient))) % 2 ** 24;
            patient.era = (patient.era / 2 ** 24 + 1) * 2 ** 24 + drawn;
            patient.byDelegates = 0;
            return;
        }
        bool trust = kind == Kind.Delegate || kind == Kind.Undelegate;
        mapping(bytes32 scope => uint256 word) storage words =
            trust ? delegations[slot.patient][slot.grantee] : grants[slot.patient][slot.grantee];
        words[slot.scope] = _said(deed, patient.era) + _place(patient, words[slot.scope], _isByDelegate(kind));
        if (kind == Kind.Undelegate) patient.byDelegates = 0;
        if (kind == Kind.Delegate) _delegates.push(slot);
        if (kind == Kind.Grant || kind == Kind.GrantFor) _granted.push(slot);
        if (kind == Kind.Deny || kind == Kind.DenyFor) _shutOut.push(slot);
    }

    /// What comes to stand, without its place.
    function _said(Deed memory deed, uint256 era) private pure returns (uint256) {
        Kind kind = deed.kind;
        uint256 mark = _isByDelegate(kind) ? 8 * 2 ** 184 : 0;
        if (kind == Kind.Grant || kind == Kind.GrantFor) {
            uint256 word = Terms.unwrap(_terms(deed.given, era));
            return word + mark;
        }
        if (kind == Kind.Deny || kind == Kind.DenyFor) return _word(0, 0, era, 0, 4) + mark;
        return kind == Kind.Delegate ? Delegation.unwrap(_delegation(deed.limits, era)) : 0;
    }

    /// One more change in this block, and one more slot where nothing was ever written.
    function _place(Person storage patient, uint256 before, bool isByDelegate) private returns (uint256) {
        _count(patient);
        uint256 index = before / 2 ** 224;
        if (index == 0) {
            index = ++patient.slots;
            patient.lastSlotAt = height;
            if (isByDelegate) ++patient.byDelegates;
        }
        return height * 2 ** 192 + index * 2 ** 224;
    }

    function _count(Person storage patient) private {
        ++patient.changes;
        patient.lastChangeAt = height;
    }

    function _bookAct(Deed memory deed) private {
        Slot memory slot = deed.slot;
        uint256 era = _persons[slot.patient].era;
        _lastAct = Act({
            kind: deed.kind,
            given: deed.kind == Kind.GrantFor ? Terms.unwrap(_terms(deed.given, era)) : 0,
            limits: delegations[slot.patient][deed.by][deed.under],
            standing: grants[slot.patient][slot.grantee][slot.scope],
            era: era,
            time: time,
            isWithin: _isWithin(deed)
        });
    }
}
