// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// The records of a patient and what happens to them, as lists that can be walked from their heads.
contract ChartTest is RecordsTest {
    uint32 private constant LAST = 2 ** 25 - 1;
    /// The last number for others than the patient.
    uint32 private constant OTHERS_LAST = LAST - 2 ** 20;
    uint256 private constant CHARTS = 4;
    uint256 private constant HISTORIES = 5;

    /* THE CHART */

    function test_countsRecordsWhateverWayTheyCome() external {
        bytes32 root = MerkleTrees.leaf(_id("claimed"));
        vm.prank(_author);
        _records.anchorRoot(root, 1, 0);

        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        _anchor(CONTENT);
        vm.roll(BLOCK + 1);
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, 2, BLOCK);
        vm.prank(_author);
        _records.amend(_amendment());
        vm.roll(BLOCK + 3);
        _expectAnchored("claimed", MANIFEST, 3, BLOCK + 1);
        vm.prank(_author);
        _records.claimLeaf(root, new bytes32[](0), IRoots.Leaf(_patient, CARDIOLOGY, "claimed"), MANIFEST);
        vm.roll(BLOCK + 9);
        _expectAnchored(IMAGING, CONTENT, MANIFEST, 4, BLOCK + 3);
        vm.prank(_patient);
        _records.anchor(_patient, IMAGING, CONTENT, MANIFEST);
        _checkChart(4, BLOCK + 9);
        _checkPlace(_id("claimed"), 3, BLOCK + 3);
    }

    function test_keepsPatientsApart() external {
        _anchor(CONTENT);
        vm.roll(BLOCK + 1);
        vm.expectEmit(address(_records));
        bytes32 recordId = _idOf(_outsider, CARDIOLOGY, CONTENT);
        emit IAnchors.Anchored(_outsider, recordId, CARDIOLOGY, CONTENT, MANIFEST, _link(1, 0));
        vm.prank(_outsider);
        _records.anchor(_outsider, CARDIOLOGY, CONTENT, MANIFEST);
        _checkLink(_records.chartOf(_outsider), 1, BLOCK + 1, "the outsider's");
        _checkLink(_records.chartOf(_author), 0, 0, "the author has none");
        _checkChart(1, BLOCK);
    }

    function test_isFullAfterTheLastNumber() external {
        _fill(LAST - 1);
        vm.roll(BLOCK + 1);
        _expectAnchored(CONTENT, MANIFEST, LAST, 77);
        _anchorAsPatient(CONTENT);
        _checkPlace(_id(CONTENT), LAST, BLOCK + 1);
        _checkAnchor(_id(CONTENT), _patient, T0, IAnchors.Status.Anchored);
        _checkChart(LAST, BLOCK + 1);

        vm.expectRevert(_chartFull());
        _anchorAsPatient(NEW_CONTENT);
        vm.expectRevert(_chartFull());
        vm.prank(_patient);
        _records.amend(_amendment());
        vm.expectRevert(_chartFull());
        _anchor(NEW_CONTENT);
        // what stands is there to be changed
        vm.prank(_patient);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        _checkPlace(_id(CONTENT), LAST, BLOCK + 1);
        _checkAnchor(_id(CONTENT), _patient, T0, IAnchors.Status.Retracted);
        // and others' charts are not full
        vm.prank(_outsider);
        _records.anchor(_outsider, CARDIOLOGY, CONTENT, MANIFEST);
    }

    /// Whoever may write could fill the chart: the last numbers are the patient's own.
    function test_leavesTheLastNumbersToThePatient() external {
        _fill(OTHERS_LAST - 1);
        vm.roll(BLOCK + 1);
        _expectAnchored(CONTENT, MANIFEST, OTHERS_LAST, 77);
        _anchor(CONTENT);
        _delegate(_carer, CHART, WRITE | MANAGE);
        for (uint256 i = 0; i < 2; ++i) {
            _refusesOthers();
            _expectAnchored(bytes32(i + 1), MANIFEST, OTHERS_LAST + 1 + i, BLOCK + 1);
            _anchorAsPatient(bytes32(i + 1));
        }
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, OTHERS_LAST + 3, BLOCK + 1);
        vm.prank(_patient);
        _records.amend(_amendment());
        _checkChart(OTHERS_LAST + 3, BLOCK + 1);
        _fill(LAST - 1);
        vm.expectRevert(_chartFull());
        _anchor("other");
        // and what is anchored is named so before the chart is
        vm.expectRevert(_alreadyAnchored(NEW_CONTENT));
        _anchor(NEW_CONTENT);
    }

    function test_leavesTheLastNumbersToThePatientByRootAndByBatch() external {
        bytes32 root = MerkleTrees.leaf(_id("claimed"));
        vm.prank(_author);
        _records.anchorRoot(root, 1, 0);
        vm.prank(_patient);
        _records.anchorRoot(root, 1, 0);
        _fill(OTHERS_LAST);
        IRoots.Leaf memory leaf = IRoots.Leaf(_patient, CARDIOLOGY, "claimed");
        vm.expectRevert(_chartFull());
        vm.prank(_author);
        _records.claimLeaf(root, new bytes32[](0), leaf, MANIFEST);
        _expectAnchored("claimed", MANIFEST, OTHERS_LAST + 1, 77);
        vm.prank(_patient);
        _records.claimLeaf(root, new bytes32[](0), leaf, MANIFEST);
        IAnchors.Entry[] memory entries = new IAnchors.Entry[](1);
        entries[0] = IAnchors.Entry(CONTENT, MANIFEST);
        _expectSkipped(0, _chartFull());
        vm.prank(_author);
        _records.anchorMany(_patient, CARDIOLOGY, entries);
        _expectAnchored(CONTENT, MANIFEST, OTHERS_LAST + 2, BLOCK);
        vm.prank(_patient);
        _records.anchorMany(_patient, CARDIOLOGY, entries);
    }

    function test_leavesOutOfABatchWhatHasNoPlaceOnTheChart() external {
        _fill(OTHERS_LAST - 1);
        IAnchors.Entry[] memory entries = new IAnchors.Entry[](3);
        entries[0] = IAnchors.Entry(CONTENT, MANIFEST);
        entries[1] = IAnchors.Entry(NEW_CONTENT, MANIFEST);
        entries[2] = IAnchors.Entry(CONTENT, MANIFEST);
        _expectAnchored(CONTENT, MANIFEST, OTHERS_LAST, 77);
        _expectSkipped(1, _chartFull());
        _expectSkipped(2, _alreadyAnchored(CONTENT));
        vm.prank(_author);
        _records.anchorMany(_patient, CARDIOLOGY, entries);
        _checkChart(OTHERS_LAST, BLOCK);
        _checkNoAnchor(_id(NEW_CONTENT));
    }

    /// An author, a colleague, and a delegate who may write and manage.
    function _refusesOthers() private {
        address[3] memory others = [_author, _colleague, _carer];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(_chartFull());
            vm.prank(others[i]);
            _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
        }
        vm.expectRevert(_chartFull());
        vm.prank(_author);
        _records.amend(_amendment());
        vm.expectRevert(_chartFull());
        vm.prank(_carer);
        _records.amend(_amendment());
    }

    function _anchorAsPatient(bytes32 content) private {
        vm.prank(_patient);
        _records.anchor(_patient, CARDIOLOGY, content, MANIFEST);
    }

    function _fill(uint256 number) private {
        _store(CHARTS, number, 77);
        _checkChart(number, 77);
    }

    /* THE HISTORY */

    function test_numbersEverythingThatHappensToRecords() external {
        _credential(_author, "keeper", END);
        _anchor(CONTENT);
        _checkHistory(0, 0);

        _at(1);
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(_patient, _id(CONTENT), CARDIOLOGY, MANIFEST, _author, _link(1, 0), _link(1, 0));
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, CONTENT, MANIFEST);

        _at(2);
        vm.expectEmit(address(_records));
        emit ICorrections.Amended(_patient, _id(CONTENT), _id(NEW_CONTENT), REASON, _author, _link(2, BLOCK + 1));
        vm.prank(_author);
        _records.amend(_amendment());

        _at(3);
        vm.expectEmit(address(_records));
        emit ICorrections.Retracted(_patient, _id(NEW_CONTENT), REASON, _patient, _link(3, BLOCK + 2));
        vm.prank(_patient);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);

        _at(4);
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureRequested(_patient, _id(CONTENT), CARDIOLOGY, _link(4, BLOCK + 3));
        _erase(CONTENT);

        _at(5);
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureAttested(_patient, _id(CONTENT), _author, "keeper", _link(5, BLOCK + 4));
        vm.prank(_author);
        _records.attestErasure(_patient, CARDIOLOGY, CONTENT, "keeper", 0);

        _checkHistory(5, BLOCK + 5);
        _checkChart(2, BLOCK + 2);
        _checkLink(_records.historyOf(_author), 0, 0, "the author's own");
    }

    /// Whatever is refused is not counted.
    function test_countsNothingThatIsRefused() external {
        _anchor(CONTENT);
        vm.expectRevert(_notAuthorOf(CONTENT, _outsider));
        vm.prank(_outsider);
        _records.point(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        vm.expectRevert(_alreadyAnchored(CONTENT));
        _anchor(CONTENT);
        _checkHistory(0, 0);
        _checkChart(1, BLOCK);
    }

    function test_stopsAtTheLastNumberOfAHistory() external {
        _anchor(CONTENT);
        _store(HISTORIES, type(uint32).max - 1, 77);
        _expectPointed(type(uint32).max, 77);
        vm.prank(_patient);
        _records.point(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        vm.prank(_patient);
        _records.point(_patient, CARDIOLOGY, CONTENT, MANIFEST);
    }

    function _at(uint256 number) private {
        vm.roll(BLOCK + number);
    }

    function _expectPointed(uint256 change, uint256 before) private {
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(
            _patient,
            _id(CONTENT),
            CARDIOLOGY,
            MANIFEST,
            _patient,
            _link(1, 0),
            _link(change, before)
        );
    }

    function _store(uint256 place, uint256 number, uint256 lastAt) private {
        bytes32 slot = keccak256(abi.encode(_patient, place));
        vm.store(address(_records), slot, bytes32(number + lastAt * 2 ** 32));
    }

    function _chartFull() private view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.ChartFull.selector, _patient);
    }
}
