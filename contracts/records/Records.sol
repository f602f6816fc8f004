// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAnchors} from "../interfaces/IAnchors.sol";
import {IConsentRegistry} from "../interfaces/IConsentRegistry.sol";
import {ICorrections} from "../interfaces/ICorrections.sol";
import {ICredentialRegistry} from "../interfaces/ICredentialRegistry.sol";
import {IRecordRegistry} from "../interfaces/IRecordRegistry.sol";
import {IRoots} from "../interfaces/IRoots.sol";
import {IStamps} from "../interfaces/IStamps.sol";
import {AnchorWord, AnchorWords} from "../types/Anchors.sol";
import {GrantTerms} from "../types/GrantTerms.sol";
import {Link} from "../types/Link.sol";
import {RecordForms} from "../types/RecordForms.sol";
import {Scopes} from "../types/Scopes.sol";
import {SignedActions} from "../utils/SignedActions.sol";

/// @title What is kept of records, and how it comes to stand; see {IRecordRegistry}
/// @dev Its EIP-712 domain is that of every e-stamp.
abstract contract Records is SignedActions, IRecordRegistry {
    /// Numbers of a chart that are left to its patient.
    uint32 private constant RESERVE = 2 ** 20;

    /// @notice Decides who may read and write.
    IConsentRegistry public immutable CONSENT;

    /// @notice Knows who is who: whose stamps count, who stores blocks and keeps keys.
    ICredentialRegistry public immutable CREDENTIALS;

    /* STORAGE: proven from outside, so the order stays */

    mapping(bytes32 recordId => AnchorWord word) internal _anchors;
    mapping(address patient => Link head) internal _charts;
    mapping(address patient => Link head) internal _histories;
    mapping(bytes32 recordId => Link head) internal _pointers;
    /// @inheritdoc ICorrections
    mapping(bytes32 recordId => bytes32 content) public originOf;
    /// @inheritdoc ICorrections
    mapping(bytes32 recordId => mapping(address operator => uint40 time)) public erasureAttestedAt;
    /// @inheritdoc IRoots
    mapping(address author => mapping(bytes32 root => uint40 time)) public rootAnchoredAt;
    /// @inheritdoc IStamps
    mapping(address signer => mapping(bytes32 digest => uint40 time)) public witnessedAt;

    constructor(IConsentRegistry consent, ICredentialRegistry credentials) EIP712("CareKey RecordRegistry", "1") {
        CONSENT = consent;
        CREDENTIALS = credentials;
    }

    /* VIEWS */

    /// @inheritdoc IAnchors
    function anchorOf(bytes32 recordId) external view returns (Anchor memory) {
        return _anchors[recordId].unpack();
    }

    /// @inheritdoc IAnchors
    function chartOf(address patient) external view returns (Link) {
        return _charts[patient];
    }

    /// @inheritdoc ICorrections
    function historyOf(address patient) external view returns (Link) {
        return _histories[patient];
    }

    /// @inheritdoc IAnchors
    function pointersOf(bytes32 recordId) external view returns (Link) {
        return _pointers[recordId];
    }

    /// @inheritdoc IAnchors
    function canRead(
        address patient,
        address reader,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) external view returns (bool) {
        bytes32 origin = _readableOrigin(patient, compartment, content);
        if (origin == 0 || _isShutOut(patient, reader, compartment, content, origin)) return false;
        return CONSENT.canAccess(patient, reader, compartment, origin, GrantTerms.READ, purpose);
    }

    /// @inheritdoc IAnchors
    function canReadAs(
        address group,
        address member,
        address patient,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) external view returns (bool) {
        bytes32 origin = _readableOrigin(patient, compartment, content);
        if (origin == 0 || _isShutOut(patient, group, compartment, content, origin)) return false;
        if (_isShutOut(patient, member, compartment, content, origin)) return false;
        return CONSENT.canAccessAs(group, member, patient, compartment, origin, purpose);
    }

    /// @inheritdoc IAnchors
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) external pure returns (bytes32) {
        return Scopes.recordIdOf(patient, compartment, content);
    }

    /* INTERNAL */

    /// Anchors a record on the chart with this head, or says as an encoded custom error why it can't be: then nothing changed.
    /// @return next Head of the chart after it; whoever calls stores it.
    function _anchor(
        RecordForms.AnchorData memory data,
        bytes32 recordId,
        uint40 time,
        Link chart
    ) internal returns (Link next, bytes memory refusal) {
        refusal = _anchorRefusal(data, recordId, chart);
        if (refusal.length != 0) return (chart, refusal);

        Link link = chart.entry();
        _anchors[recordId] = AnchorWords.write(data.author, time, link.number());

        emit Anchored(data.patient, recordId, data.compartment, data.content, data.manifest, link);
        next = link.head();
    }

    /// Anchors one record, or reverts.
    function _anchorOne(RecordForms.AnchorData memory data, uint40 time) internal returns (bytes32 recordId) {
        recordId = Scopes.recordIdOf(data.patient, data.compartment, data.content);
        (Link chart, bytes memory refusal) = _anchor(data, recordId, time, _charts[data.patient]);
        _require(refusal);
        _charts[data.patient] = chart;
    }

    /// The next change of a patient's records, for its event.
    function _changed(address patient) internal returns (Link change) {
        change = _histories[patient].entry();
        _histories[patient] = change.head();
    }

    /// @param content Of the lineage's first record; 0 for the compartment itself: a record that does not exist yet can't have a
    /// grant of its own.
    function _requireWriter(address patient, bytes32 compartment, bytes32 content, address actor) internal view {
        if (!Scopes.isLabel(compartment)) revert InvalidCompartment(compartment);
        if (!CONSENT.canWrite(patient, actor, compartment, content)) revert NotWriter(patient, compartment, actor);
    }

    /// What is known of a record that is neither unknown nor erased.
    function _requireReadable(bytes32 recordId) internal view returns (AnchorWord known) {
        known = _anchors[recordId];
        if (!known.isReadable()) _require(_statusRefusal(recordId, known));
    }

    /// Content that grants, delegations and DENYs on the record name.
    function _originOf(bytes32 recordId, bytes32 content) internal view returns (bytes32 origin) {
        origin = originOf[recordId];
        if (origin == 0) origin = content;
    }

    /// True where a DENY stands on an amendment's own id: consent names the first of the lineage, but a door may be shut ahead.
    function _isShutOut(
        address patient,
        address who,
        bytes32 compartment,
        bytes32 content,
        bytes32 origin
    ) internal view returns (bool) {
        // once for each record of a batch
        // slither-disable-next-line calls-loop
        return origin != content && CONSENT.isDenied(patient, who, compartment, content);
    }

    /// Why the status of a record forbids what is asked.
    function _statusRefusal(bytes32 recordId, AnchorWord known) internal pure returns (bytes memory) {
        Status status = known.status();
        // an enum beside a time, not a balance
        // slither-disable-next-line incorrect-equality
        if (status == Status.None) return abi.encodeWithSelector(UnknownRecord.selector, recordId);
        return abi.encodeWithSelector(InvalidStatus.selector, recordId, status);
    }

    /// The origin of a record that may be read at all; 0 for one that is unknown or erased.
    function _readableOrigin(address patient, bytes32 compartment, bytes32 content) private view returns (bytes32) {
        bytes32 recordId = Scopes.recordIdOf(patient, compartment, content);
        return _anchors[recordId].isReadable() ? _originOf(recordId, content) : bytes32(0);
    }

    /// Why no such record can be anchored; empty where it can.
    function _anchorRefusal(
        RecordForms.AnchorData memory data,
        bytes32 recordId,
        Link chart
    ) private view returns (bytes memory refusal) {
        if (data.content == 0) return abi.encodeWithSelector(InvalidContent.selector);
        if (data.manifest == 0) return abi.encodeWithSelector(InvalidManifest.selector);
        AnchorWord known = _anchors[recordId];
        if (!known.isEmpty()) {
            if (known.isUpheldBy(known.author())) return abi.encodeWithSelector(AlreadyAnchored.selector, recordId);
            return _statusRefusal(recordId, known);
        }
        if (chart.number() >= AnchorWords.MAX_INDEX - RESERVE) {
            // the last numbers are the patient's own
            // a count, not a balance
            // slither-disable-next-line incorrect-equality
            bool isFull = data.author != data.patient || chart.number() >= AnchorWords.MAX_INDEX;
            if (isFull) return abi.encodeWithSelector(ChartFull.selector, data.patient);
        }
    }
}
