// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// A patient's history is numbered and linked, and so are the slots: who proves the state knows when a list is whole.
contract HistoriesTest is ConsentSetup {
    uint32 private constant _LAST = type(uint32).max;

    /// Every kind of act, each in a block of its own: its number, the block of the change before, that of the slot before.
    function test_numbersAndLinksEveryChangeWhoeverMakesIt() external {
        vm.roll(BLOCK + 1);
        expectGranted(CHART, placed(reading(), BLOCK + 1, 1), changeOf(1, 0, 0));
        give(CHART, reading());
        vm.roll(BLOCK + 2);
        Delegation powers = powersOf(READ + DENY, TREATMENT);
        vm.expectEmit(address(consent));
        emit IDelegations.Delegated(
            patient,
            carer,
            CHART,
            placed(powers, BLOCK + 2, 2),
            changeOf(2, BLOCK + 1, BLOCK + 1)
        );
        entrust(CHART, powers);
        vm.roll(BLOCK + 3);
        expectGranted(LABEL, placed(marked(short()), BLOCK + 3, 3), changeOf(3, BLOCK + 2, BLOCK + 2));
        expectActed(LABEL, 3);
        giveFor(keyFor(LABEL, 0, CHART), short());
        vm.roll(BLOCK + 4);
        expectDenied(LABEL, placed(marked(denial()), BLOCK + 4, 3), changeOf(4, BLOCK + 3, BLOCK + 3));
        expectActed(LABEL, 4);
        shutFor(keyFor(LABEL, 0, CHART));
        vm.roll(BLOCK + 5);
        expectLifted(LABEL, vacant(BLOCK + 5, 3), changeOf(5, BLOCK + 4, BLOCK + 3));
        lift(LABEL);
        vm.roll(BLOCK + 6);
        expectDenied(record, placed(denial(), BLOCK + 6, 4), changeOf(6, BLOCK + 5, BLOCK + 3));
        shut(record);
        vm.roll(BLOCK + 7);
        expectRevoked(CHART, vacant(BLOCK + 7, 1), changeOf(7, BLOCK + 6, BLOCK + 6));
        take(CHART);
        vm.roll(BLOCK + 8);
        Delegation left = Delegation.wrap(uint256(BLOCK + 8) * 2 ** 192 + 2 * 2 ** 224);
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, CHART, left, changeOf(8, BLOCK + 7, BLOCK + 6));
        distrust(CHART);
        vm.roll(BLOCK + 9);
        vm.expectEmit(address(consent));
        emit IGrants.LockedDown(patient, eraAfter(0, SALT, patient), changeOf(9, BLOCK + 8, BLOCK + 6));
        lock();
        _assertCounts(9, BLOCK + 9, 4, BLOCK + 6);
    }

    function test_numbersWhatADelegateRevokes() external {
        entrust(CHART, powersOf(READ, TREATMENT));
        giveFor(keyFor(LABEL, 0, CHART), short());
        vm.roll(BLOCK + 1);
        expectRevoked(LABEL, vacant(BLOCK + 1, 2), changeOf(3, BLOCK, BLOCK));
        expectActed(LABEL, 3);
        takeFor(keyFor(LABEL, 0, CHART));
        _assertCounts(3, BLOCK + 1, 2, BLOCK);
    }

    function test_numbersNothingWhereNothingIsDone() external {
        give(LABEL, reading());
        shut(record);
        vm.roll(BLOCK + 1);
        take(record);
        take(OTHER_LABEL);
        shut(record);
        distrust(CHART);
        vm.prank(patient);
        consent.cancel(new uint256[](3));
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](2);
        vm.prank(patient);
        consent.revokeMany(keys);
        vm.prank(patient);
        consent.liftMany(keys);
        _assertCounts(2, BLOCK, 2, BLOCK);
    }

    function test_numbersEachOfManyInOneBlock() external {
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](3);
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = keyTo(bytes32(i + 1));
            shut(keys[i].scope);
        }
        vm.roll(BLOCK + 1);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 before = i == 0 ? BLOCK : BLOCK + 1;
            expectLifted(keys[i].scope, vacant(BLOCK + 1, i + 1), changeOf(4 + i, before, BLOCK));
        }
        vm.prank(patient);
        consent.liftMany(keys);
        _assertCounts(6, BLOCK + 1, 3, BLOCK);
    }

    function test_keepsASlotItsNumberThroughWhateverStandsThere() external {
        give(CHART, reading());
        give(LABEL, reading());
        for (uint256 i = 0; i < 3; ++i) {
            take(LABEL);
            shut(LABEL);
            lift(LABEL);
            give(LABEL, reading());
            assertGrant(LABEL, placed(dated(reading(), eraOf(patient)), BLOCK, 2));
            lock();
        }
        vm.assertEq(slotsOf(patient), 2, "slots");
    }

    function test_countsEachPatientForItself() external {
        give(LABEL, reading());
        give(record, reading());
        patient = outsider;
        shut(LABEL);
        assertGrant(LABEL, placed(denial(), BLOCK, 1));
        _assertCounts(1, BLOCK, 1, BLOCK);
    }

    /* THE LAST NUMBERS */

    function test_shutsDoorsWhenThereIsNoNumberLeft() external {
        give(CHART, reading());
        give(LABEL, reading());
        entrust(CHART, powersOf(READ, TREATMENT));
        _exhaust();
        vm.roll(BLOCK + 1);
        expectRevoked(LABEL, vacant(BLOCK + 1, 2), changeOf(_LAST, BLOCK, BLOCK));
        take(LABEL);
        expectDenied(record, placed(denial(), BLOCK + 1, _LAST), changeOf(_LAST, BLOCK + 1, BLOCK));
        shut(record);
        expectDenied(CHART, placed(denial(), BLOCK + 1, 1), changeOf(_LAST, BLOCK + 1, BLOCK + 1));
        shut(CHART);
        distrust(CHART);
        vm.assertTrue(!consent.isDelegate(patient, carer, CHART, 0, READ), "undelegated");
        lock();
        vm.assertTrue(eraOf(patient) != 0, "locked down");
        _assertCounts(_LAST, BLOCK + 1, _LAST, BLOCK + 1);
    }

    function test_opensDoorsWhenThereIsNoNumberLeftToo() external {
        shut(LABEL);
        _exhaust();
        lift(LABEL);
        give(LABEL, reading());
        give(record, reading());
        give(OTHER_LABEL, reading());
        vm.assertTrue(reads(LABEL, CONTENT) && reads(OTHER_LABEL, 0), "granted");
        assertGrant(record, placed(reading(), BLOCK, _LAST));
        assertGrant(OTHER_LABEL, placed(reading(), BLOCK, _LAST));
        _assertCounts(_LAST, BLOCK, _LAST, BLOCK);
    }

    function test_reachesTheLastNumberAndStays() external {
        storeState(patient, (uint256(_LAST - 1) << 112) | (uint256(_LAST - 1) << 176));
        for (uint256 i = 1; i < 4; ++i) {
            give(bytes32(i), reading());
            assertGrant(bytes32(i), placed(reading(), BLOCK, _LAST));
            _assertCounts(_LAST, BLOCK, _LAST, BLOCK);
        }
    }

    /* STORAGE */

    /// Where a client proves what stands: the first two slots and the hash of patient, grantee and scope.
    function test_keepsStatesDelegationsAndGrantsWhereClientsProveThem() external {
        storeState(patient, 77);
        vm.assertEq(PersonState.unwrap(consent.stateOf(patient)), 77, "state");
        bytes32 place = keccak256(abi.encode(patient, uint256(1)));
        place = keccak256(abi.encode(LABEL, keccak256(abi.encode(carer, place))));
        vm.store(address(consent), place, bytes32(uint256(78)));
        assertDelegation(LABEL, Delegation.wrap(78));
        vm.store(address(consent), keccak256(abi.encode(patient, grantee, LABEL)), bytes32(uint256(79)));
        assertGrant(LABEL, Terms.wrap(79));
    }

    /// Leaves no number of changes and of slots.
    function _exhaust() private {
        uint256 full = (uint256(_LAST) << 112) | (uint256(_LAST) << 176);
        storeState(patient, PersonState.unwrap(consent.stateOf(patient)) | full);
    }

    function _assertCounts(uint256 changes, uint256 changeAt, uint256 slots, uint256 slotAt) private view {
        uint256 counts = (PersonState.unwrap(consent.stateOf(patient)) >> 112) % 2 ** 128;
        vm.assertEq(counts, changes + changeAt * 2 ** 32 + slots * 2 ** 64 + slotAt * 2 ** 96, "counts");
    }
}
