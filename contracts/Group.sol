// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IGroup} from "./interfaces/IGroup.sol";
import {IManagedGroup} from "./interfaces/IManagedGroup.sol";

/// @title A department or study team with a manager; see {IManagedGroup}
contract Group is IManagedGroup, Initializable {
    /// @notice Longest list that one call takes.
    uint256 public constant MAX_BATCH = 200;

    /* STORAGE */

    /// @inheritdoc IManagedGroup
    address public manager;

    /// @inheritdoc IManagedGroup
    mapping(address member => uint40 time) public memberUntil;

    /// The contract that clones stand on is nobody's group.
    constructor() {
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
        _setManager(manager_);
    }

    /// @inheritdoc IManagedGroup
    function setMembers(address[] calldata members, uint40 until) external {
        _requireManager();
        uint256 count = members.length;
        if (count == 0 || count > MAX_BATCH) revert InvalidBatchSize(count, MAX_BATCH);

        for (uint256 i = 0; i < count; ++i) _setMember(members[i], until);
    }

    /* MEMBERS */

    /// @inheritdoc IManagedGroup
    function resign() external {
        if (!isMember(address(0), msg.sender)) revert NotMember(msg.sender);
        _setMember(msg.sender, uint40(block.timestamp));
    }

    /* VIEWS */

    /// @inheritdoc IGroup
    function isMember(address, address member) public view returns (bool) {
        return block.timestamp < memberUntil[member];
    }

    function _requireManager() private view {
        if (msg.sender != manager) revert NotManager(msg.sender);
    }

    function _setManager(address manager_) private {
        if (manager_ == address(0)) revert InvalidManager(manager_);

        manager = manager_;

        emit ManagerSet(manager_);
    }

    function _setMember(address member, uint40 until) private {
        if (member == address(0)) revert InvalidMember(member);

        memberUntil[member] = until;

        emit MemberSet(member, until);
    }
}
