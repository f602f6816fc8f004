// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {IManagedGroup} from "../../../contracts/interfaces/IManagedGroup.sol";
import {Link} from "../../../contracts/types/Link.sol";
import {AnnouncementActions} from "./AnnouncementActions.sol";
import {CredentialActions} from "./CredentialActions.sol";
import {RecordActions} from "./RecordActions.sol";

import {Watch} from "./Watch.sol";

/// Credentials, keys, groups and announcements; in prose: README.md.
contract RegistryInvariantsTest is Watch {
    function invariant_registries() external view {
        uint256 dice = _handler.dice();
        _checkCredentials(_handler.actor(3 + (dice % 3)), _handler.roleOf(dice / 4));
        _checkCredentials(_handler.actor(dice / 16), _handler.roleOf(dice / 4));
        _checkKeys(_handler.actor(dice / 256));
        _checkMembers(_handler.actor(dice / 1024));
        _checkAnnounced(_handler.actor(dice % 3), _handler.actor(dice / 4096));
        if (_handler.askedCount() != 0) _checkRequest((dice / 2 ** 20) % _handler.askedCount());
    }

    function afterInvariant() external view {
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            address who = _handler.actor(i);
            for (uint256 j = 0; j < 3; ++j) _checkCredentials(who, _handler.roleOf(j));
            _checkKeys(who);
            _checkMembers(who);
            for (uint256 j = 0; j < _handler.ACTORS(); ++j) _checkAnnounced(who, _handler.actor(j));
        }
        for (uint256 i = 0; i < _handler.askedCount(); ++i) _checkRequest(i);
    }

    /// 23. Credentials are never deleted, and their ends move only as they may.
    function _checkCredentials(address who, bytes32 role) private view {
        CredentialActions.Issued[] memory expected = _handler.issued(who, role);
        ICredentialRegistry.Credential[] memory list = _on.credentials.credentialsOf(who, role, 0, 1000);
        vm.assertEq(list.length, expected.length, "number of credentials");
        for (uint256 i = 0; i < list.length; ++i) {
            vm.assertEq(list[i].issuer, expected[i].issuer, "issuer");
            vm.assertEq(list[i].from, expected[i].from, "from");
            vm.assertEq(list[i].until, expected[i].until, "until");
            vm.assertEq(uint256(list[i].ending), uint256(expected[i].ending), "ending");
            _checkFiling(who, role, i, expected[i]);
        }
    }

    function _checkFiling(
        address who,
        bytes32 role,
        uint256 index,
        CredentialActions.Issued memory expected
    ) private view {
        ICredentialRegistry.Filing memory filing = _on.credentials.filingOf(who, role, index);
        vm.assertEq(filing.by, expected.by, "by");
        vm.assertEq(filing.filedAt, expected.filedAt, "filedAt");
        vm.assertEq(filing.formerUntil, expected.formerUntil, "formerUntil");
        uint256 time = _handler.time() - 40 + (_handler.dice() % 60);
        uint256 status = uint256(_on.credentials.statusOf(who, role, index, uint40(time)));
        vm.assertEq(status, _handler.credentialStatus(who, role, index, time), "status of a credential");
        vm.assertTrue(_on.credentials.holds(who, role, index, uint40(time)) == (status == 1), "holds");
    }

    /// 24. Keys and vaults count, and only their holder moves them.
    function _checkKeys(address who) private view {
        IKeyRegistry.Key memory key = _on.keys.keyOf(who);
        IKeyRegistry.Key memory expected = _handler.keyOf(who);
        vm.assertEq(key.digest, expected.digest, "digest");
        vm.assertEq(key.version, expected.version, "version");
        vm.assertEq(key.since, expected.since, "since");
        vm.assertEq(key.writtenAt, expected.writtenAt, "writtenAt");
        IKeyRegistry.Vault memory vault = _on.keys.vaultOf(who);
        IKeyRegistry.Vault memory booked = _handler.vaultOf(who);
        vm.assertEq(vault.pointer, booked.pointer, "pointer");
        vm.assertEq(vault.number, booked.number, "number of a vault");
        vm.assertEq(vault.since, booked.since, "since of a vault");
        vm.assertEq(vault.writtenAt, booked.writtenAt, "writtenAt of a vault");
    }

    /// 25. Only the manager chooses members, who may resign.
    function _checkMembers(address member) private view {
        vm.assertEq(_on.group.manager(), _handler.groupManager(), "manager");
        vm.assertEq(_on.group.nextNumber(), _handler.groupNumber(), "number of the manager's acts");
        Link members = _on.group.membersOf();
        vm.assertEq(members.number(), _handler.memberEvents(), "number of members");
        vm.assertEq(members.lastAt(), _handler.memberEventAt(), "block of the newest member");
        IManagedGroup.Membership memory membership = _on.group.memberOf(member);
        IManagedGroup.Membership memory expected = _handler.memberOf(member);
        vm.assertEq(membership.until, expected.until, "until");
        vm.assertEq(membership.purposes, expected.purposes, "purposes");
    }

    /// 26. Announcements, deliveries and requests are counted; no requester has more than 16 open.
    function _checkAnnounced(address patient, address other) private view {
        RecordActions.Head memory head = _handler.announced(patient);
        Link link = _on.announcements.announcementsOf(patient);
        vm.assertEq(link.number(), head.count, "announcements");
        vm.assertEq(link.lastAt(), head.lastAt, "block of the newest announcement");
        head = _handler.delivered(patient, other);
        link = _on.announcements.deliveriesOf(patient, other);
        vm.assertEq(link.number(), head.count, "deliveries");
        vm.assertEq(link.lastAt(), head.lastAt, "block of the newest delivery");
        vm.assertEq(_on.announcements.requestsOf(patient), _handler.requests(patient), "requests");
        uint256 open = _on.announcements.openRequestsOf(patient, other);
        vm.assertEq(open, _handler.openRequests(patient, other), "open requests");
        vm.assertTrue(open <= 16, "too many open requests");
    }

    /// 26. A request is kept as it was announced, and closed once.
    function _checkRequest(uint256 number) private view {
        AnnouncementActions.Asked memory known = _handler.asked(number);
        IAnnouncements.Request memory request = known.request;
        bytes32 digest = keccak256(
            abi.encode(
                request.patient,
                request.requester,
                request.scope,
                request.role,
                request.permissions,
                request.purposes,
                request.end,
                known.id
            )
        );
        uint256 expected = (uint256(digest) / 256) * 256 + known.status;
        vm.assertEq(uint256(_on.announcements.requestOf(request.patient, known.id)), expected, "request");
    }
}
