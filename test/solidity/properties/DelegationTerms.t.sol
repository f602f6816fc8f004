// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../../../contracts/types/GrantTerms.sol";
import {SolTest} from "../Vm.sol";

contract DelegationTermsTest is SolTest {
    struct Fields {
        uint40 longest;
        uint40 end;
        uint40 era;
        uint64 purposes;
        uint8 permissions;
        uint32 writtenAt;
        uint32 index;
    }

    function testFuzz_readsAsDocumented(Fields memory fields, uint40 era) external pure {
        Delegation delegation = _pack(fields);
        vm.assertEq(delegation.longest(), fields.longest, "longest");
        vm.assertEq(delegation.end(), fields.end, "end");
        vm.assertEq(delegation.era(), fields.era, "era");
        vm.assertEq(delegation.purposes(), fields.purposes, "purposes");
        vm.assertEq(delegation.permissions(), fields.permissions, "permissions");
        vm.assertEq(delegation.writtenAt(), fields.writtenAt, "writtenAt");
        vm.assertEq(delegation.index(), fields.index, "index");
        vm.assertTrue(delegation.isVacant() == (fields.permissions == 0), "isVacant");
        fields.era = era;
        vm.assertEq(Delegation.unwrap(delegation.inEra(era)), Delegation.unwrap(_pack(fields)), "inEra");
    }

    function testFuzz_isActiveUntilItsEndInItsEra(
        Fields memory fields,
        uint256 time,
        uint40 era,
        bool same
    ) external pure {
        if (same) era = fields.era;
        Delegation delegation = _pack(fields);
        bool active = delegation.isActive(era, time);
        vm.assertTrue(active == (time < fields.end && fields.era == era), "any time");
        vm.assertTrue(!delegation.isActive(era, fields.end), "end");
        if (fields.end == 0) return;
        vm.assertTrue(delegation.isActive(era, fields.end - 1) == (fields.era == era), "last second");
    }

    /// Bit by bit and field by field; drawn so that about half of the terms are within the limits.
    function testFuzz_permitsByTheDefinition(
        Fields memory limits,
        Fields memory given,
        uint40 time,
        uint256 kind
    ) external pure {
        if (kind % 4 != 0) given.permissions &= limits.permissions;
        if ((kind / 4) % 4 != 0) given.purposes &= limits.purposes;
        if ((kind / 16) % 4 != 0) given.end = limits.end - uint40(_least(kind % 3, limits.end));
        // the edge of the longest period, one below it, one above
        if ((kind / 64) % 2 == 0 && given.end > time) {
            uint256 longest = uint256(given.end) - time - 1 + ((kind / 128) % 3);
            limits.longest = uint40(_least(longest, type(uint40).max));
        }

        bool expected = given.end <= limits.end && given.end <= uint256(time) + limits.longest;
        for (uint256 bit = 0; bit < 8; ++bit) {
            if (_has(given.permissions, bit) && !_has(limits.permissions, bit)) expected = false;
        }
        for (uint256 bit = 0; bit < 64; ++bit) {
            if (_has(given.purposes, bit) && !_has(limits.purposes, bit)) expected = false;
        }
        // start, era and place of either have no say
        Terms terms = Terms.wrap(Delegation.unwrap(_pack(given)));
        vm.assertTrue(_pack(limits).permits(terms, time) == expected, "permits");
    }

    /// Each of the 256 sets of permissions, with and without purposes, with each kind of dirt above.
    function testFuzz_isWellFormedByTheList(Fields memory fields, uint256 kind) external pure {
        if (kind % 2 == 0) fields.purposes &= GrantTerms.ALL_PURPOSES;
        if (kind % 3 == 0) fields.purposes = 0;
        if (kind % 5 != 0) fields.writtenAt = 0;
        if (kind % 7 != 0) fields.index = 0;
        bool clean = fields.writtenAt == 0 && fields.index == 0 && fields.purposes < 2 ** 63;
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            fields.permissions = uint8(permissions);
            bool known = !_has(permissions, 3) && !_has(permissions, 5) && !_has(permissions, 7);
            bool some = permissions != 0 && permissions != 16;
            bool reads = _has(permissions, 0);
            bool expected = clean && known && some && (reads ? fields.purposes != 0 : !_has(permissions, 4));
            vm.assertTrue(_pack(fields).isWellFormed() == expected, "isWellFormed");
        }
    }

    function testFuzz_hasAnyOfThePermissions(Fields memory fields, uint8 wanted) external pure {
        bool expected = false;
        for (uint256 bit = 0; bit < 8; ++bit) {
            if (_has(fields.permissions, bit) && _has(wanted, bit)) expected = true;
        }
        vm.assertTrue(_pack(fields).hasAny(wanted) == expected, "hasAny");
    }

    /// The highest field first, each pushed up by the width of the next.
    function _pack(Fields memory fields) private pure returns (Delegation) {
        uint256 word = fields.index;
        word = word * 2 ** 32 + fields.writtenAt;
        word = word * 2 ** 8 + fields.permissions;
        word = word * 2 ** 64 + fields.purposes;
        word = word * 2 ** 40 + fields.era;
        word = word * 2 ** 40 + fields.end;
        return Delegation.wrap(word * 2 ** 40 + fields.longest);
    }

    function _has(uint256 bits, uint256 bit) private pure returns (bool) {
        return (bits / 2 ** bit) % 2 == 1;
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
