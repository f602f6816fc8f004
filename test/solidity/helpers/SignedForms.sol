// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {SolTest, Vm} from "../Vm.sol";
import {Signing} from "./Signing.sol";

/// What every signed form must refuse, whoever carries it.
abstract contract SignedForms is SolTest {
    uint256 private constant CARRIER_KEY = 0xCA44;
    address private _carrier = vm.addr(CARRIER_KEY);

    /// Something signed: for which contract, by whom, until when.
    struct Form {
        string name;
        address target;
        uint256 key;
        bytes32 structHash;
        uint40 deadline;
    }

    /// Has every other signature refused, then goes to the last second of this one: whoever called carries it.
    function _checkForm(
        Form memory form,
        function(bytes memory) internal view returns (bytes memory) callOf
    ) internal returns (bytes memory call) {
        address signer = vm.addr(form.key);
        bytes memory reason = _invalidSignature(signer);
        _checkForeign(form, callOf, reason);
        bytes memory good = _signed(form);
        call = callOf(good);

        _refuses(signer, form.target, callOf(""), reason); // not even the signer's own word
        _refuses(_carrier, form.target, callOf(_mirrored(good)), reason);
        _refuses(_carrier, form.target, callOf(_shortened(good)), reason);
        _refuses(_carrier, form.target, callOf(_unshifted(good)), reason);
        _refuses(_carrier, form.target, callOf(abi.encodePacked(good, uint8(0))), reason);

        uint256 here = block.chainid;
        vm.chainId(here + 1);
        _refuses(_carrier, form.target, call, reason);
        vm.chainId(here);

        vm.warp(form.deadline + 1);
        reason = abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, form.deadline);
        _refuses(_carrier, form.target, call, reason);
        vm.warp(form.deadline);
    }

    /// Signed by another, or for another contract, chain or domain.
    function _checkForeign(
        Form memory form,
        function(bytes memory) internal view returns (bytes memory) callOf,
        bytes memory reason
    ) private {
        (address target, bytes32 hash) = (form.target, form.structHash);
        bytes32[4] memory digests = [
            Signing.digest(form.name, address(this), block.chainid, hash),
            Signing.digest(form.name, target, block.chainid + 1, hash),
            Signing.digest("CareKey", target, block.chainid, hash),
            hash
        ];
        for (uint256 i = 0; i < digests.length; ++i) {
            _refuses(_carrier, target, callOf(Signing.sign(form.key, digests[i])), reason);
        }
        bytes32 digest = Signing.digest(form.name, target, block.chainid, hash);
        _refuses(_carrier, target, callOf(Signing.sign(CARRIER_KEY, digest)), reason);
    }

    /// That no word of the call from `first` and before `end` can be changed. The signer is named in the first word.
    function _checkWords(address target, bytes memory call, uint256 first, uint256 end) internal {
        for (uint256 i = first; i < end; ++i) {
            bytes memory other = _changed(call, i);
            _refuses(_carrier, target, other, _invalidSignature(address(uint160(_wordOf(other, 0)))));
        }
    }

    /// The call with the lowest bit of a word turned round.
    function _changed(bytes memory call, uint256 word) internal pure returns (bytes memory other) {
        other = bytes.concat(call);
        uint256 place = 4 + 32 * word + 31;
        other[place] = other[place] ^ 0x01;
    }

    function _refuses(address caller, address target, bytes memory call, bytes memory reason) internal {
        vm.prank(caller);
        (bool success, bytes memory answer) = target.call(call);
        vm.assertTrue(!success, "not refused");
        vm.assertEq(answer, reason, "reason");
    }

    /// Carried by somebody who has no part in it.
    function _carries(address target, bytes memory call) internal returns (bytes memory answer) {
        bool success;
        vm.prank(_carrier);
        (success, answer) = target.call(call);
        if (success) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function _invalidSignature(address signer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, signer);
    }

    function _signed(Form memory form) internal view returns (bytes memory) {
        return Signing.sign(form.key, Signing.digest(form.name, form.target, block.chainid, form.structHash));
    }

    /// That contracts emitted nothing but what was expected; begins with `vm.recordLogs`.
    function _checkLogs(uint256 expected) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count = 0;
        for (uint256 i = 0; i < logs.length; ++i) if (logs[i].emitter != address(this)) ++count;
        vm.assertEq(count, expected, "number of events");
    }

    /* OTHER FORMS OF A SIGNATURE */

    /// The same signature with s in the upper half: mathematically valid, too.
    function _mirrored(bytes memory signature) internal pure returns (bytes memory) {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    /// The same signature in 64 bytes, as in ERC-2098.
    function _shortened(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(uint256(s) + (v == 28 ? 2 ** 255 : 0)));
    }

    /// The same signature with v of 0 or 1.
    function _unshifted(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, s, v - 27);
    }

    function _split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        bytes memory halves = new bytes(64);
        for (uint256 i = 0; i < 64; ++i) halves[i] = signature[i];
        (r, s) = abi.decode(halves, (bytes32, bytes32));
        v = uint8(signature[64]);
    }

    function _wordOf(bytes memory call, uint256 word) internal pure returns (uint256 value) {
        for (uint256 i = 0; i < 32; ++i) value = value * 256 + uint8(call[4 + 32 * word + i]);
    }
}
