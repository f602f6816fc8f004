// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../interfaces/IAnchors.sol";

/// @notice What is known of a record, in one word. From the lowest bit:
/// author uint160 | anchoredAt uint36 | writtenAt uint32 | index uint25 | status 3 bits.
/// @dev *writtenAt* is the block of the anchoring, *index* the record's number on its patient's chart. Only the status ever changes.
/// Packed by hand: the compiler keeps no fields of 36 and 25 bits.
type AnchorWord is uint256;

using AnchorWords for AnchorWord global;

/// @notice Reads and writes an {AnchorWord}.
library AnchorWords {
    /// @notice The last number that a record can have on its chart.
    uint32 internal constant MAX_INDEX = (1 << 25) - 1;

    uint256 private constant TIME_OFFSET = 160;
    uint256 private constant AT_OFFSET = 196;
    uint256 private constant INDEX_OFFSET = 228;
    uint256 private constant STATUS_OFFSET = 253;
    uint256 private constant TIME = (1 << 36) - 1;

    /// @notice The word of a record that is anchored in this block.
    /// @param index_ At most MAX_INDEX.
    function write(address author_, uint40 anchoredAt_, uint32 index_) internal view returns (AnchorWord) {
        return
            AnchorWord.wrap(
                uint256(uint160(author_)) |
                    ((uint256(anchoredAt_) & TIME) << TIME_OFFSET) |
                    (uint256(uint32(block.number)) << AT_OFFSET) |
                    (uint256(index_) << INDEX_OFFSET) |
                    (uint256(IAnchors.Status.Anchored) << STATUS_OFFSET)
            );
    }

    /// @notice Who anchored it.
    function author(AnchorWord word) internal pure returns (address) {
        return address(uint160(AnchorWord.unwrap(word)));
    }

    /// @notice Block time of the anchoring, or of the root that it was claimed from.
    function anchoredAt(AnchorWord word) internal pure returns (uint40) {
        return uint40((AnchorWord.unwrap(word) >> TIME_OFFSET) & TIME);
    }

    /// @notice Block in which it came to stand here.
    function writtenAt(AnchorWord word) internal pure returns (uint32) {
        return uint32(AnchorWord.unwrap(word) >> AT_OFFSET);
    }

    /// @notice Number on the patient's chart, from 1 on.
    function index(AnchorWord word) internal pure returns (uint32) {
        return uint32(AnchorWord.unwrap(word) >> INDEX_OFFSET) & MAX_INDEX;
    }

    /// @notice State of the record; None for an empty word.
    function status(AnchorWord word) internal pure returns (IAnchors.Status) {
        return IAnchors.Status(AnchorWord.unwrap(word) >> STATUS_OFFSET);
    }

    /// @notice True where no record was ever anchored.
    function isEmpty(AnchorWord word) internal pure returns (bool) {
        return AnchorWord.unwrap(word) == 0;
    }

    /// @notice True for a record that is neither unknown nor erased.
    function isReadable(AnchorWord word) internal pure returns (bool) {
        IAnchors.Status standing = word.status();
        return standing != IAnchors.Status.None && standing != IAnchors.Status.Erased;
    }

    /// @notice True for a record that `author_` anchored, and that was neither retracted nor erased.
    function isUpheldBy(AnchorWord word, address author_) internal pure returns (bool) {
        IAnchors.Status standing = word.status();
        return
            word.author() == author_ && (standing == IAnchors.Status.Anchored || standing == IAnchors.Status.Amended);
    }

    /// @notice The same word with another status.
    function withStatus(AnchorWord word, IAnchors.Status status_) internal pure returns (AnchorWord) {
        uint256 kept = AnchorWord.unwrap(word) & ((1 << STATUS_OFFSET) - 1);
        return AnchorWord.wrap(kept | (uint256(status_) << STATUS_OFFSET));
    }

    /// @notice Its fields, for who asks from outside.
    function unpack(AnchorWord word) internal pure returns (IAnchors.Anchor memory) {
        return
            IAnchors.Anchor({
                author: word.author(),
                anchoredAt: word.anchoredAt(),
                writtenAt: word.writtenAt(),
                index: word.index(),
                status: word.status()
            });
    }
}
