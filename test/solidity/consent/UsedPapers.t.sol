// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Papers} from "../helpers/Papers.sol";
import {Signing} from "../helpers/Signing.sol";

/// No signature works twice, whatever comes between; nor does one that its signer gave up.
contract UsedPapersTest is Papers {
    function test_openOnce() external {
        for (uint256 form = 0; form < OPENING_FORMS; ++form) {
            ready();
            bytes memory used = paper(Form(form), 0);
            bytes memory reason = _stale();
            carry(used);
            refuse(reason);
            carry(used);
            ready(); // all as it was
            refuse(reason);
            carry(used);
        }
    }

    function test_shutOnce() external {
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) {
            ready();
            bytes memory used = paper(Form(form), form);
            vm.assertTrue(!consent.isUsed(patient, form), "unused");
            carry(used);
            vm.assertTrue(consent.isUsed(patient, form), "used");
            refuse(_used(form));
            carry(used);
            ready();
            refuse(_used(form));
            carry(used);
        }
    }

    function test_shutOnceWithOneIdWhateverTheForm() external {
        ready();
        bytes[] memory papers = new bytes[](FORMS);
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) papers[form] = paper(Form(form), 5);
        carry(papers[OPENING_FORMS]);
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) {
            refuse(_used(5));
            carry(papers[form]);
        }
    }

    /// Of any lane and sequence, and no other is used with it.
    function test_useUpTheirIdAndNoOther() external {
        uint256[6] memory ids = [uint256(0), 255, 256, 2 ** 128, 2 ** 255 + 7, type(uint256).max];
        for (uint256 i = 0; i < 6; ++i) {
            carry(paper(Form.Revoke, ids[i]));
            for (uint256 bit = 0; bit < 256; ++bit) {
                uint256 other = ids[i] ^ (1 << bit);
                bool known = false;
                for (uint256 j = 0; j < i; ++j) if (ids[j] == other) known = true;
                vm.assertTrue(consent.isUsed(patient, other) == known, "another");
            }
            vm.assertTrue(consent.isUsed(patient, ids[i]), "used");
            vm.assertTrue(!consent.isUsed(outsider, ids[i]) && !consent.isUsed(address(0), ids[i]), "of another");
        }
    }

    function test_useUpNothingWhereTheyAreRefused() external {
        bytes memory held = paper(Form.Revoke, 1);
        vm.warp(DEADLINE + 1);
        refuse(abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        carry(held);
        vm.assertTrue(!consent.isUsed(patient, 1), "unused");
        vm.warp(DEADLINE);
        carry(held);
    }

    /* SESSIONS */

    function test_openInTheOrderOfTheirNumbersWithinASession() external {
        uint56 stand = standOf(patient);
        _use(stand, SESSION, 3);
        vm.assertEq(standOf(patient), joined(patient, stand, SESSION, 3), "joined");
        vm.assertEq(numberOf(patient), 3, "number");
        for (uint16 number = 0; number < 4; ++number) _refuse(stand, SESSION, number);
        _use(stand, SESSION, 4);
        _use(stand, SESSION, 200); // over those between, which are used up
        _refuse(stand, SESSION, 199);
        _use(stand, SESSION, type(uint16).max);
        _refuse(stand, SESSION, type(uint16).max);
        vm.assertEq(standOf(patient), joined(patient, stand, SESSION, type(uint16).max), "elsewhere");
        submit(offer(LABEL, reading())); // signed where they stand now
        _refuse(stand, SESSION, type(uint16).max);
    }

    function test_openNothingOfASessionOrStandThatWasNot() external {
        take(LABEL);
        uint56 stand = standOf(patient);
        _refuse(0, SESSION, 1);
        _refuse(stand + 1, SESSION, 1);
        _refuse(joined(patient, stand, SESSION, 1), SESSION, 1); // before the session has begun
        _use(stand, SESSION, 1);
        _refuse(stand, SESSION + 1, 2);
        _refuse(stand + 1, SESSION, 2);
        _refuse(0, SESSION, 2);
    }

    function test_openNothingOfASessionOnceTheirSignerActs() external {
        uint56 stand = standOf(patient);
        _use(stand, SESSION, 1);
        take(LABEL);
        _refuse(stand, SESSION, 2);
        _use(standOf(patient), SESSION, 1);
        carry(paper(Form.Revoke, 1));
        _refuse(stand, SESSION, 3);
    }

    /// What can't be done of a session does not hold up the rest.
    function test_openTheRestOfASessionOfWhichOneCannotBe() external {
        shut(LABEL);
        ISignedConsents.SignedGrant memory first = offer(LABEL, reading());
        ISignedConsents.SignedGrant memory second = offer(OTHER_LABEL, reading());
        second.opening.number = 2;
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(first));
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        consent.grantBySig(first, signature);
        submit(second);
        vm.assertTrue(reads(OTHER_LABEL, 0), "granted");
    }

    function test_moveToAStandOfTheirOwnEachTime() external {
        uint56[] memory stands = new uint56[](24);
        for (uint256 i = 0; i < 24; ++i) {
            if (i % 2 == 1) submit(offer(LABEL, reading()));
            else if (i > 0) take(LABEL);
            stands[i] = standOf(patient);
            for (uint256 j = 0; j < i; ++j) vm.assertTrue(stands[j] != stands[i], "stand");
        }
        vm.assertEq(standOf(outsider), 0, "nobody else's");
    }

    /// Whatever the same act: the stand follows from the one before.
    function test_moveByAnActInPersonThatWasDoneBeforeToo() external {
        take(LABEL);
        uint56 stand = standOf(patient);
        bytes memory held = paper(Form.Grant, 0);
        bytes memory reason = _stale();
        take(LABEL);
        vm.assertTrue(standOf(patient) != stand, "another stand");
        refuse(reason);
        carry(held);
    }

    /* TWO DEVICES */

    function test_openByTheFirstOfTwoDevicesAndAreSignedAgainByTheOther() external {
        bytes memory phone = paper(Form.Grant, 0);
        ISignedConsents.SignedGrant memory tablet = offer(record, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(tablet));
        bytes memory reason = _stale();
        carry(phone);
        refuse(reason);
        consent.grantBySig(tablet, signature);
        submit(offer(record, reading()));
        assertGrant(record, placed(reading(), BLOCK, 2));
    }

    /// Signed on one where the other's session stood, and held back until that has gone on.
    function test_openNothingOfAnotherDeviceOnceTheSessionGoesOnThatItBeganIn() external {
        uint56 stand = standOf(patient);
        _use(stand, SESSION, 1);
        uint56 within = standOf(patient);
        _use(stand, SESSION, 2);
        _refuse(within, SESSION + 1, 1);
        _refuse(within, SESSION + 1, type(uint16).max);
        _use(stand, SESSION, 3);
    }

    function test_shutByBothDevicesWhicheverComesFirst() external {
        give(LABEL, reading());
        bytes memory phone = paper(Form.Revoke, (1 << 128) + 1);
        bytes memory tablet = paper(Form.Deny, (2 << 128) + 1);
        carry(tablet);
        carry(phone);
        vm.assertTrue(isShut(Form.Revoke, 0) && isShut(Form.Deny, 0), "shut");
    }

    function test_openNothingOnceAnotherDeviceShutsADoor() external {
        bytes memory phone = paper(Form.Grant, 0);
        bytes memory tablet = paper(Form.Deny, 1);
        bytes memory reason = _stale();
        carry(tablet);
        refuse(reason);
        carry(phone);
    }

    /* CANCELLING */

    function test_areGivenUpByTheirSigner() external {
        ready();
        bytes[] memory papers = new bytes[](FORMS);
        uint256[] memory ids = new uint256[](FORMS - OPENING_FORMS);
        for (uint256 form = 0; form < FORMS; ++form) papers[form] = paper(Form(form), form);
        bytes memory reason = _stale();
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = OPENING_FORMS + i;
            vm.expectEmit(address(consent));
            emit ISignedActions.Cancelled(patient, ids[i]);
        }
        vm.recordLogs();
        vm.prank(patient);
        consent.cancel(ids);
        assertEvents(ids.length);
        for (uint256 form = 0; form < FORMS; ++form) {
            refuse(form < OPENING_FORMS ? reason : _used(form));
            carry(papers[form]);
        }
    }

    function test_areGivenUpByNobodyElse() external {
        bytes memory opening = paper(Form.Grant, 0);
        bytes memory closing = paper(Form.Revoke, 1);
        uint256[] memory ids = new uint256[](1);
        ids[0] = 1;
        address[3] memory others = [outsider, grantee, carer];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(others[i]);
            consent.cancel(ids);
        }
        vm.assertTrue(!consent.isUsed(patient, 1), "unused");
        carry(opening);
        carry(closing);
        vm.assertTrue(isShut(Form.Revoke, 0), "revoked");
    }

    function test_areGivenUpFrom0To200AtOnceUsedOrNot() external {
        uint256[] memory ids = new uint256[](201);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 201, 200));
        vm.prank(patient);
        consent.cancel(ids);
        carry(paper(Form.Revoke, 7));
        ids = new uint256[](200);
        for (uint256 i = 0; i < 200; ++i) ids[i] = i;
        vm.prank(patient);
        consent.cancel(ids);
        for (uint256 i = 0; i < 200; ++i) vm.assertTrue(consent.isUsed(patient, i), "used");
        vm.assertTrue(!consent.isUsed(patient, 200), "no other");
        uint56 stand = standOf(patient);
        vm.prank(patient);
        consent.cancel(new uint256[](0));
        vm.assertTrue(standOf(patient) != stand, "what opens, at least");
        vm.assertTrue(consent.isUsed(patient, 0), "none comes back");
    }

    function _signed(
        uint56 stand,
        uint40 session,
        uint16 number
    ) private view returns (ISignedConsents.SignedGrant memory offered) {
        offered = offer(LABEL, reading());
        offered.opening = ISignedConsents.Opening(stand, session, number, DEADLINE);
    }

    function _use(uint56 stand, uint40 session, uint16 number) private {
        submit(_signed(stand, session, number));
    }

    function _refuse(uint56 stand, uint40 session, uint16 number) private {
        ISignedConsents.SignedGrant memory offered = _signed(stand, session, number);
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        refuse(staleOpening(patient, offered.opening));
        consent.grantBySig(offered, signature);
    }

    function _used(uint256 id) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, patient, id);
    }

    function _stale() private view returns (bytes memory) {
        return staleOpening(patient, openingOf(patient));
    }
}
