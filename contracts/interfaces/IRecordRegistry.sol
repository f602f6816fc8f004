// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Which records a patient has, who made them, when, and where their manifests are
/// @notice An anchor binds patient, compartment and content for ever. The pointer to the encrypted manifest on IPFS may change.
/// @dev recordId = keccak256(abi.encode(patient, compartment, content)) with the top bit set. Contracts take the three
/// parts and compute it, so that nobody pairs a record with a compartment that it is not in.
/// @dev Warning: a manifest pointer is a hint. Readers recompute the record id from what they opened.
interface IRecordRegistry {
    /// @notice State of a record.
    enum Status {
        None,
        Anchored,
        Amended,
        Retracted,
        Erased
    }

    /// @notice What is known of a record: one slot.
    struct Anchor {
        /// Who anchored it.
        address author;
        /// Block time of the anchoring.
        uint40 anchoredAt;
        Status status;
    }

    /// @notice Thrown when a compartment is 0 or has the top bit set (a record id in its place).
    error InvalidCompartment(bytes32 compartment);
    /// @notice Thrown when a record's content is 0.
    error InvalidContent();
    /// @notice Thrown when a manifest's pointer is 0.
    error InvalidManifest();
    /// @notice Thrown when `actor` may not add or point records of `patient` in `compartment`.
    error NotWriter(address patient, bytes32 compartment, address actor);
    /// @notice Thrown when `actor` is neither the record's author nor the patient.
    error NotAuthor(bytes32 recordId, address actor);
    /// @notice Thrown when the record is anchored already.
    error AlreadyAnchored(bytes32 recordId);
    /// @notice Thrown when no such record is anchored.
    error UnknownRecord(bytes32 recordId);

    /// @notice Emitted when a record is anchored; its author is in {anchorOf}.
    /// @param manifest sha2-256 digest of the manifest's IPFS block.
    event Anchored(address indexed patient, bytes32 indexed recordId, bytes32 indexed compartment, bytes32 manifest);
    /// @notice Emitted when a record's manifest was sealed anew and lies elsewhere.
    event Pointed(
        address indexed patient,
        bytes32 indexed recordId,
        bytes32 indexed compartment,
        bytes32 manifest,
        address by
    );

    /// @notice Anchors a record. By the patient, or by whoever has an active WRITE on the compartment or the whole chart.
    /// @param content sha2-256 of the record's body.
    /// @param manifest sha2-256 digest of the manifest's IPFS block.
    function anchor(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest
    ) external returns (bytes32 recordId);

    /// @notice Announces a newer manifest of a record. By the patient, or by its author while WRITE is active.
    function point(address patient, bytes32 compartment, bytes32 content, bytes32 manifest) external;

    /// @notice Author, time and state of a record; all zero where there is none.
    function anchorOf(bytes32 recordId) external view returns (Anchor memory);

    /// @notice The id of a record: the same whatever is sealed, stamped or stored anew.
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) external pure returns (bytes32);
}
