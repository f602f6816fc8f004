// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {Deeds} from "../properties/Deeds.sol";
import {Reference} from "../properties/Reference.sol";
import {Watch} from "./Watch.sol";

/// Who may do what; in prose: README.md.
contract AccessInvariantsTest is Watch {
    /// Runners play all steps anew for each invariant: so one, which checks them all.
    function invariant_access() external view {
        _here(_checkSlot);
    }

    function _actions() internal view override returns (bytes4[] memory) {
        return _handler.consentActions();
    }

    function afterInvariant() external view {
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j <= _handler.ACTORS(); ++j) {
                for (uint256 k = 0; k < _handler.PLACES(); ++k) {
                    _checkSlot(_handler.slotOf(_handler.actor(i), _handler.grantee(j), k));
                }
            }
        }
    }

    function _checkSlot(Deeds.Slot memory slot) private view {
        _checkAccess(slot);
        _checkDeny(slot);
        _checkVoid(slot);
        _checkWriters(slot);
        _checkMember(slot);
    }

    /// 10. A person may if no DENY stands and some grant in force permits it; the narrowest such is cited.
    function _checkAccess(Deeds.Slot memory slot) private view {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        Reference books = _handler.REFERENCE();
        uint256 time = _handler.time();
        for (uint8 question = 0; question < 3; ++question) {
            (uint8 permission, uint64 purpose) = _question(question);
            bool expected = books.canAccess(slot.patient, slot.grantee, scopes, permission, purpose, time);
            vm.assertTrue(_canAccess(slot, permission, purpose) == expected, "canAccess");
            (bool found, bytes32 scope) = books.permitting(
                slot.patient,
                slot.grantee,
                scopes,
                permission,
                purpose,
                time
            );
            _checkCited(slot, permission, purpose, found, scope);
        }
    }

    function _checkCited(
        Deeds.Slot memory slot,
        uint8 permission,
        uint64 purpose,
        bool found,
        bytes32 scope
    ) private view {
        (bytes32 cited, Terms terms) = _on.consent.permittingGrant(
            slot.patient,
            slot.grantee,
            slot.compartment,
            slot.content,
            permission,
            purpose
        );
        vm.assertEq(cited, scope, "scope of the permitting grant");
        uint256 expected = found ? _handler.grants(slot.patient, slot.grantee, scope) : 0;
        vm.assertEq(Terms.unwrap(terms), expected, "the permitting grant");
    }

    /// 11. A DENY always wins. Asked of the contract's words alone: one on the place, its compartment or the chart shuts all.
    function _checkDeny(Deeds.Slot memory slot) private view {
        if (slot.grantee == slot.patient || !_isDenied(slot)) return;
        for (uint8 question = 0; question < 3; ++question) {
            (uint8 permission, uint64 purpose) = _question(question);
            vm.assertTrue(!_canAccess(slot, permission, purpose), "a DENY that does not hold");
            if (permission == 2) continue;
            address group = address(_on.group);
            (bytes32 compartment, bytes32 content) = (slot.compartment, slot.content);
            bool reads = _on.consent.canAccessAs(group, slot.grantee, slot.patient, compartment, content, purpose);
            vm.assertTrue(!reads, "a DENY that does not hold for a member");
            reads = _on.consent.canAccessAs(
                slot.grantee,
                _handler.actor(3),
                slot.patient,
                compartment,
                content,
                purpose
            );
            vm.assertTrue(!reads, "a DENY that does not hold for a group");
        }
        bool writes = _on.consent.canWrite(slot.patient, slot.grantee, slot.compartment, slot.content);
        vm.assertTrue(!writes, "a DENY that does not hold for a delegate");
    }

    /// 12. A lockdown voids what was granted, and a delegate's DENY ends with its era. Asked of the contract's words alone.
    function _checkVoid(Deeds.Slot memory slot) private view {
        if (slot.grantee == slot.patient) return;
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        uint40 era = _on.consent.stateOf(slot.patient).era();
        for (uint256 i = 0; i < scopes.length; ++i) {
            Terms standing = _on.consent.grantOf(slot.patient, slot.grantee, scopes[i]);
            bool isCurrent = standing.era() == era;
            bool isPatientsDeny = standing.permissions() == 4;
            vm.assertTrue(
                standing.denies(era) == (isPatientsDeny || (isCurrent && standing.permissions() == 12)),
                "era"
            );
            if (isCurrent && standing.permissions() != 0) return;
            if (_on.consent.delegationOf(slot.patient, slot.grantee, scopes[i]).era() == era) return;
        }
        for (uint8 question = 0; question < 3; ++question) {
            (uint8 permission, uint64 purpose) = _question(question);
            vm.assertTrue(!_canAccess(slot, permission, purpose), "open after a lockdown");
        }
        bool writes = _on.consent.canWrite(slot.patient, slot.grantee, slot.compartment, slot.content);
        vm.assertTrue(!writes, "writes after a lockdown");
    }

    /// 13. Who may write and manage is as defined.
    function _checkWriters(Deeds.Slot memory slot) private view {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        Reference books = _handler.REFERENCE();
        uint256 time = _handler.time();
        bool writes = _on.consent.canWrite(slot.patient, slot.grantee, slot.compartment, slot.content);
        vm.assertTrue(writes == books.canWrite(slot.patient, slot.grantee, scopes, time), "canWrite");
        for (uint8 powers = 1; powers < 128; powers *= 2) {
            bool answer = _on.consent.isDelegate(slot.patient, slot.grantee, slot.compartment, slot.content, powers);
            bool expected = books.isDelegate(slot.patient, slot.grantee, scopes, powers, time);
            vm.assertTrue(answer == expected, "isDelegate");
        }
    }

    /// 14. A member may read what the group may, for their own purposes.
    function _checkMember(Deeds.Slot memory slot) private view {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        address group = address(_on.group);
        for (uint64 purpose = 1; purpose < 4; purpose *= 2) {
            bool open =
                _handler.isMember(slot.grantee, purpose) &&
                    _handler.REFERENCE().canAccessAs(
                        group,
                        slot.grantee,
                        slot.patient,
                        scopes,
                        purpose,
                        _handler.time()
                    );
            bool answer = _on.consent.canAccessAs(
                group,
                slot.grantee,
                slot.patient,
                slot.compartment,
                slot.content,
                purpose
            );
            vm.assertTrue(answer == open, "canAccessAs");
        }
    }

    function _isDenied(Deeds.Slot memory slot) private view returns (bool) {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        uint40 era = _on.consent.stateOf(slot.patient).era();
        for (uint256 i = 0; i < scopes.length; ++i) {
            Terms standing = _on.consent.grantOf(slot.patient, slot.grantee, scopes[i]);
            if (standing.permissions() == 4) return true;
            if (standing.permissions() == 12 && standing.era() == era) return true;
        }
        return false;
    }

    function _canAccess(Deeds.Slot memory slot, uint8 permission, uint64 purpose) private view returns (bool) {
        return _on.consent.canAccess(slot.patient, slot.grantee, slot.compartment, slot.content, permission, purpose);
    }

    /// READ for each of two purposes, WRITE.
    function _question(uint8 number) private pure returns (uint8 permission, uint64 purpose) {
        return number < 2 ? (1, 1 + number) : (2, 0);
    }
}
