// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {Signing} from "../helpers/Signing.sol";
import {CredentialActions} from "./CredentialActions.sol";

/// Records are anchored, by those who may and by those who may not. Here are the books of all records.
abstract contract RecordActions is CredentialActions {
    struct Record {
        bytes32 id;
        address patient;
        bytes32 compartment;
        bytes32 content;
        address author;
        uint256 time;
        uint256 writtenAt;
        uint256 index;
        uint256 status;
        /// Content that consent to it names.
        bytes32 origin;
        /// Whether its author could write there then.
        bool entitled;
        uint256 pointers;
        uint256 pointedAt;
    }

    /// Counted and linked lists: how many, and the block of the newest.
    struct Head {
        uint256 count;
        uint256 lastAt;
    }

    uint256 internal constant ANCHORED = 1;
    uint256 internal constant AMENDED = 2;
    uint256 internal constant RETRACTED = 3;
    uint256 internal constant ERASED = 4;
    string internal constant RECORDS = "CareKey RecordRegistry";

    Record[] internal _records;
    /// Position in the list, from 1.
    mapping(bytes32 id => uint256 number) internal _numberOf;
    mapping(address patient => Head head) internal _charts;
    mapping(address patient => Head head) internal _histories;

    function recordCount() external view returns (uint256) {
        return _records.length;
    }

    function record(uint256 number) external view returns (Record memory) {
        return _records[number];
    }

    function chart(address patient) external view returns (Head memory) {
        return _charts[patient];
    }

    function history(address patient) external view returns (Head memory) {
        return _histories[patient];
    }

    function statusOf(bytes32 id) public view returns (uint256) {
        uint256 number = _numberOf[id];
        return number == 0 ? 0 : _records[number - 1].status;
    }

    /* WRITERS */

    function anchor(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory place) = _recordPlace(by, whose, where, what);
        bool expected = statusOf(place.scope) == 0 && _mayAnchor(author, place);
        bytes memory data = abi.encodeCall(IAnchors.anchor, (place.patient, place.compartment, place.content, "m"));
        _act(author, address(_on.records), data, expected, "anchor");
        if (expected) _bookRecord(place, author, time, place.content);
    }

    /// Two contents, the second one perhaps known or the same: what is bad is left out.
    function anchorMany(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory first) = _recordPlace(by, whose, where, what);
        (, Slot memory second) = _recordPlace(by, whose, where, what / 8);
        IAnchors.Entry[] memory entries = new IAnchors.Entry[](2);
        entries[0] = IAnchors.Entry(first.content, "m");
        entries[1] = IAnchors.Entry(second.content, "m");
        bool expected = _mayAnchor(author, first);
        bytes memory data = abi.encodeCall(IAnchors.anchorMany, (first.patient, first.compartment, entries));
        _act(author, address(_on.records), data, expected, "anchorMany");
        if (!expected) return;
        if (statusOf(first.scope) == 0) _bookRecord(first, author, time, first.content);
        if (statusOf(second.scope) == 0) _bookRecord(second, author, time, second.content);
    }

    /// Carried again it succeeds, and changes nothing; not once the record was withdrawn, nor with another's signature.
    function anchorBySig(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _recordPlace(by, whose, where, what);
        if (how % 3 == 0) (author, place) = _knownPlace(by, whose, where, what);
        (uint40 deadline, bool forged) = _dated(how);
        bytes memory signature = _signAnchor(author, place, deadline, forged);
        bool sound = !forged && time <= deadline && _keyOf[author] != 0;
        bool stands = _isUpheld(place.scope, author);
        bool changes = sound && statusOf(place.scope) == 0 && _mayAnchor(author, place);
        bytes memory data = abi.encodeCall(
            IAnchors.anchorBySig,
            (IAnchors.SignedAnchor(author, place.patient, place.compartment, place.content, "m", deadline), signature)
        );
        _act(_people[OUTSIDER], address(_on.records), data, changes || (sound && stands), "anchorBySig");
        if (changes) _bookRecord(place, author, time, place.content);
    }

    function anchorManyBySig(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory first) = _recordPlace(by, whose, where, what);
        (, Slot memory second) = _recordPlace(by, whose, where, what / 8);
        Slot[2] memory places = [first, second];
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](2);
        bytes memory list;
        bool[2] memory sound;
        for (uint256 i = 0; i < 2; ++i) {
            (uint40 deadline, bool forged) = _dated(how / (i + 1));
            entries[i] = IAnchors.SignedEntry(places[i].content, "m", deadline);
            list = bytes.concat(list, Signing.listed(_signAnchor(author, places[i], deadline, forged)));
            sound[i] = !forged && time <= deadline;
        }
        bool expected = _mayAnchor(author, first);
        bytes memory data = abi.encodeCall(
            IAnchors.anchorManyBySig,
            (author, first.patient, first.compartment, entries, list)
        );
        _act(_people[OUTSIDER], address(_on.records), data, expected, "anchorManyBySig");
        if (!expected) return;
        for (uint256 i = 0; i < 2; ++i) {
            if (sound[i] && statusOf(places[i].scope) == 0) {
                _bookRecord(places[i], author, time, places[i].content);
            }
        }
    }

    /* PLACES AND RIGHTS */

    /// Six contents in each of two compartments; sometimes the whole chart, which holds no record of its own.
    function _recordPlace(
        uint256 by,
        uint256 whose,
        uint256 where,
        uint256 what
    ) internal returns (address author, Slot memory place) {
        author = by % 4 == 0 ? _patient(by / 4) : _anyone(by / 4);
        place.patient = by % 8 == 4 ? author : _patient(whose);
        place.grantee = author;
        place.compartment = bytes32([uint256(1), 1, 1, 2, 2, 0][where % 6]);
        place.content = bytes32((what % 8) + 1);
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
        uint256 count = _records.length;
        if (count == 0 || whose % 8 == 0) return (author, place);
        Record storage known = _records[count - 1 - (where % (count < 8 ? count : 8))];
        place = Slot(known.patient, known.author, known.compartment, known.content, known.id);
        uint256 kind = (by / 1024) % 4;
        if (kind == 1) author = place.patient;
        else if (kind > 1) author = place.grantee;
        _touch(place);
    }

    /// Has WRITE on the compartment.
    function _mayAnchor(address author, Slot memory place) internal view returns (bool) {
        return place.compartment != 0 && _mayWrite(author, place, 0);
    }

    function _mayWrite(address author, Slot memory place, bytes32 content) internal view returns (bool) {
        bytes32[] memory scopes = chain(place.patient, place.compartment, content);
        return REFERENCE.canWrite(place.patient, author, scopes, time);
    }

    /// Is its author, and may still write there.
    function _isWritingAuthor(address author, Slot memory place) internal view returns (bool) {
        uint256 number = _numberOf[place.scope];
        if (number == 0 || _records[number - 1].author != author) return false;
        if (place.compartment == 0 || _isShutOut(author, place)) return false;
        return _mayWrite(author, place, _originOf(place));
    }

    /// A DENY stands for them on the record that the lineage began with, or on this one itself.
    function _isShutOut(address author, Slot memory place) internal view returns (bool) {
        bytes32[] memory origin = chain(place.patient, place.compartment, _originOf(place));
        bytes32[] memory own = chain(place.patient, place.compartment, place.content);
        return REFERENCE.isDenied(place.patient, author, origin) || REFERENCE.isDenied(place.patient, author, own);
    }

    /// Of the lineage.
    function _originOf(Slot memory place) internal view returns (bytes32) {
        uint256 number = _numberOf[place.scope];
        return number == 0 ? place.content : _records[number - 1].origin;
    }

    function _isReadable(bytes32 id) internal view returns (bool) {
        return statusOf(id) != 0 && statusOf(id) != ERASED;
    }

    function _bookRecord(Slot memory place, address author, uint256 when, bytes32 origin) internal {
        _bookRecordBy(author, place, author, when, origin);
    }

    /// @param by Who brought it onto the chart: the author, or the patient for them.
    function _bookRecordBy(address by, Slot memory place, address author, uint256 when, bytes32 origin) internal {
        Head storage head = _charts[place.patient];
        ++head.count;
        head.lastAt = height;
        Record memory entry;
        (entry.id, entry.patient, entry.compartment) = (place.scope, place.patient, place.compartment);
        (entry.content, entry.author, entry.time) = (place.content, author, when);
        (entry.writtenAt, entry.index, entry.status) = (height, head.count, ANCHORED);
        (entry.origin, entry.entitled) = (origin, _mayAnchor(by, place));
        _records.push(entry);
        _numberOf[place.scope] = _records.length;
    }

    /// One more in the history of a patient's records.
    function _bookChange(address patient) internal {
        Head storage head = _histories[patient];
        ++head.count;
        head.lastAt = height;
    }

    function _isUpheld(bytes32 id, address author) private view returns (bool) {
        uint256 number = _numberOf[id];
        if (number == 0 || _records[number - 1].author != author) return false;
        return statusOf(id) == ANCHORED || statusOf(id) == AMENDED;
    }

    function _signAnchor(
        address author,
        Slot memory place,
        uint40 deadline,
        bool forged
    ) private view returns (bytes memory) {
        return
            _signForm(
                address(_on.records),
                RECORDS,
                author,
                "Anchor(address author,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)",
                abi.encode(author, place.patient, place.compartment, place.content, bytes32("m"), deadline),
                forged
            );
    }
}
