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
        vm.roll(BLOCK + 1);
    }

    function test_replacesARecordForItsAuthor() external {
        vm.recordLogs();
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, 2, BLOCK);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(CONTENT), _id(NEW_CONTENT), REASON, _author, _link(1, 0));
        vm.prank(_author);
        bytes32 newRecordId = _records.amend(_amendment());
        _checkLogs(2);
        vm.assertEq(newRecordId, _id(NEW_CONTENT), "newRecordId");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Amended);
        _checkAnchor(newRecordId, _author, T0 + 1, IAnchors.Status.Anchored);
        _checkPlace(_id(CONTENT), 1, BLOCK);
        _checkPlace(newRecordId, 2, BLOCK + 1);
        _checkChart(2, BLOCK + 1);
        _checkHistory(1, BLOCK + 1);
        vm.assertEq(_records.originOf(newRecordId), CONTENT, "origin");
        vm.assertEq(_records.originOf(_id(CONTENT)), 0, "its own origin");
    }

    function test_replacesARecordForThePatientAfterALockdown() external {
        _lockdown();
        _mayAmend(_patient);
    }

    function test_replacesARecordForADelegateWhoManagesAndMayWriteInTheCompartment() external {
        _grant(_carer, CARDIOLOGY, WRITE);
        _mayNotAmend(_carer, _notAuthor(_carer));
        for (uint256 i = 0; i < 3; ++i) {
            ICorrections.Amendment memory amendment = _amendment();
            (amendment.content, amendment.newContent) = (bytes32(i + 1), bytes32(i + 11));
            bytes32 scope = [_anchor(amendment.content), CARDIOLOGY, CHART][i];
            _delegate(_carer, scope, MANAGE);
            vm.prank(_carer);
            _records.amend(amendment);
            _checkAnchor(_id(amendment.newContent), _carer, T0 + 1, IAnchors.Status.Anchored);
            vm.prank(_patient);
            _consent.undelegate(_carer, scope);
        }
        _delegate(_carer, CHART, MANAGE | WRITE);
        _revoke(_carer, CARDIOLOGY);
        vm.prank(_carer);
        _records.amend(_amendment());
        _checkAnchor(_id(NEW_CONTENT), _carer, T0 + 1, IAnchors.Status.Anchored);
    }

    /// Power over one record is not power to add another.
    function test_refusesADelegateWhoManagesButMayNotAddRecords() external {
        bytes32[3] memory scopes = [_id(CONTENT), CARDIOLOGY, CHART];
        for (uint256 i = 0; i < scopes.length; ++i) {
            _delegate(_carer, scopes[i], MANAGE);
            _mayNotAmend(_carer, _notWriterOf(CARDIOLOGY, _carer));
        }
        _delegate(_carer, _id(CONTENT), MANAGE | WRITE);
        _mayNotAmend(_carer, _notWriterOf(CARDIOLOGY, _carer));
        _checkNoAnchor(_id(NEW_CONTENT));
    }

    /// Who is shut out of a record changes nothing of its lineage.
    function test_refusesADelegateWhoIsDeniedTheRecord() external {
        _delegate(_carer, CHART, MANAGE | WRITE);
        bytes32[3] memory scopes = [_id(CONTENT), CARDIOLOGY, CHART];
        for (uint256 i = 0; i < scopes.length; ++i) {
            _deny(_carer, scopes[i]);
            _mayNotAmend(_carer, _notWriterOf(CARDIOLOGY, _carer));
            _lift(_carer, scopes[i]);
        }
        _deny(_carer, IMAGING);
        _mayAmend(_carer);
    }

    function test_refusesWhoIsDeniedAnAmendmentsOwnId() external {
        _mayAmend(_author);
        ICorrections.Amendment memory next = _amendment();
        (next.content, next.newContent) = (NEW_CONTENT, "a third version");
        _delegate(_carer, CHART, MANAGE | WRITE);
        address[2] memory callers = [_author, _carer];
        for (uint256 i = 0; i < 2; ++i) {
            _deny(callers[i], _id(NEW_CONTENT));
            vm.expectRevert(_notWriterOf(CARDIOLOGY, callers[i]));
            vm.prank(callers[i]);
            _records.amend(next);
        }
        _checkNoAnchor(_id(next.newContent));
        _lift(_author, _id(NEW_CONTENT));
        vm.prank(_author);
        _records.amend(next);
        _checkAnchor(_id(next.newContent), _author, T0 + 1, IAnchors.Status.Anchored);
    }

    function test_refusesItsAuthorWithWriteOnThatRecordAlone() external {
        _revoke(_author, CARDIOLOGY);
        _mayNotAmend(_author, _notWriter());
        _grant(_author, _id(CONTENT), WRITE);
        _mayNotAmend(_author, _notWriter());
        _grant(_author, CHART, WRITE);
        _mayAmend(_author);
    }

    function test_keepsAChainOfAmendments() external {
        bytes32 third = keccak256("a third version");
        _mayAmend(_author);
        ICorrections.Amendment memory next = _amendment();
        (next.content, next.newContent) = (NEW_CONTENT, third);
        vm.warp(T0 + 2);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(NEW_CONTENT), _id(third), REASON, _patient, _link(2, BLOCK + 1));
        vm.prank(_patient);
        _records.amend(next);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Amended);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Amended);
        _checkAnchor(_id(third), _patient, T0 + 2, IAnchors.Status.Anchored);
        // no second branch grows from what was amended
        next = _amendment();
        next.newContent = keccak256("a branch");
        vm.expectRevert(_invalidStatus(CONTENT, IAnchors.Status.Amended));
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
        _delegate(_carer, CARDIOLOGY, MANAGE | WRITE);
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
        _deny(_author, _id(CONTENT));
        _mayNotAmend(_author, _notWriter());
        _lift(_author, _id(CONTENT));
        _mayAmend(_author);
    }

    function test_refusesAnAmendmentWithoutReasonContentOrManifest() external {
        ICorrections.Amendment memory amendment = _amendment();
        amendment.reason = 0;
        _mayNotAmendTo(amendment, abi.encodeWithSelector(ICorrections.InvalidReason.selector));
        amendment = _amendment();
        amendment.newContent = 0;
        _mayNotAmendTo(amendment, abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        amendment = _amendment();
        amendment.manifest = 0;
        _mayNotAmendTo(amendment, abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
    }

    /// A warning of the interface: its author seals it anew, as another content.
    function test_letsSomebodyElseWithWriteAnchorAPendingAmendmentFirst() external {
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, NEW_MANIFEST);
        _mayNotAmend(_author, _alreadyAnchored(NEW_CONTENT));
        ICorrections.Amendment memory anew = _amendment();
        anew.newContent = keccak256("an ECG, corrected and sealed anew");
        vm.prank(_author);
        _records.amend(anew);
        vm.assertEq(_records.originOf(_id(anew.newContent)), CONTENT, "of the lineage");
        vm.assertEq(_records.originOf(_id(NEW_CONTENT)), 0, "the colleague's is not");
    }

    function test_refusesToReplaceARecordByOneThatIsAnchored() external {
        ICorrections.Amendment memory amendment = _amendment();
        amendment.newContent = CONTENT;
        _mayNotAmendTo(amendment, _alreadyAnchored(CONTENT));
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
        _mayNotAmendTo(_amendment(), _alreadyAnchored(NEW_CONTENT));
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
        _mayNotAmendTo(amendment, abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId));
        vm.expectRevert(abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId));
        vm.prank(patient);
        _records.amend(amendment);
    }

    function _mayAmend(address actor) private {
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, 2, BLOCK);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(CONTENT), _id(NEW_CONTENT), REASON, actor, _link(1, 0));
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

    function _mayNotAmendTo(ICorrections.Amendment memory amendment, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(_author);
        _records.amend(amendment);
    }

    function _notAuthor(address actor) private view returns (bytes memory) {
        return _notAuthorOf(CONTENT, actor);
    }

    function _notWriter() private view returns (bytes memory) {
        return _notWriterOf(CARDIOLOGY, _author);
    }
}
