// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {Signing} from "../helpers/Signing.sol";

contract AnchorBySigTest is RecordsTest {
    function test_anchorsWhatAnyoneCarriesForItsAuthor() external {
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        vm.warp(T0 + 3);
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IAnchors.Anchored(_patient, _id(CONTENT), CARDIOLOGY, MANIFEST);
        vm.prank(_outsider);
        bytes32 recordId = _records.anchorBySig(_record(), signature);
        _checkLogs(1);
        vm.assertEq(recordId, _id(CONTENT), "recordId");
        _checkAnchor(recordId, _author, T0 + 3, IAnchors.Status.Anchored);
    }

    function test_anchorsForThePatientAndForADelegateWithWrite() external {
        _delegate(_outsider, CHART, WRITE);
        IAnchors.SignedAnchor memory record = _record();
        (record.author, record.content) = (_patient, NEW_CONTENT);
        _records.anchorBySig(record, _signed(PATIENT_KEY, record));
        (record.author, record.content) = (_outsider, CONTENT);
        _records.anchorBySig(record, _signed(OUTSIDER_KEY, record));
        _checkAnchor(_id(NEW_CONTENT), _patient, T0, IAnchors.Status.Anchored);
        _checkAnchor(_id(CONTENT), _outsider, T0, IAnchors.Status.Anchored);
    }

    /// A copied submission harms nobody; with it nothing else of the same author's is touched.
    function test_succeedsWithoutEffectWhereTheAuthorAnchoredItAlready() external {
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        _records.anchorBySig(_record(), signature);
        vm.warp(DEADLINE + 1);
        vm.recordLogs();
        vm.assertEq(_records.anchorBySig(_record(), signature), _id(CONTENT), "again");
        _revoke(_author, CARDIOLOGY);
        IAnchors.SignedAnchor memory another = _record();
        another.manifest = NEW_MANIFEST;
        vm.assertEq(_records.anchorBySig(another, ""), _id(CONTENT), "unsigned");
        _checkLogs(1); // that of the revocation
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
    }

    function test_refusesARecordOfAnotherAuthor() external {
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        vm.expectRevert(abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, _id(CONTENT)));
        _records.anchorBySig(_record(), signature);
    }

    function test_takesASignatureUntilItsLastSecond() external {
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.SignatureExpired.selector, DEADLINE));
        _records.anchorBySig(_record(), signature);
        vm.warp(DEADLINE);
        _records.anchorBySig(_record(), signature);
        _checkAnchor(_id(CONTENT), _author, DEADLINE, IAnchors.Status.Anchored);
    }

    function test_refusesASignatureOfAnybodyElse() external {
        bytes memory forged = _signed(OUTSIDER_KEY, _record());
        vm.prank(_outsider);
        _refuses(_record(), forged);
        // nor the patient's for the author, nor the author's own word without a signature
        _refuses(_record(), _signed(PATIENT_KEY, _record()));
        vm.prank(_author);
        _refuses(_record(), "");
    }

    function test_refusesASignatureOverOtherFields() external {
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        IAnchors.SignedAnchor memory record = _record();
        record.author = _colleague;
        _refuses(record, signature);
        record = _record();
        record.patient = _author;
        _refuses(record, signature);
        record = _record();
        record.compartment = IMAGING;
        _refuses(record, signature);
        record = _record();
        record.content = NEW_CONTENT;
        _refuses(record, signature);
        record = _record();
        record.manifest = NEW_MANIFEST;
        _refuses(record, signature);
        record = _record();
        record.deadline = DEADLINE + 1;
        _refuses(record, signature);
        _records.anchorBySig(_record(), signature);
    }

    function test_refusesNobodyAsAuthor() external {
        IAnchors.SignedAnchor memory record = _record();
        record.author = address(0);
        _refuses(record, "");
        _refuses(record, new bytes(65));
        record.patient = address(0); // who may write for themselves
        _refuses(record, new bytes(65));
        _checkNoAnchor(_idOf(address(0), CARDIOLOGY, CONTENT));
    }

    function test_refusesASignatureForAnotherDeployment() external {
        RecordRegistry other = new RecordRegistry(_consent, _credentials);
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidSignature.selector, _author));
        other.anchorBySig(_record(), signature);
        _records.anchorBySig(_record(), signature);
    }

    function test_refusesASignatureForAnotherChain() external {
        uint256 here = block.chainid;
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        bytes32 elsewhere = RecordSigning.digest(address(_records), here + 1, RecordSigning.hash(_record()));
        _refuses(_record(), Signing.sign(AUTHOR_KEY, elsewhere));
        vm.chainId(here + 1);
        _refuses(_record(), signature);
        _records.anchorBySig(_record(), Signing.sign(AUTHOR_KEY, elsewhere));
    }

    function test_refusesEveryOtherFormOfASignature() external {
        bytes memory signature = _signed(AUTHOR_KEY, _record());
        _refuses(_record(), _mirrored(signature));
        _refuses(_record(), _shortened(signature));
        _refuses(_record(), _unshifted(signature));
        _refuses(_record(), abi.encodePacked(signature, uint8(0)));
        _refuses(_record(), new bytes(65));
        _records.anchorBySig(_record(), signature);
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
        bytes memory signature = _signed(PATIENT_KEY, record);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, CHART));
        _records.anchorBySig(record, signature);
        record = _record();
        record.content = 0;
        signature = _signed(AUTHOR_KEY, record);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        _records.anchorBySig(record, signature);
        record = _record();
        record.manifest = 0;
        signature = _signed(AUTHOR_KEY, record);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _records.anchorBySig(record, signature);
    }

    function testFuzz_refusesAnyOtherWordAsSignature(bytes32 r, bytes32 s, uint8 v) external {
        _refuses(_record(), abi.encodePacked(r, s, v));
        _refuses(_record(), abi.encodePacked(r, uint256(s) >> 1, v % 2 == 0 ? uint8(27) : uint8(28)));
    }

    function _record() private view returns (IAnchors.SignedAnchor memory) {
        return IAnchors.SignedAnchor(_author, _patient, CARDIOLOGY, CONTENT, MANIFEST, DEADLINE);
    }

    function _signed(uint256 key, IAnchors.SignedAnchor memory record) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(record));
    }

    function _refuses(IAnchors.SignedAnchor memory record, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidSignature.selector, record.author));
        _records.anchorBySig(record, signature);
    }

    function _refusesWriter(IAnchors.SignedAnchor memory record, uint256 key) private {
        bytes memory signature = _signed(key, record);
        vm.expectRevert(
            abi.encodeWithSelector(IAnchors.NotWriter.selector, record.patient, record.compartment, record.author)
        );
        _records.anchorBySig(record, signature);
    }
}
