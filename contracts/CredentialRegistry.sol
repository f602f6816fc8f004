// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";

/// @title Who is who; see {ICredentialRegistry}
contract CredentialRegistry is ICredentialRegistry {
    /// @notice Longest period of a credential.
    uint40 public constant MAX_PERIOD = 3653 days;

    /* STORAGE */

    IAccessManager private immutable _AUTHORITY;

    // proven by clients: their order is part of the format, see ICredentialRegistry
    // written through storage pointers, which slither does not follow
    // slither-disable-next-line uninitialized-state
    mapping(address actor => mapping(bytes32 role => Credential[] credentials)) private _credentials;
    mapping(address actor => mapping(bytes32 role => mapping(uint256 index => Filing filing))) private _filings;

    constructor(IAccessManager manager) {
        _AUTHORITY = manager;
    }

    /* ISSUERS */

    /// @inheritdoc ICredentialRegistry
    function issue(address actor, bytes32 role, uint40 until) external returns (uint256 index) {
        if (!_isAccredited(msg.sender, role)) revert NotIssuer(msg.sender, role);
        if (actor == address(0)) revert InvalidActor(actor);
        uint40 from = uint40(block.timestamp);
        if (until <= from || until - from > MAX_PERIOD) revert InvalidPeriod(from, until);
        Credential[] storage list = _credentials[actor][role];
        index = list.length;

        list.push(Credential({issuer: msg.sender, from: from, until: until, ending: Ending.Plain}));

        emit CredentialIssued(actor, role, msg.sender, index, from, until);
    }

    /// @inheritdoc ICredentialRegistry
    function revoke(address actor, bytes32 role, uint256 index, uint40 until) external {
        Credential storage credential = _credential(actor, role, index);
        (address issuer, uint40 formerUntil) = (credential.issuer, credential.until);
        bool allowed = _isMember(issuer, role) ? msg.sender == issuer : _isAccredited(msg.sender, role);
        if (!allowed) revert NotIssuer(msg.sender, role);
        if (until < credential.from || until >= formerUntil) revert InvalidPeriod(credential.from, until);
        Ending ending = credential.ending;
        // what others judge, or have judged, is no longer moved
        if (ending > Ending.Retroactive) revert InvalidEnding(actor, role, index, ending);

        credential.until = until;
        // a second end in the past keeps the first filing: two steps back undo no more than one
        if (until < block.timestamp && ending == Ending.Plain) {
            credential.ending = Ending.Retroactive;
            _filings[actor][role][index] = Filing({
                by: msg.sender,
                filedAt: uint40(block.timestamp),
                formerUntil: formerUntil
            });
        }

        emit CredentialRevoked(actor, role, msg.sender, index, until);
    }

    /* HOLDERS */

    /// @inheritdoc ICredentialRegistry
    function contest(address actor, bytes32 role, uint256 index) external {
        if (msg.sender != actor) revert NotHolder(msg.sender, actor);
        Credential storage credential = _credential(actor, role, index);
        _requireEnding(actor, role, index, Ending.Retroactive);

        credential.ending = Ending.Contested;

        emit CredentialContested(actor, role, index);
    }

    /* SECOND ISSUERS AND THE ADMINISTRATOR */

    /// @inheritdoc ICredentialRegistry
    function standFor(address actor, bytes32 role, uint256 index) external {
        Credential storage credential = _credential(actor, role, index);
        _requireSettler(actor, role, index);
        uint40 until = _undisputedEnd(_filings[actor][role][index]);

        credential.until = until;
        credential.ending = Ending.Upheld;

        emit CredentialUpheld(actor, role, msg.sender, index, until);
    }

    /// @inheritdoc ICredentialRegistry
    function dismiss(address actor, bytes32 role, uint256 index) external {
        Credential storage credential = _credential(actor, role, index);
        _requireSettler(actor, role, index);

        credential.ending = Ending.Dismissed;

        emit CredentialDismissed(actor, role, msg.sender, index);
    }

    /* VIEWS */

    /// @inheritdoc ICredentialRegistry
    function holds(address actor, bytes32 role, uint256 index, uint40 time) external view returns (bool) {
        Credential[] storage list = _credentials[actor][role];
        if (index >= list.length) return false;
        Credential storage credential = list[index];
        return credential.from <= time && time < credential.until;
    }

    /// @inheritdoc ICredentialRegistry
    function statusOf(address actor, bytes32 role, uint256 index, uint40 time) external view returns (Status) {
        Credential[] storage list = _credentials[actor][role];
        if (index >= list.length) return Status.None;
        Credential storage credential = list[index];
        if (time < credential.from) return Status.None;
        if (time < credential.until) return Status.Holds;
        if (credential.ending != Ending.Contested) return Status.None;
        return time < _undisputedEnd(_filings[actor][role][index]) ? Status.Contested : Status.None;
    }

    /// @inheritdoc ICredentialRegistry
    function credentialCount(address actor, bytes32 role) external view returns (uint256) {
        return _credentials[actor][role].length;
    }

    /// @inheritdoc ICredentialRegistry
    function credentialsOf(
        address actor,
        bytes32 role,
        uint256 first,
        uint256 count
    ) external view returns (Credential[] memory page) {
        Credential[] storage list = _credentials[actor][role];
        if (first >= list.length) return page;
        page = new Credential[](Math.min(count, list.length - first));
        for (uint256 i = 0; i < page.length; ++i) page[i] = list[first + i];
    }

    /// @inheritdoc ICredentialRegistry
    function filingOf(address actor, bytes32 role, uint256 index) external view returns (Filing memory) {
        return _filings[actor][role][index];
    }

    /// @inheritdoc ICredentialRegistry
    function issuerRoleOf(bytes32 role) public pure returns (uint64) {
        // neither 0, the admins', nor 2^64−1, everybody's
        return (uint64(uint256(keccak256(abi.encode(role)))) >> 1) | 1;
    }

    /// @inheritdoc ICredentialRegistry
    function authority() external view returns (address) {
        return address(_AUTHORITY);
    }

    /* PRIVATE */

    function _credential(address actor, bytes32 role, uint256 index) private view returns (Credential storage) {
        Credential[] storage list = _credentials[actor][role];
        if (index >= list.length) revert UnknownCredential(actor, role, index);
        return list[index];
    }

    function _requireEnding(address actor, bytes32 role, uint256 index, Ending required) private view {
        Ending ending = _credentials[actor][role][index].ending;
        if (ending != required) revert InvalidEnding(actor, role, index, ending);
    }

    /// A contest is settled by the administrator, or by an accredited issuer who neither filed the end nor holds the credential.
    function _requireSettler(address actor, bytes32 role, uint256 index) private view {
        _requireEnding(actor, role, index, Ending.Contested);
        if (msg.sender == address(_AUTHORITY)) return;
        bool isConcerned = msg.sender == _filings[actor][role][index].by || msg.sender == actor;
        if (isConcerned || !_isAccredited(msg.sender, role)) revert NotSecondIssuer(msg.sender, role);
    }

    /// Until when the credential held, had nobody set its end back into the past.
    function _undisputedEnd(Filing storage filing) private view returns (uint40) {
        return uint40(Math.min(filing.formerUntil, filing.filedAt));
    }

    function _isMember(address issuer, bytes32 role) private view returns (bool isMember) {
        // a delay does not matter here
        // slither-disable-next-line unused-return
        (isMember, ) = _AUTHORITY.hasRole(issuerRoleOf(role), issuer);
    }

    function _isAccredited(address issuer, bytes32 role) private view returns (bool) {
        (bool isMember, uint32 delay) = _AUTHORITY.hasRole(issuerRoleOf(role), issuer);
        // nothing here can be scheduled: whoever may act only after a delay may not act at once
        return isMember && delay == 0;
    }
}
