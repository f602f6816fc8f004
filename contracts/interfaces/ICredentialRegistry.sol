// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Who is a practitioner, a laboratory, a researcher …, and from when until when
/// @notice Accredited issuers give credentials to actors, per role, with an end. A credential is never deleted: its
/// history decides whether a stamp of the past was made by somebody who was entitled then.
/// @dev A role is its lower-case English name in a `bytes32` ("practitioner", "laboratory", "pharmacist", "manufacturer",
/// "insurer", "researcher", "ethics", "keeper", "storage"). Who may issue a role is decided by the `AccessManager`, whose
/// delays hold: a new issuer's accreditation may take effect only after a while.
/// @dev A credential is named by its number, so that no question costs more the longer the history is.
/// @dev Warning: nothing in here can touch a grant. An issuer says who somebody is, never what they may read.
interface ICredentialRegistry {
    /// @notice One credential. The period is half-open: `from` ≤ time < `until`.
    struct Credential {
        /// Who issued it.
        address issuer;
        /// Block time of issue; credentials are never dated back.
        uint40 from;
        /// First second at which it no longer holds.
        uint40 until;
    }

    /// @notice Thrown when `caller` is no accredited issuer of `role`, or may not shorten a credential of it.
    error NotIssuer(address caller, bytes32 role);
    /// @notice Thrown when a credential would end before it begins or last longer than ten years, or a revocation would not
    /// shorten it.
    error InvalidPeriod(uint40 from, uint40 until);
    /// @notice Thrown when a credential would be issued to nobody.
    error InvalidActor(address actor);
    /// @notice Thrown when `actor` has no credential number `index` for `role`.
    error UnknownCredential(address actor, bytes32 role, uint256 index);

    /// @notice Emitted when `issuer` gives `actor` a credential for `role`.
    event CredentialIssued(
        address indexed actor,
        bytes32 indexed role,
        address indexed issuer,
        uint256 index,
        uint40 from,
        uint40 until
    );
    /// @notice Emitted when `by` sets the end of a credential back to `until`.
    event CredentialRevoked(
        address indexed actor,
        bytes32 indexed role,
        address indexed by,
        uint256 index,
        uint40 until
    );

    /// @notice Gives `actor` a credential for `role` from now until `until`.
    /// @return index Number of the credential in the actor's list for this role.
    function issue(address actor, bytes32 role, uint40 until) external returns (uint256 index);

    /// @notice Sets the end of a credential back, into the past where a key was stolen then.
    /// @dev By its issuer or, once that issuer is accredited no more, by any issuer of the role in its place: what a rogue
    /// issuer gave can be taken back, while no issuer can touch what an accredited colleague gave. A stolen key of an issuer
    /// can undo credentials, and the stamps made under them, only until its accreditation is withdrawn.
    /// @param until New end: `from` ≤ `until` < present end.
    function revoke(address actor, bytes32 role, uint256 index, uint40 until) external;

    /// @notice True when credential `index` of `actor` for `role` covers `time`; false where there is none.
    function holds(address actor, bytes32 role, uint256 index, uint40 time) external view returns (bool);

    /// @notice Number of credentials that `actor` was ever given for `role`.
    function credentialCount(address actor, bytes32 role) external view returns (uint256);

    /// @notice Up to `count` credentials of `actor` for `role` from number `first` on, oldest first.
    function credentialsOf(
        address actor,
        bytes32 role,
        uint256 first,
        uint256 count
    ) external view returns (Credential[] memory);

    /// @notice The `AccessManager` role whose members may issue credentials for `role`; never its admin or public role.
    function issuerRoleOf(bytes32 role) external pure returns (uint64);

    /// @notice The `AccessManager` that knows the accredited issuers.
    function authority() external view returns (address);
}
