// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AnnouncementActions} from "./AnnouncementActions.sol";

/// All that ten actors may try; see README.md. Each base adds the actions of one area and its books.
contract Handler is AnnouncementActions {
    /// Consents, and the group's members.
    function consentActions() public pure returns (bytes4[] memory list) {
        list = new bytes4[](11);
        (list[0], list[1], list[2], list[3]) = (
            this.act.selector,
            this.actFor.selector,
            this.sign.selector,
            this.signFor.selector
        );
        (list[4], list[5], list[6]) = (this.release.selector, this.releaseMany.selector, this.replay.selector);
        (list[7], list[8], list[9]) = (this.cancel.selector, this.pass.selector, this.setMembers.selector);
        list[10] = this.resign.selector;
    }

    /// All of them; consents the most often, since they decide what else may be done.
    function actions() external pure returns (bytes4[] memory list) {
        bytes4[] memory consents = consentActions();
        list = new bytes4[](42);
        for (uint256 i = 0; i < consents.length; ++i) list[i] = consents[i];
        (list[11], list[12], list[13], list[14]) = (
            this.anchor.selector,
            this.anchorMany.selector,
            this.anchorBySig.selector,
            this.anchorManyBySig.selector
        );
        (list[15], list[16], list[17]) = (this.point.selector, this.pointMany.selector, this.amend.selector);
        (list[18], list[19], list[20]) = (this.retract.selector, this.erase.selector, this.attest.selector);
        (list[21], list[22], list[23]) = (this.anchorRoot.selector, this.claimLeaf.selector, this.claimLeaves.selector);
        (list[24], list[25], list[26]) = (this.witness.selector, this.accredit.selector, this.issue.selector);
        (list[27], list[28], list[29]) = (this.shorten.selector, this.contest.selector, this.standFor.selector);
        (list[30], list[31], list[32]) = (this.publish.selector, this.pointVault.selector, this.setManager.selector);
        (list[33], list[34], list[35]) = (this.deliver.selector, this.ask.selector, this.answer.selector);
        (list[36], list[37], list[38], list[39]) = (
            this.withdraw.selector,
            this.act.selector,
            this.actFor.selector,
            this.sign.selector
        );
        (list[40], list[41]) = (this.signFor.selector, this.anchorIndex.selector);
    }
}
