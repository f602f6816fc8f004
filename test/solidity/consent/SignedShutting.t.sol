// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Revocations, DENYs and ends of delegations that anyone may carry with the patient's signature.
contract SignedShuttingTest is ConsentSetup {
    function test_revokesBySignature() external {
        give(LABEL, reading());
        vm.roll(BLOCK + 1);
        expectRevoked(LABEL, vacant(BLOCK + 1, 1), changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        _carry(0, patient, keyTo(LABEL), onceOf(1), PATIENT_KEY);
        assertEvents(1);
        assertGrant(LABEL, vacant(BLOCK + 1, 1));
    }

    function test_deniesBySignature() external {
        give(LABEL, reading());
        vm.roll(BLOCK + 1);
        expectDenied(LABEL, placed(denial(), BLOCK + 1, 1), changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        _carry(1, patient, keyTo(LABEL), onceOf(1), PATIENT_KEY);
        assertEvents(1);
        assertGrant(LABEL, placed(denial(), BLOCK + 1, 1));
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        _carry(1, patient, keyTo(LABEL), onceOf(2), PATIENT_KEY);
        expectSkipped(0, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient));
        _carry(1, patient, IGrants.GrantKey(patient, LABEL), onceOf(3), PATIENT_KEY);
        vm.assertTrue(consent.isUsed(patient, 2) && consent.isUsed(patient, 3), "used");
    }

    function test_endsADelegationBySignature() external {
        entrust(LABEL, powersOf(WRITE, 0));
        vm.roll(BLOCK + 1);
        Delegation left = Delegation.wrap(uint256(BLOCK + 1) * 2 ** 192 + 2 ** 224);
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, LABEL, left, changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        _carry(2, patient, IGrants.GrantKey(carer, LABEL), onceOf(1), PATIENT_KEY);
        assertEvents(1);
        assertDelegation(LABEL, left);
        expectSkipped(0, abi.encodeWithSelector(IGrants.NothingStands.selector, carer, LABEL));
        _carry(2, patient, IGrants.GrantKey(carer, LABEL), onceOf(2), PATIENT_KEY);
    }

    function test_shutsInEveryEra() external {
        give(LABEL, reading());
        entrust(LABEL, powersOf(WRITE, 0));
        lock();
        _carry(0, patient, keyTo(LABEL), onceOf(1), PATIENT_KEY);
        _carry(1, patient, keyTo(record), onceOf(2), PATIENT_KEY);
        _carry(2, patient, IGrants.GrantKey(carer, LABEL), onceOf(3), PATIENT_KEY);
        assertGrant(LABEL, vacant(BLOCK, 1));
        assertGrant(record, placed(dated(denial(), eraOf(patient)), BLOCK, 3));
        assertDelegation(LABEL, Delegation.wrap(uint256(BLOCK) * 2 ** 192 + 2 * 2 ** 224));
    }

    function test_movesTheSignerOnAndNobodyElse() external {
        for (uint256 form = 0; form < 3; ++form) {
            uint56 stand = standOf(patient);
            _carry(form, patient, keyTo(LABEL), onceOf(form), PATIENT_KEY);
            vm.assertTrue(standOf(patient) != stand, "stand");
            vm.assertEq(standOf(outsider), 0, "the carrier");
        }
    }

    function test_bindsTheSignatureToEachFieldAndToTheForm() external {
        for (uint256 form = 0; form < 3; ++form) {
            bytes memory signature = _signature(form, patient, keyTo(LABEL), onceOf(1), PATIENT_KEY);
            _refuse(form, outsider, keyTo(LABEL), onceOf(1), signature);
            _refuse(form, patient, IGrants.GrantKey(outsider, LABEL), onceOf(1), signature);
            _refuse(form, patient, keyTo(record), onceOf(1), signature);
            _refuse(form, patient, keyTo(LABEL), onceOf(2), signature);
            _refuse(form, patient, keyTo(LABEL), ISignedActions.Once(1, DEADLINE + 1), signature);
            for (uint256 other = 1; other < 3; ++other) {
                _refuse((form + other) % 3, patient, keyTo(LABEL), onceOf(1), signature);
            }
            uint256[3] memory keys = [GRANTEE_KEY, DELEGATE_KEY, OUTSIDER_KEY];
            for (uint256 i = 0; i < 3; ++i) {
                bytes memory others = _signature(form, patient, keyTo(LABEL), onceOf(1), keys[i]);
                _refuse(form, patient, keyTo(LABEL), onceOf(1), others);
            }
        }
        vm.assertTrue(!consent.isUsed(patient, 1), "unused");
        vm.assertEq(standOf(patient), 0, "not moved on");
    }

    function test_shutsUntilTheDeadlineInclusive() external {
        for (uint256 form = 0; form < 3; ++form) {
            vm.warp(DEADLINE + 1);
            refuse(abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
            _submit(form, patient, keyTo(LABEL), onceOf(form), "");
            vm.warp(DEADLINE);
            _carry(form, patient, keyTo(LABEL), onceOf(form), PATIENT_KEY);
        }
        assertGrant(LABEL, placed(denial(), BLOCK, 1));
    }

    /* MANY REVOCATIONS */

    function test_revokesManyInOrderBySignature() external {
        IGrants.GrantKey[] memory keys = _keys(3);
        for (uint256 i = 0; i < 3; ++i) give(keys[i].scope, reading());
        for (uint256 i = 0; i < 3; ++i) {
            expectRevoked(keys[i].scope, vacant(BLOCK, i + 1), changeOf(4 + i, BLOCK, BLOCK));
        }
        vm.recordLogs();
        _revokeMany(keys, onceOf(1));
        assertEvents(3);
        vm.assertEq(changesOf(patient), 6, "changes");
    }

    function test_revokesFrom1To200BySignature() external {
        IGrants.GrantKey[] memory keys = _keys(0);
        _refuseMany(keys, abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 0, 200));
        keys = _keys(201);
        _refuseMany(keys, abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        keys = _keys(200);
        give(keys[199].scope, reading());
        _revokeMany(keys, onceOf(1));
        assertGrant(keys[199].scope, vacant(BLOCK, 1));
    }

    function test_bindsTheSignatureToEachFieldOfManyRevocations() external {
        IGrants.GrantKey[] memory keys = _keys(2);
        bytes memory signature = signed(PATIENT_KEY, Signing.hashRevokeMany(patient, keys, onceOf(1)));
        _refuseMany(outsider, keys, onceOf(1), signature);
        _refuseMany(patient, _keys(1), onceOf(1), signature);
        _refuseMany(patient, _keys(3), onceOf(1), signature);
        (keys[0], keys[1]) = (keys[1], keys[0]);
        _refuseMany(patient, keys, onceOf(1), signature);
        keys = _keys(2);
        keys[1].grantee = carer;
        _refuseMany(patient, keys, onceOf(1), signature);
        keys = _keys(2);
        keys[1].scope = LABEL;
        _refuseMany(patient, keys, onceOf(1), signature);
        keys = _keys(2);
        _refuseMany(patient, keys, onceOf(2), signature);
        _refuseMany(patient, keys, ISignedActions.Once(1, DEADLINE + 1), signature);
        bytes memory others = signed(OUTSIDER_KEY, Signing.hashRevokeMany(patient, keys, onceOf(1)));
        _refuseMany(patient, keys, onceOf(1), others);
        consent.revokeManyBySig(patient, keys, onceOf(1), signature);
    }

    function test_takesManyRevocationsUntilTheDeadlineInclusive() external {
        vm.warp(DEADLINE + 1);
        _refuseMany(_keys(1), abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        _revokeMany(_keys(1), onceOf(1));
        vm.assertTrue(consent.isUsed(patient, 1), "used");
    }

    function _carry(
        uint256 form,
        address signer,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        uint256 by
    ) private {
        bytes memory signature = _signature(form, signer, key, once, by);
        vm.prank(outsider);
        _submit(form, signer, key, once, signature);
    }

    function _submit(
        uint256 form,
        address signer,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        bytes memory signature
    ) private {
        if (form == 0) consent.revokeBySig(signer, key, once, signature);
        else if (form == 1) consent.denyBySig(signer, key, once, signature);
        else consent.undelegateBySig(signer, key, once, signature);
    }

    function _signature(
        uint256 form,
        address signer,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        uint256 by
    ) private view returns (bytes memory) {
        if (form == 0) return signed(by, Signing.hashRevoke(signer, key, once));
        if (form == 1) return signed(by, Signing.hashDeny(signer, key, once));
        return signed(by, Signing.hashUndelegate(signer, key, once));
    }

    function _refuse(
        uint256 form,
        address signer,
        IGrants.GrantKey memory key,
        ISignedActions.Once memory once,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        _submit(form, signer, key, once, signature);
    }

    function _keys(uint256 count) private view returns (IGrants.GrantKey[] memory keys) {
        keys = new IGrants.GrantKey[](count);
        for (uint256 i = 0; i < count; ++i) keys[i] = keyTo(bytes32(i + 1));
    }

    function _revokeMany(IGrants.GrantKey[] memory keys, ISignedActions.Once memory once) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hashRevokeMany(patient, keys, once));
        vm.prank(outsider);
        consent.revokeManyBySig(patient, keys, once, signature);
    }

    function _refuseMany(IGrants.GrantKey[] memory keys, bytes memory reason) private {
        bytes memory signature = signed(PATIENT_KEY, Signing.hashRevokeMany(patient, keys, onceOf(1)));
        refuse(reason);
        consent.revokeManyBySig(patient, keys, onceOf(1), signature);
        vm.assertTrue(!consent.isUsed(patient, 1), "unused");
    }

    function _refuseMany(
        address signer,
        IGrants.GrantKey[] memory keys,
        ISignedActions.Once memory once,
        bytes memory signature
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.revokeManyBySig(signer, keys, once, signature);
    }
}
