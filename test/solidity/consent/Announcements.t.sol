// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {OneCredential} from "../helpers/OneCredential.sol";

/// What is only announced: keys delivered, access asked for, requests declined.
contract AnnouncementsTest is ConsentSetup {
    bytes32 private constant _ROLE = "practitioner";

    function setUp() public override {
        super.setUp();
        consent = new ConsentRegistry(ICredentialRegistry(address(new OneCredential(grantee, _ROLE, 2, NOW))));
    }

    /* DELIVER */

    function test_deliversToEachGranteeOnEachKindOfPlace() external {
        bytes32[3] memory compartments = [CHART, LABEL, LABEL];
        bytes32[3] memory contents = [bytes32(0), 0, CONTENT];
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 1; j < 4; ++j) {
                vm.expectEmit(address(consent));
                emit IAnnouncements.Delivered(patient, address(uint160(j)), scopes[i], CAPSULE, patient);
            }
            vm.recordLogs();
            vm.prank(patient);
            consent.deliver(_delivery(3, compartments[i], contents[i]));
            assertEvents(3);
        }
    }

    function test_deliversFrom1To14Grantees() external {
        _refuseDeliver(
            patient,
            _delivery(0, LABEL, 0),
            abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 0, 14)
        );
        _refuseDeliver(
            patient,
            _delivery(15, LABEL, 0),
            abi.encodeWithSelector(IGrants.InvalidBatchSize.selector, 15, 14)
        );
        vm.recordLogs();
        vm.prank(patient);
        consent.deliver(_delivery(14, LABEL, 0));
        assertEvents(14);
        vm.assertEq(consent.MAX_GRANTEES(), 14, "MAX_GRANTEES");
    }

    function test_deliversToSomebodyAndSomething() external {
        IAnnouncements.Delivery memory delivery = _delivery(2, LABEL, 0);
        delivery.grantees[1] = address(0);
        _refuseDeliver(patient, delivery, abi.encodeWithSelector(IGrants.InvalidGrantee.selector, address(0)));
        delivery = _delivery(2, LABEL, 0);
        delivery.capsule = 0;
        _refuseDeliver(patient, delivery, abi.encodeWithSelector(IAnnouncements.InvalidCapsule.selector));
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
            _refuseDeliver(patient, _delivery(1, compartments[i], contents[i]), reason);
        }
    }

    function test_letsAWriterDeliverWhereHeWritesAndNoOther() external {
        give(LABEL, termsOf(WRITE, 0));
        vm.expectEmit(address(consent));
        emit IAnnouncements.Delivered(patient, address(1), record, CAPSULE, grantee);
        vm.prank(grantee);
        consent.deliver(_delivery(1, LABEL, CONTENT));
        _refuseDeliverer(grantee, OTHER_LABEL, 0, OTHER_LABEL);
        _refuseDeliverer(grantee, CHART, 0, CHART);
        _refuseDeliverer(outsider, LABEL, CONTENT, record);
        _refuseDeliverer(outsider, LABEL, 0, LABEL);
        give(LABEL, reading());
        _refuseDeliverer(grantee, LABEL, 0, LABEL);
        vm.warp(END);
        give(LABEL, Terms.wrap(word(NOW, END + 1, 0, 0, WRITE)));
        vm.warp(END + 1);
        _refuseDeliverer(grantee, LABEL, 0, LABEL);
    }

    function test_letsADelegateDeliverWhoMayReadWriteOrManage() external {
        for (uint8 permissions = 1; permissions < 32; ++permissions) {
            if ((permissions / 8) % 2 == 1) continue;
            entrust(LABEL, delegationOf(permissions, TREATMENT));
            if (permissions == DENY) {
                _refuseDeliverer(carer, LABEL, CONTENT, record);
                continue;
            }
            vm.expectEmit(address(consent));
            emit IAnnouncements.Delivered(patient, address(1), record, CAPSULE, carer);
            vm.prank(carer);
            consent.deliver(_delivery(1, LABEL, CONTENT));
        }
        _refuseDeliverer(carer, OTHER_LABEL, CONTENT, recordOf(OTHER_LABEL, CONTENT));
        vm.warp(END);
        _refuseDeliverer(carer, LABEL, CONTENT, record);
    }

    function test_letsNoDelegateDeliverAfterALockdown() external {
        entrust(CHART, delegationOf(READ + WRITE + MANAGE, TREATMENT));
        lock();
        _refuseDeliverer(carer, LABEL, CONTENT, record);
    }

    function test_deliversOnHisOwnChartAloneWhateverAnOutsiderNames() external {
        IAnnouncements.Delivery memory own = _delivery(1, LABEL, CONTENT);
        own.patient = outsider;
        bytes32 scope = bytes32(uint256(keccak256(abi.encode(outsider, LABEL, CONTENT))) | (1 << 255));
        vm.expectEmit(address(consent));
        emit IAnnouncements.Delivered(outsider, address(1), scope, CAPSULE, outsider);
        vm.prank(outsider);
        consent.deliver(own);
    }

    /* REQUEST, DECLINE */

    function test_requestsWithACredentialThatHoldsNow() external {
        uint8[3] memory permissions = [READ, WRITE, READ + WRITE];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(consent));
            emit IAnnouncements.Requested(patient, grantee, LABEL, _ROLE, permissions[i], TREATMENT, NOW + 1);
            vm.recordLogs();
            vm.prank(grantee);
            consent.request(patient, LABEL, _ROLE, 2, permissions[i], TREATMENT, NOW + 1);
            assertEvents(1);
        }
        assertGrant(LABEL, Terms.wrap(0));
    }

    function test_refusesARequestWithoutThatCredential() external {
        _refuseRequest(outsider, _ROLE, 2);
        _refuseRequest(grantee, "laboratory", 2);
        _refuseRequest(grantee, _ROLE, 1);
        vm.warp(NOW + 1);
        _refuseRequest(grantee, _ROLE, 2);
    }

    function test_refusesARequestToNobodyAndToOneself() external {
        address[2] memory nobody = [address(0), grantee];
        for (uint256 i = 0; i < 2; ++i) {
            refuse(abi.encodeWithSelector(IAnnouncements.InvalidPatient.selector, nobody[i]));
            vm.prank(grantee);
            consent.request(nobody[i], LABEL, _ROLE, 2, READ, TREATMENT, END);
        }
    }

    function test_refusesARequestForNothingOrForADeny() external {
        for (uint256 permissions = 0; permissions < 256; ++permissions) {
            for (uint64 purposes = 0; purposes < 2; ++purposes) {
                bool sound = permissions == 2 || (purposes == 1 && (permissions == 1 || permissions == 3));
                if (!sound) _refuseTerms(uint8(permissions), purposes);
            }
        }
        _refuseTerms(READ, 2 ** 63);
    }

    function test_refusesARequestForATimeThatIsOver() external {
        uint40[3] memory ends = [0, NOW - 1, NOW];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, ends[i]));
            vm.prank(grantee);
            consent.request(patient, LABEL, _ROLE, 2, READ, TREATMENT, ends[i]);
        }
    }

    function test_declinesInTheCallersNameAlone() external {
        address[2] memory callers = [patient, outsider];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(consent));
            emit IAnnouncements.Declined(callers[i], grantee, LABEL);
            vm.recordLogs();
            vm.prank(callers[i]);
            consent.decline(grantee, LABEL);
            assertEvents(1);
        }
    }

    /// To addresses 1, 2, 3 ….
    function _delivery(
        uint256 count,
        bytes32 compartment,
        bytes32 content
    ) private view returns (IAnnouncements.Delivery memory) {
        address[] memory grantees = new address[](count);
        for (uint256 i = 0; i < count; ++i) grantees[i] = address(uint160(i + 1));
        return IAnnouncements.Delivery(patient, grantees, compartment, content, CAPSULE);
    }

    function _refuseDeliver(address by, IAnnouncements.Delivery memory delivery, bytes memory reason) private {
        refuse(reason);
        vm.prank(by);
        consent.deliver(delivery);
    }

    function _refuseDeliverer(address by, bytes32 compartment, bytes32 content, bytes32 scope) private {
        bytes memory reason = abi.encodeWithSelector(IAnnouncements.NotDeliverer.selector, patient, scope, by);
        _refuseDeliver(by, _delivery(1, compartment, content), reason);
    }

    function _refuseRequest(address by, bytes32 role, uint256 credential) private {
        refuse(abi.encodeWithSelector(IAnnouncements.NotCredentialed.selector, by, role, credential));
        vm.prank(by);
        consent.request(patient, LABEL, role, credential, READ, TREATMENT, END);
    }

    function _refuseTerms(uint8 permissions, uint64 purposes) private {
        Terms wish = Terms.wrap(word(0, END, 0, purposes, permissions));
        refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, wish));
        vm.prank(grantee);
        consent.request(patient, LABEL, _ROLE, 2, permissions, purposes, END);
    }
}
