// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../contracts/interfaces/IAnchors.sol";
import {IConsentRegistry} from "../../contracts/interfaces/IConsentRegistry.sol";
import {ICorrections} from "../../contracts/interfaces/ICorrections.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {IRoots} from "../../contracts/interfaces/IRoots.sol";
import {IStamps} from "../../contracts/interfaces/IStamps.sol";
import {RecordRegistry} from "../../contracts/RecordRegistry.sol";
import {Link} from "../../contracts/types/Link.sol";
import {RecordSigning} from "../solidity/helpers/RecordSigning.sol";
import {Proofs} from "./Proofs.sol";

/// Says of each actor and record whatever its storage says: the registry must hold whoever may write, manage or is credentialed.
contract AnyAnswers {
    mapping(address actor => mapping(bytes32 content => bool yes)) public writes;
    mapping(address actor => mapping(bytes32 content => bool yes)) public manages;
    mapping(address reader => mapping(bytes32 content => bool yes)) public reads;
    mapping(address who => mapping(bytes32 content => bool yes)) public denied;
    mapping(address actor => bool yes) public credentialed;
    mapping(address patient => uint256 state) public stateOf;

    function canWrite(address patient, address actor, bytes32, bytes32 content) external view returns (bool) {
        return actor == patient || writes[actor][content];
    }

    function canAccess(
        address,
        address reader,
        bytes32,
        bytes32 content,
        uint8 permission,
        uint64
    ) external view returns (bool) {
        return permission == 1 && reads[reader][content];
    }

    function isDenied(address, address who, bytes32, bytes32 content) external view returns (bool) {
        return denied[who][content];
    }

    function isDelegate(address, address actor, bytes32, bytes32 content, uint8 powers) external view returns (bool) {
        return powers & 64 != 0 && manages[actor][content];
    }

    function holds(address actor, bytes32, uint256, uint40) external view returns (bool) {
        return credentialed[actor];
    }

    function statusOf(address, bytes32, uint256, uint40) external pure returns (ICredentialRegistry.Status) {
        return ICredentialRegistry.Status.Holds;
    }
}

/// Records, from any state.
contract RecordProofs is Proofs {
    /// All that the registry keeps of a record and its patient.
    struct Kept {
        bytes32 anchor;
        bytes32 origin;
        uint64 pointers;
        uint64 chart;
        uint64 history;
    }

    RecordRegistry private _records;
    AnyAnswers private _answers;

    function setUp() public override {
        _answers = new AnyAnswers();
        _records = new RecordRegistry(IConsentRegistry(address(_answers)), ICredentialRegistry(address(_answers)));
    }

    /* WHATEVER ANYBODY CALLS */

    /// Whose a record is, since when and where on the chart stays; its status never goes back; counts only rise.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_anAnchorStays(address caller, address patient, bytes32 id) public {
        _anyRecords();
        IAnchors.Anchor memory before = _records.anchorOf(id);
        (bytes32 origin, Kept memory kept) = (_records.originOf(id), _keep(patient, id));
        vm.assume(before.status != IAnchors.Status.None);
        _anyCall(caller);
        IAnchors.Anchor memory then = _records.anchorOf(id);
        bool ok = _and(then.author == before.author, then.anchoredAt == before.anchoredAt);
        ok = _and(ok, _and(then.writtenAt == before.writtenAt, then.index == before.index));
        assert(_and(ok, _and(uint256(then.status) >= uint256(before.status), _records.originOf(id) == origin)));
        Kept memory after_ = _keep(patient, id);
        ok = _and(uint32(after_.pointers) >= uint32(kept.pointers), uint32(after_.chart) >= uint32(kept.chart));
        assert(_and(ok, uint32(after_.history) >= uint32(kept.history)));
    }

    /// An outsider, who may neither write nor manage and is neither author nor patient, changes nothing without a signature.
    /// @custom:halmos --default-array-lengths 1
    function check_anOutsiderChangesNothing(
        address caller,
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 any
    ) public {
        _anyRecords();
        bytes32 id = _recordId(patient, compartment, content);
        Kept memory before = _keep(patient, id);
        bytes32 origin = before.origin == 0 ? content : before.origin;
        vm.assume(caller != patient && !_answers.writes(caller, 0) && !_answers.writes(caller, content));
        vm.assume(!_answers.writes(caller, origin) && !_answers.manages(caller, origin));
        vm.assume(!_answers.writes(caller, any) && !_answers.manages(caller, any) && !_answers.credentialed(caller));
        bytes4 selector = _anyCall(caller);
        vm.assume(!_isSigned(selector));
        Kept memory then = _keep(patient, id);
        assert(then.anchor == before.anchor && then.origin == before.origin && then.pointers == before.pointers);
        assert(then.chart == before.chart);
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

    /// Nobody anchors a root, witnesses a digest or attests in another's name without their signature.
    /// @custom:halmos --default-array-lengths 1 --default-bytes-lengths 65
    function check_nobodySpeaksForAnother(address caller, address who, bytes32 what) public {
        _anyRecords();
        vm.assume(caller != who);
        (uint256 root, uint256 witness) = (_records.rootAnchoredAt(who, what), _records.witnessedAt(who, what));
        uint256 receipt = _records.erasureAttestedAt(what, who);
        vm.assume(!_isSigned(_anyCall(caller)));
        assert(_records.rootAnchoredAt(who, what) == root);
        assert(_records.witnessedAt(who, what) == witness);
        assert(_records.erasureAttestedAt(what, who) == receipt);
    }

    /* IN PERSON */

    /// What is new is its author's of this very second, next on the chart, and the author may write in the compartment.
    function check_anchor(
        address caller,
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest,
        bytes32 id
    ) public {
        uint256 time = _anyRecords();
        (Kept memory before, bytes32 own) = (_keep(patient, id), _recordId(patient, compartment, content));
        Kept memory stood = _keep(patient, own);
        vm.prank(caller);
        _records.anchor(patient, compartment, content, manifest);
        assert(content != 0 && manifest != 0);
        assert(uint32(before.chart) >= 2 ** 25 || uint32(Link.unwrap(_records.chartOf(patient))) < 2 ** 25);
        assert(_mayAnchor(caller, patient, compartment));
        assert(_isAnchored(caller, time, own, id, patient, before, stood));
    }

    /// A leaf is claimed from a root of whoever claims it, and dated as the root.
    /// @custom:halmos --default-array-lengths 2
    function check_claimLeaf(
        address caller,
        bytes32 root,
        bytes32[] memory proof,
        IRoots.Leaf memory leaf,
        bytes32 id
    ) public {
        _anyRecords();
        (Kept memory before, bytes32 own) = (
            _keep(leaf.patient, id),
            _recordId(leaf.patient, leaf.compartment, leaf.content)
        );
        Kept memory stood = _keep(leaf.patient, own);
        uint256 time = _records.rootAnchoredAt(caller, root);
        vm.prank(caller);
        _records.claimLeaf(root, proof, leaf, bytes32(uint256(1)));
        assert(time != 0 && _mayAnchor(caller, leaf.patient, leaf.compartment));
        assert(_isAnchored(caller, time, own, id, leaf.patient, before, stood));
    }

    /// Only the patient, or the author while they may write, and only of a record that can be read.
    function check_point(
        address caller,
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest,
        bytes32 id
    ) public {
        _anyRecords();
        (Kept memory before, bytes32 own) = (_keep(patient, id), _recordId(patient, compartment, content));
        bytes32 origin = _originOf(own, content);
        vm.prank(caller);
        _records.point(patient, compartment, content, manifest);
        bool isAuthor = _and(caller == _author(own), _answers.writes(caller, origin));
        isAuthor = _and(isAuthor, !_isShutOut(caller, content, origin));
        assert(_and(_isReadable(own), _or(caller == patient, isAuthor)));
        assert(_isPointed(own, id, patient, before));
    }

    /// The author while they may write, the patient, or who manages: each asked about the record's origin.
    function check_retract(
        address caller,
        address patient,
        bytes32 compartment,
        bytes32 content,
        bytes32 reason,
        bytes32 id
    ) public {
        _anyRecords();
        (Kept memory before, bytes32 own) = (_keep(patient, id), _recordId(patient, compartment, content));
        bool readable = _isReadable(own);
        vm.prank(caller);
        _records.retract(patient, compartment, content, reason);
        assert(_and(readable, _mayCorrect(caller, patient, own, content)));
        assert(_isOfStatus(IAnchors.Status.Retracted, own, id, patient, before));
    }

    /// An amendment keeps the origin, and whoever makes it may write in the compartment, too.
    function check_amend(address caller, ICorrections.Amendment memory amendment) public {
        uint256 time = _anyRecords();
        // without content nothing is ever anchored: see the proof of `anchor`
        vm.assume(amendment.content != 0);
        address patient = amendment.patient;
        // nor does a chart count further than a record's number goes: see there, too
        vm.assume(uint32(Link.unwrap(_records.chartOf(patient))) < 2 ** 25);
        bytes32 own = _recordId(patient, amendment.compartment, amendment.content);
        bytes32 origin = _originOf(own, amendment.content);
        IAnchors.Anchor memory before = _records.anchorOf(own);
        vm.prank(caller);
        bytes32 next = _records.amend(amendment);
        assert(_mayCorrect(caller, patient, own, amendment.content));
        assert(_or(caller == patient, _answers.writes(caller, 0)));
        assert(before.status == IAnchors.Status.Anchored && next != own);
        assert(_records.anchorOf(own).status == IAnchors.Status.Amended);
        assert(next == _recordId(patient, amendment.compartment, amendment.newContent));
        IAnchors.Anchor memory then = _records.anchorOf(next);
        assert(then.author == caller && then.anchoredAt == time && then.status == IAnchors.Status.Anchored);
        assert(_records.originOf(next) == origin && origin != 0);
    }

    /// Whoever may not read the first of a lineage reads none of it; nor does anybody read what is erased or unknown.
    function check_canRead(
        address patient,
        address reader,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) public {
        _anyRecords();
        bytes32 own = _recordId(patient, compartment, content);
        bytes32 origin = _originOf(own, content);
        bool may = _and(_isReadable(own), _and(origin != 0, _answers.reads(reader, origin)));
        may = _and(may, !_isShutOut(reader, content, origin));
        assert(_records.canRead(patient, reader, compartment, content, purpose) == may);
    }

    /// No stamp on what is erased or unknown counts, whoever signed or witnessed.
    function check_noStampOfTheErased(IStamps.Stamp memory stamp, address signer, uint256 credential) public {
        _anyRecords();
        stamp.statement = "authored";
        vm.assume(!_isReadable(_recordId(stamp.patient, stamp.compartment, stamp.content)));
        bytes memory signature = svm.createBytes(65, "signature");
        assert(!_records.verifyStamp(stamp, signer, credential, signature));
        assert(_records.stampStatus(stamp, signer, credential, "") == IStamps.StampStatus.None);
    }

    /* BY SIGNATURE: the signer of exactly that form, before its deadline */

    function check_anchorBySig(IAnchors.SignedAnchor memory record, bytes32 id) public {
        uint256 time = _anyRecords();
        vm.assume(record.author.code.length == 0);
        bytes32 own = _recordId(record.patient, record.compartment, record.content);
        (Kept memory before, Kept memory stood) = (_keep(record.patient, id), _keep(record.patient, own));
        bytes memory signature = svm.createBytes(65, "signature");
        _records.anchorBySig(record, signature);
        assert(time <= record.deadline && _signed(RecordSigning.hash(record), signature) == record.author);
        if (stood.anchor != 0) {
            // carried before: without effect, and neither retracted nor erased
            IAnchors.Anchor memory anchor = _records.anchorOf(own);
            assert(_same(before, _keep(record.patient, id)) && anchor.author == record.author);
            assert(anchor.status == IAnchors.Status.Anchored || anchor.status == IAnchors.Status.Amended);
            return;
        }
        assert(_mayAnchor(record.author, record.patient, record.compartment));
        assert(_isAnchored(record.author, time, own, id, record.patient, before, stood));
    }

    /// Of a batch of one: what stands stays, what is new is its signer's, who may write.
    function check_anchorManyBySig(IAnchors.SignedAnchor memory record, bytes32 id) public {
        uint256 time = _anyRecords();
        vm.assume(record.author.code.length == 0);
        bytes32 own = _recordId(record.patient, record.compartment, record.content);
        (Kept memory before, Kept memory stood) = (_keep(record.patient, id), _keep(record.patient, own));
        bytes memory signature = svm.createBytes(65, "signature");
        IAnchors.SignedEntry[] memory entries = new IAnchors.SignedEntry[](1);
        entries[0] = IAnchors.SignedEntry(record.content, record.manifest, record.deadline);
        bytes memory list = abi.encodePacked(uint16(65), signature);
        _records.anchorManyBySig(record.author, record.patient, record.compartment, entries, list);
        if (_keep(record.patient, own).anchor == stood.anchor) {
            assert(_same(before, _keep(record.patient, id)));
            return;
        }
        assert(time <= record.deadline && _signed(RecordSigning.hash(record), signature) == record.author);
        assert(_mayAnchor(record.author, record.patient, record.compartment));
        assert(_isAnchored(record.author, time, own, id, record.patient, before, stood));
    }

    /// It works just once: it names the record's next pointer.
    function check_pointBySig(IAnchors.SignedPointer memory pointer, bytes32 id) public {
        uint256 time = _anyRecords();
        vm.assume(pointer.by.code.length == 0);
        bytes32 own = _recordId(pointer.patient, pointer.compartment, pointer.content);
        (Kept memory before, uint64 pointers) = (_keep(pointer.patient, id), _keep(pointer.patient, own).pointers);
        bytes32 origin = _originOf(own, pointer.content);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.pointBySig(pointer, signature);
        bool isAuthor = _and(pointer.by == _author(own), _answers.writes(pointer.by, origin));
        isAuthor = _and(isAuthor, !_isShutOut(pointer.by, pointer.content, origin));
        assert(_and(_isReadable(own), _or(pointer.by == pointer.patient, isAuthor)));
        assert(pointer.number == uint256(uint32(pointers)) + 1 && time <= pointer.deadline);
        assert(_isPointed(own, id, pointer.patient, before));
        assert(_signed(RecordSigning.hash(pointer), signature) == pointer.by);
    }

    function check_retractBySig(ICorrections.SignedRetraction memory retraction, bytes32 id) public {
        uint256 time = _anyRecords();
        (address by, address patient) = (retraction.by, retraction.patient);
        vm.assume(by.code.length == 0);
        bytes32 own = _recordId(patient, retraction.compartment, retraction.content);
        Kept memory before = _keep(patient, id);
        bool readable = _isReadable(own);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.retractBySig(retraction, signature);
        assert(readable && _mayCorrect(by, patient, own, retraction.content) && time <= retraction.deadline);
        assert(_isOfStatus(IAnchors.Status.Retracted, own, id, patient, before));
        assert(_signed(RecordSigning.hash(retraction), signature) == by);
    }

    function check_amendBySig(address by, ICorrections.Amendment memory amendment, uint40 deadline) public {
        uint256 time = _anyRecords();
        vm.assume(by.code.length == 0);
        bytes32 own = _recordId(amendment.patient, amendment.compartment, amendment.content);
        bytes32 origin = _originOf(own, amendment.content);
        bytes memory signature = svm.createBytes(65, "signature");
        bytes32 next = _records.amendBySig(by, amendment, deadline, signature);
        assert(time <= deadline && _signed(RecordSigning.hash(by, amendment, deadline), signature) == by);
        assert(_mayCorrect(by, amendment.patient, own, amendment.content) && _author(next) == by);
        assert(_records.originOf(next) == origin);
    }

    /// Only with the patient's signature of their present era.
    function check_requestErasureBySig(ICorrections.SignedErasure memory erasure, bytes32 id) public {
        uint256 time = _anyRecords();
        vm.assume(erasure.patient.code.length == 0);
        bytes32 own = _recordId(erasure.patient, erasure.compartment, erasure.content);
        (Kept memory before, bool readable) = (_keep(erasure.patient, id), _isReadable(own));
        bytes memory signature = svm.createBytes(65, "signature");
        _records.requestErasureBySig(erasure, signature);
        assert(readable && time <= erasure.deadline && erasure.era == uint40(_answers.stateOf(erasure.patient)));
        assert(_isOfStatus(IAnchors.Status.Erased, own, id, erasure.patient, before));
        assert(_signed(RecordSigning.hash(erasure), signature) == erasure.patient);
    }

    /// A receipt is its operator's, who is credentialed, of a record that was to be erased, once.
    function check_attestErasureBySig(ICorrections.ErasureReceipt memory receipt, uint40 deadline) public {
        uint256 time = _anyRecords();
        vm.assume(receipt.operator.code.length == 0);
        bytes32 own = _recordId(receipt.patient, receipt.compartment, receipt.content);
        uint256 before = _records.erasureAttestedAt(own, receipt.operator);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.attestErasureBySig(receipt, deadline, signature);
        assert(before == 0 && _records.erasureAttestedAt(own, receipt.operator) == time && time <= deadline);
        assert(_records.anchorOf(own).status == IAnchors.Status.Erased && _answers.credentialed(receipt.operator));
        assert(receipt.role == "storage" || receipt.role == "keeper");
        assert(_signed(RecordSigning.hash(receipt, deadline), signature) == receipt.operator);
    }

    function check_anchorRootBySig(address author, bytes32 root, uint32 count, bytes32 leaves, uint40 deadline) public {
        uint256 time = _anyRecords();
        vm.assume(author.code.length == 0);
        uint256 before = _records.rootAnchoredAt(author, root);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.anchorRootBySig(author, root, count, leaves, deadline, signature);
        assert(before == 0 && _records.rootAnchoredAt(author, root) == time && time <= deadline);
        assert(_signed(RecordSigning.hashRoot(author, root, count, leaves, deadline), signature) == author);
    }

    function check_witnessBySig(address signer, bytes32 digest, uint40 deadline) public {
        uint256 time = _anyRecords();
        vm.assume(signer.code.length == 0);
        uint256 before = _records.witnessedAt(signer, digest);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.witnessBySig(signer, digest, deadline, signature);
        assert(before == 0 && _records.witnessedAt(signer, digest) == time && time <= deadline);
        assert(_signed(RecordSigning.hashWitness(signer, digest, deadline), signature) == signer);
    }

    /// @custom:halmos --default-array-lengths 1
    function check_claimLeafBySig(IRoots.SignedClaim memory claim, bytes32[] memory proof, bytes32 id) public {
        _anyRecords();
        vm.assume(claim.author.code.length == 0);
        bytes32 own = _recordId(claim.patient, claim.compartment, claim.content);
        (Kept memory before, Kept memory stood) = (_keep(claim.patient, id), _keep(claim.patient, own));
        uint256 time = _records.rootAnchoredAt(claim.author, claim.root);
        bytes memory signature = svm.createBytes(65, "signature");
        _records.claimLeafBySig(claim, proof, signature);
        assert(time != 0 && block.timestamp <= claim.deadline);
        assert(_mayAnchor(claim.author, claim.patient, claim.compartment));
        assert(_isAnchored(claim.author, time, own, id, claim.patient, before, stood));
        assert(_signed(RecordSigning.hash(claim), signature) == claim.author);
    }

    /* WHAT HAPPENED */

    /// Just this record came to stand, as the next of the chart; nothing else of any record changed.
    function _isAnchored(
        address author,
        uint256 time,
        bytes32 own,
        bytes32 id,
        address patient,
        Kept memory before,
        Kept memory stood
    ) private view returns (bool ok) {
        uint256 index = uint32(before.chart) + 1;
        uint256 word = uint160(author) | ((time & (2 ** 36 - 1)) << 160) | (block.number << 196) | (index << 228);
        word |= uint256(IAnchors.Status.Anchored) << 253;
        Kept memory then = _keep(patient, id);
        ok = _and(stood.anchor == 0, uint256(then.anchor) == _either(id == own, word, uint256(before.anchor)));
        ok = _and(ok, _and(then.origin == before.origin, then.pointers == before.pointers));
        return _and(ok, _and(then.chart == (index | (block.number << 32)), then.history == before.history));
    }

    /// Just this record has one more pointer, and its patient one more change.
    function _isPointed(bytes32 own, bytes32 id, address patient, Kept memory before) private view returns (bool ok) {
        Kept memory then = _keep(patient, id);
        uint256 pointers = _either(id == own, _after(before.pointers), before.pointers);
        ok = _and(then.pointers == pointers, then.history == _after(before.history));
        ok = _and(ok, _and(then.anchor == before.anchor, then.origin == before.origin));
        return _and(ok, then.chart == before.chart);
    }

    /// Just this record is of another status, and its patient has one more change.
    function _isOfStatus(
        IAnchors.Status status,
        bytes32 own,
        bytes32 id,
        address patient,
        Kept memory before
    ) private view returns (bool ok) {
        Kept memory then = _keep(patient, id);
        uint256 word = (uint256(before.anchor) & (2 ** 253 - 1)) | (uint256(status) << 253);
        ok = uint256(then.anchor) == _either(id == own, word, uint256(before.anchor));
        ok = _and(ok, _and(then.history == _after(before.history), then.origin == before.origin));
        return _and(ok, _and(then.chart == before.chart, then.pointers == before.pointers));
    }

    function _after(uint64 head) private view returns (uint256) {
        return ((uint256(head) + 1) & type(uint32).max) | (block.number << 32);
    }

    function _keep(address patient, bytes32 id) private view returns (Kept memory kept) {
        // as it is stored: the first mapping
        kept.anchor = vm.load(address(_records), keccak256(abi.encode(id, _anchorsAt())));
        kept.origin = _records.originOf(id);
        kept.pointers = Link.unwrap(_records.pointersOf(id));
        kept.chart = Link.unwrap(_records.chartOf(patient));
        kept.history = Link.unwrap(_records.historyOf(patient));
    }

    function _same(Kept memory a, Kept memory b) private pure returns (bool ok) {
        ok = _and(a.anchor == b.anchor, _and(a.origin == b.origin, a.pointers == b.pointers));
        return _and(ok, _and(a.chart == b.chart, a.history == b.history));
    }

    /* WHO MAY */

    function _mayAnchor(address actor, address patient, bytes32 compartment) private view returns (bool) {
        bool isLabel = _and(compartment != 0, uint256(compartment) >> 255 == 0);
        return _and(isLabel, _or(actor == patient, _answers.writes(actor, 0)));
    }

    /// The patient; or the author while they may write, or who manages, whom no DENY shuts out.
    function _mayCorrect(address actor, address patient, bytes32 id, bytes32 content) private view returns (bool) {
        bytes32 origin = _originOf(id, content);
        bool may = _and(actor == _author(id), _answers.writes(actor, origin));
        may = _and(_or(may, _answers.manages(actor, origin)), !_answers.denied(actor, origin));
        return _or(actor == patient, _and(may, !_isShutOut(actor, content, origin)));
    }

    /// A DENY stands on the amendment itself.
    function _isShutOut(address who, bytes32 content, bytes32 origin) private view returns (bool) {
        return _and(origin != content, _answers.denied(who, content));
    }

    function _author(bytes32 id) private view returns (address) {
        return _records.anchorOf(id).author;
    }

    function _isReadable(bytes32 id) private view returns (bool) {
        IAnchors.Status status = _records.anchorOf(id).status;
        return _and(status != IAnchors.Status.None, status != IAnchors.Status.Erased);
    }

    function _originOf(bytes32 id, bytes32 content) private view returns (bytes32) {
        bytes32 origin = _records.originOf(id);
        return bytes32(_either(origin == 0, uint256(content), uint256(origin)));
    }

    /* ANY */

    function _anyRecords() private returns (uint256 time) {
        svm.enableSymbolicStorage(address(_records));
        svm.enableSymbolicStorage(address(_answers));
        time = _anyTime();
        vm.assume(time > 0 && time < 2 ** 36);
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
            selector == _records.pointBySig.selector ||
            selector == _records.amendBySig.selector ||
            selector == _records.retractBySig.selector ||
            selector == _records.requestErasureBySig.selector ||
            selector == _records.attestErasureBySig.selector ||
            selector == _records.anchorRootBySig.selector ||
            selector == _records.claimLeafBySig.selector ||
            selector == _records.witnessBySig.selector;
    }

    function _anchorsAt() private pure returns (uint256) {
        return 3;
    }

    function _recordId(address patient, bytes32 compartment, bytes32 content) private pure returns (bytes32) {
        return keccak256(abi.encode(patient, compartment, content)) | bytes32(uint256(1) << 255);
    }

    function _signed(bytes32 structHash, bytes memory signature) private view returns (address) {
        return _recovered(RecordSigning.digest(address(_records), block.chainid, structHash), signature);
    }
}
