// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// One act that voids every grant and delegation at once, and begins an era that nobody could foresee.
contract LockdownsTest is ConsentSetup {
    function test_beginsAnEraOfACountAndOfWhatThePatientDrew() external {
        vm.assertEq(eraOf(patient), 0, "never");
        for (uint256 i = 1; i < 4; ++i) {
            bytes32 salt = bytes32(i * 77);
            uint40 next = eraAfter(eraOf(patient), salt, patient);
            vm.roll(BLOCK + i);
            vm.expectEmit(address(consent));
            emit IGrants.LockedDown(patient, next, changeOf(i, i == 1 ? 0 : BLOCK + i - 1, 0));
            vm.recordLogs();
            vm.prank(patient);
            consent.lockdown(salt);
            assertEvents(1);
            vm.assertEq(eraOf(patient), next, "era");
            vm.assertEq(eraOf(patient) >> 24, i, "count");
        }
    }

    function test_beginsAnotherEraEachTimeEvenWithTheSameSalt() external {
        uint40[] memory eras = new uint40[](20);
        for (uint256 i = 1; i < 20; ++i) {
            lock();
            eras[i] = eraOf(patient);
            for (uint256 j = 0; j < i; ++j) vm.assertTrue(eras[i] != eras[j], "an era of before");
        }
    }

    function test_beginsAnotherEraForEachPersonAndSalt() external {
        lock();
        vm.prank(outsider);
        consent.lockdown(SALT);
        vm.prank(grantee);
        consent.lockdown(bytes32(uint256(SALT) + 1));
        uint40[3] memory eras = [eraOf(patient), eraOf(outsider), eraOf(grantee)];
        vm.assertTrue(eras[0] != eras[1] && eras[1] != eras[2] && eras[0] != eras[2], "eras");
    }

    function test_beginsAnotherEraWhereTheCountCannotGoOn() external {
        uint40 last = eraAfter(uint40(0xFFFE) << 24, SALT, patient);
        storeState(patient, last);
        lock(); // the same salt, and no number left: one bit differs
        vm.assertEq(eraOf(patient), last ^ 1, "era");
        vm.prank(patient);
        consent.lockdown(bytes32(uint256(9)));
        vm.assertEq(eraOf(patient) >> 24, 0xFFFF, "count");
        vm.assertTrue(eraOf(patient) != last, "era");
    }

    function test_letsAnOutsiderLockDownHimselfAlone() external {
        give(LABEL, reading());
        vm.prank(outsider);
        consent.lockdown(SALT);
        vm.assertEq(eraOf(patient), 0, "the patient");
        vm.assertTrue(eraOf(outsider) != 0, "the outsider");
        vm.assertTrue(reads(LABEL, CONTENT), "the patient's grant");
    }

    function test_voidsEveryGrantOfBeforeAndKeepsTheWords() external {
        give(CHART, reading());
        give(LABEL, termsOf(READ + WRITE, TREATMENT));
        give(record, reading());
        lock();
        vm.assertTrue(!reads(LABEL, CONTENT) && !reads(CHART, 0), "void");
        vm.assertTrue(!consent.canWrite(patient, grantee, LABEL, CONTENT), "void to write");
        assertGrant(CHART, placed(reading(), BLOCK, 1));
        give(record, reading());
        vm.assertTrue(reads(LABEL, CONTENT), "granted anew, in the very block");
        vm.assertTrue(!reads(LABEL, OTHER_CONTENT), "that alone");
    }

    function test_voidsEveryDelegationOfBefore() external {
        entrust(CHART, powersOf(READ + WRITE + MANAGE, TREATMENT));
        entrust(LABEL, powersOf(WRITE, 0));
        lock();
        vm.assertTrue(!consent.canWrite(patient, carer, LABEL, CONTENT), "canWrite");
        vm.assertTrue(!consent.isDelegate(patient, carer, LABEL, CONTENT, MANAGE), "isDelegate");
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        giveFor(keyFor(LABEL, 0, CHART), short());
        entrust(CHART, powersOf(READ + WRITE + MANAGE, TREATMENT));
        vm.assertTrue(consent.canWrite(patient, carer, LABEL, CONTENT), "delegated anew");
    }

    function test_voidsWhatDelegatesGranted() external {
        entrust(CHART, powersOf(READ, TREATMENT));
        giveFor(keyFor(LABEL, 0, CHART), short());
        vm.assertTrue(reads(LABEL, CONTENT), "open");
        lock();
        vm.assertTrue(!reads(LABEL, CONTENT), "void");
    }

    function test_opensNoDoor() external {
        give(CHART, reading());
        shut(record);
        lock();
        give(CHART, reading());
        vm.assertTrue(reads(LABEL, OTHER_CONTENT), "another record");
        vm.assertTrue(!reads(LABEL, CONTENT), "the denied one");
    }

    /// Or whoever had a delegation once could keep doors shut for ever.
    function test_endsTheDenysOfDelegates() external {
        entrust(CHART, powersOf(DENY, 0));
        shutFor(keyFor(LABEL, 0, CHART));
        give(CHART, reading());
        vm.assertTrue(!reads(LABEL, CONTENT), "shut");
        distrust(CHART);
        vm.assertTrue(!reads(LABEL, CONTENT), "shut still");
        lock();
        give(CHART, reading());
        vm.assertTrue(reads(LABEL, CONTENT), "open");
        give(LABEL, reading()); // and nothing to be lifted
        assertGrant(LABEL, placed(dated(reading(), eraOf(patient)), BLOCK, 2));
    }
}
