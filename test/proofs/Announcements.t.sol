// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Announcements} from "../../contracts/Announcements.sol";
import {IAnnouncements} from "../../contracts/interfaces/IAnnouncements.sol";
import {IConsentRegistry} from "../../contracts/interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {Link} from "../../contracts/types/Link.sol";
import {Signing} from "../solidity/helpers/Signing.sol";
import {Proofs} from "./Proofs.sol";
import {AnyAnswers} from "./Records.t.sol";

/// What is announced, from any state.
contract AnnouncementProofs is Proofs {
    Announcements private _board;
    AnyAnswers private _answers;

    function setUp() public override {
        _answers = new AnyAnswers();
        _board = new Announcements(IConsentRegistry(address(_answers)), ICredentialRegistry(address(_answers)));
    }

    /// A request goes from open to one end and stays there; without a signature only its patient and its requester end it.
    function check_aRequestIsAnsweredOnce(
        address caller,
        uint32 id,
        IAnnouncements.Request memory asked,
        bool approved,
        uint32 other
    ) public {
        _anyBoard();
        uint256 before = uint256(_board.requestOf(asked.patient, other));
        vm.prank(caller);
        _board.answer(id, asked, approved);
        uint256 then = uint256(_board.requestOf(asked.patient, other));
        assert(caller == asked.patient);
        if (other != id) assert(then == before);
        else {
            assert(uint8(before) == uint8(IAnnouncements.RequestStatus.Open) && then >> 8 == before >> 8);
            assert(before >> 8 == uint256(keccak256(abi.encode(asked, id))) >> 8);
            assert(
                uint8(then) ==
                    uint8(approved ? IAnnouncements.RequestStatus.Approved : IAnnouncements.RequestStatus.Declined)
            );
        }
    }

    function check_withdraw(address caller, uint32 id, IAnnouncements.Request memory asked) public {
        _anyBoard();
        uint256 before = uint256(_board.requestOf(asked.patient, id));
        vm.prank(caller);
        _board.withdraw(id, asked);
        uint256 then = uint256(_board.requestOf(asked.patient, id));
        assert(caller == asked.requester && uint8(before) == uint8(IAnnouncements.RequestStatus.Open));
        assert(then >> 8 == before >> 8 && uint8(then) == uint8(IAnnouncements.RequestStatus.Withdrawn));
    }

    function check_answerBySig(
        uint32 id,
        IAnnouncements.Request memory asked,
        bool approved,
        ISignedActions.Once memory once
    ) public {
        _anyBoard();
        vm.assume(asked.patient.code.length == 0);
        bool used = _board.isUsed(asked.patient, once.id);
        bytes memory signature = svm.createBytes(65, "signature");
        _board.answerBySig(id, asked, approved, once, signature);
        assert(!used && _board.isUsed(asked.patient, once.id) && block.timestamp <= once.deadline);
        bytes32 form = keccak256(
            "Answer(address patient,address requester,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint32 request,bool approved,uint256 id,uint40 deadline)"
        );
        bytes memory wish = abi.encode(
            asked.patient,
            asked.requester,
            asked.scope,
            asked.role,
            asked.permissions & 1,
            (asked.permissions & 2) / 2,
            asked.purposes,
            asked.end
        );
        bytes32 hash = keccak256(bytes.concat(form, wish, abi.encode(id, approved, once.id, once.deadline)));
        assert(_signed(hash, signature) == asked.patient);
    }

    /// Only who may write or has a delegation there; each list is one longer, and no other.
    function check_deliver(
        address caller,
        IAnnouncements.Delivery memory delivery,
        address grantee,
        address other
    ) public {
        _anyBoard();
        address patient = delivery.patient;
        delivery.grantees = new address[](1);
        delivery.grantees[0] = grantee;
        uint64 list = Link.unwrap(_board.announcementsOf(patient));
        uint64 deliveries = Link.unwrap(_board.deliveriesOf(patient, other));
        vm.prank(caller);
        _board.deliver(delivery);
        assert(
            caller == patient || _answers.writes(caller, delivery.content) || _answers.manages(caller, delivery.content)
        );
        assert(Link.unwrap(_board.announcementsOf(patient)) == _after(list));
        uint64 then = Link.unwrap(_board.deliveriesOf(patient, other));
        assert(then == (other == grantee ? _after(deliveries) : deliveries));
    }

    /// Only the credentialed ask, at most 16 at a time of one patient, and the next number is theirs.
    function check_request(address caller, IAnnouncements.Wish memory wish, uint256 credential) public {
        uint256 time = _anyBoard();
        uint256 count = _board.requestsOf(wish.patient);
        uint256 open = _board.openRequestsOf(wish.patient, caller);
        vm.assume(open <= 16);
        vm.prank(caller);
        uint32 id = _board.request(wish, credential);
        assert(_answers.credentialed(caller) && open < 16 && id == count + 1 && wish.end > time);
        assert(wish.permissions != 0 && wish.permissions < 4 && wish.patient != caller);
        assert(_board.openRequestsOf(wish.patient, caller) == open + 1 && _board.requestsOf(wish.patient) == id);
        assert(uint8(uint256(_board.requestOf(wish.patient, id))) == uint8(IAnnouncements.RequestStatus.Open));
    }

    function _after(uint64 head) private view returns (uint256) {
        return ((uint256(head) + 1) & type(uint32).max) | (block.number << 32);
    }

    function _anyBoard() private returns (uint256 time) {
        svm.enableSymbolicStorage(address(_board));
        svm.enableSymbolicStorage(address(_answers));
        return _anyTime();
    }

    function _signed(bytes32 hash, bytes memory signature) private view returns (address) {
        return _recovered(Signing.digest("CareKey Announcements", address(_board), block.chainid, hash), signature);
    }
}
