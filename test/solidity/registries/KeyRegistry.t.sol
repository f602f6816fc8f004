// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {KeyRegistry} from "../../../contracts/KeyRegistry.sol";
import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {SolTest} from "../Vm.sol";

contract KeyRegistryTest is SolTest {
    uint40 private constant T0 = 1_900_000_000;
    uint256 private constant LENGTH = 1216;
    address private constant ACTOR = address(0xA11CE);
    address private constant OUTSIDER = address(0xBAD);

    KeyRegistry private _keys;

    function setUp() external {
        vm.warp(T0);
        _keys = new KeyRegistry();
    }

    function test_takesTheLengthOfAHybridRecipient() external view {
        vm.assertEq(_keys.RECIPIENT_LENGTH(), LENGTH, "RECIPIENT_LENGTH");
    }

    function test_knowsNoKeyBeforeTheFirst() external view {
        _check(ACTOR, 0, 0, 0);
    }

    function test_publishesAKey() external {
        _publish(ACTOR, _key(1), 1);
        _check(ACTOR, keccak256(_key(1)), 1, T0);
        _check(OUTSIDER, 0, 0, 0);
    }

    function test_rotatesAKeyAndBackAndCountsTheVersions() external {
        for (uint32 version = 1; version <= 4; ++version) {
            vm.warp(T0 + version);
            _publish(ACTOR, _key(version % 2), version);
            _check(ACTOR, keccak256(_key(version % 2)), version, T0 + version);
        }
    }

    function test_refusesTheKeyThatIsPublishedAlready() external {
        _publish(ACTOR, _key(1), 1);
        vm.warp(T0 + 1);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.KeyUnchanged.selector, keccak256(_key(1))));
        vm.prank(ACTOR);
        _keys.publish(_key(1));
        _check(ACTOR, keccak256(_key(1)), 1, T0);
    }

    function test_refusesAnyOtherLength() external {
        uint256[5] memory lengths = [uint256(0), 32, LENGTH - 1, LENGTH + 1, 2 * LENGTH];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidRecipientLength.selector, lengths[i], LENGTH));
            vm.prank(ACTOR);
            _keys.publish(new bytes(lengths[i]));
        }
    }

    /// Whoever publishes or points does so for themselves; the very same key is theirs, too.
    function test_letsNobodyTouchTheKeyOfAnother() external {
        _publish(ACTOR, _key(1), 1);
        vm.warp(T0 + 9);
        _publish(OUTSIDER, _key(1), 1);
        _publish(OUTSIDER, _key(2), 2);
        _check(ACTOR, keccak256(_key(1)), 1, T0);
        _check(OUTSIDER, keccak256(_key(2)), 2, T0 + 9);
    }

    function test_announcesASealedVault() external {
        bytes32 vault = keccak256("a sealed vault");
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(_keys));
            emit IKeyRegistry.VaultPointed(ACTOR, vault);
            vm.prank(ACTOR);
            _keys.pointVault(vault);
        }
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.VaultPointed(OUTSIDER, vault);
        vm.prank(OUTSIDER);
        _keys.pointVault(vault);
        _check(ACTOR, 0, 0, 0);
    }

    function test_refusesAVaultThatPointsNowhere() external {
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidVault.selector));
        _keys.pointVault(0);
    }

    function testFuzz_keepsTheDigestOfWhateverIsPublished(address actor, bytes32 seed) external {
        bytes memory key = _key(uint256(seed));
        _publish(actor, key, 1);
        _check(actor, keccak256(key), 1, T0);
    }

    function _publish(address actor, bytes memory key, uint32 version) private {
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.KeyPublished(actor, version, key);
        vm.prank(actor);
        _keys.publish(key);
    }

    function _check(address actor, bytes32 digest, uint256 version, uint256 since) private view {
        IKeyRegistry.Key memory found = _keys.keyOf(actor);
        vm.assertEq(found.digest, digest, "digest");
        vm.assertEq(found.version, version, "version");
        vm.assertEq(found.since, since, "since");
    }

    /// A key of the right length, drawn from the seed.
    function _key(uint256 seed) private pure returns (bytes memory key) {
        for (uint256 i = 0; i < LENGTH / 32; ++i) key = bytes.concat(key, keccak256(abi.encode(seed, i)));
    }
}
