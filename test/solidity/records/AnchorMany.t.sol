// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract AnchorManyTest is RecordsTest {
    bytes32 private constant THIRD_CONTENT = keccak256("an echo");

    function test_anchorsWhatIsGoodAndLeavesOutWhatIsBad() external {
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, THIRD_CONTENT, MANIFEST);
        bytes32 erased = keccak256("erased");
        _anchor(erased);
        _erase(erased);
        vm.warp(T0 + 1);
        vm.roll(BLOCK + 1);
        IAnchors.Entry[] memory entries = new IAnchors.Entry[](8);
        entries[0] = IAnchors.Entry(CONTENT, MANIFEST);
        entries[1] = IAnchors.Entry(0, MANIFEST);
        entries[2] = IAnchors.Entry(keccak256("no manifest"), 0);
        entries[3] = IAnchors.Entry(CONTENT, NEW_MANIFEST); // twice in one batch
        entries[4] = IAnchors.Entry(THIRD_CONTENT, MANIFEST); // another's
        entries[5] = IAnchors.Entry(0, 0);
        entries[6] = IAnchors.Entry(erased, MANIFEST);
        entries[7] = IAnchors.Entry(NEW_CONTENT, NEW_MANIFEST);

        vm.recordLogs();
        _expectAnchored(CONTENT, MANIFEST, 3, BLOCK);
        _expectSkipped(1, abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        _expectSkipped(2, abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _expectSkipped(3, _alreadyAnchored(CONTENT));
        _expectSkipped(4, _alreadyAnchored(THIRD_CONTENT));
        _expectSkipped(5, abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        _expectSkipped(6, _invalidStatus(erased, IAnchors.Status.Erased));
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, 4, BLOCK + 1);
        vm.prank(_author);
        _records.anchorMany(_patient, CARDIOLOGY, entries);

        _checkLogs(8);
        _checkChart(4, BLOCK + 1);
        _checkPlace(_id(NEW_CONTENT), 4, BLOCK + 1);
        _checkAnchor(_id(CONTENT), _author, T0 + 1, IAnchors.Status.Anchored);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Anchored);
        _checkAnchor(_id(THIRD_CONTENT), _colleague, T0, IAnchors.Status.Anchored);
        _checkNoAnchor(_id(0));
        _checkNoAnchor(_id(keccak256("no manifest")));
    }

    function test_anchorsManyForThePatient() external {
        vm.prank(_patient);
        _records.anchorMany(_patient, IMAGING, _entries(2));
        for (uint256 i = 1; i <= 2; ++i) {
            _checkAnchor(_idOf(_patient, IMAGING, bytes32(i)), _patient, T0, IAnchors.Status.Anchored);
        }
    }

    function test_takesUpTo200AtOnce() external {
        vm.recordLogs();
        vm.prank(_author);
        _records.anchorMany(_patient, CARDIOLOGY, _entries(200));
        _checkLogs(200);
        _checkChart(200, BLOCK);
        for (uint256 i = 1; i <= 200; ++i) {
            _checkAnchor(_id(bytes32(i)), _author, T0, IAnchors.Status.Anchored);
            _checkPlace(_id(bytes32(i)), i, BLOCK);
        }
    }

    function test_refusesNothingAndMoreThan200() external {
        uint256[2] memory counts = [uint256(0), 201];
        for (uint256 i = 0; i < counts.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, counts[i], 200));
            vm.prank(_author);
            _records.anchorMany(_patient, CARDIOLOGY, _entries(counts[i]));
        }
    }

    function test_refusesAnOutsiderAndAWriterOfTheRecordAlone() external {
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(_notWriterOf(CARDIOLOGY, _outsider));
            vm.prank(_outsider);
            _records.anchorMany(_patient, CARDIOLOGY, _entries(1));
            _grant(_outsider, _id(bytes32(uint256(1))), WRITE);
        }
    }

    function test_refusesWhatIsNoCompartment() external {
        bytes32[2] memory places = [CHART, _id(CONTENT)];
        for (uint256 i = 0; i < places.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, places[i]));
            vm.prank(_patient);
            _records.anchorMany(_patient, places[i], _entries(1));
        }
    }

    /// Contents 1, 2, 3 …
    function _entries(uint256 count) private pure returns (IAnchors.Entry[] memory entries) {
        entries = new IAnchors.Entry[](count);
        for (uint256 i = 0; i < count; ++i) entries[i] = IAnchors.Entry(bytes32(i + 1), MANIFEST);
    }
}
