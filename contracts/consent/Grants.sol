// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IGrants} from "../interfaces/IGrants.sol";
import {IGroup} from "../interfaces/IGroup.sol";
import {CappedCall} from "../libraries/CappedCall.sol";
import {GrantTerms, Terms} from "../libraries/GrantTerms.sol";
import {Scopes} from "../libraries/Scopes.sol";

/// @title What patients grant themselves, and the one rule that decides access; see {IGrants}
abstract contract Grants is IGrants {
    /// @notice Longest list that one call takes.
    uint256 public constant MAX_BATCH = 200;

    /// Bound for what asking a group may cost.
    uint256 private constant MEMBERSHIP_GAS = 100_000;

    /// A struct, so that a grant's place in storage is computed once and then read and written.
    struct Slot {
        Terms terms;
    }

    /// One slot for each patient.
    struct PatientState {
        uint40 lockdownAt;
        /// Signed announcements so far.
        uint32 nonce;
    }

    /* STORAGE */

    mapping(address patient => PatientState state) internal _patients;

    /* PATIENTS */

    /// @inheritdoc IGrants
    function grant(address grantee, bytes32 scope, Terms terms, bytes32 capsule) external {
        // looks once at all that {_grantRefusal} looks at one by one, which costs 200 gas more
        if (!_isGrantable(msg.sender, grantee, terms)) {
            LowLevelCall.bubbleRevert(_grantRefusal(msg.sender, grantee, terms));
        }

        Slot storage slot = _grantAt(msg.sender, grantee, scope);
        Terms standing = terms.following(slot.terms);
        slot.terms = standing;

        emit Granted(msg.sender, grantee, scope, standing, capsule);
    }

    /// @inheritdoc IGrants
    function revoke(address grantee, bytes32 scope) external {
        _revoke(msg.sender, grantee, scope);
    }

    /// @inheritdoc IGrants
    function revokeMany(GrantKey[] calldata grants) external {
        _requireBatch(grants.length, MAX_BATCH);

        for (uint256 i = 0; i < grants.length; ++i) _revoke(msg.sender, grants[i].grantee, grants[i].scope);
    }

    /// @inheritdoc IGrants
    function lockdown() external {
        _lockdown(msg.sender);
    }

    /* VIEWS */

    /// @inheritdoc IGrants
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
        return _search(patient, grantee, compartment, content, wish).permits(wish);
    }

    /// @inheritdoc IGrants
    function canAccessAs(
        address group,
        address member,
        address patient,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bool) {
        if (!canAccess(patient, group, compartment, content, permission, purpose)) return false;
        // a DENY is for a person, whatever department they join
        Terms wish = GrantTerms.wish(permission, purpose);
        if (_search(patient, member, compartment, content, wish).denies()) return false;
        bytes memory question = abi.encodeCall(IGroup.isMember, (patient, member));
        return uint256(CappedCall.ask(group, MEMBERSHIP_GAS, question)) == 1;
    }

    /// @inheritdoc IGrants
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms) {
        return _grantAt(patient, grantee, scope).terms;
    }

    /// @inheritdoc IGrants
    function lockdownAt(address patient) external view returns (uint40) {
        return _patients[patient].lockdownAt;
    }

    /* INTERNAL */

    /// Where a grant is stored: keccak256(abi.encode(patient, grantee, scope)), which no mapping's place can be.
    function _grantAt(address patient, address grantee, bytes32 scope) internal pure returns (Slot storage slot) {
        bytes32 place = Scopes.hash(uint160(patient), bytes32(uint256(uint160(grantee))), scope);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            slot.slot := place
        }
    }

    /// Looks at record, compartment and whole chart, narrow to wide, for the terms that decide: a DENY, or what permits the
    /// wish. Empty where none does.
    function _search(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        Terms wish
    ) internal view returns (Terms terms) {
        if (content != 0) {
            terms = _grantAt(patient, grantee, Scopes.recordIdOf(patient, compartment, content)).terms;
            if (_decides(patient, terms, wish)) return terms;
        }
        if (compartment != 0) {
            terms = _grantAt(patient, grantee, compartment).terms;
            if (_decides(patient, terms, wish)) return terms;
        }
        terms = _grantAt(patient, grantee, Scopes.WHOLE_CHART).terms;
        if (!_decides(patient, terms, wish)) return Terms.wrap(0);
    }

    function _revoke(address patient, address grantee, bytes32 scope) internal {
        Slot storage slot = _grantAt(patient, grantee, scope);
        uint32 revision = slot.terms.revision();
        // the last revision can be taken back, too, and is: nothing can follow it
        if (revision < type(uint32).max) ++revision;
        slot.terms = GrantTerms.tombstone(revision);

        emit Revoked(patient, grantee, scope, revision);
    }

    function _lockdown(address patient) internal {
        PatientState storage state = _patients[patient];
        // one past now, so that even a grant of this very second is void
        uint40 time = uint40(Math.max(block.timestamp, state.lockdownAt) + 1);
        state.lockdownAt = time;

        emit LockedDown(patient, time);
    }

    /// True where {_grantRefusal} finds nothing.
    function _isGrantable(address patient, address grantee, Terms terms) private view returns (bool) {
        return grantee != address(0) && grantee != patient && terms.isWellFormed() && terms.isTimely(block.timestamp);
    }

    /// Why these terms can't be granted, as an encoded custom error; empty where they can.
    function _grantRefusal(address patient, address grantee, Terms terms) internal view returns (bytes memory refusal) {
        if (grantee == address(0) || grantee == patient)
            return abi.encodeWithSelector(InvalidGrantee.selector, grantee);
        if (!terms.isWellFormed()) return abi.encodeWithSelector(InvalidTerms.selector, terms);
        (uint40 start, uint40 end) = (terms.start(), terms.end());
        if (start >= end || end <= block.timestamp) return abi.encodeWithSelector(InvalidPeriod.selector, start, end);
        if (terms.asOf() > block.timestamp) return abi.encodeWithSelector(InvalidAsOf.selector, terms.asOf());
    }

    /// Reverts with the refusal where there is one.
    function _require(bytes memory refusal) internal pure {
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
    }

    function _requireBatch(uint256 count, uint256 limit) internal pure {
        if (count == 0 || count > limit) revert InvalidBatchSize(count, limit);
    }

    /// Whether the terms on one scope answer, or leave it to the next wider scope.
    function _decides(address patient, Terms terms, Terms wish) private view returns (bool) {
        if (!terms.covers(block.timestamp)) return false;
        // made as of exactly this lockdown: an earlier one is void
        // slither-disable-next-line incorrect-equality
        if (terms.permits(wish)) return terms.asOf() == _patients[patient].lockdownAt;
        return terms.denies();
    }
}
