import { type Hex32, isLabel, isRecordId, wholeChart } from "../chain/ids.js";
import type { CareKey } from "../connect.js";
import { CareKeyError } from "../errors.js";
import type { Compartment } from "../record/capsule.js";

/** What labels mean to this actor: of their own chart, or of a patient who told them. */
export async function namesOf(carekey: CareKey, patient: string): Promise<readonly Compartment[]> {
  if (patient === carekey.address) return carekey.compartments();
  return (await carekey.inbox(patient)).compartments;
}

/**
 * A scope as a person writes it: `chart`, a compartment's name, a label or a record id.
 * @throws INVALID_ARGUMENT when it is none of them
 */
export function resolveScope(text: string, names: readonly Compartment[]): Hex32 {
  if (text === "chart") return wholeChart;
  if (isLabel(text) || isRecordId(text)) return text.toLowerCase();
  const found = names.filter(({ name }) => name === text);
  const [only] = found;
  if (only && new Set(found.map(({ label }) => label)).size === 1) return only.label;
  const known = [...new Set(names.map(({ name }) => name))].join(", ");
  const reason = only
    ? "more than one compartment has the name"
    : `known are: chart${known === "" ? "" : `, ${known}`}`;
  throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(text)} is no scope here; ${reason}`);
}

/** A scope as a person reads it. */
export function showScope(scope: Hex32 | undefined, names: readonly Compartment[]): string {
  if (scope === undefined) return "";
  if (scope === wholeChart) return "chart";
  return names.find(({ label }) => label === scope)?.name ?? scope;
}
