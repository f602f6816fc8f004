// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Whether a DENY stands, whatever else does.
contract AccessDeniedTest is ConsentSetup {
    function test_findsADenyOnThePlaceItsCompartmentOrTheChart() external {
        _assertDenied([false, false, false, false, false]);
        shut(record);
        _assertDenied([true, false, false, false, false]);
        shut(LABEL);
        _assertDenied([true, true, true, false, false]);
        lift(record);
        _assertDenied([true, true, true, false, false]);
        shut(CHART);
        _assertDenied([true, true, true, true, true]);
        lift(LABEL);
        _assertDenied([true, true, true, true, true]);
        lift(CHART);
        _assertDenied([false, false, false, false, false]);
    }

    /// Any of them is enough, in whatever company of grants.
    function test_findsADenyBesideGrants() external {
        bytes32[3] memory scopes = [record, LABEL, CHART];
        for (uint256 set = 0; set < 8; ++set) {
            for (uint256 i = 0; i < 3; ++i) {
                if ((set >> i) % 2 == 1) shut(scopes[i]);
                else give(scopes[i], termsOf(READ + WRITE, TREATMENT));
            }
            vm.assertTrue(_denied(grantee, LABEL, CONTENT) == (set != 0), "record");
            vm.assertTrue(_denied(grantee, LABEL, 0) == (set > 1), "compartment");
            vm.assertTrue(_denied(grantee, CHART, 0) == (set > 3), "chart");
            for (uint256 i = 0; i < 3; ++i) if ((set >> i) % 2 == 1) lift(scopes[i]);
        }
    }

    function test_findsNoDenyInAGrantNorInWhatWasTakenAway() external {
        give(CHART, termsOf(WRITE, 0));
        give(LABEL, termsOf(READ + GROUP, TREATMENT));
        give(record, reading());
        _assertDenied([false, false, false, false, false]);
        take(CHART);
        vm.warp(END);
        _assertDenied([false, false, false, false, false]);
        lock();
        _assertDenied([false, false, false, false, false]);
        vm.warp(NOW);
        entrust(CHART, powersOf(DENY, 0)); // the power to deny is none
        vm.assertTrue(!_denied(carer, CHART, 0), "a delegate");
    }

    function test_findsThePatientsOwnInEveryEraAndAtAnyTime() external {
        shut(LABEL);
        lock();
        lock();
        vm.warp(type(uint40).max);
        _assertDenied([true, true, true, false, false]);
        lift(LABEL);
        _assertDenied([false, false, false, false, false]);
    }

    function test_findsADelegatesInItsEraAlone() external {
        bytes32[3] memory compartments = [LABEL, LABEL, CHART];
        bytes32[3] memory contents = [CONTENT, bytes32(0), bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            entrust(CHART, powersOf(DENY, 0));
            shutFor(keyFor(compartments[i], contents[i], CHART));
            _assertDenied([true, i > 0, i > 0, i > 1, i > 1]);
            distrust(CHART); // what it shut stays shut
            vm.warp(END + i);
            _assertDenied([true, i > 0, i > 0, i > 1, i > 1]);
            vm.warp(NOW);
            lock();
            _assertDenied([false, false, false, false, false]);
        }
    }

    function test_findsThePatientsInThePlaceOfADelegates() external {
        entrust(CHART, powersOf(DENY, 0));
        shutFor(keyFor(LABEL, 0, CHART));
        shut(LABEL);
        lock();
        vm.assertTrue(_denied(grantee, LABEL, CONTENT), "the patient's");
    }

    /// Nobody can ask about such a place, so nothing stands there, be the whole chart shut.
    function test_findsNothingWhereThereIsNoPlace() external {
        shut(CHART);
        shut(record);
        shut(recordOf(CHART, CONTENT));
        shut(recordOf(record, CONTENT));
        vm.assertTrue(!_denied(grantee, CHART, CONTENT), "a record of no compartment");
        vm.assertTrue(!_denied(grantee, record, 0), "a record id as label");
        vm.assertTrue(!_denied(grantee, record, CONTENT), "a record of a record");
        vm.assertTrue(!_denied(grantee, bytes32(type(uint256).max), 0), "all bits");
        vm.assertTrue(_denied(grantee, bytes32(type(uint256).max >> 1), 0), "the last label");
    }

    function test_pairsNoRecordWithAnotherCompartmentPersonOrPatient() external {
        shut(record);
        shut(recordOf(OTHER_LABEL, 0)); // of no record
        vm.assertTrue(!_denied(grantee, OTHER_LABEL, CONTENT), "another compartment");
        vm.assertTrue(!_denied(grantee, OTHER_LABEL, 0), "content 0");
        vm.assertTrue(!_denied(grantee, OTHER_LABEL, record), "a record id as content");
        vm.assertTrue(!_denied(outsider, LABEL, CONTENT), "another person");
        vm.assertTrue(!consent.isDenied(outsider, grantee, LABEL, CONTENT), "another patient");
        vm.assertTrue(!consent.isDenied(grantee, patient, LABEL, CONTENT), "the other way round");
    }

    /// Nobody is shut out of their own chart: there is no way to write such a DENY.
    function test_findsNoneForThePatientNorForNobody() external {
        entrust(CHART, powersOf(DENY, 0));
        address[2] memory nobody = [patient, address(0)];
        for (uint256 i = 0; i < 2; ++i) {
            grantee = nobody[i];
            bytes memory reason = abi.encodeWithSelector(IGrants.InvalidGrantee.selector, nobody[i]);
            expectSkipped(0, reason);
            shut(CHART);
            refuse(reason);
            shutFor(keyFor(CHART, 0, CHART));
            _assertDenied([false, false, false, false, false]);
        }
    }

    /// What somebody else shuts is their own chart.
    function test_keepsThePatientsOwnChartOpenWhoeverDeniesThem() external {
        address[3] memory others = [outsider, grantee, carer];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(others[i]);
            consent.deny(patient, CHART);
            vm.prank(others[i]);
            consent.deny(patient, record); // an id of the patient's record, on another's list
            vm.assertTrue(consent.isDenied(others[i], patient, LABEL, CONTENT), "on theirs");
            vm.assertTrue(!consent.canAccess(others[i], patient, LABEL, CONTENT, READ, TREATMENT), "reads theirs");
            vm.assertTrue(!consent.canWrite(others[i], patient, LABEL, CONTENT), "writes theirs");
        }
        vm.assertTrue(!_denied(patient, LABEL, CONTENT), "on their own");
        vm.assertTrue(consent.canAccess(patient, patient, LABEL, CONTENT, READ, TREATMENT), "reads");
        vm.assertTrue(consent.canAccess(patient, patient, LABEL, CONTENT, WRITE, 0), "writes");
        vm.assertTrue(consent.canAccess(patient, patient, CHART, 0, READ, RESEARCH), "the chart");
        vm.assertTrue(consent.canWrite(patient, patient, LABEL, CONTENT), "canWrite");
    }

    function _denied(address who, bytes32 compartment, bytes32 content) private view returns (bool) {
        return consent.isDenied(patient, who, compartment, content);
    }

    /// The record, another of its compartment, the compartment, another compartment, the chart.
    function _assertDenied(bool[5] memory expected) private view {
        vm.assertTrue(_denied(grantee, LABEL, CONTENT) == expected[0], "record");
        vm.assertTrue(_denied(grantee, LABEL, OTHER_CONTENT) == expected[1], "another record");
        vm.assertTrue(_denied(grantee, LABEL, 0) == expected[2], "compartment");
        vm.assertTrue(_denied(grantee, OTHER_LABEL, CONTENT) == expected[3], "another compartment");
        vm.assertTrue(_denied(grantee, CHART, 0) == expected[4], "chart");
    }
}
