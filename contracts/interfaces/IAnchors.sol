// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Link} from "../types/Link.sol";

/// @title Records anchored and pointed at; part of {IRecordRegistry}
/// @dev Warning: whoever has WRITE can lengthen a chart, and an author a record's pointers: the last 2^20 numbers of a chart are its
/// patient's own.
/// @dev The records of a patient are one list, numbered from 1 on: their *chart*. Its head counts them, each anchor has its number, and
/// each `Anchored` names the block of the one before. The newer manifests of a record are such a list, too.
interface IAnchors {
    /// @notice State of a record.
    enum Status {
        None,
        Anchored,
        Amended,
        Retracted,
        Erased
    }

    /// @notice What is known of a record; stored as one word, see `AnchorWord`.
    struct Anchor {
        /// Who anchored it.
        address author;
        /// Block time of the anchoring, or of the root that it was claimed from.
        uint40 anchoredAt;
        /// Block in which it came to stand here: its event is there.
        uint32 writtenAt;
        /// Number on the patient's chart, from 1 on.
        uint32 index;
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

    /// @notice A newer manifest of a record.
    struct Pointer {
        bytes32 compartment;
        bytes32 content;
        /// sha2-256 digest of the newer manifest's IPFS block.
        bytes32 manifest;
    }

    /// @notice A newer manifest of a record, who says so, and until when their signature may be used (inclusive).
    struct SignedPointer {
        address by;
        address patient;
        bytes32 compartment;
        bytes32 content;
        bytes32 manifest;
        /// The number that the record's next pointer has: one that is held back leads to no older manifest.
        uint32 number;
        uint40 deadline;
    }

    /// @notice Thrown when a compartment is 0 or has the top bit set (a record id in its place).
    error InvalidCompartment(bytes32 compartment);
    /// @notice Thrown when a record's content is 0.
    error InvalidContent();
    /// @notice Thrown when a manifest's pointer is 0.
    error InvalidManifest();
    /// @notice Thrown when `actor` may not add, point or correct records of `patient` in `compartment`.
    error NotWriter(address patient, bytes32 compartment, address actor);
    /// @notice Thrown when `actor` is neither the record's author nor the patient (nor, to correct it, who manages for them).
    error NotAuthor(bytes32 recordId, address actor);
    /// @notice Thrown when the record is anchored already.
    error AlreadyAnchored(bytes32 recordId);
    /// @notice Thrown when no such record is anchored.
    error UnknownRecord(bytes32 recordId);
    /// @notice Thrown when a record's status does not allow this any more.
    error InvalidStatus(bytes32 recordId, Status status);
    /// @notice Thrown when the chart has all of its 2^25 − 1 records.
    error ChartFull(address patient);
    /// @notice Thrown when a signed pointer does not follow the `standing` one.
    error StalePointer(bytes32 recordId, uint32 number, uint32 standing);

    /// @notice Emitted when a record is anchored; its author is in {anchorOf}.
    /// @param content sha2-256 of the record's body.
    /// @param manifest sha2-256 digest of the manifest's IPFS block.
    /// @param link The record's number on the chart, and the block of the record before.
    event Anchored(
        address indexed patient,
        bytes32 indexed recordId,
        bytes32 indexed compartment,
        bytes32 content,
        bytes32 manifest,
        Link link
    );
    /// @notice Emitted when a record's manifest was sealed anew and lies elsewhere.
    /// @param link Number among the record's pointers, and the block of the one before.
    /// @param change Number in the history of the patient's records, and the block of the change before.
    event Pointed(
        address indexed patient,
        bytes32 indexed recordId,
        bytes32 indexed compartment,
        bytes32 manifest,
        address by,
        Link link,
        Link change
    );

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

    /// @notice {anchor}, carried by anyone with the author's signature. Carried again while the record stands by that author, neither
    /// retracted nor erased: success without effect.
    /// @dev Warning: then the manifest of the second signature is not announced. A newer manifest takes {point}.
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

    /// @notice {point} for up to 100 records of one patient; what is bad is left out with `Skipped`.
    function pointMany(address patient, Pointer[] calldata pointers) external;

    /// @notice {point} with the signature of the patient or the author.
    function pointBySig(SignedPointer calldata pointer, bytes calldata signature) external;

    /// @notice Author, time, place and state of a record; all zero where there is none.
    function anchorOf(bytes32 recordId) external view returns (Anchor memory);

    /// @notice How many records the patient's chart has, and the block of the newest.
    function chartOf(address patient) external view returns (Link);

    /// @notice How many newer manifests the record was given, and the block of the newest.
    function pointersOf(bytes32 recordId) external view returns (Link);

    /// @notice May `reader` open the record: there is one, it is not erased, and {IGrants.canAccess} permits to read what it descends
    /// from, see {ICorrections.originOf}?
    function canRead(
        address patient,
        address reader,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) external view returns (bool);

    /// @notice The same question for a member of `group`; see `IGrants.canAccessAs`.
    function canReadAs(
        address group,
        address member,
        address patient,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) external view returns (bool);

    /// @notice The id of a record: the same whatever is sealed, stamped or stored anew.
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) external pure returns (bytes32);
}
