// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ChoosyGroup} from "../helpers/Groups.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Who may read a record as a member of a group.
contract ReadAsTest is RecordsTest {
    address private constant MEMBER = address(0x3E3B);
    address private _group;

    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        _group = address(new ChoosyGroup(_patient, MEMBER, TREATMENT));
    }

    function test_opensARecordToAMemberOfAGroupWithAGrant() external {
        _checkReads(CONTENT, false);
        _grant(_group, CARDIOLOGY, READ | GROUP);
        _checkReads(CONTENT, true);
        _check(_group, _outsider, CARDIOLOGY, CONTENT, TREATMENT, false); // no member
        _check(_outsider, MEMBER, CARDIOLOGY, CONTENT, TREATMENT, false); // no group
        _check(MEMBER, _group, CARDIOLOGY, CONTENT, TREATMENT, false); // the other way round
        _check(_group, MEMBER, CARDIOLOGY, CONTENT, 2, false); // another purpose
        _check(_group, MEMBER, CARDIOLOGY, CONTENT, 3, false); // two
        _check(_group, MEMBER, CARDIOLOGY, CONTENT, 0, false); // none
        bool may = _records.canRead(_patient, MEMBER, CARDIOLOGY, CONTENT, TREATMENT);
        vm.assertTrue(!may, "in person");
        may = _records.canReadAs(_group, MEMBER, MEMBER, CARDIOLOGY, CONTENT, TREATMENT);
        vm.assertTrue(!may, "another patient");
        vm.warp(END);
        _checkReads(CONTENT, false);
        vm.warp(END - 1);
        _checkReads(CONTENT, true);
        _lockdown();
        _checkReads(CONTENT, false);
    }

    function test_opensNoRecordThatThereIsNot() external {
        _grant(_group, CHART, READ | GROUP);
        _checkReads(NEW_CONTENT, false);
        _checkReads(0, false); // a compartment is no record
        _check(_group, MEMBER, IMAGING, CONTENT, TREATMENT, false);
        _check(_group, MEMBER, CHART, CONTENT, TREATMENT, false);
        _check(_group, MEMBER, CHART, 0, TREATMENT, false);
        _check(_group, MEMBER, _id(CONTENT), CONTENT, TREATMENT, false);
        _checkReads(CONTENT, true);
    }

    function test_opensARetractedRecordAndNoErasedOne() external {
        _grant(_group, CHART, READ | GROUP);
        _amend();
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        _checkReads(NEW_CONTENT, true);
        _checkReads(CONTENT, true);
        _erase(NEW_CONTENT);
        _checkReads(NEW_CONTENT, false);
        _checkReads(CONTENT, true);
        _erase(CONTENT);
        _checkReads(CONTENT, false);
    }

    function test_opensAnAmendmentByAGrantOnTheFirstOfItsLineageAlone() external {
        _amend();
        _grant(_group, _id(NEW_CONTENT), READ | GROUP);
        _checkReads(NEW_CONTENT, false);
        _grant(_group, _id(CONTENT), READ | GROUP);
        _checkReads(NEW_CONTENT, true);
        _revoke(_group, _id(CONTENT));
        _checkReads(NEW_CONTENT, false);
    }

    /// Of the group or of the member: on what it descends from it shuts both, on its own id the amendment alone.
    function test_shutsByADenyForTheGroupOrTheMember() external {
        _amend();
        address[2] memory denied = [_group, MEMBER];
        for (uint256 i = 0; i < 2; ++i) {
            bytes32[3] memory wide = [_id(CONTENT), CARDIOLOGY, CHART];
            for (uint256 j = 0; j < 3; ++j) {
                _opens();
                _deny(denied[i], wide[j]);
                _checkReads(CONTENT, false);
                _checkReads(NEW_CONTENT, false);
                _lift(denied[i], wide[j]);
            }
            _opens();
            _deny(denied[i], _id(NEW_CONTENT));
            _checkReads(CONTENT, true);
            _checkReads(NEW_CONTENT, false);
            _lockdown();
            _opensAll();
            _checkReads(CONTENT, true);
            _checkReads(NEW_CONTENT, false);
            _lift(denied[i], _id(NEW_CONTENT));
        }
        _opens();
        _deny(_outsider, _id(NEW_CONTENT));
        _checkReads(NEW_CONTENT, true);
    }

    function test_shutsAnAmendmentAhead() external {
        _grant(_group, CHART, READ | GROUP);
        _deny(MEMBER, _id(NEW_CONTENT));
        _amend();
        _checkReads(NEW_CONTENT, false);
        _lift(MEMBER, _id(NEW_CONTENT));
        _deny(_group, _id(NEW_CONTENT));
        _checkReads(NEW_CONTENT, false);
        _checkReads(CONTENT, true);
    }

    function _amend() private {
        vm.prank(_author);
        _records.amend(_amendment());
    }

    function _opens() private {
        _opensAll();
        _checkReads(CONTENT, true);
        _checkReads(NEW_CONTENT, true);
    }

    function _opensAll() private {
        _grant(_group, CHART, READ | GROUP);
        _grant(_group, CARDIOLOGY, READ | GROUP);
        _grant(_group, _id(CONTENT), READ | GROUP);
    }

    function _checkReads(bytes32 content, bool expected) private view {
        _check(_group, MEMBER, CARDIOLOGY, content, TREATMENT, expected);
    }

    function _check(
        address group,
        address member,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose,
        bool expected
    ) private view {
        bool may = _records.canReadAs(group, member, _patient, compartment, content, purpose);
        vm.assertTrue(may == expected, "canReadAs");
    }
}
