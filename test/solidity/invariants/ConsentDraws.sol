// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Reference} from "../properties/Reference.sol";
import {Books} from "./Books.sol";

/// What patients and delegates would do: mostly what makes sense, where something stands that it is about.
abstract contract ConsentDraws is Books {
    function _patientsDeed(
        uint256 by,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        Reference.Limits memory limits,
        uint256 how
    ) internal view returns (Deed memory deed) {
        uint256[16] memory kinds = [uint256(0), 0, 0, 0, 0, 1, 2, 3, 3, 3, 5, 6, 7, 7, 8, 9];
        deed.kind = Kind(kinds[(how / 8) % 16]);
        if (deed.kind == Kind.Lockdown && how % 2 != 0) deed.kind = Kind.Grant;
        deed.slot = _slot(by, to, where);
        deed.other = _slot(by, to / 7, where / 7);
        deed.by = deed.slot.patient;
        (deed.given, deed.limits) = (_shaped(given), _shaped(limits));
        deed.salt = bytes32(how % 5);
        _meet(deed, how / 2 ** 16);
    }

    /// Often where something stands that the deed is about.
    function _meet(Deed memory deed, uint256 how) private view {
        bool lifts = deed.kind == Kind.Lift || deed.kind == Kind.LiftMany || (deed.kind == Kind.Grant && how % 16 == 0);
        bool revokes = deed.kind == Kind.Revoke || deed.kind == Kind.RevokeMany;
        if (how % 4 == 3 || !(lifts || revokes || deed.kind == Kind.Undelegate)) return;
        Slot[] storage list =
            lifts
                ? _shutOut
                : revokes
                    ? _granted
                    : _delegates;
        if (list.length == 0) return;
        Slot memory slot = list[list.length - 1 - ((how / 16) % (list.length < 6 ? list.length : 6))];
        (deed.slot, deed.by) = (slot, slot.patient);
        deed.other = slotOf(slot.patient, deed.other.grantee, how / 64);
        if (!lifts || deed.kind != Kind.Grant) return;
        deed.lifts = ((grants[slot.patient][slot.grantee][slot.scope] / 2 ** 192) % 2 ** 32) + (how % 32 == 0 ? 0 : 1);
    }

    /// Mostly one of those who were delegated to last, mostly where they were.
    function _delegatesDeed(
        uint256 by,
        uint256 whose,
        uint256 to,
        uint256 where,
        Reference.Given memory given,
        uint256 how
    ) internal view returns (Deed memory deed) {
        deed.kind = [Kind.GrantFor, Kind.GrantFor, Kind.RevokeFor, Kind.DenyFor][how % 4];
        Slot memory slot = _slot(whose, to, where);
        deed.given = _shaped(given);
        deed.by = _anyone(by);
        deed.under = [bytes32(0), slot.compartment, slot.scope, bytes32(uint256(2))][(how / 4) % 4];
        uint256 count = _delegates.length;
        if (count != 0 && (how / 16) % 8 != 0) {
            Slot memory standing = _delegates[count - 1 - (by % (count < 6 ? count : 6))];
            (deed.by, deed.under) = (standing.grantee, standing.scope);
            slot = slotOf(standing.patient, slot.grantee, where);
            bool isWithin = deed.under == 0 || deed.under == slot.compartment || deed.under == slot.scope;
            if (!isWithin && (how / 128) % 4 != 0) {
                (slot.compartment, slot.content, slot.scope) = (standing.compartment, standing.content, standing.scope);
            }
        }
        deed.slot = slot;
        if (deed.kind == Kind.RevokeFor && (how / 2 ** 16) % 4 != 0) _meetGranted(deed);
        _fit(deed.given, delegations[slot.patient][deed.by][deed.under], how / 512);
    }

    /// Where something was granted lately that the delegation covers.
    function _meetGranted(Deed memory deed) private view {
        for (uint256 i = _granted.length; i > 0 && i + 20 > _granted.length; --i) {
            Slot memory slot = _granted[i - 1];
            bool covers = deed.under == 0 || deed.under == slot.compartment || deed.under == slot.scope;
            if (slot.patient != deed.slot.patient || !covers) continue;
            deed.slot = slot;
            return;
        }
    }

    /// Terms that are mostly sound and meet the present.
    function _shaped(Reference.Given memory given) private view returns (Reference.Given memory) {
        uint256 kind = given.permissions % 20;
        given.permissions = [uint256(1), 3, 3, 2, 17, 17, 1, 3, 2, 3, 3, 2, 17, 17, 1, 3, 0, 4, 5, 33][kind];
        given.purposes = given.purposes % 8 == 0 ? 0 : 1 + (given.purposes % 3);
        given.start = time - 20 + (given.start % 24);
        given.end = time - 1 + (given.end % 60);
        return given;
    }

    function _shaped(Reference.Limits memory limits) private view returns (Reference.Limits memory) {
        uint256 kind = limits.permissions;
        limits.permissions = [uint256(7), 87, 2, 3, 17, 67, 64, 69, 21, 23, 1, 16, 0, 87, 7, 87][kind % 16];
        if (kind % 32 == 31) limits.permissions = (kind / 32) % 256;
        limits.purposes = limits.purposes % 8 == 0 ? 0 : 1 + (limits.purposes % 3);
        limits.longest = limits.longest % 60;
        limits.end = time + (limits.end % 90);
        return limits;
    }

    /// Mostly within the limits, often at their edge, sometimes one second beyond.
    function _fit(Reference.Given memory given, uint256 limits, uint256 how) private view {
        if (how % 8 == 0) return;
        given.permissions &= limits / 2 ** 184;
        if (given.permissions == 0) given.permissions = (limits / 2 ** 184) % 4;
        given.purposes &= limits / 2 ** 120;
        if (given.purposes == 0) given.purposes = (limits / 2 ** 120) % 2 ** 64;
        uint256 last = time + (limits % 2 ** 40);
        uint256 end = (limits / 2 ** 40) % 2 ** 40;
        if (end < last) last = end;
        if (given.end > last) given.end = (how / 8) % 8 == 0 ? last + 1 : last;
    }
}
