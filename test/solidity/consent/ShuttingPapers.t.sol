// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Papers} from "../helpers/Papers.sol";
import {Signing} from "../helpers/Signing.sol";

/// No signature that shuts a door can be made useless by anybody but its signer or its deadline.
contract ShuttingPapersTest is Papers {
    function test_shutInWhateverOrderTheyAreCarried() external {
        for (uint256 first = OPENING_FORMS; first < FORMS; ++first) {
            ready();
            bytes[] memory papers = new bytes[](FORMS);
            for (uint256 form = OPENING_FORMS; form < FORMS; ++form)
                papers[form] = paper(Form(form), first * 16 + form);
            uint40 era = eraOf(patient);
            for (uint256 i = 0; i < FORMS - OPENING_FORMS; ++i) {
                uint256 form = OPENING_FORMS + ((first + i) % (FORMS - OPENING_FORMS));
                carry(papers[form]);
                vm.assertTrue(isShut(Form(form), era), "shut");
            }
        }
    }

    function test_shutAfterAnythingElseThatTheirSignerDoes() external {
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) {
            for (uint256 i = 0; i < ACTS; ++i) {
                ready();
                uint40 era = eraOf(patient);
                bytes memory held = paper(Form(form), form * 100 + i);
                act(i);
                if (Form(form) == Form.Lockdown) era = eraOf(patient);
                carry(held);
                vm.assertTrue(isShut(Form(form), era), "shut");
            }
        }
    }

    /// The grantee carries an opening signature of before, so that the slot is another: the revocation shuts it all the same.
    function test_shutWhateverOthersCarryFirst() external {
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) {
            for (uint256 other = 0; other < OPENING_FORMS; ++other) {
                ready();
                uint40 era = eraOf(patient);
                bytes memory opening = paper(Form(other), 0);
                bytes memory held = paper(Form(form), form * 100 + other);
                carry(opening);
                carry(held);
                vm.assertTrue(isShut(Form(form), era), "shut");
            }
        }
    }

    function test_shutWhateverADelegateDoesFirst() external {
        bytes memory revocation = paper(Form.Revoke, 1);
        bytes memory denial = paper(Form.Deny, 2);
        bytes memory batch = paper(Form.RevokeMany, 3);
        bytes memory ending = paper(Form.Undelegate, 4);
        entrust(CHART, powersOf(READ + DENY + MANAGE, TREATMENT));
        for (uint256 i = 0; i < 1100; ++i) {
            giveFor(keyFor(LABEL, 0, CHART), short());
            if (i % 2 == 0) takeFor(keyFor(LABEL, 0, CHART));
            giveFor(keyFor(LABEL, CONTENT, CHART), short());
        }
        vm.assertTrue(reads(LABEL, CONTENT), "open");
        carry(revocation);
        vm.assertTrue(isShut(Form.Revoke, 0), "revoked");
        giveFor(keyFor(LABEL, 0, CHART), short());
        carry(batch);
        vm.assertTrue(isShut(Form.RevokeMany, 0), "revoked again");
        carry(denial);
        vm.assertTrue(isShut(Form.Deny, 0), "denied");
        carry(ending);
        vm.assertTrue(!reads(LABEL, CONTENT), "shut");
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        giveFor(keyFor(LABEL, 0, CHART), short());
    }

    /// A delegate's acts are on the delegate's account: they leave the patient's stand and number alone.
    function test_leaveAPatientsOwnPapersAliveWhateverADelegateDoes() external {
        entrust(CHART, powersOf(READ + DENY, TREATMENT));
        ISignedConsents.SignedGrant memory offered = offer(record, reading());
        uint56 stand = standOf(patient);
        for (uint256 i = 0; i < 50; ++i) {
            giveFor(keyFor(LABEL, 0, CHART), short());
            takeFor(keyFor(LABEL, 0, CHART));
        }
        vm.assertEq(standOf(patient), stand, "stand");
        submit(offered);
        vm.assertTrue(reads(LABEL, CONTENT), "granted");
    }

    /* BATCHES */

    /// A DENY that somebody sets on one of the slots spares that slot, not the others.
    function test_revokeAllOthersWhereADenyStandsOnOne() external {
        entrust(LABEL, powersOf(READ + DENY, TREATMENT));
        give(CHART, reading());
        giveFor(keyFor(LABEL, 0, LABEL), short());
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](4);
        (keys[0], keys[1], keys[2]) = (keyTo(LABEL), keyTo(OTHER_LABEL), keyTo(CHART));
        keys[3] = IGrants.GrantKey(address(0), CHART);
        ISignedActions.Once memory once = onceOf(1);
        bytes memory signature = signed(PATIENT_KEY, Signing.hashRevokeMany(patient, keys, once));
        shutFor(keyFor(LABEL, 0, LABEL)); // comes first
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        expectSkipped(1, abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, OTHER_LABEL));
        expectRevoked(CHART, vacant(BLOCK, 2), changeOf(5, BLOCK, BLOCK));
        expectSkipped(3, abi.encodeWithSelector(IGrants.NothingStands.selector, address(0), CHART));
        vm.recordLogs();
        consent.revokeManyBySig(patient, keys, once, signature);
        assertEvents(4);
        vm.assertTrue(!reads(OTHER_LABEL, CONTENT), "the chart is shut");
    }

    function test_areUsedUpWhereTheyFindNothingToShut() external {
        bytes memory held = paper(Form.Revoke, 1);
        expectSkipped(0, abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL));
        carry(held);
        give(LABEL, reading());
        refuse(abi.encodeWithSelector(ISignedActions.SignatureUsed.selector, patient, 1));
        carry(held);
        vm.assertTrue(reads(LABEL, CONTENT), "granted since");
    }

    /// What a delegate has nothing to do for yet is left for later.
    function test_areKeptForLaterWhereADelegateFindsNothingToShut() external {
        ready();
        bytes memory revocation = paper(Form.RevokeFor, 1);
        bytes memory denial = paper(Form.DenyFor, 2);
        vm.prank(ward);
        consent.revoke(grantee, LABEL);
        vm.prank(ward);
        consent.deny(grantee, OTHER_LABEL);
        refuse(abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, LABEL));
        carry(revocation);
        refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, OTHER_LABEL));
        carry(denial);
        vm.assertTrue(!consent.isUsed(patient, 1) && !consent.isUsed(patient, 2), "unused");
        vm.prank(ward);
        consent.grant(grantee, LABEL, reading(), 0);
        vm.prank(ward);
        consent.lift(grantee, OTHER_LABEL);
        carry(revocation);
        carry(denial);
        vm.assertTrue(isShut(Form.RevokeFor, 0) && isShut(Form.DenyFor, 0), "shut");
    }

    /* NUMBERS */

    function test_shutWhenThereIsNoNumberLeft() external {
        ready();
        uint256 last = type(uint32).max;
        storeState(patient, (last << 112) + (last << 176));
        bytes[] memory papers = new bytes[](FORMS);
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) papers[form] = paper(Form(form), form);
        for (uint256 form = OPENING_FORMS; form < FORMS; ++form) {
            carry(papers[form]);
            vm.assertTrue(isShut(Form(form), 0), "shut");
        }
    }
}
