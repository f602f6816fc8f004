// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {PointerActions} from "./PointerActions.sol";

/// Records are amended, withdrawn and erased, and operators attest it; by those who may and by those who may not.
abstract contract CorrectionActions is PointerActions {
    mapping(bytes32 id => mapping(address operator => uint256 time)) public attestedAt;
    bytes32[] private _erased;

    /// @param what Of the new content: perhaps known, or the same.
    function amend(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        Slot memory next = Slot(place.patient, author, place.compartment, bytes32(((what / 8) % 16) + 1), 0);
        next.scope = scopeOf(next.patient, next.compartment, next.content);
        bytes32 origin = _originOf(place);
        bool expected = _mayCorrect(author, place) && statusOf(place.scope) == ANCHORED && statusOf(next.scope) == 0;
        // power over one record is not enough to add another
        expected = expected && _mayAnchor(author, place) && _mayWrite(author, place, origin);
        ICorrections.Amendment memory amendment;
        (amendment.patient, amendment.compartment) = (place.patient, place.compartment);
        (amendment.content, amendment.newContent) = (place.content, next.content);
        (amendment.manifest, amendment.reason) = ("m", "why");
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(ICorrections.amend, (amendment));
            _act(author, address(_on.records), direct, expected, "amend");
        } else {
            expected = _amendBySig(author, amendment, expected, how);
        }
        if (!expected) return;
        _move(place.scope, AMENDED);
        _bookRecord(next, author, time, origin);
        _bookChange(place.patient);
    }

    function retract(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        uint256 status = statusOf(place.scope);
        bool expected = _mayCorrect(author, place) && (status == ANCHORED || status == AMENDED);
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(
                ICorrections.retract,
                (place.patient, place.compartment, place.content, "why")
            );
            _act(author, address(_on.records), direct, expected, "retract");
        } else {
            expected = _retractBySig(author, place, expected, how);
        }
        if (!expected) return;
        _move(place.scope, RETRACTED);
        _bookChange(place.patient);
    }

    function erase(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        bool expected;
        if (how % 2 == 0) {
            // in their own chart this says nothing of the patient's
            place = Slot(author, author, place.compartment, place.content, 0);
            place.scope = scopeOf(author, place.compartment, place.content);
            expected = _isReadable(place.scope);
            bytes memory direct = abi.encodeCall(ICorrections.requestErasure, (place.compartment, place.content));
            _act(author, address(_on.records), direct, expected, "requestErasure");
        } else {
            expected = _eraseBySig(place, how);
        }
        if (!expected) return;
        _move(place.scope, ERASED);
        _erased.push(place.scope);
        _bookChange(place.patient);
    }

    function attest(uint256 by, uint256 which, uint256 how) external {
        if (_records.length == 0) return;
        Named memory named = _credential(by, how / 1024);
        Record memory known = _records[which % _records.length];
        if (_erased.length != 0 && how % 8 > 1) {
            known = _records[_numberOf[_erased[which % _erased.length]] - 1];
        }
        if (how % 32 == 31) known.patient = actor(by); // another patient's history
        bytes32 id = scopeOf(known.patient, known.compartment, known.content);
        bool expected = named.role != "researcher" && _holds(named.who, named.role, named.index);
        expected = expected && statusOf(id) == ERASED && attestedAt[id][named.who] == 0;
        ICorrections.ErasureReceipt memory receipt = ICorrections.ErasureReceipt(
            named.who,
            known.patient,
            known.compartment,
            known.content,
            named.role,
            named.index
        );
        expected = how % 2 == 0 ? _attest(receipt, expected) : _attestBySig(receipt, expected, how / 64);
        if (!expected) return;
        attestedAt[id][named.who] = time;
        _bookChange(known.patient);
    }

    /* PRIVATE */

    /// The patient, who manages for them, or its author while they may write there.
    function _mayCorrect(address author, Slot memory place) private view returns (bool) {
        if (place.compartment == 0) return false;
        if (author == place.patient) return true;
        bytes32[] memory scopes = chain(place.patient, place.compartment, _originOf(place));
        bool manages = REFERENCE.isDelegate(place.patient, author, scopes, 64, time);
        return (manages && !_isShutOut(author, place)) || _isWritingAuthor(author, place);
    }

    function _amendBySig(
        address author,
        ICorrections.Amendment memory amendment,
        bool entitled,
        uint256 how
    ) private returns (bool expected) {
        (uint40 deadline, bool forged) = _dated(how);
        bytes memory signature = _signForm(
            address(_on.records),
            RECORDS,
            author,
            "Amend(address by,address patient,bytes32 compartment,bytes32 content,bytes32 newContent,bytes32 manifest,bytes32 reason,uint40 deadline)",
            abi.encode(author, amendment, deadline),
            forged
        );
        expected = entitled && !forged && time <= deadline && _keyOf[author] != 0;
        bytes memory data = abi.encodeCall(ICorrections.amendBySig, (author, amendment, deadline, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "amendBySig");
        if (expected) _sentAgain(address(_on.records), data);
    }

    function _retractBySig(
        address author,
        Slot memory place,
        bool entitled,
        uint256 how
    ) private returns (bool expected) {
        (uint40 deadline, bool forged) = _dated(how);
        ICorrections.SignedRetraction memory retraction = ICorrections.SignedRetraction(
            author,
            place.patient,
            place.compartment,
            place.content,
            "why",
            deadline
        );
        bytes memory signature = _signForm(
            address(_on.records),
            RECORDS,
            author,
            "Retract(address by,address patient,bytes32 compartment,bytes32 content,bytes32 reason,uint40 deadline)",
            abi.encode(retraction),
            forged
        );
        expected = entitled && !forged && time <= deadline && _keyOf[author] != 0;
        bytes memory data = abi.encodeCall(ICorrections.retractBySig, (retraction, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "retractBySig");
        if (expected) _sentAgain(address(_on.records), data);
    }

    function _eraseBySig(Slot memory place, uint256 how) private returns (bool expected) {
        (uint40 deadline, bool forged) = _dated(how);
        uint256 era = _persons[place.patient].era + (how % 17 == 0 ? 1 : 0);
        ICorrections.SignedErasure memory erasure = ICorrections.SignedErasure(
            place.patient,
            place.compartment,
            place.content,
            uint40(era),
            deadline
        );
        bytes memory signature = _signForm(
            address(_on.records),
            RECORDS,
            place.patient,
            "Erasure(address patient,bytes32 compartment,bytes32 content,uint40 era,uint40 deadline)",
            abi.encode(erasure),
            forged
        );
        expected = _isReadable(place.scope) && !forged && time <= deadline && how % 17 != 0;
        bytes memory data = abi.encodeCall(ICorrections.requestErasureBySig, (erasure, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "requestErasureBySig");
        if (expected) _sentAgain(address(_on.records), data);
    }

    function _attest(ICorrections.ErasureReceipt memory receipt, bool expected) private returns (bool) {
        bytes memory data = abi.encodeCall(
            ICorrections.attestErasure,
            (receipt.patient, receipt.compartment, receipt.content, receipt.role, receipt.credential)
        );
        _act(receipt.operator, address(_on.records), data, expected, "attestErasure");
        return expected;
    }

    function _attestBySig(
        ICorrections.ErasureReceipt memory receipt,
        bool entitled,
        uint256 how
    ) private returns (bool expected) {
        (uint40 deadline, bool forged) = _dated(how);
        bytes memory signature = _signForm(
            address(_on.records),
            RECORDS,
            receipt.operator,
            "ErasureReceipt(address operator,address patient,bytes32 compartment,bytes32 content,bytes32 role,uint256 credential,uint40 deadline)",
            abi.encode(receipt, deadline),
            forged
        );
        expected = entitled && !forged && time <= deadline;
        bytes memory data = abi.encodeCall(ICorrections.attestErasureBySig, (receipt, deadline, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "attestErasureBySig");
        if (expected) _sentAgain(address(_on.records), data);
    }

    function _move(bytes32 id, uint256 status) private {
        Record storage known = _records[_numberOf[id] - 1];
        vm.assertTrue(status > known.status, "a status that went back");
        known.status = status;
    }
}
