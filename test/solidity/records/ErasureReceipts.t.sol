// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract ErasureReceiptsTest is RecordsTest {
    uint256 private constant OPERATOR_KEY = 0x0FE4;
    uint40 private constant UNTIL = T0 + 150;

    address private _operator = vm.addr(OPERATOR_KEY);

    function setUp() public override {
        super.setUp();
        _anchor(CONTENT);
        _credential(_operator, "storage", UNTIL);
    }

    function test_attestsAsWhoStoresBlocks() external {
        _erase(CONTENT);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), 0, "before");
        vm.warp(T0 + 2);
        vm.recordLogs();
        _expectAttested(_operator, "storage", 2);
        vm.prank(_operator);
        _records.attestErasure(_patient, CARDIOLOGY, CONTENT, "storage", 0);
        _checkLogs(1);
        _checkHistory(2, BLOCK);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), T0 + 2, "erasureAttestedAt");
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _outsider), 0, "somebody else");
        vm.assertEq(_records.erasureAttestedAt(_id(NEW_CONTENT), _operator), 0, "another record");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    function test_attestsAsWhoKeepsKeysBesideOthers() external {
        _erase(CONTENT);
        _attests(_operator, "storage", 0);
        _credential(_outsider, "keeper", UNTIL);
        _expectAttested(_outsider, "keeper", 3);
        _attests(_outsider, "keeper", 0);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _outsider), T0, "the keeper");
    }

    function test_refusesWhoeverHasNoCredentialForTheRole() external {
        _erase(CONTENT);
        _mayNotAttest(_outsider, "storage", 0, _notCredentialed(_outsider, "storage", 0));
        _mayNotAttest(_patient, "keeper", 0, _notCredentialed(_patient, "keeper", 0));
        _mayNotAttest(_operator, "keeper", 0, _notCredentialed(_operator, "keeper", 0));
        _mayNotAttest(_operator, "storage", 1, _notCredentialed(_operator, "storage", 1));
    }

    function test_refusesEveryOtherRole() external {
        _erase(CONTENT);
        bytes32[4] memory roles = [bytes32("practitioner"), "patient", "Storage", 0];
        for (uint256 i = 0; i < roles.length; ++i) {
            _credential(_operator, roles[i], UNTIL);
            bytes memory reason = abi.encodeWithSelector(ICorrections.InvalidRole.selector, roles[i]);
            _mayNotAttest(_operator, roles[i], 0, reason);
        }
    }

    function test_refusesACredentialFromItsEndOn() external {
        _erase(CONTENT);
        vm.warp(UNTIL);
        _mayNotAttest(_operator, "storage", 0, _notCredentialed(_operator, "storage", 0));
        vm.warp(UNTIL - 1);
        _attests(_operator, "storage", 0);
    }

    function test_attestsOnce() external {
        _credential(_operator, "keeper", UNTIL);
        _erase(CONTENT);
        _attests(_operator, "storage", 0);
        bytes memory reason = abi.encodeWithSelector(ICorrections.AlreadyAttested.selector, _id(CONTENT), _operator);
        vm.warp(T0 + 1);
        _mayNotAttest(_operator, "storage", 0, reason);
        _mayNotAttest(_operator, "keeper", 0, reason);
        bytes memory signature = _signedReceipt(OPERATOR_KEY, _receipt());
        vm.expectRevert(reason);
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), T0, "the first stands");
    }

    function test_refusesBeforeErasureIsDemanded() external {
        bytes memory reason = _invalidStatus(CONTENT, IAnchors.Status.Anchored);
        _mayNotAttest(_operator, "storage", 0, reason);
        bytes memory signature = _signedReceipt(OPERATOR_KEY, _receipt());
        vm.expectRevert(reason);
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
    }

    /// Or a receipt would show up in the history of somebody to whom the record does not belong.
    function test_refusesARecordThatIsNamedWrongly() external {
        _erase(CONTENT);
        _refusesUnknown(_outsider, CARDIOLOGY, CONTENT);
        _refusesUnknown(_patient, IMAGING, CONTENT);
        _refusesUnknown(_patient, CARDIOLOGY, NEW_CONTENT);
        _refusesUnknown(_patient, CARDIOLOGY, _id(CONTENT));
        _checkLink(_records.historyOf(_outsider), 0, 0, "nothing in the outsider's history");
    }

    /// A warning of the interface: a receipt does not say that its operator ever had anything.
    function test_takesTheReceiptOfAnOperatorThatNeverHadTheRecord() external {
        address stranger = address(0x0B);
        _credential(stranger, "storage", UNTIL);
        _erase(CONTENT);
        _attests(stranger, "storage", 0);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), stranger), T0, "the stranger's");
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), 0, "who has it did not");
    }

    function test_takesASignedReceiptFromAnyone() external {
        _erase(CONTENT);
        bytes memory call = _checkForm(_form(OPERATOR_KEY, RecordSigning.hash(_receipt(), DEADLINE)), _callOf);
        _checkWords(address(_records), call, 0, 7);
        vm.recordLogs();
        _expectAttested(_operator, "storage", 2);
        _carries(address(_records), call);
        _checkLogs(1);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), DEADLINE, "erasureAttestedAt");
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _outsider), 0, "its carrier");
        bytes memory reason = abi.encodeWithSelector(ICorrections.AlreadyAttested.selector, _id(CONTENT), _operator);
        _refuses(_outsider, address(_records), call, reason);
    }

    function test_refusesASignedReceiptWhoseCredentialIsOver() external {
        _erase(CONTENT);
        uint40 deadline = UNTIL + 1;
        bytes memory signature = _sign(OPERATOR_KEY, RecordSigning.hash(_receipt(), deadline));
        vm.warp(UNTIL);
        vm.expectRevert(_notCredentialed(_operator, "storage", 0));
        _records.attestErasureBySig(_receipt(), deadline, signature);
    }

    function _receipt() private view returns (ICorrections.ErasureReceipt memory) {
        return ICorrections.ErasureReceipt(_operator, _patient, CARDIOLOGY, CONTENT, "storage", 0);
    }

    function _callOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(ICorrections.attestErasureBySig, (_receipt(), DEADLINE, signature));
    }

    function _signedReceipt(
        uint256 key,
        ICorrections.ErasureReceipt memory receipt
    ) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(receipt, DEADLINE));
    }

    function _expectAttested(address operator, bytes32 role, uint256 number) private {
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureAttested(_patient, _id(CONTENT), operator, role, _link(number, BLOCK));
    }

    function _attests(address actor, bytes32 role, uint256 credential) private {
        vm.prank(actor);
        _records.attestErasure(_patient, CARDIOLOGY, CONTENT, role, credential);
    }

    function _mayNotAttest(address actor, bytes32 role, uint256 credential, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.attestErasure(_patient, CARDIOLOGY, CONTENT, role, credential);
    }

    function _refusesUnknown(address patient, bytes32 compartment, bytes32 content) private {
        vm.expectRevert(_unknown(_idOf(patient, compartment, content)));
        vm.prank(_operator);
        _records.attestErasure(patient, compartment, content, "storage", 0);
    }

    function _notCredentialed(address actor, bytes32 role, uint256 index) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICorrections.NotCredentialed.selector, actor, role, index);
    }
}
