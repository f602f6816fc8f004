// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One grant of one patient by itself, over any number of calls: the SMTChecker proves every assertion.
contract Window {
    /// How far ahead of the slot a signed revocation may reach.
    uint256 private constant MAX_AHEAD = 1024;

    uint256 private _now;
    uint256 private _start;
    uint256 private _end;
    uint256 private _revision;
    /// Highest revision that a signed revocation has killed.
    uint256 private _killed;

    /// The checker's own clock runs backwards, too; no chain's does.
    modifier inTime() {
        require(_now <= block.timestamp && block.timestamp < type(uint40).max);
        _now = block.timestamp;
        _;
    }

    function grant(uint256 start, uint256 end) external inTime {
        require(start < end && end > _now && end <= type(uint40).max);
        _put(start, end, _revision + 1);

        // half-open: from the first second until before the last
        assert(covers(start) && !covers(end));
        assert(covers(end - 1));
        assert(start == 0 || !covers(start - 1));
    }

    /// Carried by anyone, perhaps held back: only as the next revision.
    function grantBySig(uint256 start, uint256 end, uint256 revision) external inTime {
        require(revision == _revision + 1);
        require(start < end && end > _now && end <= type(uint40).max);
        // what a revocation named never comes to stand again
        assert(revision > _killed);
        _put(start, end, revision);
    }

    function revoke() external inTime {
        _put(0, 0, _revision + 1);
        assert(!covers(_now));
    }

    function revokeBySig(uint256 named) external inTime {
        require(named >= _revision && named - _revision <= MAX_AHEAD);
        _put(0, 0, named + 1);
        _killed = named;
        assert(!covers(_now));
        assert(_revision > _killed);
    }

    function covers(uint256 time) public view returns (bool) {
        return time < _end && _start <= time;
    }

    function _put(uint256 start, uint256 end, uint256 revision) private {
        assert(revision > _revision);
        assert(revision <= _revision + MAX_AHEAD + 1);
        (_start, _end, _revision) = (start, end, revision);
    }
}
