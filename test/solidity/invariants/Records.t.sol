// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {RecordActions} from "./RecordActions.sol";
import {RegistryActions} from "./RegistryActions.sol";
import {RootActions} from "./RootActions.sol";
import {Watch} from "./Watch.sol";

/// Records and the other registries; in prose: README.md.
contract RecordInvariantsTest is Watch {
    /// Runners play all steps anew for each invariant: so one, which checks them all.
    function invariant_records() external view {
        _checkAuthors();
        _checkStatuses();
        _checkRoots();
        _checkWitnesses();
        _checkReceipts();
    }

    /// The same for what is not a record.
    function invariant_registries() external view {
        uint256 dice = _handler.dice();
        _checkCredentials(_handler.actor(3 + (dice % 3)), _handler.roleOf(dice / 4));
        _checkCredentials(_handler.actor(dice / 16), _handler.roleOf(dice / 4));
        _checkKeys();
        _checkMembers();
    }

    function afterInvariant() external view {
        uint256 count = _handler.recordCount();
        for (uint256 i = 0; i < count; ++i) {
            _checkAuthor(i);
            _checkStatus(i);
        }
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            for (uint256 j = 0; j < 3; ++j) _checkCredentials(_handler.actor(i), _handler.roleOf(j));
        }
    }

    /// 15. Every author was entitled, and stays.
    function _checkAuthors() private view {
        uint256 count = _handler.recordCount();
        if (count == 0) return;
        _checkAuthor(count - 1);
        _checkAuthor(_handler.dice() % count);
    }

    /// 16. A status only moves forward.
    function _checkStatuses() private view {
        uint256 count = _handler.recordCount();
        for (uint256 i = 0; i < 3 && i < count; ++i) _checkStatus((_handler.dice() + i) % count);
        bytes32 last = _handler.touched().scope;
        vm.assertEq(uint256(_on.records.anchorOf(last).status), _handler.statusOf(last), "status");
    }

    /// 17. The time of a root never changes.
    function _checkRoots() private view {
        uint256 count = _handler.rootCount();
        if (count == 0) return;
        RootActions.Dated memory root = _handler.root(_handler.dice() % count);
        vm.assertEq(_on.records.rootAnchoredAt(root.by, root.what), root.time, "time of a root");
    }

    /// 18. The time of a witness never changes.
    function _checkWitnesses() private view {
        uint256 count = _handler.witnessedCount();
        if (count == 0) return;
        RootActions.Dated memory witnessed = _handler.witnessed(_handler.dice() % count);
        vm.assertEq(_on.records.witnessedAt(witnessed.by, witnessed.what), witnessed.time, "time of a witness");
    }

    /// 19. A receipt of erasure stays.
    function _checkReceipts() private view {
        uint256 count = _handler.recordCount();
        if (count == 0) return;
        bytes32 id = _handler.record(_handler.dice() % count).id;
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            address operator = _handler.actor(i);
            uint256 expected = _handler.attestedAt(id, operator);
            vm.assertEq(_on.records.erasureAttestedAt(id, operator), expected, "receipt");
            vm.assertTrue(expected == 0 || _handler.statusOf(id) == 4, "a receipt for what nobody erased");
        }
    }

    /// 21. The versions of a key count.
    function _checkKeys() private view {
        address who = _handler.actor(_handler.dice());
        IKeyRegistry.Key memory key = _on.keys.keyOf(who);
        IKeyRegistry.Key memory expected = _handler.keyOf(who);
        vm.assertEq(uint256(key.digest), uint256(expected.digest), "digest");
        vm.assertEq(key.version, expected.version, "version");
        vm.assertEq(key.since, expected.since, "since");
    }

    /// 22. Only the manager chooses members.
    function _checkMembers() private view {
        vm.assertEq(_on.group.manager(), _handler.groupManager(), "manager");
        address member = _handler.actor(_handler.dice());
        vm.assertEq(_on.group.memberUntil(member), _handler.memberUntil(member), "memberUntil");
    }

    function _checkAuthor(uint256 number) private view {
        RecordActions.Record memory expected = _handler.record(number);
        IAnchors.Anchor memory anchored = _on.records.anchorOf(expected.id);
        vm.assertTrue(expected.entitled, "anchored by an outsider");
        vm.assertEq(anchored.author, expected.author, "author");
        vm.assertEq(anchored.anchoredAt, expected.time, "anchoredAt");
    }

    function _checkStatus(uint256 number) private view {
        RecordActions.Record memory expected = _handler.record(number);
        vm.assertEq(uint256(_on.records.anchorOf(expected.id).status), expected.status, "status");
    }

    /// 20. Credentials are never deleted.
    function _checkCredentials(address who, bytes32 role) private view {
        RegistryActions.Issued[] memory expected = _handler.issued(who, role);
        ICredentialRegistry.Credential[] memory list = _on.credentials.credentialsOf(who, role, 0, 1000);
        vm.assertEq(list.length, expected.length, "number of credentials");
        for (uint256 i = 0; i < list.length; ++i) {
            vm.assertEq(list[i].issuer, expected[i].issuer, "issuer");
            vm.assertEq(list[i].from, expected[i].from, "from");
            vm.assertEq(list[i].until, expected[i].until, "until");
        }
    }
}
