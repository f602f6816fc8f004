// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Change} from "../types/Change.sol";
import {Terms} from "../types/GrantTerms.sol";
import {PersonState} from "../types/PersonState.sol";

/// @title What a patient grants, takes back and shuts; part of {IConsentRegistry}
/// @dev Acts are of two kinds. One that *opens* (grant, lift, delegate, and what a delegate grants) is refused where it can't be
/// done. One that *shuts* (revoke, deny, undelegate, lockdown) never fails for what stands there: what can't be done is told by
/// `Skipped`. Every act of a person ends the signatures with which they would have opened something; see {ISignedConsents}.
interface IGrants {
    /// @notice One grant of a patient's: who may, and on what.
    struct GrantKey {
        address grantee;
        bytes32 scope;
    }

    /// @notice Thrown when a patient would grant to nobody or to themselves.
    error InvalidGrantee(address grantee);
    /// @notice Thrown when a grant would end before it begins, or has ended already.
    error InvalidPeriod(uint40 start, uint40 end);
    /// @notice Thrown when permissions or purposes are empty, unknown or contradictory, or reserved bits are set.
    error InvalidTerms(Terms terms);
    /// @notice Thrown when a DENY stands for `grantee` on `scope`, and nothing was said of lifting just this one.
    error DenyStands(address grantee, bytes32 scope);
    /// @notice Thrown when no DENY stands there that could be lifted.
    error NoDeny(address grantee, bytes32 scope);
    /// @notice Told when nothing stands there that could be taken back.
    error NothingStands(address grantee, bytes32 scope);

    /// @notice Emitted when `terms` come to stand for `grantee`.
    /// @param capsule sha2-256 digest of the capsule's IPFS block, 0 where none comes with the grant.
    event Granted(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        Terms terms,
        bytes32 capsule,
        Change change
    );
    /// @notice Emitted when a grant is taken back: `terms` has nothing but its place.
    event Revoked(address indexed patient, address indexed grantee, bytes32 indexed scope, Terms terms, Change change);
    /// @notice Emitted when a door is shut for `grantee`.
    event Denied(address indexed patient, address indexed grantee, bytes32 indexed scope, Terms terms, Change change);
    /// @notice Emitted when a DENY is taken away, and nothing put in its place.
    event Lifted(address indexed patient, address indexed grantee, bytes32 indexed scope, Terms terms, Change change);
    /// @notice Emitted when `patient` voids every grant and delegation made so far, and every signature that would open.
    event LockedDown(address indexed patient, uint40 era, Change change);

    /// @notice Grants `terms` on the caller's `scope` to `grantee`, replacing what stood there.
    /// @dev Refused where a DENY stands: {lift} it first. In force while start ≤ now < end, in the caller's present era.
    /// @param terms Packed start, end, purposes and permissions; see `GrantTerms`. The era is the present one, whatever it says.
    /// @param capsule sha2-256 digest of the capsule's IPFS block, 0 for none.
    function grant(address grantee, bytes32 scope, Terms terms, bytes32 capsule) external;

    /// @notice Takes the grant for `grantee` on the caller's `scope` back. A DENY stays: see {lift}.
    function revoke(address grantee, bytes32 scope) external;

    /// @notice {revoke} for up to 200 grants at once.
    function revokeMany(GrantKey[] calldata grants) external;

    /// @notice Shuts the caller's `scope` for `grantee`, whatever else is granted, now or later, until it is lifted.
    function deny(address grantee, bytes32 scope) external;

    /// @notice Takes the DENY for `grantee` on the caller's `scope` away. Nothing stands there then.
    function lift(address grantee, bytes32 scope) external;

    /// @notice {lift} for up to 200 at once; what is none is left out with `Skipped`.
    function liftMany(GrantKey[] calldata denials) external;

    /// @notice Voids every grant and delegation of the caller at once, and every signature that would open something.
    /// @dev A DENY of the caller's own stays: lockdown never opens a door. A delegate's DENY ends with the era.
    /// @param salt Drawn by the caller's device and never used before: nobody can foresee the next era.
    function lockdown(bytes32 salt) external;

    /// @notice May `grantee` exercise `permission` for `purpose`? The patient may always.
    /// @dev Yes where no DENY for them stands on the record, its compartment or the chart, and a grant in force on one of these
    /// permits it. No order among them: a DENY always wins. Grants to groups do not count here, see {canAccessAs}.
    /// @param compartment Label of the record's compartment; 0 asks about the whole chart alone.
    /// @param content The content of the record, or of the first of its lineage where it is an amendment (see
    /// `IRecordRegistry.originOf`); 0 asks about no record in particular.
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

    /// @notice May `member` read as one of `group`, a contract that is the grantee and answers `isMember`?
    /// @dev The grant must have the bit GROUP. A DENY for the group or for the member in person wins. A group that reverts,
    /// answers anything else than yes, or needs more than 100,000 gas says no.
    function canAccessAs(
        address group,
        address member,
        address patient,
        bytes32 compartment,
        bytes32 content,
        uint64 purpose
    ) external view returns (bool);

    /// @notice Does a DENY for `who` stand on the place, its compartment or the chart?
    /// @dev Contracts that let somebody act without a grant, as a delegate or an author, ask this beside.
    function isDenied(address patient, address who, bytes32 compartment, bytes32 content) external view returns (bool);

    /// @notice The grant by which {canAccess} says yes, for receipts that cite it: the narrowest in force.
    /// @return scope Where it stands.
    /// @return terms What stands there; 0 where nothing permits, and for the patient, who needs none.
    function permittingGrant(
        address patient,
        address grantee,
        bytes32 compartment,
        bytes32 content,
        uint8 permission,
        uint64 purpose
    ) external view returns (bytes32 scope, Terms terms);

    /// @notice What stands for `grantee` on `scope`, in force or not.
    /// @dev Stored at keccak256(abi.encode(patient, grantee, scope)): who proves a grant by `eth_getProof` asks for that slot.
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (Terms);

    /// @notice What orders a person's acts: era, stand, number, and how many changes and slots there are.
    function stateOf(address person) external view returns (PersonState);
}
