// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Group} from "../../../contracts/Group.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {GroupsTest} from "../helpers/GroupsTest.sol";

/// Who decides on members, and who is one.
contract GroupTest is GroupsTest {
    /* THE MANAGER */

    function test_handsTheGroupOver() external {
        vm.recordLogs();
        vm.expectEmit(address(_group));
        emit IManagedGroup.ManagerSet(_outsider);
        vm.prank(_manager);
        _group.setManager(_outsider);
        _checkLogs(1);
        vm.assertEq(_group.manager(), _outsider, "manager");
        vm.assertEq(_group.nextNumber(), 1, "nextNumber");
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.NotManager.selector, _manager));
        vm.prank(_manager);
        _group.setManager(_manager);
        vm.prank(_outsider);
        _group.setMembers(_members(1), NOW + 1, TREATMENT);
        vm.assertTrue(_belongs(address(1)), "by the new manager");
        vm.assertEq(_group.nextNumber(), 2, "nextNumber");
    }

    function test_handsTheGroupToSomebody() external {
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.InvalidManager.selector, address(0)));
        vm.prank(_manager);
        _group.setManager(address(0));
    }

    function test_letsNobodyButTheManagerDecide() external {
        address[3] memory callers = [_outsider, _member, address(_factory)];
        _set(_member, NOW + 10, TREATMENT);
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory reason = abi.encodeWithSelector(IManagedGroup.NotManager.selector, callers[i]);
            vm.expectRevert(reason);
            vm.prank(callers[i]);
            _group.setManager(callers[i]);
            vm.expectRevert(reason);
            vm.prank(callers[i]);
            _group.setMembers(_members(1), NOW + 10, TREATMENT);
        }
        vm.assertEq(_group.manager(), _manager, "manager");
        vm.assertEq(_group.nextNumber(), 1, "nextNumber");
        _checkMember(address(1), 0, 0);
    }

    /* MEMBERS */

    function test_setsFrom1To200Members() external {
        uint256[2] memory counts = [uint256(0), 201];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, counts[i], 200));
            vm.prank(_manager);
            _group.setMembers(_members(counts[i]), NOW + 1, TREATMENT);
        }
        vm.recordLogs();
        for (uint160 i = 1; i <= 200; ++i) {
            _expectMemberSet(address(i), NOW + 1, TREATMENT, i, i == 1 ? 0 : BLOCK);
        }
        vm.prank(_manager);
        _group.setMembers(_members(200), NOW + 1, TREATMENT);
        _checkLogs(200);
        _checkList(200, BLOCK);
        vm.assertEq(_group.nextNumber(), 1, "one act");
        for (uint160 i = 1; i <= 200; ++i) vm.assertTrue(_belongs(address(i)), "member");
        vm.assertTrue(!_belongs(address(201)), "no member");
        vm.assertEq(_group.MAX_BATCH(), 200, "MAX_BATCH");
    }

    function test_listsWhatWasEverSaidOfMembers() external {
        _checkList(0, 0);
        _expectMemberSet(_member, NOW + 10, TREATMENT, 1, 0);
        _set(_member, NOW + 10, TREATMENT);
        vm.roll(BLOCK + 3);
        _expectMemberSet(_outsider, NOW + 20, RESEARCH, 2, BLOCK);
        _set(_outsider, NOW + 20, RESEARCH);
        vm.roll(BLOCK + 4);
        _expectMemberSet(_member, NOW, 0, 3, BLOCK + 3);
        vm.prank(_member);
        _group.resign();
        _checkList(3, BLOCK + 4);
    }

    function test_refusesNobodyAsMember() external {
        address[] memory members = _members(2);
        members[1] = address(0);
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.InvalidMember.selector, address(0)));
        vm.prank(_manager);
        _group.setMembers(members, NOW + 1, TREATMENT);
        vm.assertTrue(!_belongs(address(1)), "all or none");
        _checkList(0, 0);
    }

    function test_takesEveryPurposeThatIsKnown() external {
        _set(_member, NOW + 1, ALL_PURPOSES);
        _checkMember(_member, NOW + 1, ALL_PURPOSES);
        uint64[3] memory unknown = [ALL_PURPOSES + 1, ALL_PURPOSES + 1 + TREATMENT, type(uint64).max];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IManagedGroup.InvalidPurposes.selector, unknown[i]));
            _set(_member, NOW + 1, unknown[i]);
        }
    }

    function test_belongsForItsPurposesToReadAlone() external {
        _set(_member, NOW + 1, TREATMENT + RESEARCH);
        for (uint256 bit = 0; bit < 64; ++bit) {
            uint64 purpose = uint64(2 ** bit);
            bool expected = bit == 0 || bit == 62;
            vm.assertTrue(_group.isMember(address(0), _member, READ, purpose) == expected, "by purpose");
        }
        vm.assertTrue(!_group.isMember(address(0), _member, READ, 0), "no purpose");
        vm.assertTrue(!_group.isMember(address(0), _member, READ, 3), "one of two");
        for (uint256 permission = 0; permission < 256; ++permission) {
            bool expected = permission == READ;
            vm.assertTrue(_group.isMember(address(0), _member, uint8(permission), 1) == expected, "by permission");
        }
        _set(_member, NOW + 1, 0);
        vm.assertTrue(!_belongs(_member), "for nothing");
    }

    function test_belongsForEachOfItsPurposesAndNoOther() external {
        for (uint256 had = 0; had < 63; ++had) {
            _set(_member, NOW + 10, uint64(1 << had));
            _checkMember(_member, NOW + 10, 1 << had);
            for (uint256 asked = 0; asked < 64; ++asked) {
                bool belongs = _group.isMember(address(0), _member, READ, uint64(1 << asked));
                vm.assertTrue(belongs == (asked == had), "isMember");
            }
            vm.assertTrue(!_group.isMember(address(0), _member, READ, ALL_PURPOSES), "for all");
        }
    }

    function test_belongsUntilTheEndWhicheverPatientAsks() external {
        _set(_member, NOW + 10, TREATMENT);
        _checkMember(_member, NOW + 10, TREATMENT);
        address[2] memory patients = [address(0), _outsider];
        uint40[3] memory times = [NOW + 9, NOW + 10, NOW + 11];
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                vm.warp(times[j]);
                bool expected = j == 0;
                vm.assertTrue(_group.isMember(patients[i], _member, READ, TREATMENT) == expected, "by time");
            }
        }
    }

    function test_putsAMemberOutNowOrEarlier() external {
        uint40[3] memory ends = [NOW, NOW - 1, 0];
        for (uint256 i = 0; i < 3; ++i) {
            _set(_member, type(uint40).max, TREATMENT);
            vm.assertTrue(_belongs(_member), "in");
            _expectMemberSet(_member, ends[i], TREATMENT, 2 * i + 2, BLOCK);
            _set(_member, ends[i], TREATMENT);
            vm.assertTrue(!_belongs(_member), "out");
        }
    }

    function test_letsAMemberResign() external {
        _set(_member, NOW + 10, TREATMENT);
        _set(_outsider, NOW + 10, TREATMENT);
        vm.warp(NOW + 9);
        vm.recordLogs();
        _expectMemberSet(_member, NOW + 9, 0, 3, BLOCK);
        vm.prank(_member);
        _group.resign();
        _checkLogs(1);
        _checkMember(_member, NOW + 9, 0);
        vm.assertTrue(!_belongs(_member), "out");
        vm.assertTrue(_belongs(_outsider), "another stays");
        vm.assertEq(_group.nextNumber(), 2, "no act of the manager's");
        _refusesToResign(_member);
    }

    function test_letsNobodyResignWhoIsNoMemberNow() external {
        _refusesToResign(_manager);
        _refusesToResign(_outsider);
        _set(_member, NOW + 10, TREATMENT);
        vm.warp(NOW + 10);
        _refusesToResign(_member);
        _checkMember(_member, NOW + 10, TREATMENT);
    }

    function test_keepsGroupsApart() external {
        vm.prank(_manager);
        Group other = Group(_factory.create("surgery"));
        _set(_member, NOW + 10, TREATMENT);
        vm.assertTrue(!other.isMember(address(0), _member, READ, TREATMENT), "of the other");
        _checkLink(other.membersOf(), 0, 0, "the other's list");
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.NotMember.selector, _member));
        vm.prank(_member);
        other.resign();
    }

    /* STORAGE */

    function test_keepsManagerAndMembersInOneWordEach() external {
        _set(_member, NOW + 10, TREATMENT);
        vm.roll(BLOCK + 2);
        _set(_outsider, NOW + 20, RESEARCH);
        uint256 word = uint256(uint160(_manager)) + 2 * 2 ** 160 + 2 * 2 ** 192 + uint256(BLOCK + 2) * 2 ** 224;
        vm.assertEq(uint256(vm.load(address(_group), bytes32(uint256(3)))), word, "manager");
        bytes32 slot = keccak256(abi.encode(_outsider, uint256(4)));
        word = NOW + 20 + uint256(RESEARCH) * 2 ** 40;
        vm.assertEq(uint256(vm.load(address(_group), slot)), word, "membership");
    }

    function _refusesToResign(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.NotMember.selector, caller));
        vm.prank(caller);
        _group.resign();
    }
}
