// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Grants, and DENYs taken away, that anyone may carry with the patient's signature.
contract SignedGrantsTest is ConsentSetup {
    function test_storesASignedGrantWhoeverCarriesIt() external {
        Terms[4] memory all = [
            reading(),
            termsOf(WRITE, 0),
            termsOf(READ + WRITE, RESEARCH),
            termsOf(READ + GROUP, TREATMENT)
        ];
        for (uint32 i = 0; i < 4; ++i) {
            ISignedConsents.SignedGrant memory offered = offer(record, all[i]);
            uint56 next = joined(patient, standOf(patient), SESSION, 1);
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            Terms standing = placed(all[i], BLOCK, 1);
            expectGranted(record, standing, changeOf(i + 1, i == 0 ? 0 : BLOCK, i == 0 ? 0 : BLOCK));
            vm.recordLogs();
            vm.prank(outsider);
            consent.grantBySig(offered, signature);
            assertEvents(1);
            assertGrant(record, standing);
            vm.assertEq(standOf(patient), next, "stand");
        }
        vm.assertEq(standOf(outsider), 0, "the carrier's stand");
    }

    function test_bindsTheSignatureToEachFieldOfAGrant() external {
        lock();
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        uint40 era = eraOf(patient);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        uint256[6] memory words = [
            word(NOW + 1, END, era, TREATMENT, READ),
            word(NOW, END + 1, era, TREATMENT, READ),
            word(NOW, END, era, RESEARCH, READ),
            word(NOW, END, era, TREATMENT, READ + WRITE),
            word(NOW, END, era, TREATMENT, WRITE),
            word(NOW, END, era, TREATMENT, READ + GROUP)
        ];
        ISignedConsents.SignedGrant memory changed = offer(LABEL, reading());
        for (uint256 i = 0; i < 6; ++i) {
            changed.terms = Terms.wrap(words[i]);
            _refuseSignature(changed, signature, patient);
        }
        changed = offer(record, reading());
        _refuseSignature(changed, signature, patient);
        changed.scope = LABEL;
        changed.grantee = carer;
        _refuseSignature(changed, signature, patient);
        changed.grantee = grantee;
        changed.capsule = 0;
        _refuseSignature(changed, signature, patient);
        changed.capsule = CAPSULE;
        changed.lifts = 1;
        _refuseSignature(changed, signature, patient);
        changed.lifts = 0;
        changed.opening.session += 1;
        _refuseSignature(changed, signature, patient);
        changed.opening.session -= 1;
        changed.opening.number += 1;
        _refuseSignature(changed, signature, patient);
        changed.opening.number -= 1;
        changed.opening.deadline = DEADLINE + 1;
        _refuseSignature(changed, signature, patient);
        changed.opening.deadline = DEADLINE;
        consent.grantBySig(changed, signature); // nothing is changed any more
    }

    function test_bindsTheSignatureToThePatientTheStandAndTheEraOfAGrant() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        offered.patient = outsider;
        _refuseSignature(offered, signature, outsider);
        storeState(outsider, 7);
        offered.terms = dated(reading(), 7);
        _refuseSignature(offered, signature, outsider);
        offered = offer(LABEL, reading());
        storeState(patient, uint256(9) << 40);
        offered.opening.stand = 9;
        _refuseSignature(offered, signature, patient);
        storeState(patient, 7);
        offered = offer(LABEL, reading());
        _refuseSignature(offered, signature, patient);
    }

    function test_takesNoGrantThatAnotherSigned() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        uint256[3] memory keys = [GRANTEE_KEY, OUTSIDER_KEY, DELEGATE_KEY];
        for (uint256 i = 0; i < 3; ++i) {
            _refuseSignature(offered, signed(keys[i], Signing.hash(offered)), patient);
        }
        assertGrant(LABEL, Terms.wrap(0));
        vm.assertEq(standOf(patient), 0, "stand");
    }

    function test_takesAGrantUntilItsDeadlineInclusive() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        vm.warp(DEADLINE + 1);
        _refuseGrant(offered, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        submit(offered);
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
    }

    function test_takesAGrantOfThePresentEraAlone() external {
        lock();
        uint40 era = eraOf(patient);
        uint40[4] memory others = [0, era - 1, era + 1, type(uint40).max];
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        for (uint256 i = 0; i < 4; ++i) {
            offered.terms = dated(reading(), others[i]);
            _refuseGrant(offered, abi.encodeWithSelector(ISignedConsents.StaleEra.selector, others[i], era));
        }
        submit(offer(LABEL, reading()));
        assertGrant(LABEL, placed(dated(reading(), era), BLOCK, 1));
    }

    function test_refusesBySignatureWhatAPatientMayNotGrant() external {
        ISignedConsents.SignedGrant memory bad = offer(LABEL, reading());
        bad.grantee = address(0);
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
        bad.grantee = patient;
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient));
        _refuseGrant(
            offer(LABEL, termsOf(READ, 0)),
            abi.encodeWithSelector(IGrants.InvalidTerms.selector, termsOf(READ, 0))
        );
        _refuseGrant(
            offer(LABEL, Terms.wrap(word(NOW + 5, NOW + 5, 0, TREATMENT, READ))),
            abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW + 5, NOW + 5)
        );
        _refuseGrant(
            offer(LABEL, Terms.wrap(word(0, NOW, 0, TREATMENT, READ))),
            abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, NOW)
        );
        shut(LABEL);
        uint56 stand = standOf(patient);
        _refuseGrant(offer(LABEL, reading()), abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        vm.assertEq(standOf(patient), stand, "nothing is used up");
    }

    function test_namesTheFirstFaultOfSeveral() external {
        ISignedConsents.SignedGrant memory bad = offer(LABEL, Terms.wrap(0));
        (bad.grantee, bad.opening.stand, bad.opening.deadline) = (address(0), 7, NOW - 1);
        bad.terms = dated(bad.terms, 5);
        bytes memory none = "";
        refuse(abi.encodeWithSelector(ISignedConsents.StaleOpening.selector, patient, 7, SESSION, 1));
        consent.grantBySig(bad, none);
        bad.opening.stand = 0;
        refuse(abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 5, 0));
        consent.grantBySig(bad, none);
        bad.terms = Terms.wrap(0);
        refuse(abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, NOW - 1));
        consent.grantBySig(bad, none);
        bad.opening.deadline = NOW;
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient));
        consent.grantBySig(bad, none);
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
    }

    /* LIFT */

    function test_liftsADenyBySignature() external {
        shut(LABEL);
        ISignedConsents.SignedLift memory lifted = _lift(LABEL);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(lifted));
        uint56 next = joined(patient, standOf(patient), SESSION, 1);
        expectLifted(LABEL, vacant(BLOCK, 1), changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        vm.prank(outsider);
        consent.liftBySig(lifted, signature);
        assertEvents(1);
        assertGrant(LABEL, vacant(BLOCK, 1));
        vm.assertEq(standOf(patient), next, "stand");
    }

    function test_bindsTheSignatureToEachFieldOfALift() external {
        shut(LABEL);
        ISignedConsents.SignedLift memory lifted = _lift(LABEL);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(lifted));
        lifted.scope = record;
        _refuseLift(lifted, signature, patient);
        lifted.scope = LABEL;
        lifted.grantee = carer;
        _refuseLift(lifted, signature, patient);
        lifted.grantee = grantee;
        lifted.era = 1;
        _refuseLift(lifted, signature, patient);
        lifted.era = 0;
        lifted.opening.session += 1;
        _refuseLift(lifted, signature, patient);
        lifted.opening.session -= 1;
        lifted.opening.number += 1;
        _refuseLift(lifted, signature, patient);
        lifted.opening.number -= 1;
        lifted.opening.deadline += 1;
        _refuseLift(lifted, signature, patient);
        lifted.opening.deadline -= 1;
        _refuseLift(lifted, signed(OUTSIDER_KEY, Signing.hash(lifted)), patient);
        storeState(outsider, uint256(lifted.opening.stand) * 2 ** 40);
        lifted.patient = outsider;
        _refuseLift(lifted, signature, outsider);
        lifted.patient = patient;
        consent.liftBySig(lifted, signature);
    }

    function test_liftsUntilTheDeadlineInThePresentEraWhereADenyStands() external {
        ISignedConsents.SignedLift memory lifted = _lift(LABEL);
        _refuseLift(lifted, abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, LABEL));
        shut(LABEL);
        lifted = _lift(LABEL);
        lifted.era = 1;
        _refuseLift(lifted, abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 1, 0));
        lifted.era = 0;
        vm.warp(DEADLINE + 1);
        _refuseLift(lifted, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        consent.liftBySig(lifted, signed(PATIENT_KEY, Signing.hash(lifted)));
        assertGrant(LABEL, vacant(BLOCK, 1));
    }

    function _lift(bytes32 scope) private view returns (ISignedConsents.SignedLift memory) {
        return ISignedConsents.SignedLift(patient, grantee, scope, eraOf(patient), openingOf(patient));
    }

    function _refuseGrant(ISignedConsents.SignedGrant memory offered, bytes memory reason) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        refuse(reason);
        consent.grantBySig(offered, signature);
    }

    function _refuseSignature(
        ISignedConsents.SignedGrant memory offered,
        bytes memory signature,
        address signer
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.grantBySig(offered, signature);
    }

    function _refuseLift(ISignedConsents.SignedLift memory lifted, bytes memory reason) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(lifted));
        refuse(reason);
        consent.liftBySig(lifted, signature);
    }

    function _refuseLift(ISignedConsents.SignedLift memory lifted, bytes memory signature, address signer) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.liftBySig(lifted, signature);
    }
}
