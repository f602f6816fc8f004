// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One delegate and one grant of theirs by themselves, over any number of calls: the SMTChecker proves every assertion.
contract Limits {
    uint256 private _now;
    uint256 private _lockdownAt;

    /// The delegation.
    uint256 private _longest;
    uint256 private _limit;
    uint256 private _limitAsOf;
    bool private _manages;

    /// What stands for the grantee.
    uint256 private _end;
    uint256 private _asOf;
    bool private _denies;
    bool private _byDelegate;

    /// The checker's own clock runs backwards, too; no chain's does.
    modifier inTime() {
        require(_now <= block.timestamp && block.timestamp < type(uint40).max);
        _now = block.timestamp;
        _;
    }

    function delegate(uint256 longest, uint256 end, uint256 asOf, bool manages) external inTime {
        require(end > _now && asOf <= _now);
        (_longest, _limit, _limitAsOf, _manages) = (longest, end, asOf, manages);
    }

    function grant(uint256 end, uint256 asOf, bool denies) external inTime {
        require(end > _now && asOf <= _now);
        (_end, _asOf, _denies, _byDelegate) = (end, asOf, denies, false);
    }

    function grantFor(uint256 end, uint256 asOf) external inTime {
        require(end > _now && asOf <= _now);
        require(_isActive() && end <= _limit && end <= _now + _longest);
        require(_manages || _isTouchable());

        // nothing that stands by the patient's own hand is lost to a delegate without MANAGE
        assert(_manages || !_denies);
        assert(_manages || _byDelegate || _end <= _now || _asOf != _lockdownAt);
        (_end, _asOf, _denies, _byDelegate) = (end, asOf, false, true);
        assert(_end <= _limit && _end - _now <= _longest);
    }

    function lockdown() external inTime {
        require(_lockdownAt < type(uint40).max);
        _lockdownAt = (_now > _lockdownAt ? _now : _lockdownAt) + 1;

        // a delegation of before, even of this very second, is void, and what it gave, too
        assert(!_isActive());
        assert(_asOf != _lockdownAt);
    }

    function _isActive() private view returns (bool) {
        return _now < _limit && _limitAsOf == _lockdownAt;
    }

    function _isTouchable() private view returns (bool) {
        bool isOver = _end <= _now || _asOf != _lockdownAt;
        return !_denies && (isOver || _byDelegate);
    }
}
