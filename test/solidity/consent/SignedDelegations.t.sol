// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Delegations that anyone may carry with the patient's signature.
contract SignedDelegationsTest is ConsentSetup {
    function test_storesASignedDelegationOfEachSetOfPowers() external {
        uint32 number = 0;
        for (uint256 set = 1; set < 32; ++set) {
            uint8 powers = uint8((set % 8) + ((set / 8) % 2) * GROUP + (set / 16) * MANAGE);
            if (powers & GROUP != 0 && powers & READ == 0) continue;
            ISignedConsents.SignedDelegation memory offered = _offer(powersOf(powers, RESEARCH));
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            Delegation standing = placed(offered.terms, BLOCK, 1);
            uint56 next = joined(patient, standOf(patient), SESSION, 1);
            uint256 before = number == 0 ? 0 : BLOCK;
            vm.expectEmit(address(consent));
            emit IDelegations.Delegated(patient, carer, LABEL, standing, changeOf(++number, before, before));
            vm.recordLogs();
            vm.prank(outsider);
            consent.delegateBySig(offered, signature);
            assertEvents(1);
            assertDelegation(LABEL, standing);
            vm.assertEq(standOf(patient), next, "stand");
        }
    }

    function test_bindsTheSignatureToEachFieldOfADelegation() external {
        ISignedConsents.SignedDelegation memory offered = _offer(powersOf(READ, TREATMENT));
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        uint256[9] memory words = [
            word(501, END, 0, TREATMENT, READ),
            word(500, END + 1, 0, TREATMENT, READ),
            word(500, END, 1, TREATMENT, READ),
            word(500, END, 0, RESEARCH, READ),
            word(500, END, 0, TREATMENT, READ + WRITE),
            word(500, END, 0, TREATMENT, READ + DENY),
            word(500, END, 0, TREATMENT, READ + GROUP),
            word(500, END, 0, TREATMENT, READ + MANAGE),
            word(500, END, 0, TREATMENT, WRITE)
        ];
        for (uint256 i = 0; i < 9; ++i) {
            _refuseSignature(_offer(Delegation.wrap(words[i])), signature, patient);
        }
        offered.delegate = outsider;
        _refuseSignature(offered, signature, patient);
        offered.delegate = carer;
        offered.scope = record;
        _refuseSignature(offered, signature, patient);
        offered.scope = LABEL;
        offered.opening.session += 1;
        _refuseSignature(offered, signature, patient);
        offered.opening.session -= 1;
        offered.opening.number += 1;
        _refuseSignature(offered, signature, patient);
        offered.opening.number -= 1;
        offered.opening.deadline += 1;
        _refuseSignature(offered, signature, patient);
        offered.opening.deadline -= 1;
        offered.patient = outsider;
        _refuseSignature(offered, signature, outsider);
        offered.patient = patient;
        _refuseSignature(offered, signed(DELEGATE_KEY, Signing.hash(offered)), patient);
        storeState(patient, uint256(9) << 40);
        offered.opening.stand = 9;
        _refuseSignature(offered, signature, patient);
        storeState(patient, 0);
        offered.opening.stand = 0;
        consent.delegateBySig(offered, signature);
    }

    function test_takesADelegationUntilItsDeadlineInclusive() external {
        ISignedConsents.SignedDelegation memory offered = _offer(powersOf(WRITE, 0));
        vm.warp(DEADLINE + 1);
        _refuse(offered, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        _delegate(offered);
        assertDelegation(LABEL, placed(offered.terms, BLOCK, 1));
    }

    function test_takesADelegationOfThePresentEraAlone() external {
        lock();
        uint40 era = eraOf(patient);
        ISignedConsents.SignedDelegation memory old = _offer(powersOf(WRITE, 0));
        old.terms = powersOf(WRITE, 0);
        _refuse(old, abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 0, era));
        old.terms = dated(powersOf(WRITE, 0), era + 1);
        _refuse(old, abi.encodeWithSelector(ISignedConsents.StaleEra.selector, era + 1, era));
        _delegate(_offer(powersOf(WRITE, 0)));
        vm.assertTrue(consent.canWrite(patient, carer, LABEL, CONTENT), "of this era");
    }

    function test_refusesBySignatureWhatAPatientMayNotDelegate() external {
        ISignedConsents.SignedDelegation memory bad = _offer(powersOf(WRITE, 0));
        bad.delegate = address(0);
        _refuse(bad, abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, address(0)));
        bad.delegate = patient;
        _refuse(bad, abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, patient));
        Delegation none = Delegation.wrap(word(5, END, 0, 0, 0));
        _refuse(_offer(none), abi.encodeWithSelector(IDelegations.InvalidDelegation.selector, none));
        Delegation over = Delegation.wrap(word(5, NOW, 0, 0, WRITE));
        _refuse(_offer(over), abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, NOW));
        vm.assertEq(standOf(patient), 0, "nothing is used up");
    }

    function _offer(Delegation terms) private view returns (ISignedConsents.SignedDelegation memory) {
        Delegation current = dated(terms, eraOf(patient));
        return ISignedConsents.SignedDelegation(patient, carer, LABEL, current, openingOf(patient));
    }

    function _delegate(ISignedConsents.SignedDelegation memory offered) private {
        consent.delegateBySig(offered, signed(PATIENT_KEY, Signing.hash(offered)));
    }

    function _refuse(ISignedConsents.SignedDelegation memory offered, bytes memory reason) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        refuse(reason);
        consent.delegateBySig(offered, signature);
    }

    function _refuseSignature(
        ISignedConsents.SignedDelegation memory offered,
        bytes memory signature,
        address signer
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.delegateBySig(offered, signature);
    }
}
