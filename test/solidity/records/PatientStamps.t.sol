// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {KeyWallet} from "../helpers/Wallets.sol";

/// What patients author of themselves: the anchor is the proof.
contract PatientStampsTest is RecordsTest {
    function setUp() public override {
        super.setUp();
        vm.prank(_patient);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        vm.warp(T0 + 900);
    }

    function test_countsWithoutASignatureWhatThePatientAuthored() external {
        _check(_stamp(), _patient, "", true);
        bytes memory signature = _sign(PATIENT_KEY, RecordSigning.hash(_stamp()));
        _check(_stamp(), _patient, signature, true);
        vm.assertTrue(_records.verifyStamp(_stamp(), _patient, 99, ""), "asks for no credential");
        _lockdown();
        _check(_stamp(), _patient, "", true);
    }

    /// A signature that is there must be good.
    function test_doesNotCountItWithABadSignature() external view {
        _check(_stamp(), _patient, "what nobody signed", false);
        _check(_stamp(), _patient, new bytes(65), false);
        _check(_stamp(), _patient, _sign(OUTSIDER_KEY, RecordSigning.hash(_stamp())), false);
    }

    function test_doesNotCountUnsignedWhatSaysAnythingElse() external {
        IStamps.Stamp memory stamp = _stamp();
        stamp.statement = "received";
        _check(stamp, _patient, "", false);
        stamp.statement = "";
        _check(stamp, _patient, "", false);
        stamp.statement = "Authored";
        _check(stamp, _patient, "", false);
        stamp = _stamp();
        stamp.previous = bytes32(uint256(1));
        _check(stamp, _patient, "", false);
        _check(stamp, _patient, _sign(PATIENT_KEY, RecordSigning.hash(stamp)), true);
        stamp = _stamp();
        stamp.issuedAt = T0 + 1;
        _check(stamp, _patient, "", false);
        stamp.issuedAt = 0;
        _check(stamp, _patient, "", true);
        stamp = _stamp();
        stamp.role = "practitioner";
        vm.warp(T0);
        _credential(_patient, "practitioner", END);
        _check(stamp, _patient, "", false);
        _check(stamp, _patient, _sign(PATIENT_KEY, RecordSigning.hash(stamp)), true);
    }

    function test_doesNotCountUnsignedForAnybodyElse() external {
        _check(_stamp(), _author, "", false);
        _check(_stamp(), _outsider, "", false);
        // what others anchored, the patient did not author, nor their author as the patient
        _anchor(NEW_CONTENT);
        IStamps.Stamp memory stamp = _stamp();
        (stamp.content, stamp.issuedAt) = (NEW_CONTENT, T0);
        _check(stamp, _patient, "", false);
        _check(stamp, _author, "", false);
        _check(stamp, _patient, _sign(PATIENT_KEY, RecordSigning.hash(stamp)), true);
    }

    function test_doesNotCountUnsignedWhatIsNotAnchoredOrErased() external {
        IStamps.Stamp memory stamp = _stamp();
        stamp.content = NEW_CONTENT;
        _check(stamp, _patient, "", false);
        stamp = _stamp();
        stamp.compartment = IMAGING;
        _check(stamp, _patient, "", false);
        vm.prank(_patient);
        _records.retract(_patient, CARDIOLOGY, CONTENT, REASON);
        _check(_stamp(), _patient, "", true);
        _erase(CONTENT);
        _check(_stamp(), _patient, "", false);
    }

    /// Its keys are changed, lost or gone: the stamp counts on.
    function test_countsWhatAContractAccountAuthoredOfItselfForEver() external {
        KeyWallet wallet = new KeyWallet(0x0B0E);
        address patient = address(wallet);
        wallet.act(address(_records), abi.encodeCall(IAnchors.anchor, (patient, CARDIOLOGY, CONTENT, MANIFEST)));
        IStamps.Stamp memory stamp = _stamp();
        stamp.patient = patient;
        _check(stamp, patient, "", true);
        _check(stamp, patient, _sign(0x0B0E, RecordSigning.hash(stamp)), false); // is never asked
        stamp.patient = _patient;
        _check(stamp, patient, "", false);
    }

    function _stamp() private view returns (IStamps.Stamp memory) {
        return IStamps.Stamp(_patient, CARDIOLOGY, CONTENT, "patient", "authored", 0, T0);
    }

    function _check(IStamps.Stamp memory stamp, address signer, bytes memory signature, bool counts) private view {
        vm.assertTrue(_records.verifyStamp(stamp, signer, 0, signature) == counts, "verifyStamp");
        IStamps.StampStatus status = _records.stampStatus(stamp, signer, 0, signature);
        vm.assertEq(uint256(status), counts ? 1 : 0, "stampStatus");
    }
}
