// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IAnchors} from "../interfaces/IAnchors.sol";
import {Link} from "../types/Link.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {Signatures} from "../utils/Signatures.sol";
import {Records} from "./Records.sol";

/// @title Anchors of records; see {IAnchors}
abstract contract Anchors is Records {
    /* AUTHORS */

    /// @inheritdoc IAnchors
    function anchor(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest
    ) external returns (bytes32 recordId) {
        _requireWriter(patient, compartment, 0, msg.sender);
        RecordForms.AnchorData memory data = RecordForms.anchorData(msg.sender, patient, compartment);
        (data.content, data.manifest) = (content, manifest);
        return _anchorOne(data, uint40(block.timestamp));
    }

    /// @inheritdoc IAnchors
    function anchorMany(address patient, bytes32 compartment, Entry[] calldata entries) external {
        _requireBatch(entries.length, MAX_BATCH);
        _requireWriter(patient, compartment, 0, msg.sender);

        RecordForms.AnchorData memory data = RecordForms.anchorData(msg.sender, patient, compartment);
        Link chart = _charts[patient];
        bytes memory refusal;
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            (data.content, data.manifest) = (entry.content, entry.manifest);

            bytes32 recordId = Scopes.recordIdOf(patient, compartment, data.content);
            (chart, refusal) = _anchor(data, recordId, uint40(block.timestamp), chart);
            _skipIf(i, refusal);
        }
        _charts[patient] = chart;
    }

    /* BY SIGNATURE */

    /// @inheritdoc IAnchors
    function anchorBySig(SignedAnchor calldata record, bytes calldata signature) external returns (bytes32 recordId) {
        (address author, address patient, bytes32 compartment) = (record.author, record.patient, record.compartment);
        RecordForms.AnchorData memory data = RecordForms.anchorData(author, patient, compartment);
        (data.content, data.manifest, data.deadline) = (record.content, record.manifest, record.deadline);
        _requireSigned(author, RecordForms.hashAnchor(data), data.deadline, signature);
        recordId = Scopes.recordIdOf(patient, compartment, data.content);
        // carried before
        if (_anchors[recordId].isUpheldBy(author)) return recordId;
        _requireWriter(patient, compartment, 0, author);
        return _anchorOne(data, uint40(block.timestamp));
    }

    /// @inheritdoc IAnchors
    function anchorManyBySig(
        address author,
        address patient,
        bytes32 compartment,
        SignedEntry[] calldata entries,
        bytes calldata signatures
    ) external {
        _requireBatch(entries.length, MAX_BATCH);
        _requireWriter(patient, compartment, 0, author);

        RecordForms.AnchorData memory data = RecordForms.anchorData(author, patient, compartment);
        bytes32 domain = _domainSeparatorV4();
        Link chart = _charts[patient];
        bytes memory refusal;
        uint256 offset = 0;
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes calldata signature;
            (signature, offset) = Signatures.take(signatures, offset);
            (chart, refusal) = _anchorSigned(data, entries[i], signature, domain, chart);
            _skipIf(i, refusal);
        }
        if (offset != signatures.length) revert Signatures.InvalidSignatureList(signatures.length);
        _charts[patient] = chart;
    }

    /* PRIVATE */

    /// Anchors a signed entry, or says why not. Carried before: neither.
    function _anchorSigned(
        RecordForms.AnchorData memory data,
        SignedEntry calldata entry,
        bytes calldata signature,
        bytes32 domain,
        Link chart
    ) private returns (Link next, bytes memory refusal) {
        (data.content, data.manifest, data.deadline) = (entry.content, entry.manifest, entry.deadline);
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, RecordForms.hashAnchor(data));
        refusal = _signatureRefusal(data.author, digest, data.deadline, signature);
        if (refusal.length != 0) return (chart, refusal);
        bytes32 recordId = Scopes.recordIdOf(data.patient, data.compartment, data.content);
        if (_anchors[recordId].isUpheldBy(data.author)) return (chart, refusal);
        return _anchor(data, recordId, uint40(block.timestamp), chart);
    }
}
