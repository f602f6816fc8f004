// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// The lockdown of one patient by itself, over any number of calls: the SMTChecker proves every assertion.
contract Lockdown {
    uint256 private _now;
    uint256 private _lockdownAt;
    uint256 private _asOf;
    bool private _granted;

    /// The checker's own clock runs backwards, too; no chain's does.
    modifier inTime() {
        require(_now <= block.timestamp && block.timestamp < type(uint40).max);
        _now = block.timestamp;
        _;
    }

    /// Terms as of a second that is not in the future.
    function grant(uint256 asOf) external inTime {
        require(asOf <= _now);
        _asOf = asOf;
        _granted = true;
    }

    function lockdown() external inTime {
        require(_lockdownAt < type(uint40).max);
        uint256 before = _lockdownAt;
        _lockdownAt = (_now > before ? _now : before) + 1;

        assert(_lockdownAt > before);
        // whatever was granted before, even in this very second, is void
        assert(!isOpen());
    }

    function isOpen() public view returns (bool) {
        return _granted && _asOf == _lockdownAt;
    }
}
