// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAnnouncements} from "./interfaces/IAnnouncements.sol";
import {IConsentRegistry} from "./interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";
import {IDelegations} from "./interfaces/IDelegations.sol";
import {IGrants} from "./interfaces/IGrants.sol";
import {AnnouncementForms} from "./types/AnnouncementForms.sol";
import {DelegationTerms} from "./types/DelegationTerms.sol";
import {GrantTerms, Terms} from "./types/GrantTerms.sol";
import {Link} from "./types/Link.sol";
import {Scopes} from "./types/Scopes.sol";
import {SignedActions} from "./utils/SignedActions.sol";

/// @title What is only announced; see {IAnnouncements}
contract Announcements is IAnnouncements, SignedActions {
    /// @notice Most grantees of one capsule: an age header of 16 recipients holds them, the patient and the author.
    uint256 public constant MAX_GRANTEES = 14;
    /// @notice Most requests that one requester has open with one patient.
    uint256 public constant MAX_OPEN_REQUESTS = 16;

    uint8 private constant ANY_DELEGATE = GrantTerms.READ | GrantTerms.WRITE | DelegationTerms.MANAGE;
    uint8 private constant WISHES = GrantTerms.READ | GrantTerms.WRITE;

    /// @notice Knows who may deliver.
    IConsentRegistry public immutable CONSENT;
    /// @notice Knows who may ask for access.
    ICredentialRegistry public immutable CREDENTIALS;

    /// What is counted per patient, in one word.
    struct Counts {
        Link announcements;
        uint32 requests;
    }

    /* STORAGE */

    // the first three are proven by clients: their order is part of the format, see IAnnouncements
    mapping(address patient => Counts counts) private _counts;
    mapping(address patient => mapping(address grantee => Link deliveries)) private _deliveries;
    mapping(address patient => mapping(uint32 id => bytes32 word)) private _requests;
    mapping(address patient => mapping(address requester => uint256 count)) private _open;

    constructor(IConsentRegistry consent, ICredentialRegistry credentials) EIP712("CareKey Announcements", "1") {
        CONSENT = consent;
        CREDENTIALS = credentials;
    }

    /* PATIENTS, DELEGATES AND WRITERS */

    /// @inheritdoc IAnnouncements
    function deliver(Delivery calldata delivery) external {
        _deliver(msg.sender, delivery);
    }

    /// @inheritdoc IAnnouncements
    function deliverBySig(
        address by,
        Delivery calldata delivery,
        Once calldata once,
        bytes calldata signature
    ) external {
        _useSigned(by, AnnouncementForms.hashDeliver(by, delivery, once), once, signature);
        _deliver(by, delivery);
    }

    /* CREDENTIALED ACTORS */

    /// @inheritdoc IAnnouncements
    function request(Wish calldata wish, uint256 credential) external returns (uint32 id) {
        return _request(msg.sender, wish, credential);
    }

    /// @inheritdoc IAnnouncements
    function requestBySig(
        address requester,
        Wish calldata wish,
        uint256 credential,
        Once calldata once,
        bytes calldata signature
    ) external returns (uint32 id) {
        _useSigned(requester, AnnouncementForms.hashRequest(requester, wish, credential, once), once, signature);
        return _request(requester, wish, credential);
    }

    /// @inheritdoc IAnnouncements
    function withdraw(uint32 id, Request calldata asked) external {
        if (msg.sender != asked.requester) revert NotRequester(asked.requester, msg.sender);
        _withdraw(id, asked);
    }

    /// @inheritdoc IAnnouncements
    function withdrawBySig(uint32 id, Request calldata asked, Once calldata once, bytes calldata signature) external {
        _useSigned(asked.requester, AnnouncementForms.hashWithdraw(id, asked, once), once, signature);
        _withdraw(id, asked);
    }

    /* PATIENTS */

    /// @inheritdoc IAnnouncements
    function answer(uint32 id, Request calldata asked, bool approved) external {
        if (msg.sender != asked.patient) revert UnknownRequest(msg.sender, id);
        _answer(id, asked, approved);
    }

    /// @inheritdoc IAnnouncements
    function answerBySig(
        uint32 id,
        Request calldata asked,
        bool approved,
        Once calldata once,
        bytes calldata signature
    ) external {
        _useSigned(asked.patient, AnnouncementForms.hashAnswer(id, asked, approved, once), once, signature);
        _answer(id, asked, approved);
    }

    /* SIGNERS */

    /// @inheritdoc IAnnouncements
    function cancel(uint256[] calldata ids) external {
        _cancel(msg.sender, ids);
    }

    /* VIEWS */

    /// @inheritdoc IAnnouncements
    function announcementsOf(address patient) external view returns (Link) {
        return _counts[patient].announcements;
    }

    /// @inheritdoc IAnnouncements
    function deliveriesOf(address patient, address grantee) external view returns (Link) {
        return _deliveries[patient][grantee];
    }

    /// @inheritdoc IAnnouncements
    function requestsOf(address patient) external view returns (uint32) {
        return _counts[patient].requests;
    }

    /// @inheritdoc IAnnouncements
    function openRequestsOf(address patient, address requester) external view returns (uint256) {
        return _open[patient][requester];
    }

    /// @inheritdoc IAnnouncements
    function requestOf(address patient, uint32 id) external view returns (bytes32 word) {
        return _requests[patient][id];
    }

    /* PRIVATE */

    function _deliver(address by, Delivery calldata delivery) private {
        address patient = delivery.patient;
        bytes32 scope = _requireDeliverer(by, patient, delivery.compartment, delivery.content);
        if (delivery.capsule == 0) revert InvalidCapsule();
        address[] calldata grantees = delivery.grantees;
        _requireBatch(grantees.length, MAX_GRANTEES);

        Link head = _counts[patient].announcements;
        for (uint256 i = 0; i < grantees.length; ++i) {
            address grantee = grantees[i];
            if (grantee == address(0)) revert IGrants.InvalidGrantee(grantee);
            (Link link, Link entry) = (head.entry(), _deliveries[patient][grantee].entry());
            head = link.head();
            _deliveries[patient][grantee] = entry.head();

            emit Delivered(patient, grantee, scope, delivery.capsule, by, link, entry);
        }
        _counts[patient].announcements = head;
    }

    function _requireDeliverer(
        address by,
        address patient,
        bytes32 compartment,
        bytes32 content
    ) private view returns (bytes32 scope) {
        if (!Scopes.isPlace(compartment, content)) revert IDelegations.InvalidPlace(compartment, content);
        scope = Scopes.scopeOf(patient, compartment, content);
        bool allowed =
            CONSENT.canWrite(patient, by, compartment, content) ||
                CONSENT.isDelegate(patient, by, compartment, content, ANY_DELEGATE);
        if (!allowed) revert NotDeliverer(patient, scope, by);
    }

    function _request(address requester, Wish calldata wish, uint256 credential) private returns (uint32 id) {
        address patient = wish.patient;
        if (patient == address(0) || patient == requester) revert InvalidPatient(patient);
        Terms terms = GrantTerms.pack(0, wish.end, 0, wish.purposes, wish.permissions);
        if (!terms.isWellFormed() || wish.permissions & ~WISHES != 0) revert IGrants.InvalidTerms(terms);
        if (!terms.isTimely(block.timestamp)) revert IGrants.InvalidPeriod(0, wish.end);
        if (!CREDENTIALS.holds(requester, wish.role, credential, uint40(block.timestamp))) {
            revert NotCredentialed(requester, wish.role, credential);
        }
        uint256 open = _open[patient][requester];
        if (open == MAX_OPEN_REQUESTS) revert TooManyRequests(patient, requester);

        _open[patient][requester] = open + 1;
        id = ++_counts[patient].requests;
        Request memory asked = Request({
            patient: patient,
            requester: requester,
            scope: wish.scope,
            role: wish.role,
            permissions: wish.permissions,
            purposes: wish.purposes,
            end: wish.end
        });
        _requests[patient][id] = _wordOf(id, asked, RequestStatus.Open);

        _tellRequested(id, asked, _announce(patient));
    }

    function _tellRequested(uint32 id, Request memory asked, Link link) private {
        emit Requested(
            asked.patient,
            asked.requester,
            asked.scope,
            id,
            asked.role,
            asked.permissions,
            asked.purposes,
            asked.end,
            link
        );
    }

    function _withdraw(uint32 id, Request calldata asked) private {
        Link link = _close(id, asked, RequestStatus.Withdrawn);

        emit Withdrawn(asked.patient, asked.requester, asked.scope, id, link);
    }

    function _answer(uint32 id, Request calldata asked, bool approved) private {
        Link link = _close(id, asked, approved ? RequestStatus.Approved : RequestStatus.Declined);

        emit Answered(asked.patient, asked.requester, asked.scope, id, approved, link);
    }

    function _close(uint32 id, Request calldata asked, RequestStatus status) private returns (Link link) {
        address patient = asked.patient;
        bytes32 standing = _requests[patient][id];
        bytes32 word = _wordOf(id, asked, status);
        if (standing >> 8 != word >> 8) revert UnknownRequest(patient, id);
        RequestStatus former = RequestStatus(uint8(uint256(standing)));
        if (former != RequestStatus.Open) revert RequestClosed(patient, id, former);

        _requests[patient][id] = word;
        --_open[patient][asked.requester];
        return _announce(patient);
    }

    /// The next place among the patient's announcements.
    function _announce(address patient) private returns (Link link) {
        link = _counts[patient].announcements.entry();
        _counts[patient].announcements = link.head();
    }

    function _wordOf(uint32 id, Request memory asked, RequestStatus status) private pure returns (bytes32) {
        bytes32 digest = keccak256(abi.encode(asked, id));
        return ((digest >> 8) << 8) | bytes32(uint256(status));
    }
}
