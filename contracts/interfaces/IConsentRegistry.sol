// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegations} from "./IDelegations.sol";
import {IGrants} from "./IGrants.sol";
import {ISignedConsents} from "./ISignedConsents.sol";

/// @title A patient's consents: who may do what, on which part of the chart, for which purpose, until when
/// @notice One rule decides access, and every contract, keeper, service and client asks only it: {IGrants.canAccess}; about a
/// record through `IRecordRegistry.canRead` or `canReadAs`, which know its lineage and whether it was erased.
/// @dev A *scope* is 0 (whole chart), a compartment's label (top bit clear) or a record id (top bit set). An amended record keeps
/// the scope of the first of its lineage.
/// @dev A patient's grants and delegations are one list of numbered slots, and what happens to them one numbered history:
/// {IGrants.stateOf} counts both, so whoever proves that word knows when a list is whole.
/// @dev Warning: the chain decides, ciphertext cannot forget. A revocation stops new records and keys; it can't recall keys or
/// plaintext that a grantee already has.
/// @dev Warning: scopes are opaque, but grantees, purposes, permissions and periods are public.
interface IConsentRegistry is IGrants, IDelegations, ISignedConsents {}
