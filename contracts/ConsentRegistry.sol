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

    /// What one scope says to a question; None leaves the answer to the next wider scope.
    enum Answer {
        None,
        No,
        Yes
    }

    /// A struct, so that a grant's place in storage is computed once and then read and written.
    struct Slot {
        Terms terms;
    }

    /* STORAGE */

    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => Slot slot))) private _grants;

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

        Slot storage slot = _grants[msg.sender][grantee][scope];
        Terms standing = terms.withRevision(slot.terms.revision() + 1);
        slot.terms = standing;

        emit Granted(msg.sender, grantee, scope, standing, capsule);
    }

    /// @inheritdoc IConsentRegistry
    function revoke(address grantee, bytes32 scope) external {
        Slot storage slot = _grants[msg.sender][grantee][scope];
        uint32 revision = slot.terms.revision() + 1;
        // a tombstone: were the revision lost, an old signed grant would live again
        slot.terms = Terms.wrap(0).withRevision(revision);

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
        if (!Scopes.isPlace(compartment, content)) return false;
        Terms wish = GrantTerms.wish(permission, purpose);
        if (wish.isEmpty()) return false;
        if (grantee == patient) return true;

        mapping(bytes32 scope => Slot slot) storage slots = _grants[patient][grantee];
        Answer answer;
        if (content != 0) {
            answer = _answer(patient, slots[Scopes.recordIdOf(patient, compartment, content)].terms, wish);
            if (answer != Answer.None) return answer == Answer.Yes;
        }
        if (compartment != 0) {
            answer = _answer(patient, slots[compartment].terms, wish);
            if (answer != Answer.None) return answer == Answer.Yes;
        }
        return _answer(patient, slots[Scopes.WHOLE_CHART].terms, wish) == Answer.Yes;
    }

    /// @inheritdoc IConsentRegistry
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms) {
        return _grants[patient][grantee][scope].terms;
    }

    /// What the terms on one scope alone say.
    function _answer(address patient, Terms terms, Terms wish) private view returns (Answer) {
        if (!terms.covers(block.timestamp)) return Answer.None;
        if (terms.denies()) return Answer.No;
        if (!terms.includes(wish) || terms.asOf() != lockdownAt[patient]) return Answer.None;
        return Answer.Yes;
    }
}
