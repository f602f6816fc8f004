// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {AnnouncementSetup} from "../helpers/AnnouncementSetup.sol";
import {SignedForms} from "../helpers/SignedForms.sol";

/// Each signed announcement: forged, late, for another contract or chain, in every other form, and again.
contract ForeignSignaturesTest is AnnouncementSetup, SignedForms {
    uint256 private constant ID = 2 ** 255 + 7;

    function test_deliversWithThisVerySignature() external {
        bytes32 hash = hashDeliver(patient, delivery(2, LABEL, CONTENT), onceOf(ID));
        bytes memory call = _checkForm(_form(PATIENT_KEY, hash), _deliverCallOf);
        _checkWords(address(announcements), call, 0, 1); // by
        _checkWords(address(announcements), call, 2, 4); // id and deadline
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Delivered(patient, address(1), record, CAPSULE, patient, linkOf(1, 0), linkOf(1, 0));
        _carries(address(announcements), call);
        _checkAgain(call, patient);
    }

    function test_requestsWithThisVerySignature() external {
        bytes32 hash = hashRequest(grantee, wish(), CREDENTIAL, onceOf(ID));
        bytes memory call = _checkForm(_form(GRANTEE_KEY, hash), _requestCallOf);
        _checkWords(address(announcements), call, 0, 4); // requester, patient, scope, role
        _checkWords(address(announcements), call, 5, 10); // purposes, end, credential, id, deadline
        vm.warp(NOW); // when the credential holds
        vm.assertEq(abi.decode(_carries(address(announcements), call), (uint32)), 1, "id");
        _checkAgain(call, grantee);
    }

    function test_answersWithThisVerySignature() external {
        ask();
        bytes32 hash = hashAnswer(1, requested(wish()), true, onceOf(ID));
        bytes memory call = _checkForm(_form(PATIENT_KEY, hash), _answerCallOf);
        _carries(address(announcements), call);
        assertRequest(1, wordOf(requested(wish()), 1, 2));
        _checkAgain(call, patient);
    }

    function test_withdrawsWithThisVerySignature() external {
        ask();
        bytes32 hash = hashWithdraw(1, requested(wish()), onceOf(ID));
        bytes memory call = _checkForm(_form(GRANTEE_KEY, hash), _withdrawCallOf);
        _carries(address(announcements), call);
        assertRequest(1, wordOf(requested(wish()), 1, 4));
        _checkAgain(call, grantee);
    }

    /// A bit of the permissions that the form does not show is none that can be asked for.
    function test_refusesPermissionsThatTheWalletDoesNotShow() external {
        IAnnouncements.Wish memory wished = wish();
        wished.permissions = READ + 128;
        bytes memory signature = signedHere(GRANTEE_KEY, hashRequest(grantee, wish(), CREDENTIAL, onceOf(ID)));
        (bool success, ) = address(announcements).call(
            abi.encodeCall(IAnnouncements.requestBySig, (grantee, wished, CREDENTIAL, onceOf(ID), signature))
        );
        vm.assertTrue(!success, "refused");
        vm.assertTrue(!announcements.isUsed(grantee, ID), "not used up");
    }

    function _checkAgain(bytes memory call, address signer) private {
        vm.assertTrue(announcements.isUsed(signer, ID), "used");
        vm.assertTrue(!announcements.isUsed(signer, ID - 1) && !announcements.isUsed(outsider, ID), "others");
        bytes memory reason = abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, signer, ID);
        _refuses(outsider, address(announcements), call, reason);
    }

    function _form(uint256 key, bytes32 hash) private view returns (Form memory) {
        return Form("CareKey Announcements", address(announcements), key, hash, DEADLINE);
    }

    function _deliverCallOf(bytes memory signature) private view returns (bytes memory) {
        IAnnouncements.Delivery memory sent = delivery(2, LABEL, CONTENT);
        return abi.encodeCall(IAnnouncements.deliverBySig, (patient, sent, onceOf(ID), signature));
    }

    function _requestCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IAnnouncements.requestBySig, (grantee, wish(), CREDENTIAL, onceOf(ID), signature));
    }

    function _answerCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IAnnouncements.answerBySig, (1, requested(wish()), true, onceOf(ID), signature));
    }

    function _withdrawCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IAnnouncements.withdrawBySig, (1, requested(wish()), onceOf(ID), signature));
    }
}
