// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";
import {KeyWallet} from "../helpers/Wallets.sol";

/// Whatever a patient does, a contract account does too: in its own name, and by ERC-1271.
contract ContractPatientTest is ConsentSetup {
    ISignedConsents.Signing private _present = ISignedConsents.Signing(0, DEADLINE);

    function setUp() public override {
        super.setUp();
        patient = address(new KeyWallet(PATIENT_KEY));
        record = recordOf(LABEL, CONTENT);
    }

    function test_doesInItsOwnNameWhateverAPatientDoes() external {
        expectGranted(record, numbered(reading(), 1));
        _act(abi.encodeCall(IGrants.grant, (grantee, record, reading(), CAPSULE)));
        vm.assertTrue(reads(LABEL, CONTENT), "granted");
        expectRevoked(record, 2);
        _act(abi.encodeCall(IGrants.revoke, (grantee, record)));
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](1);
        keys[0] = IGrants.GrantKey(grantee, LABEL);
        expectRevoked(LABEL, 1);
        _act(abi.encodeCall(IGrants.revokeMany, (keys)));
        vm.expectEmit(address(consent));
        emit IDelegations.Delegated(patient, carer, LABEL, numbered(delegationOf(WRITE, 0), 1));
        _act(abi.encodeCall(IDelegations.delegate, (carer, LABEL, delegationOf(WRITE, 0))));
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, LABEL, 2);
        _act(abi.encodeCall(IDelegations.undelegate, (carer, LABEL)));
        vm.expectEmit(address(consent));
        emit IAnnouncements.Delivered(patient, grantee, record, CAPSULE, patient);
        _act(abi.encodeCall(IAnnouncements.deliver, (_delivery())));
        vm.expectEmit(address(consent));
        emit IAnnouncements.Declined(patient, grantee, LABEL);
        _act(abi.encodeCall(IAnnouncements.decline, (grantee, LABEL)));
        vm.expectEmit(address(consent));
        emit IGrants.LockedDown(patient, NOW + 1);
        _act(abi.encodeCall(IGrants.lockdown, ()));
    }

    function test_isRefusedAsAnyPatientIs() external {
        refuse(abi.encodeWithSelector(IGrants.InvalidGrantee.selector, patient));
        _act(abi.encodeCall(IGrants.grant, (patient, LABEL, reading(), 0)));
        refuse(abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, patient));
        _act(abi.encodeCall(IDelegations.delegate, (patient, LABEL, delegationOf(WRITE, 0))));
    }

    function test_doesBySignatureWhateverAPatientDoes() external {
        ISignedConsents.SignedGrant memory offered = offer(record, reading());
        expectGranted(record, numbered(reading(), 1));
        submit(offered);
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(grantee, record, 1);
        expectRevoked(record, 2);
        consent.revokeBySig(patient, item, _present, _sign(Signing.hashRevoke(patient, item, _present)));
        ISignedConsents.Revocation[] memory items = new ISignedConsents.Revocation[](1);
        items[0] = ISignedConsents.Revocation(grantee, LABEL, 0);
        expectRevoked(LABEL, 1);
        consent.revokeManyBySig(patient, items, _present, _sign(Signing.hash(patient, items, _present)));
        _delegateAndEnd();
        IAnnouncements.Delivery memory delivery = _delivery();
        vm.expectEmit(address(consent));
        emit IAnnouncements.Delivered(patient, grantee, record, CAPSULE, patient);
        consent.deliverBySig(delivery, 0, _present, _sign(Signing.hash(delivery, 0, _present)));
        IGrants.GrantKey memory key = IGrants.GrantKey(grantee, LABEL);
        vm.expectEmit(address(consent));
        emit IAnnouncements.Declined(patient, grantee, LABEL);
        consent.declineBySig(patient, key, 1, _present, _sign(Signing.hash(patient, key, 1, _present)));
        vm.expectEmit(address(consent));
        emit IGrants.LockedDown(patient, NOW + 1);
        consent.lockdownBySig(patient, _present, _sign(Signing.hashLockdown(patient, _present)));
    }

    function test_takesNoSignatureOfAnotherKeyForTheAccounts() external {
        bytes memory signature = signed(OUTSIDER_KEY, Signing.hashLockdown(patient, _present));
        refuse(abi.encodeWithSelector(ISignedConsents.InvalidSignature.selector, patient));
        consent.lockdownBySig(patient, _present, signature);
    }

    function test_letsAContractBeADelegateByItsOwnSignature() external {
        address account = address(new KeyWallet(DELEGATE_KEY));
        _act(abi.encodeCall(IDelegations.delegate, (account, CHART, delegationOf(READ, TREATMENT))));
        Terms terms = numbered(Terms.wrap(word(NOW, NOW + 100, 0, TREATMENT, READ)), 1);
        IDelegations.DelegatedGrant memory offered = giving(LABEL, 0, CHART, terms);
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(account, offered, DEADLINE));
        consent.grantForBySig(account, offered, DEADLINE, signature);
        assertGrant(LABEL, marked(terms));
        IDelegations.DelegatedRevocation memory item = taking(LABEL, 0, CHART);
        signature = signed(DELEGATE_KEY, Signing.hash(account, item, uint32(1), _present));
        consent.revokeForBySig(account, item, 1, _present, signature);
        assertGrant(LABEL, tombstone(2));
    }

    function _delegateAndEnd() private {
        Delegation terms = numbered(delegationOf(WRITE, 0), 1);
        ISignedConsents.SignedDelegation memory offered = ISignedConsents.SignedDelegation(
            patient,
            carer,
            LABEL,
            terms,
            DEADLINE
        );
        vm.expectEmit(address(consent));
        emit IDelegations.Delegated(patient, carer, LABEL, terms);
        consent.delegateBySig(offered, _sign(Signing.hash(offered)));
        ISignedConsents.Revocation memory item = ISignedConsents.Revocation(carer, LABEL, 1);
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, LABEL, 2);
        consent.undelegateBySig(patient, item, _present, _sign(Signing.hashUndelegate(patient, item, _present)));
    }

    function _delivery() private view returns (IAnnouncements.Delivery memory) {
        address[] memory grantees = new address[](1);
        grantees[0] = grantee;
        return IAnnouncements.Delivery(patient, grantees, LABEL, CONTENT, CAPSULE);
    }

    function _act(bytes memory data) private {
        KeyWallet(patient).act(address(consent), data);
    }

    function _sign(bytes32 hash) private view returns (bytes memory) {
        return signed(PATIENT_KEY, hash);
    }
}
