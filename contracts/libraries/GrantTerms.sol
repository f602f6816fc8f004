// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Panic} from "@openzeppelin/contracts/utils/Panic.sol";

/// @notice The terms of a grant in one word, as stored, passed and emitted. From the lowest bit:
/// start uint40 | end uint40 | asOf uint40 | purposes uint64 | permissions uint8 | revision uint32 | 32 zero bits.
/// @dev One word and no struct: a grant then costs one calldata word, one slot and one event word.
type Terms is uint256;

using GrantTerms for Terms global;

/// @notice Reads and checks {Terms}.
library GrantTerms {
    /// May open records.
    uint8 internal constant READ = 1;
    /// May add records.
    uint8 internal constant WRITE = 2;
    /// Must neither read nor write, whatever a wider grant says.
    uint8 internal constant DENY = 4;
    /// Was given by a delegate; set by the contract alone.
    uint8 internal constant BY_DELEGATE = 8;

    /// Purposes are bits 0 to 62, one for each code of HL7 v3 PurposeOfUse.
    uint64 internal constant ALL_PURPOSES = type(uint64).max >> 1;

    uint256 private constant END_OFFSET = 40;
    uint256 private constant AS_OF_OFFSET = 80;
    uint256 private constant PURPOSES_OFFSET = 120;
    uint256 private constant PERMISSIONS_OFFSET = 184;
    uint256 private constant REVISION_OFFSET = 192;
    /// What no grant may set: the highest purpose, unknown permissions, a revision and all above it.
    uint256 private constant RESERVED = ~(UNNUMBERED >> 9) & ~(uint256(READ | WRITE | DENY) << PERMISSIONS_OFFSET);
    /// Bit p is set where permissions p make sense: WRITE and DENY always.
    uint256 private constant SOUND = 0x14;
    /// The same where there are purposes: READ and READ with WRITE.
    uint256 private constant SOUND_WITH_PURPOSES = 0x0a;
    uint256 private constant DENIAL = uint256(DENY) << PERMISSIONS_OFFSET;
    uint256 private constant REVISION = uint256(type(uint32).max) << REVISION_OFFSET;
    /// All that lies below the revision.
    uint256 private constant UNNUMBERED = type(uint192).max;

    /// @notice Terms of revision 0.
    function pack(
        uint40 start_,
        uint40 end_,
        uint40 asOf_,
        uint64 purposes_,
        uint8 permissions_
    ) internal pure returns (Terms) {
        return
            Terms.wrap(
                uint256(start_) |
                    (uint256(end_) << END_OFFSET) |
                    (uint256(asOf_) << AS_OF_OFFSET) |
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

    /// @notice The patient's last lockdown as the granter saw it.
    function asOf(Terms terms) internal pure returns (uint40) {
        return uint40(Terms.unwrap(terms) >> AS_OF_OFFSET);
    }

    /// @notice Bit set of purposes.
    function purposes(Terms terms) internal pure returns (uint64) {
        return uint64(Terms.unwrap(terms) >> PURPOSES_OFFSET);
    }

    /// @notice Bit set of READ, WRITE, DENY, BY_DELEGATE.
    function permissions(Terms terms) internal pure returns (uint8) {
        return uint8(Terms.unwrap(terms) >> PERMISSIONS_OFFSET);
    }

    /// @notice Counts the changes of the slot.
    function revision(Terms terms) internal pure returns (uint32) {
        return uint32(Terms.unwrap(terms) >> REVISION_OFFSET);
    }

    /// @notice The same terms with another revision; the bits above it stay, and are refused as reserved.
    function withRevision(Terms terms, uint32 number) internal pure returns (Terms) {
        return Terms.wrap((Terms.unwrap(terms) & ~REVISION) | (uint256(number) << REVISION_OFFSET));
    }

    /// @notice Terms without a revision, as the change that follows `standing`.
    /// @dev Reverts (panic 0x11) after 2^32 − 1 changes.
    function following(Terms terms, Terms standing) internal pure returns (Terms) {
        uint256 number = uint256(standing.revision()) + 1;
        if (number > type(uint32).max) Panic.panic(Panic.UNDER_OVERFLOW);
        return Terms.wrap(Terms.unwrap(terms) | (number << REVISION_OFFSET));
    }

    /// @notice What stands after a revocation: nothing but the revision, so that no old signed grant lives again.
    function tombstone(uint32 number) internal pure returns (Terms) {
        return Terms.wrap(uint256(number) << REVISION_OFFSET);
    }

    /// @notice The same terms, marked as given by a delegate.
    function byDelegate(Terms terms) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) | (uint256(BY_DELEGATE) << PERMISSIONS_OFFSET));
    }

    /// @notice True when a delegate gave these terms.
    function isByDelegate(Terms terms) internal pure returns (bool) {
        return terms.permissions() & BY_DELEGATE != 0;
    }

    /// @notice True when start ≤ time < end.
    function covers(Terms terms, uint256 time) internal pure returns (bool) {
        return time < terms.end() && terms.start() <= time;
    }

    /// @notice True when a period lies in these terms that is not over, and no lockdown after `time` was foreseen.
    function isTimely(Terms terms, uint256 time) internal pure returns (bool timely) {
        (uint256 first, uint256 after_, uint256 seen) = (terms.start(), terms.end(), terms.asOf());
        // all compared, where `&&` would branch
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            timely := and(and(lt(first, after_), lt(time, after_)), iszero(gt(seen, time)))
        }
    }

    /// @notice What terms must include to permit this: the permission and, for READ, the purpose.
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

    /// @notice True when no bit is set.
    function isEmpty(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) == 0;
    }

    /// @notice True when the terms have every bit of the wish and are no DENY.
    function permits(Terms terms, Terms wish_) internal pure returns (bool) {
        return Terms.unwrap(terms) & (Terms.unwrap(wish_) | DENIAL) == Terms.unwrap(wish_);
    }

    /// @notice True when the terms are a DENY.
    function denies(Terms terms) internal pure returns (bool) {
        return terms.permissions() & DENY != 0;
    }

    /// @notice True when these are the same terms of the same revision.
    function equals(Terms terms, Terms others) internal pure returns (bool) {
        return Terms.unwrap(terms) == Terms.unwrap(others);
    }

    /// @notice True when neither a revision nor anything above it is set.
    function isUnnumbered(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) <= UNNUMBERED;
    }

    /// @notice True when permissions and purposes make sense together and nothing reserved is set: DENY alone, or READ
    /// and WRITE in any combination, READ with at least one purpose.
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
