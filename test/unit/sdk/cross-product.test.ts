import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";
import fc from "fast-check";

import { deliver } from "../../../src/chain/announcements.js";
import { type AnchoredRecord, anchor } from "../../../src/chain/records.js";
import { open as openSealed, openBytes } from "../../../src/crypto/age.js";
import { noStamp, signStamp, stampDomain } from "../../../src/crypto/stamp.js";
import { type Hex32, recordIdOf } from "../../../src/index.js";
import { type Body, contentOf, decodeBody, encodeBody } from "../../../src/record/body.js";
import { type Capsule, openCapsule, sealCapsule } from "../../../src/record/capsule.js";
import { keep } from "../../../src/record/deliver.js";
import { bodyFor, digestOf, openManifest, sealManifest } from "../../../src/record/manifest.js";
import { fetchManifest } from "../../../src/record/own.js";
import type { Block } from "../../../src/storage/types.js";
import { rawBlock } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, codeOf, refused } from "../../helpers/clinic.js";
import { role } from "../../helpers/forge.js";

const RECORDS = 100;
const GRANTEES = 10;

/** A record, anchored or not: what its reader would go by. */
interface Sealed {
  readonly record: AnchoredRecord;
  readonly content: Hex32;
  readonly key: Uint8Array;
  readonly block: Block;
}

/** A capsule, and the one record and grantee that it was made for. */
interface Made {
  readonly block: Block;
  readonly record: number;
  readonly grantee: number;
}

describe("100 records and 10 grantees, each with a capsule of their own", function () {
  this.timeout(240_000);
  let clinic: Clinic;
  let chart: Chart;
  let people: Actor[];
  const records: Sealed[] = [];
  const capsules: Made[] = [];

  before(async () => {
    clinic = await Clinic.open();
    chart = await clinic.chart();
    people = await clinic.crowd(GRANTEES);
    for (let index = 0; index < RECORDS; index++) records.push(await sealRecord());
    const { chain } = chart.patient.own;
    for (const [record, { content, key }] of records.entries())
      for (const [grantee, { address: actor }] of people.entries()) {
        const capsule = {
          patient: chart.patient.address,
          compartments: [],
          records: [{ compartment: chart.label, content, key }],
        };
        const recipient = (await chart.patient.lookAtKey(actor))!.key.recipient;
        capsules.push({
          block: await sealCapsule(chain, capsule, [{ actor, version: 1, recipient }]),
          record,
          grantee,
        });
      }
  });
  after(() => clinic.close());

  /** A record of no part's bytes: what is proven here is in manifest and capsule. */
  async function sealRecord(): Promise<Sealed> {
    const { patient, label } = chart;
    const { radiologist } = clinic;
    const { chain, store } = radiologist.own;
    const body: Body = {
      ...bodyFor(chain),
      ...{ patient: patient.address, compartment: label, salt: hexlify(randomBytes(32)) },
      description: JSON.stringify({ resourceType: "DocumentReference", status: "current" }),
      parts: [{ name: "a", mediaType: "text/plain", size: 1, sha256: hexlify(randomBytes(32)) }],
      previous: null,
    };
    const encodedBody = encodeBody(body);
    const content = contentOf(encodedBody);
    const stamp = await signStamp(radiologist.wallet, stampDomain(chain.chainId, chain.addresses.RecordRegistry), {
      ...{ patient: patient.address, compartment: label, content },
      ...{ role: role("practitioner"), statement: "authored", previous: noStamp, issuedAt: 1 },
    });
    const { cid } = await rawBlock(randomBytes(16));
    const parts = [{ cid, key: randomBytes(16) }];
    const recipients = [patient.own.recipient, radiologist.own.recipient];
    const { block, fileKey: key } = await sealManifest({ encodedBody, parts, stamps: [stamp] }, recipients);
    await store.put(block);
    const recordId = recordIdOf(patient.address, label, content);
    const anchored = { author: radiologist.address, anchoredAt: 1, status: "anchored", index: 1, block: 1 } as const;
    const name = { recordId, patient: patient.address, compartment: label, content, origin: content };
    const record = { ...name, ...anchored, manifest: digestOf(block), pointers: 0, place: 1 };
    return { record, content, key, block };
  }

  const openAs = ({ block }: Made, by: number) =>
    openCapsule(block.bytes, { identity: people[by]!.own.identities[0] }, chart.patient.own.chain, {
      ...{ patient: chart.patient.address, grantee: people[by]!.address, keyVersion: 1 },
    });

  it("of 10,000 pairs of capsule and identity, the 1,000 that belong together open", async () => {
    const counts = { opened: 0, refused: 0 };
    for (const made of capsules) {
      for (let by = 0; by < GRANTEES; by++) {
        if (by === made.grantee) {
          const { records: keys } = await openAs(made, by);
          expect(keys.map(({ content }) => content)).to.deep.equal([records[made.record]!.content]);
          counts.opened++;
        } else {
          expect(await codeOf(openAs(made, by))).to.equal("NOT_A_RECIPIENT");
          counts.refused++;
        }
      }
    }
    expect(counts).to.deep.equal({ opened: RECORDS * GRANTEES, refused: RECORDS * GRANTEES * (GRANTEES - 1) });
  });

  it("by the right identity none opens in another's place: grantee, patient, key, chain or registry", async () => {
    const { chain } = chart.patient.own;
    const stranger = clinic.researcher.address;
    let refusals = 0;
    for (const { block, grantee: by } of capsules) {
      const { fileKey, plaintext } = await openSealed([block.bytes], { identity: people[by]!.own.identities[0] });
      await plaintext.return();
      const expected = { patient: chart.patient.address, grantee: people[by]!.address, keyVersion: 1 };
      const places = [
        ...people.filter((_, place) => place !== by).map(({ address }) => ({ ...expected, grantee: address })),
        ...[
          { ...expected, patient: stranger },
          { ...expected, grantee: stranger },
          { ...expected, keyVersion: 0 },
        ],
      ];
      const elsewhere = [
        { ...chain, chainId: chain.chainId + 1 },
        { ...chain, addresses: { ...chain.addresses, RecordRegistry: stranger } },
      ];
      for (const [where, place] of [
        ...places.map((place) => [chain, place] as const),
        ...elsewhere.map((other) => [other, expected] as const),
      ]) {
        expect(await codeOf(openCapsule(block.bytes, { fileKey }, where, place))).to.equal("RECORD_MISMATCH");
        refusals++;
      }
    }
    expect(refusals).to.equal(RECORDS * GRANTEES * (GRANTEES - 1 + 5));
  });

  it("of 10,000 pairs of key and manifest, the 100 that belong together open, wherever a pointer leads", async () => {
    let opened = 0;
    const { own } = clinic.researcher;
    for (const [owner, { key: fileKey }] of records.entries()) {
      for (const [place, { block, record }] of records.entries()) {
        const moved = { ...record, manifest: records[owner]!.record.manifest };
        if (owner === place) {
          await fetchManifest(own, record, { fileKey });
          opened++;
          continue;
        }
        expect(await codeOf(openManifest(block.bytes, { fileKey }))).to.equal("SEALED_INVALID");
        // the manifest that the key opens, in the other's place
        if ((owner + place) % 10 === 0)
          expect(await codeOf(fetchManifest(own, moved, { fileKey }))).to.equal("RECORD_MISMATCH");
      }
    }
    expect(opened).to.equal(RECORDS);
  });

  it("on the chain: announced to everybody, each grantee finds the records of their own capsules alone", async () => {
    const { patient, label } = chart;
    const { radiologist } = clinic;
    const some = capsules
      .filter(({ record }) => record < 10)
      .filter(({ record, grantee }) => (record + grantee) % 3 === 0);
    for (const { record, content } of records.slice(0, 10)) {
      const { compartment, manifest } = record;
      await anchor(radiologist.own.chain, { patient: patient.address, compartment, content }, manifest);
    }
    for (const { block } of some) {
      const grantees = people.map(({ address }) => address);
      await deliver(patient.own.chain, {
        patient: patient.address,
        compartment: label,
        grantees,
        capsule: digestOf(block),
      });
      await keep(clinic.store, block);
    }
    for (const [place, reader] of people.entries()) {
      const mine = some.filter(({ grantee }) => grantee === place);
      const { records: found, unreadable } = await reader.inbox();
      expect(found.map(({ content }) => content).sort()).to.deep.equal(
        mine.map(({ record }) => records[record]!.content).sort(),
      );
      expect(unreadable).to.have.lengthOf(some.length - mine.length);
      expect(new Set(unreadable.map(({ error }) => error.code))).to.deep.equal(new Set(["NOT_A_RECIPIENT"]));
      await clinic.grantWithoutCapsule(patient, reader, label);
      for (const [index, { record }] of records.slice(0, 10).entries()) {
        if (mine.some((made) => made.record === index)) continue;
        await refused(reader.open(record.recordId, { purpose: "TREAT" }), "KEY_MISSING", { recordId: record.recordId });
      }
    }
  });

  it("whatever stands in a capsule comes back from it, and from no other place", async () => {
    const { chain } = chart.patient.own;
    const [reader] = people;
    const published = (await chart.patient.lookAtKey(reader!.address))!.key;
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const hex32 = bytes(32).map((value) => hexlify(value));
    const contents = fc.record({
      compartments: fc.array(fc.record({ label: hex32, name: fc.string({ minLength: 1, maxLength: 60 }) }), {
        maxLength: 3,
      }),
      records: fc.array(fc.record({ compartment: hex32, content: hex32, key: bytes(16) }), { maxLength: 5 }),
    });
    const version = fc.integer({ min: 1, max: 1000 });
    await fc.assert(
      fc.asyncProperty(contents, version, version, async (given, sealedFor, newest) => {
        const capsule: Capsule = { patient: chart.patient.address, ...given };
        const { bytes: block } = await sealCapsule(chain, capsule, [{ ...published, version: sealedFor }]);
        const key = { identity: reader!.own.identities[0] };
        const expected = { patient: capsule.patient, grantee: reader!.address, keyVersion: newest };
        if (sealedFor > newest)
          expect(await codeOf(openCapsule(block, key, chain, expected))).to.equal("RECORD_MISMATCH");
        else expect(await openCapsule(block, key, chain, expected)).to.deep.include({ ...capsule });
      }),
      { numRuns: 300 },
    );
  });

  it("garbage for a body, manifest or capsule is refused by a code, never by anything else", async () => {
    const { chain } = chart.patient.own;
    const { identities } = people[0]!.own;
    const key = { identity: identities[0] };
    const expected = { patient: chart.patient.address, grantee: people[0]!.address, keyVersion: 1 };
    const true_ = capsules[0]!.block.bytes;
    const spoiled = fc.tuple(fc.nat(true_.length - 1), fc.integer({ min: 1, max: 255 })).map(([place, mask]) => {
      const bytes = Uint8Array.from(true_);
      bytes[place]! ^= mask;
      return bytes;
    });
    const cut = fc.nat(true_.length - 1).map((length) => true_.slice(0, length));
    const anything = fc.oneof(fc.uint8Array({ maxLength: 3000 }), spoiled, cut);
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        expect(await codeOf(openCapsule(bytes, key, chain, expected))).to.be.oneOf([
          "SEALED_INVALID",
          "NOT_A_RECIPIENT",
        ]);
        expect(await codeOf(openManifest(bytes, key))).to.be.oneOf(["SEALED_INVALID", "NOT_A_RECIPIENT"]);
        expect(await codeOf(Promise.resolve(bytes).then(decodeBody))).to.equal("RECORD_INVALID");
        expect(await codeOf(openBytes(bytes, key, 100))).to.be.oneOf(["SEALED_INVALID", "NOT_A_RECIPIENT"]);
      }),
      { numRuns: 300 },
    );
  });
});
