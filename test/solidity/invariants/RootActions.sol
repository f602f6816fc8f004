// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {CorrectionActions} from "./CorrectionActions.sol";

/// Roots are anchored, their leaves claimed, digests witnessed, by anyone.
abstract contract RootActions is CorrectionActions {
    struct Dated {
        address by;
        bytes32 what;
        uint256 time;
    }

    Dated[] private _roots;
    /// Whose records are under each of them, and which.
    Slot[] private _under;
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

    /// With the signer's key.
    function signStamp(address signer, IStamps.Stamp calldata stamp) external view returns (bytes memory) {
        return
            _signForm(
                address(_on.records),
                RECORDS,
                signer,
                "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)",
                abi.encode(
                    stamp.patient,
                    stamp.compartment,
                    stamp.content,
                    stamp.role,
                    keccak256(bytes(stamp.statement)),
                    stamp.previous,
                    stamp.issuedAt
                ),
                false
            );
    }

    function anchorRoot(uint256 by, uint256 whose, uint256 which, uint256 how) external {
        address author = _anyone(by);
        (Slot memory left, Slot memory right) = _leaves(_patient(whose), author, which);
        bytes32 word = _rootOf(left, right);
        bool expected = _rootTime[author][word] == 0;
        if (how % 2 == 0) {
            bytes memory direct = abi.encodeCall(IRoots.anchorRoot, (word, 2, 0));
            _act(author, address(_on.records), direct, expected, "anchorRoot");
        } else {
            (uint40 deadline, bool forged) = _dated(how);
            bytes memory signature = _signForm(
                address(_on.records),
                RECORDS,
                author,
                "AnchorRoot(address author,bytes32 root,uint32 count,bytes32 leaves,uint40 deadline)",
                abi.encode(author, word, 2, bytes32(0), deadline),
                forged
            );
            expected = expected && !forged && time <= deadline;
            bytes memory data = abi.encodeCall(IRoots.anchorRootBySig, (author, word, 2, 0, deadline, signature));
            _act(_people[OUTSIDER], address(_on.records), data, expected, "anchorRootBySig");
            if (expected) _sentAgain(address(_on.records), data);
        }
        if (!expected) return;
        _rootTime[author][word] = time;
        _roots.push(Dated(author, word, time));
        _under.push(left);
    }

    /// A root and the record that lists what is under it, in one call: both or none.
    function anchorIndex(uint256 by, uint256 whose, uint256 where, uint256 what, uint256 which) external {
        (address author, Slot memory place) = _recordPlace(by, whose, where, what);
        (Slot memory left, Slot memory right) = _leaves(place.patient, author, which);
        bytes32 word = _rootOf(left, right);
        bool expected = _rootTime[author][word] == 0 && statusOf(place.scope) == 0 && _mayAnchor(author, place);
        bytes memory data = abi.encodeCall(
            IRoots.anchorIndex,
            (place.patient, place.compartment, place.content, "m", word, 2)
        );
        _act(author, address(_on.records), data, expected, "anchorIndex");
        if (!expected) return;
        _rootTime[author][word] = time;
        _roots.push(Dated(author, word, time));
        _under.push(left);
        _bookRecord(place, author, time, place.content);
    }

    /// @param how Sometimes the proof of another leaf, or a patient whose record is not under the root.
    function claimLeaf(uint256 by, uint256 whose, uint256 which, uint256 how) external {
        (address author, Slot memory left, Slot memory right) = _claimed(by, whose, which);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = _leafOf(how % 9 == 0 ? left.scope : right.scope);
        bytes32 word = _rootOf(left, right);
        uint256 when = how % 9 == 0 ? 0 : _rootTime[author][word];
        bool expected = when != 0 && statusOf(left.scope) == 0 && _mayAnchor(author, left);
        if (how % 2 == 0) {
            IRoots.Leaf memory leaf = IRoots.Leaf(left.patient, left.compartment, left.content);
            bytes memory direct = abi.encodeCall(IRoots.claimLeaf, (word, proof, leaf, "m"));
            _act(author, address(_on.records), direct, expected, "claimLeaf");
        } else {
            expected = _claimBySig(author, left, word, proof, expected, how);
        }
        if (expected) _bookRecord(left, author, when, left.content);
    }

    /// Both leaves of a root at once, by its author, by the patient, or by anyone; what is anchored already is left out.
    function claimLeaves(uint256 by, uint256 whose, uint256 which, uint256 how) external {
        (address author, Slot memory left, Slot memory right) = _claimed(by, whose, which);
        bytes32 word = _rootOf(left, right);
        IAnchors.Entry[] memory entries = new IAnchors.Entry[](2);
        entries[0] = IAnchors.Entry(left.content, "m");
        entries[1] = IAnchors.Entry(how % 9 == 0 ? left.content : right.content, "m");
        bool[] memory flags = new bool[](1);
        flags[0] = true;
        uint256 when = how % 9 == 0 ? 0 : _rootTime[author][word];
        address claimant = how % 5 == 0 ? _anyone(how / 15) : author;
        address caller = how % 3 == 0 ? left.patient : claimant;
        bool expected = when != 0 && (caller == left.patient || (caller == author && _mayAnchor(author, left)));
        bytes memory data = abi.encodeCall(
            IRoots.claimLeaves,
            (author, left.patient, left.compartment, word, entries, new bytes32[](0), flags)
        );
        _act(caller, address(_on.records), data, expected, "claimLeaves");
        if (!expected) return;
        if (statusOf(left.scope) == 0) _bookRecordBy(caller, left, author, when, left.content);
        if (statusOf(right.scope) == 0) _bookRecordBy(caller, right, author, when, right.content);
    }

    function witness(uint256 by, uint256 what, uint256 how) external {
        address signer = actor(by);
        bytes32 digest = bytes32((what % 3) + 1);
        bool expected = _witnessTime[signer][digest] == 0;
        if (how % 2 == 0) {
            _act(signer, address(_on.records), abi.encodeCall(IStamps.witness, (digest)), expected, "witness");
        } else {
            (uint40 deadline, bool forged) = _dated(how);
            bytes memory signature = _signForm(
                address(_on.records),
                RECORDS,
                signer,
                "Witness(address signer,bytes32 digest,uint40 deadline)",
                abi.encode(signer, digest, deadline),
                forged
            );
            expected = expected && !forged && time <= deadline;
            bytes memory data = abi.encodeCall(IStamps.witnessBySig, (signer, digest, deadline, signature));
            _act(_people[OUTSIDER], address(_on.records), data, expected, "witnessBySig");
            if (expected) _sentAgain(address(_on.records), data);
        }
        if (!expected) return;
        _witnessTime[signer][digest] = time;
        _witnessed.push(Dated(signer, digest, time));
    }

    function _claimBySig(
        address author,
        Slot memory left,
        bytes32 word,
        bytes32[] memory proof,
        bool entitled,
        uint256 how
    ) private returns (bool expected) {
        (uint40 deadline, bool forged) = _dated(how);
        IRoots.SignedClaim memory claim = IRoots.SignedClaim(
            author,
            word,
            left.patient,
            left.compartment,
            left.content,
            "m",
            deadline
        );
        bytes memory signature = _signForm(
            address(_on.records),
            RECORDS,
            author,
            "ClaimLeaf(address author,bytes32 root,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline)",
            abi.encode(claim),
            forged
        );
        expected = entitled && !forged && time <= deadline;
        bytes memory data = abi.encodeCall(IRoots.claimLeafBySig, (claim, proof, signature));
        _act(_people[OUTSIDER], address(_on.records), data, expected, "claimLeafBySig");
        if (expected) _sentAgain(address(_on.records), data);
    }

    /// Mostly whoever anchored a root lately; or anyone.
    function _claimed(
        uint256 by,
        uint256 whose,
        uint256 which
    ) private returns (address author, Slot memory left, Slot memory right) {
        uint256 count = _roots.length;
        if (count == 0 || by % 4 == 0) {
            author = _anyone(by / 4);
            (left, right) = _leaves(_patient(whose), author, which);
            return (author, left, right);
        }
        uint256 number = count - 1 - (by % (count < 4 ? count : 4));
        author = _roots[number].by;
        bool isUnder = whose % 3 != 0;
        left = _under[number];
        if (isUnder) which = uint256(left.content) - 100 + (which % 2);
        address patient = isUnder ? left.patient : _patient(whose);
        (left, right) = _leaves(by % 32 == 1 ? author : patient, author, which);
    }

    /// Two records that nobody anchors one by one, and the same again in another order.
    function _leaves(
        address patient,
        address author,
        uint256 which
    ) private returns (Slot memory left, Slot memory right) {
        left = Slot(patient, author, bytes32(uint256(1)), bytes32(100 + (which % 8)), 0);
        right = Slot(patient, author, bytes32(uint256(1)), bytes32(100 + ((which % 8) ^ 1)), 0);
        left.scope = scopeOf(patient, left.compartment, left.content);
        right.scope = scopeOf(patient, right.compartment, right.content);
        _touch(left);
    }

    function _leafOf(bytes32 id) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(id))));
    }

    function _rootOf(Slot memory left, Slot memory right) private pure returns (bytes32) {
        (bytes32 a, bytes32 b) = (_leafOf(left.scope), _leafOf(right.scope));
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
