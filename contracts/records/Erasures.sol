// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICorrections} from "../interfaces/ICorrections.sol";
import {AnchorWord} from "../types/Anchors.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {Records} from "./Records.sol";

/// @title Erasures and their receipts; see {ICorrections}
abstract contract Erasures is Records {
    bytes32 private constant STORAGE = "storage";
    bytes32 private constant KEEPER = "keeper";

    /* PATIENTS */

    /// @inheritdoc ICorrections
    function requestErasure(bytes32 compartment, bytes32 content) external {
        _requestErasure(msg.sender, compartment, content);
    }

    /// @inheritdoc ICorrections
    function requestErasureBySig(SignedErasure calldata erasure, bytes calldata signature) external {
        address patient = erasure.patient;
        _requireSigned(patient, RecordForms.hashErasure(erasure), erasure.deadline, signature);
        uint40 standing = CONSENT.stateOf(patient).era();
        if (erasure.era != standing) revert StaleEra(erasure.era, standing);
        _requestErasure(patient, erasure.compartment, erasure.content);
    }

    /* OPERATORS */

    /// @inheritdoc ICorrections
    function attestErasure(
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 role,
        uint256 credential
    ) external {
        _attestErasure(ErasureReceipt(msg.sender, patient, compartment, content, role, credential));
    }

    /// @inheritdoc ICorrections
    function attestErasureBySig(ErasureReceipt calldata receipt, uint40 deadline, bytes calldata signature) external {
        _requireSigned(receipt.operator, RecordForms.hashErasureReceipt(receipt, deadline), deadline, signature);
        _attestErasure(receipt);
    }

    /* PRIVATE */

    function _requestErasure(address patient, bytes32 compartment, bytes32 content) private {
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        AnchorWord known = _requireReadable(recordId);

        _anchors[recordId] = known.withStatus(Status.Erased);

        emit ErasureRequested(patient, recordId, compartment, _changed(patient));
    }

    function _attestErasure(ErasureReceipt memory receipt) private {
        (address operator, address patient, bytes32 role) = (receipt.operator, receipt.patient, receipt.role);
        if (role != STORAGE && role != KEEPER) revert InvalidRole(role);
        bytes32 recordId = Scopes.recordIdOf(patient, receipt.compartment, receipt.content);
        AnchorWord known = _anchors[recordId];
        if (known.status() != Status.Erased) _require(_statusRefusal(recordId, known));
        if (!CREDENTIALS.holds(operator, role, receipt.credential, uint40(block.timestamp))) {
            revert NotCredentialed(operator, role, receipt.credential);
        }
        if (erasureAttestedAt[recordId][operator] != 0) revert AlreadyAttested(recordId, operator);

        erasureAttestedAt[recordId][operator] = uint40(block.timestamp);

        emit ErasureAttested(patient, recordId, operator, role, _changed(patient));
    }
}
