// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../types/DelegationTerms.sol";
import {Terms} from "../types/GrantTerms.sol";
import {IDelegations} from "./IDelegations.sol";
import {IGrants} from "./IGrants.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title Whatever a patient or delegate may do, carried by anyone with their signature; part of {IConsentRegistry}
/// @notice Two kinds, with three properties. (a) No signature opens a door once its signer has done anything later: it names
/// their stand and a number, and every other act of theirs uses that up. (b) No signature that shuts a door can be made useless
/// by anybody but its signer or its deadline: it names an id that is only theirs, and no condition on what stands. (c) None
/// works twice.
/// @dev Two devices: of two opening signatures with one number the first carried counts, and the other is signed again. Those
/// that shut never meet. The price: one that is held back may, until its deadline, shut what was opened since.
/// @dev The types are in `ConsentForms`.
interface ISignedConsents is ISignedActions {
    /// @notice What makes an opening signature work once, and not after anything else that its signer does.
    struct Opening {
        /// The signer's stand.
        uint40 stand;
        /// Above the last number used, within the same 256.
        uint32 number;
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

    /// @notice Thrown when `signer` has done something since, or never had this number.
    error StaleNumber(address signer, uint40 stand, uint32 number);
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
    /// @param era The patient's era, which this ends: one that is held back ends no later one.
    function lockdownBySig(
        address patient,
        bytes32 salt,
        uint40 era,
        Once calldata once,
        bytes calldata signature
    ) external;

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
