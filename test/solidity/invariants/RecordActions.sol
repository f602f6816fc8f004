// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {Signing} from "../helpers/Signing.sol";
import {DelegationActions} from "./DelegationActions.sol";

/// Records are anchored, corrected, pointed at and erased, by those who may and by those who may not.
abstract contract RecordActions is DelegationActions {
    struct Record {
        bytes32 id;
        address patient;
        address author;
        uint256 time;
        uint256 status;
        bool entitled;
    }

    uint256 internal constant ANCHORED = 1;
    uint256 internal constant AMENDED = 2;
    uint256 internal constant RETRACTED = 3;
    uint256 internal constant ERASED = 4;

    Record[] internal _records;
    /// Where they are, with their authors in the place of the grantee.
    Slot[] private _places;
    bytes32[] internal _erased;
    /// Position in the list, from 1.
    mapping(bytes32 id => uint256 number) internal _numberOf;

    function recordCount() external view returns (uint256) {
        return _records.length;
    }

    function record(uint256 number) external view returns (Record memory) {
        return _records[number];
    }

    /* WRITERS */

    function anchor(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory place) = _recordPlace(by, whose, where, what);
        bool isNew = statusOf(place.scope) == 0;
        bool expected = isNew && _mayAnchor(author, place);
        bytes memory data = abi.encodeCall(
            IAnchors.anchor,
            (place.patient, place.compartment, place.content, bytes32(uint256(1)))
        );
        _act(author, address(_on.records), data, expected, "anchor");
        if (expected) _bookRecord(place, author, time);
    }

    /// Two contents, the second one perhaps known or the same: what is bad is left out.
    function anchorMany(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory first) = _recordPlace(by, whose, where, what);
        (, Slot memory second) = _recordPlace(by, whose, where, what / 8);
        IAnchors.Entry[] memory entries = new IAnchors.Entry[](2);
        entries[0] = IAnchors.Entry(first.content, bytes32(uint256(1)));
        entries[1] = IAnchors.Entry(second.content, bytes32(uint256(1)));
        bool expected = _mayAnchor(author, first);
        bytes memory data = abi.encodeCall(IAnchors.anchorMany, (first.patient, first.compartment, entries));
        _act(author, address(_on.records), data, expected, "anchorMany");
        if (!expected) return;
        if (statusOf(first.scope) == 0) _bookRecord(first, author, time);
        if (statusOf(second.scope) == 0) _bookRecord(second, author, time);
    }

    function anchorBySig(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _recordPlace(by, whose, where, what);
        IAnchors.SignedAnchor memory given = _signedAnchor(author, place, how);
        bytes memory signature = _signRecord(author, RecordSigning.hash(given), how % 7 == 0);
        bool changes = _isAnchoredBy(given, place, how % 7 == 0);
        uint256 number = _numberOf[place.scope];
        // a copy that came first harms nobody
        bool stands = number != 0 && _records[number - 1].author == author;
        bytes memory data = abi.encodeCall(IAnchors.anchorBySig, (given, signature));
        _act(_people[OUTSIDER], address(_on.records), data, changes || stands, "anchorBySig");
        if (changes) _bookRecord(place, author, time);
    }

    function anchorManyBySig(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory first) = _recordPlace(by, whose, where, what);
        (, Slot memory second) = _recordPlace(by, whose, where, what / 8);
        Slot[2] memory places = [first, second];
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](2);
        bytes memory list;
        bool[2] memory sound;
        for (uint256 i = 0; i < 2; ++i) {
            IAnchors.SignedAnchor memory given = _signedAnchor(author, places[i], how / (i + 1));
            bool forged = (how / (i + 1)) % 7 == 0;
            entries[i] = IAnchors.SignedEntry(given.content, given.manifest, given.deadline);
            list = bytes.concat(list, Signing.listed(_signRecord(author, RecordSigning.hash(given), forged)));
            sound[i] = !forged && time <= given.deadline;
        }
        bool expected = _mayAnchor(author, first);
        bytes memory data = abi.encodeCall(
            IAnchors.anchorManyBySig,
            (author, first.patient, first.compartment, entries, list)
        );
        _act(_people[OUTSIDER], address(_on.records), data, expected, "anchorManyBySig");
        if (!expected) return;
        for (uint256 i = 0; i < 2; ++i) {
            if (sound[i] && statusOf(places[i].scope) == 0) _bookRecord(places[i], author, time);
        }
    }

    function point(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        uint256 status = statusOf(place.scope);
        bool entitled = author == place.patient || _isWritingAuthor(author, place);
        bytes memory data = abi.encodeCall(
            IAnchors.point,
            (place.patient, place.compartment, place.content, bytes32(uint256(1)))
        );
        _act(author, address(_on.records), data, entitled && status != 0 && status != ERASED, "point");
    }

    /* CORRECTIONS */

    function amend(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        Slot memory next = Slot(place.patient, author, place.compartment, bytes32(((what / 8) % 12) + 1), 0);
        next.scope = scopeOf(next.patient, next.compartment, next.content);
        bool expected = _mayCorrect(author, place) && statusOf(place.scope) == ANCHORED && statusOf(next.scope) == 0;
        ICorrections.Amendment memory amendment;
        (amendment.patient, amendment.compartment, amendment.content) = (
            place.patient,
            place.compartment,
            place.content
        );
        (amendment.newContent, amendment.manifest, amendment.reason) = (next.content, "m", "why");
        _act(author, address(_on.records), abi.encodeCall(ICorrections.amend, (amendment)), expected, "amend");
        if (!expected) return;
        _move(place.scope, AMENDED);
        _bookRecord(next, author, time);
        _records[_records.length - 1].entitled = true; // who corrects a record may anchor its correction
    }

    function retract(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        uint256 status = statusOf(place.scope);
        bool expected = _mayCorrect(author, place) && (status == ANCHORED || status == AMENDED);
        bytes memory data = abi.encodeCall(
            ICorrections.retract,
            (place.patient, place.compartment, place.content, "why")
        );
        _act(author, address(_on.records), data, expected, "retract");
        if (expected) _move(place.scope, RETRACTED);
    }

    function erase(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        uint256 status = statusOf(place.scope);
        bool expected = status != 0 && status != ERASED;
        if (how % 2 == 0) {
            // in their own chart this says nothing of the patient's
            bytes32 own = scopeOf(author, place.compartment, place.content);
            expected = statusOf(own) != 0 && statusOf(own) != ERASED;
            bytes memory direct = abi.encodeCall(ICorrections.requestErasure, (place.compartment, place.content));
            _act(author, address(_on.records), direct, expected, "requestErasure");
            if (expected) _move(own, ERASED);
            return;
        }
        ICorrections.SignedErasure memory erasure = ICorrections.SignedErasure(
            place.patient,
            place.compartment,
            place.content,
            uint40(lockdownAt[place.patient] + (how % 17 == 0 ? 1 : 0)),
            uint40(how % 13 == 0 ? time - 1 : time)
        );
        bytes memory signature = _signRecord(place.patient, RecordSigning.hash(erasure), how % 7 == 0);
        expected = expected && how % 17 != 0 && how % 13 != 0 && how % 7 != 0;
        bytes memory data = abi.encodeCall(ICorrections.requestErasureBySig, (erasure, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "requestErasureBySig");
        if (expected) _move(place.scope, ERASED);
    }

    /* PLACES AND RIGHTS */

    function statusOf(bytes32 id) public view returns (uint256) {
        uint256 number = _numberOf[id];
        return number == 0 ? 0 : _records[number - 1].status;
    }

    /// Six contents in each of two compartments; sometimes the whole chart, which holds no record of its own.
    function _recordPlace(
        uint256 by,
        uint256 whose,
        uint256 where,
        uint256 what
    ) internal returns (address author, Slot memory place) {
        author = by % 4 == 0 ? _patient(by / 4) : _anyone(by / 4);
        place.patient = _patient(whose);
        place.grantee = author;
        place.compartment = bytes32([uint256(1), 1, 1, 2, 2, 0][where % 6]);
        place.content = bytes32((what % 6) + 1);
        place.scope = scopeOf(place.patient, place.compartment, place.content);
        _touch(place);
    }

    /// Mostly one of the records that came last, and its author, its patient or anyone.
    function _knownPlace(
        uint256 by,
        uint256 whose,
        uint256 where,
        uint256 what
    ) internal returns (address author, Slot memory place) {
        (author, place) = _recordPlace(by, whose, where, what);
        uint256 count = _places.length;
        if (count == 0 || whose % 8 == 0) return (author, place);
        place = _places[count - 1 - (where % (count < 8 ? count : 8))];
        uint256 kind = (by / 1024) % 4;
        if (kind == 1) author = place.patient;
        else if (kind > 1) author = place.grantee;
        _touch(place);
    }

    function _mayAnchor(address author, Slot memory place) internal view returns (bool) {
        bytes32[] memory scopes = chain(place.patient, place.compartment, 0);
        return place.compartment != 0 && REFERENCE.canWrite(place.patient, author, scopes, time);
    }

    function _bookRecord(Slot memory place, address author, uint256 when) internal {
        bool entitled = _mayAnchor(author, place);
        _records.push(Record(place.scope, place.patient, author, when, ANCHORED, entitled));
        _numberOf[place.scope] = _records.length;
        place.grantee = author;
        _places.push(place);
    }

    function _signRecord(address signer, bytes32 structHash, bool forged) internal view returns (bytes memory) {
        uint256 key = _keyOf[signer];
        return
            Signing.sign(
                forged ? key + 100 : key,
                RecordSigning.digest(address(_on.records), block.chainid, structHash)
            );
    }

    function _isWritingAuthor(address author, Slot memory place) private view returns (bool) {
        uint256 number = _numberOf[place.scope];
        if (number == 0 || _records[number - 1].author != author) return false;
        bytes32[] memory scopes = chain(place.patient, place.compartment, place.content);
        return REFERENCE.canWrite(place.patient, author, scopes, time);
    }

    function _mayCorrect(address author, Slot memory place) private view returns (bool) {
        if (place.compartment == 0) return false;
        bytes32[] memory scopes = chain(place.patient, place.compartment, place.content);
        bool manages = author == place.patient || REFERENCE.isDelegate(place.patient, author, scopes, 16, time);
        return manages || _isWritingAuthor(author, place);
    }

    function _isAnchoredBy(
        IAnchors.SignedAnchor memory given,
        Slot memory place,
        bool forged
    ) private view returns (bool) {
        return !forged && time <= given.deadline && statusOf(place.scope) == 0 && _mayAnchor(given.author, place);
    }

    function _signedAnchor(
        address author,
        Slot memory place,
        uint256 how
    ) private view returns (IAnchors.SignedAnchor memory) {
        uint256 deadline = how % 13 == 0 ? time - 1 : time + (how % 50);
        return IAnchors.SignedAnchor(author, place.patient, place.compartment, place.content, "m", uint40(deadline));
    }

    function _move(bytes32 id, uint256 status) private {
        Record storage known = _records[_numberOf[id] - 1];
        vm.assertTrue(status > known.status, "a status that went back");
        known.status = status;
        if (status == ERASED) _erased.push(id);
    }
}
