// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../contracts/libraries/GrantTerms.sol";
import {Proofs} from "./Proofs.sol";

/// Answers whatever its storage says, which is any word.
contract AnyGroup {
    uint256 public answer;

    function isMember(address, address) external view returns (uint256) {
        return answer;
    }
}

/// Who may do what, from any state.
contract AccessProofs is Proofs {
    struct Question {
        address patient;
        address grantee;
        bytes32 compartment;
        bytes32 content;
        uint8 permission;
        uint64 purpose;
    }

    /// What one scope says: 0 nothing, 1 no, 2 yes.
    function _says(Question memory ask, bytes32 scope, uint256 time) private view returns (uint256) {
        uint256 word = Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, scope));
        if (time < _start(word) || time >= _end(word)) return 0;
        if (_isDeny(word)) return 1;
        if (_asOf(word) != _consent.lockdownAt(ask.patient)) return 0;
        if (_permissions(word) & ask.permission == 0) return 0;
        return ask.permission == 2 || _purposes(word) & ask.purpose != 0 ? 2 : 0;
    }

    function _isSound(Question memory ask) private pure returns (bool) {
        bool onePurpose = ask.purpose != 0 && ask.purpose & (ask.purpose - 1) == 0 && ask.purpose >> 63 == 0;
        bool place = uint256(ask.compartment) >> 255 == 0 && (ask.compartment != 0 || ask.content == 0);
        return place && (ask.permission == 2 || (ask.permission == 1 && onePurpose));
    }

    function _can(Question memory ask) private view returns (bool) {
        return
            _consent.canAccess(
                ask.patient,
                ask.grantee,
                ask.compartment,
                ask.content,
                ask.permission,
                ask.purpose
            );
    }

    function _recordId(Question memory ask) private pure returns (bytes32) {
        bytes32 hash = keccak256(abi.encode(ask.patient, ask.compartment, ask.content));
        return hash | bytes32(uint256(1) << 255);
    }

    /// The whole definition, spelled out.
    function check_answersByTheDefinition(Question memory ask) public {
        uint256 time = _anyState();
        uint256 said = 0;
        if (ask.content != 0) said = _says(ask, _recordId(ask), time);
        if (said == 0 && ask.compartment != 0) said = _says(ask, ask.compartment, time);
        if (said == 0) said = _says(ask, 0, time);
        assert(_can(ask) == (_isSound(ask) && (ask.grantee == ask.patient || said == 2)));
    }

    function check_malformedQuestionsAreRefused(Question memory ask) public {
        _anyState();
        vm.assume(!_isSound(ask));
        assert(!_can(ask));
    }

    /// A question about the chart alone, and a grant that has all that is asked: open from its start until before its end.
    function check_aWindowIsHalfOpen(Question memory ask) public {
        uint256 time = _anyState();
        (ask.compartment, ask.content) = (0, 0);
        vm.assume(_isSound(ask) && ask.grantee != ask.patient);
        uint256 word = Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, 0));
        vm.assume(_permissions(word) == 3 && _purposes(word) & ask.purpose == ask.purpose);
        vm.assume(_asOf(word) == _consent.lockdownAt(ask.patient));
        assert(_can(ask) == (_start(word) <= time && time < _end(word)));
    }

    /// A DENY in time on the narrowest scope shuts, whatever wider grants say.
    function check_aNarrowerDenyWins(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.grantee != ask.patient && ask.compartment != 0);
        bytes32 narrow = ask.content == 0 ? ask.compartment : _recordId(ask);
        uint256 word = Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, narrow));
        vm.assume(_isDeny(word) && _start(word) <= time && time < _end(word));
        assert(!_can(ask));
    }

    /// Nor does a delegation open what a DENY shuts.
    function check_aDenyShutsOutADelegate(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.grantee != ask.patient);
        bytes32 narrow = ask.content == 0 ? ask.compartment : _recordId(ask);
        uint256 word = Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, narrow));
        vm.assume(_isDeny(word) && _start(word) <= time && time < _end(word));
        assert(!_consent.canWrite(ask.patient, ask.grantee, ask.compartment, ask.content));
    }

    /// A grant that stands on the narrowest scope opens, whatever a wider DENY says.
    function check_aWiderDenyLoses(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.compartment != 0 && _isSound(ask));
        bytes32 narrow = ask.content == 0 ? ask.compartment : _recordId(ask);
        vm.assume(_says(ask, narrow, time) == 2);
        assert(_can(ask));
    }

    function check_writingHasNoPurpose(Question memory ask, uint64 another) public {
        _anyState();
        ask.permission = 2;
        bool answer = _can(ask);
        ask.purpose = another;
        assert(_can(ask) == answer);
    }

    function check_readingHasExactlyOnePurpose(Question memory ask) public {
        _anyState();
        ask.permission = 1;
        vm.assume(_can(ask));
        assert(ask.purpose != 0 && ask.purpose & (ask.purpose - 1) == 0 && ask.purpose < 2 ** 63);
    }

    /// A member may at most what the group may, only if the group says exactly yes, and never against a DENY in person.
    function check_aMemberMayAtMostWhatTheGroupMay(Question memory ask, address member) public {
        uint256 time = _anyState();
        AnyGroup group = new AnyGroup();
        svm.enableSymbolicStorage(address(group));
        ask.grantee = address(group);
        bool answer = _consent.canAccessAs(
            address(group),
            member,
            ask.patient,
            ask.compartment,
            ask.content,
            ask.permission,
            ask.purpose
        );
        if (answer) assert(_can(ask) && group.answer() == 1);
        // about the chart alone the refusal in person is easily spelled out
        ask.grantee = member;
        if (answer && ask.compartment == 0) assert(_says(ask, 0, time) != 1);
    }

    /// After a lockdown no grant opens; what is stored is as of now at the latest (see CallProofs).
    function check_aLockdownVoidsGrants(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.grantee != ask.patient && _consent.lockdownAt(ask.patient) < type(uint40).max);
        bytes32[3] memory scopes = [_recordId(ask), ask.compartment, bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.assume(_consent.grantOf(ask.patient, ask.grantee, scopes[i]).asOf() <= time);
        }
        vm.prank(ask.patient);
        _consent.lockdown();
        assert(!_can(ask));
    }

    /// And no delegate manages; they write only by a grant, of which the proof above speaks.
    function check_aLockdownVoidsDelegations(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.grantee != ask.patient && _consent.lockdownAt(ask.patient) < type(uint40).max);
        bytes32[3] memory scopes = [_recordId(ask), ask.compartment, bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.assume(_consent.delegationOf(ask.patient, ask.grantee, scopes[i]).asOf() <= time);
        }
        vm.prank(ask.patient);
        _consent.lockdown();
        assert(!_consent.canManage(ask.patient, ask.grantee, ask.compartment, ask.content));
    }

    /// A lockdown takes no DENY away: what one shuts before it shuts after it.
    function check_aDenyOutlastsALockdown(Question memory ask) public {
        uint256 time = _anyState();
        vm.assume(ask.grantee != ask.patient);
        bytes32 narrow = ask.content == 0 ? ask.compartment : _recordId(ask);
        uint256 word = Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, narrow));
        vm.assume(_isDeny(word) && _start(word) <= time && time < _end(word));
        vm.prank(ask.patient);
        _consent.lockdown();
        assert(Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, narrow)) == word);
        assert(!_can(ask));
    }

    function check_aRecordIdIsNoLabel(Question memory ask) public view {
        bytes32 id = _recordId(ask);
        assert(uint256(id) >> 255 == 1);
        // so nothing that is named by an id of a record is ever a compartment
        ask.compartment = id;
        assert(!_can(ask));
        assert(!_consent.canWrite(ask.patient, ask.grantee, id, ask.content));
    }
}
