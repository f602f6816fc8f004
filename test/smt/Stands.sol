// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One signature of one signer that opens a door, over any number of acts: the SMTChecker proves every assertion. A stand that is left
/// never comes back, as it is drawn: what is not modelled is a collision.
contract Stands {
    bool private _signed;
    uint256 private _itsNumber;
    /// The signer stands where they stood when they signed it.
    bool private _standsThere;
    /// The present session is the one that it belongs to, with this as its last number.
    bool private _isItsSession;
    uint256 private _number;
    /// It ends with whatever they do, but for what they had begun to sign before, and for lower numbers of its own session.
    bool private _over;

    function sign(uint256 number) external {
        require(!_signed);
        (_signed, _standsThere, _itsNumber) = (true, true, number);
    }

    /// They act in person, or by a signature that shuts.
    function act() external {
        (_standsThere, _isItsSession) = (false, false);
        if (_signed) _over = true;
    }

    /// Somebody carries the first of a session that began where they stand.
    function begin(bool isItsSession, uint256 number) external {
        require(!isItsSession || _standsThere);
        // neither after an act, nor after another session, nor twice
        if (isItsSession && number == _itsNumber) assert(!_over);
        if (_standsThere && !(isItsSession && number < _itsNumber)) _over = true;
        (_standsThere, _isItsSession, _number) = (false, isItsSession, number);
    }

    /// Somebody carries another of the present session: the stand that it leads to is another with each.
    function proceed(uint256 number) external {
        require(number > _number);
        if (_isItsSession && number == _itsNumber) assert(!_over);
        if (_standsThere || (_isItsSession && number >= _itsNumber)) _over = true;
        (_standsThere, _number) = (false, number);
    }
}
