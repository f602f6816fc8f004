// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Group} from "./Group.sol";
import {IGroupFactory} from "./interfaces/IGroupFactory.sol";

/// @title Makes groups; see {IGroupFactory}
contract GroupFactory is IGroupFactory {
    /// @notice What every group is a clone of.
    address public immutable IMPLEMENTATION = address(new Group());

    /// @inheritdoc IGroupFactory
    function create(bytes32 salt) external returns (address group) {
        group = Clones.cloneDeterministic(IMPLEMENTATION, _saltOf(msg.sender, salt));

        emit GroupCreated(group, msg.sender);

        Group(group).initialize(msg.sender);
    }

    /// @inheritdoc IGroupFactory
    function groupOf(address manager, bytes32 salt) external view returns (address) {
        return Clones.predictDeterministicAddress(IMPLEMENTATION, _saltOf(manager, salt));
    }

    /// Bound to the manager, so that nobody takes the place of another's group.
    function _saltOf(address manager, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(manager, salt));
    }
}
