// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../../contracts/types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../../contracts/types/GrantTerms.sol";
import {PersonState} from "../../contracts/types/PersonState.sol";
import {Proving} from "./Svm.sol";

/// Of the words themselves: for every word, every second and every number, not only for those drawn.
contract WordProofs is Proving {
    /* TERMS */

    /// Half-open, in one era, whatever else the word holds.
    function check_isInForceFromStartUpToEnd(uint256 word, uint40 era, uint256 time) external pure {
        bool inTime = uint40(word) <= time && time < uint40(word >> 40);
        assert(Terms.wrap(word).isInForce(era, time) == (inTime && uint40(word >> 80) == era));
    }

    /// No field reaches into another.
    function check_packsApart(uint40 start, uint40 end, uint40 era, uint64 purposes, uint8 permissions) external pure {
        Terms terms = GrantTerms.pack(start, end, era, purposes, permissions);
        assert(terms.start() == start && terms.end() == end && terms.era() == era);
        assert(terms.purposes() == purposes && terms.permissions() == permissions);
        assert(terms.writtenAt() == 0 && terms.index() == 0);
    }

    /// The place is set and nothing else is.
    function check_isWrittenInItsPlace(uint256 word, uint32 number, uint32 index) external {
        vm.roll(number);
        Terms written = Terms.wrap(word).written(index);
        assert(written.writtenAt() == number && written.index() == index);
        assert(Terms.unwrap(written) % 2 ** 192 == word % 2 ** 192);
    }

    /// The branchless form says what it is documented to say.
    function check_isWellFormedByTheDefinition(uint256 word) external pure {
        Terms terms = Terms.wrap(word);
        uint256 given = word >> 184;
        bool known = word & (1 << 183) == 0 && (given == 1 || given == 2 || given == 3 || given == 17);
        bool aimed = given & GrantTerms.READ == 0 || terms.purposes() != 0;
        assert(terms.isWellFormed() == (known && aimed));
    }

    /// A wish is empty, WRITE alone, or READ for exactly one purpose.
    function check_wishesForOneThing(uint8 permission, uint64 purpose) external pure {
        Terms wish = GrantTerms.wish(permission, purpose);
        if (wish.isEmpty()) return;
        assert(wish.permissions() == permission);
        if (permission == GrantTerms.WRITE) assert(wish.purposes() == 0);
        else {
            assert(permission == GrantTerms.READ && wish.purposes() == purpose);
            assert(purpose != 0 && purpose < 2 ** 63 && purpose & (purpose - 1) == 0);
        }
    }

    /// What a delegate gives is never more than it has: bit by bit, and not a second longer.
    function check_permitsNoMore(uint256 limits, uint256 word, uint40 time) external pure {
        if (!Delegation.wrap(limits).permits(Terms.wrap(word), time)) return;
        assert(((word & ~limits) >> 120) & type(uint72).max == 0);
        assert(uint40(word >> 40) <= uint40(limits >> 40) && uint40(word >> 40) <= uint256(time) + uint40(limits));
    }

    /* STATES OF PERSONS */

    /// What opens names the present stand, or joins it with its session, and a number above.
    function check_opensByTheDefinition(
        uint256 word,
        address who,
        uint56 stand,
        uint40 session,
        uint16 number
    ) external pure {
        uint256 standing = uint56(word >> 40);
        bool joined = standing == _joined(who, stand, session, uint16(word >> 96));
        bool opens = stand == standing || (joined && number > uint16(word >> 96));
        assert(PersonState.wrap(word).opens(who, stand, session, number) == opens);
    }

    /// Once one was used, itself and those of its session below it open no more; others of that stand never, but for a collision.
    function check_usedOpensNoMore(
        uint256 word,
        address who,
        uint56 stand,
        uint40[2] memory sessions,
        uint16[2] memory numbers
    ) external pure {
        PersonState next = PersonState.wrap(word).used(who, stand, sessions[0], numbers[0]);
        uint256 standing = next.stand();
        if (stand == standing) return;
        bool again = next.opens(who, stand, sessions[1], numbers[1]);
        if (sessions[0] == sessions[1]) assert(again == (numbers[1] > numbers[0]));
        else assert(!again || _joined(who, stand, sessions[1], numbers[0]) == standing);
    }

    /// What was signed at a stand within a session is over once that goes on, whatever it names, but for a collision.
    function check_goingOnEndsWhatBeganWithin(
        uint256 word,
        address who,
        uint56 stand,
        uint40[2] memory sessions,
        uint16[3] memory numbers
    ) external pure {
        PersonState within = PersonState.wrap(word).used(who, stand, sessions[0], numbers[0]);
        PersonState next = within.used(who, stand, sessions[0], numbers[1]);
        if (next.stand() == within.stand()) return;
        bool opens = next.opens(who, within.stand(), sessions[1], numbers[2]);
        assert(!opens || _joined(who, within.stand(), sessions[1], numbers[1]) == next.stand());
    }

    function _joined(address who, uint56 stand, uint40 session, uint16 last) private pure returns (uint256) {
        return uint56(uint256(keccak256(abi.encode(who, stand, session, last))));
    }

    /// After another act the stand is one that is drawn from the block before, the person, the last stand and what was done: whoever
    /// signed at the last stand, or joined it, named it before it was drawn.
    function check_movedDrawsAnother(uint256 word, address who, bytes32 act, uint32 number) external {
        vm.roll(number);
        PersonState next = PersonState.wrap(word).moved(who, act);
        bytes32 parent;
        unchecked {
            parent = blockhash(block.number - 1);
        }
        uint256 drawn = uint56(uint256(keccak256(abi.encode(parent, who, uint56(word >> 40), act))));
        assert(next.stand() == drawn && next.number() == 0);
        assert((PersonState.unwrap(next) ^ word) & ~(uint256(type(uint72).max) << 40) == 0);
    }

    /// A change counts by one, up to the last number; nothing but that and its block.
    function check_changedCountsByOne(uint256 word, uint32 number) external {
        vm.roll(number);
        (PersonState next, ) = PersonState.wrap(word).changed();
        uint256 count = uint32(word >> 112);
        assert(next.changes() == (count == type(uint32).max ? count : count + 1) && next.lastChangeAt() == number);
        assert((PersonState.unwrap(next) ^ word) & ~(uint256(type(uint64).max) << 112) == 0);
    }

    /// No lockdown keeps the era, and none but the 65,535th ever comes back to a count of before.
    function check_aNextEraIsAnother(uint256 word, address who, bytes32 salt) external pure {
        uint40 last = uint40(word);
        PersonState next = PersonState.wrap(word).inNextEra(who, salt);
        assert(next.era() != last && next.byDelegates() == 0);
        assert(next.era() >> 24 > last >> 24 || last >> 24 == type(uint16).max);
        assert(((PersonState.unwrap(next) ^ word) >> 40) << 56 == 0);
    }
}
