// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {Signing} from "../helpers/Signing.sol";
import {
    BombWallet,
    BurningWallet,
    FickleWallet,
    GOOD,
    KeyWallet,
    ParrotWallet,
    ThirstyWallet
} from "../helpers/Wallets.sol";

/// Authors, patients and operators that are contracts and sign by ERC-1271.
contract ContractAuthorsTest is RecordsTest {
    uint256 private constant OWNER_KEY = 0x0B0E;

    function test_anchorsForAWalletByItsOwnersSignature() external {
        address wallet = address(new KeyWallet(OWNER_KEY));
        _grant(wallet, CARDIOLOGY, WRITE);
        IAnchors.SignedAnchor memory record = _recordOf(wallet);
        bytes memory signature = _sign(OUTSIDER_KEY, RecordSigning.hash(record));
        _refusesSignature(wallet, signature);
        signature = _sign(OWNER_KEY, RecordSigning.hash(record));
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        _records.anchorBySig(record, signature);
        _checkAnchor(_id(CONTENT), wallet, T0, IAnchors.Status.Anchored);
    }

    function test_anchorsForAWalletThatCallsItself() external {
        KeyWallet wallet = new KeyWallet(OWNER_KEY);
        _grant(address(wallet), CARDIOLOGY, WRITE);
        wallet.act(address(_records), abi.encodeCall(IAnchors.anchor, (_patient, CARDIOLOGY, CONTENT, MANIFEST)));
        _checkAnchor(_id(CONTENT), address(wallet), T0, IAnchors.Status.Anchored);
    }

    function test_asksAWalletThatChangesItsMindAnewEachTime() external {
        FickleWallet wallet = new FickleWallet();
        _grant(address(wallet), CARDIOLOGY, WRITE);
        wallet.toggle();
        _refusesSignature(address(wallet), "any");
        wallet.toggle();
        _records.anchorBySig(_recordOf(address(wallet)), "any");
        wallet.toggle(); // what stands does not depend on its mind any more; but nobody carries it again
        _refusesSignature(address(wallet), "any");
        _checkAnchor(_id(CONTENT), address(wallet), T0, IAnchors.Status.Anchored);
    }

    function test_takesOnlyTheOneRightAnswer() external {
        bytes[5] memory answers = [
            bytes(""),
            abi.encodePacked(GOOD),
            abi.encodePacked(GOOD, new bytes(27)),
            abi.encode(uint256(1)),
            abi.encodePacked(GOOD, new bytes(27), uint8(1))
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            address wallet = address(new ParrotWallet(answers[i], false));
            _grant(wallet, CARDIOLOGY, WRITE);
            _refusesSignature(wallet, "any");
        }
        address reverting = address(new ParrotWallet(abi.encode(GOOD), true));
        _grant(reverting, CARDIOLOGY, WRITE);
        _refusesSignature(reverting, "any");
        address good = address(new ParrotWallet(abi.encode(GOOD), false));
        _grant(good, CARDIOLOGY, WRITE);
        _records.anchorBySig(_recordOf(good), "any");
    }

    function test_givesAWalletNoMoreThan400000Gas() external {
        address modest = address(new ThirstyWallet(395_000));
        address greedy = address(new ThirstyWallet(400_000));
        _grant(modest, CARDIOLOGY, WRITE);
        _grant(greedy, CARDIOLOGY, WRITE);
        _refusesSignature(greedy, "any");
        _records.anchorBySig(_recordOf(modest), "any");
    }

    function test_skipsWalletsThatBurnGasInABatch() external {
        address wallet = address(new BurningWallet());
        _grant(wallet, CARDIOLOGY, WRITE);
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](3);
        for (uint256 i = 0; i < 3; ++i) entries[i] = IAnchors.SignedEntry(bytes32(i + 1), MANIFEST, DEADLINE);
        for (uint256 i = 0; i < 3; ++i) {
            _expectSkipped(i, _invalidSignature(wallet));
        }
        uint256 before = gasleft();
        _records.anchorManyBySig(wallet, _patient, CARDIOLOGY, entries, new bytes(6));
        vm.assertTrue(before - gasleft() < 3 * 450_000, "burnt more than its share");
    }

    function test_paysNothingForALongAnswer() external {
        address wallet = address(new BombWallet());
        _grant(wallet, CARDIOLOGY, WRITE);
        uint256 before = gasleft();
        _records.anchorBySig(_recordOf(wallet), "any");
        vm.assertTrue(before - gasleft() < 150_000, "copied the answer");
    }

    /// In one batch of a wallet's: what its owner signed stands, the rest is left out.
    function test_anchorsTheGoodOnesOfAWalletsBatch() external {
        address wallet = address(new KeyWallet(OWNER_KEY));
        _grant(wallet, CARDIOLOGY, WRITE);
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](2);
        entries[0] = IAnchors.SignedEntry(NEW_CONTENT, MANIFEST, DEADLINE);
        entries[1] = IAnchors.SignedEntry(CONTENT, MANIFEST, DEADLINE);
        bytes memory signature = _sign(OWNER_KEY, RecordSigning.hash(_recordOf(wallet)));
        vm.recordLogs();
        _expectSkipped(0, _invalidSignature(wallet));
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        bytes memory signatures = bytes.concat(Signing.listed(signature), Signing.listed(signature));
        _records.anchorManyBySig(wallet, _patient, CARDIOLOGY, entries, signatures);
        _checkLogs(2);
    }

    function test_erasesForAPatientThatIsAWallet() external {
        KeyWallet wallet = new KeyWallet(OWNER_KEY);
        address patient = address(wallet);
        wallet.act(address(_records), abi.encodeCall(IAnchors.anchor, (patient, CARDIOLOGY, CONTENT, MANIFEST)));
        bytes32 recordId = _idOf(patient, CARDIOLOGY, CONTENT);
        ICorrections.SignedErasure memory erasure = ICorrections.SignedErasure(
            patient,
            CARDIOLOGY,
            CONTENT,
            0,
            DEADLINE
        );
        bytes memory forged = _sign(OUTSIDER_KEY, RecordSigning.hash(erasure));
        vm.expectRevert(_invalidSignature(patient));
        _records.requestErasureBySig(erasure, forged);
        _records.requestErasureBySig(erasure, _sign(OWNER_KEY, RecordSigning.hash(erasure)));
        _checkAnchor(recordId, patient, T0, IAnchors.Status.Erased);
    }

    function _recordOf(address author) private view returns (IAnchors.SignedAnchor memory) {
        return IAnchors.SignedAnchor(author, _patient, CARDIOLOGY, CONTENT, MANIFEST, DEADLINE);
    }

    function _refusesSignature(address author, bytes memory signature) private {
        vm.expectRevert(_invalidSignature(author));
        _records.anchorBySig(_recordOf(author), signature);
    }
}
