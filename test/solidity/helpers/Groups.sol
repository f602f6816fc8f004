// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGroup} from "../../../contracts/interfaces/IGroup.sol";

/// Says yes for one patient and one member, to read for one purpose.
contract ChoosyGroup is IGroup {
    address private immutable _PATIENT;
    address private immutable _MEMBER;
    uint64 private immutable _PURPOSE;

    constructor(address patient, address member, uint64 purpose) {
        _PATIENT = patient;
        _MEMBER = member;
        _PURPOSE = purpose;
    }

    function isMember(address patient, address member, uint8 permission, uint64 purpose) external view returns (bool) {
        return patient == _PATIENT && member == _MEMBER && permission == 1 && purpose == _PURPOSE;
    }
}

/// Says yes where it was given at least so much gas.
contract ThirstyGroup is IGroup {
    uint256 private immutable _LEAST;

    constructor(uint256 least) {
        _LEAST = least;
    }

    function isMember(address, address, uint8, uint64) external view returns (bool) {
        return gasleft() >= _LEAST;
    }
}
