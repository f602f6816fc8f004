// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {Signing} from "../helpers/Signing.sol";

contract ErasureTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        vm.warp(T0 + 1);
    }

    function test_demandsErasureForThePatient() external {
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureRequested(_patient, _id(CONTENT), CARDIOLOGY);
        vm.prank(_patient);
        _records.requestErasure(CARDIOLOGY, CONTENT);
        _checkLogs(1);
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

    function test_demandsErasureOnce() external {
        _erase(CONTENT);
        bytes memory signature = _signed(PATIENT_KEY, _erasure());
        bytes memory reason = abi.encodeWithSelector(
            IAnchors.InvalidStatus.selector,
            _id(CONTENT),
            IAnchors.Status.Erased
        );
        vm.expectRevert(reason);
        vm.prank(_patient);
        _records.requestErasure(CARDIOLOGY, CONTENT);
        vm.expectRevert(reason);
        _records.requestErasureBySig(_erasure(), signature);
    }

    function test_neverAnchorsAnErasedRecordAgain() external {
        _erase(CONTENT);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, _id(CONTENT)));
        vm.prank(_author);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
    }

    function test_demandsWhatAnyoneCarriesForThePatient() external {
        bytes memory signature = _signed(PATIENT_KEY, _erasure());
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureRequested(_patient, _id(CONTENT), CARDIOLOGY);
        vm.prank(_outsider);
        _records.requestErasureBySig(_erasure(), signature);
        _checkLogs(1);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    function test_takesASignatureUntilItsLastSecond() external {
        bytes memory signature = _signed(PATIENT_KEY, _erasure());
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.SignatureExpired.selector, DEADLINE));
        _records.requestErasureBySig(_erasure(), signature);
        vm.warp(DEADLINE);
        _records.requestErasureBySig(_erasure(), signature);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    function test_aLockdownVoidsASignature() external {
        bytes memory signature = _signed(PATIENT_KEY, _erasure());
        vm.prank(_patient);
        _consent.lockdown();
        uint40 last = _consent.lockdownAt(_patient);
        vm.expectRevert(abi.encodeWithSelector(ICorrections.StaleAsOf.selector, 0, last));
        _records.requestErasureBySig(_erasure(), signature);

        ICorrections.SignedErasure memory erasure = _erasure();
        erasure.asOf = last;
        _records.requestErasureBySig(erasure, _signed(PATIENT_KEY, erasure));
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    function test_refusesASignatureAsOfALockdownThatNeverWas() external {
        ICorrections.SignedErasure memory erasure = _erasure();
        erasure.asOf = 1;
        bytes memory signature = _signed(PATIENT_KEY, erasure);
        vm.expectRevert(abi.encodeWithSelector(ICorrections.StaleAsOf.selector, 1, 0));
        _records.requestErasureBySig(erasure, signature);
    }

    function test_refusesASignatureOfAnybodyElse() external {
        _refuses(_erasure(), _signed(OUTSIDER_KEY, _erasure()));
        _refuses(_erasure(), _signed(AUTHOR_KEY, _erasure()));
        vm.prank(_patient);
        _refuses(_erasure(), "");
    }

    function test_refusesASignatureOverOtherFields() external {
        bytes memory signature = _signed(PATIENT_KEY, _erasure());
        ICorrections.SignedErasure memory erasure = _erasure();
        erasure.patient = _author;
        _refuses(erasure, signature);
        erasure = _erasure();
        erasure.compartment = IMAGING;
        _refuses(erasure, signature);
        erasure = _erasure();
        erasure.content = NEW_CONTENT;
        _refuses(erasure, signature);
        erasure = _erasure();
        erasure.deadline = DEADLINE + 1;
        _refuses(erasure, signature);
    }

    function test_refusesASignatureForAnotherDeploymentOrChainAndEveryOtherForm() external {
        uint256 here = block.chainid;
        bytes memory signature = _signed(PATIENT_KEY, _erasure());
        _refuses(_erasure(), _mirrored(signature));
        _refuses(_erasure(), _shortened(signature));
        RecordRegistry other = new RecordRegistry(_consent, _credentials);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidSignature.selector, _patient));
        other.requestErasureBySig(_erasure(), signature);
        bytes32 elsewhere = RecordSigning.digest(address(_records), here + 1, RecordSigning.hash(_erasure()));
        _refuses(_erasure(), Signing.sign(PATIENT_KEY, elsewhere));
        vm.chainId(here + 1);
        _refuses(_erasure(), signature);
        _records.requestErasureBySig(_erasure(), Signing.sign(PATIENT_KEY, elsewhere));
    }

    function _erasure() private view returns (ICorrections.SignedErasure memory) {
        return ICorrections.SignedErasure(_patient, CARDIOLOGY, CONTENT, 0, DEADLINE);
    }

    function _signed(uint256 key, ICorrections.SignedErasure memory erasure) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(erasure));
    }

    function _refuses(ICorrections.SignedErasure memory erasure, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidSignature.selector, erasure.patient));
        _records.requestErasureBySig(erasure, signature);
    }
}
