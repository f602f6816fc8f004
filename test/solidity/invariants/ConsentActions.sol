// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Signing} from "../helpers/Signing.sol";
import {Reference} from "../properties/Reference.sol";
import {ConsentDraws} from "./ConsentDraws.sol";

/// Patients and delegates do whatever they like, in person and by signature; hostile carriers hold back, reorder, drop, forge and
/// repeat what was signed.
abstract contract ConsentActions is ConsentDraws {
    /// What somebody signed and a carrier keeps.
    struct Held {
        Paper paper;
        /// Nobody who signs it is who they say.
        bool forged;
        /// What the signer had done when it was signed.
        uint256 acts;
        uint256 openings;
        bool carried;
    }

    /// What a signer signs in one go.
    struct Go {
        uint256 stand;
        uint256 session;
        uint256 number;
    }

    Held[] private _held;
    mapping(address signer => Go go) private _goOf;
    /// The session of the last signature that opened, and its number.
    mapping(address signer => Go go) private _openedLast;
    /// Positions of those that were carried with success.
    uint256[] private _done;
    uint256 private _ids;

    /// How often a signature opened something although its signer had acted since, and how often one worked twice.
    uint256 public late;
    uint256 public revived;
    /// How often what shuts was refused, though signed by who could and in time.
    uint256 public unheard;

    /* IN PERSON */

    function act(
        uint256 by,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        Reference.Limits memory limits,
        uint256 how
    ) external {
        _doInPerson(_patientsDeed(by, to, where, given, limits, how));
    }

    function actFor(
        uint256 by,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        uint256 whose,
        uint256 how
    ) external {
        _doInPerson(_delegatesDeed(by, whose, to, where, given, how));
    }

    /// Gives up what opens, and one or two of those that shut.
    function cancel(uint256 by, uint256 first, uint256 second, uint256 how) external {
        address who = by % 4 == 0 ? actor(by / 4) : _patient(by / 4);
        uint256[] memory ids = new uint256[](how % 3);
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 which = i == 0 ? first : second;
            ids[i] = which;
            if (_held.length != 0 && how % 8 > 1) {
                Paper storage paper = _held[which % _held.length].paper;
                (who, ids[i]) = (i == 0 ? paper.deed.by : who, paper.id);
            }
        }
        bytes memory data = abi.encodeCall(ISignedConsents.cancel, (ids));
        _act(who, address(_on.consent), data, true, "cancel");
        for (uint256 i = 0; i < ids.length; ++i) used[who][ids[i]] = true;
        _moveOn(who, keccak256(data));
        _touch(slotOf(who, grantee(how), how));
    }

    /* BY SIGNATURE */

    function sign(
        uint256 by,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        Reference.Limits memory limits,
        uint256 how
    ) external {
        Deed memory deed = _patientsDeed(by, to, where, given, limits, how);
        if (deed.kind == Kind.LiftMany) deed.kind = Kind.Grant;
        _write(deed, how);
    }

    function signFor(
        uint256 by,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        uint256 whose,
        uint256 how
    ) external {
        Deed memory deed = _delegatesDeed(by, whose, to, where, given, how);
        if (_keyOf[deed.by] != 0) _write(deed, how); // nobody signs for a group
    }

    /// Any that was held back, in any order; the newest more often.
    function release(uint256 which) external {
        uint256 count = _held.length;
        if (count == 0) return;
        uint256 newest = count < 4 ? count : 4;
        _carry(which % 4 == 0 ? (which / 4) % count : count - 1 - ((which / 4) % newest));
    }

    /// Two grants in one batch: what is bad is left out, the other stands.
    function releaseMany(uint256 first, uint256 second) external {
        uint256[2] memory picked;
        if (!_pickGrants(first, second, picked)) return;
        ISignedConsents.SignedGrant[] memory given = new ISignedConsents.SignedGrant[](2);
        bytes memory list;
        for (uint256 i = 0; i < 2; ++i) {
            Paper memory paper = _held[picked[i]].paper;
            given[i] = _signedGrant(paper);
            list = bytes.concat(list, Signing.listed(paper.signature));
        }
        bytes memory data = abi.encodeCall(ISignedConsents.grantManyBySig, (given, list));
        _act(_people[OUTSIDER], address(_on.consent), data, true, "grantManyBySig");
        for (uint256 i = 0; i < 2; ++i) {
            bool expected = _works(_held[picked[i]]);
            _settle(picked[i], expected);
        }
    }

    /// Sends again what was let through once. The books stay as they are: nothing may change.
    function replay(uint256 which) external {
        if (_done.length == 0) return;
        Held storage held = _held[_done[which % _done.length]];
        _touch(held.paper.deed.slot);
        (bool done, ) = address(_on.consent).call(_carried(held.paper));
        if (done) ++revived;
    }

    /* CARRYING */

    function _doInPerson(Deed memory deed) private {
        deed.lifts = 0;
        bool expected = _isNeverRefused(deed.kind) || (_may(deed, time) && !_areExhausted(deed));
        bytes memory data = _direct(deed);
        _act(deed.by, address(_on.consent), data, expected, _nameOf(deed.kind));
        if (expected) {
            _book(deed);
            _moveOn(deed.by, keccak256(data));
        }
        _touch(deed.slot);
    }

    /// Signs, mostly honestly and as one should; half of it is held back.
    function _write(Deed memory deed, uint256 how) private {
        how = uint256(keccak256(abi.encode(how)));
        Held memory held;
        Paper memory paper = held.paper;
        Person storage signer = _persons[deed.by];
        Slot memory slot = deed.slot;
        paper.deed = deed;
        paper.era = _persons[slot.patient].era + (how % 23 == 0 ? 1 : 0);
        if (_opens(deed.kind)) _number(paper, how / 2 ** 64);
        paper.delegatedAt = (delegations[slot.patient][deed.by][deed.under] / 2 ** 192) % 2 ** 32;
        if (how % 31 == 0) ++paper.delegatedAt;
        paper.id = how % 37 == 0 && _ids > 0 ? (how / 1024) % _ids : _ids++;
        paper.deadline = time + ((how / 2 ** 16) % 60);
        if (how % 19 == 0) paper.deadline = time - 1;
        held.forged = how % 13 == 0;
        (held.acts, held.openings) = (signer.acts, signer.openings);
        _sign(paper, address(_on.consent), held.forged ? 0xF0 : _keyOf[deed.by]);
        _held.push(held);
        if ((how / 2 ** 32) % 2 == 0) _carry(_held.length - 1);
        else _touch(slot);
    }

    function _carry(uint256 which) private {
        Held memory held = _held[which];
        bool expected = _works(held);
        string memory what = string.concat(_nameOf(held.paper.deed.kind), "BySig");
        _act(_people[OUTSIDER], address(_on.consent), _carried(held.paper), expected, what);
        _settle(which, expected);
    }

    /// Books what a carried signature did, and whether one of the three properties was broken.
    function _settle(uint256 which, bool expected) private {
        Held storage held = _held[which];
        Paper memory paper = held.paper;
        Deed memory deed = paper.deed;
        _touch(deed.slot);
        bool isHonest = !held.forged && time <= paper.deadline;
        if (!expected) {
            if (isHonest && _isNeverRefused(deed.kind) && !used[deed.by][paper.id]) ++unheard;
            return;
        }
        if (held.carried) ++revived;
        held.carried = true;
        _done.push(which);
        if (_opens(deed.kind)) {
            if (_isLate(held)) ++late;
            _book(deed);
            _useOpening(deed.by, paper.stand, paper.session, paper.number);
            _openedLast[deed.by] = Go(paper.stand, paper.session, paper.number);
        } else {
            used[deed.by][paper.id] = true;
            _book(deed);
            _moveOn(deed.by, _hash(paper));
        }
    }

    /// The signer has done something since, other than earlier numbers of the same go.
    function _isLate(Held storage held) private view returns (bool) {
        Paper storage paper = held.paper;
        address by = paper.deed.by;
        if (_persons[by].acts != held.acts) return true;
        if (_persons[by].openings == held.openings) return false;
        Go storage last = _openedLast[by];
        bool isOneGo = last.stand == paper.stand && last.session == paper.session;
        return !isOneGo || last.number >= paper.number;
    }

    /// Whether a call with this signature succeeds now.
    function _works(Held memory held) private view returns (bool) {
        Paper memory paper = held.paper;
        Deed memory deed = paper.deed;
        if (held.forged || time > paper.deadline) return false;
        bool isCurrent = paper.era == _persons[deed.slot.patient].era;
        bool mayDo = _may(deed, time) && !_areExhausted(deed);
        if (_opens(deed.kind)) {
            Person storage signer = _persons[deed.by];
            bool isNext = _joined(deed.by, paper.stand, paper.session, signer.number) == signer.stand;
            isNext = isNext && paper.number > signer.number;
            if (!isCurrent || !(isNext || paper.stand == signer.stand)) return false;
            uint256 trust = delegations[deed.slot.patient][deed.by][deed.under];
            bool isStale = deed.kind == Kind.GrantFor && (trust / 2 ** 192) % 2 ** 32 != paper.delegatedAt;
            return mayDo && !isStale;
        }
        if (used[deed.by][paper.id]) return false;
        return _isNeverRefused(deed.kind) || mayDo;
    }

    /// A delegate has written all the slots that delegates may, and this would be one more.
    function _areExhausted(Deed memory deed) private view returns (bool) {
        Slot memory slot = deed.slot;
        if (!_isByDelegate(deed.kind) || grants[slot.patient][slot.grantee][slot.scope] != 0) return false;
        return _persons[slot.patient].byDelegates >= (deed.kind == Kind.GrantFor ? 4096 : 8192);
    }

    function _pickGrants(uint256 first, uint256 second, uint256[2] memory picked) private view returns (bool) {
        uint256 found = 0;
        for (uint256 i = 0; i < _held.length && i < 40 && found < 2; ++i) {
            uint256 which = (found == 0 ? first : second) % _held.length;
            which = (which + i) % _held.length;
            if (_held[which].paper.deed.kind == Kind.Grant) picked[found++] = which;
        }
        return found == 2;
    }

    /// Mostly the next number of a go; sometimes of a new one, of one that is over, or of none that ever was.
    function _number(Paper memory paper, uint256 how) private {
        address by = paper.deed.by;
        Go storage go = _goOf[by];
        bool isOver = _joined(by, go.stand, go.session, _persons[by].number) != _persons[by].stand;
        if (how % 3 == 0 || (how % 8 != 0 && isOver)) {
            (go.stand, go.session, go.number) = (_persons[by].stand, (how / 8) % 2 ** 40, 0);
        }
        ++go.number;
        (paper.stand, paper.session, paper.number) = (go.stand, go.session, go.number);
        if (how % 29 == 0) paper.stand = (paper.stand + 1) % 2 ** 56;
        if (how % 23 == 0) --paper.number;
    }

    function _nameOf(Kind kind) private pure returns (string memory) {
        string[12] memory names = [
            "grant",
            "lift",
            "liftMany",
            "delegate",
            "grantFor",
            "revoke",
            "revokeMany",
            "deny",
            "undelegate",
            "lockdown",
            "revokeFor",
            "denyFor"
        ];
        return names[uint256(kind)];
    }
}
