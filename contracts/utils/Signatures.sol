// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {CappedCall} from "./CappedCall.sol";

/// @notice Checks signatures of people (ECDSA) and of contract accounts (ERC-1271).
library Signatures {
    /// @notice Thrown when a list of signatures is cut short or has bytes to spare.
    error InvalidSignatureList(uint256 length);

    /// @notice Thrown when too little gas is left to ask a contract account: it would be taken for a refusal.
    error InsufficientGas(uint256 required);

    /// Enough to check a passkey where the chain has no P-256 precompile; a bound for what one item of a batch can burn.
    uint256 internal constant ERC1271_GAS = 400_000;

    /// What must be left so that the account gets all of it: a call passes on 63 of 64 parts.
    uint256 internal constant REQUIRED_GAS = (ERC1271_GAS * 64) / 63 + 5_000;

    /// @notice True when `signer` signed the digest. ECDSA comes first: asking for code costs 2,600 gas.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (isSignedBy(signer, digest, signature)) return true;
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        // only now: what it costs to copy a long signature is not left for the account
        if (gasleft() < REQUIRED_GAS) revert InsufficientGas(REQUIRED_GAS);
        return CappedCall.ask(signer, ERC1271_GAS, question) == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @notice True when `signer` signed the digest with ECDSA: r, s in the lower half, v of 27 or 28.
    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) internal pure returns (bool) {
        // what is left out only describes the problem
        // slither-disable-next-line unused-return
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(digest, signature);
        return problem == ECDSA.RecoverError.NoError && recovered == signer;
    }

    /// @notice Takes the next signature off a list: two bytes of length, then the signature.
    /// @return signature The signature that begins at `offset`.
    /// @return next Where the one after it begins.
    function take(bytes calldata list, uint256 offset) internal pure returns (bytes calldata signature, uint256 next) {
        // a length cut short is filled up with zeros, and then `next` lies beyond the list as well
        next = offset + 2 + uint16(bytes2(list[offset:]));
        if (next > list.length) revert InvalidSignatureList(list.length);
        signature = list[offset + 2:next];
    }
}
