// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICorrections} from "../interfaces/ICorrections.sol";
import {AnchorWord} from "../types/Anchors.sol";
import {DelegationTerms} from "../types/DelegationTerms.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {Records} from "./Records.sol";

/// @title Amendments and retractions; see {ICorrections}
abstract contract Corrections is Records {
    /* AUTHORS, PATIENTS AND WHO MANAGES FOR THEM */

    /// @inheritdoc ICorrections
    function amend(Amendment calldata amendment) external returns (bytes32 newRecordId) {
        return _amend(msg.sender, amendment);
    }

    /// @inheritdoc ICorrections
    function retract(address patient, bytes32 compartment, bytes32 content, bytes32 reason) external {
        _retract(msg.sender, patient, compartment, content, reason);
    }

    /* BY SIGNATURE */

    /// @inheritdoc ICorrections
    function amendBySig(
        address by,
        Amendment calldata amendment,
        uint40 deadline,
        bytes calldata signature
    ) external returns (bytes32 newRecordId) {
        _requireSigned(by, RecordForms.hashAmend(by, amendment, deadline), deadline, signature);
        return _amend(by, amendment);
    }

    /// @inheritdoc ICorrections
    function retractBySig(SignedRetraction calldata retraction, bytes calldata signature) external {
        address by = retraction.by;
        _requireSigned(by, RecordForms.hashRetract(retraction), retraction.deadline, signature);
        _retract(by, retraction.patient, retraction.compartment, retraction.content, retraction.reason);
    }

    /* PRIVATE */

    function _amend(address by, Amendment calldata amendment) private returns (bytes32 newRecordId) {
        (address patient, bytes32 compartment) = (amendment.patient, amendment.compartment);
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, amendment.content);
        bytes32 origin = _originOf(recordId, amendment.content);
        AnchorWord known = _requireCorrectable(by, patient, compartment, amendment.content, amendment.reason);
        if (known.status() != Status.Anchored) revert InvalidStatus(recordId, known.status());
        // power over this record is not enough: another one comes to stand in the compartment, and in this one's lineage
        _requireWriter(patient, compartment, 0, by);

        _anchors[recordId] = known.withStatus(Status.Amended);
        RecordForms.AnchorData memory data = RecordForms.anchorData(by, patient, compartment);
        (data.content, data.manifest) = (amendment.newContent, amendment.manifest);
        newRecordId = _anchorOne(data, uint40(block.timestamp));
        originOf[newRecordId] = origin;

        emit Amended(patient, recordId, newRecordId, amendment.reason, by, _changed(patient));
    }

    function _retract(address by, address patient, bytes32 compartment, bytes32 content, bytes32 reason) private {
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        AnchorWord known = _requireCorrectable(by, patient, compartment, content, reason);
        // an enum beside a time, not a balance
        // slither-disable-next-line incorrect-equality
        if (known.status() == Status.Retracted) revert InvalidStatus(recordId, known.status());

        _anchors[recordId] = known.withStatus(Status.Retracted);

        emit Retracted(patient, recordId, reason, by, _changed(patient));
    }

    /// What is known of a record that `by` may correct. A DENY shuts out authors and delegates alike.
    function _requireCorrectable(
        address by,
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 reason
    ) private view returns (AnchorWord known) {
        if (reason == 0) revert InvalidReason();
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        known = _requireReadable(recordId);
        if (by == patient) return known;
        bytes32 origin = _originOf(recordId, content);
        bool manages = CONSENT.isDelegate(patient, by, compartment, origin, DelegationTerms.MANAGE);
        if (!manages && by != known.author()) revert NotAuthor(recordId, by);
        bool isDenied = CONSENT.isDenied(patient, by, compartment, origin);
        if (isDenied || _isShutOut(patient, by, compartment, content, origin)) {
            revert NotWriter(patient, compartment, by);
        }
        if (!manages) _requireWriter(patient, compartment, origin, by);
    }
}
