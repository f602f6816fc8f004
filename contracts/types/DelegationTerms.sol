// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "./GrantTerms.sol";

/// @notice What a delegate may do, in one word. From the lowest bit, and but for the first field as in {Terms}:
/// longest uint40 | end uint40 | era uint40 | purposes uint64 | permissions uint8 | writtenAt uint32 | index uint32.
type Delegation is uint256;

using DelegationTerms for Delegation global;

/// @notice Reads and checks a {Delegation}.
library DelegationTerms {
    /// May touch what the patient granted, and correct records in the patient's place. It lifts no DENY.
    uint8 internal constant MANAGE = 64;

    uint8 private constant KNOWN = GrantTerms.READ | GrantTerms.WRITE | GrantTerms.DENY | GrantTerms.GROUP | MANAGE;
    /// Where {Terms} and {Delegation} keep purposes and permissions.
    uint256 private constant POWERS = uint256(type(uint72).max) << 120;

    /// @notice Longest grant, in seconds from the granting.
    function longest(Delegation delegation) internal pure returns (uint40) {
        return _asTerms(delegation).start();
    }

    /// @notice First second after the delegation.
    function end(Delegation delegation) internal pure returns (uint40) {
        return _asTerms(delegation).end();
    }

    /// @notice The patient's era that it belongs to: in every other it is void.
    function era(Delegation delegation) internal pure returns (uint40) {
        return _asTerms(delegation).era();
    }

    /// @notice Bit set of purposes.
    function purposes(Delegation delegation) internal pure returns (uint64) {
        return _asTerms(delegation).purposes();
    }

    /// @notice Bit set of READ, WRITE, DENY, GROUP, MANAGE.
    function permissions(Delegation delegation) internal pure returns (uint8) {
        return _asTerms(delegation).permissions();
    }

    /// @notice Block of the last write.
    function writtenAt(Delegation delegation) internal pure returns (uint32) {
        return _asTerms(delegation).writtenAt();
    }

    /// @notice Number of the slot on the patient's list, which grants and delegations share.
    function index(Delegation delegation) internal pure returns (uint32) {
        return _asTerms(delegation).index();
    }

    /// @notice The same delegation in this era.
    function inEra(Delegation delegation, uint40 era_) internal pure returns (Delegation) {
        return Delegation.wrap(Terms.unwrap(_asTerms(delegation).inEra(era_)));
    }

    /// @notice True when nothing stands: never written, or taken away.
    function isVacant(Delegation delegation) internal pure returns (bool) {
        return delegation.permissions() == 0;
    }

    /// @notice True when the delegation is of this era and time < end.
    function isActive(Delegation delegation, uint40 era_, uint256 time) internal pure returns (bool) {
        return time < delegation.end() && delegation.era() == era_;
    }

    /// @notice True when it has at least one of these permissions.
    function hasAny(Delegation delegation, uint8 wanted) internal pure returns (bool) {
        return delegation.permissions() & wanted != 0;
    }

    /// @notice True when a delegate may give these terms at `time`: no purpose and no permission beyond its own, and an end
    /// within its longest period and before its own end.
    function permits(Delegation delegation, Terms terms, uint256 time) internal pure returns (bool) {
        if (Terms.unwrap(terms) & POWERS & ~Delegation.unwrap(delegation) != 0) return false;
        return terms.end() <= delegation.end() && terms.end() <= time + delegation.longest();
    }

    /// @notice True when permissions and purposes make sense together and nothing reserved is set: at least one of READ,
    /// WRITE, DENY and MANAGE, READ with at least one purpose, GROUP with READ.
    function isWellFormed(Delegation delegation) internal pure returns (bool) {
        if (delegation.writtenAt() != 0 || delegation.index() != 0) return false;
        if (delegation.purposes() > GrantTerms.ALL_PURPOSES) return false;
        uint8 given = delegation.permissions();
        if (given & ~GrantTerms.GROUP == 0 || given & ~KNOWN != 0) return false;
        if (given & GrantTerms.READ == 0) return given & GrantTerms.GROUP == 0;
        return delegation.purposes() != 0;
    }

    function _asTerms(Delegation delegation) private pure returns (Terms) {
        return Terms.wrap(Delegation.unwrap(delegation));
    }
}
