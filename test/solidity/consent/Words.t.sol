// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation, DelegationTerms} from "../../../contracts/libraries/DelegationTerms.sol";
import {GrantTerms, Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Scopes} from "../../../contracts/libraries/Scopes.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Which words are terms, a delegation, a label: every bit of them.
contract WordsTest is ConsentSetup {
    function test_grantsEachSetOfPermissionsOfTheListAndNoOther() external {
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            for (uint256 purposes = 0; purposes < 2; ++purposes) {
                bool readable = (permissions == 1 || permissions == 3) && purposes == 1;
                Terms terms = Terms.wrap(word(NOW, END, 0, purposes, permissions));
                if (!readable && permissions != 2 && permissions != 4) _refuse(terms);
                give(CHART, terms);
            }
        }
    }

    function test_delegatesEachSetOfPermissionsOfTheListAndNoOther() external {
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            for (uint256 purposes = 0; purposes < 2; ++purposes) {
                bool known = permissions != 0 && permissions % 32 == permissions && (permissions / 8) % 2 == 0;
                Delegation terms = Delegation.wrap(word(1, END, 0, purposes, permissions));
                if (!known || (permissions % 2 == 1 && purposes == 0)) _refuse(terms);
                entrust(CHART, terms);
            }
        }
    }

    function test_grantsAndDelegatesEachPurposeButTheTopBit() external {
        for (uint256 bit = 0; bit < 64; ++bit) {
            Terms terms = Terms.wrap(word(NOW, END, 0, 1 << bit, READ));
            if (bit == 63) _refuse(terms);
            give(CHART, terms);
            Delegation delegation = Delegation.wrap(word(1, END, 0, 1 << bit, READ));
            if (bit == 63) _refuse(delegation);
            entrust(CHART, delegation);
        }
        give(CHART, Terms.wrap(word(NOW, END, 0, 2 ** 63 - 1, READ)));
        entrust(CHART, Delegation.wrap(word(1, END, 0, 2 ** 63 - 1, READ)));
        // the top bit is refused where purposes mean nothing, too
        Terms writing = Terms.wrap(word(NOW, END, 0, 2 ** 63, WRITE));
        _refuse(writing);
        give(CHART, writing);
        Delegation managing = Delegation.wrap(word(1, END, 0, 2 ** 63, MANAGE));
        _refuse(managing);
        entrust(CHART, managing);
    }

    function test_refusesARevisionAndEachReservedBit() external {
        for (uint256 bit = 192; bit < 256; ++bit) {
            Terms terms = Terms.wrap(Terms.unwrap(reading()) | (1 << bit));
            _refuse(terms);
            give(CHART, terms);
            Delegation delegation = Delegation.wrap(Delegation.unwrap(delegationOf(READ, TREATMENT)) | (1 << bit));
            _refuse(delegation);
            entrust(CHART, delegation);
        }
    }

    function test_readsEachFieldOfTermsInItsPlace() external pure {
        Terms terms = Terms.wrap((1 << 224) | (6 << 192) | (5 << 184) | (4 << 120) | (3 << 80) | (2 << 40) | 1);
        vm.assertEq(terms.start(), 1, "start");
        vm.assertEq(terms.end(), 2, "end");
        vm.assertEq(terms.asOf(), 3, "asOf");
        vm.assertEq(terms.purposes(), 4, "purposes");
        vm.assertEq(terms.permissions(), 5, "permissions");
        vm.assertEq(terms.revision(), 6, "revision");
        vm.assertEq(Terms.unwrap(GrantTerms.pack(1, 2, 3, 4, 5)), word(1, 2, 3, 4, 5), "packed");
        vm.assertEq(
            Terms.unwrap(GrantTerms.pack(1, 2, 3, 4, 5).withRevision(6).withRevision(9)),
            word(1, 2, 3, 4, 5) + (9 << 192),
            "withRevision"
        );
        vm.assertEq(Terms.unwrap(GrantTerms.tombstone(7)), 7 << 192, "tombstone");
    }

    function test_readsEachFieldOfADelegationInItsPlace() external pure {
        Delegation terms = Delegation.wrap(
            (1 << 224) | (6 << 192) | (5 << 184) | (4 << 120) | (3 << 80) | (2 << 40) | 1
        );
        vm.assertEq(terms.longest(), 1, "longest");
        vm.assertEq(terms.end(), 2, "end");
        vm.assertEq(terms.asOf(), 3, "asOf");
        vm.assertEq(terms.purposes(), 4, "purposes");
        vm.assertEq(terms.permissions(), 5, "permissions");
        vm.assertEq(terms.revision(), 6, "revision");
        Delegation renumbered = Delegation.wrap(word(1, 2, 3, 4, 5)).withRevision(6).withRevision(9);
        vm.assertEq(Delegation.unwrap(renumbered), word(1, 2, 3, 4, 5) + (9 << 192), "withRevision");
    }

    function test_knowsTheNumbersOfPermissionsAndPurposes() external pure {
        vm.assertEq(GrantTerms.READ, READ, "READ");
        vm.assertEq(GrantTerms.WRITE, WRITE, "WRITE");
        vm.assertEq(GrantTerms.DENY, DENY, "DENY");
        vm.assertEq(GrantTerms.BY_DELEGATE, BY_DELEGATE, "BY_DELEGATE");
        vm.assertEq(DelegationTerms.MANAGE, MANAGE, "MANAGE");
        vm.assertEq(GrantTerms.ALL_PURPOSES, 2 ** 63 - 1, "ALL_PURPOSES");
    }

    function test_marksWhatADelegateGave() external pure {
        vm.assertTrue(!reading().isByDelegate(), "by the patient");
        vm.assertTrue(reading().byDelegate().isByDelegate(), "by a delegate");
        vm.assertEq(Terms.unwrap(reading().byDelegate()), Terms.unwrap(marked(reading())), "one bit");
    }

    function test_tellsChartLabelAndRecordApart() external view {
        bytes32 topLabel = bytes32(uint256(2 ** 255 - 1));
        bytes32 lowestRecord = bytes32(uint256(2 ** 255));
        vm.assertTrue(!Scopes.isLabel(CHART), "chart");
        vm.assertTrue(Scopes.isLabel(bytes32(uint256(1))) && Scopes.isLabel(topLabel), "labels");
        vm.assertTrue(!Scopes.isLabel(lowestRecord), "record");
        vm.assertTrue(Scopes.isPlace(CHART, 0), "the chart is a place");
        vm.assertTrue(!Scopes.isPlace(CHART, CONTENT), "a record without its compartment is none");
        vm.assertTrue(Scopes.isPlace(topLabel, 0) && Scopes.isPlace(topLabel, CONTENT), "compartment and record");
        vm.assertTrue(!Scopes.isPlace(lowestRecord, 0) && !Scopes.isPlace(lowestRecord, CONTENT), "record id");
        vm.assertEq(Scopes.scopeOf(patient, CHART, 0), CHART, "scope of the chart");
        vm.assertEq(Scopes.scopeOf(patient, LABEL, 0), LABEL, "scope of a compartment");
        vm.assertEq(Scopes.scopeOf(patient, LABEL, CONTENT), record, "scope of a record");
        vm.assertEq(Scopes.recordIdOf(patient, LABEL, CONTENT), record, "record id");
    }

    function _refuse(Terms terms) private {
        refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms));
    }

    function _refuse(Delegation terms) private {
        refuse(abi.encodeWithSelector(IDelegations.InvalidDelegation.selector, terms));
    }
}
