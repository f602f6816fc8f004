// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SolTest} from "../Vm.sol";
import {Handler} from "./Handler.sol";

/// The handler reaches what the invariants speak of: each action succeeds, and each that can be refused is refused.
contract ReachTest is SolTest {
    Handler private _handler = new Handler();
    uint256 private _seed = 0xCA4E;

    function test_everyActionSucceedsAndIsRefused() external {
        bytes4[] memory actions = _actions();
        for (uint256 i = 0; i < 4000; ++i) {
            bytes memory data = abi.encodePacked(actions[_draw() % actions.length]);
            // as many words as any action takes; whoever takes fewer does not look at the rest
            for (uint256 j = 0; j < 12; ++j) data = abi.encodePacked(data, _draw());
            (bool done, bytes memory why) = address(_handler).call(data);
            vm.assertTrue(done, string(why)); // what the books did not foretell
        }
        string[29] memory both = [
            "grant",
            "lockdownBySig",
            "grantBySig",
            "revokeBySig",
            "revokeManyBySig",
            "delegate",
            "delegateBySig",
            "undelegateBySig",
            "grantFor",
            "grantForBySig",
            "revokeFor",
            "revokeForBySig",
            "deliver",
            "deliverBySig",
            "declineBySig",
            "anchor",
            "anchorMany",
            "anchorBySig",
            "anchorManyBySig",
            "point",
            "amend",
            "retract",
            "requestErasure",
            "requestErasureBySig",
            "attestErasure",
            "anchorRoot",
            "claimLeaf",
            "witness",
            "issue"
        ];
        for (uint256 i = 0; i < both.length; ++i) _check(both[i]);
        string[5] memory more = ["revoke a credential", "publish", "setMembers", "setManager", "resign"];
        for (uint256 i = 0; i < more.length; ++i) _check(more[i]);
        vm.assertTrue(_handler.idle() > 0, "nothing repeated was let through without effect");
    }

    function _check(string memory what) private view {
        vm.assertTrue(_handler.successes(what) > 2, string.concat("hardly ever succeeds: ", what));
        vm.assertTrue(_handler.refusals(what) > 2, string.concat("hardly ever refused: ", what));
    }

    function _draw() private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed;
    }

    function _actions() private view returns (bytes4[] memory list) {
        Handler h = _handler;
        list = new bytes4[](36);
        (list[0], list[1], list[2], list[3]) = (
            h.grant.selector,
            h.revoke.selector,
            h.sign.selector,
            h.release.selector
        );
        (list[4], list[5], list[6]) = (h.lockdown.selector, h.releaseMany.selector, h.revokeBySig.selector);
        (list[7], list[8], list[9]) = (h.revokeManyBySig.selector, h.replay.selector, h.pass.selector);
        (list[10], list[11], list[12]) = (h.delegate.selector, h.undelegate.selector, h.grantFor.selector);
        (list[13], list[14], list[15]) = (h.revokeFor.selector, h.deliver.selector, h.decline.selector);
        (list[16], list[17], list[18]) = (h.anchor.selector, h.anchorMany.selector, h.anchorBySig.selector);
        (list[19], list[20], list[21]) = (h.anchorManyBySig.selector, h.point.selector, h.amend.selector);
        (list[22], list[23], list[24]) = (h.retract.selector, h.erase.selector, h.anchorRoot.selector);
        (list[25], list[26], list[27]) = (h.claimLeaf.selector, h.witness.selector, h.accredit.selector);
        (list[28], list[29], list[30]) = (h.issue.selector, h.shorten.selector, h.attest.selector);
        (list[31], list[32], list[33]) = (h.publish.selector, h.setMembers.selector, h.resign.selector);
        (list[34], list[35]) = (h.setManager.selector, h.delegate.selector);
    }
}
