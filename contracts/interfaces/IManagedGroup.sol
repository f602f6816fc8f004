// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Link} from "../types/Link.sol";
import {IGroup} from "./IGroup.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title A group whose manager says who belongs to it, for what, and until when
/// @dev Signatures of the manager go in order: each names the group's next number, and every act of the manager uses one up, in
/// person or signed. A member's resignation names an id of its own: nobody else can make it useless.
/// @dev In storage, at 3: manager address | next number uint32 | {membersOf}; at 4: member → {Membership}. The first field is lowest.
/// @dev Warning: a patient who grants to a group trusts its manager's choice of members.
interface IManagedGroup is IGroup, ISignedActions {
    /// @notice How somebody belongs to the group, in one word.
    struct Membership {
        /// First second at which they no longer belong; 0 where they never did.
        uint40 until;
        /// Bit set of the purposes for which they do.
        uint64 purposes;
    }

    /// @notice Thrown when `caller` does not manage the group.
    error NotManager(address caller);
    /// @notice Thrown when nobody would manage the group.
    error InvalidManager(address manager);
    /// @notice Thrown when nobody would be a member.
    error InvalidMember(address member);
    /// @notice Thrown when a purpose is unknown.
    error InvalidPurposes(uint64 purposes);
    /// @notice Thrown when somebody would leave who is no member now.
    error NotMember(address member);
    /// @notice Thrown when the manager has acted since this was signed, or has not got so far.
    error StaleNumber(uint32 number, uint32 standing);

    /// @notice Emitted when `manager` comes to manage the group.
    event ManagerSet(address indexed manager);
    /// @notice Emitted when `member` belongs to the group for `purposes` until `until`, or no longer where that is past.
    event MemberSet(address indexed member, uint40 until, uint64 purposes, Link link);

    /// @notice Makes a fresh clone a group of `manager_`'s. Works once; {IGroupFactory.create} does it.
    function initialize(address manager_) external;

    /// @notice Hands the group over.
    function setManager(address manager_) external;

    /// @notice {setManager} with the manager's signature.
    function setManagerBySig(address manager_, uint32 number, uint40 deadline, bytes calldata signature) external;

    /// @notice Sets until when (exclusive), and for which purposes, up to 200 members belong to the group.
    /// @dev Now or earlier, or no purpose, puts them out.
    function setMembers(address[] calldata members, uint40 until, uint64 purposes) external;

    /// @notice {setMembers} with the manager's signature.
    function setMembersBySig(
        address[] calldata members,
        uint40 until,
        uint64 purposes,
        uint32 number,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Ends the caller's own membership.
    function resign() external;

    /// @notice {resign} with the member's signature.
    function resignBySig(address member, Once calldata once, bytes calldata signature) external;

    /// @notice Gives up to 200 signed resignations of the caller's up, by their ids.
    function cancel(uint256[] calldata ids) external;

    /// @notice Who decides on members.
    function manager() external view returns (address);

    /// @notice The number that the manager's next act has, from 0 on.
    function nextNumber() external view returns (uint32);

    /// @notice Head of the list of what was ever said of members: its entries are the events `MemberSet`.
    function membersOf() external view returns (Link);

    /// @notice How `member` belongs to the group, or did.
    function memberOf(address member) external view returns (Membership memory);
}
