// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Announcements} from "../../../contracts/Announcements.sol";
import {ConsentRegistry} from "../../../contracts/ConsentRegistry.sol";
import {CredentialRegistry} from "../../../contracts/CredentialRegistry.sol";
import {Group} from "../../../contracts/Group.sol";
import {GroupFactory} from "../../../contracts/GroupFactory.sol";
import {KeyRegistry} from "../../../contracts/KeyRegistry.sol";
import {RecordRegistry} from "../../../contracts/RecordRegistry.sol";
import {Signing} from "../helpers/Signing.sol";
import {KeyWallet} from "../helpers/Wallets.sol";
import {Papers} from "../properties/Papers.sol";

/// Every contract, as it is deployed, and a group.
struct Deployed {
    AccessManager manager;
    CredentialRegistry credentials;
    ConsentRegistry consent;
    RecordRegistry records;
    Announcements announcements;
    KeyRegistry keys;
    Group group;
}

/// Ten actors, places in their charts, the clock, and how the handler calls.
/// Three are patients most of the time, one of them a contract account; three are granted to and delegated to, two issue
/// credentials, one manages the group, one is an outsider. But each may try anything with anyone.
abstract contract World is Papers {
    uint256 public constant ACTORS = 10;
    uint256 public constant PLACES = 6;
    uint256 internal constant WALLET = 2;
    uint256 internal constant GROUP_MANAGER = 6;
    uint256 internal constant OUTSIDER = 9;
    address internal constant ADMIN = address(0xAD);

    Deployed internal _on;
    uint256 public time = 1_900_000_000;
    uint256 public height = 1000;
    address[] internal _people;
    mapping(address who => uint256 key) internal _keyOf;

    /// How often an action had which outcome: an action that never succeeds would show nothing.
    mapping(string what => uint256 count) public successes;
    mapping(string what => uint256 count) public refusals;

    Slot private _touched;
    uint256 private _steps;

    constructor() {
        vm.warp(time);
        vm.roll(height);
        for (uint256 i = 0; i < ACTORS; ++i) {
            uint256 key = 0xCA4E + i;
            address who = i == WALLET ? address(new KeyWallet(key)) : vm.addr(key);
            _people.push(who);
            _keyOf[who] = key;
        }
        _on.manager = new AccessManager(ADMIN);
        _on.credentials = new CredentialRegistry(_on.manager);
        _on.consent = new ConsentRegistry();
        _on.records = new RecordRegistry(_on.consent, _on.credentials);
        _on.announcements = new Announcements(_on.consent, _on.credentials);
        _on.keys = new KeyRegistry();
        GroupFactory factory = new GroupFactory();
        vm.prank(_people[GROUP_MANAGER]);
        _on.group = Group(factory.create(0));
    }

    function deployed() external view returns (Deployed memory) {
        return _on;
    }

    /* THE CLOCK */

    /// Some seconds and blocks later; perhaps neither, so that much happens in one block.
    function pass(uint256 seconds_, uint256 blocks) external {
        time += seconds_ % 16;
        height += blocks % 3;
        vm.warp(time);
        vm.roll(height);
    }

    /* WHO AND WHERE */

    /// The ten, then the group.
    function grantee(uint256 number) public view returns (address) {
        return number % (ACTORS + 1) == ACTORS ? address(_on.group) : _people[number % (ACTORS + 1)];
    }

    function actor(uint256 number) public view returns (address) {
        return _people[number % ACTORS];
    }

    /// The whole chart, two compartments, two records of the first and one of the other.
    function slotOf(address patient, address whom, uint256 place) public pure returns (Slot memory) {
        place %= PLACES;
        bytes32 compartment = bytes32([uint256(0), 1, 2, 1, 1, 2][place]);
        bytes32 content = bytes32([uint256(0), 0, 0, 1, 2, 1][place]);
        return Slot(patient, whom, compartment, content, scopeOf(patient, compartment, content));
    }

    /// Where the last step may have changed something.
    function touched() external view returns (Slot memory) {
        return _touched;
    }

    /// A number that nobody foresees, another one after each step.
    function dice() external view returns (uint256) {
        return uint256(keccak256(abi.encode(_steps, time, _touched.scope)));
    }

    /// Mostly the same few, so that what one does meets what another did.
    function _slot(uint256 by, uint256 to, uint256 where) internal view returns (Slot memory) {
        address whom = actor(to / 32);
        if (to % 32 < 24) whom = _people[3 + (to % 3)];
        else if (to % 32 < 28) whom = address(_on.group);
        return slotOf(_patient(by), whom, where);
    }

    function _patient(uint256 by) internal view returns (address) {
        return by % 32 < 29 ? _people[by % 3] : actor(by / 32);
    }

    /// One of those who are granted to and delegated to, or anybody.
    function _anyone(uint256 by) internal view returns (address) {
        return by % 8 < 5 ? _people[3 + (by % 3)] : actor(by / 8);
    }

    function _touch(Slot memory slot) internal {
        _touched = slot;
        ++_steps;
    }

    /* CALLS */

    /// Does what `data` says as `by`; its outcome must be the one that the books foretell.
    function _act(address by, address target, bytes memory data, bool expected, string memory what) internal {
        vm.prank(by);
        (bool done, ) = target.call(data);
        vm.assertTrue(done || !expected, string.concat("refused: ", what));
        vm.assertTrue(!done || expected, string.concat("not refused: ", what));
        if (done) ++successes[what];
        else ++refusals[what];
    }

    /// The signature of `signer` under a form of static fields, typed out here; forged, it is somebody else's.
    function _signForm(
        address registry,
        string memory name,
        address signer,
        string memory form,
        bytes memory fields,
        bool forged
    ) internal view returns (bytes memory) {
        bytes32 hash = keccak256(bytes.concat(keccak256(bytes(form)), fields));
        uint256 key = forged || _keyOf[signer] == 0 ? 0xF0 : _keyOf[signer];
        return Signing.sign(key, Signing.digest(name, registry, block.chainid, hash));
    }
}
