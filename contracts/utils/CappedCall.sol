// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Asks a contract that nobody vouches for.
library CappedCall {
    /// @notice The first word that `target` answers; 0 where it reverts, answers less, has no code or needs more gas.
    /// @dev Reads one word whatever is returned: a long answer costs the asked, not the asker.
    function ask(address target, uint256 gasLimit, bytes memory data) internal view returns (bytes32 word) {
        // Solidity's own call copies the whole answer
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let success := staticcall(gasLimit, target, add(data, 0x20), mload(data), 0x00, 0x20)
            if and(success, gt(returndatasize(), 0x1f)) {
                word := mload(0x00)
            }
        }
    }
}
