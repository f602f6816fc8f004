// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract AnchorTest is RecordsTest {
    function test_asksTheRegistriesItWasBuiltWith() external view {
        vm.assertEq(address(_records.CONSENT()), address(_consent), "CONSENT");
        vm.assertEq(address(_records.CREDENTIALS()), address(_credentials), "CREDENTIALS");
        vm.assertEq(_records.MAX_BATCH(), 200, "MAX_BATCH");
        vm.assertEq(_records.MAX_POINTERS(), 100, "MAX_POINTERS");
        vm.assertEq(_records.MAX_CLAIMS(), 100, "MAX_CLAIMS");
        vm.assertEq(_records.MAX_PROOF(), 32, "MAX_PROOF");
    }

    function test_hasTheDomainOfStamps() external view {
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = _records.eip712Domain();
        vm.assertEq(uint256(uint8(fields)), 15, "fields");
        vm.assertEq(bytes(name), "CareKey RecordRegistry", "name");
        vm.assertEq(bytes(version), "1", "version");
        vm.assertEq(chainId, block.chainid, "chainId");
        vm.assertEq(verifyingContract, address(_records), "verifyingContract");
        vm.assertEq(salt, 0, "salt");
        vm.assertEq(extensions.length, 0, "extensions");
    }

    function testFuzz_namesARecordByPatientCompartmentAndContent(
        address patient,
        bytes32 compartment,
        bytes32 content
    ) external view {
        bytes32 expected = _idOf(patient, compartment, content);
        vm.assertEq(_records.recordIdOf(patient, compartment, content), expected, "recordIdOf");
    }

    function test_anchorsARecordForAWriter() external {
        bytes32 expected = _id(CONTENT);
        _checkNoAnchor(expected);
        vm.recordLogs();
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        vm.prank(_author);
        bytes32 recordId = _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        _checkLogs(1);
        vm.assertEq(recordId, expected, "recordId");
        _checkAnchor(recordId, _author, T0, IAnchors.Status.Anchored);
        _checkPlace(recordId, 1, BLOCK);
        _checkChart(1, BLOCK);
        _checkHistory(0, 0);
    }

    function test_anchorsARecordForThePatientWithoutAnyGrant() external {
        vm.warp(T0 + 7);
        _expectAnchored(IMAGING, CONTENT, MANIFEST, 1, 0);
        vm.prank(_patient);
        bytes32 recordId = _records.anchor(_patient, IMAGING, CONTENT, MANIFEST);
        _checkAnchor(recordId, _patient, T0 + 7, IAnchors.Status.Anchored);
    }

    function test_anchorsForAWriterOfTheWholeChartButNotWhereTheyAreDenied() external {
        _grant(_outsider, CHART, WRITE);
        _deny(_outsider, IMAGING);
        _mayAnchor(_outsider, CARDIOLOGY);
        _mayNotAnchor(_outsider, IMAGING);
    }

    function test_anchorsForADelegateWithWrite() external {
        _delegate(_carer, CARDIOLOGY, WRITE);
        _mayAnchor(_carer, CARDIOLOGY);
        _mayNotAnchor(_carer, IMAGING);
        _delegate(_carer, CHART, WRITE);
        _mayAnchor(_carer, IMAGING);
    }

    function test_refusesADelegateWithoutWrite() external {
        _delegate(_carer, CARDIOLOGY, READ | DENY | MANAGE);
        _delegate(_carer, CHART, MANAGE);
        _mayNotAnchor(_carer, CARDIOLOGY);
    }

    function test_refusesADelegateWhoIsDenied() external {
        _delegate(_carer, CHART, WRITE | MANAGE);
        _deny(_carer, CARDIOLOGY);
        _mayNotAnchor(_carer, CARDIOLOGY);
    }

    function test_refusesADelegateAfterTheDelegationsLastSecond() external {
        _delegate(_carer, CARDIOLOGY, WRITE);
        vm.warp(END);
        _mayNotAnchor(_carer, CARDIOLOGY);
        vm.warp(END - 1);
        _mayAnchor(_carer, CARDIOLOGY);
    }

    function test_refusesAnOutsiderAndTheTrueAuthorAnchorsAfterwards() external {
        _mayNotAnchor(_outsider, CARDIOLOGY);
        _checkNoAnchor(_id(CONTENT));
        _mayAnchor(_author, CARDIOLOGY);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
    }

    function test_refusesAReader() external {
        _grant(_outsider, CARDIOLOGY, READ);
        _mayNotAnchor(_outsider, CARDIOLOGY);
    }

    function test_refusesAWriterOfAnotherCompartmentOrPatient() external {
        _mayNotAnchor(_author, IMAGING);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.NotWriter.selector, _outsider, CARDIOLOGY, _author));
        vm.prank(_author);
        _records.anchor(_outsider, CARDIOLOGY, CONTENT, MANIFEST);
    }

    function test_refusesAWriterOfTheRecordAlone() external {
        _grant(_outsider, _id(CONTENT), WRITE);
        _delegate(_carer, _id(CONTENT), WRITE | MANAGE);
        _mayNotAnchor(_outsider, CARDIOLOGY);
        _mayNotAnchor(_carer, CARDIOLOGY);
    }

    function test_keepsTheWindowOfWriteHalfOpen() external {
        _grant(_outsider, IMAGING, WRITE, T0 + 10, T0 + 20);
        vm.warp(T0 + 9);
        _mayNotAnchor(_outsider, IMAGING);
        vm.warp(T0 + 20);
        _mayNotAnchor(_outsider, IMAGING);
        vm.warp(T0 + 19);
        _mayAnchor(_outsider, IMAGING);
        _grant(_outsider, IMAGING, WRITE, T0 + 30, T0 + 40);
        vm.warp(T0 + 30);
        vm.prank(_outsider);
        _records.anchor(_patient, IMAGING, NEW_CONTENT, MANIFEST);
    }

    function test_refusesWhoeverWroteBeforeARevocationOrALockdown() external {
        _revoke(_author, CARDIOLOGY);
        _mayNotAnchor(_author, CARDIOLOGY);
        _delegate(_carer, CARDIOLOGY, WRITE);
        _lockdown();
        _mayNotAnchor(_colleague, CARDIOLOGY);
        _mayNotAnchor(_carer, CARDIOLOGY);
        _mayAnchor(_patient, CARDIOLOGY);
    }

    function test_refusesWhatIsNoCompartment() external {
        bytes32[4] memory places = [CHART, _id(CONTENT), bytes32(uint256(2 ** 255)), bytes32(type(uint256).max)];
        address[3] memory callers = [_patient, _author, _outsider];
        for (uint256 i = 0; i < places.length; ++i) {
            for (uint256 j = 0; j < callers.length; ++j) {
                vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, places[i]));
                vm.prank(callers[j]);
                _records.anchor(_patient, places[i], CONTENT, MANIFEST);
            }
        }
    }

    function test_takesTheLowestAndTheHighestLabel() external {
        _mayAnchor(_patient, bytes32(uint256(1)));
        _mayAnchor(_patient, bytes32(uint256(2 ** 255 - 1)));
    }

    function test_refusesAnEmptyContentAndAnEmptyManifest() external {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        vm.prank(_author);
        _records.anchor(_patient, CARDIOLOGY, 0, MANIFEST);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        vm.prank(_author);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, 0);
    }

    function test_anchorsARecordOnceAndItsAuthorStays() external {
        _anchor(CONTENT);
        vm.warp(T0 + 1);
        address[3] memory callers = [_author, _colleague, _patient];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, _id(CONTENT)));
            vm.prank(callers[i]);
            _records.anchor(_patient, CARDIOLOGY, CONTENT, NEW_MANIFEST);
        }
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
    }

    function test_takesTheSameContentElsewhereForAnotherRecord() external {
        _anchor(CONTENT);
        _mayAnchor(_patient, IMAGING);
        vm.prank(_outsider);
        bytes32 recordId = _records.anchor(_outsider, CARDIOLOGY, CONTENT, MANIFEST);
        vm.assertEq(recordId, _idOf(_outsider, CARDIOLOGY, CONTENT), "recordId");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
        _checkAnchor(_idOf(_patient, IMAGING, CONTENT), _patient, T0, IAnchors.Status.Anchored);
        _checkAnchor(recordId, _outsider, T0, IAnchors.Status.Anchored);
    }

    function _mayAnchor(address actor, bytes32 compartment) private {
        vm.prank(actor);
        _records.anchor(_patient, compartment, CONTENT, MANIFEST);
    }

    function _mayNotAnchor(address actor, bytes32 compartment) private {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.NotWriter.selector, _patient, compartment, actor));
        vm.prank(actor);
        _records.anchor(_patient, compartment, CONTENT, MANIFEST);
    }
}
