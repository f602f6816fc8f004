// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IGroup} from "../../../contracts/interfaces/IGroup.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {GrantTerms} from "../../../contracts/libraries/GrantTerms.sol";
import {Scopes} from "../../../contracts/libraries/Scopes.sol";
import {Reference} from "./Reference.sol";
import {SolTest} from "../Vm.sol";

contract OneMember is IGroup {
    function isMember(address, address member) external pure returns (bool) {
        return member == address(0xB0B);
    }
}

/// Draws grants and delegations that often meet, and compares what writers, delegates and members may with {Reference}.
contract AnswersTest is SolTest {
    uint256 private constant T0 = 1_900_000_000;
    address private constant PATIENT = address(0xA11CE);
    address private constant ACTOR = address(0xB0B);

    ConsentRegistry private _consent;
    Reference private _reference;
    address private _group;
    uint256 private _seed;

    function setUp() external {
        _consent = new ConsentRegistry(ICredentialRegistry(address(0)));
        _reference = new Reference();
        _group = address(new OneMember());
    }

    function testFuzz_answersAsTheReference(uint256 seed, bytes32 compartment, bytes32 content) external {
        _seed = seed;
        compartment = (compartment >> 1) | bytes32(uint256(1)); // a label
        content |= bytes32(uint256(1));
        bytes32[3] memory scopes = [Scopes.recordIdOf(PATIENT, compartment, content), compartment, bytes32(0)];

        uint256 time = T0;
        for (uint256 round = 0; round < 6; ++round) {
            time += _draw(4);
            vm.warp(time);
            uint256 action = _draw(8);
            if (action == 0) _lockdown(time);
            else if (action < 4) _grant(scopes[_draw(3)], time);
            else _delegate(scopes[_draw(3)], time);
            for (uint256 i = 0; i < 3; ++i) _ask(i, compartment, content, scopes, time);
        }
    }

    function _grant(bytes32 scope, uint256 time) private {
        address grantee = _draw(2) == 0 ? ACTOR : _group;
        Reference.Given memory given;
        given.permissions = [uint256(1), 2, 3, 4][_draw(4)];
        given.purposes = 1 + _draw(3);
        given.start = time - 4 + _draw(8);
        given.end = (given.start > time ? given.start : time) + 1 + _draw(8);
        given.asOf = _asOf(time);
        _reference.grant(PATIENT, grantee, scope, given);
        vm.prank(PATIENT);
        _consent.grant(
            grantee,
            scope,
            GrantTerms.pack(
                uint40(given.start),
                uint40(given.end),
                uint40(given.asOf),
                uint64(given.purposes),
                uint8(given.permissions)
            ),
            0
        );
    }

    function _delegate(bytes32 scope, uint256 time) private {
        Reference.Limits memory limits;
        limits.permissions = [uint256(1), 2, 4, 7, 16, 18, 23, 17][_draw(8)];
        limits.purposes = 1 + _draw(3);
        limits.longest = _draw(20);
        limits.end = time + 1 + _draw(8);
        limits.asOf = _asOf(time);
        _reference.delegate(PATIENT, ACTOR, scope, limits);
        uint256 word = limits.permissions * 2 ** 184 + limits.purposes * 2 ** 120;
        word += limits.asOf * 2 ** 80 + limits.end * 2 ** 40 + limits.longest;
        vm.prank(PATIENT);
        _consent.delegate(ACTOR, scope, Delegation.wrap(word));
    }

    function _lockdown(uint256 time) private {
        _reference.lockdown(PATIENT, time);
        vm.prank(PATIENT);
        _consent.lockdown();
    }

    /// About a record, a compartment, the whole chart.
    function _ask(uint256 about, bytes32 compartment, bytes32 content, bytes32[3] memory all, uint256 time) private {
        bytes32[] memory scopes = new bytes32[](3 - about);
        for (uint256 i = about; i < 3; ++i) scopes[i - about] = all[i];
        if (about == 2) compartment = 0;
        if (about > 0) content = 0;

        bool writes = _consent.canWrite(PATIENT, ACTOR, compartment, content);
        vm.assertTrue(writes == _reference.canWrite(PATIENT, ACTOR, scopes, time), "canWrite");
        bool manages = _consent.canManage(PATIENT, ACTOR, compartment, content);
        vm.assertTrue(manages == _reference.isDelegate(PATIENT, ACTOR, scopes, 16, time), "canManage");
        vm.assertTrue(_consent.canWrite(PATIENT, PATIENT, compartment, content), "the patient writes");
        vm.assertTrue(_consent.canManage(PATIENT, PATIENT, compartment, content), "the patient manages");

        uint8 permission = uint8(1 + _draw(2));
        uint64 purpose = uint64(1 + _draw(2));
        bool expected = _reference.canAccessAs(_group, ACTOR, PATIENT, scopes, permission, purpose, time);
        bool answer = _consent.canAccessAs(_group, ACTOR, PATIENT, compartment, content, permission, purpose);
        vm.assertTrue(answer == expected, "canAccessAs");
        answer = _consent.canAccessAs(_group, address(0xE7E), PATIENT, compartment, content, permission, purpose);
        vm.assertTrue(!answer, "no member");
    }

    function _asOf(uint256 time) private returns (uint256) {
        uint256 last = _reference.lockdownAt(PATIENT);
        return last <= time && _draw(4) != 0 ? last : time - _draw(4);
    }

    function _draw(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
