// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../contracts/ConsentRegistry.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {Delegation} from "../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../contracts/libraries/GrantTerms.sol";

/// The cheats that the prover knows from other runners.
interface Cheats {
    function prank(address who) external;
    function warp(uint256 time) external;
    function assume(bool ok) external pure;
    function load(address target, bytes32 slot) external view returns (bytes32 word);
}

/// The prover's own: what they make stands for every value at once.
interface Symbols {
    function createUint(uint256 bits, string calldata name) external returns (uint256);
    function createBytes(uint256 size, string calldata name) external returns (bytes memory);
    function createCalldata(string calldata contractName) external returns (bytes memory);
    function enableSymbolicStorage(address target) external;
}

/// What all proofs share. Each starts in any state at all, also one that no calls lead to.
abstract contract Proofs {
    Cheats internal constant vm = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    Symbols internal constant svm = Symbols(address(uint160(uint256(keccak256("svm cheat code")))));

    /// One grantee, or one delegate, on one scope of one patient's chart.
    struct Slot {
        address patient;
        address grantee;
        bytes32 scope;
    }

    /// All that the registry keeps for a slot and its patient.
    struct State {
        uint256 terms;
        uint256 delegation;
        uint256 lockdownAt;
        uint256 nonce;
    }

    ConsentRegistry internal _consent;

    function setUp() public virtual {
        _consent = new ConsentRegistry(ICredentialRegistry(address(0)));
    }

    /// Any state, at any second whose neighbours fit the contract's clock.
    function _anyState() internal returns (uint256 time) {
        svm.enableSymbolicStorage(address(_consent));
        time = svm.createUint(40, "time");
        vm.assume(time < 2 ** 40 - 2);
        vm.warp(time);
    }

    /// An account without code.
    function _isPerson(address who) internal view returns (bool) {
        return who != address(_consent) && who != address(this) && who.code.length == 0;
    }

    function _state(Slot memory slot) internal view returns (State memory state) {
        state.terms = Terms.unwrap(_consent.grantOf(slot.patient, slot.grantee, slot.scope));
        state.delegation = Delegation.unwrap(_consent.delegationOf(slot.patient, slot.grantee, slot.scope));
        state.lockdownAt = _consent.lockdownAt(slot.patient);
        state.nonce = _consent.nonceOf(slot.patient);
    }

    function _same(State memory a, State memory b) internal pure returns (bool) {
        return a.terms == b.terms && a.delegation == b.delegation && a.lockdownAt == b.lockdownAt && a.nonce == b.nonce;
    }

    /* FIELDS, READ FROM THE WORD AS IT IS DOCUMENTED */

    /// Of terms: the first second. Of a delegation: the longest period.
    function _start(uint256 word) internal pure returns (uint256) {
        return uint40(word);
    }

    function _end(uint256 word) internal pure returns (uint256) {
        return uint40(word >> 40);
    }

    function _asOf(uint256 word) internal pure returns (uint256) {
        return uint40(word >> 80);
    }

    function _purposes(uint256 word) internal pure returns (uint256) {
        return uint64(word >> 120);
    }

    function _permissions(uint256 word) internal pure returns (uint256) {
        return uint8(word >> 184);
    }

    function _revision(uint256 word) internal pure returns (uint256) {
        return uint32(word >> 192);
    }

    function _isDeny(uint256 word) internal pure returns (bool) {
        return _permissions(word) & 4 != 0;
    }
}
