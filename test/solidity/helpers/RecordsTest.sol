// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {SolTest, Vm} from "../Vm.sol";
import {RecordSigning} from "./RecordSigning.sol";
import {Signing} from "./Signing.sol";

/// Everything deployed as on a real chain; one patient who lets two people write in one compartment.
abstract contract RecordsTest is SolTest {
    uint40 internal constant T0 = 1_900_000_000;
    /// End of grants and delegations.
    uint40 internal constant END = T0 + 1000;
    uint40 internal constant DEADLINE = T0 + 100;

    uint8 internal constant READ = 1;
    uint8 internal constant WRITE = 2;
    uint8 internal constant DENY = 4;
    uint8 internal constant MANAGE = 16;

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
        _manager = new AccessManager(address(this));
        _credentials = new CredentialRegistry(_manager);
        _consent = new ConsentRegistry(_credentials);
        _records = new RecordRegistry(_consent, _credentials);
        _grant(_author, CARDIOLOGY, WRITE);
        _grant(_colleague, CARDIOLOGY, WRITE);
    }

    /* CONSENT */

    function _grant(address grantee, bytes32 scope, uint8 permissions) internal {
        _grant(grantee, scope, permissions, T0, END);
    }

    function _grant(address grantee, bytes32 scope, uint8 permissions, uint256 start, uint256 end) internal {
        uint256 purposes = permissions & READ;
        uint256 word = _pack(start, end, purposes, permissions);
        vm.prank(_patient);
        _consent.grant(grantee, scope, Terms.wrap(word), 0);
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
        _consent.lockdown();
    }

    /* CREDENTIALS */

    /// Accredits the issuer for a role, and has the actor credentialed from T0 until `until`.
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

    function _erase(bytes32 content) internal {
        vm.prank(_patient);
        _records.requestErasure(CARDIOLOGY, content);
    }

    function _checkAnchor(bytes32 recordId, address author, uint256 time, IAnchors.Status status) internal view {
        IAnchors.Anchor memory found = _records.anchorOf(recordId);
        vm.assertEq(found.author, author, "author");
        vm.assertEq(found.anchoredAt, time, "anchoredAt");
        vm.assertEq(uint256(found.status), uint256(status), "status");
    }

    function _checkNoAnchor(bytes32 recordId) internal view {
        _checkAnchor(recordId, address(0), 0, IAnchors.Status.None);
    }

    /// That contracts emitted nothing but what was expected; begins with `vm.recordLogs`.
    function _checkLogs(uint256 expected) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count = 0;
        for (uint256 i = 0; i < logs.length; ++i) if (logs[i].emitter != address(this)) ++count;
        vm.assertEq(count, expected, "number of events");
    }

    /* SIGNATURES */

    /// Signed for this registry, on this chain, by the owner of the key.
    function _sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return Signing.sign(key, _digest(structHash));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return RecordSigning.digest(address(_records), block.chainid, structHash);
    }

    /// The same signature with s in the upper half: mathematically valid, too.
    function _mirrored(bytes memory signature) internal pure returns (bytes memory) {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    /// The same signature in 64 bytes, as in ERC-2098.
    function _shortened(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(uint256(s) + (v == 28 ? 2 ** 255 : 0)));
    }

    /// The same signature with v of 0 or 1.
    function _unshifted(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, s, v - 27);
    }

    function _split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        bytes memory halves = new bytes(64);
        for (uint256 i = 0; i < 64; ++i) halves[i] = signature[i];
        (r, s) = abi.decode(halves, (bytes32, bytes32));
        v = uint8(signature[64]);
    }

    /// Terms in one word, as of the patient's last lockdown.
    function _pack(
        uint256 start,
        uint256 end,
        uint256 purposes,
        uint256 permissions
    ) private view returns (uint256 word) {
        word = permissions * 2 ** 184 + purposes * 2 ** 120;
        word += uint256(_consent.lockdownAt(_patient)) * 2 ** 80 + end * 2 ** 40 + start;
    }
}
