// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISignedActions} from "./ISignedActions.sol";

/// @title Public encryption keys of actors, and where their vaults are
/// @notice Everyone publishes and rotates their own key; others seal to the newest.
/// @dev The key is a post-quantum hybrid age recipient (`age1pq1…`, ML-KEM-768 and X25519) as its 1,216 raw bytes. It is
/// kept in the event; storage holds the digest and the block of the event, so that one question finds it and a false one is noticed.
/// Keys and vaults are counted, and each event names the block of the one before.
/// @dev Signed forms name the number that comes next: whatever is published first makes the others of that number stale.
/// @dev Storage that is proven: mapping 3 `actor => Key`, mapping 4 `actor => Vault`; two slots each, the first the digest or
/// pointer, the second its other fields, the first of them lowest.
/// @dev Warning: a key proves nothing about who holds the account. Clients pin the keys they saw.
interface IKeyRegistry is ISignedActions {
    /// @notice The newest key of an actor.
    struct Key {
        /// keccak256 of the key's raw bytes.
        bytes32 digest;
        /// Counts the actor's keys from 1; 0 means none.
        uint32 version;
        /// Block time of publication.
        uint40 since;
        /// Block of publication: its event is there.
        uint32 writtenAt;
    }

    /// @notice Where the sealed vault of an actor is.
    struct Vault {
        /// sha2-256 digest of its IPFS block.
        bytes32 pointer;
        /// Counts the actor's pointers from 1; 0 means none.
        uint32 number;
        /// Block time of the pointer.
        uint40 since;
        /// Block of the pointer: its event is there.
        uint32 writtenAt;
    }

    /// @notice Thrown when a key does not have the length of a hybrid recipient.
    error InvalidRecipientLength(uint256 length, uint256 expected);
    /// @notice Thrown when the key is the one that is published already.
    error KeyUnchanged(bytes32 digest);
    /// @notice Thrown when a vault's pointer is zero.
    error InvalidVault();
    /// @notice Thrown when the signed version of a key does not follow the `standing` one.
    error StaleVersion(uint32 version, uint32 standing);
    /// @notice Thrown when the signed number of a vault's pointer does not follow the `standing` one.
    error StaleVault(uint32 number, uint32 standing);

    /// @notice Emitted when `actor` publishes a key.
    /// @param before Block of the version before; 0 for the first.
    event KeyPublished(address indexed actor, uint32 indexed version, bytes recipient, uint32 before);
    /// @notice Emitted when `actor` says where their sealed vault is: sha2-256 digest of its IPFS block.
    /// @param before Block of the pointer before; 0 for the first.
    event VaultPointed(address indexed actor, uint32 indexed number, bytes32 vault, uint32 before);

    /// @notice Publishes the caller's key, replacing the one before.
    /// @param recipient 1,184 bytes of ML-KEM-768 encapsulation key, then 32 bytes of X25519 public key.
    function publish(bytes calldata recipient) external;

    /// @notice {publish} with the actor's signature.
    /// @param version The one that comes next.
    function publishBySig(
        address actor,
        bytes calldata recipient,
        uint32 version,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Says where the caller's sealed vault is.
    /// @dev Warning: the vault must be published without its passphrase slot, or it can be guessed at for ever.
    function pointVault(bytes32 vault) external;

    /// @notice {pointVault} with the actor's signature.
    /// @param number The one that comes next.
    function pointVaultBySig(
        address actor,
        bytes32 vault,
        uint32 number,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Digest, version, time and block of the actor's newest key; all zero where there is none.
    function keyOf(address actor) external view returns (Key memory);

    /// @notice Pointer, number, time and block of the actor's vault; all zero where there is none.
    function vaultOf(address actor) external view returns (Vault memory);
}
