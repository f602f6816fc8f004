// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CHEATS, Vm} from "../Vm.sol";

// The answer of ERC-1271 to a good signature.
bytes4 constant GOOD = 0x1626ba7e;

/// A contract account of whoever owns the key: signs by ERC-1271 and does what it is told.
contract KeyWallet {
    address internal immutable _OWNER;

    constructor(uint256 key) {
        _OWNER = Vm(CHEATS).addr(key);
    }

    function act(address target, bytes calldata data) external {
        (bool success, bytes memory answer) = target.call(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view virtual returns (bytes4) {
        if (signature.length != 65) return 0;
        address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        return signer == _OWNER ? GOOD : bytes4(0);
    }
}

/// Changes its mind when told to.
contract FickleWallet {
    bool private _agrees = true;

    function toggle() external {
        _agrees = !_agrees;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return _agrees ? GOOD : bytes4(0xffffffff);
    }
}

/// Agrees if it has burnt gas down to a rest, and so shows how much it was given.
contract ThirstyWallet {
    uint256 private immutable _LEAST;

    constructor(uint256 least) {
        _LEAST = least;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return gasleft() >= _LEAST ? GOOD : bytes4(0);
    }
}

/// Burns all the gas that it is given.
contract BurningWallet {
    fallback() external {
        assembly {
            invalid()
        }
    }
}

/// Answers these bytes to whatever it is asked, by return or by revert.
contract ParrotWallet {
    bytes private _answer;
    bool private immutable _REVERTS;

    constructor(bytes memory answer, bool reverts) {
        _answer = answer;
        _REVERTS = reverts;
    }

    fallback() external {
        bytes memory answer = _answer;
        bool reverts = _REVERTS;
        assembly ("memory-safe") {
            if reverts {
                revert(add(answer, 0x20), mload(answer))
            }
            return(add(answer, 0x20), mload(answer))
        }
    }
}

/// Agrees in the first word of an answer of 100 kB: who copied all of it would pay dearly.
contract BombWallet {
    fallback() external {
        assembly {
            mstore(0, shl(224, 0x1626ba7e))
            return(0, 100000)
        }
    }
}
