// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Consent to a record is consent to what it was amended to.
contract LineageTest is RecordsTest {
    bytes32 private constant THIRD = keccak256("a third version");
    address private constant DOCTOR = address(0xD0C70);

    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
    }

    function test_namesTheFirstOfTheLineageOfEveryAmendment() external {
        _amendTwice();
        vm.assertEq(_records.originOf(_id(CONTENT)), 0, "the first");
        vm.assertEq(_records.originOf(_id(NEW_CONTENT)), CONTENT, "the second");
        vm.assertEq(_records.originOf(_id(THIRD)), CONTENT, "the third");
        vm.assertEq(_records.originOf(_id("unknown")), 0, "none");
    }

    function test_aDenyFollowsARecordToItsAmendments() external {
        _grant(DOCTOR, CARDIOLOGY, READ);
        _deny(DOCTOR, _id(CONTENT));
        _amendTwice();
        _checkReads(false);
        _lift(DOCTOR, _id(CONTENT));
        _checkReads(true);
        // one that comes later follows, too
        _deny(DOCTOR, _id(CONTENT));
        _checkReads(false);
    }

    function test_aGrantOnTheFirstOpensItsAmendmentsAndItsRevocationShutsThem() external {
        _amendTwice();
        _grant(DOCTOR, _id(CONTENT), READ);
        _checkReads(true);
        _revoke(DOCTOR, _id(CONTENT));
        _checkReads(false);
    }

    /// The id of an amendment is nobody's scope: a grant or DENY that names it neither opens nor shuts.
    function test_consentToAnAmendmentsOwnIdSaysNothing() external {
        _amendTwice();
        _grant(DOCTOR, _id(NEW_CONTENT), READ);
        _grant(DOCTOR, _id(THIRD), READ);
        _checkReads(false);
        _grant(DOCTOR, CARDIOLOGY, READ);
        _revoke(DOCTOR, _id(THIRD));
        _deny(DOCTOR, _id(THIRD));
        _checkReads(true);
    }

    function test_whoManagesTheFirstMayRetractItsAmendments() external {
        _amendTwice();
        _delegate(_carer, _id(NEW_CONTENT), MANAGE);
        vm.expectRevert(_notAuthorOf(NEW_CONTENT, _carer));
        vm.prank(_carer);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        _delegate(_carer, _id(CONTENT), MANAGE);
        vm.prank(_carer);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        vm.prank(_carer);
        _records.retract(_patient, CARDIOLOGY, THIRD, REASON);
        _checkAnchor(_id(THIRD), _author, T0, IAnchors.Status.Retracted);
    }

    function test_anAuthorWhoIsDeniedTheFirstChangesNothingOfItsLineage() external {
        _amendTwice();
        _deny(_author, _id(CONTENT));
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, THIRD, REASON);
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        vm.prank(_author);
        _records.amend(_next(THIRD, "fourth"));
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        vm.prank(_author);
        _records.point(_patient, CARDIOLOGY, THIRD, NEW_MANIFEST);
    }

    /* WHO MAY READ */

    function test_opensARecordToWhomConsentPermits() external {
        _checkRead(_patient, CARDIOLOGY, CONTENT, TREATMENT, true);
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, false);
        _checkRead(_author, CARDIOLOGY, CONTENT, TREATMENT, false); // WRITE does not read
        _grant(DOCTOR, CARDIOLOGY, READ);
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, true);
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, 2, false); // another purpose
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, 3, false); // two
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, 0, false); // none
        vm.warp(END);
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, false);
        vm.warp(END - 1);
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, true);
        _lockdown();
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, false);
        _checkRead(_patient, CARDIOLOGY, CONTENT, TREATMENT, true);
    }

    function test_opensNoRecordThatThereIsNot() external {
        _grant(DOCTOR, CHART, READ);
        address[2] memory readers = [_patient, DOCTOR];
        for (uint256 i = 0; i < readers.length; ++i) {
            _checkRead(readers[i], CARDIOLOGY, NEW_CONTENT, TREATMENT, false);
            _checkRead(readers[i], IMAGING, CONTENT, TREATMENT, false);
            _checkRead(readers[i], CHART, CONTENT, TREATMENT, false);
            _checkRead(readers[i], CARDIOLOGY, 0, TREATMENT, false); // a compartment is no record
            _checkRead(readers[i], CHART, 0, TREATMENT, false);
            _checkRead(readers[i], CARDIOLOGY, CONTENT, TREATMENT, true);
        }
        vm.assertTrue(!_records.canRead(DOCTOR, DOCTOR, CARDIOLOGY, CONTENT, TREATMENT), "another patient");
    }

    function test_opensNoErasedRecordToAnybody() external {
        _grant(DOCTOR, CHART, READ);
        _amendTwice();
        _erase(CONTENT);
        _checkRead(_patient, CARDIOLOGY, CONTENT, TREATMENT, false);
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, false);
        _checkRead(DOCTOR, CARDIOLOGY, NEW_CONTENT, TREATMENT, true); // each is erased for itself
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, NEW_CONTENT, REASON);
        _checkRead(DOCTOR, CARDIOLOGY, NEW_CONTENT, TREATMENT, true); // retracted stays readable
    }

    function _amendTwice() private {
        vm.prank(_author);
        _records.amend(_amendment());
        vm.prank(_author);
        _records.amend(_next(NEW_CONTENT, THIRD));
    }

    function _next(bytes32 content, bytes32 newContent) private view returns (ICorrections.Amendment memory) {
        return ICorrections.Amendment(_patient, CARDIOLOGY, content, newContent, NEW_MANIFEST, REASON);
    }

    function _checkReads(bool expected) private view {
        bytes32[3] memory contents = [CONTENT, NEW_CONTENT, THIRD];
        for (uint256 i = 0; i < 3; ++i) _checkRead(DOCTOR, CARDIOLOGY, contents[i], TREATMENT, expected);
    }

    function _checkRead(
        address reader,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose,
        bool expected
    ) private view {
        bool may = _records.canRead(_patient, reader, compartment, content, purpose);
        vm.assertTrue(may == expected, "canRead");
    }
}
