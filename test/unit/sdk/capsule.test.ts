import { expect } from "chai";

import { deliver } from "../../../src/chain/announcements.js";
import { publishedKey } from "../../../src/chain/keys.js";
import { findRecord } from "../../../src/chain/records.js";
import type { Hex32 } from "../../../src/index.js";
import { announce } from "../../../src/record/deliver.js";
import { sealCapsule } from "../../../src/record/capsule.js";
import { manifestKey } from "../../../src/record/own.js";
import { rawBlock } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, bytesOf, refused } from "../../helpers/clinic.js";
import { forge } from "../../helpers/forge.js";

const purpose = "TREAT";

describe("capsules", () => {
  let clinic: Clinic;
  let chart: Chart;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
  });
  after(() => clinic.close());

  const opens = async (reader: Actor, recordId: Hex32): Promise<void> => {
    const { parts } = await reader.open(recordId, { purpose });
    await bytesOf(parts[0]!);
  };
  const inboxOf = async (reader: Actor): Promise<Hex32[]> => {
    const { records } = await reader.inbox(chart.patient.address);
    return [...new Set(records.map(({ recordId }) => recordId))].sort();
  };

  describe("that were announced where they do not belong", () => {
    it("open nothing in another patient's place", async () => {
      const { patient, label } = chart;
      const { recordId } = await clinic.share(chart);
      const reader = await clinic.actor();
      await clinic.grantRead(patient, reader, label);
      const [own] = await clinic.announced(reader);
      const impostor = await clinic.actor();
      const to = { patient: impostor.address, grantees: [reader.address], compartment: label };
      await deliver(impostor.own.chain, { ...to, capsule: own! });
      const inbox = await reader.inbox(impostor.address);
      expect(inbox.records).to.be.empty;
      expect(inbox.unreadable.map(({ capsule, error }) => [capsule, error.code])).to.deep.equal([
        [own, "RECORD_MISMATCH"],
      ]);
      await opens(reader, recordId);
    });

    it("open nothing for another grantee, nor for one whom they were sealed to but do not name", async () => {
      const { patient, label } = chart;
      const { recordId, content } = await clinic.share(chart);
      const [named, other] = [await clinic.actor(), await clinic.actor()];
      await clinic.grantRead(patient, named, label);
      const [capsule] = await clinic.announced(named);
      await clinic.grantWithoutCapsule(patient, other, label);
      const to = { patient: patient.address, scope: label };
      await deliver(patient.own.chain, { ...to, grantees: [other.address], capsule: capsule! });
      const unread = (await other.inbox(patient.address)).unreadable;
      expect(unread.map(({ error }) => error.code)).to.deep.equal(["NOT_A_RECIPIENT"]);
      await refused(other.open(recordId, { purpose }), "KEY_MISSING", { recordId, unreadable: 1 });

      const stranger = await clinic.actor();
      const { chain } = patient.own;
      const key = await manifestKey(patient.own, await findRecord(chain, recordId));
      const misnamed = { ...(await publishedKey(chain, stranger.address))!, actor: named.address };
      const records = [{ compartment: label, content, key }];
      const block = await sealCapsule(chain, { patient: patient.address, compartments: [], records }, [misnamed]);
      await announce(patient.own, { ...to, grantees: [stranger.address] }, block);
      const { unreadable, records: found } = await stranger.inbox();
      expect(unreadable.map(({ error }) => error.code)).to.deep.equal(["RECORD_MISMATCH"]);
      expect(found).to.be.empty;
    });

    it("open nothing under a key that the grantee has not published yet, or for another chain", async () => {
      const { patient, label } = chart;
      const { content, recordId } = await clinic.share(chart);
      const reader = await clinic.actor();
      const { chain } = patient.own;
      const key = await manifestKey(patient.own, await findRecord(chain, recordId));
      const published = (await publishedKey(chain, reader.address))!;
      const capsule = { patient: patient.address, compartments: [], records: [{ compartment: label, content, key }] };
      const to = { patient: patient.address, compartment: label, grantees: [reader.address] };
      for (const [elsewhere, version] of [
        [chain, 2],
        [{ ...chain, chainId: 1 }, 1],
        [{ ...chain, addresses: { ...chain.addresses, RecordRegistry: reader.address } }, 1],
      ] as const) {
        await announce(patient.own, to, await sealCapsule(elsewhere, capsule, [{ ...published, version }]));
      }
      const { records, unreadable } = await reader.inbox();
      expect(records).to.be.empty;
      expect(unreadable.map(({ error }) => error.code)).to.deep.equal(Array(3).fill("RECORD_MISMATCH"));
    });

    it("do not stop the inbox when a writer announces garbage, nothing, or a false key", async () => {
      const { patient, label } = chart;
      const { radiologist } = clinic;
      const { recordId, content } = await clinic.share(chart);
      const reader = await clinic.actor();
      const to = { patient: patient.address, compartment: label, grantees: [reader.address, radiologist.address] };
      const garbage = await rawBlock(new Uint8Array(500).fill(5));
      const name = { patient: patient.address, compartment: label, content };
      const disturb = async (): Promise<void> => {
        await announce(radiologist.own, to, garbage);
        await deliver(radiologist.own.chain, { ...to, capsule: "0x" + "33".repeat(32) });
        await clinic.announceKey(radiologist, [reader, radiologist], name, new Uint8Array(16));
      };
      await disturb();
      await clinic.grantRead(patient, reader, label);
      await opens(reader, recordId);
      await disturb();
      await opens(reader, recordId);
      const { unreadable, records } = await reader.inbox(patient.address);
      expect(unreadable.map(({ error }) => error.code).sort()).to.deep.equal([
        "BLOCK_MISSING",
        "BLOCK_MISSING",
        "SEALED_INVALID",
        "SEALED_INVALID",
      ]);
      expect(records).to.have.lengthOf(3);
      // nor the author, whose own stanza opens the record whatever was announced
      await clinic.grantRead(patient, radiologist, label, { permissions: ["READ", "WRITE"] });
      await disturb();
      await opens(radiologist, recordId);
    });
  });

  it("of 10 records and 5 grantees, nobody opens what was not granted to them", async () => {
    const { patient, label } = chart;
    const records: Hex32[] = [];
    for (let index = 0; index < 10; index++) records.push((await forge(clinic.radiologist, chart)).recordId);
    const people = await clinic.crowd(5);
    const mine = (record: number, person: number): boolean => record % 5 === person || (record * 7 + person) % 6 === 0;
    for (const [person, reader] of people.entries()) {
      for (const [record, id] of records.entries()) {
        if (mine(record, person)) await clinic.grantRead(patient, reader, id);
      }
    }
    for (const [person, reader] of people.entries()) {
      expect(await inboxOf(reader)).to.deep.equal(records.filter((_, record) => mine(record, person)).sort());
      for (const [record, id] of records.entries()) {
        if (mine(record, person)) await opens(reader, id);
        else await refused(reader.open(id, { purpose }), "ACCESS_REFUSED");
      }
    }
    // with the chain's word, but another's capsules: still nothing
    const outsider = await clinic.actor();
    await clinic.grantWithoutCapsule(patient, outsider, label);
    const to = { patient: patient.address, grantees: [outsider.address], scope: label };
    for (const reader of people) {
      for (const capsule of await clinic.announced(reader)) await deliver(patient.own.chain, { ...to, capsule });
    }
    for (const id of records) await refused(outsider.open(id, { purpose }), "KEY_MISSING", { recordId: id });
  });

  it("a capsule is put only when its announcement stands", async () => {
    const { patient, label } = chart;
    const reader = await clinic.actor();
    await clinic.share(chart);
    const failing = await clinic.again(patient, {
      rpc: ({ method }, pass) =>
        method === "eth_sendRawTransaction" ? Promise.reject(new Error("cable pulled")) : pass(),
    });
    const before = await clinic.traces();
    await refused(clinic.grantRead(failing, reader, label), "CHAIN_UNREACHABLE");
    expect(await clinic.traces()).to.deep.equal(before);
    const block = await rawBlock(new Uint8Array(10));
    const to = { patient: patient.address, compartment: label, grantees: [reader.address] };
    await refused(announce(reader.own, to, block), "CONTRACT_REFUSED", { error: "NotDeliverer" });
    expect(await clinic.traces()).to.deep.equal(before);
  });
});
