// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Books} from "./Books.sol";
import {Watch} from "./Watch.sol";
import {World} from "./World.sol";

/// Who changes what stands; in prose: README.md.
contract ConsentInvariantsTest is Watch {
    uint256 private constant UNNUMBERED = 2 ** 192;
    uint256 private constant POWERS = uint256(type(uint72).max) * 2 ** 120;

    /// Runners play all steps anew for each invariant: so one, which checks them all.
    function invariant_consents() external view {
        _here(_checkSlot);
        _checkLimits();
        _checkReserved();
        vm.assertEq(_handler.revived(), 0, "a used signature that worked again");
    }

    function afterInvariant() external view {
        _everywhere(_checkTerms);
        _everywhere(_checkDelegation);
    }

    function _checkSlot(World.Slot memory slot) private view {
        _checkTerms(slot);
        _checkDelegation(slot);
        _checkMark(slot);
        _checkLockdown(slot.patient);
        _checkLockdown(slot.grantee);
        _checkNonce(slot.patient);
        _checkNonce(slot.grantee);
    }

    /// 6. A delegate stays within its limits.
    function _checkLimits() private view {
        Books.Act memory act = _handler.lastAct();
        if (act.time == 0) return;
        vm.assertTrue(act.isWithin, "outside the scope of the delegation");
        uint256 end = (act.limits / 2 ** 40) % 2 ** 40;
        vm.assertTrue(act.time < end, "a delegation that was over");
        if (act.given == 0) return;
        vm.assertEq(act.given & POWERS & ~act.limits, 0, "a power that the delegate has not");
        uint256 given = (act.given / 2 ** 40) % 2 ** 40;
        vm.assertTrue(given <= end, "longer than the delegation");
        vm.assertTrue(given <= act.time + (act.limits % 2 ** 40), "longer than the longest");
    }

    /// 7. Without MANAGE nothing that is reserved is touched.
    function _checkReserved() private view {
        Books.Act memory act = _handler.lastAct();
        bool manages = (act.limits / 2 ** 188) % 2 == 1;
        if (act.time == 0 || manages) return;
        vm.assertTrue((act.standing / 2 ** 186) % 2 == 0, "a DENY touched");
        bool byDelegate = (act.standing / 2 ** 187) % 2 == 1;
        bool isOver = (act.standing / 2 ** 40) % 2 ** 40 <= act.time;
        bool isVoid = (act.standing / 2 ** 80) % 2 ** 40 != (act.limits / 2 ** 80) % 2 ** 40;
        vm.assertTrue(byDelegate || isOver || isVoid, "what the patient granted touched");
    }

    /// 1. and 2. Nobody else changes a grant, and its revision counts the changes.
    function _checkTerms(World.Slot memory slot) private view {
        uint256 standing = Terms.unwrap(_on.consent.grantOf(slot.patient, slot.grantee, slot.scope));
        uint256 word = _handler.terms(slot.patient, slot.grantee, slot.scope);
        vm.assertEq(standing % UNNUMBERED, word, "terms");
        uint256 count = _handler.revision(slot.patient, slot.grantee, slot.scope);
        vm.assertEq(standing / UNNUMBERED, count, "revision");
    }

    /// 3. Nobody else changes a delegation.
    function _checkDelegation(World.Slot memory slot) private view {
        uint256 standing = Delegation.unwrap(_on.consent.delegationOf(slot.patient, slot.grantee, slot.scope));
        uint256 word = _handler.delegations(slot.patient, slot.grantee, slot.scope);
        uint256 count = _handler.delegationRevision(slot.patient, slot.grantee, slot.scope);
        vm.assertEq(standing, word + count * UNNUMBERED, "delegation");
    }

    /// 5. What a delegate gave is marked.
    function _checkMark(World.Slot memory slot) private view {
        Terms standing = _on.consent.grantOf(slot.patient, slot.grantee, slot.scope);
        bool expected = _handler.REFERENCE().isByDelegate(slot.patient, slot.grantee, slot.scope);
        vm.assertTrue(standing.isByDelegate() == expected, "BY_DELEGATE");
    }

    /// 4. Only the patient locks down.
    function _checkLockdown(address patient) private view {
        vm.assertEq(_on.consent.lockdownAt(patient), _handler.lockdownAt(patient), "lockdownAt");
    }

    /// 8. The nonce counts signed announcements.
    function _checkNonce(address patient) private view {
        vm.assertEq(_on.consent.nonceOf(patient), _handler.nonce(patient), "nonce");
    }
}
