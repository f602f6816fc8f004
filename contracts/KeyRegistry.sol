// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {KeyForms} from "./types/KeyForms.sol";
import {SignedActions} from "./utils/SignedActions.sol";

/// @title Public encryption keys, and where vaults are; see {IKeyRegistry}
contract KeyRegistry is SignedActions, IKeyRegistry {
    /// @notice Length of a hybrid recipient: ML-KEM-768 encapsulation key and X25519 public key.
    uint256 public constant RECIPIENT_LENGTH = 1184 + 32;

    /* STORAGE: proven from outside, so the order stays */

    mapping(address actor => Key key) private _keys;
    mapping(address actor => Vault vault) private _vaults;

    constructor() EIP712("CareKey KeyRegistry", "1") {}

    /* ACTORS */

    /// @inheritdoc IKeyRegistry
    function publish(bytes calldata recipient) external {
        _publish(msg.sender, recipient);
    }

    /// @inheritdoc IKeyRegistry
    function publishBySig(
        address actor,
        bytes calldata recipient,
        uint32 version,
        uint40 deadline,
        bytes calldata signature
    ) external {
        uint32 standing = _keys[actor].version;
        if (!_follows(version, standing)) revert StaleVersion(version, standing);
        _requireSigned(actor, KeyForms.hashPublish(actor, recipient, version, deadline), deadline, signature);
        _publish(actor, recipient);
    }

    /// @inheritdoc IKeyRegistry
    function pointVault(bytes32 vault) external {
        _pointVault(msg.sender, vault);
    }

    /// @inheritdoc IKeyRegistry
    function pointVaultBySig(
        address actor,
        bytes32 vault,
        uint32 number,
        uint40 deadline,
        bytes calldata signature
    ) external {
        uint32 standing = _vaults[actor].number;
        if (!_follows(number, standing)) revert StaleVault(number, standing);
        _requireSigned(actor, KeyForms.hashPointVault(actor, vault, number, deadline), deadline, signature);
        _pointVault(actor, vault);
    }

    /* VIEWS */

    /// @inheritdoc IKeyRegistry
    function keyOf(address actor) external view returns (Key memory) {
        return _keys[actor];
    }

    /// @inheritdoc IKeyRegistry
    function vaultOf(address actor) external view returns (Vault memory) {
        return _vaults[actor];
    }

    /* PRIVATE */

    function _publish(address actor, bytes calldata recipient) private {
        if (recipient.length != RECIPIENT_LENGTH) revert InvalidRecipientLength(recipient.length, RECIPIENT_LENGTH);
        bytes32 digest = keccak256(recipient);
        Key storage key = _keys[actor];
        if (digest == key.digest) revert KeyUnchanged(digest);

        (uint32 version, uint32 before) = (key.version + 1, key.writtenAt);
        key.digest = digest;
        (key.version, key.since, key.writtenAt) = (version, uint40(block.timestamp), uint32(block.number));

        emit KeyPublished(actor, version, recipient, before);
    }

    function _pointVault(address actor, bytes32 pointer) private {
        if (pointer == 0) revert InvalidVault();

        Vault storage vault = _vaults[actor];
        (uint32 number, uint32 before) = (vault.number + 1, vault.writtenAt);
        vault.pointer = pointer;
        (vault.number, vault.since, vault.writtenAt) = (number, uint40(block.timestamp), uint32(block.number));

        emit VaultPointed(actor, number, pointer, before);
    }

    function _follows(uint32 next, uint32 standing) private pure returns (bool) {
        // a number that must be the next
        // slither-disable-next-line incorrect-equality
        return next == uint256(standing) + 1;
    }
}
