// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// A root, and the record that lists what is under it, at once.
contract AnchorIndexTest is RecordsTest {
    bytes32 private constant ROOT = keccak256("a root");

    function test_anchorsARootAndItsIndexRecordForAWriter() external {
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IRoots.RootAnchored(_author, ROOT, 9, MANIFEST);
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        vm.prank(_author);
        bytes32 recordId = _records.anchorIndex(_patient, CARDIOLOGY, CONTENT, MANIFEST, ROOT, 9);
        _checkLogs(2);
        vm.assertEq(recordId, _id(CONTENT), "recordId");
        _checkAnchor(recordId, _author, T0, IAnchors.Status.Anchored);
        _checkPlace(recordId, 1, BLOCK);
        _checkChart(1, BLOCK);
        vm.assertEq(_records.rootAnchoredAt(_author, ROOT), T0, "rootAnchoredAt");
    }

    function test_anchorsForThePatientAndADelegateWithWrite() external {
        _delegate(_carer, CARDIOLOGY, WRITE);
        vm.prank(_carer);
        _records.anchorIndex(_patient, CARDIOLOGY, CONTENT, MANIFEST, ROOT, 9);
        vm.prank(_patient);
        _records.anchorIndex(_patient, IMAGING, CONTENT, MANIFEST, ROOT, 9);
        vm.assertEq(_records.rootAnchoredAt(_carer, ROOT), T0, "the carer's");
        vm.assertEq(_records.rootAnchoredAt(_patient, ROOT), T0, "the patient's");
    }

    function test_refusesWhoMayNotWriteThere() external {
        _mayNot(_outsider, CARDIOLOGY, CONTENT, ROOT, _notWriterOf(CARDIOLOGY, _outsider));
        _mayNot(_author, IMAGING, CONTENT, ROOT, _notWriterOf(IMAGING, _author));
        _revoke(_author, CARDIOLOGY);
        _mayNot(_author, CARDIOLOGY, CONTENT, ROOT, _notWriterOf(CARDIOLOGY, _author));
        bytes memory reason = abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, CHART);
        _mayNot(_patient, CHART, CONTENT, ROOT, reason);
    }

    /// Both or neither.
    function test_anchorsNeitherWhereOneIsRefused() external {
        _mayNot(_author, CARDIOLOGY, 0, ROOT, abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        vm.prank(_author);
        _records.anchorIndex(_patient, CARDIOLOGY, CONTENT, 0, ROOT, 9);
        _mayNot(_author, CARDIOLOGY, CONTENT, 0, abi.encodeWithSelector(IRoots.InvalidRoot.selector, bytes32(0), 9));
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidRoot.selector, ROOT, 0));
        vm.prank(_author);
        _records.anchorIndex(_patient, CARDIOLOGY, CONTENT, MANIFEST, ROOT, 0);
        vm.assertEq(_records.rootAnchoredAt(_author, ROOT), 0, "no root");

        _anchor(NEW_CONTENT);
        _mayNot(_author, CARDIOLOGY, NEW_CONTENT, ROOT, _alreadyAnchored(NEW_CONTENT));
        vm.prank(_author);
        _records.anchorRoot(ROOT, 9, 0);
        bytes memory reason = abi.encodeWithSelector(IRoots.RootAlreadyAnchored.selector, _author, ROOT);
        _mayNot(_author, CARDIOLOGY, CONTENT, ROOT, reason);
        _checkNoAnchor(_id(CONTENT));
        _checkChart(1, BLOCK);
    }

    function _mayNot(address actor, bytes32 compartment, bytes32 content, bytes32 root, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.anchorIndex(_patient, compartment, content, MANIFEST, root, 9);
    }
}
