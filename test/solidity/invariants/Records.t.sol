// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "../../../contracts/interfaces/IAnchors.sol";
import {IStamps} from "../../../contracts/interfaces/IStamps.sol";
import {Link} from "../../../contracts/types/Link.sol";
import {RecordActions} from "./RecordActions.sol";
import {RootActions} from "./RootActions.sol";
import {Watch} from "./Watch.sol";

/// Records and their stamps; in prose: README.md.
contract RecordInvariantsTest is Watch {
    /// Runners play all steps anew for each invariant: so one, which checks them all.
    function invariant_records() external view {
        uint256 count = _handler.recordCount();
        for (uint256 i = 0; i < 3 && i < count; ++i) _checkRecord((_handler.dice() + i) % count);
        if (count != 0) _checkRecord(count - 1);
        bytes32 last = _handler.touched().scope;
        vm.assertEq(uint256(_on.records.anchorOf(last).status), _handler.statusOf(last), "status");
        _checkLists(_handler.touched().patient);
        _checkRoots();
        _checkWitnesses();
    }

    function afterInvariant() external view {
        uint256 count = _handler.recordCount();
        for (uint256 i = 0; i < count; ++i) _checkRecord(i);
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            _checkLists(_handler.actor(i));
            _checkChart(_handler.actor(i));
        }
    }

    function _checkRecord(uint256 number) private view {
        RecordActions.Record memory known = _handler.record(number);
        _checkAnchor(known);
        _checkReaders(known);
        _checkStamps(known);
        _checkReceipts(known);
    }

    /// 15., 16., 17. and 18. Author, time and place stay; the status only moves forward; pointers and origin are as booked.
    function _checkAnchor(RecordActions.Record memory known) private view {
        vm.assertTrue(known.entitled, "anchored by an outsider");
        IAnchors.Anchor memory anchored = _on.records.anchorOf(known.id);
        vm.assertEq(anchored.author, known.author, "author");
        vm.assertEq(anchored.anchoredAt, known.time, "anchoredAt");
        vm.assertEq(anchored.writtenAt, known.writtenAt, "writtenAt");
        vm.assertEq(anchored.index, known.index, "number on the chart");
        vm.assertEq(uint256(anchored.status), known.status, "status");
        _checkHead(_on.records.pointersOf(known.id), known.pointers, known.pointedAt, "pointers");
        bytes32 origin = known.origin == known.content ? bytes32(0) : known.origin;
        vm.assertEq(_on.records.originOf(known.id), origin, "origin");
    }

    /// 18. and 19. Consent to a record is consent to what it descends from, and an erased one answers no to everybody.
    function _checkReaders(RecordActions.Record memory known) private view {
        bytes32[] memory scopes = _handler.chain(known.patient, known.compartment, known.origin);
        uint256 dice = _handler.dice();
        for (uint256 i = 0; i < 4; ++i) {
            address reader = i == 0 ? known.patient : _handler.grantee(dice / 2 ** (8 * i));
            bool expected =
                known.status != 4 &&
                    _handler.REFERENCE().canAccess(known.patient, reader, scopes, 1, 1, _handler.time());
            // a door may be shut on an amendment's own id, ahead of it
            bytes32[] memory own = _handler.chain(known.patient, known.compartment, known.content);
            expected = expected && !_handler.REFERENCE().isDenied(known.patient, reader, own);
            bool answer = _on.records.canRead(known.patient, reader, known.compartment, known.content, 1);
            vm.assertTrue(answer == expected, "canRead");
        }
    }

    /// 20. What patients author of themselves counts by its anchor alone; an issuer's word counts while it holds, and is contested
    /// where it is; nothing counts on an erased record.
    function _checkStamps(RecordActions.Record memory known) private view {
        IStamps.Stamp memory stamp;
        (stamp.patient, stamp.compartment, stamp.content) = (known.patient, known.compartment, known.content);
        (stamp.role, stamp.statement, stamp.issuedAt) = ("patient", "authored", uint48(known.time));
        bool expected = known.status != 4 && known.author == known.patient;
        vm.assertTrue(_on.records.verifyStamp(stamp, known.author, 0, "") == expected, "the patient's own");
        ++stamp.issuedAt;
        vm.assertTrue(!_on.records.verifyStamp(stamp, known.author, 0, ""), "of after the anchor");
        --stamp.issuedAt;
        stamp.role = _handler.roleOf(uint256(known.id));
        uint256 credential = _handler.dice() % 3;
        IStamps.StampStatus status = _on.records.stampStatus(
            stamp,
            known.author,
            credential,
            _handler.signStamp(known.author, stamp)
        );
        // a contract account's counts by witness alone
        bool isOpen = known.status != 4 && known.author.code.length == 0;
        uint256 books = isOpen ? _handler.credentialStatus(known.author, stamp.role, credential, known.time) : 0;
        vm.assertEq(uint256(status), books, "a stamp of the author");
    }

    /// 21. A receipt of erasure stays.
    function _checkReceipts(RecordActions.Record memory known) private view {
        for (uint256 i = 0; i < _handler.ACTORS(); ++i) {
            address operator = _handler.actor(i);
            uint256 expected = _handler.attestedAt(known.id, operator);
            vm.assertEq(_on.records.erasureAttestedAt(known.id, operator), expected, "receipt");
            vm.assertTrue(expected == 0 || known.status == 4, "a receipt for what nobody erased");
        }
    }

    /// 17. The chart counts the anchors, the history what happened to them since.
    function _checkLists(address patient) private view {
        RecordActions.Head memory chart = _handler.chart(patient);
        _checkHead(_on.records.chartOf(patient), chart.count, chart.lastAt, "chart");
        RecordActions.Head memory history = _handler.history(patient);
        _checkHead(_on.records.historyOf(patient), history.count, history.lastAt, "history");
    }

    /// 17. N records have the numbers 1 to N, each once. Asked of the contract alone.
    function _checkChart(address patient) private view {
        uint256 count = _on.records.chartOf(patient).number();
        bool[] memory seen = new bool[](count + 1);
        uint256 found = 0;
        for (uint256 i = 0; i < _handler.recordCount(); ++i) {
            RecordActions.Record memory known = _handler.record(i);
            if (known.patient != patient) continue;
            uint256 index = _on.records.anchorOf(known.id).index;
            vm.assertTrue(index > 0 && index <= count && !seen[index], "number on the chart");
            seen[index] = true;
            ++found;
        }
        vm.assertEq(found, count, "number of records");
    }

    /// 22. The time of a root never changes.
    function _checkRoots() private view {
        uint256 count = _handler.rootCount();
        if (count == 0) return;
        RootActions.Dated memory root = _handler.root(_handler.dice() % count);
        vm.assertEq(_on.records.rootAnchoredAt(root.by, root.what), root.time, "time of a root");
    }

    /// 22. The time of a witness never changes.
    function _checkWitnesses() private view {
        uint256 count = _handler.witnessedCount();
        if (count == 0) return;
        RootActions.Dated memory witnessed = _handler.witnessed(_handler.dice() % count);
        vm.assertEq(_on.records.witnessedAt(witnessed.by, witnessed.what), witnessed.time, "time of a witness");
    }

    function _checkHead(Link head, uint256 count, uint256 lastAt, string memory what) private pure {
        vm.assertEq(head.number(), count, what);
        vm.assertEq(head.lastAt(), lastAt, what);
    }
}
