// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Announcements} from "../../../contracts/Announcements.sol";
import {IAnnouncements} from "../../../contracts/interfaces/IAnnouncements.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {Link} from "../../../contracts/types/Link.sol";
import {Vm} from "../Vm.sol";
import {ConsentSetup} from "./ConsentSetup.sol";
import {OneCredential} from "./OneCredential.sol";
import {Signing} from "./Signing.sol";

/// Announcements beside the consents, a grantee with one credential, and the forms typed out once more.
abstract contract AnnouncementSetup is ConsentSetup {
    string private constant _DELIVER =
        "Deliver(address by,address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint256 id,uint40 deadline)";
    string private constant _REQUEST =
        "Request(address requester,address patient,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint256 credential,uint256 id,uint40 deadline)";
    string private constant _WITHDRAW =
        "Withdraw(address requester,address patient,uint32 request,uint256 id,uint40 deadline)";
    string private constant _ANSWER =
        "Answer(address patient,address requester,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint32 request,bool approved,uint256 id,uint40 deadline)";

    bytes32 internal constant ROLE = "practitioner";
    /// Number of the grantee's credential, which holds now.
    uint256 internal constant CREDENTIAL = 2;

    Announcements internal announcements;

    function setUp() public virtual override {
        super.setUp();
        OneCredential one = new OneCredential(grantee, ROLE, CREDENTIAL, NOW);
        announcements = new Announcements(consent, ICredentialRegistry(address(one)));
    }

    /* WHAT IS ANNOUNCED */

    /// To addresses 1, 2, 3 ….
    function delivery(
        uint256 count,
        bytes32 compartment,
        bytes32 content
    ) internal view returns (IAnnouncements.Delivery memory) {
        address[] memory grantees = new address[](count);
        for (uint256 i = 0; i < count; ++i) grantees[i] = address(uint160(i + 1));
        return IAnnouncements.Delivery(patient, grantees, compartment, content, CAPSULE);
    }

    function wish() internal view returns (IAnnouncements.Wish memory) {
        return IAnnouncements.Wish(patient, LABEL, ROLE, READ, TREATMENT, END);
    }

    /// The grantee's request of this wish, as it is announced.
    function requested(IAnnouncements.Wish memory wished) internal view returns (IAnnouncements.Request memory) {
        return
            IAnnouncements.Request(
                wished.patient,
                grantee,
                wished.scope,
                wished.role,
                wished.permissions,
                wished.purposes,
                wished.end
            );
    }

    function ask() internal returns (uint32) {
        vm.prank(grantee);
        return announcements.request(wish(), CREDENTIAL);
    }

    /// What is kept of a request.
    function wordOf(IAnnouncements.Request memory asked, uint32 id, uint8 status) internal pure returns (bytes32) {
        bytes32 digest = keccak256(
            bytes.concat(
                abi.encode(asked.patient, asked.requester, asked.scope, asked.role),
                abi.encode(asked.permissions, asked.purposes, asked.end, id)
            )
        );
        return bytes32(uint256(digest) - (uint256(digest) % 256) + status);
    }

    function linkOf(uint256 number, uint256 before) internal pure returns (Link) {
        return Link.wrap(uint64(number + before * 2 ** 32));
    }

    /* FORMS */

    function signedHere(uint256 by, bytes32 structHash) internal view returns (bytes memory) {
        return
            Signing.sign(
                by,
                Signing.digest("CareKey Announcements", address(announcements), block.chainid, structHash)
            );
    }

    function hashDeliver(
        address by,
        IAnnouncements.Delivery memory sent,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        bytes memory grantees;
        for (uint256 i = 0; i < sent.grantees.length; ++i) {
            grantees = bytes.concat(grantees, abi.encode(sent.grantees[i]));
        }
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(_DELIVER)), by, sent.patient, keccak256(grantees)),
                    abi.encode(sent.compartment, sent.content, sent.capsule, once.id, once.deadline)
                )
            );
    }

    function hashRequest(
        address by,
        IAnnouncements.Wish memory wished,
        uint256 credential,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(_REQUEST)), by, wished.patient, wished.scope, wished.role),
                    abi.encode(wished.permissions % 2 == 1, (wished.permissions / 2) % 2 == 1, wished.purposes),
                    abi.encode(wished.end, credential, once.id, once.deadline)
                )
            );
    }

    function hashWithdraw(
        uint32 id,
        IAnnouncements.Request memory asked,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(keccak256(bytes(_WITHDRAW)), asked.requester, asked.patient, id, once.id, once.deadline)
            );
    }

    function hashAnswer(
        uint32 id,
        IAnnouncements.Request memory asked,
        bool approved,
        ISignedActions.Once memory once
    ) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(keccak256(bytes(_ANSWER)), asked.patient, asked.requester, asked.scope, asked.role),
                    abi.encode(asked.permissions % 2 == 1, (asked.permissions / 2) % 2 == 1, asked.purposes),
                    abi.encode(asked.end, id, approved, once.id, once.deadline)
                )
            );
    }

    /* EXPECTATIONS */

    function assertAnnounced(uint256 count, uint256 lastAt) internal view {
        vm.assertEq(Link.unwrap(announcements.announcementsOf(patient)), count + lastAt * 2 ** 32, "announcements");
    }

    function assertDelivered(address whom, uint256 count, uint256 lastAt) internal view {
        vm.assertEq(Link.unwrap(announcements.deliveriesOf(patient, whom)), count + lastAt * 2 ** 32, "deliveries");
    }

    function assertRequest(uint32 id, bytes32 expected) internal view {
        vm.assertEq(announcements.requestOf(patient, id), expected, "request");
    }

    /// That many events since `vm.recordLogs`.
    function assertTold(uint256 count) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, count, "events");
        for (uint256 i = 0; i < count; ++i) vm.assertEq(logs[i].emitter, address(announcements), "emitter");
    }
}
