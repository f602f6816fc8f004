// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {ICredentialRegistry} from "../../../contracts/interfaces/ICredentialRegistry.sol";
import {IDelegations} from "../../../contracts/interfaces/IDelegations.sol";
import {Delegation} from "../../../contracts/libraries/DelegationTerms.sol";
import {GrantTerms, Terms} from "../../../contracts/libraries/GrantTerms.sol";
import {Limits} from "../../smt/Limits.sol";
import {Window} from "../../smt/Window.sol";
import {SolTest} from "../Vm.sol";

/// Ties the models that the SMTChecker proves to the contract: over any calls both take, refuse and open the same.
contract ModelsTest is SolTest {
    address private constant GRANTEE = address(0xB0B);
    address private constant DELEGATE = address(0xDE1);

    ConsentRegistry private _consent;
    Window private _window;
    Limits private _limits;
    uint256 private _seed;
    uint256 private _time = 1_900_000_000;

    function setUp() external {
        _consent = new ConsentRegistry(ICredentialRegistry(address(0)));
        _window = new Window();
        _limits = new Limits();
    }

    function testFuzz_theWindowIsTheContracts(uint256 seed) external {
        _seed = seed;
        for (uint256 round = 0; round < 12; ++round) {
            _pass();
            if (_draw(4) == 0) {
                _consent.revoke(GRANTEE, 0);
                _window.revoke();
            } else {
                (uint256 start, uint256 end) = (_time - 5 + _draw(10), _time - 2 + _draw(10));
                Terms terms = GrantTerms.pack(uint40(start), uint40(end), 0, 1, 1);
                _same(
                    _try(address(_consent), abi.encodeCall(_consent.grant, (GRANTEE, 0, terms, 0))),
                    _try(address(_window), abi.encodeCall(_window.grant, (start, end)))
                );
            }
            bool open = _consent.canAccess(address(this), GRANTEE, 0, 0, 1, 1);
            vm.assertTrue(open == _window.covers(_time), "covers");
        }
    }

    function testFuzz_theLimitsAreTheContracts(uint256 seed) external {
        _seed = seed;
        for (uint256 round = 0; round < 16; ++round) {
            _pass();
            uint256 last = _consent.lockdownAt(address(this));
            (uint256 end, uint256 asOf) = (_time - 1 + _draw(12), _draw(4) == 0 ? _time : last);
            uint256 action = _draw(9);
            if (action == 0) {
                _consent.lockdown();
                _limits.lockdown();
            } else if (action < 3) _delegate(_draw(12), end, asOf, _draw(2) == 0);
            else if (action < 5) _grant(end, asOf, _draw(2) == 0);
            else _grantFor(end, asOf);
        }
    }

    function _delegate(uint256 longest, uint256 end, uint256 asOf, bool manages) private {
        uint256 word = (manages ? 19 : 3) * 2 ** 184 + 2 ** 120 + asOf * 2 ** 80 + end * 2 ** 40 + longest;
        _same(
            _try(address(_consent), abi.encodeCall(_consent.delegate, (DELEGATE, 0, Delegation.wrap(word)))),
            _try(address(_limits), abi.encodeCall(_limits.delegate, (longest, end, asOf, manages)))
        );
    }

    function _grant(uint256 end, uint256 asOf, bool denies) private {
        Terms terms = GrantTerms.pack(0, uint40(end), uint40(asOf), 1, denies ? 4 : 1);
        _same(
            _try(address(_consent), abi.encodeCall(_consent.grant, (GRANTEE, 0, terms, 0))),
            _try(address(_limits), abi.encodeCall(_limits.grant, (end, asOf, denies)))
        );
    }

    function _grantFor(uint256 end, uint256 asOf) private {
        IDelegations.DelegatedGrant memory given;
        (given.patient, given.grantee) = (address(this), GRANTEE);
        given.terms = GrantTerms.pack(0, uint40(end), uint40(asOf), 1, 1);
        vm.prank(DELEGATE);
        bool done = _try(address(_consent), abi.encodeCall(_consent.grantFor, (given)));
        _same(done, _try(address(_limits), abi.encodeCall(_limits.grantFor, (end, asOf))));
    }

    function _same(bool contract_, bool model) private pure {
        vm.assertTrue(contract_ == model, contract_ ? "the model refused" : "the contract refused");
    }

    function _try(address target, bytes memory data) private returns (bool done) {
        (done, ) = target.call(data);
    }

    function _pass() private {
        _time += _draw(5);
        vm.warp(_time);
    }

    function _draw(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
