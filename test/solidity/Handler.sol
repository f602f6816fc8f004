// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../contracts/ConsentRegistry.sol";
import {IAnnouncements} from "../../contracts/interfaces/IAnnouncements.sol";
import {RecordRegistry} from "../../contracts/RecordRegistry.sol";
import {GrantTerms, Terms} from "../../contracts/libraries/GrantTerms.sol";
import {Reference} from "./Reference.sol";
import {SolTest} from "./Vm.sol";

/// Three actors do to each other what they like; this contract keeps its own books of what they were entitled to.
/// A call reverts, and so fails the run, only where an action had another outcome than the books say.
contract Handler is SolTest {
    struct Anchoring {
        bytes32 recordId;
        address patient;
        address author;
        uint256 time;
        bool entitled;
    }

    uint256 public constant ACTORS = 3;
    uint256 public constant SCOPES = 3;

    ConsentRegistry private immutable _CONSENT;
    RecordRegistry private immutable _RECORDS;
    Reference public immutable REFERENCE = new Reference();

    uint256 public time = 1_900_000_000;
    Anchoring[] private _anchorings;

    /// What `patient` themselves last put into a slot, with the number of their changes to it.
    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => uint256 word))) public terms;
    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => uint256 count))) public changes;
    mapping(bytes32 recordId => bool known) private _known;

    constructor(ConsentRegistry consent, RecordRegistry records) {
        _CONSENT = consent;
        _RECORDS = records;
        vm.warp(time);
    }

    /* WHAT ACTORS DO */

    function grant(uint256 by, uint256 to, uint256 where, Reference.Given memory given) external {
        (address patient, address grantee, bytes32 scope) = (actor(by), actor(to), scopeOf(where));
        given.permissions = given.permissions % 6; // 0 and 5 are refused
        given.purposes = given.purposes % 4;
        given.start = time - 10 + (given.start % 20);
        given.end = time - 2 + (given.end % 40);
        uint256 last = REFERENCE.lockdownAt(patient);
        given.asOf = given.asOf % 4 == 0 ? time - 2 + (given.asOf % 5) : last;

        bool sound =
            given.permissions == 2 ||
                given.permissions == 4 ||
                ((given.permissions == 1 || given.permissions == 3) && given.purposes != 0);
        bool expected =
            patient != grantee && sound && given.start < given.end && given.end > time && given.asOf <= time;
        Terms word = GrantTerms.pack(
            uint40(given.start),
            uint40(given.end),
            uint40(given.asOf),
            uint64(given.purposes),
            uint8(given.permissions)
        );
        vm.prank(patient);
        try _CONSENT.grant(grantee, scope, word, 0) {
            vm.assertTrue(expected, "a grant that should have been refused");
            REFERENCE.grant(patient, grantee, scope, given);
            _book(patient, grantee, scope, Terms.unwrap(word));
        } catch {
            vm.assertTrue(!expected, "a grant refused");
        }
    }

    function revoke(uint256 by, uint256 to, uint256 where) external {
        (address patient, address grantee, bytes32 scope) = (actor(by), actor(to), scopeOf(where));
        vm.prank(patient);
        _CONSENT.revoke(grantee, scope);
        REFERENCE.revoke(patient, grantee, scope);
        _book(patient, grantee, scope, 0);
    }

    function lockdown(uint256 by) external {
        address patient = actor(by);
        uint40 before = _CONSENT.lockdownAt(patient);
        vm.prank(patient);
        _CONSENT.lockdown();
        REFERENCE.lockdown(patient, time);
        vm.assertTrue(_CONSENT.lockdownAt(patient) > before, "a lockdown that did not rise");
    }

    function anchor(uint256 by, uint256 whose, uint256 where, uint256 what) external {
        (address author, address patient) = (actor(by), actor(whose));
        bytes32 compartment = scopeOf(where); // 0, too: refused
        bytes32 content = bytes32((what % 8) + 1);
        bytes32 recordId = _RECORDS.recordIdOf(patient, compartment, content);
        bool entitled = compartment != 0 && mayWrite(patient, author, compartment);
        vm.prank(author);
        try _RECORDS.anchor(patient, compartment, content, bytes32(what | 1)) {
            vm.assertTrue(!_known[recordId], "anchored twice");
            _known[recordId] = true;
            _anchorings.push(Anchoring(recordId, patient, author, time, entitled));
        } catch {
            vm.assertTrue(!entitled || _known[recordId], "a writer refused");
        }
    }

    function deliver(uint256 by, uint256 whose, uint256 where) external {
        (address author, address patient, bytes32 scope) = (actor(by), actor(whose), scopeOf(where));
        IAnnouncements.Delivery memory delivery;
        delivery.patient = patient;
        delivery.grantees = new address[](1);
        delivery.grantees[0] = author;
        delivery.compartment = scope;
        delivery.capsule = bytes32(uint256(1));
        vm.prank(author);
        try _CONSENT.deliver(delivery) {
            vm.assertTrue(mayWrite(patient, author, scope), "delivered by an outsider");
        } catch {
            vm.assertTrue(!mayWrite(patient, author, scope), "a writer refused");
        }
    }

    function pass(uint256 seconds_) external {
        time += seconds_ % 8;
        vm.warp(time);
    }

    /* BOOKS */

    function actor(uint256 number) public pure returns (address) {
        return address(uint160(0xAC700 + (number % ACTORS)));
    }

    /// The whole chart and two compartments.
    function scopeOf(uint256 number) public pure returns (bytes32) {
        return bytes32(number % SCOPES);
    }

    function anchorings() external view returns (Anchoring[] memory) {
        return _anchorings;
    }

    /// By the reference: the patient, or WRITE on the compartment or the whole chart.
    function mayWrite(address patient, address writer, bytes32 scope) public view returns (bool) {
        return REFERENCE.canAccess(patient, writer, chain(scope), 2, 0, time);
    }

    /// The scope and those around it, narrow to wide.
    function chain(bytes32 scope) public pure returns (bytes32[] memory scopes) {
        scopes = new bytes32[](scope == 0 ? 1 : 2);
        scopes[0] = scope;
    }

    function _book(address patient, address grantee, bytes32 scope, uint256 word) private {
        terms[patient][grantee][scope] = word;
        ++changes[patient][grantee][scope];
    }
}
