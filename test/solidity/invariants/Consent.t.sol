// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {Deeds} from "../properties/Deeds.sol";
import {Books} from "./Books.sol";
import {Watch} from "./Watch.sol";

/// Who changes what stands, and what signatures do; in prose: README.md.
contract ConsentInvariantsTest is Watch {
    uint256 private constant POWERS = uint256(type(uint72).max) * 2 ** 120;

    /// Runners play all steps anew for each invariant: so one, which checks them all.
    function invariant_consents() external view {
        _here(_checkSlot);
        _checkLimits();
        _checkReserved();
        vm.assertEq(_handler.late(), 0, "a signature that opened after its signer had acted");
        vm.assertEq(_handler.unheard(), 0, "a signature that could not shut");
        vm.assertEq(_handler.revived(), 0, "a signature that worked twice");
    }

    function _actions() internal view override returns (bytes4[] memory) {
        return _handler.consentActions();
    }

    function afterInvariant() external view {
        _everywhere(_checkWords);
        for (uint256 i = 0; i <= _handler.ACTORS(); ++i) {
            _checkState(_handler.grantee(i));
            _checkList(_handler.grantee(i));
        }
    }

    function _checkSlot(Deeds.Slot memory slot) private view {
        _checkWords(slot);
        _checkState(slot.patient);
        _checkState(slot.grantee);
    }

    /// 1., 2. and 4. Nobody else changes what stands; its index stays.
    function _checkWords(Deeds.Slot memory slot) private view {
        uint256 standing = Terms.unwrap(_on.consent.grantOf(slot.patient, slot.grantee, slot.scope));
        vm.assertEq(standing, _handler.grants(slot.patient, slot.grantee, slot.scope), "grant");
        standing = Delegation.unwrap(_on.consent.delegationOf(slot.patient, slot.grantee, slot.scope));
        vm.assertEq(standing, _handler.delegations(slot.patient, slot.grantee, slot.scope), "delegation");
    }

    /// 3. Era, stand, number and counts are what the person's own acts, and the changes of their consents, made them.
    function _checkState(address who) private view {
        PersonState state = _on.consent.stateOf(who);
        Books.Person memory books = _handler.person(who);
        vm.assertEq(state.era(), books.era, "era");
        vm.assertEq(state.stand(), books.stand, "stand");
        vm.assertEq(state.number(), books.number, "number");
        vm.assertEq(state.changes(), books.changes, "changes");
        vm.assertEq(state.lastChangeAt(), books.lastChangeAt, "lastChangeAt");
        vm.assertEq(state.slots(), books.slots, "slots");
        vm.assertEq(state.lastSlotAt(), books.lastSlotAt, "lastSlotAt");
        vm.assertEq(state.byDelegates(), books.byDelegates, "byDelegates");
    }

    /// 4. N slots have the numbers 1 to N, each once. Asked of the contract alone.
    function _checkList(address patient) private view {
        uint256 count = _on.consent.stateOf(patient).slots();
        bool[] memory seen = new bool[](count + 1);
        uint256 found = 0;
        for (uint256 j = 0; j <= _handler.ACTORS(); ++j) {
            for (uint256 k = 0; k < _handler.PLACES(); ++k) {
                Deeds.Slot memory slot = _handler.slotOf(patient, _handler.grantee(j), k);
                found += _see(seen, _on.consent.grantOf(patient, slot.grantee, slot.scope).index());
                found += _see(seen, _on.consent.delegationOf(patient, slot.grantee, slot.scope).index());
            }
        }
        vm.assertEq(found, count, "number of slots");
    }

    function _see(bool[] memory seen, uint256 index) private pure returns (uint256) {
        if (index == 0) return 0;
        vm.assertTrue(index < seen.length && !seen[index], "index of a slot");
        seen[index] = true;
        return 1;
    }

    /// 8. A delegate stays within its limits.
    function _checkLimits() private view {
        Books.Act memory act = _handler.lastAct();
        if (act.time == 0) return;
        vm.assertTrue(act.isWithin, "outside the scope of the delegation");
        uint256 end = (act.limits / 2 ** 40) % 2 ** 40;
        vm.assertTrue(act.time < end, "a delegation that was over");
        vm.assertEq((act.limits / 2 ** 80) % 2 ** 40, act.era, "a delegation of before a lockdown");
        if (act.given == 0) return;
        vm.assertEq(act.given & POWERS & ~act.limits, 0, "a power that the delegate has not");
        uint256 given = (act.given / 2 ** 40) % 2 ** 40;
        vm.assertTrue(given <= end, "longer than the delegation");
        vm.assertTrue(given <= act.time + (act.limits % 2 ** 40), "longer than the longest");
    }

    /// 9. Whatever the patient shut stays; without MANAGE what they granted, too, but that a delegate with DENY may shut it.
    function _checkReserved() private view {
        Books.Act memory act = _handler.lastAct();
        if (act.time == 0) return;
        bool isByDelegate = (act.standing / 2 ** 187) % 2 == 1;
        bool denies = (act.standing / 2 ** 186) % 2 == 1;
        bool isVoid = (act.standing / 2 ** 80) % 2 ** 40 != act.era;
        vm.assertTrue(!denies || (isByDelegate && isVoid), "a DENY touched");
        bool shuts = act.kind == Deeds.Kind.DenyFor;
        if (shuts) vm.assertTrue((act.limits / 2 ** 186) % 2 == 1, "a DENY by who may not");
        bool manages = (act.limits / 2 ** 190) % 2 == 1;
        if (shuts || manages || isByDelegate || (act.standing / 2 ** 184) % 256 == 0) return;
        vm.assertTrue(isVoid || (act.standing / 2 ** 40) % 2 ** 40 <= act.time, "what the patient granted touched");
    }
}
