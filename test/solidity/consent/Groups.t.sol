// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {Group} from "../../../contracts/Group.sol";
import {GroupFactory} from "../../../contracts/GroupFactory.sol";
import {IGroupFactory} from "../../../contracts/interfaces/IGroupFactory.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {SolTest} from "../Vm.sol";

/// A department with a manager, and where it comes from.
contract GroupTest is SolTest {
    uint40 private constant _NOW = 1_900_000_000;
    address private constant _MANAGER = address(0x3A3A);
    address private constant _MEMBER = address(0x3E3B);
    address private constant _OUTSIDER = address(0xBAD);

    GroupFactory private _factory;
    Group private _group;

    function setUp() external {
        vm.warp(_NOW);
        _factory = new GroupFactory();
        vm.prank(_MANAGER);
        _group = Group(_factory.create("cardiology"));
    }

    /* THE FACTORY */

    function test_createsAGroupOfTheCallersWhereItWasForetold() external {
        address foretold = _factory.groupOf(_MANAGER, "surgery");
        vm.assertEq(foretold.code.length, 0, "not yet");
        vm.expectEmit(address(_factory));
        emit IGroupFactory.GroupCreated(foretold, _MANAGER);
        vm.expectEmit(foretold);
        emit IManagedGroup.ManagerSet(_MANAGER);
        vm.prank(_MANAGER);
        address group = _factory.create("surgery");
        vm.assertEq(group, foretold, "address");
        vm.assertEq(Group(group).manager(), _MANAGER, "manager");
        vm.assertEq(_factory.groupOf(_MANAGER, "surgery"), group, "later, too");
    }

    /// Whoever knows the factory finds the group without asking it: ERC-1014, with the hash of manager and salt as ABI words.
    function test_createsAGroupWhereItsManagerAndSaltSay() external view {
        bytes memory creation = abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73",
            _factory.IMPLEMENTATION(),
            hex"5af43d82803e903d91602b57fd5bf3"
        );
        bytes32 salt = keccak256(abi.encode(_MANAGER, bytes32("cardiology")));
        bytes32 place = keccak256(abi.encodePacked(bytes1(0xff), address(_factory), salt, keccak256(creation)));
        vm.assertEq(address(_group), address(uint160(uint256(place))), "address");
    }

    function test_createsOneGroupForASalt() external {
        _refuse(abi.encodeWithSelector(Errors.FailedDeployment.selector));
        vm.prank(_MANAGER);
        _factory.create("cardiology");
        vm.assertEq(_group.manager(), _MANAGER, "as before");
    }

    function test_givesNobodyThePlaceOfAnothersGroup() external {
        address place = _factory.groupOf(_MANAGER, "surgery");
        vm.prank(_OUTSIDER);
        address other = _factory.create("surgery");
        vm.assertTrue(other != place, "another address");
        vm.assertEq(other, _factory.groupOf(_OUTSIDER, "surgery"), "his own");
        vm.assertEq(Group(other).manager(), _OUTSIDER, "his own to manage");
        vm.prank(_MANAGER);
        vm.assertEq(_factory.create("surgery"), place, "still free");
        vm.assertTrue(_factory.groupOf(_MANAGER, "a") != _factory.groupOf(_MANAGER, "b"), "two salts");
    }

    function test_makesClonesOfAnImplementationThatIsNobodys() external {
        bytes memory clone = abi.encodePacked(
            hex"363d3d373d3d3d363d73",
            _factory.IMPLEMENTATION(),
            hex"5af43d82803e903d91602b57fd5bf3"
        );
        vm.assertEq(address(_group).code, clone, "ERC-1167");
        Group implementation = Group(_factory.IMPLEMENTATION());
        vm.assertEq(implementation.manager(), address(0), "nobody's");
        _refuse(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        implementation.initialize(_OUTSIDER);
        _refuse(abi.encodeWithSelector(IManagedGroup.NotManager.selector, _OUTSIDER));
        vm.prank(_OUTSIDER);
        implementation.setManager(_OUTSIDER);
    }

    function test_initializesAGroupOnce() external {
        address[2] memory callers = [_MANAGER, _OUTSIDER];
        for (uint256 i = 0; i < 2; ++i) {
            _refuse(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
            vm.prank(callers[i]);
            _group.initialize(callers[i]);
        }
        vm.assertEq(_group.manager(), _MANAGER, "as before");
    }

    /* THE MANAGER */

    function test_handsTheGroupOver() external {
        vm.expectEmit(address(_group));
        emit IManagedGroup.ManagerSet(_OUTSIDER);
        vm.prank(_MANAGER);
        _group.setManager(_OUTSIDER);
        vm.assertEq(_group.manager(), _OUTSIDER, "manager");
        _refuse(abi.encodeWithSelector(IManagedGroup.NotManager.selector, _MANAGER));
        vm.prank(_MANAGER);
        _group.setManager(_MANAGER);
        vm.prank(_OUTSIDER);
        _group.setMembers(_members(1), _NOW + 1);
        vm.assertTrue(_group.isMember(address(0), address(1)), "by the new manager");
    }

    function test_handsTheGroupToSomebody() external {
        _refuse(abi.encodeWithSelector(IManagedGroup.InvalidManager.selector, address(0)));
        vm.prank(_MANAGER);
        _group.setManager(address(0));
    }

    function test_letsNobodyButTheManagerDecide() external {
        address[2] memory callers = [_OUTSIDER, _MEMBER];
        _set(_MEMBER, _NOW + 10);
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory reason = abi.encodeWithSelector(IManagedGroup.NotManager.selector, callers[i]);
            _refuse(reason);
            vm.prank(callers[i]);
            _group.setManager(callers[i]);
            _refuse(reason);
            vm.prank(callers[i]);
            _group.setMembers(_members(1), _NOW + 10);
        }
        vm.assertEq(_group.manager(), _MANAGER, "manager");
        vm.assertEq(_group.memberUntil(address(1)), 0, "member");
    }

    /* MEMBERS */

    function test_setsFrom1To200Members() external {
        _refuse(abi.encodeWithSelector(IManagedGroup.InvalidBatchSize.selector, 0, 200));
        vm.prank(_MANAGER);
        _group.setMembers(_members(0), _NOW + 1);
        _refuse(abi.encodeWithSelector(IManagedGroup.InvalidBatchSize.selector, 201, 200));
        vm.prank(_MANAGER);
        _group.setMembers(_members(201), _NOW + 1);
        for (uint160 i = 1; i <= 200; ++i) {
            vm.expectEmit(address(_group));
            emit IManagedGroup.MemberSet(address(i), _NOW + 1);
        }
        vm.recordLogs();
        vm.prank(_MANAGER);
        _group.setMembers(_members(200), _NOW + 1);
        vm.assertEq(vm.getRecordedLogs().length, 200, "events");
        for (uint160 i = 1; i <= 200; ++i) vm.assertTrue(_group.isMember(address(0), address(i)), "member");
        vm.assertTrue(!_group.isMember(address(0), address(201)), "no member");
        vm.assertEq(_group.MAX_BATCH(), 200, "MAX_BATCH");
    }

    function test_refusesNobodyAsMember() external {
        address[] memory members = _members(2);
        members[1] = address(0);
        _refuse(abi.encodeWithSelector(IManagedGroup.InvalidMember.selector, address(0)));
        vm.prank(_MANAGER);
        _group.setMembers(members, _NOW + 1);
        vm.assertTrue(!_group.isMember(address(0), address(1)), "all or none");
    }

    function test_belongsUntilTheEndWhicheverPatientAsks() external {
        _set(_MEMBER, _NOW + 10);
        vm.assertEq(_group.memberUntil(_MEMBER), _NOW + 10, "memberUntil");
        address[2] memory patients = [address(0), _OUTSIDER];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(_NOW + 9);
            vm.assertTrue(_group.isMember(patients[i], _MEMBER), "last second");
            vm.warp(_NOW + 10);
            vm.assertTrue(!_group.isMember(patients[i], _MEMBER), "end");
            vm.warp(_NOW + 11);
            vm.assertTrue(!_group.isMember(patients[i], _MEMBER), "after");
        }
    }

    function test_putsAMemberOutNowOrEarlier() external {
        uint40[3] memory ends = [_NOW, _NOW - 1, 0];
        for (uint256 i = 0; i < 3; ++i) {
            _set(_MEMBER, type(uint40).max);
            vm.assertTrue(_group.isMember(address(0), _MEMBER), "in");
            vm.expectEmit(address(_group));
            emit IManagedGroup.MemberSet(_MEMBER, ends[i]);
            _set(_MEMBER, ends[i]);
            vm.assertTrue(!_group.isMember(address(0), _MEMBER), "out");
        }
    }

    function test_letsAMemberResign() external {
        _set(_MEMBER, _NOW + 10);
        _set(_OUTSIDER, _NOW + 10);
        vm.warp(_NOW + 9);
        vm.expectEmit(address(_group));
        emit IManagedGroup.MemberSet(_MEMBER, _NOW + 9);
        vm.prank(_MEMBER);
        _group.resign();
        vm.assertEq(_group.memberUntil(_MEMBER), _NOW + 9, "memberUntil");
        vm.assertTrue(!_group.isMember(address(0), _MEMBER), "out");
        vm.assertTrue(_group.isMember(address(0), _OUTSIDER), "another stays");
        _refuseResign(_MEMBER);
    }

    function test_letsNobodyResignWhoIsNoMemberNow() external {
        _refuseResign(_MANAGER);
        _refuseResign(_OUTSIDER);
        _set(_MEMBER, _NOW + 10);
        vm.warp(_NOW + 10);
        _refuseResign(_MEMBER);
        vm.assertEq(_group.memberUntil(_MEMBER), _NOW + 10, "as before");
    }

    function test_keepsGroupsApart() external {
        vm.prank(_MANAGER);
        Group other = Group(_factory.create("surgery"));
        _set(_MEMBER, _NOW + 10);
        vm.assertTrue(!other.isMember(address(0), _MEMBER), "of the other");
        _refuse(abi.encodeWithSelector(IManagedGroup.NotMember.selector, _MEMBER));
        vm.prank(_MEMBER);
        other.resign();
    }

    function _refuse(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    function _refuseResign(address caller) private {
        _refuse(abi.encodeWithSelector(IManagedGroup.NotMember.selector, caller));
        vm.prank(caller);
        _group.resign();
    }

    function _set(address member, uint40 until) private {
        address[] memory members = new address[](1);
        members[0] = member;
        vm.prank(_MANAGER);
        _group.setMembers(members, until);
    }

    /// Addresses 1, 2, 3 ….
    function _members(uint256 count) private pure returns (address[] memory members) {
        members = new address[](count);
        for (uint256 i = 0; i < count; ++i) members[i] = address(uint160(i + 1));
    }
}
