// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "./ConsentSetup.sol";
import {Signing} from "./Signing.sol";

/// Every form that the patient may sign, and every act in person, where each has an effect. The patient is a ward's delegate, too.
abstract contract Papers is ConsentSetup {
    enum Form {
        Grant,
        Lift,
        Delegate,
        GrantFor,
        Revoke,
        Deny,
        Undelegate,
        RevokeMany,
        Lockdown,
        RevokeFor,
        DenyFor
    }
    uint256 internal constant OPENING_FORMS = 4;
    uint256 internal constant FORMS = 11;
    uint256 internal constant ACTS = 13;

    /// Where acts in person are done, while forms are about LABEL, OTHER_LABEL, the record and the chart.
    bytes32 internal constant BESIDE = bytes32(uint256(0xBE51DE));
    bytes32 internal constant BESIDE_TOO = bytes32(uint256(0xBE51DF));

    address internal ward = address(0x3A2D);

    /// Gives each form and each act something to change.
    function ready() internal {
        _readyScopes(patient);
        _readyScopes(ward);
        _reopen(patient, record);
        entrust(CHART, powersOf(READ + WRITE + DENY, TREATMENT));
        entrust(BESIDE, powersOf(READ, TREATMENT));
        vm.prank(ward);
        consent.delegate(patient, CHART, powersOf(READ + DENY + MANAGE, TREATMENT));
    }

    function _readyScopes(address who) private {
        _reopen(who, LABEL);
        _reopen(who, BESIDE);
        if (who == ward) return _reopen(who, OTHER_LABEL);
        shut(BESIDE_TOO);
        shut(OTHER_LABEL);
    }

    function _reopen(address who, bytes32 scope) private {
        vm.prank(who);
        consent.deny(grantee, scope);
        vm.prank(who);
        consent.lift(grantee, scope);
        vm.prank(who);
        consent.grant(grantee, scope, reading(), 0);
    }

    /* FORMS */

    /// The call that carries this form, signed by the patient now: as the first of a session where it opens, else with this id.
    function paper(Form form, uint256 id) internal view returns (bytes memory) {
        ISignedConsents.Opening memory opening = openingOf(patient);
        if (form == Form.Grant) {
            ISignedConsents.SignedGrant memory given = offer(LABEL, reading());
            return abi.encodeCall(ISignedConsents.grantBySig, (given, _sign(Signing.hash(given))));
        }
        if (form == Form.Lift) {
            ISignedConsents.SignedLift memory lifted = ISignedConsents.SignedLift(
                patient,
                grantee,
                OTHER_LABEL,
                eraOf(patient),
                opening
            );
            return abi.encodeCall(ISignedConsents.liftBySig, (lifted, _sign(Signing.hash(lifted))));
        }
        if (form == Form.Delegate) {
            Delegation terms = dated(powersOf(WRITE, 0), eraOf(patient));
            ISignedConsents.SignedDelegation memory given = ISignedConsents.SignedDelegation(
                patient,
                carer,
                LABEL,
                terms,
                opening
            );
            return abi.encodeCall(ISignedConsents.delegateBySig, (given, _sign(Signing.hash(given))));
        }
        if (form == Form.GrantFor) {
            ISignedConsents.SignedGrantFor memory given = ISignedConsents.SignedGrantFor(
                patient,
                _wards(LABEL),
                dated(short(), eraOf(ward)),
                CAPSULE,
                consent.delegationOf(ward, patient, CHART).writtenAt(),
                opening
            );
            return abi.encodeCall(ISignedConsents.grantForBySig, (given, _sign(Signing.hash(given))));
        }
        return _closing(form, id);
    }

    function _closing(Form form, uint256 id) private view returns (bytes memory) {
        ISignedConsents.Once memory once = onceOf(id);
        if (form == Form.Revoke) {
            bytes memory signature = _sign(Signing.hashRevoke(patient, keyTo(LABEL), once));
            return abi.encodeCall(ISignedConsents.revokeBySig, (patient, keyTo(LABEL), once, signature));
        }
        if (form == Form.Deny) {
            bytes memory signature = _sign(Signing.hashDeny(patient, keyTo(record), once));
            return abi.encodeCall(ISignedConsents.denyBySig, (patient, keyTo(record), once, signature));
        }
        if (form == Form.Undelegate) {
            IGrants.GrantKey memory key = IGrants.GrantKey(carer, CHART);
            bytes memory signature = _sign(Signing.hashUndelegate(patient, key, once));
            return abi.encodeCall(ISignedConsents.undelegateBySig, (patient, key, once, signature));
        }
        if (form == Form.RevokeMany) {
            IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](2);
            (keys[0], keys[1]) = (keyTo(LABEL), keyTo(BESIDE_TOO));
            bytes memory signature = _sign(Signing.hashRevokeMany(patient, keys, once));
            return abi.encodeCall(ISignedConsents.revokeManyBySig, (patient, keys, once, signature));
        }
        if (form == Form.Lockdown) {
            bytes memory signature = _sign(Signing.hashLockdown(patient, bytes32(id), once));
            return abi.encodeCall(ISignedConsents.lockdownBySig, (patient, bytes32(id), once, signature));
        }
        if (form == Form.RevokeFor) {
            bytes memory signature = _sign(Signing.hashRevokeFor(patient, _wards(LABEL), once));
            return abi.encodeCall(ISignedConsents.revokeForBySig, (patient, _wards(LABEL), once, signature));
        }
        bytes memory last = _sign(Signing.hashDenyFor(patient, _wards(OTHER_LABEL), once));
        return abi.encodeCall(ISignedConsents.denyForBySig, (patient, _wards(OTHER_LABEL), once, last));
    }

    /// An outsider carries it.
    function carry(bytes memory call) internal {
        vm.prank(outsider);
        (bool success, bytes memory answer) = address(consent).call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    /// True when what this form shuts is shut.
    function isShut(Form form, uint40 eraBefore) internal view returns (bool) {
        if (form == Form.Revoke || form == Form.RevokeMany) return _permissions(patient, LABEL) == 0;
        if (form == Form.Deny) return _permissions(patient, record) == DENY;
        if (form == Form.Undelegate) return consent.delegationOf(patient, carer, CHART).permissions() == 0;
        if (form == Form.Lockdown) return eraOf(patient) != eraBefore;
        if (form == Form.RevokeFor) return _permissions(ward, LABEL) == 0;
        return _permissions(ward, OTHER_LABEL) == DENY + BY_DELEGATE;
    }

    /* ACTS */

    /// One of the acts in person, by the patient.
    function act(uint256 i) internal {
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](1);
        keys[0] = keyTo(i == 1 ? BESIDE_TOO : BESIDE);
        vm.prank(patient);
        if (i == 0) consent.grant(grantee, BESIDE, reading(), 0);
        else if (i == 1) consent.lift(grantee, BESIDE_TOO);
        else if (i == 2) consent.liftMany(keys);
        else if (i == 3) consent.delegate(carer, BESIDE, powersOf(WRITE, 0));
        else if (i == 4) consent.revoke(grantee, BESIDE);
        else if (i == 5) consent.revokeMany(keys);
        else if (i == 6) consent.deny(grantee, BESIDE);
        else if (i == 7) consent.undelegate(carer, BESIDE);
        else if (i == 8) consent.lockdown(SALT);
        else if (i == 9) consent.cancel(new uint256[](0));
        else if (i == 10) consent.grantFor(_wards(BESIDE), short(), 0);
        else if (i == 11) consent.revokeFor(_wards(BESIDE));
        else consent.denyFor(_wards(BESIDE));
    }

    function _wards(bytes32 compartment) private view returns (IDelegations.DelegatedKey memory) {
        return IDelegations.DelegatedKey(ward, grantee, compartment, 0, CHART);
    }

    function _permissions(address who, bytes32 scope) private view returns (uint8) {
        return uint8(Terms.unwrap(consent.grantOf(who, grantee, scope)) >> 184);
    }

    function _sign(bytes32 structHash) private view returns (bytes memory) {
        return signed(PATIENT_KEY, structHash);
    }
}
