import { id, zeroPadValue } from "ethers";

import { type CareKey, CareKeyError, type CheckedBy, type ErrorCode } from "../../src/index.js";
import type { Lie } from "./lying-node.js";
import type { Stage } from "./stage.js";

/** Lists of a patient that nobody left anything out of, with their lengths. */
export interface Proven {
  readonly checkedBy: CheckedBy;
  readonly lists: Readonly<Record<"grants" | "delegations" | "records" | "requests" | "log", number>>;
}

/** A lie that was refused. */
export interface Caught {
  readonly lie: string;
  readonly list: string;
  readonly code: ErrorCode;
}

/** Reads every list of the patient: each is whole, or reading it fails. */
export async function proveLists(patient: CareKey): Promise<Proven> {
  const { grants, delegations, checkedBy } = await patient.shares();
  const [records, requests, log] = [await patient.chart(), await patient.requests(), await patient.log()];
  return {
    checkedBy,
    lists: {
      grants: grants.length,
      delegations: delegations.length,
      records: records.length,
      requests: requests.length,
      log: log.length,
    },
  };
}

interface Log {
  readonly topics: readonly string[];
}

const events = {
  Granted: id("Granted(address,address,bytes32,uint256,bytes32,uint96)"),
  Anchored: id("Anchored(address,bytes32,bytes32,bytes32,bytes32,uint64)"),
};

/** A lie about the logs that a node tells. */
const ofLogs =
  (lie: (logs: readonly Log[]) => readonly Log[]): Lie =>
  ({ method }, answer) =>
    method === "eth_getLogs" ? lie(answer as readonly Log[]) : answer;

const without = (topic: string) => ofLogs((logs) => logs.filter(({ topics }) => topics[0] !== topic));

/** Another grantee in everybody's place. */
const forged = ofLogs((logs) =>
  logs.map((log) => {
    const [topic = "", patient = "", , ...rest] = log.topics;
    if (topic !== events.Granted) return log;
    return {
      ...log,
      topics: [topic, patient, zeroPadValue("0x0000000000000000000000000000000000000bad", 32), ...rest],
    };
  }),
);

/** The first log that was ever told, again and again. */
function repeated(): Lie {
  let first: readonly Log[] | undefined;
  return ofLogs((logs) => {
    if (logs.length > 0) first ??= logs;
    return first ?? logs;
  });
}

/** A word of storage that says something else, and the proof beside it. */
const altered: Lie = ({ method }, answer) => {
  if (method !== "eth_getProof") return answer;
  const told = answer as { storageProof: { proof: string[] }[] };
  return {
    ...told,
    storageProof: told.storageProof.map((slot) => ({
      ...slot,
      proof: slot.proof.map((node) => node.replace(/..$/, (end) => (end === "00" ? "01" : "00"))),
    })),
  };
};

/** Puts a node that lies between the patient and the chain, one lie after the other. */
export async function catchLies(stage: Stage, patient: CareKey): Promise<Caught[]> {
  const lies: readonly (readonly [string, string, Lie, (deceived: CareKey) => Promise<unknown>])[] = [
    ["leaves the grants out", "grants", without(events.Granted), (deceived) => deceived.shares()],
    ["names another grantee", "grants", forged, (deceived) => deceived.shares()],
    ["tells the same event again and again", "grants", repeated(), (deceived) => deceived.shares()],
    ["leaves the records out", "records", without(events.Anchored), (deceived) => deceived.chart()],
    ["tells no events at all", "log", ofLogs(() => []), (deceived) => deceived.log()],
    ["alters the proof of a word", "grants", altered, (deceived) => deceived.shares()],
  ];
  const caught: Caught[] = [];
  for (const [lie, list, told, read] of lies) {
    const code = await stage.behind(patient, told, (deceived) => codeOf(read(deceived)));
    if (code === undefined) throw new Error(`A node that ${lie} was believed`);
    caught.push({ lie: `it ${lie}`, list, code });
  }
  return caught;
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof CareKeyError)) throw error;
    return error.code;
  }
}
