// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RootActions} from "./RootActions.sol";

/// Issuers come and go and issue, operators attest, actors publish keys, managers choose members.
abstract contract RegistryActions is RootActions {
    struct Issued {
        address issuer;
        uint256 from;
        uint256 until;
    }

    mapping(address who => mapping(bytes32 role => bool yes)) private _accredited;
    mapping(address who => mapping(bytes32 role => Issued[] list)) private _credentials;
    address[] private _holders;
    mapping(bytes32 id => mapping(address operator => uint256 time)) public attestedAt;
    mapping(address who => IKeyRegistry.Key key) private _keys;
    mapping(address member => uint256 time) public memberUntil;
    address public groupManager;

    constructor() {
        groupManager = _people[GROUP_MANAGER];
    }

    function roleOf(uint256 number) public pure returns (bytes32) {
        return [bytes32("storage"), "keeper", "researcher"][number % 3];
    }

    function issued(address who, bytes32 role) external view returns (Issued[] memory) {
        return _credentials[who][role];
    }

    function keyOf(address who) external view returns (IKeyRegistry.Key memory) {
        return _keys[who];
    }

    /* CREDENTIALS */

    /// The admins accredit, or no longer.
    function accredit(uint256 whom, uint256 which, uint256 how) external {
        (address issuer, bytes32 role) = (_issuer(whom), roleOf(which));
        uint64 members = _on.credentials.issuerRoleOf(role);
        vm.prank(ADMIN);
        if (how % 3 == 0) _on.manager.revokeRole(members, issuer);
        else _on.manager.grantRole(members, issuer, 0);
        _accredited[issuer][role] = how % 3 != 0;
    }

    function issue(uint256 by, uint256 to, uint256 which, uint256 length) external {
        (address issuer, address whom, bytes32 role) = (_issuer(by), _anyone(to), roleOf(which));
        uint256 until = time + (length % 40);
        bool expected = _accredited[issuer][role] && until > time;
        bytes memory data = abi.encodeCall(ICredentialRegistry.issue, (whom, role, uint40(until)));
        _act(issuer, address(_on.credentials), data, expected, "issue");
        if (!expected) return;
        _credentials[whom][role].push(Issued(issuer, time, until));
        _holders.push(whom);
    }

    function shorten(uint256 by, uint256 to, uint256 which, uint256 index, uint256 length) external {
        (address issuer, address whom, bytes32 role) = (_issuer(by), _holder(to), roleOf(which));
        Issued[] storage list = _credentials[whom][role];
        index %= list.length + (to % 4 == 0 ? 1 : 0) + (list.length == 0 ? 1 : 0);
        if (index < list.length && length % 2 == 0) issuer = list[index].issuer;
        uint256 until = time - 30 + (length % 60);
        bool expected = index < list.length;
        if (expected) {
            Issued memory known = list[index];
            bool entitled = _accredited[known.issuer][role] ? issuer == known.issuer : _accredited[issuer][role];
            expected = entitled && until >= known.from && until < known.until;
        }
        bytes memory data = abi.encodeCall(ICredentialRegistry.revoke, (whom, role, index, uint40(until)));
        _act(issuer, address(_on.credentials), data, expected, "revoke a credential");
        if (expected) list[index].until = until;
    }

    function attest(uint256 by, uint256 which, uint256 role, uint256 index, uint256 how) external {
        if (_records.length == 0) return;
        bool signed = how % 2 == 1;
        (address operator, bytes32 id) = (_anyone(by), _records[which % _records.length].id);
        if (_erased.length != 0 && how % 8 > 1) id = _erased[which % _erased.length];
        if (how % 8 > 1) operator = _holder(by);
        Issued[] storage list = _credentials[operator][roleOf(role)];
        index %= list.length + 1;
        bool holds = index < list.length && list[index].from <= time && time < list[index].until;
        bool expected = holds && role % 3 != 2 && statusOf(id) == ERASED && attestedAt[id][operator] == 0;
        bytes memory data = abi.encodeCall(ICorrections.attestErasure, (id, roleOf(role), index));
        address sender = operator;
        if (signed) {
            ICorrections.ErasureReceipt memory receipt = ICorrections.ErasureReceipt(operator, id, roleOf(role), index);
            bytes memory signature = _signRecord(operator, RecordSigning.hash(receipt, uint40(time)), false);
            data = abi.encodeCall(ICorrections.attestErasureBySig, (receipt, uint40(time), signature));
            sender = _people[OUTSIDER];
        }
        _act(sender, address(_on.records), data, expected, "attestErasure");
        if (expected) attestedAt[id][operator] = time;
    }

    /* KEYS */

    function publish(uint256 by, uint256 which) external {
        address who = actor(by);
        bytes memory recipient = new bytes(which % 9 == 0 ? 1215 : 1216);
        recipient[0] = bytes1(uint8(which % 2));
        IKeyRegistry.Key storage key = _keys[who];
        bool expected = which % 9 != 0 && key.digest != keccak256(recipient);
        bytes memory data = abi.encodeCall(IKeyRegistry.publish, (recipient));
        _act(who, address(_on.keys), data, expected, "publish");
        if (expected) _keys[who] = IKeyRegistry.Key(keccak256(recipient), key.version + 1, uint40(time));
    }

    /* THE GROUP */

    function setMembers(uint256 by, uint256 to, uint256 length) external {
        (address who, address member) = (_manager(by), _anyone(to));
        uint256 until = time - 10 + (length % 60);
        address[] memory members = new address[](1);
        members[0] = member;
        bool expected = who == groupManager;
        bytes memory data = abi.encodeCall(IManagedGroup.setMembers, (members, uint40(until)));
        _act(who, address(_on.group), data, expected, "setMembers");
        if (expected) memberUntil[member] = until;
    }

    function resign(uint256 by) external {
        address who = _anyone(by);
        bool expected = time < memberUntil[who];
        _act(who, address(_on.group), abi.encodeCall(IManagedGroup.resign, ()), expected, "resign");
        if (expected) memberUntil[who] = time;
    }

    function setManager(uint256 by, uint256 to) external {
        (address who, address next) = (_manager(by), actor(to));
        bool expected = who == groupManager;
        _act(who, address(_on.group), abi.encodeCall(IManagedGroup.setManager, (next)), expected, "setManager");
        if (expected) groupManager = next;
    }

    function _manager(uint256 by) private view returns (address) {
        return by % 4 < 3 ? groupManager : actor(by / 4);
    }

    /// One of the last who were given a credential.
    function _holder(uint256 by) private view returns (address) {
        uint256 count = _holders.length;
        return count == 0 ? _anyone(by) : _holders[count - 1 - (by % (count < 4 ? count : 4))];
    }

    function _issuer(uint256 by) private view returns (address) {
        return by % 8 < 7 ? _people[7 + (by % 2)] : actor(by / 8);
    }
}
