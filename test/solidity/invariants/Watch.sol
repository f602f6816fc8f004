// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Deeds} from "../properties/Deeds.sol";
import {SolTest} from "../Vm.sol";
import {Handler} from "./Handler.sol";
import {Deployed} from "./World.sol";

/// What all invariants share. After each step a check looks where the step was and at one more place that the dice choose;
/// after the last step of a run it looks everywhere.
abstract contract Watch is SolTest {
    Handler internal _handler;
    Deployed internal _on;

    /// What the runner looks for: the actions of one target.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function setUp() external {
        _handler = new Handler();
        _on = _handler.deployed();
        targetContract(address(_handler));
    }

    function targetSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(_handler), _actions());
    }

    function _actions() internal view virtual returns (bytes4[] memory) {
        return _handler.actions();
    }

    function _here(function(Deeds.Slot memory) internal view check) internal view {
        check(_handler.touched());
        uint256 dice = _handler.dice();
        address patient = _handler.actor(dice % 4 < 3 ? dice % 3 : dice / 4);
        check(_handler.slotOf(patient, _handler.grantee(dice / 64), dice / 1024));
    }

    function _everywhere(function(Deeds.Slot memory) internal view check) internal view {
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            for (uint256 j = 0; j <= _handler.ACTORS(); ++j) {
                for (uint256 k = 0; k < _handler.PLACES(); ++k) {
                    check(_handler.slotOf(_handler.actor(i), _handler.grantee(j), k));
                }
            }
        }
    }
}
