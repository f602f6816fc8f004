// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../interfaces/IAnchors.sol";
import {AnchorWord} from "../types/Anchors.sol";
import {Link} from "../types/Link.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {Records} from "./Records.sol";

/// @title Newer manifests of records; see {IAnchors}
abstract contract Pointers is Records {
    /// @notice Longest list of pointers that one call takes.
    uint256 public constant MAX_POINTERS = 100;

    /* PATIENTS AND AUTHORS */

    /// @inheritdoc IAnchors
    function point(address patient, bytes32 compartment, bytes32 content, bytes32 manifest) external {
        _pointOne(msg.sender, patient, Pointer(compartment, content, manifest));
    }

    /// @inheritdoc IAnchors
    function pointMany(address patient, Pointer[] calldata pointers) external {
        _requireBatch(pointers.length, MAX_POINTERS);

        Link history = _histories[patient];
        bytes memory refusal;
        for (uint256 i = 0; i < pointers.length; ++i) {
            (history, refusal) = _point(msg.sender, patient, pointers[i], history);
            _skipIf(i, refusal);
        }
        _histories[patient] = history;
    }

    /* BY SIGNATURE */

    /// @inheritdoc IAnchors
    function pointBySig(SignedPointer calldata pointer, bytes calldata signature) external {
        bytes32 recordId = Scopes.recordIdOf(pointer.patient, pointer.compartment, pointer.content);
        uint32 standing = _pointers[recordId].number();
        if (pointer.number != uint256(standing) + 1) revert StalePointer(recordId, pointer.number, standing);
        _requireSigned(pointer.by, RecordForms.hashPoint(pointer), pointer.deadline, signature);
        _pointOne(pointer.by, pointer.patient, Pointer(pointer.compartment, pointer.content, pointer.manifest));
    }

    /* PRIVATE */

    function _pointOne(address by, address patient, Pointer memory pointer) private {
        (Link history, bytes memory refusal) = _point(by, patient, pointer, _histories[patient]);
        _require(refusal);
        _histories[patient] = history;
    }

    /// Points to a newer manifest, or says as an encoded custom error why it can't be: then nothing changed.
    /// @return next Head of the history after it; whoever calls stores it.
    function _point(
        address by,
        address patient,
        Pointer memory pointer,
        Link history
    ) private returns (Link next, bytes memory refusal) {
        bytes32 recordId = Scopes.recordIdOf(patient, pointer.compartment, pointer.content);
        refusal = _pointRefusal(by, patient, pointer, recordId);
        if (refusal.length != 0) return (history, refusal);

        Link link = _pointers[recordId].entry();
        next = history.entry();
        _pointers[recordId] = link.head();

        emit Pointed(patient, recordId, pointer.compartment, pointer.manifest, by, link, next);
        next = next.head();
    }

    function _pointRefusal(
        address by,
        address patient,
        Pointer memory pointer,
        bytes32 recordId
    ) private view returns (bytes memory refusal) {
        if (pointer.manifest == 0) return abi.encodeWithSelector(InvalidManifest.selector);
        AnchorWord known = _anchors[recordId];
        if (!known.isReadable()) return _statusRefusal(recordId, known);
        if (by == patient) return refusal;
        if (by != known.author()) return abi.encodeWithSelector(NotAuthor.selector, recordId, by);
        bytes32 origin = _originOf(recordId, pointer.content);
        // each pointer is of another record; the one asked is known
        // slither-disable-start calls-loop
        if (
            !CONSENT.canWrite(patient, by, pointer.compartment, origin) ||
            _isShutOut(patient, by, pointer.compartment, pointer.content, origin)
        ) {
            return abi.encodeWithSelector(NotWriter.selector, patient, pointer.compartment, by);
        }
        // slither-disable-end calls-loop
    }
}
