// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {ChoosyGroup, ThirstyGroup} from "../helpers/Groups.sol";
import {BombWallet, BurningWallet, ParrotWallet} from "../helpers/Wallets.sol";

/// The same question for a member of a group that the patient granted to.
contract AccessAsTest is ConsentSetup {
    address private _member;

    function setUp() public override {
        super.setUp();
        _member = carer;
        grantee = address(new ChoosyGroup(patient, _member, TREATMENT));
    }

    function test_opensToAMemberOfAGroupWithAGrantAlone() external {
        vm.assertTrue(!_reads(), "no grant");
        give(LABEL, _toGroup());
        vm.assertTrue(_reads(), "a member");
        vm.assertTrue(!_readsAs(grantee, outsider), "no member");
        vm.assertTrue(!_readsAs(grantee, grantee), "the group is no member of itself");
        vm.assertTrue(!consent.canAccess(patient, _member, LABEL, CONTENT, READ, TREATMENT), "not in person");
        vm.assertTrue(!reads(LABEL, CONTENT), "nor the group");
        vm.assertTrue(!_readsAs(address(new ChoosyGroup(patient, _member, TREATMENT)), _member), "of another group");
        vm.assertTrue(!_asks(LABEL, CONTENT, RESEARCH), "another purpose");
        vm.assertTrue(!_asks(OTHER_LABEL, CONTENT, TREATMENT), "another place");
        vm.assertTrue(!_asks(CHART, CONTENT, TREATMENT), "no place");
        vm.assertTrue(!_asks(record, 0, TREATMENT), "a record id as label");
        vm.assertTrue(!_asks(LABEL, CONTENT, 0), "no purpose");
        vm.assertTrue(!_asks(LABEL, CONTENT, TREATMENT + RESEARCH), "two purposes");
    }

    /// A group may answer differently for each: what the patient granted and what the group says must agree.
    function test_asksTheGroupForThePatientThePermissionAndThePurpose() external {
        grantee = address(new ChoosyGroup(outsider, _member, TREATMENT));
        give(LABEL, _toGroup());
        vm.assertTrue(!_reads(), "for another patient");
        grantee = address(new ChoosyGroup(patient, _member, RESEARCH));
        give(LABEL, termsOf(READ + GROUP, TREATMENT + RESEARCH));
        vm.assertTrue(!_reads(), "for another purpose");
        vm.assertTrue(_asks(LABEL, CONTENT, RESEARCH), "for this purpose");
    }

    /// A person's account may have become a contract that answers everything, since it was granted to.
    function test_opensToNoMemberWhereThePatientGrantedToAPerson() external {
        grantee = address(new ParrotWallet(abi.encode(uint256(1)), false));
        give(CHART, termsOf(READ + WRITE, TREATMENT));
        vm.assertTrue(!_reads(), "a member of a person");
        vm.assertTrue(reads(LABEL, CONTENT), "the person");
        give(CHART, _toGroup());
        vm.assertTrue(_reads(), "a member of a group");
    }

    function test_looksFurtherWhereTheNarrowerGrantIsForThePerson() external {
        give(CHART, _toGroup());
        give(LABEL, reading());
        vm.assertTrue(_reads(), "by the chart's");
    }

    function test_opensAsLongAsTheGroupsGrant() external {
        give(LABEL, _toGroup());
        vm.warp(NOW - 1);
        vm.assertTrue(!_reads(), "before");
        vm.warp(END - 1);
        vm.assertTrue(_reads(), "last second");
        vm.warp(END);
        vm.assertTrue(!_reads(), "end");
        vm.warp(NOW);
        lock();
        vm.assertTrue(!_reads(), "locked down");
    }

    function test_shutsAMemberOutByADenyInPersonOnEachScope() external {
        give(CHART, _toGroup());
        give(LABEL, _toGroup());
        give(record, _toGroup());
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(patient);
            consent.deny(_member, scopes[i]);
            vm.assertTrue(!_reads(), "denied");
            vm.prank(patient);
            consent.lift(_member, scopes[i]);
            vm.assertTrue(_reads(), "no longer");
        }
    }

    function test_shutsAMemberOutOfThePlaceOfTheDenyAlone() external {
        give(CHART, _toGroup());
        vm.prank(patient);
        consent.deny(_member, record);
        vm.assertTrue(!_reads(), "that record");
        vm.assertTrue(_asks(LABEL, OTHER_CONTENT, TREATMENT), "another record");
        vm.assertTrue(_asks(LABEL, 0, TREATMENT), "the compartment");
    }

    function test_keepsADenyForAMemberOverALockdown() external {
        vm.prank(patient);
        consent.deny(_member, CHART);
        lock();
        give(LABEL, _toGroup());
        vm.assertTrue(!_reads(), "denied");
    }

    /// No grant in person is a way round the DENY, be it narrower.
    function test_keepsAMemberOutWhatIsGrantedInPersonBelowTheDeny() external {
        give(CHART, _toGroup());
        vm.prank(patient);
        consent.grant(_member, record, reading(), 0);
        vm.prank(patient);
        consent.deny(_member, CHART);
        vm.assertTrue(!_reads(), "as a member");
        vm.assertTrue(!consent.canAccess(patient, _member, LABEL, CONTENT, READ, TREATMENT), "in person");
    }

    function test_shutsTheWholeGroupOutByADenyForTheGroupOnEachScope() external {
        give(CHART, _toGroup());
        give(LABEL, _toGroup());
        give(record, _toGroup());
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            shut(scopes[i]);
            vm.assertTrue(!_reads(), "the group");
            lift(scopes[i]);
            give(scopes[i], _toGroup());
            vm.assertTrue(_reads(), "no longer");
        }
        shut(LABEL);
        vm.prank(patient);
        consent.grant(_member, LABEL, reading(), 0);
        vm.assertTrue(!_reads(), "still as a member");
        vm.assertTrue(consent.canAccess(patient, _member, LABEL, CONTENT, READ, TREATMENT), "but in person");
    }

    function test_takesNoAnswerOfAGroupButYes() external {
        bytes[7] memory answers = [
            abi.encode(uint256(0)),
            abi.encode(uint256(2)),
            abi.encode(type(uint256).max),
            abi.encode(uint256(1) << 255),
            abi.encode((uint256(1) << 128) + 1),
            abi.encodePacked(bytes30(0), uint8(1)),
            bytes("")
        ];
        for (uint256 i = 0; i < 7; ++i) vm.assertTrue(!_opens(address(new ParrotWallet(answers[i], false))), "no");
        vm.assertTrue(_opens(address(new ParrotWallet(abi.encode(uint256(1)), false))), "yes");
        bytes memory longer = abi.encode(uint256(1), uint256(2));
        vm.assertTrue(_opens(address(new ParrotWallet(longer, false))), "yes, and more");
        vm.assertTrue(!_opens(address(new ParrotWallet(abi.encode(uint256(1)), true))), "a yes out of a revert");
        vm.assertTrue(!_opens(address(new BombWallet())), "a long answer");
        vm.assertTrue(!_opens(outsider), "a person");
        vm.assertTrue(!_opens(address(4)), "a precompile that says what it is asked");
    }

    function test_givesAGroup100000GasAndNoMore() external {
        vm.assertTrue(!_opens(address(new ThirstyGroup(100_000))), "more");
        vm.assertTrue(_opens(address(new ThirstyGroup(98_000))), "enough");
        address burner = address(new BurningWallet());
        uint256 before = gasleft();
        vm.assertTrue(!_opens(burner), "a burner");
        vm.assertTrue(before - gasleft() < 250_000, "burns its share alone");
    }

    /// Though the whole chart is granted, and the group answers yes to everything.
    function test_opensNothingToAMalformedQuestion() external {
        grantee = address(new ThirstyGroup(0));
        give(CHART, termsOf(READ + GROUP, TREATMENT + RESEARCH));
        vm.assertTrue(_asks(LABEL, CONTENT, TREATMENT), "well-formed");
        vm.assertTrue(_asks(LABEL, 0, RESEARCH), "of a compartment");
        vm.assertTrue(!_asks(CHART, CONTENT, TREATMENT), "no compartment");
        vm.assertTrue(!_asks(record, 0, TREATMENT), "a record id as label");
        vm.assertTrue(!_asks(record, CONTENT, TREATMENT), "a record in a record");
        vm.assertTrue(!_asks(LABEL, CONTENT, 0), "no purpose");
        vm.assertTrue(!_asks(LABEL, CONTENT, TREATMENT + RESEARCH), "two purposes");
    }

    function test_opensNothingWhereTheGroupIsThePatient() external view {
        // whoever is a patient has every permission; but a person vouches for nobody
        vm.assertTrue(!_readsAs(patient, _member), "a person");
        vm.assertTrue(!_readsAs(patient, patient), "not even for themselves");
    }

    function _toGroup() private pure returns (Terms) {
        return termsOf(READ + GROUP, TREATMENT);
    }

    function _reads() private view returns (bool) {
        return _readsAs(grantee, _member);
    }

    function _readsAs(address group, address member) private view returns (bool) {
        return consent.canAccessAs(group, member, patient, LABEL, CONTENT, TREATMENT);
    }

    function _asks(bytes32 compartment, bytes32 content, uint64 purpose) private view returns (bool) {
        return consent.canAccessAs(grantee, _member, patient, compartment, content, purpose);
    }

    /// The patient grants to this group: does it open?
    function _opens(address group) private returns (bool) {
        grantee = group;
        give(LABEL, _toGroup());
        return _reads();
    }
}
