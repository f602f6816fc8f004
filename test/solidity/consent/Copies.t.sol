// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";

/// A signature covers every bit that comes to stand: no copy says more than what was signed.
contract CopiesTest is ConsentSetup {
    function test_takesNoBitThatASignedGrantDoesNotCover() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        for (uint256 bit = 184; bit < 256; ++bit) {
            Terms terms = Terms.wrap(Terms.unwrap(reading()) | (1 << bit));
            offered.terms = terms;
            if (Signing.hash(offered) != Signing.hash(offer(LABEL, reading())) || bit == 184) continue;
            refuse(abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms));
            consent.grantBySig(offered, signature);
        }
        assertGrant(LABEL, Terms.wrap(0));
    }

    function test_takesNoBitThatASignedDelegationDoesNotCover() external {
        ISignedConsents.SignedDelegation memory offered = _delegation();
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        for (uint256 bit = 184; bit < 256; ++bit) {
            Delegation terms = Delegation.wrap(Delegation.unwrap(powersOf(MANAGE, 0)) | (1 << bit));
            offered.terms = terms;
            if (Signing.hash(offered) != Signing.hash(_delegation()) || bit == 190) continue;
            refuse(abi.encodeWithSelector(IDelegations.InvalidDelegation.selector, terms));
            consent.delegateBySig(offered, signature);
        }
        assertDelegation(LABEL, Delegation.wrap(0));
    }

    function test_takesNoBitThatADelegatesSignatureDoesNotCover() external {
        Delegation limits = powersOf(READ + WRITE + DENY + GROUP + MANAGE, TREATMENT);
        entrust(CHART, limits);
        ISignedConsents.SignedGrantFor memory offered = _grantFor();
        bytes memory signature = signed(DELEGATE_KEY, Signing.hash(offered));
        for (uint256 bit = 184; bit < 256; ++bit) {
            Terms terms = Terms.wrap(Terms.unwrap(short()) | (1 << bit));
            offered.terms = terms;
            if (Signing.hash(offered) != Signing.hash(_grantFor()) || bit == 184) continue;
            // what the delegation has not, it does not give; what it has, no grant takes
            bool has = bit >= 192 || bit == 186 || bit == 190;
            refuse(
                has
                    ? abi.encodeWithSelector(IGrants.InvalidTerms.selector, terms)
                    : abi.encodeWithSelector(IDelegations.BeyondDelegation.selector, terms, placed(limits, BLOCK, 1))
            );
            consent.grantForBySig(offered, signature);
        }
        assertGrant(LABEL, Terms.wrap(0));
    }

    /// Which bits of permissions the forms show: READ, WRITE and GROUP; READ, WRITE, DENY, GROUP and MANAGE.
    function test_showsEveryPermissionThatMayStand() external view {
        for (uint256 bit = 0; bit < 8; ++bit) {
            ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
            offered.terms = Terms.wrap(Terms.unwrap(reading()) ^ (1 << (184 + bit)));
            bool shown = Signing.hash(offered) != Signing.hash(offer(LABEL, reading()));
            vm.assertTrue(shown == (bit < 2 || bit == 4), "a grant");
            ISignedConsents.SignedDelegation memory given = _delegation();
            given.terms = Delegation.wrap(Delegation.unwrap(given.terms) ^ (1 << (184 + bit)));
            shown = Signing.hash(given) != Signing.hash(_delegation());
            vm.assertTrue(shown == (bit < 3 || bit == 4 || bit == 6), "a delegation");
        }
    }

    /// Whoever submits a copy first does what the signer wanted, and harms nobody.
    function test_doesNoMoreByACopyThanByTheOriginal() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        vm.prank(grantee);
        consent.grantBySig(offered, signature);
        offered.opening.number += 1; // no number of the session either that was not signed
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient));
        consent.grantBySig(offered, signature);
        offered.opening.number -= 1;
        refuse(staleOpening(patient, offered.opening));
        vm.prank(outsider);
        consent.grantBySig(offered, signature);
        assertGrant(LABEL, placed(reading(), BLOCK, 1));
        vm.assertEq(changesOf(patient), 1, "changes");
    }

    function _delegation() private view returns (ISignedConsents.SignedDelegation memory) {
        return ISignedConsents.SignedDelegation(patient, carer, LABEL, powersOf(MANAGE, 0), openingOf(patient));
    }

    function _grantFor() private view returns (ISignedConsents.SignedGrantFor memory) {
        return
            ISignedConsents.SignedGrantFor(carer, keyFor(LABEL, 0, CHART), short(), CAPSULE, BLOCK, openingOf(carer));
    }
}
