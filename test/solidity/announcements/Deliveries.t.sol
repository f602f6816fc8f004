// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {AnnouncementSetup} from "../helpers/AnnouncementSetup.sol";

/// Keys delivered, by whom, and in which lists.
contract DeliveriesTest is AnnouncementSetup {
    function test_deliversToEachGranteeOnEachKindOfPlace() external {
        bytes32[3] memory compartments = [CHART, LABEL, LABEL];
        bytes32[3] memory contents = [bytes32(0), 0, CONTENT];
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            vm.roll(BLOCK + i);
            uint256 before = i == 0 ? 0 : BLOCK + i - 1;
            for (uint256 j = 0; j < 3; ++j) {
                vm.expectEmit(address(announcements));
                emit IAnnouncements.Delivered(
                    patient,
                    address(uint160(j + 1)),
                    scopes[i],
                    CAPSULE,
                    patient,
                    linkOf(3 * i + j + 1, j == 0 ? before : BLOCK + i),
                    linkOf(i + 1, before)
                );
            }
            vm.recordLogs();
            vm.prank(patient);
            announcements.deliver(delivery(3, compartments[i], contents[i]));
            assertTold(3);
            assertAnnounced(3 * i + 3, BLOCK + i);
            assertDelivered(address(1), i + 1, BLOCK + i);
        }
        assertDelivered(address(4), 0, 0);
    }

    function test_listsDeliveriesToEachGranteeApart() external {
        vm.prank(patient);
        announcements.deliver(delivery(1, LABEL, 0));
        vm.roll(BLOCK + 1);
        vm.prank(patient);
        announcements.deliver(delivery(2, LABEL, 0));
        assertDelivered(address(1), 2, BLOCK + 1);
        assertDelivered(address(2), 1, BLOCK + 1);
        assertAnnounced(3, BLOCK + 1);
        patient = outsider;
        assertDelivered(address(1), 0, 0);
        assertAnnounced(0, 0);
    }

    function test_listsTheSameGranteeTwiceWhereNamedTwice() external {
        IAnnouncements.Delivery memory sent = delivery(2, LABEL, 0);
        sent.grantees[1] = address(1);
        vm.prank(patient);
        announcements.deliver(sent);
        assertDelivered(address(1), 2, BLOCK);
    }

    function test_deliversFrom1To14Grantees() external {
        _refuse(
            patient,
            delivery(0, LABEL, 0),
            abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 0, 14)
        );
        _refuse(
            patient,
            delivery(15, LABEL, 0),
            abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 15, 14)
        );
        vm.recordLogs();
        vm.prank(patient);
        announcements.deliver(delivery(14, LABEL, 0));
        assertTold(14);
        vm.assertEq(announcements.MAX_GRANTEES(), 14, "MAX_GRANTEES");
    }

    function test_deliversToSomebodyAndSomething() external {
        IAnnouncements.Delivery memory sent = delivery(2, LABEL, 0);
        sent.grantees[1] = address(0);
        _refuse(patient, sent, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
        sent = delivery(2, LABEL, 0);
        sent.capsule = 0;
        _refuse(patient, sent, abi.encodeWithSelector(IAnnouncements.InvalidCapsule.selector));
        assertAnnounced(0, 0);
    }

    function test_deliversToNoPlaceThatIsNone() external {
        bytes32[3] memory compartments = [CHART, record, record];
        bytes32[3] memory contents = [CONTENT, CONTENT, bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory reason = abi.encodeWithSelector(
                IDelegations.InvalidPlace.selector,
                compartments[i],
                contents[i]
            );
            _refuse(patient, delivery(1, compartments[i], contents[i]), reason);
        }
    }

    function test_letsAWriterDeliverWhereHeWritesAndNoOther() external {
        give(LABEL, termsOf(WRITE, 0));
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Delivered(patient, address(1), record, CAPSULE, grantee, linkOf(1, 0), linkOf(1, 0));
        vm.prank(grantee);
        announcements.deliver(delivery(1, LABEL, CONTENT));
        _refuseDeliverer(grantee, OTHER_LABEL, 0, OTHER_LABEL);
        _refuseDeliverer(grantee, CHART, 0, CHART);
        _refuseDeliverer(outsider, LABEL, CONTENT, record);
        _refuseDeliverer(outsider, LABEL, 0, LABEL);
        give(LABEL, reading());
        _refuseDeliverer(grantee, LABEL, 0, LABEL);
        give(LABEL, Terms.wrap(word(NOW, END, 0, 0, WRITE)));
        vm.warp(END);
        _refuseDeliverer(grantee, LABEL, 0, LABEL);
    }

    function test_letsADelegateDeliverWhoMayReadWriteOrManage() external {
        for (uint256 set = 1; set < 16; ++set) {
            uint8 powers = uint8((set % 8) + (set / 8) * MANAGE);
            entrust(LABEL, powersOf(powers, TREATMENT));
            if (powers == DENY) {
                _refuseDeliverer(carer, LABEL, CONTENT, record);
                continue;
            }
            vm.recordLogs();
            vm.prank(carer);
            announcements.deliver(delivery(1, LABEL, CONTENT));
            assertTold(1);
        }
        _refuseDeliverer(carer, OTHER_LABEL, CONTENT, recordOf(OTHER_LABEL, CONTENT));
        vm.warp(END);
        _refuseDeliverer(carer, LABEL, CONTENT, record);
    }

    function test_letsNoDelegateOrWriterDeliverAfterALockdown() external {
        entrust(CHART, powersOf(READ + WRITE + MANAGE, TREATMENT));
        give(CHART, termsOf(WRITE, 0));
        lock();
        _refuseDeliverer(carer, LABEL, CONTENT, record);
        _refuseDeliverer(grantee, LABEL, CONTENT, record);
    }

    function test_deliversOnHisOwnChartAloneWhateverAnOutsiderNames() external {
        IAnnouncements.Delivery memory own = delivery(1, LABEL, CONTENT);
        own.patient = outsider;
        bytes32 scope = bytes32(uint256(keccak256(abi.encode(outsider, LABEL, CONTENT))) | (1 << 255));
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Delivered(outsider, address(1), scope, CAPSULE, outsider, linkOf(1, 0), linkOf(1, 0));
        vm.prank(outsider);
        announcements.deliver(own);
        assertAnnounced(0, 0);
    }

    function test_endsAListAtTheLastNumber() external {
        bytes32 place = keccak256(abi.encode(patient, uint256(3)));
        vm.store(address(announcements), place, bytes32(uint256(type(uint32).max) - 1));
        vm.prank(patient);
        announcements.deliver(delivery(1, LABEL, 0));
        assertAnnounced(type(uint32).max, BLOCK);
        _refuse(patient, delivery(1, LABEL, 0), abi.encodeWithSignature("Panic(uint256)", 0x11));
    }

    function test_keepsItsListsWhereClientsProveThem() external {
        vm.store(address(announcements), keccak256(abi.encode(patient, uint256(3))), bytes32(uint256(5 + (7 << 64))));
        assertAnnounced(5, 0);
        vm.assertEq(announcements.requestsOf(patient), 7, "requests");
        bytes32 place = keccak256(abi.encode(grantee, keccak256(abi.encode(patient, uint256(4)))));
        vm.store(address(announcements), place, bytes32(uint256(6)));
        assertDelivered(grantee, 6, 0);
        place = keccak256(abi.encode(uint256(9), keccak256(abi.encode(patient, uint256(5)))));
        vm.store(address(announcements), place, CONTENT);
        assertRequest(9, CONTENT);
    }

    function test_keepsBothCountsOfAPatientInOneWord() external {
        ask();
        vm.roll(BLOCK + 3);
        vm.prank(patient);
        announcements.deliver(delivery(2, LABEL, 0));
        uint256 kept = 3 + uint256(BLOCK + 3) * 2 ** 32 + 2 ** 64;
        bytes32 place = keccak256(abi.encode(patient, uint256(3)));
        vm.assertEq(uint256(vm.load(address(announcements), place)), kept, "counts");
        place = keccak256(abi.encode(address(2), keccak256(abi.encode(patient, uint256(4)))));
        vm.assertEq(uint256(vm.load(address(announcements), place)), 1 + uint256(BLOCK + 3) * 2 ** 32, "deliveries");
        place = keccak256(abi.encode(uint256(1), keccak256(abi.encode(patient, uint256(5)))));
        vm.assertEq(vm.load(address(announcements), place), announcements.requestOf(patient, 1), "request");
    }

    function _refuse(address by, IAnnouncements.Delivery memory sent, bytes memory reason) private {
        refuse(reason);
        vm.prank(by);
        announcements.deliver(sent);
    }

    function _refuseDeliverer(address by, bytes32 compartment, bytes32 content, bytes32 scope) private {
        bytes memory reason = abi.encodeWithSelector(IAnnouncements.NotDeliverer.selector, patient, scope, by);
        _refuse(by, delivery(1, compartment, content), reason);
    }
}
