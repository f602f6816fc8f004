// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsentRegistry} from "./interfaces/IConsentRegistry.sol";
import {ICredentialRegistry} from "./interfaces/ICredentialRegistry.sol";
import {IRecordRegistry} from "./interfaces/IRecordRegistry.sol";
import {Anchors} from "./records/Anchors.sol";
import {Corrections} from "./records/Corrections.sol";
import {Roots} from "./records/Roots.sol";
import {Stamps} from "./records/Stamps.sol";

/// @title Records; see {IRecordRegistry}
contract RecordRegistry is Stamps, Roots, IRecordRegistry {
    constructor(IConsentRegistry consent, ICredentialRegistry credentials) Anchors(consent) Corrections(credentials) {}
}
