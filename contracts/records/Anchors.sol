// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IAnchors} from "../interfaces/IAnchors.sol";
import {IConsentRegistry} from "../interfaces/IConsentRegistry.sol";
import {AnchorSlots} from "../libraries/AnchorSlots.sol";
import {RecordTypes} from "../libraries/RecordTypes.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Signatures} from "../libraries/Signatures.sol";

/// @title Anchors of records; see {IAnchors}
/// @dev Its EIP-712 domain is that of every e-stamp.
abstract contract Anchors is IAnchors, EIP712 {
    /// @notice Longest list that one call takes.
    uint256 public constant MAX_BATCH = 200;

    /// @notice Decides who may write.
    IConsentRegistry public immutable CONSENT;

    /* STORAGE */

    mapping(bytes32 recordId => Anchor anchor) internal _anchors;

    constructor(IConsentRegistry consent) EIP712("CareKey RecordRegistry", "1") {
        CONSENT = consent;
    }

    /* WRITERS */

    /// @inheritdoc IAnchors
    function anchor(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest
    ) external returns (bytes32 recordId) {
        _requireWriter(patient, compartment, msg.sender);
        recordId = Scopes.recordIdOf(patient, compartment, content);
        _requireNew(recordId, content, manifest);
        _anchor(patient, recordId, compartment, manifest, msg.sender, uint40(block.timestamp));
    }

    /// @inheritdoc IAnchors
    function anchorMany(address patient, bytes32 compartment, Entry[] calldata entries) external {
        _requireBatch(entries.length);
        _requireWriter(patient, compartment, msg.sender);

        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            bytes32 recordId = Scopes.recordIdOf(patient, compartment, entry.content);
            bytes memory refusal = _refusal(recordId, entry.content, entry.manifest);
            if (refusal.length != 0) emit Skipped(i, refusal);
            else _anchor(patient, recordId, compartment, entry.manifest, msg.sender, uint40(block.timestamp));
        }
    }

    /// @inheritdoc IAnchors
    function anchorBySig(SignedAnchor calldata record, bytes calldata signature) external returns (bytes32 recordId) {
        (address author, address patient, bytes32 compartment) = (record.author, record.patient, record.compartment);
        recordId = Scopes.recordIdOf(patient, compartment, record.content);
        if (_anchors[recordId].author == author && author != address(0)) return recordId;
        RecordTypes.AnchorData memory data = RecordTypes.anchorData(author, patient, compartment);
        data.content = record.content;
        data.manifest = record.manifest;
        data.deadline = record.deadline;
        _requireSigned(author, RecordTypes.hashAnchor(data), record.deadline, signature);
        _requireWriter(patient, compartment, author);
        _requireNew(recordId, record.content, record.manifest);
        _anchor(patient, recordId, compartment, record.manifest, author, uint40(block.timestamp));
    }

    /// @inheritdoc IAnchors
    function anchorManyBySig(
        address author,
        address patient,
        bytes32 compartment,
        SignedEntry[] calldata entries,
        bytes calldata signatures
    ) external {
        _requireBatch(entries.length);
        _requireWriter(patient, compartment, author);

        RecordTypes.AnchorData memory data = RecordTypes.anchorData(author, patient, compartment);
        bytes32 domain = _domainSeparatorV4();
        uint256 offset = 0;
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes calldata signature;
            (signature, offset) = Signatures.take(signatures, offset);
            bytes memory refusal = _tryAnchor(data, entries[i], signature, domain);
            if (refusal.length != 0) emit Skipped(i, refusal);
        }
        if (offset != signatures.length) revert Signatures.InvalidSignatureList(signatures.length);
    }

    /// @inheritdoc IAnchors
    function point(address patient, bytes32 compartment, bytes32 content, bytes32 manifest) external {
        if (manifest == 0) revert InvalidManifest();
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        Anchor memory known = _anchors[recordId];
        // an enum beside a time, not a balance
        // slither-disable-start incorrect-equality
        if (known.status == Status.None) revert UnknownRecord(recordId);
        if (known.status == Status.Erased) revert InvalidStatus(recordId, known.status);
        // slither-disable-end incorrect-equality
        if (msg.sender != patient) {
            if (msg.sender != known.author) revert NotAuthor(recordId, msg.sender);
            if (!CONSENT.canWrite(patient, msg.sender, compartment, content)) {
                revert NotWriter(patient, compartment, msg.sender);
            }
        }

        emit Pointed(patient, recordId, compartment, manifest, msg.sender);
    }

    /* VIEWS */

    /// @inheritdoc IAnchors
    function anchorOf(bytes32 recordId) external view returns (Anchor memory) {
        return _anchors[recordId];
    }

    /// @inheritdoc IAnchors
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) external pure returns (bytes32) {
        return Scopes.recordIdOf(patient, compartment, content);
    }

    /* INTERNAL */

    function _requireBatch(uint256 count) internal pure {
        if (count == 0 || count > MAX_BATCH) revert InvalidBatchSize(count, MAX_BATCH);
    }

    function _requireWriter(address patient, bytes32 compartment, address author) internal view {
        if (!Scopes.isLabel(compartment)) revert InvalidCompartment(compartment);
        // content 0: a record that does not exist yet can't have a grant of its own
        if (!CONSENT.canWrite(patient, author, compartment, 0)) revert NotWriter(patient, compartment, author);
    }

    function _requireNew(bytes32 recordId, bytes32 content, bytes32 manifest) internal view {
        if (content == 0) revert InvalidContent();
        if (manifest == 0) revert InvalidManifest();
        if (_anchors[recordId].status != Status.None) revert AlreadyAnchored(recordId);
    }

    function _requireSigned(
        address signer,
        bytes32 structHash,
        uint40 deadline,
        bytes calldata signature
    ) internal view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (!Signatures.isValid(signer, _hashTypedDataV4(structHash), signature)) revert InvalidSignature(signer);
    }

    function _anchor(
        address patient,
        bytes32 recordId,
        bytes32 compartment,
        bytes32 manifest,
        address author,
        uint40 time
    ) internal {
        AnchorSlots.set(_anchors[recordId], author, time, Status.Anchored);

        emit Anchored(patient, recordId, compartment, manifest);
    }

    /// Anchors a signed entry, or says why not as an encoded custom error. Anchored already by that author: neither.
    function _tryAnchor(
        RecordTypes.AnchorData memory data,
        SignedEntry calldata entry,
        bytes calldata signature,
        bytes32 domain
    ) private returns (bytes memory refusal) {
        bytes32 recordId = Scopes.recordIdOf(data.patient, data.compartment, entry.content);
        refusal = _refusal(recordId, entry.content, entry.manifest);
        if (refusal.length != 0) {
            Anchor memory known = _anchors[recordId];
            return known.status != Status.None && known.author == data.author ? bytes("") : refusal;
        }
        if (block.timestamp > entry.deadline) return abi.encodeWithSelector(SignatureExpired.selector, entry.deadline);
        data.content = entry.content;
        data.manifest = entry.manifest;
        data.deadline = entry.deadline;
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, RecordTypes.hashAnchor(data));
        if (!Signatures.isValid(data.author, digest, signature)) {
            return abi.encodeWithSelector(InvalidSignature.selector, data.author);
        }
        _anchor(data.patient, recordId, data.compartment, entry.manifest, data.author, uint40(block.timestamp));
    }

    /// Why no such record can be anchored, as an encoded custom error; empty where it can.
    function _refusal(bytes32 recordId, bytes32 content, bytes32 manifest) private view returns (bytes memory refusal) {
        if (content == 0) return abi.encodeWithSelector(InvalidContent.selector);
        if (manifest == 0) return abi.encodeWithSelector(InvalidManifest.selector);
        if (_anchors[recordId].status != Status.None) return abi.encodeWithSelector(AlreadyAnchored.selector, recordId);
    }
}
