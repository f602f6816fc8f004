// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IConsentRegistry} from "./interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";
import {GrantTerms, Terms} from "./libraries/GrantTerms.sol";
import {Scopes} from "./libraries/Scopes.sol";

/// @title A patient's consents; see {IConsentRegistry}
contract ConsentRegistry is IConsentRegistry {
    /// @notice Most grantees of one capsule: an age header of 16 recipients holds them, the patient and the author.
    uint256 public constant MAX_GRANTEES = 14;

    /// @notice Knows who may ask for access.
    ICredentialRegistry public immutable CREDENTIALS;

    /* STORAGE */

    mapping(bytes32 key => Terms terms) private _grants;

    /// @inheritdoc IConsentRegistry
    mapping(address patient => uint40 time) public lockdownAt;

    constructor(ICredentialRegistry credentials) {
        CREDENTIALS = credentials;
    }

    /* PATIENTS */

    /// @inheritdoc IConsentRegistry
    function grant(address grantee, bytes32 scope, Terms terms, bytes32 capsule) external {
        if (grantee == address(0) || grantee == msg.sender) revert InvalidGrantee(grantee);
        if (!terms.isWellFormed()) revert InvalidTerms(terms);
        (uint40 start, uint40 end) = (terms.start(), terms.end());
        if (start >= end || end <= block.timestamp) revert InvalidPeriod(start, end);
        if (terms.asOf() > block.timestamp) revert InvalidAsOf(terms.asOf());

        bytes32 key = _key(msg.sender, grantee, scope);
        Terms standing = terms.withRevision(_grants[key].revision() + 1);
        _grants[key] = standing;

        emit Granted(msg.sender, grantee, scope, standing, capsule);
    }

    /// @inheritdoc IConsentRegistry
    function revoke(address grantee, bytes32 scope) external {
        bytes32 key = _key(msg.sender, grantee, scope);
        uint32 revision = _grants[key].revision() + 1;
        // a tombstone: were the revision lost, an old signed grant would live again
        _grants[key] = Terms.wrap(0).withRevision(revision);

        emit Revoked(msg.sender, grantee, scope, revision);
    }

    /// @inheritdoc IConsentRegistry
    function lockdown() external {
        // one past now, so that even a grant of this very second is void
        uint40 time = uint40(Math.max(block.timestamp, lockdownAt[msg.sender]) + 1);
        lockdownAt[msg.sender] = time;

        emit LockedDown(msg.sender, time);
    }

    /// @inheritdoc IConsentRegistry
    function decline(address requester, bytes32 scope) external {
        emit Declined(msg.sender, requester, scope);
    }

    /* PATIENTS AND WRITERS */

    /// @inheritdoc IConsentRegistry
    function deliver(address patient, address[] calldata grantees, bytes32 scope, bytes32 capsule) external {
        if (msg.sender != patient && !canAccess(patient, msg.sender, scope, 0, GrantTerms.WRITE, 0)) {
            revert NotWriter(patient, scope, msg.sender);
        }
        uint256 count = grantees.length;
        if (count == 0 || count > MAX_GRANTEES) revert InvalidGranteeCount(count, MAX_GRANTEES);
        if (capsule == 0) revert InvalidCapsule();

        for (uint256 i = 0; i < count; ++i) {
            emit Delivered(patient, grantees[i], scope, capsule, msg.sender);
        }
    }

    /* CREDENTIALED ACTORS */

    /// @inheritdoc IConsentRegistry
    function request(
        address patient,
        bytes32 scope,
        bytes32 role,
        uint8 permissions,
        uint64 purposes,
        uint40 end
    ) external {
        if (patient == address(0) || patient == msg.sender) revert InvalidPatient(patient);
        Terms wish = GrantTerms.pack(0, end, 0, purposes, permissions);
        if (!wish.isWellFormed() || wish.denies()) revert InvalidTerms(wish);
        if (end <= block.timestamp) revert InvalidPeriod(0, end);
        if (!CREDENTIALS.holds(msg.sender, role, uint40(block.timestamp))) revert NotCredentialed(msg.sender, role);

        emit Requested(patient, msg.sender, scope, role, permissions, purposes, end);
    }

    /* VIEWS */

    /// @inheritdoc IConsentRegistry
    function canAccess(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) public view returns (bool) {
        if (!_isQuestion(compartment, content, permission, purpose)) return false;
        if (grantee == patient) return true;
        if (content != 0) {
            bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
            (bool denied, bool allowed) = _answer(patient, grantee, recordId, permission, purpose);
            if (denied || allowed) return allowed;
        }
        if (compartment != 0) {
            (bool denied, bool allowed) = _answer(patient, grantee, compartment, permission, purpose);
            if (denied || allowed) return allowed;
        }
        (, bool chartAllowed) = _answer(patient, grantee, Scopes.WHOLE_CHART, permission, purpose);
        return chartAllowed;
    }

    /// @inheritdoc IConsentRegistry
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms) {
        return _grants[_key(patient, grantee, scope)];
    }

    /// What one scope alone says: never both true, neither where it says nothing.
    function _answer(
        address patient,
        address grantee,
        bytes32 scope,
        uint8 permission,
        uint64 purpose
    ) private view returns (bool denied, bool allowed) {
        Terms terms = _grants[_key(patient, grantee, scope)];
        if (!terms.covers(block.timestamp)) return (false, false);
        if (terms.denies()) return (true, false);
        return (false, terms.permits(permission, purpose) && terms.asOf() == lockdownAt[patient]);
    }

    /// One permission, one purpose, and either the whole chart, a compartment or a record in one.
    function _isQuestion(
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) private pure returns (bool) {
        if (compartment == Scopes.WHOLE_CHART ? content != 0 : !Scopes.isLabel(compartment)) return false;
        if (permission == GrantTerms.WRITE) return true;
        return
            permission == GrantTerms.READ &&
            purpose != 0 &&
            purpose & (purpose - 1) == 0 &&
            purpose <= GrantTerms.ALL_PURPOSES;
    }

    function _key(address patient, address grantee, bytes32 scope) private pure returns (bytes32) {
        return keccak256(abi.encode(patient, grantee, scope));
    }
}
