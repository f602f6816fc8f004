// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../contracts/types/GrantTerms.sol";
import {Proofs} from "./Proofs.sol";

/// Answers whatever its storage says, which is any word.
contract AnyGroup {
    uint256 public answer;

    function isMember(address, address, uint8, uint64) external view returns (uint256) {
        return answer;
    }
}

/// Who may do what, from any state: the rule by its definition, spelled out without branches.
contract AccessProofs is Proofs {
    struct Question {
        address patient;
        address grantee;
        bytes32 compartment;
        bytes32 content;
        uint8 permission;
        uint64 purpose;
    }

    /// What the three scopes say together.
    struct Said {
        bool no;
        bool yes;
        bool yesAsGroup;
    }

    /// No DENY on any of the three, and a grant in force on one of them.
    function check_canAccess(Question memory ask) public {
        uint256 time = _anyState();
        Said memory said = _say(ask, time);
        bool yes = _and(_and(said.yes, !said.no), _isSound(ask));
        assert(_can(ask) == _or(yes, _and(ask.grantee == ask.patient, _isSound(ask))));
    }

    /// The grant that it cites stands on one of the scopes, permits this, and is there just where the answer is yes. About a compartment.
    function check_permittingGrant(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.grantee != ask.patient);
        ask.content = 0;
        bool can = _can(ask);
        (bytes32 scope, Terms terms) = _consent.permittingGrant(
            ask.patient,
            ask.grantee,
            ask.compartment,
            ask.content,
            ask.permission,
            ask.purpose
        );
        uint256 word = Terms.unwrap(terms);
        assert((word != 0) == can);
        if (!can) return;
        (, bool yes, ) = _says(ask, word, time, _eraOf(_person(ask.patient)));
        assert(yes && word == _terms(ask.patient, ask.grantee, scope));
        assert(_or(scope == 0, scope == ask.compartment));
    }

    /// A member needs a grant to the group as a group, no DENY for either, and a group that says exactly yes. About the whole chart:
    /// the search is that of `canAccess`.
    function check_canAccessAs(Question memory ask, address member) public {
        uint256 time = _anyState();
        AnyGroup group = new AnyGroup();
        svm.enableSymbolicStorage(address(group));
        (ask.grantee, ask.permission, ask.compartment, ask.content) = (address(group), 1, 0, 0);
        Said memory said = _say(ask, time);
        bool yes = _and(_and(said.yesAsGroup, !said.no), _and(_isSound(ask), group.answer() == 1));
        ask.grantee = member;
        yes = _and(yes, !_say(ask, time).no);
        assert(
            _consent.canAccessAs(address(group), member, ask.patient, ask.compartment, ask.content, ask.purpose) == yes
        );
    }

    /// Writers are the patient, whoever has WRITE in force, and delegates with WRITE; a DENY shuts out the last two. About a compartment.
    function check_canWrite(Question memory ask) public {
        uint256 time = _anyState();
        (ask.permission, ask.purpose, ask.content) = (2, 0, 0);
        Said memory said = _say(ask, time);
        bool yes = _and(!said.no, _or(said.yes, _delegates(ask, uint8(WRITE), time)));
        yes = _and(_isSound(ask), _or(ask.grantee == ask.patient, yes));
        assert(_consent.canWrite(ask.patient, ask.grantee, ask.compartment, ask.content) == yes);
    }

    function check_isDelegate(Question memory ask, uint8 powers) public {
        uint256 time = _anyState();
        (ask.permission, ask.purpose) = (2, 0);
        bool yes = _and(_isSound(ask), _delegates(ask, powers, time));
        assert(_consent.isDelegate(ask.patient, ask.grantee, ask.compartment, ask.content, powers) == yes);
    }

    /// Nothing that anybody grants, on any scope, opens what a DENY shuts: by the rule above, and here once more for a compartment.
    function check_aDenyShutsWhateverElseIsGranted(Question memory ask, bool onChart) public {
        _anyState();
        vm.assume(ask.grantee != ask.patient && ask.content == 0);
        bytes32 scope = onChart ? bytes32(0) : ask.compartment;
        vm.assume(_denies(_terms(ask.patient, ask.grantee, scope), _eraOf(_person(ask.patient))));
        assert(!_can(ask));
        assert(!_consent.canWrite(ask.patient, ask.grantee, ask.compartment, 0));
    }

    /// After a lockdown nobody may but the patient, unless somebody knew the era that was drawn; and a DENY of theirs stands. By the
    /// rule above it is enough to ask about the whole chart.
    function check_aLockdownShutsAll(Question memory ask, bytes32 salt) public {
        _anyState();
        vm.assume(ask.grantee != ask.patient);
        (ask.compartment, ask.content) = (0, 0);
        uint256 word = _terms(ask.patient, ask.grantee, 0);
        vm.prank(ask.patient);
        _consent.lockdown(salt);
        uint256 era = _eraOf(_person(ask.patient));
        vm.assume(_era(word) != era);
        assert(!_can(ask));
        assert(_terms(ask.patient, ask.grantee, 0) == word);
        assert(_denies(word, era) == _isDenyOfThePatient(word));
    }

    function check_aRecordIdIsNoLabel(Question memory ask) public {
        _anyState();
        bytes32 id = _recordId(ask);
        assert(uint256(id) >> 255 == 1);
        // so nothing that is named by an id of a record is ever a compartment
        ask.compartment = id;
        assert(!_can(ask));
        assert(!_consent.canWrite(ask.patient, ask.grantee, id, ask.content));
    }

    /* THE DEFINITION */

    function _say(Question memory ask, uint256 time) private view returns (Said memory said) {
        uint256 era = _eraOf(_person(ask.patient));
        _add(ask, said, 0, true, time, era);
        _add(ask, said, ask.compartment, true, time, era);
        _add(ask, said, _recordId(ask), ask.content != 0, time, era);
    }

    function _add(
        Question memory ask,
        Said memory said,
        bytes32 scope,
        bool counts,
        uint256 time,
        uint256 era
    ) private view {
        (bool no, bool yes, bool yesAsGroup) = _says(ask, _terms(ask.patient, ask.grantee, scope), time, era);
        said.no = _or(said.no, _and(counts, no));
        said.yes = _or(said.yes, _and(counts, yes));
        said.yesAsGroup = _or(said.yesAsGroup, _and(counts, yesAsGroup));
    }

    /// What one word says: of this era, from its first second until before its last, for this permission and purpose.
    function _says(
        Question memory ask,
        uint256 word,
        uint256 time,
        uint256 era
    ) private pure returns (bool no, bool yes, bool yesAsGroup) {
        no = _denies(word, era);
        yes = _and(_and(_start(word) <= time, time < _end(word)), _era(word) == era);
        yes = _and(yes, _and(_permissions(word) & DENY == 0, _permissions(word) & ask.permission != 0));
        yes = _and(yes, _or(ask.permission == 2, _purposes(word) & ask.purpose != 0));
        yesAsGroup = _and(yes, _permissions(word) & GROUP != 0);
        yes = _and(yes, _permissions(word) & GROUP == 0);
    }

    function _delegates(Question memory ask, uint8 powers, uint256 time) private view returns (bool) {
        uint256 era = _eraOf(_person(ask.patient));
        bool yes = _or(_isActive(ask, 0, powers, time, era), _isActive(ask, ask.compartment, powers, time, era));
        return _or(yes, _and(ask.content != 0, _isActive(ask, _recordId(ask), powers, time, era)));
    }

    function _isActive(
        Question memory ask,
        bytes32 scope,
        uint8 powers,
        uint256 time,
        uint256 era
    ) private view returns (bool) {
        uint256 word = _delegation(ask.patient, ask.grantee, scope);
        return _and(_permissions(word) & powers != 0, _and(time < _end(word), _era(word) == era));
    }

    function _isSound(Question memory ask) private pure returns (bool) {
        bool inChart = _and(uint256(ask.compartment) >> 255 == 0, _or(ask.compartment != 0, ask.content == 0));
        bool reads = _and(ask.permission == 1, _isOnePurpose(ask.purpose));
        return _and(inChart, _or(ask.permission == 2, reads));
    }

    function _isOnePurpose(uint256 purpose) private pure returns (bool one) {
        unchecked {
            one = _and(_and(purpose != 0, purpose & (purpose - 1) == 0), purpose < 2 ** 63);
        }
    }

    function _can(Question memory ask) private view returns (bool) {
        return _consent.canAccess(ask.patient, ask.grantee, ask.compartment, ask.content, ask.permission, ask.purpose);
    }

    function _recordId(Question memory ask) private pure returns (bytes32) {
        bytes32 hash = keccak256(abi.encode(ask.patient, ask.compartment, ask.content));
        return hash | bytes32(uint256(1) << 255);
    }
}
