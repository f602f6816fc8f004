// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";
import {BombWallet, BurningWallet, FickleWallet} from "../helpers/Wallets.sol";

/// Batches by signature: what is bad is left out with its reason, the others stand.
contract BatchesTest is ConsentSetup {
    ISignedConsents.Signing private _present = ISignedConsents.Signing(0, DEADLINE);

    /* GRANTS */

    function test_skipsWhatIsBadOfManyGrantsAndSaysWhy() external {
        give(OTHER_LABEL, denying());
        lock();
        ISignedConsents.SignedGrant[] memory items = new ISignedConsents.SignedGrant[](10);
        for (uint256 i = 0; i < 10; ++i) items[i] = offer(_label(i), reading());
        items[1].terms = numbered(reading(), 2);
        items[2].deadline = NOW - 1;
        items[3].grantee = patient;
        items[4].terms = numbered(termsOf(READ, 0), 1);
        items[5].terms = numbered(Terms.wrap(word(NOW, NOW, 0, 1, READ)), 1);
        items[6].terms = numbered(since(reading(), NOW + 1), 1);
        items[7].scope = OTHER_LABEL;
        items[7].terms = numbered(reading(), 2);
        bytes memory list = _list(items, 8);
        bytes[] memory reasons = new bytes[](10);
        reasons[1] = abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 2, 0);
        reasons[2] = abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, NOW - 1);
        reasons[3] = abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient);
        reasons[4] = abi.encodeWithSelector(IGrants.InvalidTerms.selector, termsOf(READ, 0));
        reasons[5] = abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW, NOW);
        reasons[6] = abi.encodeWithSelector(IGrants.InvalidAsOf.selector, NOW + 1);
        reasons[7] = abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, NOW + 1);
        reasons[8] = abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, patient);
        for (uint256 i = 0; i < 10; ++i) {
            if (reasons[i].length == 0) expectGranted(_label(i), numbered(reading(), 1));
            else _expectSkipped(i, reasons[i]);
        }
        vm.recordLogs();
        vm.prank(outsider);
        consent.grantManyBySig(items, list);
        assertEvents(10);
        assertGrant(_label(0), numbered(reading(), 1));
        assertGrant(_label(9), numbered(reading(), 1));
        for (uint256 i = 1; i < 9; ++i) assertGrant(_label(i), Terms.wrap(0));
        assertGrant(OTHER_LABEL, numbered(denying(), 1));
    }

    function test_passesOverInSilenceWhatStandsAlready() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        bytes memory list = _list(items, 2);
        submit(items[0]);
        expectGranted(_label(1), numbered(reading(), 1));
        vm.recordLogs();
        consent.grantManyBySig(items, list);
        assertEvents(1);
        vm.recordLogs();
        consent.grantManyBySig(items, list);
        assertSilence();
    }

    function test_letsNoWalletSpoilTheGrantsOfOthers() external {
        ISignedConsents.SignedGrant[] memory items = _offers(5);
        FickleWallet fickle = new FickleWallet();
        fickle.toggle();
        items[1].patient = address(new BurningWallet());
        items[2].patient = address(fickle);
        items[3].patient = address(new BombWallet());
        bytes memory list = _list(items, 5);
        for (uint256 i = 0; i < 5; ++i) {
            bytes memory reason = abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, items[i].patient);
            if (i == 1 || i == 2) {
                _expectSkipped(i, reason);
            } else {
                vm.expectEmit(address(consent));
                emit IGrants.Granted(items[i].patient, grantee, _label(i), numbered(reading(), 1), CAPSULE);
            }
        }
        vm.recordLogs();
        uint256 before = gasleft();
        consent.grantManyBySig(items, list);
        vm.assertTrue(before - gasleft() < 1_000_000, "the burner has 400,000, the bomb is not copied");
        assertEvents(5);
        assertGrant(_label(0), numbered(reading(), 1));
        assertGrant(_label(4), numbered(reading(), 1));
    }

    function test_grantsFrom1To200AtOnce() external {
        ISignedConsents.SignedGrant[] memory none = new ISignedConsents.SignedGrant[](0);
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 0, 200));
        consent.grantManyBySig(none, "");
        ISignedConsents.SignedGrant[] memory tooMany = _offers(201);
        bytes memory list = _list(tooMany, 201);
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 201, 200));
        consent.grantManyBySig(tooMany, list);
        ISignedConsents.SignedGrant[] memory most = _offers(200);
        consent.grantManyBySig(most, _list(most, 200));
        assertGrant(_label(0), numbered(reading(), 1));
        assertGrant(_label(199), numbered(reading(), 1));
    }

    function test_takesNoListOfSignaturesThatIsCutShort() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        bytes memory list = _list(items, 2); // 2 × (2 + 65)
        for (uint256 length = 0; length < 134; ++length) {
            bytes memory short = new bytes(length);
            for (uint256 i = 0; i < length; ++i) short[i] = list[i];
            refuse(abi.encodeWithSelector(Signatures.InvalidSignatureList.selector, length));
            consent.grantManyBySig(items, short);
        }
        assertGrant(_label(0), Terms.wrap(0));
        consent.grantManyBySig(items, list);
    }

    function test_takesNoListOfSignaturesWithBytesToSpare() external {
        ISignedConsents.SignedGrant[] memory items = _offers(1);
        bytes memory list = _list(items, 1);
        refuse(abi.encodeWithSelector(Signatures.InvalidSignatureList.selector, 68));
        consent.grantManyBySig(items, bytes.concat(list, hex"00"));
        bytes memory twice = bytes.concat(list, list);
        refuse(abi.encodeWithSelector(Signatures.InvalidSignatureList.selector, 134));
        consent.grantManyBySig(items, twice);
        assertGrant(_label(0), Terms.wrap(0));
    }

    function test_readsSignaturesOfEveryLength() external {
        ISignedConsents.SignedGrant[] memory items = _offers(3);
        items[0].patient = items[1].patient = address(new FickleWallet());
        bytes memory last = signed(PATIENT_KEY, Signing.hash(items[2]));
        bytes memory list = bytes.concat(hex"0000", Signing.listed(new bytes(300)), Signing.listed(last));
        vm.recordLogs();
        consent.grantManyBySig(items, list);
        assertEvents(3);
        assertGrant(_label(2), numbered(reading(), 1));
        uint256 standing = Terms.unwrap(consent.grantOf(items[0].patient, grantee, _label(1)));
        vm.assertEq(standing, Terms.unwrap(numbered(reading(), 1)), "300 bytes");
    }

    function test_readsAnEmptySignatureAtTheEndOfTheList() external {
        ISignedConsents.SignedGrant[] memory items = _offers(1);
        items[0].patient = address(new FickleWallet());
        vm.recordLogs();
        consent.grantManyBySig(items, hex"0000");
        assertEvents(1);
        uint256 standing = Terms.unwrap(consent.grantOf(items[0].patient, grantee, _label(0)));
        vm.assertEq(standing, Terms.unwrap(numbered(reading(), 1)), "grant");
    }

    function test_countsTwoGrantsOfOneSlotInTheirOrder() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        items[1].scope = items[0].scope;
        items[1].terms = numbered(denying(), 2);
        consent.grantManyBySig(items, _list(items, 2));
        assertGrant(_label(0), numbered(denying(), 2));
    }

    /* REVOCATIONS */

    function test_skipsWhatIsBadOfManyRevocationsAndSaysWhy() external {
        give(_label(0), reading());
        give(_label(1), reading());
        give(_label(1), reading());
        ISignedConsents.Revocation[] memory items = _revocations(5);
        items[0].revision = 1;
        items[1].revision = 1; // granted anew since
        items[2].revision = 1024;
        items[3].scope = _label(0); // done by the first
        items[3].revision = 1;
        expectRevoked(_label(0), 2);
        _expectSkipped(1, abi.encodeWithSelector(ISignedConsents.StaleRevision.selector, 1, 2));
        expectRevoked(_label(2), 1025);
        expectRevoked(_label(4), 1);
        vm.recordLogs();
        _revokeMany(items);
        assertEvents(4);
        assertGrant(_label(0), tombstone(2));
        assertGrant(_label(1), numbered(reading(), 2));
        assertGrant(_label(2), tombstone(1025));
        assertGrant(_label(4), tombstone(1));
    }

    function test_refusesManyRevocationsOfWhichOneReachesTooFar() external {
        ISignedConsents.Revocation[] memory items = _revocations(2);
        items[1].revision = 1025;
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 1025, 1024));
        _revokeMany(items);
        assertGrant(_label(0), Terms.wrap(0));
    }

    function test_refusesManyRevocationsOfWhichOneWouldLiftALaterDeny() external {
        ISignedConsents.Revocation[] memory items = _revocations(2);
        items[1].revision = 16;
        give(_label(1), denying());
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidRevision.selector, 16, 1));
        _revokeMany(items);
        assertGrant(_label(0), Terms.wrap(0));
        assertGrant(_label(1), numbered(denying(), 1));
    }

    function test_revokesManyInSilenceWhereAllIsDone() external {
        ISignedConsents.Revocation[] memory items = _revocations(3);
        _revokeMany(items);
        vm.recordLogs();
        _revokeMany(items);
        assertSilence();
    }

    function test_revokesFrom1To200BySignature() external {
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 0, 200));
        _revokeMany(_revocations(0));
        refuse(abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 201, 200));
        _revokeMany(_revocations(201));
        _revokeMany(_revocations(200));
        assertGrant(_label(199), tombstone(1));
    }

    function test_bindsTheSignatureToEachFieldOfManyRevocations() external {
        ISignedConsents.Revocation[] memory items = _revocations(2);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(patient, items, _present));
        _refuseSignature(outsider, items, _present, signature);
        _refuseSignature(patient, _revocations(1), _present, signature);
        _refuseSignature(patient, _revocations(3), _present, signature);
        (items[0], items[1]) = (items[1], items[0]);
        _refuseSignature(patient, items, _present, signature);
        items = _revocations(2);
        items[1].revision = 1;
        _refuseSignature(patient, items, _present, signature);
        items[1] = ISignedConsents.Revocation(carer, _label(1), 0);
        _refuseSignature(patient, items, _present, signature);
        items[1] = ISignedConsents.Revocation(grantee, LABEL, 0);
        _refuseSignature(patient, items, _present, signature);
        items = _revocations(2);
        _refuseSignature(patient, items, ISignedConsents.Signing(1, DEADLINE), signature);
        _refuseSignature(patient, items, ISignedConsents.Signing(0, DEADLINE + 1), signature);
        bytes memory others = signed(OUTSIDER_KEY, Signing.hash(patient, items, _present));
        _refuseSignature(patient, items, _present, others);
        consent.revokeManyBySig(patient, items, _present, signature);
    }

    function test_takesManyRevocationsUntilTheDeadlineAndAsOfTheLastLockdown() external {
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedConsents.SignatureExpired.selector, DEADLINE));
        _revokeMany(_revocations(1));
        vm.warp(DEADLINE);
        _revokeMany(_revocations(1));
        lock();
        refuse(abi.encodeWithSelector(ISignedConsents.StaleAsOf.selector, 0, DEADLINE + 1));
        _revokeMany(_revocations(2));
        assertGrant(_label(1), Terms.wrap(0));
    }

    function _label(uint256 number) private pure returns (bytes32) {
        return bytes32(number + 1);
    }

    function _offers(uint256 count) private view returns (ISignedConsents.SignedGrant[] memory items) {
        items = new ISignedConsents.SignedGrant[](count);
        for (uint256 i = 0; i < count; ++i) items[i] = offer(_label(i), reading());
    }

    /// The patient's signatures, but for item `wrong`.
    function _list(ISignedConsents.SignedGrant[] memory items, uint256 wrong) private view returns (bytes memory list) {
        for (uint256 i = 0; i < items.length; ++i) {
            bytes32 hash = Signing.hash(items[i]);
            list = bytes.concat(list, Signing.listed(signed(i == wrong ? OUTSIDER_KEY : PATIENT_KEY, hash)));
        }
    }

    function _revocations(uint256 count) private view returns (ISignedConsents.Revocation[] memory items) {
        items = new ISignedConsents.Revocation[](count);
        for (uint256 i = 0; i < count; ++i) items[i] = ISignedConsents.Revocation(grantee, _label(i), 0);
    }

    function _revokeMany(ISignedConsents.Revocation[] memory items) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(patient, items, _present));
        vm.prank(outsider);
        consent.revokeManyBySig(patient, items, _present, signature);
    }

    function _refuseSignature(
        address signer,
        ISignedConsents.Revocation[] memory items,
        ISignedConsents.Signing memory signing,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, signer));
        consent.revokeManyBySig(signer, items, signing, signature);
    }

    function _expectSkipped(uint256 index, bytes memory reason) private {
        vm.expectEmit(address(consent));
        emit IGrants.Skipped(index, reason);
    }
}
