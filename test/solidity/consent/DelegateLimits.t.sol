// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// How far a delegate may go: place, permissions, purposes, period.
contract DelegateLimitsTest is ConsentSetup {
    function test_grantsForThePatientMarkedAndCounted() external {
        entrust(CHART, delegationOf(READ, TREATMENT));
        for (uint32 revision = 1; revision < 3; ++revision) {
            Terms standing = numbered(marked(_short()), revision);
            expectGranted(record, standing);
            vm.expectEmit(address(consent));
            emit IDelegations.ActedFor(patient, carer, grantee, record, revision);
            vm.recordLogs();
            _grantFor(giving(LABEL, CONTENT, CHART, _short()));
            assertEvents(2);
            assertGrant(record, standing);
        }
        vm.assertTrue(reads(LABEL, CONTENT) && !reads(LABEL, 0), "the record alone");
    }

    function test_revokesForThePatientAndCounts() external {
        entrust(CHART, delegationOf(READ, TREATMENT));
        _grantFor(giving(LABEL, 0, CHART, _short()));
        for (uint32 revision = 2; revision < 4; ++revision) {
            expectRevoked(LABEL, revision);
            vm.expectEmit(address(consent));
            emit IDelegations.ActedFor(patient, carer, grantee, LABEL, revision);
            vm.recordLogs();
            vm.prank(carer);
            consent.revokeFor(taking(LABEL, 0, CHART));
            assertEvents(2);
            assertGrant(LABEL, tombstone(revision));
        }
    }

    /* PLACE */

    function test_actsWithinTheScopeOfTheDelegationAlone() external {
        // under chart, compartment, record; on chart, compartment, another compartment, record, other records
        bytes32[3] memory under = [CHART, LABEL, record];
        bytes32[6] memory compartments = [CHART, LABEL, OTHER_LABEL, LABEL, LABEL, OTHER_LABEL];
        bytes32[6] memory contents = [bytes32(0), 0, 0, CONTENT, OTHER_CONTENT, CONTENT];
        bool[6][3] memory within = [
            [true, true, true, true, true, true],
            [false, true, false, true, true, false],
            [false, false, false, true, false, false]
        ];
        for (uint256 i = 0; i < 3; ++i) {
            entrust(under[i], delegationOf(READ, TREATMENT));
            for (uint256 j = 0; j < 6; ++j) {
                bytes32 scope = contents[j] == 0 ? compartments[j] : recordOf(compartments[j], contents[j]);
                bytes memory reason = abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, scope, under[i]);
                if (!within[i][j]) refuse(reason);
                _grantFor(giving(compartments[j], contents[j], under[i], _short()));
                if (!within[i][j]) refuse(reason);
                vm.prank(carer);
                consent.revokeFor(taking(compartments[j], contents[j], under[i]));
            }
        }
    }

    function test_namesNoPlaceThatIsNone() external {
        entrust(CHART, delegationOf(READ + MANAGE, TREATMENT));
        bytes32[3] memory compartments = [CHART, record, record];
        bytes32[3] memory contents = [CONTENT, CONTENT, bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory reason = abi.encodeWithSelector(
                IDelegations.InvalidPlace.selector,
                compartments[i],
                contents[i]
            );
            refuse(reason);
            _grantFor(giving(compartments[i], contents[i], CHART, _short()));
            refuse(reason);
            vm.prank(carer);
            consent.revokeFor(taking(compartments[i], contents[i], CHART));
        }
    }

    function test_pairsNoDelegatedRecordWithAnotherCompartment() external {
        entrust(record, delegationOf(READ, TREATMENT));
        bytes32 elsewhere = recordOf(OTHER_LABEL, CONTENT);
        refuse(abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, elsewhere, record));
        _grantFor(giving(OTHER_LABEL, CONTENT, record, _short()));
        bytes32 nested = recordOf(LABEL, record);
        refuse(abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, nested, record));
        _grantFor(giving(LABEL, record, record, _short()));
    }

    /* WHO, AND WHEN */

    function test_refusesWhoIsNoDelegateOfThatScope() external {
        entrust(LABEL, delegationOf(READ, TREATMENT));
        _refuseNotDelegate(CHART, carer);
        _grantFor(giving(LABEL, 0, CHART, _short()));
        _refuseNotDelegate(LABEL, outsider);
        vm.prank(outsider);
        consent.grantFor(giving(LABEL, 0, LABEL, _short()));
        _refuseNotDelegate(LABEL, outsider);
        vm.prank(outsider);
        consent.revokeFor(taking(LABEL, 0, LABEL));
        // not even the patient: theirs is the plain grant
        _refuseNotDelegate(LABEL, patient);
        vm.prank(patient);
        consent.grantFor(giving(LABEL, 0, LABEL, _short()));
        assertGrant(LABEL, Terms.wrap(0));
    }

    function test_actsUntilTheLastSecondOfTheDelegation() external {
        entrust(LABEL, Delegation.wrap(word(500, NOW + 10, 0, TREATMENT, READ)));
        vm.warp(NOW + 9);
        Terms last = Terms.wrap(word(0, NOW + 10, 0, TREATMENT, READ));
        _grantFor(giving(LABEL, 0, LABEL, last));
        vm.prank(carer);
        consent.revokeFor(taking(LABEL, 0, LABEL));
        vm.warp(NOW + 10);
        _refuseNotDelegate(LABEL, carer);
        _grantFor(giving(LABEL, 0, LABEL, _short()));
        _refuseNotDelegate(LABEL, carer);
        vm.prank(carer);
        consent.revokeFor(taking(LABEL, 0, LABEL));
    }

    function test_actsNoMoreOnceTheDelegationWasTakenBackWhileItsGrantsStay() external {
        entrust(LABEL, delegationOf(READ + MANAGE, TREATMENT));
        _grantFor(giving(LABEL, 0, LABEL, _short()));
        vm.prank(patient);
        consent.undelegate(carer, LABEL);
        _refuseNotDelegate(LABEL, carer);
        _grantFor(giving(LABEL, 0, LABEL, _short()));
        _refuseNotDelegate(LABEL, carer);
        vm.prank(carer);
        consent.revokeFor(taking(LABEL, 0, LABEL));
        vm.assertTrue(reads(LABEL, CONTENT), "what was granted stays");
    }

    function test_actsNoMoreAfterALockdown() external {
        entrust(LABEL, delegationOf(READ + MANAGE, TREATMENT));
        lock();
        _refuseNotDelegate(LABEL, carer);
        _grantFor(giving(LABEL, 0, LABEL, _short()));
        _refuseNotDelegate(LABEL, carer);
        vm.prank(carer);
        consent.revokeFor(taking(LABEL, 0, LABEL));
        vm.warp(NOW + 1);
        _refuseNotDelegate(LABEL, carer);
        _grantFor(giving(LABEL, 0, LABEL, since(_short(), NOW + 1)));
    }

    function test_opensNothingByADelegatesGrantAsOfBeforeALockdown() external {
        lock();
        vm.warp(NOW + 1);
        entrust(LABEL, Delegation.wrap(word(500, END, NOW + 1, TREATMENT, READ)));
        _grantFor(giving(LABEL, 0, LABEL, since(_short(), NOW)));
        vm.assertTrue(!reads(LABEL, CONTENT), "as of before");
        _grantFor(giving(LABEL, 0, LABEL, since(_short(), NOW + 1)));
        vm.assertTrue(reads(LABEL, CONTENT), "as of the lockdown");
    }

    /* PERMISSIONS, PURPOSES, PERIOD */

    function test_givesEachPermissionThatItHasAndNoOther() external {
        uint8[4] memory wanted = [READ, WRITE, READ + WRITE, DENY];
        for (uint8 had = 1; had < 32; ++had) {
            if ((had / 8) % 2 == 1) continue;
            entrust(LABEL, delegationOf(had, TREATMENT));
            Delegation limits = consent.delegationOf(patient, carer, LABEL);
            for (uint256 i = 0; i < 4; ++i) {
                Terms terms = Terms.wrap(word(NOW, NOW + 5, 0, wanted[i] % 2, wanted[i]));
                vm.prank(patient);
                consent.revoke(grantee, LABEL);
                if (wanted[i] & had != wanted[i]) _refuseBeyond(terms, limits);
                _grantFor(giving(LABEL, 0, LABEL, terms));
            }
        }
    }

    function test_givesEachPurposeThatItHasAndNoOther() external {
        for (uint256 had = 0; had < 63; ++had) {
            entrust(LABEL, Delegation.wrap(word(500, END, 0, 1 << had, READ + WRITE)));
            Delegation limits = consent.delegationOf(patient, carer, LABEL);
            for (uint256 wanted = 0; wanted < 63; ++wanted) {
                Terms terms = Terms.wrap(word(NOW, NOW + 5, 0, 1 << wanted, READ));
                if (wanted != had) _refuseBeyond(terms, limits);
                _grantFor(giving(LABEL, 0, LABEL, terms));
            }
        }
        entrust(LABEL, delegationOf(READ, 5));
        Terms both = Terms.wrap(word(NOW, NOW + 5, 0, 7, READ));
        _refuseBeyond(both, consent.delegationOf(patient, carer, LABEL));
        _grantFor(giving(LABEL, 0, LABEL, both));
    }

    function test_givesNoPurposeOfItsOwnAccordWhereTheyMeanNothingEither() external {
        entrust(LABEL, delegationOf(WRITE, 0));
        Terms terms = Terms.wrap(word(NOW, NOW + 5, 0, TREATMENT, WRITE));
        _refuseBeyond(terms, consent.delegationOf(patient, carer, LABEL));
        _grantFor(giving(LABEL, 0, LABEL, terms));
    }

    function test_grantsForAsLongAsItMayAndNoSecondLonger() external {
        entrust(LABEL, delegationOf(READ, TREATMENT));
        Delegation limits = consent.delegationOf(patient, carer, LABEL);
        vm.warp(NOW + 3); // counted from the granting
        _grantFor(giving(LABEL, 0, LABEL, Terms.wrap(word(NOW, NOW + 503, 0, TREATMENT, READ))));
        Terms longer = Terms.wrap(word(NOW, NOW + 504, 0, TREATMENT, READ));
        _refuseBeyond(longer, limits);
        _grantFor(giving(LABEL, 0, LABEL, longer));
    }

    function test_grantsUpToTheEndOfTheDelegationAndNoSecondLonger() external {
        entrust(LABEL, Delegation.wrap(word(type(uint40).max, END, 0, TREATMENT, READ)));
        Delegation limits = consent.delegationOf(patient, carer, LABEL);
        _grantFor(giving(LABEL, 0, LABEL, reading()));
        Terms longer = Terms.wrap(word(NOW, END + 1, 0, TREATMENT, READ));
        _refuseBeyond(longer, limits);
        _grantFor(giving(LABEL, 0, LABEL, longer));
    }

    function test_grantsNothingForNoTime() external {
        entrust(LABEL, Delegation.wrap(word(0, END, 0, TREATMENT, READ)));
        Terms second = Terms.wrap(word(NOW, NOW + 1, 0, TREATMENT, READ));
        _refuseBeyond(second, consent.delegationOf(patient, carer, LABEL));
        _grantFor(giving(LABEL, 0, LABEL, second));
    }

    function test_refusesFromADelegateWhatAPatientMayNotGrantEither() external {
        entrust(CHART, delegationOf(READ + WRITE + DENY + MANAGE, TREATMENT));
        IDelegations.DelegatedGrant memory bad = giving(LABEL, 0, CHART, _short());
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            bad.grantee = nobody[i];
            refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]));
            _grantFor(bad);
        }
        // marks, revisions and MANAGE are not the delegate's to set
        Terms[3] memory terms = [marked(_short()), numbered(_short(), 1), termsOf(MANAGE, TREATMENT)];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms[i]));
            _grantFor(giving(LABEL, 0, CHART, terms[i]));
        }
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW + 5, NOW + 5));
        _grantFor(giving(LABEL, 0, CHART, Terms.wrap(word(NOW + 5, NOW + 5, 0, TREATMENT, READ))));
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW - 5, NOW));
        _grantFor(giving(LABEL, 0, CHART, Terms.wrap(word(NOW - 5, NOW, 0, TREATMENT, READ))));
        refuse(abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1));
        _grantFor(giving(LABEL, 0, CHART, since(_short(), NOW + 1)));
    }

    function _short() private pure returns (Terms) {
        return Terms.wrap(word(NOW, NOW + 100, 0, TREATMENT, READ));
    }

    function _grantFor(IDelegations.DelegatedGrant memory offered) private {
        vm.prank(carer);
        consent.grantFor(offered);
    }

    function _refuseBeyond(Terms terms, Delegation limits) private {
        refuse(abi.encodeWithSelector(IDelegations.BeyondDelegation.selector, terms, limits));
    }

    function _refuseNotDelegate(bytes32 under, address actor) private {
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, under, actor));
    }
}
