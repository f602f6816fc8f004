// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One patient's DENY, signed and held back, over any number of calls of anybody: the SMTChecker proves every assertion.
contract Closings {
    /// What stands in the slot: nothing, a grant or a DENY; whose; in which era.
    bool private _stands;
    bool private _denies;
    bool private _byDelegate;
    uint256 private _itsEra;

    uint256 private _era;
    bool private _used;
    /// The patient said to lift it.
    bool private _lifted;

    /// Carried by anybody, at any time before its deadline.
    function denyBySig() external {
        require(!_used);
        _used = true;
        if (!(_isDeny() && !_byDelegate)) (_stands, _denies, _byDelegate, _itsEra) = (true, true, false, _era);
        _lifted = false;

        // whatever anybody did before: the patient's own DENY stands
        assert(_isDeny() && !_byDelegate);
    }

    function grant() external {
        require(!_isDeny());
        (_stands, _denies, _byDelegate, _itsEra) = (true, false, false, _era);
    }

    function lift() external {
        require(_isDeny());
        (_stands, _denies, _byDelegate, _lifted) = (false, false, false, true);
    }

    function revoke() external {
        if (_stands && !_isDeny()) (_stands, _denies, _byDelegate) = (false, false, false);
        assert(!_stands || _isDeny());
    }

    function lockdown() external {
        require(_era < type(uint256).max);
        bool stood = _isDeny() && !_byDelegate;
        ++_era;

        // the patient's DENY stands in every era, a delegate's in none after its own
        assert(!stood || _isDeny());
        assert(!_isDeny() || !_byDelegate);
    }

    /* DELEGATES, WHATEVER THEY MAY */

    function grantFor() external {
        require(!_isDeny());
        (_stands, _denies, _byDelegate, _itsEra) = (true, false, true, _era);
    }

    function revokeFor() external {
        require(_stands && !_isDeny());
        (_stands, _denies, _byDelegate) = (false, false, false);
    }

    function denyFor() external {
        require(!_isDeny());
        (_stands, _denies, _byDelegate, _itsEra) = (true, true, true, _era);
    }

    /// What was carried is never undone but by the patient.
    function check() external view {
        assert(!_used || _lifted || (_isDeny() && !_byDelegate));
    }

    function _isDeny() private view returns (bool) {
        return _stands && _denies && (!_byDelegate || _itsEra == _era);
    }
}
