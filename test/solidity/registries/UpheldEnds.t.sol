// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {EndsTest} from "../helpers/EndsTest.sol";

/// Who stands for what was stamped before a contested end was filed.
contract UpheldEndsTest is EndsTest {
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
}
