// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract ErasureTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.warp(T0 + 1);
        vm.roll(BLOCK + 1);
    }

    function test_demandsErasureForThePatient() external {
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureRequested(_patient, _id(CONTENT), CARDIOLOGY, _link(1, 0));
        vm.prank(_patient);
        _records.requestErasure(CARDIOLOGY, CONTENT);
        _checkLogs(1);
        _checkHistory(1, BLOCK + 1);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    /// Whoever calls demands the erasure of their own records: of others' there is none.
    function test_erasesNothingForAnybodyElse() external {
        _delegate(_carer, CHART, READ | WRITE | DENY | MANAGE);
        address[4] memory others = [_author, _colleague, _carer, _outsider];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes32 theirs = _idOf(others[i], CARDIOLOGY, CONTENT);
            vm.expectRevert(abi.encodeWithSelector(IAnchors.UnknownRecord.selector, theirs));
            vm.prank(others[i]);
            _records.requestErasure(CARDIOLOGY, CONTENT);
        }
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
    }

    function test_refusesARecordThatIsNotAnchored() external {
        bytes32[2][4] memory places = [
            [CARDIOLOGY, NEW_CONTENT],
            [IMAGING, CONTENT],
            [CHART, CONTENT],
            [_id(CONTENT), CONTENT]
        ];
        for (uint256 i = 0; i < places.length; ++i) {
            bytes32 recordId = _idOf(_patient, places[i][0], places[i][1]);
            vm.expectRevert(abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId));
            vm.prank(_patient);
            _records.requestErasure(places[i][0], places[i][1]);
        }
    }

    function test_erasesWhatWasAmendedOrRetractedAndLeavesItsSuccessor() external {
        vm.prank(_author);
        _records.amend(_amendment());
        _erase(CONTENT);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Anchored);
        vm.assertEq(_records.originOf(_id(NEW_CONTENT)), CONTENT, "the lineage stays");
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureRequested(_patient, _id(NEW_CONTENT), CARDIOLOGY, _link(4, BLOCK + 1));
        _erase(NEW_CONTENT);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Erased);
    }

    function test_demandsErasureOnce() external {
        _erase(CONTENT);
        bytes memory signature = _signedErasure(PATIENT_KEY, _erasure());
        bytes memory reason = _invalidStatus(CONTENT, IAnchors.Status.Erased);
        vm.expectRevert(reason);
        vm.prank(_patient);
        _records.requestErasure(CARDIOLOGY, CONTENT);
        vm.expectRevert(reason);
        _records.requestErasureBySig(_erasure(), signature);
    }

    function test_neverAnchorsAnErasedRecordAgain() external {
        _erase(CONTENT);
        vm.expectRevert(_invalidStatus(CONTENT, IAnchors.Status.Erased));
        vm.prank(_author);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
    }

    function test_demandsWhatAnyoneCarriesForThePatient() external {
        bytes memory call = _checkForm(_form(PATIENT_KEY, RecordSigning.hash(_erasure())), _callOf);
        _checkWords(address(_records), call, 0, 5);
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureRequested(_patient, _id(CONTENT), CARDIOLOGY, _link(1, 0));
        _carries(address(_records), call);
        _checkLogs(1);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
        _checkHistory(1, BLOCK + 1);
        _refuses(_outsider, address(_records), call, _invalidStatus(CONTENT, IAnchors.Status.Erased));
    }

    function test_refusesTheSignatureOfTheAuthorOrADelegate() external {
        _delegate(_outsider, CHART, READ | WRITE | DENY | MANAGE);
        uint256[2] memory keys = [AUTHOR_KEY, OUTSIDER_KEY];
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes memory signature = _signedErasure(keys[i], _erasure());
            vm.expectRevert(_invalidSignature(_patient));
            _records.requestErasureBySig(_erasure(), signature);
        }
    }

    function test_aLockdownVoidsASignature() external {
        bytes memory signature = _signedErasure(PATIENT_KEY, _erasure());
        _lockdown();
        uint40 era = _era();
        vm.assertTrue(era != 0, "a new era");
        vm.expectRevert(abi.encodeWithSelector(ICorrections.StaleEra.selector, 0, era));
        _records.requestErasureBySig(_erasure(), signature);

        ICorrections.SignedErasure memory erasure = _erasure();
        erasure.era = era;
        _records.requestErasureBySig(erasure, _signedErasure(PATIENT_KEY, erasure));
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    function test_refusesASignatureOfAnEraThatNeverWas() external {
        ICorrections.SignedErasure memory erasure = _erasure();
        erasure.era = 1;
        bytes memory signature = _signedErasure(PATIENT_KEY, erasure);
        vm.expectRevert(abi.encodeWithSelector(ICorrections.StaleEra.selector, 1, 0));
        _records.requestErasureBySig(erasure, signature);
    }

    function _erasure() private view returns (ICorrections.SignedErasure memory) {
        return ICorrections.SignedErasure(_patient, CARDIOLOGY, CONTENT, 0, DEADLINE);
    }

    function _callOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(ICorrections.requestErasureBySig, (_erasure(), signature));
    }

    function _signedErasure(
        uint256 key,
        ICorrections.SignedErasure memory erasure
    ) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(erasure));
    }
}
