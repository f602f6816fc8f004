// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {SolTest} from "../Vm.sol";
import {Reference} from "./Reference.sol";

/// Whatever a patient or a delegate can do to a consent: the call, whether it may be done, and its entry in {Reference}.
abstract contract Deeds is SolTest {
    /// What opens comes first; then what shuts.
    enum Kind {
        Grant,
        Lift,
        LiftMany,
        Delegate,
        GrantFor,
        Revoke,
        RevokeMany,
        Deny,
        Undelegate,
        Lockdown,
        RevokeFor,
        DenyFor
    }

    uint256 internal constant KINDS = 12;

    /// One grantee, or delegate, on one place of one patient's chart.
    struct Slot {
        address patient;
        address grantee;
        bytes32 compartment;
        bytes32 content;
        bytes32 scope;
    }

    struct Deed {
        Kind kind;
        address by;
        Slot slot;
        /// The second of many.
        Slot other;
        /// Scope of the delegation that it is done under.
        bytes32 under;
        Reference.Given given;
        /// Block of the DENY that a signed grant takes away; 0 in person.
        uint256 lifts;
        Reference.Limits limits;
        bytes32 salt;
    }

    Reference public immutable REFERENCE = new Reference();

    /* WHAT THERE IS TO SAY OF A DEED */

    function _opens(Kind kind) internal pure returns (bool) {
        return kind <= Kind.GrantFor;
    }

    function _isByDelegate(Kind kind) internal pure returns (bool) {
        return kind == Kind.GrantFor || kind == Kind.RevokeFor || kind == Kind.DenyFor;
    }

    /// Told by `Skipped` where there is nothing to do: what shuts by the patient's own hand, and lists.
    function _isNeverRefused(Kind kind) internal pure returns (bool) {
        if (_isByDelegate(kind)) return false;
        return kind == Kind.LiftMany || !_opens(kind);
    }

    /// A list item by item, else the deed.
    function _parts(Deed memory deed) internal pure returns (Deed[] memory parts) {
        bool many = deed.kind == Kind.LiftMany || deed.kind == Kind.RevokeMany;
        parts = new Deed[](many ? 2 : 1);
        parts[0] = deed;
        if (!many) return parts;
        for (uint256 i = 0; i < 2; ++i) {
            Deed memory part;
            part.kind = deed.kind == Kind.LiftMany ? Kind.Lift : Kind.Revoke;
            (part.by, part.slot) = (deed.by, i == 0 ? deed.slot : deed.other);
            parts[i] = part;
        }
    }

    /// Whether it can be done now; signatures apart.
    function _may(Deed memory deed, uint256 time) internal view returns (bool) {
        Slot memory slot = deed.slot;
        Kind kind = deed.kind;
        if (_isByDelegate(kind) && !_isWithin(deed)) return false;
        if (kind == Kind.Grant) {
            return REFERENCE.mayGrant(slot.patient, slot.grantee, slot.scope, deed.given, deed.lifts, time);
        }
        if (kind == Kind.GrantFor) {
            return
                REFERENCE.mayGive(slot.patient, deed.by, deed.under, deed.given, time) &&
                REFERENCE.mayTouch(slot.patient, deed.by, deed.under, slot.grantee, slot.scope, time) &&
                REFERENCE.mayGrant(slot.patient, slot.grantee, slot.scope, deed.given, 0, time);
        }
        if (kind == Kind.Lift) return REFERENCE.isShut(slot.patient, slot.grantee, slot.scope);
        if (kind == Kind.Delegate) return REFERENCE.mayDelegate(slot.patient, slot.grantee, deed.limits, time);
        if (kind == Kind.Undelegate) return REFERENCE.mayUndelegate(slot.patient, slot.grantee, slot.scope);
        if (kind == Kind.Deny) return REFERENCE.mayDeny(slot.patient, slot.grantee, slot.scope, false);
        if (kind == Kind.DenyFor) {
            return
                REFERENCE.hasPower(slot.patient, deed.by, deed.under, 4, time) &&
                REFERENCE.mayDeny(slot.patient, slot.grantee, slot.scope, true);
        }
        if (kind == Kind.Revoke) return REFERENCE.mayRevoke(slot.patient, slot.grantee, slot.scope);
        if (kind == Kind.RevokeFor) {
            return
                REFERENCE.mayTouch(slot.patient, deed.by, deed.under, slot.grantee, slot.scope, time) &&
                REFERENCE.mayRevoke(slot.patient, slot.grantee, slot.scope);
        }
        return kind == Kind.Lockdown;
    }

    /// In the reference, as done in this block.
    function _enter(Deed memory deed, uint256 height) internal {
        Slot memory slot = deed.slot;
        Kind kind = deed.kind;
        bool isByDelegate = _isByDelegate(kind);
        if (kind == Kind.Grant || kind == Kind.GrantFor) {
            REFERENCE.grant(slot.patient, slot.grantee, slot.scope, deed.given, isByDelegate);
        } else if (kind == Kind.Deny || kind == Kind.DenyFor) {
            REFERENCE.deny(slot.patient, slot.grantee, slot.scope, height, isByDelegate);
        } else if (kind == Kind.Delegate) {
            REFERENCE.delegate(slot.patient, slot.grantee, slot.scope, deed.limits);
        } else if (kind == Kind.Undelegate) {
            REFERENCE.undelegate(slot.patient, slot.grantee, slot.scope);
        } else if (kind == Kind.Lockdown) {
            REFERENCE.lockdown(slot.patient);
        } else {
            REFERENCE.clear(slot.patient, slot.grantee, slot.scope);
        }
    }

    /* CALLS */

    /// What whoever does it sends.
    function _direct(Deed memory deed) internal pure returns (bytes memory) {
        Slot memory slot = deed.slot;
        Kind kind = deed.kind;
        if (kind == Kind.Grant) {
            return abi.encodeCall(IGrants.grant, (slot.grantee, slot.scope, _terms(deed.given, 0), 0));
        }
        if (kind == Kind.Lift) return abi.encodeCall(IGrants.lift, (slot.grantee, slot.scope));
        if (kind == Kind.LiftMany) return abi.encodeCall(IGrants.liftMany, (_keys(deed)));
        if (kind == Kind.Delegate) {
            return abi.encodeCall(IDelegations.delegate, (slot.grantee, slot.scope, _delegation(deed.limits, 0)));
        }
        if (kind == Kind.GrantFor) {
            return abi.encodeCall(IDelegations.grantFor, (_keyFor(deed), _terms(deed.given, 0), 0));
        }
        if (kind == Kind.Revoke) return abi.encodeCall(IGrants.revoke, (slot.grantee, slot.scope));
        if (kind == Kind.RevokeMany) return abi.encodeCall(IGrants.revokeMany, (_keys(deed)));
        if (kind == Kind.Deny) return abi.encodeCall(IGrants.deny, (slot.grantee, slot.scope));
        if (kind == Kind.Undelegate) return abi.encodeCall(IDelegations.undelegate, (slot.grantee, slot.scope));
        if (kind == Kind.Lockdown) return abi.encodeCall(IGrants.lockdown, (deed.salt));
        if (kind == Kind.RevokeFor) return abi.encodeCall(IDelegations.revokeFor, (_keyFor(deed)));
        return abi.encodeCall(IDelegations.denyFor, (_keyFor(deed)));
    }

    function _keys(Deed memory deed) internal pure returns (IGrants.GrantKey[] memory keys) {
        keys = new IGrants.GrantKey[](2);
        keys[0] = IGrants.GrantKey(deed.slot.grantee, deed.slot.scope);
        keys[1] = IGrants.GrantKey(deed.other.grantee, deed.other.scope);
    }

    function _keyFor(Deed memory deed) internal pure returns (IDelegations.DelegatedKey memory) {
        Slot memory slot = deed.slot;
        return IDelegations.DelegatedKey(slot.patient, slot.grantee, slot.compartment, slot.content, deed.under);
    }

    /* WORDS */

    function _terms(Reference.Given memory given, uint256 era) internal pure returns (Terms) {
        return Terms.wrap(_word(given.start, given.end, era, given.purposes, given.permissions));
    }

    function _delegation(Reference.Limits memory limits, uint256 era) internal pure returns (Delegation) {
        return Delegation.wrap(_word(limits.longest, limits.end, era, limits.purposes, limits.permissions));
    }

    function _word(
        uint256 first,
        uint256 end,
        uint256 era,
        uint256 purposes,
        uint256 permissions
    ) internal pure returns (uint256) {
        return first + end * 2 ** 40 + era * 2 ** 80 + purposes * 2 ** 120 + permissions * 2 ** 184;
    }

    /* PLACES */

    function scopeOf(address patient, bytes32 compartment, bytes32 content) public pure returns (bytes32) {
        if (content == 0) return compartment;
        return bytes32((uint256(keccak256(abi.encode(patient, compartment, content))) % 2 ** 255) + 2 ** 255);
    }

    /// The scopes of a place and of what lies around it, narrow to wide; none where there is no such place.
    function chain(
        address patient,
        bytes32 compartment,
        bytes32 content
    ) public pure returns (bytes32[] memory scopes) {
        if ((compartment == 0 && content != 0) || uint256(compartment) >= 2 ** 255) return scopes;
        uint256 count = 1;
        if (compartment != 0) count = 2;
        if (content != 0) count = 3;
        scopes = new bytes32[](count);
        scopes[0] = scopeOf(patient, compartment, content);
        if (content != 0) scopes[1] = compartment;
    }

    /// The place exists, and the scope of the delegation covers it.
    function _isWithin(Deed memory deed) internal pure returns (bool) {
        Slot memory slot = deed.slot;
        if (chain(slot.patient, slot.compartment, slot.content).length == 0) return false;
        return deed.under == 0 || deed.under == slot.compartment || deed.under == slot.scope;
    }
}
