// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Who becomes a delegate, until when, and what a delegation alone opens.
contract DelegationsTest is ConsentSetup {
    function test_storesAndAnnouncesADelegationOnEachKindOfScope() external {
        Delegation terms = delegationOf(READ + WRITE + DENY + MANAGE, TREATMENT);
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint32 revision = 1; revision < 3; ++revision) {
                vm.expectEmit(address(consent));
                emit IDelegations.Delegated(patient, carer, scopes[i], numbered(terms, revision));
                entrust(scopes[i], terms);
                assertDelegation(scopes[i], numbered(terms, revision));
            }
        }
    }

    function test_leavesOnlyTheNextRevisionOfAnEndedDelegation() external {
        entrust(LABEL, delegationOf(WRITE, 0));
        for (uint32 revision = 2; revision < 4; ++revision) {
            vm.expectEmit(address(consent));
            emit IDelegations.Undelegated(patient, carer, LABEL, revision);
            vm.prank(patient);
            consent.undelegate(carer, LABEL);
            assertDelegation(LABEL, Delegation.wrap(uint256(revision) << 192));
            vm.assertTrue(!consent.canWrite(patient, carer, LABEL, CONTENT), "ended");
        }
    }

    function test_letsAnOutsiderDelegateAndEndHisOwnAlone() external {
        Delegation terms = delegationOf(WRITE, 0);
        entrust(LABEL, terms);
        vm.prank(outsider);
        consent.delegate(carer, CHART, delegationOf(MANAGE, 0));
        vm.prank(outsider);
        consent.undelegate(carer, LABEL);
        assertDelegation(LABEL, numbered(terms, 1));
        assertDelegation(CHART, Delegation.wrap(0));
        vm.assertTrue(!consent.canManage(patient, carer, LABEL, CONTENT), "of another's chart");
        uint256 own = Delegation.unwrap(consent.delegationOf(outsider, carer, LABEL));
        vm.assertEq(own, 1 << 192, "his own");
    }

    function test_refusesNobodyAndThePatientAsDelegate() external {
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            refuse(abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, nobody[i]));
            vm.prank(patient);
            consent.delegate(nobody[i], LABEL, delegationOf(WRITE, 0));
        }
    }

    function test_refusesADelegationThatIsOver() external {
        uint40[3] memory ends = [0, NOW - 1, NOW];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, ends[i]));
            entrust(LABEL, Delegation.wrap(word(5, ends[i], 0, 0, WRITE)));
        }
        entrust(LABEL, Delegation.wrap(word(5, NOW + 1, 0, 0, WRITE)));
    }

    function test_delegatesAsOfNowButNotOfTheNextSecond() external {
        entrust(LABEL, Delegation.wrap(word(5, END, NOW, 0, WRITE)));
        refuse(abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1));
        entrust(LABEL, Delegation.wrap(word(5, END, NOW + 1, 0, WRITE)));
    }

    /* WHAT IT OPENS */

    function test_letsADelegateWriteUntilTheLastSecond() external {
        entrust(LABEL, Delegation.wrap(word(0, NOW + 10, 0, 0, WRITE + MANAGE)));
        for (uint40 time = NOW + 8; time < NOW + 12; ++time) {
            vm.warp(time);
            vm.assertTrue(_writes(LABEL, CONTENT) == (time < NOW + 10), "canWrite");
            vm.assertTrue(_manages(LABEL, CONTENT) == (time < NOW + 10), "canManage");
        }
    }

    function test_opensWritingByWriteAndManagingByManageAlone() external {
        for (uint8 permissions = 2; permissions < 32; ++permissions) {
            if ((permissions / 8) % 2 == 1) continue;
            entrust(LABEL, delegationOf(permissions, TREATMENT));
            vm.assertTrue(_writes(LABEL, CONTENT) == ((permissions / 2) % 2 == 1), "canWrite");
            vm.assertTrue(_manages(LABEL, CONTENT) == (permissions / 16 == 1), "canManage");
            vm.assertTrue(!consent.canAccess(patient, carer, LABEL, CONTENT, READ, TREATMENT), "reads nothing");
            vm.assertTrue(!consent.canAccess(patient, carer, LABEL, CONTENT, WRITE, 0), "no grant");
        }
    }

    function test_opensWhatLiesWithinTheDelegationAndNothingElse() external {
        entrust(record, delegationOf(WRITE + MANAGE, 0));
        _assertPlaces([true, false, false, false, false]);
        vm.prank(patient);
        consent.undelegate(carer, record);
        entrust(LABEL, delegationOf(WRITE + MANAGE, 0));
        _assertPlaces([true, true, true, false, false]);
        vm.prank(patient);
        consent.undelegate(carer, LABEL);
        entrust(CHART, delegationOf(WRITE + MANAGE, 0));
        _assertPlaces([true, true, true, true, true]);
    }

    function test_opensNothingToOthersNorOfOthers() external {
        entrust(CHART, delegationOf(WRITE + MANAGE, 0));
        vm.assertTrue(!consent.canWrite(patient, outsider, LABEL, CONTENT), "an outsider writes");
        vm.assertTrue(!consent.canManage(patient, outsider, LABEL, CONTENT), "an outsider manages");
        vm.assertTrue(!consent.canWrite(outsider, carer, LABEL, CONTENT), "at an outsider's");
        vm.assertTrue(!consent.canManage(outsider, carer, LABEL, CONTENT), "managing an outsider's");
        vm.assertTrue(consent.canWrite(patient, patient, CHART, 0), "the patient writes");
        vm.assertTrue(consent.canManage(patient, patient, LABEL, CONTENT), "the patient manages");
    }

    function test_opensNothingWhereThePlaceIsNone() external {
        entrust(CHART, delegationOf(WRITE + MANAGE, 0));
        address[2] memory actors = [carer, patient];
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertTrue(!consent.canWrite(patient, actors[i], CHART, CONTENT), "a record of no compartment");
            vm.assertTrue(!consent.canWrite(patient, actors[i], record, 0), "a record id as label");
            vm.assertTrue(!consent.canManage(patient, actors[i], CHART, CONTENT), "managing no compartment");
            vm.assertTrue(!consent.canManage(patient, actors[i], record, CONTENT), "managing a record id");
        }
    }

    function test_voidsADelegationByLockdown() external {
        entrust(CHART, delegationOf(WRITE + MANAGE, 0));
        lock();
        vm.assertTrue(!_writes(LABEL, CONTENT) && !_manages(LABEL, CONTENT), "void");
        vm.warp(NOW + 1);
        entrust(CHART, Delegation.wrap(word(5, END, NOW, 0, WRITE + MANAGE)));
        vm.assertTrue(!_writes(LABEL, CONTENT) && !_manages(LABEL, CONTENT), "as of the second before");
        entrust(CHART, Delegation.wrap(word(5, END, NOW + 1, 0, WRITE + MANAGE)));
        vm.assertTrue(_writes(LABEL, CONTENT) && _manages(LABEL, CONTENT), "as of the lockdown");
    }

    function test_shutsADelegateOutByADenyForHimInPerson() external {
        entrust(CHART, delegationOf(WRITE, 0));
        vm.prank(patient);
        consent.grant(carer, LABEL, denying(), 0);
        vm.assertTrue(!_writes(LABEL, CONTENT), "denied");
        vm.assertTrue(_writes(OTHER_LABEL, CONTENT), "elsewhere");
        vm.prank(patient);
        consent.grant(carer, LABEL, reading(), 0);
        vm.assertTrue(_writes(LABEL, CONTENT), "a grant to read says nothing of writing");
    }

    function test_letsAGranteeWithWriteWrite() external {
        give(LABEL, termsOf(WRITE, 0));
        vm.assertTrue(consent.canWrite(patient, grantee, LABEL, CONTENT), "WRITE");
        vm.assertTrue(!consent.canManage(patient, grantee, LABEL, CONTENT), "but not manage");
        give(LABEL, reading());
        vm.assertTrue(!consent.canWrite(patient, grantee, LABEL, CONTENT), "READ");
    }

    function _writes(bytes32 compartment, bytes32 content) private view returns (bool) {
        return consent.canWrite(patient, carer, compartment, content);
    }

    function _manages(bytes32 compartment, bytes32 content) private view returns (bool) {
        return consent.canManage(patient, carer, compartment, content);
    }

    /// The record, another of its compartment, the compartment, another compartment, the chart.
    function _assertPlaces(bool[5] memory expected) private view {
        bytes32[5] memory compartments = [LABEL, LABEL, LABEL, OTHER_LABEL, CHART];
        bytes32[5] memory contents = [CONTENT, OTHER_CONTENT, bytes32(0), CONTENT, bytes32(0)];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertTrue(_writes(compartments[i], contents[i]) == expected[i], "canWrite");
            vm.assertTrue(_manages(compartments[i], contents[i]) == expected[i], "canManage");
        }
    }
}
