// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Said} from "./Said.sol";

/// A second definition of access, written from the rules and not from the contract: nothing is packed, nothing is hashed,
/// every condition is a sentence. Slow and plain on purpose.
contract Reference is Said {
    enum What {
        Nothing,
        Grant,
        Deny
    }

    /// What stands for somebody on a scope.
    struct Standing {
        What what;
        Given given;
        /// How often the patient had locked down when it was written.
        uint256 era;
        /// Block in which it was written.
        uint256 height;
        bool isByDelegate;
    }

    struct Trust {
        bool stands;
        Limits limits;
        uint256 era;
    }

    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => Standing standing)))
        private _standing;
    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => Trust trust))) private _trust;
    /// How often the patient locked down.
    mapping(address patient => uint256 count) public lockdowns;

    /* WHAT HAPPENED */

    function grant(address patient, address grantee, bytes32 scope, Given calldata given, bool isByDelegate) external {
        _standing[patient][grantee][scope] = Standing(What.Grant, given, lockdowns[patient], 0, isByDelegate);
    }

    function deny(address patient, address grantee, bytes32 scope, uint256 height, bool isByDelegate) external {
        Given memory nothing;
        _standing[patient][grantee][scope] = Standing(What.Deny, nothing, lockdowns[patient], height, isByDelegate);
    }

    /// A grant revoked, or a DENY lifted.
    function clear(address patient, address grantee, bytes32 scope) external {
        delete _standing[patient][grantee][scope];
    }

    function delegate(address patient, address delegate_, bytes32 scope, Limits calldata limits) external {
        _trust[patient][delegate_][scope] = Trust(true, limits, lockdowns[patient]);
    }

    function undelegate(address patient, address delegate_, bytes32 scope) external {
        delete _trust[patient][delegate_][scope];
    }

    function lockdown(address patient) external {
        ++lockdowns[patient];
    }

    /* WHAT MAY HAPPEN, WHOEVER DOES IT */

    /// @param lifts Block of the DENY that it takes away; 0 for none.
    function mayGrant(
        address patient,
        address grantee,
        bytes32 scope,
        Given calldata given,
        uint256 lifts,
        uint256 time
    ) external view returns (bool) {
        if (!_isSomebodyElse(patient, grantee) || !areSoundTerms(given)) return false;
        if (given.start >= given.end || given.end <= time) return false;
        if (!isShut(patient, grantee, scope)) return true;
        return lifts != 0 && lifts == _standing[patient][grantee][scope].height;
    }

    function mayRevoke(address patient, address grantee, bytes32 scope) external view returns (bool) {
        if (_standing[patient][grantee][scope].what == What.Nothing) return false;
        return !isShut(patient, grantee, scope);
    }

    function mayDeny(address patient, address grantee, bytes32 scope, bool isByDelegate) external view returns (bool) {
        if (!_isSomebodyElse(patient, grantee)) return false;
        if (!isShut(patient, grantee, scope)) return true;
        // the patient's own outlives the era; so it may take the place of a delegate's
        return !isByDelegate && _standing[patient][grantee][scope].isByDelegate;
    }

    function mayDelegate(
        address patient,
        address delegate_,
        Limits calldata limits,
        uint256 time
    ) external pure returns (bool) {
        return _isSomebodyElse(patient, delegate_) && areSoundLimits(limits) && limits.end > time;
    }

    /// A delegation stands there, active or not.
    function mayUndelegate(address patient, address delegate_, bytes32 scope) external view returns (bool) {
        return _trust[patient][delegate_][scope].stands;
    }

    /// A DENY stands there: the patient's own in every era, a delegate's in its own.
    function isShut(address patient, address grantee, bytes32 scope) public view returns (bool) {
        Standing storage standing = _standing[patient][grantee][scope];
        if (standing.what != What.Deny) return false;
        return !standing.isByDelegate || standing.era == lockdowns[patient];
    }

    /* WHAT A DELEGATE MAY */

    /// Do these terms stay within what stands for the delegate on `under`?
    function mayGive(
        address patient,
        address delegate_,
        bytes32 under,
        Given calldata given,
        uint256 time
    ) external view returns (bool) {
        Trust storage trust = _trust[patient][delegate_][under];
        if (!_isActive(patient, trust, time)) return false;
        Limits memory limits = trust.limits;
        for (uint256 bit = 1; bit < 256; bit *= 2) {
            if (_has(given.permissions, bit) && !_has(limits.permissions, bit)) return false;
        }
        for (uint256 bit = 1; bit < 2 ** 64; bit *= 2) {
            if (_has(given.purposes, bit) && !_has(limits.purposes, bit)) return false;
        }
        return given.end <= limits.end && given.end <= time + limits.longest;
    }

    /// May the delegate grant or revoke under `under` where this stands for `grantee` on `scope`?
    function mayTouch(
        address patient,
        address delegate_,
        bytes32 under,
        address grantee,
        bytes32 scope,
        uint256 time
    ) external view returns (bool) {
        Trust storage trust = _trust[patient][delegate_][under];
        if (!_isActive(patient, trust, time)) return false;
        if (_has(trust.limits.permissions, MANAGE)) return true;
        Standing storage standing = _standing[patient][grantee][scope];
        if (standing.what == What.Nothing || standing.isByDelegate) return true;
        if (standing.what == What.Deny) return false;
        return standing.given.end <= time || standing.era != lockdowns[patient];
    }

    /// Has the delegation on just this scope one of these powers now?
    function hasPower(
        address patient,
        address delegate_,
        bytes32 scope,
        uint256 powers,
        uint256 time
    ) public view returns (bool) {
        Trust storage trust = _trust[patient][delegate_][scope];
        if (!_isActive(patient, trust, time)) return false;
        for (uint256 bit = 1; bit < 256; bit *= 2) {
            if (_has(powers, bit) && _has(trust.limits.permissions, bit)) return true;
        }
        return false;
    }

    /* QUESTIONS; `scopes`: what they are about, narrow to wide; none where there is no such place */

    function canAccess(
        address patient,
        address grantee,
        bytes32[] calldata scopes,
        uint256 permission,
        uint256 purpose,
        uint256 time
    ) external view returns (bool) {
        if (scopes.length == 0 || !isQuestion(permission, purpose)) return false;
        if (grantee == patient) return true;
        return _isOpen(patient, grantee, scopes, permission, purpose, false, time);
    }

    /// Of a member, in the right of a group that says they are one.
    function canAccessAs(
        address group,
        address member,
        address patient,
        bytes32[] calldata scopes,
        uint256 purpose,
        uint256 time
    ) external view returns (bool) {
        if (scopes.length == 0 || !isQuestion(READ, purpose)) return false;
        return !isDenied(patient, member, scopes) && _isOpen(patient, group, scopes, READ, purpose, true, time);
    }

    /// The narrowest scope with a grant that permits it.
    function permitting(
        address patient,
        address grantee,
        bytes32[] calldata scopes,
        uint256 permission,
        uint256 purpose,
        uint256 time
    ) external view returns (bool found, bytes32 scope) {
        if (grantee == patient || !isQuestion(permission, purpose)) return (false, 0);
        if (isDenied(patient, grantee, scopes)) return (false, 0);
        for (uint256 i = 0; i < scopes.length; ++i) {
            if (_permits(patient, grantee, scopes[i], permission, purpose, false, time)) return (true, scopes[i]);
        }
    }

    function canWrite(
        address patient,
        address actor,
        bytes32[] calldata scopes,
        uint256 time
    ) external view returns (bool) {
        if (scopes.length == 0) return false;
        if (actor == patient) return true;
        if (isDenied(patient, actor, scopes)) return false;
        return
            _isOpen(patient, actor, scopes, WRITE, 0, false, time) || isDelegate(patient, actor, scopes, WRITE, time);
    }

    /// Has an active delegation with one of these powers on one of the scopes.
    function isDelegate(
        address patient,
        address actor,
        bytes32[] calldata scopes,
        uint256 powers,
        uint256 time
    ) public view returns (bool) {
        for (uint256 i = 0; i < scopes.length; ++i) {
            if (hasPower(patient, actor, scopes[i], powers, time)) return true;
        }
        return false;
    }

    /// A DENY stands on one of the scopes.
    function isDenied(address patient, address who, bytes32[] calldata scopes) public view returns (bool) {
        for (uint256 i = 0; i < scopes.length; ++i) {
            if (isShut(patient, who, scopes[i])) return true;
        }
        return false;
    }

    /* PRIVATE */

    /// No DENY on any of the scopes, and a grant in force on some of them.
    function _isOpen(
        address patient,
        address who,
        bytes32[] calldata scopes,
        uint256 permission,
        uint256 purpose,
        bool asMember,
        uint256 time
    ) private view returns (bool) {
        if (isDenied(patient, who, scopes)) return false;
        for (uint256 i = 0; i < scopes.length; ++i) {
            if (_permits(patient, who, scopes[i], permission, purpose, asMember, time)) return true;
        }
        return false;
    }

    function _permits(
        address patient,
        address who,
        bytes32 scope,
        uint256 permission,
        uint256 purpose,
        bool asMember,
        uint256 time
    ) private view returns (bool) {
        Standing storage standing = _standing[patient][who][scope];
        if (standing.what != What.Grant || standing.era != lockdowns[patient]) return false;
        Given memory given = standing.given;
        if (time < given.start || time >= given.end) return false;
        if (!_has(given.permissions, permission) || _has(given.permissions, GROUP) != asMember) return false;
        return permission == WRITE || _has(given.purposes, purpose);
    }

    function _isActive(address patient, Trust storage trust, uint256 time) private view returns (bool) {
        return trust.stands && time < trust.limits.end && trust.era == lockdowns[patient];
    }

    function _isSomebodyElse(address patient, address who) private pure returns (bool) {
        return who != address(0) && who != patient;
    }
}
