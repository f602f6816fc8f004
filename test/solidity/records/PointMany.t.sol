// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract PointManyTest is RecordsTest {
    bytes32 private constant ERASED = keccak256("erased");
    bytes32 private constant COLLEAGUES = keccak256("the colleague's");

    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        _anchor(NEW_CONTENT);
        _anchor(ERASED);
        _erase(ERASED);
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, COLLEAGUES, MANIFEST);
        vm.roll(BLOCK + 1);
    }

    function test_announcesWhatIsGoodAndLeavesOutWhatIsBad() external {
        IAnchors.Pointer[] memory pointers = new IAnchors.Pointer[](8);
        pointers[0] = IAnchors.Pointer(CARDIOLOGY, CONTENT, NEW_MANIFEST);
        pointers[1] = IAnchors.Pointer(CARDIOLOGY, CONTENT, 0);
        pointers[2] = IAnchors.Pointer(IMAGING, CONTENT, NEW_MANIFEST);
        pointers[3] = IAnchors.Pointer(CARDIOLOGY, ERASED, NEW_MANIFEST);
        pointers[4] = IAnchors.Pointer(CARDIOLOGY, COLLEAGUES, NEW_MANIFEST);
        pointers[5] = IAnchors.Pointer(CARDIOLOGY, CONTENT, MANIFEST); // and back
        pointers[6] = IAnchors.Pointer(CHART, CONTENT, NEW_MANIFEST);
        pointers[7] = IAnchors.Pointer(CARDIOLOGY, NEW_CONTENT, NEW_MANIFEST);

        vm.recordLogs();
        _expectPointed(CONTENT, NEW_MANIFEST, _author, 1, 0, 2, BLOCK);
        _expectSkipped(1, abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _expectSkipped(2, _unknown(_idOf(_patient, IMAGING, CONTENT)));
        _expectSkipped(3, _invalidStatus(ERASED, IAnchors.Status.Erased));
        _expectSkipped(4, _notAuthorOf(COLLEAGUES, _author));
        _expectPointed(CONTENT, MANIFEST, _author, 2, BLOCK + 1, 3, BLOCK + 1);
        _expectSkipped(6, _unknown(_idOf(_patient, CHART, CONTENT)));
        _expectPointed(NEW_CONTENT, NEW_MANIFEST, _author, 1, 0, 4, BLOCK + 1);
        vm.prank(_author);
        _records.pointMany(_patient, pointers);
        _checkLogs(8);
        _checkHistory(4, BLOCK + 1);
        _checkLink(_records.pointersOf(_id(CONTENT)), 2, BLOCK + 1, "pointers of the first");
        _checkLink(_records.pointersOf(_id(NEW_CONTENT)), 1, BLOCK + 1, "pointers of the second");
        _checkLink(_records.pointersOf(_id(ERASED)), 0, 0, "pointers of the erased");
    }

    function test_announcesForThePatientWhoeverWroteTheRecords() external {
        _lockdown();
        IAnchors.Pointer[] memory pointers = new IAnchors.Pointer[](2);
        pointers[0] = IAnchors.Pointer(CARDIOLOGY, COLLEAGUES, NEW_MANIFEST);
        pointers[1] = IAnchors.Pointer(CARDIOLOGY, CONTENT, NEW_MANIFEST);
        _expectPointed(COLLEAGUES, NEW_MANIFEST, _patient, 1, 0, 2, BLOCK);
        _expectPointed(CONTENT, NEW_MANIFEST, _patient, 1, 0, 3, BLOCK + 1);
        vm.prank(_patient);
        _records.pointMany(_patient, pointers);
    }

    function test_leavesEverythingOutForAnOutsiderAndWhoMayNotWriteAnyMore() external {
        IAnchors.Pointer[] memory pointers = new IAnchors.Pointer[](1);
        pointers[0] = IAnchors.Pointer(CARDIOLOGY, CONTENT, NEW_MANIFEST);
        _expectSkipped(0, _notAuthorOf(CONTENT, _outsider));
        vm.prank(_outsider);
        _records.pointMany(_patient, pointers);
        _revoke(_author, CARDIOLOGY);
        _expectSkipped(0, _notWriterOf(CARDIOLOGY, _author));
        vm.prank(_author);
        _records.pointMany(_patient, pointers);
        _checkHistory(1, BLOCK);
    }

    function test_leavesOutAnAmendmentWhereItsOwnIdIsDenied() external {
        ICorrections.Amendment memory amendment = _amendment();
        amendment.newContent = "amended";
        vm.prank(_author);
        _records.amend(amendment);
        _deny(_author, _id("amended"));
        IAnchors.Pointer[] memory pointers = new IAnchors.Pointer[](2);
        pointers[0] = IAnchors.Pointer(CARDIOLOGY, "amended", NEW_MANIFEST);
        pointers[1] = IAnchors.Pointer(CARDIOLOGY, CONTENT, NEW_MANIFEST);
        _expectSkipped(0, _notWriterOf(CARDIOLOGY, _author));
        _expectPointed(CONTENT, NEW_MANIFEST, _author, 1, 0, 3, BLOCK + 1);
        vm.prank(_author);
        _records.pointMany(_patient, pointers);
        _checkLink(_records.pointersOf(_id("amended")), 0, 0, "pointers of the amendment");
    }

    function test_takesUpTo100AtOnceAndAtLeastOne() external {
        uint256[2] memory counts = [uint256(0), 101];
        for (uint256 i = 0; i < counts.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, counts[i], 100));
            vm.prank(_author);
            _records.pointMany(_patient, _pointers(counts[i]));
        }
        vm.recordLogs();
        vm.prank(_author);
        _records.pointMany(_patient, _pointers(100));
        _checkLogs(100);
        _checkLink(_records.pointersOf(_id(CONTENT)), 100, BLOCK + 1, "pointers");
        _checkHistory(101, BLOCK + 1);
    }

    function _pointers(uint256 count) private pure returns (IAnchors.Pointer[] memory pointers) {
        pointers = new IAnchors.Pointer[](count);
        for (uint256 i = 0; i < count; ++i) pointers[i] = IAnchors.Pointer(CARDIOLOGY, CONTENT, bytes32(i + 1));
    }

    function _expectPointed(
        bytes32 content,
        bytes32 manifest,
        address by,
        uint256 number,
        uint256 before,
        uint256 change,
        uint256 changedBefore
    ) private {
        vm.expectEmit(address(_records));
        emit IAnchors.Pointed(
            _patient,
            _id(content),
            CARDIOLOGY,
            manifest,
            by,
            _link(number, before),
            _link(change, changedBefore)
        );
    }
}
