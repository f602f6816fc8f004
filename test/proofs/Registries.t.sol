// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {CredentialRegistry} from "../../contracts/CredentialRegistry.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {IKeyRegistry} from "../../contracts/interfaces/IKeyRegistry.sol";
import {KeyRegistry} from "../../contracts/KeyRegistry.sol";
import {Proofs} from "./Proofs.sol";

/// Accredits whomever its storage says.
contract AnyAuthority {
    mapping(address who => bool yes) public members;
    mapping(address who => uint32 seconds_) public delays;

    function hasRole(uint64, address who) external view returns (bool, uint32) {
        return (members[who], delays[who]);
    }
}

/// Credentials and keys, from any state, whatever anybody calls.
contract RegistryProofs is Proofs {
    CredentialRegistry private _credentials;
    AnyAuthority private _authority;
    KeyRegistry private _keys;

    function setUp() public override {
        _authority = new AnyAuthority();
        _credentials = new CredentialRegistry(IAccessManager(address(_authority)));
        _keys = new KeyRegistry();
    }

    /// Issuer and beginning stay; the end only falls, by the issuer or, where they are accredited no more, by another; none goes.
    function check_aCredentialStays(address caller, address actor, bytes32 role, uint256 index) public {
        _anyCredentials();
        uint256 count = _credentials.credentialCount(actor, role);
        vm.assume(index < count && count < 2 ** 64);
        ICredentialRegistry.Credential memory before = _credential(actor, role, index);
        _anyCall(caller, address(_credentials), "CredentialRegistry");
        assert(_credentials.credentialCount(actor, role) >= count);
        ICredentialRegistry.Credential memory then = _credential(actor, role, index);
        assert(then.issuer == before.issuer && then.from == before.from);
        if (then.until == before.until) return;
        assert(then.until < before.until && then.until >= then.from);
        bool accredited = _authority.members(caller) && _authority.delays(caller) == 0;
        assert(_authority.members(before.issuer) ? caller == before.issuer : accredited);
    }

    /// Whoever issues is accredited without a delay, now and for ten years at most.
    function check_onlyTheAccreditedIssue(address caller, address actor, bytes32 role) public {
        uint256 time = _anyCredentials();
        uint256 count = _credentials.credentialCount(actor, role);
        vm.assume(count < 2 ** 64);
        _anyCall(caller, address(_credentials), "CredentialRegistry");
        if (_credentials.credentialCount(actor, role) == count) return;
        assert(_credentials.credentialCount(actor, role) == count + 1);
        assert(_authority.members(caller) && _authority.delays(caller) == 0);
        ICredentialRegistry.Credential memory then = _credential(actor, role, count);
        assert(then.issuer == caller && then.from == time);
        assert(then.until > time && then.until <= time + 3653 days);
    }

    /// Only the holder publishes, and the version counts.
    /// @custom:halmos --default-bytes-lengths 1216
    function check_aKeyIsItsHolders(address caller, address actor) public {
        svm.enableSymbolicStorage(address(_keys));
        IKeyRegistry.Key memory before = _keys.keyOf(actor);
        vm.assume(before.version < type(uint32).max);
        _anyCall(caller, address(_keys), "KeyRegistry");
        IKeyRegistry.Key memory then = _keys.keyOf(actor);
        if (keccak256(abi.encode(before)) == keccak256(abi.encode(then))) return;
        assert(caller == actor && then.version == before.version + 1 && then.digest != before.digest);
    }

    /// Out of storage: a page of unknown length is more than the prover can read.
    function _credential(
        address actor,
        bytes32 role,
        uint256 index
    ) private view returns (ICredentialRegistry.Credential memory) {
        bytes32 list = keccak256(abi.encode(role, keccak256(abi.encode(actor, uint256(0)))));
        uint256 first = uint256(keccak256(abi.encode(list)));
        uint256 word = uint256(vm.load(address(_credentials), bytes32(first + index)));
        return ICredentialRegistry.Credential(address(uint160(word)), uint40(word >> 160), uint40(word >> 200));
    }

    function _anyCredentials() private returns (uint256 time) {
        svm.enableSymbolicStorage(address(_credentials));
        svm.enableSymbolicStorage(address(_authority));
        time = svm.createUint(40, "time");
        vm.warp(time);
    }

    function _anyCall(address caller, address target, string memory name) private {
        bytes memory data = svm.createCalldata(name);
        vm.prank(caller);
        (bool done, ) = target.call(data);
        vm.assume(done);
    }
}
