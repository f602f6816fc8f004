// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {Link} from "../../../contracts/types/Link.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract PointTest is RecordsTest {
    uint256 private _pointed;

    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.roll(BLOCK + 1);
    }

    function test_announcesANewerManifestForItsAuthor() external {
        vm.warp(T0 + 1);
        vm.recordLogs();
        _mayPoint(_author);
        _checkLogs(1);
        _checkLink(_records.pointersOf(_id(CONTENT)), 1, BLOCK + 1, "pointers");
        _checkHistory(1, BLOCK + 1);
        _checkChart(1, BLOCK);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
    }

    function test_announcesForThePatientAtAnyTime() external {
        _lockdown();
        vm.warp(END + 1);
        _mayPoint(_patient);
    }

    function test_announcesForAnAuthorWithWriteOnTheChartTheRecordOrByDelegation() external {
        _revoke(_author, CARDIOLOGY);
        _mayNotPoint(_author, _notWriter());
        _grant(_author, _id(CONTENT), WRITE);
        _mayPoint(_author);
        _revoke(_author, _id(CONTENT));
        _grant(_author, CHART, WRITE);
        _mayPoint(_author);
        _revoke(_author, CHART);
        _delegate(_author, CARDIOLOGY, WRITE);
        _mayPoint(_author);
    }

    function test_refusesAnAuthorWhoMayNotWriteAnyMore() external {
        vm.warp(END);
        _mayNotPoint(_author, _notWriter());
        vm.warp(END - 1);
        _mayPoint(_author);
        _deny(_author, _id(CONTENT));
        _mayNotPoint(_author, _notWriter());
        _lift(_author, _id(CONTENT));
        _mayPoint(_author);
        _lockdown();
        _mayNotPoint(_author, _notWriter());
    }

    function test_refusesEverybodyElse() external {
        _delegate(_carer, CHART, WRITE | MANAGE);
        address[3] memory others = [_outsider, _colleague, _carer];
        for (uint256 i = 0; i < others.length; ++i) {
            _mayNotPoint(others[i], _notAuthorOf(CONTENT, others[i]));
        }
    }

    function test_refusesAnEmptyManifest() external {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, CONTENT, 0);
    }

    function test_refusesAnErasedRecordAndTakesARetractedOne() external {
        vm.prank(_patient);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, CONTENT, NEW_MANIFEST);
        _erase(CONTENT);
        _mayNotPoint(_author, _invalidStatus(CONTENT, IAnchors.Status.Erased));
        _mayNotPoint(_patient, _invalidStatus(CONTENT, IAnchors.Status.Erased));
    }

    /// The rest of the record's author's power is asked of the lineage's first record.
    function test_asksForAnAmendmentWhoMayWriteWhatItDescendsFrom() external {
        vm.prank(_author);
        _records.amend(_amendment());
        _revoke(_author, CARDIOLOGY);
        _grant(_author, _id(NEW_CONTENT), WRITE);
        vm.expectRevert(_notWriter());
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
        _grant(_author, _id(CONTENT), WRITE);
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(
            _patient,
            _id(NEW_CONTENT),
            CARDIOLOGY,
            MANIFEST,
            _author,
            _link(1, 0),
            _link(2, BLOCK + 1)
        );
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
    }

    /// A DENY counts on either: what it descends from, and the amendment itself.
    function test_refusesAnAuthorWhoIsDeniedAnAmendmentsOwnId() external {
        vm.prank(_author);
        _records.amend(_amendment());
        bytes32[4] memory scopes = [_id(NEW_CONTENT), _id(CONTENT), CARDIOLOGY, CHART];
        _grant(_author, CHART, WRITE);
        for (uint256 i = 0; i < scopes.length; ++i) {
            _deny(_author, scopes[i]);
            vm.expectRevert(_notWriter());
            vm.prank(_author);
            _records.point(_patient, CARDIOLOGY, NEW_CONTENT, NEW_MANIFEST);
            // the patient is never shut out
            vm.prank(_patient);
            _records.point(_patient, CARDIOLOGY, NEW_CONTENT, NEW_MANIFEST);
            _lift(_author, scopes[i]);
        }
        // the amendment's own id says nothing of what it descends from
        _grant(_author, CHART, WRITE);
        _deny(_author, _id(NEW_CONTENT));
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, CONTENT, NEW_MANIFEST);
        _checkLink(_records.pointersOf(_id(CONTENT)), 1, BLOCK + 1, "pointers");
        _checkLink(_records.pointersOf(_id(NEW_CONTENT)), 4, BLOCK + 1, "pointers of the amendment");
    }

    /// Whoever pairs a record with another patient, compartment or content names no record at all.
    function test_refusesARecordThatIsNotAnchored() external {
        _refusesUnknown(_patient, CARDIOLOGY, NEW_CONTENT);
        _refusesUnknown(_patient, IMAGING, CONTENT);
        _refusesUnknown(_patient, CHART, CONTENT);
        _refusesUnknown(_patient, _id(CONTENT), CONTENT);
        _refusesUnknown(_author, CARDIOLOGY, CONTENT);
        _refusesUnknown(_patient, CARDIOLOGY, 0);
        _refusesUnknown(_patient, CARDIOLOGY, _id(CONTENT));
        _refusesUnknown(_patient, CONTENT, CARDIOLOGY);
    }

    function _refusesUnknown(address patient, bytes32 compartment, bytes32 content) private {
        bytes32 recordId = _idOf(patient, compartment, content);
        address[2] memory callers = [patient, _author];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId));
            vm.prank(callers[i]);
            _records.point(patient, compartment, content, NEW_MANIFEST);
        }
    }

    function _mayPoint(address actor) private {
        Link link = _link(++_pointed, _pointed == 1 ? 0 : BLOCK + 1);
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(_patient, _id(CONTENT), CARDIOLOGY, NEW_MANIFEST, actor, link, link);
        vm.prank(actor);
        _records.point(_patient, CARDIOLOGY, CONTENT, NEW_MANIFEST);
    }

    function _mayNotPoint(address actor, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.point(_patient, CARDIOLOGY, CONTENT, NEW_MANIFEST);
    }

    function _notWriter() private view returns (bytes memory) {
        return _notWriterOf(CARDIOLOGY, _author);
    }
}
