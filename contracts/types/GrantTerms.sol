// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice What stands for a grantee on a scope, in one word, as stored, passed and emitted. From the lowest bit:
/// start uint40 | end uint40 | era uint40 | purposes uint64 | permissions uint8 | writtenAt uint32 | index uint32.
/// @dev *writtenAt* is the block of the last write, *index* the slot's number on the patient's list; the contract alone sets both, and
/// they stay when the rest is taken away. One word and no struct: a grant costs one calldata word, one slot and one event word.
type Terms is uint256;

using GrantTerms for Terms global;

/// @notice Reads and checks {Terms}.
library GrantTerms {
    /// May open records.
    uint8 internal constant READ = 1;
    /// May add records.
    uint8 internal constant WRITE = 2;
    /// Must neither read nor write, whatever else is granted; set by `deny` alone.
    uint8 internal constant DENY = 4;
    /// Was given or shut by a delegate; set by the contract alone.
    uint8 internal constant BY_DELEGATE = 8;
    /// Is for the members of a group: the grantee is the contract that knows them.
    uint8 internal constant GROUP = 16;

    /// Purposes are bits 0 to 62, one for each code of HL7 v3 PurposeOfUse.
    uint64 internal constant ALL_PURPOSES = type(uint64).max >> 1;

    uint256 private constant END_OFFSET = 40;
    uint256 private constant ERA_OFFSET = 80;
    uint256 private constant PURPOSES_OFFSET = 120;
    uint256 private constant PERMISSIONS_OFFSET = 184;
    uint256 private constant AT_OFFSET = 192;
    uint256 private constant INDEX_OFFSET = 224;
    /// All that a granter says.
    uint256 private constant SAID = type(uint192).max;
    /// What no granter may set: the highest purpose, other permissions, and what the contract keeps.
    uint256 private constant RESERVED = ~(SAID >> 9) & ~(uint256(READ | WRITE | GROUP) << PERMISSIONS_OFFSET);
    /// Bit p is set where permissions p make sense: WRITE always.
    uint256 private constant SOUND = 0x4;
    /// The same where there are purposes: READ alone, with WRITE, or for a group.
    uint256 private constant SOUND_WITH_PURPOSES = 0x2000a;
    uint256 private constant ERA = uint256(type(uint40).max) << ERA_OFFSET;
    /// Terms for a member of a group are for nobody else, and the other way round.
    uint256 private constant DECIDING = uint256(DENY | GROUP) << PERMISSIONS_OFFSET;

    /// @notice Terms as somebody says them.
    function pack(
        uint40 start_,
        uint40 end_,
        uint40 era_,
        uint64 purposes_,
        uint8 permissions_
    ) internal pure returns (Terms) {
        return
            Terms.wrap(
                uint256(start_) |
                    (uint256(end_) << END_OFFSET) |
                    (uint256(era_) << ERA_OFFSET) |
                    (uint256(purposes_) << PURPOSES_OFFSET) |
                    (uint256(permissions_) << PERMISSIONS_OFFSET)
            );
    }

    /// @notice First second of the grant.
    function start(Terms terms) internal pure returns (uint40) {
        return uint40(Terms.unwrap(terms));
    }

    /// @notice First second after the grant.
    function end(Terms terms) internal pure returns (uint40) {
        return uint40(Terms.unwrap(terms) >> END_OFFSET);
    }

    /// @notice The patient's era that it belongs to: in every other it is void, but for the patient's own DENY.
    function era(Terms terms) internal pure returns (uint40) {
        return uint40(Terms.unwrap(terms) >> ERA_OFFSET);
    }

    /// @notice Bit set of purposes.
    function purposes(Terms terms) internal pure returns (uint64) {
        return uint64(Terms.unwrap(terms) >> PURPOSES_OFFSET);
    }

    /// @notice Bit set of READ, WRITE, DENY, BY_DELEGATE, GROUP.
    function permissions(Terms terms) internal pure returns (uint8) {
        return uint8(Terms.unwrap(terms) >> PERMISSIONS_OFFSET);
    }

    /// @notice Block of the last write.
    function writtenAt(Terms terms) internal pure returns (uint32) {
        return uint32(Terms.unwrap(terms) >> AT_OFFSET);
    }

    /// @notice Number of the slot on the patient's list, from 1 on; 0 where nothing was ever written.
    function index(Terms terms) internal pure returns (uint32) {
        return uint32(Terms.unwrap(terms) >> INDEX_OFFSET);
    }

    /// @notice The same terms in this era.
    function inEra(Terms terms, uint40 era_) internal pure returns (Terms) {
        return Terms.wrap((Terms.unwrap(terms) & ~ERA) | (uint256(era_) << ERA_OFFSET));
    }

    /// @notice The same terms, marked as a delegate's.
    function byDelegate(Terms terms) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) | (uint256(BY_DELEGATE) << PERMISSIONS_OFFSET));
    }

    /// @notice The word of terms that are written in this block to the slot with this number.
    function written(Terms terms, uint32 index_) internal view returns (Terms) {
        uint256 place = (uint256(uint32(block.number)) << AT_OFFSET) | (uint256(index_) << INDEX_OFFSET);
        return Terms.wrap((Terms.unwrap(terms) & SAID) | place);
    }

    /// @notice What must stand to permit this: the permission and, for READ, the purpose.
    /// @return Empty where it is not exactly READ or WRITE, or READ not for exactly one purpose.
    function wish(uint8 permission, uint64 purpose) internal pure returns (Terms) {
        if (permission == WRITE) return pack(0, 0, 0, 0, WRITE);
        if (permission != READ) return Terms.wrap(0);
        if (purpose == 0) return Terms.wrap(0);
        if (purpose > ALL_PURPOSES) return Terms.wrap(0);
        unchecked {
            // not 0: nothing to run below
            if (purpose & (purpose - 1) != 0) return Terms.wrap(0);
        }
        return pack(0, 0, 0, purpose, READ);
    }

    /// @notice The same wish of a member of a group.
    function asMember(Terms wish_) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(wish_) | (uint256(GROUP) << PERMISSIONS_OFFSET));
    }

    /// @notice True when no bit is set.
    function isEmpty(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) == 0;
    }

    /// @notice True when nothing stands: never written, or taken away.
    function isVacant(Terms terms) internal pure returns (bool) {
        return terms.permissions() == 0;
    }

    /// @notice True for a DENY that holds in this era: the patient's in every one, a delegate's in its own.
    function denies(Terms terms, uint40 era_) internal pure returns (bool) {
        uint8 given = terms.permissions();
        return given & DENY != 0 && (given & BY_DELEGATE == 0 || terms.era() == era_);
    }

    /// @notice True when a delegate gave or shut this.
    function isByDelegate(Terms terms) internal pure returns (bool) {
        return terms.permissions() & BY_DELEGATE != 0;
    }

    /// @notice True when the terms are of this era and start ≤ time < end.
    function isInForce(Terms terms, uint40 era_, uint256 time) internal pure returns (bool) {
        return time < terms.end() && terms.start() <= time && terms.era() == era_;
    }

    /// @notice True when the terms have every bit of the wish, are no DENY, and are for a group just where the wish is a member's.
    function permits(Terms terms, Terms wish_) internal pure returns (bool) {
        return Terms.unwrap(terms) & (Terms.unwrap(wish_) | DECIDING) == Terms.unwrap(wish_);
    }

    /// @notice True when a period lies in these terms that is not over.
    function isTimely(Terms terms, uint256 time) internal pure returns (bool) {
        return terms.start() < terms.end() && time < terms.end();
    }

    /// @notice True when permissions and purposes make sense together and nothing reserved is set: READ, WRITE or both, READ
    /// with at least one purpose, GROUP with READ alone.
    function isWellFormed(Terms terms) internal pure returns (bool wellFormed) {
        (uint256 word, uint256 purposes_) = (Terms.unwrap(terms), terms.purposes());
        uint256 reserved = word & RESERVED;
        // a table for all permissions, and all looked at, where `&&` would branch
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let sound := or(SOUND, mul(SOUND_WITH_PURPOSES, iszero(iszero(purposes_))))
            wellFormed := and(iszero(reserved), shr(shr(PERMISSIONS_OFFSET, word), sound))
        }
    }
}
