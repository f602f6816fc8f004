// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// What patients do themselves: grant, revoke, lock down.
contract GrantsTest is ConsentSetup {
    /* GRANT */

    function test_storesAndAnnouncesAGrantOnEachKindOfScope() external {
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            expectGranted(scopes[i], numbered(reading(), 1));
            give(scopes[i], reading());
            assertGrant(scopes[i], numbered(reading(), 1));
        }
    }

    function test_replacesAGrantAsAWholeAndCounts() external {
        give(LABEL, reading());
        expectGranted(LABEL, numbered(denying(), 2));
        give(LABEL, denying());
        assertGrant(LABEL, numbered(denying(), 2));
        give(LABEL, denying());
        assertGrant(LABEL, numbered(denying(), 3));
    }

    function test_letsAnOutsiderGrantOnHisOwnChartAlone() external {
        give(LABEL, reading());
        vm.expectEmit(address(consent));
        emit IGrants.Granted(outsider, grantee, LABEL, numbered(denying(), 1), 0);
        vm.prank(outsider);
        consent.grant(grantee, LABEL, denying(), 0);
        assertGrant(LABEL, numbered(reading(), 1));
        vm.assertTrue(reads(LABEL, CONTENT), "the patient's grant");
        vm.assertTrue(!consent.canAccess(patient, outsider, LABEL, CONTENT, READ, TREATMENT), "the outsider");
    }

    function test_refusesNobodyAndThePatientAsGrantee() external {
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]));
            vm.prank(patient);
            consent.grant(nobody[i], LABEL, reading(), 0);
        }
    }

    function test_grantsNoPeriodThatIsEmptyOrOver() external {
        _refusePeriod(NOW + 10, NOW + 10);
        _refusePeriod(NOW + 11, NOW + 10);
        _refusePeriod(0, NOW - 1);
        _refusePeriod(0, NOW);
        _refusePeriod(0, 0);
        give(LABEL, Terms.wrap(word(0, NOW + 1, 0, TREATMENT, READ)));
        give(LABEL, Terms.wrap(word(NOW + 9, NOW + 10, 0, TREATMENT, READ)));
        give(LABEL, Terms.wrap(word(0, type(uint40).max, 0, TREATMENT, READ)));
    }

    function test_grantsAsOfNowButNotOfTheNextSecond() external {
        give(LABEL, since(reading(), NOW));
        refuse(abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1));
        give(LABEL, since(reading(), NOW + 1));
    }

    function test_namesTheFirstFaultOfSeveral() external {
        Terms bad = Terms.wrap(word(0, 0, NOW + 1, 0, 0));
        refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
        vm.prank(patient);
        consent.grant(address(0), LABEL, bad, 0);
        refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, bad));
        give(LABEL, bad);
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, 0));
        give(LABEL, Terms.wrap(word(0, 0, NOW + 1, 0, WRITE)));
    }

    /* REVOKE */

    function test_leavesOnlyTheNextRevisionOfWhatIsRevoked() external {
        give(LABEL, reading());
        expectRevoked(LABEL, 2);
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        assertGrant(LABEL, tombstone(2));
        vm.assertTrue(!reads(LABEL, CONTENT), "revoked");
    }

    function test_revokesADenyAndAnEmptySlot() external {
        give(CHART, reading());
        give(LABEL, denying());
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        vm.assertTrue(reads(LABEL, CONTENT), "the DENY is lifted");
        expectRevoked(OTHER_LABEL, 1);
        vm.prank(patient);
        consent.revoke(grantee, OTHER_LABEL);
        assertGrant(OTHER_LABEL, tombstone(1));
    }

    function test_countsOnPastTheRevisionsThatShorterNumbersHold() external {
        bytes32 place = keccak256(abi.encode(patient, grantee, LABEL));
        vm.store(address(consent), place, bytes32(Terms.unwrap(numbered(reading(), 70_000))));
        expectRevoked(LABEL, 70_001);
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        assertGrant(LABEL, tombstone(70_001));
    }

    /// A delegate can reach it where gas is free: four million signed revocations of 1,024 ahead.
    function test_revokesAtTheLastRevisionAndThenGrantsNothing() external {
        bytes32 place = keccak256(abi.encode(patient, grantee, LABEL));
        uint32 last = type(uint32).max;
        vm.store(address(consent), place, bytes32(Terms.unwrap(numbered(reading(), last))));
        vm.assertTrue(reads(LABEL, CONTENT), "open");
        expectRevoked(LABEL, last);
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        assertGrant(LABEL, tombstone(last));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        give(LABEL, reading());
        ISignedConsents.SignedGrant memory again = offer(LABEL, reading());
        again.terms = reading();
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 0, last));
        submit(again);
    }

    function test_letsAnOutsiderRevokeOnHisOwnChartAlone() external {
        give(LABEL, reading());
        IGrants.GrantKey[] memory keys = _keys(1);
        vm.recordLogs();
        vm.prank(outsider);
        consent.revoke(grantee, LABEL);
        vm.prank(outsider);
        consent.revokeMany(keys);
        assertEvents(2);
        assertGrant(LABEL, numbered(reading(), 1));
        vm.assertEq(Terms.unwrap(consent.grantOf(outsider, grantee, LABEL)), Terms.unwrap(tombstone(2)), "his own");
    }

    function test_revokesManyInOrder() external {
        give(LABEL, reading());
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](3);
        keys[0] = IGrants.GrantKey(grantee, record);
        keys[1] = IGrants.GrantKey(grantee, LABEL);
        keys[2] = IGrants.GrantKey(outsider, LABEL);
        expectRevoked(record, 1);
        expectRevoked(LABEL, 2);
        vm.expectEmit(address(consent));
        emit IGrants.Revoked(patient, outsider, LABEL, 1);
        vm.recordLogs();
        vm.prank(patient);
        consent.revokeMany(keys);
        assertEvents(3);
        assertGrant(record, tombstone(1));
        assertGrant(LABEL, tombstone(2));
    }

    function test_revokesFrom1To200AtOnce() external {
        IGrants.GrantKey[] memory none = _keys(0);
        IGrants.GrantKey[] memory tooMany = _keys(201);
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 0, 200));
        vm.prank(patient);
        consent.revokeMany(none);
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 201, 200));
        vm.prank(patient);
        consent.revokeMany(tooMany);
        vm.prank(patient);
        consent.revokeMany(_keys(200));
        assertGrant(LABEL, tombstone(200));
        vm.prank(patient);
        consent.revokeMany(_keys(1));
        assertGrant(LABEL, tombstone(201));
        vm.assertEq(consent.MAX_BATCH(), 200, "MAX_BATCH");
    }

    /* LOCKDOWN */

    function test_locksDownOnePastNowAndOnePastTheLast() external {
        vm.assertEq(consent.lockdownAt(patient), 0, "never");
        for (uint40 i = 1; i < 4; ++i) {
            vm.expectEmit(address(consent));
            emit IGrants.LockedDown(patient, NOW + i);
            lock();
            vm.assertEq(consent.lockdownAt(patient), NOW + i, "lockdownAt");
        }
        vm.warp(NOW + 3);
        lock();
        vm.assertEq(consent.lockdownAt(patient), NOW + 4, "now and the last are equal");
        vm.warp(NOW + 5);
        lock();
        vm.assertEq(consent.lockdownAt(patient), NOW + 6, "now is later");
    }

    function test_letsAnOutsiderLockDownHimselfAlone() external {
        give(LABEL, reading());
        vm.prank(outsider);
        consent.lockdown();
        vm.assertEq(consent.lockdownAt(patient), 0, "the patient");
        vm.assertEq(consent.lockdownAt(outsider), NOW + 1, "the outsider");
        vm.assertTrue(reads(LABEL, CONTENT), "the patient's grant");
    }

    function test_voidsEveryGrantOfBeforeALockdownOfTheSameSecondToo() external {
        give(CHART, reading());
        give(LABEL, reading());
        give(record, reading());
        lock();
        give(OTHER_LABEL, since(reading(), NOW));
        vm.assertTrue(!reads(LABEL, CONTENT) && !reads(CHART, 0), "void");
        vm.assertTrue(!reads(OTHER_LABEL, 0), "as of the second before");
    }

    function test_grantsAnewOnceTheLockdownsSecondHasCome() external {
        lock();
        refuse(abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1));
        give(LABEL, since(reading(), NOW + 1));
        vm.warp(NOW + 1);
        give(LABEL, since(reading(), NOW + 1));
        vm.assertTrue(reads(LABEL, CONTENT), "as of the lockdown");
        give(LABEL, since(reading(), NOW));
        vm.assertTrue(!reads(LABEL, CONTENT), "as of the second before");
        give(LABEL, reading());
        vm.assertTrue(!reads(LABEL, CONTENT), "as of no lockdown");
    }

    function test_keepsADenyOverALockdown() external {
        give(record, denying());
        lock();
        vm.warp(NOW + 1);
        give(CHART, since(reading(), NOW + 1));
        vm.assertTrue(reads(LABEL, OTHER_CONTENT), "another record");
        vm.assertTrue(!reads(LABEL, CONTENT), "the denied one");
    }

    function _refusePeriod(uint40 start, uint40 end) private {
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, start, end));
        give(LABEL, Terms.wrap(word(start, end, 0, TREATMENT, READ)));
    }

    function _keys(uint256 count) private view returns (IGrants.GrantKey[] memory keys) {
        keys = new IGrants.GrantKey[](count);
        for (uint256 i = 0; i < count; ++i) keys[i] = IGrants.GrantKey(grantee, LABEL);
    }
}
