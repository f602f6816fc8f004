// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract RetractTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.warp(T0 + 1);
        vm.roll(BLOCK + 1);
    }

    function test_withdrawsARecordForItsAuthor() external {
        vm.recordLogs();
        _mayRetract(_author);
        _checkLogs(1);
        _checkHistory(1, BLOCK + 1);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Retracted);
    }

    function test_withdrawsARecordForThePatientAfterALockdown() external {
        _lockdown();
        _mayRetract(_patient);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Retracted);
    }

    function test_withdrawsARecordForADelegateWhoManages() external {
        _delegate(_carer, CARDIOLOGY, MANAGE);
        _mayRetract(_carer);
    }

    function test_withdrawsARecordForADelegateWhoManagesThatRecordOrTheChart() external {
        _delegate(_carer, _id(CONTENT), MANAGE);
        _mayRetract(_carer);
        _anchor(NEW_CONTENT);
        _delegate(_carer, CHART, MANAGE);
        vm.prank(_carer);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Retracted);
    }

    function test_withdrawsARecordForItsAuthorWithWriteOnThatRecordAlone() external {
        _revoke(_author, CARDIOLOGY);
        _mayNotRetract(_author, _notWriter());
        _grant(_author, _id(CONTENT), WRITE);
        _mayRetract(_author);
    }

    /// A DENY shuts out of everything: of what a delegation gives, too.
    function test_refusesADelegateWhoManagesWhereTheyAreDenied() external {
        _delegate(_carer, CHART, MANAGE);
        _delegate(_carer, _id(CONTENT), MANAGE | WRITE);
        bytes32[3] memory scopes = [_id(CONTENT), CARDIOLOGY, CHART];
        for (uint256 i = 0; i < 3; ++i) {
            _deny(_carer, scopes[i]);
            _mayNotRetract(_carer, _notWriterOf(CARDIOLOGY, _carer));
            _lift(_carer, scopes[i]);
        }
        _deny(_carer, IMAGING);
        _deny(_carer, _id(NEW_CONTENT));
        _deny(_outsider, CHART);
        _mayRetract(_carer);
    }

    function test_refusesAnAuthorWhoManagesWhereTheyAreDenied() external {
        _revoke(_author, CARDIOLOGY);
        _delegate(_author, CARDIOLOGY, MANAGE);
        _deny(_author, CHART);
        _mayNotRetract(_author, _notWriter());
        _lift(_author, CHART);
        _mayRetract(_author);
    }

    /// Who is nobody here learns nothing of a DENY.
    function test_refusesAnOutsiderWhoIsDeniedAsAnOutsider() external {
        _deny(_outsider, CHART);
        _mayNotRetract(_outsider, _notAuthor(_outsider));
    }

    function test_refusesWhoIsDeniedAnAmendmentsOwnId() external {
        vm.prank(_author);
        _records.amend(_amendment());
        _delegate(_carer, CHART, MANAGE);
        address[2] memory callers = [_author, _carer];
        for (uint256 i = 0; i < 2; ++i) {
            _deny(callers[i], _id(NEW_CONTENT));
            vm.expectRevert(_notWriterOf(CARDIOLOGY, callers[i]));
            vm.prank(callers[i]);
            _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        }
        _lift(_carer, _id(NEW_CONTENT));
        vm.prank(_carer);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Retracted);
    }

    function test_withdrawsAnAmendedRecordAndItsSuccessorStands() external {
        vm.prank(_author);
        _records.amend(ICorrections.Amendment(_patient, CARDIOLOGY, CONTENT, NEW_CONTENT, NEW_MANIFEST, REASON));
        vm.expectEmit(address(_records));
        emit ICorrections.Retracted(_patient, _id(CONTENT), REASON, _author, _link(2, BLOCK + 1));
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Retracted);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Anchored);
    }

    function test_refusesToWithdrawTwice() external {
        _mayRetract(_author);
        _mayNotRetract(_author, _invalidStatus(CONTENT, IAnchors.Status.Retracted));
        _checkHistory(1, BLOCK + 1);
    }

    /// One stolen key of a practitioner's does not withdraw what others wrote.
    function test_refusesAWriterWhoIsNotTheAuthor() external {
        _grant(_outsider, CHART, WRITE);
        _grant(_outsider, _id(CONTENT), WRITE);
        _mayNotRetract(_outsider, _notAuthor(_outsider));
        _mayNotRetract(_colleague, _notAuthor(_colleague));
    }

    function test_refusesAnOutsiderAndADelegateWithoutManage() external {
        _mayNotRetract(_outsider, _notAuthor(_outsider));
        _delegate(_carer, CHART, READ | WRITE | DENY);
        _delegate(_carer, IMAGING, MANAGE);
        _mayNotRetract(_carer, _notAuthor(_carer));
    }

    function test_refusesAnAuthorWhoMayNotWriteAnyMore() external {
        vm.warp(END);
        _mayNotRetract(_author, _notWriter());
        vm.warp(END - 1);
        _deny(_author, _id(CONTENT));
        _mayNotRetract(_author, _notWriter());
        _lift(_author, _id(CONTENT));
        _lockdown();
        _mayNotRetract(_author, _notWriter());
    }

    function test_refusesARetractionWithoutReason() external {
        address[3] memory callers = [_author, _patient, _outsider];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICorrections.InvalidReason.selector));
            vm.prank(callers[i]);
            _records.retract(_patient, CARDIOLOGY, CONTENT, 0);
        }
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
        address[2] memory callers = [patient, _author];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAnchors.UnknownRecord.selector, _idOf(patient, compartment, content))
            );
            vm.prank(callers[i]);
            _records.retract(patient, compartment, content, REASON);
        }
    }

    function _mayRetract(address actor) private {
        vm.expectEmit(address(_records));
        emit ICorrections.Retracted(_patient, _id(CONTENT), REASON, actor, _link(1, 0));
        vm.prank(actor);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
    }

    function _mayNotRetract(address actor, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
    }

    function _notAuthor(address actor) private view returns (bytes memory) {
        return _notAuthorOf(CONTENT, actor);
    }

    function _notWriter() private view returns (bytes memory) {
        return _notWriterOf(CARDIOLOGY, _author);
    }
}
