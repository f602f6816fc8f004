// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Revocations and lockdowns that anyone may carry with the patient's signature.
contract SignedRevocationsTest is ConsentSetup {
    ISignedConsents.Signing private _present = ISignedConsents.Signing(0, DEADLINE);

    function test_revokesUpToTheRevisionThatIsNamed() external {
        give(LABEL, reading());
        expectRevoked(LABEL, 2);
        _revoke(LABEL, 1);
        assertGrant(LABEL, tombstone(2));
        expectRevoked(LABEL, 18);
        _revoke(LABEL, 17);
        assertGrant(LABEL, tombstone(18));
    }

    function test_revokesDenyAndEmptySlot() external {
        give(CHART, reading());
        give(LABEL, denying());
        _revoke(LABEL, 1);
        vm.assertTrue(reads(LABEL, CONTENT), "the DENY is lifted");
        expectRevoked(OTHER_LABEL, 1);
        _revoke(OTHER_LABEL, 0);
        assertGrant(OTHER_LABEL, tombstone(1));
    }

    /// Or whoever holds back the revocation of a grant could open with it what the patient has shut since.
    function test_liftsNoDenyOfAfterItWasSigned() external {
        give(CHART, reading());
        give(LABEL, reading()); // revision 1 stands when 17 is named
        give(LABEL, denying());
        _refuseRevoke(LABEL, 17, abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 17, 2));
        _refuseRevoke(LABEL, 3, abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 3, 2));
        _refuseRevoke(LABEL, 1, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 2));
        vm.assertTrue(!reads(LABEL, CONTENT), "shut");
        assertGrant(LABEL, numbered(denying(), 2));
        _revoke(LABEL, 2);
        assertGrant(LABEL, tombstone(3));
    }

    function test_killsAHeldBackGrantThatComesAfterwards() external {
        ISignedConsents.SignedGrant memory held = offer(LABEL, reading());
        _revoke(LABEL, 16);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(held));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 17));
        consent.grantBySig(held, signature);
        held.terms = numbered(reading(), 16);
        signature = signed(PATIENT_KEY, Signing.hash(held));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 16, 17));
        consent.grantBySig(held, signature);
        assertGrant(LABEL, tombstone(17));
    }

    function test_killsAHeldBackGrantThatCameBefore() external {
        submit(offer(LABEL, reading()));
        _revoke(LABEL, 16);
        assertGrant(LABEL, tombstone(17));
        vm.assertTrue(!reads(LABEL, CONTENT), "killed");
    }

    function test_succeedsWithoutEffectWhereThisVeryRevocationIsDone() external {
        _revoke(LABEL, 5);
        vm.recordLogs();
        _revoke(LABEL, 5);
        assertSilence();
        assertGrant(LABEL, tombstone(6));
    }

    function test_takesNoRevocationThatTheSlotIsPast() external {
        _revoke(LABEL, 5);
        _refuseRevoke(LABEL, 4, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 4, 6));
        give(LABEL, reading());
        _refuseRevoke(LABEL, 5, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 5, 7));
        _refuseRevoke(LABEL, 6, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 6, 7));
        assertGrant(LABEL, numbered(reading(), 7));
    }

    function test_saysHowFarItReachesPastTheRevisionsThatShorterNumbersHold() external {
        bytes32 place = keccak256(abi.encode(patient, grantee, LABEL));
        vm.store(address(consent), place, bytes32(Terms.unwrap(numbered(reading(), 70_000))));
        bytes memory refusal = abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 71_025, 71_024);
        _refuseRevoke(LABEL, 71_025, refusal);
        _revoke(LABEL, 71_024);
        assertGrant(LABEL, tombstone(71_025));
    }

    function test_reaches1024AheadAndNoFurther() external {
        _refuseRevoke(LABEL, 1025, abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 1025, 1024));
        _refuseRevoke(
            LABEL,
            type(uint32).max,
            abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, type(uint32).max, 1024)
        );
        give(LABEL, reading());
        _refuseRevoke(LABEL, 1026, abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 1026, 1025));
        _revoke(LABEL, 1025);
        assertGrant(LABEL, tombstone(1026));
        _revoke(OTHER_LABEL, 1024);
        assertGrant(OTHER_LABEL, tombstone(1025));
        vm.assertEq(consent.MAX_AHEAD(), 1024, "MAX_AHEAD");
    }

    function test_takesARevocationUntilItsDeadlineInclusive() external {
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(grantee, LABEL, 0);
        bytes memory signature = signed(PATIENT_KEY, Signing.hashRevoke(patient, item, _present));
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        consent.revokeBySig(patient, item, _present, signature);
        vm.warp(DEADLINE);
        consent.revokeBySig(patient, item, _present, signature);
        assertGrant(LABEL, tombstone(1));
    }

    function test_bindsTheSignatureToEachFieldOfARevocation() external {
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(grantee, LABEL, 3);
        bytes memory signature = signed(PATIENT_KEY, Signing.hashRevoke(patient, item, _present));
        _refuseSignature(outsider, item, _present, signature);
        _refuseSignature(patient, ISignedConsents.Revocation(carer, LABEL, 3), _present, signature);
        _refuseSignature(patient, ISignedConsents.Revocation(grantee, record, 3), _present, signature);
        _refuseSignature(patient, ISignedConsents.Revocation(grantee, LABEL, 4), _present, signature);
        _refuseSignature(patient, item, ISignedConsents.Signing(1, DEADLINE), signature);
        _refuseSignature(patient, item, ISignedConsents.Signing(0, DEADLINE + 1), signature);
        // neither an outsider's nor one made to end a delegation
        _refuseSignature(patient, item, _present, signed(OUTSIDER_KEY, Signing.hashRevoke(patient, item, _present)));
        bytes memory ending = signed(PATIENT_KEY, Signing.hashUndelegate(patient, item, _present));
        _refuseSignature(patient, item, _present, ending);
        consent.revokeBySig(patient, item, _present, signature);
    }

    function test_takesARevocationAsOfTheLastLockdownAlone() external {
        _present.asOf = 1;
        _refuseRevoke(LABEL, 0, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 1, 0));
        lock();
        _present.asOf = 0;
        _refuseRevoke(LABEL, 0, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        _present.asOf = NOW;
        _refuseRevoke(LABEL, 0, abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, NOW, NOW + 1));
        _present.asOf = NOW + 1;
        _revoke(LABEL, 0);
        assertGrant(LABEL, tombstone(1));
    }

    /* LOCKDOWN */

    function test_locksDownBySignatureOnce() external {
        bytes memory signature = signed(PATIENT_KEY, Signing.hashLockdown(patient, _present));
        vm.expectEmit(address(consent));
        emit IGrants.LockedDown(patient, NOW + 1);
        vm.prank(outsider);
        consent.lockdownBySig(patient, _present, signature);
        vm.assertEq(consent.lockdownAt(patient), NOW + 1, "lockdownAt");
        refuse(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        consent.lockdownBySig(patient, _present, signature);
        vm.warp(NOW + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        consent.lockdownBySig(patient, _present, signature);
    }

    function test_locksDownUntilTheDeadlineInclusive() external {
        bytes memory signature = signed(PATIENT_KEY, Signing.hashLockdown(patient, _present));
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        consent.lockdownBySig(patient, _present, signature);
        vm.warp(DEADLINE);
        consent.lockdownBySig(patient, _present, signature);
        vm.assertEq(consent.lockdownAt(patient), DEADLINE + 1, "lockdownAt");
    }

    function test_bindsTheSignatureToEachFieldOfALockdown() external {
        bytes memory signature = signed(PATIENT_KEY, Signing.hashLockdown(patient, _present));
        _refuseLockdown(outsider, _present, signature);
        _refuseLockdown(patient, ISignedConsents.Signing(1, DEADLINE), signature);
        _refuseLockdown(patient, ISignedConsents.Signing(0, DEADLINE - 1), signature);
        _refuseLockdown(patient, _present, signed(OUTSIDER_KEY, Signing.hashLockdown(patient, _present)));
        vm.assertEq(consent.lockdownAt(patient), 0, "open");
    }

    function test_locksDownBySignatureEvenAheadOfTheBlocksTime() external {
        lock();
        lock(); // two past now
        _present.asOf = NOW + 2;
        consent.lockdownBySig(patient, _present, signed(PATIENT_KEY, Signing.hashLockdown(patient, _present)));
        vm.assertEq(consent.lockdownAt(patient), NOW + 3, "lockdownAt");
    }

    function _revoke(bytes32 scope, uint32 revision) private {
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(grantee, scope, revision);
        vm.prank(outsider);
        consent.revokeBySig(patient, item, _present, signed(PATIENT_KEY, Signing.hashRevoke(patient, item, _present)));
    }

    function _refuseRevoke(bytes32 scope, uint32 revision, bytes memory reason) private {
        refuse(reason);
        _revoke(scope, revision);
    }

    function _refuseSignature(
        address signer,
        ISignedConsents.Revocation memory item,
        ISignedConsents.Signing memory signing,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.revokeBySig(signer, item, signing, signature);
    }

    function _refuseLockdown(address signer, ISignedConsents.Signing memory signing, bytes memory signature) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.lockdownBySig(signer, signing, signature);
    }
}
