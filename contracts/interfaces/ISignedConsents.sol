// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../libraries/DelegationTerms.sol";
import {Terms} from "../libraries/GrantTerms.sol";
import {IDelegations} from "./IDelegations.sol";

/// @title Whatever a patient or delegate may do, carried by anyone with their signature; part of {IConsentRegistry}
/// @notice Signatures are EIP-712 data that a wallet shows field by field. ECDSA is tried first, then ERC-1271 with at most
/// 400,000 gas. Each works once, until its deadline (inclusive), on this contract and chain. A lockdown voids it: it is
/// refused or, for a grant, stored without opening anything.
/// @dev A signed grant or delegation names the slot's next revision; where the very same terms stand already the call succeeds
/// without effect, so that a copied submission harms nobody. A signed revocation names the highest revision that it kills
/// (at most 1,024 ahead): a grantee who holds back a signed grant can't outrun it. A DENY goes only where it is the very
/// revision named: a revocation signed before it and held back does not lift it. The rest is counted by {nonceOf}.
/// @dev The types are in `ConsentTypes`.
interface ISignedConsents {
    /// @notice A grant and until when its signature may be used. The revision is in the terms.
    struct SignedGrant {
        address patient;
        address grantee;
        bytes32 scope;
        Terms terms;
        bytes32 capsule;
        uint40 deadline;
    }

    /// @notice One grant to take back, up to and including a revision.
    struct Revocation {
        address grantee;
        bytes32 scope;
        uint32 revision;
    }

    /// @notice A delegation and until when its signature may be used. The revision is in the terms.
    struct SignedDelegation {
        address patient;
        address delegate;
        bytes32 scope;
        Delegation terms;
        uint40 deadline;
    }

    /// @notice Where and until when a signature holds that is not about terms.
    struct Signing {
        /// The patient's {lockdownAt} that the signer saw.
        uint40 asOf;
        /// Last second at which it may be used.
        uint40 deadline;
    }

    /// @notice Thrown when a signature's last second is over.
    error SignatureExpired(uint40 deadline);
    /// @notice Thrown when this is not what `signer` signed.
    error InvalidSignature(address signer);
    /// @notice Thrown when a signature names a revision that the slot is past.
    error StaleRevision(uint32 revision, uint32 standing);
    /// @notice Thrown when a signed revocation names a revision above `limit`: the slot would be frozen, or a DENY lifted that
    /// came later.
    error InvalidRevision(uint32 revision, uint32 limit);
    /// @notice Thrown when the patient has locked down since the signer looked.
    error StaleAsOf(uint40 asOf, uint40 lockdownAt);
    /// @notice Thrown when a signature is not the next one of the patient's.
    error StaleNonce(uint32 nonce, uint32 expected);

    /// @notice {IGrants.grant} with the patient's signature.
    function grantBySig(SignedGrant calldata given, bytes calldata signature) external;

    /// @notice Up to 200 signed grants of any patients; what is bad is left out with `Skipped`.
    /// @param signatures For each grant two bytes of length, then its signature; nothing after the last.
    function grantManyBySig(SignedGrant[] calldata given, bytes calldata signatures) external;

    /// @notice {IGrants.revoke} with the patient's signature.
    function revokeBySig(
        address patient,
        Revocation calldata taken,
        Signing calldata signing,
        bytes calldata signature
    ) external;

    /// @notice {IGrants.revokeMany} with the patient's signature; what was granted anew since is left out with `Skipped`.
    /// @dev A revision too far ahead refuses all of it: left out, it could be killed with the same signature later.
    function revokeManyBySig(
        address patient,
        Revocation[] calldata taken,
        Signing calldata signing,
        bytes calldata signature
    ) external;

    /// @notice {IGrants.lockdown} with the patient's signature. It works once: afterwards `asOf` is another.
    function lockdownBySig(address patient, Signing calldata signing, bytes calldata signature) external;

    /// @notice {IDelegations.delegate} with the patient's signature.
    function delegateBySig(SignedDelegation calldata given, bytes calldata signature) external;

    /// @notice {IDelegations.undelegate} with the patient's signature.
    /// @param taken The delegate in the place of the grantee.
    function undelegateBySig(
        address patient,
        Revocation calldata taken,
        Signing calldata signing,
        bytes calldata signature
    ) external;

    /// @notice {IDelegations.grantFor} with the delegate's signature. The revision is in the terms.
    function grantForBySig(
        address delegate_,
        IDelegations.DelegatedGrant calldata given,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice {IDelegations.revokeFor} with the delegate's signature.
    /// @param revision Highest revision that it kills.
    function revokeForBySig(
        address delegate_,
        IDelegations.DelegatedRevocation calldata taken,
        uint32 revision,
        Signing calldata signing,
        bytes calldata signature
    ) external;

    /// @notice The number that the patient's next signed delivery or refusal must carry.
    function nonceOf(address patient) external view returns (uint32);
}
