// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Whoever answers for members: a department, a study team, later a study or an emergency team
/// @notice A patient grants to the group's address; `IConsentRegistry.canAccessAs` then asks the group who belongs to it.
interface IGroup {
    /// @notice True when `member` belongs to the group now, as far as `patient` is concerned, for this permission and purpose.
    /// @param permission READ: other permissions are for persons alone.
    /// @param purpose Exactly one bit.
    function isMember(address patient, address member, uint8 permission, uint64 purpose) external view returns (bool);
}
