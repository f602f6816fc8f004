// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {GrantTerms, Terms} from "../../../contracts/types/GrantTerms.sol";
import {Scopes} from "../../../contracts/types/Scopes.sol";
import {Words} from "../helpers/Words.sol";

/// Terms, delegations and scopes by themselves, at their bounds: every bit that counts, and none beside it.
contract TermsTest is Words {
    bytes32 private constant _HIGHEST_LABEL = bytes32(uint256(2 ** 255 - 1));
    bytes32 private constant _LOWEST_ID = bytes32(uint256(2 ** 255));

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
        assertWord(GrantTerms.wish(READ, RESEARCH + 1), 0);
        assertWord(GrantTerms.wish(READ, 2 * RESEARCH - 1), 0);
        assertWord(GrantTerms.wish(READ, 2 * RESEARCH), 0);
        assertWord(GrantTerms.wish(READ, type(uint64).max), 0);
    }

    function test_permitsAWishOfWhichItHasEveryBitUnlessItDenies() external pure {
        Terms wish = GrantTerms.wish(READ, 2);
        vm.assertTrue(_terms(2, READ).permits(wish), "exactly that");
        vm.assertTrue(_terms(3, READ | WRITE).permits(wish), "and more");
        vm.assertTrue(_terms(2, READ | BY_DELEGATE).permits(wish), "by a delegate");
        vm.assertTrue(placed(_terms(2, READ), 7, 8).permits(wish), "in its place");
        vm.assertTrue(!_terms(1, READ).permits(wish), "another purpose");
        vm.assertTrue(!_terms(2, WRITE).permits(wish), "another permission");
        vm.assertTrue(!_terms(0, 0).permits(wish), "nothing");
        vm.assertTrue(!_terms(2, READ | DENY).permits(wish), "a DENY beside it");
        vm.assertTrue(!_terms(0, DENY).permits(wish), "a DENY");
        vm.assertTrue(_terms(0, WRITE).permits(GrantTerms.wish(WRITE, 0)), "writing");
        vm.assertTrue(!_terms(0, READ).permits(GrantTerms.wish(WRITE, 0)), "no writing");
    }

    function test_permitsTheWishOfAMemberByTheBitForGroupsAlone() external pure {
        Terms wish = GrantTerms.wish(READ, 2);
        vm.assertTrue(_terms(2, READ | GROUP).permits(wish.asMember()), "a member");
        vm.assertTrue(!_terms(2, READ | GROUP).permits(wish), "a person");
        vm.assertTrue(!_terms(2, READ).permits(wish.asMember()), "a member, to a person");
        vm.assertTrue(!_terms(2, READ | GROUP | DENY).permits(wish.asMember()), "a DENY beside it");
    }

    function test_deniesByOneBitInEveryEraUnlessADelegateSetIt() external pure {
        for (uint16 permissions = 0; permissions < 256; ++permissions) {
            Terms terms = GrantTerms.pack(type(uint40).max, type(uint40).max, 7, type(uint64).max, uint8(permissions));
            bool denies = permissions & DENY != 0;
            vm.assertTrue(terms.denies(7) == denies, "in its era");
            vm.assertTrue(terms.denies(8) == (denies && permissions & BY_DELEGATE == 0), "in another");
        }
    }

    function test_isInForceInItsEraFromItsStartUntilBeforeItsEnd() external pure {
        Terms terms = GrantTerms.pack(10, 20, 7, 0, 0);
        uint8[6] memory times = [9, 10, 15, 19, 20, 21];
        bool[6] memory inForce = [false, true, true, true, false, false];
        for (uint256 i = 0; i < 6; ++i) {
            vm.assertTrue(terms.isInForce(7, times[i]) == inForce[i], "isInForce");
            vm.assertTrue(!terms.isInForce(6, times[i]) && !terms.isInForce(8, times[i]), "of another era");
        }
    }

    function test_isTimelyUntilItsEnd() external pure {
        Terms terms = GrantTerms.pack(10, 20, 0, 0, 0);
        vm.assertTrue(terms.isTimely(5) && terms.isTimely(15) && terms.isTimely(19), "before the end");
        vm.assertTrue(!terms.isTimely(20) && !terms.isTimely(21), "at the end");
        vm.assertTrue(!GrantTerms.pack(30, 30, 0, 0, 0).isTimely(5), "no second at all");
        vm.assertTrue(!GrantTerms.pack(31, 30, 0, 0, 0).isTimely(5), "the wrong way round");
    }

    function test_isEmptyOnlyWithoutAnyBit() external pure {
        for (uint256 bit = 0; bit < 256; ++bit) {
            Terms terms = Terms.wrap(1 << bit);
            vm.assertTrue(!terms.isEmpty(), "not empty");
            vm.assertTrue(terms.isVacant() == (bit < 184 || bit > 191), "isVacant");
        }
        vm.assertTrue(Terms.wrap(0).isEmpty(), "empty");
    }

    /* DELEGATIONS */

    function test_isActiveInItsEraUntilBeforeItsEnd() external pure {
        Delegation terms = Delegation.wrap(word(99, 20, 7, 0, WRITE));
        vm.assertTrue(terms.isActive(7, 0) && terms.isActive(7, 19), "before the end");
        vm.assertTrue(!terms.isActive(7, 20) && !terms.isActive(7, 21), "at the end");
        vm.assertTrue(!terms.isActive(6, 19) && !terms.isActive(8, 19), "of another era");
    }

    function test_isVacantAndHasByItsPermissionsAlone() external pure {
        Delegation all = Delegation.wrap(type(uint256).max - (uint256(255) << 184));
        vm.assertTrue(all.isVacant() && !all.hasAny(255), "none");
        for (uint256 bit = 0; bit < 8; ++bit) {
            Delegation one = Delegation.wrap(1 << (184 + bit));
            vm.assertTrue(!one.isVacant(), "one");
            vm.assertTrue(one.hasAny(uint8(1 << bit)) && one.hasAny(255), "asked for");
            vm.assertTrue(!one.hasAny(uint8(255 - (1 << bit))) && !one.hasAny(0), "not asked for");
        }
    }

    function test_permitsEachBitOfPermissionsAndPurposesThatItHas() external pure {
        for (uint256 bit = 120; bit < 192; ++bit) {
            Terms terms = Terms.wrap((1 << bit) + word(0, 5, 0, 0, 0));
            Delegation all = Delegation.wrap(word(5, 5, 0, type(uint64).max, 255));
            vm.assertTrue(all.permits(terms, 0), "has it");
            vm.assertTrue(!Delegation.wrap(Delegation.unwrap(all) - (1 << bit)).permits(terms, 0), "lacks it");
        }
    }

    function test_permitsAnEndWithinItsPeriodAndBeforeItsOwn() external pure {
        Delegation limits = Delegation.wrap(word(10, 100, 0, 0, WRITE));
        vm.assertTrue(limits.permits(Terms.wrap(word(0, 60, 0, 0, WRITE)), 50), "the longest");
        vm.assertTrue(!limits.permits(Terms.wrap(word(0, 61, 0, 0, WRITE)), 50), "longer");
        vm.assertTrue(limits.permits(Terms.wrap(word(0, 100, 0, 0, WRITE)), 95), "to the end");
        vm.assertTrue(!limits.permits(Terms.wrap(word(0, 101, 0, 0, WRITE)), 95), "beyond");
    }

    /* SCOPES */

    function test_tellsLabelsPlacesAndRecordsByTheTopBit() external pure {
        bytes32[6] memory words = [bytes32(0), bytes32(uint256(1)), LABEL, _HIGHEST_LABEL, _LOWEST_ID, ~bytes32(0)];
        for (uint256 i = 0; i < 6; ++i) {
            vm.assertTrue(Scopes.isLabel(words[i]) == (i > 0 && i < 4), "isLabel");
            vm.assertTrue(Scopes.isPlace(words[i], 0) == (i < 4), "the chart or a compartment");
            vm.assertTrue(Scopes.isPlace(words[i], LABEL) == (i > 0 && i < 4), "a record");
            vm.assertTrue(Scopes.isPlace(words[i], _LOWEST_ID) == (i > 0 && i < 4), "a record of any content");
        }
    }

    function test_scopesAPlaceByItsNarrowestPart() external pure {
        address who = address(0xBEEF);
        vm.assertTrue(Scopes.scopeOf(who, 0, 0) == 0, "the chart");
        vm.assertTrue(Scopes.scopeOf(who, LABEL, 0) == LABEL, "a compartment");
        bytes32 expected = keccak256(abi.encode(who, LABEL, _LOWEST_ID)) | _LOWEST_ID;
        vm.assertTrue(Scopes.scopeOf(who, LABEL, _LOWEST_ID) == expected, "a record");
        vm.assertTrue(Scopes.recordIdOf(who, LABEL, _LOWEST_ID) == expected, "its id");
        expected = keccak256(abi.encode(who, LABEL, bytes32(uint256(1)))) | _LOWEST_ID;
        vm.assertTrue(Scopes.scopeOf(who, LABEL, bytes32(uint256(1))) == expected, "of the lowest content");
        vm.assertEq(Scopes.hash(1, LABEL, CONTENT), keccak256(abi.encode(uint256(1), LABEL, CONTENT)), "hash");
    }

    function assertWord(Terms terms, uint256 expected) private pure {
        vm.assertEq(Terms.unwrap(terms), expected);
    }

    function _terms(uint64 purposes, uint8 permissions) private pure returns (Terms) {
        return GrantTerms.pack(0, 0, 0, purposes, permissions);
    }
}
