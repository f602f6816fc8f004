// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnnouncements} from "./IAnnouncements.sol";
import {IDelegations} from "./IDelegations.sol";
import {IGrants} from "./IGrants.sol";
import {ISignedConsents} from "./ISignedConsents.sol";

/// @title A patient's consents: who may do what, on which part of the chart, for which purpose, until when
/// @notice One rule decides access, and every contract, keeper, service and client asks only it: {IGrants.canAccess}.
/// @dev A *scope* is 0 (whole chart), a compartment's label (top bit clear) or a record id (top bit set).
/// @dev Warning: the chain decides, ciphertext cannot forget. A revocation stops new records and keys; it can't recall keys or
/// plaintext that a grantee already has.
/// @dev Warning: scopes are opaque, but grantees, purposes, permissions and periods are public.
interface IConsentRegistry is IGrants, IDelegations, ISignedConsents, IAnnouncements {}
