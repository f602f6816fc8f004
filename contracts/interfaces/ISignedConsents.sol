// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../types/DelegationTerms.sol";
import {Terms} from "../types/GrantTerms.sol";
import {IDelegations} from "./IDelegations.sol";
import {IGrants} from "./IGrants.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title Whatever a patient or delegate may do, carried by anyone with their signature; part of {IConsentRegistry}
/// @notice Two kinds, with three properties. (a) No signature opens a door once its signer has done anything later: it names
/// where they stood when they began to sign, and every act of theirs leads to another stand. What is signed in one go, a
/// *session*, is carried in the order of its numbers, and what can't be done of it does not hold up the rest. (b) No signature
/// that shuts a door can be made useless by anybody but its signer or its deadline: it names an id that is only theirs, and no
/// condition on what stands. A delegate's needs its delegation still, and room among what delegates may write; one that
/// revokes spares what the patient granted meanwhile. (c) None works twice.
/// @dev Two devices: of two sessions that began at one stand the first carried counts, and the other is signed again. Signatures
/// that shut never meet, as long as each device draws its ids at random. The price: one that is held back may, until its
/// deadline, shut what was opened since, a lockdown a later era among it.
/// @dev Warning: a node that lies about a stand may have somebody sign what counts later. Clients prove {IGrants.stateOf} first.
/// @dev The types are in `ConsentForms`.
interface ISignedConsents is ISignedActions {
    /// @notice What makes an opening signature work once, and not after anything else that its signer does.
    struct Opening {
        /// The signer's stand when they began to sign.
        uint56 stand;
        /// Drawn at random when they began to sign: the same for all that is signed in one go.
        uint40 session;
        /// Rises within the session, from 1 on.
        uint16 number;
        /// Last second at which it may be used.
        uint40 deadline;
    }

    /// @notice A grant by its patient. Its era is in the terms.
    struct SignedGrant {
        address patient;
        address grantee;
        bytes32 scope;
        Terms terms;
        bytes32 capsule;
        /// Block of the DENY that this takes away, as its word tells; 0 for none: one that came later stays.
        uint32 lifts;
        Opening opening;
    }

    /// @notice A delegation by its patient. Its era is in the terms.
    struct SignedDelegation {
        address patient;
        address delegate;
        bytes32 scope;
        Delegation terms;
        Opening opening;
    }

    /// @notice A DENY that its patient takes away.
    struct SignedLift {
        address patient;
        address grantee;
        bytes32 scope;
        uint40 era;
        Opening opening;
    }

    /// @notice A grant by a delegate. The patient's era is in the terms.
    struct SignedGrantFor {
        address delegate;
        IDelegations.DelegatedKey key;
        Terms terms;
        bytes32 capsule;
        /// Block of the delegation's last write: another delegation since, and this is void.
        uint32 delegatedAt;
        Opening opening;
    }

    /// @notice Thrown when `signer` has done something since, or never stood there.
    error StaleOpening(address signer, uint56 stand, uint40 session, uint16 number);
    /// @notice Thrown when the patient has locked down since the signer looked.
    error StaleEra(uint40 era, uint40 standing);
    /// @notice Thrown when the delegation was changed since the delegate looked.
    error StaleDelegation(uint32 delegatedAt, uint32 standing);

    /// @notice {IGrants.grant} with the patient's signature.
    function grantBySig(SignedGrant calldata given, bytes calldata signature) external;

    /// @notice Up to 200 signed grants of any patients; what is bad is left out with `Skipped`.
    /// @param signatures For each grant two bytes of length, then its signature; nothing after the last.
    function grantManyBySig(SignedGrant[] calldata given, bytes calldata signatures) external;

    /// @notice {IGrants.lift} with the patient's signature.
    function liftBySig(SignedLift calldata lifted, bytes calldata signature) external;

    /// @notice {IDelegations.delegate} with the patient's signature.
    function delegateBySig(SignedDelegation calldata given, bytes calldata signature) external;

    /// @notice {IDelegations.grantFor} with the delegate's signature.
    function grantForBySig(SignedGrantFor calldata given, bytes calldata signature) external;

    /// @notice {IGrants.revoke} with the patient's signature.
    function revokeBySig(
        address patient,
        IGrants.GrantKey calldata taken,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice {IGrants.revokeMany} with the patient's signature.
    function revokeManyBySig(
        address patient,
        IGrants.GrantKey[] calldata taken,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice {IGrants.deny} with the patient's signature.
    function denyBySig(
        address patient,
        IGrants.GrantKey calldata shut,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice {IDelegations.undelegate} with the patient's signature.
    /// @param taken The delegate in the place of the grantee.
    function undelegateBySig(
        address patient,
        IGrants.GrantKey calldata taken,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice {IGrants.lockdown} with the patient's signature.

    function lockdownBySig(address patient, bytes32 salt, Once calldata once, bytes calldata signature) external;

    /// @notice {IDelegations.revokeFor} with the delegate's signature.
    function revokeForBySig(
        address delegate_,
        IDelegations.DelegatedKey calldata key,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice {IDelegations.denyFor} with the delegate's signature.
    function denyForBySig(
        address delegate_,
        IDelegations.DelegatedKey calldata key,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice Gives up every signature of the caller's that would open something, and up to 200 of the others, by their ids.
    function cancel(uint256[] calldata ids) external;
}
