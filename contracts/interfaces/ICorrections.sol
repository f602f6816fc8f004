// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Records amended, retracted and erased; part of {IRecordRegistry}
/// @dev Amended and retracted records stay readable and say so. An anchor is never removed: it is the proof of the correction.
/// @dev Warning: erasure on chain is a demand and its receipts. What was opened before can't be called back.
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

    /// @notice A demand for erasure, and until when its signature may be used (inclusive).
    struct SignedErasure {
        address patient;
        bytes32 compartment;
        bytes32 content;
        /// The patient's `lockdownAt` that they saw: a lockdown voids this signature, too.
        uint40 asOf;
        uint40 deadline;
    }

    /// @notice That an operator erased what they had of a record.
    struct ErasureReceipt {
        address operator;
        bytes32 recordId;
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
    error StaleAsOf(uint40 asOf, uint40 lockdownAt);
    /// @notice Thrown when `operator` attested this erasure before.
    error AlreadyAttested(bytes32 recordId, address operator);

    /// @notice Emitted when `newRecordId` takes the place of `recordId`; the new record is anchored beside it.
    event Amended(
        address indexed patient,
        bytes32 indexed recordId,
        bytes32 indexed newRecordId,
        bytes32 reason,
        address by
    );
    /// @notice Emitted when a record is withdrawn.
    event Retracted(address indexed patient, bytes32 indexed recordId, bytes32 reason, address by);
    /// @notice Emitted when the patient demands that a record's blocks, keys and shares be erased.
    event ErasureRequested(address indexed patient, bytes32 indexed recordId, bytes32 indexed compartment);
    /// @notice Emitted when an operator attests that it erased what it had.
    event ErasureAttested(bytes32 indexed recordId, address indexed operator, bytes32 indexed role);

    /// @notice Replaces a record. By its author while WRITE is active, the patient, or who manages for them.
    function amend(Amendment calldata amendment) external returns (bytes32 newRecordId);

    /// @notice Withdraws a record. By its author while WRITE is active, the patient, or who manages for them.
    function retract(address patient, bytes32 compartment, bytes32 content, bytes32 reason) external;

    /// @notice Demands that one of the caller's records be erased.
    function requestErasure(bytes32 compartment, bytes32 content) external;

    /// @notice {requestErasure} with the patient's signature.
    function requestErasureBySig(SignedErasure calldata erasure, bytes calldata signature) external;

    /// @notice Attests, as a credentialed operator, that what the caller had of a record is erased.
    function attestErasure(bytes32 recordId, bytes32 role, uint256 credential) external;

    /// @notice {attestErasure} with the operator's signed receipt.
    function attestErasureBySig(ErasureReceipt calldata receipt, uint40 deadline, bytes calldata signature) external;

    /// @notice When `operator` attested that it erased what it had of the record; 0 where it did not.
    function erasureAttestedAt(bytes32 recordId, address operator) external view returns (uint40);
}
