// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {AnnouncementSetup} from "../helpers/AnnouncementSetup.sol";

/// Announcements that anyone may carry with a signature, each once.
contract SignedAnnouncementsTest is AnnouncementSetup {
    /* WHAT IS DONE */

    function test_deliversBySignatureOfThePatientAndOfWhoMayDeliver() external {
        entrust(LABEL, powersOf(WRITE, 0));
        address[2] memory by = [patient, carer];
        uint256[2] memory keys = [PATIENT_KEY, DELEGATE_KEY];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory signature = signedHere(keys[i], hashDeliver(by[i], _sent(), onceOf(1)));
            uint256 before = i == 0 ? 0 : BLOCK;
            vm.expectEmit(address(announcements));
            emit IAnnouncements.Delivered(
                patient,
                address(1),
                record,
                CAPSULE,
                by[i],
                linkOf(2 * i + 1, before),
                linkOf(i + 1, before)
            );
            vm.recordLogs();
            vm.prank(outsider);
            announcements.deliverBySig(by[i], _sent(), onceOf(1), signature);
            assertTold(2);
            vm.assertTrue(announcements.isUsed(by[i], 1), "used");
        }
    }

    function test_deliversBySignatureOnlyWhereTheSignerMayWhenItIsCarried() external {
        entrust(LABEL, powersOf(WRITE, 0));
        bytes memory signature = signedHere(DELEGATE_KEY, hashDeliver(carer, _sent(), onceOf(1)));
        distrust(LABEL);
        refuse(abi.encodeWithSelector(IAnnouncements.NotDeliverer.selector, patient, record, carer));
        announcements.deliverBySig(carer, _sent(), onceOf(1), signature);
        vm.assertTrue(!announcements.isUsed(carer, 1), "unused");
    }

    function test_asksAnswersAndWithdrawsBySignature() external {
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Requested(patient, grantee, LABEL, 1, ROLE, READ, TREATMENT, END, linkOf(1, 0));
        vm.assertEq(_request(onceOf(1)), 1, "id");
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Answered(patient, grantee, LABEL, 1, true, linkOf(2, BLOCK));
        _answer(1, true, onceOf(1));
        assertRequest(1, wordOf(requested(wish()), 1, 2));
        vm.assertEq(_request(onceOf(2)), 2, "id");
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Withdrawn(patient, grantee, LABEL, 2, linkOf(4, BLOCK));
        _withdraw(2, onceOf(3));
        assertRequest(2, wordOf(requested(wish()), 2, 4));
        vm.assertEq(_request(onceOf(4)), 3, "id");
        _answer(3, false, onceOf(2));
        assertRequest(3, wordOf(requested(wish()), 3, 3));
    }

    function test_asksBySignatureOnlyWithThatCredential() external {
        bytes memory signature = signedHere(GRANTEE_KEY, hashRequest(grantee, wish(), 5, onceOf(1)));
        refuse(abi.encodeWithSelector(IAnnouncements.NotCredentialed.selector, grantee, ROLE, 5));
        announcements.requestBySig(grantee, wish(), 5, onceOf(1), signature);
        vm.assertTrue(!announcements.isUsed(grantee, 1), "unused");
    }

    /* ONCE, AND IN TIME */

    function test_worksOnceWhateverTheForm() external {
        bytes memory signature = signedHere(PATIENT_KEY, hashDeliver(patient, _sent(), onceOf(7)));
        announcements.deliverBySig(patient, _sent(), onceOf(7), signature);
        bytes memory reason = abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, patient, 7);
        refuse(reason);
        announcements.deliverBySig(patient, _sent(), onceOf(7), signature);
        ask();
        signature = signedHere(PATIENT_KEY, hashAnswer(1, requested(wish()), true, onceOf(7)));
        refuse(reason);
        announcements.answerBySig(1, requested(wish()), true, onceOf(7), signature);
        _request(onceOf(7)); // another signer's id
        reason = abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, grantee, 7);
        signature = signedHere(GRANTEE_KEY, hashWithdraw(1, requested(wish()), onceOf(7)));
        refuse(reason);
        announcements.withdrawBySig(1, requested(wish()), onceOf(7), signature);
        signature = signedHere(GRANTEE_KEY, hashRequest(grantee, wish(), CREDENTIAL, onceOf(7)));
        refuse(reason);
        announcements.requestBySig(grantee, wish(), CREDENTIAL, onceOf(7), signature);
    }

    function test_givesUpSignaturesOfTheCallersAlone() external {
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (7, 8);
        vm.prank(outsider);
        announcements.cancel(ids);
        vm.assertTrue(!announcements.isUsed(patient, 7), "an outsider's");
        vm.expectEmit(address(announcements));
        emit ISignedActions.Cancelled(patient, 7);
        vm.expectEmit(address(announcements));
        emit ISignedActions.Cancelled(patient, 8);
        vm.prank(patient);
        announcements.cancel(ids);
        bytes memory signature = signedHere(PATIENT_KEY, hashDeliver(patient, _sent(), onceOf(7)));
        refuse(abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, patient, 7));
        announcements.deliverBySig(patient, _sent(), onceOf(7), signature);
        ids = new uint256[](201);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        vm.prank(patient);
        announcements.cancel(ids);
    }

    function test_takesASignatureUntilItsDeadlineInclusive() external {
        ask();
        bytes[3] memory signatures = [
            signedHere(PATIENT_KEY, hashDeliver(patient, _sent(), onceOf(1))),
            signedHere(PATIENT_KEY, hashAnswer(1, requested(wish()), true, onceOf(2))),
            signedHere(GRANTEE_KEY, hashWithdraw(1, requested(wish()), onceOf(1)))
        ];
        bytes memory asking = signedHere(GRANTEE_KEY, hashRequest(grantee, wish(), CREDENTIAL, onceOf(2)));
        bytes memory reason = abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE);
        vm.warp(DEADLINE + 1);
        refuse(reason);
        announcements.deliverBySig(patient, _sent(), onceOf(1), signatures[0]);
        refuse(reason);
        announcements.answerBySig(1, requested(wish()), true, onceOf(2), signatures[1]);
        refuse(reason);
        announcements.withdrawBySig(1, requested(wish()), onceOf(1), signatures[2]);
        refuse(reason);
        announcements.requestBySig(grantee, wish(), CREDENTIAL, onceOf(2), asking);
        vm.warp(DEADLINE);
        announcements.deliverBySig(patient, _sent(), onceOf(1), signatures[0]);
        announcements.answerBySig(1, requested(wish()), true, onceOf(2), signatures[1]);
    }

    /* WHAT IS SIGNED */

    function test_bindsTheSignatureToEachFieldOfADelivery() external {
        bytes memory signature = signedHere(PATIENT_KEY, hashDeliver(patient, _sent(), onceOf(1)));
        for (uint256 i = 0; i < 9; ++i) {
            IAnnouncements.Delivery memory sent = _sent();
            ISignedActions.Once memory once = onceOf(1);
            if (i == 0) sent.grantees[1] = outsider;
            if (i == 1) sent.grantees = new address[](1);
            if (i == 2) sent.compartment = OTHER_LABEL;
            if (i == 3) sent.content = OTHER_CONTENT;
            if (i == 4) sent.capsule = CONTENT;
            if (i == 5) sent.patient = outsider;
            if (i == 6) once.id = 2;
            if (i == 7) once.deadline = DEADLINE + 1;
            if (i == 8) (sent.grantees[0], sent.grantees[1]) = (sent.grantees[1], sent.grantees[0]);
            _refuseDelivery(patient, sent, once, signature);
        }
        _refuseDelivery(outsider, _sent(), onceOf(1), signature);
        bytes memory others = signedHere(DELEGATE_KEY, hashDeliver(patient, _sent(), onceOf(1)));
        _refuseDelivery(patient, _sent(), onceOf(1), others);
        _refuseDelivery(patient, _sent(), onceOf(1), signed(PATIENT_KEY, hashDeliver(patient, _sent(), onceOf(1))));
        announcements.deliverBySig(patient, _sent(), onceOf(1), signature);
    }

    function test_bindsTheSignatureToEachFieldOfARequest() external {
        bytes memory signature = signedHere(GRANTEE_KEY, hashRequest(grantee, wish(), CREDENTIAL, onceOf(1)));
        for (uint256 i = 0; i < 10; ++i) {
            IAnnouncements.Wish memory wished = wish();
            ISignedActions.Once memory once = onceOf(1);
            uint256 credential = CREDENTIAL;
            if (i == 0) wished.patient = outsider;
            if (i == 1) wished.scope = CHART;
            if (i == 2) wished.role = "laboratory";
            if (i == 3) wished.permissions = READ + WRITE;
            if (i == 4) wished.permissions = WRITE;
            if (i == 5) wished.purposes = RESEARCH;
            if (i == 6) wished.end = END + 1;
            if (i == 7) credential = CREDENTIAL + 1;
            if (i == 8) once.id = 2;
            if (i == 9) once.deadline = DEADLINE + 1;
            _refuseRequest(grantee, wished, credential, once, signature);
        }
        _refuseRequest(outsider, wish(), CREDENTIAL, onceOf(1), signature);
        bytes memory others = signedHere(OUTSIDER_KEY, hashRequest(grantee, wish(), CREDENTIAL, onceOf(1)));
        _refuseRequest(grantee, wish(), CREDENTIAL, onceOf(1), others);
        announcements.requestBySig(grantee, wish(), CREDENTIAL, onceOf(1), signature);
    }

    function test_bindsTheSignatureToEachFieldOfAnAnswerAndOfAWithdrawal() external {
        ask();
        ask();
        bytes memory answer = signedHere(PATIENT_KEY, hashAnswer(1, requested(wish()), true, onceOf(1)));
        bytes memory withdrawal = signedHere(GRANTEE_KEY, hashWithdraw(1, requested(wish()), onceOf(1)));
        for (uint256 i = 0; i < 11; ++i) {
            IAnnouncements.Request memory asked = requested(wish());
            ISignedActions.Once memory once = onceOf(1);
            (uint32 id, bool approved) = (1, true);
            if (i == 0) asked.patient = outsider;
            if (i == 1) asked.requester = outsider;
            if (i == 2) id = 2;
            if (i == 3) once.id = 2;
            if (i == 4) once.deadline = DEADLINE + 1;
            if (i == 5) approved = false;
            if (i == 6) asked.scope = CHART;
            if (i == 7) asked.role = "laboratory";
            if (i == 8) asked.permissions = READ + WRITE;
            if (i == 9) asked.purposes = RESEARCH;
            if (i == 10) asked.end = END + 1;
            refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, asked.patient));
            announcements.answerBySig(id, asked, approved, once, answer);
            // the form names the request by its number: what does not belong to it is unknown
            if (i == 5) continue;
            refuse(
                i < 5
                    ? abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, asked.requester)
                    : abi.encodeWithSelector(IAnnouncements.UnknownRequest.selector, patient, id)
            );
            announcements.withdrawBySig(id, asked, once, withdrawal);
        }
        announcements.withdrawBySig(1, requested(wish()), onceOf(1), withdrawal);
    }

    function _sent() private view returns (IAnnouncements.Delivery memory) {
        return delivery(2, LABEL, CONTENT);
    }

    function _request(ISignedActions.Once memory once) private returns (uint32) {
        bytes memory signature = signedHere(GRANTEE_KEY, hashRequest(grantee, wish(), CREDENTIAL, once));
        vm.prank(outsider);
        return announcements.requestBySig(grantee, wish(), CREDENTIAL, once, signature);
    }

    function _answer(uint32 id, bool approved, ISignedActions.Once memory once) private {
        bytes memory signature = signedHere(PATIENT_KEY, hashAnswer(id, requested(wish()), approved, once));
        vm.prank(outsider);
        announcements.answerBySig(id, requested(wish()), approved, once, signature);
    }

    function _withdraw(uint32 id, ISignedActions.Once memory once) private {
        bytes memory signature = signedHere(GRANTEE_KEY, hashWithdraw(id, requested(wish()), once));
        vm.prank(outsider);
        announcements.withdrawBySig(id, requested(wish()), once, signature);
    }

    function _refuseDelivery(
        address signer,
        IAnnouncements.Delivery memory sent,
        ISignedActions.Once memory once,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        announcements.deliverBySig(signer, sent, once, signature);
    }

    function _refuseRequest(
        address signer,
        IAnnouncements.Wish memory wished,
        uint256 credential,
        ISignedActions.Once memory once,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        announcements.requestBySig(signer, wished, credential, once, signature);
    }
}
