// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {IGroup} from "../../../contracts/interfaces/IGroup.sol";
import {Papers} from "./Papers.sol";
import {Reference} from "./Reference.sol";

/// Has one member, whoever asks for what.
contract OneMember is IGroup {
    function isMember(address, address member, uint8, uint64) external pure returns (bool) {
        return member == address(0xB0B);
    }
}

/// One chart, drawn at random: each deed is done to the contract and to {Reference}, and both let it through or refuse it.
abstract contract Twin is Papers {
    uint256 internal constant T0 = 1_900_000_000;
    address internal constant PATIENT = address(0xA11CE);
    address internal constant ACTOR = address(0xB0B);
    address internal constant CARER = address(0xCA2E);

    ConsentRegistry internal consent;
    address internal group;
    uint256 internal time;
    uint256 internal height;
    uint256 private _seed;
    bytes32 private _compartment;
    bytes32 private _content;

    function setUp() public virtual {
        consent = new ConsentRegistry();
        group = address(new OneMember());
    }

    function _begin(uint256 seed) internal {
        _seed = seed;
        _compartment = bytes32((_draw(type(uint256).max) / 2) | 1); // a label
        _content = bytes32(_draw(type(uint256).max) | 1);
        (time, height) = (T0, 1000);
        _pass();
    }

    function _pass() internal {
        time += _draw(4);
        height += _draw(3);
        vm.warp(time);
        vm.roll(height);
    }

    /// Of the patient or the carer.
    function _drawDeed() internal returns (Deed memory deed) {
        uint256[16] memory kinds = [uint256(0), 0, 0, 0, 1, 2, 3, 3, 4, 4, 4, 5, 6, 7, 8, 10];
        uint256 kind = _draw(18) < 16 ? kinds[_draw(16)] : 9 + 2 * _draw(2);
        deed.kind = Kind(kind);
        deed.slot = _slot();
        deed.other = _slot();
        deed.by = _isByDelegate(deed.kind) ? CARER : PATIENT;
        if (deed.kind == Kind.Delegate || deed.kind == Kind.Undelegate) {
            deed.slot.grantee = _draw(4) == 0 ? ACTOR : CARER;
        }
        deed.given = _given();
        deed.limits = _limits();
        deed.under = [bytes32(0), 0, deed.slot.compartment, deed.slot.scope, bytes32(uint256(1))][_draw(5)];
        deed.salt = bytes32(_draw(8));
    }

    function _do(Deed memory deed) internal returns (bool done) {
        bool expected = _isNeverRefused(deed.kind) || _may(deed, time);
        vm.prank(deed.by);
        (done, ) = address(consent).call(_direct(deed));
        vm.assertTrue(done || !expected, "the contract refused");
        vm.assertTrue(!done || expected, "the contract let it through");
        if (!done) return false;
        Deed[] memory parts = _parts(deed);
        for (uint256 i = 0; i < parts.length; ++i) if (_may(parts[i], time)) _enter(parts[i], height);
    }

    /// The record, its compartment, the chart; rarely no place at all.
    function _slot() internal returns (Slot memory slot) {
        uint256 about = _draw(12);
        slot.patient = PATIENT;
        slot.grantee = [ACTOR, ACTOR, CARER, group][_draw(4)];
        if (about < 8) slot.compartment = _compartment;
        if (about < 4) slot.content = _content;
        if (about == 8) slot.content = _content;
        if (about == 9) slot.compartment = _compartment | bytes32(uint256(2 ** 255));
        slot.scope = scopeOf(PATIENT, slot.compartment, slot.content);
    }

    /// Mostly sound, and often in force.
    function _given() internal returns (Reference.Given memory given) {
        given.permissions = [uint256(1), 1, 3, 3, 2, 2, 17, 17, 1, 17, 0, 4][_draw(12)];
        if (_draw(32) == 0) given.permissions = _draw(256);
        given.purposes = _draw(3) == 0 ? 2 ** 63 - 1 : _purpose() | _purpose();
        given.start = time - 4 + _draw(8);
        given.end = (given.start > time ? given.start : time) + _draw(9);
    }

    function _limits() internal returns (Reference.Limits memory limits) {
        limits.permissions = [uint256(1), 17, 2, 5, 87, 87, 64, 66, 71, 16, 0, 4][_draw(12)];
        if (_draw(32) == 0) limits.permissions = _draw(256);
        limits.purposes = _draw(2) == 0 ? 2 ** 63 - 1 : _purpose() | _purpose();
        limits.longest = 2 + _draw(20);
        limits.end = time + _draw(30);
    }

    /// One of few purposes, so that grants and questions meet.
    function _purpose() internal returns (uint64) {
        return [uint64(1), 2, 2 ** 31, 2 ** 62][_draw(4)];
    }

    function _draw(uint256 below) internal returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
