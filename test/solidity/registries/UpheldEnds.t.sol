// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {EndsTest} from "../helpers/EndsTest.sol";

/// Who settles a contest: stands for what was stamped before the end was filed, or dismisses it.
contract UpheldEndsTest is EndsTest {
    ICredentialRegistry.Ending private constant DISMISSED = ICredentialRegistry.Ending.Dismissed;

    /* STANDING FOR IT */

    function test_letsASecondIssuerStandForItForGood() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        vm.warp(FILED_AT + 77);
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialUpheld(ACTOR, ROLE, COLLEAGUE, 0, FILED_AT);
        _standFor(COLLEAGUE);
        _checkCredential(FILED_AT, UPHELD);
        _checkFiling(ISSUER, FILED_AT, UNTIL);
        _checkStatus(FILED_AT - 1, 1);
        _checkStatus(FILED_AT, 0);

        bytes memory reason = _invalidEnding(UPHELD);
        _refuses(ISSUER, abi.encodeCall(ICredentialRegistry.revoke, (ACTOR, ROLE, 0, T0 + 40)), reason);
        _refuses(ISSUER, abi.encodeCall(ICredentialRegistry.revoke, (ACTOR, ROLE, 0, FILED_AT - 1)), reason);
        _refuses(ACTOR, _contestCall(), reason);
        _refuses(COLLEAGUE, _standForCall(), reason);
    }

    function test_refusesWhoFiledItWhoHoldsItAndWhoIsNoIssuer() external {
        _accredit(ACTOR, ROLE);
        _accredit(OUTSIDER, OTHER_ROLE);
        _revoke(ISSUER, T0 + 40);
        _contest();
        address[4] memory others = [ISSUER, ACTOR, OUTSIDER, address(this)];
        for (uint256 i = 0; i < others.length; ++i) _refusesToStandFor(others[i]);
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), OUTSIDER, 1); // who may act only after a delay
        _refusesToStandFor(OUTSIDER);
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), COLLEAGUE);
        _refusesToStandFor(COLLEAGUE);
        _checkCredential(T0 + 40, CONTESTED);
    }

    /// Who filed it in the place of a former issuer does not undo it; that issuer, accredited again, may.
    function test_letsItsIssuerStandForWhatAnotherFiled() external {
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), ISSUER);
        _revoke(COLLEAGUE, T0 + 40);
        _contest();
        _accredit(ISSUER, ROLE);
        _refusesToStandFor(COLLEAGUE);
        _standFor(ISSUER);
        _checkCredential(FILED_AT, UPHELD);
    }

    function test_refusesToStandForWhatIsNotContested() external {
        _refuses(COLLEAGUE, _standForCall(), _invalidEnding(PLAIN));
        _revoke(ISSUER, T0 + 40);
        _refuses(COLLEAGUE, _standForCall(), _invalidEnding(RETROACTIVE));
    }

    function test_letsTheAdministratorStandForItThroughTheManager() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialUpheld(ACTOR, ROLE, address(_manager), 0, FILED_AT);
        _manager.execute(address(_credentials), _standForCall());
        _checkCredential(FILED_AT, UPHELD);
    }

    function test_letsNobodyButTheAdministratorGoThroughTheManager() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        address[3] memory others = [ISSUER, ACTOR, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            (bool success, ) = address(_manager).call(
                abi.encodeCall(_manager.execute, (address(_credentials), _standForCall()))
            );
            vm.assertTrue(!success, "through the manager");
        }
    }

    function test_makesAnAdministratorWithADelayWait() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        _manager.grantRole(0, OUTSIDER, 3600); // an administrator who may act only after an hour
        vm.prank(OUTSIDER);
        (bool success, ) = address(_manager).call(
            abi.encodeCall(_manager.execute, (address(_credentials), _standForCall()))
        );
        vm.assertTrue(!success, "at once");
        vm.prank(OUTSIDER);
        _manager.schedule(address(_credentials), _standForCall(), FILED_AT + 3600);
        vm.warp(FILED_AT + 3600);
        vm.prank(OUTSIDER);
        _manager.execute(address(_credentials), _standForCall());
        _checkCredential(FILED_AT, UPHELD);
    }

    /* DISMISSING IT */

    function test_letsASecondIssuerDismissAContestForGood() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        _checkStatus(T0 + 40, 2);
        vm.warp(FILED_AT + 77);
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialDismissed(ACTOR, ROLE, COLLEAGUE, 0);
        vm.recordLogs();
        _dismiss(COLLEAGUE);
        vm.assertEq(vm.getRecordedLogs().length, 1, "events");
        _checkDismissed();

        bytes memory reason = _invalidEnding(DISMISSED);
        _refuses(ACTOR, _contestCall(), reason);
        _refuses(COLLEAGUE, _standForCall(), reason);
        _refuses(COLLEAGUE, _dismissCall(), reason);
        _refuses(ISSUER, abi.encodeCall(ICredentialRegistry.revoke, (ACTOR, ROLE, 0, T0)), reason);
        // not even by the administrator
        _refusesThroughTheManager(_standForCall(), reason);
        _refusesThroughTheManager(_dismissCall(), reason);
        _checkDismissed();
    }

    function test_refusesToDismissForWhoFiledItWhoHoldsItAndWhoIsNoIssuer() external {
        _accredit(ACTOR, ROLE);
        _accredit(OUTSIDER, OTHER_ROLE);
        _revoke(ISSUER, T0 + 40);
        _contest();
        address[4] memory others = [ISSUER, ACTOR, OUTSIDER, address(this)];
        for (uint256 i = 0; i < others.length; ++i) _refusesToDismiss(others[i]);
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), OUTSIDER, 1); // who may act only after a delay
        _refusesToDismiss(OUTSIDER);
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), COLLEAGUE);
        _refusesToDismiss(COLLEAGUE);
        _checkCredential(T0 + 40, CONTESTED);
        _checkStatus(T0 + 40, 2);
    }

    /// Who filed it in the place of a former issuer is concerned; that issuer, accredited again, is not.
    function test_letsItsIssuerDismissWhereAnotherFiled() external {
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), ISSUER);
        _revoke(COLLEAGUE, T0 + 40);
        _contest();
        _accredit(ISSUER, ROLE);
        _refusesToDismiss(COLLEAGUE);
        _dismiss(ISSUER);
        _checkCredential(T0 + 40, DISMISSED);
        _checkFiling(COLLEAGUE, FILED_AT, UNTIL);
    }

    function test_refusesToDismissWhatIsNotContested() external {
        _refuses(COLLEAGUE, _dismissCall(), _invalidEnding(PLAIN));
        _revoke(ISSUER, T0 + 40);
        _refuses(COLLEAGUE, _dismissCall(), _invalidEnding(RETROACTIVE));
        _refuses(OUTSIDER, _dismissCall(), _invalidEnding(RETROACTIVE));
        _contest();
        _standFor(COLLEAGUE);
        _refuses(COLLEAGUE, _dismissCall(), _invalidEnding(UPHELD));
        bytes memory reason = abi.encodeWithSelector(ICredentialRegistry.UnknownCredential.selector, ACTOR, ROLE, 1);
        _refuses(COLLEAGUE, abi.encodeCall(ICredentialRegistry.dismiss, (ACTOR, ROLE, 1)), reason);
    }

    function test_letsTheAdministratorDismissItThroughTheManager() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialDismissed(ACTOR, ROLE, address(_manager), 0);
        _manager.execute(address(_credentials), _dismissCall());
        _checkDismissed();
    }

    function test_makesAnAdministratorWithADelayWaitToDismissAndNobodyElseMay() external {
        _revoke(ISSUER, T0 + 40);
        _contest();
        _manager.grantRole(0, OUTSIDER, 3600);
        bytes memory execute = abi.encodeCall(_manager.execute, (address(_credentials), _dismissCall()));
        address[4] memory others = [ISSUER, ACTOR, COLLEAGUE, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            (bool success, ) = address(_manager).call(execute);
            vm.assertTrue(!success, "at once");
        }
        vm.prank(OUTSIDER);
        _manager.schedule(address(_credentials), _dismissCall(), FILED_AT + 3600);
        vm.warp(FILED_AT + 3599);
        vm.prank(OUTSIDER);
        (bool early, ) = address(_manager).call(execute);
        vm.assertTrue(!early, "a second early");
        _checkCredential(T0 + 40, CONTESTED);
        vm.warp(FILED_AT + 3600);
        vm.prank(OUTSIDER);
        _manager.execute(address(_credentials), _dismissCall());
        _checkDismissed();
    }

    function _dismiss(address caller) private {
        vm.prank(caller);
        _credentials.dismiss(ACTOR, ROLE, 0);
    }

    function _dismissCall() private pure returns (bytes memory) {
        return abi.encodeCall(ICredentialRegistry.dismiss, (ACTOR, ROLE, 0));
    }

    function _refusesToDismiss(address caller) private {
        bytes memory reason = abi.encodeWithSelector(ICredentialRegistry.NotSecondIssuer.selector, caller, ROLE);
        _refuses(caller, _dismissCall(), reason);
    }

    function _refusesThroughTheManager(bytes memory call, bytes memory reason) private {
        vm.expectRevert(reason);
        _manager.execute(address(_credentials), call);
    }

    /// The end stays as it was set, and what was contested is unproven.
    function _checkDismissed() private view {
        _checkCredential(T0 + 40, DISMISSED);
        _checkFiling(ISSUER, FILED_AT, UNTIL);
        _checkStatus(T0 + 39, 1);
        _checkStatus(T0 + 40, 0);
        _checkStatus(FILED_AT - 1, 0);
        _checkStatus(FILED_AT, 0);
        _checkStatus(UNTIL - 1, 0);
    }
}
