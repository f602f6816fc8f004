// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {ICorrections} from "../../../contracts/interfaces/ICorrections.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {Link} from "../../../contracts/types/Link.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {RecordSigning} from "./RecordSigning.sol";
import {SignedForms} from "./SignedForms.sol";
import {Signing} from "./Signing.sol";

/// Everything deployed as on a real chain; one patient who lets two people write in one compartment.
abstract contract RecordsTest is SignedForms {
    uint40 internal constant T0 = 1_900_000_000;
    uint32 internal constant BLOCK = 7000;
    /// End of grants and delegations.
    uint40 internal constant END = T0 + 1000;
    uint40 internal constant DEADLINE = T0 + 100;

    uint8 internal constant READ = 1;
    uint8 internal constant WRITE = 2;
    uint8 internal constant DENY = 4;
    uint8 internal constant GROUP = 16;
    uint8 internal constant MANAGE = 64;
    uint64 internal constant TREATMENT = 1;

    bytes32 internal constant CHART = 0;
    bytes32 internal constant CARDIOLOGY = bytes32(uint256(0xCA));
    bytes32 internal constant IMAGING = bytes32(uint256(0x1A));
    bytes32 internal constant CONTENT = keccak256("an ECG");
    bytes32 internal constant NEW_CONTENT = keccak256("an ECG, corrected");
    bytes32 internal constant MANIFEST = keccak256("its manifest");
    bytes32 internal constant NEW_MANIFEST = keccak256("its manifest, sealed anew");
    bytes32 internal constant REASON = "entered in error";

    uint256 internal constant PATIENT_KEY = 0xA11CE;
    uint256 internal constant AUTHOR_KEY = 0xD0C;
    uint256 internal constant OUTSIDER_KEY = 0xBAD;

    address internal _patient = vm.addr(PATIENT_KEY);
    address internal _author = vm.addr(AUTHOR_KEY);
    address internal _outsider = vm.addr(OUTSIDER_KEY);
    /// Writes in the same compartment as the author.
    address internal _colleague = address(0xC011);
    /// May do what a test delegates to them.
    address internal _carer = address(0xCA4E);
    address internal _issuer = address(0x1550E4);

    AccessManager internal _manager;
    CredentialRegistry internal _credentials;
    ConsentRegistry internal _consent;
    RecordRegistry internal _records;

    function setUp() public virtual {
        vm.warp(T0);
        vm.roll(BLOCK);
        _manager = new AccessManager(address(this));
        _credentials = new CredentialRegistry(_manager);
        _consent = new ConsentRegistry();
        _records = new RecordRegistry(_consent, _credentials);
        _grant(_author, CARDIOLOGY, WRITE);
        _grant(_colleague, CARDIOLOGY, WRITE);
    }

    /* CONSENT */

    function _grant(address grantee, bytes32 scope, uint8 permissions) internal {
        _grant(grantee, scope, permissions, T0, END);
    }

    function _grant(address grantee, bytes32 scope, uint8 permissions, uint256 start, uint256 end) internal {
        uint256 word = _pack(start, end, permissions & READ, permissions);
        vm.prank(_patient);
        _consent.grant(grantee, scope, Terms.wrap(word), 0);
    }

    function _deny(address grantee, bytes32 scope) internal {
        vm.prank(_patient);
        _consent.deny(grantee, scope);
    }

    function _lift(address grantee, bytes32 scope) internal {
        vm.prank(_patient);
        _consent.lift(grantee, scope);
    }

    function _delegate(address delegate, bytes32 scope, uint8 permissions) internal {
        uint256 word = _pack(0, END, permissions & READ, permissions);
        vm.prank(_patient);
        _consent.delegate(delegate, scope, Delegation.wrap(word));
    }

    function _revoke(address grantee, bytes32 scope) internal {
        vm.prank(_patient);
        _consent.revoke(grantee, scope);
    }

    function _lockdown() internal {
        vm.prank(_patient);
        _consent.lockdown("salt");
    }

    /// Lowest in the state of a person.
    function _era() internal view returns (uint40) {
        return uint40(PersonState.unwrap(_consent.stateOf(_patient)) % 2 ** 40);
    }

    /* CREDENTIALS */

    /// Accredits the issuer for a role, and has the actor credentialed from now until `until`.
    function _credential(address actor, bytes32 role, uint40 until) internal returns (uint256 index) {
        _manager.grantRole(_credentials.issuerRoleOf(role), _issuer, 0);
        vm.prank(_issuer);
        return _credentials.issue(actor, role, until);
    }

    /* RECORDS */

    /// A record's id, computed apart from the contracts.
    function _idOf(address patient, bytes32 compartment, bytes32 content) internal pure returns (bytes32) {
        uint256 word = uint256(keccak256(abi.encode(patient, compartment, content)));
        return bytes32((word % 2 ** 255) + 2 ** 255);
    }

    /// The id of the patient's record in cardiology.
    function _id(bytes32 content) internal view returns (bytes32) {
        return _idOf(_patient, CARDIOLOGY, content);
    }

    /// The author anchors a record in cardiology.
    function _anchor(bytes32 content) internal returns (bytes32 recordId) {
        vm.prank(_author);
        return _records.anchor(_patient, CARDIOLOGY, content, MANIFEST);
    }

    /// The record in cardiology, corrected.
    function _amendment() internal view returns (ICorrections.Amendment memory) {
        return ICorrections.Amendment(_patient, CARDIOLOGY, CONTENT, NEW_CONTENT, NEW_MANIFEST, REASON);
    }

    function _erase(bytes32 content) internal {
        vm.prank(_patient);
        _records.requestErasure(CARDIOLOGY, content);
    }

    /// Number and block: of the newest, or of the one before.
    function _link(uint256 number, uint256 lastAt) internal pure returns (Link) {
        return Link.wrap(uint64(number + lastAt * 2 ** 32));
    }

    /* EXPECTATIONS */

    function _expectAnchored(bytes32 content, bytes32 manifest, uint256 number, uint256 before) internal {
        _expectAnchored(CARDIOLOGY, content, manifest, number, before);
    }

    function _expectAnchored(
        bytes32 compartment,
        bytes32 content,
        bytes32 manifest,
        uint256 number,
        uint256 before
    ) internal {
        vm.expectEmit(address(_records));
        emit IAnchors.Anchored(
            _patient,
            _idOf(_patient, compartment, content),
            compartment,
            content,
            manifest,
            _link(number, before)
        );
    }

    function _expectSkipped(uint256 index, bytes memory reason) internal {
        vm.expectEmit(address(_records));
        emit ISignedActions.Skipped(index, reason);
    }

    function _checkAnchor(bytes32 recordId, address author, uint256 time, IAnchors.Status status) internal view {
        IAnchors.Anchor memory found = _records.anchorOf(recordId);
        vm.assertEq(found.author, author, "author");
        vm.assertEq(found.anchoredAt, time, "anchoredAt");
        vm.assertEq(uint256(found.status), uint256(status), "status");
    }

    function _checkPlace(bytes32 recordId, uint256 index, uint256 writtenAt) internal view {
        vm.assertEq(_records.anchorOf(recordId).index, index, "index");
        vm.assertEq(_records.anchorOf(recordId).writtenAt, writtenAt, "writtenAt");
    }

    function _checkNoAnchor(bytes32 recordId) internal view {
        _checkAnchor(recordId, address(0), 0, IAnchors.Status.None);
        _checkPlace(recordId, 0, 0);
    }

    function _checkLink(Link link, uint256 number, uint256 lastAt, string memory what) internal pure {
        vm.assertEq(Link.unwrap(link), Link.unwrap(_link(number, lastAt)), what);
    }

    function _checkChart(uint256 number, uint256 lastAt) internal view {
        _checkLink(_records.chartOf(_patient), number, lastAt, "chart");
    }

    function _checkHistory(uint256 number, uint256 lastAt) internal view {
        _checkLink(_records.historyOf(_patient), number, lastAt, "history");
    }

    /* REASONS */

    function _alreadyAnchored(bytes32 content) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.AlreadyAnchored.selector, _id(content));
    }

    function _notWriterOf(bytes32 compartment, address actor) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.NotWriter.selector, _patient, compartment, actor);
    }

    function _notAuthorOf(bytes32 content, address actor) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.NotAuthor.selector, _id(content), actor);
    }

    function _invalidStatus(bytes32 content, IAnchors.Status status) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.InvalidStatus.selector, _id(content), status);
    }

    function _unknown(bytes32 recordId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAnchors.UnknownRecord.selector, recordId);
    }

    /* SIGNATURES */

    /// Signed for this registry, on this chain, by the owner of the key.
    function _sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return Signing.sign(key, _digest(structHash));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return RecordSigning.digest(address(_records), block.chainid, structHash);
    }

    function _form(uint256 key, bytes32 structHash) internal view returns (Form memory) {
        return Form("CareKey RecordRegistry", address(_records), key, structHash, DEADLINE);
    }

    /// Terms in one word, of the patient's present era.
    function _pack(
        uint256 start,
        uint256 end,
        uint256 purposes,
        uint256 permissions
    ) private view returns (uint256 word) {
        word = permissions * 2 ** 184 + purposes * 2 ** 120;
        word += uint256(_era()) * 2 ** 80 + end * 2 ** 40 + start;
    }
}
