// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What all that is signed has in common; part of every registry
/// @notice Signatures are EIP-712 data that a wallet shows field by field, and each names its signer. ECDSA is tried first, then
/// ERC-1271 with at most 400,000 gas. Anybody may carry them, until their deadline (inclusive), to this contract on this chain.
interface ISignedActions {
    /// @notice What makes a signature work once, in any order with others.
    struct Once {
        /// Drawn by the signer's device: its own lane in the upper bits, a sequence in the lower ones.
        uint256 id;
        /// Last second at which it may be used.
        uint40 deadline;
    }

    /// @notice Thrown when a signature's last second is over.
    error SignatureExpired(uint40 deadline);
    /// @notice Thrown when this is not what `signer` signed.
    error InvalidSignature(address signer);
    /// @notice Thrown when a signature with this id was used or cancelled.
    error SignatureUsed(address signer, uint256 id);
    /// @notice Thrown when a list is empty or longer than `limit`.
    error InvalidBatchSize(uint256 count, uint256 limit);

    /// @notice Emitted when item `index` of a batch is left out; the others stand.
    /// @param reason The custom error that a call for this item alone would have been refused with, encoded.
    event Skipped(uint256 indexed index, bytes reason);
    /// @notice Emitted when `signer` gives up a signature that may be on its way.
    event Cancelled(address indexed signer, uint256 indexed id);

    /// @notice True once a signature of `signer` with this id was used or cancelled.
    function isUsed(address signer, uint256 id) external view returns (bool);
}
