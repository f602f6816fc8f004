// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Group} from "./Group.sol";
import {IGroupFactory} from "./interfaces/IGroupFactory.sol";
import {GroupForms} from "./types/GroupForms.sol";
import {Link} from "./types/Link.sol";
import {SignedActions} from "./utils/SignedActions.sol";

/// @title Makes groups; see {IGroupFactory}
contract GroupFactory is IGroupFactory, SignedActions {
    /// @notice What every group is a clone of.
    address public immutable IMPLEMENTATION = address(new Group());

    /* STORAGE */

    /// @inheritdoc IGroupFactory
    mapping(address manager => Link groups) public groupsOf;

    constructor() EIP712("CareKey GroupFactory", "1") {}

    /// @inheritdoc IGroupFactory
    function create(bytes32 salt) external returns (address group) {
        return _create(msg.sender, salt);
    }

    /// @inheritdoc IGroupFactory
    function createBySig(
        address manager,
        bytes32 salt,
        uint40 deadline,
        bytes calldata signature
    ) external returns (address group) {
        _requireSigned(manager, GroupForms.hashCreateGroup(manager, salt, deadline), deadline, signature);
        return _create(manager, salt);
    }

    /// @inheritdoc IGroupFactory
    function groupOf(address manager, bytes32 salt) external view returns (address) {
        return Clones.predictDeterministicAddress(IMPLEMENTATION, _saltOf(manager, salt));
    }

    function _create(address manager, bytes32 salt) private returns (address group) {
        group = Clones.cloneDeterministic(IMPLEMENTATION, _saltOf(manager, salt));

        Link entry = groupsOf[manager].entry();
        groupsOf[manager] = entry.head();

        emit GroupCreated(group, manager, entry);

        Group(group).initialize(manager);
    }

    /// Bound to the manager, so that nobody takes the place of another's group.
    function _saltOf(address manager, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(manager, salt));
    }
}
