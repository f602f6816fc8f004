import type { Chain } from "../../chain/connection.js";
import type { Hex32 } from "../../chain/ids.js";
import { unpackLink } from "../../chain/links.js";
import type { AnchoredRecord } from "../../chain/records.js";
import {
  type Slot,
  anchorSlot,
  chartSlot,
  credentialSlot,
  filingSlot,
  rootSlot,
  witnessSlot,
} from "../../chain/slots.js";
import { type ProvenState, type StateProof, proveState } from "../../chain/state-proof.js";
import { anchorOfWord, credentialOfWord, filingOfWord } from "../../chain/stored-words.js";
import type { View } from "../../chain/view.js";
import type { Stamp } from "../../crypto/stamp.js";
import { CareKeyError } from "../../errors.js";
import type { ChartRecord } from "../chart-record.js";
import { bestFor, credentialsAt } from "../entitled.js";
import { listedStatus } from "../listed.js";
import { type Testimony, judgeStamps, testimonyOf } from "../verify.js";
import { freshView } from "../words.js";
import type { ExportFacts, ExportIndex } from "./layout.js";

/** What is proven of a record. */
export type ExportedAnchor = Pick<AnchoredRecord, "recordId" | "author" | "anchoredAt" | "status" | "index">;

/** What of the chain an export takes along, and the proof of it. */
export interface Evidence {
  readonly facts: ExportFacts;
  /** What the chain keeps of each record now; of a listed one, of its index record. */
  readonly anchors: ReadonlyMap<Hex32, ExportedAnchor>;
  readonly proof: StateProof | undefined;
  /** Why there is no proof. */
  readonly unproven: string | undefined;
  /** The chart has more records than these. */
  readonly hasGrown: boolean;
}

/** How often what changed meanwhile is read anew. */
const attempts = 3;

/** A record whose stamps are judged. */
type Stamped = ChartRecord & { readonly stamps: readonly Stamp[] };

/** What a list says that its author anchored. */
export interface ClaimedRoot {
  readonly author: string;
  readonly root: Hex32;
}

/**
 * Collects what stamps of all records of a chart are judged by, and proofs at one block: of it, of the records' anchors, of how many records there are, and of the roots that
 * lists name.
 * @throws CHAIN_UNREACHABLE, CHAIN_INCONSISTENT
 */
export async function collectEvidence(
  chain: Chain,
  all: readonly Stamped[],
  roots: readonly ClaimedRoot[],
): Promise<Evidence> {
  const patient = chain.address;
  const records = all.filter(({ under }) => under === undefined);
  for (let attempt = 1; ; attempt++) {
    const view = await freshView(chain);
    const [head = 0n, ...words] = await view.words([
      chartSlot(patient),
      ...records.map(({ recordId }) => anchorSlot(recordId)),
    ]);
    const hasGrown = unpackLink(head).number > records.length;
    const own = new Map<Hex32, AnchoredRecord>(
      records.map((record, place) => [record.recordId, { ...record, ...anchorOfWord(words[place] ?? 0n) }]),
    );
    const anchors = new Map(all.map((record) => [record.recordId, anchorFor(record, own)]));
    const facts = await collectFacts(chain, view, all);
    const known = { facts, anchors, hasGrown };
    const slots = [...slotsOf(patient, facts, records), ...roots.map(({ author, root }) => rootSlot(author, root))];
    const proven = await proveState(chain, slots);
    if (!proven.proof) return { ...known, proof: undefined, unproven: proven.reason };
    const wrong = await falseFacts(proven.state, chain.addresses, facts, { patient, records: [...own.values()] });
    if (wrong.length === 0) return { ...known, proof: proven.proof, unproven: undefined };
    if (hasGrown || attempt === attempts)
      return { ...known, proof: undefined, unproven: "the chain's state changed all the time" };
  }
}

/** A record's own anchor, or what that of its index record says of it. */
function anchorFor(record: Stamped, own: ReadonlyMap<Hex32, AnchoredRecord>): ExportedAnchor {
  const { recordId, under } = record;
  if (under === undefined) return own.get(recordId) ?? record;
  const { author, anchoredAt, status, index } = own.get(under) ?? record;
  return { recordId, author, anchoredAt, status: listedStatus(status), index };
}

/** What an export says of the chain, for the judge of stamps. */
export function testimonyOfFacts(
  { chainId, recordRegistry }: Pick<ExportIndex, "chainId" | "recordRegistry">,
  { credentials, witnessed }: ExportFacts,
): Testimony {
  return {
    chainId,
    recordRegistry,
    coverage: (signer, role, times) => {
      const theirs = credentials
        .filter((each) => each.actor === signer && each.role === role)
        .map(({ contestedUntil, ...each }) => ({ ...each, ...(contestedUntil !== undefined && { contestedUntil }) }));
      return Promise.resolve(bestFor(theirs, times)?.coverage);
    },
    witnessedAt: (signer, digest) =>
      Promise.resolve(witnessed.find((each) => each.signer === signer && each.digest === digest)?.time),
  };
}

/** A chart as an export names it. */
export interface ExportedChart {
  readonly patient: string;
  /** Those with an anchor of their own. */
  readonly records: readonly ExportedAnchor[];
}

/** What a proof shows to be otherwise: "anchor 0x…", "credential 3", "witness 0", "chart". */
export async function falseFacts(
  state: ProvenState,
  { RecordRegistry, CredentialRegistry }: Pick<Chain["addresses"], "RecordRegistry" | "CredentialRegistry">,
  { credentials, witnessed }: ExportFacts,
  { patient, records }: ExportedChart,
): Promise<string[]> {
  const wrong: string[] = [];
  const recordWord = ({ key }: Slot): Promise<bigint> => state.wordAt(RecordRegistry, key);
  const credentialWord = ({ key }: Slot): Promise<bigint> => state.wordAt(CredentialRegistry, key);
  for (const { recordId, author, anchoredAt, status, index } of records) {
    const known = anchorOfWord(await recordWord(anchorSlot(recordId)));
    if (known?.author !== author || known.anchoredAt !== anchoredAt || known.status !== status || known.index !== index)
      wrong.push(`anchor ${recordId}`);
  }
  for (const [position, { actor, role, index, ...told }] of credentials.entries()) {
    const known = credentialOfWord(await credentialWord(credentialSlot(actor, role, index)));
    const isSame =
      known?.issuer === told.issuer &&
      known.from === told.from &&
      known.until === told.until &&
      known.ending === told.ending;
    const end =
      known?.ending === "contested" ? disputedEnd(await credentialWord(filingSlot(actor, role, index))) : undefined;
    if (!isSame || end !== told.contestedUntil) wrong.push(`credential ${position}`);
  }
  for (const [position, { signer, digest, time }] of witnessed.entries())
    if ((await recordWord(witnessSlot(signer, digest))) !== BigInt(time)) wrong.push(`witness ${position}`);
  // as many different numbers as the chart has records: these are all
  const numbers = new Set(records.map(({ index }) => index));
  const { number } = unpackLink(await recordWord(chartSlot(patient)));
  if (number !== records.length || numbers.size !== records.length) wrong.push("chart");
  return wrong;
}

function disputedEnd(filing: bigint): number {
  const { filedAt, formerUntil } = filingOfWord(filing);
  return Math.min(filedAt, formerUntil);
}

/** Judges every record as a reader does, and notes what the chain was asked. */
async function collectFacts(chain: Chain, view: View, records: readonly Stamped[]): Promise<ExportFacts> {
  const credentials = new Map<string, ExportFacts["credentials"][number]>();
  const witnessed = new Map<string, ExportFacts["witnessed"][number]>();
  const told = testimonyOf(chain, view);
  const testimony: Testimony = {
    ...told,
    coverage: async (actor, role, times) => {
      const best = bestFor(await credentialsAt(chain, view, actor, role), times);
      if (!best) return undefined;
      const { credential, coverage } = best;
      credentials.set(`${actor} ${role} ${credential.index}`, { actor, role, ...credential });
      return coverage;
    },
    witnessedAt: async (signer, digest) => {
      const time = await told.witnessedAt(signer, digest);
      if (time !== undefined) witnessed.set(`${signer} ${digest}`, { signer, digest, time });
      return time;
    },
  };
  for (const record of records)
    await judgeStamps(testimony, record, record).catch((error: unknown) => {
      // whether it stands is for the judge of the export to say
      if (!(error instanceof CareKeyError) || !error.code.startsWith("STAMP_")) throw error;
    });
  return { version: 1, credentials: [...credentials.values()], witnessed: [...witnessed.values()] };
}

function slotsOf(patient: string, facts: ExportFacts, records: readonly AnchoredRecord[]): Slot[] {
  return [
    chartSlot(patient),
    ...records.map(({ recordId }) => anchorSlot(recordId)),
    ...facts.credentials.flatMap(({ actor, role, index, ending }) => [
      credentialSlot(actor, role, index),
      ...(ending === "contested" ? [filingSlot(actor, role, index)] : []),
    ]),
    ...facts.witnessed.map(({ signer, digest }) => witnessSlot(signer, digest)),
  ];
}
