// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "../../../contracts/types/GrantTerms.sol";
import {Scopes} from "../../../contracts/types/Scopes.sol";
import {SolTest} from "../Vm.sol";

contract GrantTermsTest is SolTest {
    struct Fields {
        uint40 start;
        uint40 end;
        uint40 era;
        uint64 purposes;
        uint8 permissions;
        uint32 writtenAt;
        uint32 index;
    }

    function testFuzz_readsAsDocumented(Fields memory fields) external pure {
        Terms terms = _pack(fields);
        vm.assertEq(terms.start(), fields.start, "start");
        vm.assertEq(terms.end(), fields.end, "end");
        vm.assertEq(terms.era(), fields.era, "era");
        vm.assertEq(terms.purposes(), fields.purposes, "purposes");
        vm.assertEq(terms.permissions(), fields.permissions, "permissions");
        vm.assertEq(terms.writtenAt(), fields.writtenAt, "writtenAt");
        vm.assertEq(terms.index(), fields.index, "index");
        vm.assertTrue(terms.isEmpty() == (Terms.unwrap(terms) == 0), "isEmpty");
        vm.assertTrue(terms.isVacant() == (fields.permissions == 0), "isVacant");
        vm.assertTrue(terms.isByDelegate() == _has(fields.permissions, 3), "isByDelegate");
    }

    /// Each changes its own field and no other.
    function testFuzz_changesOneField(Fields memory fields, uint40 era, uint32 index, uint64 height) external {
        Terms terms = _pack(fields);
        Fields memory next = abi.decode(abi.encode(fields), (Fields));
        next.era = era;
        _same(terms.inEra(era), next, "inEra");
        next = abi.decode(abi.encode(fields), (Fields));
        if (!_has(next.permissions, 3)) next.permissions += 8;
        _same(terms.byDelegate(), next, "byDelegate");
        next = abi.decode(abi.encode(fields), (Fields));
        if (!_has(next.permissions, 4)) next.permissions += 16;
        _same(terms.asMember(), next, "asMember");
        next = abi.decode(abi.encode(fields), (Fields));
        vm.roll(height);
        (next.writtenAt, next.index) = (uint32(height % 2 ** 32), index);
        _same(terms.written(index), next, "written");
    }

    function testFuzz_packsWhatIsSaid(Fields memory fields) external pure {
        (fields.writtenAt, fields.index) = (0, 0);
        Terms terms = GrantTerms.pack(fields.start, fields.end, fields.era, fields.purposes, fields.permissions);
        _same(terms, fields, "pack");
    }

    function testFuzz_isInForceFromItsStartUntilItsEndInItsEra(
        Fields memory fields,
        uint256 time,
        uint40 era,
        bool same
    ) external pure {
        if (same) era = fields.era;
        Terms terms = _pack(fields);
        bool current = era == fields.era;
        bool lasts = fields.start < fields.end;
        vm.assertTrue(terms.isInForce(era, time) == (current && time >= fields.start && time < fields.end), "any time");
        vm.assertTrue(terms.isInForce(era, fields.start) == (current && lasts), "start");
        vm.assertTrue(!terms.isInForce(era, fields.end), "end");
        if (fields.end > 0) vm.assertTrue(terms.isInForce(era, fields.end - 1) == (current && lasts), "last second");
        if (fields.start > 0) vm.assertTrue(!terms.isInForce(era, fields.start - 1), "before");
        vm.assertTrue(terms.isTimely(time) == (lasts && time < fields.end), "isTimely");
        if (fields.end > 0) vm.assertTrue(terms.isTimely(fields.end - 1) == lasts, "timely until its last second");
        vm.assertTrue(!terms.isTimely(fields.end), "timely no longer");
    }

    /// The patient's DENY in every era, a delegate's in its own.
    function testFuzz_deniesInEveryEraOrItsOwn(Fields memory fields, uint40 era, bool same) external pure {
        if (same) era = fields.era;
        bool expected = _has(fields.permissions, 2) && (!_has(fields.permissions, 3) || era == fields.era);
        vm.assertTrue(_pack(fields).denies(era) == expected, "denies");
    }

    /// Exactly READ for exactly one purpose, or WRITE.
    function testFuzz_wishesByTheDefinition(uint8 permission, uint64 purpose, uint256 kind) external pure {
        if (kind % 2 == 0) permission = uint8(1 + ((kind / 2) % 2));
        if ((kind / 4) % 2 == 0) purpose = uint64(1) << uint64((kind / 8) % 64);
        bool one = false;
        for (uint256 bit = 0; bit < 63; ++bit) if (purpose == 2 ** bit) one = true;
        uint256 expected = 0;
        if (permission == 2) expected = 2 * 2 ** 184;
        if (permission == 1 && one) expected = 2 ** 184 + uint256(purpose) * 2 ** 120;
        vm.assertEq(Terms.unwrap(GrantTerms.wish(permission, purpose)), expected, "wish");
    }

    /// The permission, the purpose of a READ, no DENY, and for a group just where a member asks.
    function testFuzz_permitsByTheDefinition(Fields memory fields, uint256 kind, bool asMember) external pure {
        bool writes = kind % 3 == 0;
        uint256 bit = (kind / 4) % 63;
        if ((kind / 256) % 2 == 0) fields.permissions %= 4; // no DENY, no group
        if ((kind / 256) % 4 == 1) fields.permissions = 17;
        Terms wish = writes ? GrantTerms.wish(2, 0) : GrantTerms.wish(1, uint64(1) << uint64(bit));
        bool expected = _has(fields.permissions, writes ? 1 : 0) && (writes || _has(fields.purposes, bit));
        if (_has(fields.permissions, 2) || _has(fields.permissions, 4) != asMember) expected = false;
        vm.assertTrue(_pack(fields).permits(asMember ? wish.asMember() : wish) == expected, "permits");
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
            bool reads = permissions == 1 || permissions == 3 || permissions == 17;
            bool expected = clean && (permissions == 2 || (reads && fields.purposes != 0));
            vm.assertTrue(_pack(fields).isWellFormed() == expected, "isWellFormed");
        }
    }

    /* SCOPES */

    function testFuzz_setsTheTopBitOfARecordId(address patient, bytes32 compartment, bytes32 content) external pure {
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        uint256 hash = uint256(keccak256(abi.encode(patient, compartment, content)));
        vm.assertEq(uint256(recordId), (hash % 2 ** 255) + 2 ** 255);
        vm.assertTrue(!Scopes.isLabel(recordId), "a record id is no label");
        bytes32 scope = Scopes.scopeOf(patient, compartment, content);
        vm.assertEq(scope, content == 0 ? compartment : recordId, "scopeOf");
    }

    function testFuzz_takesForALabelWhatIsNeitherChartNorRecord(uint256 word, bytes32 content) external pure {
        vm.assertTrue(Scopes.isLabel(bytes32(word)) == (word > 0 && word < 2 ** 255), "as drawn");
        vm.assertTrue(Scopes.isLabel(bytes32(word / 2)) == (word > 1), "top bit clear");
        vm.assertTrue(!Scopes.isLabel(0), "whole chart");
        vm.assertTrue(Scopes.isPlace(0, content) == (content == 0), "no record without a compartment");
        vm.assertTrue(
            Scopes.isPlace(bytes32(word), content) == (word < 2 ** 255 && (word > 0 || content == 0)),
            "place"
        );
        vm.assertTrue(Scopes.isPlace(bytes32((word / 2) | 1), content), "a label has any record");
    }

    /// The highest field first, each pushed up by the width of the next.
    function _pack(Fields memory fields) private pure returns (Terms) {
        uint256 word = fields.index;
        word = word * 2 ** 32 + fields.writtenAt;
        word = word * 2 ** 8 + fields.permissions;
        word = word * 2 ** 64 + fields.purposes;
        word = word * 2 ** 40 + fields.era;
        word = word * 2 ** 40 + fields.end;
        return Terms.wrap(word * 2 ** 40 + fields.start);
    }

    function _same(Terms terms, Fields memory fields, string memory what) private pure {
        vm.assertEq(Terms.unwrap(terms), Terms.unwrap(_pack(fields)), what);
    }

    function _has(uint256 bits, uint256 bit) private pure returns (bool) {
        return (bits / 2 ** bit) % 2 == 1;
    }
}
