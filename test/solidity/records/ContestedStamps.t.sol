// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRoots} from "../../../contracts/interfaces/IRoots.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {MerkleTrees} from "../helpers/MerkleTrees.sol";
import {RecordSigning} from "../helpers/RecordSigning.sol";
import {RecordsTest} from "../helpers/RecordsTest.sol";

/// Stamps whose signer's credential was ended in the past.
contract ContestedStampsTest is RecordsTest {
    bytes32 private constant ROLE = "practitioner";
    uint40 private constant UNTIL = T0 + 3600 days;
    uint40 private constant ANCHORED_AT = T0 + 10;
    uint40 private constant FILED_AT = T0 + 1000 days;

    IStamps.StampStatus private constant NONE = IStamps.StampStatus.None;
    IStamps.StampStatus private constant COUNTS = IStamps.StampStatus.Counts;
    IStamps.StampStatus private constant CONTESTED = IStamps.StampStatus.Contested;

    address private _second = address(0x5EC0);

    function setUp() public override {
        super.setUp();
        _credential(_author, ROLE, UNTIL);
        vm.warp(ANCHORED_AT);
        _anchor(CONTENT);
    }

    /// One stolen key of an issuer's undoes the stamps of years, but not for good.
    function test_countsAgainWhatAStolenIssuersKeyUndid() external {
        _check(T0 + 5, COUNTS);
        _file(T0);
        _check(T0 + 5, NONE);
        _contest();
        _check(T0 + 5, CONTESTED);
        vm.warp(FILED_AT + 1);
        _manager.revokeRole(_credentials.issuerRoleOf(ROLE), _issuer); // the thief is thrown out
        _standFor();
        _check(T0 + 5, COUNTS);
        // and whoever steals that key again can't set the end back
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), _issuer, 0);
        vm.prank(_issuer);
        (bool success, ) = address(_credentials).call(abi.encodeCall(_credentials.revoke, (_author, ROLE, 0, T0)));
        vm.assertTrue(!success, "revoked again");
        _check(T0 + 5, COUNTS);
    }

    function test_isContestedWhereTheEndLiesBetweenStampAndAnchor() external {
        _file(T0 + 7);
        _check(T0 + 6, NONE);
        _contest();
        _check(T0 + 6, CONTESTED); // held when it was issued, not when it was anchored
        _check(T0 + 7, CONTESTED);
        _check(ANCHORED_AT, CONTESTED);
        _check(ANCHORED_AT + 1, NONE); // issued after it was anchored
        _check(T0 - 1, NONE); // before the credential
        _standFor();
        _check(T0 + 6, COUNTS);
        _check(T0 - 1, NONE);
    }

    function test_countsWhatLiesBeforeAContestedEnd() external {
        _file(ANCHORED_AT + 1);
        _contest();
        _check(T0 + 5, COUNTS);
        _check(ANCHORED_AT, COUNTS);
    }

    function test_saysNothingOfOthersSignaturesAndOtherCredentials() external {
        _file(T0);
        _contest();
        IStamps.Stamp memory stamp = _stamp(T0 + 5);
        bytes memory forged = _sign(OUTSIDER_KEY, RecordSigning.hash(stamp));
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(stamp));
        _check(stamp, 0, forged, NONE);
        _check(stamp, 0, "", NONE);
        _check(stamp, 1, signature, NONE);
        _check(stamp, 0, signature, CONTESTED);
        _erase(CONTENT);
        _check(stamp, 0, signature, NONE);
    }

    /// By its witness, as by its anchor; and one that counts is enough.
    function test_isContestedByItsWitnessToo() external {
        IStamps.Stamp memory stamp = _stamp(T0 + 20);
        bytes32 digest = _records.stampDigest(stamp);
        vm.warp(T0 + 30);
        vm.prank(_author);
        _records.witness(digest);
        _check(stamp, 0, "", COUNTS);
        _file(T0 + 25);
        _check(stamp, 0, "", NONE);
        _contest();
        _check(stamp, 0, "", CONTESTED);
        _standFor();
        _check(stamp, 0, "", COUNTS);
    }

    function test_staysContestedWhereItsWitnessIsTooLate() external {
        _file(T0);
        _contest();
        IStamps.Stamp memory stamp = _stamp(T0 + 5);
        bytes memory signature = _sign(AUTHOR_KEY, RecordSigning.hash(stamp));
        bytes32 digest = _records.stampDigest(stamp);
        vm.prank(_author);
        _records.witness(digest); // at the filing's time: no credential covers it
        _check(stamp, 0, signature, CONTESTED);
        _check(stamp, 0, "", NONE);
        _standFor();
        _check(stamp, 0, signature, COUNTS);
        _check(stamp, 0, "", NONE);
    }

    /// A warning of the interface: under a root of then, its author chooses what to claim, and stamps it only now.
    function test_countsWhatIsClaimedFromARootOfThenThoughItIsStampedNow() external {
        (bytes32 positive, bytes32 negative) = (keccak256("positive"), keccak256("negative"));
        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (_id(positive), _id(negative));
        bytes32[] memory tree = MerkleTrees.build(ids);
        vm.prank(_author);
        _records.anchorRoot(tree[0], 1, 0); // count is what the author says
        vm.prank(_issuer);
        _credentials.revoke(_author, ROLE, 0, ANCHORED_AT + 1);
        vm.warp(T0 + 500);
        vm.prank(_author);
        _records.claimLeaf(
            tree[0],
            MerkleTrees.prove(tree, ids[0]),
            IRoots.Leaf(_patient, CARDIOLOGY, positive),
            MANIFEST
        );
        IStamps.Stamp memory stamp = _stamp(ANCHORED_AT);
        stamp.content = positive;
        _check(stamp, 0, _sign(AUTHOR_KEY, RecordSigning.hash(stamp)), COUNTS);
        // a record that is anchored now has its own time
        _anchor(negative);
        stamp.content = negative;
        _check(stamp, 0, _sign(AUTHOR_KEY, RecordSigning.hash(stamp)), NONE);
    }

    function _stamp(uint48 issuedAt) private view returns (IStamps.Stamp memory) {
        return IStamps.Stamp(_patient, CARDIOLOGY, CONTENT, ROLE, "authored", 0, issuedAt);
    }

    function _file(uint40 until) private {
        vm.warp(FILED_AT);
        vm.prank(_issuer);
        _credentials.revoke(_author, ROLE, 0, until);
    }

    function _contest() private {
        vm.prank(_author);
        _credentials.contest(_author, ROLE, 0);
    }

    function _standFor() private {
        _manager.grantRole(_credentials.issuerRoleOf(ROLE), _second, 0);
        vm.prank(_second);
        _credentials.standFor(_author, ROLE, 0);
    }

    function _check(uint48 issuedAt, IStamps.StampStatus expected) private view {
        IStamps.Stamp memory stamp = _stamp(issuedAt);
        _check(stamp, 0, _sign(AUTHOR_KEY, RecordSigning.hash(stamp)), expected);
    }

    function _check(
        IStamps.Stamp memory stamp,
        uint256 credential,
        bytes memory signature,
        IStamps.StampStatus expected
    ) private view {
        IStamps.StampStatus status = _records.stampStatus(stamp, _author, credential, signature);
        vm.assertEq(uint256(status), uint256(expected), "stampStatus");
        bool counts = _records.verifyStamp(stamp, _author, credential, signature);
        vm.assertTrue(counts == (expected == COUNTS), "verifyStamp");
    }
}
