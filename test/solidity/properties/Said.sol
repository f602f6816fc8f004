// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// What can be said of grants and delegations, and what of it makes sense.
abstract contract Said {
    /// What somebody says when they grant.
    struct Given {
        uint256 start;
        uint256 end;
        uint256 purposes;
        /// READ, WRITE, GROUP.
        uint256 permissions;
    }

    /// What a delegate may do.
    struct Limits {
        uint256 longest;
        uint256 end;
        uint256 purposes;
        /// READ, WRITE, DENY, GROUP, MANAGE.
        uint256 permissions;
    }

    uint256 internal constant READ = 1;
    uint256 internal constant WRITE = 2;
    uint256 internal constant DENY = 4;
    uint256 internal constant GROUP = 16;
    uint256 internal constant MANAGE = 64;

    function areSoundTerms(Given calldata given) public pure returns (bool) {
        uint256 kind = given.permissions;
        if (given.purposes >= 2 ** 63) return false;
        if (kind == WRITE) return true;
        return given.purposes != 0 && (kind == READ || kind == READ + WRITE || kind == READ + GROUP);
    }

    function areSoundLimits(Limits calldata limits) public pure returns (bool) {
        uint256 rest = limits.permissions;
        bool reads = _has(rest, READ);
        bool forGroups = _has(rest, GROUP);
        if (reads) rest -= READ;
        if (forGroups) rest -= GROUP;
        bool more = rest != 0;
        if (_has(rest, WRITE)) rest -= WRITE;
        if (_has(rest, DENY)) rest -= DENY;
        if (_has(rest, MANAGE)) rest -= MANAGE;
        if (rest != 0 || limits.purposes >= 2 ** 63) return false;
        if (reads) return limits.purposes != 0;
        return more && !forGroups;
    }

    function isQuestion(uint256 permission, uint256 purpose) public pure returns (bool) {
        if (permission == WRITE) return true;
        if (permission != READ) return false;
        for (uint256 bit = 0; bit < 63; ++bit) if (purpose == 2 ** bit) return true;
        return false;
    }

    function _has(uint256 bits, uint256 bit) internal pure returns (bool) {
        return (bits / bit) % 2 == 1;
    }
}
