// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {KeyRegistry} from "../../../contracts/KeyRegistry.sol";
import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {SolTest} from "../Vm.sol";

contract KeyRegistryTest is SolTest {
    uint40 private constant T0 = 1_900_000_000;
    uint32 private constant BLOCK = 7000;
    uint256 private constant LENGTH = 1216;
    bytes32 private constant VAULT = keccak256("a sealed vault");
    bytes32 private constant OTHER_VAULT = keccak256("the vault, sealed anew");
    address private constant ACTOR = address(0xA11CE);
    address private constant OUTSIDER = address(0xBAD);

    KeyRegistry private _keys;

    function setUp() external {
        vm.warp(T0);
        vm.roll(BLOCK);
        _keys = new KeyRegistry();
    }

    function test_takesTheLengthOfAHybridRecipient() external view {
        vm.assertEq(_keys.RECIPIENT_LENGTH(), LENGTH, "RECIPIENT_LENGTH");
    }

    function test_knowsNoKeyBeforeTheFirst() external view {
        _check(ACTOR, 0, 0, 0, 0);
        _checkVault(ACTOR, 0, 0, 0, 0);
    }

    function test_publishesAKey() external {
        _publish(ACTOR, _key(1), 1, 0);
        _check(ACTOR, keccak256(_key(1)), 1, T0, BLOCK);
        _check(OUTSIDER, 0, 0, 0, 0);
        _checkVault(ACTOR, 0, 0, 0, 0);
    }

    function test_rotatesAKeyAndBackAndCountsTheVersions() external {
        for (uint32 version = 1; version <= 4; ++version) {
            vm.warp(T0 + version);
            vm.roll(BLOCK + 10 * version);
            _publish(ACTOR, _key(version % 2), version, version == 1 ? 0 : BLOCK + 10 * (version - 1));
            _check(ACTOR, keccak256(_key(version % 2)), version, T0 + version, BLOCK + 10 * version);
        }
    }

    function test_refusesTheKeyThatIsPublishedAlready() external {
        _publish(ACTOR, _key(1), 1, 0);
        vm.warp(T0 + 1);
        vm.roll(BLOCK + 1);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.KeyUnchanged.selector, keccak256(_key(1))));
        vm.prank(ACTOR);
        _keys.publish(_key(1));
        _check(ACTOR, keccak256(_key(1)), 1, T0, BLOCK);
    }

    function test_refusesAnyOtherLength() external {
        uint256[5] memory lengths = [uint256(0), 32, LENGTH - 1, LENGTH + 1, 2 * LENGTH];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidRecipientLength.selector, lengths[i], LENGTH));
            vm.prank(ACTOR);
            _keys.publish(new bytes(lengths[i]));
        }
        _check(ACTOR, 0, 0, 0, 0);
    }

    /// Whoever publishes or points does so for themselves; the very same key is theirs, too.
    function test_letsNobodyTouchTheKeyOfAnother() external {
        _publish(ACTOR, _key(1), 1, 0);
        _point(ACTOR, VAULT, 1, 0);
        vm.warp(T0 + 9);
        vm.roll(BLOCK + 9);
        _publish(OUTSIDER, _key(1), 1, 0);
        _publish(OUTSIDER, _key(2), 2, BLOCK + 9);
        _point(OUTSIDER, OTHER_VAULT, 1, 0);
        _check(ACTOR, keccak256(_key(1)), 1, T0, BLOCK);
        _check(OUTSIDER, keccak256(_key(2)), 2, T0 + 9, BLOCK + 9);
        _checkVault(ACTOR, VAULT, 1, T0, BLOCK);
        _checkVault(OUTSIDER, OTHER_VAULT, 1, T0 + 9, BLOCK + 9);
    }

    /// As often as they like, and where it was before, too.
    function test_countsTheVaultsOfAnActor() external {
        bytes32[4] memory vaults = [VAULT, OTHER_VAULT, OTHER_VAULT, VAULT];
        for (uint32 number = 1; number <= 4; ++number) {
            vm.warp(T0 + number);
            vm.roll(BLOCK + 10 * number);
            _point(ACTOR, vaults[number - 1], number, number == 1 ? 0 : BLOCK + 10 * (number - 1));
            _checkVault(ACTOR, vaults[number - 1], number, T0 + number, BLOCK + 10 * number);
        }
        _check(ACTOR, 0, 0, 0, 0);
    }

    function test_refusesAVaultThatPointsNowhere() external {
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidVault.selector));
        _keys.pointVault(0);
    }

    function testFuzz_keepsTheDigestOfWhateverIsPublished(address actor, bytes32 seed) external {
        bytes memory key = _key(uint256(seed));
        _publish(actor, key, 1, 0);
        _check(actor, keccak256(key), 1, T0, BLOCK);
    }

    /// In two words each, at the place of their mapping, as clients prove them.
    function test_keepsKeysAndVaultsWhereClientsLookForThem() external {
        _publish(ACTOR, _key(1), 1, 0);
        vm.warp(T0 + 1);
        vm.roll(BLOCK + 1);
        _publish(ACTOR, _key(2), 2, BLOCK);
        _point(ACTOR, VAULT, 1, 0);
        bytes32 place = keccak256(abi.encode(ACTOR, uint256(3)));
        vm.assertEq(_load(place, 0), uint256(keccak256(_key(2))), "digest");
        vm.assertEq(_load(place, 1), 2 + uint256(T0 + 1) * 2 ** 32 + uint256(BLOCK + 1) * 2 ** 72, "key");
        place = keccak256(abi.encode(ACTOR, uint256(4)));
        vm.assertEq(_load(place, 0), uint256(VAULT), "pointer");
        vm.assertEq(_load(place, 1), 1 + uint256(T0 + 1) * 2 ** 32 + uint256(BLOCK + 1) * 2 ** 72, "vault");
    }

    function _load(bytes32 place, uint256 offset) private view returns (uint256) {
        return uint256(vm.load(address(_keys), bytes32(uint256(place) + offset)));
    }

    function _publish(address actor, bytes memory key, uint32 version, uint32 before) private {
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.KeyPublished(actor, version, key, before);
        vm.prank(actor);
        _keys.publish(key);
    }

    function _point(address actor, bytes32 vault, uint32 number, uint32 before) private {
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.VaultPointed(actor, number, vault, before);
        vm.prank(actor);
        _keys.pointVault(vault);
    }

    function _check(address actor, bytes32 digest, uint256 version, uint256 since, uint256 writtenAt) private view {
        IKeyRegistry.Key memory found = _keys.keyOf(actor);
        vm.assertEq(found.digest, digest, "digest");
        vm.assertEq(found.version, version, "version");
        vm.assertEq(found.since, since, "since");
        vm.assertEq(found.writtenAt, writtenAt, "writtenAt");
    }

    function _checkVault(address actor, bytes32 vault, uint256 number, uint256 since, uint256 writtenAt) private view {
        IKeyRegistry.Vault memory found = _keys.vaultOf(actor);
        vm.assertEq(found.pointer, vault, "pointer");
        vm.assertEq(found.number, number, "number");
        vm.assertEq(found.since, since, "since");
        vm.assertEq(found.writtenAt, writtenAt, "writtenAt");
    }

    /// A key of the right length, drawn from the seed.
    function _key(uint256 seed) private pure returns (bytes memory key) {
        for (uint256 i = 0; i < LENGTH / 32; ++i) key = bytes.concat(key, keccak256(abi.encode(seed, i)));
    }
}
