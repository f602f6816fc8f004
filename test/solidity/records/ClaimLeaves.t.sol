// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

contract ClaimLeavesTest is RecordsTest {
    uint40 private constant LATER = T0 + 500;

    /// What is claimed, in the order of its leaves, under a root of the author's of T0.
    bytes32 private _root;
    IAnchors.Entry[] private _entries;
    bytes32[] private _proof;
    bool[] private _flags;

    mapping(bytes32 recordId => bytes32 content) private _contents;

    function test_makesThemRecordsWithTheTimeOfTheRoot() external {
        _plant(7, 3);
        vm.recordLogs();
        for (uint256 i = 0; i < 3; ++i) {
            _expectAnchored(_entries[i].content, MANIFEST, i + 1, i == 0 ? 0 : BLOCK + 5);
        }
        _claim(_author);
        _checkLogs(3);
        for (uint256 i = 0; i < 3; ++i) {
            _checkAnchor(_id(_entries[i].content), _author, T0, IAnchors.Status.Anchored);
            _checkPlace(_id(_entries[i].content), i + 1, BLOCK + 5);
        }
        _checkChart(3, BLOCK + 5);
    }

    function test_takesUpTo100AtOnceAndAtLeastOne() external {
        _plant(128, 101);
        _mayNotClaim(_author, abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 101, 100));
        _plant(128, 0);
        _mayNotClaim(_author, abi.encodeWithSelector(ISignedActions.InvalidBatchSize.selector, 0, 100));
        _plant(128, 100);
        vm.recordLogs();
        _claim(_author);
        _checkLogs(100);
        _checkChart(100, BLOCK + 5);
        for (uint256 i = 0; i < 100; ++i) _checkPlace(_id(_entries[i].content), i + 1, BLOCK + 5);
    }

    function test_leavesOutWhatIsAnchoredOrHasNoManifest() external {
        _plant(8, 5);
        bytes32 erased = _entries[0].content;
        _anchor(erased);
        _erase(erased);
        vm.prank(_colleague);
        _records.anchor(_patient, CARDIOLOGY, _entries[1].content, MANIFEST);
        _entries[3].manifest = 0;

        vm.recordLogs();
        _expectSkipped(0, _invalidStatus(erased, IAnchors.Status.Erased));
        _expectSkipped(1, _alreadyAnchored(_entries[1].content));
        _expectAnchored(_entries[2].content, MANIFEST, 3, BLOCK + 5);
        _expectSkipped(3, abi.encodeWithSelector(IAnchors.InvalidManifest.selector));
        _expectAnchored(_entries[4].content, MANIFEST, 4, BLOCK + 5);
        _claim(_author);
        _checkLogs(5);
        _checkAnchor(_id(_entries[1].content), _colleague, LATER, IAnchors.Status.Anchored);
        _checkNoAnchor(_id(_entries[3].content));
        // again: nothing changes, and nothing fails
        _claim(_author);
        _checkChart(4, BLOCK + 5);
        _checkAnchor(_id(_entries[4].content), _author, T0, IAnchors.Status.Anchored);
    }

    /// The author may be gone, and what they wrote is to be erased.
    function test_claimsForTheAuthorWhereThePatientCalls() external {
        _plant(8, 3);
        _revoke(_author, CARDIOLOGY);
        _claim(_patient);
        for (uint256 i = 0; i < 3; ++i) _checkAnchor(_id(_entries[i].content), _author, T0, IAnchors.Status.Anchored);
        _erase(_entries[0].content);
    }

    function test_refusesAnybodyElseTheAuthorsRecords() external {
        _plant(8, 3);
        _delegate(_carer, CHART, WRITE | MANAGE);
        address[2] memory writers = [_colleague, _carer];
        for (uint256 i = 0; i < writers.length; ++i) {
            bytes32 first = _id(_entries[0].content);
            _mayNotClaim(writers[i], abi.encodeWithSelector(IAnchors.NotAuthor.selector, first, writers[i]));
        }
        _checkNoAnchor(_id(_entries[0].content));
    }

    /// What the patient claims as another's is what that other anchored.
    function test_refusesThePatientWhatNobodyAnchored() external {
        _plant(8, 3);
        vm.expectRevert(_invalidProof());
        _claim(_patient, _colleague);
    }

    function test_claimsOneByTheProofOfOneAndATreeOfOneByNone() external {
        _plant(1, 1);
        vm.assertEq(_proof.length, 0, "no hash");
        _claim(_author);
        _checkAnchor(_id(_entries[0].content), _author, T0, IAnchors.Status.Anchored);
    }

    function testFuzz_claimsAnyPartOfAnyTree(uint256 size, uint256 part) external {
        size = (size % 40) + 1;
        _plant(size, (part % size) + 1);
        _claim(_author);
        _checkChart(_entries.length, BLOCK + 5);
    }

    function test_refusesAProofThatWasChanged() external {
        _plant(16, 3);
        vm.assertTrue(_proof.length > 1 && _flags.length > 2, "something to change");
        bytes memory reason = _invalidProof();
        for (uint256 i = 0; i < _proof.length; ++i) {
            _proof[i] ^= bytes32(uint256(1));
            _mayNotClaim(_author, reason);
            _proof[i] ^= bytes32(uint256(1));
        }
        (bytes32 content, bytes32 first) = (_entries[1].content, _entries[0].content);
        _entries[1].content = NEW_CONTENT; // no record of the tree
        _mayNotClaim(_author, reason);
        _entries[1].content = 0;
        _mayNotClaim(_author, reason);
        _entries[1].content = first; // one of them twice
        _mayNotClaim(_author, reason);
        _entries[1].content = content;
        _claim(_author);
    }

    /// By the length of its lists alone: the library would revert with no reason, or take what is left over for a root.
    function test_refusesAProofThatIsTooShortOrTooLong() external {
        _plant(16, 3);
        _proof.push(_root);
        _mayNotClaim(_author, _invalidProof());
        _flags.push(false);
        _mayNotClaim(_author, _invalidProof());
        _proof.pop();
        _mayNotClaim(_author, _invalidProof());
        _flags.pop();
        _flags.pop();
        _mayNotClaim(_author, _invalidProof());
        delete _proof;
        delete _flags;
        _mayNotClaim(_author, _invalidProof());
    }

    /// By the library, which says so in its own way.
    function test_refusesFlagsThatWereTurnedRound() external {
        _plant(16, 5);
        for (uint256 i = 0; i < _flags.length; ++i) {
            _flags[i] = !_flags[i];
            bytes memory call = abi.encodeCall(
                IRoots.claimLeaves,
                (_author, _patient, CARDIOLOGY, _root, _entries, _proof, _flags)
            );
            vm.prank(_author);
            (bool success, ) = address(_records).call(call);
            vm.assertTrue(!success, "refused");
            _flags[i] = !_flags[i];
        }
        _claim(_author);
    }

    /// A root alone, as proof of nothing, claims nothing.
    function test_refusesARootAsItsOwnProof() external {
        _plant(16, 1);
        delete _proof;
        delete _flags;
        _proof.push(_root);
        _flags.push(false);
        _mayNotClaim(_author, _invalidProof());
    }

    function test_takes32HashesForEachRecordButNoMore() external {
        for (uint256 depth = 33; depth > 31; --depth) {
            delete _entries;
            delete _proof;
            delete _flags;
            _entries.push(IAnchors.Entry(CONTENT, MANIFEST));
            _root = MerkleTrees.leaf(_id(CONTENT));
            for (uint256 i = 0; i < depth; ++i) {
                _proof.push(bytes32(i));
                _flags.push(false);
                _root = MerkleTrees.pair(_root, bytes32(i));
            }
            vm.prank(_author);
            _records.anchorRoot(_root, 1, 0);
            if (depth == 33) _mayNotClaim(_author, _invalidProof());
        }
        _claim(_author);
        _checkAnchor(_id(CONTENT), _author, T0, IAnchors.Status.Anchored);
    }

    function test_refusesARootOfSomebodyElseOrOfNobody() external {
        _plant(8, 3);
        vm.expectRevert(_invalidProof());
        _claim(_colleague, _colleague);
        vm.prank(_colleague);
        _records.anchorRoot(_root, 8, 0);
        _claim(_colleague, _colleague);
        _checkAnchor(_id(_entries[0].content), _colleague, LATER, IAnchors.Status.Anchored);
        _root = MerkleTrees.leaf(_id(CONTENT));
        _mayNotClaim(_author, _invalidProof());
    }

    function test_refusesAnOutsiderAndAnAuthorWhoMayNotWriteAnyMore() external {
        _plant(8, 3);
        vm.prank(_outsider);
        _records.anchorRoot(_root, 8, 0);
        _mayNotClaim(_outsider, _notWriterOf(CARDIOLOGY, _outsider));
        _revoke(_author, CARDIOLOGY);
        _mayNotClaim(_author, _notWriterOf(CARDIOLOGY, _author));
    }

    function test_refusesAnotherCompartmentAndWhatIsNone() external {
        _plant(8, 3);
        _grant(_author, IMAGING, WRITE);
        bytes32 recordId = _idOf(_patient, IMAGING, _entries[0].content);
        vm.expectRevert(abi.encodeWithSelector(IRoots.InvalidProof.selector, _root, recordId));
        vm.prank(_author);
        _records.claimLeaves(_author, _patient, IMAGING, _root, _entries, _proof, _flags);
        bytes32[2] memory places = [CHART, _id(CONTENT)];
        for (uint256 i = 0; i < places.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAnchors.InvalidCompartment.selector, places[i]));
            vm.prank(_author);
            _records.claimLeaves(_author, _patient, places[i], _root, _entries, _proof, _flags);
        }
    }

    /// Anchors a tree of so many records at T0, and has the proof of the first `part` of them.
    function _plant(uint256 size, uint256 part) private {
        delete _entries;
        (bytes32[] memory ids, bytes32[] memory claimed) = (new bytes32[](size), new bytes32[](part));
        for (uint256 i = 0; i < size; ++i) {
            bytes32 content = keccak256(abi.encode(size, i));
            ids[i] = _id(content);
            _contents[ids[i]] = content;
            if (i < part) claimed[i] = ids[i];
        }
        bytes32[] memory tree = MerkleTrees.build(ids);
        (claimed, _proof, _flags) = MerkleTrees.proveMany(tree, claimed);
        _root = tree[0];
        for (uint256 i = 0; i < part; ++i) _entries.push(IAnchors.Entry(_contents[claimed[i]], MANIFEST));
        vm.warp(T0);
        if (_records.rootAnchoredAt(_author, _root) == 0) {
            vm.prank(_author);
            _records.anchorRoot(_root, uint32(size), 0);
        }
        vm.warp(LATER);
        vm.roll(BLOCK + 5);
    }

    function _claim(address actor) private {
        _claim(actor, _author);
    }

    function _claim(address actor, address author) private {
        vm.prank(actor);
        _records.claimLeaves(author, _patient, CARDIOLOGY, _root, _entries, _proof, _flags);
    }

    function _mayNotClaim(address actor, bytes memory reason) private {
        vm.expectRevert(reason);
        _claim(actor);
    }

    function _invalidProof() private view returns (bytes memory) {
        return abi.encodeWithSelector(IRoots.InvalidProof.selector, _root, _id(_entries[0].content));
    }
}
