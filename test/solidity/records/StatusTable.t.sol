// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Every status with every action: what is refused and how, and where it leads.
contract StatusTableTest is RecordsTest {
    enum Outcome {
        Done,
        Unknown, // UnknownRecord
        Already, // AlreadyAnchored
        Wrong // InvalidStatus
    }

    Outcome private constant D = Outcome.Done;
    Outcome private constant U = Outcome.Unknown;
    Outcome private constant A = Outcome.Already;
    Outcome private constant W = Outcome.Wrong;
    /// In the place of a status: it stays as it was.
    IAnchors.Status private constant SAME = IAnchors.Status.None;

    //                                                       None Anchored Amended Retracted Erased

    function test_anchor() external {
        _checkRow(_anchorCall, _outcomes(D, A, A, W, W), IAnchors.Status.Anchored);
    }

    function test_anchorBySig() external {
        _checkRow(_anchorBySigCall, _outcomes(D, A, A, W, W), IAnchors.Status.Anchored);
    }

    /// Success without effect while it stands.
    function test_anchorBySigOfTheSameAuthor() external {
        _checkRow(_anchorAgainCall, _outcomes(D, D, D, W, W), SAME);
    }

    function test_claimLeaf() external {
        _checkRow(_claimLeafCall, _outcomes(D, A, A, W, W), IAnchors.Status.Anchored);
    }

    function test_amendInto() external {
        _checkRow(_amendIntoCall, _outcomes(D, A, A, W, W), IAnchors.Status.Anchored);
    }

    function test_amend() external {
        _checkRow(_amendCall, _outcomes(U, D, W, W, W), IAnchors.Status.Amended);
    }

    function test_amendBySig() external {
        _checkRow(_amendBySigCall, _outcomes(U, D, W, W, W), IAnchors.Status.Amended);
    }

    function test_retract() external {
        _checkRow(_retractCall, _outcomes(U, D, D, W, W), IAnchors.Status.Retracted);
    }

    function test_retractBySig() external {
        _checkRow(_retractBySigCall, _outcomes(U, D, D, W, W), IAnchors.Status.Retracted);
    }

    function test_point() external {
        _checkRow(_pointCall, _outcomes(U, D, D, D, W), SAME);
    }

    function test_pointBySig() external {
        _checkRow(_pointBySigCall, _outcomes(U, D, D, D, W), SAME);
    }

    function test_requestErasure() external {
        _checkRow(_requestErasureCall, _outcomes(U, D, D, D, W), IAnchors.Status.Erased);
    }

    function test_requestErasureBySig() external {
        _checkRow(_requestErasureBySigCall, _outcomes(U, D, D, D, W), IAnchors.Status.Erased);
    }

    function test_attestErasure() external {
        _credential(_author, "keeper", END);
        _checkRow(_attestErasureCall, _outcomes(U, W, W, W, D), SAME);
    }

    function test_attestErasureBySig() external {
        _credential(_author, "keeper", END);
        _checkRow(_attestErasureBySigCall, _outcomes(U, W, W, W, D), SAME);
    }

    /// Both ask for what is neither unknown nor erased.
    function test_verifyStampAndCanRead() external {
        _grant(_outsider, CHART, READ);
        for (uint256 i = 0; i < 5; ++i) {
            (bytes32 content, ) = _bring(i);
            bool expected = i != 0 && i != 4;
            IStamps.Stamp memory stamp = IStamps.Stamp(_patient, CARDIOLOGY, content, "patient", "reported", 0, T0);
            bytes memory signature = _sign(PATIENT_KEY, RecordSigning.hash(stamp));
            vm.assertTrue(_records.verifyStamp(stamp, _patient, 0, signature) == expected, "verifyStamp");
            vm.assertTrue(_records.canRead(_patient, _outsider, CARDIOLOGY, content, 1) == expected, "canRead");
            vm.assertTrue(_records.canRead(_patient, _patient, CARDIOLOGY, content, 1) == expected, "the patient");
        }
    }

    /* THE TABLE */

    function _checkRow(
        function(bytes32) internal returns (address, bytes memory) callOf,
        Outcome[5] memory outcomes,
        IAnchors.Status target
    ) private {
        for (uint256 i = 0; i < 5; ++i) {
            (bytes32 content, IAnchors.Status status) = _bring(i);
            (address caller, bytes memory data) = callOf(content);
            vm.prank(caller);
            (bool success, bytes memory answer) = address(_records).call(data);
            vm.assertTrue(success == (outcomes[i] == D), "refused or not");
            if (!success) vm.assertEq(answer, _error(outcomes[i], _id(content), status), "error");
            IAnchors.Status expected = success && target != SAME ? target : status;
            if (success && i == 0) expected = IAnchors.Status.Anchored;
            vm.assertEq(uint256(_records.anchorOf(_id(content)).status), uint256(expected), "status afterwards");
        }
    }

    /// A record of its own in that status.
    function _bring(uint256 number) private returns (bytes32 content, IAnchors.Status status) {
        content = keccak256(abi.encode("status", number));
        status = IAnchors.Status(number);
        if (status != IAnchors.Status.None) _anchor(content);
        if (status == IAnchors.Status.Erased) _erase(content);
        if (status == IAnchors.Status.Retracted) {
            vm.prank(_author);
            _records.retract(_patient, CARDIOLOGY, content, REASON);
        }
        if (status == IAnchors.Status.Amended) {
            vm.prank(_author);
            _records.amend(_amendment(content, keccak256(abi.encode(content))));
        }
        _checkAnchor(_id(content), number == 0 ? address(0) : _author, number == 0 ? 0 : T0, status);
    }

    function _error(Outcome outcome, bytes32 id, IAnchors.Status status) private pure returns (bytes memory) {
        if (outcome == U) return abi.encodeWithSelector(IAnchors.UnknownRecord.selector, id);
        if (outcome == A) return abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, id);
        return abi.encodeWithSelector(IAnchors.InvalidStatus.selector, id, status);
    }

    function _outcomes(
        Outcome none,
        Outcome anchored,
        Outcome amended,
        Outcome retracted,
        Outcome erased
    ) private pure returns (Outcome[5] memory) {
        return [none, anchored, amended, retracted, erased];
    }

    /* THE ACTIONS */

    function _anchorCall(bytes32 content) private view returns (address, bytes memory) {
        return (_colleague, abi.encodeCall(IAnchors.anchor, (_patient, CARDIOLOGY, content, NEW_MANIFEST)));
    }

    function _anchorBySigCall(bytes32 content) private view returns (address, bytes memory) {
        return (_outsider, _signedAnchorCall(PATIENT_KEY, content));
    }

    function _anchorAgainCall(bytes32 content) private view returns (address, bytes memory) {
        return (_outsider, _signedAnchorCall(AUTHOR_KEY, content));
    }

    function _signedAnchorCall(uint256 key, bytes32 content) private view returns (bytes memory) {
        IAnchors.SignedAnchor memory record = IAnchors.SignedAnchor(
            vm.addr(key),
            _patient,
            CARDIOLOGY,
            content,
            NEW_MANIFEST,
            DEADLINE
        );
        return abi.encodeCall(IAnchors.anchorBySig, (record, _sign(key, RecordSigning.hash(record))));
    }

    function _claimLeafCall(bytes32 content) private returns (address, bytes memory) {
        bytes32 root = MerkleTrees.leaf(_id(content));
        vm.prank(_author);
        _records.anchorRoot(root, 1, 0);
        IRoots.Leaf memory leaf = IRoots.Leaf(_patient, CARDIOLOGY, content);
        return (_author, abi.encodeCall(IRoots.claimLeaf, (root, new bytes32[](0), leaf, NEW_MANIFEST)));
    }

    function _amendIntoCall(bytes32 content) private returns (address, bytes memory) {
        bytes32 before = keccak256(abi.encode("before", content));
        _anchor(before);
        return (_author, abi.encodeCall(ICorrections.amend, (_amendment(before, content))));
    }

    function _amendCall(bytes32 content) private view returns (address, bytes memory) {
        return (_patient, abi.encodeCall(ICorrections.amend, (_nextOf(content))));
    }

    function _amendBySigCall(bytes32 content) private view returns (address, bytes memory) {
        bytes memory signature = _sign(PATIENT_KEY, RecordSigning.hash(_patient, _nextOf(content), DEADLINE));
        return (_outsider, abi.encodeCall(ICorrections.amendBySig, (_patient, _nextOf(content), DEADLINE, signature)));
    }

    function _retractCall(bytes32 content) private view returns (address, bytes memory) {
        return (_patient, abi.encodeCall(ICorrections.retract, (_patient, CARDIOLOGY, content, REASON)));
    }

    function _retractBySigCall(bytes32 content) private view returns (address, bytes memory) {
        ICorrections.SignedRetraction memory retraction = ICorrections.SignedRetraction(
            _patient,
            _patient,
            CARDIOLOGY,
            content,
            REASON,
            DEADLINE
        );
        bytes memory signature = _sign(PATIENT_KEY, RecordSigning.hash(retraction));
        return (_outsider, abi.encodeCall(ICorrections.retractBySig, (retraction, signature)));
    }

    function _pointBySigCall(bytes32 content) private view returns (address, bytes memory) {
        IAnchors.SignedPointer memory pointer = IAnchors.SignedPointer(
            _patient,
            _patient,
            CARDIOLOGY,
            content,
            NEW_MANIFEST,
            1,
            DEADLINE
        );
        bytes memory signature = _sign(PATIENT_KEY, RecordSigning.hash(pointer));
        return (_outsider, abi.encodeCall(IAnchors.pointBySig, (pointer, signature)));
    }

    function _pointCall(bytes32 content) private view returns (address, bytes memory) {
        return (_patient, abi.encodeCall(IAnchors.point, (_patient, CARDIOLOGY, content, NEW_MANIFEST)));
    }

    function _requestErasureCall(bytes32 content) private view returns (address, bytes memory) {
        return (_patient, abi.encodeCall(ICorrections.requestErasure, (CARDIOLOGY, content)));
    }

    function _requestErasureBySigCall(bytes32 content) private view returns (address, bytes memory) {
        ICorrections.SignedErasure memory erasure = ICorrections.SignedErasure(
            _patient,
            CARDIOLOGY,
            content,
            0,
            DEADLINE
        );
        bytes memory signature = _sign(PATIENT_KEY, RecordSigning.hash(erasure));
        return (_outsider, abi.encodeCall(ICorrections.requestErasureBySig, (erasure, signature)));
    }

    function _attestErasureCall(bytes32 content) private view returns (address, bytes memory) {
        return (_author, abi.encodeCall(ICorrections.attestErasure, (_patient, CARDIOLOGY, content, "keeper", 0)));
    }

    function _attestErasureBySigCall(bytes32 content) private view returns (address, bytes memory) {
        ICorrections.ErasureReceipt memory receipt = ICorrections.ErasureReceipt(
            _author,
            _patient,
            CARDIOLOGY,
            content,
            "keeper",
            0
        );
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(receipt, DEADLINE));
        return (_outsider, abi.encodeCall(ICorrections.attestErasureBySig, (receipt, DEADLINE, signature)));
    }

    function _nextOf(bytes32 content) private view returns (ICorrections.Amendment memory) {
        return _amendment(content, keccak256(abi.encode("next", content)));
    }

    function _amendment(bytes32 content, bytes32 newContent) private view returns (ICorrections.Amendment memory) {
        return ICorrections.Amendment(_patient, CARDIOLOGY, content, newContent, NEW_MANIFEST, REASON);
    }
}
