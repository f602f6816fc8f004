// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {FickleWallet, KeyWallet} from "../helpers/Wallets.sol";

/// Stamps for which their signer stands on chain.
contract WitnessTest is RecordsTest {
    bytes32 private constant ROLE = "practitioner";
    bytes32 private constant DIGEST = keccak256("a stamp");
    uint256 private constant OWNER_KEY = 0x0B0E;
    uint40 private constant ANCHORED_AT = T0 + 10;
    uint40 private constant UNTIL = T0 + 50;

    /// A contract account with a credential.
    KeyWallet private _wallet;

    function setUp() public override {
        super.setUp();
        _wallet = new KeyWallet(OWNER_KEY);
        _credential(_author, ROLE, UNTIL);
        _credential(address(_wallet), ROLE, UNTIL);
        vm.warp(ANCHORED_AT);
        _anchor(CONTENT);
    }

    function test_standsForAStampOnce() external {
        vm.assertEq(_records.witnessedAt(_outsider, DIGEST), 0, "before");
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IStamps.Witnessed(_outsider, DIGEST);
        vm.prank(_outsider);
        _records.witness(DIGEST);
        _checkLogs(1);
        vm.warp(ANCHORED_AT + 1);
        vm.expectRevert(abi.encodeWithSelector(IStamps.AlreadyWitnessed.selector, _outsider, DIGEST));
        vm.prank(_outsider);
        _records.witness(DIGEST);
        vm.prank(_author); // each stands for themselves
        _records.witness(DIGEST);
        vm.assertEq(_records.witnessedAt(_outsider, DIGEST), ANCHORED_AT, "witnessedAt");
        vm.assertEq(_records.witnessedAt(_author, DIGEST), ANCHORED_AT + 1, "another's");
        vm.assertEq(_records.witnessedAt(_patient, DIGEST), 0, "nobody's");
    }

    function test_standsForAStampWhoseWitnessAnyoneCarries() external {
        bytes32 hash = RecordSigning.hashWitness(_author, DIGEST, DEADLINE);
        bytes memory call = _checkForm(_form(AUTHOR_KEY, hash), _callOf);
        _checkWords(address(_records), call, 0, 3);
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IStamps.Witnessed(_author, DIGEST);
        _carries(address(_records), call);
        _checkLogs(1);
        vm.assertEq(_records.witnessedAt(_author, DIGEST), DEADLINE, "witnessedAt");
        vm.assertEq(_records.witnessedAt(_outsider, DIGEST), 0, "its carrier's");
        bytes memory reason = abi.encodeWithSelector(IStamps.AlreadyWitnessed.selector, _author, DIGEST);
        _refuses(_outsider, address(_records), call, reason);
    }

    /// Its signer says so twice, on whatever way: the second is refused, and the first time stays.
    function test_refusesASignedWitnessOfWhatWasWitnessedInPerson() external {
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hashWitness(_author, DIGEST, DEADLINE));
        vm.prank(_author);
        _records.witness(DIGEST);
        vm.warp(ANCHORED_AT + 1);
        vm.expectRevert(abi.encodeWithSelector(IStamps.AlreadyWitnessed.selector, _author, DIGEST));
        _records.witnessBySig(_author, DIGEST, DEADLINE, signature);
        vm.assertEq(_records.witnessedAt(_author, DIGEST), ANCHORED_AT, "witnessedAt");
    }

    function test_countsAStampOfAContractAccountOnlyWhenItIsWitnessed() external {
        IStamps.Stamp memory stamp = _stamp(ANCHORED_AT);
        bytes memory signature = _sign(OWNER_KEY, RecordSigning.hash(stamp));
        address signer = address(_wallet);
        _check(stamp, signer, signature, false);
        _witness(_wallet, stamp);
        _check(stamp, signer, signature, true);
        _check(stamp, signer, "", true);
    }

    function test_doesNotAskAContractAccountThatChangesItsMind() external {
        address wallet = address(new FickleWallet());
        vm.warp(T0);
        _credential(wallet, ROLE, UNTIL);
        _check(_stamp(ANCHORED_AT), wallet, "any", false);
    }

    function test_countsAWitnessedStampWithoutASignatureOfItsSignerAlone() external {
        IStamps.Stamp memory stamp = _stamp(ANCHORED_AT);
        _witness(_author, stamp);
        _check(stamp, _author, "", true);
        _check(stamp, _author, "what nobody signed", true);
        _check(stamp, address(_wallet), "", false);
        stamp.statement = "second reading"; // another digest
        _check(stamp, _author, "", false);
    }

    /// A co-stamp is issued after the anchor: its time is that of the witness.
    function test_countsACoStampFromItsWitnessOn() external {
        IStamps.Stamp memory stamp = _stamp(T0 + 20);
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(stamp));
        _check(stamp, _author, signature, false);
        vm.warp(T0 + 19);
        _witness(_wallet, stamp); // before it says to be issued
        _check(stamp, address(_wallet), "", false);
        vm.warp(T0 + 20);
        _witness(_author, stamp);
        _check(stamp, _author, signature, true);
        _check(stamp, _author, "", true);
    }

    function test_countsACoStampWhoseCredentialCoversItsWitness() external {
        IStamps.Stamp memory stamp = _stamp(T0 + 20);
        vm.warp(UNTIL - 1);
        _witness(_author, stamp);
        _check(stamp, _author, "", true);
        vm.warp(UNTIL);
        _witness(_wallet, stamp);
        _check(stamp, address(_wallet), "", false);
        vm.prank(_issuer);
        _credentials.revoke(_author, ROLE, 0, UNTIL - 1); // ends when it was witnessed
        _check(stamp, _author, "", false);
    }

    function test_takesTheTimeOfTheAnchorForAStampThatWasWitnessedBefore() external {
        vm.warp(T0 + 5);
        IStamps.Stamp memory stamp = _stamp(T0 + 6);
        stamp.content = NEW_CONTENT;
        _witness(_wallet, stamp);
        _check(stamp, address(_wallet), "", false); // not anchored yet
        vm.warp(UNTIL - 1);
        _anchor(NEW_CONTENT);
        _check(stamp, address(_wallet), "", true); // issued after the witness and before the anchor
        vm.prank(_issuer);
        _credentials.revoke(address(_wallet), ROLE, 0, UNTIL - 1);
        _check(stamp, address(_wallet), "", false);
    }

    function test_countsNoWitnessOfWhatIsNotAnchored() external {
        IStamps.Stamp memory stamp = _stamp(ANCHORED_AT);
        stamp.content = NEW_CONTENT;
        _witness(_author, stamp);
        _check(stamp, _author, "", false);
        _check(stamp, _author, _sign(AUTHOR_KEY, RecordSigning.hash(stamp)), false);
        _anchor(NEW_CONTENT);
        _check(stamp, _author, "", true);
    }

    function test_countsWhatAPatientWitnessedOfThemselves() external {
        IStamps.Stamp memory stamp = _stamp(ANCHORED_AT);
        stamp.role = "patient";
        _witness(_author, stamp);
        _check(stamp, _author, "", false);
        _check(stamp, _patient, "", false);
        _witness(_patient, stamp);
        _check(stamp, _patient, "", true);
    }

    function _callOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IStamps.witnessBySig, (_author, DIGEST, DEADLINE, signature));
    }

    function _stamp(uint48 issuedAt) private view returns (IStamps.Stamp memory) {
        return IStamps.Stamp(_patient, CARDIOLOGY, CONTENT, ROLE, "received", DIGEST, issuedAt);
    }

    function _witness(address signer, IStamps.Stamp memory stamp) private {
        bytes32 digest = _digest(RecordSigning.hash(stamp));
        vm.prank(signer);
        _records.witness(digest);
    }

    function _witness(KeyWallet wallet, IStamps.Stamp memory stamp) private {
        bytes32 digest = _digest(RecordSigning.hash(stamp));
        wallet.act(address(_records), abi.encodeCall(IStamps.witness, (digest)));
    }

    function _check(IStamps.Stamp memory stamp, address signer, bytes memory signature, bool counts) private view {
        vm.assertTrue(_records.verifyStamp(stamp, signer, 0, signature) == counts, "verifyStamp");
    }
}
