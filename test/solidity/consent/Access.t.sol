// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// The one rule that decides access.
contract AccessTest is ConsentSetup {
    function test_opensFromTheFirstSecondToTheLast() external {
        give(LABEL, Terms.wrap(word(NOW + 10, NOW + 20, 0, TREATMENT, READ)));
        uint40[5] memory times = [NOW + 9, NOW + 10, NOW + 19, NOW + 20, NOW + 21];
        for (uint256 i = 0; i < 5; ++i) {
            vm.warp(times[i]);
            vm.assertTrue(reads(LABEL, CONTENT) == (i == 1 || i == 2), "in time");
        }
    }

    function test_opensWhatLiesWithinTheScopeAndNothingElse() external {
        give(record, reading());
        _assertReads([true, false, false, false, false]);
        take(record);
        give(LABEL, reading());
        _assertReads([true, true, true, false, false]);
        take(LABEL);
        give(CHART, reading());
        _assertReads([true, true, true, true, true]);
    }

    function test_shutsWhatLiesWithinADenyAndNothingElse() external {
        give(CHART, reading());
        shut(record);
        _assertReads([false, true, true, true, true]);
        shut(LABEL);
        _assertReads([false, false, false, true, true]);
        shut(CHART);
        _assertReads([false, false, false, false, false]);
    }

    function test_looksFurtherWhereTheNarrowerGrantHasOtherPermissionsOrPurposes() external {
        give(record, termsOf(WRITE, 0));
        give(LABEL, termsOf(READ, RESEARCH));
        vm.assertTrue(!reads(LABEL, CONTENT), "neither");
        give(CHART, reading());
        vm.assertTrue(reads(LABEL, CONTENT), "the chart's");
        vm.assertTrue(_may(LABEL, CONTENT, READ, RESEARCH), "the compartment's");
        vm.assertTrue(_may(LABEL, CONTENT, WRITE, 0), "the record's");
        vm.assertTrue(!_may(LABEL, 0, WRITE, 0), "not the compartment's");
    }

    function test_looksFurtherWhereTheNarrowerGrantIsOverOrYetToBegin() external {
        give(record, Terms.wrap(word(NOW + 50, END, 0, TREATMENT, READ)));
        give(LABEL, Terms.wrap(word(NOW, NOW + 10, 0, TREATMENT, READ)));
        give(CHART, Terms.wrap(word(NOW + 20, NOW + 30, 0, TREATMENT, READ)));
        uint40[6] memory times = [NOW, NOW + 10, NOW + 20, NOW + 30, NOW + 50, END];
        bool[6] memory expected = [true, false, true, false, true, false];
        for (uint256 i = 0; i < 6; ++i) {
            vm.warp(times[i]);
            vm.assertTrue(reads(LABEL, CONTENT) == expected[i], "in time");
        }
    }

    function test_opensEachPurposeForItselfAlone() external {
        for (uint256 bit = 0; bit < 63; ++bit) {
            give(LABEL, Terms.wrap(word(NOW, END, 0, 1 << bit, READ)));
            for (uint64 asked = 0; asked < 64; ++asked) {
                vm.assertTrue(_may(LABEL, 0, READ, uint64(1) << asked) == (asked == bit), "purpose");
            }
        }
    }

    function test_answersNoToWhatIsNotOnePermissionAndOnePurpose() external {
        give(CHART, Terms.wrap(word(NOW, END, 0, 2 ** 63 - 1, READ + WRITE)));
        for (uint256 permission = 0; permission < 256; ++permission) {
            bool expected = permission == READ || permission == WRITE;
            vm.assertTrue(_may(LABEL, 0, uint8(permission), 1) == expected, "grantee");
            bool own = consent.canAccess(patient, patient, LABEL, 0, uint8(permission), 1);
            vm.assertTrue(own == expected, "patient");
            _assertCited(LABEL, 0, uint8(permission), 1, expected);
        }
        uint64[7] memory purposes = [uint64(0), 3, 5, 2 ** 62 + 1, 2 ** 63, 2 ** 63 + 1, type(uint64).max];
        for (uint256 i = 0; i < 7; ++i) {
            vm.assertTrue(!_may(LABEL, 0, READ, purposes[i]), "not one purpose");
            vm.assertTrue(_may(LABEL, 0, WRITE, purposes[i]), "ignored for WRITE");
            vm.assertTrue(!consent.canAccess(patient, patient, LABEL, 0, READ, purposes[i]), "patient");
            _assertCited(LABEL, 0, READ, purposes[i], false);
        }
    }

    function test_answersByReadAndWriteApart() external {
        give(LABEL, termsOf(READ, TREATMENT));
        vm.assertTrue(reads(LABEL, 0) && !_may(LABEL, 0, WRITE, 0), "READ");
        give(LABEL, termsOf(WRITE, TREATMENT));
        vm.assertTrue(!reads(LABEL, 0) && _may(LABEL, 0, WRITE, 0), "WRITE");
        give(LABEL, termsOf(READ + WRITE, TREATMENT));
        vm.assertTrue(reads(LABEL, 0) && _may(LABEL, 0, WRITE, 0), "both");
        shut(LABEL);
        give(CHART, termsOf(READ + WRITE, TREATMENT));
        vm.assertTrue(!reads(LABEL, 0) && !_may(LABEL, 0, WRITE, 0), "DENY");
    }

    function test_opensNothingInPersonByAGrantToAGroup() external {
        give(CHART, termsOf(READ + GROUP, TREATMENT));
        vm.assertTrue(!reads(CHART, 0) && !reads(LABEL, CONTENT), "the grantee in person");
        give(LABEL, reading());
        vm.assertTrue(reads(LABEL, CONTENT), "and no DENY of a grant in person");
    }

    function test_pairsNoRecordWithAnotherCompartmentOrPatient() external {
        give(record, reading());
        vm.assertTrue(!reads(OTHER_LABEL, CONTENT), "another compartment");
        vm.assertTrue(!reads(CHART, CONTENT), "no compartment");
        vm.assertTrue(!consent.canAccess(outsider, grantee, LABEL, CONTENT, READ, TREATMENT), "another patient");
        give(CHART, reading());
        vm.assertTrue(!reads(CHART, CONTENT), "no compartment, whole chart granted");
    }

    function test_takesNoRecordIdForALabelNorALabelForARecord() external {
        give(CHART, reading());
        give(record, reading());
        vm.assertTrue(!reads(record, 0) && !reads(record, CONTENT), "a record id as label");
        vm.assertTrue(!consent.canAccess(patient, patient, record, 0, READ, TREATMENT), "by the patient, too");
        _assertCited(record, 0, READ, TREATMENT, false);
        take(CHART);
        vm.assertTrue(!reads(OTHER_LABEL, record), "a record id as content");
        give(OTHER_LABEL, reading());
        vm.assertTrue(!reads(LABEL, OTHER_LABEL), "a label as content");
    }

    /// The id of content 0 is no record's: a grant on it covers nothing, not even the question about no record.
    function test_looksAtNoRecordWhereNoneIsNamed() external {
        give(recordOf(LABEL, 0), reading());
        vm.assertTrue(!reads(LABEL, 0), "the compartment");
    }

    function test_opensEverythingToThePatient() external {
        vm.assertTrue(consent.canAccess(patient, patient, CHART, 0, READ, TREATMENT), "chart");
        vm.assertTrue(consent.canAccess(patient, patient, LABEL, CONTENT, WRITE, 0), "record");
        lock();
        vm.assertTrue(consent.canAccess(patient, patient, LABEL, CONTENT, READ, RESEARCH), "locked down");
        vm.assertTrue(!consent.canAccess(patient, patient, CHART, CONTENT, READ, TREATMENT), "no place");
    }

    function test_opensNothingToOthersThanTheGrantee() external {
        give(CHART, reading());
        vm.assertTrue(!consent.canAccess(patient, outsider, LABEL, CONTENT, READ, TREATMENT), "an outsider");
        vm.assertTrue(!consent.canAccess(grantee, patient, LABEL, CONTENT, READ, TREATMENT), "the other way round");
    }

    /* THE GRANT THAT PERMITS */

    function test_citesTheNarrowestGrantInForceThatPermits() external {
        give(CHART, termsOf(READ + WRITE, TREATMENT));
        give(LABEL, termsOf(READ, TREATMENT + RESEARCH));
        give(record, termsOf(WRITE, 0));
        _assertCites(LABEL, CONTENT, READ, LABEL, placed(termsOf(READ, TREATMENT + RESEARCH), BLOCK, 2));
        _assertCites(LABEL, CONTENT, WRITE, record, placed(termsOf(WRITE, 0), BLOCK, 3));
        _assertCites(LABEL, OTHER_CONTENT, WRITE, CHART, placed(termsOf(READ + WRITE, TREATMENT), BLOCK, 1));
        _assertCites(CHART, 0, READ, CHART, placed(termsOf(READ + WRITE, TREATMENT), BLOCK, 1));
        _assertCites(OTHER_LABEL, CONTENT, READ, CHART, placed(termsOf(READ + WRITE, TREATMENT), BLOCK, 1));
        vm.warp(END);
        _assertCites(LABEL, CONTENT, READ, 0, Terms.wrap(0));
    }

    function test_citesNothingWhereADenyStandsNorForThePatient() external {
        give(record, reading());
        shut(CHART);
        _assertCites(LABEL, CONTENT, READ, 0, Terms.wrap(0));
        grantee = patient;
        _assertCites(LABEL, CONTENT, READ, 0, Terms.wrap(0));
    }

    function _may(bytes32 compartment, bytes32 content, uint8 permission, uint64 purpose) private view returns (bool) {
        return consent.canAccess(patient, grantee, compartment, content, permission, purpose);
    }

    function _assertCites(
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        bytes32 expectedScope,
        Terms expected
    ) private view {
        (bytes32 scope, Terms terms) = consent.permittingGrant(
            patient,
            grantee,
            compartment,
            content,
            permission,
            TREATMENT
        );
        vm.assertEq(scope, expectedScope, "scope");
        vm.assertEq(Terms.unwrap(terms), Terms.unwrap(expected), "terms");
    }

    function _assertCited(
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose,
        bool expected
    ) private view {
        (, Terms terms) = consent.permittingGrant(patient, grantee, compartment, content, permission, purpose);
        vm.assertTrue((Terms.unwrap(terms) != 0) == expected, "cited");
    }

    /// The record, another of its compartment, the compartment, another compartment, the chart.
    function _assertReads(bool[5] memory expected) private view {
        vm.assertTrue(reads(LABEL, CONTENT) == expected[0], "record");
        vm.assertTrue(reads(LABEL, OTHER_CONTENT) == expected[1], "another record");
        vm.assertTrue(reads(LABEL, 0) == expected[2], "compartment");
        vm.assertTrue(reads(OTHER_LABEL, CONTENT) == expected[3], "another compartment");
        vm.assertTrue(reads(CHART, 0) == expected[4], "chart");
    }
}
