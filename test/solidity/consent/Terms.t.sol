// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Scopes} from "../../../contracts/libraries/Scopes.sol";
import {SolTest} from "../Vm.sol";

/// Terms and scopes by themselves, at their bounds: every bit that counts, and none beside it.
contract TermsTest is SolTest {
    uint8 private constant READ = 1;
    uint8 private constant WRITE = 2;
    uint8 private constant DENY = 4;
    uint8 private constant BY_DELEGATE = 8;
    uint64 private constant LAST_PURPOSE = 2 ** 62;
    bytes32 private constant LABEL = "labs";
    bytes32 private constant HIGHEST_LABEL = bytes32(uint256(2 ** 255 - 1));
    bytes32 private constant LOWEST_ID = bytes32(uint256(2 ** 255));

    function test_wishesForWritingWhateverThePurpose() external pure {
        assertWord(GrantTerms.wish(WRITE, 0), uint256(WRITE) << 184);
        assertWord(GrantTerms.wish(WRITE, 3), uint256(WRITE) << 184);
        assertWord(GrantTerms.wish(WRITE, type(uint64).max), uint256(WRITE) << 184);
    }

    function test_wishesForReadingForEachSinglePurpose() external pure {
        for (uint256 bit = 0; bit < 63; ++bit) {
            uint64 purpose = uint64(1 << bit);
            assertWord(GrantTerms.wish(READ, purpose), (uint256(READ) << 184) | (uint256(purpose) << 120));
        }
    }

    function test_wishesForNothingElse() external pure {
        for (uint16 permission = 0; permission < 256; ++permission) {
            if (permission != READ && permission != WRITE) assertWord(GrantTerms.wish(uint8(permission), 1), 0);
        }
        assertWord(GrantTerms.wish(READ, 0), 0);
        assertWord(GrantTerms.wish(READ, 3), 0);
        assertWord(GrantTerms.wish(READ, LAST_PURPOSE + 1), 0);
        assertWord(GrantTerms.wish(READ, 2 * LAST_PURPOSE - 1), 0);
        assertWord(GrantTerms.wish(READ, 2 * LAST_PURPOSE), 0);
        assertWord(GrantTerms.wish(READ, type(uint64).max), 0);
    }

    function test_permitsAWishOfWhichItHasEveryBitUnlessItDenies() external pure {
        Terms wish = GrantTerms.wish(READ, 2);
        vm.assertTrue(_terms(2, READ).permits(wish), "exactly that");
        vm.assertTrue(_terms(3, READ | WRITE).permits(wish), "and more");
        vm.assertTrue(_terms(2, READ | BY_DELEGATE).permits(wish), "by a delegate");
        vm.assertTrue(!_terms(1, READ).permits(wish), "another purpose");
        vm.assertTrue(!_terms(2, WRITE).permits(wish), "another permission");
        vm.assertTrue(!_terms(0, 0).permits(wish), "nothing");
        vm.assertTrue(!_terms(2, READ | DENY).permits(wish), "a DENY beside it");
        vm.assertTrue(!_terms(0, DENY).permits(wish), "a DENY");
        vm.assertTrue(_terms(0, WRITE).permits(GrantTerms.wish(WRITE, 0)), "writing");
        vm.assertTrue(!_terms(0, READ).permits(GrantTerms.wish(WRITE, 0)), "no writing");
    }

    function test_knowsADenyAndADelegateByOneBitEach() external pure {
        for (uint16 permissions = 0; permissions < 256; ++permissions) {
            Terms terms = _terms(type(uint64).max, uint8(permissions));
            vm.assertTrue(terms.denies() == ((permissions / DENY) % 2 == 1), "denies");
            vm.assertTrue(terms.isByDelegate() == ((permissions / BY_DELEGATE) % 2 == 1), "isByDelegate");
            vm.assertTrue(terms.byDelegate().isByDelegate(), "byDelegate");
            uint256 rest = Terms.unwrap(terms) ^ Terms.unwrap(terms.byDelegate());
            vm.assertTrue(rest == 0 || rest == uint256(BY_DELEGATE) << 184, "nothing else is changed");
        }
    }

    function test_coversFromItsStartUntilBeforeItsEnd() external pure {
        Terms terms = GrantTerms.pack(10, 20, 0, 0, 0);
        uint8[6] memory times = [9, 10, 15, 19, 20, 21];
        bool[6] memory covered = [false, true, true, true, false, false];
        for (uint256 i = 0; i < 6; ++i) vm.assertTrue(terms.covers(times[i]) == covered[i], "covers");
    }

    function test_isTimelyUntilItsEndAndAsOfNoLaterThanNow() external pure {
        Terms terms = GrantTerms.pack(10, 20, 12, 0, 0);
        uint8[7] memory times = [9, 11, 12, 13, 19, 20, 21];
        bool[7] memory timely = [false, false, true, true, true, false, false];
        for (uint256 i = 0; i < 7; ++i) vm.assertTrue(terms.isTimely(times[i]) == timely[i], "isTimely");
        vm.assertTrue(GrantTerms.pack(30, 31, 0, 0, 0).isTimely(5), "not begun");
        vm.assertTrue(!GrantTerms.pack(30, 30, 0, 0, 0).isTimely(5), "no second at all");
        vm.assertTrue(!GrantTerms.pack(31, 30, 0, 0, 0).isTimely(5), "the wrong way round");
    }

    function test_isNumberedFromTheLowestBitOfTheRevision() external pure {
        vm.assertTrue(Terms.wrap(0).isUnnumbered(), "0");
        vm.assertTrue(Terms.wrap(2 ** 192 - 1).isUnnumbered(), "below the revision");
        vm.assertTrue(!Terms.wrap(2 ** 192).isUnnumbered(), "revision 1");
        vm.assertTrue(!Terms.wrap(2 ** 192 + 1).isUnnumbered(), "revision 1 and a start");
        vm.assertTrue(!Terms.wrap(2 ** 255).isUnnumbered(), "the highest bit");
    }

    function test_isEmptyAndEqualOnlyBitByBit() external pure {
        for (uint256 bit = 0; bit < 256; ++bit) {
            Terms terms = Terms.wrap(1 << bit);
            vm.assertTrue(!terms.isEmpty(), "not empty");
            vm.assertTrue(terms.equals(Terms.wrap(1 << bit)), "the same");
            vm.assertTrue(!terms.equals(Terms.wrap(0)) && !Terms.wrap(0).equals(terms), "more and less");
        }
        vm.assertTrue(Terms.wrap(0).isEmpty(), "empty");
    }

    function test_changesTheRevisionAndNothingElse() external pure {
        uint256 rest = ~(uint256(type(uint32).max) << 192);
        assertWord(Terms.wrap(type(uint256).max).withRevision(0), rest);
        assertWord(Terms.wrap(type(uint256).max).withRevision(5), rest + 5 * 2 ** 192);
        assertWord(Terms.wrap(0).withRevision(type(uint32).max), ~rest);
        assertWord(GrantTerms.tombstone(type(uint32).max), ~rest);
        assertWord(GrantTerms.tombstone(1), 2 ** 192);
    }

    function test_followsWhatStandsUntilThereIsNoNumberLeft() external {
        Terms terms = GrantTerms.pack(1, 2, 3, 4, 5);
        assertWord(terms.following(Terms.wrap(0)), Terms.unwrap(terms) + 2 ** 192);
        assertWord(terms.following(terms.withRevision(6)), Terms.unwrap(terms) + 7 * 2 ** 192);
        Terms last = GrantTerms.tombstone(type(uint32).max);
        assertWord(
            terms.following(GrantTerms.tombstone(type(uint32).max - 1)),
            Terms.unwrap(terms.withRevision(type(uint32).max))
        );
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.following(terms, last);
    }

    /// As a call, which may be expected to fail.
    function following(Terms terms, Terms standing) external pure returns (Terms) {
        return terms.following(standing);
    }

    function test_tellsLabelsPlacesAndRecordsByTheTopBit() external pure {
        bytes32[6] memory words = [bytes32(0), bytes32(uint256(1)), LABEL, HIGHEST_LABEL, LOWEST_ID, ~bytes32(0)];
        for (uint256 i = 0; i < 6; ++i) {
            vm.assertTrue(Scopes.isLabel(words[i]) == (i > 0 && i < 4), "isLabel");
            vm.assertTrue(Scopes.isPlace(words[i], 0) == (i < 4), "the chart or a compartment");
            vm.assertTrue(Scopes.isPlace(words[i], LABEL) == (i > 0 && i < 4), "a record");
            vm.assertTrue(Scopes.isPlace(words[i], LOWEST_ID) == (i > 0 && i < 4), "a record of any content");
        }
    }

    function test_scopesAPlaceByItsNarrowestPart() external pure {
        address patient = address(0xBEEF);
        vm.assertTrue(Scopes.scopeOf(patient, 0, 0) == 0, "the chart");
        vm.assertTrue(Scopes.scopeOf(patient, LABEL, 0) == LABEL, "a compartment");
        bytes32 expected = keccak256(abi.encode(patient, LABEL, LOWEST_ID)) | LOWEST_ID;
        vm.assertTrue(Scopes.scopeOf(patient, LABEL, LOWEST_ID) == expected, "a record");
        vm.assertTrue(Scopes.recordIdOf(patient, LABEL, LOWEST_ID) == expected, "its id");
        expected = keccak256(abi.encode(patient, LABEL, bytes32(uint256(1)))) | LOWEST_ID;
        vm.assertTrue(Scopes.scopeOf(patient, LABEL, bytes32(uint256(1))) == expected, "of the lowest content");
    }

    function assertWord(Terms terms, uint256 word) private pure {
        vm.assertEq(Terms.unwrap(terms), word);
    }

    function _terms(uint64 purposes, uint8 permissions) private pure returns (Terms) {
        return GrantTerms.pack(0, 0, 0, purposes, permissions);
    }
}
