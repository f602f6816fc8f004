// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "../../../contracts/types/GrantTerms.sol";
import {Twin} from "./Twin.sol";

/// Whatever is done, every answer of the contract is that of {Reference}.
contract AnswersTest is Twin {
    function testFuzz_answersAsTheReference(uint256 seed) external {
        _begin(seed);
        for (uint256 round = 0; round < 10; ++round) {
            _do(_drawDeed());
            if (_draw(2) == 0) _pass();
            _ask();
            if (round > 5) _ask();
        }
    }

    /// What is not one permission, one purpose and a place that exists has no answer but no.
    function testFuzz_refusesMalformedQuestions(
        uint256 seed,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external {
        _begin(seed);
        // whole words are hardly ever a question: mend one part, or all but one
        if (_draw(2) == 0) permission = uint8(1 + _draw(2));
        if (_draw(2) == 0) purpose = uint64(1) << uint64(_draw(8) == 0 ? 63 : _draw(64));
        if (_draw(2) == 0) compartment = _draw(3) == 0 ? bytes32(0) : compartment >> 1;
        if (_draw(2) == 0) content = 0;
        bytes32[3] memory scopes = [bytes32(0), compartment, scopeOf(PATIENT, compartment, content)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(PATIENT);
            consent.grant(ACTOR, scopes[i], Terms.wrap(_word(0, time + 1, 0, GrantTerms.ALL_PURPOSES, 3)), 0);
        }
        bool isPlace = compartment == 0 ? content == 0 : uint256(compartment) < 2 ** 255;
        vm.assertTrue(consent.canWrite(PATIENT, ACTOR, compartment, content) == isPlace, "writer");
        vm.assertTrue(consent.canWrite(PATIENT, PATIENT, compartment, content) == isPlace, "the patient writes");
        _checkQuestion(compartment, content, permission, purpose, isPlace);
    }

    /// Whoever has no grant of this patient is refused, whatever they ask and whatever they granted themselves.
    function testFuzz_refusesAnOutsider(address patient, address outsider, bytes32 scope, uint8 permission) external {
        if (patient == outsider || outsider == address(0) || patient == address(0)) return;
        vm.warp(T0);
        vm.prank(outsider);
        consent.grant(patient, scope, Terms.wrap(_word(0, T0 + 1, 0, 1, 3)), 0);
        bytes32 compartment = scope >> 1;
        vm.assertTrue(!consent.canAccess(patient, outsider, compartment, 0, permission, 1), "compartment");
        vm.assertTrue(!consent.canAccess(patient, outsider, 0, 0, permission, 1), "chart");
        vm.assertTrue(!consent.canWrite(patient, outsider, 0, 0), "writes");
    }

    /// A DENY shuts its place and all that lies in it, whatever was granted before or is granted after.
    function testFuzz_aDenyAlwaysWins(uint256 seed) external {
        _begin(seed);
        for (uint256 round = 0; round < 4; ++round) _do(_drawDeed());
        Deed memory shut = _drawDeed();
        (shut.kind, shut.by, shut.slot) = (Kind.Deny, PATIENT, _place());
        _do(shut);
        Slot memory shutAt = shut.slot;
        for (uint256 round = 0; round < 6; ++round) {
            // whatever lifts nothing that the patient shut
            Deed memory deed = _drawDeed();
            if (deed.kind == Kind.Lift || deed.kind == Kind.LiftMany) deed.kind = Kind.Lockdown;
            _do(deed);
            _pass();
            vm.assertTrue(consent.grantOf(PATIENT, shutAt.grantee, shutAt.scope).permissions() == 4, "the DENY");
            Slot memory about = _place();
            bytes32[] memory scopes = chain(PATIENT, about.compartment, about.content);
            bool lies = false;
            for (uint256 i = 0; i < scopes.length; ++i) if (scopes[i] == shutAt.scope) lies = true;
            if (!lies) continue;
            (bytes32 compartment, bytes32 content) = (about.compartment, about.content);
            uint64 purpose = _purpose();
            bool reads = consent.canAccess(PATIENT, shutAt.grantee, compartment, content, 1, purpose);
            vm.assertTrue(!reads, "reads");
            vm.assertTrue(!consent.canWrite(PATIENT, shutAt.grantee, compartment, content), "writes");
            reads = consent.canAccessAs(shutAt.grantee, ACTOR, PATIENT, compartment, content, purpose);
            vm.assertTrue(!reads, "reads for a group");
            reads = consent.canAccessAs(group, shutAt.grantee, PATIENT, compartment, content, purpose);
            vm.assertTrue(!reads, "reads as a member");
        }
    }

    function _checkQuestion(
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose,
        bool isPlace
    ) private view {
        bool expected = isPlace && REFERENCE.isQuestion(permission, purpose);
        bool answer = consent.canAccess(PATIENT, ACTOR, compartment, content, permission, purpose);
        vm.assertTrue(answer == expected, "grantee");
        answer = consent.canAccess(PATIENT, PATIENT, compartment, content, permission, purpose);
        vm.assertTrue(answer == expected, "patient");
        (, Terms terms) = consent.permittingGrant(PATIENT, ACTOR, compartment, content, permission, purpose);
        vm.assertTrue(terms.isEmpty() == !expected, "permitting grant");
    }

    function _place() private returns (Slot memory slot) {
        do slot = _slot(); while (chain(PATIENT, slot.compartment, slot.content).length == 0);
    }

    function _ask() private {
        Slot memory about = _slot();
        bytes32[] memory scopes = chain(PATIENT, about.compartment, about.content);
        (uint8 permission, uint64 purpose) = (uint8(1 + _draw(2)), _purpose());
        if (_draw(16) == 0) (permission, purpose) = (uint8(_draw(256)), uint64(_draw(2 ** 64)));
        _askAccess(about, scopes, permission, purpose);
        _askDelegate(about, scopes, uint8(_draw(256)));

        bool writes = consent.canWrite(PATIENT, about.grantee, about.compartment, about.content);
        vm.assertTrue(writes == REFERENCE.canWrite(PATIENT, about.grantee, scopes, time), "canWrite");
        bool expected = REFERENCE.canAccessAs(group, ACTOR, PATIENT, scopes, purpose, time);
        bool answer = consent.canAccessAs(group, ACTOR, PATIENT, about.compartment, about.content, purpose);
        vm.assertTrue(answer == expected, "canAccessAs");
        answer = consent.canAccessAs(group, CARER, PATIENT, about.compartment, about.content, purpose);
        vm.assertTrue(!answer, "no member");
        answer = consent.canAccessAs(ACTOR, ACTOR, PATIENT, about.compartment, about.content, purpose);
        vm.assertTrue(!answer, "no group");
    }

    function _askAccess(Slot memory about, bytes32[] memory scopes, uint8 permission, uint64 purpose) private view {
        bool expected = REFERENCE.canAccess(PATIENT, about.grantee, scopes, permission, purpose, time);
        bool answer = consent.canAccess(PATIENT, about.grantee, about.compartment, about.content, permission, purpose);
        vm.assertTrue(answer == expected, "canAccess");
        (bool found, bytes32 scope) = REFERENCE.permitting(PATIENT, about.grantee, scopes, permission, purpose, time);
        vm.assertTrue(found == answer, "permitting grant");
        Terms terms = found ? consent.grantOf(PATIENT, about.grantee, scope) : Terms.wrap(0);
        _checkCited(about, permission, purpose, scope, terms);
    }

    function _checkCited(Slot memory about, uint8 permission, uint64 purpose, bytes32 scope, Terms terms) private view {
        (bytes32 cited, Terms given) = consent.permittingGrant(
            PATIENT,
            about.grantee,
            about.compartment,
            about.content,
            permission,
            purpose
        );
        vm.assertEq(cited, scope, "scope of the permitting grant");
        vm.assertEq(Terms.unwrap(given), Terms.unwrap(terms), "terms of the permitting grant");
    }

    function _askDelegate(Slot memory about, bytes32[] memory scopes, uint8 powers) private view {
        (bytes32 compartment, bytes32 content) = (about.compartment, about.content);
        bool answer = consent.isDelegate(PATIENT, CARER, compartment, content, powers);
        vm.assertTrue(answer == REFERENCE.isDelegate(PATIENT, CARER, scopes, powers, time), "isDelegate");
        answer = consent.isDelegate(PATIENT, CARER, compartment, content, 64);
        vm.assertTrue(answer == REFERENCE.isDelegate(PATIENT, CARER, scopes, 64, time), "manages");
    }
}
