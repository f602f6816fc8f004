// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Scopes} from "../../../contracts/libraries/Scopes.sol";
import {SolTest} from "../Vm.sol";

contract GrantTermsTest is SolTest {
    function testFuzz_unpacksWhatItPacked(
        uint40 start,
        uint40 end,
        uint40 asOf,
        uint64 purposes,
        uint8 permissions,
        uint32 revision
    ) external pure {
        Terms terms = GrantTerms.pack(start, end, asOf, purposes, permissions);
        vm.assertEq(terms.revision(), 0, "revision 0");
        terms = terms.withRevision(revision);
        vm.assertEq(terms.start(), start, "start");
        vm.assertEq(terms.end(), end, "end");
        vm.assertEq(terms.asOf(), asOf, "asOf");
        vm.assertEq(terms.purposes(), purposes, "purposes");
        vm.assertEq(terms.permissions(), permissions, "permissions");
        vm.assertEq(terms.revision(), revision, "revision");
    }

    function testFuzz_packsAsDocumented(
        uint40 start,
        uint40 end,
        uint40 asOf,
        uint64 purposes,
        uint8 permissions,
        uint32 revision
    ) external pure {
        uint256 word = revision; // the highest field first, each pushed up by the width of the next
        word = word * 2 ** 8 + permissions;
        word = word * 2 ** 64 + purposes;
        word = word * 2 ** 40 + asOf;
        word = word * 2 ** 40 + end;
        word = word * 2 ** 40 + start;
        Terms terms = GrantTerms.pack(start, end, asOf, purposes, permissions).withRevision(revision);
        vm.assertEq(Terms.unwrap(terms), word);
    }

    function testFuzz_packsAnyWordAgain(uint256 word) external pure {
        Terms terms = Terms.wrap(word);
        Terms again = GrantTerms
            .pack(terms.start(), terms.end(), terms.asOf(), terms.purposes(), terms.permissions())
            .withRevision(terms.revision());
        vm.assertEq(Terms.unwrap(again), word % 2 ** 224);
    }

    function testFuzz_coversItsHalfOpenPeriod(uint40 start, uint40 end, uint256 time) external pure {
        Terms terms = GrantTerms.pack(start, end, 0, 0, 0);
        vm.assertTrue(terms.covers(time) == (time >= start && time < end), "any time");
        vm.assertTrue(terms.covers(start) == (start < end), "start");
        vm.assertTrue(!terms.covers(end), "end");
        if (end > 0) vm.assertTrue(terms.covers(end - 1) == (start < end), "last second");
        if (start > 0) vm.assertTrue(!terms.covers(start - 1), "before");
    }

    /// Each of the 256 sets of permissions, with and without purposes, with each kind of dirt above.
    function testFuzz_isWellFormedByTheList(uint120 times, uint64 purposes, uint64 above, uint256 kind) external pure {
        if (kind % 2 == 0) purposes &= GrantTerms.ALL_PURPOSES;
        if (kind % 3 == 0) purposes = 0;
        if (kind % 5 != 0) above = 0;
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            uint256 word = times + uint256(purposes) * 2 ** 120 + permissions * 2 ** 184 + uint256(above) * 2 ** 192;
            bool expected =
                above == 0 &&
                    purposes < 2 ** 63 &&
                    (permissions == 2 || permissions == 4 || ((permissions == 1 || permissions == 3) && purposes != 0));
            vm.assertTrue(Terms.wrap(word).isWellFormed() == expected, "isWellFormed");
        }
    }

    function testFuzz_setsTheTopBitOfARecordId(address patient, bytes32 compartment, bytes32 content) external pure {
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        uint256 hash = uint256(keccak256(abi.encode(patient, compartment, content)));
        vm.assertEq(uint256(recordId), (hash % 2 ** 255) + 2 ** 255);
        vm.assertTrue(!Scopes.isLabel(recordId), "a record id is no label");
    }

    function testFuzz_takesForALabelWhatIsNeitherChartNorRecord(uint256 word) external pure {
        vm.assertTrue(Scopes.isLabel(bytes32(word)) == (word > 0 && word < 2 ** 255), "as drawn");
        vm.assertTrue(Scopes.isLabel(bytes32(word / 2)) == (word > 1), "top bit clear");
        vm.assertTrue(!Scopes.isLabel(0), "whole chart");
    }
}
