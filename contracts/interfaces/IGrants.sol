// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../libraries/GrantTerms.sol";

/// @title What a patient grants, takes back and shuts; part of {IConsentRegistry}
interface IGrants {
    /// @notice One grant of the caller: who may, and on what.
    struct GrantKey {
        address grantee;
        bytes32 scope;
    }

    /// @notice Thrown when a patient would grant to nobody or to themselves.
    error InvalidGrantee(address grantee);
    /// @notice Thrown when a grant would end before it begins, or has ended already.
    error InvalidPeriod(uint40 start, uint40 end);
    /// @notice Thrown when `asOf` lies in the future: nothing can be granted ahead for the time after a lockdown.
    error InvalidAsOf(uint40 asOf);
    /// @notice Thrown when permissions or purposes are empty, unknown or contradictory, or reserved bits are set.
    error InvalidTerms(Terms terms);
    /// @notice Thrown when a list is empty or longer than `limit`.
    error InvalidBatchSize(uint256 count, uint256 limit);

    /// @notice Emitted when `terms` (their revision included) come to stand for `grantee`.
    /// @param capsule sha2-256 digest of the capsule's IPFS block, 0 where none comes with the grant.
    event Granted(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        Terms terms,
        bytes32 capsule
    );
    /// @notice Emitted when a grant is taken back.
    event Revoked(address indexed patient, address indexed grantee, bytes32 indexed scope, uint32 revision);
    /// @notice Emitted when `patient` voids every grant and delegation made so far, and every signature about them.
    event LockedDown(address indexed patient, uint40 lockdownAt);
    /// @notice Emitted when item `index` of a batch is left out; the others stand.
    /// @param reason The custom error that a call for this item alone would have been refused with, encoded.
    event Skipped(uint256 indexed index, bytes reason);

    /// @notice Grants `terms` on the caller's `scope` to `grantee`, replacing what stood there.
    /// @dev Active when start ≤ now < end and `asOf` equals the patient's {lockdownAt}: terms with an older `asOf` are
    /// stored but open nothing. A DENY holds whatever its `asOf`.
    /// @param terms Packed start, end, asOf, purposes and permissions; see `GrantTerms`.
    /// @param capsule sha2-256 digest of the capsule's IPFS block, 0 for none.
    function grant(address grantee, bytes32 scope, Terms terms, bytes32 capsule) external;

    /// @notice Takes the grant for `grantee` on the caller's `scope` back, DENY included. The revision stays and rises.
    /// @dev At the last revision, 2^32 − 1, it just stays, and nothing can be granted there again.
    function revoke(address grantee, bytes32 scope) external;

    /// @notice {revoke} for up to 200 grants at once.
    function revokeMany(GrantKey[] calldata grants) external;

    /// @notice Voids every grant and delegation of the caller at once, and every unused signature about them or about erasure.
    /// What is granted later stands on the new {lockdownAt}. A DENY stays: lockdown never opens a door.
    /// @dev A record that the caller signed to have anchored may still be, until its deadline: that opens nothing.
    function lockdown() external;

    /// @notice May `grantee` exercise `permission` for `purpose`?
    /// @dev Looks at record, compartment, whole chart, narrow to wide. A DENY in time ends the search with false; the first
    /// active grant that has the permission and the purpose ends it with true. The patient may always.
    /// @param compartment Label of the record's compartment; 0 asks about the whole chart alone.
    /// @param content The record's content; 0 asks about no record in particular.
    /// @param permission Exactly READ or WRITE, else the answer is false.
    /// @param purpose Exactly one bit for READ, else the answer is false; ignored for WRITE.
    function canAccess(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bool);

    /// @notice The same question for a member of `group`, a contract that is the grantee and answers `isMember`.
    /// @dev A DENY that holds for the member in person ends the search, too. A group that reverts, answers anything else than
    /// yes, or needs more than 100,000 gas says no.
    function canAccessAs(
        address group,
        address member,
        address patient,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bool);

    /// @notice What stands for `grantee` on `scope`, active or not.
    /// @dev Stored at keccak256(abi.encode(patient, grantee, scope)): who proves a grant by `eth_getProof` asks for that slot.
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms);

    /// @notice The patient's last lockdown: a grant is active only if it was made as of it.
    function lockdownAt(address patient) external view returns (uint40);
}
