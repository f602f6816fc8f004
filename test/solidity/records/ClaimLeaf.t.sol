// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract ClaimLeafTest is RecordsTest {
    uint40 private constant LATER = T0 + 500;

    /// A tree over three records, which the author anchored at T0.
    bytes32[] private _tree;
    bytes32 private _root;
    bytes32[] private _proof;

    function setUp() public override {
        super.setUp();
        bytes32[] memory ids = new bytes32[](3);
        (ids[0], ids[1], ids[2]) = (_id(CONTENT), _id(NEW_CONTENT), _idOf(_outsider, IMAGING, CONTENT));
        _tree = MerkleTrees.build(ids);
        _root = _tree[0];
        _proof = MerkleTrees.prove(_tree, ids[0]);
        _anchorRoot(_author, _root);
        vm.warp(LATER);
        vm.roll(BLOCK + 5);
    }

    function test_makesItARecordWithTheTimeOfTheRoot() external {
        vm.recordLogs();
        _expectAnchored(CONTENT, MANIFEST, 1, 0);
        vm.prank(_author);
        bytes32 recordId = _records.claimLeaf(_root, _proof, _leaf(), MANIFEST);
        _checkLogs(1);
        vm.assertEq(recordId, _id(CONTENT), "recordId");
        _checkAnchor(recordId, _author, T0, IAnchors.Status.Anchored);
        _checkPlace(recordId, 1, BLOCK + 5);
        _checkChart(1, BLOCK + 5);
        _checkNoAnchor(_id(NEW_CONTENT));
    }

    function test_claimsFromTreesOfOneTwoAndTenThousandRecords() external {
        uint256[3] memory counts = [uint256(1), 2, 10_000];
        uint256[3] memory depths = [uint256(0), 1, 14];
        for (uint256 i = 0; i < counts.length; ++i) {
            bytes32[] memory ids = new bytes32[](counts[i]);
            for (uint256 j = 0; j < counts[i]; ++j) ids[j] = _id(keccak256(abi.encode(i, j)));
            bytes32[] memory tree = MerkleTrees.build(ids);
            _anchorRoot(_author, tree[0]);
            uint256 number = 0; // of a record that is as deep as the tree
            while (MerkleTrees.prove(tree, ids[number]).length != depths[i]) ++number;
            IRoots.Leaf memory leaf = _leaf();
            leaf.content = keccak256(abi.encode(i, number));
            bytes32[] memory proof = MerkleTrees.prove(tree, ids[number]);
            vm.prank(_author);
            vm.assertEq(_records.claimLeaf(tree[0], proof, leaf, MANIFEST), ids[number], "recordId");
            _checkAnchor(ids[number], _author, LATER, IAnchors.Status.Anchored);
        }
    }

    function test_claimsForThePatientAndForADelegateWithWrite() external {
        _delegate(_carer, CHART, WRITE);
        _anchorRoot(_patient, _root);
        _anchorRoot(_carer, _root);
        vm.prank(_patient);
        _records.claimLeaf(_root, _proof, _leaf(), MANIFEST);
        _checkAnchor(_id(CONTENT), _patient, LATER, IAnchors.Status.Anchored);
        IRoots.Leaf memory leaf = _leaf();
        leaf.content = NEW_CONTENT;
        bytes32[] memory proof = MerkleTrees.prove(_tree, _id(NEW_CONTENT));
        vm.prank(_carer);
        _records.claimLeaf(_root, proof, leaf, MANIFEST);
        _checkAnchor(_id(NEW_CONTENT), _carer, LATER, IAnchors.Status.Anchored);
    }

    function test_claimsAProofOf32HashesButNotOf33() external {
        bytes32[] memory proof = new bytes32[](33);
        bytes32 root = MerkleTrees.leaf(_id(CONTENT));
        for (uint256 i = 0; i < 33; ++i) root = MerkleTrees.pair(root, proof[i]);
        _anchorRoot(_author, root);
        _mayNotClaim(_author, root, proof, _leaf(), _invalidProof(root, _id(CONTENT)));
        proof = new bytes32[](32);
        root = MerkleTrees.leaf(_id(CONTENT));
        for (uint256 i = 0; i < 32; ++i) root = MerkleTrees.pair(root, proof[i]);
        _anchorRoot(_author, root);
        vm.prank(_author);
        _records.claimLeaf(root, proof, _leaf(), MANIFEST);
    }

    function test_refusesAWriterThePatientsRoot() external {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = _id(keccak256("under the patient's root"));
        bytes32 root = MerkleTrees.build(ids)[0];
        _anchorRoot(_patient, root);
        IRoots.Leaf memory leaf = _leaf();
        leaf.content = keccak256("under the patient's root");
        _mayNotClaim(_author, root, new bytes32[](0), leaf, _invalidProof(root, ids[0]));
    }

    /// A root grants nothing: whoever copies it is its author from then on, not from the first one's time.
    function test_refusesARootOfSomebodyElse() external {
        _mayNotClaim(_colleague, _root, _proof, _leaf(), _invalidProof(_root, _id(CONTENT)));
        _anchorRoot(_colleague, _root);
        vm.prank(_colleague);
        _records.claimLeaf(_root, _proof, _leaf(), MANIFEST);
        _checkAnchor(_id(CONTENT), _colleague, LATER, IAnchors.Status.Anchored);
    }

    function test_refusesARootThatWasNeverAnchored() external {
        bytes32 root = MerkleTrees.leaf(_id(CONTENT));
        _mayNotClaim(_author, root, new bytes32[](0), _leaf(), _invalidProof(root, _id(CONTENT)));
    }

    function test_refusesTheProofOfAnotherRecord() external {
        bytes32[] memory proof = MerkleTrees.prove(_tree, _id(NEW_CONTENT));
        IRoots.Leaf memory leaf = _leaf();
        leaf.content = keccak256("no record of the tree");
        _mayNotClaim(_author, _root, _proof, leaf, _invalidProof(_root, _id(leaf.content)));
        _mayNotClaim(_author, _root, proof, leaf, _invalidProof(_root, _id(leaf.content)));
        _mayNotClaim(_author, _root, new bytes32[](0), _leaf(), _invalidProof(_root, _id(CONTENT)));
    }

    /// Content of the tree, named in another compartment in which the author may write, too.
    function test_refusesARecordPairedWithAnotherCompartment() external {
        _grant(_author, IMAGING, WRITE);
        IRoots.Leaf memory leaf = _leaf();
        leaf.compartment = IMAGING;
        bytes32 recordId = _idOf(_patient, IMAGING, CONTENT);
        _mayNotClaim(_author, _root, _proof, leaf, _invalidProof(_root, recordId));
    }

    function test_refusesAnAuthorWhoLostWriteAfterTheRoot() external {
        _revoke(_author, CARDIOLOGY);
        _mayNotClaim(_author, _root, _proof, _leaf(), _notWriter(_author));
        _grant(_author, _id(CONTENT), WRITE); // that is for amending
        _mayNotClaim(_author, _root, _proof, _leaf(), _notWriter(_author));
        _grant(_author, CARDIOLOGY, WRITE);
        vm.warp(END);
        _mayNotClaim(_author, _root, _proof, _leaf(), _notWriter(_author));
        vm.warp(END - 1);
        vm.prank(_author);
        _records.claimLeaf(_root, _proof, _leaf(), MANIFEST);
    }

    function test_refusesAnOutsiderWithARootOfTheirOwn() external {
        _anchorRoot(_outsider, _root);
        _mayNotClaim(_outsider, _root, _proof, _leaf(), _notWriter(_outsider));
        _checkNoAnchor(_id(CONTENT));
    }

    function test_refusesAPatientWhoDidNotLetTheAuthorWrite() external {
        IRoots.Leaf memory leaf = IRoots.Leaf(_outsider, IMAGING, CONTENT);
        bytes32[] memory proof = MerkleTrees.prove(_tree, _idOf(_outsider, IMAGING, CONTENT));
        bytes memory reason = abi.encodeWithSelector(IAnchors.NotWriter.selector, _outsider, IMAGING, _author);
        _mayNotClaim(_author, _root, proof, leaf, reason);
    }

    function test_claimsARecordOnce() external {
        vm.prank(_author);
        _records.claimLeaf(_root, _proof, _leaf(), MANIFEST);
        bytes memory reason = _alreadyAnchored(CONTENT);
        _mayNotClaim(_author, _root, _proof, _leaf(), reason);
    }

    function test_refusesARecordThatWasErased() external {
        vm.prank(_author);
        _records.claimLeaf(_root, _proof, _leaf(), MANIFEST);
        _erase(CONTENT);
        _mayNotClaim(_author, _root, _proof, _leaf(), _invalidStatus(CONTENT, IAnchors.Status.Erased));
    }

    function test_refusesARecordThatSomebodyAnchoredMeanwhile() external {
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, CONTENT, MANIFEST);
        bytes memory reason = _alreadyAnchored(CONTENT);
        _mayNotClaim(_author, _root, _proof, _leaf(), reason);
        _checkAnchor(_id(CONTENT), _colleague, LATER, IAnchors.Status.Anchored);
    }

    function test_refusesWhatIsNoCompartmentAndEmptyContentsAndManifests() external {
        bytes32[2] memory places = [CHART, _id(CONTENT)];
        IRoots.Leaf memory leaf = _leaf();
        for (uint256 i = 0; i < places.length; ++i) {
            leaf.compartment = places[i];
            bytes memory reason = abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, places[i]);
            _mayNotClaim(_patient, _root, _proof, leaf, reason);
        }
        leaf = _leaf();
        leaf.content = 0;
        _mayNotClaim(_author, _root, _proof, leaf, _invalidProof(_root, _id(0)));
        bytes32 root = MerkleTrees.leaf(_id(0));
        _anchorRoot(_author, root);
        bytes memory empty = abi.encodeWithSelector(IAnchors.InvalidContent.selector);
        _mayNotClaim(_author, root, new bytes32[](0), leaf, empty);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        vm.prank(_author);
        _records.claimLeaf(_root, _proof, _leaf(), 0);
    }

    function _anchorRoot(address author, bytes32 root) private {
        vm.prank(author);
        _records.anchorRoot(root, 3, 0);
    }

    function _leaf() private view returns (IRoots.Leaf memory) {
        return IRoots.Leaf(_patient, CARDIOLOGY, CONTENT);
    }

    function _mayNotClaim(
        address actor,
        bytes32 root,
        bytes32[] memory proof,
        IRoots.Leaf memory leaf,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        vm.prank(actor);
        _records.claimLeaf(root, proof, leaf, MANIFEST);
    }

    function _invalidProof(bytes32 root, bytes32 recordId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRoots.InvalidProof.selector, root, recordId);
    }

    function _notWriter(address actor) private view returns (bytes memory) {
        return _notWriterOf(CARDIOLOGY, actor);
    }
}
