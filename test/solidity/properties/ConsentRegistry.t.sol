// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {GrantTerms} from "../../../contracts/libraries/GrantTerms.sol";
import {Scopes} from "../../../contracts/libraries/Scopes.sol";
import {Reference} from "./Reference.sol";
import {SolTest} from "../Vm.sol";

/// Draws grants, lockdowns and questions that often meet, and compares every answer with {Reference}.
contract ConsentRegistryTest is SolTest {
    uint256 private constant T0 = 1_900_000_000;
    address private constant PATIENT = address(0xA11CE);
    address private constant GRANTEE = address(0xB0B);

    ConsentRegistry private _consent;
    Reference private _reference;
    uint256 private _seed;

    function setUp() external {
        _consent = new ConsentRegistry(ICredentialRegistry(address(0)));
        _reference = new Reference();
    }

    function testFuzz_answersAsTheReference(uint256 seed, bytes32 compartment, bytes32 content) external {
        _seed = seed;
        compartment = (compartment >> 1) | bytes32(uint256(1)); // a label
        content |= bytes32(uint256(1));
        bytes32 recordId = Scopes.recordIdOf(PATIENT, compartment, content);

        uint256 time = T0;
        for (uint256 round = 0; round < 6; ++round) {
            time += _draw(4);
            vm.warp(time);
            uint256 action = _draw(8);
            if (action == 0) _lockdown(time);
            else if (action == 1) _revoke(_oneOf(recordId, compartment, 0));
            else _grant(_oneOf(recordId, compartment, 0), time);
            for (uint256 i = 0; i < 4; ++i) _ask(compartment, content, recordId, time);
        }
    }

    /// What is not one permission, one purpose and a place that exists has no answer but no.
    function testFuzz_refusesMalformedQuestions(
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external {
        _seed = uint256(keccak256(abi.encode(compartment, content, permission, purpose)));
        // whole words are hardly ever a question: mend one part, or all but one
        if (_draw(2) == 0) permission = uint8(1 + _draw(2));
        if (_draw(2) == 0) purpose = uint64(1) << uint64(_draw(8) == 0 ? 63 : _draw(64));
        if (_draw(2) == 0) compartment = _draw(3) == 0 ? bytes32(0) : compartment >> 1;
        if (_draw(2) == 0) content = 0;
        vm.warp(T0);
        Reference.Given memory all = Reference.Given(0, T0 + 1, 0, GrantTerms.ALL_PURPOSES, 3);
        _put(0, all);
        if (Scopes.isLabel(compartment)) _put(compartment, all);
        _put(Scopes.recordIdOf(PATIENT, compartment, content), all);

        bool place = compartment == 0 ? content == 0 : uint256(compartment) < 2 ** 255;
        bool read = permission == 1 && purpose > 0 && purpose < 2 ** 63 && _isPowerOfTwo(purpose);
        bool expected = place && (read || permission == 2);
        bool answer = _consent.canAccess(PATIENT, GRANTEE, compartment, content, permission, purpose);
        vm.assertTrue(answer == expected, "grantee");
        answer = _consent.canAccess(PATIENT, PATIENT, compartment, content, permission, purpose);
        vm.assertTrue(answer == expected, "patient");
    }

    /// Whoever has no grant of this patient is refused, whatever they ask and whatever they granted themselves.
    function testFuzz_refusesAnOutsider(address patient, address outsider, bytes32 scope, uint8 permission) external {
        if (patient == outsider || outsider == address(0) || patient == address(0)) return;
        vm.warp(T0);
        vm.prank(outsider);
        _consent.grant(patient, scope, GrantTerms.pack(0, uint40(T0 + 1), 0, 1, 3), 0);
        bytes32 compartment = scope >> 1;
        vm.assertTrue(!_consent.canAccess(patient, outsider, compartment, 0, permission, 1), "compartment");
        vm.assertTrue(!_consent.canAccess(patient, outsider, 0, 0, permission, 1), "chart");
    }

    /* ACTIONS, ON BOTH */

    function _grant(bytes32 scope, uint256 time) private {
        Reference.Given memory given;
        given.permissions = [uint256(1), 2, 3, 4][_draw(4)];
        given.purposes = _draw(3) == 0 ? GrantTerms.ALL_PURPOSES : _purpose() | _purpose();
        given.start = time - 4 + _draw(8);
        given.end = (given.start > time ? given.start : time) + 1 + _draw(8);
        uint256 last = _reference.lockdownAt(PATIENT);
        given.asOf = last <= time && _draw(4) != 0 ? last : time - _draw(4);
        _put(scope, given);
    }

    function _put(bytes32 scope, Reference.Given memory given) private {
        _reference.grant(PATIENT, GRANTEE, scope, given);
        vm.prank(PATIENT);
        _consent.grant(
            GRANTEE,
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

    function _revoke(bytes32 scope) private {
        _reference.revoke(PATIENT, GRANTEE, scope);
        vm.prank(PATIENT);
        _consent.revoke(GRANTEE, scope);
    }

    function _lockdown(uint256 time) private {
        _reference.lockdown(PATIENT, time);
        vm.prank(PATIENT);
        _consent.lockdown();
        vm.assertEq(_consent.lockdownAt(PATIENT), _reference.lockdownAt(PATIENT), "lockdownAt");
    }

    function _ask(bytes32 compartment, bytes32 content, bytes32 recordId, uint256 time) private {
        uint256 about = _draw(3); // a record, a compartment, the whole chart
        bytes32[] memory scopes = new bytes32[](3 - about);
        for (uint256 i = about; i < 3; ++i) scopes[i - about] = [recordId, compartment, bytes32(0)][i];
        uint8 permission = uint8(_draw(16) == 0 ? _draw(256) : 1 + _draw(2));
        uint64 purpose = _draw(16) == 0 ? uint64(_draw(2 ** 64)) : _purpose();
        bool expected = _reference.canAccess(PATIENT, GRANTEE, scopes, permission, purpose, time);
        bool answer = _consent.canAccess(
            PATIENT,
            GRANTEE,
            about == 2 ? bytes32(0) : compartment,
            about == 0 ? content : bytes32(0),
            permission,
            purpose
        );
        vm.assertTrue(answer == expected, "canAccess differs from the reference");
    }

    /* DRAWING */

    function _draw(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }

    /// One of few purposes, so that grants and questions meet.
    function _purpose() private returns (uint64) {
        return [uint64(1), 2, 2 ** 31, 2 ** 62][_draw(4)];
    }

    function _oneOf(bytes32 a, bytes32 b, bytes32 c) private returns (bytes32) {
        return [a, b, c][_draw(3)];
    }

    function _isPowerOfTwo(uint256 word) private pure returns (bool) {
        while (word > 1 && word % 2 == 0) word /= 2;
        return word == 1;
    }
}
