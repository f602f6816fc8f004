// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {RegistryActions} from "./RegistryActions.sol";

/// Issuers come and go, issue, and end what they issued, now or in the past; holders contest, others stand for them.
abstract contract CredentialActions is RegistryActions {
    struct Issued {
        address issuer;
        uint256 from;
        uint256 until;
        ICredentialRegistry.Ending ending;
        /// Who set the end back into the past first, when, and what it was.
        address by;
        uint256 filedAt;
        uint256 formerUntil;
    }

    /// A credential by its name.
    struct Named {
        address who;
        bytes32 role;
        uint256 index;
    }

    mapping(address who => mapping(bytes32 role => bool yes)) private _accredited;
    mapping(address who => mapping(bytes32 role => Issued[] list)) private _credentials;
    address[] private _holders;
    /// In the order of issue.
    Named[] private _named;

    function roleOf(uint256 number) public pure returns (bytes32) {
        return [bytes32("storage"), "keeper", "researcher"][number % 3];
    }

    function issued(address who, bytes32 role) external view returns (Issued[] memory) {
        return _credentials[who][role];
    }

    /// 0 none, 1 it holds, 2 it would but for a contested end.
    function credentialStatus(address who, bytes32 role, uint256 index, uint256 when) external view returns (uint256) {
        Issued[] storage list = _credentials[who][role];
        if (index >= list.length || when < list[index].from) return 0;
        Issued storage known = list[index];
        if (when < known.until) return 1;
        if (known.ending != ICredentialRegistry.Ending.Contested) return 0;
        return when < known.formerUntil && when < known.filedAt ? 2 : 0;
    }

    /// The admins accredit, or no longer.
    function accredit(uint256 whom, uint256 which, uint256 how) external {
        (address issuer, bytes32 role) = (_issuer(whom), roleOf(which));
        uint64 members = _on.credentials.issuerRoleOf(role);
        vm.prank(ADMIN);
        if (how % 4 == 0) _on.manager.revokeRole(members, issuer);
        else _on.manager.grantRole(members, issuer, 0);
        _accredited[issuer][role] = how % 4 != 0;
    }

    function issue(uint256 by, uint256 to, uint256 which, uint256 length) external {
        (address issuer, address whom, bytes32 role) = (_issuer(by), _anyone(to), roleOf(which));
        uint256 until = time + (length % 40);
        bool expected = _accredited[issuer][role] && until > time;
        bytes memory data = abi.encodeCall(ICredentialRegistry.issue, (whom, role, uint40(until)));
        _act(issuer, address(_on.credentials), data, expected, "issue");
        if (!expected) return;
        _credentials[whom][role].push(Issued(issuer, time, until, ICredentialRegistry.Ending.Plain, address(0), 0, 0));
        _holders.push(whom);
        _named.push(Named(whom, role, _credentials[whom][role].length - 1));
    }

    function shorten(uint256 by, uint256 to, uint256 which, uint256 index, uint256 length) external {
        Named memory named = _ended(to, which, index, ICredentialRegistry.Ending.Plain);
        (address issuer, address whom, bytes32 role) = (_issuer(by), named.who, named.role);
        Issued[] storage list = _credentials[whom][role];
        index = named.index;
        if (index < list.length && length % 4 != 0) issuer = list[index].issuer;
        uint256 until = time - 30 + (length % 60);
        if (index < list.length && length % 8 < 5) until = list[index].from + ((length / 8) % 16);
        bool expected = index < list.length;
        if (expected) {
            Issued memory known = list[index];
            bool entitled = _accredited[known.issuer][role] ? issuer == known.issuer : _accredited[issuer][role];
            // contested or settled it is moved no more
            bool isOpen = known.ending <= ICredentialRegistry.Ending.Retroactive;
            expected = entitled && isOpen && until >= known.from && until < known.until;
        }
        bytes memory data = abi.encodeCall(ICredentialRegistry.revoke, (whom, role, index, uint40(until)));
        _act(issuer, address(_on.credentials), data, expected, "revoke_credential");
        if (!expected) return;
        Issued storage entry = list[index];
        if (until < time && entry.ending == ICredentialRegistry.Ending.Plain) {
            entry.ending = ICredentialRegistry.Ending.Retroactive;
            (entry.by, entry.filedAt, entry.formerUntil) = (issuer, time, entry.until);
        }
        entry.until = until;
    }

    function contest(uint256 by, uint256 to, uint256 which, uint256 index) external {
        Named memory named = _ended(to, which, index, ICredentialRegistry.Ending.Retroactive);
        (address whom, bytes32 role) = (named.who, named.role);
        Issued[] storage list = _credentials[whom][role];
        index = named.index;
        address who = by % 4 == 0 ? _issuer(by / 4) : whom;
        bool expected = who == whom && index < list.length;
        if (expected) expected = list[index].ending == ICredentialRegistry.Ending.Retroactive;
        bytes memory data = abi.encodeCall(ICredentialRegistry.contest, (whom, role, index));
        _act(who, address(_on.credentials), data, expected, "contest");
        if (expected) list[index].ending = ICredentialRegistry.Ending.Contested;
    }

    /// By an issuer, or by the administrators through the manager.
    function standFor(uint256 by, uint256 to, uint256 which, uint256 index) external {
        Named memory named = _ended(to, which, index, ICredentialRegistry.Ending.Contested);
        (address whom, bytes32 role) = (named.who, named.role);
        Issued[] storage list = _credentials[whom][role];
        index = named.index;
        address who = by % 4 == 0 ? ADMIN : _issuer(by / 4);
        bool expected = false;
        if (index < list.length && list[index].ending == ICredentialRegistry.Ending.Contested) {
            expected = who == ADMIN || (_accredited[who][role] && who != list[index].by && who != whom);
        }
        bytes memory data = abi.encodeCall(ICredentialRegistry.standFor, (whom, role, index));
        address target = address(_on.credentials);
        if (who == ADMIN) {
            (data, target) = (abi.encodeCall(_on.manager.execute, (target, data)), address(_on.manager));
        }
        _act(who, target, data, expected, "standFor");
        if (!expected) return;
        Issued storage entry = list[index];
        entry.ending = ICredentialRegistry.Ending.Upheld;
        entry.until = entry.formerUntil < entry.filedAt ? entry.formerUntil : entry.filedAt;
    }

    /// One of the last who were given a credential.
    function _holder(uint256 by) internal view returns (address) {
        uint256 count = _holders.length;
        return count == 0 ? _anyone(by) : _holders[count - 1 - (by % (count < 4 ? count : 4))];
    }

    /// Has that credential now.
    function _holds(address who, bytes32 role, uint256 index) internal view returns (bool) {
        Issued[] storage list = _credentials[who][role];
        return index < list.length && list[index].from <= time && time < list[index].until;
    }

    /// Mostly the last whose end came about so; or any, or none.
    function _ended(
        uint256 to,
        uint256 which,
        uint256 index,
        ICredentialRegistry.Ending ending
    ) private view returns (Named memory named) {
        for (uint256 i = _named.length; to % 4 != 0 && i > 0; --i) {
            named = _named[i - 1];
            if (_credentials[named.who][named.role][named.index].ending == ending) return named;
        }
        (named.who, named.role) = (_holder(to / 4), roleOf(which));
        named.index = index % (_credentials[named.who][named.role].length + 1);
    }

    /// Mostly one of the last that holds now; or any, or none.
    function _credential(uint256 by, uint256 how) internal view returns (Named memory named) {
        uint256 count = _named.length;
        for (uint256 i = 0; how % 4 != 0 && i < 12 && i < count; ++i) {
            named = _named[count - 1 - (((by % 12) + i) % (count < 12 ? count : 12))];
            if (_holds(named.who, named.role, named.index)) return named;
        }
        (named.who, named.role) = (_holder(by), roleOf(how / 4));
        named.index = (how / 16) % (_credentials[named.who][named.role].length + 1);
    }

    function _issuer(uint256 by) private view returns (address) {
        return by % 8 < 7 ? _people[7 + (by % 2)] : actor(by / 8);
    }
}
