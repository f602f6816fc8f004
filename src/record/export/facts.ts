import type { Chain } from "../../chain/connection.js";
import { credentialFor, credentialsIn } from "../../chain/credentials.js";
import type { Hex32 } from "../../chain/ids.js";
import { type AnchoredRecord, anchorOf } from "../../chain/records.js";
import {
  type Slot,
  anchorOfWord,
  anchorSlot,
  credentialOfWord,
  credentialSlot,
  witnessSlot,
} from "../../chain/slots.js";
import { type ProvenState, type StateProof, proveState } from "../../chain/state-proof.js";
import { witnessedAt } from "../../chain/stamps.js";
import type { Stamp } from "../../crypto/stamp.js";
import { CareKeyError } from "../../errors.js";
import { type Testimony, judgeStamps } from "../verify.js";
import type { ExportFacts, ExportIndex } from "./layout.js";

/** What of the chain an export takes along, and the proof of it. */
export interface Evidence {
  readonly facts: ExportFacts;
  /** What `anchorOf` says of each record now. */
  readonly anchors: ReadonlyMap<Hex32, Pick<AnchoredRecord, "author" | "anchoredAt" | "status">>;
  readonly proof: StateProof | undefined;
  /** Why there is no proof. */
  readonly unproven: string | undefined;
}

/** How often what changed meanwhile is read anew. */
const attempts = 3;

/**
 * Collects what stamps of some records are judged by, and proofs of it and of the records' anchors at one block.
 * @throws CHAIN_UNREACHABLE
 */
export async function collectEvidence(
  chain: Chain,
  records: readonly (AnchoredRecord & { readonly stamps: readonly Stamp[] })[],
): Promise<Evidence> {
  for (let attempt = 1; ; attempt++) {
    const facts = await collectFacts(chain, records);
    const anchors = new Map(
      await Promise.all(records.map(async ({ recordId }) => [recordId, await anchorOf(chain, recordId)] as const)),
    );
    const proven = await proveState(chain, slotsOf(facts, records));
    if (!proven.proof) return { facts, anchors, proof: undefined, unproven: proven.reason };
    const wrong = await falseFacts(proven.state, chain.addresses, facts, [...anchors].map(toAnchor));
    if (wrong.length === 0) return { facts, anchors, proof: proven.proof, unproven: undefined };
    if (attempt === attempts)
      return { facts, anchors, proof: undefined, unproven: "the chain's state changed all the time" };
  }
}

/** What an export says of the chain, for the judge of stamps. */
export function testimonyOfFacts(
  { chainId, recordRegistry }: Pick<ExportIndex, "chainId" | "recordRegistry">,
  { credentials, witnessed }: ExportFacts,
): Testimony {
  return {
    chainId,
    recordRegistry,
    credentialFor: (signer, role, times) => {
      const isIt = (each: ExportFacts["credentials"][number]): boolean => each.actor === signer && each.role === role;
      const found = credentials.find(
        (each) => isIt(each) && times.every((time) => each.from <= time && time < each.until),
      );
      return Promise.resolve(found?.index);
    },
    witnessedAt: (signer, digest) =>
      Promise.resolve(witnessed.find((each) => each.signer === signer && each.digest === digest)?.time),
  };
}

/** Positions of what a proof shows to be otherwise: "anchor 0x…", "credential 3", "witness 0". */
export async function falseFacts(
  state: ProvenState,
  { RecordRegistry, CredentialRegistry }: Pick<Chain["addresses"], "RecordRegistry" | "CredentialRegistry">,
  { credentials, witnessed }: ExportFacts,
  anchors: readonly Pick<AnchoredRecord, "recordId" | "author" | "anchoredAt" | "status">[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const { recordId, author, anchoredAt, status } of anchors) {
    const known = anchorOfWord(await state.wordAt(RecordRegistry, anchorSlot(recordId).key));
    if (known?.author !== author || known.anchoredAt !== anchoredAt || known.status !== status)
      wrong.push(`anchor ${recordId}`);
  }
  for (const [position, { actor, role, index, issuer, from, until }] of credentials.entries()) {
    const known = credentialOfWord(await state.wordAt(CredentialRegistry, credentialSlot(actor, role, index).key));
    if (known?.issuer !== issuer || known.from !== from || known.until !== until) wrong.push(`credential ${position}`);
  }
  for (const [position, { signer, digest, time }] of witnessed.entries())
    if ((await state.wordAt(RecordRegistry, witnessSlot(signer, digest).key)) !== BigInt(time))
      wrong.push(`witness ${position}`);
  return wrong;
}

/** Judges every record as a reader does, and notes what the chain was asked. */
async function collectFacts(
  chain: Chain,
  records: readonly (AnchoredRecord & { readonly stamps: readonly Stamp[] })[],
): Promise<ExportFacts> {
  const credentials = new Map<string, ExportFacts["credentials"][number]>();
  const witnessed = new Map<string, ExportFacts["witnessed"][number]>();
  const testimony: Testimony = {
    chainId: chain.chainId,
    recordRegistry: chain.addresses.RecordRegistry,
    credentialFor: async (actor, role, times) => {
      const index = await credentialFor(chain, actor, role, times);
      if (index === undefined) return undefined;
      const [credential] = await credentialsIn(chain, actor, role, index, 1);
      if (credential) credentials.set(`${actor} ${role} ${index}`, { actor, role, index, ...credential });
      return index;
    },
    witnessedAt: async (signer, digest) => {
      const time = await witnessedAt(chain, signer, digest);
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

function slotsOf(facts: ExportFacts, records: readonly AnchoredRecord[]): Slot[] {
  return [
    ...records.map(({ recordId }) => anchorSlot(recordId)),
    ...facts.credentials.map(({ actor, role, index }) => credentialSlot(actor, role, index)),
    ...facts.witnessed.map(({ signer, digest }) => witnessSlot(signer, digest)),
  ];
}

function toAnchor([recordId, anchor]: [Hex32, Pick<AnchoredRecord, "author" | "anchoredAt" | "status">]) {
  return { recordId, ...anchor };
}
