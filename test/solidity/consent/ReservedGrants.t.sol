// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// What a delegate may touch of that which stands: anything with MANAGE, without it never a DENY nor the patient's own.
contract ReservedGrantsTest is ConsentSetup {
    uint8 private constant _ALL = 1 + 2 + 4;

    function test_touchesNoGrantOfThePatientsOnAnyScopeWithoutManage() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        give(CHART, reading());
        give(LABEL, termsOf(WRITE, 0));
        give(record, reading());
        _assertReserved(CHART, 0, numbered(reading(), 1));
        _assertReserved(LABEL, 0, numbered(termsOf(WRITE, 0), 1));
        _assertReserved(LABEL, CONTENT, numbered(reading(), 1));
    }

    function test_touchesAnyGrantWithManage() external {
        entrust(CHART, delegationOf(_ALL + MANAGE, TREATMENT));
        give(LABEL, reading());
        _grantFor(LABEL, 0);
        assertGrant(LABEL, numbered(marked(_short()), 2));
        give(LABEL, denying());
        _grantFor(LABEL, 0);
        assertGrant(LABEL, numbered(marked(_short()), 4));
        give(LABEL, denying());
        _revokeFor(LABEL, 0);
        assertGrant(LABEL, tombstone(6));
        give(LABEL, reading());
        _revokeFor(LABEL, 0);
        assertGrant(LABEL, tombstone(8));
    }

    function test_needsManageInTheVeryDelegationThatItNames() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        entrust(OTHER_LABEL, delegationOf(_ALL + MANAGE, TREATMENT));
        give(LABEL, reading());
        _assertReserved(LABEL, 0, numbered(reading(), 1));
    }

    function test_touchesThePatientsGrantOnceItIsOver() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        give(LABEL, Terms.wrap(word(NOW, NOW + 10, 0, TREATMENT, READ)));
        Terms standing = consent.grantOf(patient, grantee, LABEL);
        vm.warp(NOW + 9);
        _assertReserved(LABEL, 0, standing);
        vm.warp(NOW + 10);
        _grantFor(LABEL, 0);
        assertGrant(LABEL, numbered(marked(_short()), 2));
    }

    function test_revokesThePatientsGrantOnceItIsOver() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        give(LABEL, Terms.wrap(word(NOW, NOW + 10, 0, TREATMENT, READ)));
        vm.warp(NOW + 10);
        _revokeFor(LABEL, 0);
        assertGrant(LABEL, tombstone(2));
    }

    function test_touchesNoGrantOfThePatientsThatIsYetToBegin() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        Terms later = Terms.wrap(word(NOW + 50, END, 0, TREATMENT, READ));
        give(LABEL, later);
        _assertReserved(LABEL, 0, numbered(later, 1));
    }

    function test_touchesThePatientsGrantOfBeforeALockdown() external {
        give(LABEL, reading());
        lock();
        vm.warp(NOW + 1);
        entrust(CHART, Delegation.wrap(word(500, END, NOW + 1, TREATMENT, _ALL)));
        _grantFor(LABEL, 0);
        assertGrant(LABEL, numbered(marked(_short()), 2));
    }

    /// Such a grant never opens: the next lockdown is later than any asOf so far.
    function test_touchesThePatientsGrantAsOfALockdownThatNeverWas() external {
        give(LABEL, since(reading(), NOW));
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        _grantFor(LABEL, 0);
        assertGrant(LABEL, numbered(marked(_short()), 2));
    }

    function test_touchesNoGrantOfThePatientsOfAfterALockdown() external {
        lock();
        vm.warp(NOW + 1);
        give(LABEL, since(reading(), NOW + 1));
        entrust(CHART, Delegation.wrap(word(500, END, NOW + 1, TREATMENT, _ALL)));
        _assertReserved(LABEL, 0, numbered(since(reading(), NOW + 1), 1));
    }

    function test_touchesNoDenyEvenOverWithoutManage() external {
        Terms denied = Terms.wrap(word(NOW, NOW + 10, 0, 0, DENY));
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        give(LABEL, denied);
        _assertReserved(LABEL, 0, numbered(denied, 1));
        vm.warp(NOW + 11);
        _assertReserved(LABEL, 0, numbered(denied, 1));
    }

    function test_touchesNoDenyOfBeforeALockdownWithoutManage() external {
        give(LABEL, denying());
        lock();
        vm.warp(NOW + 1);
        entrust(CHART, Delegation.wrap(word(500, END, NOW + 1, TREATMENT, _ALL)));
        _assertReserved(LABEL, 0, numbered(denying(), 1));
        entrust(CHART, Delegation.wrap(word(500, END, NOW + 1, TREATMENT, _ALL + MANAGE)));
        _revokeFor(LABEL, 0);
        assertGrant(LABEL, tombstone(2));
    }

    function test_touchesNoDenyOfItsOwnWithoutManage() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        Terms denied = Terms.wrap(word(NOW, NOW + 10, 0, 0, DENY));
        vm.prank(carer);
        consent.grantFor(giving(LABEL, 0, CHART, denied));
        _assertReserved(LABEL, 0, numbered(marked(denied), 1));
    }

    function test_touchesWhatADelegateGaveWhichever() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        _grantFor(LABEL, 0);
        vm.prank(patient);
        consent.delegate(outsider, CHART, delegationOf(READ, TREATMENT));
        vm.prank(outsider);
        consent.revokeFor(taking(LABEL, 0, CHART));
        assertGrant(LABEL, tombstone(2));
        _grantFor(LABEL, 0);
        vm.prank(outsider);
        consent.grantFor(giving(LABEL, 0, CHART, _short()));
        assertGrant(LABEL, numbered(marked(_short()), 4));
    }

    function test_reservesWhatThePatientGrantedOverADelegatesGrant() external {
        entrust(CHART, delegationOf(_ALL, TREATMENT));
        _grantFor(LABEL, 0);
        give(LABEL, reading());
        _assertReserved(LABEL, 0, numbered(reading(), 2));
    }

    function test_letsThePatientUndoWhatADelegateGave() external {
        entrust(CHART, delegationOf(_ALL + MANAGE, TREATMENT));
        _grantFor(LABEL, 0);
        vm.prank(patient);
        consent.revoke(grantee, LABEL);
        assertGrant(LABEL, tombstone(2));
    }

    function _short() private pure returns (Terms) {
        return Terms.wrap(word(NOW, NOW + 100, 0, TREATMENT, READ));
    }

    function _grantFor(bytes32 compartment, bytes32 content) private {
        vm.prank(carer);
        consent.grantFor(giving(compartment, content, CHART, _short()));
    }

    function _revokeFor(bytes32 compartment, bytes32 content) private {
        vm.prank(carer);
        consent.revokeFor(taking(compartment, content, CHART));
    }

    /// Neither granted over nor revoked, and standing as before.
    function _assertReserved(bytes32 compartment, bytes32 content, Terms standing) private {
        bytes32 scope = content == 0 ? compartment : recordOf(compartment, content);
        bytes memory reason = abi.encodeWithSelector(IDelegations.GrantReserved.selector, grantee, scope, standing);
        refuse(reason);
        _grantFor(compartment, content);
        refuse(reason);
        _revokeFor(compartment, content);
        assertGrant(scope, standing);
    }
}
