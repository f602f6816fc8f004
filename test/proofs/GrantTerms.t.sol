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

    /// The next revision, and nothing else changed; none after the last.
    function check_followsByOne(uint192 word, uint256 standing) external pure {
        uint32 last = Terms.wrap(standing).revision();
        if (last == type(uint32).max) return;
        Terms next = Terms.wrap(word).following(Terms.wrap(standing));
        assert(Terms.unwrap(next) == uint256(word) + ((uint256(last) + 1) << 192));
    }

    /// The branchless forms say what they are documented to say.
    function check_isWellFormedByTheDefinition(uint256 word) external pure {
        Terms terms = Terms.wrap(word);
        uint256 given = word >> 184;
        bool known = word & (1 << 183) == 0 && (given == 1 || given == 2 || given == 3 || given == 4);
        bool aimed = given & GrantTerms.READ == 0 || terms.purposes() != 0;
        assert(terms.isWellFormed() == (known && aimed));
    }

    function check_isTimelyByTheDefinition(uint256 word, uint256 time) external pure {
        Terms terms = Terms.wrap(word);
        bool period = terms.start() < terms.end() && time < terms.end();
        assert(terms.isTimely(time) == (period && terms.asOf() <= time));
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
