// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Change} from "../../../contracts/types/Change.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {Vm} from "../Vm.sol";
import {Signing} from "./Signing.sol";
import {Words} from "./Words.sol";

/// A registry, four people with keys, and what they do and expect.
abstract contract ConsentSetup is Words {
    ConsentRegistry internal consent;
    address internal patient;
    address internal grantee;
    address internal carer;
    address internal outsider;
    bytes32 internal record;

    function setUp() public virtual {
        vm.warp(NOW);
        vm.roll(BLOCK);
        consent = new ConsentRegistry();
        patient = vm.addr(PATIENT_KEY);
        grantee = vm.addr(GRANTEE_KEY);
        carer = vm.addr(DELEGATE_KEY);
        outsider = vm.addr(OUTSIDER_KEY);
        record = recordOf(LABEL, CONTENT);
    }

    /* STATES */

    function recordOf(bytes32 compartment, bytes32 content) internal view returns (bytes32) {
        return bytes32(uint256(keccak256(abi.encode(patient, compartment, content))) | (1 << 255));
    }

    function eraOf(address who) internal view returns (uint40) {
        return uint40(_field(who, 0, 40));
    }

    function standOf(address who) internal view returns (uint56) {
        return uint56(_field(who, 40, 56));
    }

    function numberOf(address who) internal view returns (uint16) {
        return uint16(_field(who, 96, 16));
    }

    /// Where somebody stands who used this number of a session last.
    function joined(address who, uint56 stand, uint40 session, uint16 last) internal pure returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(who, stand, session, last))) % 2 ** 56);
    }

    function changesOf(address who) internal view returns (uint32) {
        return uint32(_field(who, 112, 32));
    }

    function slotsOf(address who) internal view returns (uint32) {
        return uint32(_field(who, 176, 32));
    }

    function byDelegatesOf(address who) internal view returns (uint16) {
        return uint16(_field(who, 240, 16));
    }

    /// Puts a state where the registry keeps it: in the mapping of its first slot.
    function storeState(address who, uint256 state) internal {
        vm.store(address(consent), keccak256(abi.encode(who, uint256(0))), bytes32(state));
    }

    /* ACTIONS OF THE PATIENT */

    function give(bytes32 scope, Terms terms) internal {
        vm.prank(patient);
        consent.grant(grantee, scope, terms, CAPSULE);
    }

    function take(bytes32 scope) internal {
        vm.prank(patient);
        consent.revoke(grantee, scope);
    }

    function shut(bytes32 scope) internal {
        vm.prank(patient);
        consent.deny(grantee, scope);
    }

    function lift(bytes32 scope) internal {
        vm.prank(patient);
        consent.lift(grantee, scope);
    }

    function entrust(bytes32 scope, Delegation terms) internal {
        vm.prank(patient);
        consent.delegate(carer, scope, terms);
    }

    function distrust(bytes32 scope) internal {
        vm.prank(patient);
        consent.undelegate(carer, scope);
    }

    function lock() internal {
        vm.prank(patient);
        consent.lockdown(SALT);
    }

    /* SIGNATURES */

    function signed(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return Signing.sign(key, Signing.digest(address(consent), structHash));
    }

    /// The first of a session that begins now.
    function openingOf(address who) internal view returns (ISignedConsents.Opening memory) {
        return ISignedConsents.Opening(standOf(who), SESSION, 1, DEADLINE);
    }

    function staleOpening(address who, ISignedConsents.Opening memory opening) internal pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ISignedConsents.StaleOpening.selector,
                who,
                opening.stand,
                opening.session,
                opening.number
            );
    }

    function onceOf(uint256 id) internal pure returns (ISignedActions.Once memory) {
        return ISignedActions.Once(id, DEADLINE);
    }

    /// A grant by the patient who begins to sign now, in the present era.
    function offer(bytes32 scope, Terms terms) internal view returns (ISignedConsents.SignedGrant memory) {
        Terms current = dated(terms, eraOf(patient));
        return ISignedConsents.SignedGrant(patient, grantee, scope, current, CAPSULE, 0, openingOf(patient));
    }

    function submit(ISignedConsents.SignedGrant memory offered) internal {
        consent.grantBySig(offered, signed(PATIENT_KEY, Signing.hash(offered)));
    }

    function keyTo(bytes32 scope) internal view returns (IGrants.GrantKey memory) {
        return IGrants.GrantKey(grantee, scope);
    }

    /* THE CARER */

    function keyFor(
        bytes32 compartment,
        bytes32 content,
        bytes32 under
    ) internal view returns (IDelegations.DelegatedKey memory) {
        return IDelegations.DelegatedKey(patient, grantee, compartment, content, under);
    }

    function giveFor(IDelegations.DelegatedKey memory place, Terms terms) internal {
        vm.prank(carer);
        consent.grantFor(place, terms, CAPSULE);
    }

    function takeFor(IDelegations.DelegatedKey memory place) internal {
        vm.prank(carer);
        consent.revokeFor(place);
    }

    function shutFor(IDelegations.DelegatedKey memory place) internal {
        vm.prank(carer);
        consent.denyFor(place);
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

    /// What is emitted next and by the registry, topics and data.
    function expectGranted(bytes32 scope, Terms terms, Change change) internal {
        vm.expectEmit(address(consent));
        emit IGrants.Granted(patient, grantee, scope, terms, CAPSULE, change);
    }

    function expectRevoked(bytes32 scope, Terms terms, Change change) internal {
        vm.expectEmit(address(consent));
        emit IGrants.Revoked(patient, grantee, scope, terms, change);
    }

    function expectDenied(bytes32 scope, Terms terms, Change change) internal {
        vm.expectEmit(address(consent));
        emit IGrants.Denied(patient, grantee, scope, terms, change);
    }

    function expectLifted(bytes32 scope, Terms terms, Change change) internal {
        vm.expectEmit(address(consent));
        emit IGrants.Lifted(patient, grantee, scope, terms, change);
    }

    function expectActed(bytes32 scope, uint32 change) internal {
        vm.expectEmit(address(consent));
        emit IDelegations.ActedFor(patient, carer, grantee, scope, change);
    }

    function expectSkipped(uint256 index, bytes memory reason) internal {
        vm.expectEmit(address(consent));
        emit ISignedActions.Skipped(index, reason);
    }

    /// That many events since `vm.recordLogs`, and all of them of the registry.
    function assertEvents(uint256 count) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, count, "events");
        for (uint256 i = 0; i < count; ++i) vm.assertEq(logs[i].emitter, address(consent), "emitter");
    }

    function _field(address who, uint256 offset, uint256 width) private view returns (uint256) {
        return (PersonState.unwrap(consent.stateOf(who)) / 2 ** offset) % 2 ** width;
    }
}
