// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// What a delegate may give: permissions, purposes, period, and how it is marked.
contract DelegateLimitsTest is ConsentSetup {
    function test_grantsForThePatientMarkedAndNumbered() external {
        entrust(CHART, powersOf(READ, TREATMENT));
        for (uint32 i = 0; i < 2; ++i) {
            Terms standing = placed(marked(short()), BLOCK, 2);
            expectGranted(record, standing, changeOf(i + 2, BLOCK, BLOCK));
            expectActed(record, i + 2);
            vm.recordLogs();
            giveFor(keyFor(LABEL, CONTENT, CHART), short());
            assertEvents(2);
            assertGrant(record, standing);
        }
        vm.assertTrue(reads(LABEL, CONTENT) && !reads(LABEL, 0), "the record alone");
    }

    function test_revokesForThePatientAndTellsThatNothingStands() external {
        entrust(CHART, powersOf(READ, TREATMENT));
        giveFor(keyFor(LABEL, 0, CHART), short());
        vm.roll(BLOCK + 1);
        expectRevoked(LABEL, vacant(BLOCK + 1, 2), changeOf(3, BLOCK, BLOCK));
        expectActed(LABEL, 3);
        vm.recordLogs();
        takeFor(keyFor(LABEL, 0, CHART));
        assertEvents(2);
        assertGrant(LABEL, vacant(BLOCK + 1, 2));
        refuse(abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL));
        takeFor(keyFor(LABEL, 0, CHART));
        refuse(abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, OTHER_LABEL));
        takeFor(keyFor(OTHER_LABEL, 0, CHART));
    }

    function test_deniesForThePatientInThisEra() external {
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        giveFor(keyFor(LABEL, 0, CHART), short());
        expectDenied(LABEL, placed(marked(denial()), BLOCK, 2), changeOf(3, BLOCK, BLOCK));
        expectActed(LABEL, 3);
        vm.recordLogs();
        shutFor(keyFor(LABEL, 0, CHART));
        assertEvents(2);
        assertGrant(LABEL, placed(marked(denial()), BLOCK, 2));
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        shutFor(keyFor(LABEL, 0, CHART));
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        giveFor(keyFor(LABEL, 0, CHART), short());
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        takeFor(keyFor(LABEL, 0, CHART)); // not even its own
    }

    function test_deniesAnewWhatADelegateDeniedInAnotherEra() external {
        entrust(CHART, powersOf(DENY, 0));
        shutFor(keyFor(LABEL, 0, CHART));
        lock();
        entrust(CHART, powersOf(DENY, 0));
        shutFor(keyFor(LABEL, 0, CHART));
        assertGrant(LABEL, placed(marked(dated(denial(), eraOf(patient))), BLOCK, 2));
    }

    function test_deniesOnlyWithThePowerToDeny() external {
        for (uint256 i = 0; i < 8; ++i) {
            uint8 powers = uint8((i % 4) + (i / 4) * MANAGE);
            if (powers == 0) continue;
            entrust(CHART, powersOf(powers, TREATMENT));
            refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
            shutFor(keyFor(LABEL, 0, CHART));
        }
        assertGrant(LABEL, Terms.wrap(0));
    }

    function test_deniesNobodyNorThePatient() external {
        entrust(CHART, powersOf(DENY, 0));
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            grantee = nobody[i];
            refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]));
            shutFor(keyFor(LABEL, 0, CHART));
        }
    }

    /* PERMISSIONS, PURPOSES, PERIOD */

    function test_givesEachPermissionThatItHasAndNoOther() external {
        uint8[4] memory wanted = [READ, WRITE, READ + WRITE, READ + GROUP];
        for (uint256 set = 1; set < 32; ++set) {
            uint8 had = uint8((set % 8) + ((set / 8) % 2) * GROUP + (set / 16) * MANAGE);
            if (had == GROUP || (had & GROUP != 0 && had & READ == 0)) continue;
            entrust(LABEL, powersOf(had, TREATMENT));
            Delegation limits = consent.delegationOf(patient, carer, LABEL);
            for (uint256 i = 0; i < 4; ++i) {
                Terms terms = Terms.wrap(word(NOW, NOW + 5, 0, wanted[i] % 2, wanted[i]));
                take(LABEL);
                if (wanted[i] & had != wanted[i]) _refuseBeyond(terms, limits);
                giveFor(keyFor(LABEL, 0, LABEL), terms);
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
                giveFor(keyFor(LABEL, 0, LABEL), terms);
            }
        }
        entrust(LABEL, powersOf(READ, 5));
        Terms both = Terms.wrap(word(NOW, NOW + 5, 0, 7, READ));
        _refuseBeyond(both, consent.delegationOf(patient, carer, LABEL));
        giveFor(keyFor(LABEL, 0, LABEL), both);
    }

    function test_givesNoPurposeOfItsOwnAccordWhereTheyMeanNothingEither() external {
        entrust(LABEL, powersOf(WRITE, 0));
        Terms terms = Terms.wrap(word(NOW, NOW + 5, 0, TREATMENT, WRITE));
        _refuseBeyond(terms, consent.delegationOf(patient, carer, LABEL));
        giveFor(keyFor(LABEL, 0, LABEL), terms);
    }

    function test_grantsForAsLongAsItMayAndNoSecondLonger() external {
        entrust(LABEL, powersOf(READ, TREATMENT));
        Delegation limits = consent.delegationOf(patient, carer, LABEL);
        vm.warp(NOW + 3); // counted from the granting
        giveFor(keyFor(LABEL, 0, LABEL), Terms.wrap(word(NOW, NOW + 503, 0, TREATMENT, READ)));
        Terms longer = Terms.wrap(word(NOW, NOW + 504, 0, TREATMENT, READ));
        _refuseBeyond(longer, limits);
        giveFor(keyFor(LABEL, 0, LABEL), longer);
    }

    function test_grantsUpToTheEndOfTheDelegationAndNoSecondLonger() external {
        entrust(LABEL, Delegation.wrap(word(type(uint40).max, END, 0, TREATMENT, READ)));
        Delegation limits = consent.delegationOf(patient, carer, LABEL);
        giveFor(keyFor(LABEL, 0, LABEL), reading());
        Terms longer = Terms.wrap(word(NOW, END + 1, 0, TREATMENT, READ));
        _refuseBeyond(longer, limits);
        giveFor(keyFor(LABEL, 0, LABEL), longer);
    }

    function test_grantsNothingForNoTime() external {
        entrust(LABEL, Delegation.wrap(word(0, END, 0, TREATMENT, READ)));
        Terms second = Terms.wrap(word(NOW, NOW + 1, 0, TREATMENT, READ));
        _refuseBeyond(second, consent.delegationOf(patient, carer, LABEL));
        giveFor(keyFor(LABEL, 0, LABEL), second);
    }

    function test_grantsInThePresentEraWhateverTheTermsSay() external {
        lock();
        entrust(CHART, powersOf(READ, TREATMENT));
        uint40 era = eraOf(patient);
        uint40[3] memory said = [0, era, type(uint40).max];
        for (uint256 i = 0; i < 3; ++i) {
            giveFor(keyFor(LABEL, 0, CHART), dated(short(), said[i]));
            assertGrant(LABEL, placed(marked(dated(short(), era)), BLOCK, 2));
        }
    }

    function test_refusesFromADelegateWhatAPatientMayNotGrantEither() external {
        entrust(CHART, powersOf(READ + WRITE + DENY + GROUP + MANAGE, TREATMENT));
        Delegation limits = consent.delegationOf(patient, carer, CHART);
        IDelegations.DelegatedKey memory place = keyFor(LABEL, 0, CHART);
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            place.grantee = nobody[i];
            refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]));
            giveFor(place, short());
        }
        place = keyFor(LABEL, 0, CHART);
        // a DENY, MANAGE, and places on the list are not to be given; marks are not the delegate's at all
        Terms[5] memory terms = [
            Terms.wrap(word(NOW, NOW + 5, 0, 0, DENY)),
            Terms.wrap(word(NOW, NOW + 5, 0, 0, MANAGE)),
            placed(short(), 1, 0),
            placed(short(), 0, 1),
            marked(short())
        ];
        for (uint256 i = 0; i < 5; ++i) {
            if (i < 4) refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms[i]));
            else _refuseBeyond(terms[i], limits);
            giveFor(place, terms[i]);
        }
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW + 5, NOW + 5));
        giveFor(place, Terms.wrap(word(NOW + 5, NOW + 5, 0, TREATMENT, READ)));
        refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW - 5, NOW));
        giveFor(place, Terms.wrap(word(NOW - 5, NOW, 0, TREATMENT, READ)));
        vm.assertEq(slotsOf(patient), 1, "slots");
    }

    function _refuseBeyond(Terms terms, Delegation limits) private {
        refuse(abi.encodeWithSelector(IDelegations.BeyondDelegation.selector, terms, limits));
    }
}
