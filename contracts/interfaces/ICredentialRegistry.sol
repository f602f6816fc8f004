// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Who is a practitioner, a laboratory, a researcher …, and from when until when
/// @notice Accredited issuers give credentials to actors, per role, with an end. A credential is never deleted: its
/// history decides whether a stamp of the past was made by somebody who was entitled then.
/// @dev A role is its lower-case English name in a `bytes32` ("practitioner", "laboratory", "pharmacist", "manufacturer",
/// "insurer", "researcher", "ethics", "keeper", "storage"). Who may issue a role is decided by the `AccessManager`, whose
/// delays hold: a new issuer's accreditation may take effect only after a while.
/// @dev A credential is named by its number, so that no question costs more the longer the history is.
/// @dev An end that was filed after it had passed is *retroactive*: the stamps since then count no more. Its holder may contest it;
/// a second issuer, or the administrator, may then stand for the stamps that were made before it was filed.
/// @dev In storage, at 0: actor → role → list of {Credential}; at 1: actor → role → number → {Filing}. Each is one word, its
/// first field lowest.
/// @dev Warning: nothing in here can touch a grant. An issuer says who somebody is, never what they may read.
interface ICredentialRegistry {
    /// @notice How a credential came by its end.
    enum Ending {
        /// Set when it was issued, or set back to a time that was still to come.
        Plain,
        /// Set back to a time that had passed.
        Retroactive,
        /// The same, and its holder says that this is wrong.
        Contested,
        /// It was stood for: the end is when the retroactive one was filed, or the end of before if that is earlier. Final.
        Upheld,
        /// The contest was dismissed: the end stays as it was set. Final.
        Dismissed
    }

    /// @notice What a credential says about a time.
    enum Status {
        None,
        Holds,
        /// It would hold but for a retroactive end that is contested and not settled.
        Contested
    }

    /// @notice One credential, in one word. The period is half-open: `from` ≤ time < `until`.
    struct Credential {
        /// Who issued it.
        address issuer;
        /// Block time of issue; credentials are never dated back.
        uint40 from;
        /// First second at which it no longer holds.
        uint40 until;
        /// How it came by this end.
        Ending ending;
    }

    /// @notice The first retroactive end of a credential, in one word; a later one does not change what can be stood for.
    struct Filing {
        /// Who filed it.
        address by;
        /// Block time of the filing.
        uint40 filedAt;
        /// The end that stood before.
        uint40 formerUntil;
    }

    /// @notice Thrown when `caller` is no accredited issuer of `role`, or may not shorten a credential of it.
    error NotIssuer(address caller, bytes32 role);
    /// @notice Thrown when `caller` is not the `actor` whose credential it is.
    error NotHolder(address caller, address actor);
    /// @notice Thrown when `caller` is neither the administrator nor an accredited issuer of `role` other than who filed the
    /// end and who holds the credential.
    error NotSecondIssuer(address caller, bytes32 role);
    /// @notice Thrown when a credential would end before it begins or last longer than ten years, or a revocation would not
    /// shorten it.
    error InvalidPeriod(uint40 from, uint40 until);
    /// @notice Thrown when a credential would be issued to nobody.
    error InvalidActor(address actor);
    /// @notice Thrown when `actor` has no credential number `index` for `role`.
    error UnknownCredential(address actor, bytes32 role, uint256 index);
    /// @notice Thrown when a credential's end does not allow this: only a retroactive one can be contested, only a contested one
    /// stood for, and one that was stood for is never set back again.
    error InvalidEnding(address actor, bytes32 role, uint256 index, Ending ending);

    /// @notice Emitted when `issuer` gives `actor` a credential for `role`.
    event CredentialIssued(
        address indexed actor,
        bytes32 indexed role,
        address indexed issuer,
        uint256 index,
        uint40 from,
        uint40 until
    );
    /// @notice Emitted when `by` sets the end of a credential back to `until`; retroactive where that lies before the block's time.
    event CredentialRevoked(
        address indexed actor,
        bytes32 indexed role,
        address indexed by,
        uint256 index,
        uint40 until
    );
    /// @notice Emitted when `actor` contests the retroactive end of their credential.
    event CredentialContested(address indexed actor, bytes32 indexed role, uint256 index);
    /// @notice Emitted when `by` stands for what was stamped before a contested end was filed.
    event CredentialUpheld(
        address indexed actor,
        bytes32 indexed role,
        address indexed by,
        uint256 index,
        uint40 until
    );

    /// @notice Emitted when `by` dismisses a contest.
    event CredentialDismissed(address indexed actor, bytes32 indexed role, address indexed by, uint256 index);

    /// @notice Gives `actor` a credential for `role` from now until `until`.
    /// @return index Number of the credential in the actor's list for this role.
    function issue(address actor, bytes32 role, uint40 until) external returns (uint256 index);

    /// @notice Sets the end of a credential back, into the past where a key was stolen then.
    /// @dev By its issuer or, once that issuer is accredited no more, by any issuer of the role in its place: what a rogue
    /// issuer gave can be taken back, while no issuer can touch what an accredited colleague gave. What a stolen key of an
    /// issuer undoes in the past can be contested, and stood for by others.
    /// @dev Refused once the holder contests the end: what is judged is what was filed.
    /// @param until New end: `from` ≤ `until` < present end.
    function revoke(address actor, bytes32 role, uint256 index, uint40 until) external;

    /// @notice Says that the retroactive end of the caller's credential is wrong. Works once.
    /// @dev Nothing counts again by this: readers show what was stamped as contested.
    /// @param actor The caller.
    function contest(address actor, bytes32 role, uint256 index) external;

    /// @notice Lets what was stamped before a contested end was filed count again, for good.
    /// @dev By an accredited issuer of the role who neither filed the end nor holds the credential, or by the administrator through
    /// `AccessManager.execute`, whose delay holds. The credential itself stays ended: since the filing, or since its former end.
    function standFor(address actor, bytes32 role, uint256 index) external;

    /// @notice Ends a contest the other way: what was stamped after the end stays unproven, for good. By whoever may {standFor} it.
    /// @dev Whoever stole the holder's key can contest an honest end as well.
    function dismiss(address actor, bytes32 role, uint256 index) external;

    /// @notice True when credential `index` of `actor` for `role` covers `time`; false where there is none.
    function holds(address actor, bytes32 role, uint256 index, uint40 time) external view returns (bool);

    /// @notice What {holds} says, and whether a no is contested.
    function statusOf(address actor, bytes32 role, uint256 index, uint40 time) external view returns (Status);

    /// @notice Number of credentials that `actor` was ever given for `role`.
    function credentialCount(address actor, bytes32 role) external view returns (uint256);

    /// @notice Up to `count` credentials of `actor` for `role` from number `first` on, oldest first.
    function credentialsOf(
        address actor,
        bytes32 role,
        uint256 first,
        uint256 count
    ) external view returns (Credential[] memory);

    /// @notice The first retroactive end of a credential; all 0 where there is none.
    function filingOf(address actor, bytes32 role, uint256 index) external view returns (Filing memory);

    /// @notice The `AccessManager` role whose members may issue credentials for `role`; never its admin or public role.
    function issuerRoleOf(bytes32 role) external pure returns (uint64);

    /// @notice The `AccessManager` that knows the accredited issuers.
    function authority() external view returns (address);
}
