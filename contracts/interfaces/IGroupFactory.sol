// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Link} from "../types/Link.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title Makes groups, each a clone (ERC-1167) of one implementation that nobody can change
interface IGroupFactory is ISignedActions {
    /// @notice Emitted when `manager` creates `group`.
    event GroupCreated(address indexed group, address indexed manager, Link link);

    /// @notice Creates a group that the caller manages.
    /// @param salt Tells the caller's groups apart; each can be used once.
    /// @return group Its address: {groupOf} tells it before.
    function create(bytes32 salt) external returns (address group);

    /// @notice {create} with the manager's signature. It works once, as the salt does.
    function createBySig(
        address manager,
        bytes32 salt,
        uint40 deadline,
        bytes calldata signature
    ) external returns (address group);

    /// @notice Head of the list of groups that `manager` created: its entries are the events `GroupCreated`. Stored at 3.
    function groupsOf(address manager) external view returns (Link);

    /// @notice Where `manager`'s group of this salt is or will be.
    function groupOf(address manager, bytes32 salt) external view returns (address);
}
