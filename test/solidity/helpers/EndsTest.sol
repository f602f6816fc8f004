// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {SolTest} from "../Vm.sol";

/// A credential of T0, two issuers, and a time at which its end is set back.
abstract contract EndsTest is SolTest {
    uint40 internal constant T0 = 1_900_000_000;
    uint40 internal constant UNTIL = T0 + 3000;
    uint40 internal constant FILED_AT = T0 + 1000;
    bytes32 internal constant ROLE = "practitioner";
    bytes32 internal constant OTHER_ROLE = "laboratory";
    address internal constant ACTOR = address(0xA11CE);
    address internal constant ISSUER = address(0x1550E4);
    address internal constant COLLEAGUE = address(0xC011);
    address internal constant OUTSIDER = address(0xBAD);

    ICredentialRegistry.Ending internal constant PLAIN = ICredentialRegistry.Ending.Plain;
    ICredentialRegistry.Ending internal constant RETROACTIVE = ICredentialRegistry.Ending.Retroactive;
    ICredentialRegistry.Ending internal constant CONTESTED = ICredentialRegistry.Ending.Contested;
    ICredentialRegistry.Ending internal constant UPHELD = ICredentialRegistry.Ending.Upheld;

    AccessManager internal _manager;
    CredentialRegistry internal _credentials;

    function setUp() external {
        vm.warp(T0);
        _manager = new AccessManager(address(this));
        _credentials = new CredentialRegistry(_manager);
        _accredit(ISSUER, ROLE);
        _accredit(COLLEAGUE, ROLE);
        vm.prank(ISSUER);
        _credentials.issue(ACTOR, ROLE, UNTIL);
        vm.warp(FILED_AT);
    }

    function _accredit(address issuer, bytes32 role) internal {
        _manager.grantRole(_credentials.issuerRoleOf(role), issuer, 0);
    }

    function _revoke(address caller, uint40 until) internal {
        vm.prank(caller);
        _credentials.revoke(ACTOR, ROLE, 0, until);
    }

    function _contest() internal {
        vm.prank(ACTOR);
        _credentials.contest(ACTOR, ROLE, 0);
    }

    function _standFor(address caller) internal {
        vm.prank(caller);
        _credentials.standFor(ACTOR, ROLE, 0);
    }

    function _contestCall() internal pure returns (bytes memory) {
        return abi.encodeCall(ICredentialRegistry.contest, (ACTOR, ROLE, 0));
    }

    function _standForCall() internal pure returns (bytes memory) {
        return abi.encodeCall(ICredentialRegistry.standFor, (ACTOR, ROLE, 0));
    }

    function _refusesToStandFor(address caller) internal {
        bytes memory reason = abi.encodeWithSelector(ICredentialRegistry.NotSecondIssuer.selector, caller, ROLE);
        _refuses(caller, _standForCall(), reason);
    }

    function _refuses(address caller, bytes memory call, bytes memory reason) internal {
        vm.prank(caller);
        (bool success, bytes memory answer) = address(_credentials).call(call);
        vm.assertTrue(!success, "refused");
        vm.assertEq(answer, reason, "reason");
    }

    function _invalidEnding(ICredentialRegistry.Ending ending) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICredentialRegistry.InvalidEnding.selector, ACTOR, ROLE, 0, ending);
    }

    function _checkFiling(address by, uint256 filedAt, uint256 formerUntil) internal view {
        ICredentialRegistry.Filing memory filing = _credentials.filingOf(ACTOR, ROLE, 0);
        vm.assertEq(filing.by, by, "by");
        vm.assertEq(filing.filedAt, filedAt, "filedAt");
        vm.assertEq(filing.formerUntil, formerUntil, "formerUntil");
    }

    function _checkCredential(uint256 until, ICredentialRegistry.Ending ending) internal view {
        ICredentialRegistry.Credential memory found = _credentials.credentialsOf(ACTOR, ROLE, 0, 1)[0];
        vm.assertEq(found.issuer, ISSUER, "issuer");
        vm.assertEq(found.from, T0, "from");
        vm.assertEq(found.until, until, "until");
        vm.assertEq(uint256(found.ending), uint256(ending), "ending");
    }

    function _checkStatus(uint40 time, uint256 expected) internal view {
        vm.assertEq(uint256(_credentials.statusOf(ACTOR, ROLE, 0, time)), expected, "statusOf");
        vm.assertTrue(_credentials.holds(ACTOR, ROLE, 0, time) == (expected == 1), "holds");
    }
}
