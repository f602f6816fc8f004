// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// What delegates do by signature, in a patient's place.
contract SignedDelegatesTest is ConsentSetup {
    function setUp() public override {
        super.setUp();
        entrust(CHART, powersOf(READ + WRITE + DENY + GROUP, TREATMENT));
    }

    /* GRANT */

    function test_grantsForThePatientByTheDelegatesSignature() external {
        Terms[4] memory all = [_short(READ, 1), _short(WRITE, 0), _short(READ + WRITE, 1), _short(READ + GROUP, 1)];
        uint56 stand = standOf(patient);
        for (uint32 i = 0; i < 4; ++i) {
            uint56 next = joined(carer, standOf(carer), SESSION, 1);
            ISignedConsents.SignedGrantFor memory offered = _offer(keyFor(LABEL, CONTENT, CHART), all[i]);
            bytes memory signature = signed(DELEGATE_KEY, Signing.hash(offered));
            Terms standing = placed(marked(all[i]), BLOCK, 2);
            expectGranted(record, standing, changeOf(i + 2, BLOCK, BLOCK));
            expectActed(record, i + 2);
            vm.recordLogs();
            vm.prank(outsider);
            consent.grantForBySig(offered, signature);
            assertEvents(2);
            assertGrant(record, standing);
            vm.assertEq(standOf(carer), next, "the delegate's stand");
        }
        vm.assertEq(standOf(patient), stand, "the patient's stays");
    }

    function test_bindsTheSignatureToEachFieldOfADelegatedGrant() external {
        ISignedConsents.SignedGrantFor memory offered = _offer();
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(offered));
        uint256[7] memory words = [
            word(NOW + 1, NOW + 100, 0, 1, READ),
            word(NOW, NOW + 101, 0, 1, READ),
            word(NOW, NOW + 100, 1, 1, READ),
            word(NOW, NOW + 100, 0, 2, READ),
            word(NOW, NOW + 100, 0, 1, READ + WRITE),
            word(NOW, NOW + 100, 0, 1, WRITE),
            word(NOW, NOW + 100, 0, 1, READ + GROUP)
        ];
        for (uint256 i = 0; i < 7; ++i) {
            offered.terms = Terms.wrap(words[i]);
            _refuseSignature(offered, signature);
        }
        for (uint256 i = 0; i < 10; ++i) {
            offered = _offer();
            if (i == 0) offered.key.patient = outsider;
            if (i == 1) offered.key.grantee = outsider;
            if (i == 2) offered.key.compartment = OTHER_LABEL;
            if (i == 3) offered.key.content = CONTENT;
            if (i == 4) offered.key.under = LABEL;
            if (i == 5) offered.capsule = 0;
            if (i == 6) offered.delegatedAt += 1;
            if (i == 7) offered.opening.number += 1;
            if (i == 8) offered.opening.deadline += 1;
            if (i == 9) offered.opening.session += 1;
            _refuseSignature(offered, signature);
        }
        offered = _offer();
        _refuseSignature(offered, signed(PATIENT_KEY, Signing.hash(offered)));
        storeState(carer, uint256(9) << 40);
        offered.opening.stand = 9;
        _refuseSignature(offered, signature);
        storeState(carer, 0);
        offered = _offer();
        offered.delegate = outsider; // another delegate takes it for no paper of their own
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, outsider));
        consent.grantForBySig(offered, signature);
        offered.delegate = carer;
        consent.grantForBySig(offered, signature);
    }

    function test_takesADelegatedGrantUntilItsDeadlineInclusive() external {
        ISignedConsents.SignedGrantFor memory offered = _offer(
            keyFor(LABEL, 0, CHART),
            Terms.wrap(word(0, DEADLINE + 1, 0, 1, READ))
        );
        vm.warp(DEADLINE + 1);
        _refuse(offered, abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE));
        vm.warp(DEADLINE);
        _grantFor(offered);
        vm.assertTrue(reads(LABEL, 0), "granted");
    }

    function test_grantsBySignatureNoFurtherThanTheDelegateMay() external {
        Terms wider = _short(READ, 3);
        _refuse(
            _offer(keyFor(LABEL, 0, CHART), wider),
            abi.encodeWithSelector(
                IDelegations.BeyondDelegation.selector,
                wider,
                consent.delegationOf(patient, carer, CHART)
            )
        );
        _refuse(
            _offer(keyFor(CHART, CONTENT, CHART), short()),
            abi.encodeWithSelector(IDelegations.InvalidPlace.selector, CHART, CONTENT)
        );
        _refuse(
            _offer(keyFor(OTHER_LABEL, 0, LABEL), short()),
            abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, OTHER_LABEL, LABEL)
        );
        _refuse(
            _offer(keyFor(LABEL, 0, LABEL), short()),
            abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, LABEL, carer)
        );
        give(LABEL, reading());
        bytes memory reserved = abi.encodeWithSelector(
            IDelegations.GrantReserved.selector,
            grantee,
            LABEL,
            placed(reading(), BLOCK, 2)
        );
        _refuse(_offer(), reserved);
        shut(OTHER_LABEL);
        entrust(CHART, powersOf(READ + MANAGE, TREATMENT));
        _refuse(
            _offer(keyFor(OTHER_LABEL, 0, CHART), short()),
            abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, OTHER_LABEL)
        );
        vm.assertEq(standOf(carer), 0, "nothing is used up");
    }

    function test_grantsInThePatientsPresentEraUnderTheDelegationThatStands() external {
        ISignedConsents.SignedGrantFor memory offered = _offer();
        offered.terms = dated(short(), 1);
        _refuse(offered, abi.encodeWithSelector(ISignedConsents.StaleEra.selector, 1, 0));
        offered = _offer();
        offered.delegatedAt = BLOCK - 1;
        _refuse(offered, abi.encodeWithSelector(ISignedConsents.StaleDelegation.selector, BLOCK - 1, BLOCK));
        lock();
        _refuse(_offer(), abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        entrust(CHART, powersOf(READ, TREATMENT));
        _grantFor(_offer());
        assertGrant(LABEL, placed(marked(dated(short(), eraOf(patient))), BLOCK, 2));
    }

    /* REVOKE AND DENY */

    function test_revokesAndDeniesForThePatientByTheDelegatesSignature() external {
        _grantFor(_offer());
        IDelegations.DelegatedKey memory place = keyFor(LABEL, 0, CHART);
        bytes memory signature = signed(DELEGATE_KEY, Signing.hashRevokeFor(carer, place, onceOf(1)));
        expectRevoked(LABEL, vacant(BLOCK, 2), changeOf(3, BLOCK, BLOCK));
        expectActed(LABEL, 3);
        vm.recordLogs();
        vm.prank(outsider);
        consent.revokeForBySig(carer, place, onceOf(1), signature);
        assertEvents(2);
        assertGrant(LABEL, vacant(BLOCK, 2));
        uint56 stand = standOf(carer);
        signature = signed(DELEGATE_KEY, Signing.hashDenyFor(carer, place, onceOf(2)));
        expectDenied(LABEL, placed(marked(denial()), BLOCK, 2), changeOf(4, BLOCK, BLOCK));
        expectActed(LABEL, 4);
        vm.recordLogs();
        vm.prank(outsider);
        consent.denyForBySig(carer, place, onceOf(2), signature);
        assertEvents(2);
        vm.assertTrue(standOf(carer) != stand && standOf(carer) != 0, "each moves the delegate on");
    }

    function test_shutsBySignatureNoFurtherThanTheDelegateMay() external {
        give(LABEL, reading());
        bytes memory reserved = abi.encodeWithSelector(
            IDelegations.GrantReserved.selector,
            grantee,
            LABEL,
            placed(reading(), BLOCK, 2)
        );
        entrust(CHART, powersOf(READ + WRITE, TREATMENT));
        bytes memory powerless = abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer);
        _refuseShutting(keyFor(LABEL, 0, CHART), DEADLINE, reserved, powerless);
        bytes memory none = abi.encodeWithSelector(IGrants.NothingStands.selector, grantee, OTHER_LABEL);
        bytes memory not = abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer);
        _refuseShutting(keyFor(OTHER_LABEL, 0, CHART), DEADLINE, none, not);
        distrust(CHART);
        _refuseShutting(keyFor(OTHER_LABEL, 0, CHART), DEADLINE, not, not);
        vm.warp(DEADLINE + 1);
        bytes memory expired = abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, DEADLINE);
        _refuseShutting(keyFor(OTHER_LABEL, 0, CHART), DEADLINE, expired, expired);
        vm.assertTrue(!consent.isUsed(carer, 1), "unused");
    }

    function test_bindsTheSignatureToEachFieldOfWhatADelegateShuts() external {
        bytes memory revoking = signed(DELEGATE_KEY, Signing.hashRevokeFor(carer, keyFor(LABEL, 0, CHART), onceOf(1)));
        bytes memory denying = signed(DELEGATE_KEY, Signing.hashDenyFor(carer, keyFor(LABEL, 0, CHART), onceOf(1)));
        for (uint256 i = 0; i < 7; ++i) {
            IDelegations.DelegatedKey memory place = keyFor(LABEL, 0, CHART);
            ISignedActions.Once memory once = onceOf(1);
            if (i == 0) place.patient = outsider;
            if (i == 1) place.grantee = outsider;
            if (i == 2) place.compartment = OTHER_LABEL;
            if (i == 3) place.content = CONTENT;
            if (i == 4) place.under = LABEL;
            if (i == 5) once.id = 2;
            if (i == 6) once.deadline = DEADLINE + 1;
            _refuseBoth(carer, place, once, revoking, denying);
        }
        _refuseBoth(carer, keyFor(LABEL, 0, CHART), onceOf(1), denying, revoking); // one for the other
        _refuseBoth(outsider, keyFor(LABEL, 0, CHART), onceOf(1), revoking, denying);
        bytes memory others = signed(PATIENT_KEY, Signing.hashRevokeFor(carer, keyFor(LABEL, 0, CHART), onceOf(1)));
        _refuseBoth(carer, keyFor(LABEL, 0, CHART), onceOf(1), others, others);
        consent.denyForBySig(carer, keyFor(LABEL, 0, CHART), onceOf(1), denying);
    }

    function _short(uint8 permissions, uint64 purposes) private pure returns (Terms) {
        return Terms.wrap(word(NOW, NOW + 100, 0, purposes, permissions));
    }

    function _offer() private view returns (ISignedConsents.SignedGrantFor memory) {
        return _offer(keyFor(LABEL, 0, CHART), short());
    }

    function _offer(
        IDelegations.DelegatedKey memory place,
        Terms terms
    ) private view returns (ISignedConsents.SignedGrantFor memory) {
        uint32 delegatedAt = consent.delegationOf(patient, carer, place.under).writtenAt();
        Terms current = dated(terms, eraOf(patient));
        return ISignedConsents.SignedGrantFor(carer, place, current, CAPSULE, delegatedAt, openingOf(carer));
    }

    function _grantFor(ISignedConsents.SignedGrantFor memory offered) private {
        consent.grantForBySig(offered, signed(DELEGATE_KEY, Signing.hash(offered)));
    }

    function _refuse(ISignedConsents.SignedGrantFor memory offered, bytes memory reason) private {
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(offered));
        refuse(reason);
        consent.grantForBySig(offered, signature);
    }

    function _refuseSignature(ISignedConsents.SignedGrantFor memory offered, bytes memory signature) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, carer));
        consent.grantForBySig(offered, signature);
    }

    function _refuseShutting(
        IDelegations.DelegatedKey memory place,
        uint40 deadline,
        bytes memory revoking,
        bytes memory denying
    ) private {
        ISignedActions.Once memory once = ISignedActions.Once(1, deadline);
        bytes memory signature = signed(DELEGATE_KEY, Signing.hashRevokeFor(carer, place, once));
        refuse(revoking);
        consent.revokeForBySig(carer, place, once, signature);
        signature = signed(DELEGATE_KEY, Signing.hashDenyFor(carer, place, once));
        refuse(denying);
        consent.denyForBySig(carer, place, once, signature);
    }

    function _refuseBoth(
        address signer,
        IDelegations.DelegatedKey memory place,
        ISignedActions.Once memory once,
        bytes memory revoking,
        bytes memory denying
    ) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.revokeForBySig(signer, place, once, revoking);
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer));
        consent.denyForBySig(signer, place, once, denying);
    }
}
