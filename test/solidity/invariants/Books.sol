// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {GrantTerms, Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Reference} from "../properties/Reference.sol";
import {Signing} from "../helpers/Signing.sol";
import {World} from "./World.sol";

/// What ought to stand for each grantee and delegate, by what was done and not by what the contract says.
abstract contract Books is World {
    /// A change by a delegate, with the words that stood before it.
    struct Act {
        uint256 given;
        uint256 limits;
        uint256 standing;
        uint256 time;
        bool isWithin;
    }

    /// Words without a revision.
    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => uint256 word))) public terms;
    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => uint256 word))) public delegations;
    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => uint256 count))) public revision;
    mapping(address patient => mapping(address delegate => mapping(bytes32 scope => uint256 count)))
        public delegationRevision;
    mapping(address patient => uint256 count) public nonce;
    mapping(address patient => uint256 time) public lockdownAt;

    Act private _lastAct;

    /// Calls with a signature that were let through, to be sent again.
    bytes[] internal _used;
    Slot[] internal _usedOn;

    /// Whoever was ever delegated to, and where.
    Slot[] internal _delegates;

    function lastAct() external view returns (Act memory) {
        return _lastAct;
    }

    /* BOOKING */

    function _bookGrant(Slot memory slot, Reference.Given memory given, uint256 number) internal {
        REFERENCE.grant(slot.patient, slot.grantee, slot.scope, given);
        _book(slot, Terms.unwrap(_word(given)), number);
    }

    function _bookGrantFor(Slot memory slot, Reference.Given memory given, uint256 number) internal {
        REFERENCE.grantFor(slot.patient, slot.grantee, slot.scope, given);
        _book(slot, Terms.unwrap(_word(given)) + 8 * 2 ** 184, number);
    }

    function _bookRevoke(Slot memory slot, uint256 number) internal {
        REFERENCE.revoke(slot.patient, slot.grantee, slot.scope);
        _book(slot, 0, number);
    }

    function _bookDelegate(Slot memory slot, Reference.Limits memory limits, uint256 number) internal {
        REFERENCE.delegate(slot.patient, slot.grantee, slot.scope, limits);
        _bookDelegation(slot, _word(limits), number);
        _delegates.push(slot);
    }

    function _bookUndelegate(Slot memory slot, uint256 number) internal {
        REFERENCE.undelegate(slot.patient, slot.grantee, slot.scope);
        _bookDelegation(slot, 0, number);
    }

    function _bookLockdown(address patient) internal {
        REFERENCE.lockdown(patient, time);
        uint256 next = REFERENCE.lockdownAt(patient);
        vm.assertTrue(next > lockdownAt[patient] && next > time, "a lockdown that did not rise");
        lockdownAt[patient] = next;
    }

    /// @param isWithin Whether the place lay within the scope of the delegation.
    function _bookAct(Slot memory slot, address by, bytes32 under, uint256 given, bool isWithin) internal {
        _lastAct = Act({
            given: given,
            limits: delegations[slot.patient][by][under],
            standing: terms[slot.patient][slot.grantee][slot.scope],
            time: time,
            isWithin: isWithin
        });
    }

    function _bookUsed(Slot memory slot, bytes memory data) internal {
        _used.push(data);
        _usedOn.push(slot);
    }

    /* WHAT IS TRUE OF A SLOT */

    function _revision(Slot memory slot) internal view returns (uint256) {
        return revision[slot.patient][slot.grantee][slot.scope];
    }

    function _terms(Slot memory slot) internal view returns (uint256) {
        return terms[slot.patient][slot.grantee][slot.scope];
    }

    /// May anybody grant these terms for the patient, whoever it is?
    function _isGrantable(Slot memory slot, Reference.Given memory given) internal view returns (bool) {
        bool reads = given.permissions == 1 || given.permissions == 3;
        bool sound = given.permissions == 2 || given.permissions == 4 || (reads && given.purposes != 0);
        bool lasts = given.start < given.end && given.end > time;
        return slot.patient != slot.grantee && sound && lasts && given.asOf <= time;
    }

    /// How far ahead of the grant in a slot a signed revocation reaches: a DENY it must name.
    function _reach(Slot memory slot) internal view returns (uint256) {
        return (_terms(slot) / 2 ** 184) % 8 == 4 ? 0 : 1024;
    }

    /// What a signed revocation up to `named` does to the grant in a slot.
    function _killing(Slot memory slot, uint256 named) internal view returns (bool done, bool refused) {
        return _killing(_terms(slot), _revision(slot), named, _reach(slot));
    }

    /// What a signed revocation up to `named` does to a slot with these terms and this revision.
    function _killing(
        uint256 word,
        uint256 standing,
        uint256 named,
        uint256 reach
    ) internal pure returns (bool done, bool refused) {
        if (standing > named) {
            done = word == 0 && standing == named + 1;
            refused = !done;
        } else refused = named > standing + reach;
    }

    /* DRAWING */

    /// Terms that are mostly sound and meet the present.
    function _shape(address patient, Reference.Given memory given) internal view {
        given.permissions = [uint256(1), 3, 3, 2, 4, 4, 1, 3, 2, 0, 5, 3][given.permissions % 12];
        given.purposes = given.purposes % 8 == 0 ? 0 : 1 + (given.purposes % 3);
        given.start = time - 20 + (given.start % 24);
        given.end = time - 1 + (given.end % 60);
        given.asOf = _asOf(patient, given.asOf);
    }

    function _shape(address patient, Reference.Limits memory limits) internal view {
        uint256[8] memory kinds = [uint256(7), 23, 2, 3, 1, 19, 16, 0];
        limits.permissions =
            limits.permissions % 16 == 15 ? 8 + (limits.permissions % 32) : kinds[limits.permissions % 8];
        limits.purposes = limits.purposes % 8 == 0 ? 0 : 1 + (limits.purposes % 3);
        limits.longest = limits.longest % 60;
        limits.end = time + (limits.end % 90);
        limits.asOf = _asOf(patient, limits.asOf);
    }

    /// Mostly what stands.
    function _asOf(address patient, uint256 seed) internal view returns (uint256) {
        return seed % 8 == 0 ? time - 2 + (seed % 5) : lockdownAt[patient];
    }

    function _word(Reference.Given memory given) internal pure returns (Terms) {
        return
            GrantTerms.pack(
                uint40(given.start),
                uint40(given.end),
                uint40(given.asOf),
                uint64(given.purposes),
                uint8(given.permissions)
            );
    }

    function _word(Reference.Limits memory limits) internal pure returns (uint256 word) {
        word = limits.permissions; // the highest field first, each pushed up by the width of the next
        word = word * 2 ** 64 + limits.purposes;
        word = word * 2 ** 40 + limits.asOf;
        word = word * 2 ** 40 + limits.end;
        word = word * 2 ** 40 + limits.longest;
    }

    /// What `signer` signs; where it is forged, somebody else does.
    function _sign(address signer, bytes32 structHash, bool forged) internal view returns (bytes memory) {
        uint256 key = _keyOf[signer];
        return Signing.sign(forged ? key + 100 : key, Signing.digest(address(_on.consent), structHash));
    }

    function _book(Slot memory slot, uint256 word, uint256 number) private {
        vm.assertTrue(number > _revision(slot), "a revision that did not rise");
        terms[slot.patient][slot.grantee][slot.scope] = word;
        revision[slot.patient][slot.grantee][slot.scope] = number;
    }

    function _bookDelegation(Slot memory slot, uint256 word, uint256 number) private {
        vm.assertTrue(
            number > delegationRevision[slot.patient][slot.grantee][slot.scope],
            "a delegation's revision that did not rise"
        );
        delegations[slot.patient][slot.grantee][slot.scope] = word;
        delegationRevision[slot.patient][slot.grantee][slot.scope] = number;
    }
}
