// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {PersonState} from "../types/PersonState.sol";
import {SignedActions} from "../utils/SignedActions.sol";
import {Access} from "./Access.sol";

/// @title Where signers stand: when a signature that opens something still counts, and what ends it; see {ISignedConsents}
abstract contract Stands is Access, SignedActions {
    function _requireOpening(
        address signer,
        Opening calldata opening,
        bytes32 structHash,
        bytes calldata signature
    ) internal view {
        if (!_opens(signer, _states[signer], opening)) _require(_stale(signer, opening));
        _requireSigned(signer, structHash, opening.deadline, signature);
    }

    function _opens(address signer, PersonState state, Opening calldata opening) internal pure returns (bool) {
        return state.opens(signer, opening.stand, opening.session, opening.number);
    }

    function _stale(address signer, Opening calldata opening) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(StaleOpening.selector, signer, opening.stand, opening.session, opening.number);
    }

    function _requireEra(uint40 era, PersonState state) internal pure {
        if (era != state.era()) revert StaleEra(era, state.era());
    }

    /// Keeps what an opening act of the caller did, or reverts with why it can't be done.
    function _settle(PersonState state, bytes memory refusal) internal {
        _require(refusal);
        _moveInPerson(state);
    }

    /// After an opening signature was used: every other session of its signer is over.
    function _use(address signer, PersonState state, Opening calldata opening) internal {
        _states[signer] = state.used(signer, opening.stand, opening.session, opening.number);
    }

    function _moveInPerson(PersonState state) internal {
        _move(msg.sender, state, keccak256(msg.data));
    }

    /// After an act of the person: every outstanding signature of theirs that would open something is void.
    function _move(address person, PersonState state, bytes32 act) internal {
        _states[person] = state.moved(person, act);
    }
}
