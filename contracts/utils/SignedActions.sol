// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ISignedActions} from "../interfaces/ISignedActions.sol";
import {Signatures} from "./Signatures.sol";

/// @title What all that is signed has in common; see {ISignedActions}
/// @dev Refusals are made once, as encoded custom errors: a call for one item reverts with them, a batch tells them by `Skipped`.
abstract contract SignedActions is ISignedActions, EIP712 {
    /// @notice Longest list that one call takes.
    uint256 public constant MAX_BATCH = 200;

    /* STORAGE */

    /// Bit `id % 256` of word `id / 256` is set once a signature with this id was used or cancelled.
    mapping(address signer => mapping(uint256 word => uint256 bits)) private _used;

    /* VIEWS */

    /// @inheritdoc ISignedActions
    function isUsed(address signer, uint256 id) public view returns (bool) {
        return _used[signer][id >> 8] & (1 << (id & 0xff)) != 0;
    }

    /* INTERNAL */

    /// Marks the ids as used, whether they were or not.
    function _cancel(address signer, uint256[] calldata ids) internal {
        if (ids.length > MAX_BATCH) revert InvalidBatchSize(ids.length, MAX_BATCH);

        for (uint256 i = 0; i < ids.length; ++i) {
            _use(signer, ids[i]);

            emit Cancelled(signer, ids[i]);
        }
    }

    /// Checks a signature that works once, at any time until its deadline and in any order, and marks it as used.
    function _useSigned(address signer, bytes32 structHash, Once calldata once, bytes calldata signature) internal {
        _requireSigned(signer, structHash, once.deadline, signature);
        if (isUsed(signer, once.id)) revert SignatureUsed(signer, once.id);
        _use(signer, once.id);
    }

    function _requireSigned(
        address signer,
        bytes32 structHash,
        uint40 deadline,
        bytes calldata signature
    ) internal view {
        _require(_signatureRefusal(signer, _hashTypedDataV4(structHash), deadline, signature));
    }

    /// Why this signature does not count now, as an encoded custom error; empty where it does.
    function _signatureRefusal(
        address signer,
        bytes32 digest,
        uint40 deadline,
        bytes calldata signature
    ) internal view returns (bytes memory refusal) {
        if (block.timestamp > deadline) return abi.encodeWithSelector(SignatureExpired.selector, deadline);
        if (!Signatures.isValid(signer, digest, signature)) {
            return abi.encodeWithSelector(InvalidSignature.selector, signer);
        }
    }

    /// Reverts with the refusal where there is one.
    function _require(bytes memory refusal) internal pure {
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
    }

    /// Tells that an item of a batch is left out, where there is a refusal.
    function _skipIf(uint256 index, bytes memory refusal) internal {
        if (refusal.length != 0) emit Skipped(index, refusal);
    }

    function _requireBatch(uint256 count, uint256 limit) internal pure {
        if (count == 0 || count > limit) revert InvalidBatchSize(count, limit);
    }

    function _use(address signer, uint256 id) private {
        _used[signer][id >> 8] |= 1 << (id & 0xff);
    }
}
