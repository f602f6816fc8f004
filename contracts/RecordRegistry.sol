// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IConsentRegistry} from "./interfaces/IConsentRegistry.sol";
import {IRecordRegistry} from "./interfaces/IRecordRegistry.sol";
import {GrantTerms} from "./libraries/GrantTerms.sol";
import {Scopes} from "./libraries/Scopes.sol";

/// @title Anchors of records; see {IRecordRegistry}
/// @dev Its EIP-712 domain is that of every e-stamp.
contract RecordRegistry is IRecordRegistry, EIP712 {
    /// @notice Decides who may write.
    IConsentRegistry public immutable CONSENT;

    /* STORAGE */

    mapping(bytes32 recordId => Anchor anchor) private _anchors;

    constructor(IConsentRegistry consent) EIP712("CareKey RecordRegistry", "1") {
        CONSENT = consent;
    }

    /* WRITERS */

    /// @inheritdoc IRecordRegistry
    function anchor(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest
    ) external returns (bytes32 recordId) {
        if (!Scopes.isLabel(compartment)) revert InvalidCompartment(compartment);
        if (content == 0) revert InvalidContent();
        if (manifest == 0) revert InvalidManifest();
        // content 0: a record that does not exist yet can't have a grant of its own
        if (!_mayWrite(patient, compartment, 0)) revert NotWriter(patient, compartment, msg.sender);
        recordId = Scopes.recordIdOf(patient, compartment, content);
        Anchor storage anchored = _anchors[recordId];
        if (anchored.status != Status.None) revert AlreadyAnchored(recordId);

        anchored.author = msg.sender;
        anchored.anchoredAt = uint40(block.timestamp);
        anchored.status = Status.Anchored;

        emit Anchored(patient, recordId, compartment, manifest);
    }

    /// @inheritdoc IRecordRegistry
    function point(address patient, bytes32 compartment, bytes32 content, bytes32 manifest) external {
        if (manifest == 0) revert InvalidManifest();
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        Anchor storage known = _anchors[recordId];
        if (known.status == Status.None) revert UnknownRecord(recordId);
        if (msg.sender != patient) {
            if (msg.sender != known.author) revert NotAuthor(recordId, msg.sender);
            if (!_mayWrite(patient, compartment, content)) revert NotWriter(patient, compartment, msg.sender);
        }

        emit Pointed(patient, recordId, compartment, manifest, msg.sender);
    }

    /* VIEWS */

    /// @inheritdoc IRecordRegistry
    function anchorOf(bytes32 recordId) external view returns (Anchor memory) {
        return _anchors[recordId];
    }

    /// @inheritdoc IRecordRegistry
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) external pure returns (bytes32) {
        return Scopes.recordIdOf(patient, compartment, content);
    }

    function _mayWrite(address patient, bytes32 compartment, bytes32 content) private view returns (bool) {
        return CONSENT.canAccess(patient, msg.sender, compartment, content, GrantTerms.WRITE, 0);
    }
}
