// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// A second definition of access, written from the rules and not from the contract: nothing is packed, nothing is hashed,
/// every condition is a sentence. Slow and plain on purpose.
contract Reference {
    struct Given {
        uint256 start;
        uint256 end;
        uint256 asOf;
        uint256 purposes;
        uint256 permissions;
    }

    uint256 internal constant READ = 1;
    uint256 internal constant WRITE = 2;
    uint256 internal constant DENY = 4;

    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => Given given))) private _given;
    mapping(address patient => uint256 time) public lockdownAt;

    function grant(address patient, address grantee, bytes32 scope, Given memory given) external {
        _given[patient][grantee][scope] = given;
    }

    function revoke(address patient, address grantee, bytes32 scope) external {
        delete _given[patient][grantee][scope];
    }

    function lockdown(address patient, uint256 time) external {
        uint256 last = lockdownAt[patient];
        lockdownAt[patient] = time > last ? time + 1 : last + 1;
    }

    /// `scopes`: what the question is about, narrow to wide.
    function canAccess(
        address patient,
        address grantee,
        bytes32[] memory scopes,
        uint256 permission,
        uint256 purpose,
        uint256 time
    ) external view returns (bool) {
        if (permission != READ && permission != WRITE) return false;
        if (permission == READ && !_isOnePurpose(purpose)) return false;
        if (scopes.length == 0) return false;
        if (grantee == patient) return true;
        for (uint256 i = 0; i < scopes.length; ++i) {
            Given memory given = _given[patient][grantee][scopes[i]];
            bool inTime = given.start <= time && time < given.end;
            if (!inTime) continue;
            if (given.permissions == DENY) return false;
            bool sinceLockdown = given.asOf == lockdownAt[patient];
            bool permitted = given.permissions == permission || given.permissions == READ + WRITE;
            bool purposeFits = permission == WRITE || (given.purposes / purpose) % 2 == 1;
            if (sinceLockdown && permitted && purposeFits) return true;
        }
        return false;
    }

    function _isOnePurpose(uint256 purpose) private pure returns (bool) {
        for (uint256 bit = 0; bit < 63; ++bit) if (purpose == 2 ** bit) return true;
        return false;
    }
}
