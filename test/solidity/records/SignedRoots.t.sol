// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Roots, and records under them, that somebody else carries.
contract SignedRootsTest is RecordsTest {
    bytes32 private constant LEAVES = keccak256("the sealed list of record ids");

    bytes32 private _root;
    bytes32[] private _proof;

    function setUp() public override {
        super.setUp();
        bytes32[] memory ids = new bytes32[](3);
        (ids[0], ids[1], ids[2]) = (_id(CONTENT), _id(NEW_CONTENT), _idOf(_patient, IMAGING, CONTENT));
        bytes32[] memory tree = MerkleTrees.build(ids);
        _root = tree[0];
        _proof = MerkleTrees.prove(tree, ids[0]);
    }

    function test_anchorsARootThatAnyoneCarries() external {
        bytes32 hash = RecordSigning.hashRoot(_author, _root, 3, LEAVES, DEADLINE);
        bytes memory call = _checkForm(_form(AUTHOR_KEY, hash), _rootCallOf);
        _checkWords(address(_records), call, 0, 5);
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IRoots.RootAnchored(_author, _root, 3, LEAVES);
        _carries(address(_records), call);
        _checkLogs(1);
        vm.assertEq(_records.rootAnchoredAt(_author, _root), DEADLINE, "rootAnchoredAt");
        vm.assertEq(_records.rootAnchoredAt(_outsider, _root), 0, "its carrier's");
        bytes memory reason = abi.encodeWithSelector(IRoots.RootAlreadyAnchored.selector, _author, _root);
        _refuses(_outsider, address(_records), call, reason);
    }

    function test_refusesASignedRootOfNothing() external {
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hashRoot(_author, 0, 3, LEAVES, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidRoot.selector, bytes32(0), 3));
        _records.anchorRootBySig(_author, 0, 3, LEAVES, DEADLINE, signature);
        signature = _sign(AUTHOR_KEY, RecordSigning.hashRoot(_author, _root, 0, LEAVES, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidRoot.selector, _root, 0));
        _records.anchorRootBySig(_author, _root, 0, LEAVES, DEADLINE, signature);
    }

    function test_claimsALeafThatAnyoneCarries() external {
        vm.prank(_author);
        _records.anchorRoot(_root, 3, LEAVES);
        bytes memory call = _checkForm(_form(AUTHOR_KEY, RecordSigning.hash(_claimOf(CONTENT))), _claimCallOf);
        _checkWords(address(_records), call, 0, 7);
        vm.roll(BLOCK + 1);
        vm.recordLogs();
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        bytes memory answer = _carries(address(_records), call);
        _checkLogs(1);
        vm.assertEq(abi.decode(answer, (bytes32)), _id(CONTENT), "recordId");
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
        _checkPlace(_id(CONTENT), 1, BLOCK + 1);
        _refuses(_outsider, address(_records), call, _alreadyAnchored(CONTENT));
    }

    /// Of the proof nothing is signed: whoever has a bad one carries nothing, and the signature is as good as before.
    function test_refusesABadProofAndTakesAGoodOneLater() external {
        vm.prank(_author);
        _records.anchorRoot(_root, 3, LEAVES);
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(_claimOf(CONTENT)));
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidProof.selector, _root, _id(CONTENT)));
        _records.claimLeafBySig(_claimOf(CONTENT), new bytes32[](0), signature);
        _records.claimLeafBySig(_claimOf(CONTENT), _proof, signature);
    }

    function test_refusesAClaimOfWhoMayNotWriteAnyMoreOrHasNoRoot() external {
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(_claimOf(CONTENT)));
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidProof.selector, _root, _id(CONTENT)));
        _records.claimLeafBySig(_claimOf(CONTENT), _proof, signature);
        vm.prank(_outsider); // the carrier's root is not the author's
        _records.anchorRoot(_root, 3, LEAVES);
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidProof.selector, _root, _id(CONTENT)));
        vm.prank(_outsider);
        _records.claimLeafBySig(_claimOf(CONTENT), _proof, signature);
        vm.prank(_author);
        _records.anchorRoot(_root, 3, LEAVES);
        _revoke(_author, CARDIOLOGY);
        vm.expectRevert(_notWriterOf(CARDIOLOGY, _author));
        _records.claimLeafBySig(_claimOf(CONTENT), _proof, signature);
    }

    function _claimOf(bytes32 content) private view returns (IRoots.SignedClaim memory) {
        return IRoots.SignedClaim(_author, _root, _patient, CARDIOLOGY, content, MANIFEST, DEADLINE);
    }

    function _rootCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IRoots.anchorRootBySig, (_author, _root, 3, LEAVES, DEADLINE, signature));
    }

    function _claimCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IRoots.claimLeafBySig, (_claimOf(CONTENT), _proof, signature));
    }
}
