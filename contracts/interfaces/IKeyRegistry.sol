// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Public encryption keys of actors
/// @notice Everyone publishes and rotates their own key; others seal to the newest.
/// @dev The key is a post-quantum hybrid age recipient (`age1pq1…`, ML-KEM-768 and X25519) as its 1,216 raw bytes. It is
/// kept in the event; storage holds the digest, so that a false event is noticed.
/// @dev Warning: a key proves nothing about who holds the account. Clients pin the keys they saw.
interface IKeyRegistry {
    /// @notice The newest key of an actor.
    struct Key {
        /// keccak256 of the key's raw bytes.
        bytes32 digest;
        /// Counts the actor's keys from 1; 0 means none.
        uint32 version;
        /// Block time of publication.
        uint40 since;
    }

    /// @notice Thrown when a key does not have the length of a hybrid recipient.
    error InvalidRecipientLength(uint256 length, uint256 expected);

    /// @notice Thrown when the key is the one that is published already.
    error KeyUnchanged(bytes32 digest);
    /// @notice Thrown when a vault's pointer is zero.
    error InvalidVault();

    /// @notice Emitted when `actor` publishes a key.
    event KeyPublished(address indexed actor, uint32 indexed version, bytes recipient);
    /// @notice Emitted when `actor` says where their sealed vault is: sha2-256 digest of its IPFS block.
    event VaultPointed(address indexed actor, bytes32 vault);

    /// @notice Publishes the caller's key, replacing the one before.
    /// @param recipient 1,184 bytes of ML-KEM-768 encapsulation key, then 32 bytes of X25519 public key.
    function publish(bytes calldata recipient) external;

    /// @notice Announces the caller's sealed vault. Only an event.
    /// @dev Warning: the vault must be published without its passphrase slot, or it can be guessed at for ever.
    function pointVault(bytes32 vault) external;

    /// @notice Digest, version and time of the actor's newest key; all zero where there is none.
    function keyOf(address actor) external view returns (Key memory);
}
