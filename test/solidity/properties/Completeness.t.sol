// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {Vm} from "../Vm.sol";
import {Twin} from "./Twin.sol";

/// Whoever proves a patient's state can tell whether a list of slots and a log of changes are whole: slots are numbered 1 to N
/// and keep their numbers, changes count one by one, and each event leads to the block of the one before.
contract CompletenessTest is Twin {
    struct Event {
        uint256 number;
        /// Blocks of the change and of the slot before, as the event says.
        uint256 before;
        uint256 slotBefore;
        /// The block it is in.
        uint256 height;
        /// Of the slot, 0 for a lockdown.
        uint256 index;
        bytes32 slot;
    }

    Event[] private _events;
    bytes32[] private _slots;
    mapping(bytes32 slot => uint256 index) private _indexOf;

    function testFuzz_nothingCanBeLeftOut(uint256 seed) external {
        _begin(seed);
        uint256 blockOfSlot;
        uint256 blockOfChange;
        for (uint256 round = 0; round < 12; ++round) {
            if (_draw(2) == 0) _pass();
            Deed memory deed = _drawDeed();
            vm.recordLogs();
            _do(deed);
            _read(vm.getRecordedLogs(), deed);
        }
        for (uint256 i = 0; i < _events.length; ++i) {
            Event memory entry = _events[i];
            vm.assertEq(entry.number, i + 1, "number of a change");
            vm.assertEq(entry.before, blockOfChange, "block of the change before");
            vm.assertEq(entry.slotBefore, blockOfSlot, "block of the slot before");
            blockOfChange = entry.height;
            if (entry.index == 0) continue;
            uint256 known = _indexOf[entry.slot];
            if (known == 0) {
                _slots.push(entry.slot);
                (_indexOf[entry.slot], blockOfSlot) = (_slots.length, entry.height);
                known = _slots.length;
            }
            vm.assertEq(entry.index, known, "index of a slot");
        }
        PersonState state = consent.stateOf(PATIENT);
        vm.assertEq(state.changes(), _events.length, "changes");
        vm.assertEq(state.lastChangeAt(), blockOfChange, "lastChangeAt");
        vm.assertEq(state.slots(), _slots.length, "slots");
        vm.assertEq(state.lastSlotAt(), blockOfSlot, "lastSlotAt");
    }

    /// Granted, Revoked, Denied, Lifted, Delegated, Undelegated: terms first, the change last. LockedDown has no slot.
    function _read(Vm.Log[] memory logs, Deed memory deed) private {
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (topic == ISignedActions.Skipped.selector) continue;
            if (topic == IDelegations.ActedFor.selector) {
                _checkActedFor(logs[i], deed);
                continue;
            }
            vm.assertEq(logs[i].topics[1], bytes32(uint256(uint160(PATIENT))), "patient");
            uint256[] memory words = _words(logs[i].data);
            uint256 change = words[words.length - 1];
            Event memory entry;
            (entry.number, entry.before) = (change % 2 ** 32, (change / 2 ** 32) % 2 ** 32);
            (entry.slotBefore, entry.height) = (change / 2 ** 64, height);
            if (topic != IGrants.LockedDown.selector) {
                bool trust = topic == IDelegations.Delegated.selector || topic == IDelegations.Undelegated.selector;
                entry.index = words[0] / 2 ** 224;
                entry.slot = keccak256(abi.encode(trust, logs[i].topics[2], logs[i].topics[3]));
                vm.assertEq((words[0] / 2 ** 192) % 2 ** 32, height, "writtenAt");
            }
            _events.push(entry);
        }
    }

    /// Who acted, for whom, and which change it was.
    function _checkActedFor(Vm.Log memory log, Deed memory deed) private view {
        vm.assertTrue(_isByDelegate(deed.kind), "ActedFor");
        vm.assertEq(log.topics[2], bytes32(uint256(uint160(deed.by))), "delegate");
        (bytes32 scope, uint256 change) = abi.decode(log.data, (bytes32, uint256));
        vm.assertEq(scope, deed.slot.scope, "scope");
        vm.assertEq(change, consent.stateOf(PATIENT).changes(), "change");
    }

    function _words(bytes memory data) private pure returns (uint256[] memory words) {
        words = new uint256[](data.length / 32);
        for (uint256 i = 0; i < words.length; ++i) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(add(add(data, 0x20), mul(i, 0x20)))
            }
            words[i] = word;
        }
    }
}
