// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {Delegation} from "../../../contracts/types/DelegationTerms.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";

/// Where a delegate may act, who is one, and when.
contract DelegatePlacesTest is ConsentSetup {
    function test_actsWithinTheScopeOfTheDelegationAlone() external {
        // under chart, compartment, record; on chart, compartment, another compartment, record, other records
        bytes32[3] memory under = [CHART, LABEL, record];
        bytes32[6] memory compartments = [CHART, LABEL, OTHER_LABEL, LABEL, LABEL, OTHER_LABEL];
        bytes32[6] memory contents = [bytes32(0), 0, 0, CONTENT, OTHER_CONTENT, CONTENT];
        bool[6][3] memory within = [
            [true, true, true, true, true, true],
            [false, true, false, true, true, false],
            [false, false, false, true, false, false]
        ];
        for (uint256 i = 0; i < 3; ++i) {
            entrust(under[i], powersOf(READ + DENY, TREATMENT));
            for (uint256 j = 0; j < 6; ++j) {
                bytes32 scope = contents[j] == 0 ? compartments[j] : recordOf(compartments[j], contents[j]);
                IDelegations.DelegatedKey memory place = keyFor(compartments[j], contents[j], under[i]);
                if (within[i][j]) {
                    giveFor(place, short());
                    takeFor(place);
                    shutFor(place);
                    lift(scope);
                } else {
                    _refuseEach(
                        place,
                        abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, scope, under[i])
                    );
                }
            }
        }
    }

    function test_namesNoPlaceThatIsNone() external {
        entrust(CHART, powersOf(READ + DENY + MANAGE, TREATMENT));
        bytes32[3] memory compartments = [CHART, record, record];
        bytes32[3] memory contents = [CONTENT, CONTENT, bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            _refuseEach(
                keyFor(compartments[i], contents[i], CHART),
                abi.encodeWithSelector(IDelegations.InvalidPlace.selector, compartments[i], contents[i])
            );
        }
    }

    function test_pairsNoDelegatedRecordWithAnotherCompartment() external {
        entrust(record, powersOf(READ + DENY, TREATMENT));
        bytes32 elsewhere = recordOf(OTHER_LABEL, CONTENT);
        _refuseEach(
            keyFor(OTHER_LABEL, CONTENT, record),
            abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, elsewhere, record)
        );
        bytes32 nested = recordOf(LABEL, record);
        _refuseEach(
            keyFor(LABEL, record, record),
            abi.encodeWithSelector(IDelegations.OutsideDelegation.selector, nested, record)
        );
    }

    /* WHO, AND WHEN */

    function test_refusesWhoIsNoDelegateOfThatScope() external {
        entrust(LABEL, powersOf(READ + DENY + MANAGE, TREATMENT));
        giveFor(keyFor(LABEL, 0, LABEL), short());
        _refuseNotDelegate(CHART);
        address delegate = carer;
        // not even the patient: theirs are the plain acts
        address[3] memory others = [outsider, grantee, patient];
        for (uint256 i = 0; i < 3; ++i) {
            carer = others[i];
            _refuseNotDelegate(LABEL);
        }
        carer = delegate;
        assertGrant(LABEL, placed(marked(short()), BLOCK, 2));
    }

    function test_isNoDelegateOfAnotherPatients() external {
        entrust(LABEL, powersOf(READ + DENY, TREATMENT));
        patient = outsider;
        _refuseNotDelegate(LABEL);
    }

    function test_actsUntilTheLastSecondOfTheDelegation() external {
        entrust(LABEL, Delegation.wrap(word(500, NOW + 10, 0, TREATMENT, READ + DENY)));
        vm.warp(NOW + 9);
        Terms last = Terms.wrap(word(0, NOW + 10, 0, TREATMENT, READ));
        giveFor(keyFor(LABEL, 0, LABEL), last);
        takeFor(keyFor(LABEL, 0, LABEL));
        shutFor(keyFor(LABEL, 0, LABEL));
        vm.warp(NOW + 10);
        _refuseNotDelegate(LABEL);
    }

    function test_actsNoMoreOnceTheDelegationWasTakenBackWhileItsGrantsStay() external {
        entrust(LABEL, powersOf(READ + DENY + MANAGE, TREATMENT));
        giveFor(keyFor(LABEL, 0, LABEL), short());
        distrust(LABEL);
        _refuseNotDelegate(LABEL);
        vm.assertTrue(reads(LABEL, CONTENT), "what was granted stays");
    }

    function test_actsNoMoreAfterALockdown() external {
        entrust(LABEL, powersOf(READ + DENY + MANAGE, TREATMENT));
        lock();
        _refuseNotDelegate(LABEL);
        vm.warp(NOW + 1);
        _refuseNotDelegate(LABEL);
    }

    function _refuseNotDelegate(bytes32 under) private {
        _refuseEach(
            keyFor(LABEL, 0, under),
            abi.encodeWithSelector(IDelegations.NotDelegate.selector, patient, under, carer)
        );
    }

    function _refuseEach(IDelegations.DelegatedKey memory place, bytes memory reason) private {
        refuse(reason);
        giveFor(place, short());
        refuse(reason);
        takeFor(place);
        refuse(reason);
        shutFor(place);
    }
}
