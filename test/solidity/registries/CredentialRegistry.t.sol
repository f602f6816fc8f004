// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {SolTest} from "../Vm.sol";

contract CredentialRegistryTest is SolTest {
    uint40 private constant T0 = 1_900_000_000;
    uint40 private constant MAX_PERIOD = 3653 days;
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

    /* ACCREDITATION */

    function test_namesTheAccessManagerAndTheLongestPeriod() external view {
        vm.assertEq(_credentials.authority(), address(_manager), "authority");
        vm.assertEq(_credentials.MAX_PERIOD(), MAX_PERIOD, "MAX_PERIOD");
    }

    function testFuzz_givesNoRoleTheAdminsOrEverybodys(bytes32 role) external view {
        uint256 found = _credentials.issuerRoleOf(role);
        vm.assertTrue(found != _manager.ADMIN_ROLE() && found != 0, "admins");
        vm.assertTrue(found != _manager.PUBLIC_ROLE() && found != 2 ** 64 - 1, "everybody");
        uint256 half = (uint256(keccak256(abi.encode(role))) % 2 ** 64) / 2;
        vm.assertEq(found, half % 2 == 1 ? half : half + 1, "issuerRoleOf");
    }

    function test_refusesAnOutsiderEvenTheAdmin() external {
        _refusesIssue(OUTSIDER, ROLE);
        _refusesIssue(address(this), ROLE);
        _refusesIssue(ACTOR, ROLE);
        _refusesIssue(ISSUER, OTHER_ROLE);
        _accredit(OUTSIDER, ROLE);
        _issue(OUTSIDER, UNTIL);
    }

    function test_letsNoIssuerAccreditAnybody() external {
        uint64 role = _credentials.issuerRoleOf(ROLE);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedAccount.selector, ISSUER, uint64(0))
        );
        vm.prank(ISSUER);
        _manager.grantRole(role, OUTSIDER, 0);
    }

    function test_waitsForTheGrantDelayOfAnAccreditation() external {
        uint64 role = _credentials.issuerRoleOf(ROLE);
        _manager.setGrantDelay(role, 3600);
        vm.warp(T0 + 5 days); // the manager lets a new delay wait
        _manager.grantRole(role, OUTSIDER, 0);
        vm.warp(T0 + 5 days + 3599);
        _refusesIssue(OUTSIDER, ROLE);
        vm.warp(T0 + 5 days + 3600);
        vm.prank(OUTSIDER);
        _credentials.issue(ACTOR, ROLE, UNTIL);
    }

    /// Nothing can be scheduled here, so whoever may act only after a delay may not act at all.
    function test_refusesAnIssuerWithAnExecutionDelay() external {
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), OUTSIDER, 1);
        _refusesIssue(OUTSIDER, ROLE);
    }

    function test_refusesAnIssuerWhoseAccreditationWasWithdrawn() external {
        _withdraw(ISSUER);
        _refusesIssue(ISSUER, ROLE);
    }

    /* ISSUE */

    function test_givesACredentialFromNowUntilItsEnd() external {
        vm.recordLogs();
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialIssued(ACTOR, ROLE, ISSUER, 0, T0, UNTIL);
        vm.prank(ISSUER);
        vm.assertEq(_credentials.issue(ACTOR, ROLE, UNTIL), 0, "index");
        vm.assertEq(vm.getRecordedLogs().length, 2, "number of events, that which is expected counted, too");
        _check(0, ISSUER, T0, UNTIL);
        _checkEnding(0, ICredentialRegistry.Ending.Plain);
        vm.assertEq(_credentials.credentialCount(ACTOR, ROLE), 1, "credentialCount");
        vm.assertEq(_credentials.credentialCount(ACTOR, OTHER_ROLE), 0, "another role");
        vm.assertEq(_credentials.credentialCount(OUTSIDER, ROLE), 0, "another actor");
    }

    function test_countsTheCredentialsOfAnActorAndRole() external {
        _accredit(COLLEAGUE, ROLE);
        _issue(ISSUER, UNTIL);
        vm.warp(T0 + 5);
        vm.expectEmit(address(_credentials));
        emit ICredentialRegistry.CredentialIssued(ACTOR, ROLE, COLLEAGUE, 1, T0 + 5, UNTIL + 1);
        vm.assertEq(_issue(COLLEAGUE, UNTIL + 1), 1, "index");
        _check(0, ISSUER, T0, UNTIL);
        _check(1, COLLEAGUE, T0 + 5, UNTIL + 1);
    }

    function test_givesFromOneSecondToTenYears() external {
        _issue(ISSUER, T0 + 1);
        _issue(ISSUER, T0 + MAX_PERIOD);
        uint40[6] memory ends = [0, T0 - 1, T0, T0 + MAX_PERIOD + 1, 2 * T0, type(uint40).max];
        for (uint256 i = 0; i < ends.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICredentialRegistry.InvalidPeriod.selector, T0, ends[i]));
            vm.prank(ISSUER);
            _credentials.issue(ACTOR, ROLE, ends[i]);
        }
    }

    function test_refusesNobodyAsActor() external {
        vm.expectRevert(abi.encodeWithSelector(ICredentialRegistry.InvalidActor.selector, address(0)));
        vm.prank(ISSUER);
        _credentials.issue(address(0), ROLE, UNTIL);
    }

    /* HOLDS */

    function test_holdsFromItsFirstSecondUntilItsEnd() external {
        _issue(ISSUER, UNTIL);
        _checkHolds(T0 - 1, false);
        _checkHolds(T0, true);
        _checkHolds(UNTIL - 1, true);
        _checkHolds(UNTIL, false);
        _checkHolds(0, false);
        _checkHolds(type(uint40).max, false);
        vm.assertTrue(!_credentials.holds(ACTOR, ROLE, 1, T0), "one past the last");
        vm.assertTrue(!_credentials.holds(ACTOR, ROLE, type(uint256).max, T0), "no number");
        vm.assertTrue(!_credentials.holds(ACTOR, OTHER_ROLE, 0, T0), "another role");
        vm.assertTrue(!_credentials.holds(OUTSIDER, ROLE, 0, T0), "another actor");
    }

    /// Each by its number, whatever the others cover.
    function test_asksAboutOneCredentialOfTheHistory() external {
        uint40 second = T0 + 1000;
        _issue(ISSUER, T0 + 100);
        vm.warp(second);
        _issue(ISSUER, second + 100);
        uint40[8] memory times = [T0 - 1, T0, T0 + 99, T0 + 100, second - 1, second, second + 99, second + 100];
        for (uint256 i = 0; i < times.length; ++i) {
            bool first = i == 1 || i == 2;
            bool later = i == 5 || i == 6;
            vm.assertTrue(_credentials.holds(ACTOR, ROLE, 0, times[i]) == first, "the first");
            vm.assertTrue(_credentials.holds(ACTOR, ROLE, 1, times[i]) == later, "the second");
            vm.assertTrue(!_credentials.holds(ACTOR, ROLE, 2, times[i]), "there is no third");
            ICredentialRegistry.Status status = _credentials.statusOf(ACTOR, ROLE, 0, times[i]);
            vm.assertEq(uint256(status), first ? 1 : 0, "statusOf");
        }
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

    function _refusesIssue(address caller, bytes32 role) private {
        vm.expectRevert(_notIssuer(caller, role));
        vm.prank(caller);
        _credentials.issue(ACTOR, role, UNTIL);
    }

    function _notIssuer(address caller, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICredentialRegistry.NotIssuer.selector, caller, role);
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
