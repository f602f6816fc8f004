// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SignedConsents} from "./consent/SignedConsents.sol";
import {IAnnouncements} from "./interfaces/IAnnouncements.sol";
import {IConsentRegistry} from "./interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";
import {ConsentTypes} from "./libraries/ConsentTypes.sol";
import {DelegationTerms} from "./libraries/DelegationTerms.sol";
import {GrantTerms, Terms} from "./libraries/GrantTerms.sol";
import {Scopes} from "./libraries/Scopes.sol";

/// @title A patient's consents; see {IConsentRegistry}
/// @dev Grants, delegations and their signed forms are inherited; here is what is only announced.
contract ConsentRegistry is SignedConsents, IConsentRegistry {
    /// @notice Most grantees of one capsule: an age header of 16 recipients holds them, the patient and the author.
    uint256 public constant MAX_GRANTEES = 14;

    uint8 private constant ANY_DELEGATE = GrantTerms.READ | GrantTerms.WRITE | DelegationTerms.MANAGE;

    /// @notice Knows who may ask for access.
    ICredentialRegistry public immutable CREDENTIALS;

    constructor(ICredentialRegistry credentials) {
        CREDENTIALS = credentials;
    }

    /* PATIENTS, DELEGATES AND WRITERS */

    /// @inheritdoc IAnnouncements
    function deliver(Delivery calldata delivery) external {
        _deliver(msg.sender, delivery);
    }

    /// @inheritdoc IAnnouncements
    function deliverBySig(
        Delivery calldata delivery,
        uint32 nonce,
        Signing calldata signing,
        bytes calldata signature
    ) external {
        address patient = delivery.patient;
        _requireSigned(patient, ConsentTypes.hashDeliver(delivery, nonce, signing), signing.deadline, signature);
        _requireAsOf(patient, signing.asOf);
        _useNonce(patient, nonce);
        _deliver(patient, delivery);
    }

    /* CREDENTIALED ACTORS */

    /// @inheritdoc IAnnouncements
    function request(
        address patient,
        bytes32 scope,
        bytes32 role,
        uint256 credential,
        uint8 permissions,
        uint64 purposes,
        uint40 end
    ) external {
        if (patient == address(0) || patient == msg.sender) revert InvalidPatient(patient);
        Terms wish = GrantTerms.pack(0, end, 0, purposes, permissions);
        if (!wish.isWellFormed() || wish.denies()) revert InvalidTerms(wish);
        if (end <= block.timestamp) revert InvalidPeriod(0, end);
        if (!CREDENTIALS.holds(msg.sender, role, credential, uint40(block.timestamp))) {
            revert NotCredentialed(msg.sender, role, credential);
        }

        emit Requested(patient, msg.sender, scope, role, permissions, purposes, end);
    }

    /* PATIENTS */

    /// @inheritdoc IAnnouncements
    function decline(address requester, bytes32 scope) external {
        emit Declined(msg.sender, requester, scope);
    }

    /// @inheritdoc IAnnouncements
    function declineBySig(
        address patient,
        GrantKey calldata refused,
        uint32 nonce,
        Signing calldata signing,
        bytes calldata signature
    ) external {
        bytes32 hash = ConsentTypes.hashDecline(patient, refused, nonce, signing);
        _requireSigned(patient, hash, signing.deadline, signature);
        _requireAsOf(patient, signing.asOf);
        _useNonce(patient, nonce);

        emit Declined(patient, refused.grantee, refused.scope);
    }

    function _deliver(address by, Delivery calldata delivery) private {
        (address patient, bytes32 compartment, bytes32 content) = (
            delivery.patient,
            delivery.compartment,
            delivery.content
        );
        if (!Scopes.isPlace(compartment, content)) revert InvalidPlace(compartment, content);
        bytes32 scope = Scopes.scopeOf(patient, compartment, content);
        bool allowed =
            canWrite(patient, by, compartment, content) || _isDelegate(patient, by, compartment, content, ANY_DELEGATE);
        if (!allowed) revert NotDeliverer(patient, scope, by);
        if (delivery.capsule == 0) revert InvalidCapsule();
        address[] calldata grantees = delivery.grantees;
        _requireBatch(grantees.length, MAX_GRANTEES);

        for (uint256 i = 0; i < grantees.length; ++i) {
            if (grantees[i] == address(0)) revert InvalidGrantee(address(0));
            emit Delivered(patient, grantees[i], scope, delivery.capsule, by);
        }
    }
}
