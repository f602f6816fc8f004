// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// What delegates do by signature, in a patient's place.
contract SignedDelegatesTest is ConsentSetup {
    ISignedConsents.Signing private _present = ISignedConsents.Signing(0, DEADLINE);

    function setUp() public override {
        super.setUp();
        entrust(CHART, delegationOf(READ + WRITE + DENY, TREATMENT));
    }

    /* GRANT */

    function test_grantsForThePatientByTheDelegatesSignature() external {
        Terms[4] memory all = [_short(READ, 1), _short(WRITE, 0), _short(READ + WRITE, 1), _short(DENY, 0)];
        for (uint32 i = 0; i < 4; ++i) {
            IDelegations.DelegatedGrant memory offered = giving(LABEL, CONTENT, CHART, numbered(all[i], i + 1));
            bytes memory signature = signed(DELEGATE_KEY, Signing.hash(carer, offered, DEADLINE));
            Terms standing = marked(offered.terms);
            expectGranted(record, standing);
            vm.expectEmit(address(consent));
            emit IDelegations.ActedFor(patient, carer, grantee, record, i + 1);
            vm.recordLogs();
            vm.prank(outsider);
            consent.grantForBySig(carer, offered, DEADLINE, signature);
            assertEvents(2);
            assertGrant(record, standing);
        }
    }

    function test_bindsTheSignatureToEachFieldOfADelegatedGrant() external {
        IDelegations.DelegatedGrant memory offered = _offer(1);
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(carer, offered, DEADLINE));
        uint256[7] memory words = [
            word(NOW + 1, NOW + 100, 0, 1, READ),
            word(NOW, NOW + 101, 0, 1, READ),
            word(NOW, NOW + 100, 1, 1, READ),
            word(NOW, NOW + 100, 0, 2, READ),
            word(NOW, NOW + 100, 0, 1, READ + WRITE),
            word(NOW, NOW + 100, 0, 1, WRITE),
            word(NOW, NOW + 100, 0, 1, DENY)
        ];
        for (uint256 i = 0; i < 7; ++i) {
            offered.terms = numbered(Terms.wrap(words[i]), 1);
            _refuseGrantSignature(offered, DEADLINE, signature);
        }
        offered = _offer(2);
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        offered.patient = outsider;
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        offered.grantee = outsider;
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        offered.compartment = OTHER_LABEL;
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        offered.content = CONTENT;
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        offered.under = LABEL;
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        offered.capsule = 0;
        _refuseGrantSignature(offered, DEADLINE, signature);
        offered = _offer(1);
        _refuseGrantSignature(offered, DEADLINE + 1, signature);
        // a second delegate does not take the first one's signature for its own; the patient's counts for nothing
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, outsider));
        consent.grantForBySig(outsider, offered, DEADLINE, signature);
        _refuseGrantSignature(offered, DEADLINE, signed(PATIENT_KEY, Signing.hash(carer, offered, DEADLINE)));
        consent.grantForBySig(carer, offered, DEADLINE, signature);
    }

    function test_takesADelegatedGrantUntilItsDeadlineInclusive() external {
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        _grantFor(_offer(1));
        vm.warp(DEADLINE - 1);
        _grantFor(_offer(1));
        vm.warp(DEADLINE);
        IDelegations.DelegatedGrant memory last = giving(OTHER_LABEL, 0, CHART, numbered(_short(READ, 1), 1));
        last.terms = numbered(Terms.wrap(word(0, DEADLINE + 1, 0, 1, READ)), 1);
        _grantFor(last);
        vm.assertTrue(reads(OTHER_LABEL, 0), "granted");
    }

    function test_takesTheNextRevisionOfADelegatedGrantAlone() external {
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 0, 0));
        _grantFor(_offer(0));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 2, 0));
        _grantFor(_offer(2));
        _grantFor(_offer(1));
        IDelegations.DelegatedGrant memory other = _offer(1);
        other.terms = numbered(_short(WRITE, 0), 1);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 1));
        _grantFor(other);
        _grantFor(_offer(2));
        assertGrant(LABEL, numbered(marked(_short(READ, 1)), 2));
    }

    function test_succeedsWithoutEffectWhereTheVeryDelegatedGrantStands() external {
        vm.prank(outsider);
        _grantFor(_offer(1));
        vm.recordLogs();
        _grantFor(_offer(1));
        assertSilence();
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 2));
        _grantFor(_offer(1));
        assertGrant(LABEL, tombstone(2));
    }

    function test_countsNoGrantOfThePatientsOwnAsTheDelegates() external {
        entrust(CHART, delegationOf(READ + MANAGE, TREATMENT));
        give(LABEL, _short(READ, 1)); // the same but for the mark
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 1));
        _grantFor(_offer(1));
    }

    function test_grantsBySignatureNoFurtherThanTheDelegateMay() external {
        IDelegations.DelegatedGrant memory offered = _offer(1);
        offered.terms = numbered(_short(READ, 3), 1);
        refuse(
            abi.encodeWithSelector(
                IDelegations.BeyondDelegation.selector,
                _short(READ, 3),
                consent.delegationOf(patient, carer, CHART)
            )
        );
        _grantFor(offered);
        offered.terms = numbered(marked(_short(READ, 1)), 1);
        refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, marked(_short(READ, 1))));
        _grantFor(offered);
        offered = giving(CHART, CONTENT, CHART, numbered(_short(READ, 1), 1));
        refuse(abi.encodeWithSelector(IDelegations.InvalidPlace.selector, CHART, CONTENT));
        _grantFor(offered);
        offered = giving(OTHER_LABEL, 0, LABEL, numbered(_short(READ, 1), 1));
        refuse(abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, OTHER_LABEL, LABEL));
        _grantFor(offered);
        offered = giving(LABEL, 0, LABEL, numbered(_short(READ, 1), 1));
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, LABEL, carer));
        _grantFor(offered);
        give(LABEL, reading());
        refuse(abi.encodeWithSelector(IDelegations.GrantReserved.selector, grantee, LABEL, numbered(reading(), 1)));
        _grantFor(_offer(2));
    }

    function test_grantsNothingBySignatureOnceTheDelegationWasTakenBack() external {
        vm.prank(patient);
        consent.undelegate(carer, CHART);
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        _grantFor(_offer(1));
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        _revokeFor(0);
    }

    function test_takesADelegatesSignatureAsOfTheLastLockdownAlone() external {
        lock();
        refuse(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        _grantFor(_offer(1));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        _revokeFor(0);
        vm.warp(NOW + 1);
        IDelegations.DelegatedGrant memory fresh = _offer(1);
        fresh.terms = since(fresh.terms, NOW + 1);
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        _grantFor(fresh);
    }

    /* REVOKE */

    function test_revokesForThePatientByTheDelegatesSignature() external {
        _grantFor(_offer(1));
        expectRevoked(LABEL, 2);
        vm.expectEmit(address(consent));
        emit IDelegations.ActedFor(patient, carer, grantee, LABEL, 2);
        _revokeFor(1);
        assertGrant(LABEL, tombstone(2));
        vm.recordLogs();
        _revokeFor(1);
        assertSilence();
        _revokeFor(17);
        assertGrant(LABEL, tombstone(18));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 2, 18));
        _grantFor(_offer(2));
        refuse(abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 16, 18));
        _revokeFor(16);
    }

    function test_reaches1024AheadForThePatientAndNoFurther() external {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 1025, 1024));
        _revokeFor(1025);
        _revokeFor(1024);
        assertGrant(LABEL, tombstone(1025));
    }

    function test_liftsForThePatientNoDenyOfAfterItWasSigned() external {
        entrust(CHART, delegationOf(MANAGE, 0));
        give(LABEL, denying());
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 16, 1));
        _revokeFor(16);
        assertGrant(LABEL, numbered(denying(), 1));
        _revokeFor(1);
        assertGrant(LABEL, tombstone(2));
    }

    function test_revokesBySignatureNoFurtherThanTheDelegateMay() external {
        give(LABEL, reading());
        refuse(abi.encodeWithSelector(IDelegations.GrantReserved.selector, grantee, LABEL, numbered(reading(), 1)));
        _revokeFor(1);
        assertGrant(LABEL, numbered(reading(), 1));
    }

    function test_takesADelegatedRevocationUntilItsDeadlineInclusive() external {
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        _revokeFor(0);
        vm.warp(DEADLINE);
        _revokeFor(0);
        assertGrant(LABEL, tombstone(1));
    }

    function test_bindsTheSignatureToEachFieldOfADelegatedRevocation() external {
        bytes memory signature = signed(
            DELEGATE_KEY,
            Signing.hash(carer, taking(LABEL, 0, CHART), uint32(3), _present)
        );
        IDelegations.DelegatedRevocation memory other = taking(LABEL, 0, CHART);
        other.patient = outsider;
        _refuseRevokeSignature(other, 3, _present, signature);
        other = taking(LABEL, 0, CHART);
        other.grantee = outsider;
        _refuseRevokeSignature(other, 3, _present, signature);
        _refuseRevokeSignature(taking(OTHER_LABEL, 0, CHART), 3, _present, signature);
        _refuseRevokeSignature(taking(LABEL, CONTENT, CHART), 3, _present, signature);
        _refuseRevokeSignature(taking(LABEL, 0, LABEL), 3, _present, signature);
        other = taking(LABEL, 0, CHART);
        _refuseRevokeSignature(other, 4, _present, signature);
        _refuseRevokeSignature(other, 3, ISignedConsents.Signing(1, DEADLINE), signature);
        _refuseRevokeSignature(other, 3, ISignedConsents.Signing(0, DEADLINE + 1), signature);
        bytes memory patients = signed(PATIENT_KEY, Signing.hash(carer, other, uint32(3), _present));
        _refuseRevokeSignature(other, 3, _present, patients);
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, outsider));
        consent.revokeForBySig(outsider, other, 3, _present, signature);
        consent.revokeForBySig(carer, other, 3, _present, signature);
    }

    function _short(uint8 permissions, uint64 purposes) private pure returns (Terms) {
        return Terms.wrap(word(NOW, NOW + 100, 0, purposes, permissions));
    }

    function _offer(uint32 revision) private view returns (IDelegations.DelegatedGrant memory) {
        return giving(LABEL, 0, CHART, numbered(_short(READ, 1), revision));
    }

    function _grantFor(IDelegations.DelegatedGrant memory offered) private {
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(carer, offered, DEADLINE));
        consent.grantForBySig(carer, offered, DEADLINE, signature);
    }

    function _revokeFor(uint32 revision) private {
        IDelegations.DelegatedRevocation memory item = taking(LABEL, 0, CHART);
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(carer, item, revision, _present));
        vm.prank(outsider);
        consent.revokeForBySig(carer, item, revision, _present, signature);
    }

    function _refuseGrantSignature(
        IDelegations.DelegatedGrant memory offered,
        uint40 deadline,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, carer));
        consent.grantForBySig(carer, offered, deadline, signature);
    }

    function _refuseRevokeSignature(
        IDelegations.DelegatedRevocation memory item,
        uint32 revision,
        ISignedConsents.Signing memory signing,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, carer));
        consent.revokeForBySig(carer, item, revision, signing, signature);
    }
}
