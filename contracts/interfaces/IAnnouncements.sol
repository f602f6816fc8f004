// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "./IGrants.sol";
import {ISignedConsents} from "./ISignedConsents.sol";

/// @title What is only announced: keys delivered, access asked for, requests declined; part of {IConsentRegistry}
interface IAnnouncements {
    /// @notice A capsule with keys of a place, and whom it is sealed to.
    struct Delivery {
        address patient;
        /// Up to 14: an age header of 16 recipients holds them, the patient and the author.
        address[] grantees;
        /// Label of a compartment, 0 for the whole chart.
        bytes32 compartment;
        /// Content of one record of it, 0 for all of it.
        bytes32 content;
        /// sha2-256 digest of the capsule's IPFS block.
        bytes32 capsule;
    }

    /// @notice Thrown when a request is not addressed to another actor.
    error InvalidPatient(address patient);
    /// @notice Thrown when credential `index` of `actor` for `role` does not cover now.
    error NotCredentialed(address actor, bytes32 role, uint256 index);
    /// @notice Thrown when `actor` is neither the patient nor a delegate or writer of that place.
    error NotDeliverer(address patient, bytes32 scope, address actor);
    /// @notice Thrown when a capsule's pointer is zero.
    error InvalidCapsule();

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

    /// @notice Announces a capsule. By the patient, a delegate with READ, WRITE or MANAGE, or whoever has WRITE there.
    /// @dev A capsule is a hint: its reader checks every key against the record id.
    function deliver(Delivery calldata delivery) external;

    /// @notice {deliver} with the patient's signature.
    function deliverBySig(
        Delivery calldata delivery,
        uint32 nonce,
        ISignedConsents.Signing calldata signing,
        bytes calldata signature
    ) external;

    /// @notice Asks `patient` for a grant. Only an event, only from an actor with a credential for `role`.
    /// @param credential Number of the caller's credential for the role that holds now.
    function request(
        address patient,
        bytes32 scope,
        bytes32 role,
        uint256 credential,
        uint8 permissions,
        uint64 purposes,
        uint40 end
    ) external;

    /// @notice Says no to a request. Only an event.
    function decline(address requester, bytes32 scope) external;

    /// @notice {decline} with the patient's signature.
    function declineBySig(
        address patient,
        IGrants.GrantKey calldata refused,
        uint32 nonce,
        ISignedConsents.Signing calldata signing,
        bytes calldata signature
    ) external;
}
