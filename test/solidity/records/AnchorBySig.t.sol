// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract AnchorBySigTest is RecordsTest {
    function test_anchorsWhatAnyoneCarriesForItsAuthor() external {
        bytes memory call = _checkForm(_form(AUTHOR_KEY, RecordSigning.hash(_record())), _callOf);
        _checkWords(address(_records), call, 0, 6);
        vm.recordLogs();
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        bytes32 recordId = abi.decode(_carries(address(_records), call), (bytes32));
        _checkLogs(1);
        vm.assertEq(recordId, _id(CONTENT), "recordId");
        _checkAnchor(recordId, _author, DEADLINE, IAnchors.Status.Anchored);
        _checkPlace(recordId, 1, BLOCK);
        _checkChart(1, BLOCK);
    }

    function test_anchorsForThePatientAndForADelegateWithWrite() external {
        _delegate(_outsider, CHART, WRITE);
        IAnchors.SignedAnchor memory record = _record();
        (record.author, record.content) = (_patient, NEW_CONTENT);
        _records.anchorBySig(record, _signedRecord(PATIENT_KEY, record));
        (record.author, record.content) = (_outsider, CONTENT);
        _records.anchorBySig(record, _signedRecord(OUTSIDER_KEY, record));
        _checkAnchor(_id(NEW_CONTENT), _patient, T0, IAnchors.Status.Anchored);
        _checkAnchor(_id(CONTENT), _outsider, T0, IAnchors.Status.Anchored);
    }

    /// A copied submission harms nobody; with it nothing else of the same author's is touched.
    function test_succeedsWithoutEffectWhereTheAuthorAnchoredItAlready() external {
        bytes memory signature = _signedRecord(AUTHOR_KEY, _record());
        _records.anchorBySig(_record(), signature);
        _revoke(_author, CARDIOLOGY);
        vm.warp(DEADLINE);
        vm.roll(BLOCK + 1);
        vm.recordLogs();
        vm.assertEq(_records.anchorBySig(_record(), signature), _id(CONTENT), "again");
        IAnchors.SignedAnchor memory another = _record();
        another.manifest = NEW_MANIFEST;
        signature = _signedRecord(AUTHOR_KEY, another);
        vm.assertEq(_records.anchorBySig(another, signature), _id(CONTENT), "another manifest, which is not announced");
        _checkLogs(0);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
        _checkChart(1, BLOCK);
    }

    function test_succeedsWithoutEffectWhereTheRecordWasAmended() external {
        bytes memory signature = _signedRecord(AUTHOR_KEY, _record());
        _records.anchorBySig(_record(), signature);
        vm.prank(_author);
        _records.amend(_amendment());
        vm.assertEq(_records.anchorBySig(_record(), signature), _id(CONTENT), "again");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Amended);
    }

    /// Nothing counts unsigned or late, not even what stands already.
    function test_asksForTheSignatureOfWhatStandsAlready() external {
        _anchor(CONTENT);
        bytes memory signature = _signedRecord(AUTHOR_KEY, _record());
        bytes memory forged = _signedRecord(OUTSIDER_KEY, _record());
        vm.expectRevert(_invalidSignature(_author));
        _records.anchorBySig(_record(), "");
        vm.expectRevert(_invalidSignature(_author));
        _records.anchorBySig(_record(), forged);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        _records.anchorBySig(_record(), signature);
    }

    function test_refusesWhatWasErasedOrRetracted() external {
        bytes memory signature = _signedRecord(AUTHOR_KEY, _record());
        _records.anchorBySig(_record(), signature);
        vm.prank(_patient);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        vm.expectRevert(_invalidStatus(CONTENT, IAnchors.Status.Retracted));
        _records.anchorBySig(_record(), signature);
        _erase(CONTENT);
        vm.expectRevert(_invalidStatus(CONTENT, IAnchors.Status.Erased));
        _records.anchorBySig(_record(), signature);
    }

    function test_refusesARecordOfAnotherAuthor() external {
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        bytes memory signature = _signedRecord(AUTHOR_KEY, _record());
        vm.expectRevert(_alreadyAnchored(CONTENT));
        _records.anchorBySig(_record(), signature);
    }

    function test_refusesNobodyAsAuthor() external {
        IAnchors.SignedAnchor memory record = _record();
        record.author = address(0);
        _refusesSignature(record, "");
        _refusesSignature(record, new bytes(65));
        record.patient = address(0); // who may write for themselves
        _refusesSignature(record, new bytes(65));
        _checkNoAnchor(_idOf(address(0), CARDIOLOGY, CONTENT));
    }

    function test_refusesAnAuthorWhoMayNotWrite() external {
        _grant(_outsider, _id(CONTENT), WRITE);
        IAnchors.SignedAnchor memory record = _record();
        record.author = _outsider;
        _refusesWriter(record, OUTSIDER_KEY);
        record = _record();
        record.compartment = IMAGING;
        _refusesWriter(record, AUTHOR_KEY);
        _lockdown();
        _refusesWriter(_record(), AUTHOR_KEY);
    }

    function test_refusesWhatIsNoCompartmentAndEmptyContentsAndManifests() external {
        IAnchors.SignedAnchor memory record = _record();
        record.author = _patient;
        record.compartment = CHART;
        bytes memory signature = _signedRecord(PATIENT_KEY, record);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, CHART));
        _records.anchorBySig(record, signature);
        record = _record();
        record.content = 0;
        signature = _signedRecord(AUTHOR_KEY, record);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        _records.anchorBySig(record, signature);
        record = _record();
        record.manifest = 0;
        signature = _signedRecord(AUTHOR_KEY, record);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _records.anchorBySig(record, signature);
    }

    function testFuzz_refusesAnyOtherWordAsSignature(bytes32 r, bytes32 s, uint8 v) external {
        _refusesSignature(_record(), abi.encodePacked(r, s, v));
        _refusesSignature(_record(), abi.encodePacked(r, uint256(s) >> 1, v % 2 == 0 ? uint8(27) : uint8(28)));
    }

    function _record() private view returns (IAnchors.SignedAnchor memory) {
        return IAnchors.SignedAnchor(_author, _patient, CARDIOLOGY, CONTENT, MANIFEST, DEADLINE);
    }

    function _callOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IAnchors.anchorBySig, (_record(), signature));
    }

    function _signedRecord(uint256 key, IAnchors.SignedAnchor memory record) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(record));
    }

    function _refusesSignature(IAnchors.SignedAnchor memory record, bytes memory signature) private {
        vm.expectRevert(_invalidSignature(record.author));
        _records.anchorBySig(record, signature);
    }

    function _refusesWriter(IAnchors.SignedAnchor memory record, uint256 key) private {
        bytes memory signature = _signedRecord(key, record);
        vm.expectRevert(_notWriterOf(record.compartment, record.author));
        _records.anchorBySig(record, signature);
    }
}
