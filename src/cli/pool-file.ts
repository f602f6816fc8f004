import { z } from "zod";

import { CareKeyError } from "../errors.js";
import { policySchema, singleStore } from "./store-settings.js";
import { textOf } from "./text-file.js";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

const schema = z.object({
  version: z.literal(1),
  nodes: z.array(z.object({ name, operator: z.string().min(1), store: singleStore })).min(1),
  policy: policySchema.optional(),
});

/** The nodes of a consortium, as its members share them in a file. */
export type PoolFile = z.infer<typeof schema>;

/**
 * Reads a file of nodes: docs/operations.md shows one.
 * @throws FILE_UNREADABLE, INVALID_ARGUMENT naming the field that is wrong
 */
export async function readPoolFile(file: string): Promise<PoolFile> {
  const text = await textOf(file, "The file of the storage nodes");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CareKeyError("INVALID_ARGUMENT", "The file of the storage nodes is no JSON", {}, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new CareKeyError("INVALID_ARGUMENT", `The storage nodes' field ${JSON.stringify(field)} is missing or wrong`, {
    field,
  });
}
