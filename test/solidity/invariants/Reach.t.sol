// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SolTest} from "../Vm.sol";
import {Handler} from "./Handler.sol";

/// The handler reaches what the invariants speak of: each action succeeds, and each that can be refused is refused.
contract ReachTest is SolTest {
    Handler private _handler = new Handler();
    uint256 private _seed = 0xCA4E;

    function test_everyConsentSucceedsAndIsRefused() external {
        _run(_handler.consentActions(), 4000);
        _check(
            "grant grantBySig lift liftBySig delegate delegateBySig grantFor grantForBySig revokeFor revokeForBySig",
            true
        );
        _check("denyFor denyForBySig revokeBySig revokeManyBySig denyBySig undelegateBySig lockdownBySig", true);
        _check("setMembers setMembersBySig resign resignBySig", true);
        _check("revoke revokeMany deny undelegate lockdown liftMany cancel grantManyBySig", false);
    }

    function test_everyOtherActionSucceedsAndIsRefused() external {
        _run(_handler.actions(), 8000);
        _check(
            "anchor anchorMany anchorBySig anchorManyBySig point pointBySig amend amendBySig retract retractBySig",
            true
        );
        _check("requestErasure requestErasureBySig attestErasure attestErasureBySig anchorRoot anchorRootBySig", true);
        _check(
            "claimLeaf claimLeafBySig claimLeaves witness witnessBySig issue revoke_credential contest standFor",
            true
        );
        _check("publish publishBySig pointVault pointVaultBySig setManager anchorIndex", true);
        _check("deliver deliverBySig request requestBySig answer answerBySig withdraw withdrawBySig", true);
        _check("pointMany", false);
    }

    function _run(bytes4[] memory actions, uint256 steps) private {
        for (uint256 i = 0; i < steps; ++i) this.step(actions[_draw() % actions.length]);
    }

    /// A call of its own: its memory is given back.
    function step(bytes4 action) external {
        // as many words as any action takes; whoever takes fewer does not look at the rest
        uint256[12] memory words;
        for (uint256 i = 0; i < 12; ++i) words[i] = _draw();
        (bool done, bytes memory why) = address(_handler).call(bytes.concat(action, abi.encode(words)));
        vm.assertTrue(done, string(why)); // what the books did not foretell
    }

    function _check(string memory names, bool isRefusedToo) private view {
        bytes memory text = bytes.concat(bytes(names), " ");
        bytes memory name;
        for (uint256 i = 0; i < text.length; ++i) {
            if (text[i] != " ") {
                name = bytes.concat(name, text[i]);
                continue;
            }
            string memory what = string(name);
            vm.assertTrue(_handler.successes(what) > 2, string.concat("hardly ever succeeds: ", what));
            if (isRefusedToo) vm.assertTrue(_handler.refusals(what) > 2, string.concat("hardly ever refused: ", what));
            name = "";
        }
    }

    function _draw() private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed;
    }
}
