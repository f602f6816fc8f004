// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ISignedConsents} from "../../../contracts/interfaces/ISignedConsents.sol";
import {Signing} from "../helpers/Signing.sol";
import {Deeds} from "./Deeds.sol";

/// Deeds that are signed and carried by somebody else. There is none for LiftMany.
abstract contract Papers is Deeds {
    struct Paper {
        Deed deed;
        /// The patient's era, of what opens.
        uint256 era;
        /// Of what opens.
        uint256 stand;
        uint256 session;
        uint256 number;
        uint256 delegatedAt;
        /// Of what shuts.
        uint256 id;
        uint256 deadline;
        bytes signature;
    }

    /// What the person with this key signs.
    function _sign(Paper memory paper, address registry, uint256 key) internal view {
        paper.signature = Signing.sign(key, Signing.digest(registry, _hash(paper)));
    }

    /// What the carrier sends.
    function _carried(Paper memory paper) internal pure returns (bytes memory) {
        Deed memory deed = paper.deed;
        bytes memory signature = paper.signature;
        if (_opens(deed.kind)) return _carriedOpening(paper);
        (address by, ISignedActions.Once memory once) = (deed.by, _once(paper));
        if (deed.kind == Kind.Revoke) {
            return abi.encodeCall(ISignedConsents.revokeBySig, (by, _keys(deed)[0], once, signature));
        }
        if (deed.kind == Kind.RevokeMany) {
            return abi.encodeCall(ISignedConsents.revokeManyBySig, (by, _keys(deed), once, signature));
        }
        if (deed.kind == Kind.Deny) {
            return abi.encodeCall(ISignedConsents.denyBySig, (by, _keys(deed)[0], once, signature));
        }
        if (deed.kind == Kind.Undelegate) {
            return abi.encodeCall(ISignedConsents.undelegateBySig, (by, _keys(deed)[0], once, signature));
        }
        if (deed.kind == Kind.Lockdown) {
            return abi.encodeCall(ISignedConsents.lockdownBySig, (by, deed.salt, once, signature));
        }
        if (deed.kind == Kind.RevokeFor) {
            return abi.encodeCall(ISignedConsents.revokeForBySig, (by, _keyFor(deed), once, signature));
        }
        return abi.encodeCall(ISignedConsents.denyForBySig, (by, _keyFor(deed), once, signature));
    }

    function _signedGrant(Paper memory paper) internal pure returns (ISignedConsents.SignedGrant memory) {
        Slot memory slot = paper.deed.slot;
        return
            ISignedConsents.SignedGrant(
                paper.deed.by,
                slot.grantee,
                slot.scope,
                _terms(paper.deed.given, paper.era),
                0,
                uint32(paper.deed.lifts),
                _opening(paper)
            );
    }

    function _carriedOpening(Paper memory paper) private pure returns (bytes memory) {
        Kind kind = paper.deed.kind;
        bytes memory signature = paper.signature;
        if (kind == Kind.Grant) return abi.encodeCall(ISignedConsents.grantBySig, (_signedGrant(paper), signature));
        if (kind == Kind.Lift) return abi.encodeCall(ISignedConsents.liftBySig, (_signedLift(paper), signature));
        if (kind == Kind.Delegate) {
            return abi.encodeCall(ISignedConsents.delegateBySig, (_signedDelegation(paper), signature));
        }
        return abi.encodeCall(ISignedConsents.grantForBySig, (_signedGrantFor(paper), signature));
    }

    function _hash(Paper memory paper) internal pure returns (bytes32) {
        Deed memory deed = paper.deed;
        Kind kind = deed.kind;
        if (kind == Kind.Grant) return Signing.hash(_signedGrant(paper));
        if (kind == Kind.Lift) return Signing.hash(_signedLift(paper));
        if (kind == Kind.Delegate) return Signing.hash(_signedDelegation(paper));
        if (kind == Kind.GrantFor) return Signing.hash(_signedGrantFor(paper));
        (address by, ISignedActions.Once memory once) = (deed.by, _once(paper));
        if (kind == Kind.Revoke) return Signing.hashRevoke(by, _keys(deed)[0], once);
        if (kind == Kind.RevokeMany) return Signing.hashRevokeMany(by, _keys(deed), once);
        if (kind == Kind.Deny) return Signing.hashDeny(by, _keys(deed)[0], once);
        if (kind == Kind.Undelegate) return Signing.hashUndelegate(by, _keys(deed)[0], once);
        if (kind == Kind.Lockdown) return Signing.hashLockdown(by, deed.salt, once);
        if (kind == Kind.RevokeFor) return Signing.hashRevokeFor(by, _keyFor(deed), once);
        return Signing.hashDenyFor(by, _keyFor(deed), once);
    }

    function _signedLift(Paper memory paper) private pure returns (ISignedConsents.SignedLift memory) {
        Slot memory slot = paper.deed.slot;
        return ISignedConsents.SignedLift(paper.deed.by, slot.grantee, slot.scope, uint40(paper.era), _opening(paper));
    }

    function _signedDelegation(Paper memory paper) private pure returns (ISignedConsents.SignedDelegation memory) {
        Slot memory slot = paper.deed.slot;
        return
            ISignedConsents.SignedDelegation(
                paper.deed.by,
                slot.grantee,
                slot.scope,
                _delegation(paper.deed.limits, paper.era),
                _opening(paper)
            );
    }

    function _signedGrantFor(Paper memory paper) private pure returns (ISignedConsents.SignedGrantFor memory) {
        return
            ISignedConsents.SignedGrantFor(
                paper.deed.by,
                _keyFor(paper.deed),
                _terms(paper.deed.given, paper.era),
                0,
                uint32(paper.delegatedAt),
                _opening(paper)
            );
    }

    function _opening(Paper memory paper) private pure returns (ISignedConsents.Opening memory) {
        return
            ISignedConsents.Opening(
                uint56(paper.stand),
                uint40(paper.session),
                uint16(paper.number),
                uint40(paper.deadline)
            );
    }

    function _once(Paper memory paper) private pure returns (ISignedActions.Once memory) {
        return ISignedActions.Once(paper.id, uint40(paper.deadline));
    }
}
