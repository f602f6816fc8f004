// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ConsentRegistry} from "../../contracts/ConsentRegistry.sol";
import {RecordRegistry} from "../../contracts/RecordRegistry.sol";
import {ICredentialRegistry} from "../../contracts/interfaces/ICredentialRegistry.sol";
import {IAnchors} from "../../contracts/interfaces/IAnchors.sol";
import {Terms} from "../../contracts/libraries/GrantTerms.sol";
import {Handler} from "./Handler.sol";
import {Reference} from "./Reference.sol";
import {SolTest} from "./Vm.sol";

/// In prose: README.md beside this file.
contract InvariantsTest is SolTest {
    ConsentRegistry private _consent;
    RecordRegistry private _records;
    Handler private _handler;

    function setUp() external {
        _consent = new ConsentRegistry(ICredentialRegistry(address(0)));
        _records = new RecordRegistry(_consent, ICredentialRegistry(address(0)));
        _handler = new Handler(_consent, _records);
        targetContract(address(_handler));
    }

    function invariant_onlyThePatientChangesAGrant() external view {
        _forEverySlot(_checkSlot);
    }

    function invariant_onlyAStandingGrantOpens() external view {
        _forEverySlot(_checkAccess);
    }

    function invariant_onlyThePatientLocksDown() external view {
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            address patient = _handler.actor(i);
            vm.assertEq(_consent.lockdownAt(patient), _handler.REFERENCE().lockdownAt(patient), "lockdownAt");
        }
    }

    function invariant_everyAuthorWasEntitledAndStays() external view {
        Handler.Anchoring[] memory anchorings = _handler.anchorings();
        for (uint256 i = 0; i < anchorings.length; ++i) {
            vm.assertTrue(anchorings[i].entitled, "anchored by an outsider");
            IAnchors.Anchor memory anchored = _records.anchorOf(anchorings[i].recordId);
            vm.assertEq(anchored.author, anchorings[i].author, "author");
            vm.assertEq(anchored.anchoredAt, anchorings[i].time, "anchoredAt");
            vm.assertEq(uint256(anchored.status), uint256(IAnchors.Status.Anchored), "status");
        }
    }

    function _checkSlot(address patient, address grantee, bytes32 scope) private view {
        Terms standing = _consent.grantOf(patient, grantee, scope);
        vm.assertEq(Terms.unwrap(standing) % 2 ** 192, _handler.terms(patient, grantee, scope), "terms");
        vm.assertEq(standing.revision(), _handler.changes(patient, grantee, scope), "revision");
    }

    function _checkAccess(address patient, address grantee, bytes32 scope) private view {
        Reference books = _handler.REFERENCE();
        bytes32[] memory scopes = _handler.chain(scope);
        for (uint8 permission = 1; permission <= 2; ++permission) {
            for (uint64 purpose = 1; purpose <= 2; ++purpose) {
                bool expected = books.canAccess(patient, grantee, scopes, permission, purpose, _handler.time());
                bool answer = _consent.canAccess(patient, grantee, scope, 0, permission, purpose);
                vm.assertTrue(answer == expected, "canAccess");
            }
        }
    }

    function _forEverySlot(function(address, address, bytes32) internal view check) private view {
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            for (uint256 j = 0; j < _handler.ACTORS(); ++j) {
                for (uint256 k = 0; k < _handler.SCOPES(); ++k) {
                    check(_handler.actor(i), _handler.actor(j), _handler.scopeOf(k));
                }
            }
        }
    }
}
