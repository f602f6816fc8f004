// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Reference} from "../properties/Reference.sol";
import {Watch} from "./Watch.sol";
import {World} from "./World.sol";

/// Who may do what; in prose: README.md.
contract AccessInvariantsTest is Watch {
    /// Runners play all steps anew for each invariant: so one, which checks them all.
    function invariant_access() external view {
        _here(_checkSlot);
    }

    function afterInvariant() external view {
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j <= _handler.ACTORS(); ++j) {
                for (uint256 k = 0; k < _handler.PLACES(); ++k) {
                    _checkAccess(_handler.slotOf(_handler.actor(i), _handler.grantee(j), k));
                }
            }
        }
    }

    function _checkSlot(World.Slot memory slot) private view {
        _checkAccess(slot);
        _checkDeny(slot);
        _checkVoid(slot);
        _checkWriters(slot);
        _checkMember(slot);
    }

    /// 10. Only a standing grant opens.
    function _checkAccess(World.Slot memory slot) private view {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        Reference books = _handler.REFERENCE();
        uint256 time = _handler.time();
        for (uint8 question = 0; question < 3; ++question) {
            (uint8 permission, uint64 purpose) = _question(question);
            bool expected = books.canAccess(slot.patient, slot.grantee, scopes, permission, purpose, time);
            vm.assertTrue(_canAccess(slot, permission, purpose) == expected, "canAccess");
        }
    }

    /// 11. A DENY holds whatever happens. Asked of the contract alone: one in time on the narrowest scope shuts everything.
    function _checkDeny(World.Slot memory slot) private view {
        Terms standing = _on.consent.grantOf(slot.patient, slot.grantee, slot.scope);
        uint256 word = _handler.terms(slot.patient, slot.grantee, slot.scope);
        bool denies = (word / 2 ** 186) % 2 == 1;
        vm.assertTrue(standing.denies() == denies, "a DENY that nobody set, or lifted");
        uint256 time = _handler.time();
        bool inTime = word % 2 ** 40 <= time && time < (word / 2 ** 40) % 2 ** 40;
        if (!denies || !inTime || slot.grantee == slot.patient) return;
        for (uint8 question = 0; question < 3; ++question) {
            (uint8 permission, uint64 purpose) = _question(question);
            vm.assertTrue(!_canAccess(slot, permission, purpose), "a DENY that does not hold");
        }
        bool writes = _on.consent.canWrite(slot.patient, slot.grantee, slot.compartment, slot.content);
        vm.assertTrue(!writes, "a DENY that does not hold for a delegate");
    }

    /// 12. A lockdown voids what was granted. Asked of the contract alone: nothing as of another lockdown opens.
    function _checkVoid(World.Slot memory slot) private view {
        if (slot.grantee == slot.patient) return;
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        uint40 last = _on.consent.lockdownAt(slot.patient);
        for (uint256 i = 0; i < scopes.length; ++i) {
            if (_on.consent.grantOf(slot.patient, slot.grantee, scopes[i]).asOf() == last) return;
        }
        for (uint8 question = 0; question < 3; ++question) {
            (uint8 permission, uint64 purpose) = _question(question);
            vm.assertTrue(!_canAccess(slot, permission, purpose), "open after a lockdown");
        }
    }

    /// 13. Who may write and manage is as defined.
    function _checkWriters(World.Slot memory slot) private view {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        Reference books = _handler.REFERENCE();
        uint256 time = _handler.time();
        bool writes = _on.consent.canWrite(slot.patient, slot.grantee, slot.compartment, slot.content);
        vm.assertTrue(writes == books.canWrite(slot.patient, slot.grantee, scopes, time), "canWrite");
        bool manages = _on.consent.canManage(slot.patient, slot.grantee, slot.compartment, slot.content);
        bool expected =
            (scopes.length != 0 && slot.grantee == slot.patient) ||
                books.isDelegate(slot.patient, slot.grantee, scopes, 16, time);
        vm.assertTrue(manages == expected, "canManage");
    }

    /// 14. A member may what the group may.
    function _checkMember(World.Slot memory slot) private view {
        bytes32[] memory scopes = _handler.chain(slot.patient, slot.compartment, slot.content);
        address group = address(_on.group);
        uint256 time = _handler.time();
        bool open =
            time < _handler.memberUntil(slot.grantee) &&
                _handler.REFERENCE().canAccessAs(group, slot.grantee, slot.patient, scopes, 1, 1, time);
        bool answer = _on.consent.canAccessAs(group, slot.grantee, slot.patient, slot.compartment, slot.content, 1, 1);
        vm.assertTrue(answer == open, "canAccessAs");
    }

    function _canAccess(World.Slot memory slot, uint8 permission, uint64 purpose) private view returns (bool) {
        return _on.consent.canAccess(slot.patient, slot.grantee, slot.compartment, slot.content, permission, purpose);
    }

    /// READ for each of two purposes, WRITE.
    function _question(uint8 number) private pure returns (uint8 permission, uint64 purpose) {
        return number < 2 ? (1, 1 + number) : (2, 0);
    }
}
