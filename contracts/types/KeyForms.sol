// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice The EIP-712 types of what is signed about keys and vaults.
library KeyForms {
    bytes32 private constant PUBLISH = keccak256(
        "Publish(address actor,bytes recipient,uint32 version,uint40 deadline)"
    );
    bytes32 private constant POINT_VAULT = keccak256(
        "PointVault(address actor,bytes32 vault,uint32 number,uint40 deadline)"
    );

    /// @notice Struct hash of a key.
    function hashPublish(
        address actor,
        bytes calldata recipient,
        uint32 version,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(PUBLISH, actor, keccak256(recipient), version, deadline));
    }

    /// @notice Struct hash of a vault's pointer.
    function hashPointVault(
        address actor,
        bytes32 vault,
        uint32 number,
        uint40 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(POINT_VAULT, actor, vault, number, deadline));
    }
}
