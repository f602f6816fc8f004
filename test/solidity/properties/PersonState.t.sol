// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change} from "../../../contracts/types/Change.sol";
import {Link, Links} from "../../../contracts/types/Link.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {SolTest} from "../Vm.sol";

/// What orders a person's acts, field by field, from any state; lists that are counted and linked.
contract PersonStateTest is SolTest {
    struct Fields {
        uint40 era;
        uint56 stand;
        uint16 number;
        uint32 changes;
        uint32 lastChangeAt;
        uint32 slots;
        uint32 lastSlotAt;
        uint16 byDelegates;
    }

    uint256 private constant LAST = 2 ** 32 - 1;

    function testFuzz_readsAsDocumented(Fields memory fields) external pure {
        PersonState state = _pack(fields);
        vm.assertEq(state.era(), fields.era, "era");
        vm.assertEq(state.stand(), fields.stand, "stand");
        vm.assertEq(state.number(), fields.number, "number");
        vm.assertEq(state.changes(), fields.changes, "changes");
        vm.assertEq(state.lastChangeAt(), fields.lastChangeAt, "lastChangeAt");
        vm.assertEq(state.slots(), fields.slots, "slots");
        vm.assertEq(state.lastSlotAt(), fields.lastSlotAt, "lastSlotAt");
        vm.assertEq(state.byDelegates(), fields.byDelegates, "byDelegates");
    }

    /// Where the signer stands; or where a signature of the same session led them, with a higher number.
    function testFuzz_opensByTheDefinition(
        Fields memory fields,
        address who,
        uint56 stand,
        uint40 session,
        uint16 number,
        uint256 kind
    ) external pure {
        if (kind % 4 == 0) fields.stand = stand;
        if (kind % 4 == 1) fields.stand = _joined(who, stand, session, fields.number);
        if (kind % 8 > 3) number = uint16((uint256(fields.number) + ((kind / 8) % 3) + 2 ** 16 - 1) % 2 ** 16);
        bool answer = _pack(fields).opens(who, stand, session, number);
        if (stand == fields.stand) return vm.assertTrue(answer, "where the signer stands");
        bool isOneGo = fields.stand == _joined(who, stand, session, fields.number);
        vm.assertTrue(answer == (isOneGo && number > fields.number), "where the session led");
    }

    /// Another stand, and no number; nothing else. What opened before does not, whatever it named.
    function testFuzz_movesOn(Fields memory fields, address who, bytes32 act, uint64 height, uint40 session) external {
        vm.roll(uint256(height) + 1);
        PersonState next = _pack(fields).moved(who, act);
        vm.assertTrue(!next.opens(who, fields.stand, session, type(uint16).max), "an opening of before");
        uint256 drawn = uint256(keccak256(abi.encode(blockhash(height), who, fields.stand, act)));
        (fields.stand, fields.number) = (uint56(drawn % 2 ** 56), 0);
        _same(next, fields, "moved");
    }

    /// What was signed in the same go and has a higher number still opens, nothing else.
    function testFuzz_usesANumber(
        Fields memory fields,
        address who,
        uint40 session,
        uint40 another,
        uint16 number,
        uint16 next
    ) external pure {
        uint56 stand = fields.stand;
        PersonState state = _pack(fields).used(who, stand, session, number);
        (fields.stand, fields.number) = (_joined(who, stand, session, number), number);
        _same(state, fields, "used");
        vm.assertTrue(state.opens(who, stand, session, next) == (next > number), "the same session");
        if (another != session) vm.assertTrue(!state.opens(who, stand, another, next), "another session");
        PersonState again = state.used(who, stand, session, next);
        uint56 within = fields.stand;
        (fields.stand, fields.number) = (_joined(who, stand, session, next), next);
        _same(again, fields, "used again");
        // what another device signed where the session stood before
        if (next != number) vm.assertTrue(!again.opens(who, within, another, number), "begun within the session");
    }

    /// One more, in this block; the event has the number, the block of the change before and of the slot before.
    function testFuzz_countsChanges(Fields memory fields, uint64 height, bool full) external {
        vm.roll(height);
        if (full) fields.changes = uint32(LAST);
        (PersonState next, Change change) = _pack(fields).changed();
        uint256 count = fields.changes == LAST ? LAST : uint256(fields.changes) + 1;
        uint256 word = (uint256(fields.lastSlotAt) * 2 ** 32 + fields.lastChangeAt) * 2 ** 32 + count;
        vm.assertEq(Change.unwrap(change), word, "change");
        (fields.changes, fields.lastChangeAt) = (uint32(count), uint32(height % 2 ** 32));
        _same(next, fields, "changed");
    }

    function testFuzz_countsSlots(Fields memory fields, uint64 height, bool full) external {
        vm.roll(height);
        if (full) fields.slots = uint32(LAST);
        PersonState next = _pack(fields).enlisted();
        uint256 count = fields.slots == LAST ? LAST : uint256(fields.slots) + 1;
        (fields.slots, fields.lastSlotAt) = (uint32(count), uint32(height % 2 ** 32));
        _same(next, fields, "enlisted");
    }

    function testFuzz_countsSlotsOfDelegates(Fields memory fields) external pure {
        fields.byDelegates %= 2 ** 16 - 1;
        PersonState next = _pack(fields).delegated();
        ++fields.byDelegates;
        _same(next, fields, "delegated");
    }

    function testFuzz_givesDelegatesTheirBudgetBack(Fields memory fields) external pure {
        PersonState next = _pack(fields).undelegated();
        fields.byDelegates = 0;
        _same(next, fields, "undelegated");
    }

    /// The next count and 24 bits of what was drawn; never the era of before. Nothing else but the delegates' count.
    function testFuzz_comesToTheNextEra(Fields memory fields, address who, bytes32 salt, uint256 kind) external pure {
        if (kind % 4 == 0) fields.era |= uint40(2 ** 40 - 2 ** 24); // no count follows
        uint40 drawn = uint40(uint256(keccak256(abi.encode(salt, who))) % 2 ** 24);
        if (kind % 8 == 0) fields.era = uint40(2 ** 40 - 2 ** 24) + drawn;
        PersonState state = _pack(fields);
        PersonState next = state.inNextEra(who, salt);
        uint256 count = fields.era / 2 ** 24;
        uint40 era = uint40((count == 2 ** 16 - 1 ? count : count + 1) * 2 ** 24 + drawn);
        if (era == fields.era) era = era % 2 == 0 ? era + 1 : era - 1;
        vm.assertTrue(next.era() != state.era(), "the era of before");
        (fields.era, fields.byDelegates) = (era, 0);
        _same(next, fields, "inNextEra");
    }

    /* LISTS */

    function testFuzz_linksAnEntryToTheOneBefore(uint32 count, uint32 before, uint64 height) external {
        vm.roll(height);
        Link head = Link.wrap(uint64(uint256(before) * 2 ** 32 + count));
        vm.assertEq(head.number(), count, "number");
        vm.assertEq(head.lastAt(), before, "lastAt");
        vm.assertEq(Link.unwrap(Links.join(count, before)), Link.unwrap(head), "join");
        vm.assertEq(Link.unwrap(head.head()), (uint256(height) % 2 ** 32) * 2 ** 32 + count, "head");
        if (count == LAST) return;
        vm.assertEq(Link.unwrap(head.entry()), uint256(before) * 2 ** 32 + count + 1, "entry");
    }

    /// The highest field first, each pushed up by the width of the next.
    function _pack(Fields memory fields) private pure returns (PersonState) {
        uint256 word = fields.byDelegates;
        word = word * 2 ** 32 + fields.lastSlotAt;
        word = word * 2 ** 32 + fields.slots;
        word = word * 2 ** 32 + fields.lastChangeAt;
        word = word * 2 ** 32 + fields.changes;
        word = word * 2 ** 16 + fields.number;
        word = word * 2 ** 56 + fields.stand;
        return PersonState.wrap(word * 2 ** 40 + fields.era);
    }

    function _joined(address who, uint56 stand, uint40 session, uint16 last) private pure returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(who, stand, session, last))) % 2 ** 56);
    }

    function _same(PersonState state, Fields memory fields, string memory what) private pure {
        vm.assertEq(PersonState.unwrap(state), PersonState.unwrap(_pack(fields)), what);
    }
}
