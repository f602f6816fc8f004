// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {OneCredential} from "../helpers/OneCredential.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {Signing} from "../helpers/Signing.sol";

/// Stamps that are signed with ECDSA.
contract VerifyStampTest is RecordsTest {
    bytes32 private constant ROLE = "practitioner";
    uint40 private constant ANCHORED_AT = T0 + 10;
    uint40 private constant UNTIL = T0 + 50;

    function setUp() public override {
        super.setUp();
        _credential(_author, ROLE, UNTIL);
        vm.warp(ANCHORED_AT);
        _anchor(CONTENT);
        vm.warp(T0 + 900); // what counts is the time of the anchor, not that of the question
    }

    function testFuzz_hashesAStampAsWalletsDo(IStamps.Stamp calldata stamp) external view {
        vm.assertEq(_records.stampDigest(stamp), _digest(RecordSigning.hash(stamp)), "stampDigest");
    }

    function test_countsAnAuthorsStamp() external {
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        vm.prank(_outsider);
        vm.assertTrue(_records.verifyStamp(_stamp(), _author, 0, signature), "verifyStamp");
    }

    function test_countsAStampIssuedUpToTheTimeOfTheAnchor() external view {
        _checkIssued(T0 - 1, false); // before the credential
        _checkIssued(T0, true);
        _checkIssued(ANCHORED_AT - 1, true);
        _checkIssued(ANCHORED_AT, true);
        _checkIssued(ANCHORED_AT + 1, false);
        _checkIssued(0, false);
        _checkIssued(type(uint48).max, false);
        _checkIssued(uint48(2 ** 40) + T0, false); // cut to 40 bits it would be in time
    }

    function test_doesNotCountAStampWhoseCredentialEndsBeforeTheAnchor() external {
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        _endCredential(ANCHORED_AT + 1);
        vm.assertTrue(_records.verifyStamp(_stamp(), _author, 0, signature), "until one past the anchor");
        _endCredential(ANCHORED_AT);
        vm.assertTrue(!_records.verifyStamp(_stamp(), _author, 0, signature), "until the anchor");
    }

    /// A thief of a key dates stamps back to when the credential held: the anchor's time shows it.
    function test_doesNotCountABackdatedStampAfterTheCredentialWasRevoked() external {
        _endCredential(T0 + 5);
        vm.prank(_author); // WRITE outlasts the credential
        _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
        IStamps.Stamp memory stamp = _stamp();
        (stamp.content, stamp.issuedAt) = (NEW_CONTENT, T0 + 4);
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
        (stamp.content, stamp.issuedAt) = (CONTENT, T0 + 4);
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
    }

    function test_asksOneCredentialForBothTimes() external {
        vm.warp(T0 + 20);
        uint256 second = _credential(_author, ROLE, UNTIL);
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        _check(_stamp(), _author, 0, signature, true);
        _check(_stamp(), _author, second, signature, false); // begins after the anchor
        _check(_stamp(), _author, 2, signature, false); // there is none
        _endCredential(T0 + 8);
        vm.prank(_author);
        _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST); // at T0 + 20
        IStamps.Stamp memory stamp = _stamp();
        (stamp.content, stamp.issuedAt) = (NEW_CONTENT, T0 + 7); // one covers this, the other the anchor
        signature = _signedStamp(AUTHOR_KEY, stamp);
        _check(stamp, _author, 0, signature, false);
        _check(stamp, _author, second, signature, false);
        stamp.issuedAt = T0 + 20;
        _check(stamp, _author, second, _signedStamp(AUTHOR_KEY, stamp), true);
    }

    function test_doesNotCountAStampInAnotherRole() external {
        IStamps.Stamp memory stamp = _stamp();
        stamp.role = "laboratory";
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
        stamp.role = 0;
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
        stamp = _stamp();
        _check(stamp, _outsider, 0, _signedStamp(OUTSIDER_KEY, stamp), false);
        _check(stamp, _patient, 0, _signedStamp(PATIENT_KEY, stamp), false);
    }

    function test_countsWhatPatientsReportOfThemselvesAndNobodyElse() external {
        vm.warp(T0);
        _credential(_author, "patient", UNTIL); // a role that nobody can be given
        IStamps.Stamp memory stamp = _stamp();
        stamp.role = "patient";
        _check(stamp, _patient, 0, _signedStamp(PATIENT_KEY, stamp), true);
        _check(stamp, _patient, 99, _signedStamp(PATIENT_KEY, stamp), true); // asks for no credential
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
        _check(stamp, _outsider, 0, _signedStamp(OUTSIDER_KEY, stamp), false);
        stamp.issuedAt = ANCHORED_AT + 1;
        _check(stamp, _patient, 0, _signedStamp(PATIENT_KEY, stamp), false);
        stamp.issuedAt = 0;
        _check(stamp, _patient, 0, _signedStamp(PATIENT_KEY, stamp), true);
    }

    function test_doesNotCountAStampOfWhatIsNotAnchored() external view {
        IStamps.Stamp memory stamp = _stamp();
        stamp.content = NEW_CONTENT;
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
        stamp = _stamp();
        stamp.compartment = IMAGING;
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
        stamp = _stamp();
        stamp.patient = _outsider;
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), false);
    }

    /// And would, had it been signed as it is shown.
    function test_doesNotCountAStampThatWasChanged() external {
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        vm.warp(T0);
        _credential(_author, "laboratory", UNTIL);
        vm.warp(ANCHORED_AT);
        vm.prank(_patient);
        _records.anchor(_patient, CARDIOLOGY, NEW_CONTENT, MANIFEST);
        vm.prank(_patient);
        _records.anchor(_patient, IMAGING, CONTENT, MANIFEST);
        vm.prank(_outsider);
        _records.anchor(_outsider, CARDIOLOGY, CONTENT, MANIFEST);
        IStamps.Stamp[7] memory changed;
        for (uint256 i = 0; i < 7; ++i) changed[i] = _stamp();
        changed[0].patient = _outsider;
        changed[1].compartment = IMAGING;
        changed[2].content = NEW_CONTENT;
        changed[3].role = "laboratory";
        changed[4].statement = "second reading";
        changed[5].previous = bytes32(uint256(1));
        changed[6].issuedAt = ANCHORED_AT - 1;
        for (uint256 i = 0; i < 7; ++i) {
            _check(changed[i], _author, 0, signature, false);
            // the first three name records that others anchored: there it takes a witness
            _check(changed[i], _author, 0, _signedStamp(AUTHOR_KEY, changed[i]), i > 2);
        }
        _check(_stamp(), _author, 0, signature, true);
    }

    function test_countsAStampOnAnothersRecordOnlyWithAWitness() external {
        vm.warp(T0);
        _credential(_outsider, ROLE, UNTIL);
        vm.warp(ANCHORED_AT + 5);
        IStamps.Stamp memory stamp = _stamp();
        bytes memory signature = _signedStamp(OUTSIDER_KEY, stamp);
        _check(stamp, _outsider, 0, signature, false);
        bytes32 digest = _records.stampDigest(stamp);
        vm.prank(_outsider);
        _records.witness(digest);
        _check(stamp, _outsider, 0, signature, true);
        _check(stamp, _outsider, 0, "", true);
    }

    /// In another role than "patient" they are one like any other: the record is its author's.
    function test_countsAPatientsStampInAnotherRoleOnlyWithAWitness() external {
        vm.warp(T0);
        _credential(_patient, ROLE, UNTIL);
        vm.warp(ANCHORED_AT + 5);
        IStamps.Stamp memory stamp = _stamp();
        bytes memory signature = _signedStamp(PATIENT_KEY, stamp);
        _check(stamp, _patient, 0, signature, false);
        bytes32 digest = _records.stampDigest(stamp);
        vm.prank(_patient);
        _records.witness(digest);
        _check(stamp, _patient, 0, signature, true);
    }

    function test_aLateWitnessUndoesNoStamp() external {
        IStamps.Stamp memory stamp = _stamp();
        bytes memory signature = _signedStamp(AUTHOR_KEY, stamp);
        vm.warp(UNTIL + 1);
        _check(stamp, _author, 0, signature, true);
        bytes32 digest = _records.stampDigest(stamp);
        vm.prank(_author);
        _records.witness(digest);
        _check(stamp, _author, 0, signature, true);
        _check(stamp, _author, 0, "", false);
    }

    function test_countsAStampOfWhatWasAmendedOrRetractedButNotOfWhatWasErased() external {
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        vm.prank(_author);
        _records.amend(_amendment());
        _check(_stamp(), _author, 0, signature, true);
        vm.prank(_author);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        _check(_stamp(), _author, 0, signature, true);
        bytes32 digest = _records.stampDigest(_stamp());
        vm.warp(ANCHORED_AT);
        vm.prank(_author);
        _records.witness(digest);
        _erase(CONTENT);
        _check(_stamp(), _author, 0, signature, false);
        _check(_stamp(), _author, 0, "", false); // nor by its witness
    }

    /// Who asks about another number, role, actor or time is told no.
    function test_asksForTheVeryCredentialThatIsNamed() external {
        OneCredential one = new OneCredential(_author, ROLE, 7, ANCHORED_AT);
        RecordRegistry other = new RecordRegistry(_consent, ICredentialRegistry(address(one)));
        vm.warp(ANCHORED_AT);
        vm.prank(_author);
        other.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        bytes32 hash = RecordSigning.hash(_stamp());
        bytes memory signature = Signing.sign(AUTHOR_KEY, RecordSigning.digest(address(other), block.chainid, hash));
        vm.assertTrue(other.verifyStamp(_stamp(), _author, 7, signature), "this one");
        vm.assertTrue(!other.verifyStamp(_stamp(), _author, 6, signature), "another one");
        vm.assertTrue(!other.verifyStamp(_stamp(), _author, 8, signature), "another one");
        IStamps.Stamp memory stamp = _stamp();
        stamp.issuedAt = ANCHORED_AT - 1;
        hash = RecordSigning.hash(stamp);
        signature = Signing.sign(AUTHOR_KEY, RecordSigning.digest(address(other), block.chainid, hash));
        vm.assertTrue(!other.verifyStamp(stamp, _author, 7, signature), "another time");
    }

    function test_doesNotCountASignatureOfAnybodyElse() external view {
        _check(_stamp(), _author, 0, _signedStamp(OUTSIDER_KEY, _stamp()), false);
        _check(_stamp(), _author, 0, _signedStamp(PATIENT_KEY, _stamp()), false);
        _check(_stamp(), _colleague, 0, _signedStamp(AUTHOR_KEY, _stamp()), false);
        _check(_stamp(), address(0), 0, new bytes(65), false);
        _check(_stamp(), _author, 0, "", false);
    }

    function test_doesNotCountAnyOtherFormOfASignature() external view {
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        _check(_stamp(), _author, 0, _mirrored(signature), false);
        _check(_stamp(), _author, 0, _shortened(signature), false);
        _check(_stamp(), _author, 0, _unshifted(signature), false);
        _check(_stamp(), _author, 0, abi.encodePacked(signature, uint8(0)), false);
    }

    function test_doesNotCountAStampForAnotherDeploymentOrChain() external {
        uint256 here = block.chainid;
        bytes32 hash = RecordSigning.hash(_stamp());
        bytes memory signature = _signedStamp(AUTHOR_KEY, _stamp());
        RecordRegistry other = new RecordRegistry(_consent, _credentials);
        vm.warp(ANCHORED_AT);
        vm.prank(_author);
        other.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        vm.assertTrue(!other.verifyStamp(_stamp(), _author, 0, signature), "another deployment");
        bytes memory elsewhere = Signing.sign(AUTHOR_KEY, RecordSigning.digest(address(_records), here + 1, hash));
        _check(_stamp(), _author, 0, elsewhere, false);
        vm.chainId(here + 1);
        _check(_stamp(), _author, 0, signature, false);
        _check(_stamp(), _author, 0, elsewhere, true);
    }

    function _stamp() private view returns (IStamps.Stamp memory) {
        return IStamps.Stamp(_patient, CARDIOLOGY, CONTENT, ROLE, "authored", 0, ANCHORED_AT);
    }

    function _signedStamp(uint256 key, IStamps.Stamp memory stamp) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(stamp));
    }

    function _checkIssued(uint48 issuedAt, bool counts) private view {
        IStamps.Stamp memory stamp = _stamp();
        stamp.issuedAt = issuedAt;
        _check(stamp, _author, 0, _signedStamp(AUTHOR_KEY, stamp), counts);
    }

    function _check(
        IStamps.Stamp memory stamp,
        address signer,
        uint256 credential,
        bytes memory signature,
        bool counts
    ) private view {
        vm.assertTrue(_records.verifyStamp(stamp, signer, credential, signature) == counts, "verifyStamp");
    }

    function _endCredential(uint40 until) private {
        vm.prank(_issuer);
        _credentials.revoke(_author, ROLE, 0, until);
    }
}
