// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice What a grant covers: 0 is the whole chart, a word with the top bit clear is a compartment's label, a word with
/// the top bit set is a record id. The bit keeps one from being used as the other.
library Scopes {
    bytes32 internal constant WHOLE_CHART = 0;
    bytes32 private constant TOP_BIT = bytes32(uint256(1) << 255);

    /// @notice True for a compartment's label.
    function isLabel(bytes32 scope) internal pure returns (bool) {
        return scope != WHOLE_CHART && scope & TOP_BIT == 0;
    }

    /// @notice True for a record in a compartment, a compartment (content 0), and the whole chart (both 0).
    function isPlace(bytes32 compartment, bytes32 content) internal pure returns (bool) {
        return compartment == WHOLE_CHART ? content == 0 : compartment & TOP_BIT == 0;
    }

    /// @notice The scope that covers just this place; see {isPlace}.
    function scopeOf(address patient, bytes32 compartment, bytes32 content) internal pure returns (bytes32) {
        return content == 0 ? compartment : recordIdOf(patient, compartment, content);
    }

    /// @notice The id of the record with this content in this compartment of this patient.
    /// @dev keccak256(abi.encode(patient, compartment, content)), the highest bit set.
    function recordIdOf(address patient, bytes32 compartment, bytes32 content) internal pure returns (bytes32) {
        return hash(uint160(patient), compartment, content) | TOP_BIT;
    }

    /// @notice keccak256 of three words.
    function hash(uint256 first, bytes32 second, bytes32 third) internal pure returns (bytes32 digest) {
        // hashed where memory is free: encoding costs 100 gas more
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let place := mload(0x40)
            mstore(place, first)
            mstore(add(place, 0x20), second)
            mstore(add(place, 0x40), third)
            digest := keccak256(place, 0x60)
        }
    }
}
