// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";
import {Signing} from "../helpers/Signing.sol";

contract ErasureReceiptsTest is RecordsTest {
    uint256 private constant OPERATOR_KEY = 0x0FE4;
    uint40 private constant UNTIL = T0 + 50;

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
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureAttested(_id(CONTENT), _operator, "storage");
        vm.prank(_operator);
        _records.attestErasure(_id(CONTENT), "storage", 0);
        _checkLogs(1);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), T0 + 2, "erasureAttestedAt");
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _outsider), 0, "somebody else");
        vm.assertEq(_records.erasureAttestedAt(_id(NEW_CONTENT), _operator), 0, "another record");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Erased);
    }

    function test_attestsAsWhoKeepsKeysBesideOthers() external {
        _erase(CONTENT);
        _attests(_operator, "storage", 0);
        _credential(_outsider, "keeper", UNTIL);
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureAttested(_id(CONTENT), _outsider, "keeper");
        _attests(_outsider, "keeper", 0);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _outsider), T0, "the keeper");
    }

    function test_refusesWhoeverHasNoCredentialForTheRole() external {
        _erase(CONTENT);
        _refuses(_outsider, "storage", 0, _notCredentialed(_outsider, "storage", 0));
        _refuses(_patient, "keeper", 0, _notCredentialed(_patient, "keeper", 0));
        _refuses(_operator, "keeper", 0, _notCredentialed(_operator, "keeper", 0));
        _refuses(_operator, "storage", 1, _notCredentialed(_operator, "storage", 1));
    }

    function test_refusesEveryOtherRole() external {
        _erase(CONTENT);
        bytes32[4] memory roles = [bytes32("practitioner"), "patient", "Storage", 0];
        for (uint256 i = 0; i < roles.length; ++i) {
            _credential(_operator, roles[i], UNTIL);
            bytes memory reason = abi.encodeWithSelector(ICorrections.InvalidRole.selector, roles[i]);
            _refuses(_operator, roles[i], 0, reason);
        }
    }

    function test_refusesACredentialFromItsEndOn() external {
        _erase(CONTENT);
        vm.warp(UNTIL);
        _refuses(_operator, "storage", 0, _notCredentialed(_operator, "storage", 0));
        vm.warp(UNTIL - 1);
        _attests(_operator, "storage", 0);
    }

    function test_attestsOnce() external {
        _credential(_operator, "keeper", UNTIL);
        _erase(CONTENT);
        _attests(_operator, "storage", 0);
        bytes memory reason = abi.encodeWithSelector(ICorrections.AlreadyAttested.selector, _id(CONTENT), _operator);
        vm.warp(T0 + 1);
        _refuses(_operator, "storage", 0, reason);
        _refuses(_operator, "keeper", 0, reason);
        bytes memory signature = _signed(OPERATOR_KEY, _receipt());
        vm.expectRevert(reason);
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), T0, "the first stands");
    }

    function test_refusesBeforeErasureIsDemanded() external {
        bytes memory reason = abi.encodeWithSelector(
            IAnchors.InvalidStatus.selector,
            _id(CONTENT),
            IAnchors.Status.Anchored
        );
        _refuses(_operator, "storage", 0, reason);
        bytes memory signature = _signed(OPERATOR_KEY, _receipt());
        vm.expectRevert(reason);
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
    }

    function test_takesASignedReceiptFromAnyone() external {
        _erase(CONTENT);
        bytes memory signature = _signed(OPERATOR_KEY, _receipt());
        vm.warp(T0 + 2);
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit ICorrections.ErasureAttested(_id(CONTENT), _operator, "storage");
        vm.prank(_outsider);
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
        _checkLogs(1);
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _operator), T0 + 2, "erasureAttestedAt");
        vm.assertEq(_records.erasureAttestedAt(_id(CONTENT), _outsider), 0, "its carrier");
    }

    function test_takesASignedReceiptUntilItsLastSecond() external {
        _erase(CONTENT);
        uint40 deadline = UNTIL - 2;
        bytes memory signature = _sign(OPERATOR_KEY, RecordSigning.hash(_receipt(), deadline));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.SignatureExpired.selector, deadline));
        _records.attestErasureBySig(_receipt(), deadline, signature);
        vm.warp(deadline);
        _records.attestErasureBySig(_receipt(), deadline, signature);
    }

    function test_refusesASignedReceiptWhoseCredentialIsOver() external {
        _erase(CONTENT);
        bytes memory signature = _signed(OPERATOR_KEY, _receipt());
        vm.warp(UNTIL);
        vm.expectRevert(_notCredentialed(_operator, "storage", 0));
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
    }

    function test_refusesASignatureOfAnybodyElse() external {
        _erase(CONTENT);
        _refuses(_receipt(), DEADLINE, _signed(OUTSIDER_KEY, _receipt()));
        _refuses(_receipt(), DEADLINE, _signed(PATIENT_KEY, _receipt()));
        vm.prank(_operator);
        _refuses(_receipt(), DEADLINE, "");
    }

    function test_refusesASignatureOverOtherFields() external {
        _erase(CONTENT);
        _credential(_operator, "storage", UNTIL);
        bytes memory signature = _signed(OPERATOR_KEY, _receipt());
        ICorrections.ErasureReceipt memory receipt = _receipt();
        receipt.operator = _outsider;
        _refuses(receipt, DEADLINE, signature);
        receipt = _receipt();
        receipt.recordId = _id(NEW_CONTENT);
        _refuses(receipt, DEADLINE, signature);
        receipt = _receipt();
        receipt.role = "keeper";
        _refuses(receipt, DEADLINE, signature);
        receipt = _receipt();
        receipt.credential = 1;
        _refuses(receipt, DEADLINE, signature);
        _refuses(_receipt(), DEADLINE + 1, signature);
        _records.attestErasureBySig(_receipt(), DEADLINE, signature);
    }

    function test_refusesASignatureForAnotherDeploymentOrChainAndEveryOtherForm() external {
        _erase(CONTENT);
        uint256 here = block.chainid;
        bytes memory signature = _signed(OPERATOR_KEY, _receipt());
        _refuses(_receipt(), DEADLINE, _mirrored(signature));
        _refuses(_receipt(), DEADLINE, _shortened(signature));
        RecordRegistry other = new RecordRegistry(_consent, _credentials);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidSignature.selector, _operator));
        other.attestErasureBySig(_receipt(), DEADLINE, signature);
        bytes32 hash = RecordSigning.hash(_receipt(), DEADLINE);
        bytes memory elsewhere = Signing.sign(OPERATOR_KEY, RecordSigning.digest(address(_records), here + 1, hash));
        _refuses(_receipt(), DEADLINE, elsewhere);
        vm.chainId(here + 1);
        _refuses(_receipt(), DEADLINE, signature);
        _records.attestErasureBySig(_receipt(), DEADLINE, elsewhere);
    }

    function _receipt() private view returns (ICorrections.ErasureReceipt memory) {
        return ICorrections.ErasureReceipt(_operator, _id(CONTENT), "storage", 0);
    }

    function _signed(uint256 key, ICorrections.ErasureReceipt memory receipt) private view returns (bytes memory) {
        return _sign(key, RecordSigning.hash(receipt, DEADLINE));
    }

    function _attests(address actor, bytes32 role, uint256 credential) private {
        vm.prank(actor);
        _records.attestErasure(_id(CONTENT), role, credential);
    }

    function _refuses(address actor, bytes32 role, uint256 credential, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.attestErasure(_id(CONTENT), role, credential);
    }

    function _refuses(ICorrections.ErasureReceipt memory receipt, uint40 deadline, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidSignature.selector, receipt.operator));
        _records.attestErasureBySig(receipt, deadline, signature);
    }

    function _notCredentialed(address actor, bytes32 role, uint256 index) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICorrections.NotCredentialed.selector, actor, role, index);
    }
}
