// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {EndsTest} from "../helpers/EndsTest.sol";

/// Ends that were filed after they had passed, and who contests them.
contract ContestedEndsTest is EndsTest {
    /* FILING */

    function test_filesWhoSetAnEndBackIntoThePastAndWhatStoodBefore() external {
        _checkFiling(address(0), 0, 0);
        _revoke(ISSUER, T0 + 40);
        _checkFiling(ISSUER, FILED_AT, UNTIL);
        _checkCredential(T0 + 40, RETROACTIVE);
        _checkStatus(T0 + 39, 1);
        _checkStatus(T0 + 40, 0);
    }

    function test_filesNothingWhereTheEndIsNowOrToCome() external {
        _revoke(ISSUER, FILED_AT + 1);
        _checkCredential(FILED_AT + 1, PLAIN);
        _revoke(ISSUER, FILED_AT);
        _checkCredential(FILED_AT, PLAIN);
        _checkFiling(address(0), 0, 0);
        _refuses(ACTOR, _contestCall(), _invalidEnding(PLAIN));
        // one second later the same end has passed, and one before it is set back into the past
        vm.warp(FILED_AT + 1);
        _revoke(ISSUER, FILED_AT - 1);
        _checkCredential(FILED_AT - 1, RETROACTIVE);
        _checkFiling(ISSUER, FILED_AT + 1, FILED_AT);
    }

    /// Two steps back undo no more than one.
    function test_keepsTheFirstFilingWhereAnEndIsSetBackAgain() external {
        _revoke(ISSUER, T0 + 40);
        vm.warp(FILED_AT + 500);
        _revoke(ISSUER, T0 + 10);
        _checkFiling(ISSUER, FILED_AT, UNTIL);
        _checkCredential(T0 + 10, RETROACTIVE);
        _contest();
        vm.warp(FILED_AT + 600);
        // contested, it is moved no more
        _refuses(ISSUER, abi.encodeCall(ICredentialRegistry.revoke, (ACTOR, ROLE, 0, T0)), _invalidEnding(CONTESTED));
        _checkCredential(T0 + 10, CONTESTED);
        _checkFiling(ISSUER, FILED_AT, UNTIL);
        _standFor(COLLEAGUE);
        _checkCredential(FILED_AT, UPHELD);
    }

    function test_filesThatItWasAnIssuerInTheFormersPlace() external {
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), ISSUER);
        _revoke(COLLEAGUE, T0 + 40);
        _checkFiling(COLLEAGUE, FILED_AT, UNTIL);
    }

    /* CONTESTING */

    function test_letsItsHolderContestARetroactiveEndOnce() external {
        _revoke(ISSUER, T0 + 40);
        vm.recordLogs();
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialContested(ACTOR, ROLE, 0);
        _contest();
        _checkCredential(T0 + 40, CONTESTED);
        _checkFiling(ISSUER, FILED_AT, UNTIL);
        _refuses(ACTOR, _contestCall(), _invalidEnding(CONTESTED));
    }

    function test_saysWhatIsContestedAndNothingElse() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        _checkStatus(T0 - 1, 0);
        _checkStatus(T0, 1);
        _checkStatus(T0 + 39, 1);
        _checkStatus(T0 + 40, 2);
        _checkStatus(FILED_AT - 1, 2);
        _checkStatus(FILED_AT, 0); // from the filing on nobody could rely on it
        _checkStatus(UNTIL - 1, 0);
        _checkStatus(type(uint40).max, 0);
        // and nothing holds again by it
        vm.assertTrue(!_credentials.holds(ACTOR, ROLE, 0, T0 + 40), "holds");
        vm.assertTrue(_credentials.holds(ACTOR, ROLE, 0, T0 + 39), "holds");
    }

    /// The end that was set stays, and the words of the holder count no more.
    function test_saysNothingIsContestedOnceItIsDismissed() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        vm.prank(COLLEAGUE);
        _credentials.dismiss(ACTOR, ROLE, 0);
        _checkCredential(T0 + 40, ICredentialRegistry.Ending.Dismissed);
        _checkStatus(T0 - 1, 0);
        _checkStatus(T0, 1);
        _checkStatus(T0 + 39, 1);
        uint40[5] memory times = [T0 + 40, FILED_AT - 1, FILED_AT, UNTIL - 1, type(uint40).max];
        for (uint256 i = 0; i < times.length; ++i) _checkStatus(times[i], 0);
        _refuses(ACTOR, _contestCall(), _invalidEnding(ICredentialRegistry.Ending.Dismissed));
    }

    /// Another credential of the same holder is another matter.
    function test_dismissesOneContestAndNoOther() external {
        vm.prank(ISSUER);
        _credentials.issue(ACTOR, ROLE, UNTIL + 1);
        vm.warp(FILED_AT + 10);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(ISSUER);
            _credentials.revoke(ACTOR, ROLE, i, FILED_AT + 5);
            vm.prank(ACTOR);
            _credentials.contest(ACTOR, ROLE, i);
        }
        vm.prank(COLLEAGUE);
        _credentials.dismiss(ACTOR, ROLE, 1);
        _checkCredential(FILED_AT + 5, CONTESTED);
        _checkStatus(FILED_AT + 5, 2);
        vm.assertEq(uint256(_credentials.statusOf(ACTOR, ROLE, 1, FILED_AT + 5)), 0, "the dismissed");
        vm.assertEq(uint256(_credentials.statusOf(ACTOR, ROLE, 2, FILED_AT)), 0, "one that there is not");
        _standFor(COLLEAGUE);
        _checkCredential(FILED_AT + 10, UPHELD);
    }

    /// What had ended before it was filed is contested up to that end.
    function test_contestsUpToTheFormerEndWhereThatIsEarlier() external {
        vm.warp(UNTIL + 500);
        _revoke(ISSUER, T0 + 40);
        _contest();
        _checkStatus(UNTIL - 1, 2);
        _checkStatus(UNTIL, 0);
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialUpheld(ACTOR, ROLE, COLLEAGUE, 0, UNTIL);
        _standFor(COLLEAGUE);
        _checkCredential(UNTIL, UPHELD);
    }

    function test_letsNobodyElseContest() external {
        _revoke(ISSUER, T0 + 40);
        address[4] memory others = [ISSUER, COLLEAGUE, OUTSIDER, address(this)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(ICredentialRegistry.NotHolder.selector, others[i], ACTOR);
            _refuses(others[i], _contestCall(), reason);
        }
        _checkCredential(T0 + 40, RETROACTIVE);
    }

    function test_refusesToContestWhatThereIsNot() external {
        bytes4 reason = ICredentialRegistry.UnknownCredential.selector;
        bytes memory call = abi.encodeCall(ICredentialRegistry.contest, (ACTOR, ROLE, 1));
        _refuses(ACTOR, call, abi.encodeWithSelector(reason, ACTOR, ROLE, 1));
        call = abi.encodeCall(ICredentialRegistry.contest, (ACTOR, OTHER_ROLE, 0));
        _refuses(ACTOR, call, abi.encodeWithSelector(reason, ACTOR, OTHER_ROLE, 0));
        call = abi.encodeCall(ICredentialRegistry.standFor, (ACTOR, ROLE, 1));
        _refuses(COLLEAGUE, call, abi.encodeWithSelector(reason, ACTOR, ROLE, 1));
        call = abi.encodeCall(ICredentialRegistry.dismiss, (ACTOR, OTHER_ROLE, 0));
        _refuses(COLLEAGUE, call, abi.encodeWithSelector(reason, ACTOR, OTHER_ROLE, 0));
    }

    /* STORAGE */

    function test_keepsACredentialAndItsFilingInOneWordEach() external {
        vm.warp(T0 + 900);
        vm.prank(COLLEAGUE);
        _credentials.issue(ACTOR, ROLE, UNTIL + 1);
        vm.warp(FILED_AT);
        _revoke(ISSUER, T0 + 40);
        _contest();
        bytes32 list = keccak256(abi.encode(ROLE, keccak256(abi.encode(ACTOR, uint256(0)))));
        vm.assertEq(uint256(vm.load(address(_credentials), list)), 2, "length");
        uint256 first = uint256(keccak256(abi.encode(list)));
        uint256 word = uint256(uint160(ISSUER)) + uint256(T0) * 2 ** 160 + uint256(T0 + 40) * 2 ** 200 + 2 * 2 ** 240;
        vm.assertEq(uint256(vm.load(address(_credentials), bytes32(first))), word, "the first");
        word = uint256(uint160(COLLEAGUE)) + uint256(T0 + 900) * 2 ** 160 + uint256(UNTIL + 1) * 2 ** 200;
        vm.assertEq(uint256(vm.load(address(_credentials), bytes32(first + 1))), word, "the second");
        bytes32 filing = keccak256(abi.encode(uint256(0), keccak256(abi.encode(ROLE, _filings()))));
        word = uint256(uint160(ISSUER)) + uint256(FILED_AT) * 2 ** 160 + uint256(UNTIL) * 2 ** 200;
        vm.assertEq(uint256(vm.load(address(_credentials), filing)), word, "filing");
    }

    function _filings() private pure returns (bytes32) {
        return keccak256(abi.encode(ACTOR, uint256(1)));
    }
}
