// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";

/// Says yes to one question alone.
contract OneCredential {
    bytes32 private immutable _HELD;

    constructor(address actor, bytes32 role, uint256 index, uint40 time) {
        _HELD = keccak256(abi.encode(actor, role, index, time));
    }

    function holds(address actor, bytes32 role, uint256 index, uint40 time) public view returns (bool) {
        return keccak256(abi.encode(actor, role, index, time)) == _HELD;
    }

    function statusOf(
        address actor,
        bytes32 role,
        uint256 index,
        uint40 time
    ) external view returns (ICredentialRegistry.Status) {
        return holds(actor, role, index, time) ? ICredentialRegistry.Status.Holds : ICredentialRegistry.Status.None;
    }
}
