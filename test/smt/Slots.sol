// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One slot of a patient's list by itself, over any number of writes to it and to others: the SMTChecker proves every assertion. Each
/// first write takes a number above all before: so no two slots share one, and a slot keeps its own.
contract Slots {
    uint256 private _count;
    uint256 private _index;

    /// Whatever is written to it: a grant, a DENY or nothing. Here the next number is any above the last, there it is the one above.
    function write(uint256 next) external {
        require(next > _count);
        if (_index == 0) (_count, _index) = (next, next);
        assert(_index != 0 && _index <= _count);
    }

    /// Another slot is written first: it takes a number that this one does not have.
    function writeAnother(uint256 next) external {
        require(next > _count);
        _count = next;
        assert(next != _index);
    }
}
