// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Group} from "../../../contracts/Group.sol";
import {GroupFactory} from "../../../contracts/GroupFactory.sol";
import {Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {ChoosyGroup, ThirstyGroup} from "../helpers/Groups.sol";
import {BombWallet, BurningWallet, ParrotWallet} from "../helpers/Wallets.sol";

/// The same question for a member of a group that the patient granted to.
contract AccessAsTest is ConsentSetup {
    address private _member;

    function setUp() public override {
        super.setUp();
        _member = carer;
        grantee = address(new ChoosyGroup(patient, _member));
    }

    function test_opensToAMemberOfAGroupWithAGrantAlone() external {
        vm.assertTrue(!_reads(), "no grant");
        give(LABEL, reading());
        vm.assertTrue(_reads(), "a member");
        vm.assertTrue(!_readsAs(grantee, outsider), "no member");
        vm.assertTrue(!_readsAs(grantee, grantee), "the group is no member of itself");
        vm.assertTrue(!consent.canAccess(patient, _member, LABEL, CONTENT, READ, TREATMENT), "not in person");
        vm.assertTrue(!_readsAs(address(new ChoosyGroup(patient, _member)), _member), "of another group");
        vm.assertTrue(!_readsAs(address(new ChoosyGroup(outsider, _member)), _member), "for another patient");
        vm.assertTrue(!_asks(LABEL, CONTENT, WRITE, 0), "another permission");
        vm.assertTrue(!_asks(LABEL, CONTENT, READ, RESEARCH), "another purpose");
        vm.assertTrue(!_asks(OTHER_LABEL, CONTENT, READ, TREATMENT), "another place");
        vm.assertTrue(!_asks(CHART, CONTENT, READ, TREATMENT), "no place");
        vm.assertTrue(!_asks(record, 0, READ, TREATMENT), "a record id as label");
        vm.assertTrue(!_asks(LABEL, CONTENT, 0, TREATMENT), "no permission");
    }

    function test_letsAMemberOfAGroupWithWriteWrite() external {
        give(LABEL, termsOf(WRITE, 0));
        vm.assertTrue(_asks(LABEL, CONTENT, WRITE, 0), "WRITE");
        vm.assertTrue(!_reads(), "READ");
    }

    function test_opensAsLongAsTheGroupsGrant() external {
        give(LABEL, reading());
        vm.warp(END - 1);
        vm.assertTrue(_reads(), "last second");
        vm.warp(END);
        vm.assertTrue(!_reads(), "end");
        vm.warp(NOW);
        lock();
        vm.assertTrue(!_reads(), "locked down");
    }

    function test_shutsAMemberOutByADenyInPersonOnEachScope() external {
        give(CHART, reading());
        give(LABEL, reading());
        give(record, reading());
        bytes32[3] memory scopes = [CHART, LABEL, record];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(patient);
            consent.grant(_member, scopes[i], denying(), 0);
            vm.assertTrue(!_reads(), "denied");
            vm.assertTrue(!_asks(LABEL, CONTENT, WRITE, 0), "to write, too");
            vm.prank(patient);
            consent.revoke(_member, scopes[i]);
            vm.assertTrue(_reads(), "no longer");
        }
    }

    function test_shutsAMemberOutOfThePlaceOfTheDenyAlone() external {
        give(CHART, reading());
        vm.prank(patient);
        consent.grant(_member, record, denying(), 0);
        vm.assertTrue(!_reads(), "that record");
        vm.assertTrue(_asks(LABEL, OTHER_CONTENT, READ, TREATMENT), "another record");
        vm.assertTrue(_asks(LABEL, 0, READ, TREATMENT), "the compartment");
    }

    function test_shutsAMemberOutAsLongAsTheDeny() external {
        give(CHART, reading());
        vm.prank(patient);
        consent.grant(_member, CHART, Terms.wrap(word(NOW + 1, NOW + 5, 0, 0, DENY)), 0);
        uint40[4] memory times = [NOW, NOW + 1, NOW + 4, NOW + 5];
        for (uint256 i = 0; i < 4; ++i) {
            vm.warp(times[i]);
            vm.assertTrue(_reads() == (i == 0 || i == 3), "in time");
        }
    }

    function test_keepsADenyForAMemberOverALockdown() external {
        vm.prank(patient);
        consent.grant(_member, CHART, denying(), 0);
        lock();
        vm.warp(NOW + 1);
        give(LABEL, since(reading(), NOW + 1));
        vm.assertTrue(!_reads(), "denied");
    }

    function test_letsAMembersOwnNarrowerGrantPrevailOverHisWiderDeny() external {
        give(CHART, reading());
        vm.prank(patient);
        consent.grant(_member, CHART, denying(), 0);
        vm.prank(patient);
        consent.grant(_member, record, termsOf(WRITE, 0), 0);
        vm.assertTrue(!_reads(), "to write says nothing of reading");
        vm.prank(patient);
        consent.grant(_member, record, reading(), 0);
        vm.assertTrue(_reads(), "to read");
    }

    function test_shutsAGroupOutByADenyForTheGroupOrForAll() external {
        give(CHART, reading());
        give(LABEL, denying());
        vm.assertTrue(!_reads(), "the group");
        // a grant in person is another question
        vm.prank(patient);
        consent.grant(_member, LABEL, reading(), 0);
        vm.assertTrue(!_reads(), "still as a member");
        vm.assertTrue(consent.canAccess(patient, _member, LABEL, CONTENT, READ, TREATMENT), "in person");
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

    function test_asksTheGroupOfThePatientWhereTheGroupIsThePatient() external view {
        // whoever is a patient has every permission; but a person vouches for nobody
        vm.assertTrue(!_readsAs(patient, _member), "a person");
        vm.assertTrue(!_readsAs(patient, patient), "not even for themselves");
    }

    function test_opensToMembersOfARealGroupUntilTheyExpireOrResign() external {
        GroupFactory factory = new GroupFactory();
        vm.prank(outsider);
        grantee = factory.create(0);
        give(LABEL, reading());
        address[] memory members = new address[](2);
        (members[0], members[1]) = (_member, address(7));
        vm.prank(outsider);
        Group(grantee).setMembers(members, NOW + 10);
        vm.assertTrue(_reads() && _readsAs(grantee, address(7)), "members");
        vm.assertTrue(!_readsAs(grantee, outsider), "the manager is none");
        vm.warp(NOW + 9);
        vm.assertTrue(_reads(), "last second");
        vm.prank(address(7));
        Group(grantee).resign();
        vm.assertTrue(!_readsAs(grantee, address(7)), "resigned");
        vm.warp(NOW + 10);
        vm.assertTrue(!_reads(), "expired");
    }

    function _reads() private view returns (bool) {
        return _readsAs(grantee, _member);
    }

    function _readsAs(address group, address member) private view returns (bool) {
        return consent.canAccessAs(group, member, patient, LABEL, CONTENT, READ, TREATMENT);
    }

    function _asks(bytes32 compartment, bytes32 content, uint8 permission, uint64 purpose) private view returns (bool) {
        return consent.canAccessAs(grantee, _member, patient, compartment, content, permission, purpose);
    }

    /// The patient grants to this group: does it open?
    function _opens(address group) private returns (bool) {
        grantee = group;
        give(LABEL, reading());
        return _reads();
    }
}
