// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// A signature covers every bit that comes to stand, and a copy submitted first harms nobody, a DENY included.
contract CopiesTest is ConsentSetup {
    function test_takesNoReservedBitThatASignedGrantDoesNotCover() external {
        for (uint256 bit = 224; bit < 256; ++bit) {
            ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            offered.terms = Terms.wrap(Terms.unwrap(offered.terms) | (1 << bit));
            Terms named = Terms.wrap(Terms.unwrap(reading()) | (1 << bit));
            refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, named));
            consent.grantBySig(offered, signature);
        }
    }

    function test_takesNoReservedBitThatASignedDelegationDoesNotCover() external {
        for (uint256 bit = 224; bit < 256; ++bit) {
            Delegation terms = numbered(delegationOf(MANAGE, 0), 1);
            ISignedConsents.SignedDelegation memory offered = ISignedConsents.SignedDelegation(
                patient,
                carer,
                LABEL,
                terms,
                DEADLINE
            );
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            offered.terms = Delegation.wrap(Delegation.unwrap(terms) | (1 << bit));
            Delegation named = Delegation.wrap(Delegation.unwrap(delegationOf(MANAGE, 0)) | (1 << bit));
            refuse(abi.encodeWithSelector(IDelegations.InvalidDelegation.selector, named));
            consent.delegateBySig(offered, signature);
        }
    }

    function test_takesNoReservedBitThatADelegatesSignatureDoesNotCover() external {
        entrust(CHART, delegationOf(READ, TREATMENT));
        Terms terms = Terms.wrap(word(NOW, NOW + 100, 0, TREATMENT, READ));
        IDelegations.DelegatedGrant memory offered = giving(LABEL, 0, CHART, numbered(terms, 1));
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(carer, offered, DEADLINE));
        for (uint256 bit = 224; bit < 256; ++bit) {
            offered.terms = Terms.wrap(Terms.unwrap(numbered(terms, 1)) | (1 << bit));
            Terms named = Terms.wrap(Terms.unwrap(terms) | (1 << bit));
            refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, named));
            consent.grantForBySig(carer, offered, DEADLINE, signature);
        }
    }

    function test_succeedsWithoutEffectWhereADelegatesVeryDenyStands() external {
        entrust(CHART, delegationOf(DENY, 0));
        Terms terms = numbered(Terms.wrap(word(NOW, NOW + 100, 0, 0, DENY)), 1);
        IDelegations.DelegatedGrant memory offered = giving(LABEL, 0, CHART, terms);
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(carer, offered, DEADLINE));
        vm.prank(outsider);
        consent.grantForBySig(carer, offered, DEADLINE, signature);
        vm.recordLogs();
        consent.grantForBySig(carer, offered, DEADLINE, signature);
        assertSilence();
        assertGrant(LABEL, marked(terms));
    }
}
