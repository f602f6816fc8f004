// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {Papers} from "./Papers.sol";

/// What is signed is taken as it was signed, and with any one bit changed it is not: of its call, of whoever's signature.
contract MalleabilityTest is Papers {
    uint256 private constant T0 = 1_900_000_000;
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    address private constant PATIENT = address(0xA11CE);
    address private constant GRANTEE = address(0xB0B);

    ConsentRegistry private _consent;

    function setUp() external {
        _consent = new ConsentRegistry();
        vm.warp(T0);
        vm.roll(1000);
    }

    function testFuzz_takesWhatWasSigned(uint256 key, uint256 kind, bytes32 scope, uint64 purposes) external {
        vm.assertTrue(_call(_carried(_paper(key, kind, scope, purposes))), "refused");
    }

    /// Every bit that a call with a signature has, but for the offsets of its encoding and the filling of its last word.
    function testFuzz_refusesAnyBitFlipped(
        uint256 key,
        uint256 kind,
        bytes32 scope,
        uint64 purposes,
        uint256 bit
    ) external {
        bytes memory data = _carried(_paper(key, kind, scope, purposes));
        bytes32 before = keccak256(data);
        uint256 place = 4 + (bit % (data.length - 4 - 31));
        data[place] ^= bytes1(uint8(2 ** ((bit / 2 ** 128) % 8)));
        vm.assertTrue(keccak256(data) != before, "a bit");
        vm.assertTrue(!_call(data), "what nobody signed");
    }

    /// The other s of the same point, with the other v; bytes behind the signature; bytes missing.
    function testFuzz_refusesTheTwinOfASignature(uint256 key, uint256 kind, bytes32 scope, uint8 cut) external {
        Paper memory paper = _paper(key, kind, scope, 1);
        bytes memory signature = paper.signature;
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        uint8 v = uint8(signature[64]);
        _refuse(paper, abi.encodePacked(r, ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27)));
        _refuse(paper, abi.encodePacked(signature, cut));
        bytes memory short = new bytes(cut % 65);
        for (uint256 i = 0; i < short.length; ++i) short[i] = signature[i];
        _refuse(paper, short);
        // the short form of ERC-2098
        _refuse(paper, abi.encodePacked(r, uint256(s) + (v == 28 ? 2 ** 255 : 0)));
    }

    function _refuse(Paper memory paper, bytes memory signature) private {
        paper.signature = signature;
        vm.assertTrue(!_call(_carried(paper)), "a signature that nobody made");
    }

    function _call(bytes memory data) private returns (bool done) {
        (done, ) = address(_consent).call(data);
    }

    /// Any form, each in a state in which it can be used.
    function _paper(uint256 key, uint256 number, bytes32 scope, uint64 purposes) private returns (Paper memory paper) {
        key = (key % (ORDER - 1)) + 1;
        address signer = vm.addr(key);
        Kind kind = Kind(number % KINDS);
        if (kind == Kind.LiftMany) kind = Kind.Grant;
        Deed memory deed = paper.deed;
        (deed.kind, deed.by) = (kind, signer);
        bytes32 label = (scope >> 1) | bytes32(uint256(1));
        address patient = _isByDelegate(kind) ? PATIENT : signer;
        deed.slot = Slot(patient, GRANTEE, label, scope, scopeOf(patient, label, scope));
        deed.other = Slot(patient, GRANTEE, label, 0, label);
        (deed.given.start, deed.given.end) = (T0 - 5, T0 + 50);
        (deed.given.purposes, deed.given.permissions) = ((purposes & (2 ** 63 - 1)) | 1, 3);
        (deed.limits.longest, deed.limits.end) = (60, T0 + 100);
        (deed.limits.purposes, deed.limits.permissions) = (2 ** 63 - 1, 7);
        deed.salt = scope;
        if (_isByDelegate(kind)) {
            _do(Kind.Delegate, deed, PATIENT, Slot(PATIENT, signer, 0, 0, 0));
            if (kind == Kind.RevokeFor) _do(Kind.GrantFor, deed, signer, deed.slot);
            paper.delegatedAt = 1000;
        }
        if (kind == Kind.Lift) _do(Kind.Deny, deed, signer, deed.slot);
        paper.era = _consent.stateOf(patient).era();
        paper.stand = _consent.stateOf(signer).stand();
        (paper.session, paper.number) = (uint40(purposes), 1);
        (paper.id, paper.deadline) = (uint256(scope), T0 + 7);
        _sign(paper, address(_consent), key);
    }

    function _do(Kind kind, Deed memory like, address by, Slot memory slot) private {
        Deed memory deed;
        (deed.kind, deed.by, deed.slot, deed.given, deed.limits) = (kind, by, slot, like.given, like.limits);
        vm.prank(by);
        vm.assertTrue(_call(_direct(deed)), "the scene");
    }
}
