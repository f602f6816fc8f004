// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {GrantTerms, Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Signing} from "../helpers/Signing.sol";
import {SolTest} from "../Vm.sol";

/// A signed grant is taken as it was signed, and with any one bit changed it is not.
contract MalleabilityTest is SolTest {
    uint256 private constant T0 = 1_900_000_000;
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    ConsentRegistry private _consent;

    function setUp() external {
        _consent = new ConsentRegistry(ICredentialRegistry(address(0)));
        vm.warp(T0);
    }

    function testFuzz_takesWhatWasSigned(uint256 key, address grantee, bytes32 scope, uint64 purposes) external {
        (ISignedConsents.SignedGrant memory given, bytes memory signature) = _signed(key, grantee, scope, purposes);
        _consent.grantBySig(given, signature);
        Terms standing = _consent.grantOf(given.patient, given.grantee, scope);
        vm.assertEq(Terms.unwrap(standing), Terms.unwrap(given.terms), "terms");
    }

    /// Patient, grantee, scope, terms, capsule and deadline: 1,056 bits. The same slot of the same patient must stay empty.
    function testFuzz_refusesAnyFieldWithABitFlipped(
        uint256 key,
        address grantee,
        bytes32 scope,
        uint64 purposes,
        uint256 bit
    ) external {
        (ISignedConsents.SignedGrant memory given, bytes memory signature) = _signed(key, grantee, scope, purposes);
        address patient = given.patient;
        bit %= 160 + 160 + 256 + 256 + 256 + 40;
        if (bit < 160) given.patient = address(uint160(patient) ^ uint160(2 ** bit));
        else if (bit < 320) given.grantee = address(uint160(given.grantee) ^ uint160(2 ** (bit - 160)));
        else if (bit < 576) given.scope ^= bytes32(2 ** (bit - 320));
        else if (bit < 832) given.terms = Terms.wrap(Terms.unwrap(given.terms) ^ (2 ** (bit - 576)));
        else if (bit < 1088) given.capsule ^= bytes32(2 ** (bit - 832));
        else given.deadline ^= uint40(2 ** (bit - 1088));
        _refuse(given, signature);
    }

    function testFuzz_refusesASignatureWithABitFlipped(
        uint256 key,
        address grantee,
        bytes32 scope,
        uint64 purposes,
        uint256 bit
    ) external {
        (ISignedConsents.SignedGrant memory given, bytes memory signature) = _signed(key, grantee, scope, purposes);
        bit %= 65 * 8;
        signature[bit / 8] ^= bytes1(uint8(2 ** (bit % 8)));
        _refuse(given, signature);
    }

    /// The other s of the same point, with the other v; bytes behind the signature; bytes missing.
    function testFuzz_refusesTheTwinOfASignature(uint256 key, address grantee, bytes32 scope, uint8 cut) external {
        (ISignedConsents.SignedGrant memory given, bytes memory signature) = _signed(key, grantee, scope, 1);
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        uint8 v = uint8(signature[64]);
        _refuse(given, abi.encodePacked(r, ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27)));
        _refuse(given, abi.encodePacked(signature, cut));
        bytes memory short = new bytes(cut % 65);
        for (uint256 i = 0; i < short.length; ++i) short[i] = signature[i];
        _refuse(given, short);
        // the short form of ERC-2098
        _refuse(given, abi.encodePacked(r, uint256(s) + (v == 28 ? 2 ** 255 : 0)));
    }

    function _refuse(ISignedConsents.SignedGrant memory given, bytes memory signature) private {
        (bool done, ) = address(_consent).call(abi.encodeCall(_consent.grantBySig, (given, signature)));
        vm.assertTrue(!done, "a grant that nobody signed");
        vm.assertEq(Terms.unwrap(_consent.grantOf(given.patient, given.grantee, given.scope)), 0, "terms");
    }

    function _signed(
        uint256 key,
        address grantee,
        bytes32 scope,
        uint64 purposes
    ) private view returns (ISignedConsents.SignedGrant memory given, bytes memory signature) {
        key = (key % (ORDER - 1)) + 1;
        given.patient = vm.addr(key);
        given.grantee = grantee == address(0) || grantee == given.patient ? address(0xB0B) : grantee;
        given.scope = scope;
        purposes = (purposes & GrantTerms.ALL_PURPOSES) | 1;
        given.terms = GrantTerms.pack(0, uint40(T0 + 100), 0, purposes, 3).withRevision(1);
        given.capsule = keccak256(abi.encode(scope));
        given.deadline = uint40(T0 + 7);
        signature = Signing.sign(key, Signing.digest(address(_consent), Signing.hash(given)));
    }
}
