// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../contracts/interfaces/IAnchors.sol";
import {IConsentRegistry} from "../../contracts/interfaces/IConsentRegistry.sol";
import {ICorrections} from "../../contracts/interfaces/ICorrections.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {RecordRegistry} from "../../contracts/RecordRegistry.sol";
import {RecordSigning} from "../solidity/helpers/RecordSigning.sol";
import {Proofs} from "./Proofs.sol";

/// Says of each actor whatever its storage says: the registry must hold whoever may write, manage or is credentialed.
contract AnyAnswers {
    mapping(address actor => bool yes) public writes;
    mapping(address actor => bool yes) public manages;
    mapping(address actor => bool yes) public credentialed;
    mapping(address patient => uint40 time) public lockdownAt;

    function canWrite(address patient, address actor, bytes32, bytes32) external view returns (bool) {
        return actor == patient || writes[actor];
    }

    function canManage(address patient, address actor, bytes32, bytes32) external view returns (bool) {
        return actor == patient || manages[actor];
    }

    function holds(address actor, bytes32, uint256, uint40) external view returns (bool) {
        return credentialed[actor];
    }
}

/// Anchors, roots and witnesses, from any state.
contract RecordProofs is Proofs {
    RecordRegistry private _records;
    AnyAnswers private _answers;

    function setUp() public override {
        _answers = new AnyAnswers();
        _records = new RecordRegistry(IConsentRegistry(address(_answers)), ICredentialRegistry(address(_answers)));
    }

    /// Whatever anybody calls, signed or not: whose a record is and since when stays; its status never goes back.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_anAnchorStays(address caller, bytes32 id) public {
        _anyRecords();
        IAnchors.Anchor memory before = _records.anchorOf(id);
        vm.assume(before.status != IAnchors.Status.None);
        _anyCall(caller);
        IAnchors.Anchor memory then = _records.anchorOf(id);
        assert(then.author == before.author && then.anchoredAt == before.anchoredAt);
        assert(uint256(then.status) >= uint256(before.status));
    }

    /// What is new is its author's of this very second, anchored, and the author may write or manage there.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_anUnsignedAnchorIsTheCallers(
        address caller,
        address patient,
        bytes32 compartment,
        bytes32 content
    ) public {
        uint256 time = _anyRecords();
        bytes32 id = _recordId(patient, compartment, content);
        vm.assume(_records.anchorOf(id).status == IAnchors.Status.None);
        bytes4 selector = _anyCall(caller);
        IAnchors.Anchor memory then = _records.anchorOf(id);
        if (then.status == IAnchors.Status.None || _isSigned(selector)) return;
        assert(then.author == caller && then.status == IAnchors.Status.Anchored);
        assert(then.anchoredAt == time || selector == _records.claimLeaf.selector);
        assert(caller == patient || _answers.writes(caller) || _answers.manages(caller));
    }

    /// An outsider, who may neither write nor manage and is neither author nor patient, changes nothing.
    /// @custom:halmos --default-array-lengths 1
    function check_anOutsiderChangesNoAnchor(
        address caller,
        address patient,
        bytes32 compartment,
        bytes32 content
    ) public {
        _anyRecords();
        bytes32 id = _recordId(patient, compartment, content);
        IAnchors.Anchor memory before = _records.anchorOf(id);
        vm.assume(caller != patient && !_answers.writes(caller) && !_answers.manages(caller));
        bytes4 selector = _anyCall(caller);
        vm.assume(!_isSigned(selector));
        assert(keccak256(abi.encode(before)) == keccak256(abi.encode(_records.anchorOf(id))));
    }

    /// A signed record is its signer's, and the signer may write.
    function check_aSignedAnchorIsItsSigners(IAnchors.SignedAnchor memory record) public {
        uint256 time = _anyRecords();
        vm.assume(record.author.code.length == 0);
        bytes32 id = _recordId(record.patient, record.compartment, record.content);
        IAnchors.Anchor memory before = _records.anchorOf(id);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.anchorBySig(record, signature);
        IAnchors.Anchor memory then = _records.anchorOf(id);
        assert(then.author == record.author);
        if (before.status == IAnchors.Status.None && before.author != record.author) {
            assert(then.anchoredAt == time && time <= record.deadline);
            assert(record.author == record.patient || _answers.writes(record.author));
            assert(_signer(RecordSigning.hash(record), signature) == record.author);
        }
    }

    /// A batch of one: what stands stays, what is new is its signer's, who may write.
    function check_aSignedBatchIsItsSigners(IAnchors.SignedAnchor memory record, bytes32 id) public {
        uint256 time = _anyRecords();
        vm.assume(record.author.code.length == 0);
        IAnchors.Anchor memory before = _records.anchorOf(id);
        bytes memory signature = svm.createBytes(65, "signature");
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](1);
        entries[0] = IAnchors.SignedEntry(record.content, record.manifest, record.deadline);
        bytes memory list = abi.encodePacked(uint16(65), signature);
        _records.anchorManyBySig(record.author, record.patient, record.compartment, entries, list);
        IAnchors.Anchor memory then = _records.anchorOf(id);
        if (keccak256(abi.encode(before)) == keccak256(abi.encode(then))) return;
        assert(before.status == IAnchors.Status.None);
        assert(id == _recordId(record.patient, record.compartment, record.content));
        assert(then.author == record.author && then.status == IAnchors.Status.Anchored);
        assert(then.anchoredAt == time && time <= record.deadline);
        assert(record.author == record.patient || _answers.writes(record.author));
        assert(_signer(RecordSigning.hash(record), signature) == record.author);
    }

    /// Only the patient, or their signature, has a record erased.
    function check_aSignedErasureIsThePatients(ICorrections.SignedErasure memory erasure) public {
        uint256 time = _anyRecords();
        vm.assume(erasure.patient.code.length == 0);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.requestErasureBySig(erasure, signature);
        bytes32 id = _recordId(erasure.patient, erasure.compartment, erasure.content);
        assert(_records.anchorOf(id).status == IAnchors.Status.Erased && time <= erasure.deadline);
        assert(erasure.asOf == _answers.lockdownAt(erasure.patient));
        assert(_signer(RecordSigning.hash(erasure), signature) == erasure.patient);
    }

    /// Of the author's corrections: only the author while they may write, the patient or who manages.
    function check_onlyWhoMayCorrects(address caller, address patient, bytes32 compartment, bytes32 content) public {
        _anyRecords();
        bytes32 id = _recordId(patient, compartment, content);
        address author = _records.anchorOf(id).author;
        vm.prank(caller);
        _records.retract(patient, compartment, content, "why");
        assert(_records.anchorOf(id).status == IAnchors.Status.Retracted);
        bool writes = caller == author && _answers.writes(caller);
        assert(caller == patient || _answers.manages(caller) || writes);
    }

    /// The times of roots, witnesses and receipts are set once.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_timesAreSetOnce(address caller, address who, bytes32 what) public {
        _anyRecords();
        (uint256 root, uint256 witness) = (_records.rootAnchoredAt(who, what), _records.witnessedAt(who, what));
        uint256 receipt = _records.erasureAttestedAt(what, who);
        vm.assume(root != 0 && witness != 0 && receipt != 0);
        _anyCall(caller);
        assert(_records.rootAnchoredAt(who, what) == root);
        assert(_records.witnessedAt(who, what) == witness);
        assert(_records.erasureAttestedAt(what, who) == receipt);
    }

    /// Nobody anchors a root or witnesses a digest in another's name.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_nobodySpeaksForAnother(address caller, address who, bytes32 what) public {
        _anyRecords();
        vm.assume(caller != who);
        (uint256 root, uint256 witness) = (_records.rootAnchoredAt(who, what), _records.witnessedAt(who, what));
        _anyCall(caller);
        assert(_records.rootAnchoredAt(who, what) == root);
        assert(_records.witnessedAt(who, what) == witness);
    }

    function _anyRecords() private returns (uint256 time) {
        svm.enableSymbolicStorage(address(_records));
        svm.enableSymbolicStorage(address(_answers));
        time = svm.createUint(40, "time");
        vm.assume(time > 0);
        vm.warp(time);
    }

    function _anyCall(address caller) private returns (bytes4 selector) {
        bytes memory data = svm.createCalldata("RecordRegistry");
        selector = bytes4(data);
        // its list of signatures is of no length that the prover could read: see the proof of its own
        vm.assume(selector != _records.anchorManyBySig.selector);
        vm.prank(caller);
        (bool done, ) = address(_records).call(data);
        vm.assume(done);
    }

    function _isSigned(bytes4 selector) private view returns (bool) {
        return
            selector == _records.anchorBySig.selector ||
            selector == _records.requestErasureBySig.selector ||
            selector == _records.attestErasureBySig.selector;
    }

    function _recordId(address patient, bytes32 compartment, bytes32 content) private pure returns (bytes32) {
        return keccak256(abi.encode(patient, compartment, content)) | bytes32(uint256(1) << 255);
    }

    function _signer(bytes32 structHash, bytes memory signature) private view returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return
            ecrecover(RecordSigning.digest(address(_records), block.chainid, structHash), uint8(signature[64]), r, s);
    }
}
