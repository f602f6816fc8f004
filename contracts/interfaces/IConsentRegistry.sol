// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../libraries/GrantTerms.sol";

/// @title A patient's consents: who may do what, on which part of the chart, for which purpose, until when
/// @notice One rule decides access, and every contract, keeper, service and client asks only it: {canAccess}.
/// @dev A *scope* is 0 (whole chart), a compartment's label (top bit clear) or a record id (top bit set).
/// @dev Warning: the chain decides, ciphertext cannot forget. A revocation stops new records and keys; it can't recall keys or
/// plaintext that a grantee already has.
/// @dev Warning: scopes are opaque, but grantees, purposes, permissions and periods are public.
interface IConsentRegistry {
    /// @notice Thrown when a patient would grant to nobody or to themselves.
    error InvalidGrantee(address grantee);
    /// @notice Thrown when a grant would end before it begins, or has ended already.
    error InvalidPeriod(uint40 start, uint40 end);
    /// @notice Thrown when `asOf` lies in the future: nothing can be granted ahead for the time after a lockdown.
    error InvalidAsOf(uint40 asOf);
    /// @notice Thrown when permissions or purposes are empty, unknown or contradictory, or reserved bits are set.
    error InvalidTerms(Terms terms);
    /// @notice Thrown when a request is not addressed to another actor.
    error InvalidPatient(address patient);
    /// @notice Thrown when `actor` has no credential for `role` now.
    error NotCredentialed(address actor, bytes32 role);
    /// @notice Thrown when `actor` may not add records of `patient` in `scope`.
    error NotWriter(address patient, bytes32 scope, address actor);
    /// @notice Thrown when a capsule is announced to no grantee or to more than `limit`.
    error InvalidGranteeCount(uint256 count, uint256 limit);
    /// @notice Thrown when a capsule's pointer is zero.
    error InvalidCapsule();

    /// @notice Emitted when `patient` grants `terms` (its revision included) to `grantee`.
    /// @param capsule sha2-256 digest of the capsule's IPFS block, 0 where none comes with the grant.
    event Granted(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        Terms terms,
        bytes32 capsule
    );
    /// @notice Emitted when `patient` takes a grant back.
    event Revoked(address indexed patient, address indexed grantee, bytes32 indexed scope, uint32 revision);
    /// @notice Emitted when `patient` voids every grant made so far.
    event LockedDown(address indexed patient, uint40 lockdownAt);
    /// @notice Emitted when `by` announces record keys sealed to `grantee`.
    event Delivered(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        bytes32 capsule,
        address by
    );
    /// @notice Emitted when `requester`, credentialed for `role`, asks `patient` for access until `end`.
    event Requested(
        address indexed patient,
        address indexed requester,
        bytes32 indexed scope,
        bytes32 role,
        uint8 permissions,
        uint64 purposes,
        uint40 end
    );
    /// @notice Emitted when `patient` says no to a request.
    event Declined(address indexed patient, address indexed requester, bytes32 indexed scope);

    /// @notice Grants `terms` on the caller's `scope` to `grantee`, replacing what stood there.
    /// @dev Active when start ≤ now < end and `asOf` equals the patient's {lockdownAt}: terms with an older `asOf` are
    /// stored but open nothing. A DENY holds whatever its `asOf`.
    /// @param terms Packed start, end, asOf, purposes and permissions; see `GrantTerms`.
    /// @param capsule sha2-256 digest of the capsule's IPFS block, 0 for none.
    function grant(address grantee, bytes32 scope, Terms terms, bytes32 capsule) external;

    /// @notice Takes the grant for `grantee` on the caller's `scope` back, DENY included. The revision stays and rises.
    function revoke(address grantee, bytes32 scope) external;

    /// @notice Voids every grant of the caller at once. What is granted later stands on the new {lockdownAt}.
    function lockdown() external;

    /// @notice Announces a capsule with keys of `patient`'s records in `scope` to up to 14 grantees.
    /// @dev By the patient, or by whoever has WRITE on the compartment (or on the whole chart for scope 0). A capsule is a
    /// hint: its reader checks every key against the record id.
    function deliver(address patient, address[] calldata grantees, bytes32 scope, bytes32 capsule) external;

    /// @notice Asks `patient` for a grant. Only an event, only from an actor with a credential for `role`.
    function request(
        address patient,
        bytes32 scope,
        bytes32 role,
        uint8 permissions,
        uint64 purposes,
        uint40 end
    ) external;

    /// @notice Says no to a request. Only an event.
    function decline(address requester, bytes32 scope) external;

    /// @notice May `grantee` exercise `permission` for `purpose`?
    /// @dev Looks at record, compartment, whole chart, narrow to wide. A DENY in time ends the search with false; the first
    /// active grant that has the permission and the purpose ends it with true. The patient may always.
    /// @param compartment Label of the record's compartment; 0 asks about the whole chart alone.
    /// @param content The record's content; 0 asks about no record in particular.
    /// @param permission Exactly READ or WRITE, else the answer is false.
    /// @param purpose Exactly one bit for READ, else the answer is false; ignored for WRITE.
    function canAccess(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bool);

    /// @notice What stands for `grantee` on `scope`, active or not.
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms);

    /// @notice The patient's last lockdown: a grant is active only if it was made as of it.
    function lockdownAt(address patient) external view returns (uint40);
}
