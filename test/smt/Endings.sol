// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One credential by itself, over any number of calls: the SMTChecker proves every assertion.
contract Endings {
    uint256 private constant PLAIN = 0;
    uint256 private constant RETROACTIVE = 1;
    uint256 private constant CONTESTED = 2;
    uint256 private constant UPHELD = 3;
    uint256 private constant DISMISSED = 4;

    uint256 private _now = 1;
    uint256 private immutable _FIRST;
    uint256 private _until;
    uint256 private _ending;
    uint256 private _filedAt;
    uint256 private _formerUntil;

    constructor(uint256 until) {
        require(until > 1);
        (_FIRST, _until) = (until, until);
    }

    modifier inTime() {
        require(_now <= block.timestamp && block.timestamp < type(uint40).max);
        _now = block.timestamp;
        _;
    }

    function revoke(uint256 until) external inTime {
        require(until < _until && _ending <= RETROACTIVE);
        uint256 former = _until;
        _until = until;
        if (until < _now && _ending == PLAIN) (_ending, _filedAt, _formerUntil) = (RETROACTIVE, _now, former);
        _check();
    }

    function contest() external inTime {
        require(_ending == RETROACTIVE);
        _ending = CONTESTED;
        _check();
    }

    function standFor() external inTime {
        require(_ending == CONTESTED);
        _until = _formerUntil < _filedAt ? _formerUntil : _filedAt;
        _ending = UPHELD;
        _check();
    }

    function dismiss() external inTime {
        require(_ending == CONTESTED);
        _ending = DISMISSED;
        _check();
    }

    function _check() private view {
        // nothing makes a credential hold longer than it was issued for, nor beyond the filing once it was set back
        assert(_until <= _FIRST);
        assert(_ending == PLAIN || _until <= _filedAt);
        assert(_ending == PLAIN || _filedAt <= _now);
    }
}
