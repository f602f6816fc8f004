// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGroup} from "./IGroup.sol";

/// @title A group whose manager says who belongs to it, and until when
/// @dev Warning: a patient who grants to a group trusts its manager's choice of members.
interface IManagedGroup is IGroup {
    /// @notice Thrown when `caller` does not manage the group.
    error NotManager(address caller);
    /// @notice Thrown when nobody would manage the group.
    error InvalidManager(address manager);
    /// @notice Thrown when nobody would be a member.
    error InvalidMember(address member);
    /// @notice Thrown when somebody would leave who is no member now.
    error NotMember(address caller);
    /// @notice Thrown when a list of members is empty or longer than `limit`.
    error InvalidBatchSize(uint256 count, uint256 limit);

    /// @notice Emitted when `manager` comes to manage the group.
    event ManagerSet(address indexed manager);
    /// @notice Emitted when `member` belongs to the group until `until`, or no longer where that is past.
    event MemberSet(address indexed member, uint40 until);

    /// @notice Makes a fresh clone a group of `manager_`'s. Works once; {IGroupFactory.create} does it.
    function initialize(address manager_) external;

    /// @notice Hands the group over.
    function setManager(address manager_) external;

    /// @notice Sets until when up to 200 members belong to the group (exclusive); now or earlier puts them out.
    function setMembers(address[] calldata members, uint40 until) external;

    /// @notice Ends the caller's own membership.
    function resign() external;

    /// @notice Who decides on members.
    function manager() external view returns (address);

    /// @notice First second at which `member` no longer belongs; 0 where it never did.
    function memberUntil(address member) external view returns (uint40);
}
