// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change} from "../../../contracts/types/Change.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {SolTest} from "../Vm.sol";

/// Times, places, permissions, and the words of consents, put together without the libraries under test.
abstract contract Words is SolTest {
    uint40 internal constant NOW = 1_900_000_000;
    uint40 internal constant END = NOW + 1000;
    uint40 internal constant DEADLINE = NOW + 100;
    uint32 internal constant BLOCK = 7000;

    uint256 internal constant PATIENT_KEY = 0xA11CE;
    uint256 internal constant GRANTEE_KEY = 0xB0B;
    uint256 internal constant DELEGATE_KEY = 0xDE1E;
    uint256 internal constant OUTSIDER_KEY = 0xBAD;

    bytes32 internal constant CHART = 0;
    bytes32 internal constant LABEL = bytes32(uint256(0xCA2D));
    bytes32 internal constant OTHER_LABEL = bytes32(uint256(0x9A2A));
    bytes32 internal constant CONTENT = bytes32(type(uint256).max - 7);
    bytes32 internal constant OTHER_CONTENT = bytes32(uint256(8));
    bytes32 internal constant CAPSULE = bytes32(uint256(0xCA95));
    uint40 internal constant SESSION = 0x5E5510;
    bytes32 internal constant SALT = bytes32(uint256(0x5A17));

    uint8 internal constant READ = 1;
    uint8 internal constant WRITE = 2;
    uint8 internal constant DENY = 4;
    uint8 internal constant BY_DELEGATE = 8;
    uint8 internal constant GROUP = 16;
    uint8 internal constant MANAGE = 64;
    uint64 internal constant TREATMENT = 1;
    uint64 internal constant RESEARCH = 1 << 62;

    function word(
        uint256 first,
        uint256 end,
        uint256 era,
        uint256 purposes,
        uint256 permissions
    ) internal pure returns (uint256) {
        return first + end * 2 ** 40 + era * 2 ** 80 + purposes * 2 ** 120 + permissions * 2 ** 184;
    }

    /// Terms from now to END, of era 0.
    function termsOf(uint8 permissions, uint64 purposes) internal pure returns (Terms) {
        return Terms.wrap(word(NOW, END, 0, purposes, permissions));
    }

    function reading() internal pure returns (Terms) {
        return termsOf(READ, TREATMENT);
    }

    /// What a delegate with a longest period of 500 s may give.
    function short() internal pure returns (Terms) {
        return Terms.wrap(word(NOW, NOW + 100, 0, TREATMENT, READ));
    }

    /// A DENY as it stands, of era 0.
    function denial() internal pure returns (Terms) {
        return Terms.wrap(word(0, 0, 0, 0, DENY));
    }

    /// Until END, grants of up to 500 s.
    function powersOf(uint8 permissions, uint64 purposes) internal pure returns (Delegation) {
        return Delegation.wrap(word(500, END, 0, purposes, permissions));
    }

    /// As written in this block to the slot with this index.
    function placed(Terms terms, uint256 writtenAt, uint256 index) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) + writtenAt * 2 ** 192 + index * 2 ** 224);
    }

    function placed(Delegation terms, uint256 writtenAt, uint256 index) internal pure returns (Delegation) {
        return Delegation.wrap(Delegation.unwrap(terms) + writtenAt * 2 ** 192 + index * 2 ** 224);
    }

    /// What is left when all was taken away.
    function vacant(uint256 writtenAt, uint256 index) internal pure returns (Terms) {
        return placed(Terms.wrap(0), writtenAt, index);
    }

    function with(Terms terms, uint8 permissions) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) + uint256(permissions) * 2 ** 184);
    }

    function marked(Terms terms) internal pure returns (Terms) {
        return with(terms, BY_DELEGATE);
    }

    /// Of another era, where it was of era 0.
    function dated(Terms terms, uint40 era) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) + uint256(era) * 2 ** 80);
    }

    function dated(Delegation terms, uint40 era) internal pure returns (Delegation) {
        return Delegation.wrap(Delegation.unwrap(terms) + uint256(era) * 2 ** 80);
    }

    function changeOf(uint256 number, uint256 before, uint256 slotBefore) internal pure returns (Change) {
        return Change.wrap(uint96(number + before * 2 ** 32 + slotBefore * 2 ** 64));
    }

    /// The era that a lockdown with this salt begins.
    function eraAfter(uint40 era, bytes32 salt, address who) internal pure returns (uint40) {
        return uint40((era / 2 ** 24 + 1) * 2 ** 24 + (uint256(keccak256(abi.encode(salt, who))) % 2 ** 24));
    }
}
