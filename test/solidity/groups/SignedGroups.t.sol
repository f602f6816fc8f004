// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Group} from "../../../contracts/Group.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {GroupsTest} from "../helpers/GroupsTest.sol";
import {KeySigning} from "../helpers/KeySigning.sol";

/// What managers and members sign, and somebody else carries.
contract SignedGroupsTest is GroupsTest {
    uint40 private constant UNTIL = NOW + 500;

    /* THE MANAGER */

    function test_handsOverWhatAnyoneCarriesForTheManager() external {
        bytes memory call = _checkForm(_formOf(MANAGER_KEY, _managerHash(_outsider, 0)), _managerCallOf);
        _refusesOther(call, 0, _invalidSignature(_manager));
        _refusesOther(call, 1, _stale(1, 0));
        _refusesOther(call, 2, _invalidSignature(_manager));
        vm.recordLogs();
        vm.expectEmit(address(_group));
        emit IManagedGroup.ManagerSet(_outsider);
        _carries(address(_group), call);
        _checkLogs(1);
        vm.assertEq(_group.manager(), _outsider, "manager");
        vm.assertEq(_group.nextNumber(), 1, "nextNumber");
        _refuses(_outsider, address(_group), call, _stale(0, 1));
    }

    function test_setsMembersThatAnyoneCarriesForTheManager() external {
        bytes memory call = _checkForm(_formOf(MANAGER_KEY, _membersHash(2, 0)), _membersCallOf);
        _refusesOther(call, 1, _invalidSignature(_manager)); // until
        _refusesOther(call, 2, _invalidSignature(_manager)); // purposes
        _refusesOther(call, 3, _stale(1, 0));
        _refusesOther(call, 4, _invalidSignature(_manager)); // deadline
        _refusesOther(call, 7, _invalidSignature(_manager)); // the first member
        _refusesOther(call, 8, _invalidSignature(_manager)); // the second
        vm.recordLogs();
        _expectMemberSet(address(1), UNTIL, TREATMENT, 1, 0);
        _expectMemberSet(address(2), UNTIL, TREATMENT, 2, BLOCK);
        _carries(address(_group), call);
        _checkLogs(2);
        _checkList(2, BLOCK);
        vm.assertTrue(_belongs(address(2)), "a member");
        vm.assertEq(_group.nextNumber(), 1, "nextNumber");
        _refuses(_outsider, address(_group), call, _stale(0, 1));
    }

    /// What was signed before and is held back is stale.
    function test_anyActOfTheManagersUsesANumberUp() external {
        bytes memory members = _signed(_formOf(MANAGER_KEY, _membersHash(1, 0)));
        bytes memory manager = _signed(_formOf(MANAGER_KEY, _managerHash(_outsider, 0)));
        _set(_member, UNTIL, TREATMENT);
        vm.expectRevert(_stale(0, 1));
        _group.setMembersBySig(_members(1), UNTIL, TREATMENT, 0, DEADLINE, members);
        vm.expectRevert(_stale(0, 1));
        _group.setManagerBySig(_outsider, 0, DEADLINE, manager);

        members = _signed(_formOf(MANAGER_KEY, _membersHash(1, 1)));
        _group.setMembersBySig(_members(1), UNTIL, TREATMENT, 1, DEADLINE, members);
        manager = _signed(_formOf(MANAGER_KEY, _managerHash(_outsider, 2)));
        _group.setManagerBySig(_outsider, 2, DEADLINE, manager);
        vm.assertEq(_group.nextNumber(), 3, "nextNumber");
    }

    function test_refusesANumberThatIsNotNext() external {
        uint32[3] memory numbers = [uint32(1), 2, type(uint32).max];
        for (uint256 i = 0; i < numbers.length; ++i) {
            bytes memory signature = _signed(_formOf(MANAGER_KEY, _membersHash(1, numbers[i])));
            vm.expectRevert(_stale(numbers[i], 0));
            _group.setMembersBySig(_members(1), UNTIL, TREATMENT, numbers[i], DEADLINE, signature);
        }
    }

    /// Nor can a former manager's signature take the group back.
    function test_refusesTheSignatureOfAFormerManager() external {
        vm.prank(_manager);
        _group.setManager(_member);
        bytes memory signature = _signed(_formOf(MANAGER_KEY, _managerHash(_manager, 1)));
        vm.expectRevert(_invalidSignature(_member));
        _group.setManagerBySig(_manager, 1, DEADLINE, signature);
        bytes32 hash = KeySigning.hashSetManager(_member, _manager, 1, DEADLINE);
        _group.setManagerBySig(_manager, 1, DEADLINE, _signed(_formOf(MEMBER_KEY, hash)));
        vm.assertEq(_group.manager(), _manager, "by the new one's");
    }

    function test_refusesTheSignatureForAnotherGroupOfTheSameManager() external {
        vm.prank(_manager);
        Group other = Group(_factory.create("surgery"));
        bytes memory signature = _signed(_formOf(MANAGER_KEY, _membersHash(1, 0)));
        vm.expectRevert(_invalidSignature(_manager));
        other.setMembersBySig(_members(1), UNTIL, TREATMENT, 0, DEADLINE, signature);
        _group.setMembersBySig(_members(1), UNTIL, TREATMENT, 0, DEADLINE, signature);
    }

    function test_refusesOfWhatIsSignedWhatItRefusesInPerson() external {
        bytes memory signature = _signed(_formOf(MANAGER_KEY, _managerHash(address(0), 0)));
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.InvalidManager.selector, address(0)));
        _group.setManagerBySig(address(0), 0, DEADLINE, signature);
        uint256[2] memory counts = [uint256(0), 201];
        for (uint256 i = 0; i < 2; ++i) {
            signature = _signed(_formOf(MANAGER_KEY, _membersHash(counts[i], 0)));
            vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, counts[i], 200));
            _group.setMembersBySig(_members(counts[i]), UNTIL, TREATMENT, 0, DEADLINE, signature);
        }
        bytes32 hash = KeySigning.hashSetMembers(_manager, _members(1), UNTIL, 2 ** 63, 0, DEADLINE);
        signature = _signed(_formOf(MANAGER_KEY, hash));
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.InvalidPurposes.selector, 2 ** 63));
        _group.setMembersBySig(_members(1), UNTIL, 2 ** 63, 0, DEADLINE, signature);
        address[] memory nobody = new address[](1);
        hash = KeySigning.hashSetMembers(_manager, nobody, UNTIL, TREATMENT, 0, DEADLINE);
        signature = _signed(_formOf(MANAGER_KEY, hash));
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.InvalidMember.selector, address(0)));
        _group.setMembersBySig(nobody, UNTIL, TREATMENT, 0, DEADLINE, signature);
        vm.assertEq(_group.nextNumber(), 0, "none was used up");
    }

    /* MEMBERS */

    function test_resignsWhatAnyoneCarriesForAMember() external {
        _set(_member, UNTIL, TREATMENT);
        bytes memory call = _checkForm(_formOf(MEMBER_KEY, KeySigning.hashResign(_member, 7, DEADLINE)), _resignCallOf);
        _checkWords(address(_group), call, 0, 3);
        vm.recordLogs();
        _expectMemberSet(_member, DEADLINE, 0, 2, BLOCK);
        _carries(address(_group), call);
        _checkLogs(1);
        vm.assertTrue(!_belongs(_member), "out");
        vm.assertTrue(_group.isUsed(_member, 7), "used");
        // taken in again, they are not put out again by the same
        _set(_member, UNTIL, TREATMENT);
        _refuses(_outsider, address(_group), call, _used(7));
        vm.assertTrue(_belongs(_member), "in");
    }

    function test_keepsAResignationGoodWhateverTheManagerDoes() external {
        _set(_member, UNTIL, TREATMENT);
        bytes memory signature = _signed(_formOf(MEMBER_KEY, KeySigning.hashResign(_member, 7, DEADLINE)));
        _set(_member, UNTIL + 1, RESEARCH);
        vm.prank(_manager);
        _group.setManager(_outsider);
        _group.resignBySig(_member, ISignedActions.Once(7, DEADLINE), signature);
        _checkMember(_member, NOW, 0);
    }

    function test_refusesTheResignationOfWhoIsNoMemberAndKeepsItGood() external {
        bytes memory signature = _signed(_formOf(MEMBER_KEY, KeySigning.hashResign(_member, 7, DEADLINE)));
        vm.expectRevert(abi.encodeWithSelector(IManagedGroup.NotMember.selector, _member));
        _group.resignBySig(_member, ISignedActions.Once(7, DEADLINE), signature);
        vm.assertTrue(!_group.isUsed(_member, 7), "not used up");
    }

    function test_givesUpResignationsOfTheCallersAlone() external {
        _set(_member, UNTIL, TREATMENT);
        uint256[] memory ids = new uint256[](3);
        (ids[0], ids[1], ids[2]) = (7, 256 + 7, type(uint256).max);
        vm.prank(_outsider);
        _group.cancel(ids);
        vm.assertTrue(!_group.isUsed(_member, 7), "an outsider's");
        vm.recordLogs();
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(_group));
            emit ISignedActions.Cancelled(_member, ids[i]);
        }
        vm.prank(_member);
        _group.cancel(ids);
        _checkLogs(3);
        for (uint256 i = 0; i < 3; ++i) vm.assertTrue(_group.isUsed(_member, ids[i]), "given up");
        vm.assertTrue(!_group.isUsed(_member, 8) && !_group.isUsed(_member, 512 + 7), "others");
        bytes memory signature = _signed(_formOf(MEMBER_KEY, KeySigning.hashResign(_member, 7, DEADLINE)));
        vm.expectRevert(_used(7));
        _group.resignBySig(_member, ISignedActions.Once(7, DEADLINE), signature);
        vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        _group.cancel(new uint256[](201));
        _group.cancel(new uint256[](200));
        _group.cancel(new uint256[](0));
    }

    function _managerCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IManagedGroup.setManagerBySig, (_outsider, 0, DEADLINE, signature));
    }

    function _membersCallOf(bytes memory signature) private pure returns (bytes memory) {
        return abi.encodeCall(IManagedGroup.setMembersBySig, (_members(2), UNTIL, TREATMENT, 0, DEADLINE, signature));
    }

    function _resignCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IManagedGroup.resignBySig, (_member, ISignedActions.Once(7, DEADLINE), signature));
    }

    function _managerHash(address successor, uint32 number) private view returns (bytes32) {
        return KeySigning.hashSetManager(_manager, successor, number, DEADLINE);
    }

    function _membersHash(uint256 count, uint32 number) private view returns (bytes32) {
        return KeySigning.hashSetMembers(_manager, _members(count), UNTIL, TREATMENT, number, DEADLINE);
    }

    function _formOf(uint256 key, bytes32 hash) private view returns (Form memory) {
        return Form("CareKey Group", address(_group), key, hash, DEADLINE);
    }

    function _refusesOther(bytes memory call, uint256 word, bytes memory reason) private {
        _refuses(_outsider, address(_group), _changed(call, word), reason);
    }

    function _stale(uint32 number, uint32 standing) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IManagedGroup.StaleNumber.selector, number, standing);
    }

    function _used(uint256 id) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, _member, id);
    }
}
