// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Makes groups, each a clone (ERC-1167) of one implementation that nobody can change
interface IGroupFactory {
    /// @notice Emitted when `manager` creates `group`.
    event GroupCreated(address indexed group, address indexed manager);

    /// @notice Creates a group that the caller manages.
    /// @param salt Tells the caller's groups apart; each can be used once.
    /// @return group Its address: {groupOf} tells it before.
    function create(bytes32 salt) external returns (address group);

    /// @notice Where `manager`'s group of this salt is or will be.
    function groupOf(address manager, bytes32 salt) external view returns (address);
}
