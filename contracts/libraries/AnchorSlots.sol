// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../interfaces/IAnchors.sol";

/// @notice Writes an {IAnchors.Anchor}.
library AnchorSlots {
    /// Where the compiler packs the fields after the first, the author.
    uint256 private constant TIME_OFFSET = 160;
    uint256 private constant STATUS_OFFSET = 200;

    /// @notice Makes it an anchor of nothing but this, in one write.
    function set(IAnchors.Anchor storage anchor, address author, uint40 time, IAnchors.Status status) internal {
        uint256 word = uint160(author) | (uint256(time) << TIME_OFFSET) | (uint256(status) << STATUS_OFFSET);
        // field by field the compiler writes, and pays, twice
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(anchor.slot, word)
        }
    }
}
