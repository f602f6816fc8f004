// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// What patients grant and take back themselves.
contract GrantsTest is ConsentSetup {
    /* GRANT */

    function test_storesAndAnnouncesAGrantOnEachKindOfScope() external {
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint32 i = 0; i < 3; ++i) {
            uint256 before = i == 0 ? 0 : BLOCK;
            expectGranted(scopes[i], placed(reading(), BLOCK, i + 1), changeOf(i + 1, before, before));
            vm.recordLogs();
            give(scopes[i], reading());
            assertEvents(1);
            assertGrant(scopes[i], placed(reading(), BLOCK, i + 1));
        }
    }

    function test_replacesAGrantAsAWholeInItsSlot() external {
        give(LABEL, reading());
        vm.roll(BLOCK + 5);
        Terms other = Terms.wrap(word(NOW + 1, NOW + 2, 0, 0, WRITE));
        expectGranted(LABEL, placed(other, BLOCK + 5, 1), changeOf(2, BLOCK, BLOCK));
        give(LABEL, other);
        assertGrant(LABEL, placed(other, BLOCK + 5, 1));
    }

    function test_letsAnOutsiderGrantOnHisOwnChartAlone() external {
        give(LABEL, reading());
        vm.expectEmit(address(consent));
        emit IGrants.Granted(outsider, grantee, LABEL, placed(termsOf(WRITE, 0), BLOCK, 1), 0, changeOf(1, 0, 0));
        vm.prank(outsider);
        consent.grant(grantee, LABEL, termsOf(WRITE, 0), 0);
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
        vm.assertTrue(reads(LABEL, CONTENT), "the patient's grant");
        vm.assertTrue(!consent.canAccess(patient, outsider, LABEL, CONTENT, READ, TREATMENT), "the outsider");
    }

    function test_grantsInThePresentEraWhateverTheTermsSay() external {
        lock();
        uint40 era = eraOf(patient);
        uint40[3] memory said = [0, era, type(uint40).max];
        for (uint256 i = 0; i < 3; ++i) {
            give(LABEL, dated(reading(), said[i]));
            assertGrant(LABEL, placed(dated(reading(), era), BLOCK, 1));
            vm.assertTrue(reads(LABEL, CONTENT), "in force");
        }
    }

    function test_refusesNobodyAndThePatientAsGrantee() external {
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]));
            vm.prank(patient);
            consent.grant(nobody[i], LABEL, reading(), 0);
        }
        vm.assertEq(changesOf(patient), 0, "changes");
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

    function test_namesTheFirstFaultOfSeveral() external {
        shut(LABEL);
        Terms bad = Terms.wrap(word(0, 0, 0, 0, 0));
        refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
        vm.prank(patient);
        consent.grant(address(0), LABEL, bad, 0);
        refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, bad));
        give(LABEL, bad);
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, 0));
        give(LABEL, Terms.wrap(word(0, 0, 0, 0, WRITE)));
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        give(LABEL, reading());
    }

    /* REVOKE */

    function test_leavesOnlyThePlaceOfWhatIsRevoked() external {
        give(LABEL, reading());
        vm.roll(BLOCK + 1);
        expectRevoked(LABEL, vacant(BLOCK + 1, 1), changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        take(LABEL);
        assertEvents(1);
        assertGrant(LABEL, vacant(BLOCK + 1, 1));
        vm.assertTrue(!reads(LABEL, CONTENT), "revoked");
    }

    function test_revokesWhatIsOverYetToBeginOrOfAnotherEra() external {
        give(CHART, Terms.wrap(word(NOW, NOW + 1, 0, TREATMENT, READ)));
        give(LABEL, Terms.wrap(word(NOW + 50, END, 0, TREATMENT, READ)));
        give(record, reading());
        vm.warp(NOW + 1);
        lock();
        take(CHART);
        take(LABEL);
        take(record);
        assertGrant(CHART, vacant(BLOCK, 1));
        assertGrant(LABEL, vacant(BLOCK, 2));
        assertGrant(record, vacant(BLOCK, 3));
    }

    function test_tellsThatThereIsNothingToRevoke() external {
        bytes memory reason = abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL);
        expectSkipped(0, reason);
        vm.recordLogs();
        take(LABEL);
        assertEvents(1);
        give(LABEL, reading());
        take(LABEL);
        expectSkipped(0, reason); // once more
        take(LABEL);
        assertGrant(LABEL, vacant(BLOCK, 1));
        vm.assertEq(changesOf(patient), 2, "changes");
    }

    function test_letsAnOutsiderRevokeOnHisOwnChartAlone() external {
        give(LABEL, reading());
        address[3] memory others = [outsider, grantee, carer];
        for (uint256 i = 0; i < 3; ++i) {
            expectSkipped(0, abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL));
            vm.prank(others[i]);
            consent.revoke(grantee, LABEL);
        }
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
        vm.assertTrue(reads(LABEL, CONTENT), "the patient's grant");
    }

    function test_revokesManyInOrderAndTellsWhichCannotBe() external {
        give(LABEL, reading());
        shut(record);
        vm.prank(patient);
        consent.grant(outsider, LABEL, reading(), 0);
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](5);
        keys[0] = keyTo(CHART);
        keys[1] = keyTo(LABEL);
        keys[2] = keyTo(record);
        keys[3] = IGrants.GrantKey(outsider, LABEL);
        keys[4] = keyTo(LABEL); // done by the second
        expectSkipped(0, abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, CHART));
        expectRevoked(LABEL, vacant(BLOCK, 1), changeOf(4, BLOCK, BLOCK));
        expectSkipped(2, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, record));
        vm.expectEmit(address(consent));
        emit IGrants.Revoked(patient, outsider, LABEL, vacant(BLOCK, 3), changeOf(5, BLOCK, BLOCK));
        expectSkipped(4, abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL));
        vm.recordLogs();
        vm.prank(patient);
        consent.revokeMany(keys);
        assertEvents(5);
        assertGrant(LABEL, vacant(BLOCK, 1));
        assertGrant(record, placed(denial(), BLOCK, 2));
        vm.assertEq(changesOf(patient), 5, "changes");
    }

    function test_letsAnOutsiderRevokeManyOnHisOwnChartAlone() external {
        give(LABEL, reading());
        IGrants.GrantKey[] memory keys = _keys(1);
        expectSkipped(0, abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL));
        vm.prank(outsider);
        consent.revokeMany(keys);
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
    }

    function test_revokesFrom1To200AtOnce() external {
        IGrants.GrantKey[] memory none = _keys(0);
        IGrants.GrantKey[] memory tooMany = _keys(201);
        IGrants.GrantKey[] memory most = _keys(200);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 0, 200));
        vm.prank(patient);
        consent.revokeMany(none);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        vm.prank(patient);
        consent.revokeMany(tooMany);
        most[199] = keyTo(record);
        give(record, reading());
        vm.recordLogs();
        vm.prank(patient);
        consent.revokeMany(most);
        assertEvents(200);
        assertGrant(record, vacant(BLOCK, 1));
        vm.assertEq(consent.MAX_BATCH(), 200, "MAX_BATCH");
    }

    function _refusePeriod(uint40 start, uint40 end) private {
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, start, end));
        give(LABEL, Terms.wrap(word(start, end, 0, TREATMENT, READ)));
    }

    function _keys(uint256 count) private view returns (IGrants.GrantKey[] memory keys) {
        keys = new IGrants.GrantKey[](count);
        for (uint256 i = 0; i < count; ++i) keys[i] = keyTo(LABEL);
    }
}
