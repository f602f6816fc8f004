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

    address private _group;

    function _anyGroup() private returns (address) {
        _group = address(new AnyGroup());
        svm.enableSymbolicStorage(_group);
        return _group;
    }

    /// What one scope says; neither: nothing. Spelled out without branches, which the prover would have to walk one by one.
    function _says(Question memory ask, bytes32 scope, uint256 time) private view returns (bool no, bool yes) {
        uint256 word = Terms.unwrap(_consent.grantOf(ask.patient, ask.grantee, scope));
        bool inTime = _and(_start(word) <= time, time < _end(word));
        no = _and(inTime, _isDeny(word));
        bool stands = _and(_and(inTime, !_isDeny(word)), _asOf(word) == _consent.lockdownAt(ask.patient));
        bool fits = _or(ask.permission == 2, _purposes(word) & ask.purpose != 0);
        yes = _and(_and(stands, _permissions(word) & ask.permission != 0), fits);
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

    function _and(bool a, bool b) private pure returns (bool both) {
        assembly ("memory-safe") {
            both := and(a, b)
        }
    }

    function _or(bool a, bool b) private pure returns (bool either) {
        assembly ("memory-safe") {
            either := or(a, b)
        }
    }

    function _can(Question memory ask) private view returns (bool) {
        return _consent.canAccess(ask.patient, ask.grantee, ask.compartment, ask.content, ask.permission, ask.purpose);
    }

    function _canAs(Question memory ask, address member) private view returns (bool) {
        return
            _consent.canAccessAs(
                ask.grantee,
                member,
                ask.patient,
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
        (, bool yes) = _says(ask, 0, time);
        (bool noNarrower, bool yesNarrower) = _says(ask, ask.compartment, time);
        yes = _or(yesNarrower, _and(yes, !noNarrower));
        (noNarrower, yesNarrower) = _says(ask, _recordId(ask), time);
        bool asksRecord = ask.content != 0;
        yes = _or(_and(asksRecord, yesNarrower), _and(yes, !_and(asksRecord, noNarrower)));
        assert(_can(ask) == _and(_isSound(ask), _or(ask.grantee == ask.patient, yes)));
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
        (, bool yes) = _says(ask, narrow, time);
        vm.assume(yes);
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
        assert(_isOnePurpose(ask.purpose));
    }

    /// Where the group may not, none of its members may.
    function check_aMemberMayAtMostWhatTheGroupMay(Question memory ask, address member) public {
        _anyState();
        ask.grantee = _anyGroup();
        vm.assume(!_can(ask));
        assert(!_canAs(ask, member));
    }

    /// Nor where the group does not say exactly yes, or a DENY holds for them in person; else they may. About the whole chart.
    function check_aMemberIsWhoTheGroupSaysAndNobodyDenies(Question memory ask, address member) public {
        uint256 time = _anyState();
        ask.grantee = _anyGroup();
        (ask.compartment, ask.content) = (0, 0);
        vm.assume(_can(ask));
        bool answer = _canAs(ask, member);
        Question memory own = ask;
        own.grantee = member;
        (bool denied, ) = _says(own, 0, time);
        assert(answer == (_and(AnyGroup(_group).answer() == 1, !denied)));
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
