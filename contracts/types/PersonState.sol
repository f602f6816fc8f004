// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change, Changes} from "./Change.sol";

/// @notice What orders a person's acts, in one word. From the lowest bit: era uint40 | stand uint56 | number uint16 |
/// changes uint32 | lastChangeAt uint32 | slots uint32 | lastSlotAt uint32 | byDelegates uint16.
/// @dev *era* counts lockdowns and can't be foreseen. *stand* and *number* belong to the person as a signer: see {opens}.
/// *changes* and *slots* count what happened to their consents, whoever did it, with the block of the newest of each.
type PersonState is uint256;

using PersonStates for PersonState global;

/// @notice Reads and continues a {PersonState}.
library PersonStates {
    uint256 private constant STAND_OFFSET = 40;
    uint256 private constant NUMBER_OFFSET = 96;
    uint256 private constant CHANGES_OFFSET = 112;
    uint256 private constant LAST_CHANGE_OFFSET = 144;
    uint256 private constant SLOTS_OFFSET = 176;
    uint256 private constant LAST_SLOT_OFFSET = 208;
    uint256 private constant BY_DELEGATES_OFFSET = 240;

    /// @notice How often the person locked down, and 24 bits that they drew: grants of another era are void.
    function era(PersonState state) internal pure returns (uint40) {
        return uint40(PersonState.unwrap(state));
    }

    /// @notice Another one after every act of the person: what they signed before that would open something names none that stands.
    function stand(PersonState state) internal pure returns (uint56) {
        return uint56(PersonState.unwrap(state) >> STAND_OFFSET);
    }

    /// @notice The last number that an opening signature of the present session used.
    function number(PersonState state) internal pure returns (uint16) {
        return uint16(PersonState.unwrap(state) >> NUMBER_OFFSET);
    }

    /// @notice Changes of the person's consents, whoever made them.
    function changes(PersonState state) internal pure returns (uint32) {
        return uint32(PersonState.unwrap(state) >> CHANGES_OFFSET);
    }

    /// @notice Block of the newest change.
    function lastChangeAt(PersonState state) internal pure returns (uint32) {
        return uint32(PersonState.unwrap(state) >> LAST_CHANGE_OFFSET);
    }

    /// @notice Grants and delegations of the person that were ever written.
    function slots(PersonState state) internal pure returns (uint32) {
        return uint32(PersonState.unwrap(state) >> SLOTS_OFFSET);
    }

    /// @notice Block in which the newest of them was first written.
    function lastSlotAt(PersonState state) internal pure returns (uint32) {
        return uint32(PersonState.unwrap(state) >> LAST_SLOT_OFFSET);
    }

    /// @notice Slots that delegates wrote first in this era.
    function byDelegates(PersonState state) internal pure returns (uint16) {
        return uint16(PersonState.unwrap(state) >> BY_DELEGATES_OFFSET);
    }

    /// @notice True when an opening signature of `who` still opens: they did nothing since, but for what they signed in the same go.
    /// @param stand_ Where they stood when they began to sign.
    /// @param session Drawn by their device for this go: it ties together what is signed in it.
    /// @param number_ Above those of the same session that were carried before.
    function opens(
        PersonState state,
        address who,
        uint56 stand_,
        uint40 session,
        uint16 number_
    ) internal pure returns (bool) {
        uint56 standing = state.stand();
        uint16 last = state.number();
        return stand_ == standing || (number_ > last && _joined(who, stand_, session, last) == standing);
    }

    /// @notice After an opening signature of `who` was used: every other session of theirs is over, also one that began within this one.
    function used(
        PersonState state,
        address who,
        uint56 stand_,
        uint40 session,
        uint16 number_
    ) internal pure returns (PersonState) {
        return _standing(state, _joined(who, stand_, session, number_), number_);
    }

    /// @notice After another act of `who`: every opening signature of theirs is void.
    /// @param act Hash of what was done: in another order the same acts lead to other stands.
    /// @dev Whoever knows the act and the block before knows the stand. So a client proves this word before it signs what opens.
    function moved(PersonState state, address who, bytes32 act) internal view returns (PersonState) {
        return _standing(state, uint56(uint256(keccak256(abi.encode(_parent(), who, state.stand(), act)))), 0);
    }

    /// @notice After one more change in this block.
    /// @return next The state.
    /// @return change What its event tells.
    function changed(PersonState state) internal view returns (PersonState next, Change change) {
        uint32 count = state.changes();
        // nothing that shuts a door fails for want of numbers: the last is used again
        if (count != type(uint32).max) ++count;
        uint256 kept = PersonState.unwrap(state) & ~(uint256(type(uint64).max) << CHANGES_OFFSET);
        next = PersonState.wrap(
            kept | (uint256(count) << CHANGES_OFFSET) | (uint256(uint32(block.number)) << LAST_CHANGE_OFFSET)
        );
        change = Changes.place(count, state.lastChangeAt(), state.lastSlotAt());
    }

    /// @notice After one more slot was written first, in this block.
    function enlisted(PersonState state) internal view returns (PersonState) {
        uint32 count = state.slots();
        if (count != type(uint32).max) ++count;
        uint256 kept = PersonState.unwrap(state) & ~(uint256(type(uint64).max) << SLOTS_OFFSET);
        return
            PersonState.wrap(
                kept | (uint256(count) << SLOTS_OFFSET) | (uint256(uint32(block.number)) << LAST_SLOT_OFFSET)
            );
    }

    /// @notice After a delegate wrote one more slot first.
    function delegated(PersonState state) internal pure returns (PersonState) {
        return PersonState.wrap(PersonState.unwrap(state) + (1 << BY_DELEGATES_OFFSET));
    }

    /// @notice With the whole budget of delegates again, as after the end of a delegation.
    function undelegated(PersonState state) internal pure returns (PersonState) {
        return PersonState.wrap(PersonState.unwrap(state) & (type(uint256).max >> 16));
    }

    /// @notice In the era that follows, in which no delegate wrote anything yet.
    function inNextEra(PersonState state, address who, bytes32 salt) internal pure returns (PersonState) {
        uint40 last = state.era();
        // 16 bits of count and 24 drawn by the person: no era of before comes back, and nobody else can foresee one
        uint40 count = last >> 24;
        if (count != type(uint16).max) ++count;
        uint40 next = (count << 24) | uint24(uint256(keccak256(abi.encode(salt, who))));
        // another bit, not a power
        // slither-disable-next-line incorrect-exp
        if (next == last) next ^= 1;
        uint256 kept = PersonState.unwrap(state) & ~uint256(type(uint40).max);
        return PersonState.wrap((kept & (type(uint256).max >> 16)) | next);
    }

    /// Where a session leads with its last number: elsewhere with each, or what was signed at one of them would outlive the next.
    function _joined(address who, uint56 stand_, uint40 session, uint16 last) private pure returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(who, stand_, session, last))));
    }

    function _standing(PersonState state, uint56 stand_, uint16 number_) private pure returns (PersonState) {
        uint256 kept = PersonState.unwrap(state) & ~(uint256(type(uint72).max) << STAND_OFFSET);
        return PersonState.wrap(kept | (uint256(stand_) << STAND_OFFSET) | (uint256(number_) << NUMBER_OFFSET));
    }

    function _parent() private view returns (bytes32) {
        unchecked {
            return blockhash(block.number - 1);
        }
    }
}
