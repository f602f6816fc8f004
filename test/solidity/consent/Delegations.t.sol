// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Who becomes a delegate, until when, and what a delegation alone opens.
contract DelegationsTest is ConsentSetup {
    function test_storesAndAnnouncesADelegationOnEachKindOfScope() external {
        Delegation terms = powersOf(READ + WRITE + DENY + GROUP + MANAGE, TREATMENT);
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint32 i = 0; i < 3; ++i) {
            for (uint32 j = 0; j < 2; ++j) {
                uint256 before = i + j == 0 ? 0 : BLOCK;
                vm.expectEmit(address(consent));
                emit IDelegations.Delegated(
                    patient,
                    carer,
                    scopes[i],
                    placed(terms, BLOCK, i + 1),
                    changeOf(2 * i + j + 1, before, before)
                );
                vm.recordLogs();
                entrust(scopes[i], terms);
                assertEvents(1);
                assertDelegation(scopes[i], placed(terms, BLOCK, i + 1));
            }
        }
    }

    function test_sharesOneListOfSlotsWithGrants() external {
        give(LABEL, reading());
        entrust(LABEL, powersOf(WRITE, 0));
        vm.prank(patient);
        consent.grant(carer, LABEL, reading(), 0); // the same person and scope, another slot
        assertDelegation(LABEL, placed(powersOf(WRITE, 0), BLOCK, 2));
        vm.assertEq(slotsOf(patient), 3, "slots");
    }

    function test_leavesOnlyThePlaceOfAnEndedDelegation() external {
        entrust(LABEL, powersOf(WRITE, 0));
        vm.roll(BLOCK + 1);
        Delegation left = Delegation.wrap(uint256(BLOCK + 1) * 2 ** 192 + 2 ** 224);
        vm.expectEmit(address(consent));
        emit IDelegations.Undelegated(patient, carer, LABEL, left, changeOf(2, BLOCK, BLOCK));
        vm.recordLogs();
        distrust(LABEL);
        assertEvents(1);
        assertDelegation(LABEL, left);
        vm.assertTrue(!consent.canWrite(patient, carer, LABEL, CONTENT), "ended");
    }

    function test_tellsThatNoDelegationStands() external {
        bytes memory reason = abi.encodeWithSelector(IGrants.NothingStands.selector, carer, LABEL);
        expectSkipped(0, reason);
        vm.recordLogs();
        distrust(LABEL);
        assertEvents(1);
        entrust(LABEL, powersOf(WRITE, 0));
        distrust(LABEL);
        expectSkipped(0, reason);
        distrust(LABEL);
        vm.assertEq(changesOf(patient), 2, "changes");
    }

    function test_endsADelegationThatMayDenyAsAnyOther() external {
        entrust(LABEL, powersOf(DENY, 0));
        distrust(LABEL);
        assertDelegation(LABEL, Delegation.wrap(uint256(BLOCK) * 2 ** 192 + 2 ** 224));
    }

    function test_letsAnOutsiderDelegateAndEndHisOwnAlone() external {
        Delegation terms = powersOf(WRITE, 0);
        entrust(LABEL, terms);
        vm.prank(outsider);
        consent.delegate(carer, CHART, powersOf(MANAGE, 0));
        expectSkipped(0, abi.encodeWithSelector(IGrants.NothingStands.selector, carer, LABEL));
        vm.prank(outsider);
        consent.undelegate(carer, LABEL);
        assertDelegation(LABEL, placed(terms, BLOCK, 1));
        assertDelegation(CHART, Delegation.wrap(0));
        vm.assertTrue(!consent.isDelegate(patient, carer, LABEL, CONTENT, MANAGE), "of another's chart");
        vm.assertTrue(consent.isDelegate(outsider, carer, LABEL, CONTENT, MANAGE), "of his own");
    }

    function test_refusesNobodyAndThePatientAsDelegate() external {
        address[2] memory nobody = [address(0), patient];
        for (uint256 i = 0; i < 2; ++i) {
            refuse(abi.encodeWithSelector(IDelegations.InvalidDelegate.selector, nobody[i]));
            vm.prank(patient);
            consent.delegate(nobody[i], LABEL, powersOf(WRITE, 0));
        }
    }

    function test_refusesADelegationThatIsOver() external {
        uint40[3] memory ends = [0, NOW - 1, NOW];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, ends[i]));
            entrust(LABEL, Delegation.wrap(word(5, ends[i], 0, 0, WRITE)));
        }
        entrust(LABEL, Delegation.wrap(word(5, NOW + 1, 0, 0, WRITE)));
    }

    function test_delegatesInThePresentEraWhateverTheTermsSay() external {
        lock();
        uint40 era = eraOf(patient);
        uint40[3] memory said = [0, era, type(uint40).max];
        for (uint256 i = 0; i < 3; ++i) {
            entrust(LABEL, dated(powersOf(WRITE, 0), said[i]));
            assertDelegation(LABEL, placed(dated(powersOf(WRITE, 0), era), BLOCK, 1));
            vm.assertTrue(_writes(LABEL, CONTENT), "active");
        }
    }

    /* WHAT IT OPENS */

    function test_opensUntilTheLastSecond() external {
        entrust(LABEL, Delegation.wrap(word(5, NOW + 10, 0, 0, WRITE + MANAGE)));
        for (uint40 time = NOW - 1; time < NOW + 12; ++time) {
            vm.warp(time);
            vm.assertTrue(_writes(LABEL, CONTENT) == (time < NOW + 10), "canWrite");
            vm.assertTrue(_is(LABEL, CONTENT, MANAGE) == (time < NOW + 10), "isDelegate");
        }
    }

    function test_opensByEachPowerForItselfAlone() external {
        for (uint256 set = 1; set < 32; ++set) {
            uint8 powers = _powers(set);
            if (powers == GROUP || (powers & GROUP != 0 && powers & READ == 0)) continue;
            entrust(LABEL, powersOf(powers, TREATMENT));
            vm.assertTrue(_writes(LABEL, CONTENT) == (powers & WRITE != 0), "canWrite");
            for (uint256 asked = 0; asked < 256; ++asked) {
                vm.assertTrue(_is(LABEL, CONTENT, uint8(asked)) == (powers & asked != 0), "isDelegate");
            }
            vm.assertTrue(!consent.canAccess(patient, carer, LABEL, CONTENT, READ, TREATMENT), "reads nothing");
            vm.assertTrue(!consent.canAccess(patient, carer, LABEL, CONTENT, WRITE, 0), "no grant");
        }
    }

    function test_opensWhatLiesWithinTheDelegationAndNothingElse() external {
        entrust(record, powersOf(WRITE + MANAGE, 0));
        _assertPlaces([true, false, false, false, false]);
        distrust(record);
        entrust(LABEL, powersOf(WRITE + MANAGE, 0));
        _assertPlaces([true, true, true, false, false]);
        distrust(LABEL);
        entrust(CHART, powersOf(WRITE + MANAGE, 0));
        _assertPlaces([true, true, true, true, true]);
    }

    function test_opensNothingToOthersNorOfOthers() external {
        entrust(CHART, powersOf(WRITE + MANAGE, 0));
        vm.assertTrue(!consent.canWrite(patient, outsider, LABEL, CONTENT), "an outsider writes");
        vm.assertTrue(!consent.isDelegate(patient, outsider, LABEL, CONTENT, 255), "an outsider manages");
        vm.assertTrue(!consent.canWrite(outsider, carer, LABEL, CONTENT), "at an outsider's");
        vm.assertTrue(!consent.isDelegate(outsider, carer, LABEL, CONTENT, 255), "managing an outsider's");
        vm.assertTrue(consent.canWrite(patient, patient, CHART, 0), "the patient writes");
        vm.assertTrue(!consent.isDelegate(patient, patient, LABEL, CONTENT, 255), "the patient is no delegate");
    }

    function test_opensNothingWhereThePlaceIsNone() external {
        entrust(CHART, powersOf(WRITE + MANAGE, 0));
        address[2] memory actors = [carer, patient];
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertTrue(!consent.canWrite(patient, actors[i], CHART, CONTENT), "a record of no compartment");
            vm.assertTrue(!consent.canWrite(patient, actors[i], record, 0), "a record id as label");
            vm.assertTrue(!consent.isDelegate(patient, actors[i], CHART, CONTENT, MANAGE), "of no compartment");
            vm.assertTrue(!consent.isDelegate(patient, actors[i], record, CONTENT, MANAGE), "of a record id");
        }
    }

    function test_letsAGranteeWithWriteWrite() external {
        give(LABEL, termsOf(WRITE, 0));
        vm.assertTrue(consent.canWrite(patient, grantee, LABEL, CONTENT), "WRITE");
        vm.assertTrue(!consent.isDelegate(patient, grantee, LABEL, CONTENT, 255), "but no delegate");
        give(LABEL, reading());
        vm.assertTrue(!consent.canWrite(patient, grantee, LABEL, CONTENT), "READ");
    }

    function _powers(uint256 set) private pure returns (uint8) {
        return uint8((set % 8) + ((set / 8) % 2) * GROUP + (set / 16) * MANAGE);
    }

    function _writes(bytes32 compartment, bytes32 content) private view returns (bool) {
        return consent.canWrite(patient, carer, compartment, content);
    }

    function _is(bytes32 compartment, bytes32 content, uint8 powers) private view returns (bool) {
        return consent.isDelegate(patient, carer, compartment, content, powers);
    }

    /// The record, another of its compartment, the compartment, another compartment, the chart.
    function _assertPlaces(bool[5] memory expected) private view {
        bytes32[5] memory compartments = [LABEL, LABEL, LABEL, OTHER_LABEL, CHART];
        bytes32[5] memory contents = [CONTENT, OTHER_CONTENT, bytes32(0), CONTENT, bytes32(0)];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertTrue(_writes(compartments[i], contents[i]) == expected[i], "canWrite");
            vm.assertTrue(_is(compartments[i], contents[i], MANAGE) == expected[i], "isDelegate");
        }
    }
}
