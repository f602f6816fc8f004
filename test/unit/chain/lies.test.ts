import { expect } from "chai";

import { announcementsOf, deliver } from "../../../src/chain/announcements.js";
import { capsulesFor } from "../../../src/chain/capsules.js";
import { changesOf } from "../../../src/chain/changes.js";
import { chartState } from "../../../src/chain/chart.js";
import type { Chain } from "../../../src/chain/connection.js";
import { deny, lift, lockdown, revoke, stateOf } from "../../../src/chain/consent.js";
import { amend, attestErasure, requestErasure, retract } from "../../../src/chain/corrections.js";
import { delegate } from "../../../src/chain/delegations.js";
import { createGroup, groupsBy, membersOf, setMembers } from "../../../src/chain/groups.js";
import { recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { keysOf, pointVault, publishKey, publishedKey, vaultOf, vaultsOf } from "../../../src/chain/keys.js";
import { accessLog } from "../../../src/chain/log.js";
import { anchor, anchorMany, findRecord, manifestsOf, point, pointMany } from "../../../src/chain/records.js";
import { answerRequest, findRequest, requestAccess, requestsOf, withdrawRequest } from "../../../src/chain/requests.js";
import { sharesOf, standingDelegations } from "../../../src/chain/shares.js";
import { type ErrorCode, isCareKeyError } from "../../../src/errors.js";
import { refused } from "../../helpers/clinic.js";
import { type Between, digest, give, label, loadFixture, registries } from "../../helpers/chain.js";

const [imaging, genetics] = [label("imaging"), label("genetics")];
const key = (fill: number): Uint8Array => new Uint8Array(1216).fill(fill);

/** A patient with a long past. */
async function past() {
  const context = await registries();
  const { issuer, patient, doctor, nurse, carer, outsider, operator, end, now } = context;
  const me = patient.address;
  const later = now + 600;
  await give(patient, doctor, imaging, { permissions: ["READ", "WRITE"], end });
  await give(patient, nurse, imaging, { permissions: ["READ"], end });
  const terms = { longest: 100, end, permissions: ["READ", "MANAGE"], purposes: ["TREAT"] } as const;
  await delegate(patient, { delegate: carer.address, scope: imaging, terms });
  const name = (of: string) => ({ patient: me, compartment: imaging, content: digest(of) });
  await anchor(doctor, name("one"), digest("manifest of one"));
  await deny(patient, outsider.address, genetics);
  await lift(patient, outsider.address, genetics);
  await give(patient, doctor, wholeChart, { permissions: ["READ"], end });
  await lockdown(patient);
  await give(patient, doctor, imaging, { permissions: ["READ", "WRITE"], end });
  await delegate(patient, { delegate: nurse.address, scope: wholeChart, terms });
  await revoke(patient, nurse.address, imaging);
  const entries = ["two", "three"].map((of) => ({ content: digest(of), manifest: digest(`manifest of ${of}`) }));
  await anchorMany(doctor, name(""), entries);
  await point(doctor, name("one"), digest("second manifest"));
  await point(patient, name("one"), digest("third manifest"));
  await amend(doctor, name("two"), {
    content: digest("four"),
    manifest: digest("manifest of four"),
    reason: "updated",
  });
  const pointed = entries.map(({ content }) => ({ compartment: imaging, content, manifest: digest("newer") }));
  await pointMany(patient, me, [...pointed, { ...pointed[0]!, manifest: digest("newest") }]);
  await retract(patient, name("three"), "wrong patient");
  await requestErasure(patient, imaging, digest("two"));
  await attestErasure(operator, name("two"), "storage", later);
  const wish = { patient: me, scope: imaging, role: "practitioner", permissions: ["READ"], end } as const;
  for (let count = 0; count < 4; count++) await requestAccess(doctor, { ...wish, purposes: ["TREAT"] }, later);
  await deliver(doctor, { ...name("one"), grantees: [nurse.address, carer.address], capsule: digest("a capsule") });
  await answerRequest(patient, await findRequest(patient, me, 2), true);
  await withdrawRequest(doctor, await findRequest(doctor, me, 3));
  await deliver(patient, { patient: me, grantees: [nurse.address], capsule: digest("another capsule") });
  for (const fill of [1, 2, 3]) await publishKey(nurse, key(fill));
  for (const vault of ["a vault", "a second vault", "a third vault"]) await pointVault(nurse, digest(vault));
  const group = await createGroup(issuer, digest("cardiology"));
  for (const salt of ["radiology", "surgery"]) await createGroup(issuer, digest(salt));
  await setMembers(issuer, group, [doctor.address, nurse.address], end);
  await setMembers(issuer, group, [nurse.address, carer.address], end, ["TREAT"]);
  return { ...context, group, recordId: recordIdOf(me, imaging, digest("one")) };
}

type Stage = Awaited<ReturnType<typeof past>>;

/** What a node tells of an event. */
interface Log {
  readonly address: string;
  readonly topics: string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly logIndex: string;
}

/** What is asked of a node. */
type Read = (chain: Chain, stage: Stage) => Promise<unknown>;

const everyCapsule: Read = async (chain, { patient, nurse }) => {
  const found: unknown[] = [];
  for await (const capsule of capsulesFor(chain, patient.address, nurse.address)) found.push(capsule);
  return found;
};

/** Every list that the chain counts. */
const lists: Record<string, Read> = {
  shares: (chain, { patient }) => sharesOf(chain, patient.address),
  delegations: (chain, { patient }) => standingDelegations(chain, patient.address),
  history: (chain, { patient }) => changesOf(chain, patient.address),
  chart: (chain, { patient }) => chartState(chain, patient.address),
  record: (chain, { recordId }) => findRecord(chain, recordId),
  pointers: (chain, { recordId }) => manifestsOf(chain, { recordId }),
  requests: (chain, { patient }) => requestsOf(chain, patient.address),
  announcements: (chain, { patient }) => announcementsOf(chain, patient.address),
  capsules: everyCapsule,
  keys: (chain, { nurse }) => keysOf(chain, nurse.address),
  vaults: (chain, { nurse }) => vaultsOf(chain, nurse.address),
  groups: (chain, { issuer }) => groupsBy(chain, issuer.address),
  members: (chain, { group }) => membersOf(chain, group),
};

/** A node that tells other events than there are. */
const telling =
  (tell: (logs: Log[], from: number, to: number) => unknown): Between =>
  async (method, pass, params) => {
    const answer = await pass();
    if (method !== "eth_getLogs") return answer;
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
    return tell(answer as Log[], Number(fromBlock), Number(toBlock));
  };

const isSame = (a: Log, b: Log): boolean => a.blockNumber === b.blockNumber && a.logIndex === b.logIndex;

/** What came of a question: what there is, another answer, or a refusal. */
async function outcomeOf(stage: Stage, list: string, lie: Between): Promise<ErrorCode | "true" | "FALSE"> {
  const read = lists[list]!;
  const shown = (value: unknown): string =>
    JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? each.toString() : each));
  const truth = shown(await read(stage.outsider, stage));
  try {
    return shown(await read(await stage.as("outsider", lie), stage)) === truth ? "true" : "FALSE";
  } catch (error) {
    if (isCareKeyError(error)) return error.code;
    throw error;
  }
}

/** The events that a list is read from. */
async function logsOf(stage: Stage, list: string): Promise<Log[]> {
  const told = new Map<string, Log>();
  const note = telling((logs) => {
    for (const log of logs) told.set(`${log.blockNumber} ${log.logIndex}`, log);
    return logs;
  });
  await lists[list]!(await stage.as("outsider", note), stage);
  return [...told.values()];
}

/** The outcomes of a lie about each event of a list. */
async function outcomes(
  list: string,
  lie: (log: Log, all: readonly Log[]) => Between | undefined,
): Promise<Set<string>> {
  const stage = await loadFixture(past);
  const logs = await logsOf(stage, list);
  expect(logs.length, list).to.be.greaterThan(0);
  const found = new Set<string>();
  for (const log of logs) {
    const between = lie(log, logs);
    if (between) found.add(await outcomeOf(stage, list, between));
  }
  return found;
}

/** Events of lists that decide nothing there: writes after the first of a slot, and what a reader passes on its way. */
const harmless = ["shares", "delegations", "requests", "capsules"];

const flip = (hex: string, place: number): string => {
  const at = place < 0 ? hex.length + place : place;
  return hex.slice(0, at) + (hex[at] === "0" ? "1" : "0") + hex.slice(at + 1);
};

describe("a node that lies about a list", () => {
  for (const list of Object.keys(lists)) {
    const allowed = harmless.includes(list) ? ["true"] : [];

    it(`is caught when it leaves one of the ${list} out`, async () => {
      const found = await outcomes(list, (gone) => telling((logs) => logs.filter((log) => !isSame(log, gone))));
      expect(found.has("HISTORY_INCOMPLETE")).to.equal(true);
      for (const each of found) expect([...allowed, "HISTORY_INCOMPLETE"]).to.include(each);
    });

    it(`is caught when it tells another of the ${list} in its place, or the same twice`, async () => {
      const instead = await outcomes(list, (gone, all) => {
        const other = all.find((log) => !isSame(log, gone) && log.topics[0] === gone.topics[0]);
        if (!other) return undefined;
        const { blockNumber, logIndex } = gone;
        return telling((logs) => logs.map((log) => (isSame(log, gone) ? { ...other, blockNumber, logIndex } : log)));
      });
      for (const each of instead) expect([...allowed, "HISTORY_INCOMPLETE"]).to.include(each);
      const twice = await outcomes(list, (again) =>
        telling((logs) => logs.flatMap((log) => (isSame(log, again) ? [log, log] : [log]))),
      );
      // twice told is no more than told where each is looked up by itself
      for (const each of twice) expect(["true", "HISTORY_INCOMPLETE"]).to.include(each);
    });

    it(`is caught when it cuts the ${list} off, or tells none`, async () => {
      const stage = await loadFixture(past);
      const blocks = (await logsOf(stage, list)).map(({ blockNumber }) => Number(blockNumber));
      const cut = telling((logs) => logs.filter(({ blockNumber }) => Number(blockNumber) > Math.min(...blocks)));
      const none = await outcomeOf(
        stage,
        list,
        telling(() => []),
      );
      expect([await outcomeOf(stage, list, cut), none]).to.deep.equal(Array(2).fill("HISTORY_INCOMPLETE"));
    });
  }

  it("is caught when it forges who, what, or where", async () => {
    // topic 1 is what was asked by, but for records, which are asked for by their id
    const proven: Record<string, readonly number[]> = {
      ...{ shares: [2, 3], delegations: [2, 3], history: [2, 3] },
      ...{ chart: [2], announcements: [2], requests: [2, 3], keys: [2], vaults: [2], members: [1] },
    };
    for (const [list, topics] of Object.entries(proven))
      for (const topic of topics) {
        const allowed = harmless.includes(list) ? ["true"] : [];
        const found = await outcomes(list, (forged) => {
          const { [topic]: word } = forged.topics;
          if (word === undefined) return undefined;
          const altered = forged.topics.map((each, place) => (place === topic ? flip(each, -1) : each));
          return telling((logs) => logs.map((log) => (isSame(log, forged) ? { ...log, topics: altered } : log)));
        });
        for (const each of found)
          expect([...allowed, "HISTORY_INCOMPLETE"], `${list}, topic ${topic}`).to.include(each);
        expect(found.has("HISTORY_INCOMPLETE"), `${list}, topic ${topic}`).to.equal(true);
      }
  });

  it("is caught when it forges what a newest key or vault is", async () => {
    const stage = await loadFixture(past);
    const { nurse } = stage;
    const last = telling((logs) => logs.map((log) => ({ ...log, data: flip(log.data, 2 + 3 * 64 + 5) })));
    const lying = await stage.as("outsider", last);
    await refused(publishedKey(lying, nurse.address), "CHAIN_INCONSISTENT", { actor: nurse.address });
    await refused(keysOf(lying, nurse.address), "CHAIN_INCONSISTENT", { actor: nurse.address });
    const vault = await stage.as(
      "outsider",
      telling((logs) => logs.map((log) => ({ ...log, data: flip(log.data, 7) }))),
    );
    await refused(vaultsOf(vault, nurse.address), "CHAIN_INCONSISTENT", { actor: nurse.address });
    // the newest needs no event
    expect(await vaultOf(vault, nurse.address)).to.equal(digest("a third vault"));
    const hiding = await stage.as(
      "outsider",
      telling(() => []),
    );
    const details = { list: "actor's keys", missing: 3 };
    await refused(publishedKey(hiding, nurse.address), "HISTORY_INCOMPLETE", details);
  });

  it("is caught when it says of a member what the group does not", async () => {
    const stage = await loadFixture(past);
    const [until, purposes, link] = [0, 1, 2].map((word) => 2 + 64 * word + 63);
    for (const place of [until!, purposes!, link!]) {
      const lie = telling((logs) => logs.map((log) => ({ ...log, data: flip(log.data, place) })));
      expect(await outcomeOf(stage, "members", lie), `at ${place}`).to.equal("HISTORY_INCOMPLETE");
    }
  });

  it("is caught when it says of a request what was not asked", async () => {
    const stage = await loadFixture(past);
    for (let word = 0; word < 5; word++) {
      const data = (log: Log): string => flip(log.data, 2 + 64 * word + 63);
      const lie = telling((logs) =>
        logs.map((log) => (log.data.length > 2 + 64 * 5 ? { ...log, data: data(log) } : log)),
      );
      expect(await outcomeOf(stage, "requests", lie), `word ${word}`).to.equal("HISTORY_INCOMPLETE");
      expect(await outcomeOf(stage, "announcements", lie), `word ${word}`).to.equal("HISTORY_INCOMPLETE");
    }
  });

  it("is caught when it says of a record what was not anchored", async () => {
    const stage = await loadFixture(past);
    const [first] = (await logsOf(stage, "record")).filter(({ topics }) => topics.length === 4);
    const content = (log: Log): string => flip(log.data, 12);
    for (const list of ["record", "chart"]) {
      const lie = telling((logs) => logs.map((log) => (isSame(log, first!) ? { ...log, data: content(log) } : log)));
      expect(await outcomeOf(stage, list, lie)).to.equal("HISTORY_INCOMPLETE");
    }
  });

  it("is caught when it answers what was not asked for, or no events at all", async () => {
    const stage = await loadFixture(past);
    const strange: ((logs: Log[]) => unknown)[] = [
      (logs) => logs.map((log) => ({ ...log, blockNumber: "0x1" })),
      (logs) => logs.map((log) => ({ ...log, address: stage.patient.address })),
      (logs) =>
        logs.map((log) => ({ ...log, topics: [log.topics[0], ...log.topics.slice(1).map((each) => flip(each, -2))] })),
      (logs) => logs.map((log) => ({ ...log, topics: [flip(log.topics[0]!, -1), ...log.topics.slice(1)] })),
      (logs) => logs.map((log) => ({ ...log, data: "0x" })),
      (logs) => logs.map((log) => ({ ...log, logIndex: undefined })),
      () => null,
      () => [7],
      () => ({}),
    ];
    for (const tell of strange) expect(await outcomeOf(stage, "shares", telling(tell))).to.equal("CHAIN_INCONSISTENT");
  });

  it("is caught by the whole log, whichever list it is of", async () => {
    const stage = await loadFixture(past);
    lists.log = (chain, { patient }) => accessLog(chain, patient.address);
    try {
      for (const gone of await logsOf(stage, "log")) {
        const lie = telling((logs) => logs.filter((log) => !isSame(log, gone)));
        expect(await outcomeOf(stage, "log", lie)).to.equal("HISTORY_INCOMPLETE");
      }
    } finally {
      delete lists.log;
    }
  });
});

describe("a node that lies about what is stored", () => {
  /** A node whose newest block is an older one, once it has told a newer one. */
  const aged = async (stage: Stage, hides: readonly string[]): Promise<Chain> => {
    let isOld = false;
    const old = await stage.outsider.provider.getBlockNumber();
    await lockdown(stage.patient);
    const chain = await stage.as("outsider", async (method, pass, params) => {
      const list = params as unknown[];
      const tag =
        method === "eth_getBlockByNumber" ? 0 : method === "eth_getStorageAt" || method === "eth_getProof" ? 2 : -1;
      if (isOld && hides.includes(method) && tag >= 0) list[tag] = `0x${old.toString(16)}`;
      return pass();
    });
    await stateOf(chain, stage.patient.address);
    isOld = true;
    return chain;
  };

  it("is caught when it shows an older block than before", async () => {
    const stage = await loadFixture(past);
    const newest = (await stage.outsider.provider.getBlockNumber()) + 1;
    const chain = await aged(stage, ["eth_getBlockByNumber", "eth_getProof"]);
    // every list is read at such a block
    await refused(sharesOf(chain, stage.patient.address), "CHAIN_INCONSISTENT", { block: newest - 1, newest });
  });

  it("is caught when it hides an act of one's own", async () => {
    const stage = await loadFixture(past);
    const old = await stage.outsider.provider.getBlockNumber();
    let isHiding = false;
    const patient = await stage.as("patient", (method, pass, params) => {
      if (isHiding && method === "eth_getBlockByNumber") (params as unknown[])[0] = `0x${old.toString(16)}`;
      return pass();
    });
    await revoke(patient, stage.doctor.address, imaging);
    isHiding = true;
    await refused(sharesOf(patient, patient.address), "CHAIN_INCONSISTENT", { block: old, newest: old + 1 });
  });

  it("is caught when it proves an older block's words, or none", async () => {
    const stage = await loadFixture(past);
    const chain = await aged(stage, ["eth_getProof"]);
    const proofs: Between[] = [
      async (method, pass) => {
        const answer = await pass();
        if (method !== "eth_getProof") return answer;
        const { storageProof, ...account } = answer as { storageProof: { proof: string[] }[] };
        return { ...account, storageProof: storageProof.map((each) => ({ ...each, proof: [] })) };
      },
      async (method, pass) => {
        const answer = await pass();
        if (method !== "eth_getProof") return answer;
        const { accountProof, ...rest } = answer as { accountProof: string[] };
        return { ...rest, accountProof: accountProof.map((node) => flip(node, -1)) };
      },
      (method, pass) => (method === "eth_getProof" ? Promise.resolve({}) : pass()),
    ];
    await refused(stateOf(chain, stage.patient.address), "CHAIN_INCONSISTENT");
    for (const proof of proofs) {
      let isLying = false;
      const lying = await stage.as("outsider", (...question) =>
        (isLying ? proof : (_: string, pass: () => Promise<unknown>) => pass())(...question),
      );
      await lying.checkedBy();
      isLying = true;
      await refused(stateOf(lying, stage.patient.address), "CHAIN_INCONSISTENT");
    }
  });

  it("is caught when its block is not that of its hash", async () => {
    const stage = await loadFixture(past);
    let isLying = false;
    const chain = await stage.as("outsider", async (method, pass) => {
      const answer = await pass();
      if (!isLying || method !== "eth_getBlockByNumber") return answer;
      return { ...(answer as object), stateRoot: "0x" + "11".repeat(32) };
    });
    await chain.checkedBy();
    isLying = true;
    await refused(stateOf(chain, stage.patient.address), "CHAIN_INCONSISTENT");
  });

  it("is caught when a chart that was known is taken on, too", async () => {
    const stage = await loadFixture(past);
    const { patient, doctor, outsider, recordId } = stage;
    const known = await chartState(outsider, patient.address);
    const name = { patient: patient.address, compartment: imaging, content: digest("five") };
    await anchor(doctor, name, digest("manifest of five"));
    await point(patient, { ...name, content: digest("one") }, digest("fourth manifest"));
    const now = await chartState(outsider, patient.address, known);
    expect(now).to.deep.equal(await chartState(outsider, patient.address));
    expect(now.records.find((record) => record.recordId === recordId)?.manifest).to.equal(digest("fourth manifest"));
    const asked: Log[] = [];
    const counting = await stage.as(
      "outsider",
      telling((logs) => (asked.push(...logs), logs)),
    );
    expect(await chartState(counting, patient.address, known)).to.deep.equal(now);
    expect(asked).to.have.length(2);
    const hiding = await stage.as(
      "outsider",
      telling(() => []),
    );
    await refused(chartState(hiding, patient.address, known), "HISTORY_INCOMPLETE");
    // a chart of another chain is none of this one's
    const foreign = { ...known, block: { ...known.block, hash: "0x" + "ff".repeat(32) } };
    expect(await chartState(outsider, patient.address, foreign)).to.deep.equal(now);
  });

  it("is no longer believed about anything by who has two", async () => {
    const stage = await loadFixture(past);
    const { patient, as } = stage;
    const lie: Between = async (method, pass) => {
      const answer = await pass();
      return method === "eth_getStorageAt" ? flip(answer as string, -1) : answer;
    };
    const honest = await as("doctor");
    const lying = await as("doctor", lie);
    for (const [provider, witness] of [
      [lie, honest.provider],
      [undefined, lying.provider],
    ] as const) {
      const chain = await as("outsider", provider, { verify: "quorum", witness });
      await refused(stateOf(chain, patient.address), "CHAIN_INCONSISTENT", { contract: "ConsentRegistry" });
    }
    const both = await as("outsider", undefined, { verify: "quorum", witness: honest.provider });
    expect(await stateOf(both, patient.address)).to.deep.equal(await stateOf(honest, patient.address));
    expect((await sharesOf(both, patient.address)).checkedBy).to.equal("quorum");
  });
});
