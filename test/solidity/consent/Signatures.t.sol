// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Terms} from "../../../contracts/types/GrantTerms.sol";
import {Signatures} from "../../../contracts/utils/Signatures.sol";
import {ConsentSetup} from "../helpers/ConsentSetup.sol";
import {Signing} from "../helpers/Signing.sol";
import {
    BombWallet,
    BurningWallet,
    FickleWallet,
    GOOD,
    KeyWallet,
    ParrotWallet,
    ThirstyWallet
} from "../helpers/Wallets.sol";

/// Which bytes count as somebody's signature: of people (ECDSA) and of contract accounts (ERC-1271).
contract SignaturesTest is ConsentSetup {
    /// Order of the curve.
    uint256 private constant _ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /* ECDSA */

    function test_takesNoSignatureWithSAndVFlipped() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        (uint8 v, bytes32 r, bytes32 s) = _sign(offered);
        bytes32 high = bytes32(_ORDER - uint256(s));
        _refuse(offered, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
        _refuse(offered, abi.encodePacked(r, high, v));
        _refuse(offered, abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27)));
        consent.grantBySig(offered, abi.encodePacked(r, s, v));
    }

    function test_takesNoOtherVThan27And28() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        (uint8 v, bytes32 r, bytes32 s) = _sign(offered);
        for (uint256 other = 0; other < 256; ++other) {
            if (other != v) _refuse(offered, abi.encodePacked(r, s, uint8(other)));
        }
    }

    function test_takesNoSignatureOfAnotherLength() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        (uint8 v, bytes32 r, bytes32 s) = _sign(offered);
        bytes32 compact = bytes32(uint256(s) + (uint256(v - 27) << 255)); // ERC-2098
        _refuse(offered, abi.encodePacked(r, compact));
        _refuse(offered, "");
        _refuse(offered, abi.encodePacked(r, s));
        _refuse(offered, abi.encodePacked(r, s, v, v));
        _refuse(offered, new bytes(65));
    }

    function test_takesNoSignatureOfNobodys() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        offered.patient = address(0);
        _refuse(offered, new bytes(65));
        _refuse(offered, "");
        // the precompile at 4 answers what it is asked: the magic word comes first, but not alone
        offered.patient = address(4);
        _refuse(offered, "");
    }

    /* CHAINS AND CONTRACTS */

    function test_takesASignatureOnOneDeploymentAlone() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        bytes memory signature = signed(PATIENT_KEY, Signing.hash(offered));
        ConsentRegistry other = new ConsentRegistry();
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, patient));
        other.grantBySig(offered, signature);
        consent.grantBySig(offered, signature);
        other.grantBySig(offered, Signing.sign(PATIENT_KEY, Signing.digest(address(other), Signing.hash(offered))));
    }

    function test_takesASignatureOnOneChainAlone() external {
        ISignedConsents.SignedGrant memory offered = offer(LABEL, reading());
        uint256 home = block.chainid;
        bytes memory here = signed(PATIENT_KEY, Signing.hash(offered));
        bytes32 digest = Signing.digest(address(consent), home + 1, Signing.hash(offered));
        bytes memory there = Signing.sign(PATIENT_KEY, digest);
        _refuse(offered, there);
        vm.chainId(home + 1); // a fork
        _refuse(offered, here);
        consent.grantBySig(offered, there);
        vm.chainId(home);
        offered = offer(record, reading());
        _refuse(offered, here);
        submit(offered);
        assertGrant(record, placed(reading(), BLOCK, 2));
    }

    function test_tellsItsDomain() external view {
        (, string memory name, string memory version, uint256 chainId, address registry, , ) = consent.eip712Domain();
        vm.assertEq(bytes(name), bytes("CareKey ConsentRegistry"), "name");
        vm.assertEq(bytes(version), bytes("1"), "version");
        vm.assertEq(chainId, block.chainid, "chain");
        vm.assertEq(registry, address(consent), "contract");
    }

    /* ERC-1271 */

    function test_takesASignatureOfAContractAccountByItsOwnersKey() external {
        ISignedConsents.SignedGrant memory offered = _offerOf(address(new KeyWallet(PATIENT_KEY)));
        _refuse(offered, signed(OUTSIDER_KEY, Signing.hash(offered)));
        _refuse(offered, "");
        consent.grantBySig(offered, signed(PATIENT_KEY, Signing.hash(offered)));
        _assertStands(offered);
    }

    function test_asksAFickleWalletAnewEachTimeAndKeepsWhatStands() external {
        FickleWallet wallet = new FickleWallet();
        ISignedConsents.SignedGrant memory offered = _offerOf(address(wallet));
        consent.grantBySig(offered, "");
        wallet.toggle();
        _assertStands(offered);
        offered = _offerOf(address(wallet));
        offered.scope = record;
        _refuse(offered, "");
        wallet.toggle();
        consent.grantBySig(offered, "");
    }

    function test_takesNoAnswerButTheMagicWord() external {
        bytes[8] memory answers = [
            abi.encode(bytes4(0)),
            abi.encode(bytes4(0xffffffff)),
            abi.encode(uint256(1)),
            abi.encode(uint256(uint32(GOOD))),
            abi.encodePacked(GOOD, bytes27(0), bytes1(0x01)),
            abi.encodePacked(GOOD),
            abi.encodePacked(GOOD, bytes27(0)),
            bytes("")
        ];
        for (uint256 i = 0; i < 8; ++i) {
            _refuse(_offerOf(address(new ParrotWallet(answers[i], false))), "");
        }
        ISignedConsents.SignedGrant memory offered = _offerOf(address(new ParrotWallet(abi.encode(GOOD), false)));
        consent.grantBySig(offered, "");
        _assertStands(offered);
    }

    function test_takesNoMagicWordOutOfARevert() external {
        _refuse(_offerOf(address(new ParrotWallet(abi.encode(GOOD), true))), "");
        _refuse(_offerOf(address(new ParrotWallet("", true))), "");
    }

    function test_reads32BytesOfALongAnswer() external {
        ISignedConsents.SignedGrant memory offered = _offerOf(address(new BombWallet()));
        uint256 before = gasleft();
        consent.grantBySig(offered, "");
        vm.assertTrue(before - gasleft() < 120_000, "an answer of 100 kB is not copied");
        _assertStands(offered);
    }

    function test_givesAWallet400000GasAndNoMore() external {
        _refuse(_offerOf(address(new ThirstyWallet(400_000))), "");
        ISignedConsents.SignedGrant memory offered = _offerOf(address(new ThirstyWallet(395_000)));
        consent.grantBySig(offered, "");
        _assertStands(offered);
        uint256 before = gasleft();
        _refuse(_offerOf(address(new BurningWallet())), "");
        vm.assertTrue(before - gasleft() < 700_000, "a burner burns its share alone");
    }

    /// Or whoever carries it could have a good signature taken for a bad one.
    function test_asksAWalletOnlyWithAllTheGasThatItMayNeed() external {
        ISignedConsents.SignedGrant memory offered = _offerOf(address(new ThirstyWallet(395_000)));
        bytes memory call = abi.encodeCall(consent.grantBySig, (offered, ""));
        (bool done, bytes memory answer) = address(consent).call{gas: 412_000}(call);
        bytes memory refusal = abi.encodeWithSelector(Signatures.InsufficientGas.selector, 411_349);
        vm.assertTrue(!done && keccak256(answer) == keccak256(refusal), "InsufficientGas");
        consent.grantBySig{gas: 440_000}(offered, "");
        _assertStands(offered);
    }

    /// However much gas there is: a good signature is taken or the call reverts, but a batch never leaves it out.
    function test_asksAWalletWithAllTheGasThatItMayNeedForALongSignature() external {
        ISignedConsents.SignedGrant[] memory given = new ISignedConsents.SignedGrant[](1);
        address wallet = address(new ThirstyWallet(395_000));
        bytes memory list = Signing.listed(new bytes(40_000));
        (uint256 taken, uint256 reverted) = (0, 0);
        for (uint256 gas = 410_000; gas < 480_000; gas += 500) {
            given[0] = _offerOf(wallet);
            given[0].scope = bytes32(gas);
            bytes memory call = abi.encodeCall(consent.grantManyBySig, (given, list));
            (bool done, ) = address(consent).call{gas: gas}(call);
            if (done) _assertStands(given[0]);
            done ? ++taken : ++reverted;
        }
        vm.assertTrue(taken > 0 && reverted > 0, "both");
    }

    function _offerOf(address account) private view returns (ISignedConsents.SignedGrant memory offered) {
        offered = offer(LABEL, reading());
        offered.patient = account;
        offered.opening = openingOf(account);
    }

    function _sign(ISignedConsents.SignedGrant memory offered) private view returns (uint8 v, bytes32 r, bytes32 s) {
        return vm.sign(PATIENT_KEY, Signing.digest(address(consent), Signing.hash(offered)));
    }

    function _refuse(ISignedConsents.SignedGrant memory offered, bytes memory signature) private {
        refuse(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, offered.patient));
        consent.grantBySig(offered, signature);
    }

    function _assertStands(ISignedConsents.SignedGrant memory offered) private view {
        Terms standing = consent.grantOf(offered.patient, offered.grantee, offered.scope);
        vm.assertEq(Terms.unwrap(standing) % 2 ** 192, Terms.unwrap(offered.terms), "grant");
    }
}
