// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IGroup} from "./interfaces/IGroup.sol";
import {IManagedGroup} from "./interfaces/IManagedGroup.sol";
import {GrantTerms} from "./types/GrantTerms.sol";
import {GroupForms} from "./types/GroupForms.sol";
import {Link} from "./types/Link.sol";
import {SignedActions} from "./utils/SignedActions.sol";

/// @title A department or study team with a manager; see {IManagedGroup}
contract Group is IManagedGroup, SignedActions, Initializable {
    /* STORAGE */

    // proven by clients: the order is part of the format, see IManagedGroup

    /// @inheritdoc IManagedGroup
    address public manager;
    /// @inheritdoc IManagedGroup
    uint32 public nextNumber;
    /// @inheritdoc IManagedGroup
    Link public membersOf;

    mapping(address member => Membership membership) private _members;

    /// The contract that clones stand on is nobody's group. A clone's signatures are its own: the domain has its address.
    constructor() EIP712("CareKey Group", "1") {
        _disableInitializers();
    }

    /// @inheritdoc IManagedGroup
    function initialize(address manager_) external initializer {
        _setManager(manager_);
    }

    /* THE MANAGER */

    /// @inheritdoc IManagedGroup
    function setManager(address manager_) external {
        _requireManager();
        ++nextNumber;
        _setManager(manager_);
    }

    /// @inheritdoc IManagedGroup
    function setManagerBySig(address manager_, uint32 number, uint40 deadline, bytes calldata signature) external {
        bytes32 hash = GroupForms.hashSetManager(manager, manager_, number, deadline);
        _useNumber(hash, number, deadline, signature);
        _setManager(manager_);
    }

    /// @inheritdoc IManagedGroup
    function setMembers(address[] calldata members, uint40 until, uint64 purposes) external {
        _requireManager();
        ++nextNumber;
        _setMembers(members, until, purposes);
    }

    /// @inheritdoc IManagedGroup
    function setMembersBySig(
        address[] calldata members,
        uint40 until,
        uint64 purposes,
        uint32 number,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes32 hash = GroupForms.hashSetMembers(manager, members, until, purposes, number, deadline);
        _useNumber(hash, number, deadline, signature);
        _setMembers(members, until, purposes);
    }

    /* MEMBERS */

    /// @inheritdoc IManagedGroup
    function resign() external {
        _resign(msg.sender);
    }

    /// @inheritdoc IManagedGroup
    function resignBySig(address member, Once calldata once, bytes calldata signature) external {
        _useSigned(member, GroupForms.hashResign(member, once), once, signature);
        _resign(member);
    }

    /// @inheritdoc IManagedGroup
    function cancel(uint256[] calldata ids) external {
        _cancel(msg.sender, ids);
    }

    /* VIEWS */

    /// @inheritdoc IGroup
    function isMember(address, address member, uint8 permission, uint64 purpose) external view returns (bool) {
        if (permission != GrantTerms.READ || purpose == 0) return false;
        Membership memory membership = _members[member];
        // bits of purposes, not a balance
        // slither-disable-next-line incorrect-equality
        return block.timestamp < membership.until && membership.purposes & purpose == purpose;
    }

    /// @inheritdoc IManagedGroup
    function memberOf(address member) external view returns (Membership memory) {
        return _members[member];
    }

    /* PRIVATE */

    function _requireManager() private view {
        if (msg.sender != manager) revert NotManager(msg.sender);
    }

    /// Checks a signature of the manager that works next, and marks it as used.
    function _useNumber(bytes32 structHash, uint32 number, uint40 deadline, bytes calldata signature) private {
        uint32 standing = nextNumber;
        if (number != standing) revert StaleNumber(number, standing);
        _requireSigned(manager, structHash, deadline, signature);
        nextNumber = standing + 1;
    }

    function _setManager(address manager_) private {
        if (manager_ == address(0)) revert InvalidManager(manager_);

        manager = manager_;

        emit ManagerSet(manager_);
    }

    function _setMembers(address[] calldata members, uint40 until, uint64 purposes) private {
        _requireBatch(members.length, MAX_BATCH);
        if (purposes > GrantTerms.ALL_PURPOSES) revert InvalidPurposes(purposes);

        Link list = membersOf;
        for (uint256 i = 0; i < members.length; ++i) {
            if (members[i] == address(0)) revert InvalidMember(members[i]);
            list = _setMember(list, members[i], until, purposes);
        }
        membersOf = list;
    }

    function _resign(address member) private {
        if (block.timestamp >= _members[member].until) revert NotMember(member);
        membersOf = _setMember(membersOf, member, uint40(block.timestamp), 0);
    }

    /// @return The list with this entry.
    function _setMember(Link list, address member, uint40 until, uint64 purposes) private returns (Link) {
        _members[member] = Membership({until: until, purposes: purposes});

        Link entry = list.entry();
        emit MemberSet(member, until, purposes, entry);
        return entry.head();
    }
}
