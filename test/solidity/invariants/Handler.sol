// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {RegistryActions} from "./RegistryActions.sol";

/// All that ten actors may try; see README.md. Each base adds the actions of one area and its books.
contract Handler is RegistryActions {}
