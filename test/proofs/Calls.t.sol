// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../contracts/interfaces/IDelegations.sol";
import {ISignedConsents} from "../../contracts/interfaces/ISignedConsents.sol";
import {Proofs} from "./Proofs.sol";

/// From any state, any function that there is, also one that no other proof names.
contract CallProofs is Proofs {
    /// Whoever is not the patient changes nothing of theirs in their own right. Lists: of one; what two do is proved of each.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_anOutsiderChangesNothing(address caller, Place memory place) public {
        _anyState();
        vm.assume(caller != place.patient);
        Found memory before = _find(place);
        _anyCall(caller);
        assert(_same(before, _find(place)));
    }

    /// Every act of a patient in person, whichever it is, draws another stand from the last.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_everyActMoves(address caller) public {
        _anyState();
        uint256 before = _person(caller);
        bytes memory data = _anyCall(caller);
        uint256 then = _person(caller);
        assert(_stand(then) == _drawn(caller, _stand(before), keccak256(data)) && _number(then) == 0);
    }

    /// A number on the list of slots stays with its slot, also where nothing stands any more.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_anIndexStays(address caller, Place memory place) public {
        _anyState();
        Found memory before = _find(place);
        _anyCall(caller);
        Found memory then = _find(place);
        bool ok = _or(_index(before.terms) == 0, _index(then.terms) == _index(before.terms));
        assert(_and(ok, _or(_index(before.delegation) == 0, _index(then.delegation) == _index(before.delegation))));
    }

    /// Any call in the caller's own right that succeeds.
    function _anyCall(address caller) private returns (bytes memory data) {
        data = svm.createCalldata("ConsentRegistry");
        vm.assume(!_isForAnother(bytes4(data)));
        vm.prank(caller);
        (bool done, ) = address(_consent).call(data);
        vm.assume(done);
    }

    /// Delegates' and signed forms, each with proofs of its own; without a loop, which the prover would cut short.
    function _isForAnother(bytes4 selector) private pure returns (bool) {
        return
            selector == IDelegations.grantFor.selector ||
            selector == IDelegations.revokeFor.selector ||
            selector == IDelegations.denyFor.selector ||
            _isSigned(selector);
    }

    function _isSigned(bytes4 selector) private pure returns (bool) {
        return
            selector == ISignedConsents.grantBySig.selector ||
            selector == ISignedConsents.grantManyBySig.selector ||
            selector == ISignedConsents.liftBySig.selector ||
            selector == ISignedConsents.delegateBySig.selector ||
            selector == ISignedConsents.grantForBySig.selector ||
            _isClosing(selector);
    }

    function _isClosing(bytes4 selector) private pure returns (bool) {
        return
            selector == ISignedConsents.revokeBySig.selector ||
            selector == ISignedConsents.revokeManyBySig.selector ||
            selector == ISignedConsents.denyBySig.selector ||
            selector == ISignedConsents.undelegateBySig.selector ||
            selector == ISignedConsents.lockdownBySig.selector ||
            selector == ISignedConsents.revokeForBySig.selector ||
            selector == ISignedConsents.denyForBySig.selector;
    }
}
