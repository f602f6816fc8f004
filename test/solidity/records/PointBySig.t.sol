// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract PointBySigTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.roll(BLOCK + 1);
    }

    function test_announcesWhatAnyoneCarriesForTheAuthor() external {
        bytes memory call = _checkForm(_form(AUTHOR_KEY, RecordSigning.hash(_pointer(1))), _callOf);
        _checkWords(address(_records), call, 0, 1);
        _checkWords(address(_records), call, 4, 5);
        _checkWords(address(_records), call, 6, 7);
        // another place has other numbers; of this one the next is asked for
        for (uint256 word = 1; word < 4; ++word) {
            _refuses(_outsider, address(_records), _changed(call, word), _invalidSignature(_author));
        }
        _refuses(_outsider, address(_records), _changed(call, 5), _stale(0, 0));

        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(_patient, _id(CONTENT), CARDIOLOGY, NEW_MANIFEST, _author, _link(1, 0), _link(1, 0));
        _carries(address(_records), call);
        _checkLogs(1);
        _checkLink(_records.pointersOf(_id(CONTENT)), 1, BLOCK + 1, "pointers");
        _checkHistory(1, BLOCK + 1);
        _refuses(_outsider, address(_records), call, _stale(1, 1));
    }

    /// Held back, it leads to no older manifest, whoever announced the newer one.
    function test_refusesASignatureThatWasHeldBack() external {
        bytes memory held = _signedPointer(AUTHOR_KEY, _pointer(1));
        vm.prank(_patient);
        _records.point(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        vm.expectRevert(_stale(1, 1));
        _records.pointBySig(_pointer(1), held);
    }

    function test_takesTheNextNumberAlone() external {
        uint32[4] memory numbers = [uint32(0), 2, 3, type(uint32).max];
        for (uint256 i = 0; i < numbers.length; ++i) {
            bytes memory signature = _signedPointer(AUTHOR_KEY, _pointer(numbers[i]));
            vm.expectRevert(_stale(numbers[i], 0));
            _records.pointBySig(_pointer(numbers[i]), signature);
        }
        for (uint32 number = 1; number < 4; ++number) {
            _records.pointBySig(_pointer(number), _signedPointer(AUTHOR_KEY, _pointer(number)));
        }
        _checkLink(_records.pointersOf(_id(CONTENT)), 3, BLOCK + 1, "pointers");
    }

    function test_announcesForThePatientAndRefusesWhoMayNotPoint() external {
        IAnchors.SignedPointer memory pointer = _pointer(1);
        pointer.by = _outsider;
        bytes memory signature = _signedPointer(OUTSIDER_KEY, pointer);
        vm.expectRevert(_notAuthorOf(CONTENT, _outsider));
        _records.pointBySig(pointer, signature);

        _revoke(_author, CARDIOLOGY);
        signature = _signedPointer(AUTHOR_KEY, _pointer(1));
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        _records.pointBySig(_pointer(1), signature);

        pointer.by = _patient;
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(_patient, _id(CONTENT), CARDIOLOGY, NEW_MANIFEST, _patient, _link(1, 0), _link(1, 0));
        _records.pointBySig(pointer, _signedPointer(PATIENT_KEY, pointer));
    }

    function test_refusesAnAuthorWhoIsDeniedAnAmendmentsOwnId() external {
        vm.prank(_author);
        _records.amend(_amendment());
        IAnchors.SignedPointer memory pointer = _pointer(1);
        pointer.content = NEW_CONTENT;
        bytes memory signature = _signedPointer(AUTHOR_KEY, pointer);
        _deny(_author, _id(NEW_CONTENT));
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        _records.pointBySig(pointer, signature);
        _lift(_author, _id(NEW_CONTENT));
        _records.pointBySig(pointer, signature);
        _checkLink(_records.pointersOf(_id(NEW_CONTENT)), 1, BLOCK + 1, "pointers");
    }

    function test_refusesWhatPointRefuses() external {
        IAnchors.SignedPointer memory pointer = _pointer(1);
        pointer.manifest = 0;
        bytes memory signature = _signedPointer(AUTHOR_KEY, pointer);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _records.pointBySig(pointer, signature);
        pointer = _pointer(1);
        pointer.content = NEW_CONTENT;
        signature = _signedPointer(AUTHOR_KEY, pointer);
        vm.expectRevert(_unknown(_id(NEW_CONTENT)));
        _records.pointBySig(pointer, signature);
        _erase(CONTENT);
        signature = _signedPointer(AUTHOR_KEY, _pointer(1));
        vm.expectRevert(_invalidStatus(CONTENT, IAnchors.Status.Erased));
        _records.pointBySig(_pointer(1), signature);
    }

    function _pointer(uint32 number) private view returns (IAnchors.SignedPointer memory) {
        return IAnchors.SignedPointer(_author, _patient, CARDIOLOGY, CONTENT, NEW_MANIFEST, number, DEADLINE);
    }

    function _callOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IAnchors.pointBySig, (_pointer(1), signature));
    }

    function _signedPointer(uint256 key, IAnchors.SignedPointer memory pointer) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(pointer));
    }

    function _stale(uint32 number, uint32 standing) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.StalePointer.selector, _id(CONTENT), number, standing);
    }
}
