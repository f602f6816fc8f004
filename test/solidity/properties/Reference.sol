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
        /// READ, WRITE, DENY; who gave them is kept in `isByDelegate`.
        uint256 permissions;
    }

    struct Limits {
        uint256 longest;
        uint256 end;
        uint256 asOf;
        uint256 purposes;
        /// READ, WRITE, DENY, MANAGE.
        uint256 permissions;
    }

    uint256 internal constant READ = 1;
    uint256 internal constant WRITE = 2;
    uint256 internal constant DENY = 4;
    uint256 internal constant MANAGE = 16;

    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => Given given))) private _given;
    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => Limits limits))) private _limits;
    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => bool yes))) public isByDelegate;
    mapping(address patient => uint256 time) public lockdownAt;

    /* WHAT HAPPENED */

    function grant(address patient, address grantee, bytes32 scope, Given memory given) external {
        _given[patient][grantee][scope] = given;
        isByDelegate[patient][grantee][scope] = false;
    }

    function grantFor(address patient, address grantee, bytes32 scope, Given memory given) external {
        _given[patient][grantee][scope] = given;
        isByDelegate[patient][grantee][scope] = true;
    }

    function revoke(address patient, address grantee, bytes32 scope) external {
        delete _given[patient][grantee][scope];
        isByDelegate[patient][grantee][scope] = false;
    }

    function delegate(address patient, address delegate_, bytes32 scope, Limits memory limits) external {
        _limits[patient][delegate_][scope] = limits;
    }

    function undelegate(address patient, address delegate_, bytes32 scope) external {
        delete _limits[patient][delegate_][scope];
    }

    function lockdown(address patient, uint256 time) external {
        uint256 last = lockdownAt[patient];
        lockdownAt[patient] = time > last ? time + 1 : last + 1;
    }

    /* QUESTIONS; `scopes`: what they are about, narrow to wide */

    function canAccess(
        address patient,
        address grantee,
        bytes32[] memory scopes,
        uint256 permission,
        uint256 purpose,
        uint256 time
    ) public view returns (bool) {
        if (permission != READ && permission != WRITE) return false;
        if (permission == READ && !_isOnePurpose(purpose)) return false;
        if (scopes.length == 0) return false;
        if (grantee == patient) return true;
        (bool open, ) = _search(patient, grantee, scopes, permission, purpose, time);
        return open;
    }

    /// Of a member, in the right of a group that says they are one.
    function canAccessAs(
        address group,
        address member,
        address patient,
        bytes32[] memory scopes,
        uint256 permission,
        uint256 purpose,
        uint256 time
    ) external view returns (bool) {
        if (!canAccess(patient, group, scopes, permission, purpose, time)) return false;
        (, bool shut) = _search(patient, member, scopes, permission, purpose, time);
        return !shut;
    }

    function canWrite(
        address patient,
        address actor,
        bytes32[] memory scopes,
        uint256 time
    ) external view returns (bool) {
        if (scopes.length == 0) return false;
        if (actor == patient) return true;
        (bool open, bool shut) = _search(patient, actor, scopes, WRITE, 0, time);
        if (open || shut) return open;
        return isDelegate(patient, actor, scopes, WRITE, time);
    }

    /// Has an active delegation with this permission on one of the scopes.
    function isDelegate(
        address patient,
        address actor,
        bytes32[] memory scopes,
        uint256 permission,
        uint256 time
    ) public view returns (bool) {
        for (uint256 i = 0; i < scopes.length; ++i) {
            Limits memory limits = _limits[patient][actor][scopes[i]];
            if (_isActive(patient, limits, time) && _has(limits.permissions, permission)) return true;
        }
        return false;
    }

    /// Do these terms stay within what stands for the delegate on `under`?
    function mayGive(
        address patient,
        address delegate_,
        bytes32 under,
        Given memory given,
        uint256 time
    ) external view returns (bool) {
        Limits memory limits = _limits[patient][delegate_][under];
        if (!_isActive(patient, limits, time)) return false;
        for (uint256 bit = 1; bit < 256; bit *= 2) {
            if (_has(given.permissions, bit) && !_has(limits.permissions, bit)) return false;
        }
        for (uint256 bit = 1; bit < 2 ** 64; bit *= 2) {
            if (_has(given.purposes, bit) && !_has(limits.purposes, bit)) return false;
        }
        return given.end <= limits.end && given.end <= time + limits.longest;
    }

    /// May what stands for `grantee` on `scope` be touched by the delegate under `under`?
    function mayTouch(
        address patient,
        address delegate_,
        bytes32 under,
        address grantee,
        bytes32 scope,
        uint256 time
    ) external view returns (bool) {
        Limits memory limits = _limits[patient][delegate_][under];
        if (!_isActive(patient, limits, time)) return false;
        if (_has(limits.permissions, MANAGE)) return true;
        Given memory standing = _given[patient][grantee][scope];
        if (standing.permissions == DENY) return false;
        if (isByDelegate[patient][grantee][scope]) return true;
        bool isVoid = standing.asOf != lockdownAt[patient];
        return standing.end <= time || isVoid;
    }

    /// Whether the search ends with yes, whether it ends with no.
    function _search(
        address patient,
        address grantee,
        bytes32[] memory scopes,
        uint256 permission,
        uint256 purpose,
        uint256 time
    ) private view returns (bool open, bool shut) {
        for (uint256 i = 0; i < scopes.length; ++i) {
            Given memory given = _given[patient][grantee][scopes[i]];
            bool inTime = given.start <= time && time < given.end;
            if (!inTime) continue;
            if (given.permissions == DENY) return (false, true);
            bool sinceLockdown = given.asOf == lockdownAt[patient];
            bool permitted = given.permissions == permission || given.permissions == READ + WRITE;
            bool purposeFits = permission == WRITE || _has(given.purposes, purpose);
            if (sinceLockdown && permitted && purposeFits) return (true, false);
        }
    }

    function _isActive(address patient, Limits memory limits, uint256 time) private view returns (bool) {
        return time < limits.end && limits.asOf == lockdownAt[patient];
    }

    function _has(uint256 bits, uint256 bit) private pure returns (bool) {
        return (bits / bit) % 2 == 1;
    }

    function _isOnePurpose(uint256 purpose) private pure returns (bool) {
        for (uint256 bit = 0; bit < 63; ++bit) if (purpose == 2 ** bit) return true;
        return false;
    }
}
