// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {AnnouncementSetup} from "../helpers/AnnouncementSetup.sol";

/// Access asked for, answered and no longer asked for.
contract RequestsTest is AnnouncementSetup {
    uint8 private constant _OPEN = 1;
    uint8 private constant _APPROVED = 2;
    uint8 private constant _DECLINED = 3;
    uint8 private constant _WITHDRAWN = 4;

    /* REQUEST */

    function test_requestsWithACredentialThatHoldsNow() external {
        uint8[3] memory permissions = [READ, WRITE, READ + WRITE];
        for (uint32 i = 0; i < 3; ++i) {
            IAnnouncements.Wish memory wished = wish();
            wished.permissions = permissions[i];
            wished.end = NOW + 1;
            vm.roll(BLOCK + i);
            vm.expectEmit(address(announcements));
            emit IAnnouncements.Requested(
                patient,
                grantee,
                LABEL,
                i + 1,
                ROLE,
                permissions[i],
                TREATMENT,
                NOW + 1,
                linkOf(i + 1, i == 0 ? 0 : BLOCK + i - 1)
            );
            vm.recordLogs();
            vm.prank(grantee);
            vm.assertEq(announcements.request(wished, CREDENTIAL), i + 1, "id");
            assertTold(1);
            assertRequest(i + 1, wordOf(requested(wished), i + 1, _OPEN));
        }
        assertAnnounced(3, BLOCK + 2);
        vm.assertEq(announcements.requestsOf(patient), 3, "requests");
        vm.assertEq(announcements.openRequestsOf(patient, grantee), 3, "open");
        assertGrant(LABEL, Terms.wrap(0));
    }

    /// Whatever word is named: what the requester knows of the chart is theirs to say.
    function testFuzz_requestsAnyScope(bytes32 scope) external {
        IAnnouncements.Wish memory wished = wish();
        wished.scope = scope;
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Requested(patient, grantee, scope, 1, ROLE, READ, TREATMENT, END, linkOf(1, 0));
        vm.prank(grantee);
        announcements.request(wished, CREDENTIAL);
        assertRequest(1, wordOf(requested(wished), 1, _OPEN));
    }

    function test_refusesARequestWithoutThatCredential() external {
        _refuseCredential(outsider, ROLE, CREDENTIAL);
        _refuseCredential(grantee, "laboratory", CREDENTIAL);
        _refuseCredential(grantee, ROLE, CREDENTIAL - 1);
        vm.warp(NOW + 1);
        _refuseCredential(grantee, ROLE, CREDENTIAL);
        vm.assertEq(announcements.requestsOf(patient), 0, "requests");
    }

    function test_refusesARequestToNobodyAndToOneself() external {
        address[2] memory nobody = [address(0), grantee];
        IAnnouncements.Wish memory wished = wish();
        for (uint256 i = 0; i < 2; ++i) {
            wished.patient = nobody[i];
            _refuseWish(wished, abi.encodeWithSelector(IAnnouncements.InvalidPatient.selector, nobody[i]));
        }
    }

    function test_refusesARequestForNothingOrForWhatIsNotToBeAskedFor() external {
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
        IAnnouncements.Wish memory wished = wish();
        for (uint256 i = 0; i < 3; ++i) {
            wished.end = ends[i];
            _refuseWish(wished, abi.encodeWithSelector(IGrants.InvalidPeriod.selector, 0, ends[i]));
        }
    }

    function test_keeps16OpenRequestsOfOneRequesterToOnePatient() external {
        for (uint32 i = 1; i <= 16; ++i) vm.assertEq(ask(), i, "id");
        bytes memory reason = abi.encodeWithSelector(IAnnouncements.TooManyRequests.selector, patient, grantee);
        _refuseWish(wish(), reason);
        IAnnouncements.Wish memory others = wish();
        others.patient = outsider;
        vm.prank(grantee);
        vm.assertEq(announcements.request(others, CREDENTIAL), 1, "of another patient");
        _answer(patient, 3, false);
        vm.assertEq(ask(), 17, "in the place of what was answered");
        _refuseWish(wish(), reason);
        _withdraw(grantee, 4);
        vm.assertEq(ask(), 18, "in the place of what was withdrawn");
        _refuseWish(wish(), reason);
        vm.assertEq(announcements.openRequestsOf(patient, grantee), 16, "open");
        vm.assertEq(announcements.MAX_OPEN_REQUESTS(), 16, "MAX_OPEN_REQUESTS");
    }

    /* ANSWER */

    function test_answersYesOrNoOnce() external {
        bool[2] memory answers = [true, false];
        for (uint32 i = 0; i < 2; ++i) {
            uint32 id = ask();
            uint8 status = answers[i] ? _APPROVED : _DECLINED;
            vm.expectEmit(address(announcements));
            emit IAnnouncements.Answered(patient, grantee, LABEL, id, answers[i], linkOf(2 * i + 2, BLOCK));
            vm.recordLogs();
            _answer(patient, id, answers[i]);
            assertTold(1);
            assertRequest(id, wordOf(requested(wish()), id, status));
            bytes memory reason = abi.encodeWithSelector(IAnnouncements.RequestClosed.selector, patient, id, status);
            for (uint256 j = 0; j < 2; ++j) {
                refuse(reason);
                _answer(patient, id, answers[j]);
            }
            refuse(reason);
            _withdraw(grantee, id);
        }
        vm.assertEq(announcements.openRequestsOf(patient, grantee), 0, "open");
        assertGrant(LABEL, Terms.wrap(0)); // a yes grants nothing
    }

    function test_letsNobodyAnswerButThePatient() external {
        uint32 id = ask();
        entrust(CHART, powersOf(READ + WRITE + DENY + MANAGE, TREATMENT));
        address[3] memory others = [grantee, carer, outsider];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IAnnouncements.UnknownRequest.selector, others[i], id));
            _answer(others[i], id, true);
        }
        assertRequest(id, wordOf(requested(wish()), id, _OPEN));
    }

    function test_answersNoRequestButTheOneThatIsNamed() external {
        uint32 id = ask();
        uint32[4] memory ids = [0, id + 1, id + 256, type(uint32).max];
        for (uint256 i = 0; i < 4; ++i) {
            refuse(abi.encodeWithSelector(IAnnouncements.UnknownRequest.selector, patient, ids[i]));
            _answer(patient, ids[i], true);
            refuse(abi.encodeWithSelector(IAnnouncements.UnknownRequest.selector, patient, ids[i]));
            _withdraw(grantee, ids[i]);
        }
        for (uint256 i = 0; i < 6; ++i) {
            IAnnouncements.Request memory other = requested(wish());
            if (i == 0) other.requester = outsider;
            if (i == 1) other.scope = CHART;
            if (i == 2) other.role = "laboratory";
            if (i == 3) other.permissions = READ + WRITE;
            if (i == 4) other.purposes = RESEARCH;
            if (i == 5) other.end = END + 1;
            refuse(abi.encodeWithSelector(IAnnouncements.UnknownRequest.selector, patient, id));
            vm.prank(patient);
            announcements.answer(id, other, true);
            refuse(abi.encodeWithSelector(IAnnouncements.UnknownRequest.selector, patient, id));
            vm.prank(other.requester);
            announcements.withdraw(id, other);
        }
        assertRequest(id, wordOf(requested(wish()), id, _OPEN));
    }

    function test_answersARequestWhoseTimeIsOver() external {
        uint32 id = ask();
        vm.warp(END + 1);
        vm.assertEq(announcements.openRequestsOf(patient, grantee), 1, "open");
        _answer(patient, id, false);
        vm.assertEq(announcements.openRequestsOf(patient, grantee), 0, "closed");
    }

    /* WITHDRAW */

    function test_withdrawsOnce() external {
        uint32 id = ask();
        vm.roll(BLOCK + 1);
        vm.expectEmit(address(announcements));
        emit IAnnouncements.Withdrawn(patient, grantee, LABEL, id, linkOf(2, BLOCK));
        vm.recordLogs();
        _withdraw(grantee, id);
        assertTold(1);
        assertRequest(id, wordOf(requested(wish()), id, _WITHDRAWN));
        assertAnnounced(2, BLOCK + 1);
        bytes memory reason = abi.encodeWithSelector(IAnnouncements.RequestClosed.selector, patient, id, _WITHDRAWN);
        refuse(reason);
        _withdraw(grantee, id);
        refuse(reason);
        _answer(patient, id, true);
    }

    function test_letsNobodyWithdrawButTheRequester() external {
        uint32 id = ask();
        address[3] memory others = [patient, carer, outsider];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IAnnouncements.NotRequester.selector, grantee, others[i]));
            _withdraw(others[i], id);
        }
        assertRequest(id, wordOf(requested(wish()), id, _OPEN));
    }

    function _answer(address by, uint32 id, bool approved) private {
        vm.prank(by);
        announcements.answer(id, requested(wish()), approved);
    }

    function _withdraw(address by, uint32 id) private {
        vm.prank(by);
        announcements.withdraw(id, requested(wish()));
    }

    function _refuseWish(IAnnouncements.Wish memory wished, bytes memory reason) private {
        refuse(reason);
        vm.prank(grantee);
        announcements.request(wished, CREDENTIAL);
    }

    function _refuseCredential(address by, bytes32 role, uint256 credential) private {
        IAnnouncements.Wish memory wished = wish();
        wished.role = role;
        refuse(abi.encodeWithSelector(IAnnouncements.NotCredentialed.selector, by, role, credential));
        vm.prank(by);
        announcements.request(wished, credential);
    }

    function _refuseTerms(uint8 permissions, uint64 purposes) private {
        IAnnouncements.Wish memory wished = wish();
        (wished.permissions, wished.purposes) = (permissions, purposes);
        Terms terms = Terms.wrap(word(0, END, 0, purposes, permissions));
        _refuseWish(wished, abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms));
    }
}
