// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation, DelegationTerms} from "../../../contracts/types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Which words are terms and which a delegation: every bit of them.
contract WordsTest is ConsentSetup {
    function test_grantsEachSetOfPermissionsOfTheListAndNoOther() external {
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            for (uint256 purposes = 0; purposes < 2; ++purposes) {
                bool readable = permissions == 1 || permissions == 3 || permissions == READ + GROUP;
                bool sound = permissions == WRITE || (purposes == 1 && readable);
                Terms terms = Terms.wrap(word(NOW, END, 0, purposes, permissions));
                if (!sound) _refuse(terms);
                give(CHART, terms);
                if (sound) assertGrant(CHART, placed(terms, BLOCK, 1));
            }
        }
    }

    function test_delegatesEachSetOfPermissionsOfTheListAndNoOther() external {
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            for (uint256 purposes = 0; purposes < 2; ++purposes) {
                bool known = permissions & (BY_DELEGATE + 32 + 128) == 0;
                bool some = permissions & (READ + WRITE + DENY + MANAGE) != 0;
                bool sound = permissions & READ == 0 ? permissions & GROUP == 0 : purposes == 1;
                Delegation terms = Delegation.wrap(word(1, END, 0, purposes, permissions));
                if (!known || !some || !sound) _refuse(terms);
                entrust(CHART, terms);
                if (known && some && sound) assertDelegation(CHART, placed(terms, BLOCK, 1));
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

    function test_refusesEachBitThatTheRegistryKeeps() external {
        for (uint256 bit = 192; bit < 256; ++bit) {
            Terms terms = Terms.wrap(Terms.unwrap(reading()) | (1 << bit));
            _refuse(terms);
            give(CHART, terms);
            Delegation delegation = Delegation.wrap(Delegation.unwrap(powersOf(READ, TREATMENT)) | (1 << bit));
            _refuse(delegation);
            entrust(CHART, delegation);
        }
        vm.assertEq(slotsOf(patient), 0, "slots");
    }

    function test_readsEachFieldOfTermsInItsPlace() external pure {
        Terms terms = Terms.wrap((7 << 224) + (6 << 192) + (5 << 184) + (4 << 120) + (3 << 80) + (2 << 40) + 1);
        vm.assertEq(terms.start(), 1, "start");
        vm.assertEq(terms.end(), 2, "end");
        vm.assertEq(terms.era(), 3, "era");
        vm.assertEq(terms.purposes(), 4, "purposes");
        vm.assertEq(terms.permissions(), 5, "permissions");
        vm.assertEq(terms.writtenAt(), 6, "writtenAt");
        vm.assertEq(terms.index(), 7, "index");
        vm.assertEq(Terms.unwrap(GrantTerms.pack(1, 2, 3, 4, 5)), word(1, 2, 3, 4, 5), "packed");
        uint256 dated_ = Terms.unwrap(Terms.wrap(type(uint256).max).inEra(5));
        vm.assertEq(dated_, type(uint256).max - (uint256(type(uint40).max) << 80) + (5 << 80), "inEra");
    }

    function test_readsEachFieldOfADelegationInItsPlace() external pure {
        Delegation terms = Delegation.wrap(
            (7 << 224) + (6 << 192) + (5 << 184) + (4 << 120) + (3 << 80) + (2 << 40) + 1
        );
        vm.assertEq(terms.longest(), 1, "longest");
        vm.assertEq(terms.end(), 2, "end");
        vm.assertEq(terms.era(), 3, "era");
        vm.assertEq(terms.purposes(), 4, "purposes");
        vm.assertEq(terms.permissions(), 5, "permissions");
        vm.assertEq(terms.writtenAt(), 6, "writtenAt");
        vm.assertEq(terms.index(), 7, "index");
        uint256 dated_ = Delegation.unwrap(Delegation.wrap(type(uint256).max).inEra(5));
        vm.assertEq(dated_, type(uint256).max - (uint256(type(uint40).max) << 80) + (5 << 80), "inEra");
    }

    function test_writesWhatIsSaidInItsPlace() external view {
        uint256 said = type(uint192).max;
        uint256 written = Terms.unwrap(Terms.wrap(type(uint256).max).written(9));
        vm.assertEq(written, said + (uint256(BLOCK) << 192) + (9 << 224), "all bits");
        vm.assertEq(Terms.unwrap(Terms.wrap(0).written(9)), (uint256(BLOCK) << 192) + (9 << 224), "none");
    }

    function test_knowsTheNumbersOfPermissionsAndPurposes() external pure {
        vm.assertEq(GrantTerms.READ, READ, "READ");
        vm.assertEq(GrantTerms.WRITE, WRITE, "WRITE");
        vm.assertEq(GrantTerms.DENY, DENY, "DENY");
        vm.assertEq(GrantTerms.BY_DELEGATE, BY_DELEGATE, "BY_DELEGATE");
        vm.assertEq(GrantTerms.GROUP, GROUP, "GROUP");
        vm.assertEq(DelegationTerms.MANAGE, MANAGE, "MANAGE");
        vm.assertEq(GrantTerms.ALL_PURPOSES, 2 ** 63 - 1, "ALL_PURPOSES");
    }

    function test_marksByOneBitEach() external pure {
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            uint256 rest = type(uint256).max - (uint256(255) << 184);
            Terms terms = Terms.wrap(rest + (permissions << 184));
            vm.assertTrue(terms.isByDelegate() == (permissions & BY_DELEGATE != 0), "isByDelegate");
            vm.assertEq(Terms.unwrap(terms.byDelegate()), rest + ((permissions | 8) << 184), "byDelegate");
            vm.assertEq(Terms.unwrap(terms.asMember()), rest + ((permissions | 16) << 184), "asMember");
            vm.assertTrue(terms.isVacant() == (permissions == 0), "isVacant");
        }
    }

    function _refuse(Terms terms) private {
        refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms));
    }

    function _refuse(Delegation terms) private {
        refuse(abi.encodeWithSelector(IDelegations.InvalidDelegation.selector, terms));
    }
}
