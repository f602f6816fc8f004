// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Signing} from "../helpers/Signing.sol";
import {Papers} from "../helpers/Papers.sol";
import {KeyWallet} from "../helpers/Wallets.sol";

/// Whatever a patient does, a contract account does too: in its own name, and by ERC-1271.
contract ContractPatientTest is Papers {
    function setUp() public override {
        super.setUp();
        patient = address(new KeyWallet(PATIENT_KEY));
        record = recordOf(LABEL, CONTENT);
    }

    function test_doesInItsOwnNameWhateverAPatientDoes() external {
        expectGranted(record, placed(reading(), BLOCK, 1), changeOf(1, 0, 0));
        _act(abi.encodeCall(IGrants.grant, (grantee, record, reading(), CAPSULE)));
        vm.assertTrue(reads(LABEL, CONTENT), "granted");
        expectRevoked(record, vacant(BLOCK, 1), changeOf(2, BLOCK, BLOCK));
        _act(abi.encodeCall(IGrants.revoke, (grantee, record)));
        expectDenied(LABEL, placed(denial(), BLOCK, 2), changeOf(3, BLOCK, BLOCK));
        _act(abi.encodeCall(IGrants.deny, (grantee, LABEL)));
        expectLifted(LABEL, vacant(BLOCK, 2), changeOf(4, BLOCK, BLOCK));
        _act(abi.encodeCall(IGrants.lift, (grantee, LABEL)));
        vm.expectEmit(address(consent));
        emit IDelegations.Delegated(
            patient,
            carer,
            LABEL,
            placed(powersOf(WRITE, 0), BLOCK, 3),
            changeOf(5, BLOCK, BLOCK)
        );
        _act(abi.encodeCall(IDelegations.delegate, (carer, LABEL, powersOf(WRITE, 0))));
        _act(abi.encodeCall(IDelegations.undelegate, (carer, LABEL)));
        vm.assertTrue(!consent.canWrite(patient, carer, LABEL, CONTENT), "undelegated");
        vm.expectEmit(address(consent));
        emit IGrants.LockedDown(patient, eraAfter(0, SALT, patient), changeOf(7, BLOCK, BLOCK));
        _act(abi.encodeCall(IGrants.lockdown, (SALT)));
    }

    function test_isRefusedAsAnyPatientIs() external {
        refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient));
        _act(abi.encodeCall(IGrants.grant, (patient, LABEL, reading(), 0)));
        refuse(abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, patient));
        _act(abi.encodeCall(IDelegations.delegate, (patient, LABEL, powersOf(WRITE, 0))));
    }

    /// As a patient and as another's delegate.
    function test_doesBySignatureWhateverAPatientDoes() external {
        for (uint256 form = 0; form < FORMS; ++form) {
            ready();
            uint40 era = eraOf(patient);
            uint32 changes = changesOf(patient) + changesOf(ward);
            carry(paper(Form(form), form));
            vm.assertTrue(changesOf(patient) + changesOf(ward) > changes, "changed");
            if (form >= OPENING_FORMS) vm.assertTrue(isShut(Form(form), era), "shut");
        }
    }

    function test_isHeldToItsStandAsAnyPatientIs() external {
        ready();
        bytes memory held = paper(Form.Grant, 0);
        bytes memory reason = staleOpening(patient, openingOf(patient));
        _act(abi.encodeCall(IGrants.revoke, (grantee, BESIDE)));
        refuse(reason);
        carry(held);
    }

    function test_takesNoSignatureOfAnotherKeyForTheAccounts() external {
        bytes memory signature = signed(OUTSIDER_KEY, Signing.hashLockdown(patient, SALT, onceOf(1)));
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient));
        consent.lockdownBySig(patient, SALT, onceOf(1), signature);
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        signature = signed(OUTSIDER_KEY, Signing.hash(offered));
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient));
        consent.grantBySig(offered, signature);
    }

    function _act(bytes memory data) private {
        KeyWallet(patient).act(address(consent), data);
    }
}
