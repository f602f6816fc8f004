// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Words as clients prove them: by the place of their mapping, packed as documented.
contract RecordStorageTest is RecordsTest {
    uint40 private constant LATEST = 2 ** 36 - 1;

    function test_keepsAnAnchorInOneWord() external {
        vm.warp(T0 + 5);
        vm.roll(BLOCK + 2);
        _anchor("first");
        _anchor(CONTENT);
        _checkWord(IAnchors.Status.Anchored);
        vm.prank(_author);
        _records.amend(_amendment());
        _checkWord(IAnchors.Status.Amended);
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        _checkWord(IAnchors.Status.Retracted);
        _erase(CONTENT);
        _checkWord(IAnchors.Status.Erased);
        vm.assertEq(_load(3, _id("unknown")), 0, "unknown");
    }

    function test_keepsTheLatestTimeAndBlockOfAnAnchor() external {
        vm.roll(type(uint32).max);
        vm.warp(LATEST);
        vm.prank(_patient);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        _checkAnchor(_id(CONTENT), _patient, LATEST, IAnchors.Status.Anchored);
        _checkPlace(_id(CONTENT), 1, type(uint32).max);
    }

    function testFuzz_packsAnAnchorAndReadsItBack(uint160 author, uint40 time, uint32 number, uint8 status) external {
        (uint256 index, uint256 block_) = (uint256(number) % 2 ** 25, uint256(number) / 2);
        uint256 state = uint256(status) % 5;
        uint256 word =
            author + (uint256(time) % 2 ** 36) * 2 ** 160 + block_ * 2 ** 196 + index * 2 ** 228 + state * 2 ** 253;
        vm.store(address(_records), keccak256(abi.encode(CONTENT, uint256(3))), bytes32(word));
        _checkAnchor(CONTENT, address(author), uint256(time) % 2 ** 36, IAnchors.Status(state));
        _checkPlace(CONTENT, index, block_);
    }

    function test_keepsTheHeadsOfTheChartTheHistoryAndThePointers() external {
        _anchor(CONTENT);
        vm.roll(BLOCK + 1);
        _anchor(NEW_CONTENT);
        vm.roll(BLOCK + 2);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(_author);
            _records.point(_patient, CARDIOLOGY, CONTENT, NEW_MANIFEST);
        }
        vm.roll(BLOCK + 3);
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        bytes32 patient = bytes32(uint256(uint160(_patient)));
        vm.assertEq(_load(4, patient), 2 + uint256(BLOCK + 1) * 2 ** 32, "chart");
        vm.assertEq(_load(5, patient), 4 + uint256(BLOCK + 3) * 2 ** 32, "history");
        vm.assertEq(_load(6, _id(CONTENT)), 3 + uint256(BLOCK + 2) * 2 ** 32, "pointers");
        vm.assertEq(_load(6, _id(NEW_CONTENT)), 0, "no pointers");
    }

    function test_keepsTheOriginOfAnAmendment() external {
        _anchor(CONTENT);
        vm.prank(_author);
        _records.amend(_amendment());
        vm.assertEq(_load(7, _id(NEW_CONTENT)), uint256(CONTENT), "origin");
        vm.assertEq(_load(7, _id(CONTENT)), 0, "its own");
    }

    function test_keepsReceiptsRootsAndWitnesses() external {
        _credential(_outsider, "storage", END);
        _anchor(CONTENT);
        _erase(CONTENT);
        vm.warp(T0 + 7);
        vm.prank(_outsider);
        _records.attestErasure(_patient, CARDIOLOGY, CONTENT, "storage", 0);
        vm.warp(T0 + 8);
        vm.prank(_author);
        _records.anchorRoot("root", 1, 0);
        vm.warp(T0 + 9);
        vm.prank(_author);
        _records.witness("digest");
        vm.assertEq(_load(8, _id(CONTENT), bytes32(uint256(uint160(_outsider)))), T0 + 7, "receipt");
        vm.assertEq(_load(9, bytes32(uint256(uint160(_author))), "root"), T0 + 8, "root");
        vm.assertEq(_load(10, bytes32(uint256(uint160(_author))), "digest"), T0 + 9, "witness");
    }

    function _checkWord(IAnchors.Status status) private view {
        uint256 expected = uint256(uint160(_author)) + uint256(T0 + 5) * 2 ** 160;
        expected += uint256(BLOCK + 2) * 2 ** 196 + 2 * 2 ** 228 + uint256(status) * 2 ** 253;
        vm.assertEq(_load(3, _id(CONTENT)), expected, "anchor");
    }

    function _load(uint256 place, bytes32 key) private view returns (uint256) {
        return uint256(vm.load(address(_records), keccak256(abi.encode(key, place))));
    }

    function _load(uint256 place, bytes32 outer, bytes32 inner) private view returns (uint256) {
        bytes32 map = keccak256(abi.encode(outer, place));
        return uint256(vm.load(address(_records), keccak256(abi.encode(inner, map))));
    }
}
