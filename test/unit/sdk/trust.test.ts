import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { hexlify, keccak256 } from "ethers";
import fc from "fast-check";

import { recipientToBytes } from "../../../src/crypto/recipients.js";
import {
  type PinStore,
  type SeenKey,
  filePins,
  fingerprintOf,
  generateIdentity,
  memoryPins,
  recipientOf,
} from "../../../src/index.js";
import { type Actor, type Chart, Clinic, bytesOf, codeOf, day, refused, sample } from "../../helpers/clinic.js";
import { type Lie, lying } from "../../helpers/lying-node.js";

const purpose = "TREAT";
describe("the keys of others", () => {
  let clinic: Clinic;
  let chart: Chart;
  let reader: Actor;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    reader = await clinic.actor();
  });
  after(() => clinic.close());

  const freshKey = async (): Promise<Uint8Array> => recipientToBytes(await recipientOf(await generateIdentity()));
  /** The same actor with a newer identity that is published, and the older one. */
  const rotated = async (actor: Actor): Promise<Actor> => {
    const again = await clinic.again(actor, { identities: [await generateIdentity(), ...actor.own.identities] });
    await again.publishKey();
    return again;
  };
  const opens = async (by: Actor, recordId: string): Promise<void> => {
    await bytesOf((await by.open(recordId, { purpose })).parts[0]!);
  };

  it("are pinned at first sight, and believed as long as they stay", async () => {
    const { patient } = chart;
    expect(await patient.lookAtKey((await clinic.stranger()).address)).to.equal(undefined);
    const seen = await patient.lookAtKey(reader.address);
    expect(seen).to.deep.include({ standing: "trusted" });
    expect(seen!.pin).to.deep.include({ actor: reader.address, version: 1, because: "first sight" });
    expect(await patient.lookAtKey(reader.address)).to.deep.equal(seen);
    const pins = await patient.pins();
    expect(pins.map(({ actor }) => actor)).to.have.members([clinic.radiologist.address, reader.address]);
  });

  it("wait where they are newer: a grant stands, its capsule does not go, and redelivery makes up for it", async () => {
    const { patient, label } = chart;
    const { recordId } = await clinic.share(chart);
    await patient.lookAtKey(reader.address);
    const newer = await rotated(reader);
    const published = (await newer.publishedKey())!;
    const held = {
      actor: reader.address,
      version: 2,
      fingerprint: fingerprintOf(published.digest),
      until: published.since + day,
    };
    const granted = await clinic.grantRead(patient, reader, label);
    expect(granted).to.deep.include({ held, records: [] });
    expect(await clinic.announced(reader)).to.be.empty;
    await refused(newer.open(recordId, { purpose }), "KEY_MISSING", { recordId });
    expect(await patient.redeliver()).to.deep.include({ delivered: [], held: [held] });
    expect(await clinic.announced(reader)).to.be.empty;

    await refused(patient.confirmKey(reader.address, "00".repeat(16)), "KEY_MISMATCH", { version: 2 });
    await refused(patient.confirmKey(reader.address, "not a fingerprint"), "INVALID_ARGUMENT");
    const pin = await patient.confirmKey(reader.address, ` ${held.fingerprint.toUpperCase().replace(/ /g, "-")} `);
    expect(pin).to.deep.include({ version: 2, because: "confirmed" }).and.not.have.property("held");
    expect((await patient.redeliver()).delivered).to.deep.equal([{ grantee: reader.address, records: [recordId] }]);
    await opens(newer, recordId);
    await refused(reader.open(recordId, { purpose }), "KEY_MISSING");
    // and nothing is sent twice
    expect((await patient.redeliver()).delivered).to.deep.equal([]);
  });

  it("are sealed to when their waiting time has passed, and not a second earlier", async () => {
    const { patient } = chart;
    await patient.lookAtKey(reader.address);
    const { since } = (await (await rotated(reader)).publishedKey())!;
    const passed = Math.floor(Date.now() / 1000) - since;
    const early = await clinic.again(patient, { keyWait: passed + 600 });
    const seen = await early.lookAtKey(reader.address);
    expect(seen).to.deep.include({ standing: "held" });
    const late = await clinic.again(patient, { keyWait: passed - 600 });
    const trusted = await late.lookAtKey(reader.address);
    expect(trusted!.pin).to.deep.include({ version: 2, because: "waiting time" }).and.not.have.property("held");
  });

  it("of a later record's readers are held one by one, and told", async () => {
    const { patient, label } = chart;
    const other = await clinic.actor();
    for (const each of [reader, other]) await clinic.grantRead(patient, each, label);
    await clinic.share(chart);
    const newer = await rotated(reader);
    const shared = await clinic.share(chart);
    expect(shared.delivered).to.deep.equal([other.address]);
    expect(shared.held.map(({ actor, version }) => [actor, version])).to.deep.equal([[reader.address, 2]]);
    await opens(other, shared.recordId);
    await refused(newer.open(shared.recordId, { purpose }), "KEY_MISSING");
  });

  it("hold a share back where they are the patient's, before anything is written", async () => {
    await clinic.share(chart);
    await rotated(chart.patient);
    const before = await clinic.traces();
    const { patient } = chart;
    await refused(clinic.share(chart), "KEY_HELD", { actor: patient.address, version: 2 });
    expect(await clinic.traces()).to.deep.equal(before);
    const { digest } = (await patient.publishedKey())!;
    await clinic.radiologist.confirmKey(patient.address, digest);
    await clinic.share(chart);
  });

  it("of one's own address have to be one's own: a machine that lacks the newest refuses to go on", async () => {
    const { patient, label } = chart;
    const newer = await rotated(patient);
    const own = { patient: patient.address, compartment: label };
    await refused(patient.share([sample()], own), "KEY_SUPERSEDED", { actor: patient.address, version: 2 });
    await refused(patient.publishKey(), "KEY_SUPERSEDED", { actor: patient.address, version: 2 });
    await refused(patient.rotateKey(), "KEY_SUPERSEDED", { actor: patient.address, version: 2 });
    await newer.share([sample()], own);
  });

  describe("as a lying node shows them", () => {
    let lie: Lie | undefined;
    let patient: Actor;

    beforeEach(async () => {
      lie = undefined;
      const { address } = clinic.deployment.contracts.KeyRegistry;
      // such a lie is for who takes the node's word: a proof would show it
      patient = await clinic.again(chart.patient, { rpc: lying(address, () => lie), verify: "none" });
      await clinic.share(chart);
    });

    const stops = async (details: object): Promise<void> => {
      const before = await clinic.traces();
      const expected = { actor: reader.address, ...details };
      await refused(patient.lookAtKey(reader.address), "KEY_CHANGED", expected);
      await refused(clinic.grantRead(patient, reader, chart.label), "KEY_CHANGED", expected);
      await refused(patient.redeliver({ grantees: [reader.address] }).then(requireNothing), "KEY_CHANGED", expected);
      expect(await clinic.traces()).to.deep.equal(before);
    };
    const requireNothing = (): never => {
      throw new Error("a key was sealed to");
    };

    it("are refused where the events do not match what the contract keeps", async () => {
      await clinic.grantRead(patient, reader, chart.label);
      lie = { actor: reader.address, recipient: await freshKey(), eventsOnly: true };
      await refused(patient.lookAtKey(reader.address), "CHAIN_INCONSISTENT", { actor: reader.address });
      await refused(clinic.grantRead(patient, reader, chart.label), "CHAIN_INCONSISTENT");
    });

    it("stop everything at another key of the same number, in calls and events alike", async () => {
      await clinic.grantRead(patient, reader, chart.label);
      lie = { actor: reader.address, recipient: await freshKey() };
      await stops({ seen: 1, shown: 1 });
      // the truth goes on
      lie = undefined;
      await clinic.grantRead(patient, reader, chart.label);
    });

    it("stop everything at a number that went back, and at no key where there was one", async () => {
      await clinic.grantRead(patient, reader, chart.label);
      const first = recipientToBytes(reader.own.recipient);
      await patient.confirmKey(reader.address, (await (await rotated(reader)).publishedKey())!.digest);
      lie = { actor: reader.address, recipient: first, version: 1n };
      await stops({ seen: 2, shown: 1 });
      lie = { actor: reader.address, version: 0n };
      await stops({ seen: 2, shown: 0 });
    });

    it("hold a newer key that nobody published, however it is dated, and stop where it then changes or goes", async () => {
      await clinic.grantRead(patient, reader, chart.label);
      const seenAt = BigInt((await patient.pins()).find(({ actor }) => actor === reader.address)!.seenAt);
      const recipient = await freshKey();
      lie = { actor: reader.address, recipient, version: 2n, since: seenAt - 121n };
      await stops({ seen: 1, shown: 2 });
      lie = { ...lie, since: seenAt };
      const { held } = await clinic.grantRead(patient, reader, chart.label);
      expect(held).to.deep.include({ version: 2, until: Number(seenAt) + day });
      expect(await clinic.announced(reader)).to.have.lengthOf(1);
      lie = { ...lie, since: seenAt + 1n };
      await stops({ seen: 2, shown: 2 });
      lie = { ...lie, since: seenAt, recipient: await freshKey() };
      await stops({ seen: 2, shown: 2 });
      lie = undefined;
      await stops({ seen: 2, shown: 1 });
      // the reader reads out the fingerprint of their true key
      await patient.confirmKey(reader.address, fingerprintOf((await reader.publishedKey())!.digest));
      await clinic.grantRead(patient, reader, chart.label);
    });

    it("are never sealed to behind an author's back: a share stops before anything is written", async () => {
      await clinic.grantRead(patient, reader, chart.label);
      const { address } = clinic.deployment.contracts.KeyRegistry;
      const rpc = lying(address, () => lie);
      const radiologist = await clinic.again(clinic.radiologist, { rpc, verify: "none" });
      const options = { patient: patient.address, compartment: chart.label, role: "practitioner" } as const;
      await radiologist.share([sample()], options);
      const before = await clinic.traces();
      for (const actor of [reader.address, patient.address]) {
        lie = { actor, recipient: await freshKey() };
        await refused(radiologist.share([sample()], options), "KEY_CHANGED", { actor, seen: 1, shown: 1 });
      }
      expect(await clinic.traces()).to.deep.equal(before);
    });

    it("can't be told from the truth at first sight, and are found out when the fingerprint is compared", async () => {
      const recipient = await freshKey();
      lie = { actor: reader.address, recipient };
      const seen = await patient.lookAtKey(reader.address);
      expect(seen).to.deep.include({ standing: "trusted" });
      expect(hexlify(seen!.key.recipient)).to.equal(hexlify(recipient));
      const honest = fingerprintOf((await reader.publishedKey())!.digest);
      await refused(patient.confirmKey(reader.address, honest), "KEY_MISMATCH", { actor: reader.address, version: 1 });
    });
  });

  describe("on disk", () => {
    let directory: string;
    let pins: PinStore;

    beforeEach(async () => {
      directory = await mkdtemp(path.join(tmpdir(), "carekey-pins-"));
      pins = filePins(path.join(directory, "pins"));
    });
    afterEach(() => rm(directory, { recursive: true }));

    it("stay, for their owner alone, and are read as they were written", async () => {
      expect(await pins.list()).to.deep.equal([]);
      const patient = await clinic.again(chart.patient, { pins });
      await patient.lookAtKey(reader.address);
      await rotated(reader);
      await patient.lookAtKey(reader.address);
      const [name, ...more] = await readdir(path.join(directory, "pins"));
      expect(more).to.be.empty;
      expect((await stat(path.join(directory, "pins"))).mode & 0o777).to.equal(0o700);
      expect((await stat(path.join(directory, "pins", name!))).mode & 0o777).to.equal(0o600);
      const again = await clinic.again(chart.patient, { pins: filePins(path.join(directory, "pins")) });
      expect(await again.pins()).to.deep.equal(await pins.list());
      expect((await again.lookAtKey(reader.address))!.standing).to.equal("held");
    });

    it("are not forgotten where they are damaged, nor taken for another actor's", async () => {
      const patient = await clinic.again(chart.patient, { pins });
      const other = await clinic.actor();
      for (const each of [reader, other]) await patient.lookAtKey(each.address);
      const folder = path.join(directory, "pins");
      const fileOf = async (actor: Actor): Promise<string> =>
        path.join(
          folder,
          (await readdir(folder)).find((name) => name.includes(actor.address.toLowerCase()))!,
        );
      const kept = await readFile(await fileOf(reader), "utf8");
      const false_ = [
        kept.slice(0, -10),
        "{}",
        "",
        kept.replace(/"version": 1/, '"version": 0'),
        await readFile(await fileOf(other), "utf8"),
      ];
      for (const text of false_) {
        await writeFile(await fileOf(reader), text);
        await refused(patient.lookAtKey(reader.address), "PINS_DAMAGED");
        await refused(clinic.grantRead(patient, reader, chart.label), "PINS_DAMAGED");
      }
      await writeFile(await fileOf(reader), kept);
      await clinic.grantRead(patient, reader, chart.label);
    });
  });

  it("follow the rule whatever a node says, in any order", async () => {
    const { patient } = chart;
    const { address } = clinic.deployment.contracts.KeyRegistry;
    const keys = await Promise.all(Array.from({ length: 3 }, freshKey));
    const says = fc.record({
      key: fc.nat(2),
      version: fc.integer({ min: 1, max: 4 }),
      since: fc.integer({ min: -2, max: 2 }),
    });
    const { since: first } = (await reader.publishedKey())!;
    await fc.assert(
      fc.asyncProperty(fc.array(says, { minLength: 1, maxLength: 8 }), async (sayings) => {
        let lie: Lie | undefined;
        const rpc = lying(address, () => lie);
        const mine = await clinic.again(patient, { pins: memoryPins(), rpc, verify: "none" });
        /** The newest key that was not refused. */
        let newest: { key: number; version: number; since: number } | undefined;
        let trusted: typeof newest;
        let seenAt = 0;
        for (const { key, version, since } of sayings) {
          const at = first + 5000 + since;
          lie = { actor: reader.address, recipient: keys[key]!, version: BigInt(version), since: BigInt(at) };
          const isNext = newest === undefined || version > newest.version;
          const isSame =
            newest?.version === version && newest.key === key && (trusted === newest || newest.since === at);
          let seen: SeenKey | undefined;
          const refusal = await codeOf(mine.lookAtKey(reader.address).then((key) => (seen = key)));
          if (!(isNext && (newest === undefined || at >= seenAt - 120)) && !isSame) {
            expect(refusal).to.equal("KEY_CHANGED");
            continue;
          }
          if (!isSame) newest = { key, version, since: at };
          trusted ??= newest;
          expect(seen).to.have.property("standing", newest === trusted ? "trusted" : "held");
          seenAt = (await mine.pins())[0]!.seenAt;
          expect((await mine.pins())[0]!.digest).to.equal(keccak256(keys[trusted!.key]!));
        }
      }),
      { numRuns: 40 },
    );
  });
});
