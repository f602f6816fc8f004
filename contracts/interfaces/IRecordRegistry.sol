// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "./IAnchors.sol";
import {ICorrections} from "./ICorrections.sol";
import {IRoots} from "./IRoots.sol";
import {ISignedActions} from "./ISignedActions.sol";
import {IStamps} from "./IStamps.sol";

/// @title Which records a patient has, who made them, when, and where their manifests are
/// @notice An anchor binds patient, compartment and content for ever. The pointer to the encrypted manifest on IPFS may change.
/// @dev recordId = keccak256(abi.encode(patient, compartment, content)) with the top bit set. Contracts take the three
/// parts and compute it, so that nobody pairs a record with a compartment that it is not in.
/// @dev Storage that is proven, by the place of its mapping: 3 `recordId => AnchorWord`, 4 `patient => Link` of the chart,
/// 5 `patient => Link` of the history, 6 `recordId => Link` of the pointers, 7 `recordId => content` of the origin,
/// 8 `recordId => operator => time` of receipts, 9 `author => root => time`, 10 `signer => digest => time` of witnesses.
/// @dev Warning: a manifest pointer is a hint. Readers recompute the record id from what they opened.
/// @dev Warning: somebody else with WRITE can copy a pending anchoring and so become its author on chain. Readers refuse that
/// record, because its stamp is another's; its true author seals it anew.
interface IRecordRegistry is ISignedActions, IAnchors, ICorrections, IRoots, IStamps {}
