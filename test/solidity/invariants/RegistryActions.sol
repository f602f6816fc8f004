// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ConsentActions} from "./ConsentActions.sol";

/// Actors publish keys and point at vaults; a manager chooses members.
abstract contract RegistryActions is ConsentActions {
    mapping(address who => IKeyRegistry.Key key) private _published;
    mapping(address who => IKeyRegistry.Vault vault) private _vaults;
    mapping(address member => IManagedGroup.Membership membership) private _members;
    mapping(address member => mapping(uint256 id => bool yes)) private _resigned;
    address public groupManager;
    uint256 public groupNumber;
    uint256 public memberEvents;
    uint256 public memberEventAt;

    constructor() {
        groupManager = _people[GROUP_MANAGER];
    }

    function keyOf(address who) external view returns (IKeyRegistry.Key memory) {
        return _published[who];
    }

    function vaultOf(address who) external view returns (IKeyRegistry.Vault memory) {
        return _vaults[who];
    }

    function memberOf(address who) external view returns (IManagedGroup.Membership memory) {
        return _members[who];
    }

    function isMember(address who, uint256 purpose) external view returns (bool) {
        return time < _members[who].until && (_members[who].purposes / purpose) % 2 == 1;
    }

    /* KEYS */

    function publish(uint256 by, uint256 which, uint256 how) external {
        address who = actor(by);
        bytes memory recipient = new bytes(which % 9 == 0 ? 1215 : 1216);
        recipient[0] = bytes1(uint8(which % 4));
        IKeyRegistry.Key storage key = _published[who];
        bool expected = which % 9 != 0 && key.digest != keccak256(recipient);
        bytes memory data = abi.encodeCall(IKeyRegistry.publish, (recipient));
        if (how % 2 == 0) {
            _act(who, address(_on.keys), data, expected, "publish");
        } else {
            uint32 version = key.version + (how % 7 == 0 ? 2 : 1);
            (uint40 deadline, bool forged) = _dated(how);
            bytes memory signature = _signForm(
                address(_on.keys),
                "CareKey KeyRegistry",
                who,
                "Publish(address actor,bytes recipient,uint32 version,uint40 deadline)",
                abi.encode(who, keccak256(recipient), version, deadline),
                forged
            );
            expected = expected && !forged && time <= deadline && how % 7 != 0;
            data = abi.encodeCall(IKeyRegistry.publishBySig, (who, recipient, version, deadline, signature));
            _act(_people[OUTSIDER], address(_on.keys), data, expected, "publishBySig");
            if (expected) _sentAgain(address(_on.keys), data);
        }
        if (!expected) return;
        _published[who] = IKeyRegistry.Key(keccak256(recipient), key.version + 1, uint40(time), uint32(height));
    }

    function pointVault(uint256 by, uint256 which, uint256 how) external {
        address who = actor(by);
        bytes32 vault = bytes32(which % 8);
        IKeyRegistry.Vault storage standing = _vaults[who];
        bool expected = vault != 0;
        bytes memory data = abi.encodeCall(IKeyRegistry.pointVault, (vault));
        if (how % 2 == 0) {
            _act(who, address(_on.keys), data, expected, "pointVault");
        } else {
            uint32 number = standing.number + (how % 7 == 0 ? 2 : 1);
            (uint40 deadline, bool forged) = _dated(how);
            bytes memory signature = _signForm(
                address(_on.keys),
                "CareKey KeyRegistry",
                who,
                "PointVault(address actor,bytes32 vault,uint32 number,uint40 deadline)",
                abi.encode(who, vault, number, deadline),
                forged
            );
            expected = expected && !forged && time <= deadline && how % 7 != 0;
            data = abi.encodeCall(IKeyRegistry.pointVaultBySig, (who, vault, number, deadline, signature));
            _act(_people[OUTSIDER], address(_on.keys), data, expected, "pointVaultBySig");
            if (expected) _sentAgain(address(_on.keys), data);
        }
        if (expected) _vaults[who] = IKeyRegistry.Vault(vault, standing.number + 1, uint40(time), uint32(height));
    }

    /* THE GROUP */

    function setMembers(uint256 by, uint256 to, uint256 length, uint256 how) external {
        address who = by % 4 < 3 ? groupManager : actor(by / 4);
        address[] memory members = new address[](1);
        members[0] = _anyone(to);
        (uint256 until, uint64 purposes) = (time - 10 + (length % 60), uint64((length / 64) % 4));
        bool expected = who == groupManager;
        bytes memory data = abi.encodeCall(IManagedGroup.setMembers, (members, uint40(until), purposes));
        if (how % 2 == 0) {
            _act(who, address(_on.group), data, expected, "setMembers");
        } else {
            uint32 number = uint32(groupNumber + (how % 7 == 0 ? 1 : 0));
            (uint40 deadline, bool forged) = _dated(how);
            bytes memory signature = _signForm(
                address(_on.group),
                "CareKey Group",
                who,
                "SetMembers(address manager,address[] members,uint40 until,uint64 purposes,uint32 number,uint40 deadline)",
                abi.encode(who, keccak256(abi.encode(members[0])), until, purposes, number, deadline),
                forged
            );
            expected = expected && !forged && time <= deadline && how % 7 != 0;
            data = abi.encodeCall(
                IManagedGroup.setMembersBySig,
                (members, uint40(until), purposes, number, deadline, signature)
            );
            _act(_people[OUTSIDER], address(_on.group), data, expected, "setMembersBySig");
            if (expected) _sentAgain(address(_on.group), data);
        }
        if (!expected) return;
        ++groupNumber;
        _bookMember(members[0], until, purposes);
    }

    function setManager(uint256 by, uint256 to) external {
        address who = by % 4 < 3 ? groupManager : actor(by / 4);
        address next = to % 3 == 0 ? address(0) : actor(to);
        bool expected = who == groupManager && next != address(0);
        _act(who, address(_on.group), abi.encodeCall(IManagedGroup.setManager, (next)), expected, "setManager");
        if (!expected) return;
        groupManager = next;
        ++groupNumber;
    }

    function resign(uint256 by, uint256 how) external {
        address who = _anyone(by);
        bool expected = time < _members[who].until;
        if (how % 2 == 0) {
            _act(who, address(_on.group), abi.encodeCall(IManagedGroup.resign, ()), expected, "resign");
        } else {
            (uint40 deadline, bool forged) = _dated(how);
            uint256 id = (how / 1024) % 64;
            bytes memory signature = _signForm(
                address(_on.group),
                "CareKey Group",
                who,
                "Resign(address member,uint256 id,uint40 deadline)",
                abi.encode(who, id, deadline),
                forged
            );
            expected = expected && !forged && time <= deadline && !_resigned[who][id];
            ISignedActions.Once memory once = ISignedActions.Once(id, deadline);
            bytes memory data = abi.encodeCall(IManagedGroup.resignBySig, (who, once, signature));
            _act(_people[OUTSIDER], address(_on.group), data, expected, "resignBySig");
            if (expected) _resigned[who][id] = true;
            if (expected) _sentAgain(address(_on.group), data);
        }
        if (expected) _bookMember(who, time, 0);
    }

    /* SHARED */

    /// Mostly in time and by who it says.
    function _dated(uint256 how) internal view returns (uint40 deadline, bool forged) {
        deadline = uint40(how % 13 == 0 ? time - 1 : time + ((how / 16) % 50));
        forged = how % 11 == 0;
    }

    /// What was let through is refused at once when it comes again.
    function _sentAgain(address target, bytes memory data) internal {
        (bool done, ) = target.call(data);
        vm.assertTrue(!done, "a signature that worked twice");
    }

    function _bookMember(address who, uint256 until, uint64 purposes) private {
        _members[who] = IManagedGroup.Membership(uint40(until), purposes);
        ++memberEvents;
        memberEventAt = height;
    }
}
