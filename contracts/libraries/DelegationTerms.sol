// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "./GrantTerms.sol";

/// @notice What a delegate may give, in one word. From the lowest bit, and but for the first field as in {Terms}:
/// longest uint40 | end uint40 | asOf uint40 | purposes uint64 | permissions uint8 | revision uint32 | 32 zero bits.
type Delegation is uint256;

using DelegationTerms for Delegation global;

/// @notice Reads and checks a {Delegation}.
library DelegationTerms {
    /// May touch what the patient granted or shut, and correct records in the patient's place.
    uint8 internal constant MANAGE = 16;

    uint8 private constant KNOWN = GrantTerms.READ | GrantTerms.WRITE | GrantTerms.DENY | MANAGE;
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

    /// @notice The patient's last lockdown as they saw it.
    function asOf(Delegation delegation) internal pure returns (uint40) {
        return _asTerms(delegation).asOf();
    }

    /// @notice Bit set of purposes.
    function purposes(Delegation delegation) internal pure returns (uint64) {
        return _asTerms(delegation).purposes();
    }

    /// @notice Bit set of READ, WRITE, DENY, MANAGE.
    function permissions(Delegation delegation) internal pure returns (uint8) {
        return _asTerms(delegation).permissions();
    }

    /// @notice Counts the changes of the slot.
    function revision(Delegation delegation) internal pure returns (uint32) {
        return _asTerms(delegation).revision();
    }

    /// @notice The same delegation with another revision.
    function withRevision(Delegation delegation, uint32 number) internal pure returns (Delegation) {
        return Delegation.wrap(Terms.unwrap(_asTerms(delegation).withRevision(number)));
    }

    /// @notice True when these are the same terms of the same revision.
    function equals(Delegation delegation, Delegation other) internal pure returns (bool) {
        return Delegation.unwrap(delegation) == Delegation.unwrap(other);
    }

    /// @notice True when time < end and the patient has not locked down since.
    function isActive(Delegation delegation, uint256 time, uint40 lockdownAt) internal pure returns (bool) {
        return time < delegation.end() && delegation.asOf() == lockdownAt;
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
    /// WRITE, DENY and MANAGE, READ with at least one purpose.
    function isWellFormed(Delegation delegation) internal pure returns (bool) {
        if (!_asTerms(delegation).isUnnumbered() || delegation.purposes() > GrantTerms.ALL_PURPOSES) return false;
        uint8 given = delegation.permissions();
        if (given == 0 || given & ~KNOWN != 0) return false;
        return given & GrantTerms.READ == 0 || delegation.purposes() != 0;
    }

    function _asTerms(Delegation delegation) private pure returns (Terms) {
        return Terms.wrap(Delegation.unwrap(delegation));
    }
}
