// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Delegations that anyone may carry, or end, with the patient's signature.
contract SignedDelegationsTest is ConsentSetup {
    ISignedConsents.Signing private _present = ISignedConsents.Signing(0, DEADLINE);

    function test_storesASignedDelegationOfEachSetOfPermissions() external {
        uint32 revision = 0;
        for (uint8 permissions = 1; permissions < 32; ++permissions) {
            if ((permissions / 8) % 2 == 1) continue;
            ISignedConsents.SignedDelegation memory offered = _offer(delegationOf(permissions, RESEARCH), ++revision);
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            vm.expectEmit(address(consent));
            emit IDelegations.Delegated(patient, carer, LABEL, offered.terms);
            vm.prank(outsider);
            consent.delegateBySig(offered, signature);
            assertDelegation(LABEL, offered.terms);
        }
    }

    function test_bindsTheSignatureToEachFieldOfADelegation() external {
        Delegation terms = Delegation.wrap(word(500, END, 0, TREATMENT, READ));
        ISignedConsents.SignedDelegation memory offered = _offer(terms, 1);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        uint256[8] memory words = [
            word(501, END, 0, TREATMENT, READ),
            word(500, END + 1, 0, TREATMENT, READ),
            word(500, END, 1, TREATMENT, READ),
            word(500, END, 0, RESEARCH, READ),
            word(500, END, 0, TREATMENT, READ + WRITE),
            word(500, END, 0, TREATMENT, READ + DENY),
            word(500, END, 0, TREATMENT, READ + MANAGE),
            word(500, END, 0, TREATMENT, WRITE)
        ];
        for (uint256 i = 0; i < 8; ++i) {
            _refuseSignature(_offer(Delegation.wrap(words[i]), 1), signature, patient);
        }
        offered.delegate = outsider;
        _refuseSignature(offered, signature, patient);
        offered.delegate = carer;
        offered.scope = record;
        _refuseSignature(offered, signature, patient);
        offered.scope = LABEL;
        offered.deadline = DEADLINE + 1;
        _refuseSignature(offered, signature, patient);
        offered.deadline = DEADLINE;
        offered.patient = outsider;
        _refuseSignature(offered, signature, outsider);
        offered.patient = patient;
        _refuseSignature(offered, signed(DELEGATE_KEY, Signing.hash(offered)), patient);
        consent.delegateBySig(offered, signature);
    }

    function test_takesTheNextRevisionOfADelegationAlone() external {
        Delegation terms = delegationOf(WRITE, 0);
        _refuseDelegate(_offer(terms, 0), abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 0, 0));
        _refuseDelegate(_offer(terms, 2), abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 2, 0));
        entrust(LABEL, delegationOf(MANAGE, 0));
        _refuseDelegate(_offer(terms, 1), abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 1));
        _delegate(_offer(terms, 2));
        assertDelegation(LABEL, numbered(terms, 2));
    }

    function test_succeedsWithoutEffectWhereTheVeryDelegationStands() external {
        ISignedConsents.SignedDelegation memory offered = _offer(delegationOf(WRITE, 0), 1);
        vm.prank(outsider);
        _delegate(offered);
        vm.recordLogs();
        _delegate(offered);
        vm.warp(DEADLINE + 1);
        _delegate(offered);
        assertSilence();
        vm.prank(patient);
        consent.undelegate(carer, LABEL);
        _refuseDelegate(offered, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 2));
    }

    function test_takesADelegationUntilItsDeadlineInclusive() external {
        ISignedConsents.SignedDelegation memory offered = _offer(delegationOf(WRITE, 0), 1);
        vm.warp(DEADLINE + 1);
        _refuseDelegate(offered, abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        _delegate(offered);
        assertDelegation(LABEL, offered.terms);
    }

    function test_takesADelegationAsOfTheLastLockdownAlone() external {
        ISignedConsents.SignedDelegation memory kept = _offer(delegationOf(WRITE, 0), 1);
        lock();
        _refuseDelegate(kept, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        Delegation equal = Delegation.wrap(word(5, END, NOW, 0, WRITE));
        _refuseDelegate(_offer(equal, 1), abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, NOW, NOW + 1));
        Delegation ahead = Delegation.wrap(word(5, END, NOW + 1, 0, WRITE));
        _refuseDelegate(_offer(ahead, 1), abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1));
        vm.warp(NOW + 1);
        _delegate(_offer(ahead, 1));
        vm.assertTrue(consent.canWrite(patient, carer, LABEL, CONTENT), "as of the lockdown");
    }

    function test_refusesBySignatureWhatAPatientMayNotDelegate() external {
        ISignedConsents.SignedDelegation memory bad = _offer(delegationOf(WRITE, 0), 1);
        bad.delegate = address(0);
        _refuseDelegate(bad, abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, address(0)));
        bad.delegate = patient;
        _refuseDelegate(bad, abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, patient));
        Delegation odd = delegationOf(BY_DELEGATE, 0);
        _refuseDelegate(_offer(odd, 1), abi.encodeWithSelector(IDelegations.InvalidDelegation.selector, odd));
        Delegation over = Delegation.wrap(word(5, NOW, 0, 0, WRITE));
        _refuseDelegate(_offer(over, 1), abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, NOW));
    }

    /* THE END */

    function test_endsADelegationUpToTheRevisionThatIsNamed() external {
        entrust(LABEL, delegationOf(WRITE, 0));
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, LABEL, 2);
        _end(1);
        assertDelegation(LABEL, Delegation.wrap(2 << 192));
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, LABEL, 18);
        _end(17);
        assertDelegation(LABEL, Delegation.wrap(18 << 192));
        vm.recordLogs();
        _end(17);
        assertSilence();
        ISignedConsents.SignedDelegation memory held = _offer(delegationOf(WRITE, 0), 2);
        _refuseDelegate(held, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 2, 18));
    }

    /// A delegation whose holder may DENY is no DENY.
    function test_reachesAheadOfADelegationOfEveryPermission() external {
        entrust(LABEL, delegationOf(DENY, 0));
        _end(17);
        assertDelegation(LABEL, Delegation.wrap(18 << 192));
    }

    function test_endsNoDelegationThatIsNewer() external {
        entrust(LABEL, delegationOf(MANAGE, 0));
        entrust(LABEL, delegationOf(WRITE, 0));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 2));
        _end(1);
        assertDelegation(LABEL, numbered(delegationOf(WRITE, 0), 2));
    }

    function test_reaches1024AheadOfADelegationAndNoFurther() external {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 1025, 1024));
        _end(1025);
        _end(1024);
        assertDelegation(LABEL, Delegation.wrap(1025 << 192));
    }

    function test_takesTheEndOfADelegationUntilItsDeadlineAndAsOfTheLastLockdown() external {
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        _end(0);
        vm.warp(DEADLINE);
        _end(0);
        lock();
        refuse(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, DEADLINE + 1));
        _end(1);
        _present.asOf = DEADLINE + 1;
        _end(1);
        assertDelegation(LABEL, Delegation.wrap(2 << 192));
    }

    function test_bindsTheSignatureToEachFieldOfTheEndOfADelegation() external {
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(carer, LABEL, 3);
        bytes memory signature = signed(PATIENT_KEY, Signing.hashUndelegate(patient, item, _present));
        _refuseEnd(outsider, item, _present, signature);
        _refuseEnd(patient, ISignedConsents.Revocation(grantee, LABEL, 3), _present, signature);
        _refuseEnd(patient, ISignedConsents.Revocation(carer, record, 3), _present, signature);
        _refuseEnd(patient, ISignedConsents.Revocation(carer, LABEL, 2), _present, signature);
        _refuseEnd(patient, item, ISignedConsents.Signing(1, DEADLINE), signature);
        _refuseEnd(patient, item, ISignedConsents.Signing(0, DEADLINE + 1), signature);
        _refuseEnd(patient, item, _present, signed(DELEGATE_KEY, Signing.hashUndelegate(patient, item, _present)));
        _refuseEnd(patient, item, _present, signed(PATIENT_KEY, Signing.hashRevoke(patient, item, _present)));
        consent.undelegateBySig(patient, item, _present, signature);
    }

    function _offer(Delegation terms, uint32 revision) private view returns (ISignedConsents.SignedDelegation memory) {
        return ISignedConsents.SignedDelegation(patient, carer, LABEL, numbered(terms, revision), DEADLINE);
    }

    function _delegate(ISignedConsents.SignedDelegation memory offered) private {
        consent.delegateBySig(offered, signed(PATIENT_KEY, Signing.hash(offered)));
    }

    function _refuseDelegate(ISignedConsents.SignedDelegation memory offered, bytes memory reason) private {
        refuse(reason);
        _delegate(offered);
    }

    function _refuseSignature(
        ISignedConsents.SignedDelegation memory offered,
        bytes memory signature,
        address signer
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.delegateBySig(offered, signature);
    }

    function _end(uint32 revision) private {
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(carer, LABEL, revision);
        bytes memory signature = signed(PATIENT_KEY, Signing.hashUndelegate(patient, item, _present));
        vm.prank(outsider);
        consent.undelegateBySig(patient, item, _present, signature);
    }

    function _refuseEnd(
        address signer,
        ISignedConsents.Revocation memory item,
        ISignedConsents.Signing memory signing,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.undelegateBySig(signer, item, signing, signature);
    }
}
