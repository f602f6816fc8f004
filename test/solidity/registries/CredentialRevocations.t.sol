// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {SolTest} from "../Vm.sol";

contract CredentialRevocationsTest is SolTest {
    uint40 private constant T0 = 1_900_000_000;
    uint40 private constant UNTIL = T0 + 365 days;
    bytes32 private constant ROLE = "practitioner";
    bytes32 private constant OTHER_ROLE = "laboratory";
    address private constant ACTOR = address(0xA11CE);
    address private constant ISSUER = address(0x1550E4);
    address private constant COLLEAGUE = address(0xC011);
    address private constant OUTSIDER = address(0xBAD);

    AccessManager private _manager;
    CredentialRegistry private _credentials;

    function setUp() external {
        vm.warp(T0);
        _manager = new AccessManager(address(this));
        _credentials = new CredentialRegistry(_manager);
        _accredit(ISSUER, ROLE);
    }

    function test_setsAnEndBackForItsIssuer() external {
        _issue(ISSUER, UNTIL);
        vm.warp(T0 + 100);
        vm.recordLogs();
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialRevoked(ACTOR, ROLE, ISSUER, 0, T0 + 40);
        _revoke(ISSUER, T0 + 40);
        vm.assertEq(vm.getRecordedLogs().length, 2, "number of events, that which is expected counted, too");
        _check(0, ISSUER, T0, T0 + 40);
        _checkEnding(0, ICredentialRegistry.Ending.Retroactive);
        _checkHolds(T0 + 39, true);
        _checkHolds(T0 + 40, false);
    }

    function test_setsAnEndBackButNotBeforeTheBeginningAndNeverOn() external {
        _issue(ISSUER, UNTIL);
        _refusesRevoke(ISSUER, T0 - 1, _invalidPeriod(T0 - 1));
        _refusesRevoke(ISSUER, UNTIL, _invalidPeriod(UNTIL));
        _refusesRevoke(ISSUER, UNTIL + 1, _invalidPeriod(UNTIL + 1));
        _revoke(ISSUER, UNTIL - 1);
        _refusesRevoke(ISSUER, UNTIL - 1, _invalidPeriod(UNTIL - 1));
        _revoke(ISSUER, T0);
        _refusesRevoke(ISSUER, T0, _invalidPeriod(T0));
        _checkHolds(T0, false);
        _check(0, ISSUER, T0, T0);
    }

    function test_refusesToRevokeWhatThereIsNot() external {
        _issue(ISSUER, UNTIL);
        uint256[3] memory unknown = [uint256(1), 2, type(uint256).max];
        for (uint256 i = 0; i < unknown.length; ++i) {
            bytes4 reason = ICredentialRegistry.UnknownCredential.selector;
            vm.expectRevert(abi.encodeWithSelector(reason, ACTOR, ROLE, unknown[i]));
            vm.prank(ISSUER);
            _credentials.revoke(ACTOR, ROLE, unknown[i], T0);
        }
        vm.expectRevert(abi.encodeWithSelector(ICredentialRegistry.UnknownCredential.selector, ACTOR, OTHER_ROLE, 0));
        vm.prank(ISSUER);
        _credentials.revoke(ACTOR, OTHER_ROLE, 0, T0);
    }

    function test_letsNobodyTouchWhatAnAccreditedIssuerGave() external {
        _accredit(COLLEAGUE, ROLE);
        _issue(ISSUER, UNTIL);
        address[4] memory others = [OUTSIDER, COLLEAGUE, ACTOR, address(this)];
        for (uint256 i = 0; i < others.length; ++i) _refusesRevoke(others[i], T0, _notIssuer(others[i], ROLE));
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), ISSUER, 3600); // still accredited, if slowly
        _refusesRevoke(COLLEAGUE, T0, _notIssuer(COLLEAGUE, ROLE));
        _check(0, ISSUER, T0, UNTIL);
    }

    function test_letsAColleagueTakeBackWhatAFormerIssuerGave() external {
        _accredit(COLLEAGUE, ROLE);
        _accredit(OUTSIDER, OTHER_ROLE);
        _issue(ISSUER, UNTIL);
        _withdraw(ISSUER);
        _refusesRevoke(OUTSIDER, T0, _notIssuer(OUTSIDER, ROLE)); // an issuer of another role
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), OUTSIDER, 1); // one who may act only after a delay
        _refusesRevoke(OUTSIDER, T0, _notIssuer(OUTSIDER, ROLE));
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialRevoked(ACTOR, ROLE, COLLEAGUE, 0, T0 + 1);
        _revoke(COLLEAGUE, T0 + 1);
        _check(0, ISSUER, T0, T0 + 1);
    }

    /// Or whoever stole an issuer's key could undo every stamp that it ever stood behind, and nobody could stop them.
    function test_letsNoFormerIssuerTouchWhatTheyGave() external {
        _issue(ISSUER, UNTIL);
        _withdraw(ISSUER);
        _refusesRevoke(ISSUER, T0, _notIssuer(ISSUER, ROLE));
        _check(0, ISSUER, T0, UNTIL);
        _accredit(ISSUER, ROLE);
        _revoke(ISSUER, T0);
        _check(0, ISSUER, T0, T0);
    }

    function test_letsAnIssuerWithADelayShortenWhatTheyGave() external {
        _issue(ISSUER, UNTIL);
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), ISSUER, 3600);
        _revoke(ISSUER, T0);
        _check(0, ISSUER, T0, T0);
    }

    function test_revokesOneOfSeveral() external {
        _issue(ISSUER, UNTIL);
        _issue(ISSUER, UNTIL + 1);
        _issue(ISSUER, UNTIL + 2);
        vm.prank(ISSUER);
        _credentials.revoke(ACTOR, ROLE, 1, T0);
        _check(0, ISSUER, T0, UNTIL);
        _check(1, ISSUER, T0, T0);
        _check(2, ISSUER, T0, UNTIL + 2);
    }

    function _accredit(address issuer, bytes32 role) private {
        _manager.grantRole(_credentials.issuerRoleOf(role), issuer, 0);
    }

    function _withdraw(address issuer) private {
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), issuer);
    }

    function _issue(address issuer, uint40 until) private returns (uint256 index) {
        vm.prank(issuer);
        return _credentials.issue(ACTOR, ROLE, until);
    }

    function _revoke(address caller, uint40 until) private {
        vm.prank(caller);
        _credentials.revoke(ACTOR, ROLE, 0, until);
    }

    function _refusesRevoke(address caller, uint40 until, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        _credentials.revoke(ACTOR, ROLE, 0, until);
    }

    function _notIssuer(address caller, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICredentialRegistry.NotIssuer.selector, caller, role);
    }

    function _invalidPeriod(uint40 until) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICredentialRegistry.InvalidPeriod.selector, T0, until);
    }

    function _check(uint256 index, address issuer, uint256 from, uint256 until) private view {
        ICredentialRegistry.Credential memory found = _credentials.credentialsOf(ACTOR, ROLE, index, 1)[0];
        vm.assertEq(found.issuer, issuer, "issuer");
        vm.assertEq(found.from, from, "from");
        vm.assertEq(found.until, until, "until");
    }

    function _checkEnding(uint256 index, ICredentialRegistry.Ending ending) private view {
        uint256 found = uint256(_credentials.credentialsOf(ACTOR, ROLE, index, 1)[0].ending);
        vm.assertEq(found, uint256(ending), "ending");
    }

    function _checkHolds(uint40 time, bool expected) private view {
        vm.assertTrue(_credentials.holds(ACTOR, ROLE, 0, time) == expected, "holds");
    }
}
