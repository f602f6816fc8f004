// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Doors that patients shut, and open again, themselves.
contract DenialsTest is ConsentSetup {
    /* DENY */

    function test_storesAndAnnouncesADenyOnEachKindOfScope() external {
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint32 i = 0; i < 3; ++i) {
            uint256 before = i == 0 ? 0 : BLOCK;
            expectDenied(scopes[i], placed(denial(), BLOCK, i + 1), changeOf(i + 1, before, before));
            vm.recordLogs();
            shut(scopes[i]);
            assertEvents(1);
            assertGrant(scopes[i], placed(denial(), BLOCK, i + 1));
        }
    }

    function test_takesThePlaceOfAGrant() external {
        give(LABEL, reading());
        vm.roll(BLOCK + 1);
        expectDenied(LABEL, placed(denial(), BLOCK + 1, 1), changeOf(2, BLOCK, BLOCK));
        shut(LABEL);
        assertGrant(LABEL, placed(denial(), BLOCK + 1, 1));
    }

    function test_carriesTheEraInWhichItWasSetAndHoldsInEachOther() external {
        lock();
        uint40 era = eraOf(patient);
        shut(LABEL);
        assertGrant(LABEL, placed(dated(denial(), era), BLOCK, 1));
        lock();
        give(CHART, reading());
        vm.assertTrue(!reads(LABEL, CONTENT), "in the next era");
    }

    function test_tellsThatADenyStandsAlready() external {
        shut(LABEL);
        lock(); // in each era
        vm.roll(BLOCK + 1);
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        vm.recordLogs();
        shut(LABEL);
        assertEvents(1);
        assertGrant(LABEL, placed(denial(), BLOCK, 1));
    }

    function test_tellsThatNobodyAndThePatientAreNotShutOut() external {
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            expectSkipped(0, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]));
            vm.recordLogs();
            vm.prank(patient);
            consent.deny(nobody[i], LABEL);
            assertEvents(1);
        }
        vm.assertEq(slotsOf(patient), 0, "slots");
        vm.assertTrue(consent.canAccess(patient, patient, LABEL, CONTENT, READ, TREATMENT), "the patient");
    }

    function test_takesThePlaceOfADelegatesDenyAndOutlivesTheEra() external {
        entrust(CHART, powersOf(DENY, 0));
        shutFor(keyFor(LABEL, 0, CHART));
        assertGrant(LABEL, placed(marked(denial()), BLOCK, 2));
        shut(LABEL);
        assertGrant(LABEL, placed(denial(), BLOCK, 2));
        lock();
        give(CHART, reading());
        vm.assertTrue(!reads(LABEL, CONTENT), "in the next era");
    }

    function test_letsAnOutsiderDenyOnHisOwnChartAlone() external {
        give(LABEL, reading());
        vm.expectEmit(address(consent));
        emit IGrants.Denied(outsider, grantee, LABEL, placed(denial(), BLOCK, 1), changeOf(1, 0, 0));
        vm.prank(outsider);
        consent.deny(grantee, LABEL);
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
        vm.assertTrue(reads(LABEL, CONTENT), "the patient's grant");
    }

    /* LIFT */

    function test_leavesOnlyThePlaceOfALiftedDeny() external {
        shut(LABEL);
        vm.roll(BLOCK + 1);
        expectLifted(LABEL, vacant(BLOCK + 1, 1), changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        lift(LABEL);
        assertEvents(1);
        assertGrant(LABEL, vacant(BLOCK + 1, 1));
        give(LABEL, reading());
        vm.assertTrue(reads(LABEL, CONTENT), "open to grants again");
    }

    function test_liftsOnlyWhereADenyStands() external {
        bytes memory reason = abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, LABEL);
        refuse(reason);
        lift(LABEL);
        give(LABEL, reading());
        refuse(reason);
        lift(LABEL);
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
        shut(LABEL);
        lift(LABEL);
        refuse(reason);
        lift(LABEL);
    }

    function test_liftsADelegatesDenyInItsEraAlone() external {
        entrust(CHART, powersOf(DENY, 0));
        shutFor(keyFor(LABEL, 0, CHART));
        shutFor(keyFor(OTHER_LABEL, 0, CHART));
        lift(LABEL);
        assertGrant(LABEL, vacant(BLOCK, 2));
        lock();
        refuse(abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, OTHER_LABEL));
        lift(OTHER_LABEL); // it ended with the era
        take(OTHER_LABEL);
        assertGrant(OTHER_LABEL, vacant(BLOCK, 3));
    }

    function test_liftsManyInOrderAndTellsWhichIsNone() external {
        shut(CHART);
        give(LABEL, reading());
        shut(record);
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](4);
        keys[0] = keyTo(CHART);
        keys[1] = keyTo(LABEL);
        keys[2] = keyTo(record);
        keys[3] = keyTo(CHART); // done by the first
        expectLifted(CHART, vacant(BLOCK, 1), changeOf(4, BLOCK, BLOCK));
        expectSkipped(1, abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, LABEL));
        expectLifted(record, vacant(BLOCK, 3), changeOf(5, BLOCK, BLOCK));
        expectSkipped(3, abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, CHART));
        vm.recordLogs();
        vm.prank(patient);
        consent.liftMany(keys);
        assertEvents(4);
        assertGrant(CHART, vacant(BLOCK, 1));
        assertGrant(LABEL, placed(reading(), BLOCK, 2));
        assertGrant(record, vacant(BLOCK, 3));
    }

    function test_letsAnOutsiderLiftManyOnHisOwnChartAlone() external {
        shut(LABEL);
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](1);
        keys[0] = keyTo(LABEL);
        expectSkipped(0, abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, LABEL));
        vm.prank(outsider);
        consent.liftMany(keys);
        assertGrant(LABEL, placed(denial(), BLOCK, 1));
    }

    function test_liftsFrom1To200AtOnce() external {
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](0);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 0, 200));
        vm.prank(patient);
        consent.liftMany(keys);
        keys = new IGrants.GrantKey[](201);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        vm.prank(patient);
        consent.liftMany(keys);
        keys = new IGrants.GrantKey[](200);
        keys[199] = keyTo(LABEL);
        shut(LABEL);
        vm.prank(patient);
        consent.liftMany(keys);
        assertGrant(LABEL, vacant(BLOCK, 1));
    }
}
