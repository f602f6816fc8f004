// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {KeyRegistry} from "../../../contracts/KeyRegistry.sol";
import {IKeyRegistry} from "../../../contracts/interfaces/IKeyRegistry.sol";
import {KeySigning} from "../helpers/KeySigning.sol";
import {SignedForms} from "../helpers/SignedForms.sol";
import {KeyWallet} from "../helpers/Wallets.sol";

/// Keys and vaults that somebody else carries.
contract SignedKeysTest is SignedForms {
    uint40 private constant T0 = 1_900_000_000;
    uint40 private constant DEADLINE = T0 + 100;
    uint32 private constant BLOCK = 7000;
    uint256 private constant ACTOR_KEY = 0xA11CE;
    bytes32 private constant VAULT = keccak256("a sealed vault");
    bytes32 private constant OTHER_VAULT = keccak256("the vault, sealed anew");

    address private _actor = vm.addr(ACTOR_KEY);
    KeyRegistry private _keys;
    bytes private _recipient;

    function setUp() external {
        vm.warp(T0);
        vm.roll(BLOCK);
        _keys = new KeyRegistry();
        _recipient = new bytes(1216);
        _recipient[7] = 0x07;
    }

    /* KEYS */

    function test_publishesAKeyThatAnyoneCarries() external {
        bytes32 hash = KeySigning.hashPublish(_actor, _recipient, 1, DEADLINE);
        bytes memory call = _checkForm(_form(hash), _publishCallOf);
        _checkWords(address(_keys), call, 0, 1);
        _checkWords(address(_keys), call, 3, 4); // deadline
        _refuses(_actor, address(_keys), _changed(call, 2), _staleVersion(0, 0));
        // the first and the last word of the key, which lies behind its length
        _checkWords(address(_keys), call, 6, 7);
        _checkWords(address(_keys), call, 5 + 38, 5 + 39);
        vm.recordLogs();
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.KeyPublished(_actor, 1, _recipient, 0);
        _carries(address(_keys), call);
        _checkLogs(1);
        vm.assertEq(_keys.keyOf(_actor).digest, keccak256(_recipient), "digest");
        vm.assertEq(_keys.keyOf(_actor).version, 1, "version");
        vm.assertEq(_keys.keyOf(_actor).since, DEADLINE, "since");
        vm.assertEq(_keys.keyOf(_actor).writtenAt, BLOCK, "writtenAt");
        _refuses(_actor, address(_keys), call, _staleVersion(1, 1));
    }

    function test_publishesTheNextVersionAlone() external {
        vm.prank(_actor);
        _keys.publish(new bytes(1216));
        vm.roll(BLOCK + 1);
        uint32[4] memory versions = [uint32(0), 1, 3, type(uint32).max];
        for (uint256 i = 0; i < versions.length; ++i) {
            bytes memory held = _sign(KeySigning.hashPublish(_actor, _recipient, versions[i], DEADLINE));
            vm.expectRevert(_staleVersion(versions[i], 1));
            _keys.publishBySig(_actor, _recipient, versions[i], DEADLINE, held);
        }
        bytes memory signature = _sign(KeySigning.hashPublish(_actor, _recipient, 2, DEADLINE));
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.KeyPublished(_actor, 2, _recipient, BLOCK);
        _keys.publishBySig(_actor, _recipient, 2, DEADLINE, signature);
    }

    function test_refusesASignedKeyThatIsNoneOrTheSame() external {
        bytes memory short = new bytes(1215);
        bytes memory signature = _sign(KeySigning.hashPublish(_actor, short, 1, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidRecipientLength.selector, 1215, 1216));
        _keys.publishBySig(_actor, short, 1, DEADLINE, signature);
        vm.prank(_actor);
        _keys.publish(_recipient);
        signature = _sign(KeySigning.hashPublish(_actor, _recipient, 2, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.KeyUnchanged.selector, keccak256(_recipient)));
        _keys.publishBySig(_actor, _recipient, 2, DEADLINE, signature);
    }

    /* VAULTS */

    function test_pointsToAVaultThatAnyoneCarries() external {
        bytes memory call = _checkForm(_form(KeySigning.hashPointVault(_actor, VAULT, 1, DEADLINE)), _vaultCallOf);
        _checkWords(address(_keys), call, 0, 2);
        _checkWords(address(_keys), call, 3, 4);
        _refuses(_actor, address(_keys), _changed(call, 2), _staleVault(0, 0));
        vm.recordLogs();
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.VaultPointed(_actor, 1, VAULT, 0);
        _carries(address(_keys), call);
        _checkLogs(1);
        vm.assertEq(_keys.vaultOf(_actor).pointer, VAULT, "pointer");
        vm.assertEq(_keys.vaultOf(_actor).number, 1, "number");
        vm.assertEq(_keys.vaultOf(_actor).since, DEADLINE, "since");
        vm.assertEq(_keys.vaultOf(_actor).writtenAt, BLOCK, "writtenAt");
        _refuses(_actor, address(_keys), call, _staleVault(1, 1));
    }

    /// One that is held back leads to no older vault.
    function test_pointsByTheNextNumberAlone() external {
        bytes memory held = _sign(KeySigning.hashPointVault(_actor, VAULT, 1, DEADLINE));
        vm.prank(_actor);
        _keys.pointVault(OTHER_VAULT);
        vm.expectRevert(_staleVault(1, 1));
        _keys.pointVaultBySig(_actor, VAULT, 1, DEADLINE, held);
        uint32[3] memory numbers = [uint32(0), 3, type(uint32).max];
        for (uint256 i = 0; i < numbers.length; ++i) {
            held = _sign(KeySigning.hashPointVault(_actor, VAULT, numbers[i], DEADLINE));
            vm.expectRevert(_staleVault(numbers[i], 1));
            _keys.pointVaultBySig(_actor, VAULT, numbers[i], DEADLINE, held);
        }
        vm.expectEmit(address(_keys));
        emit IKeyRegistry.VaultPointed(_actor, 2, VAULT, BLOCK);
        bytes memory signature = _sign(KeySigning.hashPointVault(_actor, VAULT, 2, DEADLINE));
        _keys.pointVaultBySig(_actor, VAULT, 2, DEADLINE, signature);
    }

    function test_refusesASignedVaultThatPointsNowhere() external {
        bytes memory signature = _sign(KeySigning.hashPointVault(_actor, 0, 1, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidVault.selector));
        _keys.pointVaultBySig(_actor, 0, 1, DEADLINE, signature);
    }

    function test_takesTheSignatureOfAContractAccountsOwner() external {
        address wallet = address(new KeyWallet(ACTOR_KEY));
        bytes memory signature = _sign(KeySigning.hashPointVault(wallet, VAULT, 1, DEADLINE));
        vm.expectRevert(_invalidSignature(_actor));
        _keys.pointVaultBySig(_actor, VAULT, 1, DEADLINE, signature);
        _keys.pointVaultBySig(wallet, VAULT, 1, DEADLINE, signature);
        vm.assertEq(_keys.vaultOf(wallet).pointer, VAULT, "the wallet's");
    }

    /// At the last number nothing follows: neither form wraps round to 0.
    function test_stopsAtTheLastNumber() external {
        for (uint256 place = 3; place < 5; ++place) {
            bytes32 slot = bytes32(uint256(keccak256(abi.encode(_actor, place))) + 1);
            vm.store(address(_keys), slot, bytes32(uint256(type(uint32).max)));
        }
        vm.expectRevert(_staleVersion(0, type(uint32).max));
        _keys.publishBySig(_actor, _recipient, 0, DEADLINE, "");
        vm.expectRevert(_staleVault(0, type(uint32).max));
        _keys.pointVaultBySig(_actor, VAULT, 0, DEADLINE, "");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        vm.prank(_actor);
        _keys.publish(_recipient);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        vm.prank(_actor);
        _keys.pointVault(VAULT);
    }

    function _publishCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IKeyRegistry.publishBySig, (_actor, _recipient, 1, DEADLINE, signature));
    }

    function _vaultCallOf(bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IKeyRegistry.pointVaultBySig, (_actor, VAULT, 1, DEADLINE, signature));
    }

    function _form(bytes32 hash) private view returns (Form memory) {
        return Form("CareKey KeyRegistry", address(_keys), ACTOR_KEY, hash, DEADLINE);
    }

    function _sign(bytes32 hash) private view returns (bytes memory) {
        return _signed(_form(hash));
    }

    function _staleVersion(uint32 version, uint32 standing) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IKeyRegistry.StaleVersion.selector, version, standing);
    }

    function _staleVault(uint32 number, uint32 standing) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IKeyRegistry.StaleVault.selector, number, standing);
    }
}
