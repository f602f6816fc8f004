// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {RootActions} from "./RootActions.sol";

/// Keys are delivered, access is asked for, answered and taken back; by those who may and by those who may not.
abstract contract AnnouncementActions is RootActions {
    struct Asked {
        IAnnouncements.Request request;
        uint32 id;
        uint256 status;
    }

    string private constant NAME = "CareKey Announcements";

    Asked[] private _asked;
    mapping(address patient => Head head) private _announced;
    mapping(address patient => mapping(address grantee => Head head)) private _delivered;
    mapping(address patient => uint256 count) public requests;
    mapping(address patient => mapping(address requester => uint256 count)) public openRequests;
    mapping(address signer => mapping(uint256 id => bool yes)) private _spent;

    function askedCount() external view returns (uint256) {
        return _asked.length;
    }

    function asked(uint256 number) external view returns (Asked memory) {
        return _asked[number];
    }

    function announced(address patient) external view returns (Head memory) {
        return _announced[patient];
    }

    function delivered(address patient, address whom) external view returns (Head memory) {
        return _delivered[patient][whom];
    }

    function deliver(uint256 by, uint256 whose, uint256 to, uint256 where, uint256 how) external {
        Slot memory slot = _slot(whose, to, where);
        address sender = how % 8 < 3 ? slot.patient : _anyone(by);
        IAnnouncements.Delivery memory delivery;
        (delivery.patient, delivery.grantees) = (slot.patient, new address[](1 + (how % 2)));
        delivery.grantees[0] = slot.grantee;
        if (how % 2 == 1) delivery.grantees[1] = actor(to / 64);
        (delivery.compartment, delivery.content, delivery.capsule) = (slot.compartment, slot.content, "capsule");
        bytes32[] memory scopes = chain(slot.patient, slot.compartment, slot.content);
        bool expected =
            REFERENCE.canWrite(slot.patient, sender, scopes, time) ||
                REFERENCE.isDelegate(slot.patient, sender, scopes, 67, time);
        if ((how / 2) % 2 == 0) {
            bytes memory direct = abi.encodeCall(IAnnouncements.deliver, (delivery));
            _act(sender, address(_on.announcements), direct, expected, "deliver");
        } else {
            expected = _deliverBySig(sender, delivery, expected, how);
        }
        if (!expected) return;
        for (uint256 i = 0; i < delivery.grantees.length; ++i) {
            _tally(_announced[slot.patient]);
            _tally(_delivered[slot.patient][delivery.grantees[i]]);
        }
    }

    function ask(uint256 by, uint256 whose, uint256 where, uint256 length, uint256 how) external {
        Named memory named = _credential(by, how / 64);
        address requester = named.who;
        address patient = whose % 8 == 0 ? requester : _patient(whose);
        uint8 permissions = [1, 2, 3, 1, 17, 0][how % 6];
        IAnnouncements.Wish memory wish = IAnnouncements.Wish(
            patient,
            slotOf(patient, requester, where).scope,
            named.role,
            permissions,
            uint64((how / 8) % 4),
            uint40(time - 2 + (length % 40))
        );
        bool isSound = permissions == 2 || (permissions % 2 == 1 && permissions < 4 && wish.purposes != 0);
        bool expected = isSound && patient != requester && wish.end > time;
        expected = expected && _holds(requester, wish.role, named.index) && openRequests[patient][requester] < 16;
        if ((how / 512) % 2 == 0) {
            bytes memory direct = abi.encodeCall(IAnnouncements.request, (wish, named.index));
            _act(requester, address(_on.announcements), direct, expected, "request");
        } else {
            expected = _askBySig(requester, wish, named.index, expected, how / 1024);
        }
        if (!expected) return;
        _tally(_announced[patient]);
        ++openRequests[patient][requester];
        _asked.push(
            Asked(
                IAnnouncements.Request(patient, requester, wish.scope, wish.role, permissions, wish.purposes, wish.end),
                uint32(++requests[patient]),
                1
            )
        );
    }

    /// By the patient it is addressed to, or not; sometimes another request than was announced.
    function answer(uint256 by, uint256 which, uint256 how) external {
        if (_asked.length == 0) return;
        bool approved = (how / 4) % 2 == 1;
        Asked storage known = _asked[_which(which)];
        IAnnouncements.Request memory request = known.request;
        address who = by % 4 == 0 ? actor(by / 4) : request.patient;
        if (how % 17 == 0) request.scope = bytes32(uint256(request.scope) ^ 1);
        bool expected = known.status == 1 && how % 17 != 0;
        if ((how / 2) % 2 == 0) {
            expected = expected && who == request.patient;
            bytes memory direct = abi.encodeCall(IAnnouncements.answer, (known.id, request, approved));
            _act(who, address(_on.announcements), direct, expected, "answer");
        } else {
            expected = _answerBySig(known.id, request, approved, expected, how);
        }
        if (expected) _close(known, approved ? 2 : 3);
    }

    function withdraw(uint256 by, uint256 which, uint256 how) external {
        if (_asked.length == 0) return;
        Asked storage known = _asked[_which(which)];
        IAnnouncements.Request memory request = known.request;
        address who = by % 4 == 0 ? actor(by / 4) : request.requester;
        bool expected = known.status == 1;
        if (how % 2 == 0) {
            expected = expected && who == request.requester;
            bytes memory direct = abi.encodeCall(IAnnouncements.withdraw, (known.id, request));
            _act(who, address(_on.announcements), direct, expected, "withdraw");
        } else {
            expected = _withdrawBySig(known.id, request, expected, how);
        }
        if (expected) _close(known, 4);
    }

    /* PRIVATE */

    function _deliverBySig(
        address sender,
        IAnnouncements.Delivery memory delivery,
        bool entitled,
        uint256 how
    ) private returns (bool) {
        (ISignedActions.Once memory once, bool forged) = _onceOf(sender, how);
        bytes memory said = abi.encode(delivery.compartment, delivery.content, delivery.capsule, once);
        bytes memory signature = _signForm(
            address(_on.announcements),
            NAME,
            sender,
            "Deliver(address by,address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint256 id,uint40 deadline)",
            bytes.concat(abi.encode(sender, delivery.patient, _hashOf(delivery.grantees)), said),
            forged
        );
        bytes memory data = abi.encodeCall(IAnnouncements.deliverBySig, (sender, delivery, once, signature));
        return _actOnce(sender, once, data, entitled && !forged, "deliverBySig");
    }

    function _askBySig(
        address requester,
        IAnnouncements.Wish memory wish,
        uint256 credential,
        bool entitled,
        uint256 how
    ) private returns (bool) {
        (ISignedActions.Once memory once, bool forged) = _onceOf(requester, how);
        bytes memory said = abi.encode(
            requester,
            wish.patient,
            wish.scope,
            wish.role,
            wish.permissions % 2 == 1,
            (wish.permissions / 2) % 2 == 1,
            wish.purposes,
            wish.end
        );
        bytes memory signature = _signForm(
            address(_on.announcements),
            NAME,
            requester,
            "Request(address requester,address patient,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint256 credential,uint256 id,uint40 deadline)",
            bytes.concat(said, abi.encode(credential, once)),
            forged
        );
        bytes memory data = abi.encodeCall(IAnnouncements.requestBySig, (requester, wish, credential, once, signature));
        return _actOnce(requester, once, data, entitled && !forged, "requestBySig");
    }

    function _answerBySig(
        uint32 id,
        IAnnouncements.Request memory request,
        bool approved,
        bool entitled,
        uint256 how
    ) private returns (bool) {
        (ISignedActions.Once memory once, bool forged) = _onceOf(request.patient, how);
        bytes memory said = abi.encode(
            request.patient,
            request.requester,
            request.scope,
            request.role,
            request.permissions % 2 == 1,
            (request.permissions / 2) % 2 == 1,
            request.purposes,
            request.end
        );
        bytes memory signature = _signForm(
            address(_on.announcements),
            NAME,
            request.patient,
            "Answer(address patient,address requester,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint32 request,bool approved,uint256 id,uint40 deadline)",
            bytes.concat(said, abi.encode(id, approved, once)),
            forged
        );
        bytes memory data = abi.encodeCall(IAnnouncements.answerBySig, (id, request, approved, once, signature));
        return _actOnce(request.patient, once, data, entitled && !forged, "answerBySig");
    }

    function _withdrawBySig(
        uint32 id,
        IAnnouncements.Request memory request,
        bool entitled,
        uint256 how
    ) private returns (bool) {
        (ISignedActions.Once memory once, bool forged) = _onceOf(request.requester, how);
        bytes memory signature = _signForm(
            address(_on.announcements),
            NAME,
            request.requester,
            "Withdraw(address requester,address patient,uint32 request,uint256 id,uint40 deadline)",
            abi.encode(request.requester, request.patient, id, once),
            forged
        );
        bytes memory data = abi.encodeCall(IAnnouncements.withdrawBySig, (id, request, once, signature));
        return _actOnce(request.requester, once, data, entitled && !forged, "withdrawBySig");
    }

    function _hashOf(address[] memory list) private pure returns (bytes32) {
        bytes memory words;
        for (uint256 i = 0; i < list.length; ++i) words = bytes.concat(words, abi.encode(list[i]));
        return keccak256(words);
    }

    /// Carries a signature that works once: in time, and with an id that is not used.
    function _actOnce(
        address signer,
        ISignedActions.Once memory once,
        bytes memory data,
        bool entitled,
        string memory what
    ) private returns (bool expected) {
        expected = entitled && time <= once.deadline && !_spent[signer][once.id] && _keyOf[signer] != 0;
        _act(_people[OUTSIDER], address(_on.announcements), data, expected, what);
        if (!expected) return false;
        _spent[signer][once.id] = true;
        _sentAgain(address(_on.announcements), data);
    }

    /// Mostly a fresh id.
    function _onceOf(address signer, uint256 how) private view returns (ISignedActions.Once memory once, bool forged) {
        (once.deadline, forged) = _dated(how);
        once.id = (how / 2 ** 16) % 128;
        for (uint256 i = 0; how % 5 != 0 && _spent[signer][once.id] && i < 128; ++i) ++once.id;
    }

    function _close(Asked storage known, uint256 status) private {
        known.status = status;
        --openRequests[known.request.patient][known.request.requester];
        _tally(_announced[known.request.patient]);
    }

    function _tally(Head storage head) private {
        ++head.count;
        head.lastAt = height;
    }

    /// Mostly one of the last.
    function _which(uint256 which) private view returns (uint256) {
        uint256 count = _asked.length;
        return which % 4 == 0 ? (which / 4) % count : count - 1 - ((which / 4) % (count < 4 ? count : 4));
    }
}
