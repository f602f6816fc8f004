import { z } from "zod";

import { collect } from "../bytes.js";
import { type Hex32, randomLabel } from "../chain/ids.js";
import { CareKeyError } from "../errors.js";
import { type Compartment, checkCompartment } from "./capsule.js";
import { recordsOf } from "./known-charts.js";
import type { Context, PipelineOptions } from "./context.js";
import { profileLabel } from "./derive.js";
import { open } from "./open.js";
import { shareRecord } from "./share.js";
import { bytesSource } from "./source.js";

/** Longest profile: some thousand compartments. */
const limit = 1024 * 1024;

const schema = z.object({
  version: z.literal(1),
  compartments: z.array(z.object({ label: z.string(), name: z.string() })),
});

/** The compartments that this patient has named; none where there is no profile yet. */
export async function readCompartments(context: Context, options: PipelineOptions = {}): Promise<Compartment[]> {
  return (await readProfile(context, options)).compartments;
}

/**
 * Names a new compartment in the patient's profile: an encrypted record of its own, of which each version names the one before.
 * @throws INVALID_ARGUMENT when the name is taken or none, and what `share` throws
 */
export async function addCompartment(
  context: Context,
  name: string,
  options: PipelineOptions = {},
): Promise<Compartment> {
  const added = checkCompartment({ label: randomLabel(), name });
  const { compartments, content } = await readProfile(context, options);
  if (compartments.some((known) => known.name === name))
    throw new CareKeyError("INVALID_ARGUMENT", `There is a compartment ${JSON.stringify(name)} already`);
  const profile = { version: 1, compartments: [...compartments, added] };
  const source = bytesSource("profile.json", new TextEncoder().encode(JSON.stringify(profile)), "application/json");
  const place = { patient: context.chain.address, compartment: profileLabel(context.identities) };
  await shareRecord(context, [source], { ...options, ...place, title: "Profile", previous: content });
  return added;
}

async function readProfile(
  context: Context,
  options: PipelineOptions,
): Promise<{ compartments: Compartment[]; content: Hex32 | undefined }> {
  const { chain, identities } = context;
  const records = await recordsOf(context, chain.address, { compartment: profileLabel(identities) });
  // whoever may write on the whole chart may write here too, and is not believed
  const newest = records.filter(({ author, status }) => author === chain.address && status === "anchored").at(-1);
  if (!newest) return { compartments: [], content: undefined };
  const { parts, content } = await open(context, newest.recordId, options);
  const [part] = parts;
  try {
    if (!part || part.size > limit) throw new Error("no part, or too long");
    const text = new TextDecoder().decode(await collect(part.stream(options), limit));
    return { compartments: schema.parse(JSON.parse(text)).compartments.map(checkCompartment), content };
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    throw new CareKeyError("RECORD_INVALID", "The profile does not follow the format", { what: "profile" }, { cause });
  }
}
