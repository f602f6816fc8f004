// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";

/// @title Who is who; see {ICredentialRegistry}
contract CredentialRegistry is ICredentialRegistry {
    /// @notice Longest list of credentials per actor and role, so that {holds} stays cheap.
    uint256 public constant MAX_CREDENTIALS = 64;

    /* STORAGE */

    IAccessManager private immutable _AUTHORITY;

    mapping(address actor => mapping(bytes32 role => Credential[] credentials)) private _credentials;

    constructor(IAccessManager manager) {
        _AUTHORITY = manager;
    }

    /* ISSUERS */

    /// @inheritdoc ICredentialRegistry
    function issue(address actor, bytes32 role, uint40 until) external returns (uint256 index) {
        (bool accredited, uint32 delay) = _AUTHORITY.hasRole(issuerRoleOf(role), msg.sender);
        // nothing here can be scheduled: whoever may act only after a delay may not act at once
        if (!accredited || delay != 0) revert NotIssuer(msg.sender, role);
        if (actor == address(0)) revert InvalidActor(actor);
        uint40 from = uint40(block.timestamp);
        if (until <= from) revert InvalidPeriod(from, until);
        Credential[] storage list = _credentials[actor][role];
        index = list.length;
        if (index == MAX_CREDENTIALS) revert TooManyCredentials(actor, role, MAX_CREDENTIALS);

        list.push(Credential({issuer: msg.sender, from: from, until: until}));

        emit CredentialIssued(actor, role, msg.sender, index, from, until);
    }

    /// @inheritdoc ICredentialRegistry
    function revoke(address actor, bytes32 role, uint256 index, uint40 until) external {
        Credential[] storage list = _credentials[actor][role];
        if (index >= list.length) revert UnknownCredential(actor, role, index);
        Credential storage credential = list[index];
        if (credential.issuer != msg.sender) revert NotIssuer(msg.sender, role);
        if (until < credential.from || until >= credential.until) revert InvalidPeriod(credential.from, until);

        credential.until = until;

        emit CredentialRevoked(actor, role, msg.sender, index, until);
    }

    /* VIEWS */

    /// @inheritdoc ICredentialRegistry
    function holds(address actor, bytes32 role, uint40 time) external view returns (bool) {
        Credential[] storage list = _credentials[actor][role];
        // newest first: it is the one that mostly counts
        for (uint256 i = list.length; i > 0; --i) {
            Credential storage credential = list[i - 1];
            if (credential.from <= time && time < credential.until) return true;
        }
        return false;
    }

    /// @inheritdoc ICredentialRegistry
    function credentialsOf(address actor, bytes32 role) external view returns (Credential[] memory) {
        return _credentials[actor][role];
    }

    /// @inheritdoc ICredentialRegistry
    function issuerRoleOf(bytes32 role) public pure returns (uint64) {
        return uint64(uint256(keccak256(abi.encode(role))));
    }

    /// @inheritdoc ICredentialRegistry
    function authority() external view returns (address) {
        return address(_AUTHORITY);
    }
}
