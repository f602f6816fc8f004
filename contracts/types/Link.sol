// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice A place in a list that is counted and linked: number uint32 | block uint32, the number lowest.
/// @dev Stored it is the head: how many entries there are, and the block of the newest. In an event it is an entry: its number
/// from 1 on, and the block of the entry before. Whoever proves the head walks back from block to block, and misses nothing.
type Link is uint64;

using Links for Link global;

/// @notice Reads and continues a {Link}.
library Links {
    /// @notice Number of entries; in an event, the entry's own.
    function number(Link link) internal pure returns (uint32) {
        return uint32(Link.unwrap(link));
    }

    /// @notice Block of the newest entry; in an event, of the entry before.
    function lastAt(Link link) internal pure returns (uint32) {
        return uint32(Link.unwrap(link) >> 32);
    }

    /// @notice The next entry of a list with this head, for its event.
    /// @dev Reverts (panic 0x11) after 2^32 − 1 entries.
    function entry(Link list) internal pure returns (Link) {
        return join(list.number() + 1, list.lastAt());
    }

    /// @notice The head of the list that ends with this entry, in this block.
    function head(Link entry_) internal view returns (Link) {
        return join(entry_.number(), uint32(block.number));
    }

    /// @notice Put together from its parts.
    function join(uint32 number_, uint32 lastAt_) internal pure returns (Link) {
        return Link.wrap(uint64(number_) | (uint64(lastAt_) << 32));
    }
}
