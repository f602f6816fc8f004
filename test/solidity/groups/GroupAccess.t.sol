// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Group} from "../../../contracts/Group.sol";
import {GroupFactory} from "../../../contracts/GroupFactory.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// What members of a group may do with records, and that writing is for persons.
contract GroupAccessTest is RecordsTest {
    address private constant DOCTOR = address(0xD0C70);

    Group private _group;

    function setUp() public override {
        super.setUp();
        GroupFactory factory = new GroupFactory();
        _group = Group(factory.create("cardiology"));
        address[] memory members = new address[](1);
        members[0] = DOCTOR;
        _group.setMembers(members, END - 1, TREATMENT);
    }

    function test_lettingAGroupReadLetsItsMembersReadForTheirPurposes() external {
        _anchor(CONTENT);
        _grant(address(_group), CARDIOLOGY, READ | GROUP);
        _checkReads(TREATMENT, true);
        _checkReads(2, false);
        vm.assertTrue(!_records.canRead(_patient, DOCTOR, CARDIOLOGY, CONTENT, TREATMENT), "in person");
        _deny(DOCTOR, _id(CONTENT)); // for a person, whatever department they join
        _checkReads(TREATMENT, false);
        _lift(DOCTOR, _id(CONTENT));
        vm.prank(DOCTOR);
        _group.resign();
        _checkReads(TREATMENT, false);
    }

    /// Nobody may let a group write, so that no member is told yes and then refused.
    function test_refusesToLetAGroupWrite() external {
        uint8[2] memory permissions = [WRITE | GROUP, READ | WRITE | GROUP];
        for (uint256 i = 0; i < permissions.length; ++i) {
            uint256 word = permissions[i] * 2 ** 184 + uint256(TREATMENT) * 2 ** 120 + uint256(END) * 2 ** 40;
            vm.expectRevert(abi.encodeWithSelector(IGrants.InvalidTerms.selector, Terms.wrap(word)));
            vm.prank(_patient);
            _consent.grant(address(_group), CARDIOLOGY, Terms.wrap(word), 0);
        }
    }

    /// WRITE that is given to a group's address as if it were a person is nobody's.
    function test_letsNoMemberWriteForAGroup() external {
        _grant(address(_group), CARDIOLOGY, WRITE);
        vm.assertTrue(!_consent.canWrite(_patient, DOCTOR, CARDIOLOGY, 0), "may not write");
        _checkReads(TREATMENT, false);
        vm.expectRevert(_notWriterOf(CARDIOLOGY, DOCTOR));
        vm.prank(DOCTOR);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
    }

    function _checkReads(uint64 purpose, bool expected) private view {
        bool may = _consent.canAccessAs(address(_group), DOCTOR, _patient, CARDIOLOGY, CONTENT, purpose);
        vm.assertTrue(may == expected, "canAccessAs");
    }
}
