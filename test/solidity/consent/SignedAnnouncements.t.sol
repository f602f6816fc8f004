// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Deliveries and refusals that anyone may carry with the patient's signature, each counted by the patient's nonce.
contract SignedAnnouncementsTest is ConsentSetup {
    ISignedConsents.Signing private _present = ISignedConsents.Signing(0, DEADLINE);

    function test_deliversAndDeclinesBySignatureInOneOrder() external {
        vm.assertEq(consent.nonceOf(patient), 0, "nonce");
        vm.expectEmit(address(consent));
        emit IAnnouncements.Delivered(patient, grantee, record, CAPSULE, patient);
        vm.expectEmit(address(consent));
        emit IAnnouncements.Delivered(patient, carer, record, CAPSULE, patient);
        vm.recordLogs();
        _deliver(_delivery(), 0);
        assertEvents(2);
        vm.assertEq(consent.nonceOf(patient), 1, "after the delivery");
        vm.expectEmit(address(consent));
        emit IAnnouncements.Declined(patient, grantee, LABEL);
        vm.recordLogs();
        _decline(1);
        assertEvents(1);
        vm.assertEq(consent.nonceOf(patient), 2, "after the refusal");
        vm.assertEq(consent.nonceOf(outsider), 0, "the carrier's");
    }

    function test_takesTheNextNumberAlone() external {
        _refuseNonces(1, 0);
        _refuseNonces(type(uint32).max, 0);
        _deliver(_delivery(), 0);
        _refuseNonces(0, 1);
        _refuseNonces(2, 1);
        _decline(1);
        _refuseNonces(1, 2);
        vm.assertEq(consent.nonceOf(patient), 2, "nonce");
    }

    function test_countsALockdownAndANumberApart() external {
        _decline(0);
        lock();
        vm.assertEq(consent.nonceOf(patient), 1, "nonce");
        vm.assertEq(consent.lockdownAt(patient), NOW + 1, "lockdownAt");
        _present.asOf = NOW + 1;
        _decline(1);
        vm.assertEq(consent.lockdownAt(patient), NOW + 1, "lockdownAt after a refusal");
    }

    function test_takesAnAnnouncementAsOfTheLastLockdownAlone() external {
        _present.asOf = 1;
        _refuseAll(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 1, 0));
        lock();
        _present.asOf = 0;
        _refuseAll(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1));
        vm.assertEq(consent.nonceOf(patient), 0, "nonce");
    }

    function test_takesAnAnnouncementUntilItsDeadlineInclusive() external {
        vm.warp(DEADLINE + 1);
        _refuseAll(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        _deliver(_delivery(), 0);
        _decline(1);
    }

    function test_usesNoNumberForADeliveryThatIsRefused() external {
        IAnnouncements.Delivery memory delivery = _delivery();
        delivery.compartment = CHART;
        refuse(abi.encodeWithSelector(IDelegations.InvalidPlace.selector, CHART, CONTENT));
        _deliver(delivery, 0);
        delivery = _delivery();
        delivery.capsule = 0;
        refuse(abi.encodeWithSelector(IAnnouncements.InvalidCapsule.selector));
        _deliver(delivery, 0);
        delivery = _delivery();
        delivery.grantees = new address[](15);
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 15, 14));
        _deliver(delivery, 0);
        vm.assertEq(consent.nonceOf(patient), 0, "nonce");
    }

    function test_bindsTheSignatureToEachFieldOfADelivery() external {
        IAnnouncements.Delivery memory delivery = _delivery();
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(delivery, 0, _present));
        delivery.grantees[1] = outsider;
        _refuseDelivery(delivery, 0, _present, signature, patient);
        delivery.grantees = new address[](1);
        delivery.grantees[0] = grantee;
        _refuseDelivery(delivery, 0, _present, signature, patient);
        delivery = _delivery();
        delivery.compartment = OTHER_LABEL;
        _refuseDelivery(delivery, 0, _present, signature, patient);
        delivery = _delivery();
        delivery.content = OTHER_CONTENT;
        _refuseDelivery(delivery, 0, _present, signature, patient);
        delivery = _delivery();
        delivery.capsule = CONTENT;
        _refuseDelivery(delivery, 0, _present, signature, patient);
        delivery = _delivery();
        delivery.patient = outsider;
        _refuseDelivery(delivery, 0, _present, signature, outsider);
        delivery = _delivery();
        _refuseDelivery(delivery, 1, _present, signature, patient);
        _refuseDelivery(delivery, 0, ISignedConsents.Signing(1, DEADLINE), signature, patient);
        _refuseDelivery(delivery, 0, ISignedConsents.Signing(0, DEADLINE + 1), signature, patient);
        // a writer's or a delegate's signature is not the patient's
        bytes memory others = signed(DELEGATE_KEY, Signing.hash(delivery, 0, _present));
        _refuseDelivery(delivery, 0, _present, others, patient);
        consent.deliverBySig(delivery, 0, _present, signature);
    }

    function test_bindsTheSignatureToEachFieldOfARefusal() external {
        IGrants.GrantKey memory key = IGrants.GrantKey(grantee, LABEL);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(patient, key, 0, _present));
        _refuseRefusal(outsider, key, 0, _present, signature);
        _refuseRefusal(patient, IGrants.GrantKey(outsider, LABEL), 0, _present, signature);
        _refuseRefusal(patient, IGrants.GrantKey(grantee, record), 0, _present, signature);
        _refuseRefusal(patient, key, 1, _present, signature);
        _refuseRefusal(patient, key, 0, ISignedConsents.Signing(1, DEADLINE), signature);
        _refuseRefusal(patient, key, 0, ISignedConsents.Signing(0, DEADLINE + 1), signature);
        bytes memory others = signed(OUTSIDER_KEY, Signing.hash(patient, key, 0, _present));
        _refuseRefusal(patient, key, 0, _present, others);
        consent.declineBySig(patient, key, 0, _present, signature);
    }

    function _delivery() private view returns (IAnnouncements.Delivery memory) {
        address[] memory grantees = new address[](2);
        (grantees[0], grantees[1]) = (grantee, carer);
        return IAnnouncements.Delivery(patient, grantees, LABEL, CONTENT, CAPSULE);
    }

    function _deliver(IAnnouncements.Delivery memory delivery, uint32 nonce) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(delivery, nonce, _present));
        vm.prank(outsider);
        consent.deliverBySig(delivery, nonce, _present, signature);
    }

    function _decline(uint32 nonce) private {
        IGrants.GrantKey memory key = IGrants.GrantKey(grantee, LABEL);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(patient, key, nonce, _present));
        vm.prank(outsider);
        consent.declineBySig(patient, key, nonce, _present, signature);
    }

    function _refuseNonces(uint32 nonce, uint32 expected) private {
        refuse(abi.encodeWithSelector(ISignedConsents.StaleNonce.selector, nonce, expected));
        _deliver(_delivery(), nonce);
        refuse(abi.encodeWithSelector(ISignedConsents.StaleNonce.selector, nonce, expected));
        _decline(nonce);
    }

    function _refuseAll(bytes memory reason) private {
        refuse(reason);
        _deliver(_delivery(), 0);
        refuse(reason);
        _decline(0);
    }

    function _refuseDelivery(
        IAnnouncements.Delivery memory delivery,
        uint32 nonce,
        ISignedConsents.Signing memory signing,
        bytes memory signature,
        address signer
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.deliverBySig(delivery, nonce, signing, signature);
    }

    function _refuseRefusal(
        address signer,
        IGrants.GrantKey memory key,
        uint32 nonce,
        ISignedConsents.Signing memory signing,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.declineBySig(signer, key, nonce, signing, signature);
    }
}
