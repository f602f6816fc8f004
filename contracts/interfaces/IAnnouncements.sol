// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Link} from "../types/Link.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title What is only announced: keys delivered, access asked for, requests answered
/// @notice Nothing in here opens or shuts a door: consents are given in {IConsentRegistry} alone.
/// @dev All announcements of a patient are one list, and the deliveries to one grantee another: a list's head counts its entries
/// and has the block of the newest, each event its own number and the block of the one before. So nobody has to scan.
/// @dev Clients prove three mappings in storage. At 3: patient → Link of announcements uint64 | count of requests uint32, the Link
/// lowest. At 4: patient → grantee → Link of deliveries. At 5: patient → request id → word, see {requestOf}.
/// @dev Warning: whoever may write or is credentialed can make these lists longer, but no entry of them decides anything.
interface IAnnouncements is ISignedActions {
    /// @notice What became of a request.
    enum RequestStatus {
        None,
        Open,
        Approved,
        Declined,
        Withdrawn
    }

    /// @notice A capsule with keys of a place, and whom it is sealed to.
    struct Delivery {
        address patient;
        /// Up to 14: an age header of 16 recipients holds them, the patient and the author.
        address[] grantees;
        /// Label of a compartment, 0 for the whole chart.
        bytes32 compartment;
        /// Content of one record of it (the first of its lineage), 0 for all of it.
        bytes32 content;
        /// sha2-256 digest of the capsule's IPFS block.
        bytes32 capsule;
    }

    /// @notice Access that somebody would like to have.
    struct Wish {
        address patient;
        bytes32 scope;
        /// What the requester is credentialed for.
        bytes32 role;
        /// READ, WRITE or both.
        uint8 permissions;
        /// Bit set of purposes; at least one with READ.
        uint64 purposes;
        /// First second at which it would no longer be needed.
        uint40 end;
    }

    /// @notice A request as it was announced.
    struct Request {
        address patient;
        address requester;
        bytes32 scope;
        bytes32 role;
        uint8 permissions;
        uint64 purposes;
        uint40 end;
    }

    /// @notice Thrown when a request is not addressed to another actor.
    error InvalidPatient(address patient);
    /// @notice Thrown when credential `index` of `actor` for `role` does not cover now.
    error NotCredentialed(address actor, bytes32 role, uint256 index);
    /// @notice Thrown when `requester` already has 16 open requests with `patient`.
    error TooManyRequests(address patient, address requester);
    /// @notice Thrown when `patient` has no request `id`, or not the one that was named.
    error UnknownRequest(address patient, uint32 id);
    /// @notice Thrown when a request was answered or withdrawn.
    error RequestClosed(address patient, uint32 id, RequestStatus status);
    /// @notice Thrown when `caller` would withdraw what `requester` asked for.
    error NotRequester(address requester, address caller);
    /// @notice Thrown when `actor` is neither the patient nor a delegate or writer of that place.
    error NotDeliverer(address patient, bytes32 scope, address actor);
    /// @notice Thrown when a capsule's pointer is zero.
    error InvalidCapsule();

    /// @notice Emitted when `by` announces record keys sealed to `grantee`.
    /// @param link The place among the patient's announcements.
    /// @param delivery The place among the patient's deliveries to this grantee.
    event Delivered(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        bytes32 capsule,
        address by,
        Link link,
        Link delivery
    );
    /// @notice Emitted when `requester`, credentialed for `role`, asks `patient` for access until `end`.
    event Requested(
        address indexed patient,
        address indexed requester,
        bytes32 indexed scope,
        uint32 id,
        bytes32 role,
        uint8 permissions,
        uint64 purposes,
        uint40 end,
        Link link
    );
    /// @notice Emitted when `patient` says yes or no to a request.
    event Answered(
        address indexed patient,
        address indexed requester,
        bytes32 indexed scope,
        uint32 id,
        bool approved,
        Link link
    );
    /// @notice Emitted when `requester` takes a request back.
    event Withdrawn(address indexed patient, address indexed requester, bytes32 indexed scope, uint32 id, Link link);

    /// @notice Announces a capsule. By the patient, a delegate with READ, WRITE or MANAGE, or whoever has WRITE there.
    /// @dev A capsule is a hint: its reader checks every key against the record id.
    function deliver(Delivery calldata delivery) external;

    /// @notice {deliver} with the signature of `by`, who may deliver when it is carried.
    function deliverBySig(
        address by,
        Delivery calldata delivery,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice Asks a patient for a grant, as an actor with a credential for the role; at most 16 are open at a time.
    /// @dev Only {answer} and {withdraw} close a request: one whose end is over counts until then.
    /// @param credential Number of the caller's credential for the role that holds now.
    /// @return id Number of the request among the patient's, from 1 on.
    function request(Wish calldata wish, uint256 credential) external returns (uint32 id);

    /// @notice {request} with the requester's signature.
    function requestBySig(
        address requester,
        Wish calldata wish,
        uint256 credential,
        Once calldata once,
        bytes calldata signature
    ) external returns (uint32 id);

    /// @notice Takes an open request of the caller's back.
    /// @param asked The request as it was announced: the chain keeps its digest alone.
    function withdraw(uint32 id, Request calldata asked) external;

    /// @notice {withdraw} with the requester's signature.
    function withdrawBySig(uint32 id, Request calldata asked, Once calldata once, bytes calldata signature) external;

    /// @notice Says yes or no to an open request to the caller.
    /// @dev A yes grants nothing: the grant is an act of its own, and may differ from what was asked.
    /// @param asked The request as it was announced: the chain keeps its digest alone.
    function answer(uint32 id, Request calldata asked, bool approved) external;

    /// @notice {answer} with the patient's signature.
    function answerBySig(
        uint32 id,
        Request calldata asked,
        bool approved,
        Once calldata once,
        bytes calldata signature
    ) external;

    /// @notice Gives up to 200 signatures of the caller's up, by their ids.
    function cancel(uint256[] calldata ids) external;

    /// @notice How many announcements of `patient` there are, and the block of the newest.
    function announcementsOf(address patient) external view returns (Link);

    /// @notice How many capsules of `patient`'s were sealed to `grantee`, and the block of the newest.
    function deliveriesOf(address patient, address grantee) external view returns (Link);

    /// @notice How many requests `patient` ever got.
    function requestsOf(address patient) external view returns (uint32);

    /// @notice How many requests of `requester` to `patient` are open.
    function openRequestsOf(address patient, address requester) external view returns (uint256);

    /// @notice What is kept of a request; 0 where there is none.
    /// @return word keccak256(abi.encode(patient, requester, scope, role, permissions, purposes, end, id)), its lowest byte
    /// replaced by the {RequestStatus}.
    function requestOf(address patient, uint32 id) external view returns (bytes32 word);
}
