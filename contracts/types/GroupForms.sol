// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISignedActions} from "../interfaces/ISignedActions.sol";

/// @notice The EIP-712 types of what is signed for groups.
library GroupForms {
    bytes32 private constant CREATE_GROUP = keccak256("CreateGroup(address manager,bytes32 salt,uint40 deadline)");
    bytes32 private constant SET_MANAGER = keccak256(
        "SetManager(address manager,address successor,uint32 number,uint40 deadline)"
    );
    bytes32 private constant SET_MEMBERS = keccak256(
        "SetMembers(address manager,address[] members,uint40 until,uint64 purposes,uint32 number,uint40 deadline)"
    );
    bytes32 private constant RESIGN = keccak256("Resign(address member,uint256 id,uint40 deadline)");

    /// @notice Struct hash of a new group.
    function hashCreateGroup(address manager, bytes32 salt, uint40 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(CREATE_GROUP, manager, salt, deadline));
    }

    /// @notice Struct hash of a group's handing over.
    function hashSetManager(
        address manager,
        address successor,
        uint32 number,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(SET_MANAGER, manager, successor, number, deadline));
    }

    /// @notice Struct hash of memberships.
    function hashSetMembers(
        address manager,
        address[] calldata members,
        uint40 until,
        uint64 purposes,
        uint32 number,
        uint40 deadline
    ) internal pure returns (bytes32) {
        bytes32 list = keccak256(abi.encodePacked(members));
        return keccak256(abi.encode(SET_MEMBERS, manager, list, until, purposes, number, deadline));
    }

    /// @notice Struct hash of a resignation.
    function hashResign(address member, ISignedActions.Once calldata once) internal pure returns (bytes32) {
        return keccak256(abi.encode(RESIGN, member, once));
    }
}
