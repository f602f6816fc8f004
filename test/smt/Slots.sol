// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One slot of a patient's list by itself, over any number of writes to it and to others: the SMTChecker proves every assertion. So
/// whoever has found as many slots as the patient's state counts has found all of them.
contract Slots {
    uint256 private _count;
    uint256 private _index;

    /// Whatever is written to it: a grant, a DENY or nothing.
    function write() external {
        if (_index == 0) {
            ++_count;
            _index = _count;
        }
        assert(_index <= _count);
    }

    /// Another slot is written first: it takes a number that this one does not have.
    function writeAnother() external {
        ++_count;
        assert(_count != _index);
    }
}
