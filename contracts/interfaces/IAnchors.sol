// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Records anchored and pointed at; part of {IRecordRegistry}
interface IAnchors {
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
        /// Block time of the anchoring, or of the root that it was claimed from.
        uint40 anchoredAt;
        Status status;
    }

    /// @notice One record of a batch in one compartment.
    struct Entry {
        /// sha2-256 of the record's body.
        bytes32 content;
        /// sha2-256 digest of the manifest's IPFS block.
        bytes32 manifest;
    }

    /// @notice One record of a batch of signed records.
    struct SignedEntry {
        bytes32 content;
        bytes32 manifest;
        /// Last second at which the signature may be used.
        uint40 deadline;
    }

    /// @notice A record, its author, and until when their signature may be used (inclusive).
    struct SignedAnchor {
        address author;
        address patient;
        bytes32 compartment;
        bytes32 content;
        bytes32 manifest;
        uint40 deadline;
    }

    /// @notice Thrown when a compartment is 0 or has the top bit set (a record id in its place).
    error InvalidCompartment(bytes32 compartment);
    /// @notice Thrown when a record's content is 0.
    error InvalidContent();
    /// @notice Thrown when a manifest's pointer is 0.
    error InvalidManifest();
    /// @notice Thrown when `actor` may not add or point records of `patient` in `compartment`.
    error NotWriter(address patient, bytes32 compartment, address actor);
    /// @notice Thrown when `actor` is neither the record's author nor the patient (nor, to correct it, who manages for them).
    error NotAuthor(bytes32 recordId, address actor);
    /// @notice Thrown when the record is anchored already.
    error AlreadyAnchored(bytes32 recordId);
    /// @notice Thrown when no such record is anchored.
    error UnknownRecord(bytes32 recordId);
    /// @notice Thrown when a record's status does not allow this any more.
    error InvalidStatus(bytes32 recordId, Status status);
    /// @notice Thrown when a list is empty or longer than `limit`.
    error InvalidBatchSize(uint256 count, uint256 limit);
    /// @notice Thrown when a signature's last second is over.
    error SignatureExpired(uint40 deadline);
    /// @notice Thrown when this is not what `signer` signed.
    error InvalidSignature(address signer);

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
    /// @notice Emitted when item `index` of a batch is left out; the others stand.
    /// @param reason The custom error that a call for this item alone would have been refused with, encoded.
    event Skipped(uint256 indexed index, bytes reason);

    /// @notice Anchors a record. By the patient, a delegate with WRITE, or whoever has an active WRITE on the compartment or
    /// the whole chart.
    /// @param content sha2-256 of the record's body.
    /// @param manifest sha2-256 digest of the manifest's IPFS block.
    function anchor(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest
    ) external returns (bytes32 recordId);

    /// @notice Anchors up to 200 records of one compartment; what is bad is left out with `Skipped`.
    function anchorMany(address patient, bytes32 compartment, Entry[] calldata entries) external;

    /// @notice {anchor}, carried by anyone with the author's signature. Anchored already by that author: success without effect.
    function anchorBySig(SignedAnchor calldata record, bytes calldata signature) external returns (bytes32 recordId);

    /// @notice Up to 200 records of one author and compartment, each with the author's signature (a device signs what it
    /// measures, a gateway carries it); what is bad is left out with `Skipped`.
    /// @param signatures For each record two bytes of length, then its signature; nothing after the last.
    function anchorManyBySig(
        address author,
        address patient,
        bytes32 compartment,
        SignedEntry[] calldata entries,
        bytes calldata signatures
    ) external;

    /// @notice Announces a newer manifest of a record. By the patient, or by its author while WRITE is active.
    function point(address patient, bytes32 compartment, bytes32 content, bytes32 manifest) external;

    /// @notice Author, time and state of a record; all zero where there is none.
    function anchorOf(bytes32 recordId) external view returns (Anchor memory);

    /// @notice The id of a record: the same whatever is sealed, stamped or stored anew.
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) external pure returns (bytes32);
}
