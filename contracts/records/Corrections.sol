// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICorrections} from "../interfaces/ICorrections.sol";
import {ICredentialRegistry} from "../interfaces/ICredentialRegistry.sol";
import {RecordTypes} from "../libraries/RecordTypes.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Anchors} from "./Anchors.sol";

/// @title Amendments, retractions and erasures; see {ICorrections}
abstract contract Corrections is Anchors, ICorrections {
    bytes32 private constant STORAGE = "storage";
    bytes32 private constant KEEPER = "keeper";

    /// @notice Knows who stores blocks and keeps keys.
    ICredentialRegistry public immutable CREDENTIALS;

    /* STORAGE */

    /// @inheritdoc ICorrections
    mapping(bytes32 recordId => mapping(address operator => uint40 time)) public erasureAttestedAt;

    constructor(ICredentialRegistry credentials) {
        CREDENTIALS = credentials;
    }

    /* AUTHORS, PATIENTS AND WHO MANAGES FOR THEM */

    /// @inheritdoc ICorrections
    function amend(Amendment calldata amendment) external returns (bytes32 newRecordId) {
        (address patient, bytes32 compartment) = (amendment.patient, amendment.compartment);
        bytes32 recordId = _requireCorrectable(patient, compartment, amendment.content, amendment.reason);
        Status status = _anchors[recordId].status;
        if (status != Status.Anchored) revert InvalidStatus(recordId, status);
        newRecordId = Scopes.recordIdOf(patient, compartment, amendment.newContent);
        _requireNew(newRecordId, amendment.newContent, amendment.manifest);

        _anchors[recordId].status = Status.Amended;
        _anchor(patient, newRecordId, compartment, amendment.manifest, msg.sender, uint40(block.timestamp));

        emit Amended(patient, recordId, newRecordId, amendment.reason, msg.sender);
    }

    /// @inheritdoc ICorrections
    function retract(address patient, bytes32 compartment, bytes32 content, bytes32 reason) external {
        bytes32 recordId = _requireCorrectable(patient, compartment, content, reason);
        Status status = _anchors[recordId].status;
        if (status != Status.Anchored && status != Status.Amended) revert InvalidStatus(recordId, status);

        _anchors[recordId].status = Status.Retracted;

        emit Retracted(patient, recordId, reason, msg.sender);
    }

    /* PATIENTS */

    /// @inheritdoc ICorrections
    function requestErasure(bytes32 compartment, bytes32 content) external {
        _requestErasure(msg.sender, compartment, content);
    }

    /// @inheritdoc ICorrections
    function requestErasureBySig(SignedErasure calldata erasure, bytes calldata signature) external {
        _requireSigned(erasure.patient, RecordTypes.hashErasure(erasure), erasure.deadline, signature);
        uint40 last = CONSENT.lockdownAt(erasure.patient);
        if (erasure.asOf != last) revert StaleAsOf(erasure.asOf, last);
        _requestErasure(erasure.patient, erasure.compartment, erasure.content);
    }

    /* OPERATORS */

    /// @inheritdoc ICorrections
    function attestErasure(bytes32 recordId, bytes32 role, uint256 credential) external {
        _attestErasure(msg.sender, recordId, role, credential);
    }

    /// @inheritdoc ICorrections
    function attestErasureBySig(ErasureReceipt calldata receipt, uint40 deadline, bytes calldata signature) external {
        _requireSigned(receipt.operator, RecordTypes.hashErasureReceipt(receipt, deadline), deadline, signature);
        _attestErasure(receipt.operator, receipt.recordId, receipt.role, receipt.credential);
    }

    /* PRIVATE */

    function _requireCorrectable(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 reason
    ) private view returns (bytes32 recordId) {
        if (reason == 0) revert InvalidReason();
        recordId = Scopes.recordIdOf(patient, compartment, content);
        address author = _anchors[recordId].author;
        if (author == address(0)) revert UnknownRecord(recordId);
        if (CONSENT.canManage(patient, msg.sender, compartment, content)) return recordId;
        if (msg.sender != author) revert NotAuthor(recordId, msg.sender);
        if (!CONSENT.canWrite(patient, author, compartment, content)) revert NotWriter(patient, compartment, author);
    }

    function _requestErasure(address patient, bytes32 compartment, bytes32 content) private {
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        Status status = _anchors[recordId].status;
        // an enum beside a time, not a balance
        // slither-disable-start incorrect-equality
        if (status == Status.None) revert UnknownRecord(recordId);
        if (status == Status.Erased) revert InvalidStatus(recordId, status);
        // slither-disable-end incorrect-equality

        _anchors[recordId].status = Status.Erased;

        emit ErasureRequested(patient, recordId, compartment);
    }

    function _attestErasure(address operator, bytes32 recordId, bytes32 role, uint256 credential) private {
        if (role != STORAGE && role != KEEPER) revert InvalidRole(role);
        Status status = _anchors[recordId].status;
        if (status != Status.Erased) revert InvalidStatus(recordId, status);
        if (!CREDENTIALS.holds(operator, role, credential, uint40(block.timestamp))) {
            revert NotCredentialed(operator, role, credential);
        }
        if (erasureAttestedAt[recordId][operator] != 0) revert AlreadyAttested(recordId, operator);

        erasureAttestedAt[recordId][operator] = uint40(block.timestamp);

        emit ErasureAttested(recordId, operator, role);
    }
}
