// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One delegate and one grant of theirs by themselves, over any number of calls: the SMTChecker proves every assertion.
contract Limits {
    uint256 private _now;
    uint256 private _era;

    /// The delegation.
    uint256 private _longest;
    uint256 private _limit;
    uint256 private _limitEra;
    bool private _manages;

    /// What stands for the grantee.
    uint256 private _end;
    uint256 private _endEra;
    bool private _byDelegate;

    /// The checker's own clock runs backwards, too; no chain's does.
    modifier inTime() {
        require(_now <= block.timestamp && block.timestamp < type(uint40).max);
        _now = block.timestamp;
        _;
    }

    function delegate(uint256 longest, uint256 end, bool manages) external inTime {
        require(end > _now);
        (_longest, _limit, _limitEra, _manages) = (longest, end, _era, manages);
    }

    function grant(uint256 start, uint256 end) external inTime {
        require(start < end && end > _now);
        (_end, _endEra, _byDelegate) = (end, _era, false);

        // half-open: from the first second until before the last
        assert(start <= end - 1 && end - 1 < _end && !(end < _end));
    }

    function grantFor(uint256 end) external inTime {
        require(end > _now);
        require(_isActive() && end <= _limit && end <= _now + _longest);
        bool isOver = _end <= _now || _endEra != _era;
        require(_manages || isOver || _byDelegate);

        // nothing that stands by the patient's own hand is lost to a delegate without MANAGE
        assert(_manages || _byDelegate || _end <= _now || _endEra != _era);
        (_end, _endEra, _byDelegate) = (end, _era, true);
        assert(_end <= _limit && _end - _now <= _longest);
    }

    function lockdown() external inTime {
        require(_era < type(uint256).max);
        ++_era;

        // a delegation of before, even of this very second, is void, and what it gave, too
        assert(!_isActive());
        assert(_endEra != _era);
    }

    function _isActive() private view returns (bool) {
        return _now < _limit && _limitEra == _era;
    }
}
