// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {IGrants} from "../../../contracts/interfaces/IGrants.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// What a delegate may touch of that which stands: with MANAGE any grant, without it never the patient's own but to shut it, and
/// never a DENY.
contract ReservedGrantsTest is ConsentSetup {
    uint8 private constant _ALL = 1 + 2 + 4 + 16;

    function test_touchesNoGrantOfThePatientsOnAnyScopeWithoutManage() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        give(CHART, reading());
        give(LABEL, termsOf(WRITE, 0));
        give(record, reading());
        _assertReserved(CHART, 0, placed(reading(), BLOCK, 2));
        _assertReserved(LABEL, 0, placed(termsOf(WRITE, 0), BLOCK, 3));
        _assertReserved(LABEL, CONTENT, placed(reading(), BLOCK, 4));
    }

    function test_touchesAnyGrantWithManage() external {
        entrust(CHART, powersOf(_ALL + MANAGE, TREATMENT));
        give(LABEL, reading());
        giveFor(_place(), short());
        assertGrant(LABEL, placed(marked(short()), BLOCK, 2));
        give(LABEL, reading());
        takeFor(_place());
        assertGrant(LABEL, vacant(BLOCK, 2));
        give(LABEL, reading());
        shutFor(_place());
        assertGrant(LABEL, placed(marked(denial()), BLOCK, 2));
    }

    /// To shut is no less than the power says, whoever granted.
    function test_shutsWhateverThePatientGrantedWithThePowerToDeny() external {
        entrust(CHART, powersOf(DENY, 0));
        Terms[3] memory granted = [
            reading(),
            termsOf(READ + WRITE, RESEARCH),
            Terms.wrap(word(NOW + 9, END, 0, 0, WRITE))
        ];
        bytes32[3] memory compartments = [CHART, LABEL, LABEL];
        bytes32[3] memory contents = [bytes32(0), 0, CONTENT];
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            give(scopes[i], granted[i]);
            shutFor(keyFor(compartments[i], contents[i], CHART));
            assertGrant(scopes[i], placed(marked(denial()), BLOCK, i + 2));
        }
        vm.assertTrue(!reads(LABEL, CONTENT), "shut");
    }

    function test_shutsNothingOfThePatientsWithoutThePowerToDeny() external {
        entrust(CHART, powersOf(READ + WRITE + GROUP + MANAGE, TREATMENT));
        give(LABEL, reading());
        refuse(abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, CHART, carer));
        shutFor(_place());
        vm.assertTrue(reads(LABEL, CONTENT), "open");
    }

    function test_needsManageInTheVeryDelegationThatItNames() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        entrust(OTHER_LABEL, powersOf(_ALL + MANAGE, TREATMENT));
        entrust(LABEL, powersOf(_ALL + MANAGE, TREATMENT));
        give(LABEL, reading());
        _assertReserved(LABEL, 0, placed(reading(), BLOCK, 4));
        giveFor(keyFor(LABEL, 0, LABEL), short());
    }

    function test_touchesThePatientsGrantOnceItIsOver() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        give(LABEL, Terms.wrap(word(NOW, NOW + 10, 0, TREATMENT, READ)));
        Terms standing = consent.grantOf(patient, grantee, LABEL);
        vm.warp(NOW + 9);
        _assertReserved(LABEL, 0, standing);
        vm.warp(NOW + 10);
        giveFor(_place(), short());
        assertGrant(LABEL, placed(marked(short()), BLOCK, 2));
    }

    function test_revokesAndDeniesThePatientsGrantOnceItIsOver() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        give(LABEL, Terms.wrap(word(NOW, NOW + 10, 0, TREATMENT, READ)));
        give(CHART, Terms.wrap(word(NOW, NOW + 10, 0, TREATMENT, READ)));
        vm.warp(NOW + 10);
        takeFor(_place());
        assertGrant(LABEL, vacant(BLOCK, 2));
        shutFor(keyFor(CHART, 0, CHART));
        assertGrant(CHART, placed(marked(denial()), BLOCK, 3));
    }

    function test_touchesNoGrantOfThePatientsThatIsYetToBegin() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        Terms later = Terms.wrap(word(NOW + 50, END, 0, TREATMENT, READ));
        give(LABEL, later);
        _assertReserved(LABEL, 0, placed(later, BLOCK, 2));
    }

    function test_touchesThePatientsGrantOfAnotherEra() external {
        give(LABEL, reading());
        lock();
        entrust(CHART, powersOf(_ALL, TREATMENT));
        giveFor(_place(), short());
        assertGrant(LABEL, placed(marked(dated(short(), eraOf(patient))), BLOCK, 1));
    }

    function test_touchesNoGrantOfThePatientsOfAfterALockdown() external {
        lock();
        give(LABEL, reading());
        entrust(CHART, powersOf(_ALL, TREATMENT));
        _assertReserved(LABEL, 0, placed(dated(reading(), eraOf(patient)), BLOCK, 1));
    }

    function test_touchesNoDenyOfThePatientsInAnyEra() external {
        shut(LABEL);
        for (uint256 i = 0; i < 2; ++i) {
            entrust(CHART, powersOf(_ALL, TREATMENT));
            _assertReserved(LABEL, 0, placed(denial(), BLOCK, 1));
            refuse(abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL));
            shutFor(_place());
            lock();
        }
        entrust(CHART, powersOf(_ALL + MANAGE, TREATMENT));
        _assertShut(placed(denial(), BLOCK, 1));
    }

    function test_touchesNoDenyOfADelegatesInItsEra() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        shutFor(_place());
        _assertShut(placed(marked(denial()), BLOCK, 2));
        entrust(CHART, powersOf(_ALL + MANAGE, TREATMENT));
        _assertShut(placed(marked(denial()), BLOCK, 2));
        lock();
        entrust(CHART, powersOf(_ALL, TREATMENT));
        giveFor(_place(), short());
        vm.assertTrue(reads(LABEL, CONTENT), "in the next era");
    }

    function test_touchesWhatADelegateGaveWhichever() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        giveFor(_place(), short());
        address first = carer;
        carer = outsider;
        entrust(CHART, powersOf(READ, TREATMENT));
        takeFor(_place());
        assertGrant(LABEL, vacant(BLOCK, 2));
        carer = first;
        giveFor(_place(), short());
        carer = outsider;
        Terms longer = Terms.wrap(word(NOW, NOW + 200, 0, TREATMENT, READ));
        giveFor(_place(), longer);
        assertGrant(LABEL, placed(marked(longer), BLOCK, 2));
    }

    function test_reservesWhatThePatientGrantedOverADelegatesGrant() external {
        entrust(CHART, powersOf(_ALL, TREATMENT));
        giveFor(_place(), short());
        give(LABEL, reading());
        _assertReserved(LABEL, 0, placed(reading(), BLOCK, 2));
    }

    function test_letsThePatientUndoWhatADelegateGave() external {
        entrust(CHART, powersOf(_ALL + MANAGE, TREATMENT));
        giveFor(_place(), short());
        take(LABEL);
        assertGrant(LABEL, vacant(BLOCK, 2));
    }

    function _place() private view returns (IDelegations.DelegatedKey memory) {
        return keyFor(LABEL, 0, CHART);
    }

    /// Neither granted over nor revoked, and standing as before.
    function _assertReserved(bytes32 compartment, bytes32 content, Terms standing) private {
        bytes32 scope = content == 0 ? compartment : recordOf(compartment, content);
        IDelegations.DelegatedKey memory place = keyFor(compartment, content, CHART);
        bytes memory reason = abi.encodeWithSelector(IDelegations.GrantReserved.selector, grantee, scope, standing);
        refuse(reason);
        giveFor(place, short());
        refuse(reason);
        takeFor(place);
        assertGrant(scope, standing);
    }

    function _assertShut(Terms standing) private {
        bytes memory reason = abi.encodeWithSelector(IGrants.DenyStands.selector, grantee, LABEL);
        refuse(reason);
        giveFor(_place(), short());
        refuse(reason);
        takeFor(_place());
        refuse(reason);
        shutFor(_place());
        assertGrant(LABEL, standing);
    }
}
