import { type Capsule, capsulesOf } from "../chain/capsules.js";
import type { Chain } from "../chain/connection.js";
import { type Hex32, wholeChart } from "../chain/ids.js";
import { type AnchoredRecord, consentScopeOf } from "../chain/records.js";
import type { ChartRecord } from "./chart-record.js";

/** Somebody who had, or was sent, a key of a record. */
export interface Holder {
  readonly actor: string;
  readonly as: "patient" | "author" | "grantee";
  /** May they read it, or write where it lies, now? */
  readonly stands: boolean;
}

/** True when a scope holds the record. */
export function covers(scope: Hex32, record: ChartRecord): boolean {
  const { compartment, recordId, under } = record;
  return [wholeChart, compartment, consentScopeOf(record), recordId, under].includes(scope);
}

/** Capsules announced since a place on the chain that may hold a key of the record, oldest first. */
export async function announcedFor(chain: Chain, record: ChartRecord, since: number): Promise<Capsule[]> {
  const announced = await capsulesOf(chain, record.patient);
  return announced.filter(({ scope, place }) => place > since && covers(scope, record));
}

/** Who held a key of the record: its patient, its author, and everybody to whom a capsule was announced. */
export function holdersOf(
  { patient, author }: AnchoredRecord,
  announced: readonly Capsule[],
  stands: (actor: string) => boolean,
): Holder[] {
  const holders: Holder[] = [{ actor: patient, as: "patient", stands: true }];
  if (author !== patient) holders.push({ actor: author, as: "author", stands: stands(author) });
  for (const actor of new Set(announced.map(({ grantee }) => grantee)))
    if (actor !== author && actor !== patient) holders.push({ actor, as: "grantee", stands: stands(actor) });
  return holders;
}
