// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// Lockdowns that anyone may carry with the patient's signature.
contract SignedLockdownsTest is ConsentSetup {
    function test_locksDownBySignature() external {
        give(LABEL, reading());
        bytes memory signature = _signature(onceOf(1));
        uint40 next = eraAfter(0, SALT, patient);
        uint56 stand = standOf(patient);
        vm.roll(BLOCK + 1);
        vm.expectEmit(address(consent));
        emit IGrants.LockedDown(patient, next, changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        vm.prank(outsider);
        consent.lockdownBySig(patient, SALT, onceOf(1), signature);
        assertEvents(1);
        vm.assertEq(eraOf(patient), next, "era");
        vm.assertTrue(standOf(patient) != stand, "moved on");
        vm.assertTrue(!reads(LABEL, CONTENT), "void");
        vm.assertEq(eraOf(outsider), 0, "the carrier");
    }

    /// A node that lies about the present era can't make it useless, nor can a lockdown that comes first.
    function test_endsWhateverEraItIs() external {
        bytes memory held = _signature(onceOf(1));
        for (uint256 i = 0; i < 3; ++i) lock();
        uint40 era = eraOf(patient);
        give(LABEL, reading());
        consent.lockdownBySig(patient, SALT, onceOf(1), held);
        vm.assertEq(eraOf(patient), eraAfter(era, SALT, patient), "era");
        vm.assertTrue(!reads(LABEL, CONTENT), "what was opened since, too");
    }

    function test_locksDownUntilTheDeadlineInclusive() external {
        bytes memory signature = _signature(onceOf(1));
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        consent.lockdownBySig(patient, SALT, onceOf(1), signature);
        vm.warp(DEADLINE);
        consent.lockdownBySig(patient, SALT, onceOf(1), signature);
        vm.assertTrue(eraOf(patient) != 0, "locked down");
    }

    function test_bindsTheSignatureToEachFieldOfALockdown() external {
        bytes memory signature = _signature(onceOf(1));
        _refuse(outsider, SALT, onceOf(1), signature);
        _refuse(patient, bytes32(uint256(SALT) + 1), onceOf(1), signature);
        _refuse(patient, SALT, onceOf(2), signature);
        _refuse(patient, SALT, ISignedActions.Once(1, DEADLINE - 1), signature);
        uint256[3] memory keys = [GRANTEE_KEY, DELEGATE_KEY, OUTSIDER_KEY];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory others = signed(keys[i], Signing.hashLockdown(patient, SALT, onceOf(1)));
            _refuse(patient, SALT, onceOf(1), others);
        }
        vm.assertEq(eraOf(patient), 0, "open");
        vm.assertTrue(!consent.isUsed(patient, 1), "unused");
    }

    function _signature(ISignedActions.Once memory once) private view returns (bytes memory) {
        return signed(PATIENT_KEY, Signing.hashLockdown(patient, SALT, once));
    }

    function _refuse(address signer, bytes32 salt, ISignedActions.Once memory once, bytes memory signature) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.lockdownBySig(signer, salt, once, signature);
    }
}
