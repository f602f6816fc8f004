// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStamps} from "../interfaces/IStamps.sol";
import {RecordTypes} from "../libraries/RecordTypes.sol";
import {Scopes} from "../libraries/Scopes.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Corrections} from "./Corrections.sol";

/// @title e-Stamps as contracts see them; see {IStamps}
abstract contract Stamps is Corrections, IStamps {
    bytes32 private constant PATIENT = "patient";

    /* STORAGE */

    /// @inheritdoc IStamps
    mapping(address signer => mapping(bytes32 digest => uint40 time)) public witnessedAt;

    /* SIGNERS */

    /// @inheritdoc IStamps
    function witness(bytes32 digest) external {
        if (witnessedAt[msg.sender][digest] != 0) revert AlreadyWitnessed(msg.sender, digest);

        witnessedAt[msg.sender][digest] = uint40(block.timestamp);

        emit Witnessed(msg.sender, digest);
    }

    /* VIEWS */

    /// @inheritdoc IStamps
    function verifyStamp(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        bytes calldata signature
    ) external view returns (bool) {
        Anchor memory known = _anchors[Scopes.recordIdOf(stamp.patient, stamp.compartment, stamp.content)];
        if (known.status == Status.None) return false;
        bytes32 digest = stampDigest(stamp);
        // others' stamps could be dated back with a stolen key: only a witness shows when they were made
        bool isTimely = signer == known.author || stamp.role == PATIENT;
        if (isTimely && Signatures.isSignedBy(signer, digest, signature)) {
            if (_counts(stamp, signer, credential, known.anchoredAt)) return true;
        }
        uint40 seenAt = witnessedAt[signer][digest];
        return seenAt != 0 && _counts(stamp, signer, credential, uint40(Math.max(known.anchoredAt, seenAt)));
    }

    /// @inheritdoc IStamps
    function stampDigest(Stamp calldata stamp) public view returns (bytes32) {
        return _hashTypedDataV4(RecordTypes.hashStamp(stamp));
    }

    /// Issued no later than `time`, by somebody entitled at both times.
    function _counts(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        uint40 time
    ) private view returns (bool) {
        if (stamp.issuedAt > time) return false;
        if (stamp.role == PATIENT) return signer == stamp.patient;
        return
            CREDENTIALS.holds(signer, stamp.role, credential, time) &&
            CREDENTIALS.holds(signer, stamp.role, credential, uint40(stamp.issuedAt));
    }
}
