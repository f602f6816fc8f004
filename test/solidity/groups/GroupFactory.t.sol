// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {Group} from "../../../contracts/Group.sol";
import {IGroupFactory} from "../../../contracts/interfaces/IGroupFactory.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {GroupsTest} from "../helpers/GroupsTest.sol";
import {KeySigning} from "../helpers/KeySigning.sol";

/// Where groups come from.
contract GroupFactoryTest is GroupsTest {
    function test_createsAGroupOfTheCallersWhereItWasForetold() external {
        address foretold = _factory.groupOf(_manager, "surgery");
        vm.assertEq(foretold.code.length, 0, "not yet");
        vm.roll(BLOCK + 1);
        vm.recordLogs();
        vm.expectEmit(address(_factory));
        emit IGroupFactory.GroupCreated(foretold, _manager, _link(2, BLOCK));
        vm.expectEmit(foretold);
        emit IManagedGroup.ManagerSet(_manager);
        vm.prank(_manager);
        address group = _factory.create("surgery");
        _checkLogs(3); // the last says that the group is initialized
        vm.assertEq(group, foretold, "address");
        vm.assertEq(Group(group).manager(), _manager, "manager");
        vm.assertEq(Group(group).nextNumber(), 0, "nextNumber");
        vm.assertEq(_factory.groupOf(_manager, "surgery"), group, "later, too");
    }

    function test_countsTheGroupsOfEachManager() external {
        _checkLink(_factory.groupsOf(_manager), 1, BLOCK, "that of the set-up");
        vm.roll(BLOCK + 4);
        vm.expectEmit(address(_factory));
        emit IGroupFactory.GroupCreated(_factory.groupOf(_outsider, "a"), _outsider, _link(1, 0));
        vm.prank(_outsider);
        _factory.create("a");
        vm.roll(BLOCK + 6);
        vm.expectEmit(address(_factory));
        emit IGroupFactory.GroupCreated(_factory.groupOf(_outsider, "b"), _outsider, _link(2, BLOCK + 4));
        vm.prank(_outsider);
        _factory.create("b");
        _checkLink(_factory.groupsOf(_outsider), 2, BLOCK + 6, "the outsider's");
        _checkLink(_factory.groupsOf(_manager), 1, BLOCK, "the manager's");
        bytes32 slot = keccak256(abi.encode(_outsider, uint256(3)));
        vm.assertEq(uint256(vm.load(address(_factory), slot)), 2 + uint256(BLOCK + 6) * 2 ** 32, "stored");
    }

    /// Whoever comes to manage a group did not create it.
    function test_countsAGroupWithWhoCreatedItThoughAnotherManagesIt() external {
        vm.prank(_manager);
        _group.setManager(_outsider);
        _checkLink(_factory.groupsOf(_manager), 1, BLOCK, "who created it");
        _checkLink(_factory.groupsOf(_outsider), 0, 0, "who manages it");
    }

    /// Whoever knows the factory finds the group without asking it: ERC-1014, with the hash of manager and salt as ABI words.
    function test_createsAGroupWhereItsManagerAndSaltSay() external view {
        bytes memory creation = abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73",
            _factory.IMPLEMENTATION(),
            hex"5af43d82803e903d91602b57fd5bf3"
        );
        bytes32 salt = keccak256(abi.encode(_manager, bytes32("cardiology")));
        bytes32 place = keccak256(abi.encodePacked(bytes1(0xff), address(_factory), salt, keccak256(creation)));
        vm.assertEq(address(_group), address(uint160(uint256(place))), "address");
    }

    function test_createsOneGroupForASalt() external {
        vm.expectRevert(abi.encodeWithSelector(Errors.FailedDeployment.selector));
        vm.prank(_manager);
        _factory.create("cardiology");
        vm.assertEq(_group.manager(), _manager, "as before");
        _checkLink(_factory.groupsOf(_manager), 1, BLOCK, "one");
    }

    function test_givesNobodyThePlaceOfAnothersGroup() external {
        address place = _factory.groupOf(_manager, "surgery");
        vm.prank(_outsider);
        address other = _factory.create("surgery");
        vm.assertTrue(other != place, "another address");
        vm.assertEq(other, _factory.groupOf(_outsider, "surgery"), "his own");
        vm.assertEq(Group(other).manager(), _outsider, "his own to manage");
        vm.prank(_manager);
        vm.assertEq(_factory.create("surgery"), place, "still free");
        vm.assertTrue(_factory.groupOf(_manager, "a") != _factory.groupOf(_manager, "b"), "two salts");
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
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        implementation.initialize(_outsider);
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.NotManager.selector, _outsider));
        vm.prank(_outsider);
        implementation.setManager(_outsider);
        // nor does nobody sign for it
        vm.expectRevert(_invalidSignature(address(0)));
        implementation.setManagerBySig(_outsider, 0, DEADLINE, new bytes(65));
    }

    function test_initializesAGroupOnce() external {
        address[2] memory callers = [_manager, _outsider];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
            vm.prank(callers[i]);
            _group.initialize(callers[i]);
        }
        vm.assertEq(_group.manager(), _manager, "as before");
    }

    /* BY SIGNATURE */

    function test_createsAGroupThatAnyoneCarries() external {
        Form memory form = Form(
            "CareKey GroupFactory",
            address(_factory),
            MANAGER_KEY,
            KeySigning.hashCreateGroup(_manager, "surgery", DEADLINE),
            DEADLINE
        );
        bytes memory call = _checkForm(form, _createCallOf);
        _checkWords(address(_factory), call, 0, 3);
        address foretold = _factory.groupOf(_manager, "surgery");
        vm.expectEmit(address(_factory));
        emit IGroupFactory.GroupCreated(foretold, _manager, _link(2, BLOCK));
        bytes memory answer = _carries(address(_factory), call);
        vm.assertEq(abi.decode(answer, (address)), foretold, "address");
        vm.assertEq(Group(foretold).manager(), _manager, "its signer manages it");
        _refuses(_outsider, address(_factory), call, abi.encodeWithSelector(Errors.FailedDeployment.selector));
    }

    function _createCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IGroupFactory.createBySig, (_manager, "surgery", DEADLINE, signature));
    }
}
