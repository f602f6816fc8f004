// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "../../contracts/libraries/GrantTerms.sol";
import {Proving} from "./Svm.sol";

/// For every word and every second, not only for those drawn.
contract GrantTermsProofs is Proving {
    /// Half-open, whatever else the word holds.
    function check_coversFromStartUpToEnd(uint256 word, uint256 time) external pure {
        Terms terms = Terms.wrap(word);
        assert(terms.covers(time) == (terms.start() <= time && time < terms.end()));
    }

    /// No field reaches into another.
    function check_packsApart(uint40 start, uint40 end, uint40 asOf, uint64 purposes, uint8 permissions) external pure {
        Terms terms = GrantTerms.pack(start, end, asOf, purposes, permissions);
        assert(terms.start() == start && terms.end() == end && terms.asOf() == asOf);
        assert(terms.purposes() == purposes && terms.permissions() == permissions && terms.revision() == 0);
    }

    /// A revision is set and nothing else is.
    function check_setsTheRevisionAlone(uint192 word, uint32 number) external pure {
        Terms terms = Terms.wrap(word);
        Terms numbered = terms.withRevision(number);
        assert(numbered.revision() == number);
        assert(Terms.unwrap(numbered) % 2 ** 192 == word);
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
}
