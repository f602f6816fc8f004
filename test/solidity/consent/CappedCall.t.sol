// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CappedCall} from "../../../contracts/utils/CappedCall.sol";
import {BurningWallet, ParrotWallet} from "../helpers/Wallets.sol";
import {SolTest} from "../Vm.sol";

/// The first word of an answer, or 0.
contract CappedCallTest is SolTest {
    function test_readsTheFirstWordOfAnAnswer() external {
        vm.assertEq(_ask(address(new ParrotWallet(abi.encode(uint256(5)), false))), 5, "32 bytes");
        vm.assertEq(_ask(address(new ParrotWallet(abi.encode(uint256(5), uint256(6)), false))), 5, "64 bytes");
    }

    function test_readsNothingOfAShorterAnswerNorOfARevert() external {
        for (uint256 length = 0; length < 32; ++length) {
            vm.assertEq(_ask(address(new ParrotWallet(new bytes(length), false))), 0, "short");
        }
        vm.assertEq(_ask(address(new ParrotWallet(abi.encode(uint256(5)), true))), 0, "revert");
        vm.assertEq(_ask(address(new BurningWallet())), 0, "burnt");
        vm.assertEq(_ask(address(0xBAD)), 0, "no code");
    }

    /// Asks with ones where the answer will lie, so that what is not answered shows.
    function _ask(address target) private view returns (uint256) {
        bytes memory question = abi.encode(uint256(1));
        assembly ("memory-safe") {
            mstore(0, not(0))
        }
        return uint256(CappedCall.ask(target, 50_000, question));
    }
}
