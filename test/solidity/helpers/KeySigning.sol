// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// What is signed about keys, vaults and groups, typed out once more and not taken from `KeyForms` and `GroupForms`.
library KeySigning {
    string private constant PUBLISH = "Publish(address actor,bytes recipient,uint32 version,uint40 deadline)";
    string private constant POINT_VAULT = "PointVault(address actor,bytes32 vault,uint32 number,uint40 deadline)";
    string private constant CREATE_GROUP = "CreateGroup(address manager,bytes32 salt,uint40 deadline)";
    string private constant SET_MANAGER = "SetManager(address manager,address successor,uint32 number,uint40 deadline)";
    string private constant SET_MEMBERS =
        "SetMembers(address manager,address[] members,uint40 until,uint64 purposes,uint32 number,uint40 deadline)";
    string private constant RESIGN = "Resign(address member,uint256 id,uint40 deadline)";

    function hashPublish(
        address actor,
        bytes memory recipient,
        uint32 version,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(PUBLISH)), actor, keccak256(recipient), version, deadline));
    }

    function hashPointVault(
        address actor,
        bytes32 vault,
        uint32 number,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(POINT_VAULT)), actor, vault, number, deadline));
    }

    function hashCreateGroup(address manager, bytes32 salt, uint40 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(CREATE_GROUP)), manager, salt, deadline));
    }

    function hashSetManager(
        address manager,
        address successor,
        uint32 number,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(SET_MANAGER)), manager, successor, number, deadline));
    }

    function hashSetMembers(
        address manager,
        address[] memory members,
        uint40 until,
        uint64 purposes,
        uint32 number,
        uint40 deadline
    ) internal pure returns (bytes32) {
        bytes memory list;
        for (uint256 i = 0; i < members.length; ++i) list = bytes.concat(list, abi.encode(members[i]));
        bytes32 typeHash = keccak256(bytes(SET_MEMBERS));
        return keccak256(abi.encode(typeHash, manager, keccak256(list), until, purposes, number, deadline));
    }

    function hashResign(address member, uint256 id, uint40 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(RESIGN)), member, id, deadline));
    }
}
