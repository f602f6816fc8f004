// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {SolTest, Vm} from "../Vm.sol";
import {Signing} from "./Signing.sol";

/// A registry, four people with keys, places of a chart, and words built without the libraries under test.
abstract contract ConsentSetup is SolTest {
    uint40 internal constant NOW = 1_900_000_000;
    uint40 internal constant END = NOW + 1000;
    uint40 internal constant DEADLINE = NOW + 100;

    uint256 internal constant PATIENT_KEY = 0xA11CE;
    uint256 internal constant GRANTEE_KEY = 0xB0B;
    uint256 internal constant DELEGATE_KEY = 0xDE1E;
    uint256 internal constant OUTSIDER_KEY = 0xBAD;

    bytes32 internal constant CHART = 0;
    bytes32 internal constant LABEL = bytes32(uint256(0xCA2D));
    bytes32 internal constant OTHER_LABEL = bytes32(uint256(0x9A2A));
    bytes32 internal constant CONTENT = bytes32(type(uint256).max - 7);
    bytes32 internal constant OTHER_CONTENT = bytes32(uint256(8));
    bytes32 internal constant CAPSULE = bytes32(uint256(0xCA95));

    uint8 internal constant READ = 1;
    uint8 internal constant WRITE = 2;
    uint8 internal constant DENY = 4;
    uint8 internal constant BY_DELEGATE = 8;
    uint8 internal constant MANAGE = 16;
    uint64 internal constant TREATMENT = 1;
    uint64 internal constant RESEARCH = 1 << 62;

    ConsentRegistry internal consent;
    address internal patient;
    address internal grantee;
    address internal carer;
    address internal outsider;
    bytes32 internal record;

    function setUp() public virtual {
        vm.warp(NOW);
        consent = new ConsentRegistry(ICredentialRegistry(address(0)));
        patient = vm.addr(PATIENT_KEY);
        grantee = vm.addr(GRANTEE_KEY);
        carer = vm.addr(DELEGATE_KEY);
        outsider = vm.addr(OUTSIDER_KEY);
        record = recordOf(LABEL, CONTENT);
    }

    /* WORDS */

    function word(
        uint256 first,
        uint256 end,
        uint256 asOf,
        uint256 purposes,
        uint256 permissions
    ) internal pure returns (uint256) {
        return first + end * 2 ** 40 + asOf * 2 ** 80 + purposes * 2 ** 120 + permissions * 2 ** 184;
    }

    /// Terms from now to END.
    function termsOf(uint8 permissions, uint64 purposes) internal pure returns (Terms) {
        return Terms.wrap(word(NOW, END, 0, purposes, permissions));
    }

    function reading() internal pure returns (Terms) {
        return termsOf(READ, TREATMENT);
    }

    function denying() internal pure returns (Terms) {
        return termsOf(DENY, 0);
    }

    /// Until END, grants of up to 500 s.
    function delegationOf(uint8 permissions, uint64 purposes) internal pure returns (Delegation) {
        return Delegation.wrap(word(500, END, 0, purposes, permissions));
    }

    function numbered(Terms terms, uint256 revision) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) + revision * 2 ** 192);
    }

    function numbered(Delegation terms, uint256 revision) internal pure returns (Delegation) {
        return Delegation.wrap(Delegation.unwrap(terms) + revision * 2 ** 192);
    }

    function marked(Terms terms) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) + uint256(BY_DELEGATE) * 2 ** 184);
    }

    function since(Terms terms, uint256 time) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) + time * 2 ** 80);
    }

    function recordOf(bytes32 compartment, bytes32 content) internal view returns (bytes32) {
        return bytes32(uint256(keccak256(abi.encode(patient, compartment, content))) | (1 << 255));
    }

    /* ACTIONS */

    function give(bytes32 scope, Terms terms) internal {
        vm.prank(patient);
        consent.grant(grantee, scope, terms, CAPSULE);
    }

    function entrust(bytes32 scope, Delegation terms) internal {
        vm.prank(patient);
        consent.delegate(carer, scope, terms);
    }

    function lock() internal {
        vm.prank(patient);
        consent.lockdown();
    }

    function signed(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return Signing.sign(key, Signing.digest(address(consent), structHash));
    }

    /// A grant of revision 1 by the patient.
    function offer(bytes32 scope, Terms terms) internal view returns (ISignedConsents.SignedGrant memory) {
        return ISignedConsents.SignedGrant(patient, grantee, scope, numbered(terms, 1), CAPSULE, DEADLINE);
    }

    function submit(ISignedConsents.SignedGrant memory offered) internal {
        consent.grantBySig(offered, signed(PATIENT_KEY, Signing.hash(offered)));
    }

    function giving(
        bytes32 compartment,
        bytes32 content,
        bytes32 under,
        Terms terms
    ) internal view returns (IDelegations.DelegatedGrant memory) {
        return IDelegations.DelegatedGrant(patient, grantee, compartment, content, under, terms, CAPSULE);
    }

    function taking(
        bytes32 compartment,
        bytes32 content,
        bytes32 under
    ) internal view returns (IDelegations.DelegatedRevocation memory) {
        return IDelegations.DelegatedRevocation(patient, grantee, compartment, content, under);
    }

    /* EXPECTATIONS */

    function refuse(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function assertGrant(bytes32 scope, Terms expected) internal view {
        vm.assertEq(Terms.unwrap(consent.grantOf(patient, grantee, scope)), Terms.unwrap(expected), "grant");
    }

    function assertDelegation(bytes32 scope, Delegation expected) internal view {
        uint256 standing = Delegation.unwrap(consent.delegationOf(patient, carer, scope));
        vm.assertEq(standing, Delegation.unwrap(expected), "delegation");
    }

    function reads(bytes32 compartment, bytes32 content) internal view returns (bool) {
        return consent.canAccess(patient, grantee, compartment, content, READ, TREATMENT);
    }

    function tombstone(uint256 revision) internal pure returns (Terms) {
        return Terms.wrap(revision * 2 ** 192);
    }

    /// What is emitted next and by the registry, topics and data.
    function expectGranted(bytes32 scope, Terms terms) internal {
        vm.expectEmit(address(consent));
        emit IGrants.Granted(patient, grantee, scope, terms, CAPSULE);
    }

    function expectRevoked(bytes32 scope, uint32 revision) internal {
        vm.expectEmit(address(consent));
        emit IGrants.Revoked(patient, grantee, scope, revision);
    }

    /// Fails where anything was emitted since `vm.recordLogs`.
    function assertSilence() internal {
        vm.assertEq(vm.getRecordedLogs().length, 0, "an event");
    }

    /// That many events since `vm.recordLogs`, and all of them of the registry.
    function assertEvents(uint256 count) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, count, "events");
        for (uint256 i = 0; i < count; ++i) vm.assertEq(logs[i].emitter, address(consent), "emitter");
    }
}
