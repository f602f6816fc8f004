// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change, Changes} from "../../../contracts/types/Change.sol";
import {Link, Links} from "../../../contracts/types/Link.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {Words} from "../helpers/Words.sol";

/// A person's state by itself: each field in its place, and each act changing its own fields alone.
contract PersonStatesTest is Words {
    address private constant _WHO = address(0xA11CE);
    /// Every bit but for one of each field, so that a field written next to its place shows.
    PersonState private constant _FULL = PersonState.wrap(
        0x7ffe_fffffffc_fffffffb_fffffffa_fffffff9_fff8_fffffffffffff7_fffffffff6
    );

    function setUp() external {
        vm.roll(BLOCK);
    }

    function test_readsEachFieldInItsPlace() external pure {
        vm.assertEq(_FULL.era(), 0xfffffffff6, "era");
        vm.assertEq(_FULL.stand(), 0xfffffffffffff7, "stand");
        vm.assertEq(_FULL.number(), 0xfff8, "number");
        vm.assertEq(_FULL.changes(), 0xfffffff9, "changes");
        vm.assertEq(_FULL.lastChangeAt(), 0xfffffffa, "lastChangeAt");
        vm.assertEq(_FULL.slots(), 0xfffffffb, "slots");
        vm.assertEq(_FULL.lastSlotAt(), 0xfffffffc, "lastSlotAt");
        vm.assertEq(_FULL.byDelegates(), 0x7ffe, "byDelegates");
    }

    function test_putsAChangeTogether() external pure {
        Change change = Changes.place(0xffffff01, 0xffffff02, 0xffffff03);
        vm.assertEq(Change.unwrap(change), 0xffffff03_ffffff02_ffffff01, "change");
    }

    /* SIGNATURES THAT OPEN */

    function test_opensWhereThePersonStandsOrInTheSessionThatTheyJoined() external pure {
        PersonState state = _state(7, 9, 5);
        uint16[4] memory numbers = [uint16(0), 1, 5, type(uint16).max];
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertTrue(state.opens(_WHO, 9, 1, numbers[i]), "where they stand, whatever the session");
            vm.assertTrue(state.opens(_WHO, 9, 2, numbers[i]), "or another");
            vm.assertTrue(!state.opens(_WHO, 8, 1, numbers[i]), "of another stand");
            vm.assertTrue(!state.opens(_WHO, 0, 1, numbers[i]), "of none");
        }
        state = _state(7, _joined(_WHO, 9, 1, 5), 5);
        for (uint256 number = 0; number < 10; ++number) {
            vm.assertTrue(state.opens(_WHO, 9, 1, uint16(number)) == (number > 5), "in the session");
        }
        vm.assertTrue(state.opens(_WHO, 9, 1, type(uint16).max), "the last");
        vm.assertTrue(!state.opens(_WHO, 9, 2, 6), "another session");
        vm.assertTrue(!_state(7, _joined(_WHO, 9, 1, 4), 5).opens(_WHO, 9, 1, 6), "led there by another number");
        vm.assertTrue(!state.opens(_WHO, 8, 1, 6), "of another stand");
        vm.assertTrue(!state.opens(address(1), 9, 1, 6), "of another person");
        vm.assertTrue(
            !_state(7, _joined(_WHO, 9, 1, type(uint16).max), type(uint16).max).opens(_WHO, 9, 1, type(uint16).max),
            "used"
        );
    }

    function test_joinsTheSessionThatWasUsedAndEndsEachOther() external pure {
        PersonState state = _state(7, 9, 0).used(_WHO, 9, 1, 3);
        vm.assertEq(PersonState.unwrap(state), PersonState.unwrap(_state(7, _joined(_WHO, 9, 1, 3), 3)), "first");
        vm.assertTrue(!state.opens(_WHO, 9, 2, 4) && !state.opens(_WHO, 9, 1, 3), "over");
        state = state.used(_WHO, 9, 1, 8);
        vm.assertEq(PersonState.unwrap(state), PersonState.unwrap(_state(7, _joined(_WHO, 9, 1, 8), 8)), "next");
        PersonState next = _FULL.used(_WHO, 9, 1, 0x1234);
        uint256 rest = (PersonState.unwrap(next) ^ PersonState.unwrap(_FULL)) & ~(uint256(type(uint72).max) << 40);
        vm.assertEq(rest, 0, "nothing else");
        vm.assertEq(next.number(), 0x1234, "number");
        vm.assertEq(next.stand(), _joined(_WHO, 9, 1, 0x1234), "stand");
    }

    function test_movesToAStandThatTheLastBlockAndTheActDecide() external view {
        PersonState moved = _FULL.moved(_WHO, SALT);
        vm.assertEq(moved.number(), 0, "number");
        vm.assertEq(moved.stand(), _drawn(_WHO, 0xfffffffffffff7, SALT), "stand");
        uint256 rest = (PersonState.unwrap(moved) ^ PersonState.unwrap(_FULL)) & ~(uint256(type(uint72).max) << 40);
        vm.assertEq(rest, 0, "nothing else");
    }

    function test_movesToAnotherStandForEachPersonStandActAndBlock() external {
        uint56[6] memory stands;
        stands[0] = _state(7, 9, 5).moved(_WHO, SALT).stand();
        stands[1] = _state(7, 9, 5).moved(address(1), SALT).stand();
        stands[2] = _state(7, 10, 5).moved(_WHO, SALT).stand();
        stands[3] = _state(7, 9, 5).moved(_WHO, CAPSULE).stand();
        stands[4] = _state(7, 9, 5).moved(_WHO, SALT).moved(_WHO, SALT).stand();
        vm.roll(BLOCK + 1);
        stands[5] = _state(7, 9, 5).moved(_WHO, SALT).stand();
        for (uint256 i = 0; i < 6; ++i) {
            for (uint256 j = 0; j < i; ++j) vm.assertTrue(stands[i] != stands[j], "stands");
        }
    }

    /// Or whoever turns two acts round in a reorganisation could lead to a stand of before.
    function test_movesToAnotherStandByTheSameActsInAnotherOrder() external view {
        PersonState first = _state(7, 9, 0).moved(_WHO, SALT).moved(_WHO, CAPSULE);
        PersonState second = _state(7, 9, 0).moved(_WHO, CAPSULE).moved(_WHO, SALT);
        vm.assertTrue(first.stand() != second.stand(), "stands");
    }

    /* CHANGES, SLOTS, ERAS */

    function test_countsAChangeAndTellsItsPlace() external view {
        (PersonState next, Change change) = _FULL.changed();
        vm.assertEq(Change.unwrap(change), 0xfffffffc_fffffffa_fffffffa, "change");
        uint256 rest = PersonState.unwrap(next) ^ PersonState.unwrap(_FULL);
        vm.assertEq(rest, (uint256(0xfffffffa ^ 0xfffffff9) << 112) | (uint256(0xfffffffa ^ BLOCK) << 144), "next");
        (next, change) = PersonState.wrap(uint256(type(uint32).max) << 112).changed();
        vm.assertEq(next.changes(), type(uint32).max, "the last again");
        vm.assertEq(Change.unwrap(change), type(uint32).max, "in the event, too");
    }

    function test_countsASlot() external view {
        uint256 rest = PersonState.unwrap(_FULL.enlisted()) ^ PersonState.unwrap(_FULL);
        vm.assertEq(rest, (uint256(0xfffffffc ^ 0xfffffffb) << 176) | (uint256(0xfffffffc ^ BLOCK) << 208), "next");
        vm.assertEq(
            PersonState.wrap(uint256(type(uint32).max) << 176).enlisted().slots(),
            type(uint32).max,
            "the last"
        );
    }

    function test_countsWhatADelegateWroteFirst() external pure {
        uint256 rest = PersonState.unwrap(_FULL.delegated()) ^ PersonState.unwrap(_FULL);
        vm.assertEq(rest, uint256(0x7fff ^ 0x7ffe) << 240, "next");
    }

    function test_givesDelegatesTheirWholeBudgetAgain() external pure {
        uint256 rest = PersonState.unwrap(_FULL.undelegated()) ^ PersonState.unwrap(_FULL);
        vm.assertEq(rest, uint256(0x7ffe) << 240, "next");
    }

    function test_beginsTheNextEraOfNoDelegates() external pure {
        PersonState state = PersonState.wrap(((PersonState.unwrap(_FULL) >> 40) << 40) | 0x0001_abcdef);
        PersonState next = state.inNextEra(_WHO, SALT);
        uint40 era = 0x0002_000000 | uint24(uint256(keccak256(abi.encode(SALT, _WHO))));
        vm.assertEq(next.era(), era, "era");
        vm.assertEq(PersonState.unwrap(next), (((PersonState.unwrap(state) << 16) >> 56) << 40) | era, "nothing else");
    }

    /* LISTS */

    function test_numbersAndLinksTheEntriesOfAList() external {
        Link head = Link.wrap(0);
        for (uint32 i = 1; i < 4; ++i) {
            vm.roll(BLOCK + i);
            Link next = head.entry();
            vm.assertEq(next.number(), i, "number");
            vm.assertEq(next.lastAt(), i == 1 ? 0 : BLOCK + i - 1, "block of the entry before");
            head = next.head();
            vm.assertEq(Link.unwrap(head), i + uint256(BLOCK + i) * 2 ** 32, "head");
        }
        vm.assertEq(Link.unwrap(Links.join(0xffffff01, 0xffffff02)), 0xffffff02_ffffff01, "joined");
    }

    function test_endsAListAtTheLastNumber() external {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.entry(Links.join(type(uint32).max, 5));
    }

    /// As a call, which may be expected to fail.
    function entry(Link head) external pure returns (Link) {
        return head.entry();
    }

    function _state(uint256 era, uint256 stand, uint256 number) private pure returns (PersonState) {
        return PersonState.wrap(era + stand * 2 ** 40 + number * 2 ** 96);
    }

    function _joined(address who, uint256 stand, uint256 session, uint256 last) private pure returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(who, stand, session, last))) % 2 ** 56);
    }

    function _drawn(address who, uint256 stand, bytes32 act) private view returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(blockhash(BLOCK - 1), who, stand, act))) % 2 ** 56);
    }
}
