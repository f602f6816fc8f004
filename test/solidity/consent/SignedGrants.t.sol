// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Grants that anyone may carry with the patient's signature.
contract SignedGrantsTest is ConsentSetup {
    function test_storesASignedGrantWhoeverCarriesIt() external {
        Terms[4] memory all = [reading(), termsOf(WRITE, 0), termsOf(READ + WRITE, RESEARCH), denying()];
        for (uint32 i = 0; i < 4; ++i) {
            ISignedConsents.SignedGrant memory offered = offer(record, all[i]);
            offered.terms = numbered(all[i], i + 1);
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            expectGranted(record, offered.terms);
            vm.prank(outsider);
            consent.grantBySig(offered, signature);
            assertGrant(record, offered.terms);
        }
    }

    function test_bindsTheSignatureToEachFieldOfAGrant() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, since(termsOf(READ, TREATMENT), 7));
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        Terms[7] memory terms = [
            Terms.wrap(word(NOW + 1, END, 7, TREATMENT, READ)),
            Terms.wrap(word(NOW, END + 1, 7, TREATMENT, READ)),
            Terms.wrap(word(NOW, END, 8, TREATMENT, READ)),
            Terms.wrap(word(NOW, END, 7, RESEARCH, READ)),
            Terms.wrap(word(NOW, END, 7, TREATMENT, READ + WRITE)),
            Terms.wrap(word(NOW, END, 7, TREATMENT, WRITE)),
            Terms.wrap(word(NOW, END, 7, TREATMENT, DENY))
        ];
        for (uint256 i = 0; i < 7; ++i) {
            ISignedConsents.SignedGrant memory other = offer(LABEL, terms[i]);
            _refuseSignature(other, signature, patient);
        }
        ISignedConsents.SignedGrant memory changed = offer(record, since(reading(), 7));
        _refuseSignature(changed, signature, patient);
        changed.scope = LABEL;
        changed.grantee = carer;
        _refuseSignature(changed, signature, patient);
        changed.grantee = grantee;
        changed.capsule = 0;
        _refuseSignature(changed, signature, patient);
        changed.capsule = CAPSULE;
        changed.deadline = DEADLINE + 1;
        _refuseSignature(changed, signature, patient);
        changed.deadline = DEADLINE;
        changed.patient = outsider;
        _refuseSignature(changed, signature, outsider);
        changed.patient = patient;
        consent.grantBySig(changed, signature); // nothing is changed any more
    }

    function test_takesNoGrantThatAnotherSigned() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        uint256[3] memory keys = [GRANTEE_KEY, OUTSIDER_KEY, DELEGATE_KEY];
        for (uint256 i = 0; i < 3; ++i) {
            _refuseSignature(offered, signed(keys[i], Signing.hash(offered)), patient);
        }
        assertGrant(LABEL, Terms.wrap(0));
    }

    function test_takesAGrantUntilItsDeadlineInclusive() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        consent.grantBySig(offered, signature);
        vm.warp(DEADLINE);
        consent.grantBySig(offered, signature);
        assertGrant(LABEL, numbered(reading(), 1));
    }

    function test_takesTheNextRevisionAlone() external {
        _refuseRevision(0, 0);
        _refuseRevision(2, 0);
        _refuseRevision(type(uint32).max, 0);
        give(LABEL, reading());
        give(LABEL, denying());
        _refuseRevision(0, 2);
        _refuseRevision(1, 2);
        _refuseRevision(2, 2);
        _refuseRevision(4, 2);
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        offered.terms = numbered(reading(), 3);
        submit(offered);
        assertGrant(LABEL, offered.terms);
    }

    function test_succeedsWithoutEffectWhereTheVeryTermsStandAlready() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        vm.prank(outsider); // a copy comes first
        consent.grantBySig(offered, signature);
        vm.recordLogs();
        consent.grantBySig(offered, signature);
        vm.warp(DEADLINE + 1);
        consent.grantBySig(offered, signature);
        assertSilence();
        assertGrant(LABEL, numbered(reading(), 1));
    }

    function test_takesAnEmptyWordForNoGrantOnAnEmptySlot() external {
        ISignedConsents.SignedGrant memory nothing = offer(LABEL, reading());
        nothing.terms = Terms.wrap(0);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 0, 0));
        consent.grantBySig(nothing, "");
    }

    function test_worksOnce() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        submit(offered);
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 2));
        consent.grantBySig(offered, signature);
        assertGrant(LABEL, tombstone(2));
    }

    function test_refusesBySignatureWhatAPatientMayNotGrant() external {
        ISignedConsents.SignedGrant memory bad = offer(LABEL, reading());
        bad.grantee = address(0);
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
        bad.grantee = patient;
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient));
        bad = offer(LABEL, marked(reading()));
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidTerms.selector, marked(reading())));
        bad = offer(LABEL, termsOf(READ, 0));
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidTerms.selector, termsOf(READ, 0)));
        bad = offer(LABEL, Terms.wrap(word(NOW + 5, NOW + 5, 0, TREATMENT, READ)));
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW + 5, NOW + 5));
        bad = offer(LABEL, Terms.wrap(word(0, NOW, 0, TREATMENT, READ)));
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, NOW));
        bad = offer(LABEL, since(reading(), NOW + 1));
        _refuseGrant(bad, abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1));
    }

    /* LOCKDOWN */

    function test_opensNothingByAGrantKeptOverALockdown() external {
        ISignedConsents.SignedGrant memory kept = offer(LABEL, reading());
        lock();
        submit(kept);
        vm.assertTrue(!reads(LABEL, CONTENT), "as of before");
        vm.warp(NOW + 1);
        vm.assertTrue(!reads(LABEL, CONTENT), "later, too");
    }

    function test_signsNothingAheadForAfterALockdown() external {
        ISignedConsents.SignedGrant memory ahead = offer(LABEL, since(reading(), NOW + 1));
        bytes memory reason = abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1);
        _refuseGrant(ahead, reason);
        lock();
        _refuseGrant(ahead, reason); // in the lockdown's own second
        ISignedConsents.SignedGrant memory equal = offer(record, since(reading(), NOW));
        submit(equal);
        vm.assertTrue(!reads(LABEL, CONTENT), "as of the second of the lockdown's block");
        vm.warp(NOW + 1);
        submit(ahead); // now it is as of the lockdown: what the patient can sign from here on
        vm.assertTrue(reads(LABEL, CONTENT), "as of the lockdown");
    }

    function test_liftsNoDenyByAGrantKeptOverALockdown() external {
        give(LABEL, denying());
        ISignedConsents.SignedGrant memory kept = offer(LABEL, reading());
        kept.terms = numbered(reading(), 2);
        lock();
        vm.warp(NOW + 1);
        give(CHART, since(reading(), NOW + 1));
        _refuseGrant(kept, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        assertGrant(LABEL, numbered(denying(), 1));
        vm.assertTrue(!reads(LABEL, CONTENT), "still denied");
        kept.terms = numbered(since(reading(), NOW), 2);
        _refuseGrant(kept, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, NOW, NOW + 1));
        kept.terms = numbered(since(reading(), NOW + 1), 2);
        submit(kept);
        vm.assertTrue(reads(LABEL, CONTENT), "lifted as of the lockdown");
    }

    function test_setsNoDenyAsOfALockdownThatNeverWas() external {
        ISignedConsents.SignedGrant memory ahead = offer(LABEL, since(denying(), NOW));
        ahead.terms = numbered(since(denying(), NOW), 1);
        _refuseGrant(ahead, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, NOW, 0));
    }

    function test_liftsADenyBySignatureWhereNobodyLockedDown() external {
        give(LABEL, denying());
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        offered.terms = numbered(reading(), 2);
        submit(offered);
        vm.assertTrue(reads(LABEL, CONTENT), "lifted");
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
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.grantBySig(offered, signature);
    }

    function _refuseRevision(uint32 revision, uint32 standing) private {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        offered.terms = numbered(reading(), revision);
        _refuseGrant(offered, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, revision, standing));
    }
}
