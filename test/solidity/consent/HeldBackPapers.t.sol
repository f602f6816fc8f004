// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {Papers} from "../helpers/Papers.sol";
import {Signing} from "../helpers/Signing.sol";

/// No signature opens a door once its signer has done anything later: what a carrier holds back is dead.
contract HeldBackPapersTest is Papers {
    function test_openNothingAfterAnyActInPerson() external {
        for (uint256 i = 0; i < ACTS; ++i) {
            ready();
            (bytes[] memory held, bytes memory reason) = _hold();
            act(i);
            _refuseEach(held, reason);
        }
    }

    function test_openNothingAfterAnythingElseThatWasSigned() external {
        for (uint256 form = 0; form < FORMS; ++form) {
            ready();
            (bytes[] memory held, bytes memory reason) = _hold();
            carry(paper(Form(form), 100 + form));
            _refuseEach(held, reason);
        }
    }

    /// An act that finds nothing to do is an act, too: who signed it meant the door to be shut.
    function test_openNothingAfterAnActThatChangedNothing() external {
        ready();
        for (uint256 i = 0; i < 3; ++i) {
            take(BESIDE);
            (bytes[] memory held, bytes memory reason) = _hold();
            if (i == 0) take(BESIDE);
            if (i == 1) shut(BESIDE_TOO);
            if (i == 2) distrust(record);
            _refuseEach(held, reason);
        }
    }

    function test_openAsLongAsTheirSignerDoesNothingElse() external {
        for (uint256 form = 0; form < OPENING_FORMS; ++form) {
            ready();
            bytes memory held = paper(Form(form), 0);
            giveFor(keyFor(BESIDE, CONTENT, CHART), short()); // what others do is not the signer's
            vm.prank(outsider);
            consent.lockdown(SALT);
            carry(held);
        }
    }

    /// However high a number they have: a session that began later, on whichever device, ends every other.
    function test_openNothingOnceALaterSessionOpensSomething() external {
        ready();
        ISignedConsents.SignedGrant memory held = offer(LABEL, reading());
        held.opening.session = 1;
        ISignedConsents.SignedGrant memory later = offer(record, reading());
        later.opening.session = 2;
        submit(later);
        uint16[4] memory numbers = [uint16(0), 1, 2, type(uint16).max];
        for (uint256 i = 0; i < 4; ++i) {
            held.opening.number = numbers[i];
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(held));
            refuse(staleOpening(patient, held.opening));
            consent.grantBySig(held, signature);
        }
    }

    /* REVOCATIONS AND DENYS */

    /// A revocation is not a lift: carried after a DENY it takes nothing away, in whatever order and however often signed.
    function test_liftNoDenyOfAfterARevocationWasSigned() external {
        give(CHART, reading());
        entrust(LABEL, powersOf(READ, TREATMENT));
        giveFor(keyFor(LABEL, 0, LABEL), short());
        bytes memory held = paper(Form.Revoke, 1);
        bytes memory batch = paper(Form.RevokeMany, 2);
        for (uint256 i = 0; i < 16; ++i) giveFor(keyFor(LABEL, 0, LABEL), short());
        shut(LABEL);
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        carry(held);
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        carry(batch);
        vm.assertTrue(!reads(LABEL, CONTENT), "still shut");
    }

    function test_liftNoDenyThatWasSetAnewSince() external {
        ready();
        bytes memory held = paper(Form.Lift, 0);
        ISignedConsents.SignedGrant memory lifting = offer(OTHER_LABEL, reading());
        lifting.lifts = BLOCK;
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(lifting));
        bytes memory reason = _stale();
        lift(OTHER_LABEL);
        shut(OTHER_LABEL);
        refuse(reason);
        carry(held);
        refuse(reason);
        consent.grantBySig(lifting, signature);
        vm.assertTrue(!reads(OTHER_LABEL, CONTENT), "still shut");
    }

    function test_grantNothingOverADenyThatADelegateSetSince() external {
        entrust(CHART, powersOf(DENY, 0));
        ISignedConsents.SignedGrant memory held = offer(LABEL, reading());
        shutFor(keyFor(LABEL, 0, CHART));
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(held));
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        consent.grantBySig(held, signature);
        vm.assertTrue(!reads(LABEL, CONTENT), "still shut");
    }

    /* LOCKDOWNS */

    /// Signed for the very era that follows, which only its signer can foresee, and carried right after.
    function test_openNothingAheadOfALockdownThatACarrierTimes() external {
        uint40 next = eraAfter(0, bytes32(uint256(5)), patient);
        ISignedConsents.SignedGrant memory ahead = offer(LABEL, dated(reading(), next));
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(ahead));
        Delegation powers = dated(powersOf(READ + MANAGE, TREATMENT), next);
        ISignedConsents.SignedDelegation memory given = ISignedConsents.SignedDelegation(
            patient,
            carer,
            CHART,
            powers,
            openingOf(patient)
        );
        bytes memory other = signed(PATIENT_KEY, Signing.hash(given));
        bytes memory reason = _stale();
        bytes memory lockdown = paper(Form.Lockdown, 5);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleEra.selector, next, 0));
        consent.grantBySig(ahead, signature);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleEra.selector, next, 0));
        consent.delegateBySig(given, other);
        vm.warp(NOW + 50);
        carry(lockdown);
        vm.assertEq(eraOf(patient), next, "foreseen by the signer alone");
        refuse(reason);
        consent.grantBySig(ahead, signature);
        refuse(reason);
        consent.delegateBySig(given, other);
        vm.assertTrue(!reads(LABEL, CONTENT), "no grant");
        vm.assertTrue(!consent.isDelegate(patient, carer, LABEL, CONTENT, MANAGE), "no delegation");
    }

    /// A grant that would be void takes no live one's place, nor is it done and told as if it were one.
    function test_overwriteNoGrantByAVoidOne() external {
        ISignedConsents.SignedGrant memory held = offer(LABEL, termsOf(WRITE, 0));
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(held));
        bytes memory reason = _stale();
        lock();
        give(LABEL, reading());
        refuse(reason);
        consent.grantBySig(held, signature);
        ISignedConsents.SignedGrant memory fresh = offer(LABEL, Terms.wrap(0));
        fresh.terms = termsOf(WRITE, 0); // a stand of now, an era of then
        bytes memory old = abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 0, eraOf(patient));
        refuse(old);
        submit(fresh);
        ISignedConsents.SignedGrant[] memory batch = new ISignedConsents.SignedGrant[](2);
        (batch[0], batch[1]) = (held, fresh);
        bytes memory second = Signing.listed(signed(PATIENT_KEY, Signing.hash(fresh)));
        expectSkipped(0, reason);
        expectSkipped(1, old);
        vm.recordLogs();
        consent.grantManyBySig(batch, bytes.concat(Signing.listed(signature), second));
        assertEvents(2);
        vm.assertTrue(reads(LABEL, CONTENT), "the live one");
    }

    /* DELEGATES */

    function test_openNothingForAPatientOnceTheDelegationWasWrittenAnew() external {
        ready();
        bytes memory held = paper(Form.GrantFor, 0);
        vm.roll(BLOCK + 1);
        vm.prank(ward);
        consent.delegate(patient, CHART, powersOf(READ, TREATMENT));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleDelegation.selector, BLOCK, BLOCK + 1));
        carry(held);
        vm.roll(BLOCK + 2);
        vm.prank(ward);
        consent.undelegate(patient, CHART);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleDelegation.selector, BLOCK, BLOCK + 2));
        carry(held);
    }

    function test_openNothingForAPatientWhoLockedDown() external {
        ready();
        bytes memory held = paper(Form.GrantFor, 0);
        vm.prank(ward);
        consent.lockdown(SALT);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 0, eraOf(ward)));
        carry(held);
    }

    function _stale() private view returns (bytes memory) {
        return staleOpening(patient, openingOf(patient));
    }

    /// One paper of each kind that opens, with the next number, and why each is refused once it is stale.
    function _hold() private view returns (bytes[] memory held, bytes memory reason) {
        held = new bytes[](OPENING_FORMS);
        for (uint256 form = 0; form < OPENING_FORMS; ++form) held[form] = paper(Form(form), 0);
        reason = _stale();
    }

    function _refuseEach(bytes[] memory held, bytes memory reason) private {
        for (uint256 form = 0; form < OPENING_FORMS; ++form) {
            refuse(reason);
            carry(held[form]);
        }
    }
}
