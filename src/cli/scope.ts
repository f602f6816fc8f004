import { type Hex32, checkAddress, isLabel, isRecordId, wholeChart } from "../chain/ids.js";
import { CareKeyError } from "../errors.js";
import type { Compartment } from "../record/capsule.js";
import type { Unlocked } from "./session.js";

/** How the compartment that holds the names of the others is shown; nobody grants it. */
const profileName = "(profile)";

/** What labels mean on one chart. */
export interface Names {
  /** The compartments that have a name. */
  readonly compartments: readonly Compartment[];
  /** Label of the compartment of the actor's own that holds these names. */
  readonly profile: Hex32 | undefined;
}

/**
 * The patient whose chart is meant: the actor, where none is named.
 * @throws INVALID_ARGUMENT
 */
export function patientOf({ carekey }: Unlocked, address: string | undefined): string {
  return address === undefined ? carekey.address : checkAddress(address, "Patient");
}

/** What labels mean to this actor: of their own chart, or of a patient who told them. */
export async function namesOf({ carekey, profile }: Unlocked, patient = carekey.address): Promise<Names> {
  if (patient === carekey.address) return { compartments: await carekey.compartments(), profile };
  return { compartments: (await carekey.inbox(patient)).compartments, profile: undefined };
}

/**
 * A scope as a person writes it: `chart`, a compartment's name, a label or a record id.
 * @throws INVALID_ARGUMENT when it is none of them
 */
export function resolveScope(text: string, names: Names): Hex32 {
  return text === "chart" ? wholeChart : resolve(text, names, isLabel(text) || isRecordId(text), ["chart"]);
}

/**
 * A compartment as a person writes it: its name or label.
 * @throws INVALID_ARGUMENT when it is neither
 */
export function resolveCompartment(text: string, names: Names): Hex32 {
  return resolve(text, names, isLabel(text), []);
}

function resolve(text: string, { compartments, profile }: Names, isId: boolean, others: readonly string[]): Hex32 {
  const id = text.toLowerCase();
  if (isId && id !== profile) return id;
  const labels = new Set(compartments.filter(({ name }) => name === text).map(({ label }) => label));
  const [label] = labels;
  if (label !== undefined && labels.size === 1) return label;
  const known = [...others, ...new Set(compartments.map(({ name }) => name))].join(", ");
  const reason =
    labels.size > 1
      ? "more than one compartment has the name: give the label"
      : known === ""
        ? "no compartment has a name yet (carekey compartment add)"
        : `known are: ${known}`;
  throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(text)} is no scope here; ${reason}`);
}

/**
 * Refuses names that mean something else where a scope is written.
 * @throws INVALID_ARGUMENT
 */
export function checkName(name: string): void {
  if (name === "chart" || name === profileName || /^0x[0-9a-f]*$/i.test(name))
    throw new CareKeyError("INVALID_ARGUMENT", `A compartment can't have the name ${JSON.stringify(name)}`);
}

/** A scope as a person reads it. */
export function showScope(scope: Hex32 | undefined, { compartments, profile }: Names): string {
  if (scope === undefined) return "";
  if (scope === wholeChart) return "chart";
  if (scope === profile) return profileName;
  return compartments.find(({ label }) => label === scope)?.name ?? scope;
}
