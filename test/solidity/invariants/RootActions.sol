// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {RecordActions} from "./RecordActions.sol";

/// Roots are anchored, their leaves claimed, digests witnessed, by anyone.
abstract contract RootActions is RecordActions {
    struct Dated {
        address by;
        bytes32 what;
        uint256 time;
    }

    Dated[] private _roots;
    Dated[] private _witnessed;
    mapping(address author => mapping(bytes32 root => uint256 time)) private _rootTime;
    mapping(address signer => mapping(bytes32 digest => uint256 time)) private _witnessTime;

    function rootCount() external view returns (uint256) {
        return _roots.length;
    }

    function root(uint256 number) external view returns (Dated memory) {
        return _roots[number];
    }

    function witnessedCount() external view returns (uint256) {
        return _witnessed.length;
    }

    function witnessed(uint256 number) external view returns (Dated memory) {
        return _witnessed[number];
    }

    function anchorRoot(uint256 by, uint256 whose, uint256 which) external {
        address author = _anyone(by);
        (Slot memory left, Slot memory right) = _leaves(_patient(whose), author, which);
        bytes32 word = _rootOf(_leaf(left.scope), _leaf(right.scope));
        bool expected = _rootTime[author][word] == 0;
        bytes memory data = abi.encodeCall(IRoots.anchorRoot, (word, 2, 0));
        _act(author, address(_on.records), data, expected, "anchorRoot");
        if (!expected) return;
        _rootTime[author][word] = time;
        _roots.push(Dated(author, word, time));
    }

    /// @param how Sometimes the proof of another leaf, or a patient whose record is not under the root.
    function claimLeaf(uint256 by, uint256 whose, uint256 which, uint256 how) external {
        address author = _anyone(by);
        (Slot memory left, Slot memory right) = _leaves(_patient(whose), author, which);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = _leaf(how % 9 == 0 ? left.scope : right.scope);
        bytes32 word = _rootOf(_leaf(left.scope), _leaf(right.scope));
        uint256 when = how % 9 == 0 ? 0 : _rootTime[author][word];
        bool expected = when != 0 && statusOf(left.scope) == 0 && _mayAnchor(author, left);
        IRoots.Leaf memory leaf = IRoots.Leaf(left.patient, left.compartment, left.content);
        bytes memory data = abi.encodeCall(IRoots.claimLeaf, (word, proof, leaf, "m"));
        _act(author, address(_on.records), data, expected, "claimLeaf");
        if (expected) _bookRecord(left, author, when);
    }

    function witness(uint256 by, uint256 what) external {
        address signer = actor(by);
        bytes32 digest = bytes32((what % 3) + 1);
        bool expected = _witnessTime[signer][digest] == 0;
        _act(signer, address(_on.records), abi.encodeCall(IStamps.witness, (digest)), expected, "witness");
        if (!expected) return;
        _witnessTime[signer][digest] = time;
        _witnessed.push(Dated(signer, digest, time));
    }

    /// Two records that nobody anchors one by one, and the same again in another order.
    function _leaves(
        address patient,
        address author,
        uint256 which
    ) private returns (Slot memory left, Slot memory right) {
        left = Slot(patient, author, bytes32(uint256(1)), bytes32(100 + (which % 4)), 0);
        right = Slot(patient, author, bytes32(uint256(1)), bytes32(100 + ((which % 4) ^ 1)), 0);
        left.scope = scopeOf(patient, left.compartment, left.content);
        right.scope = scopeOf(patient, right.compartment, right.content);
        _touch(left);
    }

    function _leaf(bytes32 id) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(id))));
    }

    function _rootOf(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
