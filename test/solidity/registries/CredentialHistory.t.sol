// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Announcements} from "../../../contracts/Announcements.sol";
import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {SolTest} from "../Vm.sol";

/// Long histories: read page by page, and no dearer to ask or to lengthen than short ones.
contract CredentialHistoryTest is SolTest {
    uint40 private constant T0 = 1_900_000_000;
    uint40 private constant UNTIL = T0 + 365 days;
    bytes32 private constant ROLE = "practitioner";
    address private constant PATIENT = address(0xA11CE);
    /// Has 300 credentials; the others 1, 1 and what looks like 10,000.
    address private constant OLD = address(0x300);
    address private constant FIRST = address(0xF);
    address private constant NEW = address(0x1);
    address private constant ANCIENT = address(0x10000);

    AccessManager private _manager;
    CredentialRegistry private _credentials;
    Announcements private _announcements;

    function setUp() external {
        vm.warp(T0);
        _manager = new AccessManager(address(this));
        _credentials = new CredentialRegistry(_manager);
        _announcements = new Announcements(new ConsentRegistry(), _credentials);
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), address(this), 0);
        for (uint40 i = 0; i < 300; ++i) _credentials.issue(OLD, ROLE, UNTIL + i);
        _credentials.issue(FIRST, ROLE, UNTIL);
        _credentials.issue(NEW, ROLE, UNTIL);
        _lengthen(ANCIENT, 9_999);
        _credentials.issue(ANCIENT, ROLE, UNTIL);
    }

    /* PAGES */

    function test_readsPageByPageOldestFirst() external view {
        vm.assertEq(_credentials.credentialCount(OLD, ROLE), 300, "credentialCount");
        uint256 read = 0;
        for (uint256 first = 0; first < 300; first += 70) {
            uint256 expected = first == 280 ? 20 : 70;
            ICredentialRegistry.Credential[] memory page = _credentials.credentialsOf(OLD, ROLE, first, 70);
            vm.assertEq(page.length, expected, "length of a page");
            for (uint256 i = 0; i < page.length; ++i) vm.assertEq(page[i].until, UNTIL + read++, "until");
        }
        vm.assertEq(read, 300, "all");
    }

    function test_readsUpToTheEndAndNothingBeyond() external view {
        _checkPage(0, 0, 0);
        _checkPage(0, 300, 300);
        _checkPage(0, 301, 300);
        _checkPage(0, type(uint256).max, 300);
        _checkPage(299, 1, 1);
        _checkPage(299, 2, 1);
        _checkPage(299, type(uint256).max, 1);
        _checkPage(300, 1, 0);
        _checkPage(301, 1, 0);
        _checkPage(type(uint256).max, type(uint256).max, 0);
        vm.assertEq(_credentials.credentialsOf(PATIENT, ROLE, 0, 1).length, 0, "no history");
    }

    /* COSTS: nothing of these actors was touched before in the test's transaction */

    function test_asksForTheSameGasWhateverTheHistory() external {
        _holds(FIRST, 0); // warms the contract, not the actors
        uint256 short = _holds(NEW, 0);
        _checkGas(short, _holds(OLD, 299));
        _checkGas(short, _holds(ANCIENT, 9_999));
    }

    function test_readsAPageForTheSameGasWhateverTheHistory() external view {
        _read(FIRST, 0);
        uint256 short = _read(NEW, 0);
        _checkGas(short, _read(OLD, 299));
        _checkGas(short, _read(ANCIENT, 9_999));
    }

    function test_issuesForTheSameGasWhateverTheHistory() external {
        _issue(FIRST);
        uint256 short = _issue(NEW);
        _checkGas(short, _issue(OLD));
        _checkGas(short, _issue(ANCIENT));
        vm.assertEq(_credentials.credentialCount(ANCIENT, ROLE), 10_001, "credentialCount");
    }

    function test_revokesForTheSameGasWhateverTheHistory() external {
        _revoke(FIRST, 0);
        uint256 short = _revoke(NEW, 0);
        _checkGas(short, _revoke(OLD, 299));
        _checkGas(short, _revoke(ANCIENT, 9_999));
    }

    function test_saysForTheSameGasWhateverTheHistoryWhatATimeIs() external view {
        _statusOf(FIRST, 0);
        uint256 short = _statusOf(NEW, 0);
        _checkGas(short, _statusOf(OLD, 299));
        _checkGas(short, _statusOf(ANCIENT, 9_999));
    }

    function test_requestsForTheSameGasWhateverTheHistory() external {
        _request(FIRST, 0);
        uint256 short = _request(NEW, 0);
        _checkGas(short, _request(OLD, 299));
        _checkGas(short, _request(ANCIENT, 9_999));
    }

    function _holds(address actor, uint256 index) private view returns (uint256 gas) {
        uint256 before = gasleft();
        bool answer = _credentials.holds(actor, ROLE, index, T0);
        gas = before - gasleft();
        vm.assertTrue(answer, "holds");
    }

    function _statusOf(address actor, uint256 index) private view returns (uint256 gas) {
        uint256 before = gasleft();
        ICredentialRegistry.Status status = _credentials.statusOf(actor, ROLE, index, T0);
        gas = before - gasleft();
        vm.assertTrue(status == ICredentialRegistry.Status.Holds, "statusOf");
    }

    function _read(address actor, uint256 first) private view returns (uint256) {
        uint256 before = gasleft();
        _credentials.credentialsOf(actor, ROLE, first, 1);
        return before - gasleft();
    }

    function _issue(address actor) private returns (uint256) {
        uint256 before = gasleft();
        _credentials.issue(actor, ROLE, UNTIL);
        return before - gasleft();
    }

    function _revoke(address actor, uint256 index) private returns (uint256) {
        uint256 before = gasleft();
        _credentials.revoke(actor, ROLE, index, T0);
        return before - gasleft();
    }

    function _request(address actor, uint256 index) private returns (uint256) {
        IAnnouncements.Wish memory wish = IAnnouncements.Wish(address(uint160(actor) + 1), 0, ROLE, 1, 1, T0 + 1);
        vm.prank(actor);
        uint256 before = gasleft();
        _announcements.request(wish, index);
        return before - gasleft();
    }

    function _checkGas(uint256 short, uint256 long) private pure {
        vm.assertTrue(long * 100 < short * 105 && short * 100 < long * 105, "gas differs by 5 % or more");
    }

    function _checkPage(uint256 first, uint256 count, uint256 expected) private view {
        vm.assertEq(_credentials.credentialsOf(OLD, ROLE, first, count).length, expected, "length of a page");
    }

    /// Makes a history look that long: the length of a list is at the place of its mapping, the first in storage.
    function _lengthen(address actor, uint256 length) private {
        bytes32 slot = keccak256(abi.encode(ROLE, keccak256(abi.encode(actor, uint256(0)))));
        vm.store(address(_credentials), slot, bytes32(length));
        vm.assertEq(_credentials.credentialCount(actor, ROLE), length, "credentialCount");
    }
}
