// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract RootsTest is RecordsTest {
    bytes32 private constant ROOT = keccak256("a root");
    bytes32 private constant LEAVES = keccak256("the sealed list of record ids");

    /* ROOTS */

    function test_anchorsARootForAnyone() external {
        vm.assertEq(_records.rootAnchoredAt(_outsider, ROOT), 0, "before");
        vm.recordLogs();
        vm.expectEmit(address(_records));
        emit IRoots.RootAnchored(_outsider, ROOT, 7, LEAVES);
        vm.prank(_outsider);
        _records.anchorRoot(ROOT, 7, LEAVES);
        _checkLogs(1);
        vm.assertEq(_records.rootAnchoredAt(_outsider, ROOT), T0, "rootAnchoredAt");
        vm.assertEq(_records.rootAnchoredAt(_author, ROOT), 0, "somebody else's");
    }

    function test_anchorsARootOnceForEachAuthor() external {
        _anchorRoot(_author, ROOT);
        vm.warp(T0 + 1);
        vm.expectRevert(abi.encodeWithSelector(IRoots.RootAlreadyAnchored.selector, _author, ROOT));
        vm.prank(_author);
        _records.anchorRoot(ROOT, 2, 0);
        _anchorRoot(_outsider, ROOT);
        vm.assertEq(_records.rootAnchoredAt(_author, ROOT), T0, "the first author's");
        vm.assertEq(_records.rootAnchoredAt(_outsider, ROOT), T0 + 1, "the second author's");
    }

    function test_refusesARootOfNothing() external {
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidRoot.selector, bytes32(0), 1));
        _records.anchorRoot(0, 1, LEAVES);
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidRoot.selector, ROOT, 0));
        _records.anchorRoot(ROOT, 0, LEAVES);
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidRoot.selector, bytes32(0), 0));
        _records.anchorRoot(0, 0, LEAVES);
        _records.anchorRoot(ROOT, type(uint32).max, 0);
    }

    /* PROOFS */

    /// Roots that OpenZeppelin's library for JavaScript gives for the values 1, 2, 3 …
    function test_buildsTheTreesOfTheStandardLibrary() external pure {
        _checkRoot(1, 0xb5d9d894133a730aa651ef62d26b0ffa846233c74177a591a4a896adfda97d22);
        _checkRoot(2, 0xe685571b7e25a4a0391fb8daa09dc8d3fbb3382504525f89a2334fbbf8f8e92c);
        _checkRoot(3, 0x6115218373392d12cc18a3d50ad2a53a2c99b391060070dfc0ebbbbe158ec944);
        _checkRoot(5, 0x21abd2f655ded75d91fbd5e0b1ad35171a675fd315a077efa7f2d555a26e7094);
        _checkRoot(10_000, 0x66f177c0081f9b7cb7ec41995328107ef6f71e27bf95eda1da003bc0cd30ae6b);
    }

    function test_provesEveryRecordOfSmallTreesForTheirAuthorAlone() external {
        for (uint256 count = 1; count <= 9; ++count) {
            bytes32[] memory tree = _tree(count);
            vm.warp(T0 + count);
            _anchorRoot(_author, tree[0]);
            for (uint256 i = 0; i < count; ++i) {
                bytes32[] memory proof = MerkleTrees.prove(tree, _id(_content(i)));
                vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(i))), T0 + count, "the author's");
                vm.assertEq(_verify(_colleague, tree[0], proof, _leaf(_content(i))), 0, "somebody else's");
                vm.assertEq(_verify(_author, ROOT, proof, _leaf(_content(i))), 0, "another root");
                vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(count))), 0, "no leaf of it");
            }
        }
    }

    function test_provesARecordAmong10000() external {
        bytes32[] memory tree = _tree(10_000);
        _anchorRoot(_author, tree[0]);
        (uint256 shortest, uint256 longest) = (32, 0);
        for (uint256 i = 0; i < 32; ++i) {
            bytes32[] memory proof = MerkleTrees.prove(tree, _id(_content(i)));
            if (proof.length < shortest) shortest = proof.length;
            if (proof.length > longest) longest = proof.length;
            vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(i))), T0, "a record");
            vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(i + 1))), 0, "another's proof");
        }
        vm.assertEq(shortest, 13, "shortest proof");
        vm.assertEq(longest, 14, "longest proof");
    }

    function test_provesNothingWhereTheProofWasChanged() external {
        bytes32[] memory tree = _tree(8);
        _anchorRoot(_author, tree[0]);
        bytes32[] memory proof = MerkleTrees.prove(tree, _id(_content(0)));
        vm.assertEq(proof.length, 3, "depth");
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 hash = proof[i];
            proof[i] = hash ^ bytes32(uint256(1));
            vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(0))), 0, "a bit flipped");
            proof[i] = hash;
        }
        (proof[0], proof[1]) = (proof[1], proof[0]);
        vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(0))), 0, "out of order");
        (proof[0], proof[1]) = (proof[1], proof[0]);
        vm.assertEq(_verify(_author, tree[0], _part(proof, 0, 2), _leaf(_content(0))), 0, "the last left out");
        vm.assertEq(_verify(_author, tree[0], _part(proof, 1, 3), _leaf(_content(0))), 0, "the first left out");
        vm.assertEq(_verify(_author, tree[0], new bytes32[](0), _leaf(_content(0))), 0, "empty");
        vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(0))), T0, "as it was");
    }

    function test_provesNothingForAnotherPatientCompartmentOrContent() external {
        bytes32[] memory tree = _tree(2);
        _anchorRoot(_author, tree[0]);
        bytes32[] memory proof = MerkleTrees.prove(tree, _id(_content(0)));
        IRoots.Leaf memory leaf = _leaf(_content(0));
        leaf.patient = _outsider;
        vm.assertEq(_verify(_author, tree[0], proof, leaf), 0, "patient");
        leaf = _leaf(_content(0));
        leaf.compartment = IMAGING;
        vm.assertEq(_verify(_author, tree[0], proof, leaf), 0, "compartment");
        vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(1))), 0, "content");
        vm.assertEq(_verify(_author, tree[0], proof, _leaf(_content(0))), T0, "as it was");
    }

    /// What is hashed once or not at all stands for an inner node, never for a record.
    function test_takesNoInnerNodeForALeaf() external {
        bytes32 id = _id(CONTENT);
        bytes32[3] memory roots = [id, keccak256(abi.encode(id)), keccak256(abi.encode(MerkleTrees.leaf(id)))];
        for (uint256 i = 0; i < roots.length; ++i) {
            _anchorRoot(_author, roots[i]);
            vm.assertEq(_verify(_author, roots[i], new bytes32[](0), _leaf(CONTENT)), 0, "hashed otherwise");
        }
        _anchorRoot(_author, MerkleTrees.leaf(id));
        vm.assertEq(_verify(_author, MerkleTrees.leaf(id), new bytes32[](0), _leaf(CONTENT)), T0, "hashed twice");
    }

    function test_takesProofsOf32HashesButNotOf33() external {
        for (uint256 depth = 32; depth <= 33; ++depth) {
            bytes32[] memory proof = new bytes32[](depth);
            bytes32 root = MerkleTrees.leaf(_id(CONTENT));
            for (uint256 i = 0; i < depth; ++i) {
                proof[i] = keccak256(abi.encode(i));
                root = MerkleTrees.pair(root, proof[i]);
            }
            _anchorRoot(_author, root);
            vm.assertEq(_verify(_author, root, proof, _leaf(CONTENT)), depth == 32 ? T0 : 0, "by depth");
        }
    }

    function testFuzz_provesNothingForAnOutsider(bytes32 root, bytes32[] calldata proof, bytes32 content) external {
        bytes32[] memory tree = _tree(3);
        _anchorRoot(_author, tree[0]);
        vm.assertEq(_verify(_author, tree[0], proof, _leaf(content)), 0, "no record of the tree");
        vm.assertEq(_verify(_author, root, proof, _leaf(_content(0))), 0, "no root of the author's");
    }

    function _anchorRoot(address author, bytes32 root) private {
        vm.prank(author);
        _records.anchorRoot(root, 1, LEAVES);
    }

    function _verify(
        address author,
        bytes32 root,
        bytes32[] memory proof,
        IRoots.Leaf memory leaf
    ) private view returns (uint256) {
        return _records.verifyAnchored(author, root, proof, leaf);
    }

    function _checkRoot(uint256 count, bytes32 root) private pure {
        bytes32[] memory values = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) values[i] = bytes32(i + 1);
        vm.assertEq(MerkleTrees.build(values)[0], root, "root");
    }

    /// A tree over so many of the patient's records in cardiology.
    function _tree(uint256 count) private view returns (bytes32[] memory) {
        bytes32[] memory ids = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) ids[i] = _id(_content(i));
        return MerkleTrees.build(ids);
    }

    function _leaf(bytes32 content) private view returns (IRoots.Leaf memory) {
        return IRoots.Leaf(_patient, CARDIOLOGY, content);
    }

    function _content(uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encode("record", number));
    }

    function _part(bytes32[] memory words, uint256 first, uint256 end) private pure returns (bytes32[] memory part) {
        part = new bytes32[](end - first);
        for (uint256 i = first; i < end; ++i) part[i - first] = words[i];
    }
}
