// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";

/// @title Public encryption keys; see {IKeyRegistry}
contract KeyRegistry is IKeyRegistry {
    /// @notice Length of a hybrid recipient: ML-KEM-768 encapsulation key and X25519 public key.
    uint256 public constant RECIPIENT_LENGTH = 1184 + 32;

    /* STORAGE */

    mapping(address actor => Key key) private _keys;

    /* ACTORS */

    /// @inheritdoc IKeyRegistry
    function publish(bytes calldata recipient) external {
        if (recipient.length != RECIPIENT_LENGTH) revert InvalidRecipientLength(recipient.length, RECIPIENT_LENGTH);
        bytes32 digest = keccak256(recipient);
        Key storage key = _keys[msg.sender];
        if (digest == key.digest) revert KeyUnchanged(digest);

        uint32 version = key.version + 1;
        key.digest = digest;
        key.version = version;
        key.since = uint40(block.timestamp);

        emit KeyPublished(msg.sender, version, recipient);
    }

    /// @inheritdoc IKeyRegistry
    function pointVault(bytes32 vault) external {
        if (vault == 0) revert InvalidVault();

        emit VaultPointed(msg.sender, vault);
    }

    /* VIEWS */

    /// @inheritdoc IKeyRegistry
    function keyOf(address actor) external view returns (Key memory) {
        return _keys[actor];
    }
}
