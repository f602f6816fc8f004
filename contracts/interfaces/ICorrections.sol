// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Link} from "../types/Link.sol";

/// @title Records amended, retracted and erased; part of {IRecordRegistry}
/// @dev Amended and retracted records stay readable and say so. An anchor is never removed: it is the proof of the correction.
/// @dev Consent to a record is consent to its lineage: what permits or shuts the first of it, permits or shuts its amendments.
/// @dev All that happens to a patient's records after they are anchored (pointed at, amended, retracted, erased, attested) is one numbered
/// history, whose head is {historyOf}: each event names the block of the one before.
/// @dev Signed forms work once by what they do: no record is amended, retracted or erased twice, nor attested twice by one operator.
/// @dev Warning: erasure on chain is a demand and its receipts. What was opened before can't be called back.
/// @dev Warning: a receipt says that a credentialed operator has nothing of the record any more, not that it ever had. Readers count
/// the receipts of those who are known to hold its blocks and keys.
/// @dev Warning: somebody else with WRITE can anchor the content of a pending amendment first. Its author seals it anew.
interface ICorrections {
    /// @notice What replaces a record of the same compartment.
    struct Amendment {
        address patient;
        bytes32 compartment;
        /// Content of the record that is amended.
        bytes32 content;
        /// Content of the record that takes its place.
        bytes32 newContent;
        /// sha2-256 digest of the new manifest's IPFS block.
        bytes32 manifest;
        /// Why: a code, in public.
        bytes32 reason;
    }

    /// @notice The withdrawal of a record, by whom, and until when the signature may be used (inclusive).
    struct SignedRetraction {
        address by;
        address patient;
        bytes32 compartment;
        bytes32 content;
        /// Why: a code, in public.
        bytes32 reason;
        uint40 deadline;
    }

    /// @notice A demand for erasure, and until when its signature may be used (inclusive).
    struct SignedErasure {
        address patient;
        bytes32 compartment;
        bytes32 content;
        /// The patient's era that they saw: a lockdown voids this signature, too.
        uint40 era;
        uint40 deadline;
    }

    /// @notice That an operator erased what they had of a record. The record is named by its parts, so that nobody puts a receipt into
    /// another patient's history.
    struct ErasureReceipt {
        address operator;
        address patient;
        bytes32 compartment;
        bytes32 content;
        /// "storage" or "keeper".
        bytes32 role;
        /// Number of the operator's credential for the role.
        uint256 credential;
    }

    /// @notice Thrown when a correction has no reason.
    error InvalidReason();
    /// @notice Thrown when erasure is attested in another role than those that hold blocks or keys.
    error InvalidRole(bytes32 role);
    /// @notice Thrown when credential `index` of `actor` for `role` does not cover now.
    error NotCredentialed(address actor, bytes32 role, uint256 index);
    /// @notice Thrown when the patient has locked down since they signed.
    error StaleEra(uint40 era, uint40 standing);
    /// @notice Thrown when `operator` attested this erasure before.
    error AlreadyAttested(bytes32 recordId, address operator);

    /// @notice Emitted when `newRecordId` takes the place of `recordId`; the new record is anchored beside it.
    /// @param change Number in the history of the patient's records, and the block of the change before.
    event Amended(
        address indexed patient,
        bytes32 indexed recordId,
        bytes32 indexed newRecordId,
        bytes32 reason,
        address by,
        Link change
    );
    /// @notice Emitted when a record is withdrawn.
    /// @param change As in `Amended`.
    event Retracted(address indexed patient, bytes32 indexed recordId, bytes32 reason, address by, Link change);
    /// @notice Emitted when the patient demands that a record's blocks, keys and shares be erased.
    /// @param change As in `Amended`.
    event ErasureRequested(address indexed patient, bytes32 indexed recordId, bytes32 indexed compartment, Link change);
    /// @notice Emitted when an operator attests that it erased what it had.
    /// @param change As in `Amended`.
    event ErasureAttested(
        address indexed patient,
        bytes32 indexed recordId,
        address indexed operator,
        bytes32 role,
        Link change
    );

    /// @notice Replaces a record. By the patient, its author while WRITE is active, or a delegate with MANAGE: each of whom may
    /// also add records to the compartment, by WRITE on it or on the whole chart.
    /// @dev So power over one record, by MANAGE or WRITE on it alone, retracts it and adds none. A DENY, on the record that the lineage
    /// began with or on the record itself, shuts out authors and delegates alike, from amending and from retracting.
    function amend(Amendment calldata amendment) external returns (bytes32 newRecordId);

    /// @notice {amend} with the signature of who amends.
    function amendBySig(
        address by,
        Amendment calldata amendment,
        uint40 deadline,
        bytes calldata signature
    ) external returns (bytes32 newRecordId);

    /// @notice Withdraws a record. By its author while WRITE is active, the patient, or a delegate with MANAGE.
    function retract(address patient, bytes32 compartment, bytes32 content, bytes32 reason) external;

    /// @notice {retract} with the signature of who retracts.
    function retractBySig(SignedRetraction calldata retraction, bytes calldata signature) external;

    /// @notice Demands that one of the caller's records be erased. It answers no to every question from then on.
    function requestErasure(bytes32 compartment, bytes32 content) external;

    /// @notice {requestErasure} with the patient's signature.
    function requestErasureBySig(SignedErasure calldata erasure, bytes calldata signature) external;

    /// @notice Attests, as a credentialed operator, that what the caller had of a record is erased.
    function attestErasure(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 role,
        uint256 credential
    ) external;

    /// @notice {attestErasure} with the operator's signed receipt.
    function attestErasureBySig(ErasureReceipt calldata receipt, uint40 deadline, bytes calldata signature) external;

    /// @notice When `operator` attested that it erased what it had of the record; 0 where it did not.
    function erasureAttestedAt(bytes32 recordId, address operator) external view returns (uint40);

    /// @notice Content of the first record of the lineage that an amendment belongs to: grants, delegations and DENYs name that one.
    /// 0 where the record is its own origin.
    function originOf(bytes32 recordId) external view returns (bytes32 content);

    /// @notice How many changes the patient's records have seen since they were anchored, and the block of the newest.
    function historyOf(address patient) external view returns (Link);
}
