// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";
import {KeyWallet} from "../helpers/Wallets.sol";

/// A DENY always wins: over what is narrower and wider, of before and of later, whoever gave it.
contract DenyWinsTest is ConsentSetup {
    /// Every set of grants on record, compartment and chart, made before or after every set of DENYs on them.
    function test_winsOverEveryGrantOnEveryScopeWhicheverCameFirst() external {
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 set = 0; set < 128; ++set) {
            (uint256 granted, uint256 denied, bool isDeniedFirst) = (set % 8, (set / 8) % 8, set / 64 == 1);
            grantee = address(uint160(0x1000 + set));
            for (uint256 i = 0; i < 3; ++i) if (isDeniedFirst && _has(denied, i)) shut(scopes[i]);
            for (uint256 i = 0; i < 3; ++i) {
                if (isDeniedFirst && _has(denied, i)) continue;
                if (_has(granted, i)) give(scopes[i], termsOf(READ + WRITE, TREATMENT));
            }
            for (uint256 i = 0; i < 3; ++i) if (!isDeniedFirst && _has(denied, i)) shut(scopes[i]);
            // of the record, its compartment and the chart, those up to the place asked for count
            _assertOpens(CHART, 0, granted % 2 != 0 && denied % 2 == 0);
            _assertOpens(LABEL, 0, (granted & ~denied) % 4 != 0 && denied % 4 == 0);
            _assertOpens(LABEL, CONTENT, granted & ~denied != 0 && denied == 0);
        }
    }

    function test_shutsEveryNarrowerGrantOfBeforeByADenyOnTheChart() external {
        give(LABEL, reading());
        give(record, termsOf(READ + WRITE, TREATMENT));
        shut(CHART);
        _assertOpens(LABEL, CONTENT, false);
        _assertOpens(LABEL, 0, false);
        lift(CHART);
        _assertOpens(LABEL, CONTENT, true); // the grants of before still stand
    }

    function test_shutsNobodyElseOut() external {
        vm.prank(patient);
        consent.grant(outsider, LABEL, reading(), 0);
        shut(CHART);
        vm.assertTrue(consent.canAccess(patient, outsider, LABEL, CONTENT, READ, TREATMENT), "another grantee");
        vm.assertTrue(consent.canAccess(patient, patient, LABEL, CONTENT, READ, TREATMENT), "the patient");
    }

    /* WHAT TAKES NO DENY AWAY */

    function test_staysWhateverIsGrantedInPerson() external {
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            shut(scopes[i]);
            refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, scopes[i]));
            give(scopes[i], reading());
            assertGrant(scopes[i], placed(denial(), BLOCK, i + 1));
        }
    }

    function test_staysWhateverIsRevoked() external {
        shut(LABEL);
        give(CHART, reading());
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        take(LABEL);
        IGrants.GrantKey[] memory keys = new IGrants.GrantKey[](1);
        keys[0] = keyTo(LABEL);
        expectSkipped(0, abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
        vm.prank(patient);
        consent.revokeMany(keys);
        assertGrant(LABEL, placed(denial(), BLOCK, 1));
        _assertOpens(LABEL, CONTENT, false);
    }

    function test_staysOverLockdownsAndYears() external {
        shut(record);
        for (uint256 i = 0; i < 3; ++i) {
            lock();
            vm.warp(NOW + i * 3650 days);
            vm.prank(patient);
            consent.grant(grantee, CHART, _readingNow(), 0);
            vm.assertTrue(reads(LABEL, OTHER_CONTENT), "another record");
            vm.assertTrue(!reads(LABEL, CONTENT), "the denied one");
        }
    }

    function test_isTakenAwayByLiftAndByASignedGrantThatNamesIt() external {
        give(CHART, reading());
        shut(LABEL);
        lift(LABEL);
        _assertOpens(LABEL, CONTENT, true);
        shut(LABEL);
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        offered.lifts = BLOCK;
        submit(offered);
        assertGrant(LABEL, placed(reading(), BLOCK, 2));
        _assertOpens(LABEL, CONTENT, true);
    }

    /// Each by the block in which it was set: one that came later stays.
    function test_staysWhateverSignedGrantNamesAnother() external {
        shut(LABEL);
        lift(LABEL);
        vm.roll(BLOCK + 9);
        shut(LABEL);
        uint32[5] memory others = [0, 1, BLOCK, BLOCK + 8, BLOCK + 10];
        for (uint256 i = 0; i < 5; ++i) {
            ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
            offered.lifts = others[i];
            bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
            refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
            consent.grantBySig(offered, signature);
        }
        assertGrant(LABEL, placed(denial(), BLOCK + 9, 1));
    }

    function test_isLiftedByNobodyButThePatient() external {
        shut(LABEL);
        address[3] memory others = [grantee, carer, outsider];
        entrust(CHART, powersOf(READ + WRITE + DENY + MANAGE, TREATMENT));
        for (uint256 i = 0; i < 3; ++i) {
            // another's lift is about another's chart
            refuse(abi.encodeWithSelector(IGrants.NoDeny.selector, grantee, LABEL));
            vm.prank(others[i]);
            consent.lift(grantee, LABEL);
        }
        assertGrant(LABEL, placed(denial(), BLOCK, 1));
    }

    /* DELEGATES */

    function test_letsNoDelegateOpenBelowADenyOnTheChart() external {
        entrust(CHART, powersOf(READ, TREATMENT));
        shut(CHART);
        giveFor(keyFor(LABEL, 0, CHART), short());
        giveFor(keyFor(LABEL, CONTENT, CHART), short());
        _assertOpens(LABEL, CONTENT, false);
        _assertOpens(LABEL, 0, false);
    }

    function test_letsNoDelegateOpenBelowADenyOnACompartment() external {
        entrust(LABEL, powersOf(READ + MANAGE, TREATMENT));
        give(CHART, reading());
        shut(LABEL);
        giveFor(keyFor(LABEL, CONTENT, LABEL), short());
        _assertOpens(LABEL, CONTENT, false);
    }

    function test_letsNoDelegateOpenAboveADeny() external {
        entrust(CHART, powersOf(READ + MANAGE, TREATMENT));
        shut(record);
        giveFor(keyFor(CHART, 0, CHART), short());
        giveFor(keyFor(LABEL, 0, CHART), short());
        _assertOpens(LABEL, CONTENT, false);
        vm.assertTrue(reads(LABEL, OTHER_CONTENT), "another record");
    }

    function test_letsNoDelegateEvenWithManageTakeADenyAway() external {
        entrust(CHART, powersOf(READ + WRITE + DENY + MANAGE, TREATMENT));
        shut(LABEL);
        IDelegations.DelegatedKey memory place = keyFor(LABEL, 0, CHART);
        bytes memory reason = abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL);
        refuse(reason);
        giveFor(place, short());
        refuse(reason);
        takeFor(place);
        refuse(reason);
        shutFor(place); // nor put its own, shorter one in its place
        assertGrant(LABEL, placed(denial(), BLOCK, 2));
    }

    function test_shutsADelegateOutOfWriting() external {
        entrust(CHART, powersOf(WRITE, 0));
        vm.prank(patient);
        consent.deny(carer, LABEL);
        vm.assertTrue(!consent.canWrite(patient, carer, LABEL, CONTENT), "denied");
        vm.assertTrue(consent.canWrite(patient, carer, OTHER_LABEL, CONTENT), "elsewhere");
        vm.prank(patient);
        consent.grant(carer, record, termsOf(WRITE, 0), 0);
        vm.assertTrue(!consent.canWrite(patient, carer, LABEL, CONTENT), "a grant below the DENY");
    }

    /// A contract account that is a delegate is a person like others.
    function test_shutsAContractAccountOut() external {
        grantee = address(new KeyWallet(GRANTEE_KEY));
        give(record, termsOf(READ + WRITE, TREATMENT));
        shut(LABEL);
        _assertOpens(LABEL, CONTENT, false);
    }

    function _readingNow() private view returns (Terms) {
        return Terms.wrap(word(block.timestamp, block.timestamp + 5000, 0, TREATMENT, READ));
    }

    function _has(uint256 set, uint256 i) private pure returns (bool) {
        return (set / 2 ** i) % 2 == 1;
    }

    function _assertOpens(bytes32 compartment, bytes32 content, bool expected) private view {
        vm.assertTrue(reads(compartment, content) == expected, "canAccess");
        (, Terms terms) = consent.permittingGrant(patient, grantee, compartment, content, READ, TREATMENT);
        vm.assertTrue((Terms.unwrap(terms) != 0) == expected, "permittingGrant");
        if (!expected) vm.assertTrue(!consent.canWrite(patient, grantee, compartment, content), "canWrite");
    }
}
