// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICredentialRegistry} from "../interfaces/ICredentialRegistry.sol";
import {IStamps} from "../interfaces/IStamps.sol";
import {AnchorWord} from "../types/Anchors.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {Signatures} from "../utils/Signatures.sol";
import {Records} from "./Records.sol";

/// @title e-Stamps as contracts see them; see {IStamps}
abstract contract Stamps is Records {
    bytes32 private constant PATIENT = "patient";
    bytes32 private constant AUTHORED = keccak256("authored");

    /* SIGNERS */

    /// @inheritdoc IStamps
    function witness(bytes32 digest) external {
        _witness(msg.sender, digest);
    }

    /// @inheritdoc IStamps
    function witnessBySig(address signer, bytes32 digest, uint40 deadline, bytes calldata signature) external {
        _requireSigned(signer, RecordForms.hashWitness(signer, digest, deadline), deadline, signature);
        _witness(signer, digest);
    }

    /* VIEWS */

    /// @inheritdoc IStamps
    function verifyStamp(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        bytes calldata signature
    ) external view returns (bool) {
        return stampStatus(stamp, signer, credential, signature) == StampStatus.Counts;
    }

    /// @inheritdoc IStamps
    function stampStatus(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        bytes calldata signature
    ) public view returns (StampStatus status) {
        AnchorWord known = _anchors[Scopes.recordIdOf(stamp.patient, stamp.compartment, stamp.content)];
        if (!known.isReadable()) return StampStatus.None;
        bytes32 digest = stampDigest(stamp);
        uint40 time = known.anchoredAt();
        if (_isProvenByAnchor(stamp, signer, known.author(), digest, signature)) {
            status = _statusAt(stamp, signer, credential, time);
            if (status == StampStatus.Counts) return status;
        }
        uint40 seenAt = witnessedAt[signer][digest];
        if (seenAt == 0) return status;
        StampStatus seen = _statusAt(stamp, signer, credential, uint40(Math.max(time, seenAt)));
        return seen == StampStatus.None ? status : seen;
    }

    /// @inheritdoc IStamps
    function stampDigest(Stamp calldata stamp) public view returns (bytes32) {
        return _hashTypedDataV4(RecordForms.hashStamp(stamp));
    }

    /* PRIVATE */

    function _witness(address signer, bytes32 digest) private {
        if (witnessedAt[signer][digest] != 0) revert AlreadyWitnessed(signer, digest);

        witnessedAt[signer][digest] = uint40(block.timestamp);

        emit Witnessed(signer, digest);
    }

    /// Is this the signer's stamp, and the anchor's time that of the stamp?
    function _isProvenByAnchor(
        Stamp calldata stamp,
        address signer,
        address author,
        bytes32 digest,
        bytes calldata signature
    ) private pure returns (bool) {
        bool isPatients = stamp.role == PATIENT;
        // others' stamps could be dated back with a stolen key: only a witness shows when they were made
        if (signer != author && !isPatients) return false;
        if (signature.length != 0) return Signatures.isSignedBy(signer, digest, signature);
        bool isFirst = stamp.previous == 0 && keccak256(bytes(stamp.statement)) == AUTHORED;
        return isFirst && isPatients && signer == author && signer == stamp.patient;
    }

    /// Issued no later than `time`, by somebody entitled at both times?
    function _statusAt(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        uint40 time
    ) private view returns (StampStatus) {
        if (stamp.issuedAt > time) return StampStatus.None;
        bytes32 role = stamp.role;
        if (role == PATIENT) return signer == stamp.patient ? StampStatus.Counts : StampStatus.None;
        ICredentialRegistry.Status then = CREDENTIALS.statusOf(signer, role, credential, uint40(stamp.issuedAt));
        ICredentialRegistry.Status later = CREDENTIALS.statusOf(signer, role, credential, time);
        // enums, not balances
        // slither-disable-start incorrect-equality
        if (then == ICredentialRegistry.Status.None || later == ICredentialRegistry.Status.None) {
            return StampStatus.None;
        }
        bool holds = then == ICredentialRegistry.Status.Holds && later == ICredentialRegistry.Status.Holds;
        // slither-disable-end incorrect-equality
        return holds ? StampStatus.Counts : StampStatus.Contested;
    }
}
