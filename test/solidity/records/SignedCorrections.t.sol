// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Amendments and retractions that somebody else carries.
contract SignedCorrectionsTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.roll(BLOCK + 1);
    }

    /* AMENDMENTS */

    function test_amendsWhatAnyoneCarriesForTheAuthor() external {
        bytes32 hash = RecordSigning.hash(_author, _amendment(), DEADLINE);
        bytes memory call = _checkForm(_form(AUTHOR_KEY, hash), _amendCallOf);
        _checkWords(address(_records), call, 0, 8);
        vm.recordLogs();
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, 2, BLOCK);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(CONTENT), _id(NEW_CONTENT), REASON, _author, _link(1, 0));
        bytes memory answer = _carries(address(_records), call);
        _checkLogs(2);
        vm.assertEq(abi.decode(answer, (bytes32)), _id(NEW_CONTENT), "newRecordId");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Amended);
        _checkAnchor(_id(NEW_CONTENT), _author, DEADLINE, IAnchors.Status.Anchored);
        vm.assertEq(_records.originOf(_id(NEW_CONTENT)), CONTENT, "origin");
        _refuses(_outsider, address(_records), call, _invalidStatus(CONTENT, IAnchors.Status.Amended));
    }

    function test_amendsForThePatientAndADelegateWhoseSignatureItIs() external {
        bytes memory signature = _sign(OUTSIDER_KEY, RecordSigning.hash(_outsider, _amendment(), DEADLINE));
        vm.expectRevert(_notAuthorOf(CONTENT, _outsider));
        _records.amendBySig(_outsider, _amendment(), DEADLINE, signature);
        _delegate(_outsider, CARDIOLOGY, MANAGE | WRITE);
        _records.amendBySig(_outsider, _amendment(), DEADLINE, signature);
        _checkAnchor(_id(NEW_CONTENT), _outsider, T0, IAnchors.Status.Anchored);

        ICorrections.Amendment memory next = _amendment();
        (next.content, next.newContent) = (NEW_CONTENT, "next");
        signature = _sign(PATIENT_KEY, RecordSigning.hash(_patient, next, DEADLINE));
        _records.amendBySig(_patient, next, DEADLINE, signature);
        _checkAnchor(_id("next"), _patient, T0, IAnchors.Status.Anchored);
    }

    /// What the signer may do is asked when it is carried, not when it is signed.
    function test_refusesAnAmendmentOfWhoMayNotWriteAnyMore() external {
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(_author, _amendment(), DEADLINE));
        _revoke(_author, CARDIOLOGY);
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        _records.amendBySig(_author, _amendment(), DEADLINE, signature);
    }

    /* RETRACTIONS */

    function test_retractsWhatAnyoneCarriesForTheAuthor() external {
        bytes memory call = _checkForm(_form(AUTHOR_KEY, RecordSigning.hash(_retraction())), _retractCallOf);
        _checkWords(address(_records), call, 0, 6);
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit ICorrections.Retracted(_patient, _id(CONTENT), REASON, _author, _link(1, 0));
        _carries(address(_records), call);
        _checkLogs(1);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Retracted);
        _checkHistory(1, BLOCK + 1);
        _refuses(_outsider, address(_records), call, _invalidStatus(CONTENT, IAnchors.Status.Retracted));
    }

    function test_retractsForADelegateAndThePatientWhoseSignatureItIs() external {
        ICorrections.SignedRetraction memory retraction = _retraction();
        retraction.by = _outsider;
        bytes memory signature = _sign(OUTSIDER_KEY, RecordSigning.hash(retraction));
        vm.expectRevert(_notAuthorOf(CONTENT, _outsider));
        _records.retractBySig(retraction, signature);
        _delegate(_outsider, _id(CONTENT), MANAGE);
        vm.expectEmit(address(_records));
        emit ICorrections.Retracted(_patient, _id(CONTENT), REASON, _outsider, _link(1, 0));
        _records.retractBySig(retraction, signature);

        _anchor(NEW_CONTENT);
        (retraction.by, retraction.content) = (_patient, NEW_CONTENT);
        _records.retractBySig(retraction, _sign(PATIENT_KEY, RecordSigning.hash(retraction)));
        _checkAnchor(_id(NEW_CONTENT), _author, T0, IAnchors.Status.Retracted);
    }

    function test_refusesARetractionWithoutReasonOrRecord() external {
        ICorrections.SignedRetraction memory retraction = _retraction();
        retraction.reason = 0;
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(retraction));
        vm.expectRevert(abi.encodeWithSelector(ICorrections.InvalidReason.selector));
        _records.retractBySig(retraction, signature);
        retraction = _retraction();
        retraction.content = NEW_CONTENT;
        signature = _sign(AUTHOR_KEY, RecordSigning.hash(retraction));
        vm.expectRevert(_unknown(_id(NEW_CONTENT)));
        _records.retractBySig(retraction, signature);
    }

    function _retraction() private view returns (ICorrections.SignedRetraction memory) {
        return ICorrections.SignedRetraction(_author, _patient, CARDIOLOGY, CONTENT, REASON, DEADLINE);
    }

    function _amendCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(ICorrections.amendBySig, (_author, _amendment(), DEADLINE, signature));
    }

    function _retractCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(ICorrections.retractBySig, (_retraction(), signature));
    }
}
