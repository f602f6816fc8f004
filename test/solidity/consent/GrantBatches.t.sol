// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {Signatures} from "../../../contracts/utils/Signatures.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";
import {BombWallet, BurningWallet, FickleWallet} from "../helpers/Wallets.sol";

/// Batches of signed grants: what is bad is left out with its reason, the others stand.
contract GrantBatchesTest is ConsentSetup {
    function test_skipsWhatIsBadOfManyGrantsAndSaysWhy() external {
        shut(_label(7));
        ISignedConsents.SignedGrant[] memory items = _offers(10);
        items[1].opening.number = 1; // used by the first
        items[2].opening.deadline = NOW - 1;
        items[3].grantee = patient;
        items[4].terms = termsOf(READ, 0);
        items[5].terms = Terms.wrap(word(NOW, NOW, 0, 1, READ));
        items[6].terms = dated(reading(), 1);
        bytes memory list = _list(items, 8);
        bytes[] memory reasons = new bytes[](10);
        reasons[1] = staleOpening(patient, items[1].opening);
        reasons[2] = abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, NOW - 1);
        reasons[3] = abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient);
        reasons[4] = abi.encodeWithSelector(IGrants.InvalidTerms.selector, termsOf(READ, 0));
        reasons[5] = abi.encodeWithSelector(IGrants.InvalidPeriod.selector, NOW, NOW);
        reasons[6] = abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 1, 0);
        reasons[7] = abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, _label(7));
        reasons[8] = abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient);
        for (uint256 i = 0; i < 10; ++i) {
            if (reasons[i].length != 0) expectSkipped(i, reasons[i]);
            else
                expectGranted(
                    _label(i),
                    placed(reading(), BLOCK, i == 0 ? 2 : 3),
                    changeOf(i == 0 ? 2 : 3, BLOCK, BLOCK)
                );
        }
        vm.recordLogs();
        vm.prank(outsider);
        consent.grantManyBySig(items, list);
        assertEvents(10);
        for (uint256 i = 1; i < 9; ++i) if (i != 7) assertGrant(_label(i), Terms.wrap(0));
        assertGrant(_label(7), placed(denial(), BLOCK, 1));
        vm.assertEq(numberOf(patient), 10, "the last that was good");
    }

    /// Far down the list as anywhere: nothing is left out untold.
    function test_tellsOfEveryItemThatIsLateHoweverLongTheBatch() external {
        ISignedConsents.SignedGrant[] memory items = _offers(150);
        for (uint256 i = 0; i < items.length; ++i) items[i].opening.deadline = 0;
        bytes memory list = _list(items, items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            expectSkipped(i, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, 0));
        }
        vm.recordLogs();
        consent.grantManyBySig(items, list);
        assertEvents(150);
    }

    /// One that was left out may be carried again, as long as none with a higher number was.
    function test_leavesASkippedGrantForLater() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        bytes memory last = signed(PATIENT_KEY, Signing.hash(items[1]));
        bytes memory list = bytes.concat(_list(_offers(1), 9), hex"0000");
        expectGranted(_label(0), placed(reading(), BLOCK, 1), changeOf(1, 0, 0));
        expectSkipped(1, abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient));
        consent.grantManyBySig(items, list);
        consent.grantBySig(items[1], last);
        assertGrant(_label(1), placed(reading(), BLOCK, 2));
    }

    function test_tellsThatACopyCameFirst() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        bytes memory list = _list(items, 2);
        submit(items[0]);
        expectSkipped(0, staleOpening(patient, items[0].opening));
        expectGranted(_label(1), placed(reading(), BLOCK, 2), changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        consent.grantManyBySig(items, list);
        assertEvents(2);
        expectSkipped(0, staleOpening(patient, items[0].opening));
        expectSkipped(1, staleOpening(patient, items[1].opening));
        vm.recordLogs();
        consent.grantManyBySig(items, list);
        assertEvents(2);
    }

    function test_letsNoWalletSpoilTheGrantsOfOthers() external {
        ISignedConsents.SignedGrant[] memory items = _offers(5);
        FickleWallet fickle = new FickleWallet();
        fickle.toggle();
        items[1].patient = address(new BurningWallet());
        items[2].patient = address(fickle);
        items[3].patient = address(new BombWallet());
        bytes memory list = _list(items, 5);
        uint256 change = 0;
        for (uint256 i = 0; i < 5; ++i) {
            bytes memory reason = abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, items[i].patient);
            if (i == 1 || i == 2) {
                expectSkipped(i, reason);
            } else if (i == 3) {
                vm.expectEmit(address(consent));
                emit IGrants.Granted(
                    items[3].patient,
                    grantee,
                    _label(3),
                    placed(reading(), BLOCK, 1),
                    CAPSULE,
                    changeOf(1, 0, 0)
                );
            } else {
                uint256 before = change == 0 ? 0 : BLOCK;
                ++change;
                expectGranted(_label(i), placed(reading(), BLOCK, change), changeOf(change, before, before));
            }
        }
        vm.recordLogs();
        uint256 before_ = gasleft();
        consent.grantManyBySig(items, list);
        vm.assertTrue(before_ - gasleft() < 1_000_000, "the burner has 400,000, the bomb is not copied");
        assertEvents(5);
    }

    function test_grantsForManyPatientsAtOnce() external {
        ISignedConsents.SignedGrant[] memory items = _offers(3);
        items[1].patient = grantee;
        items[1].grantee = patient;
        items[1].opening.number = 1;
        bytes memory list = bytes.concat(
            Signing.listed(signed(PATIENT_KEY, Signing.hash(items[0]))),
            Signing.listed(signed(GRANTEE_KEY, Signing.hash(items[1]))),
            Signing.listed(signed(PATIENT_KEY, Signing.hash(items[2])))
        );
        consent.grantManyBySig(items, list);
        assertGrant(_label(2), placed(reading(), BLOCK, 2));
        uint256 standing = Terms.unwrap(consent.grantOf(grantee, patient, _label(1)));
        vm.assertEq(standing, Terms.unwrap(placed(reading(), BLOCK, 1)), "the other's");
        vm.assertEq(numberOf(patient), 3, "number");
        vm.assertEq(numberOf(grantee), 1, "the other's number");
    }

    function test_grantsFrom1To200AtOnce() external {
        ISignedConsents.SignedGrant[] memory none = new ISignedConsents.SignedGrant[](0);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 0, 200));
        consent.grantManyBySig(none, "");
        ISignedConsents.SignedGrant[] memory tooMany = _offers(201);
        bytes memory list = _list(tooMany, 201);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        consent.grantManyBySig(tooMany, list);
        ISignedConsents.SignedGrant[] memory most = _offers(200);
        consent.grantManyBySig(most, _list(most, 200));
        for (uint256 i = 0; i < 200; ++i) assertGrant(_label(i), placed(reading(), BLOCK, i + 1));
    }

    function test_leavesOutWhatWasSignedInAnotherGo() external {
        ISignedConsents.SignedGrant[] memory items = _offers(3);
        items[1].opening.session = SESSION + 1;
        items[1].opening.number = 9;
        bytes memory list = _list(items, 3);
        expectGranted(_label(0), placed(reading(), BLOCK, 1), changeOf(1, 0, 0));
        expectSkipped(1, staleOpening(patient, items[1].opening));
        expectGranted(_label(2), placed(reading(), BLOCK, 2), changeOf(2, BLOCK, BLOCK));
        consent.grantManyBySig(items, list);
    }

    function test_liftsTheVeryDenyThatAnItemNamesAndNoOther() external {
        shut(_label(0));
        vm.roll(BLOCK + 1);
        shut(_label(1));
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        items[0].lifts = BLOCK;
        items[1].lifts = BLOCK;
        bytes memory list = _list(items, 2);
        expectGranted(_label(0), placed(reading(), BLOCK + 1, 1), changeOf(3, BLOCK + 1, BLOCK + 1));
        expectSkipped(1, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, _label(1)));
        consent.grantManyBySig(items, list);
    }

    /* LISTS OF SIGNATURES */

    function test_takesNoListOfSignaturesThatIsCutShort() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        bytes memory list = _list(items, 2); // 2 × (2 + 65)
        for (uint256 length = 0; length < 134; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = list[i];
            refuse(abi.encodeWithSelector(Signatures.InvalidSignatureList.selector, length));
            consent.grantManyBySig(items, cut);
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
        assertGrant(_label(2), placed(reading(), BLOCK, 1));
        uint256 standing = Terms.unwrap(consent.grantOf(items[0].patient, grantee, _label(1)));
        vm.assertEq(standing, Terms.unwrap(placed(reading(), BLOCK, 2)), "300 bytes");
    }

    function test_readsAnEmptySignatureAtTheEndOfTheList() external {
        ISignedConsents.SignedGrant[] memory items = _offers(1);
        items[0].patient = address(new FickleWallet());
        vm.recordLogs();
        consent.grantManyBySig(items, hex"0000");
        assertEvents(1);
        uint256 standing = Terms.unwrap(consent.grantOf(items[0].patient, grantee, _label(0)));
        vm.assertEq(standing, Terms.unwrap(placed(reading(), BLOCK, 1)), "grant");
    }

    function test_leavesTheLastOfTwoGrantsOfOneSlot() external {
        ISignedConsents.SignedGrant[] memory items = _offers(2);
        items[1].scope = items[0].scope;
        items[1].terms = termsOf(WRITE, 0);
        consent.grantManyBySig(items, _list(items, 2));
        assertGrant(_label(0), placed(termsOf(WRITE, 0), BLOCK, 1));
        vm.assertEq(changesOf(patient), 2, "changes");
    }

    function _label(uint256 number) private pure returns (bytes32) {
        return bytes32(number + 1);
    }

    /// Signed in one go, one after the other.
    function _offers(uint256 count) private view returns (ISignedConsents.SignedGrant[] memory items) {
        items = new ISignedConsents.SignedGrant[](count);
        for (uint256 i = 0; i < count; ++i) {
            items[i] = offer(_label(i), reading());
            items[i].opening.number += uint16(i);
        }
    }

    /// The patient's signatures, but for item `wrong`.
    function _list(ISignedConsents.SignedGrant[] memory items, uint256 wrong) private view returns (bytes memory list) {
        for (uint256 i = 0; i < items.length; ++i) {
            bytes32 hash = Signing.hash(items[i]);
            list = bytes.concat(list, Signing.listed(signed(i == wrong ? OUTSIDER_KEY : PATIENT_KEY, hash)));
        }
    }
}
