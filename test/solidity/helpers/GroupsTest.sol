// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Group} from "../../../contracts/Group.sol";
import {GroupFactory} from "../../../contracts/GroupFactory.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {Link} from "../../../contracts/types/Link.sol";
import {SignedForms} from "./SignedForms.sol";

/// A department with a manager, and where it comes from.
abstract contract GroupsTest is SignedForms {
    uint40 internal constant NOW = 1_900_000_000;
    uint40 internal constant DEADLINE = NOW + 100;
    uint32 internal constant BLOCK = 7000;
    uint8 internal constant READ = 1;
    uint64 internal constant TREATMENT = 1;
    uint64 internal constant RESEARCH = 2 ** 62;
    uint64 internal constant ALL_PURPOSES = 2 ** 63 - 1;
    uint256 internal constant MANAGER_KEY = 0x3A3A;
    uint256 internal constant MEMBER_KEY = 0x3E3B;

    address internal _manager = vm.addr(MANAGER_KEY);
    address internal _member = vm.addr(MEMBER_KEY);
    address internal _outsider = address(0xBAD);

    GroupFactory internal _factory;
    Group internal _group;

    function setUp() public virtual {
        vm.warp(NOW);
        vm.roll(BLOCK);
        _factory = new GroupFactory();
        vm.prank(_manager);
        _group = Group(_factory.create("cardiology"));
    }

    function _set(address member, uint40 until, uint64 purposes) internal {
        address[] memory members = new address[](1);
        members[0] = member;
        vm.prank(_manager);
        _group.setMembers(members, until, purposes);
    }

    /// Addresses 1, 2, 3 ….
    function _members(uint256 count) internal pure returns (address[] memory members) {
        members = new address[](count);
        for (uint256 i = 0; i < count; ++i) members[i] = address(uint160(i + 1));
    }

    function _belongs(address member) internal view returns (bool) {
        return _group.isMember(address(0), member, READ, TREATMENT);
    }

    function _expectMemberSet(address member, uint40 until, uint64 purposes, uint256 number, uint256 before) internal {
        vm.expectEmit(address(_group));
        emit IManagedGroup.MemberSet(member, until, purposes, _link(number, before));
    }

    function _checkMember(address member, uint256 until, uint256 purposes) internal view {
        IManagedGroup.Membership memory found = _group.memberOf(member);
        vm.assertEq(found.until, until, "until");
        vm.assertEq(found.purposes, purposes, "purposes");
    }

    function _link(uint256 number, uint256 lastAt) internal pure returns (Link) {
        return Link.wrap(uint64(number + lastAt * 2 ** 32));
    }

    function _checkLink(Link link, uint256 number, uint256 lastAt, string memory what) internal pure {
        vm.assertEq(Link.unwrap(link), Link.unwrap(_link(number, lastAt)), what);
    }

    function _checkList(uint256 number, uint256 lastAt) internal view {
        _checkLink(_group.membersOf(), number, lastAt, "membersOf");
    }
}
