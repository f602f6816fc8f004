// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change} from "../types/Change.sol";
import {Delegation} from "../types/DelegationTerms.sol";
import {Terms} from "../types/GrantTerms.sol";

/// @title Guardians and carers: who may grant in a patient's place, and how much; part of {IConsentRegistry}
/// @dev A delegate gives at most its own scope, purposes and permissions, for at most its longest period and never beyond its
/// own end. What it gives is marked BY_DELEGATE. Without MANAGE it grants and revokes only what is empty, over or BY_DELEGATE. No
/// delegate takes a DENY away, nor opens anything below one. What a delegate granted stays when the delegation ends.
/// @dev Delegates write first to at most 4,096 slots of a patient with grants, and 8,192 with DENYs as well, until the era or any
/// delegation ends; they leave the patient the last 2^20 numbers.
/// @dev Warning: a delegate can write the same slot again and again, and so lengthen the patient's history until it is ended.
/// @dev Warning: a delegate with DENY can shut whatever the patient granted within its scope.
/// @dev Warning: a DENY for a delegate shuts its own access, not what it may give to others: take the delegation back for that.
/// @dev Warning: a delegate with MANAGE can take back whatever the patient granted within its scope.
interface IDelegations {
    /// @notice A place of a chart, for a grantee, in the hands of a delegate. The place is named by its parts, so that nobody
    /// pairs a record with a compartment that it is not in.
    struct DelegatedKey {
        address patient;
        address grantee;
        /// Label of a compartment, 0 for the whole chart.
        bytes32 compartment;
        /// Content of one record of it (the first of its lineage), 0 for all of it.
        bytes32 content;
        /// Scope of the delegation it is done under: the same place, its compartment, or the whole chart.
        bytes32 under;
    }

    /// @notice Thrown when a patient would delegate to nobody or to themselves.
    error InvalidDelegate(address delegate);
    /// @notice Thrown when a delegation's permissions or purposes are empty, unknown or contradictory, or reserved bits are set.
    error InvalidDelegation(Delegation terms);
    /// @notice Thrown when a record is named without its compartment, or a record id in the place of a label.
    error InvalidPlace(bytes32 compartment, bytes32 content);
    /// @notice Thrown when `actor` has no active delegation of `patient` on scope `under`, or none that allows this.
    error NotDelegate(address patient, bytes32 under, address actor);
    /// @notice Thrown when the scope of a grant does not lie within the scope of the delegation.
    error OutsideDelegation(bytes32 scope, bytes32 under);
    /// @notice Thrown when a delegate would give other purposes or permissions than its own, or for longer.
    error BeyondDelegation(Terms terms, Delegation limits);
    /// @notice Thrown when a delegate without MANAGE would touch what the patient granted.
    error GrantReserved(address grantee, bytes32 scope, Terms standing);
    /// @notice Thrown when delegates have written as much in this era as they may, or only the patient's reserve is left.
    error DelegatesExhausted(address patient);

    /// @notice Emitted when `terms` come to stand for `delegate`.
    event Delegated(
        address indexed patient,
        address indexed delegate,
        bytes32 indexed scope,
        Delegation terms,
        Change change
    );
    /// @notice Emitted when a delegation is taken back: `terms` has nothing but its place.
    event Undelegated(
        address indexed patient,
        address indexed delegate,
        bytes32 indexed scope,
        Delegation terms,
        Change change
    );
    /// @notice Emitted beside `Granted`, `Revoked` and `Denied` when a delegate made that change.
    /// @param change The number of that change in the patient's history.
    event ActedFor(
        address indexed patient,
        address indexed delegate,
        address indexed grantee,
        bytes32 scope,
        uint32 change
    );

    /// @notice Lets `delegate_` grant within `terms` on the caller's `scope`, replacing what stood there.
    /// @param terms Packed longest, end, purposes and permissions; see `DelegationTerms`. The era is the present one.
    function delegate(address delegate_, bytes32 scope, Delegation terms) external;

    /// @notice Takes the delegation on the caller's `scope` back. What it granted stays.
    function undelegate(address delegate_, bytes32 scope) external;

    /// @notice Grants in the patient's place.
    function grantFor(DelegatedKey calldata key, Terms terms, bytes32 capsule) external;

    /// @notice Takes a grant back in the patient's place.
    function revokeFor(DelegatedKey calldata key) external;

    /// @notice Shuts a door in the patient's place, until the patient lifts it or locks down.
    function denyFor(DelegatedKey calldata key) external;

    /// @notice May `actor` add records: the patient, an actor with WRITE in force, or a delegate with WRITE?
    /// @dev A DENY for the actor shuts out its delegation, too.
    function canWrite(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content
    ) external view returns (bool);

    /// @notice Has `actor` an active delegation with at least one of `powers` on the place, its compartment or the chart?
    function isDelegate(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content,
        uint8 powers
    ) external view returns (bool);

    /// @notice What stands for `delegate_` on `scope`, active or not.
    function delegationOf(address patient, address delegate_, bytes32 scope) external view returns (Delegation);
}
