// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract AmendTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.warp(T0 + 1);
    }

    function test_replacesARecordForItsAuthor() external {
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IAnchors.Anchored(_patient, _id(NEW_CONTENT), CARDIOLOGY, NEW_MANIFEST);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(CONTENT), _id(NEW_CONTENT), REASON, _author);
        vm.prank(_author);
        bytes32 newRecordId = _records.amend(_amendment());
        _checkLogs(2);
        vm.assertEq(newRecordId, _id(NEW_CONTENT), "newRecordId");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Amended);
        _checkAnchor(newRecordId, _author, T0 + 1, IAnchors.Status.Anchored);
    }

    function test_replacesARecordForThePatientAfterALockdown() external {
        _lockdown();
        _mayAmend(_patient);
    }

    function test_replacesARecordForADelegateWhoManagesTheRecord() external {
        _delegate(_carer, _id(CONTENT), MANAGE);
        _mayAmend(_carer);
    }

    function test_replacesARecordForADelegateWhoManagesTheCompartment() external {
        _delegate(_carer, CARDIOLOGY, MANAGE);
        _mayAmend(_carer);
    }

    function test_replacesARecordForADelegateWhoManagesTheChart() external {
        _delegate(_carer, CHART, MANAGE);
        _mayAmend(_carer);
    }

    function test_replacesARecordForItsAuthorWithWriteOnThatRecordAlone() external {
        _revoke(_author, CARDIOLOGY);
        _mayNotAmend(_author, _notWriter());
        _grant(_author, _id(CONTENT), WRITE);
        _mayAmend(_author);
        // what they made of it is another record, on which they have nothing
        ICorrections.Amendment memory again = _amendment();
        (again.content, again.newContent) = (NEW_CONTENT, keccak256("a third version"));
        vm.expectRevert(_notWriter());
        vm.prank(_author);
        _records.amend(again);
    }

    function test_keepsAChainOfAmendments() external {
        bytes32 third = keccak256("a third version");
        _mayAmend(_author);
        ICorrections.Amendment memory next = _amendment();
        (next.content, next.newContent) = (NEW_CONTENT, third);
        vm.warp(T0 + 2);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(NEW_CONTENT), _id(third), REASON, _patient);
        vm.prank(_patient);
        _records.amend(next);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Amended);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Amended);
        _checkAnchor(_id(third), _patient, T0 + 2, IAnchors.Status.Anchored);
        // no second branch grows from what was amended
        next = _amendment();
        next.newContent = keccak256("a branch");
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidStatus.selector, _id(CONTENT), IAnchors.Status.Amended));
        vm.prank(_author);
        _records.amend(next);
    }

    /// One stolen key of a practitioner's does not change what others wrote.
    function test_refusesAWriterWhoIsNotTheAuthor() external {
        _grant(_outsider, CHART, WRITE);
        _grant(_outsider, _id(CONTENT), WRITE);
        _mayNotAmend(_outsider, _notAuthor(_outsider));
        _mayNotAmend(_colleague, _notAuthor(_colleague));
    }

    function test_refusesAnOutsider() external {
        _mayNotAmend(_outsider, _notAuthor(_outsider));
    }

    function test_refusesADelegateWithoutManageOnThisRecord() external {
        _delegate(_carer, CHART, READ | WRITE | DENY);
        _delegate(_carer, IMAGING, MANAGE);
        _delegate(_carer, _id(NEW_CONTENT), MANAGE);
        _mayNotAmend(_carer, _notAuthor(_carer));
    }

    function test_refusesADelegateWhoseTimeIsOver() external {
        _delegate(_carer, CARDIOLOGY, MANAGE);
        vm.warp(END);
        _mayNotAmend(_carer, _notAuthor(_carer));
        vm.warp(END - 1);
        _lockdown();
        _mayNotAmend(_carer, _notAuthor(_carer));
    }

    function test_refusesAnAuthorWhoMayNotWriteAnyMore() external {
        vm.warp(END);
        _mayNotAmend(_author, _notWriter());
        vm.warp(END - 1);
        _grant(_author, _id(CONTENT), DENY);
        _mayNotAmend(_author, _notWriter());
        _revoke(_author, _id(CONTENT));
        _mayAmend(_author);
    }

    function test_refusesAnAmendmentWithoutReasonContentOrManifest() external {
        ICorrections.Amendment memory amendment = _amendment();
        amendment.reason = 0;
        _refuses(amendment, abi.encodeWithSelector(ICorrections.InvalidReason.selector));
        amendment = _amendment();
        amendment.newContent = 0;
        _refuses(amendment, abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        amendment = _amendment();
        amendment.manifest = 0;
        _refuses(amendment, abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
    }

    function test_refusesToReplaceARecordByOneThatIsAnchored() external {
        ICorrections.Amendment memory amendment = _amendment();
        amendment.newContent = CONTENT;
        _refuses(amendment, abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, _id(CONTENT)));
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
        _refuses(_amendment(), abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, _id(NEW_CONTENT)));
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
        _checkAnchor(_id(NEW_CONTENT), _colleague, T0 + 1, IAnchors.Status.Anchored);
    }

    /// Whoever pairs a record with another patient, compartment or content names no record at all.
    function test_refusesARecordThatIsNotAnchored() external {
        _refusesUnknown(_patient, CARDIOLOGY, NEW_CONTENT);
        _refusesUnknown(_patient, IMAGING, CONTENT);
        _refusesUnknown(_patient, CHART, CONTENT);
        _refusesUnknown(_patient, _id(CONTENT), CONTENT);
        _refusesUnknown(_patient, CARDIOLOGY, 0);
        _refusesUnknown(_author, CARDIOLOGY, CONTENT);
    }

    function _refusesUnknown(address patient, bytes32 compartment, bytes32 content) private {
        ICorrections.Amendment memory amendment = _amendment();
        (amendment.patient, amendment.compartment, amendment.content) = (patient, compartment, content);
        bytes32 recordId = _idOf(patient, compartment, content);
        _refuses(amendment, abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId));
        vm.expectRevert(abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId));
        vm.prank(patient);
        _records.amend(amendment);
    }

    function _amendment() private view returns (ICorrections.Amendment memory) {
        return ICorrections.Amendment(_patient, CARDIOLOGY, CONTENT, NEW_CONTENT, NEW_MANIFEST, REASON);
    }

    function _mayAmend(address actor) private {
        vm.expectEmit(address(_records));
        emit IAnchors.Anchored(_patient, _id(NEW_CONTENT), CARDIOLOGY, NEW_MANIFEST);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(CONTENT), _id(NEW_CONTENT), REASON, actor);
        vm.prank(actor);
        _records.amend(_amendment());
        vm.assertEq(_records.anchorOf(_id(NEW_CONTENT)).author, actor, "author of the new record");
        vm.assertEq(_records.anchorOf(_id(CONTENT)).author, _author, "author of the amended record");
    }

    function _mayNotAmend(address actor, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.amend(_amendment());
    }

    function _refuses(ICorrections.Amendment memory amendment, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(_author);
        _records.amend(amendment);
    }

    function _notAuthor(address actor) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.NotAuthor.selector, _id(CONTENT), actor);
    }

    function _notWriter() private view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.NotWriter.selector, _patient, CARDIOLOGY, _author);
    }
}
