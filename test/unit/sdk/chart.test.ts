import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { sealBytes } from "../../../src/crypto/age.js";
import { requestErasure, retract } from "../../../src/index.js";
import { point } from "../../../src/chain/records.js";
import { digestOf, sealManifest } from "../../../src/record/manifest.js";
import { type Actor, type Chart, Clinic, refused, sample } from "../../helpers/clinic.js";
import { forge } from "../../helpers/forge.js";
import { lacking } from "../../helpers/stores.js";

describe("the list of one's chart", function () {
  this.timeout(60_000);
  let clinic: Clinic;
  let chart: Chart;
  let folder: string;
  let cache: string;
  /** The patient, with a note of which blocks were fetched and how many questions were asked of the node. */
  let patient: Actor;
  const fetched = new Set<string>();
  const asked: string[] = [];

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    folder = await mkdtemp(path.join(tmpdir(), "carekey-list-"));
    cache = path.join(folder, "chart.age");
    const store = lacking(clinic.store, (cid) => {
      fetched.add(cid.toString());
      return false;
    });
    patient = await clinic.again(chart.patient, {
      store,
      rpc: ({ method }, pass) => {
        asked.push(method);
        return pass();
      },
    });
    fetched.clear();
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(() => clinic.close());

  const title = "A very private matter";
  const place = () => ({ patient: chart.patient.address, compartment: chart.label });

  it("says what each record is, the same with and without a cache", async () => {
    await clinic.share(chart, [sample(1000), sample(500)]);
    await chart.patient.share([sample()], { ...place(), title });
    const plain = await patient.list();
    expect(plain.map(({ summary, author }) => ({ author, ...summary, content: undefined }))).to.deep.equal([
      {
        ...{ author: clinic.radiologist.address, resourceType: "DocumentReference", parts: 2, size: 1500 },
        mediaTypes: ["application/octet-stream"],
        content: undefined,
      },
      {
        ...{ author: patient.address, resourceType: "DocumentReference", parts: 1, size: 1000, title },
        mediaTypes: ["application/octet-stream"],
        content: undefined,
      },
    ]);
    expect(await patient.list({ cache })).to.deep.equal(plain);
    fetched.clear();
    asked.length = 0;
    expect(await patient.list({ cache })).to.deep.equal(plain);
    expect(fetched.size).to.equal(0);
    expect(asked).to.not.include("eth_getStorageAt");
  });

  it("keeps nothing in the clear, and is nobody else's", async () => {
    await chart.patient.share([sample()], { ...place(), title });
    await patient.list({ cache });
    expect(await readdir(folder)).to.deep.equal(["chart.age"]);
    expect((await readFile(cache)).includes(title)).to.equal(false);
    const other = await clinic.actor();
    expect(await other.list({ cache })).to.deep.equal([]);
  });

  it("reads only what is new, pointed anew or corrected", async () => {
    const one = await forge(clinic.radiologist, chart);
    const two = await forge(clinic.radiologist, chart);
    await patient.list({ cache });
    const { chain, recipient } = clinic.radiologist.own;
    const { encodedBody, stamps, locations: parts } = two;
    const { block } = await sealManifest({ encodedBody, stamps, parts }, [recipient, patient.own.recipient], two.key);
    await clinic.store.put(block);
    await point(chain, two.name, digestOf(block));
    await retract(chain, one.name, "wrong patient");
    const three = await forge(clinic.radiologist, chart);
    fetched.clear();
    const listed = await patient.list({ cache });
    expect(listed.map(({ recordId, status }) => [recordId, status])).to.deep.equal([
      [one.recordId, "retracted"],
      [two.recordId, "anchored"],
      [three.recordId, "anchored"],
    ]);
    expect(fetched).to.deep.equal(new Set([block.cid.toString(), three.block.cid.toString()]));
    expect(listed).to.deep.equal(await patient.list());
    await requestErasure(chart.patient.own.chain, chart.label, two.name.content);
    const erased = (await patient.list({ cache }))[1];
    expect(erased).to.include({ status: "erased", summary: undefined });
  });

  it("lists a record that can't be opened with its code, and tries it again", async () => {
    const lost = await forge(clinic.radiologist, chart, { pointer: "0x" + "22".repeat(32) });
    await clinic.share(chart);
    for (let attempt = 0; attempt < 2; attempt++) {
      const [first, second] = await patient.list({ cache });
      expect(first).to.include({ recordId: lost.recordId, summary: undefined, code: "BLOCK_MISSING" });
      expect(second!.summary).to.not.equal(undefined);
    }
  });

  it("does not believe a cache that is damaged, forged, or of a block that is gone", async () => {
    await clinic.share(chart);
    const expected = await patient.list({ cache });
    const good = await readFile(cache);
    const { bytes: forged } = await sealBytes(new TextEncoder().encode("{}"), [patient.own.recipient]);
    for (const bytes of [good.subarray(1), good.subarray(0, -1), new Uint8Array(), forged]) {
      await writeFile(cache, bytes);
      expect(await patient.list({ cache })).to.deep.equal(expected);
    }
    const elsewhere = await clinic.again(chart.patient, {
      rpc: async ({ method }, pass) => {
        asked.push(method);
        const answer = await pass();
        return method === "eth_getBlockByNumber" ? { ...(answer as object), hash: `0x${"77".repeat(32)}` } : answer;
      },
    });
    asked.length = 0;
    expect(await elsewhere.list({ cache })).to.deep.equal(expected);
    expect(asked).to.include("eth_getStorageAt");
  });

  it("stops when it is told to", async () => {
    await clinic.share(chart);
    await refused(patient.list({ cache, signal: AbortSignal.abort() }), "CANCELLED");
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
