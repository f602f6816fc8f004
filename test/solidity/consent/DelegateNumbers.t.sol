// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// How many slots and changes delegates may use up: the patient always has enough to shut every door.
contract DelegateNumbersTest is ConsentSetup {
    /// The first number that is the patient's alone.
    uint256 private constant _RESERVE = 2 ** 32 - 1 - 2 ** 20;

    function test_grantsFirstOn4096SlotsAndShutsFirst8192() external {
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        for (uint256 i = 0; i < 4096; ++i) {
            if (i % 2 == 0) giveFor(_place(i), short());
            else shutFor(_place(i));
        }
        vm.assertEq(byDelegatesOf(patient), 4096, "byDelegates");
        _refuseGrant(_place(4096));
        carer = outsider; // nor does another delegate
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        _refuseGrant(_place(4096));
        for (uint256 i = 4096; i < 8192; ++i) shutFor(_place(i)); // what shuts has as many again
        _refuseEach(_place(8192));
        // what is written already may be written again
        giveFor(_place(0), short());
        takeFor(_place(0));
        vm.assertEq(byDelegatesOf(patient), 8192, "byDelegates");
        // and the patient is not bound
        give(bytes32(uint256(50_000)), reading());
        vm.assertEq(slotsOf(patient), 8192 + 3, "slots");
    }

    function test_countsAnewInTheNextEraAndAfterTheEndOfADelegation() external {
        storeState(patient, uint256(8192) << 240);
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        entrust(LABEL, powersOf(READ, TREATMENT));
        _refuseEach(_place(0));
        lock();
        vm.assertEq(byDelegatesOf(patient), 0, "in the next era");
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        giveFor(_place(0), short());
        vm.assertEq(byDelegatesOf(patient), 1, "byDelegates");
        distrust(record);
        vm.assertEq(byDelegatesOf(patient), 1, "no delegation was there to end");
        distrust(LABEL);
        vm.assertEq(byDelegatesOf(patient), 0, "after the end of one");
    }

    function test_countsWhatADelegateWroteFirstAlone() external {
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        vm.assertEq(byDelegatesOf(patient), 0, "the delegation is the patient's");
        give(LABEL, reading());
        take(LABEL);
        giveFor(keyFor(LABEL, 0, CHART), short());
        vm.assertEq(byDelegatesOf(patient), 0, "the patient wrote it first");
        giveFor(keyFor(OTHER_LABEL, 0, CHART), short());
        giveFor(keyFor(OTHER_LABEL, 0, CHART), short());
        vm.assertEq(byDelegatesOf(patient), 1, "first");
        refuse(abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, record));
        takeFor(keyFor(LABEL, CONTENT, CHART));
        vm.assertEq(byDelegatesOf(patient), 1, "nothing was written");
        vm.assertEq(byDelegatesOf(carer), 0, "not on the delegate's own account");
    }

    function test_isRefusedInTheLastChanges() external {
        storeState(patient, (_RESERVE - 2) << 112);
        entrust(CHART, powersOf(READ + DENY + MANAGE, TREATMENT));
        giveFor(_place(0), short()); // the last that is a delegate's
        vm.assertEq(changesOf(patient), _RESERVE, "changes");
        _refuseEach(_place(1));
        _refuseEach(_place(0)); // on a slot of before, too
        take(bytes32(uint256(1)));
        vm.assertEq(changesOf(patient), _RESERVE + 1, "the patient goes on");
    }

    function test_isRefusedInTheLastSlots() external {
        storeState(patient, (_RESERVE - 2) << 176);
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        giveFor(_place(0), short());
        vm.assertEq(slotsOf(patient), _RESERVE, "slots");
        _refuseEach(_place(1));
        giveFor(_place(0), short()); // on a slot of before
        shut(LABEL);
        vm.assertEq(slotsOf(patient), _RESERVE + 1, "the patient goes on");
    }

    function test_mindsThePatientsNumbersNotItsOwn() external {
        storeState(carer, (_RESERVE << 112) | (_RESERVE << 176) | (uint256(8192) << 240));
        entrust(CHART, powersOf(READ, TREATMENT));
        giveFor(_place(0), short());
        vm.assertEq(changesOf(carer), _RESERVE, "the carer's changes");
    }

    function _place(uint256 i) private view returns (IDelegations.DelegatedKey memory) {
        return keyFor(bytes32(i + 1), 0, CHART);
    }

    function _refuseGrant(IDelegations.DelegatedKey memory place) private {
        refuse(abi.encodeWithSelector(IDelegations.DelegatesExhausted.selector, patient));
        giveFor(place, short());
    }

    function _refuseEach(IDelegations.DelegatedKey memory place) private {
        _refuseGrant(place);
        bytes memory reason = abi.encodeWithSelector(IDelegations.DelegatesExhausted.selector, patient);
        refuse(reason);
        shutFor(place);
        refuse(reason);
        takeFor(place);
    }
}
