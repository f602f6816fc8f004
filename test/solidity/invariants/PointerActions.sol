// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {RecordActions} from "./RecordActions.sol";

/// Newer manifests of records are announced, by those who may and by those who may not.
abstract contract PointerActions is RecordActions {
    function point(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 how) external {
        (address author, Slot memory place) = _knownPlace(by, whose, where, what);
        bool expected = _mayPoint(author, place);
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(
                IAnchors.point,
                (place.patient, place.compartment, place.content, "m")
            );
            _act(author, address(_on.records), direct, expected, "point");
        } else {
            expected = _pointBySig(author, place, expected, how);
        }
        if (expected) _bookPointed(place);
    }

    /// Two records of one patient: what is bad is left out.
    function pointMany(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, Slot memory first) = _knownPlace(by, whose, where, what);
        Slot memory second = first;
        (, Slot memory other) = _knownPlace(by, whose, where / 8, what / 8);
        if (other.patient == first.patient) second = other;
        IAnchors.Pointer[] memory pointers = new IAnchors.Pointer[](2);
        pointers[0] = IAnchors.Pointer(first.compartment, first.content, "m");
        pointers[1] = IAnchors.Pointer(second.compartment, second.content, what % 7 == 0 ? bytes32(0) : bytes32("m"));
        bytes memory data = abi.encodeCall(IAnchors.pointMany, (first.patient, pointers));
        _act(author, address(_on.records), data, true, "pointMany");
        if (_mayPoint(author, first)) _bookPointed(first);
        if (what % 7 != 0 && _mayPoint(author, second)) _bookPointed(second);
    }

    function _pointBySig(
        address author,
        Slot memory place,
        bool entitled,
        uint256 how
    ) private returns (bool expected) {
        uint256 number = _numberOf[place.scope];
        uint256 next = number == 0 ? 1 : _records[number - 1].pointers + 1;
        if (how % 7 == 0) next = how % 2 ** 32;
        (uint40 deadline, bool forged) = _dated(how);
        IAnchors.SignedPointer memory pointer = IAnchors.SignedPointer(
            author,
            place.patient,
            place.compartment,
            place.content,
            "m",
            uint32(next),
            deadline
        );
        bytes memory signature = _signForm(
            address(_on.records),
            RECORDS,
            author,
            "Point(address by,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint32 number,uint40 deadline)",
            abi.encode(pointer),
            forged
        );
        bool isNext = number == 0 ? next == 1 : next == _records[number - 1].pointers + 1;
        expected = entitled && isNext && !forged && time <= deadline && _keyOf[author] != 0;
        bytes memory data = abi.encodeCall(IAnchors.pointBySig, (pointer, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "pointBySig");
        if (expected) _sentAgain(address(_on.records), data);
    }

    function _mayPoint(address author, Slot memory place) private view returns (bool) {
        return _isReadable(place.scope) && (author == place.patient || _isWritingAuthor(author, place));
    }

    function _bookPointed(Slot memory place) private {
        Record storage known = _records[_numberOf[place.scope] - 1];
        ++known.pointers;
        known.pointedAt = height;
        _bookChange(place.patient);
    }
}
