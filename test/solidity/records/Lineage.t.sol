// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
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

    /// Consent names the first of the lineage: no grant on an amendment's own id opens it.
    function test_aGrantOnAnAmendmentsOwnIdOpensNothing() external {
        _amendTwice();
        _grant(DOCTOR, _id(NEW_CONTENT), READ);
        _grant(DOCTOR, _id(THIRD), READ);
        _checkReads(false);
    }

    /// But a DENY does shut it, and it alone.
    function test_aDenyOnAnAmendmentsOwnIdShutsItAlone() external {
        _amendTwice();
        _grant(DOCTOR, CARDIOLOGY, READ);
        _grant(DOCTOR, _id(CONTENT), READ);
        _deny(DOCTOR, _id(NEW_CONTENT));
        _checkReads(true, false, true);
        _lift(DOCTOR, _id(NEW_CONTENT));
        _checkReads(true);
        _deny(DOCTOR, _id(THIRD));
        _checkReads(true, true, false);
        _lockdown();
        _grant(DOCTOR, CHART, READ);
        _checkReads(true, true, false);
        _checkRead(_patient, CARDIOLOGY, THIRD, TREATMENT, true);
        _grant(_outsider, CHART, READ);
        _checkRead(_outsider, CARDIOLOGY, THIRD, TREATMENT, true);
    }

    /// A door shut before there was anything behind it.
    function test_aDenyShutsAnAmendmentAhead() external {
        _grant(DOCTOR, CARDIOLOGY, READ);
        _deny(DOCTOR, _id(NEW_CONTENT));
        _amendTwice();
        _checkReads(true, false, true);
    }

    /// A delegate's is of its era, here as everywhere.
    function test_aDelegatesDenyOnAnAmendmentsOwnIdShutsItInItsEra() external {
        _amendTwice();
        _grant(DOCTOR, CHART, READ);
        _delegate(_carer, CARDIOLOGY, DENY);
        vm.prank(_carer);
        _consent.denyFor(IDelegations.DelegatedKey(_patient, DOCTOR, CARDIOLOGY, THIRD, CARDIOLOGY));
        _checkReads(true, true, false);
        _lockdown();
        _grant(DOCTOR, CHART, READ);
        _checkReads(true);
    }

    function test_aDenyOnAnotherPatientsRecordShutsNothing() external {
        _amendTwice();
        _grant(DOCTOR, CARDIOLOGY, READ);
        vm.prank(_outsider);
        _consent.deny(DOCTOR, _id(THIRD));
        _deny(DOCTOR, _idOf(_patient, IMAGING, THIRD));
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

    function test_anAuthorWhoIsDeniedAnAmendmentChangesNothingOfItAlone() external {
        _amendTwice();
        _deny(_author, _id(THIRD));
        _mayNotChangeTheThird(_author);
    }

    /// Whatever else they may: manage, write, or both.
    function test_aManagerWhoIsDeniedAnAmendmentChangesNothingOfIt() external {
        _amendTwice();
        _delegate(_carer, CHART, MANAGE | WRITE);
        _grant(_carer, CARDIOLOGY, WRITE);
        _deny(_carer, _id(THIRD));
        _mayNotChangeTheThird(_carer);
    }

    function test_anAuthorWhoManagesAndIsDeniedAnAmendmentChangesNothingOfIt() external {
        _amendTwice();
        _delegate(_author, CHART, MANAGE);
        _deny(_author, _id(THIRD));
        _mayNotChangeTheThird(_author);
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

    /// While a DENY stands on the third; what it stands on is shut, and the one before is not.
    function _mayNotChangeTheThird(address who) private {
        bytes memory reason = _notWriterOf(CARDIOLOGY, who);
        vm.expectRevert(reason);
        vm.prank(who);
        _records.amend(_next(THIRD, "fourth"));
        vm.expectRevert(reason);
        vm.prank(who);
        _records.retract(_patient, CARDIOLOGY, THIRD, REASON);
        vm.expectRevert(who == _author ? reason : _notAuthorOf(THIRD, who));
        vm.prank(who);
        _records.point(_patient, CARDIOLOGY, THIRD, NEW_MANIFEST);
        vm.prank(who);
        _records.retract(_patient, CARDIOLOGY, who == _author ? NEW_CONTENT : CONTENT, REASON);
        _lift(who, _id(THIRD));
        bytes32 fourth = keccak256(abi.encode(who));
        vm.prank(who);
        _records.amend(_next(THIRD, fourth));
        _checkAnchor(_id(fourth), who, T0, IAnchors.Status.Anchored);
    }

    function _checkReads(bool expected) private view {
        _checkReads(expected, expected, expected);
    }

    function _checkReads(bool first, bool second, bool third) private view {
        _checkRead(DOCTOR, CARDIOLOGY, CONTENT, TREATMENT, first);
        _checkRead(DOCTOR, CARDIOLOGY, NEW_CONTENT, TREATMENT, second);
        _checkRead(DOCTOR, CARDIOLOGY, THIRD, TREATMENT, third);
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
