// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsentRegistry} from "./interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";
import {Anchors} from "./records/Anchors.sol";
import {Corrections} from "./records/Corrections.sol";
import {Erasures} from "./records/Erasures.sol";
import {Pointers} from "./records/Pointers.sol";
import {Records} from "./records/Records.sol";
import {Roots} from "./records/Roots.sol";
import {Stamps} from "./records/Stamps.sol";

/// @title Records; see {IRecordRegistry}
/// @dev `Records` has what is kept and how a record comes to stand; the others have one kind of act each.
contract RecordRegistry is Anchors, Pointers, Corrections, Erasures, Roots, Stamps {
    constructor(IConsentRegistry consent, ICredentialRegistry credentials) Records(consent, credentials) {}
}
