// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../libraries/DelegationTerms.sol";
import {Terms} from "../libraries/GrantTerms.sol";

/// @title Guardians and carers: who may grant in a patient's place, and how much; part of {IConsentRegistry}
/// @dev A delegate gives at most its own scope, purposes and permissions, for at most its longest period and never beyond its
/// own end. What it gives is marked BY_DELEGATE. Without MANAGE it touches only grants that are empty, over or BY_DELEGATE, and
/// never a DENY. What a delegate granted stays when the delegation ends.
/// @dev Warning: a DENY for a delegate shuts its own access, not what it may give to others: take the delegation back for that.
/// @dev Warning: a delegate with MANAGE can undo whatever the patient granted or shut within its scope.
interface IDelegations {
    /// @notice A grant that a delegate gives. The place is named by its parts, so that nobody pairs a record with a
    /// compartment that it is not in.
    struct DelegatedGrant {
        address patient;
        address grantee;
        /// Label of a compartment, 0 for the whole chart.
        bytes32 compartment;
        /// Content of one record of it, 0 for all of it.
        bytes32 content;
        /// Scope of the delegation it is given under: the same place, its compartment, or the whole chart.
        bytes32 under;
        Terms terms;
        bytes32 capsule;
    }

    /// @notice A grant that a delegate takes back; see {DelegatedGrant}.
    struct DelegatedRevocation {
        address patient;
        address grantee;
        bytes32 compartment;
        bytes32 content;
        bytes32 under;
    }

    /// @notice Thrown when a patient would delegate to nobody or to themselves.
    error InvalidDelegate(address delegate);
    /// @notice Thrown when a delegation's permissions or purposes are empty, unknown or contradictory, or reserved bits are set.
    error InvalidDelegation(Delegation terms);
    /// @notice Thrown when a record is named without its compartment, or a record id in the place of a label.
    error InvalidPlace(bytes32 compartment, bytes32 content);
    /// @notice Thrown when `actor` has no active delegation of `patient` on scope `under`.
    error NotDelegate(address patient, bytes32 under, address actor);
    /// @notice Thrown when the scope of a grant does not lie within the scope of the delegation.
    error OutsideDelegation(bytes32 scope, bytes32 under);
    /// @notice Thrown when a delegate would give other purposes or permissions than its own, or for longer.
    error BeyondDelegation(Terms terms, Delegation limits);
    /// @notice Thrown when a delegate without MANAGE would touch a DENY or what the patient granted.
    error GrantReserved(address grantee, bytes32 scope, Terms standing);

    /// @notice Emitted when `terms` (their revision included) come to stand for `delegate`.
    event Delegated(address indexed patient, address indexed delegate, bytes32 indexed scope, Delegation terms);
    /// @notice Emitted when a delegation is taken back.
    event Undelegated(address indexed patient, address indexed delegate, bytes32 indexed scope, uint32 revision);
    /// @notice Emitted beside `Granted` and `Revoked` when a delegate made that change.
    event ActedFor(
        address indexed patient,
        address indexed delegate,
        address indexed grantee,
        bytes32 scope,
        uint32 revision
    );

    /// @notice Lets `delegate_` grant within `terms` on the caller's `scope`, replacing what stood there.
    /// @param terms Packed longest, end, asOf, purposes and permissions; see `DelegationTerms`.
    function delegate(address delegate_, bytes32 scope, Delegation terms) external;

    /// @notice Takes the delegation on the caller's `scope` back. What it granted stays.
    function undelegate(address delegate_, bytes32 scope) external;

    /// @notice Grants in the patient's place.
    function grantFor(DelegatedGrant calldata given) external;

    /// @notice Takes a grant back in the patient's place.
    function revokeFor(DelegatedRevocation calldata taken) external;

    /// @notice May `actor` add records: the patient, an actor with an active WRITE grant, or a delegate with WRITE?
    /// @dev A DENY for the actor shuts out its delegation, too.
    function canWrite(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content
    ) external view returns (bool);

    /// @notice May `actor` correct records in the patient's place: the patient, or a delegate with MANAGE?
    function canManage(
        address patient,
        address actor,
        bytes32 compartment,
        bytes32 content
    ) external view returns (bool);

    /// @notice What stands for `delegate_` on `scope`, active or not.
    function delegationOf(address patient, address delegate_, bytes32 scope) external view returns (Delegation);
}
