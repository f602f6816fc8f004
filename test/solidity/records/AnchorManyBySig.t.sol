// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {Signatures} from "../../../contracts/utils/Signatures.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {Signing} from "../helpers/Signing.sol";

contract AnchorManyBySigTest is RecordsTest {
    bytes32 private constant MINE = keccak256("the author's already");
    bytes32 private constant ERASED = keccak256("the author's, and erased");
    bytes32 private constant ANOTHERS = keccak256("another author's");

    function test_countsABatchOfOne() external {
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](1);
        entries[0] = _entry(CONTENT);
        bytes memory signatures = Signing.listed(_signed(AUTHOR_KEY, entries[0]));
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkChart(1, BLOCK);
    }

    function test_anchorsWhatIsGoodAndLeavesOutWhatIsBad() external {
        _anchor(MINE);
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, ANOTHERS, MANIFEST);
        _anchor(ERASED);
        _erase(ERASED);
        vm.warp(T0 + 1);
        vm.roll(BLOCK + 1);
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](13);
        entries[0] = _entry(CONTENT);
        entries[1] = _entry(0);
        entries[2] = IAnchors.SignedEntry(keccak256("no manifest"), 0, DEADLINE);
        entries[3] = IAnchors.SignedEntry(keccak256("late"), MANIFEST, T0);
        entries[4] = _entry(keccak256("forged"));
        entries[5] = _entry(MINE); // success without effect
        entries[6] = _entry(ANOTHERS);
        entries[7] = _entry(CONTENT); // twice in one batch
        entries[8] = _entry(keccak256("unsigned"));
        entries[9] = _entry(keccak256("mirrored"));
        entries[10] = IAnchors.SignedEntry(NEW_CONTENT, NEW_MANIFEST, T0 + 1);
        entries[11] = _entry(ERASED);
        entries[12] = IAnchors.SignedEntry(MINE, NEW_MANIFEST, DEADLINE); // and unsigned
        bytes memory signatures;
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes memory signature = _signed(i == 4 ? OUTSIDER_KEY : AUTHOR_KEY, entries[i]);
            if (i == 8 || i == 12) signature = "";
            if (i == 9) signature = _mirrored(signature);
            signatures = bytes.concat(signatures, Signing.listed(signature));
        }

        vm.recordLogs();
        _expectAnchored(CONTENT, MANIFEST, 4, BLOCK);
        _expectSkipped(1, abi.encodeWithSelector(IAnchors.InvalidContent.selector));
        _expectSkipped(2, abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _expectSkipped(3, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, T0));
        _expectSkipped(4, _invalidSignature(_author));
        _expectSkipped(6, _alreadyAnchored(ANOTHERS));
        _expectSkipped(8, _invalidSignature(_author));
        _expectSkipped(9, _invalidSignature(_author));
        _expectAnchored(NEW_CONTENT, NEW_MANIFEST, 5, BLOCK + 1);
        _expectSkipped(11, _invalidStatus(ERASED, IAnchors.Status.Erased));
        _expectSkipped(12, _invalidSignature(_author));
        vm.prank(_outsider);
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);

        _checkLogs(11);
        _checkChart(5, BLOCK + 1);
        _checkAnchor(_id(CONTENT), _author, T0 + 1, IAnchors.Status.Anchored);
        _checkAnchor(_id(NEW_CONTENT), _author, T0 + 1, IAnchors.Status.Anchored);
        _checkAnchor(_id(MINE), _author, T0, IAnchors.Status.Anchored);
        _checkAnchor(_id(ANOTHERS), _colleague, T0, IAnchors.Status.Anchored);
        _checkNoAnchor(_id(keccak256("late")));
        _checkNoAnchor(_id(keccak256("forged")));
    }

    function test_anchorsForThePatient() external {
        IAnchors.SignedEntry[] memory entries = _entries(1);
        IAnchors.SignedAnchor memory record = _recordOf(entries[0]);
        (record.author, record.compartment) = (_patient, IMAGING);
        bytes memory signatures = Signing.listed(_sign(PATIENT_KEY, RecordSigning.hash(record)));
        _records.anchorManyBySig(_patient, _patient, IMAGING, entries, signatures);
        bytes32 recordId = _idOf(_patient, IMAGING, entries[0].content);
        _checkAnchor(recordId, _patient, T0, IAnchors.Status.Anchored);
    }

    function test_takesUpTo200AtOnce() external {
        IAnchors.SignedEntry[] memory entries = _entries(200);
        bytes memory signatures = _list(entries);
        vm.recordLogs();
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkLogs(200);
        _checkChart(200, BLOCK);
        _checkPlace(_id(entries[199].content), 200, BLOCK);
        for (uint256 i = 0; i < 200; ++i) {
            _checkAnchor(_id(entries[i].content), _author, T0, IAnchors.Status.Anchored);
        }
    }

    function test_refusesNothingAndMoreThan200() external {
        uint256[2] memory counts = [uint256(0), 201];
        for (uint256 i = 0; i < counts.length; ++i) {
            IAnchors.SignedEntry[] memory entries = _entries(counts[i]);
            vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, counts[i], 200));
            _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, "");
        }
    }

    function test_refusesAListOfSignaturesThatIsCutShortOrTooLong() external {
        IAnchors.SignedEntry[] memory entries = _entries(2);
        bytes memory signatures = _list(entries);
        vm.assertEq(signatures.length, 134, "two lengths and two signatures");
        // nothing; half a length; a length alone; a signature cut by one byte; one signature; and so again in the second
        uint256[9] memory lengths = [uint256(0), 1, 2, 66, 67, 68, 69, 132, 133];
        for (uint256 i = 0; i < lengths.length; ++i) _refusesList(entries, _first(lengths[i], signatures));
        _refusesList(entries, bytes.concat(signatures, hex"00"));
        _refusesList(entries, bytes.concat(signatures, Signing.listed("")));
        _refusesList(entries, bytes.concat(signatures, signatures));
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
    }

    function test_takesAListWhoseLastSignatureIsEmptyAsComplete() external {
        vm.recordLogs();
        _expectSkipped(0, _invalidSignature(_author));
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, _entries(1), hex"0000");
        _checkLogs(1);
    }

    function test_readsBothBytesOfALength() external {
        IAnchors.SignedEntry[] memory entries = _entries(2);
        bytes memory second = Signing.listed(_signed(AUTHOR_KEY, entries[1]));
        vm.recordLogs();
        _expectSkipped(0, _invalidSignature(_author));
        _expectAnchored(entries[1].content, MANIFEST, 1, 0);
        bytes memory signatures = bytes.concat(Signing.listed(new bytes(256 + 65)), second);
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkLogs(2);
    }

    function test_refusesAnAuthorWhoMayNotWrite() external {
        IAnchors.SignedEntry[] memory entries = _entries(1);
        _grant(_outsider, _id(entries[0].content), WRITE);
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _outsider));
        vm.prank(_author); // the carrier's own WRITE does not count
        _records.anchorManyBySig(_outsider, _patient, CARDIOLOGY, entries, "");
        bytes memory signatures = _list(entries);
        _lockdown();
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
    }

    function test_refusesWhatIsNoCompartment() external {
        IAnchors.SignedEntry[] memory entries = _entries(1);
        bytes32[2] memory places = [CHART, _id(CONTENT)];
        for (uint256 i = 0; i < places.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, places[i]));
            _records.anchorManyBySig(_patient, _patient, places[i], entries, "");
        }
    }

    function test_leavesOutWhatIsSignedForAnotherDeploymentOrChain() external {
        IAnchors.SignedEntry[] memory entries = _entries(2);
        bytes32 hash = RecordSigning.hash(_recordOf(entries[0]));
        bytes32 elsewhere = RecordSigning.digest(address(_consent), block.chainid, hash);
        bytes memory signatures = Signing.listed(Signing.sign(AUTHOR_KEY, elsewhere));
        elsewhere = RecordSigning.digest(
            address(_records),
            block.chainid + 1,
            RecordSigning.hash(_recordOf(entries[1]))
        );
        signatures = bytes.concat(signatures, Signing.listed(Signing.sign(AUTHOR_KEY, elsewhere)));
        vm.recordLogs();
        for (uint256 i = 0; i < 2; ++i) {
            _expectSkipped(i, _invalidSignature(_author));
        }
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkLogs(2);
    }

    /// For an item each: signed for other fields than are carried.
    function test_leavesOutWhatWasChangedAfterItWasSigned() external {
        IAnchors.SignedEntry[] memory entries = _entries(5);
        bytes memory signatures;
        for (uint256 i = 0; i < entries.length; ++i) {
            IAnchors.SignedAnchor memory record = _recordOf(entries[i]);
            if (i == 0) record.author = _colleague;
            if (i == 1) record.patient = _outsider;
            if (i == 2) record.compartment = IMAGING;
            if (i == 3) record.content = CONTENT;
            if (i == 4) record.manifest = NEW_MANIFEST;
            signatures = bytes.concat(signatures, Signing.listed(_sign(AUTHOR_KEY, RecordSigning.hash(record))));
        }
        vm.recordLogs();
        for (uint256 i = 0; i < entries.length; ++i) {
            _expectSkipped(i, _invalidSignature(_author));
        }
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkLogs(entries.length);
    }

    function test_anchorsTheSameBatchOnce() external {
        IAnchors.SignedEntry[] memory entries = _entries(3);
        bytes memory signatures = _list(entries);
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        vm.warp(DEADLINE);
        vm.recordLogs();
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkLogs(0);
        _checkChart(3, BLOCK);
        vm.warp(DEADLINE + 1);
        for (uint256 i = 0; i < 3; ++i) {
            _expectSkipped(i, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        }
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
        _checkAnchor(_id(entries[2].content), _author, T0, IAnchors.Status.Anchored);
    }

    function _refusesList(IAnchors.SignedEntry[] memory entries, bytes memory signatures) private {
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignatureList.selector, signatures.length));
        _records.anchorManyBySig(_author, _patient, CARDIOLOGY, entries, signatures);
    }

    function _entry(bytes32 content) private pure returns (IAnchors.SignedEntry memory) {
        return IAnchors.SignedEntry(content, MANIFEST, DEADLINE);
    }

    /// Contents 1, 2, 3 …
    function _entries(uint256 count) private pure returns (IAnchors.SignedEntry[] memory entries) {
        entries = new IAnchors.SignedEntry[](count);
        for (uint256 i = 0; i < count; ++i) entries[i] = _entry(bytes32(i + 1));
    }

    function _recordOf(IAnchors.SignedEntry memory entry) private view returns (IAnchors.SignedAnchor memory) {
        return IAnchors.SignedAnchor(_author, _patient, CARDIOLOGY, entry.content, entry.manifest, entry.deadline);
    }

    function _signed(uint256 key, IAnchors.SignedEntry memory entry) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(_recordOf(entry)));
    }

    /// The author's signatures of all entries.
    function _list(IAnchors.SignedEntry[] memory entries) private view returns (bytes memory list) {
        for (uint256 i = 0; i < entries.length; ++i) {
            list = bytes.concat(list, Signing.listed(_signed(AUTHOR_KEY, entries[i])));
        }
    }

    function _first(uint256 length, bytes memory from) private pure returns (bytes memory head) {
        head = new bytes(length);
        for (uint256 i = 0; i < length; ++i) head[i] = from[i];
    }
}
