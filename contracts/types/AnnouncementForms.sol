// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "../interfaces/IAnnouncements.sol";
import {ISignedActions} from "../interfaces/ISignedActions.sol";
import {GrantTerms} from "./GrantTerms.sol";

/// @notice The EIP-712 types of signed announcements. A wish is shown field by field.
library AnnouncementForms {
    // each in one literal: a constant of several parts would be put together and hashed in every call
    bytes32 private constant DELIVER = keccak256(
        "Deliver(address by,address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint256 id,uint40 deadline)"
    );
    bytes32 private constant REQUEST = keccak256(
        "Request(address requester,address patient,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint256 credential,uint256 id,uint40 deadline)"
    );
    bytes32 private constant WITHDRAW = keccak256(
        "Withdraw(address requester,address patient,uint32 request,uint256 id,uint40 deadline)"
    );
    bytes32 private constant ANSWER = keccak256(
        "Answer(address patient,address requester,bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end,uint32 request,bool approved,uint256 id,uint40 deadline)"
    );

    /// @notice Struct hash of a delivery.
    function hashDeliver(
        address by,
        IAnnouncements.Delivery calldata delivery,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DELIVER,
                    by,
                    delivery.patient,
                    keccak256(abi.encodePacked(delivery.grantees)),
                    delivery.compartment,
                    delivery.content,
                    delivery.capsule,
                    once
                )
            );
    }

    /// @notice Struct hash of a request.
    function hashRequest(
        address requester,
        IAnnouncements.Wish calldata wish,
        uint256 credential,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REQUEST,
                    requester,
                    wish.patient,
                    wish.scope,
                    wish.role,
                    wish.permissions & GrantTerms.READ != 0,
                    wish.permissions & GrantTerms.WRITE != 0,
                    wish.purposes,
                    wish.end,
                    credential,
                    once
                )
            );
    }

    /// @notice Struct hash of a request that is taken back.
    function hashWithdraw(
        uint32 request,
        IAnnouncements.Request calldata asked,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITHDRAW, asked.requester, asked.patient, request, once));
    }

    /// @notice Struct hash of an answer.
    function hashAnswer(
        uint32 request,
        IAnnouncements.Request calldata asked,
        bool approved,
        ISignedActions.Once calldata once
    ) internal pure returns (bytes32) {
        bytes memory wish = abi.encode(
            asked.patient,
            asked.requester,
            asked.scope,
            asked.role,
            asked.permissions & GrantTerms.READ != 0,
            asked.permissions & GrantTerms.WRITE != 0,
            asked.purposes,
            asked.end
        );
        return keccak256(bytes.concat(ANSWER, wish, abi.encode(request, approved, once)));
    }
}
