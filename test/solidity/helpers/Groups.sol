// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGroup} from "../../../contracts/interfaces/IGroup.sol";

/// Says yes for one patient and one member.
contract ChoosyGroup is IGroup {
    address private immutable _PATIENT;
    address private immutable _MEMBER;

    constructor(address patient, address member) {
        _PATIENT = patient;
        _MEMBER = member;
    }

    function isMember(address patient, address member) external view returns (bool) {
        return patient == _PATIENT && member == _MEMBER;
    }
}

/// Says yes where it was given at least so much gas.
contract ThirstyGroup is IGroup {
    uint256 private immutable _LEAST;

    constructor(uint256 least) {
        _LEAST = least;
    }

    function isMember(address, address) external view returns (bool) {
        return gasleft() >= _LEAST;
    }
}
