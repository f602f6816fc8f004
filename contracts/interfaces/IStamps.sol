// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title e-Stamps as contracts see them; part of {IRecordRegistry}
/// @notice A stamp is EIP-712 data in the domain of the RecordRegistry. It lives in the encrypted manifest, where every
/// reader checks it; a contract that is shown one asks {verifyStamp}.
/// @dev Warning: a stamp on a record that was claimed from a root counts at the root's time; see {IRoots}.
interface IStamps {
    /// @notice Whether a stamp counts.
    enum StampStatus {
        /// It does not.
        None,
        /// It does.
        Counts,
        /// It would, but that the signer's credential was ended in the past, and the signer contests it.
        Contested
    }

    /// @notice Who vouches for which content of which patient, in which role, and when.
    struct Stamp {
        address patient;
        bytes32 compartment;
        bytes32 content;
        /// The signer's role; "patient" for what patients report of themselves.
        bytes32 role;
        /// "authored", "second reading", "received", "dispensed", …
        string statement;
        /// Digest of the stamp before; 0 for the author's.
        bytes32 previous;
        /// Seconds since 1970.
        uint48 issuedAt;
    }

    /// @notice Thrown when `signer` witnessed this digest before.
    error AlreadyWitnessed(address signer, bytes32 digest);

    /// @notice Emitted when `signer` stands for a stamp on chain.
    event Witnessed(address indexed signer, bytes32 indexed digest);

    /// @notice Stands for a stamp on chain, from now on. Stamps of contract accounts count only so: what they answer about a
    /// signature may change. So do co-stamps, where nothing else proves the time: a stolen key could date them back.
    function witness(bytes32 digest) external;

    /// @notice {witness} with the signer's signature. It works once, as no digest is witnessed twice.
    function witnessBySig(address signer, bytes32 digest, uint40 deadline, bytes calldata signature) external;

    /// @notice Does this stamp count, beyond contest?
    function verifyStamp(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        bytes calldata signature
    ) external view returns (bool);

    /// @notice Does this stamp count, or would it but for an end of the signer's credential that is contested? None for records that are
    /// unknown or erased.
    /// @dev It was issued no later than its time, and a credential of the signer's covers both. Its time is that of the anchor,
    /// where the signer anchored the record, or is its patient in the role "patient", and signed with ECDSA; or that of the
    /// witness, or of the anchor where that is later. One of both is enough: witnessing late undoes no stamp.
    /// @dev What patients author of themselves needs no signature: where author, patient and signer are one, in the role "patient", with
    /// the statement "authored" and no stamp before, the anchor is the proof. It outlives the keys of a contract account.
    /// @param credential Number of the signer's credential for the role; nothing for the role "patient".
    /// @param signature Empty where the stamp was witnessed, or needs none.
    function stampStatus(
        Stamp calldata stamp,
        address signer,
        uint256 credential,
        bytes calldata signature
    ) external view returns (StampStatus);

    /// @notice The EIP-712 digest of a stamp.
    function stampDigest(Stamp calldata stamp) external view returns (bytes32);

    /// @notice When `signer` witnessed the digest; 0 where it did not.
    function witnessedAt(address signer, bytes32 digest) external view returns (uint40);
}
