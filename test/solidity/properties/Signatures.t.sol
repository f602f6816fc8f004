// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {PersonState} from "../../../contracts/types/PersonState.sol";
import {Papers} from "./Papers.sol";

/// What is signed, from any state of its signer: (a) nothing opens once its signer has done anything later; (b) nobody but the
/// signer makes useless what shuts; (c) nothing works twice.
contract SignaturesTest is Papers {
    uint256 private constant T0 = 1_900_000_000;
    uint256 private constant KEY = 0x516;
    /// Whose delegate the signer is.
    address private constant OTHER = address(0xA11CE);
    /// The signer's delegate.
    address private constant CARER = address(0xCA2E);
    address private constant GRANTEE = address(0xB0B);
    address private constant SHUT_OUT = address(0xBAD);
    /// Nothing stands for them.
    address private constant STRANGER = address(0x57A);
    bytes32 private constant LABEL = bytes32(uint256(1));
    /// The highest bits of changes, slots and byDelegates: delegates leave the last numbers to the patient, and write few slots.
    uint256 private constant SPARED = 2 ** 143 + 2 ** 207 + 31 * 2 ** 251;

    ConsentRegistry private _consent;
    address private _signer;
    uint256 private _seed;

    function setUp() external {
        _consent = new ConsentRegistry();
        _signer = vm.addr(KEY);
    }

    /// (a) and (c). What others do meanwhile does not matter.
    function testFuzz_nothingOpensOnceItsSignerHasActed(uint256 state, uint256 seed) external {
        _begin(state, seed, false);
        Paper memory paper = _paper([Kind.Grant, Kind.Lift, Kind.Delegate, Kind.GrantFor][_draw(4)]);
        if (_draw(2) == 0) _disturb(STRANGER);
        bool acted = _draw(2) == 0 && _act();
        if (_draw(2) == 0) _disturb(STRANGER);
        vm.assertTrue(_carry(paper) == !acted, acted ? "it opened" : "it did not open");
        vm.assertTrue(!_carry(paper), "it worked twice");
    }

    /// (a) for what is signed in one go: in the order of its numbers, and nothing of another go beside it.
    function testFuzz_aSessionIsCarriedInItsOrder(uint256 state, uint256 seed) external {
        _begin(state, seed, false);
        Paper memory first = _paper(Kind.Grant);
        Paper memory second = _paper(Kind.Lift);
        bool isOneGo = _draw(4) != 0;
        if (isOneGo) second.session = first.session;
        if (_draw(8) == 0) second.number = first.number;
        _sign(second, address(_consent), KEY);
        vm.assertTrue(_carry(first), "the first");
        bool expected = isOneGo && second.number > first.number;
        vm.assertTrue(_carry(second) == expected, "the second");
        vm.assertTrue(!_carry(first) && !_carry(second), "it worked twice");
    }

    /// (a) What names a stand that the signer has not reached opens nothing, now or later.
    function testFuzz_nothingSignedAheadOpens(uint256 state, uint256 seed) external {
        _begin(state, seed, false);
        Paper memory paper = _paper([Kind.Grant, Kind.Lift, Kind.Delegate, Kind.GrantFor][_draw(4)]);
        paper.stand = uint56(paper.stand + 1 + _draw(2 ** 56 - 1));
        _sign(paper, address(_consent), KEY);
        vm.assertTrue(!_carry(paper), "signed ahead, or for nothing");
        if (_draw(2) == 0) _act();
        else _carry(_paper(Kind.Delegate));
        vm.assertTrue(!_carry(paper), "its time came");
    }

    /// A grant takes away just the DENY that its signer saw.
    function testFuzz_liftsTheDenyThatItNames(uint256 state, uint256 seed, uint32 another) external {
        _begin(state, seed, false);
        uint32 denied = _consent.grantOf(_signer, SHUT_OUT, LABEL).writtenAt();
        Paper memory paper = _paper(Kind.Grant);
        paper.deed.slot.grantee = SHUT_OUT;
        paper.deed.lifts = _draw(2) == 0 ? denied : another;
        _sign(paper, address(_consent), KEY);
        bool expected = paper.deed.lifts == denied;
        vm.assertTrue(_carry(paper) == expected, expected ? "it lifted nothing" : "it lifted another DENY");
    }

    /// (b) and (c), from any state at all, the last numbers included.
    function testFuzz_whatShutsAlwaysShuts(uint256 state, uint256 seed) external {
        _begin(state, seed, true);
        Kind kind = [Kind.Revoke, Kind.RevokeMany, Kind.Deny, Kind.Undelegate, Kind.Lockdown][_draw(5)];
        Paper memory paper = _paper(kind);
        for (uint256 i = 0; i < 3; ++i) {
            if (_draw(2) == 0) _disturb(GRANTEE);
            if (_draw(3) == 0) _act();
        }
        uint40 era = _consent.stateOf(_signer).era();
        vm.assertTrue(_carry(paper), "what shuts was refused");
        Terms standing = _consent.grantOf(_signer, GRANTEE, LABEL);
        if (kind == Kind.Revoke || kind == Kind.RevokeMany) {
            vm.assertTrue(standing.isVacant() || standing.denies(era), "not revoked");
        } else if (kind == Kind.Deny) {
            vm.assertEq(standing.permissions(), 4, "not denied");
        } else if (kind == Kind.Undelegate) {
            vm.assertTrue(_consent.delegationOf(_signer, CARER, 0).isVacant(), "not taken back");
        } else {
            vm.assertTrue(_consent.stateOf(_signer).era() != era, "not locked down");
        }
        vm.assertTrue(!_carry(paper), "it worked twice");
    }

    /// A cancelled id works no more, and neither does anything that opens.
    function testFuzz_cancels(uint256 state, uint256 seed) external {
        _begin(state, seed, false);
        Paper memory shutting = _paper([Kind.Revoke, Kind.RevokeMany, Kind.Deny, Kind.Undelegate][_draw(4)]);
        Paper memory another = _paper(Kind.Deny);
        Paper memory opening = _paper(Kind.Grant);
        uint256[] memory ids = new uint256[](1);
        ids[0] = shutting.id;
        vm.prank(_signer);
        _consent.cancel(ids);
        vm.assertTrue(_consent.isUsed(_signer, shutting.id), "used");
        vm.assertTrue(!_carry(shutting), "cancelled, and it shut");
        vm.assertTrue(!_carry(opening), "cancelled, and it opened");
        vm.assertTrue(_carry(another), "another id was refused");
    }

    /* THE SCENE */

    /// A signer in any state, whose delegate is CARER, and who is OTHER's.
    function _begin(uint256 state, uint256 seed, bool isAnything) private {
        _seed = seed;
        vm.warp(T0);
        vm.roll(1000 + _draw(1000));
        _store(_signer, isAnything ? state : state & ~SPARED);
        _store(OTHER, _draw(type(uint256).max) & ~SPARED);
        _inPerson(Kind.Grant, _signer, Slot(_signer, GRANTEE, LABEL, 0, LABEL));
        _inPerson(Kind.Deny, _signer, Slot(_signer, SHUT_OUT, LABEL, 0, LABEL));
        _inPerson(Kind.Delegate, _signer, Slot(_signer, CARER, 0, 0, 0));
        _inPerson(Kind.Delegate, OTHER, Slot(OTHER, _signer, 0, 0, 0));
        _inPerson(Kind.GrantFor, _signer, Slot(OTHER, GRANTEE, LABEL, 0, LABEL));
        // any stand, and any number of its session
        uint256 word = PersonState.unwrap(_consent.stateOf(_signer)) & ~uint256((2 ** 72 - 1) * 2 ** 40);
        _store(_signer, word | (_draw(2 ** 72) * 2 ** 40));
    }

    function _store(address who, uint256 word) private {
        vm.store(address(_consent), keccak256(abi.encode(who, uint256(0))), bytes32(word));
        vm.assertEq(PersonState.unwrap(_consent.stateOf(who)), word, "place of a state");
    }

    /// What could be done as soon as it is signed.
    function _paper(Kind kind) private returns (Paper memory paper) {
        PersonState state = _consent.stateOf(_signer);
        Slot memory slot = Slot(_signer, GRANTEE, LABEL, 0, LABEL);
        if (kind == Kind.Lift) slot.grantee = SHUT_OUT;
        if (kind == Kind.Undelegate) slot = Slot(_signer, CARER, 0, 0, 0);
        if (kind == Kind.GrantFor) slot.patient = OTHER;
        paper.deed = _deed(kind, _signer, slot);
        paper.era = _consent.stateOf(slot.patient).era();
        paper.delegatedAt = _consent.delegationOf(OTHER, _signer, 0).writtenAt();
        (paper.stand, paper.session, paper.number) = (state.stand(), _draw(2 ** 40), _draw(2 ** 16));
        (paper.id, paper.deadline) = (_draw(type(uint256).max), T0 + 10);
        _sign(paper, address(_consent), KEY);
    }

    function _carry(Paper memory paper) private returns (bool done) {
        (done, ) = address(_consent).call(_carried(paper));
    }

    /// Anything that the signer does in person, or by another signature.
    function _act() private returns (bool done) {
        uint256 kind = _draw(KINDS + 1);
        if (kind == KINDS) {
            vm.prank(_signer);
            _consent.cancel(new uint256[](0));
            return true;
        }
        Deed memory deed = _deed(Kind(kind), _signer, Slot(_signer, STRANGER, LABEL, 0, LABEL));
        if (deed.kind == Kind.Lift) deed.slot.grantee = SHUT_OUT;
        if (_isByDelegate(deed.kind)) deed.slot = Slot(OTHER, GRANTEE, LABEL, 0, LABEL);
        if (_opens(deed.kind) || _draw(2) == 0) return _inPerson(deed);
        Paper memory paper;
        (paper.deed, paper.era) = (deed, _consent.stateOf(deed.slot.patient).era());
        (paper.id, paper.deadline) = (_draw(type(uint256).max), T0);
        _sign(paper, address(_consent), KEY);
        return _carry(paper);
    }

    /// Whatever the signer's delegate can do to what the signer shuts, and a patient to another of the signer's.
    function _disturb(address grantee) private {
        Kind kind = [Kind.GrantFor, Kind.RevokeFor, Kind.DenyFor][_draw(3)];
        _inPerson(kind, CARER, Slot(_signer, grantee, LABEL, 0, LABEL));
        _inPerson(Kind.Deny, OTHER, Slot(OTHER, STRANGER, LABEL, 0, LABEL));
        vm.roll(2000 + _draw(1000));
    }

    function _inPerson(Kind kind, address by, Slot memory slot) private {
        _inPerson(_deed(kind, by, slot));
    }

    function _inPerson(Deed memory deed) private returns (bool done) {
        vm.prank(deed.by);
        (done, ) = address(_consent).call(_direct(deed));
    }

    function _deed(Kind kind, address by, Slot memory slot) private pure returns (Deed memory deed) {
        (deed.kind, deed.by, deed.slot, deed.other) = (kind, by, slot, slot);
        (deed.given.end, deed.given.purposes) = (T0 + 50, 1);
        deed.given.permissions = 1;
        (deed.limits.longest, deed.limits.end) = (50, T0 + 100);
        (deed.limits.purposes, deed.limits.permissions) = (1, 69);
        deed.salt = "salt";
    }

    function _draw(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
