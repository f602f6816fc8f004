import { type Hex32, wholeChart } from "../chain/ids.js";
import type { Purpose } from "../chain/purposes.js";
import type { Power } from "../chain/terms.js";
import type { Compartment } from "../record/capsule.js";
import type { Granted } from "../record/grant.js";
import { heldLine } from "./commands/redeliver.js";
import { type Names, showScope } from "./scope.js";
import { dateTime } from "./text.js";

/** What was granted, to whom. */
export interface GrantedTerms {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly permissions: readonly Power[];
  readonly purposes: readonly Purpose[];
  readonly end: number;
}

/** The compartments whose names go along with a grant on a scope. */
export function namesAlong(scope: Hex32, { compartments }: Names): Compartment[] {
  return compartments.filter(({ label }) => scope === wholeChart || label === scope);
}

/** A grant and what became of it, for people. */
export function grantedLines(
  terms: GrantedTerms,
  { records, unreadable, denied, held }: Granted,
  names: Names,
): string[] {
  const { grantee, scope, permissions, purposes, end } = terms;
  const count = `${records.length} record${records.length === 1 ? "" : "s"}`;
  const shut = denied.map((each) => showScope(each, names)).join(", ");
  return [
    `${grantee}: ${mayLine(permissions, purposes)} on ${showScope(scope, names)} until ${dateTime(end)}.`,
    ...(records.length > 0 ? [`Keys of ${count} went along.`] : []),
    ...(denied.length > 0 ? [`Shut for them all the same, by a DENY: ${shut} (carekey lift).`] : []),
    ...(held ? [`${heldLine(held)}. Then: carekey redeliver`] : []),
    ...unreadable.map(({ recordId, code }) => `Not of ${recordId}: ${code}`),
  ];
}

/** E.g. "READ and WRITE for TREAT". */
export function mayLine(permissions: readonly Power[], purposes: readonly Purpose[]): string {
  return `${permissions.join(" and ")}${purposes.length > 0 ? ` for ${purposes.join(", ")}` : ""}`;
}
