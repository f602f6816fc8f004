// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Whoever answers for members: a department, a study team, later a study or an emergency team
/// @notice A patient grants to the group's address; {IGrants.canAccessAs} then asks the group who belongs to it.
interface IGroup {
    /// @notice True when `member` belongs to the group now, as far as `patient` is concerned.
    function isMember(address patient, address member) external view returns (bool);
}
