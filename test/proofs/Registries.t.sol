// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {CredentialRegistry} from "../../contracts/CredentialRegistry.sol";
import {Group} from "../../contracts/Group.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {IKeyRegistry} from "../../contracts/interfaces/IKeyRegistry.sol";
import {IManagedGroup} from "../../contracts/interfaces/IManagedGroup.sol";
import {KeyRegistry} from "../../contracts/KeyRegistry.sol";
import {Link} from "../../contracts/types/Link.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proofs} from "./Proofs.sol";

/// Accredits whomever its storage says.
contract AnyAuthority {
    mapping(address who => bool yes) public members;
    mapping(address who => uint32 seconds_) public delays;

    function hasRole(uint64, address who) external view returns (bool, uint32) {
        return (members[who], delays[who]);
    }
}

/// Credentials, keys and groups, from any state, whatever anybody calls.
contract RegistryProofs is Proofs {
    CredentialRegistry private _credentials;
    AnyAuthority private _authority;
    KeyRegistry private _keys;
    Group private _group;

    function setUp() public override {
        _authority = new AnyAuthority();
        _credentials = new CredentialRegistry(IAccessManager(address(_authority)));
        _keys = new KeyRegistry();
        _group = new Group();
    }

    /* CREDENTIALS */

    /// Issuer and beginning stay; the end falls, by the issuer or, where they are accredited no more, by another, and rises only where
    /// somebody stands for a contested one.
    function check_aCredentialStays(address caller, address actor, bytes32 role, uint256 index) public {
        _anyCredentials();
        uint256 count = _credentials.credentialCount(actor, role);
        vm.assume(index < count && count < 2 ** 64);
        ICredentialRegistry.Credential memory before = _credential(actor, role, index);
        bytes4 selector = _anyCall(caller, address(_credentials), "CredentialRegistry");
        assert(_credentials.credentialCount(actor, role) >= count);
        ICredentialRegistry.Credential memory then = _credential(actor, role, index);
        assert(then.issuer == before.issuer && then.from == before.from);
        if (then.until == before.until) return;
        if (selector == _credentials.standFor.selector) return;
        assert(then.until < before.until && then.until >= then.from);
        assert(uint8(before.ending) <= uint8(ICredentialRegistry.Ending.Retroactive));
        bool accredited = _authority.members(caller) && _authority.delays(caller) == 0;
        assert(_authority.members(before.issuer) ? caller == before.issuer : accredited);
    }

    /// Only a contested end is settled, and neither by whoever filed it nor by the holder; it ends where nobody disputes it.
    function check_onlyASecondIssuerStandsFor(address caller, address actor, bytes32 role, uint256 index) public {
        _anyCredentials();
        ICredentialRegistry.Credential memory before = _credential(actor, role, index);
        ICredentialRegistry.Filing memory filing = _credentials.filingOf(actor, role, index);
        vm.prank(caller);
        _credentials.standFor(actor, role, index);
        ICredentialRegistry.Credential memory then = _credential(actor, role, index);
        assert(before.ending == ICredentialRegistry.Ending.Contested);
        bool accredited = _authority.members(caller) && _authority.delays(caller) == 0;
        bool second = accredited && caller != filing.by && caller != actor;
        assert(caller == address(_authority) || second);
        assert(then.ending == ICredentialRegistry.Ending.Upheld && then.until <= filing.filedAt);
        assert(then.until == (filing.formerUntil < filing.filedAt ? filing.formerUntil : filing.filedAt));
    }

    /// And only they dismiss it: then the end stays as it was set.
    function check_onlyASecondIssuerDismisses(address caller, address actor, bytes32 role, uint256 index) public {
        _anyCredentials();
        ICredentialRegistry.Credential memory before = _credential(actor, role, index);
        address by = _credentials.filingOf(actor, role, index).by;
        vm.prank(caller);
        _credentials.dismiss(actor, role, index);
        ICredentialRegistry.Credential memory then = _credential(actor, role, index);
        bool accredited = _authority.members(caller) && _authority.delays(caller) == 0;
        assert(caller == address(_authority) || (accredited && caller != by && caller != actor));
        assert(before.ending == ICredentialRegistry.Ending.Contested && then.until == before.until);
        assert(then.ending == ICredentialRegistry.Ending.Dismissed);
    }

    /// Only the holder contests, and only an end that was set back.
    function check_onlyTheHolderContests(address caller, address actor, bytes32 role, uint256 index) public {
        _anyCredentials();
        ICredentialRegistry.Ending before = _credential(actor, role, index).ending;
        vm.prank(caller);
        _credentials.contest(actor, role, index);
        assert(caller == actor && before == ICredentialRegistry.Ending.Retroactive);
        assert(_credential(actor, role, index).ending == ICredentialRegistry.Ending.Contested);
    }

    /// Whoever issues is accredited without a delay, now and for ten years at most.
    function check_onlyTheAccreditedIssue(address caller, address actor, bytes32 role) public {
        uint256 time = _anyCredentials();
        uint256 count = _credentials.credentialCount(actor, role);
        vm.assume(count < 2 ** 64);
        _anyCall(caller, address(_credentials), "CredentialRegistry");
        if (_credentials.credentialCount(actor, role) == count) return;
        assert(_credentials.credentialCount(actor, role) == count + 1);
        assert(_authority.members(caller) && _authority.delays(caller) == 0);
        ICredentialRegistry.Credential memory then = _credential(actor, role, count);
        assert(then.issuer == caller && then.from == time);
        assert(then.until > time && then.until <= time + 3653 days);
    }

    /* KEYS */

    /// Without a signature only the holder publishes and points, and each counts by one.
    /// @custom:halmos --default-bytes-lengths 65,1216
    function check_aKeyIsItsHolders(address caller, address actor) public {
        svm.enableSymbolicStorage(address(_keys));
        _anyTime();
        (IKeyRegistry.Key memory key, IKeyRegistry.Vault memory vault) = (_keys.keyOf(actor), _keys.vaultOf(actor));
        bytes4 selector = _anyCall(caller, address(_keys), "KeyRegistry");
        vm.assume(selector != _keys.publishBySig.selector && selector != _keys.pointVaultBySig.selector);
        (IKeyRegistry.Key memory then, IKeyRegistry.Vault memory next) = (_keys.keyOf(actor), _keys.vaultOf(actor));
        bool published = _or(then.digest != key.digest, then.version != key.version);
        assert(
            !published || (caller == actor && then.version == uint256(key.version) + 1 && then.digest != key.digest)
        );
        bool pointed = _or(next.pointer != vault.pointer, next.number != vault.number);
        assert(!pointed || (caller == actor && next.number == uint256(vault.number) + 1 && next.pointer != 0));
    }

    /// By signature it is the next version of whoever signed.
    function check_publishBySig(address actor, uint32 version, uint40 deadline) public {
        svm.enableSymbolicStorage(address(_keys));
        uint256 time = _anyTime();
        vm.assume(actor.code.length == 0);
        uint256 before = _keys.keyOf(actor).version;
        bytes memory recipient = svm.createBytes(1216, "recipient");
        bytes memory signature = svm.createBytes(65, "signature");
        _keys.publishBySig(actor, recipient, version, deadline, signature);
        assert(version == before + 1 && time <= deadline);
        assert(_keys.keyOf(actor).version == version && _keys.keyOf(actor).digest == keccak256(recipient));
        bytes32 form = keccak256("Publish(address actor,bytes recipient,uint32 version,uint40 deadline)");
        bytes32 hash = keccak256(abi.encode(form, actor, keccak256(recipient), version, deadline));
        assert(
            _recovered(Signing.digest("CareKey KeyRegistry", address(_keys), block.chainid, hash), signature) == actor
        );
    }

    function check_pointVaultBySig(address actor, bytes32 vault, uint32 number, uint40 deadline) public {
        svm.enableSymbolicStorage(address(_keys));
        uint256 time = _anyTime();
        vm.assume(actor.code.length == 0);
        uint256 before = _keys.vaultOf(actor).number;
        bytes memory signature = svm.createBytes(65, "signature");
        _keys.pointVaultBySig(actor, vault, number, deadline, signature);
        assert(number == before + 1 && time <= deadline && _keys.vaultOf(actor).pointer == vault);
        bytes32 form = keccak256("PointVault(address actor,bytes32 vault,uint32 number,uint40 deadline)");
        bytes32 hash = keccak256(abi.encode(form, actor, vault, number, deadline));
        assert(
            _recovered(Signing.digest("CareKey KeyRegistry", address(_keys), block.chainid, hash), signature) == actor
        );
    }

    /* GROUPS */

    /// Without a signature only the manager sets who belongs to it, but that a member may leave; only they hand it over.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_aGroupIsItsManagers(address caller, address member) public {
        svm.enableSymbolicStorage(address(_group));
        _anyTime();
        IManagedGroup.Membership memory before = _group.memberOf(member);
        (address manager, uint256 number) = (_group.manager(), _group.nextNumber());
        uint64 list = Link.unwrap(_group.membersOf());
        bytes4 selector = _anyCall(caller, address(_group), "Group");
        vm.assume(selector != _group.setManagerBySig.selector && selector != _group.setMembersBySig.selector);
        vm.assume(selector != _group.resignBySig.selector && selector != _group.initialize.selector);
        IManagedGroup.Membership memory then = _group.memberOf(member);
        bool same = _and(then.until == before.until, then.purposes == before.purposes);
        bool left = _and(_and(caller == member, then.purposes == 0), then.until <= before.until);
        assert(_or(same, _or(caller == manager, left)));
        assert(same || uint32(Link.unwrap(_group.membersOf())) > uint32(list));
        assert(_group.manager() == manager || caller == manager);
        assert(_group.nextNumber() == number || (caller == manager && _group.nextNumber() == number + 1));
    }

    /// By signature it is the manager's, of the next number, which every act of theirs uses up.
    function check_setManagerBySig(address successor, uint32 number, uint40 deadline) public {
        svm.enableSymbolicStorage(address(_group));
        uint256 time = _anyTime();
        (address manager, uint256 before) = (_group.manager(), _group.nextNumber());
        vm.assume(manager.code.length == 0);
        bytes memory signature = svm.createBytes(65, "signature");
        _group.setManagerBySig(successor, number, deadline, signature);
        assert(number == before && _group.nextNumber() == before + 1 && time <= deadline);
        assert(_group.manager() == successor && successor != address(0));
        bytes32 form = keccak256("SetManager(address manager,address successor,uint32 number,uint40 deadline)");
        _assertManagers(keccak256(abi.encode(form, manager, successor, number, deadline)), signature, manager);
    }

    function check_setMembersBySig(
        address member,
        uint40 until,
        uint64 purposes,
        uint32 number,
        uint40 deadline
    ) public {
        svm.enableSymbolicStorage(address(_group));
        uint256 time = _anyTime();
        (address manager, uint256 before) = (_group.manager(), _group.nextNumber());
        vm.assume(manager.code.length == 0);
        address[] memory members = new address[](1);
        members[0] = member;
        bytes memory signature = svm.createBytes(65, "signature");
        _group.setMembersBySig(members, until, purposes, number, deadline, signature);
        assert(number == before && _group.nextNumber() == before + 1 && time <= deadline);
        assert(_group.memberOf(member).until == until && _group.memberOf(member).purposes == purposes);
        bytes32 form = keccak256(
            "SetMembers(address manager,address[] members,uint40 until,uint64 purposes,uint32 number,uint40 deadline)"
        );
        bytes32 list = keccak256(abi.encode(member));
        bytes32 hash = keccak256(abi.encode(form, manager, list, until, purposes, number, deadline));
        _assertManagers(hash, signature, manager);
    }

    /// Only while the membership lasts, for READ and for purposes that the manager gave.
    function check_isMember(address patient, address member, uint8 permission, uint64 purpose) public {
        svm.enableSymbolicStorage(address(_group));
        uint256 time = _anyTime();
        IManagedGroup.Membership memory membership = _group.memberOf(member);
        bool yes = _and(permission == 1, _and(purpose != 0, time < membership.until));
        yes = _and(yes, purpose & ~membership.purposes == 0);
        assert(_group.isMember(patient, member, permission, purpose) == yes);
    }

    function _assertManagers(bytes32 hash, bytes memory signature, address manager) private view {
        bytes32 digest = Signing.digest("CareKey Group", address(_group), block.chainid, hash);
        assert(_recovered(digest, signature) == manager);
    }

    /// Out of storage: a page of unknown length is more than the prover can read.
    function _credential(
        address actor,
        bytes32 role,
        uint256 index
    ) private view returns (ICredentialRegistry.Credential memory) {
        bytes32 list = keccak256(abi.encode(role, keccak256(abi.encode(actor, uint256(0)))));
        uint256 word = uint256(vm.load(address(_credentials), bytes32(uint256(keccak256(abi.encode(list))) + index)));
        vm.assume(uint8(word >> 240) < 5);
        return
            ICredentialRegistry.Credential(
                address(uint160(word)),
                uint40(word >> 160),
                uint40(word >> 200),
                ICredentialRegistry.Ending(uint8(word >> 240))
            );
    }

    function _anyCredentials() private returns (uint256 time) {
        svm.enableSymbolicStorage(address(_credentials));
        svm.enableSymbolicStorage(address(_authority));
        return _anyTime();
    }

    function _anyCall(address caller, address target, string memory name) private returns (bytes4 selector) {
        bytes memory data = svm.createCalldata(name);
        selector = bytes4(data);
        vm.prank(caller);
        (bool done, ) = target.call(data);
        vm.assume(done);
    }
}
