// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Where a consent event stands in its patient's history. From the lowest bit:
/// number uint32 | block of the change before uint32 | block in which the slot before was first written uint32.
/// @dev A hint, as every event is: the proof of the next word confirms it. Of several events about one slot in the block in which it was
/// first written, the one with the lowest number tells the slot before.
type Change is uint96;

/// @notice Puts a {Change} together.
library Changes {
    function place(uint32 number, uint32 before, uint32 slotBefore) internal pure returns (Change) {
        return Change.wrap(uint96(number) | (uint96(before) << 32) | (uint96(slotBefore) << 64));
    }
}
